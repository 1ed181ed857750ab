"""The `finding-ruling` predicate: what one member of a panel decides in one matter.

Implements spec/adjudication.md section 3. One ruling decides nothing; how many from how many blocs do is in the
agreement, and whose count is in `standing`.
"""

from dataclasses import dataclass
from enum import Enum

from allstop.adjudication._raised import TEXT_CHARS_MAX, check_words
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = [
    "FINDING_RULING_PREDICATE",
    "FindingRuling",
    "Outcome",
    "format_finding_ruling",
    "parse_finding_ruling",
]


class Outcome(Enum):
    """What a ruling says. The first three are about a finding or an appeal, the others about a cure or an impediment."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    UNDETERMINED = "undetermined"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRuling:
    """One panel member's word in one matter, with what it re-derived and the answer that it heard.

        {"answer": "2c26...", "falseAccusation": false, "matter": "9f86...", "outcome": "confirmed",
         "reasons": "the verdict replays, and the answer does not explain entry 17", "replayed": "7c1e..."}

    `matter` is the digest of the statement that is decided: a `finding-raised`, `finding-appeal`, `finding-cure`
    or `impediment`. `replayed` is the verdict digest that the member computed itself, `answer` the digest of the
    answer that it read. Confirming needs a replay; only what is dismissed can have been a false accusation.
    """

    matter: Digest
    outcome: Outcome
    replayed: Digest | None
    answer: Digest | None
    reasons: str
    false_accusation: bool

    def __post_init__(self) -> None:
        check_words(self.reasons, "reasons of the ruling")
        if self.outcome is Outcome.CONFIRMED and self.replayed is None:
            raise MalformedError("ruling confirms without a replayed verdict, want the digest it re-derived")
        if self.false_accusation and self.outcome is not Outcome.DISMISSED:
            raise MalformedError(
                f"ruling says {self.outcome.value} and false accusation, want dismissed for that"
            )


def parse_finding_ruling(body: JSON) -> FindingRuling:
    """Parse the body of a `finding-ruling` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "finding-ruling")
    ruling = FindingRuling(
        matter=fields.digest("matter"),
        outcome=fields.choice("outcome", Outcome),
        replayed=None if fields.raw("replayed") is None else fields.digest("replayed"),
        answer=None if fields.raw("answer") is None else fields.digest("answer"),
        reasons=fields.text("reasons", TEXT_CHARS_MAX),
        false_accusation=fields.boolean("falseAccusation"),
    )
    fields.done()
    return ruling


def format_finding_ruling(ruling: FindingRuling) -> JSON:
    """Return the body of a `finding-ruling` statement."""
    return {
        "matter": ruling.matter,
        "outcome": ruling.outcome.value,
        "replayed": ruling.replayed,
        "answer": ruling.answer,
        "reasons": ruling.reasons,
        "falseAccusation": ruling.false_accusation,
    }


FINDING_RULING_PREDICATE = Predicate(
    name=Name("finding-ruling"),
    parse=parse_finding_ruling,
    format=format_finding_ruling,
    audience=Audience.PARTIES,
    secret=("reasons", "replayed"),
)
