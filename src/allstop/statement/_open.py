"""Signing and opening: the only way from bytes to a statement that somebody is known to have made.

Implements spec/statement.md section 5. Which keys belong to whom is the caller's knowledge and comes in as
a value; what the log, the chain and the clock say about a statement is for `allstop.case`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NoReturn, Protocol, TypeAlias, TypeVar

from allstop.canon import parse_base64
from allstop.errors import MalformedError, SignatureError, VerificationError
from allstop.ids import Digest, Name
from allstop.keys import KeyKind, PublicKey, SigningKey, key_hint, verify_signature
from allstop.statement._envelope import (
    PAYLOAD_TYPE,
    SIGNATURES_MAX,
    Envelope,
    EnvelopeSignature,
    format_envelope,
    pae,
    parse_envelope,
)
from allstop.statement._statement import Statement, format_statement, parse_statement, statement_digest

__all__ = [
    "ENTRY_BYTES_MAX",
    "PARTIES_MAX",
    "PARTY_KEYS_MAX",
    "ChunkMap",
    "OpenedStatement",
    "PartyBook",
    "PartyKeys",
    "open_statement",
    "open_statements",
    "sign_statement",
]

ENTRY_BYTES_MAX = 65_535
"""Largest envelope: the length of a log entry is a uint16."""
PARTIES_MAX = 1024
PARTY_KEYS_MAX = 64
_CHUNK_COUNT = 128
"""Envelopes handed to one call of a worker: enough to hide the cost of handing over."""

_Signed: TypeAlias = tuple[bytes, tuple[Name, ...]]
"""A payload whose signatures hold, and the parties of whom enough keys signed."""
_A = TypeVar("_A")
_B = TypeVar("_B")


class ChunkMap(Protocol):
    """Applies a pure function to items and yields the results in order, as the builtin `map` does.

    An adapter may pass `ProcessPoolExecutor.map`: functions, items and results can all be pickled.
    """

    def __call__(self, function: Callable[[_A], _B], items: Iterable[_A], /) -> Iterable[_B]:
        """Return `function(item)` for each item, in the order of the items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyKeys:
    """The keys with which a party signs, and how many of them a statement of its own needs.

    Range: `1 <= threshold <= len(keys) <= PARTY_KEYS_MAX`, keys distinct, Ed25519.
    """

    party: Name
    keys: tuple[PublicKey, ...]
    threshold: int

    def __post_init__(self) -> None:
        if not 1 <= self.threshold <= len(self.keys) <= PARTY_KEYS_MAX:
            raise MalformedError(
                f"party {self.party} has {len(self.keys)} keys and threshold {self.threshold}, "
                f"want 1 <= threshold <= keys <= {PARTY_KEYS_MAX}"
            )
        if len({key.data for key in self.keys}) != len(self.keys):
            raise MalformedError(f"party {self.party} has the same key twice")
        if any(key.kind is not KeyKind.ED25519 for key in self.keys):
            raise MalformedError(f"party {self.party} has a key that is not Ed25519")


class PartyBook(Mapping[Name, PartyKeys]):
    """All parties' keys, indexed once so that opening a statement costs one look-up a signature.

    A key belongs to one party: with a shared key, one officer could sign for two.
    """

    __slots__ = ("_by_hint", "_parties")

    def __init__(self, parties: Mapping[Name, PartyKeys]) -> None:
        if len(parties) > PARTIES_MAX:
            raise MalformedError(f"there are {len(parties)} parties, want at most {PARTIES_MAX}")
        self._parties = dict(parties)
        self._by_hint: dict[str, tuple[Name, PublicKey]] = {}
        for name, entry in self._parties.items():
            if name != entry.party:
                raise MalformedError(f"keys of party {entry.party} are listed under {name}")
            for key in entry.keys:
                hint = key_hint(key)
                if hint in self._by_hint:
                    raise MalformedError(f"parties {self._by_hint[hint][0]} and {name} have the same key")
                self._by_hint[hint] = (name, key)

    def __getitem__(self, name: Name) -> PartyKeys:
        return self._parties[name]

    def __iter__(self) -> Iterator[Name]:
        return iter(self._parties)

    def __len__(self) -> int:
        return len(self._parties)

    def find_key(self, hint: str) -> tuple[Name, PublicKey] | None:
        """Return the key with this hint and whose it is, or None."""
        return self._by_hint.get(hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStatement:
    """A statement whose signatures have been checked.

    `signers` are the parties of whom at least their threshold of distinct keys signed; `header.party` is
    always among them. `digest` is that of the payload, which the next `previous` repeats.
    """

    statement: Statement
    digest: Digest
    signers: frozenset[Name]


def sign_statement(statement: Statement, signers: Sequence[SigningKey]) -> bytes:
    """Return the canonical envelope of `statement`, signed by each key, in the order of the key hints.

    Raises:
        MalformedError: the envelope is larger than a log entry may be, or there are too many signers.
    """
    payload = format_statement(statement)
    message = pae(PAYLOAD_TYPE, payload)
    signatures = tuple(
        EnvelopeSignature(hint=hint, signature=key.sign(message))
        for hint, key in sorted({key_hint(key.public): key for key in signers}.items())
    )
    data = format_envelope(Envelope(payload_type=PAYLOAD_TYPE, payload=payload, signatures=signatures))
    if len(data) > ENTRY_BYTES_MAX:
        raise MalformedError(f"envelope has {len(data)} bytes, want at most {ENTRY_BYTES_MAX}")
    return data


def open_statement(data: bytes, parties: Mapping[Name, PartyKeys]) -> OpenedStatement:
    """Return the statement in a canonical envelope after checking every signature on it.

    Sequence, chain, origin and time are not checked here, nor is what the body means. `parties` is best a
    `PartyBook`; any other mapping is indexed anew on each call.

    Raises:
        MalformedError: the envelope or its payload is not in its one spelling.
        SignatureError: a signature is by no known key or does not verify, or the party that the header
            names has not reached its threshold.
    """
    book = parties if isinstance(parties, PartyBook) else PartyBook(parties)
    return _open_payload(*_verify_envelope(data, book))


def _verify_envelope(data: bytes, book: PartyBook) -> _Signed:
    """Check every signature: spec/statement.md steps 1 to 3. The payload is not parsed."""
    payload, signatures = _split_envelope(data)
    message = pae(PAYLOAD_TYPE, payload)
    counts: dict[Name, int] = {}
    for hint, signature in signatures:
        found = book.find_key(hint)
        if found is None:
            raise SignatureError(f"signature with keyid {hint[:16]} is by no known key")
        party, key = found
        verify_signature(key, message=message, signature=parse_base64(signature))
        counts[party] = counts.get(party, 0) + 1
    return payload, tuple([party for party, count in counts.items() if count >= book[party].threshold])


def _open_payload(payload: bytes, signers: tuple[Name, ...]) -> OpenedStatement:
    """Parse the very bytes whose signatures were checked: steps 4 and 5."""
    statement = parse_statement(payload)
    if statement.header.party not in signers:
        raise SignatureError(f"party {statement.header.party} has not signed with its threshold of keys")
    return OpenedStatement(statement=statement, digest=statement_digest(payload), signers=frozenset(signers))


_HEAD = b'{"payload":"'
_SIGNATURE = r'\{"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/]{86}==)"\}'
_TAIL = re.compile(
    rf'","payloadType":"{re.escape(PAYLOAD_TYPE)}","signatures":\[{_SIGNATURE}'
    rf"((?:,{_SIGNATURE}){{0,{SIGNATURES_MAX - 1}}})\]\}}\Z"
)
_MORE_SIGNATURES = re.compile(_SIGNATURE)


def _split_envelope(data: bytes) -> tuple[bytes, list[tuple[str, str]]]:
    """Return payload and (keyid, base64) pairs of an envelope in its one spelling: steps 1 and 2."""
    if len(data) > ENTRY_BYTES_MAX:
        raise MalformedError(f"envelope has {len(data)} bytes, want at most {ENTRY_BYTES_MAX}")
    end = data.find(b'"', len(_HEAD))
    tail = _TAIL.match(data[end:].decode("latin-1")) if end > 0 and data.startswith(_HEAD) else None
    if tail is None:
        _explain(data)
    pairs = [(tail[1], tail[2])]
    if tail[3]:
        pairs += _MORE_SIGNATURES.findall(tail[3])
        hints = [hint for hint, _ in pairs]
        if hints != sorted(set(hints)):
            raise MalformedError("signatures are not sorted by keyid, each key once")
    return parse_base64(data[len(_HEAD) : end].decode("latin-1")), pairs


def _explain(data: bytes) -> NoReturn:
    """Say why an envelope is not in its one spelling.

    Raises:
        MalformedError: always.
    """
    envelope = parse_envelope(data)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise MalformedError(f"payload type is {envelope.payload_type[:64]!r}, want {PAYLOAD_TYPE}")
    if format_envelope(envelope) != data:
        raise MalformedError("envelope is not canonical json with standard base64 and nothing unknown")
    raise MalformedError(
        "envelope has a signature without a keyid of 64 hexadecimal digits or of a length other than 64"
    )


def open_statements(
    datas: Sequence[bytes], parties: Mapping[Name, PartyKeys], *, map: ChunkMap = map
) -> tuple[OpenedStatement, ...]:
    """Open many envelopes; `map` may spread the signature checks over processes and changes no result.

    Raises:
        VerificationError: as `open_statement`, for the first entry that fails, named by its index.
    """
    book = parties if isinstance(parties, PartyBook) else PartyBook(parties)
    items = iter(datas)
    chunks = [tuple(islice(items, _CHUNK_COUNT)) for _ in range(0, len(datas), _CHUNK_COUNT)]
    opened: list[OpenedStatement] = []
    # A worker hands back bytes and names, since handing over whole statements costs more than parsing them;
    # they are parsed here while the workers check the next chunks.
    for signed, error in map(partial(_verify_chunk, book), chunks):
        try:
            for payload, signers in signed:
                opened.append(_open_payload(payload, signers))
            if error is not None:
                raise error
        except VerificationError as exc:
            raise type(exc)(f"entry {len(opened)}: {exc.message}") from exc
    return tuple(opened)


def _verify_chunk(
    book: PartyBook, chunk: tuple[bytes, ...]
) -> tuple[list[_Signed], VerificationError | None]:
    """Return what is signed up to the first envelope that fails, and its error."""
    signed: list[_Signed] = []
    try:
        for data in chunk:
            signed.append(_verify_envelope(data, book))
    except VerificationError as exc:
        return signed, exc
    return signed, None
