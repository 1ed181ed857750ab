"""Deposits and the one instant: which deposits stand when, and from when the agreement is in force.

Implements spec/binding.md section 5. `entry_of` is the pure function of the instant, over values that are cheap to
build; it asks `agreement.entry_into_force`, which knows nothing of deposits that were taken back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allstop.agreement import (
    Agreement,
    BindingTerms,
    Deposit,
    DepositBody,
    EntryStatus,
    SignatureBody,
    condition_met,
    entry_into_force,
)
from allstop.binding import Approval, DepositWithdrawal
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing._sealing import SealedStanding
from allstop.times import Instant

__all__ = ["DepositAct", "acts_of", "bound_by_deposit", "entry_of", "first_instants", "ready_from"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositAct:
    """One deposit that counts from `since`, unless it was taken back.

        DepositAct(party="alder", since=Instant(5), taken_back=None)

    `since` is a proven upper bound, and not before what the agreement asks for besides. `taken_back` is when
    its withdrawal was proven; whether that frees the party depends on when the condition was met. `order` is the
    party's own order of the statement that made it: proven time, then sequence.
    """

    party: Name
    since: Instant
    taken_back: Instant | None = None
    order: tuple[Instant, int] = (Instant(0), 0)
    digest: Digest | None = None

    def stands(self, at: Instant) -> bool:
        """Tell whether it counts at `at` and was not taken back by then. Equal instants are equal: it is back."""
        return self.since <= at and (self.taken_back is None or at < self.taken_back)


def first_instants(filed: Sequence[Filed[object]]) -> Mapping[Name, Instant]:
    """Return for each party when it first filed one of these."""
    first: dict[Name, Instant] = {}
    for one in filed:
        first[one.party] = min(first.get(one.party, one.not_after), one.not_after)
    return first


def ready_from(agreement: Agreement, state: State) -> Mapping[Name, Instant]:
    """Return from when a deposit of each party may count; a party that still lacks something is left out.

    That is when its signature and approval are logged, where its kind needs them, and not before sealed deposits
    close, where there may be any: nobody is committed before all envelopes are.
    """
    terms = agreement.binding or BindingTerms()
    signed = first_instants(state.of(SignatureBody))
    approved = first_instants(state.of(Approval))
    start = Instant(0) if terms.sealed is None else terms.sealed.close
    ready: dict[Name, Instant] = {}
    for party in agreement.parties:
        needed = [start]
        for kinds, given in ((terms.signature_first, signed), (terms.approval_first, approved)):
            if party.kind in kinds:
                if party.id not in given:
                    break
                needed.append(given[party.id])
        else:
            ready[party.id] = max(needed)
    return ready


def acts_of(agreement: Agreement, state: State, sealed: Sequence[SealedStanding]) -> tuple[DepositAct, ...]:
    """Return every deposit that counts by `state.at`, open and opened, in log order."""
    terms = agreement.binding or BindingTerms()
    ready = ready_from(agreement, state)
    taken: dict[tuple[Name, Digest], Instant] = {}
    if terms.is_withdrawable:
        for back in state.of(DepositWithdrawal):
            key = (back.party, back.value.deposit)
            taken[key] = min(taken.get(key, back.not_after), back.not_after)
    acts = [
        DepositAct(
            party=filed.party,
            since=max(filed.not_after, ready[filed.party]),
            taken_back=taken.get((filed.party, filed.digest)),
            order=(filed.not_after, filed.sequence),
            digest=filed.digest,
        )
        for filed in state.of(DepositBody)
        if filed.party in ready
    ]
    acts += [
        DepositAct(
            party=one.filed.party,
            since=max(one.counts_from, ready[one.filed.party]),
            order=(one.filed.not_after, one.filed.sequence),
            digest=one.filed.digest,
        )
        for one in sealed
        if one.counts_from is not None and one.filed.party in ready
    ]
    return tuple(act for act in acts if act.since <= state.at)


def entry_of(agreement: Agreement, acts: Sequence[DepositAct], *, at: Instant) -> EntryStatus:
    """Find the one instant from deposits of which some were taken back; spec/binding.md section 5 steps 3 to 5.

    The condition is met at the earliest instant, not after the deadline and not after `at`, at which it holds for the
    deposits that stand. A deposit taken back by that very instant does not stand; one taken back later does, for
    good. Nothing that is proven after that instant moves it. Where deposits may be taken back, one that is proven at
    `at` itself does not count yet: another note may still be dated alike, and take it back.
    """
    can_go = agreement.binding is not None and agreement.binding.is_withdrawable
    known = [act for act in acts if act.since < at or (act.since == at and not can_go)]
    met_at = _met_at(agreement, known)
    last = at if met_at is None else met_at
    counted = [act for act in known if act.taken_back is None or act.taken_back > last]
    return entry_into_force(agreement, [Deposit(party=act.party, not_after=act.since) for act in counted])


def _met_at(agreement: Agreement, acts: Sequence[DepositAct]) -> Instant | None:
    """Return the earliest instant, not after the deadline, at which the condition holds for deposits that stand.

    It can first hold only where a party that had none has a deposit that stands. One sweep, so that whoever deposits
    and takes back a thousand times slows nobody down.
    """
    changes: dict[Instant, list[tuple[Name, int]]] = {}
    for act in acts:
        if act.since <= agreement.entry.deadline and act.stands(act.since):
            changes.setdefault(act.since, []).append((act.party, 1))
            if act.taken_back is not None:
                changes.setdefault(act.taken_back, []).append((act.party, -1))
    count: Counter[Name] = Counter()
    for moment in sorted(changes):
        before = {party for party, standing in count.items() if standing}
        for party, change in changes[moment]:
            count[party] += change
        standing = {party: moment for party, number in count.items() if number}
        if standing.keys() <= before:
            continue
        if condition_met(agreement.entry.condition, acted=standing, parties=agreement.parties) is not None:
            return moment
    return None


def bound_by_deposit(
    agreement: Agreement,
    acts: Sequence[DepositAct],
    entry: EntryStatus,
    *,
    admitted: Mapping[Name, Instant],
    at: Instant,
) -> Mapping[Name, Instant]:
    """Return from when each depositor is bound: one instant for all who deposited by it, accession for later ones.

    `admitted` says when the motion was adopted that admits a party, where accession needs one.
    """
    start, met_at = entry.in_force_from, entry.met_at
    if start is None or met_at is None:
        return {}
    bound: dict[Name, Instant] = {}
    for act in acts:
        if act.since > at or (act.taken_back is not None and act.taken_back <= met_at):
            continue
        if agreement.binding is None and act.since > agreement.entry.deadline:
            continue  # spec/agreement.md section 5 step 2, for agreements without these terms
        since = start if act.since <= start else _acceded(agreement, act, admitted, at)
        if since is not None:
            bound[act.party] = min(since, bound.get(act.party, since))
    return bound


def _acceded(
    agreement: Agreement, act: DepositAct, admitted: Mapping[Name, Instant], at: Instant
) -> Instant | None:
    """Return from when a deposit after entry into force binds, None if it does not."""
    if agreement.binding is None:
        return act.since  # in time, though after the others were bound: from its own deposit on
    terms = agreement.binding.accession
    if terms is None or (terms.until is not None and act.since > terms.until):
        return None
    moment = act.since
    if terms.rule is not None:
        if act.party not in admitted or admitted[act.party] > at:
            return None
        moment = max(moment, admitted[act.party])
    return moment.plus(terms.lead_ms)
