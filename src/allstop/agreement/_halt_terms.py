"""Halt: how long machines may drain, when the inventory is due, what may go on, and what may resume later.

Implements spec/halting.md section 2. An agreement without it has no clause of kind *halt*. Nothing here knows
what runs: classes of work are words of declarations, and what a meter sees decides how much of it there was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allstop.agreement._checks import build, check_duration, check_unique
from allstop.canon import JSON, Fields, format_decimal
from allstop.errors import MalformedError
from allstop.finding import JOB_KIND_WORDS, PURPOSE_WORDS
from allstop.ids import Name
from allstop.times import Instant
from allstop.units import QUANTITY_MAX

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = [
    "HaltTerms",
    "PermittedUse",
    "ResumeTerms",
    "format_halt_terms",
    "parse_halt_terms",
    "verify_halt",
]

PERMITTED_COUNT_MAX = 64
RESUME_COUNT_MAX = 64
_PARTY_COUNT_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class PermittedUse:
    """A class of declared work that may go on through a halt.

        {"name": "serving", "jobs": ["inference"], "purposes": [], "parties": [], "capChipMs": "3600000000"}

    A job is of this class if its kind is among `jobs`, its purpose among `purposes` and its tenant, whose work
    it is, among `parties`; an empty list of purposes or parties admits all. Of a class with `cap_chip_ms` only
    so much active chip-time of one bound party in one accounting period is permitted; the rest is outside.
    Range: at least one kind of job; `0 <= cap_chip_ms <= QUANTITY_MAX`.
    """

    name: Name
    jobs: tuple[str, ...]
    purposes: tuple[str, ...] = ()
    parties: tuple[Name, ...] = ()
    cap_chip_ms: int | None = None

    def __post_init__(self) -> None:
        if not self.jobs:
            raise MalformedError(f"permitted use {self.name} names no kind of job")
        for what, words, known in (
            ("kind of job", self.jobs, JOB_KIND_WORDS),
            ("purpose", self.purposes, PURPOSE_WORDS),
        ):
            check_unique(words, what)
            for word in words:
                if word not in known:
                    raise MalformedError(
                        f"permitted use {self.name} names {what} {word[:24]!r}, want one of {', '.join(known)}"
                    )
        check_unique(self.parties, "party")
        if self.cap_chip_ms is not None and not 0 <= self.cap_chip_ms <= QUANTITY_MAX:
            raise MalformedError(
                f"cap of {self.name} is {self.cap_chip_ms} chip-ms, want 0 to {QUANTITY_MAX}"
            )

    def admits(self, *, kind: str, purpose: str, tenant: Name) -> bool:
        """Tell whether a declared job of this kind and purpose, of this tenant, is of this class."""
        return (
            kind in self.jobs
            and (not self.purposes or purpose in self.purposes)
            and (not self.parties or tenant in self.parties)
        )

    def outside(self, low_chip_ms: int, high_chip_ms: int) -> tuple[int, int]:
        """Return how much of this much active chip-time of the class in one period is beyond its cap."""
        if self.cap_chip_ms is None:
            return 0, 0
        return max(0, low_chip_ms - self.cap_chip_ms), max(0, high_chip_ms - self.cap_chip_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeTerms:
    """Which adopted motion lets which classes run again, and whose.

        {"motion": "resume-safety", "permitted": ["safety-training"], "parties": ["birch"]}

    A class that is named here is not permitted until its motion is adopted; an empty list of parties admits all
    that the class admits. Range: at least one class.
    """

    motion: Name
    permitted: tuple[Name, ...]
    parties: tuple[Name, ...] = ()

    def __post_init__(self) -> None:
        if not self.permitted:
            raise MalformedError(f"motion {self.motion} lets nothing resume")
        check_unique(self.permitted, "permitted use")
        check_unique(self.parties, "party")


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltTerms:
    """What a halt asks for and what it leaves running.

        {"drainMs": 21600000, "inventoryMs": 86400000, "permitted": [...], "resume": [...]}

    Activity counts against a clause from `drain_ms` after the instant on; an inventory of what ran at the
    instant is due `inventory_ms` after it. A job belongs to the first class in `permitted` that admits it.
    """

    drain_ms: int
    inventory_ms: int
    permitted: tuple[PermittedUse, ...] = ()
    resume: tuple[ResumeTerms, ...] = ()

    def __post_init__(self) -> None:
        check_duration(self.drain_ms, "drain")
        check_duration(self.inventory_ms, "time to file the inventory", low=1)
        check_unique((use.name for use in self.permitted), "permitted use")
        known = {use.name for use in self.permitted}
        for terms in self.resume:
            for name in terms.permitted:
                if name not in known:
                    raise MalformedError(f"motion {terms.motion} resumes {name}, which is no permitted use")

    def class_of(self, *, kind: str, purpose: str, tenant: Name) -> PermittedUse | None:
        """Return the class that a declared job falls in: the first that admits it, None if none does."""
        found = (one for one in self.permitted if one.admits(kind=kind, purpose=purpose, tenant=tenant))
        return next(found, None)

    def permitted_from(
        self, name: Name, *, tenant: Name, start: Instant, adopted: Mapping[Name, Sequence[Instant]]
    ) -> Instant | None:
        """Return from when a tenant may run a class in a halt that began at `start`, None if not yet.

        A class that no motion resumes is permitted from the start. `adopted` are the instants at which motions
        took effect, by name; one from before the start was for another halt and lets nothing run in this one.
        """
        naming = [terms for terms in self.resume if name in terms.permitted]
        if not naming:
            return start
        instants = [
            at
            for terms in naming
            if not terms.parties or tenant in terms.parties
            for at in adopted.get(terms.motion, ())
            if at >= start
        ]
        return min(instants, default=None)


def verify_halt(terms: HaltTerms, agreement: "Agreement") -> None:
    """Check that everybody whom the terms name is a party.

    Raises:
        MalformedError: one is not.
    """
    known = {party.id for party in agreement.parties}
    named = [(f"permitted use {use.name} names", name) for use in terms.permitted for name in use.parties]
    named += [(f"motion {one.motion} lets resume", name) for one in terms.resume for name in one.parties]
    for how, name in named:
        if name not in known:
            raise MalformedError(f"{how} {name}, who is no party")


def parse_halt_terms(fields: Fields) -> HaltTerms:
    """Parse the wire form of the terms of a halt.

    Raises:
        MalformedError: it is not in that form.
    """
    terms = build(
        fields.where,
        HaltTerms,
        drain_ms=fields.integer("drainMs"),
        inventory_ms=fields.integer("inventoryMs"),
        permitted=tuple(_parse_use(one) for one in fields.objects("permitted", PERMITTED_COUNT_MAX)),
        resume=tuple(_parse_resume(one) for one in fields.objects("resume", RESUME_COUNT_MAX)),
    )
    fields.done()
    return terms


def _parse_use(fields: Fields) -> PermittedUse:
    use = build(
        fields.where,
        PermittedUse,
        name=fields.name("name"),
        jobs=fields.texts("jobs", len(JOB_KIND_WORDS)),
        purposes=fields.texts("purposes", len(PURPOSE_WORDS)),
        parties=fields.names("parties", _PARTY_COUNT_MAX),
        cap_chip_ms=None if fields.raw("capChipMs") is None else fields.decimal("capChipMs"),
    )
    fields.done()
    return use


def _parse_resume(fields: Fields) -> ResumeTerms:
    terms = build(
        fields.where,
        ResumeTerms,
        motion=fields.name("motion"),
        permitted=fields.names("permitted", PERMITTED_COUNT_MAX),
        parties=fields.names("parties", _PARTY_COUNT_MAX),
    )
    fields.done()
    return terms


def format_halt_terms(terms: HaltTerms) -> JSON:
    """Return the wire form of the terms of a halt."""
    return {
        "drainMs": terms.drain_ms,
        "inventoryMs": terms.inventory_ms,
        "permitted": [
            {
                "name": use.name,
                "jobs": list(use.jobs),
                "purposes": list(use.purposes),
                "parties": list(use.parties),
                "capChipMs": None if use.cap_chip_ms is None else format_decimal(use.cap_chip_ms),
            }
            for use in terms.permitted
        ],
        "resume": [
            {"motion": one.motion, "permitted": list(one.permitted), "parties": list(one.parties)}
            for one in terms.resume
        ],
    }
