"""What follows from the log about becoming bound and leaving, for those who say it in words or findings.

Implements spec/binding.md sections 5 to 8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from allstop.agreement import Agreement, BindingTerms, EntryStatus, Relation
from allstop.binding import Reservation, Succession
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing._deposits import DepositAct, acts_of, bound_by_deposit, entry_of
from allstop.standing._leaving import Departure, departures_of, released_together
from allstop.standing._sealing import SealedStanding, sealed_of
from allstop.times import Instant

__all__ = ["NOBODY", "BindingFacts", "binding_facts_of", "responsible_for"]

NOBODY: Mapping[Name, Instant] = {}
"""No motion was adopted for anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingFacts:
    """Everything that follows from the log about becoming bound, for the rules that make findings of it."""

    agreement: Agreement
    state: State
    sealed: tuple[SealedStanding, ...]
    acts: tuple[DepositAct, ...]
    entry: EntryStatus
    bound_from: Mapping[Name, Instant]
    by_deposit: Mapping[Name, Instant]
    successions: tuple[Filed[Succession], ...]
    departures: tuple[Departure, ...]
    released_at: Instant | None
    reservations: Mapping[Name, tuple[Filed[Reservation], ...]] = field(default_factory=dict)

    @property
    def terms(self) -> BindingTerms:
        """The agreed terms, or those of an agreement that has none: open deposits only."""
        return self.agreement.binding or BindingTerms()


def binding_facts_of(
    agreement: Agreement,
    state: State,
    *,
    admitted: Mapping[Name, Instant] = NOBODY,
    released: Mapping[Name, Instant] = NOBODY,
    identity: Digest | None = None,
) -> BindingFacts:
    """Work out everything that `binding_of` and its findings rest on."""
    sealed = sealed_of(agreement, state, identity=identity)
    acts = acts_of(agreement, state, sealed)
    entry = entry_of(agreement, acts, at=state.at)
    by_deposit = bound_by_deposit(agreement, acts, entry, admitted=admitted, at=state.at)
    successions = tuple(one for one in state.of(Succession) if _has_consent(agreement, one))
    bound_from = _inherit(by_deposit, successions)
    departures = departures_of(agreement, state, bound_from=bound_from, released=released)
    return BindingFacts(
        agreement=agreement,
        state=state,
        sealed=sealed,
        acts=acts,
        entry=entry,
        bound_from=bound_from,
        by_deposit=by_deposit,
        successions=successions,
        departures=departures,
        released_at=released_together(agreement, bound_from=by_deposit, departures=departures),
        reservations=_reservations(
            agreement, state, acts, sealed, entry.met_at, _takeovers(entry, bound_from, successions)
        ),
    )


def _has_consent(agreement: Agreement, filed: Filed[Succession]) -> bool:
    """Tell whether the predecessor, or a state that is responsible for it, signed the succession."""
    predecessor = filed.value.predecessor
    if predecessor == filed.party or agreement.party(predecessor) is None:
        return False
    return predecessor in filed.signers or not filed.signers.isdisjoint(
        responsible_for(agreement, predecessor)
    )


def responsible_for(agreement: Agreement, party: Name) -> tuple[Name, ...]:
    """Return the states that answer for a party, by the edges of the agreement."""
    return tuple(
        edge.source
        for edge in agreement.edges
        if edge.target == party and edge.relation is Relation.RESPONSIBLE_FOR
    )


def _inherit(
    by_deposit: Mapping[Name, Instant], successions: Sequence[Filed[Succession]]
) -> Mapping[Name, Instant]:
    """Return who is bound from when once successors are: never before their predecessor, nor before they say so.

    A succession binds one more party and frees none, so that nobody escapes into a shell.
    """
    bound = dict(by_deposit)
    first: dict[tuple[Name, Name], Instant] = {}
    for one in successions:
        pair = (one.value.predecessor, one.party)
        first[pair] = min(first.get(pair, one.not_after), one.not_after)
    # A heir can be predecessor of another: each round takes one more step along such a line.
    for _ in range(len({heir for _, heir in first})):
        before = dict(bound)
        for (predecessor, heir), at in first.items():
            if predecessor in bound:
                since = max(bound[predecessor], at)
                bound[heir] = min(since, bound.get(heir, since))
        if bound == before:
            break
    return bound


def _takeovers(
    entry: EntryStatus, bound_from: Mapping[Name, Instant], successions: Sequence[Filed[Succession]]
) -> list[tuple[Name, tuple[Instant, int]]]:
    """Return when each successor was sure to be bound as one: not before its predecessor was."""
    found = []
    for one in successions:
        sure = bound_from.get(one.value.predecessor)
        if sure is None or entry.met_at is None or entry.in_force_from is None:
            continue
        if sure <= entry.in_force_from:
            sure = entry.met_at
        is_later = sure <= one.not_after
        found.append((one.party, (one.not_after, one.sequence) if is_later else (sure, -1)))
    return found


def _reservations(
    agreement: Agreement,
    state: State,
    acts: Sequence[DepositAct],
    sealed: Sequence[SealedStanding],
    met_at: Instant | None,
    takeovers: Sequence[tuple[Name, tuple[Instant, int]]],
) -> Mapping[Name, tuple[Filed[Reservation], ...]]:
    """Return the reservations in effect: of clauses that allow it, filed before the deposit that counts.

    Of a successor, before it was sure to be bound as one. A deposit that was taken back in vain counts.
    """
    terms = agreement.binding or BindingTerms()
    first: dict[Name, tuple[Instant, int]] = {}
    orders = [
        (act.party, act.order)
        for act in acts
        if act.taken_back is None or (met_at is not None and met_at < act.taken_back)
    ]
    orders += [
        (one.filed.party, (one.filed.not_after, one.filed.sequence))
        for one in sealed
        if one.is_first and one.closed_at is None
    ]
    for party, order in (*orders, *takeovers):
        first[party] = min(first.get(party, order), order)
    found: dict[Name, list[Filed[Reservation]]] = {}
    for filed in state.of(Reservation):
        is_allowed = set(filed.value.clauses) <= set(terms.reservable)
        # The deposit itself is no earlier than itself: a statement has another number of its party's.
        own = first.get(filed.party)
        if is_allowed and (own is None or (filed.not_after, filed.sequence) < own):
            found.setdefault(filed.party, []).append(filed)
    return {party: tuple(filed) for party, filed in found.items()}
