"""Calendars and lengths: against a slow reference, and by dates that anybody can look up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import JSON, Fields, format_instant, format_json, parse_canonical_json, parse_instant
from allstop.clocks import (
    UTC,
    Calendar,
    Length,
    LengthUnit,
    Offset,
    day_of_text,
    describe_length,
    due,
    explain_due,
    format_calendar,
    format_length,
    occurrences,
    parse_calendar,
    parse_length,
    shift_day,
    text_of_day,
)
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.times import DAY_MS, INSTANT_MS_MAX, Instant
from clock_calendars import APIA, CALENDARS, HAVANA, KOLKATA, VIENNA, ref_end_of_day, ref_shift

DAY_UNITS = [unit for unit in LengthUnit if not unit.is_exact]
days_of_years = st.integers(day_of_text("2026-06-01"), day_of_text("2031-12-31"))
calendars = st.sampled_from(CALENDARS)


def length(amount: int, unit: str) -> Length:
    """Return a length from the word of its unit."""
    return Length(amount=amount, unit=LengthUnit(unit))


@given(days_of_years, st.sampled_from(DAY_UNITS), st.integers(0, 40), calendars)
def test_days_are_counted_as_by_hand(day: int, unit: LengthUnit, amount: int, cal: Calendar) -> None:
    """Every unit that counts days agrees with counting one by one."""
    span = Length(amount=amount, unit=unit)
    assert ref_shift(day, span, cal) == shift_day(day, span, cal)


@pytest.mark.parametrize("cal", CALENDARS, ids=lambda cal: cal.name)
def test_every_day_ends_at_its_last_millisecond(cal: Calendar) -> None:
    """For every day around every change of clocks the end is what looking at each half hour finds."""
    changes = {one.start.ms // DAY_MS for one in cal.offsets} | {day_of_text("2028-02-29")}
    for change in changes:
        for day in range(max(1, change - 3), change + 4):
            end = cal.end_of_day(day)
            assert ref_end_of_day(day, cal) == end.ms, text_of_day(day)
            assert cal.local_day(end) <= day < cal.local_day(end.plus(1))


@given(days_of_years, calendars)
def test_business_days_are_neither_weekend_nor_holiday(day: int, cal: Calendar) -> None:
    """The day that is found is one, and counting it back leads to the same number."""
    found = cal.business_day_after(day, 1)
    assert cal.is_business_day(found)
    assert not any(cal.is_business_day(between) for between in range(day + 1, found))
    assert cal.business_days_by(day) + 1 == cal.business_days_by(found)


@pytest.mark.parametrize(
    ("trigger", "amount", "unit", "expected"),
    [
        # Spring: 28 March 2027 has 23 hours, and its end comes an hour earlier in UTC.
        ("2027-03-27T12:00:00Z", 1, "days", "2027-03-28T21:59:59.999Z"),
        ("2027-03-26T12:00:00Z", 1, "days", "2027-03-27T22:59:59.999Z"),
        # Autumn: 31 October 2027 has 25 hours.
        ("2027-10-30T12:00:00Z", 1, "days", "2027-10-31T22:59:59.999Z"),
        ("2027-10-29T12:00:00Z", 1, "days", "2027-10-30T21:59:59.999Z"),
        # Hours are exact, whatever the clocks on the wall do.
        ("2027-03-27T12:00:00Z", 24, "hours", "2027-03-28T12:00:00Z"),
        ("2027-10-30T12:00:00Z", 36, "hours", "2027-11-01T00:00:00Z"),
        # An evening in UTC is the next day in Vienna, which is the date that counts.
        ("2027-06-01T22:30:00Z", 1, "days", "2027-06-03T21:59:59.999Z"),
        ("2027-06-01T21:30:00Z", 1, "days", "2027-06-02T21:59:59.999Z"),
        # Leap days.
        ("2028-02-28T12:00:00Z", 1, "days", "2028-02-29T22:59:59.999Z"),
        ("2028-01-31T12:00:00Z", 1, "months", "2028-02-29T22:59:59.999Z"),
        ("2027-01-31T12:00:00Z", 1, "months", "2027-02-28T22:59:59.999Z"),
        ("2028-02-29T12:00:00Z", 1, "years", "2029-02-28T22:59:59.999Z"),
        ("2028-02-29T12:00:00Z", 12, "months", "2029-02-28T22:59:59.999Z"),
        ("2027-02-28T12:00:00Z", 1, "years", "2028-02-28T22:59:59.999Z"),
        ("2027-08-31T12:00:00Z", 6, "months", "2028-02-29T22:59:59.999Z"),
        # Business days: Christmas Eve 2027 is a Friday and a holiday here, New Year's Eve another.
        ("2027-12-23T12:00:00Z", 1, "business-days", "2027-12-27T22:59:59.999Z"),
        ("2027-12-23T12:00:00Z", 5, "business-days", "2028-01-03T22:59:59.999Z"),
        ("2027-03-26T12:00:00Z", 1, "business-days", "2027-03-30T21:59:59.999Z"),
        ("2027-03-27T12:00:00Z", 0, "business-days", "2027-03-27T22:59:59.999Z"),
        ("2027-03-01T12:00:00Z", 2, "weeks", "2027-03-15T22:59:59.999Z"),
        ("2027-03-15T12:00:00Z", 2, "weeks", "2027-03-29T21:59:59.999Z"),
        ("2027-03-01T12:00:00Z", 0, "days", "2027-03-01T22:59:59.999Z"),
        ("2027-03-01T12:00:00Z", 0, "hours", "2027-03-01T12:00:00Z"),
        ("2027-03-01T12:00:00Z", 1500, "ms", "2027-03-01T12:00:01.500Z"),
    ],
)
def test_due_instants_in_vienna(trigger: str, amount: int, unit: str, expected: str) -> None:
    """Dates with weekends, holidays, leap days and both changes of clocks, each computed by hand."""
    found = due(parse_instant(trigger), length(amount, unit), VIENNA)
    assert expected == format_instant(found)
    assert expected in explain_due(parse_instant(trigger), length(amount, unit), VIENNA)


@pytest.mark.parametrize(
    ("cal", "trigger", "expected"),
    [
        (KOLKATA, "2027-06-01T18:29:59Z", "2027-06-02T18:29:59.999Z"),
        (KOLKATA, "2027-06-01T18:30:00Z", "2027-06-03T18:29:59.999Z"),
        # On 14 March clocks in Havana go from midnight to one: the 13th ends where the 14th begins at one.
        (HAVANA, "2027-03-12T17:00:00Z", "2027-03-14T04:59:59.999Z"),
        # On 7 November they go from one back to midnight: the 7th has 25 hours.
        (HAVANA, "2027-11-06T17:00:00Z", "2027-11-08T04:59:59.999Z"),
        # In Apia the day after 29 December 2011 was the 31st; the 30th has its end all the same.
        (APIA, "2011-12-29T12:00:00Z", "2011-12-30T09:59:59.999Z"),
        (APIA, "2011-12-30T12:00:00Z", "2012-01-01T09:59:59.999Z"),
        (UTC, "2016-12-31T23:59:59Z", "2017-01-01T23:59:59.999Z"),
    ],
)
def test_one_day_elsewhere(cal: Calendar, trigger: str, expected: str) -> None:
    """Half-hour offsets, changes at midnight, a day that was skipped, and a leap second, which is no time here."""
    assert expected == format_instant(due(parse_instant(trigger), length(1, "days"), cal))


@given(st.integers(0, INSTANT_MS_MAX), st.sampled_from(LengthUnit), st.integers(0, 90), calendars)
def test_a_due_instant_is_not_before_its_trigger(
    ms: int, unit: LengthUnit, amount: int, cal: Calendar
) -> None:
    """More time is never due sooner, and nothing is due before it starts; the year 9999 is the end of time."""
    trigger = Instant(ms)
    found = due(trigger, Length(amount=amount, unit=unit), cal)
    assert trigger <= found
    assert found <= due(trigger, Length(amount=amount + 1, unit=unit), cal)


@given(st.integers(0, INSTANT_MS_MAX), st.sampled_from(DAY_UNITS), calendars)
def test_more_time_to_start_is_never_due_sooner(ms: int, unit: LengthUnit, cal: Calendar) -> None:
    """A clock that starts later runs out later or at the same instant: no trigger is worth delaying for less."""
    span = Length(amount=3, unit=unit)
    later = Instant(min(INSTANT_MS_MAX, ms + DAY_MS))
    assert due(Instant(ms), span, cal) <= due(later, span, cal)


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (1, "hours", "1 hour"),
        (36, "hours", "36 hours"),
        (1, "business-days", "1 business day"),
        (5, "business-days", "5 business days"),
        (12, "months", "12 months"),
        (1, "ms", "1 ms"),
        (0, "days", "0 days"),
    ],
)
def test_lengths_in_words(amount: int, unit: str, words: str) -> None:
    """One is singular, also in two words."""
    assert words == describe_length(length(amount, unit))


def test_an_explanation_names_what_was_counted() -> None:
    """It names the trigger, its local date, the calendar, day 1, what was skipped, the last day and the instant."""
    expected = (
        "5 business days after 2027-12-23, the date of 2027-12-23T12:00:00Z by calendar vienna, with the day after"
        " it as day 1; weekends and 2 other holidays are not counted: the end of 2028-01-03, which is"
        " 2028-01-03T22:59:59.999Z"
    )
    found = explain_due(parse_instant("2027-12-23T12:00:00Z"), length(5, "business-days"), VIENNA)
    assert expected == found
    exact = explain_due(parse_instant("2027-03-27T12:00:00Z"), length(36, "hours"))
    assert exact == "36 hours after 2027-03-27T12:00:00Z is 2027-03-29T00:00:00Z"


@pytest.mark.parametrize("cal", [UTC, *CALENDARS], ids=lambda cal: cal.name)
def test_calendars_survive_a_round_trip(cal: Calendar) -> None:
    """Through canonical bytes and back to the same value."""
    data = format_json(format_calendar(cal))
    assert cal == parse_calendar(Fields(parse_canonical_json(data), "calendar"))


@given(st.sampled_from(LengthUnit), st.integers(0, 100))
def test_lengths_survive_a_round_trip(unit: LengthUnit, amount: int) -> None:
    """Through canonical bytes and back to the same value."""
    span = Length(amount=amount, unit=unit)
    data = format_json(format_length(span))
    assert span == parse_length(Fields(parse_canonical_json(data), "length"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weekend": frozenset(range(7))}, "no day of business"),
        ({"weekend": frozenset({7})}, "a day that is none"),
        ({"holidays": ("2027-02-29",)}, "no such day"),
        ({"holidays": ("2027-1-1",)}, "malformed date"),
        ({"holidays": ("1969-12-31",)}, "1970 or later"),
        ({"holidays": ("2027-01-02", "2027-01-01")}, "lists 2027-01-01 after 2027-01-02"),
        ({"holidays": ("2027-01-01", "2027-01-01")}, "lists 2027-01-01 after 2027-01-01"),
        ({"offsets": (Offset(start=Instant(5), minutes=60), Offset(start=Instant(5), minutes=0))}, "out of order"),
        ({"offsets": (Offset(start=Instant(5), minutes=60), Offset(start=Instant(6), minutes=60))}, "changes nothing"),
        ({"holidays": tuple(text_of_day(day) for day in range(4097))}, "too many"),
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_meant_is_refused(changes: dict[str, object], message: str) -> None:
    """Each rule of the type, broken once."""
    with pytest.raises(MalformedError, match=message):
        Calendar(name=Name("bad"), **changes)  # type: ignore[arg-type]  # wrong on purpose


def test_limits_of_offsets_and_lengths() -> None:
    """One past each edge is refused."""
    for minutes in (-1081, 1081):
        with pytest.raises(MalformedError, match="offset is"):
            Offset(start=Instant(0), minutes=minutes)
    for unit, most in (("years", 100), ("months", 1200), ("days", 36_600), ("hours", 878_400)):
        assert most == length(most, unit).amount
        for amount in (-1, most + 1):
            with pytest.raises(MalformedError, match=f"0 to {most}"):
                length(amount, unit)


@pytest.mark.parametrize("weekend", [["sunday", "saturday"], ["saturday", "saturday"], ["Saturday"], ["sat"]])
def test_a_weekend_has_one_spelling(weekend: list[str]) -> None:
    """Days of the week stand once each, in order, in small letters."""
    value: JSON = {"name": "bad", "weekend": list(weekend), "holidays": [], "offsets": []}
    with pytest.raises(MalformedError, match="monday to sunday"):
        parse_calendar(Fields(value, "calendar"))


def test_counting_days_in_an_exact_unit_is_an_error_of_the_program() -> None:
    """Hours count no days."""
    with pytest.raises(ValueError, match="counts no days"):
        shift_day(0, length(1, "hours"), UTC)


@pytest.mark.parametrize("unit", LengthUnit, ids=lambda unit: unit.value)
@pytest.mark.parametrize("cal", [UTC, *CALENDARS], ids=lambda cal: cal.name)
def test_the_year_9999_is_the_end_of_time(cal: Calendar, unit: LengthUnit) -> None:
    """At the last instants every clock is due, explained and recurs, also where the local year is over already."""
    span = Length(amount=90, unit=unit)
    for ms in (INSTANT_MS_MAX, INSTANT_MS_MAX - 3 * 3_600_000, INSTANT_MS_MAX - 14 * 3_600_000):
        trigger = Instant(ms)
        found = due(trigger, span, cal)
        assert trigger <= found
        assert format_instant(found) in explain_due(trigger, span, cal)
        assert trigger == next(occurrences(trigger, within=span, every=span, calendar=cal))[0]
    assert Instant(INSTANT_MS_MAX) == due(Instant(INSTANT_MS_MAX), length(100, "years"), cal)
