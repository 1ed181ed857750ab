"""The machines of the demo: real processes that are started, given orders, metered, and ended.

A site is one process on one core, with linear algebra held to one thread. Its meter reads the CPU time of
its process tree from outside, as the kernel counts it.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from allstop.app._environment import single_threaded
from allstop.app.demo import _worker
from allstop.app.demo._worker import Order
from allstop.errors import OperationalError
from allstop.ids import Name
from allstop.ingest import ProcessSample, Recording, record_busy, sample_process
from allstop.transcript import Recipe, format_recipe

__all__ = [
    "AGAIN",
    "INTERVAL_MS",
    "Fleet",
    "Machine",
    "Report",
    "Say",
    "Tick",
    "fleet",
    "insist",
    "measure_peak",
    "now_ms",
]

INTERVAL_MS = 500
"""Time between two readings of a meter."""

AGAIN = "try again when less is running"
"""Hint where a machine is too busy."""

_SHARE_MIN_PERCENT = 25
_READY_SECONDS_MAX = 90
_DONE_SECONDS_MAX = 60
_POLL_SECONDS = 0.02
_TRIES_MAX = 5
_REST_SECONDS = 3

T = TypeVar("T")
Say = Callable[[str], None]
Tick = Callable[[int, int], None]


def now_ms() -> int:
    """Return the time of this machine, in ms since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a site says of an order: the CPU time of its process before the first item and after each, and the
    time that passed while it was at work on items.
    """

    used_ns: tuple[int, ...]
    worked_ns: int


class Machine:
    """One site's process. It can be ended and started again, and goes on with what it had committed to disk."""

    def __init__(self, folder: Path, *, recipe: Recipe, seed: bytes) -> None:
        folder.mkdir()
        (folder / "recipe").write_bytes(format_recipe(recipe))
        self._folder = folder
        self._seed = seed
        self._starts = 0
        self._running: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        self._starts += 1
        with self._output.open("wb") as output:
            self._running = subprocess.Popen(
                [*_COMMAND, "site", str(self._folder), self._seed.hex()],
                env=single_threaded(),
                stdin=subprocess.PIPE,
                stdout=output,
            )

    def stop(self) -> None:
        """End the process and wait until it is gone, with what it had started."""
        running, self._running = self._running, None
        if running is not None:
            running.terminate()
            running.communicate()

    @property
    def is_ready(self) -> bool:
        """Whether the process has loaded its model and takes orders."""
        return self._output.stat().st_size > 0

    @property
    def has_ended(self) -> bool:
        """Whether there is no process any more."""
        return self._running is None or self._running.poll() is not None

    @property
    def pid(self) -> int | None:
        """Process to meter, None while there is none that is ready."""
        return self._running.pid if self._running is not None and self.is_ready else None

    @property
    def _output(self) -> Path:
        return self._folder / f"output-{self._starts}"

    def order(self, order: Order) -> None:
        """Give an order; it is carried out after those before it."""
        if self._running is None or self._running.stdin is None:
            raise OperationalError(f"the process of {order.party} is not running")
        self._running.stdin.write(order.format().encode("ascii"))
        self._running.stdin.flush()

    def report(self, order: Name) -> Report:
        """Wait for what the site says when an order is done.

        Raises:
            OperationalError: the process ended, or is not done in time.
        """
        until = time.monotonic() + _DONE_SECONDS_MAX
        while time.monotonic() < until:
            for line in self._output.read_text("ascii").splitlines()[1:]:
                said = json.loads(line)
                if said["order"] == order:
                    return Report(used_ns=tuple(said["used_ns"]), worked_ns=said["worked_ns"])
            if self.has_ended:
                raise OperationalError(f"the process that should do {order} ended early")
            time.sleep(_POLL_SECONDS)
        raise OperationalError(f"machine too busy: {order} was not done in time", hint=AGAIN)

    def results(self, order: Name, *, size: int) -> tuple[bytes, ...]:
        """Return the results of an order, each of `size` bytes, in the order of the items."""
        path = self._folder / f"{order}.results"
        data = path.read_bytes() if path.exists() else b""
        return tuple(data[at : at + size] for at in range(0, len(data), size))


class Fleet:
    """The machines of all parties."""

    def __init__(self, machines: Mapping[Name, Machine]) -> None:
        self.machines = machines
        self._recorder = ThreadPoolExecutor(1)
        self._is_closed = False
        self._unregistered: list[subprocess.Popen[bytes]] = []

    def wait_ready(self, *parties: Name) -> None:
        """Wait until machines take orders: those of the parties named, or all."""
        waiting = [self.machines[party] for party in parties or self.machines]
        until = time.monotonic() + _READY_SECONDS_MAX
        while not all(machine.is_ready for machine in waiting):
            if any(machine.has_ended for machine in waiting):
                raise OperationalError("a process ended before it was ready")
            if time.monotonic() > until:
                raise OperationalError("machine too busy: the processes did not start", hint=AGAIN)
            time.sleep(_POLL_SECONDS)

    def start_unregistered(self, *, share: float) -> None:
        """Start a machine that trains with a share of a core, and that nobody will register or meter."""
        self._unregistered.append(subprocess.Popen([*_COMMAND, "train", str(share)], env=single_threaded()))

    def start_meters(
        self, parties: Sequence[Name], *, until_ms: int, tick: Tick
    ) -> "Future[tuple[Recording, ...]]":
        """Meter the machines of some parties from now on, beside whatever else this process does."""
        machines = [self.machines[party] for party in parties]

        def sample(slot: int) -> ProcessSample | None:
            if self._is_closed:
                raise OperationalError("the machines were ended while they were metered")
            # A machine is metered whenever it is there; after a restart its counter is another one.
            pid = machines[slot].pid
            return None if pid is None else sample_process(pid)

        return self._recorder.submit(
            record_busy,
            range(len(machines)),
            interval_ms=INTERVAL_MS,
            duration_ms=until_ms - now_ms(),
            sample=sample,
            progress=tick,
        )

    def close(self) -> None:
        """End every process that was started here, and the meters."""
        self._is_closed = True
        for process in self._unregistered:
            process.terminate()
            process.wait()
        for machine in self.machines.values():
            machine.stop()
        self._recorder.shutdown()


@contextmanager
def fleet(folder: Path, *, recipe: Recipe, seeds: Mapping[Name, bytes]) -> Iterator[Fleet]:
    """Start one machine for each party, and in the end stop exactly these."""
    started: dict[Name, Machine] = {}
    whole = Fleet(started)
    try:
        for party, seed in seeds.items():
            started[party] = Machine(folder / party, recipe=recipe, seed=seed)
        yield whole
    finally:
        whole.close()


def measure_peak(say: Say) -> int:
    """Return the best rate of one core in FLOP/s, measured over a second.

    Raises:
        OperationalError: the machine is too busy for that, every time.
    """

    def measure() -> tuple[int, int, int]:
        command = [*_COMMAND, "peak"]
        done = subprocess.run(
            command, env=single_threaded(), capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode != 0:
            raise OperationalError("the calibration process ended early")
        best, cpu_ns, wall_ns = done.stdout.split()
        return int(best), int(cpu_ns), int(wall_ns)

    return insist(measure, say)


def insist(measure: Callable[[], tuple[T, int, int]], say: Say, *, rest_seconds: float = _REST_SECONDS) -> T:
    """Measure until a core was free enough; `measure` returns a figure, the CPU time and the time it took.

    Raises:
        OperationalError: it never was.
    """
    for attempt in range(_TRIES_MAX):
        found, cpu_ns, wall_ns = measure()
        if 100 * cpu_ns >= _SHARE_MIN_PERCENT * wall_ns:
            return found
        if attempt < _TRIES_MAX - 1:
            share = 100 * cpu_ns // max(wall_ns, 1)
            say(f"machine too busy: a calibration got {share} % of a core; waiting")
            time.sleep(rest_seconds)
    raise OperationalError(
        f"machine too busy: none of {_TRIES_MAX} calibrations got a quarter of a core", hint=AGAIN
    )


# Run as a file: it needs little of this package, and starts the faster for it.
_COMMAND = (sys.executable, "-P", _worker.__file__)
