"""What a party files of its meter: its readings, cut at the ends of periods, or others in their place."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allstop.app.demo._cast import Kind
from allstop.ingest import MeterReadings
from allstop.telemetry import Series
from allstop.times import Window

__all__ = ["is_telling", "meters_to_file"]

_RUN = 32
_DISTINCT_MIN = 12
"""Changes in a row, and different ones among them, by which rule TEL-005 knows readings again."""


def meters_to_file(
    readings: MeterReadings, windows: Sequence[Window], kind: Kind
) -> tuple[MeterReadings, ...]:
    """Return the readings that a party of this kind files: one series a period, true or not."""
    parts = _cut(readings.series, windows)
    if kind is Kind.REPLAYED_METER:
        parts = (parts[0], *(_shifted(parts[0], windows[0], window) for window in windows[1:]))
    return tuple(replace(readings, series=part) for part in parts)


def is_telling(readings: MeterReadings, windows: Sequence[Window]) -> bool:
    """Tell whether the readings of the first period would be known again in the next."""
    replayed = meters_to_file(readings, windows, Kind.REPLAYED_METER)[1].series
    changes = np.diff(replayed.v)
    runs = (changes[at : at + _RUN] for at in range(len(changes) - _RUN + 1))
    return any(len(np.unique(run)) >= _DISTINCT_MIN for run in runs)


def _cut(series: Series, windows: Sequence[Window]) -> tuple[Series, ...]:
    """Cut at the first reading after each period, which ends one series and begins the next."""
    ends = [int(np.searchsorted(series.t, window.end.ms)) for window in windows[:-1]]
    starts, stops = [0, *ends], [*(end + 1 for end in ends), len(series)]
    return tuple(_part(series, slice(start, stop)) for start, stop in zip(starts, stops, strict=True))


def _part(series: Series, span: slice) -> Series:
    return Series(t=series.t[span], v=series.v[span], epoch=series.epoch[span])


def _shifted(series: Series, first: Window, window: Window) -> Series:
    """Return the readings of the first period as if they had been taken in another, going on from its end."""
    later_ms = window.start.ms - first.start.ms
    kept = series.t + first.duration_ms >= series.t[-1]
    t, v = series.t[kept], series.v[kept]
    grown = (later_ms // first.duration_ms) * (v[-1] - v[0])
    return Series(t=t + later_ms, v=v + grown, epoch=series.epoch[kept])
