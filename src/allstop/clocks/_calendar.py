"""Calendars: weekend, holidays and the offsets of local time, as data that the parties agreed.

Implements spec/duties.md section 2. Offsets come from the agreement, never from the machine's own table of zones,
which governments change and machines update on different days: two readers of one case must find one due instant.
"""

import itertools
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from allstop.canon import JSON, Fields, format_instant
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.times import DAY_MS, INSTANT_MS_MAX, Instant

__all__ = [
    "HOLIDAY_COUNT_MAX",
    "OFFSET_COUNT_MAX",
    "UTC",
    "WEEKDAYS",
    "Calendar",
    "Offset",
    "day_of_text",
    "format_calendar",
    "parse_calendar",
    "text_of_day",
]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Names of the days of the week, by number: 0 is Monday."""

HOLIDAY_COUNT_MAX = 4096
"""Most holidays of one calendar: more than ten years of forty a year for each of ten regions."""

OFFSET_COUNT_MAX = 1024
"""Most changes of local time in one calendar: two a year for five centuries."""

OFFSET_MINUTES_MAX = 18 * 60
"""Furthest that local time may be from UTC, either way."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_EPOCH = date(1970, 1, 1).toordinal()
_LAST_DAY = date(9999, 12, 31).toordinal() - _EPOCH
_MINUTE_MS = 60_000


def day_of_text(text: str) -> int:
    """Parse `2027-12-25` into days since 1970-01-01, which is day 0.

    Raises:
        MalformedError: `text` is not a day in that form, from 1970 on.
    """
    if _DATE.match(text) is None:
        raise MalformedError(f"malformed date {text[:24]!r}, want YYYY-MM-DD")
    try:
        day = date(int(text[:4]), int(text[5:7]), int(text[8:])).toordinal() - _EPOCH
    except ValueError as exc:
        raise MalformedError(f"malformed date {text!r}, there is no such day") from exc
    if day < 0:
        raise MalformedError(f"malformed date {text!r}, want 1970 or later")
    return day


def text_of_day(day: int) -> str:
    """Return the one spelling of a day, such as `2027-12-25`."""
    return date.fromordinal(day + _EPOCH).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """From this instant on local time is UTC plus so many minutes.

    Wire form: `{"from": "2027-03-28T01:00:00Z", "minutes": 120}`. Range: 18 hours either way.
    """

    start: Instant
    minutes: int

    def __post_init__(self) -> None:
        if not -OFFSET_MINUTES_MAX <= self.minutes <= OFFSET_MINUTES_MAX:
            raise MalformedError(
                f"offset is {self.minutes} minutes, want -{OFFSET_MINUTES_MAX} to {OFFSET_MINUTES_MAX}"
            )


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Which days are no business days, and what the clocks on the wall show.

        {"name": "vienna", "weekend": ["saturday", "sunday"], "holidays": ["2027-01-01"],
         "offsets": [{"from": "2027-01-01T00:00:00Z", "minutes": 60},
                     {"from": "2027-03-28T01:00:00Z", "minutes": 120}]}

    `weekend` holds numbers of weekdays, 0 for Monday. Local time is UTC without offsets; before the first offset
    it is as from it on. Range: at most six days of weekend; holidays and offsets ascend.
    """

    name: Name
    weekend: frozenset[int] = frozenset()
    holidays: tuple[str, ...] = ()
    offsets: tuple[Offset, ...] = ()

    def __post_init__(self) -> None:
        if not self.weekend <= frozenset(range(7)):
            raise MalformedError(f"weekend of calendar {self.name} names a day that is none")
        if len(self.weekend) > 6:
            raise MalformedError(f"calendar {self.name} has no day of business")
        if len(self.holidays) > HOLIDAY_COUNT_MAX or len(self.offsets) > OFFSET_COUNT_MAX:
            raise MalformedError(f"calendar {self.name} has too many holidays or offsets")
        for day, after in itertools.pairwise([day_of_text(text) for text in self.holidays] or [0]):
            if not day < after:
                raise MalformedError(
                    f"calendar {self.name} lists {text_of_day(after)} after {text_of_day(day)}"
                )
        for one, other in itertools.pairwise(self.offsets):
            if not one.start < other.start or one.minutes == other.minutes:
                raise MalformedError(
                    f"offset from {format_instant(other.start)} of calendar {self.name} changes nothing, or is"
                    " out of order"
                )

    @cached_property
    def holiday_days(self) -> tuple[int, ...]:
        """Holidays that are no weekend anyway, as days since 1970, ascending."""
        days = (day_of_text(text) for text in self.holidays)
        # 1970-01-01 was a Thursday, number 3.
        return tuple(day for day in days if (day + 3) % 7 not in self.weekend)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(offset.start.ms for offset in self.offsets)

    @cached_property
    def _begun(self) -> tuple[int, ...]:
        """Days of business among the first days of a week that begins like 1970-01-01, on a Thursday."""
        return tuple(sum((number + 3) % 7 not in self.weekend for number in range(rest)) for rest in range(7))

    @cached_property
    def _minutes(self) -> frozenset[int]:
        return frozenset(one.minutes for one in self.offsets) or frozenset({0})

    def offset_minutes(self, at: Instant) -> int:
        """Return by how many minutes local time is ahead of UTC at an instant."""
        if not self.offsets:
            return 0
        return self.offsets[max(0, bisect_right(self._starts, at.ms) - 1)].minutes

    def local_ms(self, at: Instant) -> int:
        """Return local time as milliseconds since 1970-01-01T00:00 local; negative just before it."""
        return at.ms + self.offset_minutes(at) * _MINUTE_MS

    def local_day(self, at: Instant) -> int:
        """Return the local date at an instant, as days since 1970; the last day of the year 9999 has no day after it."""
        return min(_LAST_DAY, self.local_ms(at) // DAY_MS)

    def readings(self, local_ms: int) -> tuple[Instant, ...]:
        """Return every instant at which local time reads so, in order: none, one or two (rarely more)."""
        found = {local_ms - minutes * _MINUTE_MS for minutes in self._minutes}
        return tuple(
            Instant(ms)
            for ms in sorted(found)
            if 0 <= ms <= INSTANT_MS_MAX and self.local_ms(Instant(ms)) == local_ms
        )

    def skipped_at(self, local_ms: int) -> Instant | None:
        """Return the change of clocks that skips this local time, None if none does."""
        for before, after in itertools.pairwise(self.offsets):
            start = after.start.ms
            if start + before.minutes * _MINUTE_MS <= local_ms < start + after.minutes * _MINUTE_MS:
                return after.start
        return None

    def end_of_day(self, day: int) -> Instant:
        """Return the last millisecond at which the local date is not after `day`.

        So a day that a change of local time makes longer, shorter, or skips whole still has one end. The last day of
        the year 9999 ends with time itself.
        """
        if day >= _LAST_DAY:
            return Instant(INSTANT_MS_MAX)
        midnight = (day + 1) * DAY_MS
        if not self.offsets:
            return _clamp(midnight - 1)
        reach = OFFSET_MINUTES_MAX * _MINUTE_MS
        first = max(0, bisect_right(self._starts, midnight - reach) - 1)
        best = 0
        for index in range(first, max(first + 1, bisect_right(self._starts, midnight + reach))):
            start = self._starts[index] if index else 0
            until = self._starts[index + 1] if index + 1 < len(self._starts) else INSTANT_MS_MAX + 1
            last = min(until, midnight - self.offsets[index].minutes * _MINUTE_MS) - 1
            best = max(best, last if last >= start else 0)
        return _clamp(best)

    def is_business_day(self, day: int) -> bool:
        """Tell whether a day is neither weekend nor holiday."""
        return self.business_days_by(day) > self.business_days_by(day - 1)

    def business_days_by(self, day: int) -> int:
        """Return how many business days lie between 1970-01-01 and `day`, both included."""
        weeks, rest = divmod(day + 1, 7)
        return weeks * (7 - len(self.weekend)) + self._begun[rest] - bisect_right(self.holiday_days, day)

    def business_day_after(self, day: int, count: int) -> int:
        """Return the `count`-th business day after `day`; with a count of 0 the day itself."""
        if count == 0:
            return day
        wanted = self.business_days_by(day) + count
        low, high = day, day + (count + len(self.holiday_days)) * 7 + 7
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.business_days_by(middle) >= wanted else (middle, high)
        return min(high, _LAST_DAY)


def _clamp(ms: int) -> Instant:
    return Instant(min(INSTANT_MS_MAX, max(0, ms)))


UTC = Calendar(name=Name("utc"))
"""Local time is UTC, and every day is a business day: for clocks that name no calendar and count no business days."""


def parse_calendar(fields: Fields) -> Calendar:
    """Parse the wire form of a calendar.

    Raises:
        MalformedError: it is not in that form.
    """
    weekend = fields.texts("weekend", len(WEEKDAYS))
    numbers = [WEEKDAYS.index(text) for text in weekend if text in WEEKDAYS]
    if len(numbers) != len(weekend) or sorted(set(numbers)) != numbers:
        raise MalformedError(f"{fields.where}.weekend: want days from monday to sunday, each once, in order")
    offsets = tuple(_parse_offset(offset) for offset in fields.objects("offsets", OFFSET_COUNT_MAX))
    try:
        calendar = Calendar(
            name=fields.name("name"),
            weekend=frozenset(numbers),
            holidays=fields.texts("holidays", HOLIDAY_COUNT_MAX),
            offsets=offsets,
        )
    except MalformedError as exc:
        raise MalformedError(f"{fields.where}: {exc.message}") from exc
    fields.done()
    return calendar


def _parse_offset(fields: Fields) -> Offset:
    offset = Offset(
        start=fields.instant("from"),
        minutes=fields.integer("minutes", low=-OFFSET_MINUTES_MAX, high=OFFSET_MINUTES_MAX),
    )
    fields.done()
    return offset


def format_calendar(calendar: Calendar) -> JSON:
    """Return the wire form of a calendar."""
    return {
        "name": calendar.name,
        "weekend": [WEEKDAYS[number] for number in sorted(calendar.weekend)],
        "holidays": list(calendar.holidays),
        "offsets": [{"from": format_instant(one.start), "minutes": one.minutes} for one in calendar.offsets],
    }
