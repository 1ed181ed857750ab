"""No coalition below the rule can adopt anything: every subset of voters, every way of voting, small tables.

The reference below counts in plain words and shares no code with the program.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from allstop.agreement import (
    Agreement,
    Agrees,
    AllOf,
    AnyOf,
    AtLeast,
    BlocAtLeast,
    BlocsAtLeast,
    CriticalAll,
    Edge,
    Relation,
    ShareAtLeast,
    Veto,
    VotingRule,
)
from allstop.convening import Choice, Vote
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.standing import Tally, TallyState, tallies_of
from voting_world import (
    ALDER,
    BIRCH,
    CEDAR,
    CLOSE,
    DOGWOOD,
    EARLY,
    LATE,
    MAJORITY,
    START,
    VotingWorld,
    motion,
    owns,
    rule_of,
    table,
)

VOTERS = (ALDER, BIRCH, CEDAR, DOGWOOD)
BLOC = {ALDER: "north", BIRCH: "south", CEDAR: "north", DOGWOOD: "south"}
CRITICAL = {ALDER, BIRCH}
NAMES = frozenset[Name]

ACTS = {
    "silent": (),
    "for at the last instant": ((Choice.FOR, CLOSE),),
    "for too late": ((Choice.FOR, LATE),),
    "abstain": ((Choice.ABSTAIN, EARLY),),
    "for, then against": ((Choice.FOR, EARLY), (Choice.AGAINST, EARLY)),
    "against, then for": ((Choice.AGAINST, EARLY), (Choice.FOR, EARLY)),
}
"""What a voter may do; two votes are filed one after another and proven in one batch."""

MEANS = {
    "silent": "silent",
    "for at the last instant": "for",
    "for too late": "silent",
    "abstain": "abstain",
    "for, then against": "for",
    "against, then for": "against",
}
"""What each way of voting comes to: the first vote by the close counts."""


def majority(yes: NAMES) -> bool:
    """Tell whether more than half of the four agree."""
    return len(yes) > 2


def each_bloc(yes: NAMES) -> bool:
    """Tell whether more than half of each bloc of two agree: both of both."""
    return {ALDER, CEDAR} <= yes and {BIRCH, DOGWOOD} <= yes


@dataclass(frozen=True)
class Case:
    """A rule, and in plain words when it is met by those who agree."""

    rule: VotingRule
    meets: Callable[[NAMES], bool]


RULES = {
    "unanimity": Case(rule_of(ShareAtLeast(ppm=1_000_000)), lambda yes: len(yes) == 4),
    "k of n": Case(
        rule_of(AtLeast(count=2, of=(Agrees(party=ALDER), Agrees(party=BIRCH), Agrees(party=CEDAR)))),
        lambda yes: len(yes & {ALDER, BIRCH, CEDAR}) >= 2,
    ),
    "majority": Case(rule_of(MAJORITY), majority),
    "two thirds": Case(rule_of(ShareAtLeast(ppm=666_666)), lambda yes: 3 * len(yes) >= 2 * 4),
    "double majority": Case(
        rule_of(AllOf(of=(MAJORITY, BlocsAtLeast(count=2, ppm=500_001)))),
        lambda yes: majority(yes) and each_bloc(yes),
    ),
    "one of each bloc": Case(
        rule_of(
            AllOf(of=(BlocAtLeast(bloc=Name("north"), count=1), BlocAtLeast(bloc=Name("south"), count=1)))
        ),
        lambda yes: bool(yes & {ALDER, CEDAR}) and bool(yes & {BIRCH, DOGWOOD}),
    ),
    "all critical": Case(rule_of(CriticalAll()), lambda yes: yes >= CRITICAL),
    "critical or three": Case(
        rule_of(AnyOf(of=(CriticalAll(), ShareAtLeast(ppm=750_000)))),
        lambda yes: yes >= CRITICAL or len(yes) >= 3,
    ),
    "majority with a veto": Case(rule_of(MAJORITY, veto=Veto.CRITICAL), majority),
    "tacit": Case(rule_of(ShareAtLeast(ppm=1_000_000), tacit=True), lambda yes: len(yes) == 4),
    "tacit with a veto": Case(rule_of(MAJORITY, tacit=True, veto=Veto.CRITICAL), majority),
}


def hold(agreement: Agreement, ways: Sequence[dict[Name, str]]) -> tuple[Tally, ...]:
    """Let everybody vote once in each of these ways, on a motion each, and return what came of the motions."""
    world = VotingWorld()
    proposals = [world.file(ALDER, motion(f"motion-{number}"), START) for number in range(len(ways))]
    for at in (EARLY, CLOSE, LATE):
        for proposal, acts in zip(proposals, ways, strict=True):
            for name, act in acts.items():
                for choice, moment in ACTS[act]:
                    if moment == at:
                        world.file(name, Vote(proposal=proposal, choice=choice), at)
    return tallies_of(agreement, world.state())


def expected(case: Case, acts: dict[Name, str]) -> TallyState:
    """Return what the plain words lead to."""
    means = {name: MEANS[act] for name, act in acts.items()}
    yes = {name for name, said in means.items() if said == "for"}
    if case.rule.tacit:
        yes |= {name for name, said in means.items() if said == "silent"}
    if case.rule.veto is Veto.CRITICAL and any(means[name] == "against" for name in CRITICAL):
        return TallyState.FELL
    return TallyState.ADOPTED if case.meets(frozenset(yes)) else TallyState.FELL


def all_ways(voters: Sequence[Name], others: str) -> list[dict[Name, str]]:
    """Return every way in which these voters may act while all others do one thing."""
    rest = dict.fromkeys(VOTERS, others)
    return [
        rest | dict(zip(voters, chosen, strict=True))
        for chosen in itertools.product(ACTS, repeat=len(voters))
    ]


@pytest.mark.parametrize("name", RULES)
def test_every_way_of_voting_has_the_outcome_that_words_give(name: str) -> None:
    """Four voters, six ways each, every rule: the program agrees with the plain reference."""
    case = RULES[name]
    ways = all_ways(VOTERS, "silent")
    for acts, tally in zip(ways, hold(table(case.rule), ways), strict=True):
        assert expected(case, acts) is tally.state, acts


@pytest.mark.parametrize("others", ["against, then for", "abstain"])
@pytest.mark.parametrize("name", RULES)
def test_no_coalition_below_the_rule_adopts_anything(name: str, others: str) -> None:
    """A coalition that does not meet the rule by itself may vote as it likes, twice and late: nothing is adopted.

    Every subset of the voters is tried, in every way of voting, while the others object or abstain.
    """
    case = RULES[name]
    ways = [
        acts
        for size in range(len(VOTERS))
        for members in itertools.combinations(VOTERS, size)
        if not case.meets(frozenset(members))
        for acts in all_ways(members, others)
    ]
    assert len(ways) > 1
    assert not [tally for tally in hold(table(case.rule), ways) if tally.state is TallyState.ADOPTED]


@pytest.mark.parametrize("name", RULES)
def test_whoever_meets_the_rule_adopts(name: str) -> None:
    """Every coalition that meets the rule does adopt, if nobody with a veto objects: the test above is no accident."""
    case = RULES[name]
    groups = [
        members
        for size in range(1, len(VOTERS) + 1)
        for members in itertools.combinations(VOTERS, size)
        if case.meets(frozenset(members))
    ]
    ways = [
        dict.fromkeys(VOTERS, "abstain") | dict.fromkeys(members, "for, then against") for members in groups
    ]
    assert {TallyState.ADOPTED} == {tally.state for tally in hold(table(case.rule), ways)}


COUNTED = ("majority", "two thirds", "one of each bloc", "double majority", "unanimity")


def voices(agree: NAMES, edges: tuple[tuple[Name, Name], ...]) -> set[frozenset[Name]]:
    """Return the voices that agree, found by merging sets until nothing changes."""
    groups = [{name} for name in VOTERS]
    for _ in VOTERS:
        for one, other in edges:
            joined = [group for group in groups if one in group or other in group]
            groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return {frozenset(group) for group in groups if group <= agree}


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize(
    "pairs",
    [
        ((ALDER, CEDAR),),
        ((ALDER, BIRCH),),
        ((ALDER, CEDAR), (BIRCH, DOGWOOD)),
        ((ALDER, CEDAR), (CEDAR, DOGWOOD)),
    ],
    ids=["in one bloc", "across blocs", "two owners", "a chain of owners"],
)
def test_a_party_that_is_controlled_adds_no_voice(name: str, pairs: tuple[tuple[Name, Name], ...]) -> None:
    """With owners, votes are counted as voices: a reference that merges sets finds the same outcome.

    A voice agrees only if all its parties do, and speaks for the bloc of the party at its head.
    """
    edges = tuple(owns(one, other) for one, other in pairs)
    heads = frozenset(VOTERS) - {other for _, other in pairs}

    def homes(found: set[frozenset[Name]]) -> list[str]:
        return [BLOC[next(iter(voice & heads))] for voice in found]

    everyone = voices(frozenset(VOTERS), pairs)
    total, of_bloc = len(everyone), Counter(homes(everyone))
    try:
        agreement = table(RULES[name].rule, edges=edges)
    except MalformedError:  # the rule can no longer be met at all, and is refused where the agreement is made
        assert name in ("one of each bloc", "double majority")
        assert len(of_bloc) < 2
        return
    groups = [
        frozenset(members)
        for size in range(len(VOTERS) + 1)
        for members in itertools.combinations(VOTERS, size)
    ]
    ways = [
        dict.fromkeys(VOTERS, "silent") | dict.fromkeys(members, "for, then against") for members in groups
    ]
    for members, tally in zip(groups, hold(agreement, ways), strict=True):
        found = voices(members, pairs)
        agreed = Counter(homes(found))
        wanted = {
            "majority": len(found) * 2 > total,
            "two thirds": len(found) * 3 >= total * 2,
            "unanimity": len(found) == total,
            "one of each bloc": len(agreed) == 2,
            "double majority": len(found) * 2 > total
            and sum(agreed[bloc] * 2 > of_bloc[bloc] for bloc in of_bloc) >= 2,
        }[name]
        assert wanted is (tally.state is TallyState.ADOPTED), (members, pairs)


def test_an_edge_of_rent_makes_nobody_one() -> None:
    """Only who owns, operates or answers for another is one with it; a tenant has a vote of its own."""
    rents = Edge(source=CEDAR, relation=Relation.RENTS, target=ALDER)
    acts = dict.fromkeys(VOTERS, "silent") | dict.fromkeys((ALDER, BIRCH, CEDAR), "for, then against")
    (tally,) = hold(table(RULES["majority"].rule, edges=(rents,)), [acts])
    assert (TallyState.ADOPTED, EARLY) == (tally.state, tally.decided_at)
