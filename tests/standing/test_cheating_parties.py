"""Ways in which a party tried to free itself, or to gain a voice, after it was bound; none may work."""

from dataclasses import replace
from time import perf_counter

import pytest

from allstop.agreement import (
    AccessionTerms,
    Agreement,
    Agrees,
    AnyOf,
    BindingTerms,
    ConveningTerms,
    Deposited,
    LeavingTerms,
    Motion,
    ShareAtLeast,
    VotingRule,
)
from allstop.binding import DepositWithdrawal, Reservation, Succession, Withdrawal
from allstop.clocks import Length, LengthUnit
from allstop.convening import Choice, Proposal, ProposalKind, Vote
from allstop.ids import Digest, Name
from allstop.standing import TallyState, binding_of, standing_of
from allstop.times import Instant
from binding_world import ALDER, BIRCH, CEDAR, DOGWOOD, ELM, Log, members, world
from voting_world import rule_of

CLAUSE = "1.1"
RESERVABLE = BindingTerms(is_withdrawable=True, reservable=(CLAUSE,))
ADMIT, LET_GO, LIFT = Name("admit"), Name("let-go"), Name("lift")
EVERYBODY = ShareAtLeast(ppm=1_000_000)


def table(*motions: Name, rule: VotingRule | None = None, **changes: object) -> Agreement:
    """Return the world with a table that decides these motions by unanimity, open for 50 ms."""
    decides = rule or rule_of(EVERYBODY, open_ms=50)
    convening = ConveningTerms(
        rules=(decides,),
        motions=tuple(Motion(name=one, rule=decides.name) for one in motions),
        text_rule=None,
        amendment_rule=None,
        amendment_lead_ms=0,
    )
    return world(**({"convening": convening} | changes))  # type: ignore[arg-type]  # fields of an agreement


def in_force(*others: Name) -> Log:
    """Return a log in which Alder, Birch and these deposit at 10: in force from 30."""
    log = Log()
    for party in (ALDER, BIRCH, *others):
        log.deposit(party, 10)
    return log


def move(log: Log, by: Name, motion: Name, at: int, *, about: Digest | None = None) -> Digest:
    """Propose a motion."""
    name = Name(f"{motion}-{len(log.filed)}")
    return log.file(by, Proposal(name=name, kind=ProposalKind.MOTION, motion=motion, about=about), at)


def votes(log: Log, proposal: Digest, at: int, *parties: Name) -> None:
    """Vote in favour."""
    for party in parties:
        log.file(party, Vote(proposal=proposal, choice=Choice.FOR), at)


def test_a_deposit_taken_back_in_vain_makes_no_room_for_a_reservation() -> None:
    """Bound, a party takes its deposit back, which is void, and reserves the clause: it stays bound by it."""
    log = Log()
    mine = log.deposit(ALDER, 10)
    log.deposit(BIRCH, 10)
    log.file(ALDER, DepositWithdrawal(deposit=mine), 40)
    log.file(ALDER, Reservation(clauses=(CLAUSE,), text="not for us"), 41)
    stands = binding_of(world(RESERVABLE), log.state(50)).party(ALDER)
    assert stands is not None
    assert ((), Instant(30)) == (stands.reservations, stands.bound_from)


def test_a_successor_reserves_nothing_once_it_is_bound() -> None:
    """Elm takes over from Alder without a deposit of its own: what it reserves afterwards is void."""
    log = in_force()
    log.file(ELM, Succession(predecessor=ALDER), 40, signers=(ALDER,))
    log.file(ELM, Reservation(clauses=(CLAUSE,), text="not for us"), 41)
    stands = binding_of(world(RESERVABLE), log.state(50)).party(ELM)
    assert stands is not None
    assert () == stands.reservations
    assert stands.is_held_to(CLAUSE, Instant(50))


def test_thousands_of_successions_take_no_time() -> None:
    """Two parties that sign successions without end slow nobody's reading."""
    log = in_force()
    for number in range(3000):
        log.file(ELM, Succession(predecessor=ALDER), 40 + number, signers=(ALDER,))
    state = log.state()
    start = perf_counter()
    assert binding_of(world(RESERVABLE), state).party(ELM) is not None
    assert perf_counter() - start < 1


def test_an_observer_that_deposits_late_takes_back_no_vote() -> None:
    """Elm, whom no clause binds, votes and then accedes: the motion that its vote carried stays adopted."""
    agreed = table(
        LIFT,
        rule=rule_of(Agrees(party=ELM), open_ms=50),
        binding=BindingTerms(accession=AccessionTerms(until=None, rule=None, lead_ms=0)),
    )
    log = in_force()
    proposal = move(log, ALDER, LIFT, 40)
    votes(log, proposal, 41, ELM)
    before = standing_of(agreed, log.state(42))
    log.deposit(ELM, 45)
    after = standing_of(agreed, log.state(46))
    assert ((LIFT, Instant(41)),) == before.adopted == after.adopted


@pytest.mark.parametrize("at", [40, 45])
def test_a_vote_does_not_admit_its_own_voter(at: int) -> None:
    """All that is proven in one batch: Cedar's admission, and nobody waits for Cedar's voice in it."""
    bound = tuple(one.id for one in members())
    agreed = table(ADMIT, binding=BindingTerms(accession=AccessionTerms(until=None, rule=ADMIT, lead_ms=0)))
    agreed = replace(agreed, obligations=(replace(agreed.obligations[0], parties=bound),))
    log = in_force()
    deposit = log.deposit(CEDAR, 40)
    proposal = move(log, ALDER, ADMIT, at, about=deposit)
    votes(log, proposal, at, ALDER, BIRCH)
    standing = standing_of(agreed, log.state(60))
    (tally,) = standing.convening.tallies
    assert TallyState.ADOPTED is tally.state
    cedar = standing.binding.party(CEDAR)
    assert cedar is not None
    assert Instant(at) == cedar.bound_from


def test_who_is_let_go_votes_until_then() -> None:
    """All in one batch: the release of Birch does not undo what Birch votes for in it."""
    agreed = table(
        LET_GO,
        LIFT,
        rule=rule_of(AnyOf(of=(EVERYBODY, ShareAtLeast(ppm=750_000))), open_ms=50),
        condition=AnyOf(of=(Deposited(party=ALDER), Deposited(party=BIRCH))),
        leaving=LeavingTerms(notice=Length(amount=1, unit=LengthUnit.YEARS), vote=LET_GO, is_together=False),
    )
    log = in_force()
    notice = log.file(BIRCH, Withdrawal(reason="why not"), 40)
    votes(log, move(log, ALDER, LET_GO, 40, about=notice), 40, ALDER, CEDAR, DOGWOOD, ELM)
    votes(log, move(log, ALDER, LIFT, 40), 40, ALDER, BIRCH, CEDAR, DOGWOOD)
    standing = standing_of(agreed, log.state(60))
    birch = standing.binding.party(BIRCH)
    assert birch is not None
    assert Instant(40) == birch.bound_until
    assert ((LIFT, Instant(40)),) == standing.adopted
    lift = standing.convening.tallies[1]
    assert BIRCH in lift.agreed


def test_a_succession_makes_no_second_voice() -> None:
    """Alder signs that Cedar succeeds it: Cedar is bound, and still one voice of three is no majority of the table."""
    agreed = table(LIFT, rule=rule_of(ShareAtLeast(ppm=500_001), open_ms=50))
    bound = (ALDER, BIRCH, DOGWOOD, CEDAR, ELM)
    agreed = replace(agreed, obligations=(replace(agreed.obligations[0], parties=bound),))
    log = in_force(DOGWOOD)
    for heir in (CEDAR, ELM):
        log.file(heir, Succession(predecessor=ALDER), 40, signers=(ALDER,))
    votes(log, move(log, ALDER, LIFT, 45), 46, ALDER, CEDAR, ELM)
    standing = standing_of(agreed, log.state(60))
    heir_stands = standing.binding.party(CEDAR)
    assert heir_stands is not None
    assert Instant(40) == heir_stands.bound_from
    assert () == standing.adopted


def test_a_deposit_after_all_are_free_takes_no_seat_back() -> None:
    """All are released together; Cedar, whom no clause binds, proposed before it deposited: its proposal stays open."""
    agreed = table(
        LIFT,
        binding=BindingTerms(accession=AccessionTerms(until=None, rule=None, lead_ms=5)),
        leaving=LeavingTerms(notice=Length(amount=1, unit=LengthUnit.MS)),
    )
    log = in_force()
    log.file(ALDER, Withdrawal(reason="done"), 31)
    move(log, CEDAR, LIFT, 40)
    log.deposit(CEDAR, 45)
    for at in (44, 46, 60):
        (tally,) = standing_of(agreed, log.state(at)).convening.tallies
        assert TallyState.OPEN is tally.state
