"""Instants and windows in UTC milliseconds. No clock is read here; the wire form is in `canon`."""

from dataclasses import dataclass

__all__ = ["DAY_MS", "HOUR_MS", "INSTANT_MS_MAX", "Instant", "Window"]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
INSTANT_MS_MAX = 253_402_300_799_999
"""Last millisecond of the year 9999, the end of RFC 3339."""


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A moment, as milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored.

    Range: `0 <= ms <= INSTANT_MS_MAX`. Wire form: `2026-11-23T09:30:00Z` or `2026-11-23T09:30:00.250Z`.
    """

    ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.ms <= INSTANT_MS_MAX:
            raise ValueError(f"instant is {self.ms} ms, want 0 to {INSTANT_MS_MAX}")

    def plus(self, ms: int) -> "Instant":
        """Return the instant `ms` milliseconds later (earlier if negative)."""
        return Instant(self.ms + ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open span of time `[start, end)`, `start < end`.

    Wire form: `{"from": "2026-11-23T00:00:00Z", "until": "2026-11-24T00:00:00Z"}`.
    """

    start: Instant
    end: Instant

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError("window ends before it starts")

    @property
    def duration_ms(self) -> int:
        """Length in milliseconds, at least 1."""
        return self.end.ms - self.start.ms

    def overlap_ms(self, other: "Window") -> int:
        """Return how many milliseconds the two windows share."""
        return max(0, min(self.end.ms, other.end.ms) - max(self.start.ms, other.start.ms))

    def holds(self, other: "Window") -> bool:
        """Tell whether `other` lies wholly inside this window."""
        return self.start <= other.start and other.end <= self.end
