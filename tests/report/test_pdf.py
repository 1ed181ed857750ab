"""The report as PDF: the same bytes for the same document, and words of parties that stay words."""

from dataclasses import replace
from importlib import resources
from typing import cast

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.canon import format_json, parse_canonical_json
from allstop.report import Document, format_document, format_pdf
from allstop.report._pdf import _settable
from replay_world import replayed
from report_documents import document_from, honest_document, rewrite_texts, undeclared
from verdict_world import World, honest, terms

TEMPLATE = resources.files("allstop.report").joinpath("templates", "report.typ").read_bytes()
HONEST = honest_document()
HOSTILE = (
    '#panic("read as code") *b* _e_ `r` $x$ <label> @ref https://a.example = Head #link("b")[c] \\ "q" // c'
)
ELEMENTS = ("strong", "emph", "link", "ref", "math.equation", "raw", "heading", "image")


def count_elements(document: Document) -> dict[str, int]:
    """Return how many elements of each kind the template makes of a document."""
    report = format_json(_settable(parse_canonical_json(format_document(document)))).decode()
    inputs = {"report": report}
    return {
        name: typst.query(TEMPLATE, name, sys_inputs=inputs, ignore_system_fonts=True).count('"func":')
        for name in ELEMENTS
    }


def test_the_same_document_gives_the_same_bytes() -> None:
    """No clock, no machine's fonts, no chance: two runs are equal, and it is a PDF/A of A4 pages."""
    again = document_from(honest().judge())
    first, second = format_pdf(HONEST), format_pdf(again)
    assert first == second
    assert first.startswith(b"%PDF-1.7")
    assert b"pdfaid:part" in first
    assert b"/MediaBox[0 0 595.2756 841.8898]" in first


def test_another_document_gives_other_bytes() -> None:
    """The comparison above can fail."""
    assert format_pdf(undeclared()) != format_pdf(HONEST)


def test_words_of_parties_are_never_read_as_code_or_markup() -> None:
    """Each text of a report grows hostile words: it is set all the same, with no element more."""
    plain = undeclared()
    hostile = cast(Document, rewrite_texts(plain, lambda text: spoil(text)))
    format_pdf(hostile)
    expected, found = count_elements(plain), count_elements(hostile)
    assert expected == found
    assert (0, 0, 0, 0) == (found["link"], found["ref"], found["math.equation"], found["image"])


def spoil(text: str) -> str:
    """Add hostile words to a text, unless the template finds something by it."""
    is_key = text in ("", "north", "south", "alder", "birch", "cedar", "dogwood") or set(text) <= set(
        "0123456789abcdef"
    )
    return text if is_key else f"{text} {HOSTILE}"


def test_code_in_the_template_would_be_seen() -> None:
    """The test above can fail: read as markup, the same words end the run."""
    with pytest.raises(typst.TypstError, match="read as code"):
        typst.compile(HOSTILE.encode(), ignore_system_fonts=True)


@pytest.mark.parametrize("name", ["honest", "bare", "replayed", "not held", "early", "letters"])
def test_every_kind_of_case_can_be_set(name: str) -> None:
    """With and without sites, jobs, re-execution, blobs and ended periods, and with letters that no font has."""
    world = {"bare": World(agreement=terms()), "replayed": replayed()}.get(name) or honest()
    if name == "bare":
        world.site()
    if name == "letters":
        world = honest(title="暂停 وقف ⏸ " + "x" * 200)
    blobs = {min(world.blobs)} if name == "not held" else set()
    at = world.clock.plus(-3 * 3_600_000) if name == "early" else None
    assert format_pdf(document_from(world.judge(without_blobs=blobs, at=at))).startswith(b"%PDF")


def test_long_words_may_break_and_digests_stay_whole() -> None:
    """A word of fifty letters gets places to break; what is copied does not."""
    digest = "ab" * 32
    assert {
        "name": "\u200b".join(["x" * 20, "x" * 20, "x" * 10]),
        "digest": digest,
        "again": {"audit": "y" * 50},
    } == (_settable({"name": "x" * 50, "digest": digest, "again": {"audit": "y" * 50}}))


def test_what_the_fonts_lack_is_spelled_out() -> None:
    """Other letters, joined marks and signs that turn text around become their code points."""
    assert "[U+6682][U+0301] \\u202e é Ω Ж" == _settable("暂\u0301 \u202e é Ω Ж")


@settings(max_examples=5, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=100, max_size=100))
def test_any_title_can_be_set(titles: list[str]) -> None:
    """Whatever somebody calls the agreement, there is a report; a hundred titles at a time."""
    head = replace(HONEST.head, title=" ".join(titles))
    assert format_pdf(replace(HONEST, head=head, parties=(), sites=())).startswith(b"%PDF")


def test_every_letter_that_is_let_through_has_a_shape() -> None:
    """All of them at once, in a format that refuses what it cannot show."""
    letters = [chr(code) for code in range(0x20, 0x3000)]
    kept = "".join(letter for letter in letters if _settable(letter) == letter)
    assert len(kept) > 1000
    assert format_pdf(replace(HONEST, head=replace(HONEST.head, title=kept))).startswith(b"%PDF")
