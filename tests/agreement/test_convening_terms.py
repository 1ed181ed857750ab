"""Terms of the table: rules that can work, selections, voices and blocs, and the TOML that people write."""

import json
import re
from dataclasses import replace

import pytest

from agreement_examples import agreement, template
from allstop.agreement import (
    Agrees,
    AllOf,
    BlocAtLeast,
    BlocsAtLeast,
    CriticalAll,
    Edge,
    KindAtLeast,
    Motion,
    PartyKind,
    Relation,
    Seat,
    SeatAtLeast,
    ShareAtLeast,
    Veto,
    Voters,
    electorate_of,
    find_missing,
    format_agreement,
    is_adopted,
    parse_agreement,
    parse_agreement_toml,
    trust_domain,
)
from allstop.convening import PROPOSAL_PREDICATE, VOTE_PREDICATE
from allstop.errors import MalformedError
from allstop.ids import Name
from source_tree import ROOT
from voting_world import ALDER, BIRCH, CEDAR, DOGWOOD, MAJORITY, members_of, owns, rule_of, table

SPEC = (ROOT / "spec" / "convening.md").read_text("utf-8")
NORTH = Name("north")


def test_an_agreement_with_a_table_survives_its_own_encoding() -> None:
    """Every leaf and selection comes back; without a table the text has no such key."""
    leaves = (
        Agrees(party=ALDER),
        CriticalAll(),
        BlocAtLeast(bloc=NORTH, count=1),
        KindAtLeast(kind=PartyKind.STATE, count=2),
        ShareAtLeast(ppm=1),
        BlocsAtLeast(count=2, ppm=1_000_000),
    )
    seated = tuple(replace(one, seat=Seat.OFFICIAL) for one in members_of())
    rule = rule_of(
        AllOf(of=(*leaves, SeatAtLeast(seat=Seat.OFFICIAL, count=1))), veto=Veto.CRITICAL, tacit=True
    )
    whole = table(rule, parties=seated)
    assert whole == parse_agreement(format_agreement(whole))
    assert b"convening" not in format_agreement(agreement())
    assert b"seat" not in format_agreement(agreement())


WRONG = {
    "a stranger votes": (rule_of(MAJORITY, voters=Voters(parties=(Name("fir"),))), "fir among its voters"),
    "a stranger proposes": (
        rule_of(MAJORITY, proposers=Voters(parties=(Name("fir"),))),
        "fir among its proposers",
    ),
    "nobody votes": (rule_of(MAJORITY, voters=Voters(seats=(Seat.ADVOCACY,))), "has no voters"),
    "nobody proposes": (rule_of(MAJORITY, proposers=Voters(blocs=(Name("west"),))), "has no proposers"),
    "it waits for a stranger": (rule_of(Agrees(party=Name("fir"))), "waits for fir"),
    "it waits for who has no vote": (
        rule_of(CriticalAll(), voters=Voters(parties=(ALDER, CEDAR))),
        "waits for birch, who may not vote",
    ),
    "nobody has the veto": (
        rule_of(MAJORITY, veto=Veto.CRITICAL, voters=Voters(parties=(CEDAR, DOGWOOD))),
        "and none may vote",
    ),
    "more than there are": (rule_of(BlocAtLeast(bloc=NORTH, count=3)), "asks for 3 voices of bloc north"),
    "more blocs than there are": (rule_of(BlocsAtLeast(count=3, ppm=1)), "could adopt nothing"),
    "a class that nobody is of": (rule_of(SeatAtLeast(seat=Seat.SCIENTIST, count=1)), "could adopt nothing"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_rule_that_cannot_work_is_refused(what: str) -> None:
    """Where the agreement is made, by the rule's name, and with the reason."""
    rule, told = WRONG[what]
    with pytest.raises(MalformedError, match=told):
        table(rule)


def test_a_motion_needs_a_rule_and_names_are_given_once() -> None:
    """A motion without a rule could never be decided."""
    terms = table(rule_of(MAJORITY)).convening
    assert terms is not None
    for wrong, told in (
        ({"motions": (Motion(name=Name("lift"), rule=Name("none")),)}, "no voting rule has the name none"),
        ({"amendment_rule": Name("none")}, "no voting rule has the name none"),
        ({"rules": terms.rules * 2}, "voting rule rule is listed twice"),
        ({"motions": terms.motions * 2}, "motion start is listed twice"),
        ({"amendment_lead_ms": -1}, "lead time of an amendment"),
    ):
        with pytest.raises(MalformedError, match=told):
            replace(terms, **wrong)


def test_a_selection_takes_whoever_fits_all_of_its_lists() -> None:
    """An empty list asks for nothing; four empty lists mean everybody."""
    parties = tuple(replace(one, seat=Seat.COMPANY if one.id == CEDAR else None) for one in members_of())
    for voters, expected in (
        (Voters(), (ALDER, BIRCH, CEDAR, DOGWOOD)),
        (Voters(blocs=(NORTH,)), (ALDER, CEDAR)),
        (Voters(blocs=(NORTH,), seats=(Seat.COMPANY,)), (CEDAR,)),
        (Voters(kinds=(PartyKind.OBSERVER,)), ()),
        (Voters(parties=(BIRCH, DOGWOOD), kinds=(PartyKind.STATE,)), (BIRCH, DOGWOOD)),
    ):
        assert expected == tuple(one.id for one in parties if voters.holds(one))


def test_a_trust_domain_is_all_that_own_operate_or_answer_for_one_another() -> None:
    """Over any number of steps and in either direction; renting joins nobody."""
    edges = (
        owns(ALDER, CEDAR),
        Edge(source=DOGWOOD, relation=Relation.RESPONSIBLE_FOR, target=CEDAR),
        Edge(source=BIRCH, relation=Relation.RENTS, target=ALDER),
    )
    whole = table(rule_of(MAJORITY), edges=edges)
    assert {ALDER, CEDAR, DOGWOOD} == trust_domain(whole, CEDAR)
    assert {BIRCH} == trust_domain(whole, BIRCH)


def test_a_voice_speaks_for_the_bloc_of_whoever_controls_it() -> None:
    """A company in another bloc adds nothing there; with two owners of different blocs a voice is of none."""
    formula = BlocAtLeast(bloc=Name("south"), count=1)
    owned = table(rule_of(MAJORITY), edges=(owns(ALDER, DOGWOOD),))
    both = (ALDER, CEDAR, DOGWOOD)
    assert not is_adopted(formula, electorate_of(owned, Voters()), {*both})
    assert is_adopted(formula, electorate_of(owned, Voters()), {BIRCH})
    shared = table(rule_of(MAJORITY), edges=(owns(ALDER, DOGWOOD), owns(BIRCH, DOGWOOD)))
    assert not is_adopted(formula, electorate_of(shared, Voters()), {ALDER, BIRCH, DOGWOOD})
    assert find_missing(formula, electorate_of(shared, Voters()), {ALDER, BIRCH, DOGWOOD})[0].found == 0


def test_two_thirds_is_exact_for_every_number_of_parties() -> None:
    """666666 ppm is two thirds and 500001 ppm more than half, up to the largest number of parties."""
    for total in range(1, 257):
        for ppm, wanted in ((666_666, -(-2 * total // 3)), (500_001, total // 2 + 1)):
            assert wanted == -(-total * ppm // 1_000_000), (total, ppm)


def blocks(mark: str) -> list[str]:
    """Return the examples of the page that are written in one language."""
    return re.findall(rf"^```{mark}\n(.*?)^```$", SPEC, re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_specification_are_in_the_form_that_it_says() -> None:
    """The table of the page makes an agreement, and its statements are statements."""
    (toml,) = blocks("toml")
    text = (ROOT / "src/allstop/agreements/retrospective.toml").read_text("utf-8")
    for old, new in (
        ('kind = "operator"\nbloc = "north"', 'kind = "state"\nbloc = "north"'),
        ('kind = "tenant"\nbloc = "north"', 'kind = "state"\nbloc = "south"'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    parsed = parse_agreement_toml(f"{text}\n{toml}", template=True)
    assert parsed.convening is not None
    assert ["both-sides", "silence"] == [rule.name for rule in parsed.convening.rules]
    proposal, vote, _ = map(json.loads, blocks("json"))
    assert proposal == PROPOSAL_PREDICATE.format(PROPOSAL_PREDICATE.parse(proposal))
    assert vote == VOTE_PREDICATE.format(VOTE_PREDICATE.parse(vote))


def test_a_template_without_a_table_has_none() -> None:
    """What is not agreed is absent, not empty."""
    assert template("retrospective").convening is None
