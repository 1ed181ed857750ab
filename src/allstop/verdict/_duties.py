"""Evidence duties: what a clause asks a party to file for a period, and what of it is missing.

Everything here is "bad unless shown good": a duty that nothing shows to be met is not met.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.agreement import Obligation, PartyKind, Relation
from allstop.canon import format_instant
from allstop.clocks import due_at
from allstop.halting import INVENTORY_PREDICATE, Inventory
from allstop.ids import Name
from allstop.ledger import Filed
from allstop.telemetry import Measurement, PeriodClose
from allstop.times import Instant, Window
from allstop.verdict._facts import Facts

__all__ = ["Duties", "duties_of", "is_tenant", "rented_sites"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What is missing, in words, and whether the time to cure it has run out.

    Timeliness is judged only for periods that begin after the agreement is in force.
    """

    missing: tuple[str, ...]
    cure_ended: bool

    @property
    def are_met(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def is_tenant(facts: Facts, party: Name) -> bool:
    """Tell whether a party rents chips: it answers for its jobs wherever they ran, and for sites that it runs."""
    return any(one.id == party and one.kind is PartyKind.TENANT for one in facts.agreement.parties)


def rented_sites(facts: Facts, party: Name) -> frozenset[Name]:
    """Return the sites of the operators from which a party rents, by the edges of the agreement."""
    landlords = _landlords(facts, party)
    return frozenset(filed.value.site for filed in facts.sites if filed.value.operator in landlords)


def _landlords(facts: Facts, party: Name) -> frozenset[Name]:
    return frozenset(
        edge.target
        for edge in facts.agreement.edges
        if edge.source == party and edge.relation is Relation.RENTS
    )


def duties_of(
    facts: Facts, obligation: Obligation, party: Name, window: Window, *, since: Instant | None = None
) -> Duties:
    """Look for each kind of evidence that the clause names, for one party and period.

    `since` is the instant of a halt, of which an inventory is asked.

    Lateness counts only for periods that begin after the agreement is in force. A tenant shows nothing about
    the sites that it rents while their operator is silent: its own silence and the operator's together
    would otherwise leave nothing that could be held against it.
    """
    due = due_at(window, after_ms=obligation.timeliness_ms or 0)
    judged = facts.is_timely(window) and obligation.timeliness_ms is not None
    is_renting = is_tenant(facts, party)
    is_running = party in facts.operators.values()
    operators = _landlords(facts, party) if is_renting else frozenset()
    if is_running or not is_renting:
        operators |= {party}
    sites = [filed.value.site for filed in facts.sites if filed.value.operator in operators]
    missing = []
    if party in facts.state.distrusted:
        missing.append("an unbroken chain of statements")
    if not sites or (is_renting and not rented_sites(facts, party)):
        rented = "a declared site of an operator from whom the agreement says it rents"
        missing.append(rented if is_renting else "a declared site")
    for operator in sorted(operators):
        missing += [f"a declaration of site {site}" for site in facts.undeclared_sites(operator)]
    if since is not None and INVENTORY_PREDICATE.name in obligation.evidence:
        missing += _missing_inventories(facts, sites, since)
    for name in obligation.evidence:
        missing += _missing(facts, name, party, sites, window, due if judged else None)
    ended = judged and facts.state.at >= due.plus(facts.agreement.response.cure_ms)
    return Duties(missing=tuple(missing), cure_ended=ended)


def _missing(
    facts: Facts, name: str, party: Name, sites: list[Name], window: Window, due: Instant | None
) -> list[str]:
    state = facts.state
    if name == "period-close":
        closes = [f for f in state.closes if f.party == party and f.value.period == window]
        ended = _after(closes, window)
        if closes and not ended:
            return ["a period-close made after the period had ended"]
        return _late_or_none(ended, "period-close", due)
    if name == "chips":
        return [
            f"chips of site {site}" for site in sites if not any(f.value.site == site for f in state.chips)
        ]
    if name == "meter":
        return [
            f"a meter at site {site}" for site in sites if not any(f.value.site == site for f in state.meters)
        ]
    if name == "measurement":
        found = []
        for site in sites:
            here = [
                f for f in state.measurements if f.value.site == site and f.value.window.overlap_ms(window)
            ]
            # The operator closes its period after it has measured; a tenant may close before that.
            before = _close(facts, party, window) if facts.operators[site] == party else None
            found += _late_or_none(here, f"a measurement of site {site}", due, before=before)
        return found
    # A job or a transfer may honestly not have happened; a site is asked for above.
    return []


def _missing_inventories(facts: Facts, sites: Sequence[Name], since: Instant) -> list[str]:
    """Return the sites whose operator has not said what ran at the instant of a halt, after it and in time.

    One filed before the instant is a forecast.
    """
    due = since.plus(0 if facts.agreement.halt is None else facts.agreement.halt.inventory_ms)
    missing = []
    for site in sites:
        filed = [
            one
            for one in facts.state.of(Inventory)
            if one.value.site == site
            and one.value.at == since
            and one.party == facts.operators[site]
            and one.not_after >= since
        ]
        if not filed:
            missing.append(f"an inventory of site {site} at {format_instant(since)}")
        elif filed[0].not_after > due:
            missing.append(f"an inventory of site {site} in time")
    return missing


def _close(facts: Facts, party: Name, window: Window) -> int | None:
    """Return the log entry of the party's first close of a period that had ended."""
    closes = [f for f in facts.state.closes if f.party == party and f.value.period == window]
    return next((f.entry for f in _after(closes, window)), None)


def _after(closes: Sequence[Filed[PeriodClose]], window: Window) -> list[Filed[PeriodClose]]:
    """Return the closes that may have been made after the period: one made before closes nothing."""
    return [close for close in closes if close.not_after >= window.end]


def _late_or_none(
    filed: Sequence[Filed[Measurement] | Filed[PeriodClose]],
    what: str,
    due: Instant | None,
    *,
    before: int | None = None,
) -> list[str]:
    if not filed:
        return [what]
    if due is not None and not any(one.not_after <= due for one in filed):
        return [f"{what} in time"]
    if before is not None and not any(one.entry < before for one in filed):
        return [f"{what} before the period was closed"]
    return []
