"""Calendars for tests: real rules of local time written as data, and the slow way to count days."""

from datetime import date, timedelta

from allstop.canon import parse_instant
from allstop.clocks import Calendar, Length, LengthUnit, Offset
from allstop.ids import Name

EPOCH = date(1970, 1, 1)


def calendar(name: str, offsets: list[tuple[str, int]], **changes: object) -> Calendar:
    """Return a calendar with these changes of local time, and a weekend on Saturday and Sunday."""
    table = tuple(Offset(start=parse_instant(text), minutes=minutes) for text, minutes in offsets)
    given: dict[str, object] = {"weekend": frozenset({5, 6}), **changes}
    return Calendar(name=Name(name), offsets=table, **given)  # type: ignore[arg-type]  # fields of the caller's choice


VIENNA = calendar(
    "vienna",
    [
        ("2026-10-25T01:00:00Z", 60),
        ("2027-03-28T01:00:00Z", 120),
        ("2027-10-31T01:00:00Z", 60),
        ("2028-03-26T01:00:00Z", 120),
        ("2028-10-29T01:00:00Z", 60),
        ("2029-03-25T01:00:00Z", 120),
        ("2029-10-28T01:00:00Z", 60),
        ("2030-03-31T01:00:00Z", 120),
        ("2030-10-27T01:00:00Z", 60),
        ("2031-03-30T01:00:00Z", 120),
        ("2031-10-26T01:00:00Z", 60),
    ],
    holidays=("2027-01-01", "2027-01-06", "2027-03-29", "2027-05-01", "2027-12-24", "2027-12-31"),
)
"""Central European time with a few holidays, two of them on a Friday before a weekend."""

KOLKATA = calendar("kolkata", [("1970-01-01T00:00:00Z", 330)])
"""Half an hour off the full hour, and never a change."""

LORD_HOWE = calendar(
    "lord-howe", [("2026-10-03T15:30:00Z", 660), ("2027-04-03T15:00:00Z", 630), ("2027-10-02T15:30:00Z", 660)]
)
"""Clocks change by half an hour."""

HAVANA = calendar(
    "havana", [("2026-11-01T05:00:00Z", -300), ("2027-03-14T05:00:00Z", -240), ("2027-11-07T05:00:00Z", -300)]
)
"""Clocks change at midnight: one day has no first hour, another has its last one or first one twice."""

APIA = calendar("apia", [("2011-09-24T14:00:00Z", -600), ("2011-12-30T10:00:00Z", 840)])
"""A whole day, 2011-12-30, was skipped."""

CALENDARS = (VIENNA, KOLKATA, LORD_HOWE, HAVANA, APIA)


def ref_shift(day: int, length: Length, cal: Calendar) -> int:
    """Return the day so long after `day`, one day at a time, or month by month of the calendar on the wall."""
    start = EPOCH + timedelta(days=day)
    match length.unit:
        case LengthUnit.BUSINESS_DAYS:
            left = length.amount
            while left:
                start += timedelta(days=1)
                left -= start.weekday() not in cal.weekend and start.isoformat() not in cal.holidays
            return (start - EPOCH).days
        case LengthUnit.DAYS | LengthUnit.WEEKS:
            days = length.amount * (7 if length.unit is LengthUnit.WEEKS else 1)
            return (start + timedelta(days=days) - EPOCH).days
        case _:
            months = length.amount * (12 if length.unit is LengthUnit.YEARS else 1)
            year, month = start.year, start.month
            for _ in range(months):
                year, month = (year + 1, 1) if month == 12 else (year, month + 1)
            for number in (start.day, 30, 29, 28):
                try:
                    return (date(year, month, min(number, start.day)) - EPOCH).days
                except ValueError:
                    continue
    raise ValueError("no such month")


def ref_end_of_day(day: int, cal: Calendar) -> int:
    """Return the last millisecond, on a grid of half hours before which clocks change, whose date is not later."""
    midnight = (day + 1) * 86_400_000
    half = 1_800_000
    best = -1
    for step in range(-48, 49):
        ms = midnight + step * half - 1
        local = ms + minutes_at(ms, cal) * 60_000
        if ms >= 0 and local // 86_400_000 <= day:
            best = ms
    return best


def minutes_at(ms: int, cal: Calendar) -> int:
    """Return the offset at a millisecond, by looking at every change."""
    found = cal.offsets[0].minutes if cal.offsets else 0
    for one in cal.offsets:
        if one.start.ms <= ms:
            found = one.minutes
    return found
