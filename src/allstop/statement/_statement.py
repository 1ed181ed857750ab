"""The statement: what one party says once, as a strict codec between values and signed bytes.

Implements spec/statement.md sections 2 and 3. The payload is an in-toto Statement v1 in RFC 8785 JSON, so
a statement has exactly one spelling. Nothing here looks at signatures: see `_open`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from allstop.canon import (
    JSON,
    JSON_DEPTH_MAX,
    Fields,
    format_instant,
    format_json,
    parse_canonical_json,
    parse_decimal,
    parse_instant,
)
from allstop.errors import MalformedError
from allstop.ids import Digest, Name, digest_of, parse_name
from allstop.times import Instant

__all__ = [
    "AUDIENCE_MAX",
    "ORIGIN_CHARS_MAX",
    "PREDICATE_TYPE_PREFIX",
    "SEQUENCE_MAX",
    "STATEMENT_TYPE",
    "SUBJECTS_MAX",
    "SUBJECT_NAME_CHARS_MAX",
    "Header",
    "SeenCheckpoint",
    "Statement",
    "Subject",
    "format_statement",
    "parse_statement",
    "statement_digest",
]

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE_PREFIX = "urn:allstop:predicate:"
_PREDICATE_TYPE_SUFFIX = ":v1"

SEQUENCE_MAX = 2**63 - 1
"""Largest sequence number, tree size or index that a statement may hold."""
AUDIENCE_MAX = 64
SUBJECTS_MAX = 256
SUBJECT_NAME_CHARS_MAX = 200
ORIGIN_CHARS_MAX = 255

# Printable ASCII without space, plus sign, quote and backslash: a signed-note key name that no two
# readers can take for different ones, and that JSON spells without escapes.
_ORIGIN = re.compile(rf"[!#-*,-\[\]-~]{{1,{ORIGIN_CHARS_MAX}}}\Z")
_SUBJECT_NAME = re.compile(rf"[!#-\[\]-~]{{1,{SUBJECT_NAME_CHARS_MAX}}}\Z")


@lru_cache(maxsize=64)
def _is_origin(text: str) -> bool:
    return _ORIGIN.match(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCheckpoint:
    """The newest cosigned checkpoint that the party had seen: the statement is not older than it.

    Wire form: `{"root": "7c1e…", "size": "12"}`. Range: `0 <= size <= SEQUENCE_MAX`.
    """

    size: int
    root: Digest

    def __post_init__(self) -> None:
        if not 0 <= self.size <= SEQUENCE_MAX:
            raise MalformedError(f"checkpoint size is {self.size}, want 0 to {SEQUENCE_MAX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every statement says about itself, so that it cannot be moved, re-ordered or replayed.

        {"agreement": "9f86…", "audience": ["birch"], "checkpoint": {"root": "7c1e…", "size": "12"},
         "origin": "log.example/evidence", "party": "alder", "previous": "2c26…", "sequence": "7"}

    `audience` empty means every party to the agreement. `sequence` counts the party's statements from 0
    without gaps; `previous` is the digest of the one before, absent exactly where `sequence` is 0.
    All of it is a claim by the party until a case has been verified.
    """

    agreement: Digest
    origin: str
    party: Name
    sequence: int
    previous: Digest | None
    audience: tuple[Name, ...] = ()
    checkpoint: SeenCheckpoint | None = None
    expires_at: Instant | None = None

    def __post_init__(self) -> None:
        if not _is_origin(self.origin):
            raise MalformedError(
                f"malformed origin {self.origin[:24]!r}, want printable ascii without space or plus"
            )
        if not 0 <= self.sequence <= SEQUENCE_MAX:
            raise MalformedError(f"sequence is {self.sequence}, want 0 to {SEQUENCE_MAX}")
        if (self.sequence == 0) != (self.previous is None):
            raise MalformedError(
                f"sequence {self.sequence} wants {'no' if self.sequence == 0 else 'a'} previous digest"
            )
        if len(self.audience) > AUDIENCE_MAX:
            raise MalformedError(f"audience has {len(self.audience)} names, want at most {AUDIENCE_MAX}")
        if len(self.audience) > 1 and list(self.audience) != sorted(set(self.audience)):
            raise MalformedError("audience is not sorted, each name once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An artifact that the statement is about, by digest.

    Wire form: `{"digest": {"sha256": "9f86…"}, "name": "node-03/power.parquet"}`. The name is a label for
    people; only the digest identifies.
    """

    name: str
    digest: Digest

    def __post_init__(self) -> None:
        if _SUBJECT_NAME.match(self.name) is None:
            raise MalformedError(
                f"malformed subject name {self.name[:24]!r}, want printable ascii without space"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A claim by one party: a named predicate about subjects, under a header.

    `predicate` is the short name, such as `job`; on the wire it is `urn:allstop:predicate:job:v1`. A
    statement without an artifact has the agreement's digest as its subject. The meaning of `body` is
    checked by the predicate's own codec, not here.
    Range: `1 <= len(subjects) <= SUBJECTS_MAX`, subject names distinct.
    """

    predicate: Name
    header: Header
    subjects: tuple[Subject, ...]
    body: JSON

    def __post_init__(self) -> None:
        count = len(self.subjects)
        if not 1 <= count <= SUBJECTS_MAX:
            raise MalformedError(f"statement has {count} subjects, want 1 to {SUBJECTS_MAX}")
        if count > 1 and len({subject.name for subject in self.subjects}) != count:
            raise MalformedError("two subjects of the statement have the same name")


def statement_digest(payload: bytes) -> Digest:
    """Return SHA-256(payload): what the party's next statement calls `previous`."""
    return digest_of(payload)


def format_statement(statement: Statement) -> bytes:
    """Return the payload: RFC 8785 JSON of an in-toto Statement v1."""
    return format_json(
        {
            "_type": STATEMENT_TYPE,
            "subject": [
                {"digest": {"sha256": item.digest}, "name": item.name} for item in statement.subjects
            ],
            "predicateType": f"{PREDICATE_TYPE_PREFIX}{statement.predicate}{_PREDICATE_TYPE_SUFFIX}",
            "predicate": {"body": statement.body, "header": _header_json(statement.header)},
        }
    )


def _header_json(header: Header) -> JSON:
    value: dict[str, JSON] = {
        "agreement": header.agreement,
        "audience": list(header.audience),
        "origin": header.origin,
        "party": header.party,
        "sequence": str(header.sequence),
    }
    if header.checkpoint is not None:
        value["checkpoint"] = {"root": header.checkpoint.root, "size": str(header.checkpoint.size)}
    if header.expires_at is not None:
        value["expiresAt"] = format_instant(header.expires_at)
    if header.previous is not None:
        value["previous"] = header.previous
    return value


# A canonical payload is `_HEAD`, the body, and a tail in which everything has a fixed place. Splitting it by
# this grammar costs a third of parsing it as JSON and writing it again, which shows beside one signature
# check (bench/bench_statement.py). The body is still parsed and compared; since a JSON text has one
# reading, so has the whole. Names and numbers are checked where they become values.
_HEAD = b'{"_type":"https://in-toto.io/Statement/v1","predicate":{"body":'
_TAIL_START = b',"header":{"agreement":"'
_SUBJECT = r'\{"digest":\{"sha256":"([0-9a-f]{64})"\},"name":"([^"\\]*)"\}'
_TAIL = re.compile(
    r',"header":\{"agreement":"([0-9a-f]{64})"'
    r',"audience":\[((?:"[^"\\]*"(?:,"[^"\\]*")*)?)\]'
    r'(?:,"checkpoint":\{"root":"([0-9a-f]{64})","size":"([0-9]+)"\})?'
    r'(?:,"expiresAt":"([^"\\]*)")?'
    r',"origin":"([^"\\]*)"'
    r',"party":"([^"\\]*)"'
    r'(?:,"previous":"([0-9a-f]{64})")?'
    r',"sequence":"([0-9]+)"\}\}'
    r',"predicateType":"urn:allstop:predicate:([^"\\]*):v1"'
    rf',"subject":\[{_SUBJECT}((?:,{_SUBJECT})*)\]\}}\Z',
    re.ASCII,
)
_MORE_SUBJECTS = re.compile(_SUBJECT)
_BODY_DEPTH_SURE = JSON_DEPTH_MAX - 2

# The same few names, checkpoints and subjects stand in most statements, and as values they can be shared.
_name = lru_cache(maxsize=1024)(parse_name)


@lru_cache(maxsize=1024)
def _seen(root: str, size: str) -> SeenCheckpoint:
    return SeenCheckpoint(size=parse_decimal(size), root=Digest(root))


@lru_cache(maxsize=1024)
def _subject(digest: str, name: str) -> Subject:
    return Subject(name=name, digest=Digest(digest))


def parse_statement(payload: bytes) -> Statement:
    """Parse a payload that is in its one spelling.

    Signatures, the log and the meaning of the body are not checked.

    Raises:
        MalformedError: `payload` is not a canonical statement.
    """
    # The subject names hold no quote, so the last occurrence is the header and not a copy in the body.
    start = payload.rfind(_TAIL_START)
    tail = _TAIL.match(payload[start:].decode("latin-1")) if start > 0 and payload.startswith(_HEAD) else None
    if tail is None:
        _explain(payload)
    (agreement, audience, root, size, expires_at, origin, party, previous, sequence,
     predicate, digest, label, more, _, _) = tail.groups()  # fmt: skip
    body_data = payload[len(_HEAD) : start]
    if body_data.count(b"[") + body_data.count(b"{") > _BODY_DEPTH_SURE:
        parse_canonical_json(payload)  # The body lies two levels deep, and the limit is on the whole.
    subjects: tuple[Subject, ...] = (_subject(digest, label),)
    if more:
        subjects += tuple(_subject(*parts) for parts in _MORE_SUBJECTS.findall(more))
    return Statement(
        predicate=_name(predicate),
        header=Header(
            agreement=Digest(agreement),
            audience=tuple(map(_name, audience[1:-1].split('","'))) if audience else (),
            checkpoint=None if root is None else _seen(root, size),
            expires_at=None if expires_at is None else parse_instant(expires_at),
            origin=origin,
            party=_name(party),
            previous=None if previous is None else Digest(previous),
            sequence=parse_decimal(sequence),
        ),
        subjects=subjects,
        body=parse_canonical_json(body_data),
    )


def _explain(payload: bytes) -> NoReturn:
    """Say why a payload does not fit the grammar; whatever is found, it is refused.

    Raises:
        MalformedError: always.
    """
    top = Fields(parse_canonical_json(payload), "statement")
    if top.text("_type") != STATEMENT_TYPE:
        raise MalformedError(f"statement._type is {top.text('_type')[:64]!r}, want {STATEMENT_TYPE}")
    predicate_type = top.text("predicateType")
    if not predicate_type.startswith(PREDICATE_TYPE_PREFIX) or not predicate_type.endswith(
        _PREDICATE_TYPE_SUFFIX
    ):
        raise MalformedError(
            f"statement.predicateType is {predicate_type[:64]!r}, want {PREDICATE_TYPE_PREFIX}<name>:v1"
        )
    for subject in top.objects("subject", SUBJECTS_MAX):
        subject.text("name")
        digest = subject.object("digest")
        digest.digest("sha256")
        digest.done()
        subject.done()
    predicate = top.object("predicate")
    predicate.raw("body")
    header = predicate.object("header")
    header.digest("agreement")
    header.names("audience", AUDIENCE_MAX)
    for key in ("origin", "party", "sequence"):
        header.text(key)
    for key in ("expiresAt", "previous"):
        if header.has(key):
            header.text(key)
    if header.has("checkpoint"):
        checkpoint = header.object("checkpoint")
        checkpoint.digest("root")
        checkpoint.decimal("size")
        checkpoint.done()
    header.done()
    predicate.done()
    top.done()
    raise MalformedError(
        "statement is not in its canonical form: a name or text has characters it may not have"
    )
