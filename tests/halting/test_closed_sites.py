"""Closed sites: their capacity counts in the room to hide, whatever is registered, and nobody else's word changes it."""

import pytest

from allstop.accountancy import Verdict
from allstop.agreement import ObligationKind
from allstop.halting import ClosedSite
from allstop.ids import Name
from allstop.times import HOUR_MS
from allstop.verdict import CaseVerdict
from verdict_world import ALDER, BIRCH, FAST, HALL, SLOW, World, honest

VAULT = Name("vault")
FAST_FLOP_PER_SECOND, SLOW_FLOP_PER_SECOND = 2 * 10**15, 10**14
SECONDS = HOUR_MS // 1000


def closing(world: World, *capacity: tuple[Name, int], site: Name = VAULT, party: Name = ALDER) -> int:
    """File that a site is closed and holds at most these chips."""
    value = ClosedSite(site=site, reason="secret", access="power at the fence", capacity=capacity)
    return world.file(party, value)


def room(verdict: CaseVerdict, site: Name = VAULT) -> int:
    """Return the room to hide at one site, 0 if there is no such site."""
    return sum(one.room_flop[0] for one in verdict.sites if one.site == site)


def test_a_closed_site_counts_in_full() -> None:
    """Sixty-four chips that nobody sees could have worked all hour: that is the room that the party gains."""
    world = honest()
    before = world.judge()
    closing(world, (FAST, 64))
    after = world.judge()
    expected = 64 * FAST_FLOP_PER_SECOND * SECONDS
    assert expected == room(after)
    assert before.room_flop[0] + expected == after.room_flop[0]
    party_before, party_after = before.parties[0].room_flop, after.parties[0].room_flop
    assert party_before is not None
    assert party_before + expected == party_after


def test_a_closed_site_is_unobserved() -> None:
    """Its chip-time counts under the clause that every chip is metered: what was CONSISTENT no longer is."""
    world = honest()
    closing(world, (FAST, 64))
    (found,) = (one for one in world.judge().parties[0].clauses if one.kind is ObligationKind.METER)
    assert Verdict.UNDETERMINED is found.verdict
    assert found.high is not None
    assert 64 * HOUR_MS <= found.high


@pytest.mark.parametrize(
    ("registered", "closed", "expected"), [(8, 64, 64), (64, 8, 64), (0, 8, 8), (8, 8, 8)]
)
def test_the_larger_of_registered_and_closed_counts(registered: int, closed: int, expected: int) -> None:
    """Neither a short register nor a modest statement hides what the other names."""
    world = honest()
    world.site(VAULT)
    if registered:
        world.chips(registered, lot=Name("vault-lot"), site=VAULT)
    closing(world, (FAST, closed))
    assert expected * FAST_FLOP_PER_SECOND * SECONDS == room(world.judge())


def test_a_second_statement_raises_and_never_lowers() -> None:
    """Of each type the largest number that was ever stated counts."""
    world = honest()
    closing(world, (FAST, 8), (SLOW, 8))
    closing(world, (FAST, 2), (SLOW, 16))
    expected = (8 * FAST_FLOP_PER_SECOND + 16 * SLOW_FLOP_PER_SECOND) * SECONDS
    assert expected == room(world.judge())


def test_closing_a_site_that_is_measured_takes_nothing_out() -> None:
    """Statements about a hall that is metered change nothing there but what they add."""
    world = honest()
    before = world.judge()
    closing(world, (FAST, 16), site=HALL)
    assert room(before, HALL) == room(world.judge(), HALL)
    closing(world, (FAST, 17), site=HALL)
    assert room(before, HALL) + FAST_FLOP_PER_SECOND * SECONDS == room(world.judge(), HALL)


def test_a_rival_closes_nobody_elses_site() -> None:
    """What Birch says of a hall of Alder gives it no chips; a site that only Birch names is Birch's own."""
    world = honest()
    before = world.judge()
    closing(world, (FAST, 1000), site=HALL, party=BIRCH)
    after = world.judge()
    assert room(before, HALL) == room(after, HALL)
    closing(world, (FAST, 1000), party=BIRCH)
    assert [BIRCH] == [one.operator for one in world.judge().sites if one.site == VAULT]
    assert before.parties[0].room_flop == world.judge().parties[0].room_flop


def test_an_unknown_type_counts_as_the_worst_of_all() -> None:
    """A name that no table has is no way to be slow."""
    world = honest()
    closing(world, (Name("prototype"), 8))
    assert 8 * FAST_FLOP_PER_SECOND * SECONDS <= room(world.judge())
