"""Views: what one meter shows of a cell, span by span (spec/balance.md section 3)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allstop.accountancy._steps import IntArray, Steps
from allstop.finding import Channel, ChipRange
from allstop.ids import Name
from allstop.units import PPM

__all__ = ["MeterView", "Reading", "read_view"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterView:
    """A registered meter, with the agreed figures for the chips that it covers.

    `domain` is the trust domain, the party that files the readings; `own` says that it is the site's
    operator. `chips` counts all chips under the meter; `floor_milliwatt`, `idle_milliwatt` and
    `unit_milliwatt` are sums over them: the least power that does no operation, the agreed idle level,
    and the most they draw. `steps` is None where nothing may be believed. `bounds` is False where the
    clause asks for better custody: such a meter must still be there and may still accuse, but clears
    nobody.
    """

    meter: Name
    domain: Name
    own: bool
    channel: Channel
    covers: tuple[ChipRange, ...]
    chips: int
    floor_milliwatt: int
    idle_milliwatt: int
    unit_milliwatt: int
    random_ppm: int
    systematic_ppm: int
    steps: Steps | None
    bounds: bool = True

    def covers_as(self, other: "MeterView") -> bool:
        """Tell whether both meters see exactly the same chips."""
        return self.covers == other.covers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A meter's view on a cell's elementary spans; arrays of one length, chip-ms and µJ.

    `energy` (low, high) is None for channels that carry no energy, `worked_high` for channels that carry no
    measure of work. `active_*` bounds the cell's chip-time that was not idle.
    """

    observed: BoolArray
    off: BoolArray
    idle: BoolArray
    active_low: IntArray
    active_high: IntArray
    energy: tuple[IntArray, IntArray] | None = None
    worked_high: IntArray | None = None


def read_view(view: MeterView, *, start: IntArray, span: IntArray, count: int) -> Reading:
    """Read a meter on the spans `[start, start + span)`, for a cell of `count` of its chips.

    No span crosses a reading, so each lies in one step or in none.
    """
    if view.steps is None or len(view.steps.start) == 0:
        return _blind(span, count)
    steps = view.steps
    index = np.searchsorted(steps.start, start, side="right") - 1
    inside = index >= 0
    index = np.maximum(index, 0)
    observed = inside & (start < steps.end[index]) & steps.observed[index]
    low, high = steps.low[index], steps.high[index]
    length = steps.end[index] - steps.start[index]
    match view.channel:
        case Channel.POWER:
            return _read_energy(view, observed, low * span, high * span, span, count)
        case Channel.ENERGY:
            low, high = _share(low * 1000, span, length, view.unit_milliwatt)
            return _read_energy(view, observed, low, high, span, count)
        case Channel.BUSY:
            low, high = _share(high, span, length, view.chips)
            return _read_work(observed, low, high, span, count, view.chips)
        case Channel.TENSOR:
            chip_ms = span * view.chips
            return _read_work(
                observed, low * chip_ms // PPM, -(-high * chip_ms // PPM), span, count, view.chips
            )
        case Channel.BREAKER:
            off = observed & (high == 0) & (not view.own)
            zero = np.zeros_like(span)
            return Reading(
                observed=observed,
                off=off,
                idle=off,
                active_low=zero,
                active_high=np.where(off, 0, span * count),
            )


def _blind(span: IntArray, count: int) -> Reading:
    no = np.zeros(len(span), dtype=np.bool_)
    return Reading(observed=no, off=no, idle=no, active_low=np.zeros_like(span), active_high=span * count)


def _share(total: IntArray, span: IntArray, length: IntArray, rate_max: int) -> tuple[IntArray, IntArray]:
    """Bound what part of a counter's increase over a step fell into a span of it.

    The counter cannot run faster than `rate_max` per ms, so at least what does not fit into the rest
    of the step fell into the span.
    """
    low = np.maximum(total - rate_max * (length - span), 0)
    return low, np.where(span == length, total, np.minimum(total, rate_max * span))


def _read_energy(
    view: MeterView, observed: BoolArray, low: IntArray, high: IntArray, span: IntArray, count: int
) -> Reading:
    """Read activity off energy: above the agreed idle level, at least so many chips must work.

    Each working chip lifts the unit by at most its share of the room between the idle level and the
    most that the unit draws, so `ceil(n (P - idle) / (unit - idle))` chips work at least. All products
    stay below 2^63: readings are at most 1e12 mW and steps of gauges at most an hour.
    """
    error = view.random_ppm + view.systematic_ppm
    low = low - (low // PPM * error + low % PPM * error // PPM + 1)
    idle_energy = view.idle_milliwatt * span
    idle = high <= idle_energy
    # Rounded up, so that a chip's share of the room is never understated and no chip is accused by rounding.
    room_per_chip = -(-(view.unit_milliwatt - view.idle_milliwatt) // view.chips)
    at_least = -(-np.maximum(low - idle_energy, 0) // np.maximum(room_per_chip * span, 1))
    # Chips of the unit outside this cell may be among those that work.
    chips = np.clip(at_least - (view.chips - count), 0, count)
    return Reading(
        observed=observed,
        off=np.zeros(len(span), dtype=np.bool_),
        idle=idle,
        active_low=np.where(idle, 0, chips * span),
        active_high=np.where(idle, 0, span * count),
        energy=(low, high),
    )


def _read_work(
    observed: BoolArray, low: IntArray, high: IntArray, span: IntArray, count: int, chips: int
) -> Reading:
    """Read activity off a measure of work in chip-ms of the whole unit."""
    cell = span * count
    low = np.clip(low - span * (chips - count), 0, cell)
    high = np.minimum(high, cell)
    return Reading(
        observed=observed,
        off=np.zeros(len(span), dtype=np.bool_),
        idle=high == 0,
        active_low=low,
        active_high=high,
        worked_high=high,
    )
