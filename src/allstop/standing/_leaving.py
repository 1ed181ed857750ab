"""Leaving: notices, when they have run, who is free with them, and growth that looks like a sprint.

Implements spec/binding.md section 8. While a notice runs every clause binds as before; what a party does with its
machines is for the verdict. Only growth of what it could do afterwards is looked at here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allstop.agreement import Agreement, LeavingTerms, condition_met, trust_domain
from allstop.binding import Withdrawal, WithdrawalRevocation
from allstop.clocks import due
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.registry import Chips
from allstop.times import Instant
from allstop.units import PPM

__all__ = ["Departure", "Sprint", "departures_of", "released_together", "sprint_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One notice of withdrawal: it runs from `start`, and frees its party at `until`.

    `start` is when it was proven, or when its party is bound if that is later. A notice that was revoked in time has
    `revoked_at` and frees nobody. `is_early` says that the others let the party go before its notice had run.
    """

    filed: Filed[Withdrawal]
    start: Instant
    until: Instant
    revoked_at: Instant | None = None
    is_early: bool = False

    @property
    def party(self) -> Name:
        """Who leaves."""
        return self.filed.party


def departures_of(
    agreement: Agreement,
    state: State,
    *,
    bound_from: Mapping[Name, Instant],
    released: Mapping[Name, Instant],
) -> tuple[Departure, ...]:
    """Return every notice that counts, by party and time.

    A notice counts if its party was bound, or sure to be, and no other notice of it was running. `released` says
    when the motion was adopted that lets a party go sooner, where the agreement has one.
    """
    terms = agreement.leaving
    if terms is None:
        return ()
    revoked: dict[tuple[Name, Digest], Instant] = {}
    for one in state.of(WithdrawalRevocation):
        key = (one.party, one.value.withdrawal)
        revoked[key] = min(revoked.get(key, one.not_after), one.not_after)
    found: list[Departure] = []
    running: dict[Name, Departure] = {}
    notices = sorted(
        state.of(Withdrawal), key=lambda one: (one.party, one.not_after, one.sequence, one.digest)
    )
    for filed in notices:
        before = running.get(filed.party)
        if filed.party not in bound_from or (before is not None and not _is_over(before, filed)):
            continue
        departure = _departure(filed, terms, bound_from[filed.party], revoked, released)
        running[filed.party] = departure
        found.append(departure)
    return tuple(found)


def _is_over(before: Departure, filed: Filed[Withdrawal]) -> bool:
    """Tell whether an earlier notice had been revoked when another one was filed."""
    return before.revoked_at is not None and before.revoked_at <= filed.not_after


def _departure(
    filed: Filed[Withdrawal],
    terms: LeavingTerms,
    bound_from: Instant,
    revoked: Mapping[tuple[Name, Digest], Instant],
    released: Mapping[Name, Instant],
) -> Departure:
    start = max(filed.not_after, bound_from)
    until = due(start, terms.notice)
    is_early = False
    let_go = released.get(filed.party)
    # A motion adopted before the notice was about another one.
    if terms.vote is not None and let_go is not None and filed.not_after <= let_go:
        is_early = max(let_go, start) < until
        until = min(until, max(let_go, start))
    revoked_at = revoked.get((filed.party, filed.digest))
    if revoked_at is not None and revoked_at >= until:
        revoked_at = None
    return Departure(filed=filed, start=start, until=until, revoked_at=revoked_at, is_early=is_early)


def released_together(
    agreement: Agreement, *, bound_from: Mapping[Name, Instant], departures: Sequence[Departure]
) -> Instant | None:
    """Return when all are free because those who stay no longer meet the condition of entry; None if never.

    `bound_from` are those whom a deposit of their own binds: a party cannot keep the others bound by letting somebody
    succeed it while it stays itself. An instant after the time of asking is a plan: a notice may still be revoked.
    """
    if agreement.leaving is None or not agreement.leaving.is_together:
        return None
    leaves = {one.party: one.until for one in departures if one.revoked_at is None}
    for moment in sorted(set(leaves.values())):
        staying = {
            party: moment
            for party, since in bound_from.items()
            if since <= moment and not leaves.get(party, moment.plus(1)) <= moment
        }
        if condition_met(agreement.entry.condition, acted=staying, parties=agreement.parties) is None:
            return moment
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprint:
    """Registered capacity of a leaving party and all it is one with: `before` the window, `added` since then.

    Chips, whatever their type. `entries` are the log entries that registered what was added.
    """

    before: int
    added: int
    entries: tuple[int, ...]

    def reaches(self, growth_ppm: int) -> bool:
        """Tell whether the growth is a sprint; from nothing, anything is."""
        return self.added > 0 and self.added * PPM >= self.before * growth_ppm


def sprint_of(agreement: Agreement, state: State, departure: Departure) -> Sprint | None:
    """Return how a leaving party's registered capacity grew, None where no growth is agreed to matter.

    Of several registrations of one lot the first counts. Chips that are in no register are not seen.
    """
    terms = agreement.leaving
    if terms is None or terms.sprint is None:
        return None
    domain = trust_domain(agreement, departure.party)
    start = Instant(max(0, departure.filed.not_after.ms - terms.sprint.window_ms))
    lots: dict[Name, Filed[Chips]] = {}
    for filed in state.of(Chips):
        if filed.party in domain and filed.not_after <= departure.until:
            lots.setdefault(filed.value.lot, filed)
    added = [filed for filed in lots.values() if filed.not_after > start]
    return Sprint(
        before=sum(filed.value.count for filed in lots.values() if filed.not_after <= start),
        added=sum(filed.value.count for filed in added),
        entries=tuple(sorted(filed.entry for filed in added)),
    )
