"""Telemetry blobs on disk: writing and reading series as Parquet (spec/telemetry.md section 3).

A blob has exactly four required integer columns: `series` INT32, `t` INT64 in ms, `v` INT64 in the unit of
the channel, `epoch` INT32; compressed with ZSTD, readings in the order in which they were taken. Columns
of few values are written as dictionaries, others as differences, which is small and fast to read. The
structure is checked before DuckDB sees it, and DuckDB sees a private copy, so nothing that another process
does to the file meanwhile matters. Whether readings make sense is not judged here.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from allstop.errors import LimitError, MalformedError, NotFoundError, OperationalError
from allstop.ids import Digest, digest_of
from allstop.ingest._imports import MeterReadings
from allstop.ingest._sandbox import Sandbox
from allstop.ingest._source import open_source
from allstop.ingest._structure import BLOB_BYTES_MAX, ROWS_MAX, check_structure
from allstop.telemetry import Series, SeriesClaim, claim_series

__all__ = [
    "SERIES_PER_BLOB_MAX",
    "ParquetSeriesReader",
    "SeriesWriter",
    "claim_readings",
    "count_series",
    "write_series",
]

SERIES_PER_BLOB_MAX = 65_536
"""Largest number of series in one blob; they are numbered from 0."""

_ROW_GROUP_ROWS = 122_880
_CREATE = "CREATE OR REPLACE TABLE blob (series INTEGER NOT NULL, t BIGINT NOT NULL, v BIGINT NOT NULL, epoch INTEGER NOT NULL)"


class SeriesWriter:
    """Writes blobs. Keeps one database open between blobs, which makes many small ones four times cheaper."""

    def __init__(self) -> None:
        self._sandbox = Sandbox(plans_by_statistics=True)

    def write(self, path: Path, series: Sequence[Series]) -> Digest:
        """Write the series, numbered from 0, and return the blob's digest.

        The same readings give the same bytes with one version of DuckDB. The file appears whole or not
        at all, durably; one that is there already is replaced.

        Raises:
            LimitError: there are too many readings for one blob.
            OperationalError: the file cannot be written.
            ValueError: there are no series.
        """
        if not series:
            raise ValueError("a blob has at least one series")
        if len(series) > SERIES_PER_BLOB_MAX:
            raise LimitError(f"{len(series)} series are too many for one blob, want {SERIES_PER_BLOB_MAX}")
        rows = sum(len(one) for one in series)
        if rows > ROWS_MAX:
            raise LimitError(f"{rows} readings are too many for one blob, want at most {ROWS_MAX}")
        data = self._encode(_columns(series))
        check_structure(data)
        try:
            _replace(path, data)
        except OSError as exc:
            raise OperationalError(f"cannot write {path}: {exc.strerror}") from exc
        return digest_of(data)

    def close(self) -> None:
        """Give back the database and its folder."""
        self._sandbox.close()

    def _encode(self, columns: dict[str, npt.NDArray[Any]]) -> bytes:
        target = self._sandbox.folder / "blob"
        quoted = str(target).replace("'", "''")
        try:
            connection = self._sandbox.connection()
            connection.execute(_CREATE)
            connection.register("readings", columns)
            connection.execute("INSERT INTO blob SELECT series, t, v, epoch FROM readings")
            connection.unregister("readings")
            connection.execute(
                f"COPY blob TO '{quoted}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2,"
                f" ROW_GROUP_SIZE {_ROW_GROUP_ROWS}, WRITE_BLOOM_FILTER false)"
            )
            return open_source(target, bytes_max=BLOB_BYTES_MAX).data
        except duckdb.Error as exc:
            raise OperationalError("cannot encode readings as parquet") from exc


def write_series(path: Path, series: Sequence[Series]) -> Digest:
    """Write one blob with a `SeriesWriter` of its own."""
    writer = SeriesWriter()
    try:
        return writer.write(path, series)
    finally:
        writer.close()


def _columns(series: Sequence[Series]) -> dict[str, npt.NDArray[Any]]:
    numbers = np.arange(len(series), dtype=np.int32)
    return {
        "series": np.repeat(numbers, [len(one) for one in series]),
        "t": np.concatenate([one.t for one in series]),
        "v": np.concatenate([one.v for one in series]),
        "epoch": np.concatenate([one.epoch for one in series]),
    }


def _replace(path: Path, data: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def claim_readings(readings: MeterReadings, *, blob: Digest, row: int) -> SeriesClaim:
    """Return the claim that is true of one imported meter, written as series `row` of `blob`."""
    return claim_series(
        meter=readings.meter,
        channel=readings.channel,
        blob=blob,
        row=row,
        series=readings.series,
        stated_from=readings.started_at,
        stated_until=readings.stopped_at,
    )


class ParquetSeriesReader:
    """Reads series from blobs in a folder; `locate` says where a digest would lie.

    Implements `telemetry.SeriesReader`. Nothing is opened before the first read. The last blob stays
    open, so series of one blob are best read one after another.
    """

    def __init__(self, locate: Callable[[Digest], Path]) -> None:
        self._locate = locate
        self._sandbox = Sandbox()
        self._open: Digest | None = None
        self._counts: dict[int, int] = {}

    def read(self, blob: Digest, row: int, count_max: int) -> Series:
        """Return the series numbered `row`, in the order of the blob.

        Raises:
            NotFoundError: the blob is not held, or has no such series.
            MalformedError: the file is not the blob of this digest, or no blob at all.
            LimitError: the blob is too large, or the series has more than `count_max` readings.
        """
        self._hold(blob)
        count = self._counts.get(row, 0)
        if count == 0:
            raise NotFoundError(f"blob {blob[:12]} has no series {row}")
        if count > count_max:
            raise LimitError(
                f"series {row} of blob {blob[:12]} has {count} readings, want at most {count_max}"
            )
        with self._sandbox.reading(f"blob {blob[:12]}") as connection:
            columns = connection.execute(
                "SELECT t, v, epoch FROM read_parquet(?) WHERE series = ? LIMIT ?",
                [str(self._sandbox.folder / "blob"), row, count_max + 1],
            ).fetchnumpy()
            series = _series(columns)
        if len(series) != count:
            # Row groups are passed over by their own statistics, which can lie.
            raise MalformedError(f"blob {blob[:12]} shows {len(series)} of {count} readings of series {row}")
        return series

    def close(self) -> None:
        """Give back the connection and the private copy."""
        self._open = None
        self._sandbox.close()

    def _hold(self, blob: Digest) -> None:
        """Check the blob, put a copy of it where DuckDB can see it, and count its series.

        Counted before anything is read, since a column of one value packs millions of rows into a page of
        a few bytes.
        """
        if self._open == blob:
            return
        self._open = None
        source = open_source(self._locate(blob), bytes_max=BLOB_BYTES_MAX)
        if source.digest != blob:
            raise MalformedError(f"blob {blob[:12]} does not have its digest")
        rows = check_structure(source.data)
        self._sandbox.put("blob", source.data)
        with self._sandbox.reading(f"blob {blob[:12]}") as connection:
            self._counts = count_series(connection, str(self._sandbox.folder / "blob"), rows)
        self._open = blob


def count_series(connection: duckdb.DuckDBPyConnection, path: str, rows: int) -> dict[int, int]:
    """Return the number of readings of each series.

    Computed from the column itself, never from the statistics in the footer, which nothing checks.

    Raises:
        ValueError: a series has a number that no blob has, or the column has another length.
    """
    # The sum keeps DuckDB from answering with the footer's statistics.
    found = connection.execute(
        "SELECT min(series::BIGINT + 1), max(series::BIGINT + 1) FROM read_parquet(?)", [path]
    ).fetchone()
    if found is None or found[0] is None or not 1 <= found[0] <= found[1] <= SERIES_PER_BLOB_MAX:
        raise ValueError(f"series are numbered outside 0 to {SERIES_PER_BLOB_MAX - 1}")
    counted = connection.execute(
        "SELECT series::BIGINT + 1 AS place, count(*) FROM read_parquet(?) GROUP BY place", [path]
    ).fetchall()
    counts = {int(place) - 1: int(count) for place, count in counted}
    if sum(counts.values()) != rows:
        raise ValueError("series do not have the rows that the footer says")
    return counts


def _series(columns: dict[str, npt.NDArray[Any]]) -> Series:
    """Return the columns as a series; a mask would mean nulls, which the structure forbids."""
    if any(isinstance(column, np.ma.MaskedArray) and column.mask.any() for column in columns.values()):
        raise ValueError("blob has nulls")
    return Series(
        t=np.asarray(columns["t"], dtype=np.int64),
        v=np.asarray(columns["v"], dtype=np.int64),
        epoch=np.asarray(columns["epoch"], dtype=np.int32),
    )
