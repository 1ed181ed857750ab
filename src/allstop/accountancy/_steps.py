"""Steps: what one meter's readings say about the time between them (spec/balance.md section 2).

A gauge read at both ends of a step bounds the step by its two readings; a step longer than the agreed
gap is unobserved. A cumulative counter bounds its step by the difference, however long it is, as long
as the counter's identity (`epoch`) is unbroken. Whether the readings may be believed is decided before,
in `allstop.verdict`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allstop.finding import Channel
from allstop.telemetry import Series

__all__ = ["IntArray", "Steps", "steps_of"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Consecutive spans between readings of one meter, in order and without overlap.

    `start`, `end` in ms, shape (k,). `low` and `high` bound the channel in its own unit: for a gauge
    the value during the step, for a counter its increase over the step. `observed` is False where the
    readings say nothing.
    """

    start: IntArray
    end: IntArray
    low: IntArray
    high: IntArray
    observed: npt.NDArray[np.bool_]


def steps_of(series: Series, *, channel: Channel, gap_ms_max: int) -> Steps:
    """Turn readings, whose times strictly increase, into steps.

    The bound of a gauge by its end points assumes that it does not swing beyond both between two
    readings; the agreement's longest gap limits what that assumption can hide.

    Raises:
        ValueError: the times do not strictly increase.
    """
    start, end = series.t[:-1], series.t[1:]
    if bool(np.any(end <= start)):
        raise ValueError("times of a series do not strictly increase")
    before, after = series.v[:-1], series.v[1:]
    same = series.epoch[:-1] == series.epoch[1:]
    if channel.is_counter:
        low = high = after - before
        observed = same & (low >= 0)
    else:
        low, high = np.minimum(before, after), np.maximum(before, after)
        observed = same & (end - start <= gap_ms_max)
    return Steps(start=start, end=end, low=low, high=high, observed=observed)
