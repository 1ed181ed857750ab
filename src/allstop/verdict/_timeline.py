"""Where chip-time went, for pictures: one bar a site, and the same over time.

No verdict rests on this. Both come from the balances that the accounts use, a part of a period at a time,
so that a picture shows what was judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from allstop.accountancy import AreaBalance, ChipTime
from allstop.finding import Level
from allstop.ids import Name
from allstop.times import Instant, Window
from allstop.verdict._replays import ReplayState
from allstop.verdict._verdict import CaseVerdict

__all__ = ["Segment", "TimelineBin", "segments_of", "timeline_of"]


class Segment(Enum):
    """What a stretch of chip-time was, from best shown to worst; the values are the words of reports."""

    VERIFIED = "verified"
    PLAUSIBLE = "plausible"
    DECLARED = "declared"
    UNACCOUNTED = "unaccounted"
    IDLE = "idle"
    OFF = "off"
    UNOBSERVED = "unobserved"


_LEVELS = {
    Level.VERIFIED: Segment.VERIFIED,
    Level.PLAUSIBLE: Segment.PLAUSIBLE,
    Level.DECLARED: Segment.DECLARED,
}

Segments = tuple[tuple[Segment, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineBin:
    """Chip-ms by segment in one stretch of time."""

    window: Window
    segments: Segments


def segments_of(verdict: CaseVerdict, site: Name) -> Segments:
    """Return a site's chip-time by segment, in chip-ms, over all judged periods; every segment once, in order.

    Active chip-time is counted at its upper bound and goes to the level of its job; activity that the job's
    replayed items cannot have taken, activity of a job whose replay failed or was refused, and activity under no
    declaration, is unaccounted. Where nobody has timed the items of a verified job, its time is plausible.
    """
    account = next(one for one in verdict.sites if one.site == site)
    return _sum([_split(verdict, pair[0]) for pair in account.balances])


def timeline_of(verdict: CaseVerdict, site: Name, *, bins_max: int = 120) -> tuple[TimelineBin, ...]:
    """Return a site's chip-time over all judged periods, in at most about `bins_max` equal stretches.

    Each period adds up to what `segments_of` shows of it. Upper bounds of its stretches sum to more, and
    re-execution says how much of a period's activity is too much, not when it was: both are shared out evenly
    over what a job did.
    """
    account = next(one for one in verdict.sites if one.site == site)
    if not account.balances:
        return ()
    per_period = max(1, bins_max // len(account.balances))
    bins = []
    for balance, _ in account.balances:
        period = balance.window
        step = max(1, -(-period.duration_ms // per_period))
        found = []
        for start in range(period.start.ms, period.end.ms, step):
            window = Window(start=Instant(start), end=Instant(min(start + step, period.end.ms)))
            # A whole period is accounted for already; each part costs a pass over all its meters.
            part = balance if window == period else verdict.areas.part(site, window, of=period)
            found.append(TimelineBin(window=window, segments=_split(verdict, part)))
        bins += _spread(found, dict(_split(verdict, balance)))
    return tuple(bins)


def _spread(found: list[TimelineBin], whole: Mapping[Segment, int]) -> list[TimelineBin]:
    """Scale the activity of stretches down to that of their period, with as much of it unaccounted."""
    total = dict(_sum([one.segments for one in found]))
    levels = tuple(_LEVELS.values())
    over = {segment: max(0, total[segment] - whole[segment]) for segment in (*levels, Segment.UNACCOUNTED)}
    pool = sum(over[level] for level in levels)
    excess = min(pool, max(0, whole[Segment.UNACCOUNTED] - total[Segment.UNACCOUNTED]))
    spread = []
    for one in found:
        parts = dict(one.segments)
        cut = {segment: parts[segment] * amount // (total[segment] or 1) for segment, amount in over.items()}
        beyond = sum(cut[level] for level in levels) * excess // (pool or 1)
        for segment, amount in cut.items():
            parts[segment] -= amount
        parts[Segment.UNACCOUNTED] += beyond
        parts[Segment.IDLE] += sum(cut.values()) - beyond
        spread.append(TimelineBin(window=one.window, segments=tuple(parts.items())))
    return spread


def _split(verdict: CaseVerdict, balance: AreaBalance) -> Segments:
    levels = _levels(verdict, balance.site)
    found = dict.fromkeys(Segment, 0)
    classes: Mapping[ChipTime, int] = dict(balance.by_class)
    found[Segment.UNOBSERVED] = balance.unobserved_chip_ms
    found[Segment.OFF] = min(classes.get(ChipTime.OFF, 0), balance.chip_ms - balance.unobserved_chip_ms)
    for part in balance.by_job:
        active = max(0, min(part.active_high_chip_ms, part.chip_ms) - part.unobserved_chip_ms)
        excess = active if part.job is None else min(part.excess_low_chip_ms, active)
        found[Segment.UNACCOUNTED] += excess
        segment = Segment.UNACCOUNTED if part.job is None else levels.get(part.job, Segment.UNACCOUNTED)
        found[segment] += active - excess
    shown = sum(found.values())
    found[Segment.IDLE] = max(0, balance.chip_ms - shown)
    return tuple(found.items())


def _levels(verdict: CaseVerdict, site: Name) -> Mapping[Name, Segment]:
    """Return what the chip-time of each job of a site is shown as."""
    replays = [one for one in verdict.replays if one.job is not None and one.filed.value.site == site]
    caught = (ReplayState.FAILED, ReplayState.REFUSED)
    disproven = {one.filed.value.job for one in replays if one.state in caught}
    untimed = {one.filed.value.job for one in replays if one.item_ns is None}
    found = {
        job.job: _LEVELS[job.level] for job in verdict.jobs if job.site == site and job.level is not None
    }
    for name, segment in found.items():
        # A job that was caught at inventing its work accounts for nothing, however well it fits the meters.
        if name in disproven:
            found[name] = Segment.UNACCOUNTED
        # Items that nobody has timed verify themselves, not the time that the chips worked.
        elif name in untimed and segment is Segment.VERIFIED:
            found[name] = Segment.PLAUSIBLE
    return found


def _sum(parts: list[Segments]) -> Segments:
    total = dict.fromkeys(Segment, 0)
    for part in parts:
        for segment, chip_ms in part:
            total[segment] += chip_ms
    return tuple(total.items())
