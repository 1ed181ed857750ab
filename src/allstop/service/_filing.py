"""Filing: the next statement of a party's chain, signed and handed to the log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from allstop.case import CHECKPOINT, QuotedNote, quote_note
from allstop.ids import Digest, Name
from allstop.keys import SigningKey
from allstop.statement import (
    Header,
    Predicate,
    SeenCheckpoint,
    Statement,
    Subject,
    parse_envelope,
    parse_statement,
    sign_statement,
    statement_digest,
)
from allstop.times import Instant

__all__ = ["Chain", "Journal", "chain_of", "draft_checkpoint", "file_statement"]

T = TypeVar("T")


class Journal(Protocol):
    """A log that takes statements about one agreement.

    What `stage` took is durable when it returns and will be published; entries come back in the order
    in which they were taken, those not yet published last.
    """

    @property
    def origin(self) -> str:
        """Origin of the log."""
        ...

    @property
    def agreement(self) -> Digest:
        """Digest of the agreement that the log is about."""
        ...

    def entries(self) -> Iterable[bytes]:
        """Return every envelope, published and pending."""
        ...

    def seen(self) -> SeenCheckpoint | None:
        """Return the newest published checkpoint, None before the first."""
        ...

    def stage(self, entry: bytes) -> None:
        """Take an entry for the next batch."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Where a party's chain stands: the sequence number to use next, and the digest to name."""

    sequence: int
    previous: Digest | None


def chain_of(entries: Iterable[bytes], party: Name) -> Chain:
    """Follow a party's chain through a log of its own making; signatures are not checked again."""
    sequence, previous = 0, None
    for entry in entries:
        payload = parse_envelope(entry).payload
        header = parse_statement(payload).header
        if header.party == party:
            sequence, previous = header.sequence + 1, statement_digest(payload)
    return Chain(sequence=sequence, previous=previous)


def file_statement(
    journal: Journal,
    predicate: Predicate[T],
    value: T,
    *,
    party: Name,
    signers: Sequence[SigningKey],
    subjects: Sequence[Subject] = (),
    audience: Sequence[Name] = (),
    expires_at: Instant | None = None,
    chain: Chain | None = None,
) -> Chain:
    """Sign the next statement of `party` and stage it; return where the chain stands afterwards.

    A statement without a subject of its own has the agreement as subject. `chain` saves reading the log
    again where a caller files many.
    """
    chain = chain or chain_of(journal.entries(), party)
    statement = Statement(
        predicate=predicate.name,
        header=Header(
            agreement=journal.agreement,
            origin=journal.origin,
            party=party,
            sequence=chain.sequence,
            previous=chain.previous,
            audience=tuple(audience),
            checkpoint=journal.seen(),
            expires_at=expires_at,
        ),
        subjects=tuple(subjects) or (Subject(name="agreement", digest=journal.agreement),),
        body=predicate.format(value),
    )
    entry = sign_statement(statement, signers)
    journal.stage(entry)
    return Chain(sequence=chain.sequence + 1, previous=statement_digest(parse_envelope(entry).payload))


def draft_checkpoint(
    journal: Journal, *, note: bytes | None, operator: Name, signers: Sequence[SigningKey]
) -> bytes:
    """Return the checkpoint statement that opens the next batch and quotes `note`, its Ed25519 lines."""
    chain = chain_of(journal.entries(), operator)
    statement = Statement(
        predicate=CHECKPOINT.name,
        header=Header(
            agreement=journal.agreement,
            origin=journal.origin,
            party=operator,
            sequence=chain.sequence,
            previous=chain.previous,
            audience=(),
            checkpoint=journal.seen(),
            expires_at=None,
        ),
        subjects=(Subject(name="agreement", digest=journal.agreement),),
        body=CHECKPOINT.format(QuotedNote(note=None) if note is None else quote_note(note)),
    )
    return sign_statement(statement, signers)
