"""Nothing is gained by adding: statements that contradict, move or rename what was filed before."""

from dataclasses import replace

import pytest

from agreement_examples import clause
from allstop.accountancy import Verdict
from allstop.agreement import ObligationKind, PartyKind
from allstop.ids import Name
from verdict_world import BIRCH, DOGWOOD, FAST, HALL, SLOW, START, World, chip_type, honest

FAST_FLOP = 2 * 10**15 * 3600
"""What one fast chip can do in the hour."""


def test_an_operator_alone_does_not_convict_its_tenant() -> None:
    """Alder declares a forbidden run of Birch, which Birch has not signed: that is Alder's word, not Birch's."""
    bound = (clause("3.1", ObligationKind.PROHIBIT, tolerance=10**24 + 1, parties=(BIRCH,)),)
    world = honest(obligations=bound)
    parties = tuple(
        replace(party, kind=PartyKind.TENANT) if party.id == BIRCH else party
        for party in world.agreement.parties
    )
    world.agreement = replace(world.agreement, parties=parties)
    close = world.filings.pop()
    world.job("false", 8, 16, flop=10**25, signers=())
    world.filings.append(close)
    world.close(BIRCH)
    (clause_of_birch,) = [one for party in world.judge().parties for one in party.clauses]
    assert (BIRCH, Verdict.UNDETERMINED) == (clause_of_birch.party, clause_of_birch.verdict)
    world.filings[-3] = replace(world.filings[-3], signers=world.filings[-3].signers | {BIRCH})
    (clause_of_birch,) = [one for party in world.judge().parties for one in party.clauses]
    assert Verdict.INCONSISTENT is clause_of_birch.verdict


def test_nobody_takes_over_a_site_where_another_has_registered_chips() -> None:
    """Chips registered at a site that was not declared stay in the accounts when a friend declares the site."""
    world = World()
    world.site(Name("hall-0"))
    world.chips(16)
    before = world.judge()
    world.site(HALL, DOGWOOD)
    after = world.judge()
    assert before.room_flop == after.room_flop
    assert "STM-004" in {finding.code for finding in after.findings}


@pytest.mark.parametrize(
    ("before", "after", "capacity"),
    [
        ((), (), 16 * FAST_FLOP),
        (((16, FAST),), (), 32 * FAST_FLOP),
        ((), ((16, FAST),), 16 * FAST_FLOP),
        ((), ((16, SLOW),), 16 * FAST_FLOP),
        (((16, SLOW),), (), 32 * FAST_FLOP),
        (((16, FAST),), ((40, FAST),), 40 * FAST_FLOP),
    ],
)
def test_chips_do_not_vanish_into_a_lot_of_the_same_name(
    before: tuple[tuple[int, Name], ...], after: tuple[tuple[int, Name], ...], capacity: int
) -> None:
    """What arrives adds to what the lot there held; what is registered there later may be the same chips."""
    world = World()
    world.clock = START.plus(-3_600_000)
    there = Name("hall-2")
    world.site()
    world.site(there)
    world.chips(16)
    for count, kind in before:
        world.chips(count, site=there, kind=kind)
    world.transfer(16)
    for count, kind in after:
        world.chips(count, site=there, kind=kind)
    assert capacity == world.judge().room_flop[0]


def test_a_rival_that_sends_a_chip_does_not_change_the_type_of_a_lot() -> None:
    """Dogwood alone says that one chip of a type that never idles went to Alder's lot."""
    world = honest()
    eager = chip_type("eager", 4 * 10**15, floor=0, idle=0)
    world.table = replace(world.table, chips=(eager, *world.table.chips))
    close = world.filings.pop()
    world.site(Name("hall-9"), DOGWOOD)
    world.transfer(1, party=DOGWOOD, from_site=Name("hall-9"), to_site=HALL, chip_type=Name("eager"))
    world.filings.append(close)
    assert Verdict.INCONSISTENT is not world.judge().verdict


@pytest.mark.parametrize(("floor", "idle"), [(160_000, 900_000), (160_000, 340_000), (0, 0)])
def test_a_second_registration_does_not_make_work_look_idle(floor: int, idle: int) -> None:
    """A busy hour that nobody declared stays one when the lot is registered again as a faster type."""
    world = honest()
    world.table = replace(
        world.table, chips=(*world.table.chips, chip_type("z", 4 * 10**15, floor=floor, idle=idle))
    )
    del world.filings[6]
    before = world.judge()
    close = world.filings.pop()
    world.chips(kind=Name("z"))
    world.filings.append(close)
    after = world.judge()
    assert Verdict.INCONSISTENT is before.verdict is after.verdict
    assert after.room_flop >= before.room_flop
    assert ["REG-003"] == [one.code for one in after.findings if one.code.startswith("REG")]


def test_a_second_registration_does_not_lower_what_energy_allows() -> None:
    """A type that is faster but needs more energy for an operation gives no less room than the first alone."""
    world = honest()
    hungry = replace(chip_type("z", 4 * 10**15, floor=0), joule_per_flop_min_attojoule=10**7)
    world.table = replace(world.table, chips=(*world.table.chips, hungry))
    before = world.judge()
    close = world.filings.pop()
    world.chips(kind=Name("z"))
    world.filings.append(close)
    after = world.judge()
    assert after.room_flop[0] >= before.room_flop[0]
    assert after.room_flop[1] >= before.room_flop[1]
