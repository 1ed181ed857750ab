"""Entry into force: all or none, at one instant, whatever the order; exhaustive over small cases."""

from dataclasses import replace
from itertools import combinations, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement_examples import agreement, party
from allstop.agreement import (
    Agreement,
    AllOf,
    AnyOf,
    AtLeast,
    BlocAtLeast,
    Condition,
    CriticalAll,
    Deposit,
    Deposited,
    PartyKind,
    entry_into_force,
)
from allstop.ids import Name
from allstop.times import Instant

DEADLINE, LEAD = 100, 7
IDS = tuple(Name(name) for name in ("alder", "birch", "cedar", "dogwood"))


def waiting(condition: Condition) -> Agreement:
    """Return an agreement of four (Alder and Birch critical; two blocs) with this condition."""
    plain = agreement()
    entry = replace(plain.entry, condition=condition, deadline=Instant(DEADLINE), lead_ms=LEAD)
    return replace(plain, entry=entry)


def deposit(name: str, at: int) -> Deposit:
    """Return a deposit that was proven to be there by `at`."""
    return Deposit(party=Name(name), not_after=Instant(at))


CONDITIONS: tuple[Condition, ...] = (
    CriticalAll(),
    Deposited(party=IDS[2]),
    BlocAtLeast(bloc=Name("north"), count=2),
    AllOf(of=(CriticalAll(), BlocAtLeast(bloc=Name("south"), count=2))),
    AnyOf(of=(Deposited(party=IDS[0]), BlocAtLeast(bloc=Name("south"), count=1))),
    AtLeast(count=2, of=tuple(Deposited(party=name) for name in IDS)),
    AtLeast(count=3, of=(CriticalAll(), *(Deposited(party=name) for name in IDS))),
)


def reference(value: Agreement, deposits: list[Deposit]) -> int | None:
    """Return the moment by trying every millisecond up to the deadline, with the meaning spelled out anew."""

    def is_met(condition: Condition, there: set[Name]) -> bool:
        if isinstance(condition, AllOf):
            return min(is_met(c, there) for c in condition.of)
        if isinstance(condition, AnyOf):
            return max(is_met(c, there) for c in condition.of)
        if isinstance(condition, AtLeast):
            return len([c for c in condition.of if is_met(c, there)]) >= condition.count
        if isinstance(condition, Deposited):
            return condition.party in there
        if isinstance(condition, CriticalAll):
            return {p.id for p in value.parties if p.critical} <= there
        return len({p.id for p in value.parties if p.bloc == condition.bloc} & there) >= condition.count

    for at in range(DEADLINE + 1):
        there = {d.party for d in deposits if d.not_after.ms <= at and d.party in IDS}
        if is_met(value.entry.condition, there):
            return at + LEAD
    return None


def moment(value: Agreement, deposits: list[Deposit]) -> int | None:
    """Return the moment of entry into force in milliseconds, or None."""
    status = entry_into_force(value, deposits)
    return None if status.in_force_from is None else status.in_force_from.ms


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda c: type(c).__name__)
def test_every_small_case_agrees_with_the_slow_search(condition: Condition) -> None:
    """Goal: the earliest instant, or never. Method: each party deposits at 10, at the deadline, late, or never."""
    value = waiting(condition)
    for times in product((None, 10, DEADLINE, DEADLINE + 1), repeat=4):
        deposits = [deposit(name, at) for name, at in zip(IDS, times, strict=True) if at is not None]
        assert reference(value, deposits) == moment(value, deposits), times


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda c: type(c).__name__)
def test_the_order_of_the_log_does_not_matter(condition: Condition) -> None:
    """Only proven times count, so that every reader finds the same moment."""
    value = waiting(condition)
    deposits = [deposit("alder", 3), deposit("birch", 9), deposit("cedar", 27), deposit("alder", 81)]
    statuses = {entry_into_force(value, order) for order in permutations(deposits)}
    assert len(statuses) == 1


def test_no_coalition_without_a_critical_party_activates() -> None:
    """Every set of parties that lacks Alder or Birch leaves everybody free."""
    value = waiting(CriticalAll())
    for size in range(5):
        for members in combinations(IDS, size):
            status = entry_into_force(value, [deposit(name, 5) for name in members])
            assert ({"alder", "birch"} <= set(members)) == status.is_in_force(Instant(DEADLINE + LEAD))


def test_two_of_five_cannot_bind_themselves_where_three_are_critical() -> None:
    """Every coalition of two stays free: the assurance is that all critical parties are in."""
    names = ("alder", "birch", "cedar", "dogwood", "elm")
    members = tuple(
        party(name, i + 1, kind=PartyKind.DEVELOPER, critical=i < 3) for i, name in enumerate(names)
    )
    value = replace(waiting(CriticalAll()), parties=members)
    for pair in combinations(names, 2):
        assert moment(value, [deposit(name, 1) for name in pair]) is None


def test_the_deadline_itself_is_in_time_and_a_millisecond_later_is_not() -> None:
    """A deposit counts from its proven upper bound, which must not be after the deadline."""
    value = waiting(CriticalAll())
    assert moment(value, [deposit("alder", 1), deposit("birch", DEADLINE)]) == DEADLINE + LEAD
    late = entry_into_force(value, [deposit("alder", 1), deposit("birch", DEADLINE + 1)])
    assert late.in_force_from is None
    assert ((IDS[0],), IDS[1:], (IDS[1],)) == (late.deposited, late.missing, late.late)


def test_status_says_who_is_still_missing() -> None:
    """Names come in the order of the agreement; strangers count nothing; the earliest deposit counts."""
    value = waiting(CriticalAll())
    status = entry_into_force(
        value, [deposit("cedar", 8), deposit("elm", 1), deposit("alder", 9), deposit("alder", 4)]
    )
    assert ((IDS[0], IDS[2]), (IDS[1], IDS[3]), ()) == (status.deposited, status.missing, status.late)
    assert (status.met_at, status.in_force_from) == (None, None)
    assert not status.is_in_force(Instant(10**6))
    met = entry_into_force(value, [deposit("alder", 4), deposit("birch", 6), deposit("alder", 90)])
    assert Instant(6) == met.met_at
    assert not met.is_in_force(Instant(6 + LEAD - 1))
    assert met.is_in_force(Instant(6 + LEAD))


STEPS = st.lists(st.tuples(st.sampled_from([*IDS, Name("elm")]), st.integers(0, DEADLINE + 20)), max_size=8)


@given(st.sampled_from(CONDITIONS), STEPS, STEPS)
def test_one_more_deposit_never_delays(
    condition: Condition, first: list[tuple[Name, int]], more: list[tuple[Name, int]]
) -> None:
    """Goal: nobody can postpone the moment or undo it by depositing."""
    value = waiting(condition)
    some = [Deposit(party=name, not_after=Instant(at)) for name, at in first]
    extra = [Deposit(party=name, not_after=Instant(at)) for name, at in more]
    before, after = moment(value, some), moment(value, some + extra)
    assert before is None or (after is not None and after <= before)


@given(st.sampled_from(CONDITIONS), STEPS, st.integers(0, DEADLINE + 40))
def test_activation_is_all_or_none(condition: Condition, steps: list[tuple[Name, int]], at: int) -> None:
    """Whoever looks at the same log finds the same moment, so no party is bound while another is free."""
    value = waiting(condition)
    deposits = [Deposit(party=name, not_after=Instant(when)) for name, when in steps]
    views = {entry_into_force(value, deposits[i:] + deposits[:i]).is_in_force(Instant(at)) for i in range(8)}
    assert len(views) == 1
    assert reference(value, deposits) == moment(value, deposits)


@given(st.sampled_from(CONDITIONS), STEPS)
def test_what_is_logged_after_the_moment_does_not_change_it(
    condition: Condition, steps: list[tuple[Name, int]]
) -> None:
    """Later deposits leave the moment where it was: it is safe to act on once it is known."""
    value = waiting(condition)
    deposits = [Deposit(party=name, not_after=Instant(at)) for name, at in steps]
    status = entry_into_force(value, deposits)
    if status.met_at is not None:
        early = [d for d in deposits if d.not_after <= status.met_at]
        assert status.in_force_from == entry_into_force(value, early).in_force_from
