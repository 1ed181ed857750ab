"""MLPerf Training result logs: `job import --format mlperf-training`.

Reads `result_*.txt`: when the run started and stopped, and how many tokens it trained on. What the log
does not say (the number of parameters; for some benchmarks the sequence length) comes from a table with
sources or from the caller, and is listed as stated. Evaluation passes are not counted: the formulas are
those of training. Whether the log is true is not judged here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from allstop.errors import MalformedError, UsageError
from allstop.finding import MIXED_FORMAT, CountingRule
from allstop.ingest._imports import JobImport
from allstop.ingest._mllog import LogEvent, log_events
from allstop.ingest._source import SourceFile, open_source, parse_foreign_json
from allstop.times import Instant, Window
from allstop.units import Quantity, Unit
from allstop.workload import Formula, JobKind, operations_of

__all__ = ["BENCHMARKS", "Benchmark", "read_mlperf_training_result"]

_SYSTEM_MARK = ":::SYSJSON "
_COUNT_MAX = 10**15
_CHIPS_MAX = 10**8


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What the rules of a benchmark fix and its logs do not repeat: GPT-3 has 175,000,000,000 parameters.

    `sequence_length` is None where the log gives it.
    """

    kind: JobKind
    formula: Formula
    parameters: int
    parameters_source: str
    sequence_length: int | None


BENCHMARKS: Mapping[str, Benchmark] = MappingProxyType(
    {
        "gpt3": Benchmark(
            kind=JobKind.TRAINING,
            formula=Formula.SIX_ND,
            parameters=175_000_000_000,
            parameters_source="Brown et al., Language Models are Few-Shot Learners, arXiv 2005.14165, table 2.1",
            sequence_length=None,
        ),
        "llama2_70b_lora": Benchmark(
            kind=JobKind.FINE_TUNING,
            formula=Formula.FOUR_TO_SIX_ND,
            parameters=70_000_000_000,
            parameters_source="Touvron et al., Llama 2, arXiv 2307.09288, table 1",
            # mlcommons/training, llama2_70b_lora: samples are packed to this length.
            sequence_length=8192,
        ),
    }
)
"""The benchmarks that can be imported without stating the number of parameters."""


@dataclass(slots=True)
class _Log:
    """The events that matter, each at most once, and the number of training steps that were timed."""

    events: dict[str, LogEvent]
    steps_count: int = 0


_ONCE = frozenset(
    {
        "run_start",
        "run_stop",
        "submission_benchmark",
        "global_batch_size",
        "max_sequence_length",
        "trained_samples",
    }
)


def read_mlperf_training_result(
    path: Path, *, parameters: int | None = None, sequence_length: int | None = None
) -> JobImport:
    """Read one result log; `parameters` and `sequence_length` override what the table says.

    Raises:
        NotFoundError: there is no such file.
        MalformedError: the log is cut short, repeats an event, or its counts do not agree.
        UsageError: the benchmark is not in the table and a figure that it needs was not given.
        LimitError: the file is too large.
    """
    source = open_source(path)
    log = _read_log(source)
    benchmark = log.events["submission_benchmark"].value
    rules = BENCHMARKS.get(str(benchmark)[:64])
    stated = {"parameters"}
    count = parameters if parameters is not None else rules.parameters if rules else None
    if count is None:
        raise UsageError(
            f"benchmark {str(benchmark)[:40]!r} has no known number of parameters",
            hint=f"give the number of parameters; known without: {', '.join(BENCHMARKS)}",
        )
    tokens, token_notes = _tokens(source, log, rules, sequence_length, stated)
    formula = rules.formula if rules else Formula.SIX_ND
    quantity = Quantity(low=count, high=count, unit=Unit.ONE)
    if rules is not None and parameters is None:
        token_notes.append(f"parameters: {rules.parameters_source}")
    return JobImport(
        benchmark=str(benchmark),
        kind=rules.kind if rules else JobKind.TRAINING,
        window=_window(source, log),
        parameters=quantity,
        tokens=tokens,
        operations=operations_of(formula, parameters=quantity, tokens=tokens),
        formula=formula,
        counting_rule=CountingRule.FORMAT_USED,
        number_format=MIXED_FORMAT,
        stated=tuple(sorted(stated)),
        chips_count=_chips_count(source),
        source=source.name,
        source_digest=source.digest,
        notes=tuple(token_notes + _status_notes(log)),
    )


def _read_log(source: SourceFile) -> _Log:
    log = _Log(events={})
    for event in log_events(source, only=False):
        if event.key in _ONCE:
            if event.key in log.events:
                raise source.malformed(event.line, f"is a second {event.key}")
            log.events[event.key] = event
        elif isinstance(event.value, dict) and "train_step_timing in s" in event.value:
            log.steps_count += 1
    for key in ("submission_benchmark", "run_start", "global_batch_size", "run_stop"):
        if key not in log.events:
            raise MalformedError(f"{source.name} has no {key}, as if cut short")
    return log


def _window(source: SourceFile, log: _Log) -> Window:
    start, stop = log.events["run_start"], log.events["run_stop"]
    if not start.at_ms < stop.at_ms:
        raise source.malformed(stop.line, "stops the run before it starts")
    return Window(start=Instant(start.at_ms), end=Instant(stop.at_ms))


def _count(source: SourceFile, event: LogEvent, value: Any) -> int:
    if type(value) is not int or not 1 <= value <= _COUNT_MAX:
        raise source.malformed(event.line, f"has a {event.key} that is no count")
    return value


def _tokens(
    source: SourceFile, log: _Log, rules: Benchmark | None, sequence_length: int | None, stated: set[str]
) -> tuple[Quantity, list[str]]:
    """Return the tokens trained on. Some logs count samples and some tokens under the same key."""
    batch = _count(source, log.events["global_batch_size"], log.events["global_batch_size"].value)
    length = _sequence_length(source, log, rules, sequence_length, stated)
    stop = log.events["run_stop"]
    if "samples_count" in stop.metadata:
        samples = _count(source, stop, stop.metadata["samples_count"])
        return _exactly(samples * length), [f"tokens: {samples} samples of {length}"]
    if "trained_samples" not in log.events:
        raise MalformedError(f"{source.name} says nowhere how many samples the run trained on")
    trained = _count(source, log.events["trained_samples"], log.events["trained_samples"].value)
    if log.steps_count == 0:
        stated.add("tokens")
        return Quantity(low=trained, high=trained * length, unit=Unit.ONE), [
            f"tokens: the log times no step, so {trained} may be tokens or samples of {length}"
        ]
    if trained == batch * length * log.steps_count:
        return _exactly(trained), [
            f"tokens: {log.steps_count} steps of {batch} samples of {length}, as counted"
        ]
    if trained == batch * log.steps_count:
        return _exactly(trained * length), [f"tokens: {trained} samples of {length}"]
    raise source.malformed(
        log.events["trained_samples"].line,
        f"has {trained} samples, but {log.steps_count} steps of {batch} samples of {length} tokens were timed",
    )


def _sequence_length(
    source: SourceFile, log: _Log, rules: Benchmark | None, given: int | None, stated: set[str]
) -> int:
    event = log.events.get("max_sequence_length")
    if event is not None:
        return _count(source, event, event.value)
    length = given if given is not None else rules.sequence_length if rules else None
    if length is None:
        raise UsageError(f"{source.name} gives no sequence length", hint="give the sequence length")
    stated.add("sequenceLength")
    return length


def _exactly(count: int) -> Quantity:
    return Quantity(low=count, high=count, unit=Unit.ONE)


def _chips_count(source: SourceFile) -> int | None:
    """Return nodes times accelerators of the first system description in the log, if it has one."""
    for number, text in source.lines():
        if not text.startswith(_SYSTEM_MARK):
            continue
        try:
            system = parse_foreign_json(text.removeprefix(_SYSTEM_MARK))
            count = int(system["number_of_nodes"]) * int(system["accelerators_per_node"])
        except (ValueError, KeyError, TypeError) as exc:
            raise source.malformed(number, "is no description of a system") from exc
        if not 1 <= count <= _CHIPS_MAX:
            raise source.malformed(number, f"describes {count} accelerators")
        return count
    return None


def _status_notes(log: _Log) -> list[str]:
    status = log.events["run_stop"].metadata.get("status")
    return [] if status == "success" else [f"the run ended with status {str(status)[:24]!r}"]
