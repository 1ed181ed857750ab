"""Jobs: what chips are declared to have done (spec/workload.md section 1).

A job is a claim; operator and tenant both sign it, which the fold checks. The type checks what can be
checked without a meter: that the operations follow from the formula that is named.
"""

import re
from dataclasses import dataclass
from enum import Enum

from allstop.canon import JSON, Fields, format_quantity, format_window
from allstop.errors import MalformedError
from allstop.finding import (
    MIXED_FORMAT,
    NUMBER_FORMATS,
    ChipRange,
    CountingRule,
    count_chips,
    format_chip_ranges,
    parse_chip_ranges,
)
from allstop.ids import Name
from allstop.statement import Audience, Predicate
from allstop.times import Window
from allstop.units import Quantity, Unit
from allstop.workload._operations import Formula, operations_of

__all__ = ["JOB_PREDICATE", "STATED_MAX", "Job", "JobKind", "Purpose", "format_job", "parse_job"]

STATED_MAX = 16
"""Largest number of figures of one job that may be stated."""

_FIGURE = re.compile(r"[a-z][a-zA-Z0-9]{0,63}\Z")


class JobKind(Enum):
    """What the job does."""

    TRAINING = "training"
    INFERENCE = "inference"
    FINE_TUNING = "fine-tuning"
    OTHER = "other"


class Purpose(Enum):
    """What the job is for: research and development, deployment, or safety work."""

    RESEARCH = "research"
    DEPLOYMENT = "deployment"
    SAFETY = "safety"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One declared job on some chips in one window.

        {"job": "run-1", "site": "hall-1", "operator": "alder", "tenant": "birch", "kind": "training",
         "purpose": "research", "lineage": "model-a", "chips": [{"lot": "alder-h100", "first": 0, "until": 512}],
         "window": {"from": "2024-05-17T17:49:39Z", "until": "2024-05-17T18:46:31Z"},
         "operations": {"low": "1268357529600000000000", "high": "1268357529600000000000", "unit": "flop"},
         "formula": "6nd", "parameters": {"low": "175000000000", ...}, "tokens": {...},
         "countingRule": "format-used", "numberFormat": "fp8", "stated": ["parameters"]}

    `operations` are those of the model. If `parameters` and `tokens` are given, the formula must lead
    from them to `operations` exactly, so that a reader can derive the figure again; without them the
    bounds must at least be multiples that the formula can give. `stated` names the figures that were
    stated by somebody rather than measured or counted.
    """

    job: Name
    site: Name
    operator: Name
    tenant: Name
    kind: JobKind
    purpose: Purpose
    lineage: Name
    chips: tuple[ChipRange, ...]
    window: Window
    operations: Quantity
    formula: Formula
    counting_rule: CountingRule
    number_format: str
    stated: tuple[str, ...] = ()
    parameters: Quantity | None = None
    tokens: Quantity | None = None

    def __post_init__(self) -> None:
        if count_chips(self.chips) == 0:
            raise ValueError(f"job {self.job} runs on no chips")
        if self.number_format not in (*NUMBER_FORMATS, MIXED_FORMAT):
            raise ValueError(
                f"job {self.job} has number format {self.number_format[:24]!r}, want {NUMBER_FORMATS} or mixed"
            )
        if len(self.stated) > STATED_MAX or list(self.stated) != sorted(set(self.stated)):
            raise ValueError(f"job {self.job} states figures out of order, twice, or above {STATED_MAX}")
        for figure in self.stated:
            if _FIGURE.match(figure) is None:
                raise ValueError(f"job {self.job} states {figure[:24]!r}, want the name of a figure")
        self._check_operations()

    def _check_operations(self) -> None:
        if self.operations.unit is not Unit.FLOP:
            raise ValueError(f"job {self.job} counts operations in {self.operations.unit.value}, want flop")
        if (self.parameters is None) != (self.tokens is None):
            raise ValueError(f"job {self.job} gives one of parameters and tokens, want both or neither")
        if self.formula is Formula.STATED:
            if self.parameters is not None:
                raise ValueError(f"job {self.job} states its operations, so parameters lead nowhere")
            return
        if self.parameters is not None and self.tokens is not None:
            derived = operations_of(self.formula, parameters=self.parameters, tokens=self.tokens)
            if derived != self.operations:
                raise ValueError(
                    f"job {self.job} declares {self.operations.low} to {self.operations.high} operations,"
                    f" but {self.formula.value} gives {derived.low} to {derived.high}"
                )
            return
        least, greatest = self.formula.factors
        low, high = self.operations.low, self.operations.high
        if low % least or high % greatest or high * least < low * greatest:
            raise ValueError(f"job {self.job} declares operations that {self.formula.value} cannot give")


def parse_job(body: JSON) -> Job:
    """Parse the body of a `job` statement.

    Raises:
        MalformedError: `body` is not in that form, or its operations do not follow from its formula.
    """
    fields = Fields(body, "job")
    try:
        job = Job(
            job=fields.name("job"),
            site=fields.name("site"),
            operator=fields.name("operator"),
            tenant=fields.name("tenant"),
            kind=fields.choice("kind", JobKind),
            purpose=fields.choice("purpose", Purpose),
            lineage=fields.name("lineage"),
            chips=parse_chip_ranges(fields, "chips"),
            window=fields.window("window"),
            operations=fields.quantity("operations", Unit.FLOP),
            formula=fields.choice("formula", Formula),
            counting_rule=fields.choice("countingRule", CountingRule),
            number_format=fields.text("numberFormat", chars_max=16),
            stated=fields.texts("stated", STATED_MAX),
            parameters=_parse_count(fields, "parameters"),
            tokens=_parse_count(fields, "tokens"),
        )
    except ValueError as exc:
        raise MalformedError(f"job: {exc}") from exc
    fields.done()
    return job


def _parse_count(fields: Fields, key: str) -> Quantity | None:
    return None if fields.raw(key) is None else fields.quantity(key, Unit.ONE)


def format_job(job: Job) -> JSON:
    """Return the body of a `job` statement."""
    return {
        "job": job.job,
        "site": job.site,
        "operator": job.operator,
        "tenant": job.tenant,
        "kind": job.kind.value,
        "purpose": job.purpose.value,
        "lineage": job.lineage,
        "chips": format_chip_ranges(job.chips),
        "window": format_window(job.window),
        "operations": format_quantity(job.operations),
        "formula": job.formula.value,
        "countingRule": job.counting_rule.value,
        "numberFormat": job.number_format,
        "stated": list(job.stated),
        "parameters": None if job.parameters is None else format_quantity(job.parameters),
        "tokens": None if job.tokens is None else format_quantity(job.tokens),
    }


JOB_PREDICATE = Predicate(
    name=Name("job"),
    parse=parse_job,
    format=format_job,
    audience=Audience.PARTIES,
    secret=(
        "chips",
        "countingRule",
        "formula",
        "job",
        "kind",
        "lineage",
        "numberFormat",
        "operations",
        "parameters",
        "purpose",
        "site",
        "stated",
        "tokens",
        "window",
    ),
)
