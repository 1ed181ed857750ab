"""The `impossibility` predicate: a party says that it cannot do what a duty asks, and why.

Implements spec/duties.md section 5. It is a claim that excuses nobody: a panel accepts it or refuses it.
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

__all__ = ["IMPOSSIBILITY_PREDICATE", "Impossibility", "format_impossibility", "parse_impossibility"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossibility:
    """A party cannot do one thing that a duty asks.

        {"duty": "register", "matter": null, "occurrence": 3, "evidence": ["9f86..."],
         "reason": "the hall burned down on 2027-03-01"}

    `evidence` are digests of statements or blobs, ascending, at most EVIDENCE_COUNT_MAX.
    """

    key: DutyKey
    evidence: tuple[Digest, ...]
    reason: str

    def __post_init__(self) -> None:
        check_evidence(self.evidence)
        check_note(self.reason, "reason of the impossibility", may_be_empty=False)


def parse_impossibility(body: JSON) -> Impossibility:
    """Parse the body of an `impossibility` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "impossibility")
    impossibility = Impossibility(
        key=parse_key(fields),
        evidence=fields.digests("evidence", EVIDENCE_COUNT_MAX),
        reason=fields.text("reason", NOTE_CHARS_MAX),
    )
    fields.done()
    return impossibility


def format_impossibility(impossibility: Impossibility) -> JSON:
    """Return the body of an `impossibility` statement."""
    return {
        **format_key(impossibility.key),
        "evidence": list(impossibility.evidence),
        "reason": impossibility.reason,
    }


IMPOSSIBILITY_PREDICATE = Predicate(
    name=Name("impossibility"),
    parse=parse_impossibility,
    format=format_impossibility,
    audience=Audience.PARTIES,
    secret=("evidence", "matter", "reason"),
)
