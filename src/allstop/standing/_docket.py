"""What was filed in every proceeding, by the matter that it names: the index that `_proceedings` reads.

Implements spec/adjudication.md section 6, steps 1 to 3. Says who may file at all; whether it was in time is
decided where the clocks are.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeVar

from allstop.adjudication import (
    FindingAcknowledgement,
    FindingAnswer,
    FindingAppeal,
    FindingCure,
    FindingRaised,
    FindingRuling,
    FindingWithdrawal,
    Impediment,
)
from allstop.agreement import Agreement
from allstop.duty import Impossibility
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing._void import VoidFiling, VoidKind
from allstop.times import Instant

__all__ = ["Docket", "build_docket"]

T = TypeVar("T")
ByMatter = Mapping[Digest, Sequence[Filed[T]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Docket:
    """Findings that could be raised, and what was filed about each, every party's in its own order.

    All replies are by a side of the matter whose chain was unbroken; rulings are all that were filed. `void` is
    what names no matter, comes from no side, or accuses as nobody may.
    """

    raised: tuple[Filed[FindingRaised], ...]
    acknowledgements: ByMatter[FindingAcknowledgement]
    answers: ByMatter[FindingAnswer]
    cures: ByMatter[FindingCure]
    withdrawals: ByMatter[FindingWithdrawal]
    appeals: ByMatter[FindingAppeal]
    rulings: ByMatter[FindingRuling]
    impediments: tuple[Filed[Impediment], ...]
    void: tuple[VoidFiling, ...]
    trusts: "_Trusts"
    at: Instant

    def rulings_on(self, matters: AbstractSet[Digest]) -> list[tuple[Filed[FindingRuling], bool]]:
        """Return every ruling on these matters proven before `at`, with whether its filer could still rule then.

        More may be proven at the very instant that is asked about, by a checkpoint of the same second.
        """
        found = [filed for matter in matters for filed in self.rulings.get(matter, ())]
        found = [filed for filed in found if filed.not_after < self.at]
        return [(filed, self.trusts.in_office(filed)) for filed in sorted(found, key=_own_order)]


def _own_order(filed: Filed[T]) -> tuple[int, int, int]:
    """Order by proven time, then as the filer counts, which the operator of the log cannot change."""
    return filed.not_after.ms, filed.sequence, filed.entry


@dataclass(frozen=True, slots=True)
class _Trusts:
    """Whose filings count when: by an unbroken chain, and for raising and ruling by not having left."""

    state: State
    left_at: Mapping[Name, Instant]

    def is_unbroken(self, filed: Filed[T]) -> bool:
        return self.state.is_trusted(filed.party, filed.not_after)

    def in_office(self, filed: Filed[T]) -> bool:
        left_at = self.left_at.get(filed.party)
        return self.is_unbroken(filed) and (left_at is None or filed.not_after < left_at)


@dataclass(slots=True)
class _Index:
    """Gathers while the docket is built: sides of each matter, and what is void."""

    state: State
    at: Instant
    trusts: _Trusts
    sides: dict[Digest, dict[str, Name]] = field(default_factory=dict)
    void: list[VoidFiling] = field(default_factory=list)

    def all(self, kind: type[T]) -> list[Filed[T]]:
        return sorted((filed for filed in self.state.of(kind) if filed.not_after <= self.at), key=_own_order)

    def refuse(self, filed: Filed[T], why: str, kind: VoidKind = VoidKind.FILING) -> None:
        self.void.append(VoidFiling(party=filed.party, entry=filed.entry, kind=kind, why=why))

    def replies(
        self, kind: type[T], matter_of: Callable[[T], Digest], roles: Sequence[str]
    ) -> dict[Digest, list[Filed[T]]]:
        """Return what the sides with these roles filed, by matter; the rest is void."""
        found: dict[Digest, list[Filed[T]]] = {}
        for filed in self.all(kind):
            sides = self.sides.get(matter_of(filed.value))
            if sides is None:
                self.refuse(filed, "it names nothing that was raised")
            elif filed.party not in {sides[role] for role in roles}:
                self.refuse(filed, f"{filed.party} is not {' or '.join(roles)} here")
            elif not self.trusts.is_unbroken(filed):
                self.refuse(filed, f"the chain of {filed.party} is broken")
            else:
                found.setdefault(matter_of(filed.value), []).append(filed)
        return found


def build_docket(
    agreement: Agreement, state: State, *, at: Instant, left_at: Mapping[Name, Instant] | None = None
) -> Docket:
    """Index everything that is filed about findings and proven by `at`."""
    trusts = _Trusts(state, left_at or {})
    index = _Index(state=state, at=at, trusts=trusts)
    raised = _raised(agreement, index)
    index.sides |= {
        filed.digest: {"the accused": filed.value.about, "the accuser": filed.party} for filed in raised
    }
    both = ("the accused", "the accuser")
    appeals = index.replies(FindingAppeal, lambda value: value.finding, both)
    # An appeal is a matter of its own, which the other side answers.
    for finding, filed_appeals in appeals.items():
        index.sides |= {filed.digest: index.sides[finding] for filed in filed_appeals}
    acknowledgements = index.replies(FindingAcknowledgement, lambda value: value.finding, both[:1])
    answers = index.replies(FindingAnswer, lambda value: value.matter, both)
    cures = index.replies(FindingCure, lambda value: value.finding, both[:1])
    withdrawals = index.replies(FindingWithdrawal, lambda value: value.finding, both[1:])
    impediments = tuple(index.all(Impediment))
    matters = {*index.sides, *(filed.digest for filed in impediments)}
    matters |= {filed.digest for found in cures.values() for filed in found}
    # Panels decide about duties too; those rulings are counted where the duties are.
    matters |= {filed.digest for filed in index.all(Impossibility)}
    rulings: dict[Digest, list[Filed[FindingRuling]]] = {}
    for filed in index.all(FindingRuling):
        if filed.value.matter in matters:
            rulings.setdefault(filed.value.matter, []).append(filed)
        else:
            index.refuse(filed, "it names no matter that a panel decides", VoidKind.RULING)
    return Docket(
        raised=raised,
        acknowledgements=acknowledgements,
        answers=answers,
        cures=cures,
        withdrawals=withdrawals,
        appeals=appeals,
        rulings=rulings,
        impediments=impediments,
        void=tuple(index.void),
        trusts=trusts,
        at=at,
    )


def _raised(agreement: Agreement, index: _Index) -> tuple[Filed[FindingRaised], ...]:
    """Return the findings that their filers could raise; the others are void."""
    known = {party.id for party in agreement.parties}
    kept: dict[tuple[object, ...], Filed[FindingRaised]] = {}
    # In the order of the log: of two that are the same the operator may choose, and what is shown stays.
    for filed in sorted(index.all(FindingRaised), key=lambda one: one.entry):
        value = filed.value
        # Whoever was refused once on one verdict does not get another try, nor wears anybody down with copies.
        key = (filed.party, value.about, value.code, value.clause, value.verdict_digest)
        if value.about not in known:
            index.refuse(filed, f"it accuses {value.about}, who is no party")
        elif value.about == filed.party:
            index.refuse(filed, f"{filed.party} accuses itself")
        elif not index.trusts.in_office(filed):
            index.refuse(filed, f"the chain of {filed.party} is broken, or it has left")
        elif key in kept:
            index.refuse(filed, f"{filed.party} had raised the same in entry {kept[key].entry}")
        else:
            kept[key] = filed
    return tuple(kept.values())
