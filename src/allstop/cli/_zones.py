"""Zones of local time, as this machine's own database has them, turned into data that parties can agree on.

The only place that reads that database. It differs between machines, so nothing that is signed or judged rests on
it: what parties agree is the table that comes out.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allstop.clocks import Offset
from allstop.errors import NotFoundError, UsageError
from allstop.times import HOUR_MS, Instant

__all__ = ["load_zone", "offset_minutes", "offsets_between"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP_MS = 6 * HOUR_MS
"""No zone has ever changed its clocks twice within six hours."""


def load_zone(name: str) -> ZoneInfo:
    """Return a zone by its name, such as `Europe/Vienna`.

    Raises:
        NotFoundError: this machine has no zone of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise NotFoundError(
            f"there is no zone {name[:64]!r} on this machine",
            hint="names are like Europe/Vienna; without any zones, install the system's package tzdata",
        ) from exc


def offset_minutes(zone: ZoneInfo, at: Instant) -> int:
    """Return by how many minutes local time is ahead of UTC.

    Raises:
        UsageError: it is no whole number of minutes, as before the zones of today.
    """
    ahead = (_EPOCH + timedelta(milliseconds=at.ms)).astimezone(zone).utcoffset() or timedelta()
    minutes, rest = divmod(ahead, timedelta(minutes=1))
    if rest:
        raise UsageError(f"local time in {zone.key} was {ahead} from UTC then, want whole minutes")
    return minutes


def offsets_between(zone: ZoneInfo, start: Instant, end: Instant) -> tuple[Offset, ...]:
    """Return the offset at `start` and every change of it before `end`, to the second.

    Raises:
        UsageError: an offset is no whole number of minutes.
    """
    found = [Offset(start=start, minutes=offset_minutes(zone, start))]
    ms = start.ms
    while ms < end.ms:
        ahead = min(ms + _STEP_MS, end.ms)
        minutes = offset_minutes(zone, Instant(ahead))
        if minutes != found[-1].minutes:
            found.append(Offset(start=_change(zone, ms, ahead), minutes=minutes))
        ms = ahead
    return tuple(one for one in found if one.start < end)


def _change(zone: ZoneInfo, low: int, high: int) -> Instant:
    """Return the first second at which the offset is that of `high`, by halving."""
    after = offset_minutes(zone, Instant(high))
    while high - low > 1000:
        middle = low + (high - low) // 2000 * 1000
        low, high = (low, middle) if offset_minutes(zone, Instant(middle)) == after else (middle, high)
    return Instant(high)
