"""Telemetry blobs: round trips, and files that are no blob, claim too much, or were bent."""

import hashlib
import random
import time
from pathlib import Path

import duckdb
import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allstop.errors import AllstopError, LimitError, MalformedError, NotFoundError, OperationalError
from allstop.finding import Channel
from allstop.ids import Digest, Name, digest_of
from allstop.ingest import (
    MeterReadings,
    ParquetSeriesReader,
    SeriesWriter,
    claim_readings,
    read_mlperf_power,
    write_series,
)
from allstop.telemetry import Series
from allstop.times import INSTANT_MS_MAX

GPT3 = "mlperf_raw/training_results_v4.0/smc-dc-power/results/64xSMC-H100-SXM-80GB/gpt3"
COLUMNS = "series INTEGER NOT NULL, t BIGINT NOT NULL, v BIGINT NOT NULL, epoch INTEGER NOT NULL"


def series(times: list[int], values: list[int], epochs: list[int] | None = None) -> Series:
    """Return a series of these readings."""
    return Series(
        t=np.array(times, dtype=np.int64),
        v=np.array(values, dtype=np.int64),
        epoch=np.array(epochs or [0] * len(times), dtype=np.int32),
    )


def rows(one: Series) -> list[tuple[int, int, int]]:
    """Return the readings as plain tuples."""
    return list(zip(one.t.tolist(), one.v.tolist(), one.epoch.tolist(), strict=True))


def read_file(path: Path, row: int = 0, count_max: int = 1000) -> Series:
    """Read a file as if it were a blob held under its true digest."""
    reader = ParquetSeriesReader(lambda digest: path)
    try:
        return reader.read(digest_of(path.read_bytes()), row, count_max)
    finally:
        reader.close()


def write_sql(path: Path, query: str, *, columns: str = "", options: str = "COMPRESSION zstd") -> Path:
    """Write the result of a query with DuckDB itself, as another program would."""
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        if columns:
            connection.execute(f"CREATE TABLE given ({columns})")
            connection.execute(f"INSERT INTO given {query}")
            query = "SELECT * FROM given"
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, {options})")
    return path


READING = st.tuples(
    st.integers(0, INSTANT_MS_MAX), st.integers(-(2**61), 2**61), st.integers(-(2**31), 2**31 - 1)
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(READING, min_size=1, max_size=30), min_size=1, max_size=5))
def test_what_was_written_is_read_in_the_order_written(
    tmp_path: Path, given: list[list[tuple[int, int, int]]]
) -> None:
    """Any readings, times backwards and doubled included, come back exactly; the bytes are the same twice."""
    many = [series(*(list(column) for column in zip(*one, strict=True))) for one in given]
    path = tmp_path / "blob"
    digest = write_series(path, many)
    assert digest_of(path.read_bytes()) == digest == write_series(tmp_path / "twin", many)
    reader = ParquetSeriesReader(lambda _: path)
    assert given == [rows(reader.read(digest, row, 30)) for row in range(len(many))]
    reader.close()


def test_series_longer_than_a_row_group_come_back_whole(tmp_path: Path) -> None:
    """A series that spans several row groups keeps its order, between shorter neighbours."""
    generator = np.random.default_rng(7)
    long = Series(
        t=generator.integers(0, INSTANT_MS_MAX, 300_000),
        v=generator.integers(-(10**9), 10**9, 300_000),
        epoch=np.zeros(300_000, dtype=np.int32),
    )
    digest = write_series(tmp_path / "blob", [series([5], [6]), long, series([7], [8])])
    reader = ParquetSeriesReader(lambda _: tmp_path / "blob")
    back = reader.read(digest, 1, 300_000)
    assert np.array_equal(long.t, back.t)
    assert np.array_equal(long.v, back.v)
    assert rows(reader.read(digest, 2, 1)) == [(7, 8, 0)]
    reader.close()


def test_the_64_published_meters_become_blobs_in_time(data_dir: Path, tmp_path: Path) -> None:
    """Parsing, 65 blobs, digests, claims and reading back take far less than the 20 s allowed."""
    started = time.process_time()
    imported = read_mlperf_power(data_dir / GPT3)
    writer, places = SeriesWriter(), {}
    claims = []
    for one in imported.meters:
        digest = writer.write(tmp_path / one.meter, [one.series])
        places[digest] = tmp_path / one.meter
        claims.append(claim_readings(one, blob=digest, row=0))
    writer.close()
    assert time.process_time() - started < 20
    assert {c.meter: c.count for c in claims if c.meter in ("node-1", "sw-0")} == {"node-1": 1701, "sw-0": 1}
    reader = ParquetSeriesReader(places.__getitem__)
    for one, claim in zip(imported.meters, claims, strict=True):
        assert rows(one.series) == rows(reader.read(claim.blob, claim.row, claim.count))
    reader.close()


def test_a_claim_says_what_the_readings_add_up_to() -> None:
    """Count, ends and energy of 1 kW for 2 s."""
    readings = MeterReadings(
        meter=Name("node-1"),
        channel=Channel.POWER,
        series=series([1000, 3000], [10**6, 10**6]),
        source="node_1.txt",
        source_digest=digest_of(b""),
    )
    claim = claim_readings(readings, blob=digest_of(b"blob"), row=3)
    assert (
        claim.row,
        claim.count,
        claim.first.ms,
        claim.last.ms,
        claim.total,
    ) == (3, 2, 1000, 3000, 2_000_000)


def test_a_blob_that_is_absent_other_or_lacks_the_series_is_an_error(tmp_path: Path) -> None:
    """Not held, replaced by another file, or asked for a series that it has not."""
    digest = write_series(tmp_path / "blob", [series([1], [2])])
    other = digest_of(b"other")
    reader = ParquetSeriesReader(
        lambda wanted: tmp_path / ("blob" if wanted in (digest, other) else "absent")
    )
    with pytest.raises(NotFoundError):
        reader.read(Digest("0" * 64), 0, 10)
    with pytest.raises(MalformedError, match="does not have its digest"):
        reader.read(other, 0, 10)
    with pytest.raises(NotFoundError, match="has no series 1"):
        reader.read(digest, 1, 10)
    assert rows(reader.read(digest, 0, 10)) == [(1, 2, 0)]
    reader.close()


def test_a_series_longer_than_asked_for_is_not_read(tmp_path: Path) -> None:
    """The caller's cap holds exactly."""
    digest = write_series(tmp_path / "blob", [series([1, 2, 3], [4, 5, 6])])
    reader = ParquetSeriesReader(lambda _: tmp_path / "blob")
    assert len(reader.read(digest, 0, 3)) == 3
    with pytest.raises(LimitError, match="has 3 readings, want at most 2"):
        reader.read(digest, 0, 2)
    reader.close()


def test_writing_nothing_or_nowhere_is_an_error(tmp_path: Path) -> None:
    """No series make no blob, and a folder that is not there is not made; nothing is left behind."""
    with pytest.raises(ValueError, match="at least one series"):
        write_series(tmp_path / "blob", [])
    with pytest.raises(OperationalError, match="cannot write"):
        write_series(tmp_path / "absent" / "blob", [series([1], [2])])
    assert list(tmp_path.iterdir()) == []


OTHER_FORMS = {
    "nulls": ("SELECT 0, NULL, 2, 0", COLUMNS.replace(" NOT NULL", ""), ""),
    "too few columns": (
        "SELECT 0, 1, 2",
        "series INTEGER NOT NULL, t BIGINT NOT NULL, v BIGINT NOT NULL",
        "",
    ),
    "another name": ("SELECT 0, 1, 2, 0", COLUMNS.replace("epoch", "era"), ""),
    "another order": ("SELECT 0, 1, 2, 0", ", ".join(reversed(COLUMNS.split(", "))), ""),
    "wider series": ("SELECT 0, 1, 2, 0", COLUMNS.replace("series INTEGER", "series BIGINT"), ""),
    "unsigned": ("SELECT 0, 1, 2, 0", COLUMNS.replace("v BIGINT", "v UBIGINT"), ""),
    "small integers": ("SELECT 0, 1, 2, 0", COLUMNS.replace("epoch INTEGER", "epoch TINYINT"), ""),
    "timestamps": ("SELECT 0, now(), 2, 0", COLUMNS.replace("t BIGINT", "t TIMESTAMPTZ"), ""),
    "fractions": ("SELECT 0, 1, 2.5, 0", COLUMNS.replace("v BIGINT", "v DOUBLE"), ""),
    "decimals": ("SELECT 0, 1, 2.5, 0", COLUMNS.replace("v BIGINT", "v DECIMAL(18, 2)"), ""),
    "text": ("SELECT 0, 1, 'x', 0", COLUMNS.replace("v BIGINT", "v VARCHAR"), ""),
    "lists": ("SELECT 0, 1, [2], 0", COLUMNS.replace("v BIGINT", "v BIGINT[]"), ""),
    "snappy": ("SELECT 0, 1, 2, 0", COLUMNS, "COMPRESSION snappy"),
    "uncompressed": ("SELECT 0, 1, 2, 0", COLUMNS, "COMPRESSION uncompressed"),
}


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_other_columns_are_refused(tmp_path: Path, form: str) -> None:
    """Anything but four required plain integer columns under ZSTD is no blob."""
    query, columns, options = OTHER_FORMS[form]
    path = write_sql(tmp_path / "blob", query, columns=columns, options=options or "COMPRESSION zstd")
    with pytest.raises(MalformedError):
        read_file(path)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_same_columns_from_another_writer_are_read(tmp_path: Path, version: str) -> None:
    """Both versions of Parquet pages will do: the form is about columns, not about encodings."""
    query = "SELECT i // 5000, i * 1000, i * i, 0 FROM range(10000) r(i)"
    options = f"COMPRESSION zstd, PARQUET_VERSION {version}"
    path = write_sql(tmp_path / "blob", query, columns=COLUMNS, options=options)
    expected = [(i * 1000, i * i, 0) for i in range(5000, 10000)]
    assert expected == rows(read_file(path, row=1, count_max=5000))


def test_bad_files_of_others_are_refused(vectors_dir: Path) -> None:
    """Files that once crashed other readers are errors here."""
    paths = sorted((vectors_dir / "parquet-testing" / "bad_data").glob("*.parquet"))
    assert len(paths) == 8
    for path in paths:
        with pytest.raises(MalformedError):
            read_file(path)


def text_bomb(path: Path) -> Path:
    """Five million rows of one string of 1,000 bytes: half a megabyte that unpacks to more than 4 GiB."""
    return write_sql(path, "SELECT repeat('x', 1000) AS series FROM range(5000000)")


CONSTANTS = "SELECT 0::INTEGER AS series, 0::BIGINT AS t, 0::BIGINT AS v, 0::INTEGER AS epoch"


def row_bomb(path: Path) -> Path:
    """More rows of constants in the right columns than a blob may have."""
    return write_sql(path, f"{CONSTANTS} FROM range(50000001)")


def series_bomb(path: Path) -> Path:
    """Twenty million rows of constants in one series: fewer than a blob may have, more than a caller wants."""
    return write_sql(path, f"{CONSTANTS} FROM range(20000000)")


@pytest.mark.parametrize("make", [text_bomb, row_bomb, series_bomb])
def test_a_bomb_costs_neither_memory_nor_time(tmp_path: Path, make: object) -> None:
    """Each is refused within 5 s of processor time and 100 MB of memory growth."""
    assert callable(make)
    path = make(tmp_path / "blob")
    assert path.stat().st_size < 2_000_000
    process = psutil.Process()
    before, started = process.memory_info().rss, time.process_time()
    with pytest.raises((MalformedError, LimitError)):
        read_file(path, count_max=1_000_000)
    assert time.process_time() - started < 5
    assert process.memory_info().rss - before < 100_000_000


def test_a_blob_above_the_size_limit_is_not_read(tmp_path: Path) -> None:
    """A sparse file of 65 MiB is refused by its size, before it is hashed."""
    path = tmp_path / "blob"
    with path.open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    reader = ParquetSeriesReader(lambda _: path)
    with pytest.raises(LimitError, match="want at most 67108864"):
        reader.read(Digest("0" * 64), 0, 10)


def test_every_cut_and_many_flips_of_a_blob_are_errors_or_plain_readings(tmp_path: Path) -> None:
    """With the digest of the bent bytes, so that only the structure and the decoder stand guard."""
    digest = write_series(tmp_path / "blob", [series(list(range(40)), list(range(40))), series([1], [2])])
    whole = (tmp_path / "blob").read_bytes()
    assert hashlib.sha256(whole).hexdigest() == digest
    bent = [whole[:size] for size in range(0, len(whole), 29)]
    chance = random.Random(5)
    for place in chance.sample(range(len(whole) * 8), 250):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        bent.append(bytes(flipped))
    held = tmp_path / "bent"
    reader = ParquetSeriesReader(lambda _: held)
    for data in bent:
        held.write_bytes(data)
        try:
            assert len(reader.read(digest_of(data), 0, 1000)) <= 1000
        except AllstopError:
            continue
    reader.close()


def test_the_database_sees_nothing_but_its_folder(tmp_path: Path) -> None:
    """Reading, writing, attaching and reconfiguring outside the private folder are refused."""
    from allstop.ingest._sandbox import Sandbox

    secret = write_sql(tmp_path / "secret", "SELECT 1 AS x")
    sandbox = Sandbox()
    folder = sandbox.folder
    for query in (
        f"SELECT * FROM read_parquet('{secret}')",
        f"SELECT * FROM read_text('{secret}')",
        f"COPY (SELECT 1) TO '{tmp_path / 'out'}'",
        f"ATTACH '{tmp_path / 'db'}'",
        "SET enable_external_access = true",
        "SET memory_limit = '8GB'",
        "INSTALL httpfs",
        "LOAD httpfs",
    ):
        with pytest.raises(MalformedError), sandbox.reading("query") as connection:
            connection.execute(query)
    sandbox.close()
    assert not folder.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
