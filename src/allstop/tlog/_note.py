"""Signed notes, C2SP signed-note v1.0.0: a text, one blank line, signature lines. See spec/log.md section 1.

A note is parsed whole before any key is looked at. What a signature signs depends on the type of its
key: the text itself (0x01), or a cosignature's message, which `_cosignature` makes (0x04, 0x06).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from allstop.canon import format_base64, parse_base64
from allstop.errors import LimitError, MalformedError

__all__ = [
    "NOTE_BYTES_MAX",
    "SIGNATURES_MAX",
    "Note",
    "NoteSignature",
    "format_note",
    "format_signature_lines",
    "parse_note",
    "parse_signature_lines",
]

NOTE_BYTES_MAX = 131_072
"""Longest note: 32 signatures of ML-DSA-44 in base64 are 105 kB."""

SIGNATURES_MAX = 32
"""Most signature lines in one note; the standard asks for at least 16."""

_KEY_ID_BYTES = 4
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_LINE_START = "\u2014 "


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line: who is said to have signed, and the bytes. Unverified.

        — example.org/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9...

    `name` has no Unicode space and no plus sign; `key_id` is 4 bytes; `signature` is not empty.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(map(str.isspace, self.name)):
            raise MalformedError(f"malformed key name {self.name[:24]!r}, want no space and no plus sign")
        if len(self.key_id) != _KEY_ID_BYTES or not self.signature:
            raise MalformedError("note signature has no 4-byte key id, or nothing behind it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and its signature lines, parsed but not verified.

    `text` is UTF-8 that ends in a newline; the blank line behind it is not part of it.
    """

    text: bytes
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith(b"\n"):
            raise MalformedError("note text does not end in a newline")
        _refuse_control(self.text)
        if not 1 <= len(self.signatures) <= SIGNATURES_MAX:
            raise MalformedError(f"note has {len(self.signatures)} signatures, want 1 to {SIGNATURES_MAX}")


def _refuse_control(data: bytes) -> None:
    if _CONTROL.search(data):
        raise MalformedError("note has a control character other than newline")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise MalformedError("note is not UTF-8") from exc


def parse_note(data: bytes) -> Note:
    """Parse a note; the text ends at the last blank line.

    Raises:
        LimitError: the note is longer than `NOTE_BYTES_MAX`.
        MalformedError: `data` is not a note.
    """
    if len(data) > NOTE_BYTES_MAX:
        raise LimitError(f"note has {len(data)} bytes, want at most {NOTE_BYTES_MAX}")
    head, blank, lines = data.rpartition(b"\n\n")
    if not blank:
        raise MalformedError("note has no blank line before its signatures")
    return Note(text=head + b"\n", signatures=parse_signature_lines(lines))


def format_note(note: Note) -> bytes:
    """Return text, blank line and signature lines."""
    return note.text + b"\n" + format_signature_lines(note.signatures)


def parse_signature_lines(data: bytes) -> tuple[NoteSignature, ...]:
    """Parse signature lines that stand alone, as a witness sends them; each ends in a newline.

    Raises:
        LimitError: `data` is longer than `NOTE_BYTES_MAX`.
        MalformedError: there is none, or more than `SIGNATURES_MAX`, or one is not in that form.
    """
    if len(data) > NOTE_BYTES_MAX:
        raise LimitError(f"note has {len(data)} bytes, want at most {NOTE_BYTES_MAX}")
    _refuse_control(data)
    lines = data.decode("utf-8").split("\n")
    if lines.pop():
        raise MalformedError("note does not end in a newline")
    if not 1 <= len(lines) <= SIGNATURES_MAX:
        raise MalformedError(f"note has {len(lines)} signatures, want 1 to {SIGNATURES_MAX}")
    return tuple(_parse_line(line) for line in lines)


def _parse_line(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not line.startswith(_LINE_START) or not space:
        raise MalformedError(f"malformed signature line {line[:48]!r}, want em dash, name and base64")
    blob = parse_base64(encoded)
    return NoteSignature(name=name, key_id=blob[:_KEY_ID_BYTES], signature=blob[_KEY_ID_BYTES:])


def format_signature_lines(signatures: Sequence[NoteSignature]) -> bytes:
    """Return the signature lines, each with its newline."""
    return "".join(
        f"{_LINE_START}{item.name} {format_base64(item.key_id + item.signature)}\n" for item in signatures
    ).encode("utf-8")
