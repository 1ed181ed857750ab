"""Telemetry blobs on disk: writing and reading series as Parquet (spec/telemetry.md section 3).

A blob has exactly four required integer columns: `series` INT32, `t` INT64 in ms, `v` INT64 in the unit of
the channel, `epoch` INT32; compressed with ZSTD, readings in the order in which they were taken. Its
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

__all__ = ["ParquetSeriesReader", "SeriesWriter", "claim_readings", "write_series"]

_ROW_GROUP_ROWS = 122_880
_CREATE = "CREATE OR REPLACE TABLE blob (series INTEGER NOT NULL, t BIGINT NOT NULL, v BIGINT NOT NULL, epoch INTEGER NOT NULL)"


class SeriesWriter:
    """Writes blobs. Keeps one database open between blobs, which makes many small ones ten times cheaper."""

    def __init__(self) -> None:
        self._sandbox = Sandbox()

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
                f"COPY blob TO '{quoted}' (FORMAT parquet, COMPRESSION zstd,"
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

    def read(self, blob: Digest, row: int, count_max: int) -> Series:
        """Return the series numbered `row`, in the order of the blob.

        Raises:
            NotFoundError: the blob is not held, or has no such series.
            MalformedError: the file is not the blob of this digest, or no blob at all.
            LimitError: the blob is too large, or the series has more than `count_max` readings.
        """
        self._hold(blob)
        path = str(self._sandbox.folder / "blob")
        with self._reading(blob) as connection:
            # Counted first: a column of one value packs millions of rows into a page of a few bytes.
            found = connection.execute(
                "SELECT count(*) FROM read_parquet(?) WHERE series = ?", [path, row]
            ).fetchone()
            count = 0 if found is None else int(found[0])
        if count == 0:
            raise NotFoundError(f"blob {blob[:12]} has no series {row}")
        if count > count_max:
            raise LimitError(
                f"series {row} of blob {blob[:12]} has {count} readings, want at most {count_max}"
            )
        with self._reading(blob) as connection:
            columns = connection.execute(
                "SELECT t, v, epoch FROM read_parquet(?) WHERE series = ? LIMIT ?", [path, row, count_max + 1]
            ).fetchnumpy()
            series = _series(columns)
        if len(series) != count:
            raise MalformedError(f"blob {blob[:12]} has {count} and {len(series)} readings in series {row}")
        return series

    def close(self) -> None:
        """Give back the connection and the private copy."""
        self._open = None
        self._sandbox.close()

    def _hold(self, blob: Digest) -> None:
        """Check the blob and put a copy of it where DuckDB can see it."""
        if self._open == blob:
            return
        self._open = None
        source = open_source(self._locate(blob), bytes_max=BLOB_BYTES_MAX)
        if source.digest != blob:
            raise MalformedError(f"blob {blob[:12]} does not have its digest")
        check_structure(source.data)
        copy = self._sandbox.folder / "blob"
        try:
            copy.write_bytes(source.data)
        except OSError as exc:
            raise OperationalError(f"cannot copy a blob to {copy.parent}: {exc.strerror}") from exc
        self._open = blob

    def _reading(self, blob: Digest) -> Any:
        return self._sandbox.reading(f"blob {blob[:12]}")


def _series(columns: dict[str, npt.NDArray[Any]]) -> Series:
    """Return the columns as a series; a mask would mean nulls, which the structure forbids."""
    if any(isinstance(column, np.ma.MaskedArray) and column.mask.any() for column in columns.values()):
        raise ValueError("blob has nulls")
    return Series(
        t=np.asarray(columns["t"], dtype=np.int64),
        v=np.asarray(columns["v"], dtype=np.int64),
        epoch=np.asarray(columns["epoch"], dtype=np.int32),
    )
