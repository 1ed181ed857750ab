"""Local times: one instant for each, or a refusal with both readings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import format_instant, parse_instant
from allstop.clocks import Calendar, LocalTime, format_local, local_of, local_to_utc, parse_local
from allstop.errors import MalformedError
from allstop.times import Instant
from clock_calendars import APIA, CALENDARS, HAVANA, LORD_HOWE, VIENNA

seconds = st.integers(
    parse_instant("2026-11-01T00:00:00Z").ms // 1000, parse_instant("2031-12-31T00:00:00Z").ms // 1000
)


@pytest.mark.parametrize(
    ("cal", "text", "expected"),
    [
        (VIENNA, "2027-03-28 11:00", "2027-03-28T09:00:00Z"),
        (VIENNA, "2027-03-28 01:59", "2027-03-28T00:59:00Z"),
        (VIENNA, "2027-03-28T03:00:00", "2027-03-28T01:00:00Z"),
        (VIENNA, "2027-10-31 01:59", "2027-10-30T23:59:00Z"),
        (VIENNA, "2027-10-31 03:00", "2027-10-31T02:00:00Z"),
        (LORD_HOWE, "2027-10-03 02:30", "2027-10-02T15:30:00Z"),
        (HAVANA, "2027-03-14 01:00:01", "2027-03-14T05:00:01Z"),
        (APIA, "2011-12-31 00:00", "2011-12-30T10:00:00Z"),
    ],
)
def test_a_local_time_that_occurs_once_is_one_instant(cal: Calendar, text: str, expected: str) -> None:
    """On both sides of each kind of change, and it reads back as it was written."""
    local = parse_local(text)
    found = local_to_utc(local, cal)
    assert expected == format_instant(found)
    assert local == local_of(found, cal)


@pytest.mark.parametrize(
    ("cal", "text", "message"),
    [
        (VIENNA, "2027-03-28 02:00", r"does not exist: at 2027-03-28T01:00:00Z the clocks go from 2027-03-28 02:00 to 2027-03-28 03:00"),
        (VIENNA, "2027-03-28 02:59:59", "does not exist"),
        (VIENNA, "2027-10-31 02:00", "ambiguous: the clocks show it at 2027-10-31T00:00:00Z and 2027-10-31T01:00:00Z"),
        (VIENNA, "2027-10-31 02:59:59", "ambiguous"),
        (LORD_HOWE, "2027-10-03 02:15", "does not exist"),
        (LORD_HOWE, "2027-04-04 01:45", "ambiguous"),
        (HAVANA, "2027-03-14 00:00", "does not exist"),
        (HAVANA, "2027-11-07 00:30", "ambiguous"),
        (APIA, "2011-12-30 12:00", "the clocks go from 2011-12-30 00:00 to 2011-12-31 00:00"),
    ],
)  # fmt: skip
def test_a_time_that_clocks_skip_or_repeat_is_refused(cal: Calendar, text: str, message: str) -> None:
    """Both readings are named, and there is a hint what to do."""
    with pytest.raises(MalformedError, match=message) as caught:
        local_to_utc(parse_local(text), cal)
    assert caught.value.hint is not None


@given(seconds, st.sampled_from(CALENDARS))
def test_readings_are_exactly_the_instants_that_read_so(second: int, cal: Calendar) -> None:
    """Whatever instant is taken, its local time leads back to it, alone or as one of two."""
    at = Instant(second * 1000)
    found = cal.readings(cal.local_ms(at))
    assert at in found
    assert all(cal.local_ms(one) == cal.local_ms(at) for one in found)
    if len(found) == 1:
        assert at == local_to_utc(local_of(at, cal), cal)


@given(seconds)
def test_local_times_are_written_and_read_alike(second: int) -> None:
    """What is printed for people parses back, seconds included."""
    local = LocalTime(second * 1000)
    assert local == parse_local(format_local(local))


@pytest.mark.parametrize(
    "text",
    ["2027-03-28", "2027-03-28 24:00", "2027-3-28 11:00", "2027-03-28 11:60", "2027-02-29 11:00", "11:00",
     "2027-03-28 11:00Z", "2027-03-28 11:00:00.5", "٢027-03-28 11:00"],
)  # fmt: skip
def test_another_form_of_local_time_is_refused(text: str) -> None:
    """There are two ways to write one, and no others."""
    with pytest.raises(MalformedError):
        parse_local(text)


def test_a_local_time_before_the_first_instant_is_refused() -> None:
    """The morning of 1970-01-01 east of Greenwich was still 1969 in UTC."""
    with pytest.raises(MalformedError, match="outside the years"):
        local_to_utc(parse_local("1970-01-01 00:30"), VIENNA)
