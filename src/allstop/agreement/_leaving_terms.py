"""Leaving: how long notice runs, what binds after it, and what growth before it counts as a sprint.

Implements spec/binding.md section 8. An agreement without it gives nobody a way out before it ends.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from allstop.agreement._checks import build, check_duration, check_ppm, check_unique
from allstop.canon import JSON, Fields
from allstop.clocks import Length, format_length, parse_length
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.units import PPM

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = [
    "LeavingTerms",
    "SprintTerms",
    "format_leaving_terms",
    "parse_leaving_terms",
    "verify_leaving",
]

_CLAUSE_COUNT_MAX = 256
_GROWTH_PPM_MAX = 1000 * PPM


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintTerms:
    """Growth of a leaving party's registered capacity that is a finding.

        {"growthPpm": 100000, "windowMs": 2592000000}

    Capacity that is registered from `window_ms` before the notice until the party is free, measured against what it
    had registered before; at `growth_ppm` or more it sprints. Range: `1 <= growth_ppm`, up to a thousandfold.
    """

    growth_ppm: int
    window_ms: int

    def __post_init__(self) -> None:
        check_ppm(self.growth_ppm, "growth that is a sprint", low=1, high=_GROWTH_PPM_MAX)
        check_duration(self.window_ms, "window before a notice")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingTerms:
    """How a party leaves, and what stays.

        {"notice": {"amount": 365, "unit": "days"}, "survives": ["6.1"], "together": true, "vote": null,
         "sprint": {"growthPpm": 100000, "windowMs": 2592000000}}

    A notice that is logged frees its party when `notice` has run, from all clauses but those in `survives`. With
    `vote`, the name of a motion, the others may let it go sooner. `is_together`: once those who stay no longer meet
    the condition of entry into force, all are free at that one instant.
    """

    notice: Length
    survives: tuple[str, ...] = ()
    is_together: bool = True
    vote: Name | None = None
    sprint: SprintTerms | None = None

    def __post_init__(self) -> None:
        if self.notice.amount == 0:
            raise MalformedError("notice of withdrawal is no time at all")
        check_unique(self.survives, "clause")


def verify_leaving(terms: LeavingTerms, agreement: "Agreement") -> None:
    """Check that the clauses that survive exist.

    Raises:
        MalformedError: one does not.
    """
    clauses = {obligation.clause for obligation in agreement.obligations}
    for clause in terms.survives:
        if clause not in clauses:
            raise MalformedError(f"clause {clause} survives withdrawal, and there is no such clause")


def parse_leaving_terms(fields: Fields) -> LeavingTerms:
    """Parse the wire form of the terms of leaving.

    Raises:
        MalformedError: it is not in that form.
    """
    terms = build(
        fields.where,
        LeavingTerms,
        notice=parse_length(fields.object("notice")),
        survives=fields.texts("survives", _CLAUSE_COUNT_MAX),
        is_together=fields.boolean("together"),
        vote=None if fields.raw("vote") is None else fields.name("vote"),
        sprint=None if fields.raw("sprint") is None else _parse_sprint(fields.object("sprint")),
    )
    fields.done()
    return terms


def _parse_sprint(fields: Fields) -> SprintTerms:
    terms = build(
        fields.where,
        SprintTerms,
        growth_ppm=fields.integer("growthPpm"),
        window_ms=fields.integer("windowMs"),
    )
    fields.done()
    return terms


def format_leaving_terms(terms: LeavingTerms) -> JSON:
    """Return the wire form of the terms of leaving."""
    sprint = terms.sprint
    return {
        "notice": format_length(terms.notice),
        "survives": list(terms.survives),
        "together": terms.is_together,
        "vote": terms.vote,
        "sprint": None if sprint is None else {"growthPpm": sprint.growth_ppm, "windowMs": sprint.window_ms},
    }
