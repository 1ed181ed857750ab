"""Commands of findings: from raising to a measure, and every filing that would count for nothing refused first."""

import json
import os
from pathlib import Path

import pytest

from adjudication_world import BIRCH, JUDGES, Log
from adjudication_world import judged as agreed
from allstop.adjudication import FindingAppeal, Outcome
from allstop.cli import main
from allstop.cli._finding_text import finding_lines, finding_value, findings_lines
from allstop.ids import digest_of
from allstop.standing import proceedings_of
from support_cli import AMONG, Captured, build_world, copy_world, run

TERMS = """
[adjudication]
acknowledge = { hours = 1 }
answer = { hours = 1 }
ruling = { hours = 1 }
impediment = { hours = 1 }

[adjudication.panel]
members = ["birch", "cedar", "dogwood"]
quorum = 2
blocs = 1

[[adjudication.measure]]
name = "notice"
kind = "notice"
when = { confirmed = true }
ends = { cured = true }
"""
PUBLISH = ("--key", "dogwood.key", "--policy", "policy", "--witness", "cedar", "--witness", "elm")
VERDICT = digest_of(b"verdict")
AGREED = agreed()
RAISE = (
    *("finding", "raise", "--party", "birch", "--key", "birch.key", "--about", "alder", "--code", "ACC-001"),
    *("--text", "more than declared", "--verdict", VERDICT, "--judged-at", "2024-05-17T00:10:00Z"),
)


@pytest.fixture(scope="session")
def judged_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a world whose agreement has a panel; not to be changed."""
    folder, before = tmp_path_factory.mktemp("judged"), Path.cwd()
    os.chdir(folder)
    try:
        build_world(folder, more_terms=TERMS)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def judged(judged_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that world, which is also the current folder."""
    folder = copy_world(judged_world, tmp_path / "judged")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("ALLSTOP_LOG", raising=False)
    return folder


def done(captured: Captured, *arguments: str) -> str:
    """Run a command that must succeed, and return what it printed."""
    result = run(captured, arguments)
    assert (0, "") == (result.status, "" if result.status == 0 else result.err)
    return result.out


def filed(captured: Captured, *arguments: str) -> str:
    """File a statement and return its digest."""
    return str(json.loads(done(captured, *arguments, "--json"))["statement"])


def publish(captured: Captured) -> str:
    """Publish until the log proves a later second, so that what was filed lies behind it; return the case."""
    seen: set[str] = set()
    while len(seen) < 2:
        done(captured, "log", "checkpoint", *PUBLISH)
        case = f"case-{len(list(Path().glob('case-*')))}"
        done(captured, "case", "new", case, "--policy", "policy")
        found = shown(captured, case)
        if found["findings"] or found["impediments"]:
            seen.add(str(found["at"]))
    return case


def shown(captured: Captured, case: str) -> dict[str, object]:
    """Return what `finding list` says as JSON."""
    value: dict[str, object] = json.loads(done(captured, "finding", "list", case, "--json"))
    return value


def test_a_finding_from_raising_to_a_cure(judged: Path, captured: Captured) -> None:
    """Raised, acknowledged, answered with a document, confirmed by two of three, cured by the panel: all in one batch.

    Each statement names the one that it needs, so that even what is proven at one instant came in that order.
    """
    assert "no finding has been raised" in done(captured, "finding", "list", "case")
    (judged / "log.pdf").write_bytes(b"calibration")
    finding = filed(captured, *RAISE, "--clause", "4.1", "--rests-on", VERDICT)
    filed(captured, "finding", "acknowledge", finding, *AMONG)
    shows = ("--text", "calibration", "--evidence", "log.pdf")
    answer = filed(captured, "finding", "answer", finding, *AMONG, *shows)
    confirms = (
        "--outcome",
        "confirmed",
        "--replayed",
        VERDICT,
        "--answer",
        answer,
        "--reasons",
        "it replays",
    )
    cure = filed(captured, "finding", "cure", finding, *AMONG, "--text", "mended")
    accepts = ("--outcome", "accepted", "--reasons", "it is mended")
    for member in ("cedar", "dogwood"):
        judge = ("--party", member, "--key", f"{member}.key")
        filed(captured, "finding", "rule", finding, *judge, *confirms)
        filed(captured, "finding", "rule", cure, *judge, *accepts)
    case = publish(captured)
    one = json.loads(done(captured, "finding", "show", case, finding, "--json"))
    assert "confirmed and cured" == one["stage"]
    assert answer == one["panel"]["answer"]
    assert ["cedar", "dogwood"] == sorted(ruling["party"] for ruling in one["panel"]["rulings"])
    assert ["spared"] == [measure["stage"] for measure in one["measures"]]
    text = done(captured, "finding", "show", case, finding)
    assert "birch does not sit: it is the accuser" in text
    assert "decided: confirmed" in text
    assert "measure notice (notice) against alder" in text
    text = done(captured, "finding", "list", case)
    assert f"{finding[:12]}  ACC-001  alder    birch  4.1     confirmed and cured" in text
    assert (judged / case / "blobs" / "sha256" / digest_of(b"calibration")[:2]).is_dir()


def test_what_is_filed_for_nothing_is_shown(judged: Path, captured: Captured) -> None:
    """The accuser withdraws; an appeal of nothing, a ruling on it, and an impediment without effect on either."""
    finding = filed(captured, *RAISE)
    accuser = ("--party", "birch", "--key", "birch.key")
    filed(captured, "finding", "withdraw", finding, *accuser, "--text", "explained")
    appeal = filed(captured, "finding", "appeal", finding, *AMONG, "--text", "no")
    words = ("--outcome", "dismissed", "--reasons", "nothing", "--false-accusation")
    filed(captured, "finding", "rule", appeal, "--party", "cedar", "--key", "cedar.key", *words)
    (judged / "order.pdf").write_bytes(b"injunction")
    span = ("--from", "2024-05-17T00:00:00Z", "--until", "2099-01-01T00:00:00Z")
    authority = ("--authority", "High Court", "--order", "order.pdf")
    filed(captured, "finding", "impediment", *AMONG, "--clause", "4.1", *authority, *span)
    case = publish(captured)
    listed = shown(captured, case)
    findings, notes, impediments = listed["findings"], listed["notes"], listed["impediments"]
    assert isinstance(findings, list)
    assert isinstance(notes, list)
    assert isinstance(impediments, list)
    assert "withdrawn" == findings[0]["stage"]
    assert {"ADJ-004"} <= {note["code"] for note in notes}
    assert digest_of(b"injunction") == impediments[0]["order"]
    assert 1 == len(impediments[0]["counts"])
    text = done(captured, "finding", "list", case)
    assert "ADJ-004 alder" in text
    assert "to 4.1 by High Court: on its party's word" in text


def test_what_is_awaited_is_said_at_every_stage() -> None:
    """From raised to final: who has to do what by when, and nothing once nothing is open."""
    log = Log()
    finding = log.raise_finding()
    answer = log.answer(finding, 50)
    log.rule(finding, 100, *JUDGES, answer=answer, outcome=Outcome.DISMISSED)
    appeal = log.file(BIRCH, FindingAppeal(finding=finding, text="no"), 120)
    log.rule(appeal, 250, JUDGES[0])
    expected = {
        0: {"what": "alder answers", "until": "2027-03-06T09:00:00Z"},
        60: {"what": "both may settle it", "until": "2027-03-05T11:00:00Z"},
        99: {"what": "the panel rules", "until": "2027-03-15T11:00:00Z"},
        110: {"what": "whoever may appeals", "until": "2027-03-09T13:00:00Z"},
        121: {"what": "alder answers the appeal", "until": "2027-03-11T09:00:00Z"},
        241: {"what": "the appeal panel rules", "until": "2027-03-21T09:00:00Z"},
        5000: None,
    }
    for at, wanted in expected.items():
        state = log.state(at)
        (one,) = proceedings_of(AGREED, state, at=state.at)
        assert wanted == finding_value(one, at=state.at)["awaits"]
        lines = findings_lines([one], at=state.at)
        assert (wanted is None) == lines[1].endswith("-")
        assert finding_lines(one, at=state.at)[0].endswith(finding)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([*RAISE, "--about", "elm"], "elm, who is no party"),
        ([*RAISE, "--about", "birch"], "birch would accuse itself"),
        ([*RAISE, "--code", "cheat"], "code is 'cheat'"),
        ([*RAISE, "--clause", "four"], "clause is 'four'"),
        (
            ["finding", "rule", VERDICT, *AMONG, "--outcome", "dismissed", "--reasons", "x"],
            "alder is no member",
        ),
        (
            ["finding", "rule", VERDICT, *AMONG, "--outcome", "guilty", "--reasons", "x"],
            "found outcome 'guilty'",
        ),
        (
            ["finding", "rule", VERDICT, *AMONG, "--outcome", "confirmed", "--reasons", "x"],
            "without a replayed",
        ),
        (["finding", "answer", "9f86", *AMONG, "--text", "x"], "malformed digest '9f86'"),
        (["finding", "answer", VERDICT, *AMONG, "--text", ""], "has 0 characters"),
    ],
)
def test_what_would_count_for_nothing_is_refused_before_filing(
    judged: Path, captured: Captured, arguments: list[str], wanted: str
) -> None:
    """Each is an error of usage that names what is wrong, and nothing is filed."""
    result = run(captured, arguments)
    assert 2 == result.status
    assert wanted in result.err


def test_without_a_panel_nothing_is_raised(world: Path, captured: Captured) -> None:
    """An agreement that knows no adjudication has nobody to judge; the list is empty."""
    result = run(captured, [*RAISE])
    assert 2 == result.status
    assert "says nothing about adjudication" in result.err
    assert "no finding has been raised" in done(captured, "finding", "list", "case")
    missing = run(captured, ["finding", "show", "case", VERDICT])
    assert 1 == missing.status
    assert "no finding" in missing.err
    assert 0 == main(["finding", "list", "case"])
