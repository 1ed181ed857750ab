"""Features of every series and hour of a blob, in one pass over the file (spec/telemetry.md section 3).

For site-sized telemetry, where reading each series into memory would be slow: DuckDB decodes, joins each
reading with the one before it, and adds up, with one series range on each core. All sums are integers and
exact, so neither the number of cores nor the order of the pieces changes a figure. Nothing is judged here.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from allstop.errors import LimitError, MalformedError
from allstop.ingest._parquet import SERIES_PER_BLOB_MAX
from allstop.ingest._sandbox import Sandbox
from allstop.ingest._source import open_source
from allstop.ingest._structure import BLOB_BYTES_MAX, check_structure
from allstop.times import HOUR_MS, INSTANT_MS_MAX

__all__ = ["SCAN_THREADS_MAX", "HourFeatures", "scan_features"]

SCAN_THREADS_MAX = 64
"""Largest number of threads of one scan."""

Column = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HourFeatures:
    """One row for each series and hour that has readings, ordered by series, then hour.

    `hour` counts whole hours since 1970. `first_ms` and `last_ms` are the least and greatest time. A step
    from one reading to the next counts if both are of one series and epoch and it goes forward by at most
    the gap that was given; it belongs to the hour in which it ends. `covered_ms` is the length of these
    steps, `twice_milliwatt_ms` the sum of (value before + value after) times length: for power, twice the
    energy by trapezoids in mW ms, or 2,000 times that in mJ.
    """

    series: Column
    hour: Column
    count: Column
    first_ms: Column
    last_ms: Column
    value_sum: Column
    value_min: Column
    value_max: Column
    covered_ms: Column
    twice_milliwatt_ms: Column

    def __len__(self) -> int:
        return len(self.series)


_FIELDS = (
    "series", "hour", "count", "first_ms", "last_ms", "value_sum", "value_min", "value_max", "covered_ms",
    "twice_milliwatt_ms",
)  # fmt: skip

_SERIES_STRIDE = HOUR_MS * 2**27
"""More than any time: `series * stride + t` is one number in which one lag sees series and time change."""

_PACKED_SERIES_MAX = (2**63 - 1 - INSTANT_MS_MAX) // _SERIES_STRIDE
_GAP_MS_MAX = _SERIES_STRIDE - INSTANT_MS_MAX - 1
_EPOCH_MIN, _EPOCH_MAX = len(_FIELDS), len(_FIELDS) + 1

_SUMS = """count(*), min(t), max(t), sum(v)::BIGINT, min(v), max(v),
       sum(step)::BIGINT, sum(step * height)::BIGINT, min(epoch), max(epoch)"""

# A lag over the whole file, with a constant default, streams; any other would gather the file in memory.
# Steps between series, and the one into the first reading, are put to 0.
_PACKED = f"""
SELECT place // {2**27}, place % {2**27}, * EXCLUDE place FROM (
  SELECT packed // {HOUR_MS} AS place, {_SUMS}
  FROM (SELECT packed, t, v, epoch, height, CASE WHEN dt BETWEEN 1 AND {{gap}} THEN dt ELSE 0 END AS step
        FROM (SELECT packed, t, v, epoch, v + lag(v, 1, 0) OVER () AS height,
                     packed - lag(packed) OVER () AS dt
              FROM (SELECT t, v, epoch, series * {_SERIES_STRIDE}::BIGINT + t AS packed
                    FROM read_parquet(?) WHERE series BETWEEN {{low}} AND {{high}})))
  GROUP BY place)
"""
_GENERAL = f"""
SELECT series::BIGINT, hour, {_SUMS}
FROM (SELECT series, t, v, epoch, height, t // {HOUR_MS} AS hour,
             CASE WHEN is_same AND dt BETWEEN 1 AND {{gap}} THEN dt ELSE 0 END AS step
      FROM (SELECT series, t, v, epoch, v + lag(v, 1, 0) OVER () AS height, t - lag(t) OVER () AS dt,
                   series = lag(series) OVER () AND epoch = lag(epoch) OVER () AS is_same
            FROM read_parquet(?) WHERE series BETWEEN {{low}} AND {{high}}))
GROUP BY series, hour
"""


def scan_features(path: Path, *, gap_ms_max: int, threads: int = 1) -> HourFeatures:
    """Return the features of a blob whose digest the caller has checked.

    Readings are joined in the order of the file, as `telemetry.energy_millijoule` joins them, but steps
    that go back in time or over a gap count nothing.

    Raises:
        NotFoundError: there is no such file.
        MalformedError: it is no blob.
        LimitError: it is too large, or its sums do not fit 64 bits; then read its series one by one.
        ValueError: the gap or the number of threads is out of range.
    """
    if not 1 <= gap_ms_max <= _GAP_MS_MAX or not 1 <= threads <= SCAN_THREADS_MAX:
        raise ValueError(f"gap is {gap_ms_max} ms on {threads} threads, want at least 1 of each")
    source = open_source(path, bytes_max=BLOB_BYTES_MAX)
    rows = check_structure(source.data)
    sandbox = Sandbox()
    try:
        copy = str(sandbox.put("blob", source.data))
        with sandbox.reading(path.name) as connection:
            ranges = _ranges(connection, copy, threads)
            is_packed = ranges[-1][1] <= _PACKED_SERIES_MAX
            columns = _run(connection, _PACKED if is_packed else _GENERAL, copy, gap_ms_max, ranges)
            if is_packed and columns[_EPOCH_MIN].min() != columns[_EPOCH_MAX].max():
                # Rare, so the cheaper query is tried first and its result thrown away.
                columns = _run(connection, _GENERAL, copy, gap_ms_max, ranges)
        return _features(columns, rows)
    finally:
        sandbox.close()


def _ranges(connection: duckdb.DuckDBPyConnection, path: str, parts: int) -> list[tuple[int, int]]:
    """Split the numbers of the series into at most `parts` ranges.

    The ends may come from the footer's statistics, which can lie: readings outside are missed, and their
    absence is noticed at the end.
    """
    ends = connection.execute("SELECT min(series), max(series) FROM read_parquet(?)", [path]).fetchall()[0]
    low, high = int(ends[0]), int(ends[1])
    if not 0 <= low <= high < SERIES_PER_BLOB_MAX:
        raise ValueError(f"series are numbered {low} to {high}, want 0 to {SERIES_PER_BLOB_MAX - 1}")
    size = -(-(high + 1 - low) // parts)
    return [(start, min(start + size - 1, high)) for start in range(low, high + 1, size)]


def _run(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    path: str,
    gap_ms_max: int,
    ranges: list[tuple[int, int]],
) -> list[Column]:
    """Run the query for each range on a cursor and a thread of its own; return the columns, joined."""

    def run(ends: tuple[int, int], cursor: duckdb.DuckDBPyConnection) -> list[Any]:
        # Integers of ours go into the text: as parameters they cost a tenth of the scan.
        text = query.format(gap=gap_ms_max, low=ends[0], high=ends[1])
        with cursor:
            return list(cursor.execute(text, [path]).fetchnumpy().values())

    try:
        with ThreadPoolExecutor(len(ranges)) as pool:
            pieces = list(pool.map(run, ranges, [connection.cursor() for _ in ranges]))
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as exc:
        raise LimitError("readings add up to more than 64 bits") from exc
    return [np.asarray(np.concatenate(column), dtype=np.int64) for column in zip(*pieces, strict=True)]


def _features(columns: list[Column], rows: int) -> HourFeatures:
    order = np.lexsort((columns[1], columns[0]))
    fields = {name: column[order] for name, column in zip(_FIELDS, columns, strict=False)}
    features = HourFeatures(**fields)
    if int(features.count.sum()) != rows:
        raise MalformedError("blob shows fewer readings than it has rows: its statistics are wrong")
    if not 0 <= int(features.first_ms.min()) <= int(features.last_ms.max()) <= INSTANT_MS_MAX:
        raise MalformedError("blob has times outside 1970 to 9999")
    return features
