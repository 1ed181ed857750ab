"""The report as a page: whole in one file, without scripts, readable by all, and beyond the reach of a party's words."""

import base64
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest

from allstop.ids import Name
from allstop.report import Document, render_html
from allstop.report._charts import SEGMENTS
from allstop.report._document import Amount
from allstop.report._html import CHARTS_MAX
from allstop.units import Unit
from replay_world import replayed
from report_documents import document_from
from verdict_world import honest

T = TypeVar("T")

HOSTILE = "\"'></style></script><script>alert(1)</script><img src=x onerror=alert(1)>&amp; {{ 7 * 7 }} \u202e\u0007\ue000"
UNBOUNDED = Amount(value=None, unit=Unit.PPM, words="no bound")
VOID = {"meta", "wbr", "path", "use", "circle"}
TEXTLESS = ("script", "link", "img", "iframe", "object", "embed", "form", "input", "base", "foreignobject")


class Page(HTMLParser):
    """Reads a page into its tags and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.style = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that holds nothing."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Demand that tags close in order."""
        if tag not in VOID:
            assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every tag of a name."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        """All that can be read, with single spaces."""
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def document() -> Document:
    """Return a report with jobs, re-execution, meters and several parties."""
    return document_from(replayed().judge())


@pytest.fixture(scope="module")
def html(document: Document) -> str:
    """Return it as a page."""
    return render_html(document)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    """Return it as read."""
    page = Page(html)
    assert not page.open
    return page


@pytest.fixture(scope="module")
def plain(document: Document) -> Document:
    """Return the report without what is drawn, which takes most of the time."""
    return replace(document, sites=(), room=replace(document.room, share=UNBOUNDED, share_liar=UNBOUNDED))


def rewritten(value: T, words: str) -> T:
    """Return a document in which every free text reads so, at every depth."""
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes: dict[str, object] = {}
    for field in fields(value):
        now = getattr(value, field.name)
        if field.type is str:
            changes[field.name] = words
        elif field.type == tuple[str, ...]:
            changes[field.name] = (words,) * len(now)
        elif isinstance(now, tuple):
            changes[field.name] = tuple(rewritten(one, words) for one in now)
        else:
            changes[field.name] = rewritten(now, words)
    return replace(value, **changes)


def test_the_page_is_whole(page: Page, html: str) -> None:
    """Nothing is loaded, run or sent: no such elements, no address, no handler, no style but the one sheet."""
    names = {tag for tag, _ in page.tags}
    assert not names & set(TEXTLESS)
    assert 1 == len(page.named("style"))
    for _, attributes in page.tags:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset")
        ]
    assert "://" not in html
    assert not re.search(r"@import|url\((?!#)", html)


def test_the_policy_allows_the_one_style_sheet(page: Page) -> None:
    """A browser that follows the policy shows the style and refuses all else, even what slipped in."""
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    (policy,) = [one for one in page.named("meta") if one.get("http-equiv")]
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        == policy["content"]
    )


def test_every_link_leads_to_a_place_on_the_page(page: Page) -> None:
    """Names are unique, and links and references of drawings point at one of them."""
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(names)) == len(names)
    targets = [attributes["href"] for _, attributes in page.tags if "href" in attributes]
    assert targets
    assert not {str(target).removeprefix("#") for target in targets} - set(names)
    labels = [attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes]
    assert not set(labels) - set(names)
    paints = re.findall(
        r"url\(#([a-z-]+)\)", " ".join(str(one) for _, tag in page.tags for one in tag.values())
    )
    assert not set(paints) - set(names)


def test_who_cannot_see_hears_the_same(page: Page) -> None:
    """One first heading and no level left out; header cells say for what; drawings are labelled or hidden."""
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert 1 == levels.count(1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(cell.get("scope") in ("col", "row") for cell in page.named("th"))
    assert all(one.get("aria-hidden") == "true" for one in page.named("svg"))
    drawings = [attributes for _, attributes in page.tags if attributes.get("role") == "img"]
    assert drawings
    assert all(one.get("aria-label") for one in drawings)
    assert [{"lang": "en"}] == page.named("html")


def test_no_meaning_is_in_colour_alone(page: Page) -> None:
    """Every verdict that is shown by a colour is also an icon and a word; every kind of chip-time a pattern."""
    text = page.text
    for badge, attributes in page.tags:
        for name in str(attributes.get("class")).split():
            if badge == "span" and name in ("consistent", "inconsistent", "undetermined"):
                assert name.upper() in text or name in text
    icons = {str(one.get("href")) for one in page.named("use")}
    assert {"#i-consistent", "#i-absent"} <= icons
    patterns = [str(one.get("id")) for one in page.named("pattern")]
    assert {f"p-{kind}" for kind in SEGMENTS} <= set(patterns)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_in_light_and_dark(page: Page, scheme: str) -> None:
    """Every pair of text and ground reaches 4.5 to 1, and every line that carries meaning 3 to 1."""
    found = re.findall(r":root \{(.*?)\}", page.style, re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in found[:2])
    of = light if scheme == "light" else light | dark
    texts = [(text, ground) for ground in ("page", "surface") for text in ("ink", "ink-soft", "accent")]
    texts += [
        (tone, ground) for tone in ("good", "bad", "open") for ground in ("page", "surface", f"{tone}-bg")
    ]
    poor = [pair for pair in texts if contrast(of[pair[0]], of[pair[1]]) < 4.5]
    lines = [(line, "surface") for line in ("line-strong", "room", "verified", "plausible", "unaccounted")]
    lines += [("unobserved", "surface"), ("declared-line", "declared"), ("unobserved-line", "unobserved")]
    lines += [("knock", tone) for tone in ("good", "bad", "open")]
    poor += [pair for pair in lines if contrast(of[pair[0]], of[pair[1]]) < 3]
    assert not poor


def test_words_of_a_party_bend_nothing(document: Document) -> None:
    """With markup in every text of the document the page has the very same tags, and prints the markup."""
    tame, bent = render_html(rewritten(document, "x")), render_html(rewritten(document, HOSTILE))
    shape = [(tag, sorted(attributes)) for tag, attributes in Page(tame).tags]
    page = Page(bent)
    assert shape == [(tag, sorted(attributes)) for tag, attributes in page.tags]
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert "[U+202E][U+0007][U+E000]" in page.text
    assert not re.search("[\u202e\u0007\ue000]", bent)


def test_the_same_document_gives_the_same_bytes(document: Document, html: str, tmp_path: Path) -> None:
    """Again in this process, and in one with other hashes, another time zone and no fonts."""
    assert html == render_html(document)
    program = (
        "import hashlib; from allstop.report import render_html;"
        "from report_documents import document_from; from replay_world import replayed;"
        "print(hashlib.sha256(render_html(document_from(replayed().judge())).encode()).hexdigest())"
    )
    other = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "HOME": str(tmp_path), "LANG": "tr_TR.UTF-8"}
    other |= {"FONTCONFIG_FILE": str(tmp_path / "none"), "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **other},
        capture_output=True,
        text=True,
        check=False,
    )
    assert hashlib.sha256(html.encode()).hexdigest() == done.stdout.strip(), done.stderr


def test_what_no_reader_may_miss_is_there(document: Document, page: Page) -> None:
    """The banner, standing, each verdict, what is not covered and would cover it, room, digest, commands."""
    text = page.text
    head = document.head
    for words in (
        head.title, head.banner, head.verdict_words, head.digest[:16], document.again.audit,
        *document.room.sentences, *(site for one in document.sites for site in one.sentences),
        *(str(party.name) for party in document.parties), *(job.sentence[1:] for job in document.jobs),
        *(clause.text for party in document.parties for clause in party.clauses),
        *(one.would_cover for party in document.parties for one in party.coverage if one.would_cover),
        *(row.meter for row in document.custody), *(one.source for one in document.assumptions),
        *(one.words for one in document.agreed),
    ):  # fmt: skip
        assert " ".join(words.split()) in text
    assert head.digest in text.replace(" ", "")


def test_the_first_screen_says_what_nobody_is_asked_to_show(document: Document, page: Page) -> None:
    """Undeclared machines are not covered, and what would cover them stands there, before any detail."""
    first = page.text.partition("Is the agreement in force?")[2].partition("Parties, by bloc")[0]
    lacking = [one for one in document.parties[0].coverage if one.verdict is None]
    assert lacking
    for one in lacking:
        assert f"{one.title}: not covered for anyone. Would cover it: {one.would_cover}." in first


def test_each_replay_is_shown_with_its_counts(document: Document, page: Page) -> None:
    """How many items were committed, drawn, passed; what that detects; and what may still be forged."""
    assert document.replays
    for one in document.replays:
        for words in (
            str(one.count),
            str(one.sample),
            str(one.passed),
            one.detection.words,
            f"{one.forged_high:,} of {one.count:,} items at most",
        ):
            assert words in page.text


def test_an_audit_that_trusts_the_case_says_so_first(plain: Document) -> None:
    """Where policy or agreement came from the case, the warning stands before everything else."""
    head = replace(plain.head, is_policy_given=False, trust="NOT A FULL AUDIT: chosen by the case.")
    text = Page(render_html(replace(plain, head=head))).text
    assert text.index("NOT A FULL AUDIT") < text.index("Is the agreement in force?")


def test_findings_that_say_the_same_stand_together(plain: Document) -> None:
    """Each keeps its number and its words; what they share is said once."""
    world = honest()
    del world.filings[6]
    base = document_from(world.judge())
    (one,) = [finding for finding in base.findings if finding.code == "ACC-001"][:1]
    copies = tuple(replace(one, number=number, about=f"about number {number}") for number in (1, 2, 3))
    other = replace(one, number=4, party=None, about="about another")
    page = Page(render_html(replace(plain, findings=(*copies, other))))
    articles = [tag for tag in page.named("article") if tag.get("class") == "finding"]
    assert 2 == len(articles)
    assert all(f"{number} about number {number}" in page.text for number in (1, 2, 3))
    assert 2 == page.text.count(" ".join(one.resolve.split()))
    names = {tag.get("id") for _, tag in page.tags}
    assert {f"finding-{number}" for number in (1, 2, 3, 4)} <= names


def test_what_was_left_out_is_counted(plain: Document) -> None:
    """A long case says how much of it the page does not show."""
    cut = replace(plain, findings=(), more_findings=1234, more_custody=2345, more_not_held=0)
    text = Page(render_html(cut)).text
    assert "1,234 more findings" in text
    assert "2,345 more series" in text


def test_a_case_with_nothing_in_it_is_a_page_too(plain: Document) -> None:
    """No party, site, job, reading or assumption: the page says so in words, and draws nothing."""
    room = replace(plain.room, sentences=("Could be hidden: no bound.",))
    empty = replace(
        plain, room=room, blocs=(), parties=(), sites=(), jobs=(), replays=(), findings=(), custody=(),
        agreed=(), assumptions=(), not_held=(),
    )  # fmt: skip
    page = Page(render_html(empty))
    assert not page.open
    assert not [tag for _, tag in page.tags if tag.get("role") == "img"]
    for words in (
        "No party is bound yet",
        "No site is named",
        "No job was declared",
        "Could be hidden: no bound.",
    ):
        assert words in page.text


def test_a_long_list_of_sites_is_drawn_up_to_a_limit(document: Document) -> None:
    """Sites after the limit show their figures as text: a case with thousands must still become a page."""
    (site, *_) = document.sites
    bare = replace(site, bar=(), timeline=())
    many = [replace(bare, site=Name(f"hall-{number}")) for number in range(CHARTS_MAX)]
    last = replace(site, site=Name("hall-last"))
    page = Page(render_html(replace(document, sites=(*many, last))))
    labels = [str(tag.get("aria-label")) for _, tag in page.tags if tag.get("role") == "img"]
    assert not [label for label in labels if "hall-last" in label]
    assert "hall-last" in page.text


def test_the_page_is_small(html: str) -> None:
    """It goes by mail: well below a megabyte for a case of this size."""
    assert len(html.encode()) < 400_000
