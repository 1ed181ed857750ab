"""A simulated demo: filed, drawn from, re-executed and audited like a real one, from measurements that a seed gives.

The noise is of the kind that real runs show on two cores: what an item costs, how that drifts between
calibration and period, when a meter comes to read, in which ticks the kernel counts, what share of a core a
greedy process gets. Items are tiny, so that a demo takes well under a second; what they cost is simulated.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from allstop.app.demo._cast import INSPECTORATE, OPERATORS, Cast, Kind, cast_of
from allstop.app.demo._ceremony import bring_into_force, call_halt
from allstop.app.demo._evidence import Evidence, ItemCost, Work
from allstop.app.demo._office import Office, meter_of, open_office
from allstop.app.demo._plan import cost_of_items, evidence_of, order_of, outage_in, work_of
from allstop.app.demo._proceedings import Proceedings
from allstop.app.demo._processes import INTERVAL_MS
from allstop.app.demo._run import DemoResult, audit_demo
from allstop.app.demo._worker import Act, Order, Prover
from allstop.finding import Channel
from allstop.ids import Name, digest_of
from allstop.ingest import MeterReadings
from allstop.telemetry import Series
from allstop.times import Instant, Window
from allstop.transcript import Init, Recipe, RecipeKind

__all__ = ["Noise", "run_simulated_demo"]

_RECIPE = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=1, width=4, layers=2, outputs=1)
_START = Instant(1_800_000_000_000)
_PEAK = 100_000_000_000
_TICK_MS = 10
_BEACON_MS = 2500
_SPARE_MS = 1000
_FILING_MS = 3000
_CALIBRATION_ITEMS = 19
_IDLE_PPM = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How measurements vary, a little worse than runs on two cores with and without other work have shown.

    `item_ns` is what an item costs about (9.6 to 12.8 ms were seen), `spread` the relative spread from item to
    item (mostly 0.06 to 0.2), `drift` that of the mean from one period, party or calibration to the next (0.03
    to 0.07), both log-normal. `late_ms` is by how much a
    reading is late on average. A greedy process gets a share of a core between `greedy_low` and
    `greedy_high`; a machine starts again within `restart_ms`.
    """

    item_ns: int = 10_500_000
    spread: float = 0.2
    drift: float = 0.1
    late_ms: float = 15.0
    greedy_low: float = 0.4
    greedy_high: float = 0.98
    restart_ms: int = 3000


@dataclass
class _Clock:
    """Time that passes only when it is told to."""

    now: Instant = _START

    def __call__(self) -> Instant:
        return self.now

    def advance_to(self, instant: Instant) -> None:
        self.now = max(self.now, instant)


def run_simulated_demo(
    folder: Path,
    seed: int,
    *,
    honest: bool = False,
    cheats: Mapping[Name, Kind] | None = None,
    noise: Noise = Noise(),
) -> DemoResult:
    """Simulate a demo in an empty folder; keys are fresh, all that is measured follows from the seed."""
    cast = cast_of(honest=honest, cheats=cheats)
    chance, clock = random.Random(seed), _Clock()
    seeds = {party: chance.randbytes(32) for party in (*OPERATORS, INSPECTORATE)}
    with open_office(folder, clock=clock, peak_flop_per_second=_PEAK, period_ms=None) as office:
        proceedings = Proceedings(
            office=office, recipe=_RECIPE, seeds=seeds, say=lambda text: None, wait_until=clock.advance_to
        )
        world = _World(cast=cast, seeds=seeds, chance=chance, noise=noise, clock=clock)
        evidence = world.perform(office, proceedings)
        proceedings.conclude(evidence)
        return audit_demo(folder, office, cast)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What a simulated machine did with an order: its results, and its CPU time as a curve over the time."""

    results: tuple[bytes, ...]
    at_ms: tuple[float, ...]
    used_ms: tuple[float, ...]


@dataclass(kw_only=True)
class _World:
    cast: Cast
    seeds: Mapping[Name, bytes]
    chance: random.Random
    noise: Noise
    clock: _Clock
    _provers: dict[Name, Prover] = field(default_factory=dict)

    def perform(self, office: Office, proceedings: Proceedings) -> Evidence:
        """Live through the periods and return what came of them."""
        cost = self._calibrate()
        windows, note = bring_into_force(office, wait_until=self.clock.advance_to)
        beacon, work = digest_of(note), []
        done: dict[Name, list[_Done]] = {party: [] for party in OPERATORS}
        halt_at: Instant | None = None
        halted_at = halt_at
        for period, window in enumerate(windows, start=1):
            coming, called = beacon, None
            if window != windows[-1]:
                self.clock.advance_to(window.end.plus(-_BEACON_MS))
                called, note = call_halt(office) if period + 1 == len(windows) else (None, office.publish())
                coming = digest_of(note)
            fresh: list[Work] = []
            for party in OPERATORS:
                order = order_of(self.cast, party, period, windows, beacon, self.chance, halt_at)
                one = self._do(order, window, is_interrupted=self._is_interrupted(party, period))
                done[party].append(one)
                fresh += work_of(self.cast, order, period, window, one.results)
            self.clock.advance_to(window.end.plus(_FILING_MS))
            if window != windows[-1]:
                proceedings.file_work(fresh)
            work += fresh
            beacon, halt_at, halted_at = coming, called, halt_at
        readings = {party: self._read_meter(party, windows, done[party]) for party in OPERATORS}
        item_cost = cost.joined(self._calibrate())
        return evidence_of(
            self.cast, windows, work=work, readings=readings, item_cost=item_cost, halt_at=halted_at
        )

    def _is_interrupted(self, party: Name, period: int) -> bool:
        return period == 1 and self.cast.kinds[party] is Kind.METER_OUTAGE

    def _calibrate(self) -> ItemCost:
        costs = self._item_costs(_CALIBRATION_ITEMS)
        return cost_of_items([0, *(int(used * 1_000_000) for used in np.cumsum(costs))])

    def _item_costs(self, count: int) -> npt.NDArray[np.float64]:
        """Return what some items cost in ms of CPU time, with a drift that they share."""
        mean = self.noise.item_ns / 1e6 * self.chance.lognormvariate(0, self.noise.drift)
        return np.array([mean * self.chance.lognormvariate(0, self.noise.spread) for _ in range(count)])

    def _do(self, order: Order, window: Window, *, is_interrupted: bool) -> _Done:
        """Simulate a machine over a period: one thing at a time, at a share of a core that is free."""
        prover = self._provers.setdefault(
            order.party, Prover(_RECIPE, self.seeds[order.party], pretend=lambda: None)
        )
        arrivals = list(order.arrivals_ms)
        if is_interrupted:
            lost = self._outage(window)
            arrivals = [ms for ms in arrivals if not lost.start.ms <= ms < lost.end.ms]
        answer = prover.prepare(order, 0, len(arrivals))
        share = self.chance.uniform(self.noise.greedy_low, self.noise.greedy_high)
        costs = self._item_costs(len(arrivals))
        if order.act is Act.PRECOMPUTED:
            costs = costs / 100
        now, used = float(window.start.ms), 0.0
        at_ms, used_ms = [now], [used]
        hidden = share * order.hidden_share + _IDLE_PPM / 1e6

        def pass_time(until: float, rate: float) -> None:
            nonlocal now, used
            used += max(0.0, until - now) * rate
            now = max(now, until)
            at_ms.append(now)
            used_ms.append(used)

        for arrival, cost in zip(arrivals, costs, strict=True):
            pass_time(arrival, hidden)
            pass_time(now + cost / share, share)
        pass_time(max(now, order.until_ms), hidden)
        results = tuple(answer(index) for index in range(len(arrivals)))
        return _Done(
            results=results if order.act is not Act.IDLE else (), at_ms=tuple(at_ms), used_ms=tuple(used_ms)
        )

    def _outage(self, window: Window) -> Window:
        planned = outage_in(window)
        return Window(start=planned.start, end=planned.end.plus(self.noise.restart_ms))

    def _read_meter(self, party: Name, windows: tuple[Window, ...], done: list[_Done]) -> MeterReadings:
        """Read the CPU time that a party's machine has used, in the kernel's ticks and a little late."""
        at, used, before = [0.0], [0.0], 0.0
        for one in done:
            at += one.at_ms
            used += [before + ms for ms in one.used_ms]
            before = used[-1]
        first, last = windows[0].start.ms - INTERVAL_MS, windows[-1].end.ms + _SPARE_MS
        late = 1 / self.noise.late_ms
        due = np.arange(first, last, INTERVAL_MS)
        # A reading is never later than the next one is due.
        times = np.array([ms + min(self.chance.expovariate(late), INTERVAL_MS - 1) for ms in due])
        values, epochs = np.interp(times, at, used), np.zeros(len(times), dtype=np.int64)
        if self._is_interrupted(party, 1):
            lost = self._outage(windows[0])
            epochs[times >= lost.end.ms] = 1
            # The counter of the process that was started again begins anew.
            values = values - np.where(epochs == 1, np.interp(lost.end.ms, at, used), 0)
            kept = (times < lost.start.ms) | (times >= lost.end.ms)
            times, values, epochs = times[kept], values[kept], epochs[kept]
        ticks = [int(value // _TICK_MS) * _TICK_MS for value in values]
        return MeterReadings(
            meter=meter_of(party),
            channel=Channel.BUSY,
            series=Series(
                t=times.astype(np.int64), v=np.array(ticks, dtype=np.int64), epoch=epochs.astype(np.int32)
            ),
            source=f"simulated process of {party}",
            source_digest=digest_of(repr(ticks).encode("ascii")),
        )
