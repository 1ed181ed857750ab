"""The account of one cell over one window: chip-time by class, activity, and the room to hide.

Implements spec/balance.md sections 3 to 5. Everything is an integer: ms, chip-ms, mW, µJ, FLOP. What
is not shown good counts at its worst: unobserved chip-time could all have been used at full speed.

What is not done here: deciding whether readings may be believed (`allstop.verdict`), and crediting
operations that were replayed, which needs transcripts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Self

import numpy as np
import numpy.typing as npt

from allstop.accountancy._cells import Cell
from allstop.accountancy._statistics import energy_high_microjoule
from allstop.accountancy._steps import IntArray
from allstop.accountancy._views import MeterView, Reading, read_view
from allstop.ids import Name
from allstop.times import Window
from allstop.units import PPM

__all__ = ["CellAccount", "CellInput", "ChipTime", "Contradiction", "JobAccount", "JobUse", "account_cell"]

BoolArray = npt.NDArray[np.bool_]

_MICROJOULE_IN_ATTOJOULE = 10**12


class ChipTime(Enum):
    """The class of a stretch of chip-time, the first that fits (DESIGN section 6)."""

    UNOBSERVED = "unobserved"
    OFF = "off"
    IDLE = "idle"
    ACTIVE = "active"


_KINDS = (ChipTime.UNOBSERVED, ChipTime.OFF, ChipTime.IDLE, ChipTime.ACTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobUse:
    """A declared job's claim on a cell: when it says that it used all of the cell's chips."""

    job: Name
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class CellInput:
    """Everything that the account of one cell rests on.

    `peak_flop_per_second` is one chip's highest dense peak over all formats; `attojoule_per_flop` the
    least energy of one operation at any power limit. `views` are the meters registered for the cell,
    `jobs` the declarations that name it, earliest in the log first: of two that overlap the first counts.
    """

    cell: Cell
    peak_flop_per_second: int
    attojoule_per_flop: int
    views: tuple[MeterView, ...]
    jobs: tuple[JobUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAccount:
    """One cell's chip-time under one job, or under none (`job` is None).

    `chip_ms` is all of it; `active_low..active_high` bounds the part that worked; `flop_high` bounds
    the operations that could have been done in it; `presumed_flop` are the operations of the part that
    worked for sure, at peak, for clauses that presume the worst of undeclared use; `unobserved_chip_ms`
    is the part nobody saw.
    """

    job: Name | None
    chip_ms: int
    unobserved_chip_ms: int
    active_low_chip_ms: int
    active_high_chip_ms: int
    presumed_flop: int
    flop_high: int

    @classmethod
    def empty(cls, job: Name | None) -> Self:
        """Return the account of no chip-time."""
        return cls(
            job=job,
            chip_ms=0,
            unobserved_chip_ms=0,
            active_low_chip_ms=0,
            active_high_chip_ms=0,
            presumed_flop=0,
            flop_high=0,
        )

    def plus(self, other: "JobAccount") -> "JobAccount":
        """Return the account of both stretches of chip-time, under this job."""
        return JobAccount(
            job=self.job,
            chip_ms=self.chip_ms + other.chip_ms,
            unobserved_chip_ms=self.unobserved_chip_ms + other.unobserved_chip_ms,
            active_low_chip_ms=self.active_low_chip_ms + other.active_low_chip_ms,
            active_high_chip_ms=self.active_high_chip_ms + other.active_high_chip_ms,
            presumed_flop=self.presumed_flop + other.presumed_flop,
            flop_high=self.flop_high + other.flop_high,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two meters whose statements about the same chips and time cannot both hold."""

    one: Name
    other: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class CellAccount:
    """A cell's chip-time by class and by job, at `liars` trust domains that may lie."""

    cell: Cell
    chip_ms: int
    by_class: tuple[tuple[ChipTime, int], ...]
    by_job: tuple[JobAccount, ...]
    contradictions: tuple[Contradiction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Domain:
    """What one trust domain shows of the cell, on the cell's elementary spans."""

    own: bool
    bounds: bool
    observed: BoolArray
    kinds: IntArray
    active_low: IntArray
    active_high: IntArray
    readings: tuple[tuple[MeterView, Reading], ...]


def account_cell(given: CellInput, *, window: Window, liars: int, z_micro: int) -> CellAccount:
    """Account for one cell over `window`.

    `liars` is f, the number of trust domains that may lie; `z_micro` the quantile, in millionths, at
    which random errors of meters are bounded.
    """
    edges = _edges(given, window)
    start, span = edges[:-1], np.diff(edges)
    count = given.cell.count
    job_of = _job_of(given.jobs, start)
    readings = tuple((view, read_view(view, start=start, span=span, count=count)) for view in given.views)
    own_seen = np.ones(len(span), dtype=np.bool_)
    for view, reading in readings:
        if view.own:
            own_seen &= reading.observed
    domains = tuple(
        _domain(tuple(pair for pair in readings if pair[0].domain == name), own_seen, span * count)
        for name in sorted({view.domain for view in given.views})
    )
    contradictions = _contradictions(readings, own_seen)
    # Channels that contradict each other bound nothing; nor does custody below what the clause asks.
    trusted = () if contradictions else tuple(domain for domain in domains if domain.bounds)
    by_job = []
    for index in sorted(set(job_of.tolist())):
        here = job_of == index
        by_job.append(
            _job_account(
                given, domains, trusted, here=here, span=span, job=index, liars=liars, z_micro=z_micro
            )
        )
    return CellAccount(
        cell=given.cell,
        chip_ms=_total(span) * count,
        by_class=_by_class(trusted, span * count, liars),
        by_job=tuple(by_job),
        contradictions=contradictions,
    )


def _edges(given: CellInput, window: Window) -> IntArray:
    """Return the sorted instants at which anything changes: readings, jobs, the window's ends."""
    low, high = window.start.ms, window.end.ms
    parts: list[IntArray] = [np.array([low, high], dtype=np.int64)]
    for view in given.views:
        if view.steps is not None:
            parts += [view.steps.start, view.steps.end]
    for use in given.jobs:
        parts.append(np.array([use.window.start.ms, use.window.end.ms], dtype=np.int64))
    return np.unique(np.clip(np.concatenate(parts), low, high))


def _job_of(jobs: Sequence[JobUse], start: IntArray) -> IntArray:
    """Return, for each span, the index of the first job that claims it, or -1."""
    found = np.full(len(start), -1, dtype=np.int64)
    for index in range(len(jobs) - 1, -1, -1):
        window = jobs[index].window
        found[(start >= window.start.ms) & (start < window.end.ms)] = index
    return found


def _domain(
    readings: tuple[tuple[MeterView, Reading], ...], own_seen: BoolArray, chip_ms: IntArray
) -> _Domain:
    """Join the channels of one trust domain: all required, the larger answer where they differ."""
    observed = own_seen.copy()
    for _, reading in readings:
        observed &= reading.observed
    off = np.zeros(len(chip_ms), dtype=np.bool_)
    idle = np.ones(len(chip_ms), dtype=np.bool_)
    low, high = np.zeros_like(chip_ms), chip_ms.copy()
    for _, reading in readings:
        off |= reading.off
        idle &= reading.idle
        low, high = np.maximum(low, reading.active_low), np.minimum(high, reading.active_high)
    split = low > high
    low, high = np.where(split, high, low), np.where(split, low, high)
    low, high = np.where(observed & ~off, low, 0), np.where(observed, np.where(off, 0, high), chip_ms)
    kinds = np.where(observed, np.where(off, 1, np.where(idle, 2, 3)), 0)
    own = any(view.own for view, _ in readings)
    bounds = all(view.bounds for view, _ in readings)
    return _Domain(
        own=own,
        bounds=bounds,
        observed=observed,
        kinds=kinds,
        active_low=low,
        active_high=high,
        readings=readings,
    )


def _contradictions(
    readings: tuple[tuple[MeterView, Reading], ...], own_seen: BoolArray
) -> tuple[Contradiction, ...]:
    """Find pairs of meters whose bounds on the same time, energy or activity, do not meet."""
    found = []
    for position, (view, reading) in enumerate(readings):
        for other_view, other in readings[position + 1 :]:
            both = own_seen & reading.observed & other.observed
            if _disjoint(
                reading.active_low, reading.active_high, other.active_low, other.active_high, both
            ) or (view.covers_as(other_view) and _energies_disagree(view, reading, other_view, other, both)):
                found.append(Contradiction(one=view.meter, other=other_view.meter))
    return tuple(found)


def _total(values: IntArray) -> int:
    """Sum without overflow: the sum of a year of µJ does not fit into 64 bits, its two halves do."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def _disjoint(low: IntArray, high: IntArray, low2: IntArray, high2: IntArray, both: BoolArray) -> bool:
    return _total(low[both]) > _total(high2[both]) or _total(low2[both]) > _total(high[both])


def _energies_disagree(
    view: MeterView, reading: Reading, other_view: MeterView, other: Reading, both: BoolArray
) -> bool:
    if reading.energy is None or other.energy is None:
        return False
    slack = PPM + view.random_ppm + view.systematic_ppm + other_view.random_ppm + other_view.systematic_ppm
    low, high = (_total(bound[both]) for bound in reading.energy)
    low2, high2 = (_total(bound[both]) for bound in other.energy)
    return low * PPM > high2 * slack or low2 * PPM > high * slack


def _job_account(
    given: CellInput,
    domains: tuple[_Domain, ...],
    trusted: tuple[_Domain, ...],
    *,
    here: BoolArray,
    span: IntArray,
    job: int,
    liars: int,
    z_micro: int,
) -> JobAccount:
    chip_ms = _total(span[here]) * given.cell.count
    peak = _peak_flop(given, chip_ms)
    flops = sorted(_domain_flop(given, domain, here, span, z_micro) for domain in trusted)
    highs = sorted(_total(domain.active_high[here]) for domain in trusted)
    # One domain's testimony against itself always counts; others' only when more than f agree.
    own = [_total(domain.active_low[here]) for domain in domains if domain.own]
    others = sorted((_total(d.active_low[here]) for d in domains if not d.own), reverse=True)
    seen = np.zeros(len(span), dtype=np.int64)
    for domain in trusted:
        seen += domain.observed
    active_low = max([*own, *others[liars : liars + 1], 0])
    return JobAccount(
        job=given.jobs[job].job if job >= 0 else None,
        chip_ms=chip_ms,
        unobserved_chip_ms=_total(span[here & (seen <= liars)]) * given.cell.count,
        active_low_chip_ms=active_low,
        active_high_chip_ms=highs[liars] if len(highs) > liars else chip_ms,
        presumed_flop=given.peak_flop_per_second * active_low // 1000,
        flop_high=min(peak, flops[liars]) if len(flops) > liars else peak,
    )


def _peak_flop(given: CellInput, chip_ms: int) -> int:
    """`p t`, rounded up: what the chips could do at their highest dense peak."""
    return -(-given.peak_flop_per_second * chip_ms // 1000)


def _domain_flop(given: CellInput, domain: _Domain, here: BoolArray, span: IntArray, z_micro: int) -> int:
    """Bound the operations of the spans `here` by what one domain shows: each class at its own bound."""
    total = _peak_flop(given, _total(span[here & (domain.kinds == 0)]) * given.cell.count)
    for kind in (2, 3):
        picked = here & (domain.kinds == kind)
        if bool(picked.any()):
            total += min(_channel_bounds(given, domain, picked, span, z_micro))
    return total


def _channel_bounds(
    given: CellInput, domain: _Domain, picked: BoolArray, span: IntArray, z_micro: int
) -> Iterable[int]:
    """Yield the bounds of the time, activity and energy channels over the spans `picked`.

    Time: `p t`. Activity (busy time, tensor activity): `p t_active`. Energy: `(E - P_floor t) / e_min`
    summed over positive parts, with E raised by the meter's errors.
    """
    yield _peak_flop(given, _total(span[picked]) * given.cell.count)
    for view, reading in domain.readings:
        if reading.worked_high is not None:
            yield _peak_flop(given, _total(reading.worked_high[picked]))
        if reading.energy is not None:
            energy = reading.energy[1][picked]
            above = np.maximum(energy - view.floor_milliwatt * span[picked], 0)
            total = _total(energy)
            high = energy_high_microjoule(
                total=total,
                largest=int(energy.max()),
                random_ppm=view.random_ppm,
                systematic_ppm=view.systematic_ppm,
                z_micro=z_micro,
            )
            microjoule = _total(above) + high - total
            yield -(-microjoule * _MICROJOULE_IN_ATTOJOULE // given.attojoule_per_flop)


def _by_class(
    domains: tuple[_Domain, ...], chip_ms: IntArray, liars: int
) -> tuple[tuple[ChipTime, int], ...]:
    """Sum chip-time by class; where domains differ, the (f+1)-th best class counts."""
    kinds = np.zeros(len(chip_ms), dtype=np.int64)
    if len(domains) > liars:
        # From best for the site to worst: off, idle, active, unobserved.
        rank = np.sort(np.stack([(domain.kinds - 1) % 4 for domain in domains]), axis=0)[liars]
        kinds = (rank + 1) % 4
    return tuple((kind, _total(chip_ms[kinds == index])) for index, kind in enumerate(_KINDS))
