"""Panels: who may judge a matter, which rulings count, and when enough of them agree.

Implements spec/adjudication.md section 5. The accused, the accuser and all that is one trust domain with either
have no seat; a member's first ruling that counts is its word, and nothing takes it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allstop.adjudication import FindingRuling, Outcome
from allstop.agreement import Agreement, Panel, trust_domain
from allstop.ids import Digest, Name
from allstop.ledger import Filed
from allstop.standing._void import VoidFiling, VoidKind
from allstop.times import Instant

__all__ = ["Bench", "Decision", "Hearing", "Ruled", "decide", "seat_bench"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A panel as it sits in one matter: members with a seat, by bloc, and those recused, with the reason.

    Example: `elm` of the bloc `east` sits; `dogwood` is recused, "one trust domain with alder, the accused".
    """

    panel: Panel
    seats: Mapping[Name, Name]
    recused: Mapping[Name, str]

    @property
    def can_decide(self) -> bool:
        """Whether those with a seat could reach the quorum from enough blocs."""
        return len(self.seats) >= self.panel.quorum and len(set(self.seats.values())) >= self.panel.blocs


def seat_bench(agreement: Agreement, panel: Panel, *, sides: Mapping[str, Name]) -> Bench:
    """Return the panel without the sides of the matter and their trust domains; `sides` are by role, in words."""
    blocs = {party.id: party.bloc for party in agreement.parties}
    recused: dict[Name, str] = {}
    for role, side in sides.items():
        domain = trust_domain(agreement, side)
        for member in panel.members:
            if member in domain:
                why = f"it is {role}" if member == side else f"one trust domain with {side}, {role}"
                recused.setdefault(member, why)
    seats = {member: blocs[member] for member in panel.members if member not in recused}
    return Bench(panel=panel, seats=seats, recused=recused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What a bench decides, from when and until when, and what a ruling must say to count.

    Rulings count if proven after `opened_at` and not after `closes_at`. Where the matter was opened `by_filing`, of
    what a ruling names by digest, one that is proven at the same instant came after it all the same. A ruling must
    name `answer`, the answer filed in time, and one that confirms must name `verdict`; `late` are answers that it may
    name otherwise.
    """

    matters: frozenset[Digest]
    outcomes: frozenset[Outcome]
    opened_at: Instant
    closes_at: Instant | None
    by_filing: bool = False
    answer: Digest | None = None
    late: frozenset[Digest] = frozenset()
    verdict: Digest | None = None
    needs_answer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """One member's word that counts. Example: `elm`, confirmed, entry 31, not a false accusation."""

    member: Name
    outcome: Outcome
    at: Instant
    entry: int
    false_accusation: bool

    @property
    def word(self) -> tuple[Outcome, bool]:
        """What the member said, without when."""
        return self.outcome, self.false_accusation


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a bench decided, when, and the rulings that made it; a panel's mark of false accusation with it."""

    outcome: Outcome
    at: Instant
    by: tuple[Ruled, ...]
    false_accusation: bool


def decide(
    bench: Bench, hearing: Hearing, rulings: Sequence[tuple[Filed[FindingRuling], bool]]
) -> tuple[Decision | None, tuple[Ruled, ...], tuple[VoidFiling, ...]]:
    """Return the decision if there is one, every ruling that counts, and every one that does not.

    `rulings` are all on the matters of the hearing, each party's in its own order, each with whether its filer's
    chain was unbroken when it was proven. The earliest instant at which enough members from enough blocs say the
    same decides, whatever the order within one batch; what is proven later changes nothing.
    """
    first: dict[Name, Ruled] = {}
    void: list[VoidFiling] = []
    for filed, is_trusted in rulings:
        why = _why_void(bench, hearing, filed, is_trusted=is_trusted)
        kind, before = VoidKind.RULING, first.get(filed.party)
        ruled = _ruled(filed)
        if why is None and before is None:
            first[filed.party] = ruled
            continue
        if why is None and before is not None:
            if ruled.word == before.word:
                continue
            kind, why = VoidKind.SECOND_RULING, f"{filed.party} had ruled otherwise in entry {before.entry}"
        void.append(VoidFiling(party=filed.party, entry=filed.entry, kind=kind, why=why or ""))
    decision = _decision(bench, tuple(first.values()))
    counted = []
    for one in first.values():
        if decision is None or one.at <= decision.at:
            counted.append(one)
        else:
            why = "the panel had decided before"
            void.append(VoidFiling(party=one.member, entry=one.entry, kind=VoidKind.RULING, why=why))
    return decision, tuple(counted), tuple(sorted(void, key=lambda one: one.entry))


def _ruled(filed: Filed[FindingRuling]) -> Ruled:
    return Ruled(
        member=filed.party,
        outcome=filed.value.outcome,
        at=filed.not_after,
        entry=filed.entry,
        false_accusation=filed.value.false_accusation,
    )


def _decision(bench: Bench, ruled: Sequence[Ruled]) -> Decision | None:
    for at in sorted({one.at for one in ruled}):
        for outcome in Outcome:
            by = tuple(one for one in ruled if one.at <= at and one.outcome is outcome)
            # The quorum is more than half of the panel, so no two outcomes reach it.
            if _agree(bench, by):
                marked = tuple(one for one in by if one.false_accusation)
                return Decision(outcome=outcome, at=at, by=by, false_accusation=_agree(bench, marked))
    return None


def _agree(bench: Bench, by: Sequence[Ruled]) -> bool:
    blocs = {bench.seats[one.member] for one in by}
    return len(by) >= bench.panel.quorum and len(blocs) >= bench.panel.blocs


def _why_void(bench: Bench, hearing: Hearing, filed: Filed[FindingRuling], *, is_trusted: bool) -> str | None:
    """Say why a ruling does not count, or None where it does."""
    value, member = filed.value, filed.party
    if member not in bench.seats:
        reason = bench.recused.get(member)
        return f"{member} is no member of the panel" if reason is None else f"{member} is recused: {reason}"
    if not is_trusted:
        return f"the chain of {member} is broken, or it has left"
    is_too_soon = filed.not_after == hearing.opened_at and not hearing.by_filing
    if filed.not_after < hearing.opened_at or is_too_soon:
        return "it came before the matter was before the panel"
    if hearing.closes_at is not None and filed.not_after > hearing.closes_at:
        return "it came after the time to rule, or after the finding was closed"
    return _why_wrong(hearing, value)


def _why_wrong(hearing: Hearing, value: FindingRuling) -> str | None:
    """Say which of the things that a ruling must name it names wrongly, or None."""
    if value.outcome not in hearing.outcomes:
        return f"a matter of this kind is not {value.outcome.value}"
    if value.outcome is Outcome.CONFIRMED and value.replayed != hearing.verdict:
        return "it confirms by another verdict than the one that was raised"
    if not hearing.needs_answer or value.answer == hearing.answer:
        return None
    if hearing.answer is None and value.answer in hearing.late:
        return None
    return "it does not name the answer that was filed"
