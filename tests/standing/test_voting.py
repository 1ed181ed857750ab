"""Votes: who has one, when it counts, what is decided stays decided, and what is wrong is said."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.agreement import (
    AllOf,
    BlocAtLeast,
    KindAtLeast,
    PartyKind,
    Seat,
    SeatAtLeast,
    ShareAtLeast,
    Veto,
    Voters,
)
from allstop.case import ChainFault, ChainFaultKind
from allstop.convening import Choice, Comment, Endorsement, Proposal, ProposalKind, ProposalWithdrawal, Vote
from allstop.finding import Effect, read_rule
from allstop.ids import Digest, Name
from allstop.ledger import fold
from allstop.standing import (
    TALLY_TABLE,
    VOTING_RULES,
    Tally,
    TallyEvent,
    TallyState,
    convening_of,
    find_voting,
    step_tally,
    tallies_of,
)
from allstop.times import Instant
from source_tree import ROOT
from verdict_world import World
from voting_world import (
    AFTER,
    ALDER,
    BIRCH,
    CEDAR,
    CLOSE,
    DOGWOOD,
    EARLY,
    ELM,
    LATE,
    MAJORITY,
    START,
    VotingWorld,
    members_of,
    motion,
    owns,
    rule_of,
    state_of,
    table,
)

ALL = ShareAtLeast(ppm=1_000_000)
SHARED = "shared-name"


def only(tallies: tuple[Tally, ...]) -> Tally:
    """Return the one tally there is."""
    (tally,) = tallies
    return tally


def opened(world: VotingWorld) -> Digest:
    """File a motion by Alder at the start."""
    return world.file(ALDER, motion(), START)


def test_the_table_of_states_is_that_of_the_specification() -> None:
    """Every move in the code stands in the page, and every move in the page is one of the code."""
    page = (ROOT / "spec" / "convening.md").read_text("utf-8")
    rows = [line for line in page.split("\n") if line.startswith("| open | ")]
    wanted = [
        f"| {state.value} | {event.value} | {after.value} |" for (state, event), after in TALLY_TABLE.items()
    ]
    assert wanted == rows


def test_what_is_decided_takes_no_further_event() -> None:
    """From every state but open, every event leads nowhere."""
    for state, event in itertools.product(TallyState, TallyEvent):
        expected = TALLY_TABLE.get((state, event), state)
        assert expected is step_tally(state, event)
        assert state is TallyState.OPEN or expected is state


def test_a_vote_is_adopted_at_the_instant_that_it_needs() -> None:
    """The latest of the votes that are needed, wherever it stands; later votes change nothing."""
    world = VotingWorld()
    proposal = opened(world)
    world.votes(proposal, agree=[ALDER, BIRCH], at=EARLY)
    world.votes(proposal, agree=[CEDAR], at=EARLY.plus(5))
    world.vote(DOGWOOD, proposal, Choice.AGAINST, EARLY.plus(6))
    tally = only(tallies_of(table(rule_of(MAJORITY)), world.state()))
    assert (TallyState.ADOPTED, EARLY.plus(5)) == (tally.state, tally.decided_at)
    assert ((ALDER, BIRCH, CEDAR), (), (DOGWOOD,)) == (tally.agreed, tally.opposed, tally.late)
    assert not tally.missing


def test_a_vote_with_a_veto_waits_for_its_close() -> None:
    """Whoever has a veto keeps it until the close, however early the others agree."""
    world = VotingWorld()
    proposal = opened(world)
    world.votes(proposal, agree=[ALDER, BIRCH, CEDAR, DOGWOOD])
    agreement = table(rule_of(MAJORITY, veto=Veto.CRITICAL))
    before = only(tallies_of(agreement, world.state(CLOSE.plus(-1))))
    assert (TallyState.OPEN, None) == (before.state, before.decided_at)
    assert "decides when the vote closes" in before.why
    at_close = only(tallies_of(agreement, world.state(CLOSE)))
    assert (TallyState.ADOPTED, CLOSE) == (at_close.state, at_close.decided_at)


def test_why_a_proposal_fell_names_the_part_that_was_not_met() -> None:
    """Of two parts only the one that failed is named, with how many agreed and how many were asked for."""
    rule = rule_of(AllOf(of=(MAJORITY, BlocAtLeast(bloc=Name("south"), count=2))))
    world = VotingWorld()
    world.votes(opened(world), agree=[ALDER, BIRCH, CEDAR])
    tally = only(tallies_of(table(rule), world.state()))
    assert tally.state is TallyState.FELL
    assert "under rule rule too few agreed: 1 voices of bloc south agreed, want 2" == tally.why


@pytest.mark.parametrize(
    "leaf", [SeatAtLeast(seat=Seat.SCIENTIST, count=2), KindAtLeast(kind=PartyKind.STATE, count=2)]
)
def test_classes_are_counted_apart(leaf: SeatAtLeast | KindAtLeast) -> None:
    """Votes of another class do not count towards the class that a rule asks for."""
    parties = tuple(
        replace(one, seat=Seat.SCIENTIST if number % 2 else Seat.COMPANY, kind=kind)
        for number, (one, kind) in enumerate(
            zip(members_of(), (PartyKind.DEVELOPER, PartyKind.STATE) * 2, strict=True), 1
        )
    )
    wanted = (ALDER, CEDAR) if isinstance(leaf, SeatAtLeast) else (BIRCH, DOGWOOD)
    agreement = table(rule_of(leaf), parties=parties)
    for agree in itertools.combinations((ALDER, BIRCH, CEDAR, DOGWOOD), 3):
        world = VotingWorld()
        world.votes(opened(world), agree=agree)
        expected = TallyState.ADOPTED if set(wanted) <= set(agree) else TallyState.FELL
        assert expected is only(tallies_of(agreement, world.state())).state, agree


def test_an_observer_has_no_vote_and_may_endorse() -> None:
    """A vote off the roll counts for nothing and is a finding; an endorsement is neither."""
    parties = tuple(
        replace(one, seat=Seat.OBSERVER if one.id == DOGWOOD else Seat.OFFICIAL) for one in members_of()
    )
    agreement = table(rule_of(MAJORITY, voters=Voters(seats=(Seat.OFFICIAL,))), parties=parties)
    world = VotingWorld()
    proposal = opened(world)
    world.votes(proposal, agree=[ALDER, DOGWOOD])
    world.file(DOGWOOD, Endorsement(proposal=proposal))
    world.file(DOGWOOD, Comment(proposal=proposal, clause=None, text="well"))
    state = world.state()
    convening = convening_of(agreement, state)
    assert only(convening.tallies).state is TallyState.FELL
    (finding,) = find_voting(agreement, state, convening)
    assert ("VOT-001", DOGWOOD, Effect.NOTE) == (finding.code, finding.party, finding.effect)


def test_members_alone_vote_and_the_roll_is_fixed_when_the_vote_opens() -> None:
    """Who joins later has no vote, who has left none any more, and neither is waited for by a share of all."""
    joined = {DOGWOOD: EARLY.plus(-1)}
    left = {CEDAR: EARLY.plus(1)}

    def members(party: Name, at: Instant) -> bool:
        return joined.get(party, at) <= at and at < left.get(party, AFTER)

    world = VotingWorld()
    proposal = opened(world)
    world.votes(proposal, agree=[ALDER, BIRCH, DOGWOOD])
    agreement = table(rule_of(ALL))
    open_ = only(tallies_of(agreement, world.state(EARLY), members=members))
    assert (TallyState.OPEN, (CEDAR,)) == (open_.state, open_.silent)
    world.votes(proposal, agree=[CEDAR], at=EARLY.plus(1))
    fell = only(tallies_of(agreement, world.state(), members=members))
    assert TallyState.FELL is fell.state
    world.votes(world.file(ALDER, motion("again"), START), agree=[ALDER, BIRCH, CEDAR])
    second = tallies_of(agreement, world.state(), members=members)[1]
    assert (TallyState.ADOPTED, EARLY) == (second.state, second.decided_at)


def test_silence_of_who_has_left_is_no_consent() -> None:
    """Under a tacit rule only members with a chain that holds consent by saying nothing."""
    rule = rule_of(ALL, tacit=True)
    world = VotingWorld()
    opened(world)

    def members(party: Name, at: Instant) -> bool:
        return party != CEDAR or at < CLOSE

    assert only(tallies_of(table(rule), world.state())).state is TallyState.ADOPTED
    assert only(tallies_of(table(rule), world.state(), members=members)).state is TallyState.FELL
    world.broken[BIRCH] = CLOSE
    assert only(tallies_of(table(rule), world.state())).state is TallyState.FELL


def test_an_objection_that_comes_too_late_is_silence() -> None:
    """One millisecond after the close nothing counts any more."""
    rule = rule_of(ALL, tacit=True)
    for at, expected in ((CLOSE, TallyState.FELL), (LATE, TallyState.ADOPTED)):
        world = VotingWorld()
        world.vote(BIRCH, opened(world), Choice.AGAINST, at)
        assert expected is only(tallies_of(table(rule), world.state())).state


def test_a_fork_undoes_no_vote_that_was_decided_before_it() -> None:
    """A broken chain takes its owner's vote away, but not after it has helped to decide."""
    for broken, expected in ((EARLY, TallyState.FELL), (EARLY.plus(1), TallyState.ADOPTED)):
        world = VotingWorld(broken={ALDER: broken})
        world.votes(opened(world), agree=[ALDER, BIRCH, CEDAR])
        assert expected is only(tallies_of(table(rule_of(MAJORITY)), world.state())).state


def test_the_accused_and_all_it_controls_have_no_vote_in_its_own_matter() -> None:
    """A motion about a finding is decided without the accused and its trust domain; other motions with them."""
    about = Digest("ab" * 32)
    agreement = table(rule_of(ALL), edges=(owns(ALDER, CEDAR),))
    world = VotingWorld()
    for name in ("about-alder", "about-nobody"):
        value = motion(name, about=about if name == "about-alder" else None)
        world.votes(world.file(BIRCH, value, START), agree=[BIRCH, DOGWOOD])
    first, second = tallies_of(agreement, world.state(), recused={about: frozenset({ALDER})})
    assert (TallyState.ADOPTED, TallyState.FELL) == (first.state, second.state)
    assert not set(first.silent) & {ALDER, CEDAR}


def test_only_its_proposer_withdraws_a_proposal_and_only_while_it_is_open() -> None:
    """A withdrawal by another is a finding; one at the instant of adoption comes first, one after it too late."""
    agreement = table(rule_of(MAJORITY))
    for by, at, expected in (
        (ALDER, EARLY, TallyState.WITHDRAWN),
        (ALDER, EARLY.plus(1), TallyState.ADOPTED),
        (BIRCH, EARLY.plus(-1), TallyState.ADOPTED),
    ):
        world = VotingWorld()
        proposal = opened(world)
        world.votes(proposal, agree=[ALDER, BIRCH, CEDAR])
        world.file(by, ProposalWithdrawal(proposal=proposal), at)
        state = world.state()
        convening = convening_of(agreement, state)
        assert expected is only(convening.tallies).state
        codes = [one.code for one in find_voting(agreement, state, convening)]
        assert (["VOT-005"] if by == BIRCH else []) == codes


VOID = {
    "no such motion": (motion("x", motion=Name("stop")), "there is no motion stop"),
    "no rule": (
        Proposal(name=Name("x"), kind=ProposalKind.TEXT, text=Digest("cd" * 32)),
        "no rule by which the table adopts a text",
    ),
    "no proposer": (motion("x"), "may not propose this"),
}


@pytest.mark.parametrize("what", VOID)
def test_a_proposal_that_breaks_a_rule_is_void_however_many_agree(what: str) -> None:
    """Nothing can be adopted that the table may not decide, or that its proposer may not propose."""
    value, why = VOID[what]
    agreement = table(rule_of(MAJORITY, proposers=Voters(parties=(ALDER,))))
    terms = agreement.convening
    assert terms is not None
    agreement = replace(agreement, convening=replace(terms, text_rule=None))
    world = VotingWorld()
    proposal = world.file(BIRCH if what == "no proposer" else ALDER, value, START)
    world.votes(proposal, agree=[ALDER, BIRCH, CEDAR, DOGWOOD])
    state = world.state()
    convening = convening_of(agreement, state)
    assert only(convening.tallies).state is TallyState.VOID
    assert why in only(convening.tallies).why
    assert ["VOT-004"] == [one.code for one in find_voting(agreement, state, convening)]


def test_without_a_table_every_proposal_is_void() -> None:
    """An agreement that has no table lets nobody decide anything."""
    world = VotingWorld()
    world.votes(opened(world), agree=[ALDER, BIRCH, CEDAR, DOGWOOD])
    tally = only(tallies_of(replace(table(rule_of(MAJORITY)), convening=None), world.state()))
    assert (TallyState.VOID, "the agreement has no table") == (tally.state, tally.why)


def test_of_two_texts_under_one_name_by_one_party_only_the_first_is_open() -> None:
    """The second is void and a finding; another party's text of that name keeps its votes, and is named too."""
    agreement = table(rule_of(MAJORITY))
    world = VotingWorld()
    for by, note in ((ALDER, "one"), (ALDER, "two"), (BIRCH, "three")):
        world.votes(world.file(by, motion(SHARED, note=note), START), agree=[ALDER, BIRCH, CEDAR])
    state = world.state()
    convening = convening_of(agreement, state)
    states = [tally.state for tally in convening.tallies]
    assert [TallyState.ADOPTED, TallyState.VOID, TallyState.ADOPTED] == states
    codes = [(one.code, one.party) for one in find_voting(agreement, state, convening)]
    assert [("VOT-003", ALDER), ("VOT-003", BIRCH), ("VOT-004", ALDER)] == codes


def test_votes_on_what_is_no_proposal_and_changed_votes_are_findings() -> None:
    """A vote on a digest that nobody filed names nothing; a second vote that differs is shown beside the first."""
    agreement = table(rule_of(MAJORITY))
    world = VotingWorld()
    world.vote(CEDAR, Digest("cd" * 32), Choice.FOR)
    proposal = opened(world)
    for choice in (Choice.FOR, Choice.FOR, Choice.ABSTAIN):
        world.vote(BIRCH, proposal, choice)
    state = world.state()
    codes = [(one.code, one.party) for one in find_voting(agreement, state, convening_of(agreement, state))]
    assert [("VOT-002", BIRCH), ("VOT-006", CEDAR)] == codes


def test_a_vote_that_was_logged_before_its_proposal_counts_from_its_opening() -> None:
    """Nobody can make a vote older than the vote itself, nor lose one by being early."""
    world = VotingWorld()
    proposal = opened(VotingWorld())
    for name in (BIRCH, CEDAR, DOGWOOD):
        world.vote(name, proposal, Choice.FOR, START.plus(-5))
    assert proposal == opened(world)
    tally = only(tallies_of(table(rule_of(MAJORITY)), world.state()))
    assert (TallyState.ADOPTED, START) == (tally.state, tally.decided_at)


def test_every_rule_of_voting_explains_itself() -> None:
    """Each code has its page: what it detects, why it matters, how to resolve it."""
    rules = [read_rule(rule) for rule in VOTING_RULES.values()]
    assert [*VOTING_RULES] == [rule.code for rule in rules]


acts = st.tuples(
    st.sampled_from((ALDER, BIRCH, CEDAR, DOGWOOD, ELM)),
    st.sampled_from(("for", "against", "abstain", "withdraw", "propose", "amend nothing")),
    st.integers(0, 3),
    st.sampled_from((START, EARLY, EARLY, EARLY.plus(1), CLOSE, LATE)),
)
rules = st.sampled_from(
    (
        rule_of(MAJORITY),
        rule_of(ALL),
        rule_of(MAJORITY, veto=Veto.CRITICAL),
        rule_of(ALL, tacit=True),
        rule_of(MAJORITY, tacit=True, veto=Veto.CRITICAL),
    )
)


def history(moves: list[tuple[Name, str, int, Instant]]) -> VotingWorld:
    """Return a log in which parties propose, vote and withdraw at random, in the order of time."""
    world = VotingWorld()
    proposals = [world.file(ALDER, motion("m0"), START), world.file(BIRCH, motion("m1"), START)]
    for by, act, which, at in sorted(moves, key=lambda move: move[3]):
        target = proposals[which % len(proposals)]
        if act == "propose":
            proposals.append(world.file(by, motion(f"m{which}"), at))
        elif act == "withdraw":
            world.file(by, ProposalWithdrawal(proposal=target), at)
        elif act in ("for", "against", "abstain"):
            world.file(by, Vote(proposal=target, choice=Choice(act)), at)
    return world


@settings(max_examples=80, deadline=None)
@given(
    moves=st.lists(acts, max_size=14),
    rule=rules,
    broken=st.dictionaries(
        st.sampled_from((ALDER, BIRCH, CEDAR)), st.sampled_from((START, EARLY, CLOSE)), max_size=2
    ),
)
def test_nothing_decided_is_undone_by_what_comes_later(
    moves: list[tuple[Name, str, int, Instant]], rule: object, broken: dict[Name, Instant]
) -> None:
    """What a reader of a shorter log finds decided, every reader of a longer one finds decided alike, to the word."""
    agreement = table(rule)  # type: ignore[arg-type]  # a rule
    world = history(moves)
    world.broken = broken
    whole = {tally.proposal.digest: tally for tally in tallies_of(agreement, world.state())}
    for at in (START, EARLY, EARLY.plus(1), CLOSE, LATE):
        for tally in tallies_of(agreement, world.state(at)):
            later = whole[tally.proposal.digest]
            if tally.state is TallyState.OPEN:
                assert later.decided_at is None or later.decided_at > at
            else:
                assert (tally.state, tally.decided_at) == (later.state, later.decided_at)
                assert (tally.agreed, tally.opposed, tally.why) == (later.agreed, later.opposed, later.why)


@settings(max_examples=60, deadline=None)
@given(moves=st.lists(acts, max_size=10), rule=rules, order=st.randoms(use_true_random=False))
def test_the_order_inside_a_batch_decides_nothing(
    moves: list[tuple[Name, str, int, Instant]], rule: object, order: object
) -> None:
    """Statements of different parties proven at one instant may stand in any order: every outcome is the same.

    Those of one party keep their order, which the log's operator cannot choose.
    """
    agreement = table(rule)  # type: ignore[arg-type]  # a rule
    world = history(moves)
    shuffled = list(world.filed)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    ranks: dict[tuple[Name, Instant], list[int]] = {}
    for one in world.filed:
        ranks.setdefault((one.party, one.not_after), []).append(one.sequence)
    by_place = {(one.party, one.sequence): one for one in world.filed}
    again = [by_place[(one.party, ranks[(one.party, one.not_after)].pop(0))] for one in shuffled]
    found = {
        t.proposal.digest: (t.state, t.decided_at, t.agreed) for t in tallies_of(agreement, world.state())
    }
    other = {
        t.proposal.digest: (t.state, t.decided_at, t.agreed)
        for t in tallies_of(agreement, state_of(again, {}, AFTER))
    }
    assert found == other


def test_the_fold_says_since_when_a_chain_is_broken() -> None:
    """A fork that is proven later leaves what its owner filed before it as it was, until that instant."""
    world = World()
    for _ in range(3):
        world.file(ALDER, Vote(proposal=Digest("ab" * 32), choice=Choice.FOR), predicate="vote")
    entries = [entry for entry in world.entries() if entry.statement.header.party == ALDER]
    last, before = entries[-1], entries[-2].statement.header
    header = replace(last.statement.header, sequence=before.sequence, previous=before.previous)
    forked = replace(last, statement=replace(last.statement, header=header))
    entries = [replace(one, index=index) for index, one in enumerate([*entries[:-1], forked])]
    fault = ChainFault(
        kind=ChainFaultKind.FORK, party=ALDER, entry_index=len(entries) - 1, rests_on=(0,), text="forked"
    )
    state = fold(entries, chain_faults=(fault,), at=AFTER.plus(10**12))
    broken = entries[-1].not_after
    assert {ALDER: broken} == state.broken_at
    assert broken is not None
    assert (True, False) == (state.is_trusted(ALDER, broken.plus(-1)), state.is_trusted(ALDER, broken))
