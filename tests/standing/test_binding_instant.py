"""All or none, one instant: every small history of deposits against a slow reference, with sabotage."""

from collections.abc import Callable, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.agreement import (
    Agreement,
    AllOf,
    AnyOf,
    AtLeast,
    BindingTerms,
    Condition,
    Deposit,
    DepositBody,
    Deposited,
    EntryStatus,
    PartyKind,
    SignatureBody,
    entry_into_force,
)
from allstop.binding import DepositWithdrawal
from allstop.ids import Name
from allstop.ledger import Filed, State
from allstop.standing import Binding, DepositAct, binding_of, entry_of
from allstop.times import Instant
from binding_world import ACCESSION, ALDER, BIRCH, BOTH, CEDAR, DEADLINE, LEAD, Log, world

PARTIES = (ALDER, BIRCH, CEDAR)
History = tuple[tuple[int, int | None], ...]
"""Deposits of one party: when each is proven, and when it is taken back."""

HISTORIES: tuple[History, ...] = (
    (),
    ((10, None),),
    ((20, None),),
    ((10, 15),),
    ((10, 20),),
    ((20, 20),),
    ((10, 15), (20, None)),
    ((10, 20), (30, None)),
    ((DEADLINE, None),),
    ((DEADLINE + 1, None),),
    ((DEADLINE + LEAD, None),),
    ((DEADLINE + LEAD + 1, None),),
)
CONDITIONS: dict[str, Condition] = {
    "both": BOTH,
    "two of three": AtLeast(count=2, of=tuple(Deposited(party=name) for name in PARTIES)),
    "alder or two": AnyOf(
        of=(
            Deposited(party=ALDER),
            AtLeast(count=2, of=tuple(Deposited(party=name) for name in (BIRCH, CEDAR))),
        )
    ),
}
TERMS = BindingTerms(is_withdrawable=True)


def is_met(condition: Condition, there: set[Name]) -> bool:
    """Tell whether a condition holds, with the meaning of its forms spelled out anew."""
    if isinstance(condition, Deposited):
        return condition.party in there
    if isinstance(condition, AtLeast):
        return len([one for one in condition.of if is_met(one, there)]) >= condition.count
    if isinstance(condition, AnyOf):
        return max(is_met(one, there) for one in condition.of)
    assert isinstance(condition, AllOf)
    return min(is_met(one, there) for one in condition.of)


def reference(condition: Condition, histories: Sequence[History]) -> tuple[int | None, set[Name]]:
    """Walk through every millisecond to the deadline; return when it is in force, and who is bound then."""
    deposits = [(name, *one) for name, history in zip(PARTIES, histories, strict=True) for one in history]
    for now in range(DEADLINE + 1):
        standing = {n for n, at, back in deposits if at <= now and (back is None or back > now)}
        if is_met(condition, standing):
            start = now + LEAD
            return start, {n for n, at, back in deposits if at <= start and (back is None or back > now)}
    return None, set()


def log_of(histories: Sequence[History]) -> Log:
    """File the deposits of three parties and their withdrawals."""
    log = Log()
    for name, history in zip(PARTIES, histories, strict=True):
        for at, back in history:
            digest = log.deposit(name, at)
            if back is not None:
                log.file(name, DepositWithdrawal(deposit=digest), back)
    return log


def acts_in(histories: Sequence[History]) -> list[DepositAct]:
    """Return the same deposits as the values that `entry_of` takes."""
    return [
        DepositAct(party=name, since=Instant(at), taken_back=None if back is None else Instant(back))
        for name, history in zip(PARTIES, histories, strict=True)
        for at, back in history
    ]


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_small_history_agrees_with_the_slow_search(name: str) -> None:
    """Goal: the instant, and who is bound from it, for three parties. Method: each deposits early, twice, at the
    deadline, late, in the lead time, after it, takes back in time, at the very instant, or does nothing.
    """
    value = world(TERMS, condition=CONDITIONS[name])
    for number, histories in enumerate(product(HISTORIES, repeat=3)):
        start, bound = reference(CONDITIONS[name], histories)
        entry = entry_of(value, acts_in(histories), at=Instant(10**6))
        assert start == (None if entry.in_force_from is None else entry.in_force_from.ms), histories
        # The log itself costs more, so every seventh history goes through it.
        if number % 7 == 0:
            found = binding_of(value, log_of(histories).state())
            assert start == (None if found.entry.in_force_from is None else found.entry.in_force_from.ms)
            expected = {party: Instant(start) for party in bound if start is not None}
            assert expected == {one.party: one.bound_from for one in found.parties if one.bound_from}


Bent = Callable[[Agreement, Sequence[DepositAct]], EntryStatus]


def _forgets_withdrawals(value: Agreement, acts: Sequence[DepositAct]) -> EntryStatus:
    return entry_into_force(value, [Deposit(party=act.party, not_after=act.since) for act in acts])


def _drops_all_that_were_taken_back(value: Agreement, acts: Sequence[DepositAct]) -> EntryStatus:
    kept = [act for act in acts if act.taken_back is None]
    return entry_into_force(value, [Deposit(party=act.party, not_after=act.since) for act in kept])


def _lets_a_deposit_stand_through_the_instant(value: Agreement, acts: Sequence[DepositAct]) -> EntryStatus:
    moved = [
        act
        if act.taken_back is None
        else DepositAct(party=act.party, since=act.since, taken_back=act.taken_back.plus(1))
        for act in acts
    ]
    return entry_of(value, moved, at=Instant(10**6))


def _counts_from_a_millisecond_later(value: Agreement, acts: Sequence[DepositAct]) -> EntryStatus:
    moved = [DepositAct(party=act.party, since=act.since.plus(1), taken_back=act.taken_back) for act in acts]
    return entry_of(value, moved, at=Instant(10**6))


@pytest.mark.parametrize(
    "bent",
    [
        _forgets_withdrawals,
        _drops_all_that_were_taken_back,
        _lets_a_deposit_stand_through_the_instant,
        _counts_from_a_millisecond_later,
    ],
)
def test_the_search_above_sees_a_bent_function(bent: Bent) -> None:
    """Sabotage: each wrong way to find the instant differs from the reference in some history of the search."""
    wrong = 0
    for name, condition in CONDITIONS.items():
        value = world(TERMS, condition=CONDITIONS[name])
        for histories in product(HISTORIES[:9], repeat=3):
            start, _ = reference(condition, histories)
            entry = bent(value, acts_in(histories))
            wrong += start != (None if entry.in_force_from is None else entry.in_force_from.ms)
    assert wrong > 0


def test_without_terms_of_binding_the_instant_is_that_of_the_open_deposits() -> None:
    """Goal: agreements without these terms are as before. Method: every history without withdrawals, both ways; a
    withdrawal that nobody allowed changes nothing.
    """
    plain = world(None)
    for histories in product([h for h in HISTORIES if all(back is None for _, back in h)], repeat=3):
        log = log_of(histories)
        state = log.state()
        expected = entry_into_force(plain, state.proven_deposits)
        assert expected == binding_of(plain, state).entry
        for one in state.deposits[:1]:
            log.file(one.party, DepositWithdrawal(deposit=one.digest), 11)
        assert expected == binding_of(plain, log.state()).entry


def test_a_late_depositor_accedes_or_is_not_bound() -> None:
    """A deposit after entry into force binds by the terms of accession, from its own instant plus their lead."""
    log = log_of((((10, None),), ((20, None),), ((60, None),)))
    joined = binding_of(world(BindingTerms(accession=ACCESSION)), log.state()).party(CEDAR)
    assert joined is not None
    assert Instant(60 + 5) == joined.bound_from
    closed = binding_of(world(BindingTerms()), log.state())
    assert {ALDER, BIRCH} == closed.bound_at(Instant(10**6))
    assert ["BND-007"] == [one.code for one in closed.findings]


def test_between_deadline_and_instant_a_deposit_binds_where_that_was_agreed() -> None:
    """With terms of binding it is bound with the others; without them what is late counts nothing, as before."""
    log = log_of((((10, None),), ((DEADLINE, None),), ((DEADLINE + 1, None),)))
    for terms, expected in ((BindingTerms(), {ALDER, BIRCH, CEDAR}), (None, {ALDER, BIRCH})):
        found = binding_of(world(terms), log.state())
        assert expected == found.bound_at(Instant(DEADLINE + LEAD))
        assert (CEDAR,) == found.entry.late


def test_a_deposit_that_waited_too_long_for_its_signature_is_a_finding() -> None:
    """It counts from the signature, and that came after entry into force: nobody is bound by it, and all are told."""
    log = log_of((((10, None),), ((20, None),), ((30, None),)))
    log.file(CEDAR, SignatureBody(), 60)
    found = binding_of(world(BindingTerms(signature_first=(PartyKind.CUSTODIAN,))), log.state())
    assert {ALDER, BIRCH} == found.bound_at(Instant(10**6))
    assert [("BND-007", CEDAR)] == [(one.code, one.party) for one in found.findings]


def test_an_accession_that_needs_a_vote_waits_for_it() -> None:
    """Without the motion the party is not bound and the status says so; with it, from the later of the two."""
    terms = BindingTerms(accession=type(ACCESSION)(until=None, rule=Name("admit"), lead_ms=5))
    log = log_of((((10, None),), ((20, None),), ((60, None),)))
    waiting = binding_of(world(terms), log.state()).party(CEDAR)
    assert waiting is not None
    assert (None, ("motion admit for it, from those who may vote",)) == (waiting.bound_from, waiting.missing)
    found = binding_of(world(terms), log.state(), admitted={CEDAR: Instant(70)}).party(CEDAR)
    assert found is not None
    assert Instant(75) == found.bound_from
    early = binding_of(world(terms), log.state(), admitted={CEDAR: Instant(30)}).party(CEDAR)
    assert early is not None
    assert Instant(65) == early.bound_from


def decided(found: Binding, at: Instant) -> dict[str, object]:
    """Return what stands decided: what has happened by `at`, and the instant once the condition is met."""
    return {
        "in force": found.entry.in_force_from,
        "bound": {
            one.party: one.bound_from for one in found.parties if one.bound_from and one.bound_from <= at
        },
        "free": {
            one.party: one.bound_until for one in found.parties if one.bound_until and one.bound_until <= at
        },
    }


STEPS = st.lists(
    st.tuples(
        st.sampled_from(PARTIES),
        st.sampled_from(["deposit", "back", "notice"]),
        st.integers(0, DEADLINE + 60),
    ),
    max_size=10,
)


@given(st.sampled_from(sorted(CONDITIONS)), STEPS, st.integers(0, 200), st.integers(0, 200))
def test_a_longer_log_contradicts_no_shorter_one(
    name: str, steps: list[tuple[Name, str, int]], one: int, other: int
) -> None:
    """What is decided at an earlier time stays so at every later one."""
    value = world(BindingTerms(is_withdrawable=True, accession=ACCESSION), condition=CONDITIONS[name])
    log = _filed(steps)
    early, late = sorted((Instant(one), Instant(other)))
    before, after = binding_of(value, log.state(early.ms)), binding_of(value, log.state(late.ms))
    start = before.entry.in_force_from
    assert start is None or start == after.entry.in_force_from
    assert decided(before, early)["bound"] == decided(after, early)["bound"]
    assert decided(before, early)["free"] == decided(after, early)["free"]


def _filed(steps: list[tuple[Name, str, int]]) -> Log:
    log, deposits = Log(), {}
    for party, what, at in steps:
        if what == "deposit":
            deposits[party] = log.deposit(party, at)
        elif what == "back" and party in deposits:
            log.file(party, DepositWithdrawal(deposit=deposits[party]), at)
    return log


@given(st.sampled_from(sorted(CONDITIONS)), STEPS, st.randoms(use_true_random=False))
def test_the_order_within_the_log_decides_nothing(
    name: str, steps: list[tuple[Name, str, int]], random: object
) -> None:
    """Whoever orders a batch changes nobody's standing: only proven times and parties' own numbers count."""
    value = world(BindingTerms(is_withdrawable=True, accession=ACCESSION), condition=CONDITIONS[name])
    state = _filed(steps).state()
    mixed = dict(state.facts)
    for kind, facts in mixed.items():
        shuffled = list(facts)
        random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands over a Random
        mixed[kind] = tuple(shuffled)
    first, second = binding_of(value, state), binding_of(value, _with(state, mixed))
    assert first.parties == second.parties
    assert first.entry == second.entry


def _with(state: State, facts: dict[type, tuple[Filed[object], ...]]) -> State:
    return State(at=state.at, counted=state.counted, pending=state.pending, facts=facts)


@given(STEPS)
def test_no_chain_fault_moves_the_instant(steps: list[tuple[Name, str, int]]) -> None:
    """Goal: a fault that heals later undoes nothing. Method: the same log with every party's chain broken."""
    value = world(TERMS)
    log = _filed(steps)
    broken = log.state(distrusted=frozenset(PARTIES), broken_at=dict.fromkeys(PARTIES, Instant(0)))
    assert binding_of(value, log.state()).parties == binding_of(value, broken).parties


def test_deposits_of_strangers_count_nothing() -> None:
    """A name that is no party is in nobody's way."""
    log = log_of((((10, None),), (), ()))
    log.deposit(Name("willow"), 10)
    found = binding_of(world(TERMS), log.state())
    assert (ALDER,) == found.entry.deposited
    assert len(log.state().of(DepositBody)) == 2
