"""The redline: what changes is seen in every form, and nothing that a party wrote bends the page."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.agreement import DescribedChange
from allstop.changes import Change, Op
from allstop.ids import Name
from allstop.report import Redline, format_redline, format_redline_markdown, render_redline
from allstop.report._redline import COMPARED_MAX, WORDS_MAX, PieceKind, compare_words

CHANGE = Change(op=Op.SET, path=("obligations", "4.1", "text"), was=b'"a"', now=b'"b"')
HOSTILE = '<script>alert(1)</script> <b>"&\u202e*x* [a](http://x.example) `y` |'
words = st.lists(st.sampled_from("abcde"), max_size=12).map(" ".join)


def redline(**changes: object) -> Redline:
    """Return a redline of one text that was reworded."""
    one = DescribedChange(
        changes=(CHANGE,),
        text="clause 4.1 (prohibit) is reworded",
        stricter_for=(Name("alder"),),
        before="no run above the cap",
        after="no run above half the cap",
        **changes,  # type: ignore[arg-type]  # fields of a change
    )
    return Redline(title="A pause", facts=("from old.toml", "to new.toml"), changes=(one,))


@settings(max_examples=80, deadline=None)
@given(before=words, after=words)
def test_either_side_can_be_read_off_the_pieces(before: str, after: str) -> None:
    """What stays and goes is the old wording, what stays and comes the new one: the marks invent nothing."""
    pieces = compare_words(before, after)
    old = " ".join(piece.text for piece in pieces if piece.kind is not PieceKind.IN and piece.text)
    new = " ".join(piece.text for piece in pieces if piece.kind is not PieceKind.OUT and piece.text)
    assert (before, after) == (old, new)


def test_a_long_text_is_shown_whole() -> None:
    """Hostile texts must not make the comparison slow: beyond a limit both sides are shown as they are."""
    long = "a b " * WORDS_MAX
    assert [PieceKind.OUT, PieceKind.IN] == [piece.kind for piece in compare_words(long, "c")]
    one = redline().changes[0]
    many = Redline(title="A pause", facts=(), changes=(one,) * (COMPARED_MAX + 1))
    lines = format_redline(many)
    assert lines.count("    no run above {+half+} the cap") == COMPARED_MAX
    assert lines.count("    [-no run above the cap-] {+no run above half the cap+}") == 1


def test_the_three_forms_say_the_same() -> None:
    """Title, facts, words, marks and who is bound more strictly are in each of them."""
    text = "\n".join(format_redline(redline()))
    assert text == (
        "A pause\nfrom old.toml\nto new.toml\n\n- clause 4.1 (prohibit) is reworded\n"
        "    no run above {+half+} the cap\n    stricter for: alder"
    )
    markdown = format_redline_markdown(redline())
    assert "  > no run above **half** the cap" in markdown
    assert "  - stricter for: alder" in markdown
    page = render_redline(redline())
    assert "no run above <ins>half</ins> the cap" in page
    assert "Stricter for <bdi>alder</bdi>" in page


@pytest.mark.parametrize("form", [format_redline_markdown, render_redline])
def test_no_change_is_said(form: object) -> None:
    """Two texts that are alike give a page that says so."""
    empty = Redline(title="A pause", facts=(), changes=())
    assert "o change." in form(empty)  # type: ignore[operator]  # one of the two renderers
    assert format_redline(empty)[-1] == "no change"


def test_what_parties_wrote_is_escaped() -> None:
    """Markup, links, scripts and characters that turn the direction of writing are shown, not obeyed."""
    one = DescribedChange(changes=(CHANGE,), text=HOSTILE, before=HOSTILE, after=HOSTILE + " more")
    hostile = Redline(title=HOSTILE, facts=(HOSTILE,), changes=(one,))
    page = render_redline(hostile)
    assert "<script" not in page
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "[U+202E]" in page
    markdown = format_redline_markdown(hostile)
    assert "\u202e" not in markdown
    assert not re.findall(r"(?<!\\)[\[`<]", re.sub(r"<!-- -->", "", markdown))


def test_the_page_loads_nothing() -> None:
    """One style sheet, by its hash, and no script, link or image."""
    page = render_redline(redline())
    assert "default-src 'none'" in page
    assert not re.findall(r"<script|<link|<img|@import|url\(", page)
    assert page == render_redline(redline())
