"""Ramp-downs: between which bounds each site was seen to stop, apart from the instant at which it had to.

Implements spec/halting.md section 7. No verdict rests on this. It is derived from the meters, classes, custody and
liars of the accounts, and is a bound on either side, never a lone figure.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from allstop.agreement import Obligation
from allstop.ids import Name
from allstop.times import Instant, Window
from allstop.verdict._halts import Halt, halts_begun
from allstop.verdict._levels import level_jobs
from allstop.verdict._running import permitted_jobs
from allstop.verdict._stretches import Stretch, stretches_of
from allstop.verdict._verdict import CaseVerdict

__all__ = ["RampDown", "Stopping", "ramp_downs_of"]

_PARTS = 32
"""Into how many parts a stretch is cut, and the part that matters again; each costs a pass over a site's meters."""

_CUTS = 2


class Stopping(Enum):
    """What meters say about when a site stopped. The value is the word of reports."""

    STOPPED = "stopped"
    """It was seen to stop, between two bounds."""
    UNKNOWN = "unknown"
    """Nobody can say that it stopped, or that it ran on."""
    RUNNING = "running"
    """By meters alone it ran on, into the last part of what was judged."""
    UNJUDGED = "unjudged"
    """No period that has ended holds anything after the instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RampDown:
    """When one site was seen to stop after one halt began.

    Example: clause "1.1", `hall-1` of `alder`, legal instant 2027-03-28T09:00:00Z, stopped between 118_125 ms and
    236_250 ms after it. `drained` is the end of the agreed time to drain, `until` the end of what was judged.
    `earliest_ms` is None only if it was seen to run on, or nothing was judged; `latest_ms` unless it was seen to stop.
    """

    clause: str
    party: Name
    site: Name
    legal: Instant
    drained: Instant
    until: Instant | None
    outcome: Stopping
    earliest_ms: int | None
    latest_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A part of a stretch with the least and the most chip-ms of activity that the clause forbids."""

    window: Window
    stretch: Stretch
    low: int
    high: int


Pick = Callable[[_Part], int]
"""Takes the lower or the upper bound of a part."""


def ramp_downs_of(verdict: CaseVerdict) -> tuple[RampDown, ...]:
    """Return for each halt that has begun, and each site of a judged party, when it was seen to stop."""
    judged = {party.party for party in verdict.parties}
    below: dict[Obligation, dict[Name, list[Name]]] = {}
    found = []
    for halt in halts_begun(verdict.facts, at=verdict.at):
        if halt.operator not in judged:
            continue
        if halt.obligation not in below:
            below[halt.obligation] = _below(verdict, halt.obligation)
        site = _Site(verdict, halt.obligation, halt.site, below[halt.obligation].get(halt.site, ()))
        applies = stretches_of(
            verdict.facts, halt.obligation, halt.operator, verdict.windows, is_drained=False
        )
        found.append(_ramp_down(verdict, halt, site, [one for one in applies if one.since == halt.legal]))
    return tuple(found)


def _below(verdict: CaseVerdict, obligation: Obligation) -> dict[Name, list[Name]]:
    """Return, site by site, the declared jobs that do not reach the level of a clause."""
    levels = level_jobs(verdict.facts, verdict.areas, verdict.windows, custody=obligation.custody)
    found: dict[Name, list[Name]] = {}
    for job in levels:
        if job.level is None or job.level < obligation.level:
            found.setdefault(job.site, []).append(job.job)
    return found


def _ramp_down(verdict: CaseVerdict, halt: Halt, site: "_Site", stretches: Sequence[Stretch]) -> RampDown:
    outcome: Stopping = Stopping.UNJUDGED
    bounds: tuple[int | None, int | None] = (None, None)
    if stretches:
        outcome, bounds = _bound(site, stretches)
    earliest, latest = (None if ms is None else ms - halt.legal.ms for ms in bounds)
    return RampDown(
        clause=halt.obligation.clause,
        party=halt.operator,
        site=halt.site,
        legal=halt.legal,
        drained=halt.legal.plus(verdict.facts.drain_ms),
        until=stretches[-1].window.end if stretches else None,
        outcome=outcome,
        earliest_ms=earliest,
        latest_ms=latest,
    )


def _bound(site: "_Site", stretches: Sequence[Stretch]) -> tuple[Stopping, tuple[int | None, int | None]]:
    """Return what was seen of a site, and when it stopped at the earliest and at the latest, in ms since 1970."""
    wholes = [site.read(one.window, one) for one in stretches]
    start, until = wholes[0].window.start.ms, wholes[-1].window.end.ms
    sure, depth = _last_above(site, wholes, lambda part: part.low)
    if sure is not None and depth == _CUTS and sure.window.end.ms == until:
        return Stopping.RUNNING, (None, None)
    earliest = start if sure is None else sure.window.start.ms
    earliest = max(earliest, _surely_after(site, wholes) or start)
    maybe, _ = _last_above(site, wholes, lambda part: part.high)
    latest = start if maybe is None else maybe.window.end.ms
    if maybe is not None and latest == until:
        return Stopping.UNKNOWN, (earliest, None)
    return Stopping.STOPPED, (min(earliest, latest), latest)


def _last_above(site: "_Site", wholes: Sequence[_Part], pick: Pick) -> tuple[_Part | None, int]:
    """Return the last part in which more was active than the clause allows for its length, and how often it was cut.

    Looked at is the last stretch with the tolerance or more, else the first: what stays below the tolerance
    later on breaks nothing. More activity never leads to an earlier part, so that bounds of it are bounds of the end.
    """
    bad = [whole for whole in wholes if pick(whole) >= site.tolerance]
    found: _Part | None = bad[-1] if bad else None
    part = bad[-1] if bad else wholes[0]
    for depth in range(_CUTS):
        above = [piece for piece in site.cut(part) if site.is_above(pick(piece), piece.window)]
        if not above:
            return found, depth
        found = part = above[-1]
    return found, _CUTS


def _surely_after(site: "_Site", wholes: Sequence[_Part]) -> int | None:
    """Return the last instant tried after which more was surely active than the clause allows, to the end.

    Between two readings activity may lie anywhere, so a short piece shows none for sure; what follows an instant
    as a whole does.
    """
    bad = [whole for whole in wholes if whole.low >= site.tolerance]
    if not bad:
        return None
    last, end = bad[-1], bad[-1].window.end
    tails = [Window(start=piece.window.start, end=end) for piece in site.cut(last)]
    sure = [tail.start.ms for tail in tails if site.is_above(site.read(tail, last.stretch).low, tail)]
    return max(sure, default=None)


class _Site:
    """Reads how much of a stretch of time at one site a clause forbids. Caps and replays are left out."""

    def __init__(
        self, verdict: CaseVerdict, obligation: Obligation, site: Name, below: Collection[Name]
    ) -> None:
        self.tolerance = obligation.tolerance
        self.period_ms = verdict.agreement.accounting.period_ms
        self._facts = verdict.facts
        self._gap_ms = verdict.agreement.verification.gap_ms_max
        self._areas = verdict.areas
        self._name = site
        self._custody = obligation.custody
        self._jobs = verdict.areas.jobs(site)
        self._below = below
        self._seen: dict[Window, _Part] = {}

    def read(self, window: Window, stretch: Stretch) -> _Part:
        """Bound the forbidden activity of a window that lies in a stretch; both bounds are read once."""
        if window not in self._seen:
            self._seen[window] = self._read(window, stretch)
        return self._seen[window]

    def _read(self, window: Window, stretch: Stretch) -> _Part:
        part = Stretch(window=window, period=stretch.period, since=stretch.since)
        balance = self._areas.part(self._name, window, of=stretch.period, custody=self._custody)
        allowed = permitted_jobs(self._facts, self._jobs, part)
        low, high = balance.undeclared.active_low_chip_ms, balance.undeclared.active_high_chip_ms
        for one in balance.by_job:
            if one.job is not None and one.job not in allowed:
                low, high = low + one.active_low_chip_ms, high + one.active_high_chip_ms
            elif one.job is not None and one.job in self._below:
                high += one.active_high_chip_ms
        return _Part(window=window, stretch=stretch, low=low, high=high)

    def is_above(self, chip_ms: int, window: Window) -> bool:
        """Tell whether so much activity would reach the tolerance if it went on for a period."""
        return chip_ms * self.period_ms >= self.tolerance * window.duration_ms

    def cut(self, part: _Part) -> list[_Part]:
        """Return the pieces of a part, oldest first."""
        start, end = part.window.start.ms, part.window.end.ms
        # Within the longest gap between readings that counts as seen, nothing is told apart.
        step = max(-(-(end - start) // _PARTS), self._gap_ms)
        windows = [
            Window(start=Instant(first), end=Instant(min(first + step, end)))
            for first in range(start, end, step)
        ]
        return [self.read(window, part.stretch) for window in windows]
