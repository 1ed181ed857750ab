"""Clocks put together: recurring ones, the earliest and the latest of several, and clocks that stood still.

Implements spec/duties.md section 3.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from allstop.clocks._calendar import UTC, Calendar
from allstop.clocks._length import Length, due, shift_day
from allstop.times import DAY_MS, INSTANT_MS_MAX, Instant

__all__ = [
    "OCCURRENCE_COUNT_MAX",
    "Pause",
    "earliest_of",
    "extended",
    "latest_of",
    "occurrences",
    "trigger_of",
]

OCCURRENCE_COUNT_MAX = 100_000
"""Most occurrences of one recurring clock: one an hour for eleven years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A span in which clocks stand still. `end` is None while nobody knows when it ends.

    Example: from 2027-02-01T00:00:00Z until 2027-02-11T00:00:00Z. Range: `start <= end`.
    """

    start: Instant
    end: Instant | None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError("pause ends before it starts")


def trigger_of(first: Instant, every: Length, index: int, calendar: Calendar = UTC) -> Instant:
    """Return when a recurring clock starts for the `index`-th time; the year 9999 is the end of time.

    Always counted from the first start: a month after 31 January is 28 February, two months after it 31 March.
    Units that count days keep the local time of day. Where a change of clocks skips that time, the start is the
    instant of the change; where it occurs twice, the second.
    """
    if index == 0:
        return first
    span = every.times(index)
    if span.unit.is_exact:
        return Instant(min(INSTANT_MS_MAX, first.ms + span.shortest_ms))
    day, of_day = divmod(calendar.local_ms(first), DAY_MS)
    wanted = shift_day(day, span, calendar) * DAY_MS + of_day
    found = calendar.readings(wanted)
    if found:
        return found[-1]
    change = calendar.skipped_at(wanted)
    return Instant(min(INSTANT_MS_MAX, max(0, wanted))) if change is None else change


def occurrences(
    first: Instant, *, within: Length, every: Length, calendar: Calendar = UTC
) -> Iterator[tuple[Instant, Instant]]:
    """Yield the start and the due instant of each occurrence of a recurring clock, in order.

    At most OCCURRENCE_COUNT_MAX; it ends where the next one would not start after the one before.
    """
    before = None
    for index in range(OCCURRENCE_COUNT_MAX):
        start = trigger_of(first, every, index, calendar)
        if before is not None and not before < start:
            return
        before = start
        yield start, due(start, within, calendar)


def earliest_of(instants: Sequence[Instant | None]) -> Instant | None:
    """Return the earliest of the clocks that run; None while none does."""
    return min((at for at in instants if at is not None), default=None)


def latest_of(instants: Sequence[Instant | None]) -> Instant | None:
    """Return the latest of several clocks; None until all of them run."""
    found = [at for at in instants if at is not None]
    return max(found) if found and len(found) == len(instants) else None


def extended(trigger: Instant, due_at: Instant, pauses: Sequence[Pause]) -> Instant | None:
    """Return the due instant of a clock that stood still in these pauses, None while it stands still without end.

    Each millisecond of a pause between the start of the clock and its due instant, as already extended, counts
    once. A pause that starts at the due instant or later changes nothing: what is late stays late.
    """
    end, counted = due_at.ms, trigger.ms
    for pause in sorted(pauses, key=lambda one: one.start):
        start = max(pause.start.ms, counted)
        if start >= end:
            continue
        if pause.end is None:
            return None
        end = min(INSTANT_MS_MAX, end + max(0, pause.end.ms - start))
        counted = max(counted, pause.end.ms)
    return Instant(end)
