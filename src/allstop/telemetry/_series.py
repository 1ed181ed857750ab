"""Series of readings, and what is exact about them: totals (spec/telemetry.md section 4).

Readings are kept as they were written, times that run backwards included: whether a series may be
believed is judged by the floors above, and a series that was tidied on the way in could not be judged.
All arithmetic is on integers and exact, whatever the size of the series.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from allstop.finding import Channel
from allstop.ids import Digest
from allstop.times import INSTANT_MS_MAX, Instant

__all__ = [
    "READINGS_MAX",
    "READING_VALUE_MAX",
    "Series",
    "SeriesReader",
    "energy_millijoule",
    "series_total",
]

READINGS_MAX = 2**31 - 1
"""Largest number of readings in one series."""

READING_VALUE_MAX = 2**61
"""Largest magnitude of a reading, so that twice a sum of two stays an int64."""

_INT64_MAX = 2**63 - 1
_CHUNK_MIN = 1024
_MILLIWATT_MS_TWICE_PER_MILLIJOULE = 2000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """Readings of one meter in the order in which they were written.

    `t` int64 in ms since 1970, `v` int64 in the unit of the channel, `epoch` int32: readings whose
    epochs differ are never joined, since the meter or its counter may have been another in between.
    The arrays are read-only views. Range: `0 <= t <= INSTANT_MS_MAX`, `|v| <= READING_VALUE_MAX`.
    """

    t: npt.NDArray[np.int64]
    v: npt.NDArray[np.int64]
    epoch: npt.NDArray[np.int32]

    def __post_init__(self) -> None:
        for name, dtype in (("t", np.int64), ("v", np.int64), ("epoch", np.int32)):
            array = getattr(self, name)
            if array.dtype != dtype or array.ndim != 1:
                raise ValueError(
                    f"series column {name} is {array.ndim}-d {array.dtype}, want 1-d {dtype.__name__}"
                )
            view = array.view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)
        if not len(self.t) == len(self.v) == len(self.epoch):
            raise ValueError(f"series columns have {len(self.t)}, {len(self.v)}, {len(self.epoch)} readings")
        if not 1 <= len(self.t) <= READINGS_MAX:
            raise ValueError(f"series has {len(self.t)} readings, want 1 to {READINGS_MAX}")
        if not 0 <= int(self.t.min()) <= int(self.t.max()) <= INSTANT_MS_MAX:
            raise ValueError(f"series has times outside 0 to {INSTANT_MS_MAX} ms")
        if not -READING_VALUE_MAX <= int(self.v.min()) <= int(self.v.max()) <= READING_VALUE_MAX:
            raise ValueError(f"series has readings above {READING_VALUE_MAX} in magnitude")

    def __len__(self) -> int:
        return len(self.t)

    @property
    def earliest(self) -> Instant:
        """The least time of any reading."""
        return Instant(int(self.t.min()))

    @property
    def latest(self) -> Instant:
        """The greatest time of any reading."""
        return Instant(int(self.t.max()))


class SeriesReader(Protocol):
    """Reads series from blobs.

    A blob is read only if its bytes have the digest asked for; the same digest and row always give the
    same readings, in the order of the blob.
    """

    def read(self, blob: Digest, row: int, count_max: int) -> Series:
        """Return the series numbered `row` in the blob.

        Raises:
            NotFoundError: the blob is not held, or has no such series.
            MalformedError: the blob is not in the one form of spec/telemetry.md.
            LimitError: the series has more than `count_max` readings.
        """
        ...


def energy_millijoule(series: Series) -> int:
    """Integrate a series of milliwatts by trapezoids, rounded down to a millijoule.

    Exactly `floor(sum((v[i] + v[i+1]) * (t[i+1] - t[i])) / 2000)` over neighbours of one epoch, in the
    order written: a step back in time counts negative, as arithmetic has it, and integrity rules decide
    whether the series is believed.
    """
    joined = series.epoch[1:] == series.epoch[:-1]
    spans = np.where(joined, np.diff(series.t), 0)
    heights = series.v[1:] + series.v[:-1]
    return _exact_dot(heights, spans) // _MILLIWATT_MS_TWICE_PER_MILLIJOULE


def _exact_dot(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> int:
    """Return the sum of products; int64 where no partial sum can overflow, else Python integers."""
    if len(left) == 0:
        return 0
    largest = _magnitude(left) * _magnitude(right)
    chunk = len(left) if largest == 0 else _INT64_MAX // largest
    if chunk < min(_CHUNK_MIN, len(left)):
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        return sum(a * b for a, b in pairs)
    starts = range(0, len(left), chunk)
    return sum(int(np.dot(left[at : at + chunk], right[at : at + chunk])) for at in starts)


def _magnitude(values: npt.NDArray[np.int64]) -> int:
    return max(int(values.max()), -int(values.min()))


def _exact_sum(values: npt.NDArray[np.int64]) -> int:
    return _exact_dot(values, np.ones(len(values), dtype=np.int64))


def series_total(channel: Channel, series: Series) -> int:
    """Return the total that a series claim states for this channel.

    Energy in mJ for power; for counters last minus first in the order written, summed over runs of one
    epoch; the sum of readings for the others. May be negative if the readings make it so.
    """
    if channel is Channel.POWER:
        return energy_millijoule(series)
    if channel.is_counter:
        joined = series.epoch[1:] == series.epoch[:-1]
        return _exact_dot(np.diff(series.v), joined.astype(np.int64))
    return _exact_sum(series.v)
