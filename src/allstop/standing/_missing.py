"""What is missing for a party to be bound, from whom, and by when; and which parts of the condition lack deposits.

Words for people, from the same facts by which `_binding` decides. Nothing is decided here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from allstop.agreement import (
    Agreement,
    AllOf,
    AnyOf,
    AtLeast,
    BindingTerms,
    BlocAtLeast,
    Condition,
    CriticalAll,
    DepositBody,
    Deposited,
    EntryStatus,
    Party,
    SignatureBody,
    condition_met,
)
from allstop.binding import Approval, DepositWithdrawal
from allstop.ids import Name
from allstop.ledger import State
from allstop.standing._deposits import DepositAct, first_instants
from allstop.standing._sealing import SealedStanding, SealState
from allstop.times import Instant

__all__ = ["Missing", "missing_of", "unmet_words"]

_ANY = Instant(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What one party still needs, in words, and the instant by which; nothing where nothing can help any more.

    Example: words ("2 of the shares of its sealed deposit, from cedar, elm",), due 2027-05-01T18:00:00Z.
    `is_needed`: without this party the condition cannot be met.
    """

    words: tuple[str, ...] = ()
    due: Instant | None = None
    is_needed: bool = False


def missing_of(
    agreement: Agreement,
    state: State,
    *,
    sealed: Sequence[SealedStanding],
    acts: Sequence[DepositAct],
    entry: EntryStatus,
    bound: Mapping[Name, Instant],
) -> Mapping[Name, Missing]:
    """Return what each party that is not bound still needs."""
    asked = _Asked(agreement, state, sealed, acts, entry)
    needed = _needed(agreement)
    found: dict[Name, Missing] = {}
    for party in agreement.parties:
        words, due = ((), None) if party.id in bound else asked.of(party)
        found[party.id] = Missing(words=words, due=due, is_needed=party.id in needed)
    return found


def _needed(agreement: Agreement) -> frozenset[Name]:
    """Return the parties without which the deposits of all others do not meet the condition."""
    everybody = {party.id: _ANY for party in agreement.parties}
    return frozenset(
        name
        for name in everybody
        if condition_met(
            agreement.entry.condition,
            acted={other: _ANY for other in everybody if other != name},
            parties=agreement.parties,
        )
        is None
    )


class _Asked:
    """Answers for one log; indexed once."""

    def __init__(
        self,
        agreement: Agreement,
        state: State,
        sealed: Sequence[SealedStanding],
        acts: Sequence[DepositAct],
        entry: EntryStatus,
    ) -> None:
        self._agreement = agreement
        self._terms = agreement.binding or BindingTerms()
        self._at = state.at
        self._entry = entry
        self._signed = first_instants(state.of(SignatureBody))
        self._approved = first_instants(state.of(Approval))
        self._pending = {one.filed.party: one for one in sealed if one.is_first and one.closed_at is None}
        met_at = state.at if entry.met_at is None else entry.met_at
        self._standing = {act.party for act in acts if act.taken_back is None or act.taken_back > met_at}
        taken = set()
        if self._terms.is_withdrawable and entry.met_at is None:
            taken = {back.value.deposit for back in state.of(DepositWithdrawal)}
        self._filed = {filed.party for filed in state.of(DepositBody) if filed.digest not in taken}

    def of(self, party: Party) -> tuple[tuple[str, ...], Instant | None]:
        """Return what a party that is not bound needs, and by when."""
        limit = self._limit()
        if limit is not None and limit < self._at:
            return (), None
        words = []
        if party.kind in self._terms.signature_first and party.id not in self._signed:
            words.append("its signature")
        if party.kind in self._terms.approval_first and party.id not in self._approved:
            words.append("its domestic approval")
        if party.id in self._standing:
            rule = None if self._terms.accession is None else self._terms.accession.rule
            if self._is_accession() and rule is not None:
                words.append(f"motion {rule} for it, from those who may vote")
            return tuple(words), limit if words else None
        pending = self._pending.get(party.id)
        if pending is not None:
            text, due = self._of_sealed(pending)
            return (*words, text), due
        close = None if self._terms.sealed is None else self._terms.sealed.close
        if party.id in self._filed and close is not None and self._at < close:
            return (*words, "the close, from which its deposit counts"), close
        if party.id not in self._filed and (not self._is_accession() or self._may_accede()):
            words.append("its deposit")
        return tuple(words), limit if words else None

    def _is_accession(self) -> bool:
        start = self._entry.in_force_from
        return start is not None and start <= self._at

    def _may_accede(self) -> bool:
        return self._agreement.binding is None or self._terms.accession is not None

    def _limit(self) -> Instant | None:
        """Return the last instant at which a deposit helps, None if it always does."""
        start = self._entry.in_force_from
        if start is None:
            return self._agreement.entry.deadline
        if self._at < start:
            return start
        if self._agreement.binding is None:
            return self._agreement.entry.deadline
        return None if self._terms.accession is None else self._terms.accession.until

    def _of_sealed(self, one: SealedStanding) -> tuple[str, Instant | None]:
        terms, custodians = self._terms.sealed, one.filed.value.custodians
        if terms is None:
            return "", None
        if one.state is SealState.WAITING:
            count, have, what, due = terms.receipts, one.receipts, "receipts for", terms.close
        else:
            shown = tuple(name for name, _ in one.shares)
            count, have, what, due = terms.threshold, shown, "shares of", terms.open_by
        ahead = [name for name in custodians if name not in have]
        return f"{max(0, count - len(have))} {what} its sealed deposit, from {', '.join(ahead)}", due


def unmet_words(agreement: Agreement, deposited: Collection[Name]) -> tuple[str, ...]:
    """Say which parts of the condition lack deposits: every part that "all of" at the top joins, on its own."""
    condition = agreement.entry.condition
    parts = condition.of if isinstance(condition, AllOf) else (condition,)
    acted = dict.fromkeys(deposited, _ANY)
    return tuple(
        _words(part, agreement, deposited)
        for part in parts
        if condition_met(part, acted=acted, parties=agreement.parties) is None
    )


def _words(condition: Condition, agreement: Agreement, deposited: Collection[Name]) -> str:
    match condition:
        case Deposited(party=party):
            return f"the deposit of {party}"
        case CriticalAll():
            lack = [one.id for one in agreement.parties if one.critical and one.id not in deposited]
            return f"the deposits of all critical parties: {', '.join(lack)}"
        case BlocAtLeast(bloc=bloc, count=count):
            names = [one.id for one in agreement.parties if one.bloc == bloc]
            lack = [name for name in names if name not in deposited]
            more = count - (len(names) - len(lack))
            return f"{more} more of bloc {bloc}, from {', '.join(lack)}"
        case AllOf(of=of):
            return _group("all", of, agreement, deposited)
        case AnyOf(of=of):
            return _group("one", of, agreement, deposited)
        case AtLeast(count=count, of=of):
            return _group(f"at least {count}", of, agreement, deposited)
        case _:
            assert_never(condition)


def _group(word: str, members: Sequence[Condition], agreement: Agreement, deposited: Collection[Name]) -> str:
    acted = dict.fromkeys(deposited, _ANY)
    open_ = [
        _words(member, agreement, deposited)
        for member in members
        if condition_met(member, acted=acted, parties=agreement.parties) is None
    ]
    return f"{word} of {len(members)} conditions, of which lack: {'; '.join(open_)}"
