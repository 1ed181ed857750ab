"""When a site was seen to stop: between two bounds that hold the truth, apart from when it had to stop."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.finding import Level
from allstop.ids import Name
from allstop.times import HOUR_MS
from allstop.verdict import RampDown, Stopping, ramp_downs_of, verdict_digest
from allstop.workload import JobKind
from halt_world import DRAIN_MS, MINUTE_MS, SERVING, halting, only_ramp_down, running
from verdict_world import ALDER, HALL, LATER, START, STEP_MS

PIECE_MS = -(-HOUR_MS // 32 // 32) + 1
"""Longest piece of an hour; the earlier bound is outward by one piece and one reading at most."""

BELOW_MS = -(-HOUR_MS // 32 // 8) + 1
"""How long eight chips may work in a part of an hour without more than one chip's share of it: what the clause allows."""


def seen(*busy: tuple[int, int], periods: int = 1, tolerance: int = HOUR_MS) -> RampDown:
    """Return what is seen of a world whose first server is busy in these spans."""
    return only_ramp_down(running(halting(periods=periods, tolerance=tolerance), *busy, periods=periods))


def assert_stopped(found: RampDown, at_ms: int) -> None:
    """Check that a site was seen to stop at `at_ms`, within a piece, a reading, and what the clause allows."""
    assert Stopping.STOPPED is found.outcome
    assert found.earliest_ms is not None
    assert found.latest_ms is not None
    assert at_ms - PIECE_MS - STEP_MS - BELOW_MS <= found.earliest_ms <= at_ms
    assert at_ms - BELOW_MS <= found.latest_ms <= at_ms + PIECE_MS + STEP_MS


def test_legal_and_physical_instants_stand_apart() -> None:
    """The legal instant is that of the log; the site is seen to stop later, between two bounds."""
    found = seen((0, 3 * DRAIN_MS))
    assert (START, START.plus(DRAIN_MS), START.plus(HOUR_MS)) == (found.legal, found.drained, found.until)
    assert ("1.1", ALDER, HALL) == (found.clause, found.party, found.site)
    assert_stopped(found, 3 * DRAIN_MS)


def test_what_was_idle_already_stopped_at_once() -> None:
    """Nothing ran after the instant: both bounds are the instant."""
    found = seen()
    assert (Stopping.STOPPED, 0, 0) == (found.outcome, found.earliest_ms, found.latest_ms)


def test_what_stops_within_the_drain_is_shown_when_it_stopped() -> None:
    """The clause is kept, and still the report can say that it took four minutes, not none."""
    assert_stopped(seen((0, 4 * MINUTE_MS)), 4 * MINUTE_MS)


def test_what_runs_on_never_stopped() -> None:
    """A site that is busy to the end has no bounds."""
    found = seen((0, HOUR_MS + 1))
    assert (Stopping.RUNNING, None, None) == (found.outcome, found.earliest_ms, found.latest_ms)


def test_what_starts_again_did_not_stay() -> None:
    """Work that resumes and reaches the tolerance in a later period moves both bounds behind it."""
    later = HOUR_MS + 10 * MINUTE_MS
    assert_stopped(seen((0, MINUTE_MS), (later, later + 20 * MINUTE_MS), periods=3), later + 20 * MINUTE_MS)


def test_what_stays_below_the_tolerance_breaks_nothing_later() -> None:
    """Four chip-minutes in the third hour, with a chip-hour allowed, leave the site stopped in the first."""
    later = 2 * HOUR_MS
    assert_stopped(seen((0, 20 * MINUTE_MS), (later, later + 30_000), periods=3), 20 * MINUTE_MS)


def test_what_nobody_saw_is_not_known_to_have_stopped() -> None:
    """Readings that end early: it ran until then for sure, and after that nobody knows."""
    world = halting()
    series = running(halting(), (0, 20 * MINUTE_MS))
    busy = series.blobs[next(iter(series.blobs))][0]
    cut = busy.t < START.ms + 40 * MINUTE_MS
    world.measure("node-1", replace(busy, t=busy.t[cut], v=busy.v[cut], epoch=busy.epoch[cut]))
    world.close()
    found = only_ramp_down(world)
    assert Stopping.UNKNOWN is found.outcome
    assert found.latest_ms is None
    assert found.earliest_ms is not None
    assert 20 * MINUTE_MS - PIECE_MS - STEP_MS - BELOW_MS <= found.earliest_ms <= 20 * MINUTE_MS


def test_without_a_meter_nothing_is_known() -> None:
    """A site whose meters are not there may have stopped at once, or never."""
    world = halting()
    world.close()
    found = only_ramp_down(world)
    assert (Stopping.UNKNOWN, 0, None) == (found.outcome, found.earliest_ms, found.latest_ms)


def test_before_a_period_has_ended_nothing_is_judged() -> None:
    """Half an hour after the instant there are no accounts yet."""
    world = running(halting())
    world.at = START.plus(HOUR_MS // 2)
    found = only_ramp_down(world)
    assert (Stopping.UNJUDGED, None, None, None) == (
        found.outcome, found.until, found.earliest_ms, found.latest_ms,
    )  # fmt: skip


def test_a_halt_that_has_not_begun_has_no_ramp_down() -> None:
    """Before the legal instant there is nothing to show."""
    world = running(halting())
    world.at = START.plus(-1)
    assert () == ramp_downs_of(world.judge())


def test_what_may_go_on_is_no_part_of_it() -> None:
    """A site that serves all the time has stopped at once, where serving is permitted and declared."""
    for permitted, outcome in (((SERVING,), Stopping.STOPPED), ((), Stopping.RUNNING)):
        world = halting(*permitted)
        world.job(kind=JobKind.INFERENCE)
        assert outcome is only_ramp_down(running(world, (0, HOUR_MS + 1))).outcome


def test_permitted_work_below_the_level_is_neither_seen_to_stop_nor_to_run() -> None:
    """A job that one side signed may be anything: the upper bound holds it, the lower does not."""
    world = halting(SERVING, level=Level.PLAUSIBLE)
    world.job(kind=JobKind.INFERENCE, signers=())
    found = only_ramp_down(running(world, (0, HOUR_MS + 1)))
    assert (Stopping.UNKNOWN, 0, None) == (found.outcome, found.earliest_ms, found.latest_ms)


def test_the_ramp_down_is_no_part_of_the_verdict() -> None:
    """Asking for it changes nothing: the digest stays."""
    verdict = running(halting(), (0, DRAIN_MS)).judge()
    before = verdict_digest(verdict)
    ramp_downs_of(verdict)
    assert before == verdict_digest(verdict)


@settings(max_examples=5, deadline=None)
@given(
    stop=st.integers(0, 55),
    without=st.sets(st.integers(2, 8), max_size=3),
)
def test_leaving_out_never_shows_an_earlier_stop(stop: int, without: set[int]) -> None:
    """Whatever a site leaves out, nobody sees it stop before it did."""
    world = running(halting(), (0, stop * MINUTE_MS))
    for found in ramp_downs_of(world.judge(without=without)):
        if found.latest_ms is not None:
            assert stop * MINUTE_MS - BELOW_MS <= found.latest_ms
        assert found.earliest_ms is None or found.earliest_ms <= stop * MINUTE_MS


@settings(max_examples=5, deadline=None)
@given(spans=st.lists(st.tuples(st.integers(0, 170), st.integers(2, 40)), max_size=3))
def test_bounds_hold_for_any_work_and_more_work_never_moves_them_back(spans: list[tuple[int, int]]) -> None:
    """Not before is at most not after; more activity never makes either earlier."""
    busy = [(first * MINUTE_MS, (first + length) * MINUTE_MS) for first, length in spans]
    less, more = seen(*busy[1:], periods=3), seen(*busy, periods=3)
    for found in (less, more):
        assert (found.outcome is Stopping.STOPPED) == (found.latest_ms is not None)
        if found.earliest_ms is not None and found.latest_ms is not None:
            assert 0 <= found.earliest_ms <= found.latest_ms
    end = 3 * HOUR_MS
    assert (less.latest_ms if less.latest_ms is not None else end) <= (
        more.latest_ms if more.latest_ms is not None else end
    )


def test_a_lone_site_of_another_party_is_left_out() -> None:
    """Only sites of parties that the clause binds are shown."""
    world = running(halting(), (0, DRAIN_MS))
    world.site(Name("hall-9"), operator=Name("birch"))
    world.at = LATER
    assert [HALL] == [one.site for one in ramp_downs_of(world.judge())]
