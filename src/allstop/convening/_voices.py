"""The `comment`, `endorsement` and `vote` predicates: what parties say to a proposal.

Implements spec/convening.md, section 4. A comment or endorsement decides nothing; whose vote counts, and when, is
in `standing`.
"""

import re
from dataclasses import dataclass
from enum import Enum

from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = [
    "COMMENT_PREDICATE",
    "ENDORSEMENT_PREDICATE",
    "VOTE_PREDICATE",
    "Choice",
    "Comment",
    "Endorsement",
    "Vote",
]

WORDS_CHARS_MAX = 4096
_CLAUSE = re.compile(r"[0-9A-Z]{1,6}(?:\.[0-9a-zA-Z]{1,6}){0,5}\Z", re.ASCII)


class Choice(Enum):
    """What a vote says. The value is the wire form."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Words about a proposal, or about one of its clauses.

    {"clause": "4.1", "proposal": "9f86...", "text": "what counts as a run?"}
    """

    proposal: Digest
    clause: str | None
    text: str

    def __post_init__(self) -> None:
        if self.clause is not None and _CLAUSE.match(self.clause) is None:
            raise ValueError(f"clause is {self.clause[:24]!r}, want a number such as '4.1'")
        _check_words(self.text, may_be_empty=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsement:
    """Support that is no vote; everybody at the table may give it, observers too.

    {"proposal": "9f86...", "text": "our members can live with this"}
    """

    proposal: Digest
    text: str = ""

    def __post_init__(self) -> None:
        _check_words(self.text, may_be_empty=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A vote on a proposal. The first of a party is final.

    {"choice": "against", "proposal": "9f86...", "reason": "clause 4.1 has no end"}
    """

    proposal: Digest
    choice: Choice
    reason: str = ""

    def __post_init__(self) -> None:
        _check_words(self.reason, may_be_empty=True)


def _check_words(text: str, *, may_be_empty: bool) -> None:
    if not text and not may_be_empty:
        raise ValueError("text is empty")
    if len(text) > WORDS_CHARS_MAX:
        raise ValueError(f"text has {len(text)} characters, want at most {WORDS_CHARS_MAX}")


def _parse_comment(body: JSON) -> Comment:
    fields = Fields(body, "comment")
    try:
        comment = Comment(
            proposal=fields.digest("proposal"),
            clause=None if fields.raw("clause") is None else fields.text("clause"),
            text=fields.text("text", WORDS_CHARS_MAX),
        )
    except ValueError as exc:
        raise MalformedError(f"comment: {exc}") from exc
    fields.done()
    return comment


def _format_comment(comment: Comment) -> JSON:
    return {"proposal": comment.proposal, "clause": comment.clause, "text": comment.text}


def _parse_endorsement(body: JSON) -> Endorsement:
    fields = Fields(body, "endorsement")
    endorsement = Endorsement(proposal=fields.digest("proposal"), text=fields.text("text", WORDS_CHARS_MAX))
    fields.done()
    return endorsement


def _format_endorsement(endorsement: Endorsement) -> JSON:
    return {"proposal": endorsement.proposal, "text": endorsement.text}


def _parse_vote(body: JSON) -> Vote:
    fields = Fields(body, "vote")
    vote = Vote(
        proposal=fields.digest("proposal"),
        choice=fields.choice("choice", Choice),
        reason=fields.text("reason", WORDS_CHARS_MAX),
    )
    fields.done()
    return vote


def _format_vote(vote: Vote) -> JSON:
    return {"proposal": vote.proposal, "choice": vote.choice.value, "reason": vote.reason}


COMMENT_PREDICATE = Predicate(
    name=Name("comment"), parse=_parse_comment, format=_format_comment, audience=Audience.PARTIES
)
ENDORSEMENT_PREDICATE = Predicate(
    name=Name("endorsement"), parse=_parse_endorsement, format=_format_endorsement, audience=Audience.PARTIES
)
VOTE_PREDICATE = Predicate(
    name=Name("vote"), parse=_parse_vote, format=_format_vote, audience=Audience.PARTIES
)
