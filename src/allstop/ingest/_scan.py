"""Features of every series and hour of a blob, in one pass over the file (spec/telemetry.md section 3).

For site-sized telemetry, where a database takes several times as long as unpacking the file does (ADR 0015).
Each row group is decoded and added up by itself, on as many threads as are given; the steps between row
groups are put in afterwards. All sums are integers and exact, so neither the number of threads nor the
order of the pieces changes a figure. Statistics in the footer are never looked at. Nothing is judged here.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from allstop.errors import LimitError, MalformedError
from allstop.ingest._parquet import SERIES_PER_BLOB_MAX
from allstop.ingest._source import open_source
from allstop.ingest._structure import BLOB_BYTES_MAX, RowGroup, read_structure
from allstop.times import HOUR_MS, INSTANT_MS_MAX

__all__ = ["SCAN_THREADS_MAX", "HourFeatures", "scan_features"]

SCAN_THREADS_MAX = 64
"""Largest number of threads of one scan. Each needs up to 32 MiB for the columns of a row group."""

_STRETCHES_MAX = 2_000_000
"""Largest number of stretches of one series and hour: two days of 34,000 meters, in order."""

_HOURS_MAX = 2**27
"""More hours than lie between 1970 and 9999."""

Column = npt.NDArray[np.int64]
Table = npt.NDArray[np.int64]


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


_FIELDS = {
    "series": np.minimum,
    "hour": np.minimum,
    "count": np.add,
    "first_ms": np.minimum,
    "last_ms": np.maximum,
    "value_sum": np.add,
    "value_min": np.minimum,
    "value_max": np.maximum,
    "covered_ms": np.add,
    "twice_milliwatt_ms": np.add,
}
"""How two parts of one hour are joined, field by field."""

_WIDTHS = (4, 8, 8, 4)
"""Bytes of a value of series, t, v and epoch."""


def scan_features(path: Path, *, gap_ms_max: int, threads: int = 1) -> HourFeatures:
    """Return the features of a blob whose digest the caller has checked.

    Readings are joined in the order of the file, as `telemetry.energy_millijoule` joins them, but steps
    that go back in time or over a gap count nothing. The first scan on a machine compiles for seconds.

    Raises:
        NotFoundError: there is no such file.
        MalformedError: it is no blob.
        LimitError: it is too large, or its sums might not fit 64 bits; then read its series one by one.
        ValueError: the gap or the number of threads is out of range.
    """
    if not 1 <= gap_ms_max <= INSTANT_MS_MAX or not 1 <= threads <= SCAN_THREADS_MAX:
        raise ValueError(f"gap is {gap_ms_max} ms on {threads} threads, want at least 1 of each")
    data = open_source(path, bytes_max=BLOB_BYTES_MAX).data
    groups = read_structure(data)
    if not groups:
        raise MalformedError("blob has no rows")
    parts = [groups[place::threads] for place in range(min(threads, len(groups)))]
    with ThreadPoolExecutor(len(parts)) as pool:
        results = list(pool.map(lambda part: _scan_part(data, part, gap_ms_max, len(parts)), parts))
    ends = np.empty((len(groups), 2, len(_WIDTHS)), dtype=np.int64)
    for place, (_, part_ends) in enumerate(results):
        ends[place :: len(parts)] = part_ends
    table = np.concatenate([*(tables for tables, _ in results), _seams(ends, gap_ms_max)], axis=1)
    features = HourFeatures(**dict(zip(_FIELDS, _join(table), strict=True)))
    _check(features, gap_ms_max)
    return features


def _scan_part(data: bytes, groups: Sequence[RowGroup], gap_ms_max: int, parts: int) -> tuple[Table, Table]:
    """Return the stretches of some row groups, and the first and last reading of each group."""
    # Here, not above: Numba takes a third of a second to import, which only a scan should pay.
    from allstop.ingest._compiled import fold_hours
    from allstop.ingest._pages import decode_column

    rows_max = max(group.rows for group in groups)
    # One set of arrays for all groups: fresh memory costs more than what is done with it.
    columns = np.empty((len(_WIDTHS), rows_max), dtype=np.int64)
    stretches = np.empty((len(_FIELDS), rows_max), dtype=np.int64)
    tables, ends = [], np.empty((len(groups), 2, len(_WIDTHS)), dtype=np.int64)
    left = _STRETCHES_MAX // parts
    for place, group in enumerate(groups):
        some = [column[: group.rows] for column in columns]
        for pages, column, width in zip(group.columns, some, _WIDTHS, strict=True):
            decode_column(data, pages, column, width=width)
        ends[place] = [[column[0] for column in some], [column[-1] for column in some]]
        try:
            found = fold_hours(some[0], some[1], some[2], some[3], gap_ms_max, stretches)
        except ValueError as exc:
            raise MalformedError("blob has times outside 1970 to 9999") from exc
        left -= found
        if left < 0:
            raise LimitError(f"blob has more than {_STRETCHES_MAX} stretches of one series and hour")
        tables.append(stretches[:, :found].copy())
    return np.concatenate(tables, axis=1), ends


def _seams(ends: Table, gap_ms_max: int) -> Table:
    """Return the steps from the last reading of each row group to the first one of the next."""
    series, t, v, epoch = ends[1:, 0].T
    series_before, t_before, v_before, epoch_before = ends[:-1, 1].T
    step = t - t_before
    joins = (series == series_before) & (epoch == epoch_before) & (step > 0) & (step <= gap_ms_max)
    step = np.where(joins, step, 0)
    return np.stack([series, t // HOUR_MS, 0 * t, t, t, 0 * v, v, v, step, step * (v + v_before)])


def _join(table: Table) -> list[Column]:
    """Order the stretches and join those of one series and hour.

    Most hours have one stretch, so the first of each is taken, and only the others are joined to it.
    """
    # One key for both, since series have 32 bits; the order is nearly there, which a stable sort uses.
    keys = table[0] * _HOURS_MAX + table[1]
    order = np.argsort(keys, kind="stable")
    is_first = np.concatenate([[True], np.diff(keys[order]) != 0])
    joined, others = table[:, order[is_first]], order[~is_first]
    places = (np.cumsum(is_first) - 1)[~is_first]
    for join, line, more in zip(_FIELDS.values(), joined, table[:, others], strict=True):
        join.at(line, places, more)
    return list(joined)


def _check(features: HourFeatures, gap_ms_max: int) -> None:
    """Refuse series that no blob has, and sums that might have wrapped.

    Sums that wrap on the way are right if the true result fits, so bounds on the results suffice: first
    for covered time, which then bounds the energy.
    """
    if not 0 <= int(features.series[0]) <= int(features.series[-1]) < SERIES_PER_BLOB_MAX:
        raise MalformedError(f"blob has series numbered outside 0 to {SERIES_PER_BLOB_MAX - 1}")
    count, covered_ms = int(features.count.max()), int(features.covered_ms.max())
    largest = max(-int(features.value_min.min()), int(features.value_max.max()))
    if max(count * largest, count * gap_ms_max, 2 * covered_ms * largest) >= 2**63:
        raise LimitError("readings might add up to more than 64 bits")
