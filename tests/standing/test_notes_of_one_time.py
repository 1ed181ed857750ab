"""Two notes of a log may carry one time: what a reader saw as decided after the first holds after the second."""

from dataclasses import replace

import pytest

from allstop.agreement import BindingTerms
from allstop.binding import DepositWithdrawal
from allstop.ledger import State
from allstop.standing import SealState, TallyState, binding_of, sealed_of, standing_of
from allstop.times import Instant
from binding_world import ALDER, BIRCH, CEDAR, CLOSE, DOGWOOD, IDENTITY, SEALED, file_sealed, world
from binding_world import Log as BindingLog
from voting_world import AFTER, MAJORITY, VotingWorld, motion, rule_of, table
from voting_world import CLOSE as VOTE_CLOSES


def first_of(state: State, count: int) -> State:
    """Return the state as it was when so many statements were logged, at the same instant."""
    facts = {kind: tuple(one for one in group if one.entry < count) for kind, group in state.facts.items()}
    return replace(state, facts=facts)


def test_a_receipt_at_the_close_may_still_come_at_the_close() -> None:
    """At the close itself a seal with too few receipts is not void: a second note of that time has another one."""
    agreement = world(BindingTerms(sealed=SEALED))
    log = BindingLog()
    file_sealed(log, ALDER, receipts={CEDAR: CLOSE, DOGWOOD: CLOSE}, shares={})
    whole = log.state(CLOSE)
    found = [sealed_of(agreement, first_of(whole, count), identity=IDENTITY)[0].state for count in (1, 2, 3)]
    assert [SealState.WAITING, SealState.WAITING, SealState.KEPT] == found


def test_a_condition_met_at_the_newest_instant_may_still_be_undone_at_it() -> None:
    """A deposit taken back at that very instant does not stand, so nobody is told before a later time is proven."""
    agreement = world(BindingTerms(is_withdrawable=True))
    log = BindingLog()
    digest = log.deposit(ALDER, 10)
    log.deposit(BIRCH, 30)
    log.file(ALDER, DepositWithdrawal(deposit=digest), 30)
    whole = log.state(30)
    assert [None] * 3 == [
        binding_of(agreement, first_of(whole, count), identity=IDENTITY).entry.in_force_from
        for count in (1, 2, 3)
    ]
    assert binding_of(agreement, log.state(31), identity=IDENTITY).entry.in_force_from is None
    kept = BindingLog()
    kept.deposit(ALDER, 10)
    kept.deposit(BIRCH, 30)
    assert binding_of(agreement, kept.state(30), identity=IDENTITY).entry.met_at is None
    assert Instant(30) == binding_of(agreement, kept.state(31), identity=IDENTITY).entry.met_at


@pytest.mark.parametrize("last", [VOTE_CLOSES.plus(-5), VOTE_CLOSES])
def test_a_vote_is_decided_when_a_later_time_is_proven(last: Instant) -> None:
    """Enough votes at the newest instant, or a close at it, leave the proposal open; one moment later it is decided."""
    agreement, log = table(rule_of(MAJORITY)), VotingWorld()
    proposal = log.file(ALDER, motion())
    log.votes(proposal, agree=(ALDER, BIRCH, CEDAR), at=last)
    for at, expected in (
        (last, TallyState.OPEN),
        (last.plus(1), TallyState.ADOPTED),
        (AFTER, TallyState.ADOPTED),
    ):
        (tally,) = standing_of(agreement, log.state(at)).convening.tallies
        assert expected is tally.state
