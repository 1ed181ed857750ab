"""Local times of the day as people write them, and the one instant that they name, if there is one.

Implements spec/duties.md section 2. A ceremony is announced in local time and takes place at one instant: a local
time that a change of clocks skips or repeats names none, and is refused with the readings on both sides.
"""

import re
from dataclasses import dataclass

from allstop.canon import format_instant
from allstop.clocks._calendar import Calendar, day_of_text, text_of_day
from allstop.errors import MalformedError
from allstop.times import DAY_MS, INSTANT_MS_MAX, Instant

__all__ = ["LocalTime", "format_local", "local_of", "local_to_utc", "parse_local"]

_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?\Z")


@dataclass(frozen=True, slots=True, order=True)
class LocalTime:
    """What the clock on a wall shows: milliseconds since 1970-01-01T00:00 there. Written `2027-03-28 11:00`."""

    ms: int

    def __post_init__(self) -> None:
        if not -DAY_MS <= self.ms <= INSTANT_MS_MAX:
            raise ValueError(f"local time is {self.ms} ms, want a day of the years 1970 to 9999")


def parse_local(text: str) -> LocalTime:
    """Parse `2027-03-28 11:00` or `2027-03-28T11:00:30`.

    Raises:
        MalformedError: `text` is not in that form, or there is no such day.
    """
    match = _LOCAL.match(text)
    if match is None:
        raise MalformedError(f"malformed local time {text[:32]!r}, want YYYY-MM-DD HH:MM")
    seconds = (int(match[2]) * 60 + int(match[3])) * 60 + int(match[4] or "0")
    return LocalTime(day_of_text(match[1]) * DAY_MS + seconds * 1000)


def format_local(local: LocalTime) -> str:
    """Return local time as people read it, with seconds and milliseconds only where they are not zero."""
    day, ms = divmod(local.ms, DAY_MS)
    minutes, ms = divmod(ms, 60_000)
    seconds, ms = divmod(ms, 1000)
    end = (f":{seconds:02d}" if seconds or ms else "") + (f".{ms:03d}" if ms else "")
    return f"{text_of_day(day)} {minutes // 60:02d}:{minutes % 60:02d}{end}"


def local_of(at: Instant, calendar: Calendar) -> LocalTime:
    """Return what the clocks show at an instant."""
    return LocalTime(calendar.local_ms(at))


def local_to_utc(local: LocalTime, calendar: Calendar) -> Instant:
    """Return the one instant at which the clocks of a calendar show this.

    Raises:
        MalformedError: a change of clocks skips it, or makes it occur twice; both readings are named.
    """
    found = calendar.readings(local.ms)
    if len(found) == 1:
        return found[0]
    text = format_local(local)
    if found:
        readings = " and ".join(format_instant(at) for at in found)
        raise MalformedError(
            f"local time {text} of {calendar.name} is ambiguous: the clocks show it at {readings}",
            hint="choose a local time that occurs once, or give the instant in UTC",
        )
    change = calendar.skipped_at(local.ms)
    if change is None:
        raise MalformedError(f"local time {text} of {calendar.name} lies outside the years 1970 to 9999")
    before = format_local(LocalTime(calendar.local_ms(change.plus(-1)) + 1))
    raise MalformedError(
        f"local time {text} of {calendar.name} does not exist: at {format_instant(change)} the clocks go from"
        f" {before} to {format_local(local_of(change, calendar))}",
        hint="choose a local time before or after the change",
    )
