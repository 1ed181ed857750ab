"""Accounts at the largest values that are legal: exact where 64 bits are not enough."""

from dataclasses import replace

import numpy as np
import pytest

from accountancy.account_worlds import CHIP, cell_input, view
from allstop.accountancy import CellAccount, ChipPower, MeterView, account_cell, steps_of
from allstop.finding import CHIP_INDEX_MAX, Channel
from allstop.telemetry import READING_VALUE_MAX, Series
from allstop.times import HOUR_MS, INSTANT_MS_MAX, Instant, Window

AGES = Window(start=Instant(0), end=Instant(INSTANT_MS_MAX))
GIGAWATT = 10**12
WORST = ChipPower(peak_flop_per_second=10**24, attojoule_per_flop=1, floor_milliwatt=0)


def series_at(times: list[int], values: list[int]) -> Series:
    """Return a series at absolute times."""
    return Series(
        t=np.array(times, dtype=np.int64),
        v=np.array(values, dtype=np.int64),
        epoch=np.zeros(len(times), dtype=np.int32),
    )


def meter(channel: Channel, parts: list[Series], chips: int = CHIP_INDEX_MAX) -> MeterView:
    """Return a meter of a great many chips."""
    plain = view("m", "a", channel, [], chips=chips)
    return replace(plain, steps=steps_of(parts, channel=channel, gap_ms_max=INSTANT_MS_MAX))


def account(one: MeterView, chip: ChipPower = CHIP) -> CellAccount:
    """Account for all its chips through the ages."""
    given = replace(cell_input([one], count=one.chips), chip=chip)
    return account_cell(given, window=AGES, liars=0, z_micro=9_000_000)


def test_a_billion_chips_through_the_ages_are_counted_exactly() -> None:
    """Chip-time and operations beyond 64 bits, by nothing seen."""
    given = replace(cell_input([], count=CHIP_INDEX_MAX), chip=WORST)
    (part,) = account_cell(given, window=AGES, liars=0, z_micro=1).by_job
    assert part.chip_ms == INSTANT_MS_MAX * CHIP_INDEX_MAX
    assert part.flop_high == 10**24 * INSTANT_MS_MAX * CHIP_INDEX_MAX // 1000


def test_a_gigawatt_for_years_is_summed_exactly() -> None:
    """Hourly readings of the largest power: energy in µJ is beyond 64 bits after three steps."""
    times = list(range(0, 1000 * HOUR_MS, HOUR_MS))
    idle = replace(meter(Channel.POWER, [series_at(times, [GIGAWATT] * 1000)]), idle_milliwatt=GIGAWATT)
    (part,) = account(idle, replace(CHIP, peak_flop_per_second=10**20, floor_milliwatt=0)).by_job
    seen = 999 * HOUR_MS
    assert part.unobserved_chip_ms == (INSTANT_MS_MAX - seen) * CHIP_INDEX_MAX
    energy_flop = (GIGAWATT + 1) * seen * 10**12 // CHIP.attojoule_per_flop
    rest = -(-(10**20) * part.unobserved_chip_ms // 1000)
    assert abs(part.flop_high - rest - energy_flop) <= 1


def test_power_beyond_the_range_counts_as_unobserved() -> None:
    """A reading above a gigawatt bounds nothing, and overflows nothing."""
    one = meter(Channel.POWER, [series_at([0, HOUR_MS], [READING_VALUE_MAX, READING_VALUE_MAX])])
    (part,) = account(one).by_job
    assert part.unobserved_chip_ms == part.chip_ms
    counter = meter(Channel.ENERGY, [series_at([0, HOUR_MS], [-READING_VALUE_MAX, READING_VALUE_MAX])])
    (part,) = account(counter).by_job
    assert part.unobserved_chip_ms == part.chip_ms


@pytest.mark.parametrize("channel", [Channel.ENERGY, Channel.BUSY])
def test_the_longest_step_of_a_counter_is_exact(channel: Channel) -> None:
    """Two readings at the ends of time, as far apart as readings go."""
    one = meter(channel, [series_at([0, INSTANT_MS_MAX], [-READING_VALUE_MAX, READING_VALUE_MAX])])
    grown = 2 * READING_VALUE_MAX
    (part,) = account(one).by_job
    assert part.unobserved_chip_ms == 0
    if channel is Channel.BUSY:
        assert (grown, grown) == (part.active_low_chip_ms, part.active_high_chip_ms)
    else:
        # In µJ and with 4 mW for rounding, over the idle level of one chip.
        assert part.active_high_chip_ms == (grown * 1000 + 4 * INSTANT_MS_MAX) // 5


def test_tensor_activity_of_a_billion_chips_is_exact() -> None:
    """A share of the chip-time of an hour, without a product beyond 64 bits."""
    one = meter(Channel.TENSOR, [series_at([0, HOUR_MS], [333_333, 333_333])])
    (part,) = account(one).by_job
    whole = HOUR_MS * CHIP_INDEX_MAX
    share = whole // 10**6 * 333_333
    assert share == part.active_low_chip_ms
    assert part.active_high_chip_ms == share + 1 + (INSTANT_MS_MAX - HOUR_MS) * CHIP_INDEX_MAX


def test_figures_of_the_chip_table_at_their_limits_overflow_nothing() -> None:
    """Agreed powers may have 24 digits; comparisons and quotients still come out."""
    one = replace(
        meter(Channel.POWER, [series_at([0, HOUR_MS], [GIGAWATT, GIGAWATT])]),
        floor_milliwatt=10**33,
        idle_milliwatt=10**33,
        unit_milliwatt=2 * 10**33,
    )
    (part,) = account(
        one, ChipPower(peak_flop_per_second=10**24, attojoule_per_flop=10**24, floor_milliwatt=10**24)
    ).by_job
    assert part.active_low_chip_ms == 0
    assert part.flop_high <= 10**24 * part.chip_ms // 1000
