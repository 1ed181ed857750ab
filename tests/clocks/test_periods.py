"""Periods: equal windows without gaps, numbered from 0, and the instants at which duties fall due."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.clocks import PERIOD_COUNT_MAX, Periods, due_at
from allstop.times import INSTANT_MS_MAX, Instant, Window


def periods(start: int = 1000, length: int = 10, count: int | None = 3) -> Periods:
    """Return a small schedule."""
    return Periods(start=Instant(start), length_ms=length, count=count)


def window(start: int, end: int) -> Window:
    """Return a window in milliseconds."""
    return Window(start=Instant(start), end=Instant(end))


def test_periods_follow_one_another_without_gap() -> None:
    """The end of one is the start of the next."""
    schedule = periods()
    assert [window(1000, 1010), window(1010, 1020), window(1020, 1030)] == [
        schedule.window(i) for i in range(3)
    ]


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_a_period_that_was_not_agreed_does_not_exist(index: int) -> None:
    """Asking for a period outside the count is an error of the program."""
    with pytest.raises(ValueError, match="want 0 to 2"):
        periods().window(index)


@pytest.mark.parametrize(
    ("at", "expected"), [(0, None), (999, None), (1000, 0), (1009, 0), (1010, 1), (1029, 2), (1030, None)]
)
def test_an_instant_is_in_one_period_or_none(at: int, expected: int | None) -> None:
    """The start belongs to a period and the end does not."""
    assert expected == periods().index_at(Instant(at))


def test_only_exact_windows_are_periods() -> None:
    """A window that is shifted, shorter, longer or outside is no period."""
    schedule = periods()
    assert schedule.index_of(window(1010, 1020)) == 1
    for other in (
        window(1011, 1020),
        window(1010, 1019),
        window(1010, 1030),
        window(1030, 1040),
        window(0, 10),
    ):
        assert schedule.index_of(other) is None


@pytest.mark.parametrize(("at", "expected"), [(0, 0), (1009, 0), (1010, 1), (1029, 2), (1030, 3), (9999, 3)])
def test_a_period_is_closed_when_its_end_has_come(at: int, expected: int) -> None:
    """Counts never exceed what was agreed; the windows are those of the periods, in order."""
    schedule = periods()
    assert expected == schedule.closed_count(Instant(at))
    assert [(i, schedule.window(i)) for i in range(expected)] == list(schedule.closed(Instant(at)))


def test_a_schedule_without_end_stops_at_a_limit() -> None:
    """Neither a hostile length nor the year 9999 makes a loop without bound."""
    assert periods(count=None, length=1).count_max == PERIOD_COUNT_MAX
    assert periods(count=None, length=1).closed_count(Instant(INSTANT_MS_MAX)) == PERIOD_COUNT_MAX
    assert periods(start=INSTANT_MS_MAX - 15, length=10, count=None).count_max == 1
    assert periods(start=INSTANT_MS_MAX, count=None).index_at(Instant(INSTANT_MS_MAX)) is None


@pytest.mark.parametrize(("length", "count"), [(0, 1), (-1, 1), (1, 0), (1, PERIOD_COUNT_MAX + 1)])
def test_impossible_schedules_are_refused(length: int, count: int) -> None:
    """Ranges are checked once, at construction."""
    with pytest.raises(ValueError, match="want"):
        periods(length=length, count=count)


def test_a_duty_is_due_after_its_window() -> None:
    """The agreed time runs from the end; it cannot run past the end of RFC 3339."""
    assert Instant(1025) == due_at(window(1010, 1020), after_ms=5)
    assert Instant(INSTANT_MS_MAX) == due_at(window(0, INSTANT_MS_MAX - 1), after_ms=5)


@given(st.integers(0, 10**6), st.integers(1, 10**4), st.integers(1, 50), st.integers(0, 2 * 10**6))
def test_index_and_window_agree(start: int, length: int, count: int, at: int) -> None:
    """An instant lies in the window of its index, and in no other."""
    schedule = periods(start, length, count)
    holding = [i for i in range(count) if schedule.window(i).start.ms <= at < schedule.window(i).end.ms]
    index = schedule.index_at(Instant(at))
    assert holding == ([] if index is None else [index])
