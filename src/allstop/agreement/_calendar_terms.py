"""Calendars of an agreement: named tables of weekends, holidays and offsets of local time.

Implements spec/duties.md section 2. An agreement without them has clocks in UTC only, and none in business days.
"""

from dataclasses import dataclass

from allstop.agreement._checks import build, check_unique
from allstop.canon import JSON, Fields
from allstop.clocks import UTC, Calendar, format_calendar, parse_calendar
from allstop.errors import MalformedError
from allstop.ids import Name

__all__ = ["CALENDAR_COUNT_MAX", "CalendarTerms", "calendar_named", "format_calendars", "parse_calendars"]

CALENDAR_COUNT_MAX = 32
"""Most calendars of one agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarTerms:
    """The calendars that clocks of the agreement may name.

        {"tables": [{"name": "vienna", "weekend": ["saturday", "sunday"], "holidays": ["2027-01-01"],
                     "offsets": [{"from": "2027-03-28T01:00:00Z", "minutes": 120}]}]}

    In TOML `[[calendars]]`. Range: 1 to CALENDAR_COUNT_MAX, each name once; `utc` is taken.
    """

    tables: tuple[Calendar, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.tables) <= CALENDAR_COUNT_MAX:
            raise MalformedError(f"there are {len(self.tables)} calendars, want 1 to {CALENDAR_COUNT_MAX}")
        check_unique((table.name for table in (UTC, *self.tables)), "calendar")


def calendar_named(terms: CalendarTerms | None, name: Name | None) -> Calendar:
    """Return the calendar of this name; without a name UTC, in which every day is a business day.

    Raises:
        MalformedError: there is no such calendar.
    """
    if name is None:
        return UTC
    for table in () if terms is None else terms.tables:
        if table.name == name:
            return table
    raise MalformedError(f"there is no calendar {name} in the agreement")


def parse_calendars(fields: Fields) -> CalendarTerms:
    """Parse the wire form of the calendars.

    Raises:
        MalformedError: they are not in that form.
    """
    tables = tuple(parse_calendar(one) for one in fields.objects("tables", CALENDAR_COUNT_MAX))
    fields.done()
    return build(fields.where, CalendarTerms, tables=tables)


def format_calendars(terms: CalendarTerms) -> JSON:
    """Return the wire form of the calendars."""
    return {"tables": [format_calendar(table) for table in terms.tables]}
