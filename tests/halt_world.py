"""A world that halts: one site of two servers, in force from START, an hour to a period, judged by its meters."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from agreement_examples import clause
from allstop.agreement import Accounting, HaltTerms, ObligationKind, PermittedUse
from allstop.finding import Level
from allstop.ids import Name
from allstop.telemetry import Series
from allstop.times import HOUR_MS, Window
from allstop.verdict import RampDown, ramp_downs_of
from verdict_world import ALDER, BIRCH, START, World, power, terms

__all__ = ["DRAIN_MS", "MINUTE_MS", "SERVING", "halting", "only_ramp_down", "readings", "running"]

MINUTE_MS = 60_000
DRAIN_MS = 10 * MINUTE_MS
SERVING = PermittedUse(name=Name("serving"), jobs=("inference",))


def halting(
    *permitted: PermittedUse,
    periods: int = 1,
    tolerance: int = HOUR_MS,
    level: Level = Level.DECLARED,
    evidence: Sequence[str] = ("meter", "measurement", "job", "period-close"),
) -> World:
    """Return a world in which all halts within ten minutes of START; nothing is measured yet."""
    stop = replace(
        clause("1.1", ObligationKind.HALT, tolerance=tolerance, level=level),
        parties=(ALDER,),
        evidence=tuple(map(Name, evidence)),
    )
    agreed = terms(
        obligations=(stop,),
        accounting=Accounting(start=None, period_ms=HOUR_MS, periods=periods),
        halt=HaltTerms(drain_ms=DRAIN_MS, inventory_ms=HOUR_MS, permitted=permitted),
    )
    world = World(agreement=replace(agreed, entry=replace(agreed.entry, deadline=START, lead_ms=HOUR_MS)))
    for party in (ALDER, BIRCH):
        world.file(party, None, predicate="deposit", body={"deadlineSeen": None}, at=START.plus(-HOUR_MS))
    world.clock = START.plus(-HOUR_MS)
    world.site()
    world.chips()
    world.meter("node-1", 0, 8)
    world.meter("node-2", 8, 16)
    world.clock = START.plus(periods * HOUR_MS)
    return world


def readings(seed: int, *busy: tuple[int, int], last: int = HOUR_MS) -> Series:
    """Return a server's power: busy in these spans of milliseconds after START, idle otherwise."""
    on, off = power("busy", seed, last=last), power("idle", seed, last=last)
    working = np.zeros(len(on), dtype=np.bool_)
    for first, until in busy:
        working |= (on.t >= START.ms + first) & (on.t < START.ms + until)
    return replace(on, v=np.where(working, on.v, off.v))


def running(world: World, *busy: tuple[int, int], periods: int = 1) -> World:
    """Measure both servers, the first busy in these spans, and close every period."""
    span = Window(start=START, end=START.plus(periods * HOUR_MS))
    for number, spans in ((1, busy), (2, ())):
        series = readings(number, *spans, last=periods * HOUR_MS)
        world.measure(f"node-{number}", series, window=span)
    for index in range(periods):
        start = START.plus(index * HOUR_MS)
        world.close(period=Window(start=start, end=start.plus(HOUR_MS)))
    return world


def only_ramp_down(world: World, without: Sequence[int] = ()) -> RampDown:
    """Return the one ramp-down of a world."""
    (found,) = ramp_downs_of(world.judge(without=tuple(without)))
    return found
