"""The `proposal` and `proposal-withdrawal` predicates: a text, an amendment or a motion before the table.

Implements spec/convening.md, section 4. What becomes of a proposal is in `standing`.
"""

from dataclasses import dataclass
from enum import Enum

from allstop.canon import JSON, Fields
from allstop.changes import CHANGES_MAX, Change, format_change, parse_changes
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = [
    "PROPOSAL_PREDICATE",
    "PROPOSAL_WITHDRAWAL_PREDICATE",
    "Proposal",
    "ProposalKind",
    "ProposalWithdrawal",
]

NOTE_CHARS_MAX = 4096


class ProposalKind(Enum):
    """What is proposed. The value is the wire form.

    TEXT: a whole agreement, which binds nobody until it is sealed and deposited. AMENDMENT: changes to the text
    in force. MOTION: something that the agreement lets the table decide by name.
    """

    TEXT = "text"
    AMENDMENT = "amendment"
    MOTION = "motion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal, known by its filer and name: `alder/shorter-answer`.

        {"about": null, "base": "9f86...", "changes": [{"now": 432000000, "op": "set",
         "path": ["response", "answerMs"], "was": 864000000}], "counters": null, "kind": "amendment",
         "motion": null, "name": "shorter-answer", "note": "five days are enough", "text": "d14a..."}

    `text` is the digest of the whole text that is proposed, or that the changes lead to; `base` of the one that it
    starts from; `counters` of the proposal to which it is an answer; `about` of the statement, such as a finding,
    that a motion is about. A text has `text`, an amendment `base`, `text` and changes, a motion `motion`.
    """

    name: Name
    kind: ProposalKind
    motion: Name | None = None
    base: Digest | None = None
    text: Digest | None = None
    counters: Digest | None = None
    about: Digest | None = None
    changes: tuple[Change, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.note) > NOTE_CHARS_MAX:
            raise ValueError(f"note has {len(self.note)} characters, want at most {NOTE_CHARS_MAX}")
        if len(self.changes) > CHANGES_MAX:
            raise ValueError(f"proposal has {len(self.changes)} changes, want at most {CHANGES_MAX}")
        is_motion, is_amendment = self.kind is ProposalKind.MOTION, self.kind is ProposalKind.AMENDMENT
        if is_motion is (self.motion is None):
            raise ValueError("a motion says what it moves, and nothing else does")
        if is_motion is (self.text is not None):
            raise ValueError("a text or amendment names the text that it leads to, and a motion does not")
        if is_amendment is not bool(self.changes):
            raise ValueError("an amendment changes something, and nothing else does")
        if (is_amendment and self.base is None) or (is_motion and self.base is not None):
            raise ValueError("an amendment names the text that it changes, and a motion does not")
        if self.about is not None and not is_motion:
            raise ValueError("only a motion is about a statement")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalWithdrawal:
    """Its proposer takes a proposal back; once decided it stays decided.

    {"proposal": "9f86...", "reason": "the counter-text says it better"}
    """

    proposal: Digest
    reason: str = ""

    def __post_init__(self) -> None:
        if len(self.reason) > NOTE_CHARS_MAX:
            raise ValueError(f"reason has {len(self.reason)} characters, want at most {NOTE_CHARS_MAX}")


def _parse_proposal(body: JSON) -> Proposal:
    fields = Fields(body, "proposal")

    def digest(key: str) -> Digest | None:
        return None if fields.raw(key) is None else fields.digest(key)

    try:
        proposal = Proposal(
            name=fields.name("name"),
            kind=fields.choice("kind", ProposalKind),
            motion=None if fields.raw("motion") is None else fields.name("motion"),
            base=digest("base"),
            text=digest("text"),
            counters=digest("counters"),
            about=digest("about"),
            changes=parse_changes(fields, "changes"),
            note=fields.text("note", NOTE_CHARS_MAX),
        )
    except ValueError as exc:
        raise MalformedError(f"proposal: {exc}") from exc
    fields.done()
    return proposal


def _format_proposal(proposal: Proposal) -> JSON:
    return {
        "name": proposal.name,
        "kind": proposal.kind.value,
        "motion": proposal.motion,
        "base": proposal.base,
        "text": proposal.text,
        "counters": proposal.counters,
        "about": proposal.about,
        "changes": [format_change(change) for change in proposal.changes],
        "note": proposal.note,
    }


def _parse_withdrawal(body: JSON) -> ProposalWithdrawal:
    fields = Fields(body, "proposal-withdrawal")
    withdrawal = ProposalWithdrawal(
        proposal=fields.digest("proposal"), reason=fields.text("reason", NOTE_CHARS_MAX)
    )
    fields.done()
    return withdrawal


def _format_withdrawal(withdrawal: ProposalWithdrawal) -> JSON:
    return {"proposal": withdrawal.proposal, "reason": withdrawal.reason}


PROPOSAL_PREDICATE = Predicate(
    name=Name("proposal"), parse=_parse_proposal, format=_format_proposal, audience=Audience.PARTIES
)
PROPOSAL_WITHDRAWAL_PREDICATE = Predicate(
    name=Name("proposal-withdrawal"),
    parse=_parse_withdrawal,
    format=_format_withdrawal,
    audience=Audience.PARTIES,
)
