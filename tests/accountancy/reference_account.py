"""The account of a cell, millisecond by millisecond in plain Python: spec/balance.md, word for word.

Slow on purpose. It shares no code with the accounts that it checks, only the values that go in.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from allstop.accountancy import CellInput, ChipTime, MeterView
from allstop.finding import Channel
from allstop.ids import Name
from allstop.times import Window

PPM = 10**6


@dataclass
class Show:
    """What one meter shows: for each millisecond its step, as (low, high, length, brief, part)."""

    view: MeterView
    at: dict[int, int] = field(default_factory=dict)
    steps: list[tuple[int, int, int, bool, int]] = field(default_factory=list)

    def by_step(self, times: Iterable[int]) -> dict[int, int]:
        """Return how many of these milliseconds fall into each step."""
        found: dict[int, int] = {}
        for ms in times:
            if ms in self.at:
                found[self.at[ms]] = found.get(self.at[ms], 0) + 1
        return found


def show(view: MeterView, window: Window) -> Show:
    """Look up each millisecond of the window among the meter's steps."""
    shown = Show(view)
    if view.steps is None:
        return shown
    steps = view.steps
    rows = zip(
        *(getattr(steps, name).tolist() for name in ("start", "end", "low", "high", "brief", "part")),
        steps.observed.tolist(),
        strict=True,
    )
    for index, (start, end, low, high, brief, part, observed) in enumerate(rows):
        shown.steps.append((low, high, end - start, brief, part))
        for ms in range(max(start, window.start.ms), min(end, window.end.ms)):
            if observed:
                shown.at[ms] = index
    return shown


def power(shown: Show, index: int) -> tuple[int, int]:
    """Return the power of a brief step in mW: a gauge's two readings, or a counter's mean."""
    low, high, length, _, _ = shown.steps[index]
    if shown.view.channel is Channel.POWER:
        return low, high
    return low * 1000 // length, math.ceil(high * 1000 / length)


def is_idle(shown: Show, ms: int) -> bool:
    """Tell whether a meter says that nothing worked."""
    view, index = shown.view, shown.at[ms]
    if view.channel in (Channel.BUSY, Channel.TENSOR):
        return shown.steps[index][1] == 0
    low, high = power(shown, index)
    most = ends(view, low, high)[1]
    return (
        shown.steps[index][3] and most <= view.idle_milliwatt and (low >= view.floor_milliwatt or high == 0)
    )


def ends(view: MeterView, low: int, high: int) -> tuple[int, int]:
    """Return the least and the most that readings stand for, by the meter's errors."""
    error = view.random_ppm + view.systematic_ppm
    return max(math.floor(Fraction(low * (PPM - error), PPM)), 0), math.ceil(
        Fraction(high * (PPM + error), PPM)
    )


def part_of(total: int, ms: int, length: int, rate: int) -> tuple[int, int]:
    """Bound a counter's share of some milliseconds of its step."""
    return (total, total) if ms == length else (max(total - rate * (length - ms), 0), min(total, rate * ms))


def activity(shown: Show, times: Iterable[int], count: int, error_ppm: int | None = None) -> tuple[int, int]:
    """Bound the chip-ms in which chips of the cell worked; `error_ppm` raises the upper end instead of the own error."""
    error = shown.view.random_ppm + shown.view.systematic_ppm if error_ppm is None else error_ppm
    view, low, high = shown.view, 0, Fraction(0)
    for index, ms in shown.by_step(times).items():
        low_value, high_value, length, brief, _ = shown.steps[index]
        rest = view.chips - count
        if view.channel is Channel.BREAKER:
            high += ms * count if high_value or view.own else 0
        elif view.channel is Channel.TENSOR:
            unit = ms * view.chips
            least = min(ends(view, low_value, high_value)[0], PPM)
            most = min(math.ceil(Fraction(min(high_value, PPM) * (PPM + error), PPM)), PPM)
            low += max(0, unit * least // PPM - ms * rest)
            high += min(ms * count, unit * most // PPM + (high_value > 0))
        elif view.channel is Channel.BUSY:
            sure = ends(view, low_value, high_value)[0]
            low += min(max(0, part_of(sure, ms, length, view.chips)[0] - ms * rest), ms * count)
            high += min(Fraction(high_value * (PPM + error), PPM), Fraction(ms * count))
        else:
            least, most = (
                power_activity(shown, index, ms, count) if brief else energy_activity(shown, index, ms, count)
            )
            low, high = low + least, high + most
    return low, math.ceil(high)


def power_activity(shown: Show, index: int, ms: int, count: int) -> tuple[int, int]:
    """Bound activity by power: all chips are on unless the unit draws less than they would."""
    view = shown.view
    low, high = power(shown, index)
    sure, raised = ends(view, low, high)
    room = max(math.ceil((view.unit_milliwatt - view.idle_milliwatt) / view.chips), 1)
    working = math.ceil(max(sure - view.idle_milliwatt, 0) / room)
    least = min(max(working - (view.chips - count), 0), count)
    idle_of_one = view.idle_milliwatt // view.chips
    if raised > view.idle_milliwatt or not idle_of_one:
        most = count
    else:
        most = min(count, raised // idle_of_one)
    if raised <= view.idle_milliwatt and (low >= view.floor_milliwatt or high == 0):
        most = 0
    return least * ms, max(most, least) * ms


def energy_activity(shown: Show, index: int, ms: int, count: int) -> tuple[int, int]:
    """Bound activity by a long step of an energy counter, in which machines may have been off."""
    view = shown.view
    grown = 1000 * shown.steps[index][1]
    length = shown.steps[index][2]
    sure, raised = ends(view, grown, grown)
    sure = part_of(sure, ms, length, view.unit_milliwatt)[0]
    most = part_of(raised + 4 * length, ms, length, view.unit_milliwatt)[1]
    room = max(math.ceil((view.unit_milliwatt - view.idle_milliwatt) / view.chips), 1)
    working = math.ceil(max(sure - view.idle_milliwatt * ms, 0) / room)
    low = min(max(working - ms * (view.chips - count), 0), ms * count)
    idle_of_one = view.idle_milliwatt // view.chips
    high = min(most // idle_of_one, ms * count) if idle_of_one else ms * count
    return low, max(low, high)


def energy(shown: Show, times: Iterable[int]) -> tuple[int, int]:
    """Bound the energy of the whole meter in µJ."""
    low = high = 0
    for index, ms in shown.by_step(times).items():
        if shown.steps[index][3]:
            least, most = power(shown, index)
            least, most = least * ms, most * ms
        else:
            grown = 1000 * shown.steps[index][1]
            least, most = part_of(grown, ms, shown.steps[index][2], shown.view.unit_milliwatt)
        low, high = low + least, high + most
    return low, high


def flop_by_energy(shown: Show, given: CellInput, times: Iterable[int], z_micro: int) -> int:
    """Bound operations by energy: each step by its energy or, if that says less, by `p t`."""
    view, chip, count = shown.view, given.chip, given.cell.count
    rate = chip.peak_flop_per_second * chip.attojoule_per_flop + chip.floor_milliwatt * 10**15
    error = math.ceil(z_micro * (view.random_ppm + view.systematic_ppm) / 10**6)
    cap = count * rate // 10**15
    bounded: list[int] = []
    ms_bounded = ms_free = 0
    for index, ms in shown.by_step(times).items():
        low, length = shown.steps[index][1], shown.steps[index][2]
        if shown.steps[index][3]:
            amount = power(shown, index)[1] + 1
            fits = amount + amount // PPM * error + amount % PPM * error // PPM + 2 <= cap
            amount *= ms
        else:
            grown = 1000 * low + 2 * length
            amount = part_of(grown, ms, length, view.unit_milliwatt)[1]
            fits = amount + amount * error // PPM + 2 <= cap * ms
        if fits:
            bounded.append(amount)
            ms_bounded += ms
        else:
            ms_free += ms
    total = sum(bounded)
    variance = sum(one**2 for one in bounded) * view.random_ppm**2 + (total * view.systematic_ppm) ** 2
    spread = math.ceil(z_micro * (math.isqrt(variance) + 1) / 10**12) if variance else 0
    allowed = -(-(total + spread) * 10**12 * chip.peak_flop_per_second // rate)
    return peak(given, ms_free) + min(peak(given, ms_bounded), allowed)


def peak(given: CellInput, ms: int) -> int:
    """Return what the cell could do at its peak."""
    return -(-given.chip.peak_flop_per_second * ms * given.cell.count // 1000)


@dataclass
class ReferenceJob:
    """One job's part of a cell's account."""

    chip_ms: int
    unobserved: int
    active_low: int
    active_high: int
    flop_high: int


@dataclass
class ReferenceAccount:
    """The account of a cell."""

    by_class: dict[ChipTime, int]
    by_job: dict[Name | None, ReferenceJob]
    contradictions: set[tuple[Name, Name]]


def account(given: CellInput, *, window: Window, liars: int, z_micro: int) -> ReferenceAccount:
    """Account for a cell, one millisecond after the other."""
    everything = range(window.start.ms, window.end.ms)
    shows = [show(view, window) for view in given.views]
    void, pairs = contradictions(shows, given.cell.count)
    domains = sorted({view.domain for view in given.views})
    kinds = {
        domain: {
            ms: kind_of([s for s in shows if s.view.domain == domain], shows, ms, void) for ms in everything
        }
        for domain in domains
    }
    trusted = [d for d in domains if all(s.view.bounds for s in shows if s.view.domain == d)]
    by_class = dict.fromkeys(ChipTime, 0)
    order = [ChipTime.OFF, ChipTime.IDLE, ChipTime.ACTIVE, ChipTime.UNOBSERVED]
    for ms in everything:
        ranks = sorted(order.index(kinds[domain][ms]) for domain in trusted)
        best = order[ranks[liars]] if len(ranks) > liars else ChipTime.UNOBSERVED
        by_class[best] += given.cell.count
    times: dict[Name | None, list[int]] = {}
    for ms in everything:
        inside = [use.job for use in given.jobs if use.window.start.ms <= ms < use.window.end.ms]
        times.setdefault(inside[0] if inside else None, []).append(ms)
    by_job = {
        job: job_account(given, shows, kinds, trusted, here, liars, z_micro) for job, here in times.items()
    }
    return ReferenceAccount(by_class=by_class, by_job=by_job, contradictions=pairs)


def contradictions(shows: list[Show], count: int) -> tuple[set[int], set[tuple[Name, Name]]]:
    """Compare each pair of series, and spoil the time that two that disagree share."""
    void: set[int] = set()
    pairs = set()
    for position, one in enumerate(shows):
        for other in shows[position + 1 :]:
            shared: dict[tuple[int, int], list[int]] = {}
            for ms in sorted(set(one.at) & set(other.at)):
                key = (one.steps[one.at[ms]][4], other.steps[other.at[ms]][4])
                shared.setdefault(key, []).append(ms)
            for times in shared.values():
                if disagree(one, other, times, count):
                    void |= set(times)
                    pairs.add((one.view.meter, other.view.meter))
    return void, pairs


def disagree(one: Show, other: Show, times: list[int], count: int) -> bool:
    """Tell whether two meters cannot both be right."""
    mine, theirs = activity(one, times, count), activity(other, times, count)
    if mine[0] > theirs[1] or theirs[0] > mine[1]:
        return True
    energetic = (Channel.POWER, Channel.ENERGY)
    if one.view.channel not in energetic or other.view.channel not in energetic:
        return False
    if set(one.view.covers) != set(other.view.covers):
        return False
    slack = PPM + sum(s.view.random_ppm + s.view.systematic_ppm for s in (one, other))
    (low, high), (low2, high2) = energy(one, times), energy(other, times)
    return low * PPM > high2 * slack or low2 * PPM > high * slack


def kind_of(mine: list[Show], everyone: list[Show], ms: int, void: set[int]) -> ChipTime:
    """Return the first class that fits, by one domain's word."""
    for shown in everyone:
        claimed = any(gap.start.ms <= ms < gap.end.ms for gap in shown.view.missing)
        if ms not in shown.at and (shown.view.own or claimed):
            return ChipTime.UNOBSERVED
    if ms in void or any(ms not in shown.at for shown in mine):
        return ChipTime.UNOBSERVED
    switches = [s for s in mine if s.view.channel is Channel.BREAKER]
    if any(not s.view.own and s.steps[s.at[ms]][1] == 0 for s in switches):
        return ChipTime.OFF
    others = [s for s in mine if s.view.channel is not Channel.BREAKER]
    return ChipTime.IDLE if others and all(is_idle(s, ms) for s in others) else ChipTime.ACTIVE


def job_account(
    given: CellInput,
    shows: list[Show],
    kinds: dict[Name, dict[int, ChipTime]],
    trusted: list[Name],
    here: list[int],
    liars: int,
    z_micro: int,
) -> ReferenceJob:
    """Account for the milliseconds of one job."""
    count = given.cell.count
    lows = {d: max(activity(s, here, count)[0] for s in shows if s.view.domain == d) for d in kinds}
    own = [low for d, low in lows.items() if any(s.view.own for s in shows if s.view.domain == d)]
    others = sorted(
        (lows[d] for d in kinds if not any(s.view.own for s in shows if s.view.domain == d)), reverse=True
    )
    low = max([0, *own, *others[liars : liars + 1]])
    highs, flops = [], []
    for domain in trusted:
        mine = [s for s in shows if s.view.domain == domain]
        blind = [ms for ms in here if kinds[domain][ms] is ChipTime.UNOBSERVED]
        idle = [ms for ms in here if kinds[domain][ms] is ChipTime.IDLE]
        active = [ms for ms in here if kinds[domain][ms] is ChipTime.ACTIVE]
        highs.append(len(blind) * count + min(activity(s, idle + active, count)[1] for s in mine))
        flops.append(
            peak(given, len(blind)) + bound(mine, given, idle, z_micro) + bound(mine, given, active, z_micro)
        )
    blind_count = sum(sum(kinds[d][ms] is not ChipTime.UNOBSERVED for d in trusted) <= liars for ms in here)
    high = sorted(highs)[liars] if len(highs) > liars else len(here) * count
    return ReferenceJob(
        chip_ms=len(here) * count,
        unobserved=blind_count * count,
        active_low=low,
        active_high=max(high, low),
        flop_high=min(peak(given, len(here)), sorted(flops)[liars])
        if len(flops) > liars
        else peak(given, len(here)),
    )


def bound(mine: list[Show], given: CellInput, times: list[int], z_micro: int) -> int:
    """Return the least of the channel bounds."""
    bounds = [peak(given, len(times))]
    meters = [s for s in mine if s.view.channel in (Channel.POWER, Channel.ENERGY)]
    bounds += [flop_by_energy(s, given, times, z_micro) for s in meters]
    for shown in mine:
        if shown.view.channel in (Channel.BUSY, Channel.TENSOR):
            own = shown.view.random_ppm + shown.view.systematic_ppm
            error = max(own, math.ceil(Fraction(z_micro * own, 10**6)))
            chip_ms = activity(shown, times, given.cell.count, error)[1]
            bounds.append(-(-given.chip.peak_flop_per_second * chip_ms // 1000))
    return min(bounds)
