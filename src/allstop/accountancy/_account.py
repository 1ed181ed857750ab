"""The account of one cell over one window: chip-time by class, activity, and the room to hide.

Implements spec/balance.md sections 3 and 4. Everything is an integer: ms, chip-ms, mW, µJ, FLOP. What
is not shown good counts at its worst: unobserved chip-time could all have been used at full speed.

What is not done here: deciding whether readings may be believed (`allstop.verdict`), and crediting
operations that were replayed (`balance_of`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Self

import numpy as np

from allstop.accountancy._cells import Cell
from allstop.accountancy._statistics import inflation_ppm
from allstop.accountancy._steps import BoolArray, IntArray
from allstop.accountancy._views import (
    ChipPower,
    MeterView,
    Reading,
    activity_of,
    energy_flop_high,
    energy_of,
    exact_total,
    peak_flop,
    read_view,
)
from allstop.finding import Channel
from allstop.ids import Name
from allstop.times import Window
from allstop.units import PPM

__all__ = ["CellAccount", "CellInput", "ChipTime", "Contradiction", "JobAccount", "JobUse", "account_cell"]


class ChipTime(Enum):
    """The class of a stretch of chip-time, the first that fits (DESIGN section 6)."""

    UNOBSERVED = "unobserved"
    OFF = "off"
    IDLE = "idle"
    ACTIVE = "active"


_KINDS = (ChipTime.OFF, ChipTime.IDLE, ChipTime.ACTIVE, ChipTime.UNOBSERVED)
_OFF, _IDLE, _ACTIVE, _UNOBSERVED = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobUse:
    """A declared job's claim on a cell: when it says that it used all of the cell's chips."""

    job: Name
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class CellInput:
    """Everything that the account of one cell rests on.

    `views` are the meters registered for the cell, `jobs` the declarations that name it, earliest in the
    log first: of two that overlap the first counts.
    """

    cell: Cell
    chip: ChipPower
    views: tuple[MeterView, ...]
    jobs: tuple[JobUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAccount:
    """One cell's chip-time under one job, or under none (`job` is None).

    `chip_ms` is all of it; `active_low..active_high` bounds the part that worked; `flop_high` bounds
    the operations that could have been done in it; `presumed_flop` are the operations of the part that
    worked for sure, at peak, for clauses that presume the worst of undeclared use; `unobserved_chip_ms`
    is the part nobody saw. `balance_of` adds what replay shows: `credited_flop` of it, and
    `excess_low..excess_high`, the part that worked beyond what the replayed items take.
    """

    job: Name | None
    chip_ms: int
    unobserved_chip_ms: int
    active_low_chip_ms: int
    active_high_chip_ms: int
    presumed_flop: int
    flop_high: int
    credited_flop: int = 0
    excess_low_chip_ms: int = 0
    excess_high_chip_ms: int = 0

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
            credited_flop=self.credited_flop + other.credited_flop,
            excess_low_chip_ms=self.excess_low_chip_ms + other.excess_low_chip_ms,
            excess_high_chip_ms=self.excess_high_chip_ms + other.excess_high_chip_ms,
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
class _Spans:
    """The cell's elementary spans: in none of them does anything change."""

    start: IntArray
    span: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Domain:
    """What one trust domain shows of the cell, span by span. `kinds` index `_KINDS`, best first."""

    own: bool
    bounds: bool
    kinds: IntArray
    readings: tuple[tuple[MeterView, Reading], ...]


def account_cell(given: CellInput, *, window: Window, liars: int, z_micro: int) -> CellAccount:
    """Account for one cell over `window`.

    `liars` is f, the number of trust domains that may lie; `z_micro` the quantile, in millionths, at
    which random errors of meters are bounded.
    """
    spans = _spans(given, window)
    count = given.cell.count
    readings = tuple((view, read_view(view, start=spans.start)) for view in given.views)
    contradictions, void = _contradictions(readings, spans, count)
    seen = ~void
    for view, reading in readings:
        # Every meter of the operator is required; of others, what they say that they have read.
        seen &= reading.observed if view.own else reading.observed | ~_within(view.missing, spans.start)
    domains = tuple(
        _domain(tuple(pair for pair in readings if pair[0].domain == name), seen)
        for name in sorted({view.domain for view in given.views})
    )
    job_of = _job_of(given.jobs, spans.start)
    by_job = []
    for index, first, last in _runs(job_of):
        part = _Spans(start=spans.start[first:last], span=spans.span[first:last])
        by_job.append(
            _job_account(
                given,
                tuple(_cut(domain, first, last) for domain in domains),
                part,
                here=job_of[first:last] == index,
                job=given.jobs[index].job if index >= 0 else None,
                liars=liars,
                z_micro=z_micro,
            )
        )
    trusted = tuple(domain for domain in domains if domain.bounds)
    return CellAccount(
        cell=given.cell,
        chip_ms=exact_total(spans.span) * count,
        by_class=_by_class(trusted, spans, count, liars),
        by_job=tuple(by_job),
        contradictions=contradictions,
    )


def _spans(given: CellInput, window: Window) -> _Spans:
    """Cut the window wherever anything changes: readings, missing readings, jobs."""
    low, high = window.start.ms, window.end.ms
    parts: list[IntArray] = [np.array([low, high], dtype=np.int64)]
    for view in given.views:
        if view.steps is not None:
            parts += [view.steps.start, view.steps.end]
    cuts = [one for view in given.views for one in view.missing] + [use.window for use in given.jobs]
    parts.append(np.array([ms for cut in cuts for ms in (cut.start.ms, cut.end.ms)], dtype=np.int64))
    edges = np.unique(np.clip(np.concatenate(parts), low, high))
    return _Spans(start=edges[:-1], span=np.diff(edges))


def _within(windows: Sequence[Window], start: IntArray) -> BoolArray:
    found = np.zeros(len(start), dtype=np.bool_)
    for window in windows:
        first, last = np.searchsorted(start, (window.start.ms, window.end.ms))
        found[first:last] = True
    return found


def _job_of(jobs: Sequence[JobUse], start: IntArray) -> IntArray:
    """Return, for each span, the index of the first job that claims it, or -1."""
    found = np.full(len(start), -1, dtype=np.int64)
    for index in range(len(jobs) - 1, -1, -1):
        window = jobs[index].window
        first, last = np.searchsorted(start, (window.start.ms, window.end.ms))
        found[first:last] = index
    return found


def _runs(job_of: IntArray) -> Iterator[tuple[int, int, int]]:
    """Yield each job's index with the first and last span that can be its own, so that others are not scanned."""
    order = np.argsort(job_of, kind="stable")
    ordered = job_of[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    last = np.concatenate((first[1:], [len(ordered)])) - 1
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        yield int(ordered[begin]), int(order[begin]), int(order[end]) + 1


def _cut(domain: "_Domain", first: int, last: int) -> "_Domain":
    """Return what a domain shows of some spans in a row."""
    return _Domain(
        own=domain.own,
        bounds=domain.bounds,
        kinds=domain.kinds[first:last],
        readings=tuple(
            (
                view,
                Reading(
                    observed=reading.observed[first:last],
                    off=reading.off[first:last],
                    idle=reading.idle[first:last],
                    step=reading.step[first:last],
                ),
            )
            for view, reading in domain.readings
        ),
    )


def _domain(readings: tuple[tuple[MeterView, Reading], ...], seen: BoolArray) -> _Domain:
    """Join the channels of one trust domain: all of them are required, and all must say idle."""
    observed = seen.copy()
    off = np.zeros(len(seen), dtype=np.bool_)
    idle = np.ones(len(seen), dtype=np.bool_)
    for view, reading in readings:
        observed &= reading.observed
        off |= reading.off
        idle &= reading.idle | (view.channel is Channel.BREAKER)
    # A switch alone tells off from on, never idle from active.
    idle &= any(view.channel is not Channel.BREAKER for view, _ in readings)
    kinds = np.where(off, _OFF, np.where(idle, _IDLE, _ACTIVE))
    return _Domain(
        own=any(view.own for view, _ in readings),
        bounds=all(view.bounds for view, _ in readings),
        kinds=np.where(observed, kinds, _UNOBSERVED),
        readings=readings,
    )


def _contradictions(
    readings: tuple[tuple[MeterView, Reading], ...], spans: _Spans, count: int
) -> tuple[tuple[Contradiction, ...], BoolArray]:
    """Find pairs of meters whose bounds on the same time do not meet, and the time that they spoil.

    Series are compared with series, and a contradiction spoils all the time that the two share: leaving
    out either of them then leaves at least that time unobserved, so nobody gains by it.
    """
    found = []
    void = np.zeros(len(spans.span), dtype=np.bool_)
    for position, one in enumerate(readings):
        for other in readings[position + 1 :]:
            clash = np.zeros(len(void), dtype=np.bool_)
            for shared in _shared_parts(one, other):
                if _disagree(one, other, shared, spans, count):
                    clash |= shared
            if bool(clash.any()):
                found.append(Contradiction(one=one[0].meter, other=other[0].meter))
                void |= clash
    return tuple(found), void


def _shared_parts(one: tuple[MeterView, Reading], other: tuple[MeterView, Reading]) -> Iterator[BoolArray]:
    """Yield, for each pair of series that overlap in time, the spans that both observed."""
    if one[0].steps is None or other[0].steps is None:
        return
    both = one[1].observed & other[1].observed
    if not bool(both.any()):
        return
    place = np.flatnonzero(both)
    first, second = one[0].steps.part[one[1].step[place]], other[0].steps.part[other[1].step[place]]
    breaks = np.flatnonzero((first[1:] != first[:-1]) | (second[1:] != second[:-1])) + 1
    for piece in np.split(place, breaks):
        shared = np.zeros(len(both), dtype=np.bool_)
        shared[piece] = True
        yield shared


def _disagree(
    one: tuple[MeterView, Reading],
    other: tuple[MeterView, Reading],
    shared: BoolArray,
    spans: _Spans,
    count: int,
) -> bool:
    """Tell whether two meters cannot both be right about these spans: activity, or energy if they see the same chips."""
    mine = activity_of(*one, picked=shared, span=spans.span, count=count)
    theirs = activity_of(*other, picked=shared, span=spans.span, count=count)
    if mine.low > theirs.high or theirs.low > mine.high:
        return True
    energy, energy2 = (energy_of(*pair, picked=shared, span=spans.span) for pair in (one, other))
    if energy is None or energy2 is None or not one[0].covers_as(other[0]):
        return False
    slack = PPM + sum(view.random_ppm + view.systematic_ppm for view, _ in (one, other))
    return energy.low * PPM > energy2.high * slack or energy2.low * PPM > energy.high * slack


def _job_account(
    given: CellInput,
    domains: tuple[_Domain, ...],
    spans: _Spans,
    *,
    here: BoolArray,
    job: Name | None,
    liars: int,
    z_micro: int,
) -> JobAccount:
    count = given.cell.count
    chip_ms = exact_total(spans.span[here]) * count
    peak = peak_flop(given.chip, chip_ms)
    trusted = [domain for domain in domains if domain.bounds]
    flops = sorted(_domain_flop(given, domain, here, spans, z_micro) for domain in trusted)
    highs = sorted(_active_high(domain, here, spans, count) for domain in trusted)
    # One domain's testimony against itself always counts; others' only when more than f agree.
    own = [_active_low(domain, here, spans, count) for domain in domains if domain.own]
    others = sorted((_active_low(d, here, spans, count) for d in domains if not d.own), reverse=True)
    witnesses = np.zeros(len(here), dtype=np.int64)
    for domain in trusted:
        witnesses += domain.kinds != _UNOBSERVED
    active_low = max([*own, *others[liars : liars + 1], 0])
    active_high = highs[liars] if len(highs) > liars else chip_ms
    return JobAccount(
        job=job,
        chip_ms=chip_ms,
        unobserved_chip_ms=exact_total(spans.span[here & (witnesses <= liars)]) * count,
        active_low_chip_ms=active_low,
        active_high_chip_ms=max(active_high, active_low),
        presumed_flop=given.chip.peak_flop_per_second * active_low // 1000,
        flop_high=min(peak, flops[liars]) if len(flops) > liars else peak,
    )


def _active_low(domain: _Domain, here: BoolArray, spans: _Spans, count: int) -> int:
    """Return the chip-time that worked for sure by one domain's word.

    Each channel speaks for itself: what one of them shows is not undone by a gap in another.
    """
    return max(
        activity_of(view, reading, picked=here, span=spans.span, count=count).low
        for view, reading in domain.readings
    )


def _active_high(domain: _Domain, here: BoolArray, spans: _Spans, count: int) -> int:
    """Return the chip-time that may have worked by one domain's word: all that it does not observe."""
    blind = exact_total(spans.span[here & (domain.kinds == _UNOBSERVED)]) * count
    picked = here & ((domain.kinds == _IDLE) | (domain.kinds == _ACTIVE))
    return blind + min(
        activity_of(view, reading, picked=picked, span=spans.span, count=count).high
        for view, reading in domain.readings
    )


def _domain_flop(given: CellInput, domain: _Domain, here: BoolArray, spans: _Spans, z_micro: int) -> int:
    """Bound the operations of the spans `here` by what one domain shows, each class at its own bound."""
    total = 0
    for kind in (_IDLE, _ACTIVE):
        picked = here & (domain.kinds == kind)
        total += min(_channel_bounds(given, domain, picked, spans, z_micro))
    blind = spans.span[here & (domain.kinds == _UNOBSERVED)]
    return total + peak_flop(given.chip, exact_total(blind) * given.cell.count)


def _channel_bounds(
    given: CellInput, domain: _Domain, picked: BoolArray, spans: _Spans, z_micro: int
) -> Iterator[int]:
    """Yield the bounds of the time, activity and energy channels over the spans `picked`.

    Time: `p t`. Energy: `energy_flop_high`, which leaves something to idle time. Activity (busy time, tensor
    activity): `p t_active`, of idle time too: were it looser with a power meter than without, a site would
    gain by not registering one.
    """
    count = given.cell.count
    yield peak_flop(given.chip, exact_total(spans.span[picked]) * count)
    for view, reading in domain.readings:
        if view.channel in (Channel.POWER, Channel.ENERGY):
            yield energy_flop_high(
                view, reading, given.chip, picked=picked, span=spans.span, count=count, z_micro=z_micro
            )
        elif view.channel is not Channel.BREAKER:
            own = view.random_ppm + view.systematic_ppm
            error = inflation_ppm(
                random_ppm=view.random_ppm, systematic_ppm=view.systematic_ppm, z_micro=z_micro
            )
            active = activity_of(
                view, reading, picked=picked, span=spans.span, count=count, error_ppm=max(own, error)
            )
            yield peak_flop(given.chip, active.high)


def _by_class(
    domains: tuple[_Domain, ...], spans: _Spans, count: int, liars: int
) -> tuple[tuple[ChipTime, int], ...]:
    """Sum chip-time by class; where domains differ, the (f+1)-th best class for the site counts."""
    kinds = np.full(len(spans.span), _UNOBSERVED, dtype=np.int64)
    if len(domains) > liars:
        kinds = np.sort(np.stack([domain.kinds for domain in domains]), axis=0)[liars]
    return tuple((kind, exact_total(spans.span[kinds == place]) * count) for place, kind in enumerate(_KINDS))
