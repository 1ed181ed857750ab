"""The clause of kind *halt*: what ran after the drain, what may go on, caps, and that leaving out never helps."""

from dataclasses import replace
from itertools import combinations

import pytest

from agreement_examples import clause
from allstop.accountancy import Verdict
from allstop.agreement import Accounting, HaltTerms, ObligationKind, PermittedUse
from allstop.finding import Level
from allstop.halting import Inventory, format_inventory
from allstop.ids import Name
from allstop.times import HOUR_MS
from allstop.verdict import ClauseResult
from allstop.workload import JobKind, Purpose
from phase_world import TWO_PHASES
from verdict_world import ALDER, BIRCH, HALL, HOUR, START, World, power, terms

DRAIN_MS = 600_000
SERVING = PermittedUse(name=Name("serving"), jobs=("inference",))
EIGHT_CHIP_HOURS = 8 * HOUR_MS


def halted(*permitted: PermittedUse, level: Level = Level.DECLARED) -> World:
    """Return a world in force from the start of the hour, in which everything halts within ten minutes."""
    stop = replace(
        clause("1.1", ObligationKind.HALT, tolerance=HOUR_MS, level=level),
        parties=(ALDER,),
        evidence=(Name("meter"), Name("measurement"), Name("job"), Name("period-close")),
    )
    agreed = terms(
        obligations=(stop,),
        accounting=Accounting(start=None, period_ms=HOUR_MS, periods=1),
        halt=HaltTerms(drain_ms=DRAIN_MS, inventory_ms=HOUR_MS, permitted=permitted),
    )
    world = World(agreement=replace(agreed, entry=replace(agreed.entry, deadline=START, lead_ms=HOUR_MS)))
    for party in (ALDER, BIRCH):
        world.file(party, None, predicate="deposit", body={"deadlineSeen": None}, at=START.plus(-HOUR_MS))
    world.site()
    world.chips()
    world.meter("node-1", 0, 8)
    world.meter("node-2", 8, 16)
    world.measure("node-2", power("idle", 2))
    return world


def stopping(world: World, *, after_ms: int) -> World:
    """File readings of a machine that works until so long after the instant, and close the hour."""
    busy, idle = power("busy", 1), power("idle", 1)
    working = busy.t < START.ms + after_ms
    readings = replace(busy, v=busy.v * working + idle.v * ~working)
    world.measure("node-1", readings)
    world.close()
    return world


def judged(world: World, without: frozenset[int] = frozenset()) -> ClauseResult:
    """Return Alder's one result."""
    (result,) = world.judge(without=without).parties[0].clauses
    return result


def test_a_halt_is_judged_from_the_end_of_the_drain() -> None:
    """The stretch begins ten minutes after the instant and ends with the period."""
    result = judged(stopping(halted(), after_ms=0))
    assert result.window is not None
    assert (START.plus(DRAIN_MS), HOUR.end) == (result.window.start, result.window.end)
    assert (Verdict.CONSISTENT, 0) == (result.verdict, result.low)


@pytest.mark.parametrize(
    ("after_ms", "expected"),
    [(0, Verdict.CONSISTENT), (DRAIN_MS, Verdict.CONSISTENT), (3 * DRAIN_MS, Verdict.INCONSISTENT)],
)
def test_work_that_ends_within_the_drain_is_no_breach(after_ms: int, expected: Verdict) -> None:
    """Eight chips that work twenty minutes too long have used more than a chip-hour."""
    assert expected is judged(stopping(halted(), after_ms=after_ms)).verdict


def test_what_a_halt_forbids_is_forbidden_declared_or_not() -> None:
    """A declared run of training counts as much as work that nobody declared."""
    bare, declared = halted(), halted()
    declared.job()
    results = [judged(stopping(world, after_ms=HOUR_MS + 1)) for world in (bare, declared)]
    assert [Verdict.INCONSISTENT] * 2 == [one.verdict for one in results]
    assert results[0].low == results[1].low
    assert any("run-1 at hall-1 is not among what may go on" in text for text in results[1].reasons)


def test_what_may_go_on_goes_on() -> None:
    """Serving is permitted; the same job declared as safety work is not, where only that kind is."""
    for permitted, expected in ((SERVING, Verdict.CONSISTENT), (None, Verdict.INCONSISTENT)):
        world = halted(*([permitted] if permitted else []))
        world.job(kind=JobKind.INFERENCE)
        assert expected is judged(stopping(world, after_ms=HOUR_MS + 1)).verdict
    safety = PermittedUse(name=Name("safety"), jobs=("training",), purposes=("safety",))
    for purpose, expected in ((Purpose.SAFETY, Verdict.CONSISTENT), (Purpose.RESEARCH, Verdict.INCONSISTENT)):
        world = halted(safety)
        world.job(purpose=purpose)
        assert expected is judged(stopping(world, after_ms=HOUR_MS + 1)).verdict


def test_a_cap_bounds_what_may_go_on() -> None:
    """Of almost seven chip-hours two are permitted: the rest counts."""
    world = halted(replace(SERVING, cap_chip_ms=2 * HOUR_MS))
    world.job(kind=JobKind.INFERENCE)
    result = judged(stopping(world, after_ms=HOUR_MS + 1))
    assert Verdict.INCONSISTENT is result.verdict
    assert result.low < EIGHT_CHIP_HOURS - 2 * HOUR_MS
    assert any("serving may have used" in text for text in result.reasons)


def test_permitted_work_below_the_level_of_the_clause_is_not_shown() -> None:
    """Signed by one side only, a job explains nothing, and accuses of nothing."""
    world = halted(SERVING)
    world.job(kind=JobKind.INFERENCE, signers=())
    assert Verdict.UNDETERMINED is judged(stopping(world, after_ms=HOUR_MS + 1)).verdict


def test_leaving_out_never_shows_that_machines_halted() -> None:
    """Whatever one or two statements are left out, no verdict becomes CONSISTENT that was not."""
    for after_ms in (3 * DRAIN_MS, HOUR_MS + 1):
        world = halted(SERVING)
        world.job()
        stopping(world, after_ms=after_ms)
        numbers = range(2, len(world.filings))  # without a deposit nobody is bound
        for count in (1, 2):
            for without in combinations(numbers, count):
                results = world.judge(without=frozenset(without)).parties[0].clauses
                assert all(one.verdict is not Verdict.CONSISTENT for one in results), without


@pytest.mark.parametrize(
    ("at_ms", "filed_ms", "party", "expected"),
    [
        (0, 1, ALDER, Verdict.CONSISTENT),
        (0, HOUR_MS, ALDER, Verdict.CONSISTENT),
        (0, HOUR_MS + 1, ALDER, Verdict.UNDETERMINED),
        (0, -1, ALDER, Verdict.UNDETERMINED),
        (1, 1, ALDER, Verdict.UNDETERMINED),
        (0, 1, BIRCH, Verdict.UNDETERMINED),
    ],
)
def test_an_inventory_is_of_the_instant_by_the_operator_and_in_time(
    at_ms: int, filed_ms: int, party: Name, expected: Verdict
) -> None:
    """Of another instant, a forecast, late, or by somebody else, it is none; and none is not shown."""
    world = halted()
    (stop,) = world.agreement.obligations
    asked = replace(stop, evidence=(*stop.evidence, Name("inventory")))
    world.agreement = replace(world.agreement, obligations=(asked,))
    value = Inventory(site=HALL, at=START.plus(at_ms), jobs=())
    world.file(party, None, predicate="inventory", body=format_inventory(value), at=START.plus(filed_ms))
    assert expected is judged(stopping(world, after_ms=0)).verdict


def test_before_its_phase_a_clause_is_not_judged() -> None:
    """A clause of a phase that has not come says nothing, and takes nothing from the verdict."""
    world = stopping(halted(), after_ms=HOUR_MS + 1)
    (stop,) = world.agreement.obligations
    other = clause("2.1", ObligationKind.METER, tolerance=HOUR_MS)
    world.agreement = replace(
        world.agreement,
        obligations=(replace(stop, phases=(Name("paused"),)), replace(other, parties=(ALDER,))),
        phases=TWO_PHASES,
    )
    (party,) = [one for one in world.judge().parties if one.party == ALDER]
    assert ["2.1"] == [one.clause for one in party.clauses]
