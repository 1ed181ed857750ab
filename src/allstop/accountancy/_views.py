"""Views: what one meter shows of a cell (spec/balance.md section 3).

Everything is worked out step by step of the meter's own readings, never on finer cuts: cuts that others
cause by their meters must not change what this meter says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from allstop.accountancy._statistics import energy_spread_microjoule, inflation_ppm
from allstop.accountancy._steps import BoolArray, IntArray, Steps
from allstop.finding import Channel, ChipRange
from allstop.ids import Name
from allstop.times import HOUR_MS, Window
from allstop.units import PPM

__all__ = [
    "ChipPower",
    "Interval",
    "MeterView",
    "Reading",
    "activity_of",
    "energy_flop_high",
    "energy_of",
    "exact_total",
    "peak_flop",
    "read_view",
]

MILLIWATT_MAX = 10**12
"""Readings of power above a gigawatt are of no machine room; they count as unobserved."""

_INT_MAX = 2**62
_MILLIJOULE_MAX = MILLIWATT_MAX * HOUR_MS // 1000
_MICROJOULE_IN_ATTOJOULE = 10**12
_MILLIWATT_IN_ATTOJOULE_PER_SECOND = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipPower:
    """One chip of a cell: its highest dense peak, least energy of an operation, and floor power."""

    peak_flop_per_second: int
    attojoule_per_flop: int
    floor_milliwatt: int

    @property
    def attojoule_per_second(self) -> int:
        """Power at which the chip runs at its peak as frugally as it can, floor included."""
        return (
            self.peak_flop_per_second * self.attojoule_per_flop
            + self.floor_milliwatt * _MILLIWATT_IN_ATTOJOULE_PER_SECOND
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterView:
    """A registered meter, with the agreed figures for the chips that it covers.

    `domain` is the trust domain of the party that files the readings; `own` says that it is that of the
    site's operator. `chips` counts all chips under the meter; `floor_milliwatt`, `idle_milliwatt` and
    `unit_milliwatt` are sums over them: the least power of machines that are on, the agreed idle level,
    and the most they draw. `steps` is None where nothing may be believed. `missing` are times for which
    the filer says that it has readings which are not held or not believed. `bounds` is False where the
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
    missing: tuple[Window, ...] = ()
    bounds: bool = True

    def covers_as(self, other: "MeterView") -> bool:
        """Tell whether both meters see exactly the same chips."""
        return set(self.covers) == set(other.covers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A meter's view on a cell's elementary spans: which step each lies in, and what it shows there.

    `step` is meaningful only where `observed`.
    """

    observed: BoolArray
    off: BoolArray
    idle: BoolArray
    step: IntArray


@dataclass(frozen=True, slots=True)
class Interval:
    """Ends of an amount, `low <= high`."""

    low: int
    high: int


def read_view(view: MeterView, *, start: IntArray) -> Reading:
    """Find the step of each elementary span; no span crosses a reading."""
    no = np.zeros(len(start), dtype=np.bool_)
    if view.steps is None or len(view.steps.start) == 0:
        return Reading(observed=no, off=no, idle=no, step=np.zeros(len(start), dtype=np.int64))
    steps = view.steps
    found = np.searchsorted(steps.start, start, side="right") - 1
    step = np.maximum(found, 0)
    observed = (found >= 0) & (start < steps.end[step]) & steps.observed[step]
    if view.channel in (Channel.POWER, Channel.ENERGY):
        observed &= _is_believable(view, steps)[step]
    off = no
    if view.channel is Channel.BREAKER:
        # A switch in the operator's own hands shows nothing that the operator could not simply say.
        off = observed & (steps.high[step] == 0) & (not view.own)
        idle = off
    elif view.channel in (Channel.BUSY, Channel.TENSOR):
        idle = observed & (steps.high[step] == 0)
    else:
        idle = observed & (_is_idle(view, *_milliwatt(view, steps, step)) & steps.brief[step])
    return Reading(observed=observed, off=off, idle=idle, step=step)


def activity_of(
    view: MeterView,
    reading: Reading,
    *,
    picked: BoolArray,
    span: IntArray,
    count: int,
    error_ppm: int | None = None,
) -> Interval:
    """Bound the chip-time, in chip-ms, in which `count` of the meter's chips worked during the spans `picked`.

    `error_ppm` replaces the meter's own error in the upper end of work channels.
    """
    picked = picked & reading.observed
    if view.steps is None or not bool(picked.any()):
        return Interval(0, 0)
    step, time = _by_step(reading, picked, span)
    if view.channel is Channel.BREAKER:
        on = time[view.steps.high[step] != 0] if not view.own else time
        return Interval(0, exact_total(on) * count)
    brief = view.steps.brief[step]
    long = list(_long_steps(view.steps, step, time))
    error = view.random_ppm + view.systematic_ppm if error_ppm is None else error_ppm
    match view.channel:
        case Channel.TENSOR:
            return _tensor_activity(view, view.steps, (step, time), count, error)
        case Channel.BUSY:
            return _busy_activity(view, view.steps, (step[brief], time[brief]), long, count, error)
        case _:
            found = _power_activity(view, view.steps, step[brief], time[brief], count)
            parts = [found, *(_energy_activity(view, view.steps, index, ms, count) for index, ms in long)]
            return Interval(sum(part.low for part in parts), sum(part.high for part in parts))


def energy_of(view: MeterView, reading: Reading, *, picked: BoolArray, span: IntArray) -> Interval | None:
    """Bound the energy of the whole meter, in µJ without errors, or return None if it does not tell."""
    if view.channel not in (Channel.POWER, Channel.ENERGY):
        return None
    picked = picked & reading.observed
    if view.steps is None or not bool(picked.any()):
        return Interval(0, 0)
    step, time = _by_step(reading, picked, span)
    brief = view.steps.brief[step]
    power_low, power_high = _milliwatt(view, view.steps, step[brief])
    low, high = exact_total(power_low * time[brief]), exact_total(power_high * time[brief])
    for index, ms in _long_steps(view.steps, step, time):
        grown = 1000 * int(view.steps.high[index])
        share = _share(grown, ms, _length(view.steps, index), view.unit_milliwatt)
        low, high = low + share.low, high + share.high
    return Interval(low, high)


def energy_flop_high(
    view: MeterView,
    reading: Reading,
    chip: ChipPower,
    *,
    picked: BoolArray,
    span: IntArray,
    count: int,
    z_micro: int,
) -> int:
    """Bound the operations that the energy of the spans `picked`, all observed, allows.

    An operation takes at least `e_min`, and a chip that computes draws its floor power meanwhile; how many
    of the meter's chips are on is not known, so the fewest that could have done it are assumed:
    `E / (e_min + P_floor / p)`, never more than `p t`. The cap applies step by step, so that a step whose
    energy says nothing cannot be outweighed by leaving it out.
    """
    if view.steps is None or not bool(picked.any()):
        return 0
    step, time = _by_step(reading, picked, span)
    inflation = inflation_ppm(random_ppm=view.random_ppm, systematic_ppm=view.systematic_ppm, z_micro=z_micro)
    cap = count * chip.attojoule_per_second // _MILLIWATT_IN_ATTOJOULE_PER_SECOND
    # A reading stands for up to one unit more than it says, so that idle is never nothing.
    power = _milliwatt(view, view.steps, step)[1] + 1
    # Two units of room cover every rounding below, so that leaving a step out never gains one.
    raised = power + power // PPM * inflation + power % PPM * inflation // PPM + 2
    brief = view.steps.brief[step]
    bounded = brief & (raised <= min(cap, _INT_MAX))
    energy = power[bounded] * time[bounded]
    total, squares, ms_bounded = exact_total(energy), _exact_squares(energy), exact_total(time[bounded])
    ms_free = exact_total(time[brief & ~bounded])
    for index, ms in _long_steps(view.steps, step, time):
        length = _length(view.steps, index)
        # As much as brief steps of the same increase, each rounded up, could add to at most.
        grown = 1000 * int(view.steps.high[index]) + 2 * length
        share = _share(grown, ms, length, view.unit_milliwatt)
        if share.high + share.high * inflation // PPM + 2 <= cap * ms:
            total, squares, ms_bounded = total + share.high, squares + share.high**2, ms_bounded + ms
        else:
            ms_free += ms
    spread = energy_spread_microjoule(
        total=total,
        squares=squares,
        random_ppm=view.random_ppm,
        systematic_ppm=view.systematic_ppm,
        z_micro=z_micro,
    )
    scale = (total + spread) * _MICROJOULE_IN_ATTOJOULE * chip.peak_flop_per_second
    allowed = -(-scale // chip.attojoule_per_second)
    return peak_flop(chip, ms_free * count) + min(peak_flop(chip, ms_bounded * count), allowed)


def peak_flop(chip: ChipPower, chip_ms: int) -> int:
    """Return `p t`, rounded up: what the chips could do at their highest dense peak."""
    return -(-chip.peak_flop_per_second * chip_ms // 1000)


def exact_total(values: IntArray) -> int:
    """Sum without overflow: the sum of a year of µJ does not fit into 64 bits, its two halves do."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def _exact_squares(values: IntArray) -> int:
    """Sum the squares of values in `0 .. 2^62` without overflow, in digits of 21 bits."""
    total = 0
    for at in range(0, len(values), 1 << 18):
        chunk = values[at : at + (1 << 18)]
        digits = [chunk >> shift & 0x1FFFFF for shift in (0, 21, 42)]
        for i, left in enumerate(digits):
            for j, right in enumerate(digits):
                total += int(np.dot(left, right)) << 21 * (i + j)
    return total


def _by_step(reading: Reading, picked: BoolArray, span: IntArray) -> tuple[IntArray, IntArray]:
    """Return the steps that the picked spans lie in, each once, and the time picked of each."""
    step, time = reading.step[picked], span[picked]
    first = np.flatnonzero(np.concatenate(([True], step[1:] != step[:-1])))
    return step[first], np.add.reduceat(time, first)


def _long_steps(steps: Steps, step: IntArray, time: IntArray) -> Iterator[tuple[int, int]]:
    """Yield the steps of counters that are longer than the gap: few, and too large for 64 bits."""
    long = ~steps.brief[step]
    yield from zip(step[long].tolist(), time[long].tolist(), strict=True)


def _length(steps: Steps, index: int) -> int:
    return int(steps.end[index] - steps.start[index])


def _milliwatt(view: MeterView, steps: Steps, step: IntArray) -> tuple[IntArray, IntArray]:
    """Return power, low and high, of some steps: the gauge's, or the mean of a brief step of a counter."""
    if view.channel is Channel.POWER:
        return steps.low[step], steps.high[step]
    length = steps.end[step] - steps.start[step]
    millijoule = np.minimum(steps.high[step], _MILLIJOULE_MAX)
    return millijoule * 1000 // length, -(-millijoule * 1000 // length)


def _is_believable(view: MeterView, steps: Steps) -> BoolArray:
    """Tell which steps stay below the largest power that the arithmetic carries."""
    _, high = _milliwatt(view, steps, np.arange(len(steps.start)))
    believable: BoolArray = np.less_equal(high, MILLIWATT_MAX)
    if view.channel is Channel.ENERGY:
        believable = (believable & (steps.high <= _MILLIJOULE_MAX)) | ~steps.brief
    return believable


def _sure(view: MeterView, values: IntArray) -> IntArray:
    """Return the least that readings stand for, by the meter's own errors."""
    error = view.random_ppm + view.systematic_ppm
    least: IntArray = np.maximum(values - values // PPM * error - -(-(values % PPM * error) // PPM), 0)
    return least


def _raised(values: IntArray, error: int) -> IntArray:
    """Return the most that readings stand for, by an error in ppm."""
    return values + values // PPM * error + -(-(values % PPM * error) // PPM)


def _is_idle(view: MeterView, low: IntArray, high: IntArray) -> BoolArray:
    """Tell which steps are idle: no more than the agreed level, errors included, and no less than the floor.

    Between zero and the floor some machines are off or do not exist, and those that are on may be busy.
    """
    most = _raised(np.minimum(high, MILLIWATT_MAX), view.random_ppm + view.systematic_ppm)
    idle: BoolArray = (most <= view.idle_milliwatt) & ((low >= view.floor_milliwatt) | (high == 0))
    return idle


def _power_activity(view: MeterView, steps: Steps, step: IntArray, time: IntArray, count: int) -> Interval:
    """Bound activity by power in brief steps.

    Each working chip lifts the unit by at most its share of the room between the idle level and the most
    that the unit draws, so `ceil(n (P - idle) / (unit - idle))` chips work at least. Below the floor, each
    working chip draws at least its own idle level.
    """
    low, high = _milliwatt(view, steps, step)
    sure = _sure(view, low)
    # Rounded up, so that a chip's share of the room is never understated and no chip is accused by rounding.
    idle = min(view.idle_milliwatt, _INT_MAX)
    room = min(max(-(-(view.unit_milliwatt - view.idle_milliwatt) // view.chips), 1), _INT_MAX)
    working = -(-np.maximum(sure - idle, 0) // room)
    # Chips of the unit outside this cell may be among those that work.
    least = np.clip(working - (view.chips - count), 0, count)
    idle_of_one = idle // view.chips
    power = _raised(high, view.random_ppm + view.systematic_ppm)
    few = np.minimum(power // idle_of_one, count) if idle_of_one else np.full_like(high, count)
    most = np.where(power > idle, count, few)
    most = np.maximum(np.where(_is_idle(view, low, high), 0, most), least)
    return Interval(exact_total(least * time), exact_total(most * time))


def _tensor_activity(
    view: MeterView, steps: Steps, spans: tuple[IntArray, IntArray], count: int, error: int
) -> Interval:
    """Bound activity by the share of time in which tensor units were busy."""
    step, time = spans
    unit, mine = time * view.chips, time * count
    least = _part(_sure(view, steps.low[step]), unit)
    most = _raised(np.minimum(steps.high[step], PPM), error)
    most = np.where(most > 0, _part(most, unit) + 1, 0)
    least = np.clip(least - (unit - mine), 0, mine)
    return Interval(exact_total(least), exact_total(np.minimum(most, mine)))


def _busy_activity(
    view: MeterView,
    steps: Steps,
    brief: tuple[IntArray, IntArray],
    long: Sequence[tuple[int, int]],
    count: int,
    error: int,
) -> Interval:
    """Bound activity by a counter of busy time.

    The upper end is summed in millionths and rounded once, so that two steps are never more than the one
    that is left where the reading between them is left out.
    """
    step, time = brief
    own_error = view.random_ppm + view.systematic_ppm
    grown, unit, mine = steps.high[step], time * view.chips, time * count
    rest = (steps.end[step] - steps.start[step] - time) * view.chips
    low = exact_total(np.clip(np.maximum(_sure(view, grown) - rest, 0) - (unit - mine), 0, mine))
    grown = np.minimum(grown, mine)
    more = grown % PPM * error
    # Cut where the product would not fit into 64 bits, far beyond what the step can hold.
    room = np.minimum(grown // PPM, _INT_MAX // max(error, 1)) * error
    whole, extra = grown + room + more // PPM, more % PPM
    millionths = PPM * exact_total(np.minimum(whole, mine)) + exact_total(np.where(whole < mine, extra, 0))
    for index, ms in long:
        increase, length = int(steps.high[index]), _length(steps, index)
        sure = increase - -(-increase * own_error // PPM)
        others = (length - ms) * view.chips + ms * (view.chips - count)
        low += min(max(sure - others, 0), ms * count)
        millionths += min(increase * (PPM + error), PPM * ms * count)
    return Interval(low, -(-millionths // PPM))


def _part(ppm: IntArray, whole: IntArray) -> IntArray:
    """Return a share of some amounts, rounded down, without overflow."""
    ppm = np.minimum(ppm, PPM)
    return whole // PPM * ppm + whole % PPM * ppm // PPM


def _share(total: int, ms: int, length: int, rate_max: int) -> Interval:
    """Bound what part of a counter's increase over a step fell into `ms` of it.

    The counter cannot run faster than `rate_max` per ms, so at least what does not fit into the rest
    of the step fell into the part.
    """
    if ms == length:
        return Interval(total, total)
    return Interval(max(total - rate_max * (length - ms), 0), min(total, rate_max * ms))


def _energy_activity(view: MeterView, steps: Steps, index: int, ms: int, count: int) -> Interval:
    """Bound activity in `ms` of a long step of an energy counter, in which machines may also have been off."""
    length, mine, others = _length(steps, index), ms * count, ms * (view.chips - count)
    grown = 1000 * int(steps.high[index])
    error = -(-grown * (view.random_ppm + view.systematic_ppm) // PPM)
    low = _share(max(grown - error, 0), ms, length, view.unit_milliwatt).low
    # As much as brief steps of the same increase, each rounded up, could add to at most.
    high = _share(grown + error + 4 * length, ms, length, view.unit_milliwatt).high
    room = max(-(-(view.unit_milliwatt - view.idle_milliwatt) // view.chips), 1)
    working = -(-max(low - view.idle_milliwatt * ms, 0) // room)
    least = min(max(working - others, 0), mine)
    idle_of_one = view.idle_milliwatt // view.chips
    return Interval(least, max(least, min(high // idle_of_one, mine) if idle_of_one else mine))
