"""What each type of note key signs, and signing and verifying by it: C2SP tlog-cosignature v1.1.0-rc.1.

    0x01  the text
    0x04  Ed25519 over "cosignature/v1", a time line, and the whole text
    0x06  ML-DSA-44 over a binary structure with cosigner, time, origin, size and root; not the text

A log signs with 0x01 and 0x06, a witness with 0x04 and 0x06. See spec/log.md section 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.canon import format_decimal
from allstop.errors import MalformedError, SignatureError
from allstop.keys import KeyKind, NoteKey, NoteKeyType, SigningKey, verify_signature
from allstop.times import INSTANT_MS_MAX, Instant
from allstop.tlog._checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from allstop.tlog._hash import Hash, parse_hash
from allstop.tlog._note import Note, NoteSignature, format_note, parse_note

__all__ = [
    "NoteSigner",
    "OpenedNote",
    "SubtreeCosignature",
    "VerifiedSignature",
    "format_subtree_message",
    "open_note",
    "sign_checkpoint",
    "sign_note",
    "sign_text",
]

_SUBTREE_LABEL = b"subtree/v1\n\x00"
_TIME_BYTES = 8
_SECONDS_MAX = INSTANT_MS_MAX // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtreeCosignature:
    """What an ML-DSA-44 cosignature says: who, when, of which log, and the root over `[start, end)`.

    Range: names 1 to 255 bytes; `0 <= start < end` or both 0; if `start` is not 0, `seconds` is 0.
    """

    cosigner: str
    seconds: int
    origin: str
    start: int
    end: int
    root: Hash

    def __post_init__(self) -> None:
        for name in (self.cosigner, self.origin):
            if not 1 <= len(name.encode("utf-8")) <= 255:
                raise MalformedError(f"name in a cosignature is {name[:24]!r}, want 1 to 255 bytes")
        parse_hash(self.root)
        if self.start and self.seconds:
            raise MalformedError("cosignature of a subtree that does not start at 0 has a time, want none")
        if not 0 <= self.start <= self.end < 2**63 or not 0 <= self.seconds < 2**63:
            raise MalformedError("cosignature has a number outside its range")


def format_subtree_message(cosignature: SubtreeCosignature) -> bytes:
    """Return the bytes that an ML-DSA-44 cosigner signs (C2SP tlog-cosignature, K2)."""
    cosigner, origin = cosignature.cosigner.encode("utf-8"), cosignature.origin.encode("utf-8")
    return b"".join(
        (
            _SUBTREE_LABEL,
            bytes([len(cosigner)]) + cosigner,
            cosignature.seconds.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            cosignature.start.to_bytes(8, "big"),
            cosignature.end.to_bytes(8, "big"),
            cosignature.root,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSigner:
    """A private key under a name, for one purpose.

    `type` must fit the kind of key; `note_key` is the public side, which others pin.
    """

    name: str
    type: NoteKeyType
    key: SigningKey

    def __post_init__(self) -> None:
        self.note_key  # noqa: B018  # constructing it checks name, type and key

    @property
    def note_key(self) -> NoteKey:
        """The public key under the same name and type."""
        return NoteKey(name=self.name, type=self.type, key=self.key.public)


def _message(name: str, type_: NoteKeyType, text: bytes, seconds: int) -> bytes:
    """Return what a key of this type signs when the note has this text."""
    if type_ is NoteKeyType.ED25519:
        return text
    if type_ is NoteKeyType.COSIGNATURE_ED25519:
        parse_checkpoint(text)  # a cosignature speaks of checkpoints and of nothing else
        return b"cosignature/v1\ntime " + format_decimal(seconds).encode("ascii") + b"\n" + text
    checkpoint = parse_checkpoint(text)
    return format_subtree_message(
        SubtreeCosignature(
            cosigner=name,
            seconds=seconds,
            origin=checkpoint.origin,
            start=0,
            end=checkpoint.size,
            root=checkpoint.root,
        )
    )


def sign_text(text: bytes, signer: NoteSigner, *, at: Instant) -> NoteSignature:
    """Sign a note's text; `at` (whole seconds of it) is signed by keys of the types 0x04 and 0x06.

    Raises:
        MalformedError: such a key and a text that is no checkpoint.
    """
    seconds = at.ms // 1000
    signature = signer.key.sign(_message(signer.name, signer.type, text, seconds))
    if signer.type is not NoteKeyType.ED25519:
        signature = seconds.to_bytes(_TIME_BYTES, "big") + signature
    return NoteSignature(name=signer.name, key_id=signer.note_key.id, signature=signature)


def sign_note(text: bytes, signers: Sequence[NoteSigner], *, at: Instant) -> bytes:
    """Return the note with this text and one signature line for each signer."""
    return format_note(Note(text=text, signatures=tuple(sign_text(text, item, at=at) for item in signers)))


def sign_checkpoint(checkpoint: Checkpoint, keys: Sequence[SigningKey], *, at: Instant) -> bytes:
    """Return the checkpoint's note as its log signs it: Ed25519 keys as 0x01, ML-DSA-44 keys as 0x06.

    The key name is the origin. That the checkpoint continues those signed before is for the caller.
    """
    types = {KeyKind.ED25519: NoteKeyType.ED25519, KeyKind.ML_DSA_44: NoteKeyType.MLDSA44}
    signers = [NoteSigner(name=checkpoint.origin, type=types[key.public.kind], key=key) for key in keys]
    return sign_note(format_checkpoint(checkpoint), signers, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedSignature:
    """A known key that did sign; `at` is the time that it signed, None for 0x01 or where it is 0."""

    key: NoteKey
    at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedNote:
    """A note with at least one verified signature; `verified` has each line by a known key, in order."""

    note: Note
    verified: tuple[VerifiedSignature, ...]


def open_note(data: bytes, keys: Sequence[NoteKey]) -> OpenedNote:
    """Parse a note and verify every line that names a known key, by name and id together.

    Lines by unknown keys are ignored, even if one of the two fits. Quorum is not checked here.

    Raises:
        LimitError: the note is too long.
        MalformedError: `data` is not a note.
        SignatureError: a line by a known key does not verify, or no line is by a known key.
    """
    note = parse_note(data)
    known = {(key.name, key.id): key for key in keys}
    verified: list[VerifiedSignature] = []
    for item in note.signatures:
        key = known.get((item.name, item.key_id))
        if key is not None:
            verified.append(_verify(note.text, key, item.signature))
    if not verified:
        raise SignatureError("note has no signature by a known key")
    return OpenedNote(note=note, verified=tuple(verified))


def _verify(text: bytes, key: NoteKey, signature: bytes) -> VerifiedSignature:
    seconds = 0
    if key.type is not NoteKeyType.ED25519:
        seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
        signature = signature[_TIME_BYTES:]
    if seconds > _SECONDS_MAX:
        raise SignatureError(f"cosignature by {key.name!r} is dated after the year 9999")
    try:
        verify_signature(key.key, message=_message(key.name, key.type, text, seconds), signature=signature)
    except SignatureError as exc:
        raise SignatureError(f"signature by {key.name!r} in a note: {exc.message}") from exc
    return VerifiedSignature(key=key, at=Instant(seconds * 1000) if seconds else None)
