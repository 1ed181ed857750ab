"""Accounting periods of equal length, numbered from 0 without gaps.

Implements spec/agreement.md, section "Periods". Does not know what happens in a period.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from allstop.times import INSTANT_MS_MAX, Instant, Window

__all__ = ["PERIOD_COUNT_MAX", "Periods", "due_at"]

PERIOD_COUNT_MAX = 100_000
"""Most periods that one schedule may have: a day each for more than 270 years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Windows of `length_ms` one after the other: `count` of them, or no agreed end if None.

    Example: start 2026-01-01T00:00:00Z, length_ms 2592000000 (30 days), count 12.
    Range: `1 <= length_ms`, `1 <= count <= PERIOD_COUNT_MAX`.
    """

    start: Instant
    length_ms: int
    count: int | None

    def __post_init__(self) -> None:
        if self.length_ms < 1:
            raise ValueError(f"period length is {self.length_ms} ms, want at least 1")
        if self.count is not None and not 1 <= self.count <= PERIOD_COUNT_MAX:
            raise ValueError(f"period count is {self.count}, want 1 to {PERIOD_COUNT_MAX}")

    def window(self, index: int) -> Window:
        """Return period `index`.

        Raises:
            ValueError: there is no such period, or it would end after the year 9999.
        """
        if index < 0 or index >= self.count_max:
            raise ValueError(f"period index is {index}, want 0 to {self.count_max - 1}")
        first = self.start.plus(index * self.length_ms)
        return Window(start=first, end=first.plus(self.length_ms))

    def index_at(self, at: Instant) -> int | None:
        """Return the index of the period that holds `at`, or None before the first and after the last."""
        index = (at.ms - self.start.ms) // self.length_ms
        return index if 0 <= index < self.count_max else None

    def index_of(self, window: Window) -> int | None:
        """Return the index of exactly this window, or None if it is not one of the periods."""
        index = self.index_at(window.start)
        return index if index is not None and self.window(index) == window else None

    def closed_count(self, at: Instant) -> int:
        """Return how many periods have ended by `at`; their indices are 0 to this, exclusive."""
        return max(0, min(self.count_max, (at.ms - self.start.ms) // self.length_ms))

    def closed(self, at: Instant) -> Iterator[tuple[int, Window]]:
        """Yield each period that has ended by `at`, with its index, oldest first."""
        for index in range(self.closed_count(at)):
            yield index, self.window(index)

    @property
    def count_max(self) -> int:
        """Most periods that exist: the agreed count, PERIOD_COUNT_MAX and the year 9999 all bound it."""
        room = (INSTANT_MS_MAX - self.start.ms) // self.length_ms
        return min(room, PERIOD_COUNT_MAX if self.count is None else self.count)


def due_at(window: Window, *, after_ms: int) -> Instant:
    """Return when a duty is due that follows `window` by `after_ms`; the year 9999 is the end of time."""
    return Instant(min(INSTANT_MS_MAX, window.end.ms + after_ms))
