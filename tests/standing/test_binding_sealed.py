"""Sealed deposits in the log: what custodians, depositors and the log's operator can and cannot bring about."""

from itertools import product

import pytest

from allstop.agreement import BindingTerms, Relation, SealedTerms
from allstop.binding import Choice, DepositWithdrawal, SealContext, SealedDeposit, Share, open_seal
from allstop.ids import Digest, Name
from allstop.standing import Binding, SealedStanding, SealState, Stage, binding_of, sealed_of
from allstop.times import Instant
from binding_world import (
    ALDER,
    BIRCH,
    CEDAR,
    CLOSE,
    CUSTODIANS,
    DOGWOOD,
    ELM,
    IDENTITY,
    LEAD,
    OPEN_BY,
    SEALED,
    Log,
    file_sealed,
    receipt,
    seal,
    share,
    world,
)

AGREED = world(BindingTerms(sealed=SEALED, is_withdrawable=True))
FAR = 10**6


def stand(log: Log, at: int = FAR) -> Binding:
    """Return where everybody stands."""
    return binding_of(AGREED, log.state(at), identity=IDENTITY)


def sealed_in(log: Log, at: int = FAR) -> tuple[SealedStanding, ...]:
    """Return where the sealed deposits stand."""
    return sealed_of(AGREED, log.state(at), identity=IDENTITY)


RECEIPTS = (20, CLOSE, CLOSE + 1, None)
SHARES = (None, "bad", 30, 55, OPEN_BY, OPEN_BY + 1)
SEALS = {choice: seal(ALDER, is_deposit=choice) for choice in (True, False)}


def reference(receipts: tuple[int | None, ...], shares: tuple[object, ...]) -> int | None:
    """Return when a sealed deposit opens: two receipts by the close, then the second good share, none before it."""
    if sum(at is not None and at <= CLOSE for at in receipts) < 2:
        return None
    good = sorted(max(at, CLOSE) for at in shares if isinstance(at, int) and at <= OPEN_BY)
    return good[1] if len(good) >= 2 else None


@pytest.mark.parametrize("receipts", [*product(RECEIPTS, repeat=3)][::5])
def test_every_behaviour_of_three_custodians_gives_what_the_rule_says(
    receipts: tuple[int | None, ...],
) -> None:
    """Goal: opened at the second share, or never, as what was sealed. Method: receipts in time, at the close, late
    or never, by shares early, in time, at the last moment, late, wrong or never; for a deposit and for none.
    """
    for shares, is_deposit in product(product(SHARES, repeat=3), (True, False)):
        made, log = SEALS[is_deposit], Log()
        digest = log.file(ALDER, made.value, 10)
        for name, at, shown in zip(CUSTODIANS, receipts, shares, strict=True):
            if at is not None:
                log.file(name, receipt(made, digest, name), at)
            good = share(made, digest, name)
            if shown == "bad":
                log.file(name, Share(deposit=digest, index=good.index, share=bytes(32)), 55)
            elif isinstance(shown, int):
                log.file(name, good, shown)
        (found,) = sealed_in(log)
        opened = reference(receipts, shares)
        assert opened == (None if found.opened_at is None else found.opened_at.ms)
        expected = None if opened is None else Choice.DEPOSIT if is_deposit else Choice.NONE
        assert expected is found.choice
        assert (opened is not None and is_deposit) == (found.counts_from is not None)


@pytest.mark.parametrize("bend", [None, 1, 2, 3])
@pytest.mark.parametrize("is_deposit", [True, False])
def test_whichever_custodians_open_the_outcome_is_one(bend: int | None, is_deposit: bool) -> None:
    """Goal: no choice of custodians gives another outcome, honest dealer or not. Method: every pair and all three
    open a seal, and one of which any share was replaced.
    """
    made = seal(ALDER, is_deposit=is_deposit, bend=bend)
    expected = Choice.SPOILED if bend else Choice.DEPOSIT if is_deposit else Choice.NONE
    for openers in ((CEDAR, DOGWOOD), (CEDAR, ELM), (DOGWOOD, ELM), CUSTODIANS):
        log = Log()
        log.deposit(BIRCH, 5)
        digest = log.file(ALDER, made.value, 10)
        for name in CUSTODIANS:
            log.file(name, receipt(made, digest, name), 20)
        for name in openers:
            log.file(name, share(made, digest, name), 55)
        found = stand(log)
        assert expected is sealed_in(log)[0].choice
        in_force = Instant(55 + LEAD) if expected.is_deposit else None
        assert in_force == found.entry.in_force_from
        assert ({ALDER, BIRCH} if expected.is_deposit else set()) == found.bound_at(Instant(FAR))
        assert ("BND-003" in [one.code for one in found.findings]) == (expected is Choice.SPOILED)


def test_a_depositor_cannot_abort_once_it_is_kept() -> None:
    """Withdrawing, sealing another choice, and showing shares itself change nothing after the receipts are there."""
    log = Log()
    log.deposit(BIRCH, 5)
    digest = file_sealed(log, ALDER, shares={})
    made, other = seal(ALDER), seal(ALDER, is_deposit=False, number=1)
    log.file(ALDER, DepositWithdrawal(deposit=digest), 30)
    second = log.file(ALDER, other.value, 31)
    for name in CUSTODIANS:
        log.file(name, receipt(other, second, name), 32)
        log.file(name, share(other, second, name), 54)
    log.file(ALDER, share(made, digest, CEDAR), 54)
    assert Stage.SEALED is stand(log, 56).parties[0].stage
    for name in (CEDAR, DOGWOOD):
        log.file(name, share(made, digest, name), 58)
    found = stand(log)
    assert Instant(58 + LEAD) == found.entry.in_force_from
    assert {ALDER, BIRCH} == found.bound_at(Instant(FAR))
    assert ["BND-001", "BND-002", "BND-004", "BND-006"] == [one.code for one in found.findings]


def test_the_first_of_two_in_one_batch_is_the_party_s_own_first() -> None:
    """Goal: who orders a batch does not choose which one counts. Method: both orders in the log, one instant."""
    for order in (1, -1):
        log = Log()
        first = file_sealed(log, ALDER)
        file_sealed(log, ALDER, is_deposit=False, number=1)
        facts = {**log.state().facts, SealedDeposit: log.state().of(SealedDeposit)[::order]}
        found = sealed_of(AGREED, log.state(facts=facts), identity=IDENTITY)
        assert [first] == [one.filed.digest for one in found if one.is_first]


@pytest.mark.parametrize(
    ("silent", "is_blocked"),
    [((), False), ((CEDAR,), False), ((CEDAR, ELM), True), (CUSTODIANS, True)],
)
def test_so_many_silent_custodians_block_and_bind_nobody(silent: tuple[Name, ...], is_blocked: bool) -> None:
    """As many silent custodians as n - k + 1 leave everybody free; each one that gave a receipt is named."""
    log = Log()
    log.deposit(BIRCH, 5)
    file_sealed(log, ALDER, shares={name: 55 for name in CUSTODIANS if name not in silent})
    found = stand(log)
    assert is_blocked == (found.entry.in_force_from is None)
    assert (set() if is_blocked else {ALDER, BIRCH}) == found.bound_at(Instant(FAR))
    assert {*silent} == {one.party for one in found.findings if one.code == "BND-004"}
    assert (SealState.UNOPENED if is_blocked else SealState.OPEN) is sealed_in(log)[0].state


def test_custodians_below_the_threshold_learn_nothing() -> None:
    """One share of two shows no choice, and no combination with a guess opens the seal."""
    made = seal(ALDER)
    context = SealContext(agreement=IDENTITY, party=ALDER, threshold=2)
    with pytest.raises(ValueError, match="want at least 2"):
        open_seal({1: made.shares[CEDAR]}, commitments=made.value.commitments, context=context)
    for guess in range(256):
        with pytest.raises(ValueError, match="share 2 does not match"):
            open_seal(
                {1: made.shares[CEDAR], 2: bytes(31) + bytes([guess])},
                commitments=made.value.commitments,
                context=context,
            )


def test_shares_shown_early_count_at_the_close_and_are_named() -> None:
    """Who shows its share early neither hurries nor blocks the opening; it let others look."""
    log = Log()
    log.deposit(BIRCH, 5)
    file_sealed(log, ALDER, shares={CEDAR: 25, DOGWOOD: CLOSE})
    assert SealState.KEPT is sealed_in(log, CLOSE - 1)[0].state
    found = stand(log)
    assert Instant(CLOSE + LEAD) == found.entry.in_force_from
    assert [("BND-004", ELM), ("BND-005", CEDAR), ("BND-005", DOGWOOD)] == [
        (one.code, one.party) for one in found.findings
    ]


def test_no_open_deposit_counts_before_sealed_ones_close() -> None:
    """Nobody is committed while envelopes can still come in, so that all are bound at one instant."""
    log = Log()
    log.deposit(ALDER, 5)
    log.deposit(BIRCH, 6)
    waiting = stand(log, CLOSE - 1)
    assert waiting.entry.met_at is None
    assert ("the close, from which its deposit counts",) == waiting.parties[0].missing
    assert Instant(CLOSE) == waiting.parties[0].due
    assert Instant(CLOSE) == stand(log).entry.met_at


def test_a_sealed_deposit_that_opens_last_is_bound_with_the_others() -> None:
    """Two open deposits meet the condition at the close; a sealed one that opens at the last moment is bound with them."""
    log = Log()
    log.deposit(ALDER, 5)
    log.deposit(BIRCH, 6)
    made = seal(CEDAR, custodians=(DOGWOOD, ELM))
    digest = log.file(CEDAR, made.value, 10)
    for name in (DOGWOOD, ELM):
        log.file(name, receipt(made, digest, name), 20)
        log.file(name, share(made, digest, name), OPEN_BY)
    found = stand(log)
    assert {Instant(CLOSE + LEAD)} == {one.bound_from for one in found.parties if one.bound_from}
    assert {ALDER, BIRCH, CEDAR} == found.bound_at(Instant(FAR))


def test_nobody_keeps_a_share_of_its_own_deposit() -> None:
    """A custodian, and whoever it is one with, is left out of its own custodians; a seal that names it is void."""
    owned = world(BindingTerms(sealed=SEALED), edges=((ELM, Relation.RESPONSIBLE_FOR, ALDER),))
    log = Log()
    file_sealed(log, ALDER)
    (found,) = sealed_of(owned, log.state(), identity=IDENTITY)
    assert (SealState.VOID, "it is not shared among cedar, dogwood with threshold 2") == (
        found.state,
        found.why,
    )
    few = world(
        BindingTerms(
            sealed=SealedTerms(
                custodians=CUSTODIANS, threshold=2, receipts=3, close=SEALED.close, open_by=SEALED.open_by
            )
        ),
        edges=((ELM, Relation.RESPONSIBLE_FOR, ALDER),),
    )
    (found,) = sealed_of(few, log.state(), identity=IDENTITY)
    assert "only 2 custodians are independent of its party, want 3" == found.why


@pytest.mark.parametrize(
    ("at", "threshold", "why"),
    [
        (CLOSE + 1, 2, "it was logged after the close"),
        (10, 3, "it is not shared among cedar, dogwood, elm with threshold 2"),
    ],
)
def test_a_seal_that_does_not_fit_is_void(at: int, threshold: int, why: str) -> None:
    """Late, or with another threshold than was agreed."""
    log = Log()
    file_sealed(log, ALDER, at=at, threshold=threshold)
    (found,) = sealed_in(log)
    assert (SealState.VOID, why, False) == (found.state, found.why, found.is_first)
    assert Stage.LISTED is stand(log).parties[0].stage


def test_an_agreement_without_sealed_deposits_has_none() -> None:
    """A sealed deposit under it is void and named."""
    log = Log()
    file_sealed(log, ALDER)
    found = binding_of(world(None), log.state())
    assert {"BND-001"} == {one.code for one in found.findings}
    assert found.entry.met_at is None


def test_a_party_with_too_few_receipts_is_told_in_time_and_can_deposit_openly() -> None:
    """Before the close the status names who still owes a receipt; afterwards the seal is void and the deposit is missing."""
    log = Log()
    file_sealed(log, ALDER, receipts={CEDAR: 20}, shares={})
    before = stand(log, 30).parties[0]
    assert (Stage.SEALED, ("1 receipts for its sealed deposit, from dogwood, elm",), Instant(CLOSE)) == (
        before.stage,
        before.missing,
        before.due,
    )
    after = stand(log, CLOSE + 1).parties[0]
    assert (Stage.LISTED, ("its deposit",), Instant(100)) == (after.stage, after.missing, after.due)
    log.deposit(ALDER, 70)
    assert Stage.DEPOSITED is stand(log).parties[0].stage


def test_the_status_names_who_has_not_opened_yet() -> None:
    """Between close and opening the shares are missing, from the custodians that have not shown them."""
    log = Log()
    file_sealed(log, ALDER, shares={ELM: 55})
    found = stand(log, 56).parties[0]
    assert ("1 shares of its sealed deposit, from cedar, dogwood",) == found.missing
    assert Instant(OPEN_BY) == found.due


def test_a_choice_of_none_leaves_the_party_where_it_was() -> None:
    """Opened as none, the party is listed and may still deposit openly."""
    log = Log()
    file_sealed(log, ALDER, is_deposit=False)
    found = stand(log)
    assert (Stage.LISTED, ()) == (found.parties[0].stage, found.entry.deposited)


DECIDED = (SealState.VOID, SealState.OPEN, SealState.UNOPENED)


@pytest.mark.parametrize("receipts", [*product(RECEIPTS, repeat=3)][::7])
def test_what_became_of_a_seal_stays_so(receipts: tuple[int | None, ...]) -> None:
    """Every shorter log agrees with the whole one, once it is decided; so does the instant."""
    for shares in product(SHARES, repeat=3):
        log = Log()
        log.deposit(BIRCH, 5)
        made = SEALS[True]
        digest: Digest = log.file(ALDER, made.value, 10)
        for name, at, shown in zip(CUSTODIANS, receipts, shares, strict=True):
            if at is not None:
                log.file(name, receipt(made, digest, name), at)
            if isinstance(shown, int):
                log.file(name, share(made, digest, name), shown)
        (whole,) = sealed_in(log)
        for at in (15, CLOSE - 1, CLOSE, 56, OPEN_BY, OPEN_BY + 2):
            (early,) = sealed_in(log, at)
            if early.state in DECIDED:
                assert (early.state, early.choice, early.opened_at) == (
                    whole.state,
                    whole.choice,
                    whole.opened_at,
                )
