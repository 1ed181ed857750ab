"""LoadGen summaries of MLPerf Inference: `job import --format mlperf-inference`.

The summary says how many tokens a second were completed, not how many in all, and nothing about prompts.
So the tokens are bounds. At least: completed tokens a second, over the time that the log itself vouches
for, with no prompts. At most: that rate over the whole testing phase of `client.json`, with every prompt
as long as the benchmark allows. 2ND then gives the operations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from types import MappingProxyType

from allstop.errors import MalformedError, UsageError
from allstop.finding import MIXED_FORMAT, CountingRule
from allstop.ingest._client_log import read_client_log
from allstop.ingest._imports import JobImport
from allstop.ingest._source import SourceFile, open_source, parse_figure
from allstop.units import Quantity, Unit
from allstop.workload import Formula, JobKind, operations_2nd

__all__ = ["SERVED_MODELS", "ServedModel", "read_loadgen_summary"]

_NS_PER_SECOND = 10**9
_MS_PER_SECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedModel:
    """What the rules of a benchmark fix: Llama 2 70B, prompts of at most 1,024 tokens."""

    parameters: int
    parameters_source: str
    prompt_tokens_max: int


SERVED_MODELS: Mapping[str, ServedModel] = MappingProxyType(
    {
        "llama2-70b": ServedModel(
            parameters=70_000_000_000,
            parameters_source="Touvron et al., Llama 2, arXiv 2307.09288, table 1",
            # mlcommons/inference, language/llama2-70b: longer prompts are left out of the data set.
            prompt_tokens_max=1024,
        )
    }
)
"""Models by the name with which the summary's `SUT name` starts."""

_RATES = {
    "Offline": ("Tokens per second", "Samples per second"),
    "Server": ("Completed tokens per second", "Completed samples per second"),
}


def read_loadgen_summary(summary: Path, client: Path, *, chips_count: int | None = None) -> JobImport:
    """Read `mlperf_log_summary.txt` with the `client.json` of the same run.

    Raises:
        NotFoundError: a file is not there.
        MalformedError: a file is not in the format, the run is not valid, or it cannot have fitted into
            the testing phase.
        UsageError: the model is not in the table.
        LimitError: a file is too large.
    """
    source, log = open_source(summary, bytes_max=4 * 1024 * 1024), read_client_log(client)
    fields = _read_fields(source)
    scenario = _text(source, fields, "Scenario")
    name = _text(source, fields, "SUT name").removesuffix("-SUT").removesuffix(f"-{scenario}")
    model = SERVED_MODELS.get(name)
    if scenario not in _RATES or model is None:
        raise UsageError(
            f"{source.name} is scenario {scenario[:24]!r} of {name[:40]!r}",
            hint=f"known: Offline and Server of {', '.join(SERVED_MODELS)}",
        )
    if _text(source, fields, "Result is") != "VALID" or _text(source, fields, "Mode") != "PerformanceOnly":
        raise MalformedError(f"{source.name} is not the summary of a valid performance run")
    tokens = _tokens(source, fields, scenario, model, log.running.duration_ms)
    return JobImport(
        benchmark=f"{name}-{scenario.lower()}",
        kind=JobKind.INFERENCE,
        window=log.testing,
        parameters=Quantity(low=model.parameters, high=model.parameters, unit=Unit.ONE),
        tokens=tokens,
        operations=Quantity(
            low=operations_2nd(model.parameters, tokens.low).low,
            high=operations_2nd(model.parameters, tokens.high).high,
            unit=Unit.FLOP,
        ),
        formula=Formula.TWO_ND,
        counting_rule=CountingRule.FORMAT_USED,
        number_format=MIXED_FORMAT,
        stated=("parameters", "promptTokensMax"),
        chips_count=chips_count,
        source=source.name,
        source_digest=source.digest,
        notes=(
            f"parameters: {model.parameters_source}",
            "tokens: at least those completed in the time the log vouches for, prompts left out; at most"
            " those of the whole testing phase, each prompt as long as allowed",
        ),
    )


def _read_fields(source: SourceFile) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for _, text in source.lines():
        key, colon, value = text.partition(":")
        if colon:
            fields.setdefault(key.strip(), []).append(value.strip())
    return fields


def _text(source: SourceFile, fields: dict[str, list[str]], key: str) -> str:
    """Return the one value of `key`; it may stand twice if both say the same."""
    values = set(fields.get(key, []))
    if len(values) != 1:
        raise MalformedError(f"{source.name} has {len(values)} values for {key!r}, want 1, as if cut short")
    return values.pop()


def _number(source: SourceFile, fields: dict[str, list[str]], key: str) -> Decimal:
    try:
        number = parse_figure(_text(source, fields, key))
    except ValueError as exc:
        raise MalformedError(f"{source.name} field {key!r}: {exc}") from exc
    if number < 0:
        raise MalformedError(f"{source.name} field {key!r} is negative")
    return number


def _tokens(
    source: SourceFile,
    fields: dict[str, list[str]],
    scenario: str,
    model: ServedModel,
    running_ms: int,
) -> Quantity:
    tokens_key, samples_key = _RATES[scenario]
    token_rate = _number(source, fields, tokens_key)
    sample_rate = _number(source, fields, samples_key)
    least_ms = _vouched_ms(source, fields, scenario)
    if least_ms > running_ms:
        raise MalformedError(
            f"{source.name} vouches for {int(least_ms)} ms, but the testing phase had only {running_ms} ms"
        )
    # Printed rates are rounded: half a unit of the last digit either way.
    low = (token_rate - _half_unit(token_rate)) * least_ms / _MS_PER_SECOND
    completed = (token_rate + _half_unit(token_rate)) * running_ms / _MS_PER_SECOND
    prompts = (sample_rate + _half_unit(sample_rate)) * running_ms / _MS_PER_SECOND * model.prompt_tokens_max
    return Quantity(
        low=max(0, int(low.to_integral_value(ROUND_FLOOR))),
        high=int((completed + prompts).to_integral_value(ROUND_CEILING)),
        unit=Unit.ONE,
    )


def _vouched_ms(source: SourceFile, fields: dict[str, list[str]], scenario: str) -> Decimal:
    """Return for how long the log says that it ran.

    Offline, everything is asked for at once, so the longest latency is the duration. Otherwise only the
    minimum is known, and only if the log says that it was met.
    """
    if scenario == "Offline":
        return _number(source, fields, "Max latency (ns)") * _MS_PER_SECOND / _NS_PER_SECOND
    if _text(source, fields, "Min duration satisfied") != "Yes":
        return Decimal(0)
    return _number(source, fields, "min_duration (ms)")


def _half_unit(number: Decimal) -> Decimal:
    exponent = number.as_tuple().exponent
    return Decimal(5).scaleb(int(exponent) - 1)
