"""`client.json` of MLPerf's power measurements: when the phases of a session began and ended.

The client asks the machine with the meter to start and stop; its wall-clock times are UTC. Only the
session name, the phases and the timezone are read.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

from allstop.errors import MalformedError
from allstop.ingest._source import SourceFile, open_source, parse_foreign_json
from allstop.times import Instant, Window

__all__ = ["ClientLog", "read_client_log"]

_OFFSET_SECONDS_MAX = 14 * 3600
_POINTS_COUNT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLog:
    """One session: `2024-07-17_01-39-59`, its testing phase, and the timezone of the client.

    `testing` runs from the first request to start to the last answer to stop; `running` is the span
    between the two requests that the workload itself can have used. `timezone_seconds` is what the file
    says and has no fixed sign.
    """

    session: str
    testing: Window
    running: Window
    timezone_seconds: int


def read_client_log(path: Path) -> ClientLog:
    """Read `client.json`.

    Raises:
        NotFoundError: there is no such file.
        MalformedError: it is not in the format, or its phases run backwards.
        LimitError: the file is too large.
    """
    source = open_source(path, bytes_max=4 * 1024 * 1024)
    try:
        value = parse_foreign_json(source.data.decode("utf-8"))
        session, zone, points = value["session_name"], value["timezone"], value["phases"]["testing"]
        times = [_seconds(point[0]) for point in points]
    except (ValueError, KeyError, TypeError, IndexError) as exc:
        raise MalformedError(f"{source.name} is no client log with a testing phase") from exc
    if type(session) is not str or not 1 <= len(session) <= 128:
        raise MalformedError(f"{source.name} has no session name")
    if type(zone) is not int or abs(zone) > _OFFSET_SECONDS_MAX:
        raise MalformedError(f"{source.name} has a timezone that is no number of seconds within 14 hours")
    return _client_log(source, session, zone, times)


def _seconds(value: Any) -> Decimal:
    if type(value) not in (int, Decimal):
        raise ValueError("time is no number")
    seconds = Decimal(value)
    if not 0 <= seconds < 10**11:
        raise ValueError("time is out of range")
    return seconds


def _client_log(source: SourceFile, session: str, zone: int, times: list[Decimal]) -> ClientLog:
    if len(times) != _POINTS_COUNT or sorted(times) != times or times[0] == times[-1] or times[1] == times[2]:
        raise MalformedError(f"{source.name} has a testing phase that is not {_POINTS_COUNT} times in order")
    # Outward rounding: the phase may only become longer by it.
    floors = [int((time * 1000).to_integral_value(ROUND_FLOOR)) for time in times]
    ceilings = [int((time * 1000).to_integral_value(ROUND_CEILING)) for time in times]
    try:
        return ClientLog(
            session=session,
            testing=Window(start=Instant(floors[0]), end=Instant(ceilings[3])),
            running=Window(start=Instant(floors[1]), end=Instant(ceilings[2])),
            timezone_seconds=zone,
        )
    except ValueError as exc:
        raise MalformedError(f"{source.name}: {exc}") from exc
