"""Steps: what one meter's readings say about the time between them (spec/balance.md section 2).

A gauge read at both ends of a step bounds the step by its two readings; a step longer than the agreed
gap is unobserved. A cumulative counter bounds its step by the difference, however long it is, as long
as the counter's identity (`epoch`) is unbroken. Whether the readings may be believed is decided before,
in `allstop.verdict`.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allstop.finding import Channel
from allstop.telemetry import Series
from allstop.times import HOUR_MS

__all__ = ["BoolArray", "IntArray", "Steps", "steps_of"]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Consecutive spans between readings of one meter, in order and without overlap.

    `start`, `end` in ms, shape (k,). `low` and `high` bound the channel in its own unit: for a gauge
    the value during the step, for a counter its increase over the step. `observed` is False where the
    readings say nothing, `brief` is True where the step is no longer than the agreed gap. `part` numbers
    the series that a step comes from.
    """

    start: IntArray
    end: IntArray
    low: IntArray
    high: IntArray
    observed: BoolArray
    brief: BoolArray
    part: IntArray


def steps_of(parts: Sequence[Series], *, channel: Channel, gap_ms_max: int) -> Steps:
    """Turn series of one meter, each with times that strictly increase, into steps.

    No step leads from one series to the next: if it did, leaving out the series between two others would
    join them over what it said. The bound of a gauge by its end points assumes that it does not swing
    beyond both between two readings; the agreement's longest gap limits what that assumption can hide.

    Raises:
        ValueError: times do not strictly increase, or two series overlap.
    """
    ordered = sorted(parts, key=lambda series: int(series.t[0]))
    found = [_steps_in(series, number, channel, gap_ms_max) for number, series in enumerate(ordered)]
    for before, after in itertools.pairwise(ordered):
        if after.t[0] < before.t[-1]:
            raise ValueError("two series of one meter overlap")
    return Steps(
        start=_joined([steps.start for steps in found]),
        end=_joined([steps.end for steps in found]),
        low=_joined([steps.low for steps in found]),
        high=_joined([steps.high for steps in found]),
        observed=_joined([steps.observed for steps in found]).astype(np.bool_),
        brief=_joined([steps.brief for steps in found]).astype(np.bool_),
        part=_joined([steps.part for steps in found]),
    )


def _joined(arrays: Sequence[npt.NDArray[np.int64] | npt.NDArray[np.bool_]]) -> IntArray:
    return np.concatenate([np.zeros(0, dtype=np.int64), *(array.astype(np.int64) for array in arrays)])


def _steps_in(series: Series, number: int, channel: Channel, gap_ms_max: int) -> Steps:
    start, end = series.t[:-1], series.t[1:]
    if bool(np.any(end <= start)):
        raise ValueError("times of a series do not strictly increase")
    before, after = series.v[:-1], series.v[1:]
    observed = series.epoch[:-1] == series.epoch[1:]
    # An hour at most, whatever was agreed, so that a gigawatt over a brief step still fits into 64 bits.
    brief = end - start <= min(gap_ms_max, HOUR_MS)
    if channel.is_counter:
        low = high = after - before
        observed &= low >= 0
    else:
        low, high = np.minimum(before, after), np.maximum(before, after)
        observed &= brief & (low >= 0)
    return Steps(
        start=start,
        end=end,
        low=low,
        high=high,
        observed=observed,
        brief=brief,
        part=np.full(len(start), number, dtype=np.int64),
    )
