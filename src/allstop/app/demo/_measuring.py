"""Measuring: two accounting periods on real machines, and what was metered, answered and kept of them.

The cast decides what each machine does. What comes out is evidence; filing knows nothing of the cast.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from allstop.app.demo._cast import INSPECTORATE, OPERATORS, Cast, Kind
from allstop.app.demo._evidence import ItemCost, Work
from allstop.app.demo._meters import is_telling
from allstop.app.demo._office import meter_of
from allstop.app.demo._plan import RATE_PER_SECOND, cost_of_items, order_of, outage_in, work_of
from allstop.app.demo._processes import (
    AGAIN,
    INTERVAL_MS,
    Fleet,
    Say,
    Tick,
    insist,
    now_ms,
)
from allstop.app.demo._worker import Act, Order
from allstop.errors import OperationalError
from allstop.ids import Digest, Name
from allstop.ingest import MeterReadings
from allstop.times import Instant, Window
from allstop.transcript import Recipe, result_bytes

__all__ = ["Stage", "measure_item_cost"]

_BEACON_MS = 2500
_SPARE_MS = 1000
_CALIBRATION_MS = 5000
_UNREGISTERED_SHARE = 0.1
_NO_BEACON = Digest("0" * 64)


def measure_item_cost(machines: Fleet, *, name: str, say: Say) -> ItemCost:
    """Let the inspectorate serve for some seconds as a site does; return what an item took, from batches.

    Raises:
        OperationalError: the machine is too busy for that, every time.
    """
    machine = machines.machines[INSPECTORATE]
    attempts = 0

    def measure() -> tuple[ItemCost, int, int]:
        nonlocal attempts
        attempts += 1
        start = Instant(now_ms())
        count = RATE_PER_SECOND * _CALIBRATION_MS // 1000
        order = Order(
            transcript=Name(f"{name}-{attempts}"),
            job=Name("calibration"),
            party=INSPECTORATE,
            beacon=_NO_BEACON,
            act=Act.SERVE,
            hidden_share=0,
            until_ms=start.ms,
            arrivals_ms=tuple(start.ms + 1000 * index // RATE_PER_SECOND for index in range(1, count)),
        )
        machine.order(order)
        report = machine.report(order.transcript)
        return cost_of_items(report.used_ns), report.used_ns[-1] - report.used_ns[0], report.worked_ns

    return insist(measure, say)


@dataclass(kw_only=True)
class Stage:
    """The periods on the machines of a fleet: orders, meters, and the incidents that the cast asks for.

    `tolerance_ms` is how much activity beside what is declared the agreement tolerates.
    """

    machines: Fleet
    cast: Cast
    recipe: Recipe
    windows: tuple[Window, ...]
    tolerance_ms: int
    chance: random.Random
    tick: Tick
    _most_ms: int = 0

    def perform(
        self,
        *,
        beacon: Digest,
        next_beacon: Callable[[Window], tuple[Digest, Instant | None]],
        observe: Callable[[Sequence[Work]], None],
    ) -> tuple[tuple[Work, ...], Mapping[Name, MeterReadings]]:
        """Run the periods; return all that was done in them, and each party's readings over the whole time.

        `next_beacon` makes the note that a later period begins from, and says from when on everything is to stand
        still in it; `observe` is told of the work of a period while the next one runs.

        Raises:
            OperationalError: the machine is too busy to be measured, or a process ended early.
        """
        first, last = self.windows[0], self.windows[-1]
        if now_ms() > first.start.ms - INTERVAL_MS:
            raise OperationalError("machine too busy: the period began before its meters did", hint=AGAIN)
        recording = self.machines.start_meters(OPERATORS, until_ms=last.end.ms + _SPARE_MS, tick=self.tick)
        for _ in self.cast.unregistered:
            self.machines.start_unregistered(share=_UNREGISTERED_SHARE)
        done: list[Work] = []
        orders = self._give_orders(1, beacon)
        self._interrupt_meters(orders)
        for period, window in enumerate(self.windows, start=1):
            coming: Mapping[Name, Order] = {}
            if window != last:
                # The beacon must be there before the period that it is for, and orders wait for their time.
                _sleep_until(window.end.ms - _BEACON_MS)
                coming = self._give_orders(period + 1, *next_beacon(self.windows[period]))
            fresh = [work for party in OPERATORS for work in self._collect(period, orders[party])]
            if window != last:
                observe(fresh)
            done += fresh
            orders = coming
        readings = {
            party: replace(one.readings, meter=meter_of(party), started_at=None, stopped_at=None)
            for party, one in zip(OPERATORS, recording.result(), strict=True)
        }
        self._check_share(readings)
        return tuple(done), readings

    def _check_share(self, readings: Mapping[Name, MeterReadings]) -> None:
        """Refuse to go on where machines got too little of a core to show what they did.

        It could not be told from noise then, for which nobody here is to blame.

        Raises:
            OperationalError: no period gave hidden training twice what the agreement tolerates, or the
                readings that are to be replayed are as even as those of any machine.
        """
        for party in self.cast.parties(Kind.REPLAYED_METER):
            if not is_telling(readings[party], self.windows):
                raise OperationalError(
                    f"machine too busy: the bursts of {party} cannot be told from one another", hint=AGAIN
                )
        wanted_ms = 2 * self.tolerance_ms
        if self.cast.parties(Kind.HIDDEN_TRAINING) and self._most_ms < wanted_ms:
            raise OperationalError(
                f"machine too busy: hidden training got {self._most_ms} ms of a core, want {wanted_ms}",
                hint=AGAIN,
            )

    def _give_orders(
        self, period: int, beacon: Digest, halt_at: Instant | None = None
    ) -> Mapping[Name, Order]:
        orders = {
            party: order_of(self.cast, party, period, self.windows, beacon, self.chance, halt_at)
            for party in OPERATORS
        }
        for party, order in orders.items():
            self.machines.machines[party].order(order)
        return orders

    def _interrupt_meters(self, orders: Mapping[Name, Order]) -> None:
        """End the machines that lose their meter, and start them again after a while, with their orders."""
        parties = self.cast.parties(Kind.METER_OUTAGE)
        if not parties:
            return
        machines = self.machines.machines
        outage = outage_in(self.windows[0])
        _sleep_until(outage.start.ms)
        for party in parties:
            machines[party].stop()
        _sleep_until(outage.end.ms)
        for party in parties:
            machines[party].start()
        self.machines.wait_ready(*parties)
        for party in parties:
            machines[party].order(orders[party])

    def _collect(self, period: int, order: Order) -> list[Work]:
        """Wait until a machine is done, and return what it has to show: nothing if it did nothing."""
        machine, window = self.machines.machines[order.party], self.windows[period - 1]
        report = machine.report(order.transcript)
        if self.cast.kinds[order.party] is Kind.HIDDEN_TRAINING:
            self._most_ms = max(self._most_ms, (report.used_ns[-1] - report.used_ns[0]) // 1_000_000)
        results = machine.results(order.transcript, size=result_bytes(self.recipe))
        return work_of(self.cast, order, period, window, results)


def _sleep_until(ms: int) -> None:
    time.sleep(max(0, ms - now_ms()) / 1000)
