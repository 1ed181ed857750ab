"""The inventory that a halt asks for: what ran at its instant, from each site, within the agreed time.

Implements spec/duties.md section 10 and spec/halting.md section 2. Whether the list is complete is for the verdict.
"""

from collections.abc import Iterator, Mapping

from allstop.agreement import Agreement, DutyEvent, Obligation, ObligationKind
from allstop.canon import format_instant
from allstop.halting import INVENTORY_PREDICATE, Inventory
from allstop.ids import Name
from allstop.ledger import State
from allstop.registry import Site
from allstop.standing._duty_clock import Clock, judge_clock, pauses_of
from allstop.standing._duty_events import DutyEvents, Happening, Suspension
from allstop.standing._duty_state import DutyState
from allstop.times import INSTANT_MS_MAX, Instant

__all__ = ["halt_duties"]


def halt_duties(
    agreement: Agreement,
    events: DutyEvents,
    state: State,
    *,
    at: Instant,
    parties: frozenset[Name],
    suspensions: Mapping[Name, tuple[Suspension, ...]],
) -> Iterator[DutyState]:
    """Yield an inventory for each instant from which a halt applies to a party that has declared a site by then."""
    if agreement.halt is None:
        return
    halts = [
        one
        for one in agreement.obligations
        if one.kind is ObligationKind.HALT and INVENTORY_PREDICATE.name in one.evidence
    ]
    if not halts:
        return
    filings = _Filings(state, at)
    for bound in events.happened:
        party = bound.party
        if bound.event is not DutyEvent.BOUND or party is None or party not in parties:
            continue
        for clause in halts:
            if party not in clause.parties:
                continue
            for since in _instants(agreement, events, clause, bound):
                sites = filings.sites(party, since)
                if not sites or since > at:
                    continue
                due_ms = min(INSTANT_MS_MAX, since.ms + agreement.halt.inventory_ms)
                clock = Clock(
                    duty=f"halt:{clause.clause}",
                    matter=format_instant(since),
                    occurrence=0,
                    party=party,
                    clauses=(clause.clause,),
                    text=f"list what ran at the instant of the halt at {', '.join(sites)}",
                    started=since,
                    trigger=since,
                    due=Instant(due_ms),
                    why=f"the halt applies from {format_instant(since)}, and the time that the agreement allows for the"
                    f" inventory: {format_instant(Instant(due_ms))}",
                )
                yield judge_clock(
                    clock,
                    shown_ms=filings.shown(party, sites, since),
                    pauses=pauses_of((clause.clause,), suspensions.get(party, ())),
                    earlier_met=0,
                    at=at,
                )


def _instants(
    agreement: Agreement, events: DutyEvents, clause: Obligation, bound: Happening
) -> Iterator[Instant]:
    """Yield the instants from which a clause applies to a party: when it is bound, or when each of its phases begins."""
    survives = agreement.leaving is not None and clause.clause in agreement.leaving.survives
    until = None if survives else bound.until
    starts = [one for one in events.happened if one.event is DutyEvent.PHASE and one.name in clause.phases]
    if not clause.phases:
        starts = [one for one in events.happened if one.event is DutyEvent.IN_FORCE]
    for one in sorted(starts, key=lambda happening: happening.at):
        since = max(one.at, bound.at)
        if (one.until is None or since < one.until) and (until is None or since < until):
            yield since


class _Filings:
    """Sites by operator, and the first inventory of each site and instant by its operator."""

    def __init__(self, state: State, at: Instant) -> None:
        self._sites: dict[Name, dict[Name, Instant]] = {}
        for site in state.of(Site):
            if site.not_after <= at:
                mine = self._sites.setdefault(site.value.operator, {})
                mine.setdefault(site.value.site, site.not_after)
        self._first: dict[tuple[Name, Name, Instant], Instant] = {}
        for one in state.of(Inventory):
            # One that was proven before its instant is a forecast.
            if one.value.at <= one.not_after <= at and state.is_trusted(one.party, one.not_after):
                self._first.setdefault((one.party, one.value.site, one.value.at), one.not_after)

    def sites(self, party: Name, since: Instant) -> tuple[Name, ...]:
        """Return the sites that a party had declared by an instant."""
        return tuple(sorted(site for site, at in self._sites.get(party, {}).items() if at <= since))

    def shown(self, party: Name, sites: tuple[Name, ...], since: Instant) -> int | None:
        """Return when the inventories of all these sites were there."""
        found = [self._first.get((party, site, since)) for site in sites]
        times = [one.ms for one in found if one is not None]
        return max(times) if len(times) == len(sites) else None
