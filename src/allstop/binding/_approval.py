"""The `approval` predicate: a party's own law has approved that it be bound.

Implements spec/binding.md section 3. It is the party's word; the document behind it is evidence for people.
"""

from dataclasses import dataclass

from allstop.binding._words import check_words
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = ["APPROVAL_PREDICATE", "Approval", "format_approval", "parse_approval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Says who approved, and which document shows it.

        {"authority": "Parliament of Alder", "document": "9f86..."}

    `document` is the digest of a blob, which is then a subject of the statement, or null.
    """

    authority: str
    document: Digest | None

    def __post_init__(self) -> None:
        check_words(self.authority, "authority")


def parse_approval(body: JSON) -> Approval:
    """Parse the body of an `approval` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "approval")
    try:
        approval = Approval(
            authority=fields.text("authority"),
            document=None if fields.raw("document") is None else fields.digest("document"),
        )
    except ValueError as exc:
        raise MalformedError(f"approval: {exc}") from exc
    fields.done()
    return approval


def format_approval(approval: Approval) -> JSON:
    """Return the body of an `approval` statement."""
    return {"authority": approval.authority, "document": approval.document}


APPROVAL_PREDICATE = Predicate(
    name=Name("approval"), parse=parse_approval, format=format_approval, audience=Audience.ANYONE
)
