"""Features by series and hour: the one-pass query against plain NumPy, and blobs whose statistics lie."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allstop.errors import AllstopError, LimitError, MalformedError, NotFoundError
from allstop.ids import digest_of
from allstop.ingest import HourFeatures, ParquetSeriesReader, read_mlperf_power, scan_features, write_series
from allstop.telemetry import Series, energy_millijoule
from allstop.times import HOUR_MS, INSTANT_MS_MAX

GPT3 = "mlperf_raw/training_results_v4.0/smc-dc-power/results/64xSMC-H100-SXM-80GB/gpt3"


def series(readings: list[tuple[int, int, int]]) -> Series:
    """Return a series of (time, value, epoch)."""
    t, v, epoch = (list(column) for column in zip(*readings, strict=True))
    return Series(t=np.array(t), v=np.array(v), epoch=np.array(epoch, dtype=np.int32))


def reference(many: list[Series], gap_ms_max: int) -> list[tuple[int, ...]]:
    """Return the rows that a scan must give, by the plainest means."""
    rows = []
    for number, one in enumerate(many):
        hours = one.t // HOUR_MS
        for hour in sorted(set(hours.tolist())):
            inside = np.flatnonzero(hours == hour)
            t, v = one.t[inside], one.v[inside]
            covered = height = 0
            for place in inside.tolist():
                step = int(one.t[place] - one.t[place - 1]) if place else 0
                if 0 < step <= gap_ms_max and one.epoch[place] == one.epoch[place - 1]:
                    covered += step
                    height += step * int(one.v[place] + one.v[place - 1])
            figures = (len(t), t.min(), t.max(), v.sum(), v.min(), v.max(), covered, height)
            rows.append((number, hour, *(int(figure) for figure in figures)))
    return rows


def rows(features: HourFeatures) -> list[tuple[int, ...]]:
    """Return the features as plain tuples."""
    columns = (getattr(features, name).tolist() for name in HourFeatures.__slots__)
    return list(zip(*columns, strict=True))


READING = st.tuples(st.integers(0, 3 * HOUR_MS), st.integers(-(10**6), 10**6), st.sampled_from([0, 0, 0, 1]))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(READING, min_size=1, max_size=20), min_size=1, max_size=4), st.integers(1, 2 * HOUR_MS)
)
def test_a_scan_is_what_plain_arithmetic_gives(
    tmp_path: Path, given: list[list[tuple[int, int, int]]], gap_ms_max: int
) -> None:
    """Any readings, in any order, with gaps and epochs; on one thread and on three the same."""
    many = [series(readings) for readings in given]
    write_series(tmp_path / "blob", many)
    expected = reference(many, gap_ms_max)
    for threads in (1, 3):
        assert expected == rows(scan_features(tmp_path / "blob", gap_ms_max=gap_ms_max, threads=threads))


def test_the_published_meters_scan_to_their_energies(data_dir: Path, tmp_path: Path) -> None:
    """With no gap left out, the hours of each meter add up to its energy by trapezoids."""
    many = [one.series for one in read_mlperf_power(data_dir / GPT3).meters]
    write_series(tmp_path / "blob", many)
    features = scan_features(tmp_path / "blob", gap_ms_max=HOUR_MS, threads=2)
    energies = [
        int(features.twice_milliwatt_ms[features.series == number].sum()) // 2000
        for number in range(len(many))
    ]
    assert energies == [energy_millijoule(one) for one in many]


def test_a_step_belongs_to_the_hour_in_which_it_ends(tmp_path: Path) -> None:
    """1 kW from one minute before the hour to one minute after: all of it is in the second hour."""
    write_series(tmp_path / "blob", [series([(HOUR_MS - 60_000, 10**6, 0), (HOUR_MS + 60_000, 10**6, 0)])])
    features = scan_features(tmp_path / "blob", gap_ms_max=120_000)
    assert [0, 120_000] == features.covered_ms.tolist()
    assert [0, 120_000_000] == (features.twice_milliwatt_ms // 2000).tolist()


def test_steps_between_series_count_nothing_in_either_query(tmp_path: Path) -> None:
    """A series that goes on where the one before it ended is not joined with it."""
    for epochs in ((0, 0), (0, 1)):
        many = [series([(1000 * i + 4000 * s, 5, epochs[s]) for i in range(4)]) for s in range(2)]
        write_series(tmp_path / "blob", many)
        features = scan_features(tmp_path / "blob", gap_ms_max=5000)
        assert [3000, 3000] == features.covered_ms.tolist()


def test_many_series_are_told_apart(tmp_path: Path) -> None:
    """Above 2**15 series the packed query is not used; steps of neighbours are never joined."""
    many = [series([(0, 1, 0), (1000, 1, 0)])] * 33_000
    write_series(tmp_path / "blob", many)
    features = scan_features(tmp_path / "blob", gap_ms_max=5000)
    assert len(features) == 33_000
    assert {1000} == set(features.covered_ms.tolist())


def test_sums_beyond_64_bits_are_refused(tmp_path: Path) -> None:
    """A wrong figure is worse than none."""
    write_series(tmp_path / "blob", [series([(0, 2**61, 0), (HOUR_MS - 1, 2**61, 0)])])
    with pytest.raises(LimitError, match="more than 64 bits"):
        scan_features(tmp_path / "blob", gap_ms_max=HOUR_MS)


def test_no_blob_and_arguments_out_of_range_are_errors(tmp_path: Path) -> None:
    """Nothing there, something else, no gap, no threads."""
    with pytest.raises(NotFoundError):
        scan_features(tmp_path / "absent", gap_ms_max=1)
    (tmp_path / "other").write_bytes(b"PAR1 is how it starts")
    with pytest.raises(MalformedError):
        scan_features(tmp_path / "other", gap_ms_max=1)
    for gap_ms_max, threads in ((0, 1), (1, 0), (1, 65)):
        with pytest.raises(ValueError, match="gap is"):
            scan_features(tmp_path / "other", gap_ms_max=gap_ms_max, threads=threads)


def test_statistics_that_lie_change_no_figure(tmp_path: Path) -> None:
    """Every second byte of the footer is bent: what comes out is what the true blob gives, or an error.

    DuckDB plans by a footer's least and greatest values unless told not to. Bytes that tell codecs,
    encodings and names apart are among those bent.
    """
    many = [series([(INSTANT_MS_MAX - 9, 7, 0)]), series([(5, 7, 0), (6, 8, 0)])]
    write_series(tmp_path / "blob", many)
    whole = (tmp_path / "blob").read_bytes()
    size = int.from_bytes(whole[-8:-4], "little")
    bent_path, refused = tmp_path / "bent", 0
    reader = ParquetSeriesReader(lambda _: bent_path)
    for place in range(len(whole) - 8 - size, len(whole) - 8, 2):
        data = bytearray(whole)
        data[place] ^= 1
        bent_path.write_bytes(data)
        try:
            assert reader.read(digest_of(bytes(data)), 1, 10).t.tolist() == [5, 6]
            if place % 8 < 2:  # a scan opens a database of its own, which takes the time
                assert reference(many, 10) == rows(scan_features(bent_path, gap_ms_max=10))
        except AllstopError:
            refused += 1
    reader.close()
    assert refused > 0
