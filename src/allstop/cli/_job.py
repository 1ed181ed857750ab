"""`allstop job`: what chips are declared to have done, by operator and tenant together."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import format_quantity, parse_instant
from allstop.cli._chips_text import ChipsOption, check_site, find_chips
from allstop.cli._filing import Filing, open_filing, report_filed
from allstop.cli._meter_sources import find_client
from allstop.cli._options import (
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    PartyOption,
    SiteOption,
    as_usage,
    examples,
    make_noun,
    option_parser,
    parse_quantity_text,
    parse_span,
)
from allstop.cli._output import say
from allstop.errors import UsageError
from allstop.finding import MIXED_FORMAT
from allstop.ids import Name, parse_name
from allstop.times import Instant
from allstop.units import Quantity, Unit

if TYPE_CHECKING:
    from allstop.finding import ChipRange
    from allstop.ingest import JobImport
    from allstop.workload import Job

__all__ = ["app"]

app = make_noun("job", "Declare jobs.")


class _Kind(Enum):
    TRAINING = "training"
    INFERENCE = "inference"
    FINE_TUNING = "fine-tuning"
    OTHER = "other"


class _Purpose(Enum):
    RESEARCH = "research"
    DEPLOYMENT = "deployment"
    SAFETY = "safety"


class _Formula(Enum):
    SIX_ND = "6nd"
    FOUR_TO_SIX_ND = "4nd-6nd"
    TWO_ND = "2nd"
    STATED = "stated"


class _Rule(Enum):
    FORMAT_USED = "format-used"
    FP16_EQUIVALENT = "fp16-equivalent"
    HIGHER_OF_BOTH = "higher-of-both"


class _JobFormat(Enum):
    MLPERF_TRAINING = "mlperf-training"
    MLPERF_INFERENCE = "mlperf-inference"


def _parse_flop(text: str) -> Quantity:
    return parse_quantity_text(text, Unit.FLOP)


def _parse_ones(text: str) -> Quantity:
    return parse_quantity_text(text, Unit.ONE)


JobOption = Annotated[
    Name, typer.Option("--job", metavar="NAME", parser=option_parser(parse_name), help="Name of the job.")
]
TenantOption = Annotated[
    Name | None,
    typer.Option(
        "--tenant",
        metavar="NAME",
        parser=option_parser(parse_name),
        help="Party whose work it is, who signs too with --cosign; without it, the party itself.",
    ),
]
LineageOption = Annotated[
    Name | None,
    typer.Option(
        "--lineage",
        metavar="NAME",
        parser=option_parser(parse_name),
        help="Model with all earlier work on the same weights; without it, the name of the job.",
    ),
]
PurposeOption = Annotated[_Purpose, typer.Option("--purpose", help="What the job is for.")]
AmountOption = Annotated[
    Quantity | None,
    typer.Option(
        "--parameters",
        metavar="N[..M]",
        parser=option_parser(_parse_ones),
        help="Parameters that take part in one token, such as 175e9.",
    ),
]


_KindOption = Annotated[_Kind, typer.Option("--kind", help="What the job does.")]

_FromOption = Annotated[
    Instant, typer.Option("--from", metavar="INSTANT", parser=option_parser(parse_instant), help="Start.")
]

_UntilOption = Annotated[
    Instant, typer.Option("--until", metavar="INSTANT", parser=option_parser(parse_instant), help="End.")
]

_OperationsOption = Annotated[
    Quantity | None,
    typer.Option(
        "--operations",
        metavar="FLOP[..FLOP]",
        parser=option_parser(_parse_flop),
        help="Model operations, such as 1.27e21; may follow from formula, parameters and tokens.",
    ),
]

_FormulaOption = Annotated[_Formula, typer.Option("--formula", help="How the operations follow.")]

_TokensOption = Annotated[
    Quantity | None,
    typer.Option("--tokens", metavar="D[..E]", parser=option_parser(_parse_ones), help="Tokens."),
]

_RuleOption = Annotated[_Rule, typer.Option("--counting-rule", help="How operations were counted.")]

_NumberFormatOption = Annotated[
    str, typer.Option("--number-format", metavar="FORMAT", help="Such as bf16 or fp8; mixed for several.")
]


@app.command(
    epilog=examples(
        "allstop job declare --job run-1 --site hall-1 --kind training --purpose research\n"
        "    --chips alder-h100 --from 2024-05-17T17:49:39Z --until 2024-05-17T18:46:31Z\n"
        "    --formula 6nd --parameters 175e9 --tokens 1207959552\n"
        "    --tenant birch --party alder --key alder.key --cosign birch=birch.key",
        "allstop job declare --job render --site hall-1 --kind other --purpose deployment\n"
        "    --chips alder-h100:0-8 --from 2024-05-17T17:00:00Z --until 2024-05-17T18:00:00Z\n"
        "    --operations 0..1e18 --party alder --key alder.key",
    )
)
def declare(
    job: JobOption,
    site: SiteOption,
    kind: _KindOption,
    purpose: PurposeOption,
    chips: ChipsOption,
    start: _FromOption,
    end: _UntilOption,
    party: PartyOption,
    key: KeyOption,
    operations: _OperationsOption = None,
    formula: _FormulaOption = _Formula.STATED,
    parameters: AmountOption = None,
    tokens: _TokensOption = None,
    rule: _RuleOption = _Rule.FORMAT_USED,
    number_format: _NumberFormatOption = MIXED_FORMAT,
    tenant: TenantOption = None,
    lineage: LineageOption = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Declare one job. The operator files it, and the tenant, whose work it is, signs the same statement."""
    from allstop.finding import CountingRule
    from allstop.workload import Formula, Job, JobKind, Purpose, operations_of

    window, how = parse_span(start, end), Formula(formula.value)
    amount = operations
    if amount is None:
        if parameters is None or tokens is None or how is Formula.STATED:
            raise UsageError("want --operations, or --formula with --parameters and --tokens")
        counts = (parameters, tokens)
        amount = as_usage(lambda: operations_of(how, parameters=counts[0], tokens=counts[1]))
    counted = amount
    with open_filing(log, party, key, cosign) as filing:
        check_site(filing.desk, site)
        covers = find_chips(filing.desk, chips or [])
        value = as_usage(
            lambda: Job(
                job=job,
                site=site,
                operator=party,
                tenant=tenant or party,
                kind=JobKind(kind.value),
                purpose=Purpose(purpose.value),
                lineage=lineage or job,
                chips=covers,
                window=window,
                operations=counted,
                formula=how,
                counting_rule=CountingRule(rule.value),
                number_format=number_format,
                # Typed by the declarer, so stated, not counted by anything.
                stated=("operations",) if parameters is None else ("parameters", "tokens"),
                parameters=parameters,
                tokens=tokens,
            )
        )
        _file(filing, value, as_json=as_json)


def _file(filing: Filing, value: "Job", *, as_json: bool) -> None:
    """File the job, and say so where its tenant has not signed."""
    from allstop.workload import JOB_PREDICATE

    tenant = filing.desk.terms.party(value.tenant)
    if tenant is None:
        known = ", ".join(one.id for one in filing.desk.terms.parties)
        raise UsageError(
            f"tenant {value.tenant} is no party of the agreement", hint=f"its parties are {known}"
        )
    if not any(signer.public in tenant.keys for signer in filing.signers):
        say(f"note: tenant {value.tenant} does not sign, so this is one side's word; add --cosign")
    extra = {"job": value.job, "operations": format_quantity(value.operations)}
    report_filed("job", filing, filing.file(JOB_PREDICATE, value), as_json=as_json, extra={**extra})


@app.command(
    "import",
    epilog=examples(
        "allstop job import result_0.txt --format mlperf-training --job run-1 --site hall-1\n"
        "    --purpose research --chips alder-h100 --tenant birch --party alder --key alder.key --cosign birch=birch.key",
        "allstop job import run_1/mlperf_log_summary.txt --format mlperf-inference --client power/client.json\n"
        "    --job serve-1 --site hall-1 --purpose deployment --chips alder-h200 --party alder --key alder.key",
    ),
)
def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Log of the job.")],
    form: Annotated[_JobFormat, typer.Option("--format", help="What kind of log it is.")],
    job: JobOption,
    site: SiteOption,
    purpose: PurposeOption,
    chips: ChipsOption,
    party: PartyOption,
    key: KeyOption,
    client: Annotated[
        Path | None,
        typer.Option("--client", metavar="FILE", help="client.json of the run, for mlperf-inference."),
    ] = None,
    parameters: Annotated[
        int | None,
        typer.Option(
            "--parameters", metavar="N", min=1, help="Parameters, where the benchmark is not known."
        ),
    ] = None,
    sequence_length: Annotated[
        int | None,
        typer.Option(
            "--sequence-length", metavar="N", min=1, help="Tokens of a sample, where the log lacks it."
        ),
    ] = None,
    tenant: TenantOption = None,
    lineage: LineageOption = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Declare the job that a log describes. What the log lacks comes from a sourced table or an option, as stated."""
    from allstop.workload import Purpose

    with open_filing(log, party, key, cosign) as filing:
        check_site(filing.desk, site)
        covers = find_chips(filing.desk, chips or [])
        figures = _read(form, path, client, parameters, sequence_length)
        _check_chips(figures, covers)
        value = as_usage(
            lambda: figures.complete(
                job=job,
                site=site,
                operator=party,
                tenant=tenant or party,
                purpose=Purpose(purpose.value),
                lineage=lineage or job,
                chips=covers,
            )
        )
        for note in figures.notes:
            say(f"note: {note}")
        _file(filing, value, as_json=as_json)


def _read(
    form: _JobFormat, path: Path, client: Path | None, parameters: int | None, sequence_length: int | None
) -> "JobImport":
    from allstop.ingest import read_loadgen_summary, read_mlperf_training_result

    if form is _JobFormat.MLPERF_TRAINING:
        return read_mlperf_training_result(path, parameters=parameters, sequence_length=sequence_length)
    if parameters is not None or sequence_length is not None:
        raise UsageError("--parameters and --sequence-length belong to format mlperf-training")
    return read_loadgen_summary(path, find_client(path, client))


def _check_chips(figures: "JobImport", covers: "tuple[ChipRange, ...]") -> None:
    """Say where the log speaks of another number of chips than the declaration."""
    count = sum(chips.count for chips in covers)
    if figures.chips_count is not None and figures.chips_count != count:
        say(f"note: the log speaks of {figures.chips_count} chips, the declaration of {count}")
