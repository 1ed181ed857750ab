"""Rules over declared jobs, and what declarations, transfers and delays can and cannot do for a site."""

import time
from dataclasses import replace

import numpy as np
import pytest

from agreement_examples import clause
from allstop.accountancy import Verdict
from allstop.agreement import Edge, ObligationKind, Relation
from allstop.finding import ChipRange, Custody, Effect, Level, Subgoal
from allstop.ids import Name
from allstop.ledger import fold
from allstop.registry import Site, TransferKind
from allstop.times import DAY_MS, HOUR_MS, Instant, Window
from allstop.units import PPM
from allstop.verdict import CaseVerdict, ClauseResult
from allstop.workload import JobKind
from verdict_world import (
    ALDER,
    BIRCH,
    CEDAR,
    DOGWOOD,
    HALL,
    HOUR,
    LATER,
    LOT,
    SLOW,
    START,
    STEP_MS,
    World,
    codes,
    honest,
    power,
    series_of,
    terms,
)

CAPACITY = 8 * 2 * 10**15 * 3600
"""Operations that one server can do in the hour."""
HALL_2 = Name("hall-2")


def clause_of(verdict: CaseVerdict, kind: str) -> ClauseResult:
    """Return the one result for clauses of this kind."""
    (found,) = [one for one in verdict.parties[0].clauses if one.kind.value == kind]
    return found


def chips_at(verdict: CaseVerdict, site: str = "hall-1") -> int:
    """Return how many chips count at a site in the last hour judged."""
    (found,) = [one for one in verdict.sites if one.site == site]
    return found.balances[-1][0].chip_ms // HOUR_MS


def with_job(**changes: object) -> World:
    """Return the honest world with another declaration instead."""
    world = honest()
    close = world.filings.pop()
    world.filings.pop()
    world.job(**changes)  # type: ignore[arg-type]  # fields of a job
    world.filings.append(close)
    return world


@pytest.mark.parametrize(("flop", "is_found"), [(CAPACITY, False), (CAPACITY + 1, True)])
def test_more_operations_than_the_chips_could_do(flop: int, is_found: bool) -> None:
    """WRK-001: at capacity a declaration is possible, one operation above it is a breach of 1A."""
    verdict = with_job(flop=flop).judge()
    assert is_found == ("WRK-001" in codes(verdict))
    if is_found:
        assert verdict.parties[0].subgoals[Subgoal.DECLARED_USE_ACCURATE] is Verdict.INCONSISTENT
        assert verdict.verdict is Verdict.INCONSISTENT


def test_a_tenant_answers_for_an_impossible_job_that_it_signed() -> None:
    """WRK-001 rests on the declaration alone, so it is a finding on each side that signed it."""
    both = with_job(flop=CAPACITY + 1).judge().findings
    assert {ALDER, BIRCH} == {finding.party for finding in both if finding.code == "WRK-001"}
    one = with_job(flop=CAPACITY + 1, signers=()).judge().findings
    assert {ALDER} == {finding.party for finding in one if finding.code == "WRK-001"}


def test_more_operations_than_the_meters_leave_room_for() -> None:
    """WRK-004: a run at three quarters of the peak is declared on a server that stood idle."""
    verdict = with_job(first=8, until=16, flop=CAPACITY * 3 // 4).judge()
    assert {"WRK-004", "ACC-001"} <= codes(verdict)
    (found,) = [one for one in verdict.findings if one.code == "WRK-004"]
    assert (ALDER, Effect.BREACH_1A) == (found.party, found.effect)


def test_a_job_that_reaches_beyond_the_judged_periods_is_not_held_against_their_meters() -> None:
    """WRK-004 is silent where only part of the job was accounted for."""
    twice = Window(start=START, end=HOUR.end.plus(HOUR_MS))
    assert "WRK-004" not in codes(with_job(first=8, until=16, flop=CAPACITY * 3 // 4, window=twice).judge())


def test_two_claims_on_one_chip_at_one_time() -> None:
    """WRK-002: the first counts; a correction under a new name is no breach and does not add up."""
    world = honest()
    world.job("run-2", 7, 9, flop=10**18)
    verdict = world.judge()
    assert {"WRK-002"} == codes(verdict)
    (found,) = [one for one in verdict.findings if one.code == "WRK-002"]
    assert (6, 8) == found.rests_on
    assert clause_of(verdict, "prohibit").low == 10**19
    bigger = honest()
    bigger.job("run-2", 0, 8, flop=3 * 10**19)
    assert clause_of(bigger.judge(), "prohibit").low == 3 * 10**19
    assert bigger.judge().verdict is not Verdict.INCONSISTENT


def test_a_name_that_was_used_before() -> None:
    """WRK-002: of two jobs with one name at one site the first counts."""
    world = honest()
    world.job("run-1", 8, 16)
    verdict = world.judge()
    assert "WRK-002" in codes(verdict)
    assert 1 == len(verdict.jobs)


def test_jobs_side_by_side_claim_nothing_twice() -> None:
    """The honest twin: next to each other in chips, and one after the other in time."""
    half = START.plus(HOUR_MS // 2)
    world = with_job(first=0, until=4, window=Window(start=START, end=half))
    world.job("run-2", 0, 4, window=Window(start=half, end=HOUR.end))
    world.job("run-3", 4, 8)
    assert set() == codes(world.judge())


def test_double_claims_are_those_of_all_pairs() -> None:
    """WRK-002 against every pair: random jobs; who is found claims what somebody earlier claimed, and names one."""
    chance = np.random.default_rng(11)
    world = World()
    world.site()
    world.chips(40)
    for number in range(60):
        first, start = int(chance.integers(0, 36)), int(chance.integers(0, 3000))
        window = Window(start=START.plus(start), end=START.plus(start + int(chance.integers(1, 400))))
        chips = (
            ChipRange(lot=LOT, first=first, until=first + 2),
            ChipRange(lot=Name("lot-2"), first=first, until=first + 1),
        )
        world.job(f"job-{number % 50}", chips=chips, window=window, flop=0)
    state = fold(world.entries(), chain_faults=[], at=LATER)
    doubled = {}
    for position, later in enumerate(state.jobs):
        doubled[later.entry] = {
            earlier.entry
            for earlier in state.jobs[:position]
            if earlier.value.job == later.value.job
            or (
                earlier.value.window.overlap_ms(later.value.window)
                and any(a.overlap_count(b) for a in earlier.value.chips for b in later.value.chips)
            )
        }
    found = {
        finding.rests_on[1]: finding.rests_on[0]
        for finding in world.judge().findings
        if finding.code == "WRK-002"
    }
    assert {entry for entry, earlier in doubled.items() if earlier} == set(found)
    assert all(found[entry] in doubled[entry] for entry in found)
    assert 5 < len(found) < 55


def test_a_job_that_its_tenant_did_not_sign() -> None:
    """WRK-003: it reaches no level, so a *declare* clause stays open."""
    verdict = with_job(signers=()).judge()
    assert {"WRK-003"} == codes(verdict)
    assert verdict.jobs[0].level is None
    assert clause_of(verdict, "declare").verdict is Verdict.UNDETERMINED
    assert honest().judge().jobs[0].level is Level.PLAUSIBLE


@pytest.mark.parametrize(
    ("seen", "level"), [(HOUR_MS // 2, Level.PLAUSIBLE), (HOUR_MS // 2 - STEP_MS, Level.DECLARED)]
)
def test_plausible_needs_the_agreed_share_to_be_seen(seen: int, level: Level) -> None:
    """Exactly half of the job's chip-time is enough where half was agreed, one step less is not."""
    world = honest()
    close, job = world.filings.pop(), world.filings.pop()
    del world.filings[4]
    world.measure("node-1", power("busy", 41, last=seen))
    world.filings += [job, close]
    verdict = world.judge()
    assert level is verdict.jobs[0].level
    assert seen * PPM // HOUR_MS == verdict.jobs[0].share_ppm


def test_undeclared_use_is_inconsistent_from_the_tolerance_on() -> None:
    """ACC-001: activity in the operator's own meter; at the tolerance a breach, just above it an open question."""
    world = honest()
    del world.filings[6]
    low = clause_of(world.judge(), "declare").low
    for tolerance, verdict in ((low, Verdict.INCONSISTENT), (low + 1, Verdict.UNDETERMINED)):
        clauses = tuple(
            replace(one, tolerance=tolerance) if one.kind is ObligationKind.DECLARE else one
            for one in world.agreement.obligations
        )
        judged = replace(world, agreement=terms(obligations=clauses)).judge()
        assert verdict is clause_of(judged, "declare").verdict
        assert (verdict is Verdict.INCONSISTENT) == ("ACC-001" in codes(judged))


def test_prohibited_operations_are_inconsistent_from_the_tolerance_on() -> None:
    """ACC-002: the party's own declaration; one operation less and what could be hidden decides."""
    for tolerance, expected in ((10**19, Verdict.INCONSISTENT), (10**19 + 1, Verdict.UNDETERMINED)):
        clauses = tuple(
            replace(one, tolerance=tolerance) if one.kind is ObligationKind.PROHIBIT else one
            for one in terms().obligations
        )
        verdict = honest(obligations=clauses).judge()
        assert expected is clause_of(verdict, "prohibit").verdict
        assert (expected is Verdict.INCONSISTENT) == ("ACC-002" in codes(verdict))


def test_prohibit_needs_the_room_below_the_buffer() -> None:
    """CONSISTENT only if what could be hidden stays below the agreed share of a significant quantity."""
    room = honest().judge().room_flop[0]
    for quantity, expected in ((2 * room + 2, Verdict.CONSISTENT), (2 * room, Verdict.UNDETERMINED)):
        verification = replace(terms().verification, significant_quantity_flop=quantity)
        assert expected is clause_of(honest(verification=verification).judge(), "prohibit").verdict


def test_jobs_in_no_judged_period_break_no_prohibition() -> None:
    """A run before the accounts begin adds to what is possible, never to what is certain."""
    before = Window(start=START.plus(-HOUR_MS), end=START)
    verdict = with_job(window=before, flop=10**19).judge()
    assert clause_of(verdict, "prohibit").low == 0
    high = clause_of(verdict, "prohibit").high
    assert high == verdict.room_flop[0] + 10**19


def test_only_training_adds_up_to_a_lineage() -> None:
    """Inference does not count towards a prohibition of training; fine-tuning does."""
    assert clause_of(with_job(kind=JobKind.INFERENCE).judge(), "prohibit").low == 0
    assert clause_of(with_job(kind=JobKind.FINE_TUNING).judge(), "prohibit").low == 10**19


def test_undeclared_use_counts_as_training_only_where_that_was_agreed() -> None:
    """The presumption is a clause; without it chip-hours are no operations."""
    for presumed in (False, True):
        clauses = (clause("3.1", ObligationKind.PROHIBIT, tolerance=10**24, undeclared_is_training=presumed),)
        world = honest(obligations=clauses)
        del world.filings[6]
        low = clause_of(world.judge(), "prohibit").low
        assert presumed == (low > 0)


def test_custody_below_the_clause_clears_nobody() -> None:
    """A clause that asks for a verifier's meters is not met by the operator's own."""
    clauses = tuple(replace(one, custody=Custody.VERIFIER_OWNED) for one in terms().obligations)
    verdict = honest(obligations=clauses).judge()
    assert clause_of(verdict, "meter").high == 16 * HOUR_MS
    assert clause_of(verdict, "prohibit").high == 2 * CAPACITY
    assert clause_of(verdict, "declare").verdict is Verdict.UNDETERMINED


def test_a_company_that_the_operator_owns_is_no_counterparty() -> None:
    """Meters of a subsidiary are the operator's own: required, self-reported, and no second trust domain."""
    edges = (*terms().edges, Edge(source=ALDER, relation=Relation.OWNS, target=DOGWOOD))
    clauses = tuple(replace(one, custody=Custody.COUNTERPARTY) for one in terms().obligations)
    for owned, custody in ((edges, 16 * HOUR_MS), (terms().edges, 8 * HOUR_MS)):
        world = honest(edges=owned, obligations=clauses)
        world.meter("utility", 8, 16, party=DOGWOOD)
        world.measure("utility", power("idle", 42), party=DOGWOOD)
        assert custody == clause_of(world.judge(), "meter").high


def moved(*signers: Name, taker: Name = DOGWOOD, is_bound: bool = True, **changes: object) -> World:
    """Return the honest world after eight chips went to hall-2, which `taker` runs."""
    clauses = terms().obligations
    if is_bound:
        clauses = (*clauses, clause("9.1", ObligationKind.REGISTER, parties=(taker,), tolerance=1))
    world = honest(obligations=clauses)
    world.file(taker, Site(site=HALL_2, operator=taker, note=""))
    world.transfer(8, *signers, **changes)  # type: ignore[arg-type]  # fields of a transfer
    return world


@pytest.mark.parametrize(
    ("world", "here", "there"),
    [
        (moved(DOGWOOD), 16, 8),
        (moved(), 16, 8),
        (moved(DOGWOOD, is_bound=False), 16, 8),
        (moved(DOGWOOD, chip_type=SLOW), 16, 8),
        (moved(ALDER, party=DOGWOOD), 16, 8),
        (moved(DOGWOOD, party=BIRCH), 16, 0),
        (moved(taker=ALDER), 16, 8),
    ],
)
def test_chips_that_moved_count_where_they_arrived(world: World, here: int, there: int) -> None:
    """Meters still name all sixteen here; what arrived counts there whoever of the two filed it."""
    verdict = world.judge()
    assert (here, there) == (chips_at(verdict), chips_at(verdict, "hall-2"))


def unmetered(world: World) -> World:
    """Return the same world without meters and jobs, so that only the register names chips."""
    world.filings = [
        one for one in world.filings if type(one.value).__name__ not in ("Meter", "Measurement", "Job")
    ]
    return world


@pytest.mark.parametrize(
    ("world", "here"),
    [
        (moved(DOGWOOD), 8),
        (moved(), 16),
        (moved(DOGWOOD, is_bound=False), 16),
        (moved(DOGWOOD, chip_type=SLOW), 16),
        (moved(ALDER, party=DOGWOOD), 8),
        (moved(DOGWOOD, party=BIRCH), 16),
        (moved(taker=ALDER), 8),
        (moved(DOGWOOD, at=START.plus(1)), 16),
        (moved(DOGWOOD, at=START), 8),
    ],
)
def test_chips_leave_only_by_the_word_of_both_sides(world: World, here: int) -> None:
    """Not by one signature, nor to a party that nothing binds, nor under another type, nor before it was filed."""
    assert here == chips_at(unmetered(world).judge())


def test_chips_that_went_and_came_back_never_left() -> None:
    """Round trips do not make chips vanish."""
    world = unmetered(moved(DOGWOOD))
    world.transfer(8, ALDER, party=DOGWOOD, from_site=HALL_2, to_site=HALL)
    assert chips_at(world.judge()) == 16


def test_a_subsidiary_is_no_other_side() -> None:
    """Chips sold to a company that the seller owns stay in the seller's accounts."""
    world = unmetered(moved(DOGWOOD))
    edges = (*world.agreement.edges, Edge(source=ALDER, relation=Relation.OWNS, target=DOGWOOD))
    world.agreement = replace(world.agreement, edges=edges)
    assert chips_at(world.judge()) == 16


@pytest.mark.parametrize(("signers", "here"), [((CEDAR,), 8), ((), 16), ((BIRCH,), 16)])
def test_chips_are_destroyed_only_before_a_verifier(signers: tuple[Name, ...], here: int) -> None:
    """A destruction counts with the signature of a verifier."""
    world = unmetered(honest())
    world.transfer(8, *signers, kind=TransferKind.DESTRUCTION, to_site=None)
    assert here == chips_at(world.judge())


@pytest.mark.parametrize(("count", "here"), [(16, 16), (20, 20)])
def test_a_suppliers_account_counts_beyond_the_register(count: int, here: int) -> None:
    """What others say they delivered is compared with all that was ever registered of the type."""
    world = unmetered(honest())
    world.transfer(count, party=BIRCH, kind=TransferKind.SUPPLY, from_site=None, to_site=HALL)
    verdict = world.judge()
    assert here == chips_at(verdict)
    world.transfer(8, CEDAR, kind=TransferKind.DESTRUCTION, to_site=None)
    assert here - 8 == chips_at(world.judge())


def test_a_lot_cannot_be_named_like_what_was_supplied() -> None:
    """No registered lot stands in for the chips that a supplier delivered beyond the register."""
    world = unmetered(honest())
    world.chips(1, lot=Name("supplied-fast"))
    world.transfer(40, party=BIRCH, kind=TransferKind.SUPPLY, from_site=None, to_site=HALL)
    assert chips_at(world.judge()) == 40


def in_force(world: World) -> World:
    """Return the world under an agreement that binds before the hour begins, with a day for everything."""
    clauses = tuple(replace(one, timeliness_ms=DAY_MS) for one in world.agreement.obligations)
    entry = replace(world.agreement.entry, deadline=START, lead_ms=0)
    world.agreement = replace(world.agreement, obligations=clauses, entry=entry)
    deposits = []
    for party in (ALDER, BIRCH):
        world.file(party, None, predicate="deposit", body={"deadlineSeen": None}, at=START.plus(-HOUR_MS))
        deposits.append(world.filings.pop())
    world.filings[:0] = deposits
    return world


def late(world: World, predicate: type | str, by_ms: int) -> World:
    """Return the world with statements of one type filed so long after the end of the hour, and all that follow."""
    for number, filing in enumerate(world.filings):
        name = type(filing.value).__name__ if filing.predicate is None else filing.predicate
        if name == predicate:
            world.filings[number] = replace(filing, at=HOUR.end.plus(by_ms))
    return world


def test_an_agreement_in_force_judges_the_honest_alike() -> None:
    """Everything within the day that was agreed: CONSISTENT."""
    verdict = in_force(honest()).judge()
    assert not verdict.is_retrospective
    assert (Verdict.CONSISTENT, set()) == (verdict.verdict, codes(verdict))


@pytest.mark.parametrize(("by_ms", "is_late"), [(DAY_MS, False), (DAY_MS + 1, True)])
def test_a_job_declared_after_its_time_counts_as_undeclared(by_ms: int, is_late: bool) -> None:
    """WRK-005: at the last moment it counts, a millisecond later its chip-time is undeclared."""
    verdict = late(in_force(honest()), "Job", by_ms).judge()
    assert is_late == ("WRK-005" in codes(verdict))
    expected = Verdict.INCONSISTENT if is_late else Verdict.CONSISTENT
    assert expected is clause_of(verdict, "declare").verdict


def test_a_window_that_ends_today_declares_nothing_of_last_week() -> None:
    """A late job with a long window is late for each period that is over, whenever the window ends."""
    world = in_force(honest())
    long = Window(start=START, end=HOUR.end.plus(6 * DAY_MS))
    for number, filing in enumerate(world.filings):
        if type(filing.value).__name__ == "Job":
            value = replace(filing.value, window=long)  # type: ignore[type-var]  # a job
            world.filings[number] = replace(filing, value=value, at=HOUR.end.plus(6 * DAY_MS))
    verdict = world.judge()
    assert "WRK-005" in codes(verdict)
    assert clause_of(verdict, "declare").verdict is Verdict.INCONSISTENT


@pytest.mark.parametrize(("by_ms", "is_late"), [(DAY_MS, False), (DAY_MS + 1, True)])
def test_readings_filed_after_their_time_clear_nothing(by_ms: int, is_late: bool) -> None:
    """TEL-010: late readings of own meters leave the hour unobserved, and do not lower the room."""
    world = late(in_force(honest()), "Measurement", by_ms)
    world = late(world, "function", by_ms + 1)
    verdict = world.judge()
    assert is_late == ("TEL-010" in codes(verdict))
    assert (16 * HOUR_MS if is_late else 0) == clause_of(verdict, "meter").high


def test_readings_of_others_are_never_too_late() -> None:
    """What a verifier measured stands whenever it is filed."""
    world = in_force(honest())
    world.meter("eye", 8, 16, party=CEDAR)
    world.measure("eye", power("idle", 43), party=CEDAR)
    world.filings[-1] = replace(world.filings[-1], at=HOUR.end.plus(2 * DAY_MS))
    assert set() == codes(world.judge())


@pytest.mark.parametrize(("at", "is_good"), [(HOUR.end, True), (HOUR.end.plus(-1), False)])
def test_a_close_made_before_the_period_ended_closes_nothing(at: Instant, is_good: bool) -> None:
    """Who closes early has counted what it had before the evidence was there."""
    world = late(honest(), "function", at.ms - HOUR.end.ms)
    world.filings = [replace(one, at=min(one.at, at)) for one in world.filings]
    verdict = world.judge()
    assert is_good == (verdict.verdict is Verdict.CONSISTENT)
    assert is_good or any(
        "after the period" in text for one in verdict.parties[0].clauses for text in one.reasons
    )


def test_measurements_filed_only_after_the_close_are_missing() -> None:
    """A close counts what the party has filed; readings come before it."""
    world = honest()
    world.filings = [*world.filings[:4], world.filings[7], *world.filings[4:7]]
    reasons = [text for one in world.judge().parties[0].clauses for text in one.reasons]
    assert any("before the period was closed" in text for text in reasons)


def test_many_jobs_and_series_are_judged_quickly() -> None:
    """Rules over jobs and series are near linear: quadratic ones would take a minute here."""
    world = World()
    world.site()
    world.chips(16)
    world.meter("node-1", 0, 8)
    span = HOUR_MS // 600
    for number in range(600):
        start = number * span
        world.measure("node-1", series_of([start, start + span], [5_000_000 + number, 5_000_000]))
    for number in range(2_500):
        window = Window(start=START.plus(number * 1200), end=START.plus(number * 1200 + 1800))
        world.job(f"job-{number}", window=window, flop=0)
    world.at = LATER.plus(DAY_MS)
    entries = world.entries()
    world.entries = lambda without=(): entries  # type: ignore[method-assign]  # made once
    began = time.process_time()
    verdict = world.judge()
    assert time.process_time() - began < 20
    assert 2_499 == sum(finding.code == "WRK-002" for finding in verdict.findings)
