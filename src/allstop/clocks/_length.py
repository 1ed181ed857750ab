"""Lengths of time as agreements state them, and the instant at which one has run out.

Implements spec/duties.md section 3. Hours are exact. Days and longer units count whole local days: day 1 is the
day after the trigger, and the last millisecond of the last day is the due instant.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import Enum

from allstop.canon import JSON, Fields, format_instant
from allstop.clocks._calendar import UTC, Calendar, text_of_day
from allstop.errors import MalformedError
from allstop.times import DAY_MS, HOUR_MS, INSTANT_MS_MAX, Instant

__all__ = [
    "Length",
    "LengthUnit",
    "describe_length",
    "due",
    "explain_due",
    "format_length",
    "parse_length",
    "shift_day",
]

_EPOCH = date(1970, 1, 1).toordinal()
_LAST_DAY = date(9999, 12, 31).toordinal() - _EPOCH


class LengthUnit(Enum):
    """Units of a length. The value is the wire form. MS and HOURS are exact; the others count local days."""

    MS = "ms"
    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business-days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"

    @property
    def is_exact(self) -> bool:
        """Whether the unit has the same number of milliseconds wherever and whenever it runs."""
        return self in (LengthUnit.MS, LengthUnit.HOURS)


_AMOUNT_MAX = {
    LengthUnit.MS: 100 * 366 * DAY_MS,
    LengthUnit.HOURS: 100 * 366 * 24,
    LengthUnit.DAYS: 100 * 366,
    LengthUnit.BUSINESS_DAYS: 100 * 366,
    LengthUnit.WEEKS: 100 * 53,
    LengthUnit.MONTHS: 100 * 12,
    LengthUnit.YEARS: 100,
}
"""Longest length in each unit: about a hundred years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A length of time in one unit. Wire form: `{"amount": 120, "unit": "days"}`.

    In TOML `{ days = 120 }`. Range: `0 <= amount`, at most a hundred years.
    """

    amount: int
    unit: LengthUnit

    def __post_init__(self) -> None:
        if not 0 <= self.amount <= _AMOUNT_MAX[self.unit]:
            raise MalformedError(
                f"length is {self.amount} {self.unit.value}, want 0 to {_AMOUNT_MAX[self.unit]}"
            )

    @property
    def shortest_ms(self) -> int:
        """The least that this length can be, in milliseconds, whatever the calendar and the trigger.

        A whole day may have only just begun, so counted days are never shorter than so many whole days.
        """
        per_unit = {
            LengthUnit.MS: 1,
            LengthUnit.HOURS: HOUR_MS,
            LengthUnit.WEEKS: 7 * DAY_MS,
            LengthUnit.MONTHS: 28 * DAY_MS,
            LengthUnit.YEARS: 365 * DAY_MS,
        }
        return self.amount * per_unit.get(self.unit, DAY_MS)

    def times(self, count: int) -> "Length":
        """Return the length `count` times as long, at most the longest there is."""
        return Length(amount=min(_AMOUNT_MAX[self.unit], self.amount * count), unit=self.unit)


def shift_day(day: int, length: Length, calendar: Calendar) -> int:
    """Return the day that lies a length of whole days after `day`; the year 9999 is the end of time.

    Months and years keep the day of the month, or take the last one of a shorter month: a month after 31 January
    is 28 or 29 February, a year after 29 February is 28 February.

    Raises:
        ValueError: the unit is exact, so it counts no days.
    """
    day = min(day, _LAST_DAY)
    match length.unit:
        case LengthUnit.DAYS:
            return min(_LAST_DAY, day + length.amount)
        case LengthUnit.WEEKS:
            return min(_LAST_DAY, day + 7 * length.amount)
        case LengthUnit.BUSINESS_DAYS:
            return calendar.business_day_after(day, length.amount)
        case LengthUnit.MONTHS:
            return _shift_months(day, length.amount)
        case LengthUnit.YEARS:
            return _shift_months(day, 12 * length.amount)
        case _:
            raise ValueError(f"a length in {length.unit.value} counts no days")


def _shift_months(day: int, months: int) -> int:
    start = date.fromordinal(day + _EPOCH)
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if years > 9999:
        return _LAST_DAY
    last = monthrange(years, month + 1)[1]
    return date(years, month + 1, min(start.day, last)).toordinal() - _EPOCH


def due(trigger: Instant, length: Length, calendar: Calendar = UTC) -> Instant:
    """Return when a length has run out that starts at `trigger`; the year 9999 is the end of time.

    What is done at the due instant is done in time.
    """
    if length.unit.is_exact:
        return Instant(min(INSTANT_MS_MAX, trigger.ms + length.shortest_ms))
    last = shift_day(calendar.local_day(trigger), length, calendar)
    # East of Greenwich the year 9999 is over before it is in UTC: no date follows it there.
    return Instant(INSTANT_MS_MAX) if last >= _LAST_DAY else calendar.end_of_day(last)


def explain_due(trigger: Instant, length: Length, calendar: Calendar = UTC) -> str:
    """Return in one sentence how `due` finds its instant."""
    end = format_instant(due(trigger, length, calendar))
    words = describe_length(length)
    if length.unit.is_exact:
        return f"{words} after {format_instant(trigger)} is {end}"
    day = min(_LAST_DAY, calendar.local_day(trigger))
    last = shift_day(day, length, calendar)
    skipped = ""
    if length.unit is LengthUnit.BUSINESS_DAYS:
        holidays = sum(day < holiday <= last for holiday in calendar.holiday_days)
        skipped = f"; weekends and {holidays} other holidays are not counted"
    return (
        f"{words} after {text_of_day(day)}, the date of {format_instant(trigger)} by calendar {calendar.name}, with"
        f" the day after it as day 1{skipped}: the end of {text_of_day(last)}, which is {end}"
    )


def describe_length(length: Length) -> str:
    """Return a length in words, such as `5 business days` or `1 month`."""
    word = length.unit.value.replace("-", " ")
    return f"{length.amount} {word[:-1] if length.amount == 1 and length.unit is not LengthUnit.MS else word}"


def parse_length(fields: Fields) -> Length:
    """Parse the wire form of a length.

    Raises:
        MalformedError: it is not in that form.
    """
    unit, amount = fields.choice("unit", LengthUnit), fields.integer("amount")
    fields.done()
    try:
        return Length(amount=amount, unit=unit)
    except MalformedError as exc:
        raise MalformedError(f"{fields.where}: {exc.message}") from exc


def format_length(length: Length) -> JSON:
    """Return the wire form of a length."""
    return {"amount": length.amount, "unit": length.unit.value}
