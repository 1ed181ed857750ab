"""Rule TEL-007: meters over the same chips that contradict each other."""

from allstop.finding import Effect, Finding, Subgoal
from allstop.ids import Name
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Accounts, Hit

__all__ = ["find_disagreement"]


def find_disagreement(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """TEL-007: two meters over the same chips contradict each other.

    What it detects:
        Two meters whose bounds on activity, or on energy if they cover the same chips, do not meet over
        the time that both saw, errors included.
    Why it matters:
        One of them is wrong. Over the time that both saw neither bounds anything, so the disagreement clears
        nobody.
    Known problems:
        Small differences inside the stated errors pass; a systematic offset below them is not seen.

    Example:
        The operator's meter shows an idle hall, the utility's shows 3 MW.
    How to resolve:
        Calibrate both in the presence of both parties.
    Basis:
        DESIGN section 6, classes; threat-A1.
    """
    found = {}
    liars = facts.agreement.verification.liars
    for filed in facts.sites:
        for window in accounts.windows:
            balance = accounts.areas.balance(filed.value.site, window, liars=liars)
            for pair in balance.contradictions:
                found[(filed.value.site, pair.one, pair.other)] = filed.value.operator
    return tuple(
        Hit(
            finding=Finding(
                code="TEL-007",
                party=operator,
                site=site,
                about=f"meters {one} and {other} contradict each other over the same chips",
                rests_on=_entries(facts, site, (one, other)),
                effect=Effect.UNOBSERVED,
                subgoals=(Subgoal.KNOWN_SITES_ACCOUNTED,),
            )
        )
        for (site, one, other), operator in sorted(found.items())
    )


def _entries(facts: Facts, site: Name, meters: tuple[Name, Name]) -> tuple[int, ...]:
    found = [filed for filed in facts.meters_at(site) if filed.value.meter in meters]
    return tuple(sorted({held.key.entry for filed in found for held in facts.series_of(filed)}))
