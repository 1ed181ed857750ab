"""The report as Markdown: a reader of another maker sees the words, and no party can put anything else there."""

from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from allstop.report import Document, format_markdown
from allstop.report._markdown import _escape
from replay_world import replayed
from report_documents import document_from, rewrite_texts, undeclared
from verdict_world import World, honest, terms

HOSTILE = (
    "[a](http://b.example) <img src=x onerror=y> **bold** `code` ~~gone~~ | cell | # head - list"
    " ![p](q) www.c.example https://d.example e@f.example &lt; $x$ \\ _it_ 1. one\n\n# Heading\n- item\n---"
)
STARTS = (
    "- item",
    "+ item",
    "1. one",
    "2) two",
    "# head",
    "> quote",
    "=== ",
    "---",
    "| a | b |",
    "    code",
    "``` x",
    "@ <script>alert(1)</script>",
    " @<b>",
)
ALLOWED = {"paragraph", "heading", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td"}


def tokens_of(text: str) -> list[Token]:
    """Return what another maker's parser finds, with all that a friendly viewer may turn on."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    found: list[Token] = []
    for token in parser.parse(text):
        found += [token, *(token.children or [])]
    return found


def kinds_of(text: str) -> list[str]:
    """Return the kinds of tokens, in order."""
    return [token.type for token in tokens_of(text)]


def shown(text: str) -> str:
    """Return the words that a reader sees of one escaped text."""
    return "".join(token.content for token in tokens_of(text) if token.type in ("text", "text_special"))


@pytest.mark.parametrize("text", [*STARTS, HOSTILE.split("\n")[0]])
def test_an_escaped_text_is_shown_as_it_was_written(text: str) -> None:
    """As a line of its own: one paragraph whose words are the text, though blanks at the ends are lost."""
    found = kinds_of(_escape(text))
    assert {"paragraph_open", "inline", "text", "paragraph_close"} >= {
        kind for kind in found if kind not in ("text_special", "html_inline")
    } or text.startswith("    ")
    assert text.strip() == shown(_escape(text)).strip() or text.startswith("    ")


@given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40))
def test_any_text_survives(text: str) -> None:
    """Whatever is written, nothing but text and the comment that parts mail addresses comes of it."""
    tokens = tokens_of(_escape(text))
    kinds = {token.type for token in tokens}
    assert kinds <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close", "html_inline"}
    assert {token.content for token in tokens if token.type == "html_inline"} <= {"<!-- -->"}
    assert text == shown(_escape(text))


def test_words_of_parties_change_no_structure() -> None:
    """Each text of a report replaced by a hostile one of the same kind: the same blocks, no link, no image, no HTML."""
    plain = undeclared()
    hostile = cast(Document, rewrite_texts(plain, lambda text: text and f"{text} {HOSTILE}"))
    expected, found = (
        [
            kind
            for kind in kinds_of(format_markdown(one))
            if kind not in ("text", "text_special", "html_inline")
        ]
        for one in (plain, hostile)
    )
    assert expected == found
    assert {"link_open", "image", "code_inline", "s_open", "em_open"} & set(found) == set()


def test_what_no_reader_may_miss_is_there() -> None:
    """Banner, standing, verdicts, what is not covered, the sentences, the digest, the commands."""
    document = undeclared()
    text = format_markdown(document)
    words = shown(text)
    for line in (document.head.banner, document.head.verdict_words, *document.room.sentences):
        assert line in words
    assert 3 == words.count("Would be covered by: ")
    assert document.head.digest in text
    assert f"    {document.again.audit}\n" in text
    assert "NOT A FULL AUDIT" not in text
    own = format_markdown(document_from(honest().judge(), is_given=False))
    assert own.index("NOT A FULL AUDIT") < own.index("## Room to hide")


@pytest.mark.parametrize("name", ["honest", "bare", "replayed", "not held", "nobody"])
def test_every_kind_of_case_has_a_page(name: str) -> None:
    """With and without sites, jobs, re-execution and blobs; never a section without content."""
    world = {"bare": World(agreement=terms()), "replayed": replayed()}.get(name) or honest()
    if name == "bare":
        world.site()
    blobs = {min(world.blobs)} if name == "not held" else set()
    document = document_from(world.judge(without_blobs=blobs))
    if name == "nobody":
        document = replace(document, parties=(), blocs=(), sites=(), jobs=())
    text = format_markdown(document)
    assert (name == "replayed") is ("## Re-execution" in text)
    assert (name == "not held") is ("## Not held" in text)
    tables = [token for token in tokens_of(text) if token.type == "table_open"]
    assert len(tables) >= 4
