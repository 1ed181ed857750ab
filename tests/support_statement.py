"""Keys, parties and statements that tests of several packages share. Seeds come from names, never from chance."""

import hashlib
from collections.abc import Sequence

from allstop.canon import JSON
from allstop.ids import Digest, Name, digest_of, parse_name
from allstop.keys import KeyKind, SigningKey
from allstop.statement import Header, PartyBook, PartyKeys, SeenCheckpoint, Statement, Subject
from allstop.times import Instant

ORIGIN = "log.example/evidence"
AGREEMENT = digest_of(b"agreement")
ALDER, BIRCH, CEDAR = (parse_name(text) for text in ("alder", "birch", "cedar"))


def key_of(label: str, kind: KeyKind = KeyKind.ED25519) -> SigningKey:
    """Return the private key that belongs to this label in every test."""
    return SigningKey(kind, hashlib.sha256(label.encode()).digest())


def book_of(**thresholds: int) -> PartyBook:
    """Return a book in which each party has two keys, `<party>-0` and `<party>-1`."""
    return PartyBook(
        {
            Name(party): PartyKeys(
                party=Name(party),
                keys=tuple(key_of(f"{party}-{number}").public for number in range(2)),
                threshold=threshold,
            )
            for party, threshold in thresholds.items()
        }
    )


def make_statement(
    *,
    party: Name = ALDER,
    sequence: int = 0,
    previous: Digest | None = None,
    predicate: str = "site",
    agreement: Digest = AGREEMENT,
    origin: str = ORIGIN,
    audience: tuple[Name, ...] = (),
    checkpoint: SeenCheckpoint | None = None,
    expires_at: Instant | None = None,
    subjects: Sequence[Digest] | None = None,
    body: JSON = None,
) -> Statement:
    """Return a statement in which only what a test is about needs to be said."""
    digests = [agreement] if subjects is None else subjects
    return Statement(
        predicate=parse_name(predicate),
        header=Header(
            agreement=agreement,
            origin=origin,
            party=party,
            sequence=sequence,
            previous=previous,
            audience=audience,
            checkpoint=checkpoint,
            expires_at=expires_at,
        ),
        subjects=tuple(
            Subject(name=f"subject-{index}", digest=digest) for index, digest in enumerate(digests)
        ),
        body={} if body is None else body,
    )
