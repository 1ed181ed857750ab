"""Lint of calendars: one that ends before it is needed, one that nothing reads."""

from dataclasses import replace

import pytest

from allstop.agreement import Agreement, CalendarTerms, lint
from allstop.ids import Name
from clock_calendars import VIENNA
from duty_world import duty, length, of, start


def found(value: Agreement) -> list[tuple[str, str]]:
    """Return what the rules about calendars find."""
    return [(one.code, one.text) for one in lint(value, {}) if one.code in ("AGR-070", "AGR-071")]


def calendars(*holidays: str) -> CalendarTerms:
    """Return one calendar with these holidays."""
    return CalendarTerms(tables=(replace(VIENNA, holidays=holidays),))


BY_BUSINESS_DAYS = duty(start(within=length(5, "business-days")), calendar=Name("vienna"))
BY_DAYS = duty(calendar=Name("vienna"))


@pytest.mark.parametrize(
    ("holidays", "words"),
    [
        ((), "none at all"),
        (("2026-12-25",), "none after 2026-12-25"),
        (("2027-01-30",), "none after 2027-01-30"),
        (("2027-01-31",), None),
        (("2026-12-25", "2028-01-31"), None),
        (("2028-02-01",), "none after 2028-02-01"),
    ],
)
def test_a_calendar_that_ends_too_early_is_named(holidays: tuple[str, ...], words: str | None) -> None:
    """The agreement is surely in force from 2027-01-31: a year from then on needs some holiday."""
    text = of(BY_BUSINESS_DAYS, calendars=calendars(*holidays))
    expected = "calendar vienna counts business days and lists no holiday in the year from 2027-01-31 on: "
    assert ([] if words is None else [("AGR-070", expected + words)]) == found(text)


def test_only_business_days_need_holidays() -> None:
    """Counting days needs offsets alone."""
    assert [] == found(of(BY_DAYS, calendars=calendars()))


def test_a_calendar_that_no_clock_names_is_unused() -> None:
    """A clock of a finding may be the one that names it."""
    unused = of(duty())
    assert [("AGR-071", "calendar vienna is named by no clock")] == found(unused)
    assert unused.adjudication is not None
    terms = replace(unused.adjudication, calendar=Name("vienna"))
    judged = replace(unused, adjudication=terms)
    assert [] == found(judged)
    by_business_days = replace(terms, answer=length(5, "business-days"))
    counted = replace(judged, adjudication=by_business_days, calendars=calendars())
    assert ["AGR-070"] == [code for code, _ in found(counted)]
