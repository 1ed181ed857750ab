"""Nothing is gained by leaving out: statements, blobs, and pairs of them (DESIGN sections 3 and 6)."""

from dataclasses import replace
from itertools import combinations

import pytest

from allstop.accountancy import Verdict
from allstop.case import ChainFault, ChainFaultKind
from allstop.finding import Channel, ChipRange
from allstop.ids import Name
from allstop.times import HOUR_MS
from allstop.verdict import CaseVerdict
from verdict_world import ALDER, BIRCH, CEDAR, START, STEP_MS, World, honest, power, series_of, terms


def counter(level: int) -> World:
    """Return the honest world with busy counters of the operator over both servers besides."""
    world = honest()
    close = world.filings.pop()
    for name, first, share in (("busy-1", 0, level), ("busy-2", 8, 0)):
        times = list(range(0, HOUR_MS + 1, STEP_MS))
        readings = series_of(times, [8 * ms * share // 100 for ms in times])
        world.meter(name, first, first + 8, channel=Channel.BUSY)
        world.measure(name, readings, channel=Channel.BUSY)
    world.filings.append(close)
    return world


def watched(level: str, liars: int = 0) -> World:
    """Return the honest world with a verifier's meter over the second server."""
    world = honest(verification=terms().verification)
    close = world.filings.pop()
    world.meter("eye", 8, 16, party=CEDAR)
    world.measure("eye", power(level, 77), party=CEDAR)
    world.filings.append(close)
    return world


def undeclared() -> World:
    """Return a site that is busy without any declaration."""
    world = honest()
    del world.filings[6]
    return world


def in_parts() -> World:
    """Return the honest world with the busy hour in three series, of which the second shows a peak."""
    world = honest()
    close, job = world.filings.pop(), world.filings.pop()
    del world.filings[4]
    third = HOUR_MS // 3
    world.measure("node-1", power("idle", 3, last=third))
    world.measure("node-1", power("busy", 4, first=third, last=2 * third))
    world.measure("node-1", power("idle", 5, first=2 * third))
    world.filings += [job, close]
    return world


def in_force() -> World:
    """Return the honest world under an agreement that binds before the hour begins, with a day for everything."""
    world = honest()
    clauses = tuple(replace(one, timeliness_ms=24 * HOUR_MS) for one in world.agreement.obligations)
    entry = replace(world.agreement.entry, deadline=START, lead_ms=0)
    world.agreement = replace(world.agreement, obligations=clauses, entry=entry)
    for party in (ALDER, BIRCH):
        world.file(party, None, predicate="deposit", body={"deadlineSeen": None}, at=START.plus(-HOUR_MS))
        world.filings.insert(0, world.filings.pop())
    return world


WORLDS = {
    "honest": honest(),
    "in force": in_force(),
    "busy counter that agrees": counter(90),
    "busy counter that contradicts": counter(0),
    "verifier that agrees": watched("idle"),
    "verifier that contradicts": watched("busy"),
    "undeclared": undeclared(),
    "in parts": in_parts(),
}

RANK = {Verdict.INCONSISTENT: 0, Verdict.UNDETERMINED: 0, Verdict.CONSISTENT: 1}
"""Leaving out may turn a breach into an open question, which is no clearance; never into CONSISTENT."""

DUTIES = {"site", "chips", "meter", "measurement", "job", "period-close"}


def assert_no_better(before: CaseVerdict, after: CaseVerdict) -> None:
    """Check that no verdict of any party, clause or subgoal became CONSISTENT and no room became smaller."""
    assert RANK[after.verdict] <= RANK[before.verdict]
    for old, new in zip(before.parties, after.parties, strict=True):
        assert old.party == new.party
        assert RANK[new.verdict] <= RANK[old.verdict]
        # None is no bound at all: the largest room there is.
        assert new.room_flop is None or (old.room_flop is not None and new.room_flop >= old.room_flop)
        for one, other in zip(old.clauses, new.clauses, strict=True):
            assert RANK[other.verdict] <= RANK[one.verdict], other
            assert (
                other.high is None
                or one.high is None
                or other.high >= one.high
                or "declare" == one.kind.value
            )
    assert after.room_flop[0] >= before.room_flop[0]
    assert after.room_flop[1] >= before.room_flop[1]


def test_the_honest_world_is_consistent() -> None:
    """The worlds below are only telling if honesty earns CONSISTENT, and what breaks it does not."""
    found = {name: world.judge().verdict for name, world in WORLDS.items()}
    assert found == {
        "honest": Verdict.CONSISTENT,
        "in force": Verdict.CONSISTENT,
        "busy counter that agrees": Verdict.CONSISTENT,
        "busy counter that contradicts": Verdict.UNDETERMINED,
        "verifier that agrees": Verdict.CONSISTENT,
        "verifier that contradicts": Verdict.INCONSISTENT,
        "undeclared": Verdict.INCONSISTENT,
        "in parts": Verdict.CONSISTENT,
    }


@pytest.mark.parametrize("name", WORLDS)
def test_leaving_out_any_blob_never_helps(name: str) -> None:
    """Each blob alone, and each pair, is not held."""
    world = WORLDS[name]
    before = world.judge()
    blobs = sorted(world.blobs)
    for gone in [*combinations(blobs, 1), *combinations(blobs, 2)]:
        assert_no_better(before, world.judge(without_blobs=gone))


@pytest.mark.parametrize("name", WORLDS)
def test_leaving_out_any_statement_that_a_duty_asks_for_never_helps(name: str) -> None:
    """Each statement of the operator was never filed; a meter with its readings goes with them too.

    Registering a meter is no evidence but the plan of what will be read: where two of the operator's meters
    contradict each other, one that was never registered contradicts nobody (spec/balance.md section 3).
    """
    world = WORLDS[name]
    before = world.judge()
    for number, filing in enumerate(world.filings):
        statement = world.entries()[number].statement
        if filing.party == CEDAR or statement.predicate not in DUTIES:
            continue
        if "contradicts" in name and statement.predicate == "meter":
            continue
        assert_no_better(before, world.judge(without={number}))


def test_leaving_out_any_two_statements_of_an_honest_site_never_helps() -> None:
    """Pairs of statements of the plain world, the tenant's and the operator's."""
    world = honest()
    before = world.judge()
    for pair in combinations(range(len(world.filings)), 2):
        if any(world.entries()[number].statement.predicate == "chips" for number in pair):
            continue  # fewer chips on the register are subgoal 2B, which is not covered
        assert_no_better(before, world.judge(without=set(pair)))


def test_a_broken_chain_makes_everything_that_rests_on_it_unobserved() -> None:
    """With a fault in Alder's chain the best verdict is UNDETERMINED and the room is the whole capacity."""
    world = honest()
    world.faults = (
        ChainFault(party=ALDER, entry_index=3, kind=ChainFaultKind.GAP, text="a gap", rests_on=(3,)),
    )
    found = world.judge()
    assert found.verdict is Verdict.UNDETERMINED
    assert found.room_flop[0] == 16 * 2 * 10**15 * 3600
    assert "STM-001" in {finding.code for finding in found.findings}


def renting() -> World:
    """Return the honest world with the *declare* clause binding the tenant too."""
    world = honest()
    world.agreement = terms(
        obligations=tuple(
            replace(clause, parties=(ALDER, BIRCH)) if clause.clause == "2.1" else clause
            for clause in world.agreement.obligations
        )
    )
    world.close(BIRCH)
    return world


def test_a_tenant_is_judged_by_its_own_silence_too() -> None:
    """Birch rents from Alder: without the job that it should have signed nothing clears it."""
    world = renting()
    before = world.judge()
    assert {"alder": Verdict.CONSISTENT, "birch": Verdict.CONSISTENT} == {
        party.party: party.verdict for party in before.parties
    }
    for number in range(len(world.filings)):
        if world.entries()[number].statement.predicate != "chips":
            assert_no_better(before, world.judge(without={number}))


def test_a_tenant_answers_for_a_site_of_its_own() -> None:
    """Who rents cannot run a hall besides that no clause looks at; and a hall of its own frees it from nothing."""
    world = renting()
    hall = Name("hall-9")
    close = world.filings.pop()
    world.site(hall, BIRCH)
    world.chips(8, lot=Name("lot-9"), site=hall, party=BIRCH)
    covers = (ChipRange(lot=Name("lot-9"), first=0, until=8),)
    world.meter("node-9", site=hall, covers=covers, party=BIRCH)
    world.measure("node-9", power("busy", 91), site=hall, party=BIRCH)
    world.filings.append(close)
    verdicts = {party.party: party.verdict for party in world.judge().parties}
    assert {"alder": Verdict.CONSISTENT, "birch": Verdict.INCONSISTENT} == verdicts
    world.filings = [one for one in world.filings if type(one.value).__name__ != "Job"]
    (birch,) = [party for party in world.judge().parties if party.party == BIRCH]
    assert birch.clauses[0].high is not None
    assert birch.clauses[0].high >= 16 * HOUR_MS
