"""The `inventory` predicate: what ran at a site at the instant of a halt.

Implements spec/halting.md section 3. An inventory is a claim by the site's operator; it shows nothing by itself.
What it commits to cannot be changed later: which jobs there were, and from which checkpoint each could go on.
"""

import itertools
from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_instant
from allstop.errors import MalformedError
from allstop.finding import CHIP_INDEX_MAX, JOB_KIND_WORDS
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.times import Instant

__all__ = [
    "INVENTORY_JOBS_MAX",
    "INVENTORY_PREDICATE",
    "Inventory",
    "RunningJob",
    "format_inventory",
    "parse_inventory",
]

INVENTORY_JOBS_MAX = 1000
"""Most jobs of one inventory, so that the statement fits a log entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningJob:
    """One job that ran at the instant.

        {"job": "run-1", "chips": 512, "kind": "training", "checkpoint": "9f86..."}

    `checkpoint` is the digest of the last checkpoint that was written before the instant, null where there is
    none: whoever resumes the job later must resume from it. Range: `1 <= chips <= CHIP_INDEX_MAX`.
    """

    job: Name
    chips: int
    kind: str
    checkpoint: Digest | None

    def __post_init__(self) -> None:
        if not 1 <= self.chips <= CHIP_INDEX_MAX:
            raise ValueError(f"job {self.job} runs on {self.chips} chips, want 1 to {CHIP_INDEX_MAX}")
        if self.kind not in JOB_KIND_WORDS:
            raise ValueError(
                f"job {self.job} is of kind {self.kind[:24]!r}, want one of {', '.join(JOB_KIND_WORDS)}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Everything that ran at a site at one instant; a list without jobs says that nothing did.

        {"site": "hall-1", "at": "2027-03-28T09:00:00Z",
         "jobs": [{"job": "run-1", "chips": 512, "kind": "training", "checkpoint": "9f86..."}]}

    Jobs are in ascending order of name, each once. Range: at most INVENTORY_JOBS_MAX.
    """

    site: Name
    at: Instant
    jobs: tuple[RunningJob, ...]

    def __post_init__(self) -> None:
        if len(self.jobs) > INVENTORY_JOBS_MAX:
            raise ValueError(f"inventory has {len(self.jobs)} jobs, want at most {INVENTORY_JOBS_MAX}")
        for before, after in itertools.pairwise(self.jobs):
            if not before.job < after.job:
                raise ValueError(f"inventory lists {after.job} after {before.job}, want ascending jobs")

    @property
    def chips(self) -> int:
        """Chips that some job ran on, as far as no chip ran two."""
        return sum(job.chips for job in self.jobs)


def parse_inventory(body: JSON) -> Inventory:
    """Parse the body of an `inventory` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "inventory")
    try:
        inventory = Inventory(
            site=fields.name("site"),
            at=fields.instant("at"),
            jobs=tuple(_parse_job(one) for one in fields.objects("jobs", INVENTORY_JOBS_MAX)),
        )
    except ValueError as exc:
        raise MalformedError(f"inventory: {exc}") from exc
    fields.done()
    return inventory


def _parse_job(fields: Fields) -> RunningJob:
    job = RunningJob(
        job=fields.name("job"),
        chips=fields.integer("chips", low=1, high=CHIP_INDEX_MAX),
        kind=fields.text("kind"),
        checkpoint=None if fields.raw("checkpoint") is None else fields.digest("checkpoint"),
    )
    fields.done()
    return job


def format_inventory(inventory: Inventory) -> JSON:
    """Return the body of an `inventory` statement."""
    return {
        "site": inventory.site,
        "at": format_instant(inventory.at),
        "jobs": [
            {"job": one.job, "chips": one.chips, "kind": one.kind, "checkpoint": one.checkpoint}
            for one in inventory.jobs
        ],
    }


INVENTORY_PREDICATE = Predicate(
    name=Name("inventory"),
    parse=parse_inventory,
    format=format_inventory,
    audience=Audience.VERIFIERS,
    secret=("at", "jobs", "site"),
)
