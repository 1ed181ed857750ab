"""Duties in words, as JSON, and as a calendar file (RFC 5545) that mail programs import."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from allstop.canon import JSON, format_instant
from allstop.cli._output import format_table
from allstop.times import DAY_MS, HOUR_MS, Instant

if TYPE_CHECKING:
    from allstop.standing import DutyState

__all__ = ["duties_ics", "duties_lines", "duties_value", "left_text"]

_LINE_OCTETS_MAX = 75
_ALARMS_DAYS = (7, 1)
"""How long before a due instant a calendar reminds, in days."""


def left_text(due: Instant, at: Instant) -> str:
    """Return how long something is still open, or has been over, in the two largest units."""
    ms = abs(due.ms - at.ms)
    days, hours = ms // DAY_MS, ms % DAY_MS // HOUR_MS
    words = f"{days} d {hours} h" if days else f"{hours} h {ms % HOUR_MS // 60_000} min"
    return f"{words} over" if due < at else f"in {words}"


def duties_value(duties: "Sequence[DutyState]", at: Instant) -> JSON:
    """Return what `allstop duties --json` prints."""
    return {
        "at": format_instant(at),
        "counts": dict(_counts(duties)),
        "duties": [_value(one) for one in duties],
    }


def _value(one: "DutyState") -> JSON:
    return {
        "duty": one.duty,
        "matter": one.matter,
        "occurrence": one.occurrence,
        "party": one.party,
        "clauses": list(one.clauses),
        "text": one.text,
        "state": one.stage.value,
        "trigger": _instant(one.trigger),
        "due": _instant(one.due),
        "metAt": _instant(one.met_at),
        "earlierMet": one.earlier_met,
        "why": one.why,
        "note": one.note,
    }


def _instant(at: Instant | None) -> JSON:
    return None if at is None else format_instant(at)


def _counts(duties: "Sequence[DutyState]") -> Counter[str]:
    counts = Counter(one.stage.value for one in duties)
    earlier = sum(one.earlier_met for one in duties)
    if earlier:
        counts["met"] += earlier
    return counts


def duties_lines(duties: "Sequence[DutyState]", at: Instant, *, with_why: bool) -> list[str]:
    """Return duties as a table: when due, how long that is, state, who, what, under which clauses."""
    counts = _counts(duties)
    words = ", ".join(f"{counts[state]} {state}" for state in sorted(counts)) or "no duties"
    head = f"{words} (as proven by {format_instant(at)})"
    if not duties:
        return [head]
    rows = [["due", "", "state", "party", "duty", "clause"]]
    for one in duties:
        due = "not known" if one.due is None else format_instant(one.due)
        left = "" if one.due is None or one.stage.is_decided else left_text(one.due, at)
        rows.append([due, left, one.stage.value, one.party, _name(one), ", ".join(one.clauses)])
    table = format_table(rows)
    lines = [head, "", table[0]]
    for one, line in zip(duties, table[1:], strict=True):
        lines.append(line)
        if with_why:
            lines += [f"    {text}" for text in (one.text, one.why, one.note) if text]
        elif one.note:
            lines.append(f"    {one.note}")
    return lines


def _name(one: "DutyState") -> str:
    matter = "" if one.matter is None else f" {one.matter[:24]}"
    number = f" #{one.occurrence}" if one.occurrence else ""
    return f"{one.duty}{matter}{number}"


def duties_ics(duties: "Sequence[DutyState]", at: Instant, *, agreement: str) -> bytes:
    """Return what still has to be done as a calendar file: one event at each due instant, with reminders.

    What is met, waived or lapsed is left out. An event keeps its UID from one export to the next, so that a
    calendar which imports again moves it.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//allstop//duties//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    for one in duties:
        if one.due is not None and (not one.stage.is_decided or one.stage.value == "late"):
            lines += _event(one, one.due, at, agreement)
    lines.append("END:VCALENDAR")
    return b"".join(_fold(line) for line in lines)


def _event(one: "DutyState", due: Instant, at: Instant, agreement: str) -> Iterator[str]:
    identity = "\n".join([agreement, one.party, one.duty, one.matter or "", str(one.occurrence)])
    words = f"{one.stage.value.upper()}: " if one.stage.value != "open" else ""
    summary = f"{words}{one.party}: {_name(one)}"
    details = "\n".join(text for text in (one.text, one.why, one.note) if text)
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(identity.encode()).hexdigest()[:32]}@allstop"
    yield f"DTSTAMP:{_stamp(at)}"
    # Seconds are the finest that a calendar knows: the last one that is wholly in time.
    yield f"DTSTART:{_stamp(due)}"
    yield f"SUMMARY:{_escape(summary)}"
    yield f"DESCRIPTION:{_escape(details)}"
    yield f"CATEGORIES:{one.stage.value.upper()}"
    yield "TRANSP:TRANSPARENT"
    for days in _ALARMS_DAYS:
        if not one.stage.is_decided:
            yield "BEGIN:VALARM"
            yield "ACTION:DISPLAY"
            yield f"DESCRIPTION:{_escape(summary)}"
            yield f"TRIGGER:-P{days}D"
            yield "END:VALARM"
    yield "END:VEVENT"


def _stamp(at: Instant) -> str:
    text = format_instant(Instant(at.ms - at.ms % 1000))
    return text.replace("-", "").replace(":", "")


def _escape(text: str) -> str:
    """Escape a text (RFC 5545 section 3.3.11); what could break a line is a line break or nothing."""
    for old, new in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(old, new)
    return "".join(character for character in text if character.isprintable())


def _fold(line: str) -> bytes:
    """Fold a line at 75 octets (section 3.1), never inside a character."""
    parts: list[bytes] = [b""]
    for character in line:
        data = character.encode("utf-8")
        # A line that goes on starts with a space, which counts.
        if len(parts[-1]) + len(data) + (len(parts) > 1) > _LINE_OCTETS_MAX:
            parts.append(b"")
        parts[-1] += data
    return b"\r\n ".join(parts) + b"\r\n"
