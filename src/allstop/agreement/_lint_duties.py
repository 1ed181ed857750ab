"""Lint rules about calendars: one that ends before it is needed, one that no clock reads.

Whether a duty can be met, and whether its clock may be past, is in `_lint_course`.
"""

from collections.abc import Iterator

from allstop.agreement._agreement import Agreement
from allstop.agreement._lint_finding import Draft, LintFacts
from allstop.clocks import LengthUnit, day_of_text, text_of_day
from allstop.ids import Name
from allstop.times import DAY_MS

__all__: list[str] = []

_YEAR_DAYS = 366


def find_short_calendars(facts: LintFacts) -> Iterator[Draft]:
    """AGR-070: business days are counted by a calendar that lists no holiday in the year after entry into force."""
    agreement = facts.agreement
    start = agreement.entry.deadline.plus(agreement.entry.lead_ms).ms // DAY_MS
    for table in () if agreement.calendars is None else agreement.calendars.tables:
        if table.name not in _counting(agreement):
            continue
        days = [day_of_text(text) for text in table.holidays]
        if not any(start <= day < start + _YEAR_DAYS for day in days):
            last = f"none after {text_of_day(days[-1])}" if days else "none at all"
            yield Draft(
                text=f"calendar {table.name} counts business days and lists no holiday in the year from"
                f" {text_of_day(start)} on: {last}",
                example="a clock of five business days over the turn of that year",
            )


def find_unused_calendars(facts: LintFacts) -> Iterator[Draft]:
    """AGR-071: a calendar that no clock of the agreement names."""
    agreement = facts.agreement
    for table in () if agreement.calendars is None else agreement.calendars.tables:
        if table.name not in _named(agreement):
            yield Draft(text=f"calendar {table.name} is named by no clock")


def _named(agreement: Agreement) -> frozenset[Name]:
    found = {duty.calendar for duty in (() if agreement.duties is None else agreement.duties.duties)}
    if agreement.adjudication is not None:
        found.add(agreement.adjudication.calendar)
    return frozenset(name for name in found if name is not None)


def _counting(agreement: Agreement) -> frozenset[Name]:
    """Return the calendars by which business days are counted."""
    found: set[Name] = set()
    for duty in () if agreement.duties is None else agreement.duties.duties:
        lengths = [start.within for start in duty.starts] + [duty.every, duty.impossible_by]
        if duty.calendar and any(one and one.unit is LengthUnit.BUSINESS_DAYS for one in lengths):
            found.add(duty.calendar)
    terms = agreement.adjudication
    if terms is not None and terms.calendar is not None:
        clocks = [terms.acknowledge, terms.answer, terms.cure, terms.ruling, terms.appeal, terms.impediment]
        if any(one and one.unit is LengthUnit.BUSINESS_DAYS for one in clocks):
            found.add(terms.calendar)
    return frozenset(found)
