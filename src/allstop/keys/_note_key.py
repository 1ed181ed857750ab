"""Named keys of signed notes: vkeys and key ids (spec/keys.md section 5, C2SP signed-note v1.0.0).

What such a key signs is not known here; that is the business of `tlog` and `witness`.
"""

import hashlib
import re
from dataclasses import dataclass
from enum import Enum

from allstop.canon import format_base64, parse_base64
from allstop.errors import MalformedError
from allstop.keys._keys import KeyKind, PublicKey

__all__ = ["NOTE_NAME_BYTES_MAX", "NoteKey", "NoteKeyType", "format_vkey", "parse_vkey"]

NOTE_NAME_BYTES_MAX = 255
"""Longest key name: cosignatures with ML-DSA-44 carry its length in one byte (tlog-cosignature K2)."""


class NoteKeyType(Enum):
    """The type byte of a note key, which says what the key signs."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    MLDSA44 = 0x06


_KIND = {
    NoteKeyType.ED25519: KeyKind.ED25519,
    NoteKeyType.COSIGNATURE_ED25519: KeyKind.ED25519,
    NoteKeyType.MLDSA44: KeyKind.ML_DSA_44,
}
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\Z", re.DOTALL)

# Plus signs, controls, white space of every alphabet, invisible and direction marks, surrogates. A fixed list:
# what str.isprintable says depends on the Unicode version of the Python that asks.
_BANNED = re.compile(
    r"[\x00-\x20+\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKey:
    """A public key under a name, for one purpose; written down as a vkey.

        example.org/log+1c66b9ea+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea

    The name has 1 to 255 bytes of UTF-8, no plus sign, no space of any alphabet, no control character.
    """

    name: str
    type: NoteKeyType
    key: PublicKey

    def __post_init__(self) -> None:
        if self.key.kind is not _KIND[self.type]:
            raise MalformedError(f"note key of type {self.type.name} holds a {self.key.kind.value} key")
        if _BANNED.search(self.name):
            raise MalformedError(f"malformed key name {self.name[:24]!r}, want no space, plus or control")
        if not 1 <= len(self.name.encode()) <= NOTE_NAME_BYTES_MAX:
            raise MalformedError(
                f"key name has {len(self.name.encode())} bytes, want 1 to {NOTE_NAME_BYTES_MAX}"
            )

    @property
    def id(self) -> bytes:
        """First 4 bytes of SHA-256(name, 0x0A, type byte, key). Unauthenticated: it only finds the key."""
        preimage = self.name.encode() + b"\n" + bytes([self.type.value]) + self.key.data
        return hashlib.sha256(preimage).digest()[:4]


def parse_vkey(text: str) -> NoteKey:
    """Parse `<name>+<8 hex of the id>+<base64 of type byte and key>`.

    Raises:
        MalformedError: another form, a type that is not in `NoteKeyType`, a key that `PublicKey` refuses,
            or an id that does not belong to this name and key.
    """
    match = _VKEY.match(text)
    if match is None:
        raise MalformedError(f"malformed vkey {text[:48]!r}, want NAME+ID+KEY")
    blob = parse_base64(match[3])
    try:
        kind = NoteKeyType(blob[0])
    except ValueError as exc:
        raise MalformedError(f"vkey has key type {blob[0]}, want 1, 4 or 6") from exc
    key = NoteKey(name=match[1], type=kind, key=PublicKey(kind=_KIND[kind], data=blob[1:]))
    if key.id.hex() != match[2]:
        raise MalformedError(f"vkey of {key.name!r} has id {match[2]}, want {key.id.hex()}")
    return key


def format_vkey(key: NoteKey) -> str:
    """Return the vkey of `key`."""
    blob = bytes([key.type.value]) + key.key.data
    return f"{key.name}+{key.id.hex()}+{format_base64(blob)}"
