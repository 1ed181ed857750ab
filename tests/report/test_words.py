"""Numbers in words: a bound that is shown is still a bound."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.report import format_chip_time, format_days, format_flop, format_percent
from allstop.report._words import format_count, format_energy, format_length, format_plain, join_words
from allstop.times import DAY_MS, HOUR_MS
from allstop.units import CHIP_MS_PER_CHIP_HOUR


@pytest.mark.parametrize(
    ("flop", "down", "up"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1000, "1.00e3", "1.00e3"),
        (1001, "1.00e3", "1.01e3"),
        (9_999, "9.99e3", "1.00e4"),
        (1_268_357_529_600_000_000_000, "1.26e21", "1.27e21"),
        (10**24, "1.00e24", "1.00e24"),
    ],
)
def test_operations_have_three_digits_on_the_safe_side(flop: int, down: str, up: str) -> None:
    """Lower bounds are rounded down, upper bounds up, across a power of ten too."""
    assert (down, up) == (format_flop(flop, up=False), format_flop(flop, up=True))


@given(st.integers(0, 10**30))
def test_shown_operations_enclose_the_true_ones(flop: int) -> None:
    """Read back, the two roundings lie on both sides, within one per cent."""
    low, high = (Fraction(format_flop(flop, up=up).replace("e", "E")) for up in (False, True))
    assert low <= flop <= high
    assert high - low <= Fraction(flop, 100) + 1


@pytest.mark.parametrize(
    ("chip_ms", "down", "up"),
    [
        (0, "0.0 chip-s", "0.0 chip-s"),
        (1, "0.0 chip-s", "0.1 chip-s"),
        (504, "0.5 chip-s", "0.6 chip-s"),
        (CHIP_MS_PER_CHIP_HOUR - 1, "3,599.9 chip-s", "3,600.0 chip-s"),
        (CHIP_MS_PER_CHIP_HOUR, "1.0 chip-h", "1.0 chip-h"),
        (485 * CHIP_MS_PER_CHIP_HOUR + 1_027_680, "485.2 chip-h", "485.3 chip-h"),
        (12_345_678 * CHIP_MS_PER_CHIP_HOUR, "12,345,678.0 chip-h", "12,345,678.0 chip-h"),
    ],
)
def test_chip_time_changes_its_unit_at_one_chip_hour(chip_ms: int, down: str, up: str) -> None:
    """Below it stands in chip-seconds, so that a small account is not shown as nothing."""
    assert (down, up) == (format_chip_time(chip_ms, up=False), format_chip_time(chip_ms, up=True))


@pytest.mark.parametrize(
    ("part", "whole", "down", "up"),
    [
        (0, 7, "0.00 %", "0.00 %"),
        (1, 10**9, "0.00 %", "0.01 %"),
        (3_457, 10**6, "0.34 %", "0.35 %"),
        (1, 100, "1 %", "1 %"),
        (1, 3, "33 %", "34 %"),
        (25, 10, "250 %", "250 %"),
    ],
)
def test_shares_are_never_rounded_to_the_better_side(part: int, whole: int, down: str, up: str) -> None:
    """What was seen is rounded down, what could be hidden up: anything above nothing is shown."""
    assert (down, up) == (format_percent(part, whole, up=False), format_percent(part, whole, up=True))


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (None, "longer than anyone will wait"),
        (59_999, "0 minutes"),
        (HOUR_MS - 1, "59 minutes"),
        (HOUR_MS, "1.0 hours"),
        (DAY_MS * 117 // 10, "11.7 days"),
        (365 * DAY_MS * 32, "32.0 years"),
    ],
)
def test_the_time_that_a_run_needs_is_rounded_down(ms: int | None, expected: str) -> None:
    """A threshold is reached no later than shown."""
    assert expected == format_days(ms)


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (0, "0 ms"),
        (1, "1 ms"),
        (1001, "1,001 ms"),
        (1000, "1 second"),
        (90_000, "90 seconds"),
        (600_000, "10 minutes"),
        (HOUR_MS, "1 hour"),
        (36 * HOUR_MS, "36 hours"),
        (365 * DAY_MS, "365 days"),
    ],
)
def test_an_agreed_length_is_exact(ms: int, expected: str) -> None:
    """The largest unit that divides it, so that nothing is rounded."""
    assert expected == format_length(ms)


@pytest.mark.parametrize(
    ("millijoule", "expected"),
    [
        (0, "0.00 kJ"),
        (4_999, "0.00 kJ"),
        (5_001, "0.01 kJ"),
        (-1_500_000, "-1.50 kJ"),
        (3_599_000_000, "3,599.00 kJ"),
        (3_600_000_000, "1.00 kWh"),
        (33_130_205_490, "9.20 kWh"),
        (1_472_148 * 10**9, "408,930.00 kWh"),
    ],
)
def test_energy_is_rounded_to_the_nearest(millijoule: int, expected: str) -> None:
    """It is arithmetic and no bound, so it is rounded neither way."""
    assert expected == format_energy(millijoule)


def test_words_in_a_row_and_counts() -> None:
    """One, two and three words; one chip and many."""
    assert ["", "a", "a and b", "a, b and c"] == [join_words(["a", "b", "c"][:n]) for n in range(4)]
    assert ["0 chips", "1 chip", "1,024 chips"] == [format_count(n, "chip") for n in (0, 1, 1024)]


def test_words_of_others_stay_on_one_line() -> None:
    """Breaks become spaces; what would steer a page or turn text around is spelled out."""
    assert "a b c\\u202ed\\x1b" == format_plain("a\nb\tc\u202ed\x1b")
