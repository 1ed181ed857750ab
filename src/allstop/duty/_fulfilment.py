"""The `fulfilment` predicate: a party says that it did what a duty asks, and where that shows.

Implements spec/duties.md section 5. It is a claim; for a duty that asks for evidence it counts only with it.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields
from allstop.duty._matter import (
    EVIDENCE_COUNT_MAX,
    NOTE_CHARS_MAX,
    DutyKey,
    check_evidence,
    check_note,
    format_key,
    parse_key,
)
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = ["FULFILMENT_PREDICATE", "Fulfilment", "format_fulfilment", "parse_fulfilment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfilment:
    """A party did one thing that a duty asks.

        {"duty": "register", "matter": null, "occurrence": 3, "evidence": ["9f86..."], "note": "unchanged"}

    `evidence` are digests of statements or blobs, ascending, at most EVIDENCE_COUNT_MAX.
    """

    key: DutyKey
    evidence: tuple[Digest, ...]
    note: str

    def __post_init__(self) -> None:
        check_evidence(self.evidence)
        check_note(self.note, "note of the fulfilment", may_be_empty=True)


def parse_fulfilment(body: JSON) -> Fulfilment:
    """Parse the body of a `fulfilment` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "fulfilment")
    fulfilment = Fulfilment(
        key=parse_key(fields),
        evidence=fields.digests("evidence", EVIDENCE_COUNT_MAX),
        note=fields.text("note", NOTE_CHARS_MAX),
    )
    fields.done()
    return fulfilment


def format_fulfilment(fulfilment: Fulfilment) -> JSON:
    """Return the body of a `fulfilment` statement."""
    return {
        **format_key(fulfilment.key),
        "evidence": list(fulfilment.evidence),
        "note": fulfilment.note,
    }


FULFILMENT_PREDICATE = Predicate(
    name=Name("fulfilment"),
    parse=parse_fulfilment,
    format=format_fulfilment,
    audience=Audience.PARTIES,
    secret=("evidence", "matter", "note"),
)
