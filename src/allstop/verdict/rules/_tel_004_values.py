"""Rule TEL-004: readings that no such meter on such chips can show."""

import numpy as np

from allstop.finding import Channel
from allstop.registry import Meter
from allstop.units import PPM
from allstop.verdict._facts import Facts, HeldSeries
from allstop.verdict._hits import Hit, hit_on_series

__all__ = ["find_impossible_values"]

_MILLIWATT_MAX = 10**12
_RATE_MAX = 2**62


def find_impossible_values(facts: Facts) -> tuple[Hit, ...]:
    """TEL-004: readings are negative, above the rated power, or below what an idle machine draws.

    What it detects:
        Power that is negative, above the meter's rating, or above zero but below the idle floor that the
        operator itself registered; shares above one; switches that are neither on nor off; counters
        that fall, or grow faster than the chips or the rating allow.
    Why it matters:
        A value that the thing measured cannot have was not measured on it.
    Known problems:
        A rating or floor that was registered wrongly makes honest readings impossible. A forger who
        stays inside the range is not seen by this rule.

    Example:
        A node rated 10,200 W shows 12,000 W for two minutes.
    How to resolve:
        Explain the readings. A registration cannot be corrected in this version: of two under one name the
        first counts.
    Basis:
        DESIGN section 6, integrity before content; threat-A1; facts of the reference table.
    """
    hits = []
    for held in facts.series:
        if held.series is None or held.meter is None:
            continue
        about = _impossible(facts, held, held.meter.value)
        if about is not None:
            hits.append(hit_on_series("TEL-004", held, about))
    return tuple(hits)


def _impossible(facts: Facts, held: HeldSeries, meter: Meter) -> str | None:
    if held.series is None:
        return None
    values = held.series.v
    match meter.channel:
        case Channel.POWER:
            low, high = meter.idle_milliwatt, min(meter.rated_milliwatt, _MILLIWATT_MAX)
            bad = (values < 0) | (values > high) | ((values > 0) & (values < low))
            return _say(bad, f"readings outside 0 or {low} to {high} mW")
        case Channel.TENSOR:
            return _say((values < 0) | (values > PPM), f"readings outside 0 to {PPM} ppm")
        case Channel.BREAKER:
            return _say((values != 0) & (values != 1), "readings that are neither 0 nor 1")
        case Channel.BUSY:
            return _grows_wrongly(held, rate_max=max(meter.chip_count, 1))
        case Channel.ENERGY:
            chips = sum(piece.count for piece in meter.covers)
            rate = max(chip.unit_milliwatt for chip in facts.table.chips) * max(chips, 1)
            return _grows_wrongly(held, rate_max=rate, per_ms=1000)


def _grows_wrongly(held: HeldSeries, *, rate_max: int, per_ms: int = 1) -> str | None:
    """Look for falls, and for growth above `rate_max` per `per_ms` ms with 2 % and one tick to spare."""
    if held.series is None:
        return None
    grown, spans = np.diff(held.series.v), np.diff(held.series.t)
    same = held.series.epoch[1:] == held.series.epoch[:-1]
    # Divided rather than multiplied, since the product of a rate and a year need not fit into 64 bits.
    ticks = spans // per_ms + 1
    bad = same & ((grown < 0) | (grown // min(rate_max, _RATE_MAX) > ticks + ticks // 50 + 20))
    return _say(bad, "steps at which the counter falls or grows faster than it can")


def _say(bad: np.ndarray[tuple[int], np.dtype[np.bool_]], what: str) -> str | None:
    count = int(bad.sum())
    return f"{count} {what}, first at reading {int(np.flatnonzero(bad)[0]) + 1}" if count else None
