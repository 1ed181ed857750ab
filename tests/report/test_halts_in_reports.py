"""The halt in every form of a report: the legal instant and what was seen of each site are never one figure."""

import io
import json
import re

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from allstop.halting import ClosedSite, Inventory, RunningJob
from allstop.ids import Name, digest_of
from allstop.report import format_document, format_markdown, print_audit, render_html
from allstop.service import Audit
from allstop.times import HOUR_MS
from halt_world import MINUTE_MS, halting, running
from report_documents import document_from, honest_document
from source_tree import ROOT
from verdict_world import ALDER, FAST, HALL, START, World

LEGAL = (
    "Legally: clause 1.1 has applied since 2027-01-15T08:00:00Z, one instant that follows from the log; what runs"
    " may drain for 10 minutes."
)
SCHEMA = Draft202012Validator(json.loads((ROOT / "spec/schemas/report.schema.json").read_text("utf-8")))


def halted(minutes: int) -> World:
    """Return a world that runs for so many minutes after the instant, with an inventory of two jobs."""
    world = halting()
    jobs = (
        RunningJob(job=Name("chat"), chips=8, kind="inference", checkpoint=None),
        RunningJob(job=Name("run-1"), chips=8, kind="training", checkpoint=digest_of(b"step 9000")),
    )
    world.file(ALDER, Inventory(site=HALL, at=START, jobs=jobs))
    return running(world, (0, minutes * MINUTE_MS))


def test_two_sentences_keep_the_two_instants_apart() -> None:
    """One says what the log says, the other what meters show; the table has both bounds of each site."""
    (halt,) = document_from(halted(20).judge()).halts
    assert LEGAL == halt.legal
    assert re.fullmatch(
        r"Physically, by meters: 1 site was seen to stop, none before 19 min \d+\.\d s after it and none after"
        r" 20 min \d+\.\d s after it\.",
        halt.physical,
    )
    (site,) = halt.sites
    assert ("stopped", "hall-1", "alder") == (site.outcome, site.site, site.party)
    assert "2 jobs on 16 chips, 1 with a checkpoint committed to" == site.inventory
    assert site.not_before_ms is not None
    assert site.not_after_ms is not None
    assert site.not_before_ms < site.not_after_ms
    assert site.words.endswith("and to stay so until 2027-01-15T09:00:00Z")


@pytest.mark.parametrize(
    ("minutes", "outcome", "words"),
    [
        (0, "stopped", "seen idle, or doing what may go on, from the instant until 2027-01-15T09:00:00Z"),
        (61, "running", "seen to run on, until 2027-01-15T09:00:00Z"),
    ],
)
def test_at_once_and_never_have_their_words(minutes: int, outcome: str, words: str) -> None:
    """A site that was idle is not said to have stopped later; one that ran on has no bounds."""
    (site,) = document_from(halted(minutes).judge()).halts[0].sites
    assert (outcome, words) == (site.outcome, site.words)


def test_what_nobody_saw_has_its_words() -> None:
    """Without a meter there is no upper bound, and no word of stopping."""
    world = halting()
    world.close()
    (halt,) = document_from(world.judge()).halts
    assert "Physically, by meters: 1 site was not known to have stopped." == halt.physical
    assert (
        "not before 0.0 s after it; nobody can say that it stopped by 2027-01-15T09:00:00Z"
        == halt.sites[0].words
    )
    assert "not filed" == halt.sites[0].inventory
    world.at = START.plus(MINUTE_MS)
    (halt,) = document_from(world.judge()).halts
    assert "Physically, by meters: 1 site was not judged yet." == halt.physical


def test_a_forecast_and_another_instant_are_no_inventory() -> None:
    """What was filed before the instant, or of another one, is not shown as what ran."""
    for at, filed in ((START, START.plus(-1)), (START.plus(1), START.plus(2))):
        world = halting()
        world.file(ALDER, Inventory(site=HALL, at=at, jobs=()), at=filed)
        world.filings.sort(key=lambda one: one.at)
        assert "not filed" == document_from(running(world).judge()).halts[0].sites[0].inventory
    world = halting()
    world.file(ALDER, Inventory(site=HALL, at=START, jobs=()))
    assert "nothing, says its operator" == document_from(running(world).judge()).halts[0].sites[0].inventory


def test_every_form_shows_the_halt() -> None:
    """HTML, Markdown, text and JSON have the sentences; JSON fits its schema, and has exact milliseconds."""
    verdict = halted(20).judge()
    document = document_from(verdict)
    (halt,) = document.halts
    value = json.loads(format_document(document))
    assert list(SCHEMA.iter_errors(value)) == []
    assert halt.sites[0].not_after_ms == value["halts"][0]["sites"][0]["notAfterMs"]
    markdown = format_markdown(document)
    assert "## Halt under clause 1.1\n" in markdown
    html = render_html(document)
    assert 'href="#halts"' in html
    assert halt.legal.replace("2027-01-15T08:00:00Z", "2027-01-15 08:00:00 UTC") in html
    stream = io.StringIO()
    console = Console(file=stream, width=400, markup=False, highlight=False)
    print_audit(Audit(verdict=verdict, is_policy_given=True, is_agreement_given=True), console, case="case")
    for sentence in (halt.legal, halt.physical):
        assert sentence in stream.getvalue()
        assert sentence in markdown.replace("\\", "")


def test_without_a_halt_there_is_no_section() -> None:
    """An agreement without a clause of that kind has none in its report."""
    document = honest_document()
    assert () == document.halts
    assert "The halt" not in render_html(document)
    assert "Halt under" not in format_markdown(document)


def test_a_closed_site_says_so_first() -> None:
    """What is closed and what is offered stands before the figures, and what was offered cannot forge a line."""
    world = running(halting(), (0, HOUR_MS + 1))
    closed = ClosedSite(
        site=Name("vault"), reason="secret", access="power\nat <b>the</b> fence", capacity=((FAST, 64),)
    )
    world.file(ALDER, closed)
    document = document_from(world.judge())
    (vault,) = (one for one in document.sites if one.site == "vault")
    expected = (
        "Closed to inspection by its operator: 64 chips of fast count in full, but for what meters show."
        " Offered instead: power at <b>the</b> fence"
    )
    assert expected == vault.sentences[0]
    assert "<b>the</b>" not in render_html(document)
    assert ["hall-1", "vault"] == [one.site for one in document.halts[0].sites]
    assert ["running", "unknown"] == [one.outcome for one in document.halts[0].sites]
