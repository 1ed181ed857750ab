"""Recording processes: a scripted machine for what can go wrong, and once the real one."""

import os
from collections.abc import Callable

import pytest

from allstop.errors import LimitError, NotFoundError, UsageError
from allstop.finding import Channel
from allstop.ingest import ProcessSample, record_busy, sample_process


class ScriptedClock:
    """A clock that moves only while somebody sleeps, plus `lag_ms` for every look at the wall."""

    def __init__(self, lag_ms: int = 0) -> None:
        self.now = 0
        self.lag_ms = lag_ms
        self.offset = 1_000_000

    def wall_ms(self) -> int:
        """Return the scripted wall clock."""
        self.now += self.lag_ms
        return self.offset + self.now

    def monotonic_ms(self) -> int:
        """Return the scripted monotonic clock."""
        return self.now

    def sleep_ms(self, ms: int) -> None:
        """Move on."""
        self.now += ms


def scripted(*looks: ProcessSample | None) -> Callable[[int], ProcessSample | None]:
    """Return a machine that shows these looks one after another."""
    left = list(looks)
    return lambda pid: left.pop(0)


def look(busy_ms: int, created_ms: int = 5, memory_bytes: int = 10) -> ProcessSample:
    """Return one look at a process."""
    return ProcessSample(created_ms=created_ms, busy_ms=busy_ms, memory_bytes=memory_bytes)


def test_a_steady_process_is_one_epoch_of_a_counter() -> None:
    """Four looks, 100 ms apart, both ends read; the largest memory seen is kept."""
    machine = scripted(look(0), look(90, memory_bytes=70), look(180), look(280))
    (one,) = record_busy([7], interval_ms=100, duration_ms=300, clock=ScriptedClock(), sample=machine)
    assert one.readings.series.t.tolist() == [1_000_000, 1_000_100, 1_000_200, 1_000_300]
    assert one.readings.series.v.tolist() == [0, 90, 180, 280]
    assert (one.readings.series.epoch.tolist(), one.epochs, one.memory_bytes_max) == ([0] * 4, (5,), 70)
    assert (one.readings.channel, one.readings.meter) == (Channel.BUSY, "process-7")


@pytest.mark.parametrize(
    ("looks", "epochs", "values"),
    [
        ((look(5), look(9, created_ms=6), look(10, created_ms=6)), [0, 1, 1], [5, 9, 10]),
        ((look(5), None, look(9)), [0, 1], [5, 9]),
        ((look(5), look(3), look(4)), [0, 1, 1], [5, 3, 4]),
        ((look(5), look(6), None), [0, 0], [5, 6]),
        ((None, look(1), look(2)), [0, 0], [1, 2]),
    ],
    ids=["another process of this number", "away and back", "the sum falls", "ends", "starts late"],
)
def test_whatever_breaks_identity_begins_a_new_epoch(
    looks: tuple[ProcessSample | None, ...], epochs: list[int], values: list[int]
) -> None:
    """No bound may ever be drawn across a restart, an absence, or time that vanished with a descendant."""
    (one,) = record_busy(
        [7], interval_ms=100, duration_ms=200, clock=ScriptedClock(), sample=scripted(*looks)
    )
    assert epochs == one.readings.series.epoch.tolist()
    assert values == one.readings.series.v.tolist()


def test_lateness_does_not_add_up() -> None:
    """Every look costs 30 ms, yet the tenth is not 300 ms late: deadlines count from the start."""
    (one,) = record_busy(
        [7], interval_ms=100, duration_ms=1000, clock=ScriptedClock(lag_ms=30), sample=lambda pid: look(1)
    )
    spacing = one.readings.series.t[-1] - one.readings.series.t[0]
    assert 970 <= spacing <= 1030


def test_a_wall_clock_that_is_set_back_shows() -> None:
    """Stamps follow the wall clock even backwards, so that integrity rules can find it."""
    clock = ScriptedClock()

    def machine(pid: int) -> ProcessSample:
        clock.offset -= 500
        return look(1)

    (one,) = record_busy([7], interval_ms=100, duration_ms=200, clock=clock, sample=machine)
    assert one.readings.series.t.tolist() == [1_000_000, 999_600, 999_200]
    assert one.readings.window is not None
    assert one.readings.window.start.ms == 1_000_000


def test_several_processes_are_recorded_side_by_side() -> None:
    """One meter each, and progress from none to all."""
    heard: list[tuple[int, int]] = []
    many = record_busy(
        [7, 8],
        interval_ms=10,
        duration_ms=20,
        clock=ScriptedClock(),
        sample=lambda pid: look(pid),
        progress=lambda done, total: heard.append((done, total)),
    )
    assert [one.readings.series.v.tolist() for one in many] == [[7] * 3, [8] * 3]
    assert heard == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("pids", "interval_ms", "duration_ms"),
    [([], 100, 200), ([1, 1], 100, 200), ([1], 9, 200), ([1], 200, 100)],
)
def test_arguments_that_make_no_sense_are_refused(
    pids: list[int], interval_ms: int, duration_ms: int
) -> None:
    """Nothing to record, twice the same, too fast, or no time at all."""
    with pytest.raises(UsageError):
        record_busy(pids, interval_ms=interval_ms, duration_ms=duration_ms, clock=ScriptedClock())


def test_too_long_a_recording_and_no_process_are_errors() -> None:
    """A million readings are the limit; a process that never was has no meter."""
    with pytest.raises(LimitError):
        record_busy([1], interval_ms=10, duration_ms=10_000_000, clock=ScriptedClock())
    with pytest.raises(NotFoundError, match="no process 7"):
        record_busy([7], interval_ms=10, duration_ms=20, clock=ScriptedClock(), sample=lambda pid: None)


def test_this_process_is_seen_and_its_counter_grows() -> None:
    """The real machine: between two looks some work is done, and it is counted; no such process is None."""
    before = sample_process(os.getpid())
    spent = sum(number * number for number in range(2_000_000))
    after = sample_process(os.getpid())
    assert spent > 0
    assert before is not None
    assert after is not None
    assert before.created_ms == after.created_ms
    assert before.busy_ms < after.busy_ms
    assert after.memory_bytes > 1_000_000
    assert sample_process(2**22 + 1) is None


def test_a_short_recording_of_this_machine() -> None:
    """Three looks 10 ms apart with the real clocks."""
    (one,) = record_busy([os.getpid()], interval_ms=10, duration_ms=20)
    assert len(one.readings.series) == 3
    assert one.readings.series.epoch.tolist() == [0, 0, 0]
