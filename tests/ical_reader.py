"""A strict reader of calendar files (RFC 5545), as much of it as events with alarms need, for tests."""

import re
from dataclasses import dataclass, field

LINE = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[^;:,\"]+)*):(.*)\Z", re.DOTALL)
STAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z\Z")
TRIGGER = re.compile(r"-P[0-9]+D\Z")
REQUIRED = {
    "VCALENDAR": {"VERSION", "PRODID"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART"},
    "VALARM": {"ACTION", "TRIGGER"},
}
ONCE = {
    "UID",
    "DTSTAMP",
    "DTSTART",
    "SUMMARY",
    "DESCRIPTION",
    "VERSION",
    "PRODID",
    "METHOD",
    "TRIGGER",
    "ACTION",
}
INSIDE = {"VCALENDAR": "", "VEVENT": "VCALENDAR", "VALARM": "VEVENT"}


@dataclass
class Component:
    """A component with its properties and what is inside it."""

    name: str
    values: dict[str, str] = field(default_factory=dict)
    inside: list["Component"] = field(default_factory=list)


def read_calendar(data: bytes) -> Component:
    """Read a calendar file strictly.

    Raises:
        ValueError: a line is too long or wrongly ended, a component is wrongly placed, or a property is missing,
            twice, or malformed.
    """
    if not data.endswith(b"\r\n") or b"\n" in data.replace(b"\r\n", b""):
        raise ValueError("lines do not end in CRLF")
    for line in data[:-2].split(b"\r\n"):
        line.decode("utf-8")  # no character is cut in two
        if len(line) > 75:
            raise ValueError(f"line has {len(line)} octets")
    return _read_lines(data[:-2].replace(b"\r\n ", b"").split(b"\r\n"))


def _read_lines(lines: list[bytes]) -> Component:
    stack: list[Component] = []
    for line in lines:
        match = LINE.match(line.decode("utf-8"))
        if match is None:
            raise ValueError(f"malformed line {line[:40]!r}")
        name, value = match[1], match[3]
        if name == "BEGIN":
            above = stack[-1].name if stack else ""
            if INSIDE[value] != above:
                raise ValueError(f"{value} inside {above}")
            stack.append(Component(value))
        elif name == "END":
            closed = stack.pop()
            _check(closed, value)
            if not stack:
                return closed
            stack[-1].inside.append(closed)
        else:
            if name in ONCE and name in stack[-1].values:
                raise ValueError(f"{name} stands twice")
            stack[-1].values[name] = _text(name, value)
    raise ValueError("the calendar does not end")


def _check(component: Component, name: str) -> None:
    if component.name != name:
        raise ValueError(f"{component.name} is ended by {name}")
    missing = REQUIRED[name] - set(component.values)
    if missing:
        raise ValueError(f"{name} has no {sorted(missing)}")
    if component.values.get("ACTION") == "DISPLAY" and "DESCRIPTION" not in component.values:
        raise ValueError("an alarm that is shown has no description")


def _text(name: str, value: str) -> str:
    """Return a value without its escapes; times and lengths are checked."""
    if name in ("DTSTAMP", "DTSTART") and STAMP.match(value) is None:
        raise ValueError(f"{name} is {value}")
    if name == "TRIGGER" and TRIGGER.match(value) is None:
        raise ValueError(f"trigger is {value}")
    if name not in ("SUMMARY", "DESCRIPTION"):
        return value
    if re.search(r"(?<!\\)(?:\\\\)*[;,]", value) or re.search(r"(?<!\\)(?:\\\\)*\\(?![\\;,nN])", value):
        raise ValueError(f"{name} is not escaped")
    return re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], value)
