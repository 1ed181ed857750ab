"""Which duty a statement is about: its name, the matter that started it, and which occurrence.

Implements spec/duties.md section 5.
"""

import re
from dataclasses import dataclass

from allstop.canon import JSON, Fields
from allstop.clocks import OCCURRENCE_COUNT_MAX
from allstop.errors import MalformedError
from allstop.ids import Digest, Name

__all__ = [
    "EVIDENCE_COUNT_MAX",
    "NOTE_CHARS_MAX",
    "DutyKey",
    "check_evidence",
    "check_matter",
    "check_note",
    "format_key",
    "parse_key",
]

EVIDENCE_COUNT_MAX = 256
"""Most digests that one statement about a duty may name."""

NOTE_CHARS_MAX = 4096
"""Most characters of a note or reason."""

_MATTER = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._:-]{0,62}[0-9A-Za-z])?\Z", re.ASCII)


def check_matter(matter: str) -> None:
    """Check a matter: 1 to 64 of `0-9 A-Z a-z . _ : -`, so a name, a digest or an instant.

    Raises:
        MalformedError: it is not in that form.
    """
    if _MATTER.match(matter) is None:
        raise MalformedError(f"malformed matter {matter[:24]!r}, want a name, a digest or an instant")


def check_note(note: str, what: str, *, may_be_empty: bool) -> None:
    """Check length and printable characters of a text for people.

    Raises:
        MalformedError: it is empty and may not be, too long, or cannot be printed.
    """
    if not note and not may_be_empty:
        raise MalformedError(f"{what} is empty")
    if len(note) > NOTE_CHARS_MAX or not all(c.isprintable() or c == "\n" for c in note):
        raise MalformedError(f"{what} is longer than {NOTE_CHARS_MAX} characters, or cannot be printed")


def check_evidence(evidence: tuple[Digest, ...]) -> None:
    """Check that digests stand once each, in ascending order.

    Raises:
        MalformedError: they do not.
    """
    if list(evidence) != sorted(set(evidence)):
        raise MalformedError("evidence is not in ascending order, or names one digest twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyKey:
    """One thing to do. Wire form: `{"duty": "register", "matter": null, "occurrence": 3}`.

    `matter` tells apart what started the duty more than once: an incident, a finding, a proposal, the start of a
    phase. `occurrence` counts from 0 where the duty recurs, and is 0 where it does not.
    """

    duty: Name
    matter: str | None
    occurrence: int

    def __post_init__(self) -> None:
        if self.matter is not None:
            check_matter(self.matter)
        if not 0 <= self.occurrence < OCCURRENCE_COUNT_MAX:
            raise MalformedError(f"occurrence is {self.occurrence}, want 0 to {OCCURRENCE_COUNT_MAX - 1}")


def parse_key(fields: Fields) -> DutyKey:
    """Read the three keys that name one thing to do; the caller ends the object.

    Raises:
        MalformedError: they are not in that form.
    """
    return DutyKey(
        duty=fields.name("duty"),
        matter=None if fields.raw("matter") is None else fields.text("matter"),
        occurrence=fields.integer("occurrence"),
    )


def format_key(key: DutyKey) -> dict[str, JSON]:
    """Return the three keys that name one thing to do."""
    return {"duty": key.duty, "matter": key.matter, "occurrence": key.occurrence}
