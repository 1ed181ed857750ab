"""MLPerf's `:::MLLOG` lines: one JSON object a line, after an optional rank such as ` 12: `."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allstop.ingest._source import SourceFile, parse_foreign_json
from allstop.times import INSTANT_MS_MAX

__all__ = ["LogEvent", "log_events"]

_MARK = ":::MLLOG"
_LINE = re.compile(r"(?:\s*[0-9]{1,6}:\s)?:::MLLOG (\{.*\})\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One event: `{"time_ms": 1715968181549, "key": "power_reading", "value": 6142, "metadata": ""}`.

    `value` is what the file holds, `null` and the text "null" alike as None.
    """

    line: int
    at_ms: int
    key: str
    value: Any
    metadata: dict[str, Any]


def log_events(source: SourceFile, *, only: bool) -> Iterator[LogEvent]:
    """Yield the events of a log in the order of the file.

    With `only`, a line that is no event is an error; without, lines of other programs are passed over.

    Raises:
        MalformedError: a line that speaks of MLLOG is not in that form.
    """
    for number, text in source.lines():
        if not only and _MARK not in text:
            continue
        match = _LINE.match(text)
        if match is None:
            raise source.malformed(number, f"is {text.strip()[:24]!r}, want a {_MARK} event")
        try:
            event = parse_foreign_json(match[1])
        except ValueError as exc:
            raise source.malformed(number, "is not one JSON object") from exc
        yield _event(source, number, event)


def _event(source: SourceFile, number: int, event: dict[str, Any]) -> LogEvent:
    at_ms, key = event.get("time_ms"), event.get("key")
    if type(at_ms) is not int or not 0 <= at_ms <= INSTANT_MS_MAX:
        raise source.malformed(number, "has no time_ms between 1970 and 9999")
    if type(key) is not str or "value" not in event:
        raise source.malformed(number, "has no key and value")
    value, metadata = event["value"], event.get("metadata")
    return LogEvent(
        line=number,
        at_ms=at_ms,
        key=key,
        value=None if value == "null" else value,
        metadata=metadata if isinstance(metadata, dict) else {},
    )
