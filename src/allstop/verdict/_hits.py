"""Hits: a rule's finding together with the readings or jobs that may no longer be believed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from allstop.finding import Effect, Finding, Subgoal
from allstop.ids import Name
from allstop.ledger import Filed
from allstop.times import Window
from allstop.verdict._areas import Areas
from allstop.verdict._facts import Facts, HeldSeries, SeriesKey
from allstop.verdict._judgement import ClauseResult
from allstop.verdict._levels import JobLevel
from allstop.verdict._replays import Replayed
from allstop.workload import Job

__all__ = ["AccountRule", "Accounts", "Hit", "Rule", "hit_on_job", "hit_on_series", "who_signed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One finding and what it takes out of the accounts.

    `distrusted` series count as unobserved; `refused` jobs, by log entry, count as undeclared.
    """

    finding: Finding
    distrusted: tuple[SeriesKey, ...] = ()
    refused: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """What rules over the accounts may look at, beside the facts."""

    areas: Areas
    levels: Sequence[JobLevel]
    windows: Sequence[Window]
    clauses: Sequence[ClauseResult]
    replays: Sequence[Replayed]


Rule = Callable[[Facts], tuple[Hit, ...]]
"""A finding rule over the facts: pure, total, one module each."""

AccountRule = Callable[[Facts, Accounts], tuple[Hit, ...]]
"""A finding rule over facts and accounts. Its hits take nothing out: the accounts are made."""


def hit_on_series(code: str, held: HeldSeries, about: str, *, others: Sequence[HeldSeries] = ()) -> Hit:
    """Return the hit that takes one series out; `others` are further readings that the finding rests on."""
    return Hit(
        finding=Finding(
            code=code,
            party=held.filed.party,
            site=held.filed.value.site,
            about=f"meter {held.claim.meter}: {about}",
            rests_on=tuple(sorted({held.key.entry, *(other.key.entry for other in others)})),
            effect=Effect.UNOBSERVED,
            subgoals=(Subgoal.KNOWN_SITES_ACCOUNTED,),
        ),
        distrusted=(held.key,),
    )


def who_signed(filed: Filed[Job]) -> tuple[Name, ...]:
    """Return the parties that answer for a declaration: its filer, and its tenant if that signed it too."""
    tenant = filed.value.tenant
    return (filed.party,) if tenant == filed.party or tenant not in filed.signers else (filed.party, tenant)


def hit_on_job(
    code: str,
    filed: Filed[Job],
    about: str,
    effect: Effect,
    subgoals: tuple[Subgoal, ...],
    *,
    others: Sequence[int] = (),
    party: Name | None = None,
) -> Hit:
    """Return the hit on one declared job; `others` are further log entries that it rests on.

    It is the filer's, unless another `party` that signed the declaration is named.
    """
    return Hit(
        finding=Finding(
            code=code,
            party=filed.party if party is None else party,
            site=filed.value.site,
            about=f"job {filed.value.job}: {about}",
            rests_on=tuple(sorted({filed.entry, *others})),
            effect=effect,
            subgoals=subgoals,
        )
    )
