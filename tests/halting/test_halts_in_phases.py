"""Legal instants by phase: each time that a phase begins again there is another halt, with its own ramp-down."""

from dataclasses import replace

from allstop.agreement import (
    OnDate,
    Phase,
    PhaseKind,
    PhaseTerms,
    PhaseTransition,
    ResumeTerms,
)
from allstop.ids import Name
from allstop.times import HOUR_MS, Instant
from allstop.verdict import Stopping, ramp_downs_of
from allstop.workload import JobKind
from halt_world import MINUTE_MS, SERVING, halting, running
from verdict_world import START, World

BEFORE, PAUSED = Name("before"), Name("paused")


def phased(*paused: tuple[Instant, Instant | None], periods: int) -> World:
    """Return a halting world whose clause applies in the phase `paused`, between these dates."""
    phases = [Phase(name=BEFORE, kind=PhaseKind.BEFORE)]
    transitions = []
    source = BEFORE
    for number, (start, end) in enumerate(paused):
        pause = Name(f"{PAUSED}-{number}")
        phases.append(Phase(name=pause, kind=PhaseKind.PAUSED))
        transitions.append(move(source, pause, start))
        if end is not None:
            source = Name(f"easing-{number}")
            phases.append(Phase(name=source, kind=PhaseKind.EASING))
            transitions.append(move(pause, source, end))
    world = halting(periods=periods)
    (stop,) = world.agreement.obligations
    names = tuple(one.name for one in phases if one.kind is PhaseKind.PAUSED)
    world.agreement = replace(
        world.agreement,
        obligations=(replace(stop, phases=names),),
        phases=PhaseTerms(phases=tuple(phases), transitions=tuple(transitions)),
    )
    return world


def move(source: Name, target: Name, at: Instant) -> PhaseTransition:
    """Return a change of phase on a date."""
    return PhaseTransition(source=source, target=target, lead_ms=0, when=OnDate(date=at))


def test_a_halt_begins_with_its_phase() -> None:
    """What ran before the phase began is nobody's business; milliseconds count from its start."""
    start = START.plus(30 * MINUTE_MS)
    world = running(phased((start, None), periods=3), (0, 50 * MINUTE_MS), periods=3)
    (found,) = ramp_downs_of(world.judge())
    assert (start, Stopping.STOPPED) == (found.legal, found.outcome)
    assert found.earliest_ms is not None
    assert found.latest_ms is not None
    assert 18 * MINUTE_MS <= found.earliest_ms <= 20 * MINUTE_MS <= found.latest_ms + 20_000
    assert found.latest_ms <= 21 * MINUTE_MS


def test_each_pause_is_a_halt_of_its_own() -> None:
    """Two pauses: the first was kept at once, in the second the site ran on; between them it was free to."""
    second = START.plus(2 * HOUR_MS)
    pauses = ((START.plus(MINUTE_MS), START.plus(HOUR_MS)), (second, None))
    world = running(phased(*pauses, periods=3), (HOUR_MS, 3 * HOUR_MS + 1), periods=3)
    found = ramp_downs_of(world.judge())
    assert [START.plus(MINUTE_MS), second] == [one.legal for one in found]
    assert [START.plus(HOUR_MS), START.plus(3 * HOUR_MS)] == [one.until for one in found]
    assert [Stopping.STOPPED, Stopping.RUNNING] == [one.outcome for one in found]
    assert (0, 0) == (found[0].earliest_ms, found[0].latest_ms)


def test_a_phase_that_has_not_come_is_no_halt() -> None:
    """A date ahead has halted nobody."""
    world = running(phased((START.plus(99 * HOUR_MS * 99), None), periods=1))
    assert () == ramp_downs_of(world.judge())


def test_what_a_motion_releases_is_outside_only_before_it() -> None:
    """A site that serves all the time is seen to stop, under the clause, when the motion lets serving go on."""
    at = START.plus(30 * MINUTE_MS)
    world = halting(SERVING)
    assert world.agreement.halt is not None
    resume = ResumeTerms(motion=Name("restart"), permitted=(SERVING.name,))
    world.agreement = replace(world.agreement, halt=replace(world.agreement.halt, resume=(resume,)))
    world.job(kind=JobKind.INFERENCE)
    verdict = running(world, (0, HOUR_MS + 1)).judge()
    (before,) = ramp_downs_of(verdict)
    assert Stopping.RUNNING is before.outcome
    # How motions are adopted is tested where they are; here one simply was.
    assert verdict.facts.standing is not None
    standing = replace(verdict.facts.standing, adopted=((Name("restart"), at),))
    areas = replace(verdict.areas, facts=replace(verdict.facts, standing=standing))
    (after,) = ramp_downs_of(replace(verdict, areas=areas))
    assert Stopping.STOPPED is after.outcome
    assert 30 * MINUTE_MS == after.latest_ms
