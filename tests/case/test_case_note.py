"""The `checkpoint` predicate: quoting a note, and reading the quote back."""

import pytest

from allstop.case import CHECKPOINT, QUOTED_NOTE_CHARS_MAX, QuotedNote, quote_note
from allstop.errors import LimitError, MalformedError
from allstop.tlog import Note, format_note, parse_note
from support_case import build_case
from support_statement import make_statement


def newest_note() -> bytes:
    """Return a note with lines of every kind."""
    return build_case(2).notes[-1]


def test_a_quote_keeps_text_and_ed25519_lines() -> None:
    """What goes are the ML-DSA-44 lines of log and witness; order and all else stay."""
    whole = parse_note(newest_note())
    quoted = quote_note(newest_note())
    assert quoted.note is not None
    kept = parse_note(quoted.note)
    assert whole.text == kept.text
    assert tuple(line for line in whole.signatures if len(line.signature) <= 72) == kept.signatures
    assert len(kept.signatures) == len(whole.signatures) - 2
    assert quoted == quote_note(quoted.note)


@pytest.mark.parametrize(
    "quoted", [QuotedNote(note=None), quote_note(build_case(1).notes[-1])], ids=["none", "note"]
)
def test_format_and_parse_are_each_others_inverse(quoted: QuotedNote) -> None:
    """A quote read from a body is the quote that was written."""
    assert quoted == CHECKPOINT.parse(CHECKPOINT.format(quoted))


def test_a_note_without_an_ed25519_line_cannot_be_quoted() -> None:
    """There would be nothing left that proves anything."""
    whole = parse_note(newest_note())
    strong = Note(
        text=whole.text, signatures=tuple(line for line in whole.signatures if len(line.signature) > 72)
    )
    with pytest.raises(MalformedError, match="no Ed25519 line"):
        quote_note(format_note(strong))


def test_what_is_no_note_cannot_be_quoted() -> None:
    """The limits and the form of notes hold."""
    with pytest.raises(MalformedError, match="blank line"):
        quote_note(b"hello\n")
    with pytest.raises(LimitError, match="want at most"):
        quote_note(b"x" * 200_000)


def test_a_quote_has_a_limit() -> None:
    """A body longer than any quote is refused before it is read as a note."""
    with pytest.raises(MalformedError, match=r"checkpoint\.note"):
        CHECKPOINT.parse({"note": "x" * (QUOTED_NOTE_CHARS_MAX + 1)})


def test_the_predicate_reads_its_statements() -> None:
    """Its type on the wire is that of the log's own statements."""
    assert CHECKPOINT.type_uri == "urn:allstop:predicate:checkpoint:v1"
    quoted = quote_note(newest_note())
    assert quoted == CHECKPOINT.read(make_statement(predicate="checkpoint", body=CHECKPOINT.format(quoted)))
