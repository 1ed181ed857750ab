"""The documents say what the code does: blocks run, links lead somewhere, nothing public is undescribed.

A block marked `console` in a page is a transcript, run with its output compared (see `transcript`); a block
marked `python run` is run. Blocks of one page share a folder and run in order. Other blocks are only shown.
"""

import importlib
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import allstop
from allstop.statement import Predicate
from source_tree import ROOT
from transcript import environment, parse_transcript, run_transcript

FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)")
PREDICATES = (
    "agreement",
    "approval",
    "assessment",
    "awareness",
    "checkpoint",
    "chips",
    "closed-site",
    "comment",
    "deposit",
    "deposit-withdrawal",
    "endorsement",
    "finding-acknowledgement",
    "finding-answer",
    "finding-appeal",
    "finding-cure",
    "finding-raised",
    "finding-ruling",
    "finding-withdrawal",
    "fulfilment",
    "impediment",
    "impossibility",
    "inventory",
    "job",
    "measurement",
    "meter",
    "opening",
    "period-close",
    "proposal",
    "proposal-withdrawal",
    "provisional",
    "replay",
    "reservation",
    "resumption",
    "sealed-deposit",
    "share",
    "share-receipt",
    "signal",
    "signature",
    "site",
    "succession",
    "transcript",
    "transfer",
    "vote",
    "withdrawal",
    "withdrawal-revocation",
)
FIXTURES = {"ALLSTOP_DATA": "data_dir", "ALLSTOP_VECTORS": "vectors_dir"}


def pages() -> list[Path]:
    """Return every page of the repository."""
    return [
        *sorted(ROOT.glob("*.md")),
        *(p for name in ("docs", "spec") for p in sorted((ROOT / name).rglob("*.md"))),
    ]


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the (mark, text) of every block that runs."""
    found = FENCE.findall(page.read_text("utf-8"))
    return [(mark, text) for mark, text in found if mark in ("console", "python run")]


def name_of(page: Path) -> str:
    """Return the name of a page for test ids."""
    return str(page.relative_to(ROOT))


def predicates() -> dict[str, Predicate[object]]:
    """Return every predicate that a package of allstop exports, by name."""
    found: dict[str, Predicate[object]] = {}
    for module in pkgutil.iter_modules(allstop.__path__, "allstop."):
        package = importlib.import_module(module.name)
        for name in getattr(package, "__all__", ()):
            value = getattr(package, name)
            if isinstance(value, Predicate):
                found[str(value.name)] = value
    return found


@pytest.mark.parametrize("page", [page for page in pages() if blocks(page)], ids=name_of)
def test_every_block_runs(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A reader who types what a page shows sees what the page shows."""
    for mark, text in blocks(page):
        for variable, fixture in FIXTURES.items():
            if variable in text:
                request.getfixturevalue(fixture)
        if mark == "console":
            run_transcript(parse_transcript(text), tmp_path)
            continue
        done = subprocess.run(
            [sys.executable, "-c", text],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stderr}"


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_leads_to_a_file(page: Path) -> None:
    """Links inside the repository are relative and lead to what exists."""
    targets = [link.partition("#")[0] for link in LINK.findall(FENCE.sub("", page.read_text("utf-8")))]
    lost = [t for t in targets if t and "://" not in t and not (page.parent / t).exists()]
    assert not lost


def test_every_page_can_be_reached_from_the_readme() -> None:
    """Following links from README.md leads to every page."""
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        ahead += [
            (page.parent / link.partition("#")[0]).resolve() for link in LINK.findall(page.read_text("utf-8"))
        ]
    assert not set(pages()) - reached


def test_generated_pages_are_fresh() -> None:
    """docs/cli.md shows every command, and docs/findings every code, as the code has them now."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "build.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", PREDICATES)
def test_a_predicate_is_four_things(name: str) -> None:
    """Beside its codec a predicate has a page, a closed schema, and vectors that each say why they exist."""
    uri = f"urn:allstop:predicate:{name}:v1"
    assert [page for page in (ROOT / "spec").glob("*.md") if uri in page.read_text("utf-8")]
    schema = json.loads((ROOT / "spec" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    vectors = sorted((ROOT / "vectors" / name).glob("*.json"))
    assert vectors
    silent = [path.name for path in vectors if '"why"' not in path.read_text("utf-8")]
    assert not silent


def test_every_specification_that_code_cites_exists() -> None:
    """Code cites the page and step that it implements; the page has to be there."""
    sources = [path for folder in ("src", "tests", "bench") for path in sorted((ROOT / folder).rglob("*.py"))]
    cited = {name for path in sources for name in re.findall(r"\bspec/[a-z-]+\.md", path.read_text("utf-8"))}
    assert not sorted(name for name in cited if not (ROOT / name).is_file())


def test_no_predicate_is_missing_here() -> None:
    """The list above is what the packages export, so that a new predicate cannot come without the rest."""
    assert sorted(predicates()) == sorted(PREDICATES)


def test_every_test_that_the_threat_model_names_exists() -> None:
    """A control without its test is a claim; every row of the first table names at least one."""
    text = (ROOT / "THREAT_MODEL.md").read_text("utf-8").partition("## What is not detected")[0]
    rows = [line for line in text.split("\n") if line.startswith("| threat-")]
    named = [re.findall(r"`(tests/[^`]+)`", row) for row in rows]
    assert rows
    assert all(named)
    assert not [path for paths in named for path in paths if not any((ROOT / path).glob("test_*.py"))
                and not (ROOT / path).is_file()]  # fmt: skip


def test_the_blocks_that_run_are_found(tmp_path: Path) -> None:
    """Marked blocks are taken and others are not, so the tests above cannot pass by finding nothing."""
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ true\n```\n\n```sh\nmake\n```\n\n```python run\n1\n```\n\n```python\nx\n```\n"
    )
    expected = [("console", "$ true\n"), ("python run", "1\n")]
    assert expected == blocks(page)
