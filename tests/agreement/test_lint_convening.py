"""Lint of the table: who can decide alone, what silence decides, and rules that decide nothing."""

from dataclasses import replace

from allstop.agreement import AllOf, BlocsAtLeast, ShareAtLeast, Voters, lint
from allstop.agreement._agreement import Agreement
from allstop.ids import Name
from voting_world import ALDER, BIRCH, CEDAR, DOGWOOD, MAJORITY, members_of, owns, rule_of, table


def found(value: Agreement) -> list[tuple[str, str]]:
    """Return what lint says of the table."""
    return [(one.code, one.text) for one in lint(value, {}) if one.code >= "AGR-060"]


def test_a_rule_that_one_bloc_can_meet_is_named() -> None:
    """Three of four in one bloc are a majority by themselves; asking for two blocs mends it."""
    three = members_of(("north", "south", "north", "north"))
    (one,) = found(table(rule_of(MAJORITY), parties=three))
    assert one[0] == "AGR-060"
    assert "bloc north can meet it alone" in one[1]
    both = rule_of(AllOf(of=(MAJORITY, BlocsAtLeast(count=2, ppm=1))))
    assert [] == found(table(both, parties=three))
    assert [] == found(table(rule_of(MAJORITY)))


def test_a_company_abroad_does_not_make_a_second_bloc() -> None:
    """A voter that another bloc owns counts with its owner, so that it hides nothing from this rule."""
    owned = table(rule_of(ShareAtLeast(ppm=750_000)), edges=(owns(ALDER, DOGWOOD),))
    assert [] == found(owned)
    loose = table(rule_of(ShareAtLeast(ppm=660_000)), edges=(owns(ALDER, DOGWOOD),))
    assert ["AGR-060"] == [code for code, _ in found(loose)]


def test_a_rule_of_one_bloc_alone_is_meant_so() -> None:
    """Where only one bloc may vote there is nobody else to ask."""
    rule = rule_of(MAJORITY, voters=Voters(parties=(ALDER, CEDAR)))
    assert [] == found(table(rule))


def test_silence_that_anybody_may_ask_for_is_named() -> None:
    """With named proposers, or without silence, there is nothing to say."""
    everyone = ShareAtLeast(ppm=1_000_000)
    assert ["AGR-061"] == [code for code, _ in found(table(rule_of(everyone, tacit=True)))]
    assert [] == found(table(rule_of(everyone, tacit=True, proposers=Voters(parties=(BIRCH,)))))


def test_a_rule_that_nothing_uses_is_named() -> None:
    """Neither a motion nor texts nor amendments are decided by it."""
    plain = table(rule_of(MAJORITY))
    assert plain.convening is not None
    spare = replace(plain.convening.rules[0], name=Name("spare"))
    value = replace(plain, convening=replace(plain.convening, rules=(*plain.convening.rules, spare)))
    assert [("AGR-062", "voting rule spare decides no motion, text or amendment")] == found(value)
