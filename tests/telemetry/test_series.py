"""Arithmetic over readings is exact: energy, totals, spans and gaps against slow references."""

import itertools
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.finding import Channel
from allstop.ids import Digest, Name
from allstop.telemetry import (
    READING_VALUE_MAX,
    Series,
    SeriesReader,
    claim_series,
    energy_millijoule,
    series_total,
)
from allstop.times import INSTANT_MS_MAX, Instant

Reading = tuple[int, int, int]


def series_of(readings: list[Reading]) -> Series:
    """Return the series of some (t, v, epoch)."""
    t, v, epoch = zip(*readings, strict=True)
    return Series(
        t=np.array(t, dtype=np.int64), v=np.array(v, dtype=np.int64), epoch=np.array(epoch, dtype=np.int32)
    )


small = st.lists(
    st.tuples(st.integers(0, 40), st.integers(-9, 9), st.integers(0, 1)), min_size=1, max_size=12
)
extreme = st.lists(
    st.tuples(
        st.sampled_from([0, 1, INSTANT_MS_MAX]) | st.integers(0, INSTANT_MS_MAX),
        st.sampled_from([READING_VALUE_MAX, -READING_VALUE_MAX, 0]) | st.integers(-(10**9), 10**9),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=30,
)


def reference_energy(readings: list[Reading]) -> int:
    """Trapezoids by fractions: mW times ms is uJ, a thousand of which are one mJ."""
    total = Fraction(0)
    for (t0, v0, e0), (t1, v1, e1) in itertools.pairwise(readings):
        if e0 == e1:
            total += Fraction(v0 + v1, 2) * (t1 - t0)
    return (total / 1000).__floor__()


@given(small | extreme)
@settings(max_examples=300)
def test_energy_is_the_exact_trapezoid_rounded_down(readings: list[Reading]) -> None:
    """No overflow and no float, for times and readings up to their limits, backward steps included."""
    assert reference_energy(readings) == energy_millijoule(series_of(readings))


@pytest.mark.parametrize(("size", "value"), [(5_000, 10**9), (5_000, 10**15), (1_025, READING_VALUE_MAX)])
def test_energy_of_long_series_is_exact_where_partial_sums_would_overflow(size: int, value: int) -> None:
    """All three ways of summing: at once, in chunks, and in Python's integers."""
    rng = np.random.default_rng(size + value % 97)
    t = np.cumsum(rng.integers(1, 4000, size))
    readings = [(int(ms), int(v), 0) for ms, v in zip(t, rng.integers(0, value, size), strict=True)]
    assert reference_energy(readings) == energy_millijoule(series_of(readings))


def test_a_constant_power_gives_power_times_time() -> None:
    """700 W for an hour are 2.52 MJ, whatever the readings' spacing."""
    hour = series_of([(0, 700_000, 0), (17, 700_000, 0), (3_600_000, 700_000, 0)])
    assert 2_520_000_000 == energy_millijoule(hour) == series_total(Channel.POWER, hour)


def test_a_single_reading_holds_no_energy() -> None:
    """Nobody knows what was before or after."""
    assert energy_millijoule(series_of([(5, 700_000, 0)])) == 0


@given(small | extreme, st.sampled_from([Channel.ENERGY, Channel.BUSY]))
def test_a_counter_totals_its_increase_within_epochs(readings: list[Reading], channel: Channel) -> None:
    """Last minus first, summed over runs of one epoch: a reset adds nothing."""
    expected = sum(b[1] - a[1] for a, b in itertools.pairwise(readings) if a[2] == b[2])
    assert expected == series_total(channel, series_of(readings))


@given(small | extreme, st.sampled_from([Channel.TENSOR, Channel.BREAKER]))
def test_other_gauges_total_their_readings(readings: list[Reading], channel: Channel) -> None:
    """A plain sum, exact beyond 64 bits."""
    assert sum(v for _, v, _ in readings) == series_total(channel, series_of(readings))


def test_a_claim_states_what_the_series_holds() -> None:
    """Count, least and greatest time in any order, and the total."""
    readings = [(9, 4, 0), (3, 2, 0), (7, 2, 1)]
    claim = claim_series(
        meter=Name("m"), channel=Channel.TENSOR, blob=Digest("0" * 64), row=3, series=series_of(readings)
    )
    assert (3, 3, Instant(3), Instant(9), 8) == (claim.row, claim.count, claim.first, claim.last, claim.total)


def test_columns_that_do_not_fit_are_refused() -> None:
    """Type, dimension, length, emptiness, and the range of times and readings."""
    t = np.array([1, 2], dtype=np.int64)
    epoch = np.zeros(2, dtype=np.int32)
    wrong: list[tuple[tuple[np.ndarray[Any, Any], ...], str]] = [
        ((t.astype(np.float64), t, epoch), "want 1-d int64"),
        ((t, t, epoch.astype(np.int64)), "want 1-d int32"),
        ((t, t.reshape(2, 1), epoch), "2-d"),
        ((t, t[:1], epoch), "2, 1, 2 readings"),
        ((t[:0], t[:0], epoch[:0]), "0 readings"),
        ((-t, t, epoch), "times outside"),
        ((t + INSTANT_MS_MAX, t, epoch), "times outside"),
        ((t, t + READING_VALUE_MAX, epoch), "in magnitude"),
        ((t, np.array([0, -(2**63)]), epoch), "in magnitude"),
    ]
    for (ts, vs, es), message in wrong:
        with pytest.raises(ValueError, match=message):
            Series(t=ts, v=vs, epoch=es)


def test_a_series_cannot_be_changed() -> None:
    """The arrays are views that refuse writing; the caller's own array stays as it was."""
    t = np.array([1, 2], dtype=np.int64)
    series = Series(t=t, v=t, epoch=np.zeros(2, dtype=np.int32))
    with pytest.raises(ValueError, match="read-only"):
        series.v[0] = 7
    assert t.flags.writeable
    assert (2, Instant(1), Instant(2)) == (len(series), series.earliest, series.latest)


class OneSeries:
    """A reader that holds one series in memory."""

    def read(self, blob: Digest, row: int, count_max: int) -> Series:
        """Return the same series for every blob."""
        return series_of([(row, count_max, 0)])


def test_a_reader_is_whatever_keeps_the_promise() -> None:
    """The port is a protocol: any object with its one method will do."""
    reader: SeriesReader = OneSeries()
    assert issubclass(SeriesReader, Protocol)
    assert int(reader.read(Digest("0" * 64), 3, 9).v[0]) == 9


def test_a_year_of_minutes_is_summed_exactly() -> None:
    """A long series of ordinary readings: power times the time from first to last."""
    size = 525_600
    t = np.arange(size, dtype=np.int64) * 60_000
    v = np.full(size, 700_000, dtype=np.int64)
    series = Series(t=t, v=v, epoch=np.zeros(size, dtype=np.int32))
    assert 700_000 * 60 * (size - 1) == energy_millijoule(series)
