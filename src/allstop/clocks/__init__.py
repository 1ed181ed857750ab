"""Periods and due instants: plain arithmetic on agreed lengths, no calendar and no clock.

A period is a half-open window; a duty that follows it is due at its end plus the agreed time.
Calendars and business days are not here: every length that an agreement states is in milliseconds.
"""

from allstop.clocks._periods import PERIOD_COUNT_MAX, Periods, due_at

__all__ = ["PERIOD_COUNT_MAX", "Periods", "due_at"]
