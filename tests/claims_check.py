"""What `test_claims` holds the claims to: words that stand, tests that exist, numbers with a source.

Every function returns the faults that it finds as text, and nothing if there are none. Tests are found by
reading the files of `tests/`, not by running pytest.
"""

import ast
import functools
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from allstop.config import Chapter, Claim, Place
from source_tree import ROOT

__all__ = [
    "blocks_of",
    "claimed_pages",
    "faults_of_claim",
    "numbers_without_source",
    "paragraphs_without_claim",
]

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"(!?\[[^\]]*\])\([^)]*\)")
_CODE = re.compile(r"`[^`]*`")
_NUMBER = re.compile(
    r"(?<![\w.-])(?:\d[\d,.]*(?:e\d+)?|(?:twice|half|three|four|five|six|seven|eight|nine|ten|dozen|twenty|thirty"
    r"|hundred|thousand|million|billion)\b)",
    re.IGNORECASE,
)
_LEVELS = ("1A", "1B", "2A", "2B")


@functools.cache
def _text(page: str) -> str:
    path = ROOT / page
    return path.read_text("utf-8") if path.is_file() else ""


def _plain(text: str) -> str:
    """Return text with runs of white space as one space, so that lines may be broken anywhere."""
    return " ".join(text.split())


def stands(place: Place) -> bool:
    """Tell whether a page still contains the words."""
    return _plain(place.words) in _plain(_text(place.page))


@functools.cache
def _tests_in(page: str) -> frozenset[str]:
    tree = ast.parse(_text(page)) if page.endswith(".py") else ast.Module([], [])
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_exists(node: str) -> bool:
    """Tell whether `tests/x/test_y.py::test_z` is a function of that file; `[page]` must be a page."""
    page, _, name = node.partition("::")
    name, bracket, parameter = name.partition("[")
    is_known = not bracket or (ROOT / parameter.removesuffix("]")).is_file()
    return name.startswith("test_") and name in _tests_in(page) and is_known


test_exists.__test__ = False  # type: ignore[attr-defined]  # pytest must not take it for a test


def faults_of_claim(claim: Claim) -> list[str]:
    """Return what is wrong with one claim."""
    faults = [] if claim.tests or claim.bench else ["names neither a test nor a benchmark"]
    faults += [] if claim.made else ["is made nowhere"]
    faults += [] if claim.limit.strip() else ["has no limit beside it"]
    faults += [f"there is no test {node}" for node in claim.tests if not test_exists(node)]
    faults += [f"{one.page} has no row {one.words!r}" for one in claim.bench if not stands(one)]
    places = chain(claim.made, [claim.see], *((one.made, one.source) for one in claim.figures))
    faults += [f"{one.page} does not say {one.words!r}" for one in places if not stands(one)]
    known = {*claim.tests, *(one.page for one in claim.bench)}
    shown = {node.partition("::")[0] for node in known} | {node.partition("[")[2][:-1] for node in known}
    faults += [
        f"{one.source.page} shows nothing here" for one in claim.figures if one.source.page not in shown
    ]
    return [f"{claim.id}: {fault}" for fault in faults]


def claimed_pages(chapters: Iterable[Chapter]) -> set[str]:
    """Return the pages on which some claim is made."""
    return {place.page for chapter in chapters for claim in chapter.claims for place in claim.made}


def blocks_of(text: str) -> Iterator[str]:
    """Yield the paragraphs, list items and table rows of a page, without code blocks and headings."""
    for part in re.split(r"\n\s*\n|\n(?=- |\d+\. |\|)", _FENCE.sub("", text)):
        block = part.strip()
        is_rule = re.fullmatch(r"\|(?:-+\|)+", block) is not None
        if block and not block.startswith(("#", "![")) and not is_rule:
            yield block


def paragraphs_without_claim(page: str, text: str, chapters: Iterable[Chapter]) -> list[str]:
    """Return the paragraphs of a page in which no claim is made and which nothing excuses."""
    words = [
        _plain(place.words)
        for chapter in chapters
        for place in chain(
            (place for claim in chapter.claims for place in claim.made),
            (one.place for one in chapter.unclaimed),
        )
        if place.page == page
    ]
    return [block for block in map(_plain, blocks_of(text)) if not any(one in block for one in words)]


def numbers_without_source(page: str, text: str, chapters: Iterable[Chapter]) -> list[str]:
    """Return the numbers in the prose of a page that no figure and no exception covers.

    Code, link targets, list numbers and the names of subgoals do not count as prose.
    """
    prose = _FENCE.sub("", text)
    for chapter in chapters:
        figures = [one.made for claim in chapter.claims for one in claim.figures]
        for place in [*figures, *(one.place for one in chapter.unclaimed)]:
            if place.page == page:
                pattern = r"\s+".join(map(re.escape, place.words.split()))
                prose = re.sub(pattern, " ", prose)
    prose = re.sub(r"^\d+\. ", "", _CODE.sub(" ", _TARGET.sub(r"\1", prose)), flags=re.MULTILINE)
    for name in _LEVELS:
        prose = re.sub(rf"\b{name}\b", " ", prose)
    return [match[0] for match in _NUMBER.finditer(prose)]
