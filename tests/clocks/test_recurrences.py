"""Recurring clocks, several clocks together, and clocks that stand still."""

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import format_instant, parse_instant
from allstop.clocks import (
    UTC,
    Calendar,
    Length,
    LengthUnit,
    Pause,
    earliest_of,
    extended,
    latest_of,
    occurrences,
    trigger_of,
)
from allstop.times import HOUR_MS, INSTANT_MS_MAX, Instant
from clock_calendars import CALENDARS, VIENNA

pauses = st.builds(
    lambda start, span: Pause(start=Instant(start), end=Instant(start + span)),
    st.integers(0, 100),
    st.integers(0, 30),
)


def dates(
    first: str, every: tuple[int, str], within: tuple[int, str], count: int, cal: Calendar
) -> list[str]:
    """Return the due instants of the first occurrences."""
    spans = [Length(amount=amount, unit=LengthUnit(unit)) for amount, unit in (within, every)]
    found = occurrences(parse_instant(first), within=spans[0], every=spans[1], calendar=cal)
    return [format_instant(end) for _, end in islice(found, count)]


@pytest.mark.parametrize(
    ("first", "every", "within", "cal", "expected"),
    [
        # The end of the month, through February with and without a leap day: never drifting to the 28th.
        ("2027-12-31T09:00:00Z", (1, "months"), (0, "days"), UTC,
         ["2027-12-31T23:59:59.999Z", "2028-01-31T23:59:59.999Z", "2028-02-29T23:59:59.999Z", "2028-03-31T23:59:59.999Z"]),
        ("2028-02-29T09:00:00Z", (1, "years"), (0, "days"), UTC,
         ["2028-02-29T23:59:59.999Z", "2029-02-28T23:59:59.999Z", "2030-02-28T23:59:59.999Z", "2031-02-28T23:59:59.999Z",
          "2032-02-29T23:59:59.999Z"]),
        # Every 4 weeks through the change of clocks: the same local midnight, another one in UTC.
        ("2027-03-01T09:00:00Z", (4, "weeks"), (0, "days"), VIENNA,
         ["2027-03-01T22:59:59.999Z", "2027-03-29T21:59:59.999Z", "2027-04-26T21:59:59.999Z"]),
        # 90 days after 120 days, as a treaty has it.
        ("2027-10-01T00:00:00Z", (90, "days"), (120, "days"), VIENNA,
         ["2028-01-29T22:59:59.999Z", "2028-04-28T21:59:59.999Z", "2028-07-27T21:59:59.999Z"]),
        ("2027-03-26T09:00:00Z", (1, "business-days"), (1, "business-days"), VIENNA,
         ["2027-03-30T21:59:59.999Z", "2027-03-31T21:59:59.999Z", "2027-04-01T21:59:59.999Z"]),
        # Hours are exact; a daily start keeps its local time, so 24 hours later is another hour on the wall.
        ("2027-03-27T09:00:00Z", (24, "hours"), (2, "hours"), VIENNA,
         ["2027-03-27T11:00:00Z", "2027-03-28T11:00:00Z"]),
        ("2027-03-27T09:00:00Z", (1, "days"), (2, "hours"), VIENNA,
         ["2027-03-27T11:00:00Z", "2027-03-28T10:00:00Z"]),
    ],
)  # fmt: skip
def test_recurring_clocks_by_hand(
    first: str, every: tuple[int, str], within: tuple[int, str], cal: Calendar, expected: list[str]
) -> None:
    """Ends of months, leap days, weeks over a change of clocks, business days, hours."""
    assert expected == dates(first, every, within, len(expected), cal)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        # 02:30 does not exist on 28 March: the clock starts at the change.
        ("2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z"),
        # 02:30 occurs twice on 31 October: the second one counts.
        ("2027-10-30T00:30:00Z", "2027-10-31T01:30:00Z"),
    ],
)
def test_a_start_that_clocks_skip_or_repeat(first: str, expected: str) -> None:
    """A recurring clock has one start in every case; nobody loses an hour by it."""
    day = Length(amount=1, unit=LengthUnit.DAYS)
    assert expected == format_instant(trigger_of(parse_instant(first), day, 1, VIENNA))


@given(
    st.integers(0, INSTANT_MS_MAX),
    st.sampled_from(LengthUnit),
    st.integers(1, 40),
    st.sampled_from(CALENDARS),
)
def test_occurrences_follow_one_another(ms: int, unit: LengthUnit, amount: int, cal: Calendar) -> None:
    """Starts ascend strictly, dues never go back, and it ends at the end of time."""
    every = Length(amount=amount, unit=unit)
    within = Length(amount=2, unit=LengthUnit.DAYS)
    found = list(islice(occurrences(Instant(ms), within=within, every=every, calendar=cal), 30))
    assert found[0][0] == Instant(ms)
    for (start, end), (start_after, end_after) in pairwise(found):
        assert start < start_after
        assert end <= end_after


def test_the_earliest_and_the_latest_of_several() -> None:
    """The earliest needs one clock that runs, the latest all of them."""
    one, two = Instant(1), Instant(2)
    assert one == earliest_of([two, None, one])
    assert earliest_of([None]) is None
    assert two == latest_of([one, two])
    assert latest_of([one, None]) is None
    assert latest_of([]) is None


def ref_extended(trigger: int, due: int, stops: list[Pause]) -> int:
    """Walk millisecond by millisecond: the clock runs wherever no pause is."""
    left, now = due - trigger, trigger
    while left > 0:
        left -= not any(p.start.ms <= now and (p.end is None or now < p.end.ms) for p in stops)
        now += 1
    # A pause that begins exactly at the end comes too late.
    return now


@given(st.integers(0, 60), st.integers(0, 60), st.lists(pauses, max_size=4))
def test_a_clock_stands_still_for_each_millisecond_of_a_pause(
    trigger: int, span: int, stops: list[Pause]
) -> None:
    """Overlapping pauses, pauses before and after, pauses inside what a pause has added: like walking."""
    found = extended(Instant(trigger), Instant(trigger + span), stops)
    assert found is not None
    assert ref_extended(trigger, trigger + span, stops) == found.ms


def test_a_pause_without_end_leaves_no_due_instant() -> None:
    """Unless it begins when the time is over already."""
    start, end = Instant(0), Instant(10 * HOUR_MS)
    assert extended(start, end, [Pause(start=Instant(HOUR_MS), end=None)]) is None
    assert end == extended(start, end, [Pause(start=end, end=None)])
    with pytest.raises(ValueError, match="ends before it starts"):
        Pause(start=end, end=start)
