"""Clocks: periods, calendars, lengths of time, and the instants at which duties fall due.

Everything is computed from agreed data: no clock is read, and no table of zones or holidays comes with the
package. An agreement supplies its calendars, with the offsets of local time in them.
"""

from allstop.clocks._calendar import (
    HOLIDAY_COUNT_MAX,
    OFFSET_COUNT_MAX,
    UTC,
    WEEKDAYS,
    Calendar,
    Offset,
    day_of_text,
    format_calendar,
    parse_calendar,
    text_of_day,
)
from allstop.clocks._length import (
    Length,
    LengthUnit,
    describe_length,
    due,
    explain_due,
    format_length,
    parse_length,
    shift_day,
)
from allstop.clocks._local import LocalTime, format_local, local_of, local_to_utc, parse_local
from allstop.clocks._periods import PERIOD_COUNT_MAX, Periods, due_at
from allstop.clocks._recurrence import (
    OCCURRENCE_COUNT_MAX,
    Pause,
    earliest_of,
    extended,
    latest_of,
    occurrences,
    trigger_of,
)

__all__ = [
    "HOLIDAY_COUNT_MAX",
    "OCCURRENCE_COUNT_MAX",
    "OFFSET_COUNT_MAX",
    "PERIOD_COUNT_MAX",
    "UTC",
    "WEEKDAYS",
    "Calendar",
    "Length",
    "LengthUnit",
    "LocalTime",
    "Offset",
    "Pause",
    "Periods",
    "day_of_text",
    "describe_length",
    "due",
    "due_at",
    "earliest_of",
    "explain_due",
    "extended",
    "format_calendar",
    "format_length",
    "format_local",
    "latest_of",
    "local_of",
    "local_to_utc",
    "occurrences",
    "parse_calendar",
    "parse_length",
    "parse_local",
    "shift_day",
    "text_of_day",
    "trigger_of",
]
