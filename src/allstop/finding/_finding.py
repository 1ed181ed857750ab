"""The finding: a coded conclusion about the world, with the log entries it rests on.

A finding is neither an error of this program nor a verdict. It says what its `effect` is on the accounts;
applying that effect is the business of the floors above. Wire form: part of the canonical verdict.
"""

import re
from dataclasses import dataclass
from enum import Enum

from allstop.canon import JSON
from allstop.finding._terms import Subgoal
from allstop.ids import Name

__all__ = ["ABOUT_CHARS_MAX", "Effect", "Finding", "format_finding", "order_findings"]

ABOUT_CHARS_MAX = 2000
"""Longest sentence that a finding may carry."""

_CODE = re.compile(r"[A-Z]{3}-[0-9]{3}\Z")


class Effect(Enum):
    """What a finding does to the accounts."""

    NOTE = "note"
    """Nothing: it is shown."""
    UNOBSERVED = "unobserved"
    """The chip-time whose evidence it names counts as unobserved, at full capacity."""
    NO_CREDIT = "no-credit"
    """The job that it names earns no credit."""
    BREACH_1A = "breach-1a"
    """No world fits what the party itself filed: subgoal 1A is INCONSISTENT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One conclusion: `TEL-003 alder at hall-1: meter-4 repeats the readings of meter-3 (entry 17)`.

    `about` is plain words in lower case without a period. `rests_on` are indices of log entries, ascending.
    """

    code: str
    party: Name | None
    site: Name | None
    about: str
    rests_on: tuple[int, ...]
    effect: Effect
    subgoals: tuple[Subgoal, ...]

    def __post_init__(self) -> None:
        if _CODE.match(self.code) is None:
            raise ValueError(f"finding code is {self.code!r}, want three capitals, a dash, three digits")
        if not 0 < len(self.about) <= ABOUT_CHARS_MAX:
            raise ValueError(f"finding text has {len(self.about)} characters, want 1 to {ABOUT_CHARS_MAX}")
        if list(self.rests_on) != sorted(set(self.rests_on)):
            raise ValueError("finding rests on entries that are not in ascending order")
        if self.rests_on and self.rests_on[0] < 0:
            raise ValueError(f"finding rests on entry {self.rests_on[0]}, want 0 or more")


def format_finding(finding: Finding) -> JSON:
    """Return the finding as JSON for reports and the canonical verdict.

    Absent party and site are null; there is no parser, since a verdict is re-derived and never trusted.
    """
    return {
        "about": finding.about,
        "code": finding.code,
        "effect": finding.effect.value,
        "party": finding.party,
        "restsOn": list(finding.rests_on),
        "site": finding.site,
        "subgoals": [subgoal.value for subgoal in finding.subgoals],
    }


def order_findings(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings in the one order of the verdict: code, party, site, entries, words."""
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[str, str, str, tuple[int, ...], str]:
    return (finding.code, finding.party or "", finding.site or "", finding.rests_on, finding.about)
