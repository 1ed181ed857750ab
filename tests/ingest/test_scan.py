"""Features by series and hour against plain Python; every encoding; pages and statistics that lie."""

import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allstop.errors import AllstopError, LimitError, MalformedError, NotFoundError
from allstop.ids import digest_of
from allstop.ingest import HourFeatures, ParquetSeriesReader, read_mlperf_power, scan_features, write_series
from allstop.ingest._compiled import PADDING, decode_delta, decode_dictionary
from allstop.ingest._pages import decode_column
from allstop.ingest._structure import ROW_GROUP_ROWS_MAX, Encoding, Page, check_structure, read_structure
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


def test_steps_between_series_count_nothing(tmp_path: Path) -> None:
    """A series that goes on where the one before it ended is not joined with it."""
    for epochs in ((0, 0), (0, 1)):
        many = [series([(1000 * i + 4000 * s, 5, epochs[s]) for i in range(4)]) for s in range(2)]
        write_series(tmp_path / "blob", many)
        features = scan_features(tmp_path / "blob", gap_ms_max=5000)
        assert [3000, 3000] == features.covered_ms.tolist()


def test_many_series_are_told_apart(tmp_path: Path) -> None:
    """Steps of neighbours are never joined."""
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
            assert reference(many, 10) == rows(scan_features(bent_path, gap_ms_max=10))
        except AllstopError:
            refused += 1
    reader.close()
    assert refused > 0


COLUMNS = "series INTEGER NOT NULL, t BIGINT NOT NULL, v BIGINT NOT NULL, epoch INTEGER NOT NULL"
FORMS = {
    "plain": "PARQUET_VERSION v1, DICTIONARY_SIZE_LIMIT 1",
    "dictionary": "PARQUET_VERSION v1",
    "delta": "PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1",
    "ours": "PARQUET_VERSION v2",
}


def write_columns(path: Path, columns: list[np.ndarray[tuple[int], np.dtype[np.int64]]], form: str) -> None:
    """Write four columns with DuckDB itself, as another program would."""
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        given = dict(zip(("series", "t", "v", "epoch"), columns, strict=True))
        connection.execute(f"CREATE TABLE blob ({COLUMNS})")
        connection.register("given", given)
        connection.execute("INSERT INTO blob SELECT * FROM given")
        connection.execute(f"COPY blob TO '{path}' (FORMAT parquet, COMPRESSION zstd, {form})")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("bits", [0, 1, 7, 15, 31, 40, 56, 57, 60, 63])
def test_every_encoding_is_decoded_exactly(tmp_path: Path, form: str, bits: int) -> None:
    """Values of each width, negative ones included, few that repeat and many that do not, in odd numbers."""
    chance = np.random.default_rng(bits)
    narrow = min(bits, 31)
    for count, distinct in ((1, 1), (2_500, 40), (5_003, 5_003)):
        wide = chance.integers(-(2**bits), 2**bits, distinct)[np.arange(count) % distinct]
        small = chance.integers(-(2**narrow), 2**narrow, distinct)[np.arange(count) % distinct]
        given = [np.sort(small), np.sort(wide), wide, small]
        write_columns(tmp_path / "blob", given, FORMS[form] + ", ROW_GROUP_SIZE 2048")
        data = (tmp_path / "blob").read_bytes()
        found: list[list[int]] = [[], [], [], []]
        for group in read_structure(data):
            for place, width in enumerate((4, 8, 8, 4)):
                out = np.empty(group.rows, dtype=np.int64)
                decode_column(data, group.columns[place], out, width=width)
                found[place] += out.tolist()
        assert [column.tolist() for column in given] == found


def test_the_encodings_that_are_decoded_are_all_written(tmp_path: Path) -> None:
    """The test above reaches each of the three encodings."""
    chance = np.random.default_rng(3)
    seen = set()
    for form in FORMS.values():
        wide = chance.integers(0, 2**40, 5_000)
        write_columns(tmp_path / "blob", [wide // 2**36, wide, wide, wide // 2**36], form)
        groups = read_structure((tmp_path / "blob").read_bytes())
        seen |= {page.encoding for group in groups for pages in group.columns for page in pages}
    assert set(Encoding) == seen


@pytest.mark.parametrize("form", FORMS)
def test_row_groups_are_joined_on_any_number_of_threads(tmp_path: Path, form: str) -> None:
    """Seams inside an hour, between hours, series and epochs, over a gap and back in time."""
    chance = np.random.default_rng(11)
    many = []
    for _ in range(5):
        t = np.cumsum(chance.choice([1_000, 1_000, 1_000, 90_000, -500], 3_000)) + 10**6
        many.append(Series(t=t, v=chance.integers(0, 10**6, 3_000), epoch=(t // 5_000_000).astype(np.int32)))
    columns = [
        np.repeat(np.arange(5), 3_000),
        *(np.concatenate([getattr(one, name) for one in many]) for name in ("t", "v", "epoch")),
    ]
    write_columns(tmp_path / "blob", columns, FORMS[form] + ", ROW_GROUP_SIZE 2048")
    assert len(read_structure((tmp_path / "blob").read_bytes())) == 8
    expected = reference(many, 60_000)
    for threads in (1, 2, 3, 64):
        assert expected == rows(scan_features(tmp_path / "blob", gap_ms_max=60_000, threads=threads))


def test_series_and_times_that_no_blob_has_are_refused(tmp_path: Path) -> None:
    """One above and one below each range, and the ends of 64 bits."""
    for number, t in ((-1, 0), (65_536, 0), (0, -1), (0, INSTANT_MS_MAX + 1), (0, -(2**63)), (0, 2**63 - 1)):
        write_columns(tmp_path / "blob", [np.array([x, x]) for x in (number, t, 0, 0)], FORMS["ours"])
        with pytest.raises(MalformedError):
            scan_features(tmp_path / "blob", gap_ms_max=5)
    write_columns(tmp_path / "blob", [np.array([x, x]) for x in (0, 0, -(2**63), 0)], FORMS["ours"])
    with pytest.raises(LimitError):
        scan_features(tmp_path / "blob", gap_ms_max=5)


def test_more_rows_or_hours_at_a_time_than_memory_is_kept_for_are_refused(tmp_path: Path) -> None:
    """A row group that is too long, and readings that are all of different hours."""
    count = ROW_GROUP_ROWS_MAX + 2048
    zeros = np.zeros(count, dtype=np.int64)
    write_columns(tmp_path / "blob", [zeros] * 4, "ROW_GROUP_SIZE 10000000")
    with pytest.raises(LimitError, match="row group has"):
        check_structure((tmp_path / "blob").read_bytes())
    hours, zeros = np.arange(2 * count) % 50_000 * HOUR_MS, np.zeros(2 * count, dtype=np.int64)
    write_columns(tmp_path / "blob", [zeros, hours, hours, zeros], FORMS["ours"])
    with pytest.raises(LimitError, match="stretches"):
        scan_features(tmp_path / "blob", gap_ms_max=5)


def dictionary_page() -> bytes:
    """Return indices of 3 bits: a run of five 2s, then 16 packed ones."""
    return bytes([3, 5 << 1, 2, 2 << 1 | 1, 0x88, 0xC6, 0xFA, 0x88, 0xC6, 0xFA])


def delta_page() -> bytes:
    """Return 21 values in blocks of 16, in two parts each: widths 3 and 9, then 64 and one that is not used."""
    head = [16, 2, 21, 7]
    return bytes([*head, 1, 3, 9, 1, 2, 3, *range(9), 2, 64, 77, *range(64)])


@pytest.mark.parametrize("page", [dictionary_page(), delta_page()])
def test_no_bent_page_reaches_beyond_its_arrays(page: bytes) -> None:
    """Each byte takes each value, and each length is cut: values or an error, and nothing around is touched.

    The array lies in the middle of a larger one, so that a write outside would be seen.
    """
    bent = [page[:size] for size in range(len(page) + 1)]
    for place in range(min(len(page), 24)):
        bent += [page[:place] + bytes([value]) + page[place + 1 :] for value in range(256)]
    refused = 0
    for content in bent:
        room = np.full(221, -(2**62), dtype=np.int64)
        try:
            raw = np.frombuffer(content + bytes(PADDING), dtype=np.uint8)
            if page == delta_page():
                decode_delta(raw, room[100:121])
            else:
                decode_dictionary(raw, np.arange(8), room[100:121])
        except (IndexError, ValueError):
            refused += 1
        assert {-(2**62)} == {*room[:100].tolist(), *room[121:].tolist()}
    assert 0 < refused < len(bent)


def test_a_page_that_unpacks_to_another_size_is_refused(tmp_path: Path) -> None:
    """One byte more or less than its header says, cut short, and with something after its end."""
    write_series(tmp_path / "blob", [series([(5, 7, 0), (6, 8, 0)])])
    data = (tmp_path / "blob").read_bytes()
    page = read_structure(data)[0].columns[1][0]
    fields = {name: getattr(page, name) for name in Page.__slots__}
    for change in (
        {"unpacked": page.unpacked - 1},
        {"unpacked": page.unpacked + 1},
        {"size": page.size - 1},
        {"size": page.size + 1},
        {"is_compressed": False},
    ):
        with pytest.raises(MalformedError):
            decode_column(data, [Page(**{**fields, **change})], np.empty(2, dtype=np.int64), width=8)


def test_every_cut_and_many_flips_are_errors_or_features(tmp_path: Path) -> None:
    """Whatever is bent, a scan ends with features of as many rows as the footer says, or an error of ours."""
    write_series(
        tmp_path / "blob", [series([(i * 1000, i, i // 30) for i in range(40)]), series([(1, 2, 3)])]
    )
    whole, chance = (tmp_path / "blob").read_bytes(), np.random.default_rng(5)
    bent = [whole[:size] for size in range(0, len(whole), 7)]
    for place in chance.integers(0, len(whole), 2_000).tolist():
        bent.append(whole[:place] + bytes([whole[place] ^ 1 << int(chance.integers(8))]) + whole[place + 1 :])
    outcomes = {True: 0, False: 0}
    for data in bent:
        (tmp_path / "bent").write_bytes(data)
        try:
            assert check_structure(data) == scan_features(tmp_path / "bent", gap_ms_max=5000).count.sum()
            outcomes[True] += 1
        except AllstopError:
            outcomes[False] += 1
    assert min(outcomes.values()) > 100


def test_the_command_line_starts_without_the_compiler() -> None:
    """Numba takes a third of a second to import, so only a scan does."""
    code = "import sys, allstop.cli, allstop.ingest; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
