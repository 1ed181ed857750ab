"""The `checkpoint` predicate: the previous cosigned note, logged, so that time is proven by the log itself.

Implements spec/checkpoint.md. The first entry of each batch is such a statement; what its note proves is
worked out in `_times`. The codec verifies no signature of the note.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.statement import Audience, Predicate
from allstop.tlog import Note, format_note, parse_note

__all__ = ["CHECKPOINT", "QUOTED_NOTE_CHARS_MAX", "QuotedNote", "quote_note"]

QUOTED_NOTE_CHARS_MAX = 16_384
"""Longest quoted note: 64 Ed25519 lines with names of a hundred characters."""

# An Ed25519 signature, bare or behind a time. ML-DSA-44 lines of 3 kB each, in every batch, would be most
# of the log, and prove nothing more: the newest note carries them over the same tree.
_ED25519_BYTES = (64, 72)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedNote:
    r"""The previous batch's cosigned note, its Ed25519 lines only; None in the first batch of a log.

    Wire form: `{"note": "log.example/evidence\n12\nfB5e…=\n\n— log.example/evidence vEtq…\n…"}`.
    """

    note: bytes | None


def quote_note(note: bytes) -> QuotedNote:
    """Return what the next batch quotes of a cosigned note: text and Ed25519 lines, in their order.

    Raises:
        LimitError: `note` is too long.
        MalformedError: `note` is not a note, or has no Ed25519 line.
    """
    parsed = parse_note(note)
    kept = tuple(line for line in parsed.signatures if len(line.signature) in _ED25519_BYTES)
    if not kept:
        raise MalformedError("note has no Ed25519 line to quote")
    return QuotedNote(note=format_note(Note(text=parsed.text, signatures=kept)))


def _parse(body: JSON) -> QuotedNote:
    fields = Fields(body, "checkpoint")
    if fields.raw("note") is None:
        fields.done()
        return QuotedNote(note=None)
    note = fields.text("note", QUOTED_NOTE_CHARS_MAX).encode("utf-8")
    fields.done()
    if quote_note(note).note != note:
        raise MalformedError("checkpoint.note: has lines other than Ed25519")
    return QuotedNote(note=note)


def _format(quoted: QuotedNote) -> JSON:
    return {"note": None if quoted.note is None else quoted.note.decode("utf-8")}


CHECKPOINT: Predicate[QuotedNote] = Predicate(
    name=Name("checkpoint"), parse=_parse, format=_format, audience=Audience.ANYONE
)
"""Signed by the operator of the log, as the first entry of each batch."""
