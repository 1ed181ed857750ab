"""Recording processes of this machine: `meter record`.

One meter for each process tree: CPU time as a cumulative counter in chip-ms, a chip being one core, and
the resident memory seen. CPU time counts a process, its living descendants, and those already waited for.
A process that ends and comes back, or a sum that falls because a descendant vanished unwaited, begins a new
epoch, so that no bound is ever drawn across it. Spacing follows the monotonic clock, stamps the wall clock.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import psutil

from allstop.errors import LimitError, NotFoundError, UsageError
from allstop.finding import Channel
from allstop.ids import digest_of, parse_name
from allstop.ingest._imports import MeterReadings, series_of
from allstop.ingest._source import Progress, report_nothing
from allstop.times import Instant

__all__ = [
    "READINGS_PER_RECORDING_MAX",
    "Clock",
    "MachineClock",
    "ProcessSample",
    "Recording",
    "record_busy",
    "sample_process",
]

READINGS_PER_RECORDING_MAX = 1_000_000
"""Largest number of readings that one recording takes of one process tree."""

_PROCESSES_MAX = 1024
_INTERVAL_MS_MIN = 10


class Clock(Protocol):
    """Time as a recording needs it."""

    def wall_ms(self) -> int:
        """Return ms since 1970 by the wall clock, which may be set back."""
        ...

    def monotonic_ms(self) -> int:
        """Return ms of a clock that never goes back."""
        ...

    def sleep_ms(self, ms: int) -> None:
        """Wait for `ms` milliseconds."""
        ...


class MachineClock:
    """The clocks of this machine."""

    def wall_ms(self) -> int:
        """Return ms since 1970 by the wall clock."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Return ms of the monotonic clock."""
        return time.monotonic_ns() // 1_000_000

    def sleep_ms(self, ms: int) -> None:
        """Wait for `ms` milliseconds."""
        time.sleep(ms / 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSample:
    """One look at a process tree: who its root is, the CPU time so far, the resident memory now."""

    created_ms: int
    busy_ms: int
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What was recorded of one process tree.

    `epochs` says for each epoch of the series when its root process was created, in ms since 1970;
    `memory_bytes_max` is the largest resident memory seen, which may be below the true peak.
    """

    pid: int
    readings: MeterReadings
    epochs: tuple[int, ...]
    memory_bytes_max: int


def sample_process(pid: int) -> ProcessSample | None:
    """Look at the process tree under `pid`; None if there is no such process any more."""
    try:
        root = psutil.Process(pid)
        created_ms = round(root.create_time() * 1000)
        family = [root, *root.children(recursive=True)]
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return None
    except psutil.AccessDenied as exc:
        raise NotFoundError(f"process {pid} may not be looked at") from exc
    busy = memory = 0
    for index, process in enumerate(family):
        try:
            times = process.cpu_times()
            memory += process.memory_info().rss
        except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
            if index == 0:
                return None
            # A descendant that has just ended is counted by its parent once it is waited for.
            continue
        waited = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        busy += round((times.user + times.system + waited) * 1000)
    return ProcessSample(created_ms=created_ms, busy_ms=busy, memory_bytes=memory)


@dataclass(slots=True)
class _Tape:
    pid: int
    times: list[int] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    epochs: list[int] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    memory_bytes_max: int = 0
    is_broken: bool = True

    def note(self, at_ms: int, sample: ProcessSample | None) -> None:
        """Add one look. An absence, another root or a smaller sum ends the epoch."""
        if sample is None:
            self.is_broken = True
            return
        if self.is_broken or sample.created_ms != self.roots[-1] or sample.busy_ms < self.values[-1]:
            self.roots.append(sample.created_ms)
            self.is_broken = False
        self.times.append(at_ms)
        self.values.append(sample.busy_ms)
        self.epochs.append(len(self.roots) - 1)
        self.memory_bytes_max = max(self.memory_bytes_max, sample.memory_bytes)


def record_busy(
    pids: Sequence[int],
    *,
    interval_ms: int,
    duration_ms: int,
    clock: Clock | None = None,
    sample: Callable[[int], ProcessSample | None] = sample_process,
    progress: Progress = report_nothing,
) -> tuple[Recording, ...]:
    """Record each process tree every `interval_ms` for `duration_ms`; both ends are read.

    Raises:
        UsageError: an argument makes no sense, such as a process named twice.
        LimitError: it would take too many readings.
        NotFoundError: a process was never there, or may not be looked at.
    """
    if not pids or len(set(pids)) != len(pids):
        raise UsageError("name at least one process, and each once")
    if interval_ms < _INTERVAL_MS_MIN or duration_ms < interval_ms:
        raise UsageError(
            f"interval is {interval_ms} ms of {duration_ms} ms, want {_INTERVAL_MS_MIN} ms or more"
        )
    if len(pids) > _PROCESSES_MAX or duration_ms // interval_ms >= READINGS_PER_RECORDING_MAX:
        raise LimitError(
            f"recording has over {_PROCESSES_MAX} processes or {READINGS_PER_RECORDING_MAX} readings"
        )
    clock = clock or MachineClock()
    tapes = [_Tape(pid) for pid in pids]
    started_wall, started = clock.wall_ms(), clock.monotonic_ms()
    last = duration_ms // interval_ms
    for index in range(last + 1):
        # Each deadline is counted from the start, so that lateness does not add up.
        wait = started + index * interval_ms - clock.monotonic_ms()
        if wait > 0:
            clock.sleep_ms(wait)
        for tape in tapes:
            tape.note(clock.wall_ms(), sample(tape.pid))
        progress(index, last)
    stopped_wall = clock.wall_ms()
    return tuple(_recording(tape, started_wall, stopped_wall) for tape in tapes)


def _recording(tape: _Tape, started_ms: int, stopped_ms: int) -> Recording:
    if not tape.times:
        raise NotFoundError(f"there is no process {tape.pid}")
    table = "".join(f"{t} {v} {e}\n" for t, v, e in zip(tape.times, tape.values, tape.epochs, strict=True))
    readings = MeterReadings(
        meter=parse_name(f"process-{tape.pid}"),
        channel=Channel.BUSY,
        series=series_of(tape.times, tape.values, tape.epochs),
        source=f"process {tape.pid}",
        source_digest=digest_of(table.encode("ascii")),
        started_at=Instant(started_ms),
        # A wall clock that was set back leaves readings outside the period, where they are found.
        stopped_at=Instant(max(started_ms, stopped_ms)),
    )
    return Recording(
        pid=tape.pid, readings=readings, epochs=tuple(tape.roots), memory_bytes_max=tape.memory_bytes_max
    )
