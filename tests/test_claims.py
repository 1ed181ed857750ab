"""Every claim is bound to what shows it: words that stand, tests that exist, numbers that have a source.

Each check is proven by sabotage: a claim is bent in one way, and the check must say so.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from allstop.cli import main
from allstop.config import Chapter, Claim, Figure, Place, find_claim, load_claims, parse_chapter
from allstop.errors import MalformedError, NotFoundError
from allstop.ids import parse_name
from claims_check import (
    blocks_of,
    claimed_pages,
    faults_of_claim,
    numbers_without_source,
    paragraphs_without_claim,
)
from source_tree import ROOT

CHAPTERS = load_claims()
CLAIMS = tuple(claim for chapter in CHAPTERS for claim in chapter.claims)
README = (ROOT / "README.md").read_text("utf-8")
NOWHERE = Place(page="README.md", words="these words stand on no page")
SABOTAGE: dict[str, tuple[Callable[[Claim], Claim], str]] = {
    "no test": (lambda one: replace(one, tests=(), bench=()), "neither a test nor a benchmark"),
    "another test": (lambda one: replace(one, tests=("tests/test_claims.py::test_x",)), "there is no test"),
    "another file": (lambda one: replace(one, tests=("tests/test_y.py::test_x",)), "there is no test"),
    "no function": (lambda one: replace(one, tests=("tests/test_claims.py",)), "there is no test"),
    "a page that is gone": (
        lambda one: replace(one, tests=("tests/test_docs.py::test_every_block_runs[docs/x.md]",)),
        "there is no test",
    ),
    "words that are gone": (lambda one: replace(one, made=(NOWHERE,)), "README.md does not say"),
    "made nowhere": (lambda one: replace(one, made=()), "is made nowhere"),
    "a page that never was": (
        lambda one: replace(one, made=(Place(page="README.txt", words="allstop"),)),
        "README.txt does not say",
    ),
    "no limit": (lambda one: replace(one, limit=" "), "no limit"),
    "a limit that is gone": (lambda one: replace(one, see=NOWHERE), "README.md does not say"),
    "no such row": (lambda one: replace(one, bench=(NOWHERE,)), "has no row"),
    "a figure that is gone": (
        lambda one: replace(one, figures=(Figure(made=NOWHERE, source=one.made[0]),)),
        "README.md does not say",
    ),
    "a figure shown elsewhere": (
        lambda one: replace(one, figures=(Figure(made=one.made[0], source=one.made[0]),)),
        "shows nothing here",
    ),
}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_stands(claim: Claim) -> None:
    """Its words are where it says, its tests and rows exist, and its limit is written down."""
    assert not faults_of_claim(claim)


@pytest.mark.parametrize(("bend", "wanted"), SABOTAGE.values(), ids=[*SABOTAGE])
def test_a_claim_that_does_not_stand_is_found(bend: Callable[[Claim], Claim], wanted: str) -> None:
    """A claim that stands is bent in one way, and one fault says so."""
    assert wanted in " ".join(faults_of_claim(bend(CLAIMS[0])))


def test_every_number_in_the_readme_has_a_source() -> None:
    """A number is a figure of a claim, which a test or benchmark shows, or is said to be no measurement."""
    assert not numbers_without_source("README.md", README, CHAPTERS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is 40 % faster.", ["40"]),
        ("It takes 1.5e3 ms, or 2,000.", ["1.5e3", "2,000."]),
        ("Twenty runs, half of them right.", ["Twenty", "half"]),
        ("1. The first step\n2. needs `3` tries", []),
        ("Subgoal 2B, [a page](docs/adr/0003-x.md), H100", []),
        ("```sh\nmake 3\n```\nA threat-B1.", []),
        ("| 7 |", ["7"]),
    ],
)
def test_a_number_without_source_is_found(text: str, expected: list[str]) -> None:
    """Numbers in prose are seen in digits and in words; code, links, list numbers and names are not."""
    assert expected == numbers_without_source("README.md", text, CHAPTERS)
    assert expected == numbers_without_source("README.md", f"{README}\n{text}", CHAPTERS)


def test_a_figure_that_loses_its_claim_leaves_a_number() -> None:
    """Without the claims the numbers of the README are found, so that the test above can fail."""
    assert numbers_without_source("README.md", README, ())


def test_every_paragraph_of_the_readme_is_claimed() -> None:
    """A paragraph, list item or table row makes a claim, or an entry says why it makes none."""
    assert not paragraphs_without_claim("README.md", README, CHAPTERS)


def test_a_paragraph_without_claim_is_found() -> None:
    """One more promise is seen in each place where one can be made."""
    for text in (
        "It finds every site.\n",
        "- It finds every site.\n",
        "| sceptic | It finds every site. |\n",
    ):
        assert [text.strip()] == paragraphs_without_claim("README.md", f"{README}\n{text}", CHAPTERS)


def test_blocks_are_paragraphs_items_and_rows() -> None:
    """Headings, pictures, rules of tables and code make no claim."""
    text = "# A\n\nB\nb\n\n- C\n  c\n- D\n\n1. E\n2. F\n\n| g | h |\n|---|---|\n| i | j |\n\n```sh\nK\n```\n\n![l](m)\n"
    expected = ["B\nb", "- C\n  c", "- D", "1. E", "2. F", "| g | h |", "| i | j |"]
    assert expected == [*blocks_of(text)]


def test_every_page_that_promises_has_a_claim() -> None:
    """README, guides, specifications, design and the words of reports: each is bound to something."""
    guides = [*ROOT.glob("docs/guide*.md"), *ROOT.glob("docs/guide/*.md")]
    pages = [*guides, *ROOT.glob("spec/*.md"), ROOT / "docs" / "design.md", ROOT / "docs" / "real-data.md"]
    names = {str(path.relative_to(ROOT)) for path in pages} | {"README.md", "src/allstop/report/_text.py"}
    assert not names - claimed_pages(CHAPTERS)


def test_ids_are_unique_and_found() -> None:
    """A claim is found by its id, and another id is refused with what to do."""
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
    assert find_claim(CHAPTERS, CLAIMS[-1].id) == CLAIMS[-1]
    with pytest.raises(NotFoundError) as caught:
        find_claim(CHAPTERS, parse_name("no-such-claim"))
    assert caught.value.hint == "list them with: allstop claims"


GOOD = 'title = "T"\n[[claims]]\nid = "a"\nclaim = "b"\nlimit = "c"\nsee = "d: e"\n'


def test_a_chapter_is_read_strictly() -> None:
    """The least chapter is read; a missing key, an unknown one, another type and a bare place are refused."""
    assert isinstance(parse_chapter(GOOD, "x"), Chapter)
    for bad in (
        GOOD.replace('limit = "c"\n', ""),
        GOOD + 'more = "f"\n',
        GOOD.replace('"b"', "1"),
        GOOD.replace("d: e", "d"),
        GOOD + 'made = ["README.md"]\n',
        GOOD.replace('id = "a"', 'id = "A b"'),
        GOOD + "[[unclaimed]]\nplace = 'a: b'\n",
    ):
        with pytest.raises(MalformedError):
            parse_chapter(bad, "x")


def test_the_page_and_the_command_show_every_claim(capfd: pytest.CaptureFixture[str]) -> None:
    """docs/claims.md and `allstop claims --limits` have each claim with its limit; an id shows its tests."""
    page = (ROOT / "docs" / "claims.md").read_text("utf-8")
    assert main(["claims", "--limits"]) == 0
    printed = " ".join(capfd.readouterr().out.split())
    for claim in CLAIMS:
        assert f"### {claim.id}\n\n{claim.claim}\n" in page
        assert claim.limit in page
        assert f"{claim.id} {claim.claim} But: {claim.limit}" in printed
    assert main(["claims", CLAIMS[0].id]) == 0
    shown = capfd.readouterr().out
    assert not [node for node in CLAIMS[0].tests if node not in shown]
