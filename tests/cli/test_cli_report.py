"""`allstop report`: a real case becomes files, the same bytes each time, and never over somebody's file."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from source_tree import ROOT
from support_cli import Captured, run

UNDETERMINED = 5


def test_html_and_json_stand_side_by_side_and_come_again(world: Path, captured: Captured) -> None:
    """Without options: report.html and report.json here; a second run finds them as they should be."""
    done = run(captured, ["report", "case", "--policy", "policy"])
    assert (UNDETERMINED, "") == (done.status, done.err)
    assert ["verdict  UNDETERMINED", "report   report.html", "report   report.json"] == [
        line for line in done.out.splitlines() if not line.startswith("digest")
    ]
    first = {name: (world / name).read_bytes() for name in ("report.html", "report.json")}
    assert first["report.html"].startswith(b"<!doctype html>")
    assert done == run(captured, ["report", "case", "--policy", "policy"])
    assert first == {name: (world / name).read_bytes() for name in first}


def test_the_report_of_a_real_case_fits_its_schema(world: Path, captured: Captured) -> None:
    """From keys to report by the commands themselves; the digest is that of the audit."""
    done = run(captured, ["report", "case", "--format", "json", "--out", "-"])
    assert UNDETERMINED == done.status
    value = json.loads(done.out)
    schema = json.loads((ROOT / "spec/schemas/report.schema.json").read_text("utf-8"))
    assert [] == [error.message for error in Draft202012Validator(schema).iter_errors(value)]
    audit = json.loads(run(captured, ["audit", "case", "--json"]).out)
    assert audit["digest"] == value["head"]["digest"]
    assert value["head"]["trust"].startswith("NOT A FULL AUDIT")
    assert (world / "report.json").exists() is False


@pytest.mark.parametrize(
    ("form", "start"), [("html", b"<!doctype html>"), ("json", b"{"), ("md", b"# "), ("pdf", b"%PDF")]
)
def test_each_form_can_be_written_to_a_file_or_a_folder(
    world: Path, captured: Captured, form: str, start: bytes
) -> None:
    """A file takes its name, a folder gets report and the ending; both hold the same bytes."""
    (world / "out").mkdir()
    written = []
    for out in (f"here.{form}", "out"):
        done = run(captured, ["report", "case", "--format", form, "--out", out, "--json"])
        assert UNDETERMINED == done.status
        path = Path(json.loads(done.out)["files"][0])
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert written[0].startswith(start)


def test_another_file_of_that_name_is_left_alone(world: Path, captured: Captured) -> None:
    """Neither of the two files is written where one of them is somebody else's."""
    (world / "report.json").write_text("mine")
    done = run(captured, ["report", "case"])
    assert (1, "") == (done.status, done.out)
    assert "report.json is there already" in done.err
    assert ("mine", False) == ((world / "report.json").read_text(), (world / "report.html").exists())


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["report", "case", "--format", "pdf", "--out", "-"], 2, "stdout takes one text"),
        (["report", "case", "--out", "-", "--json"], 2, "stdout takes one text"),
        (["report", "case", "--format", "docx"], 2, "docx"),
        (["report", "nowhere"], 1, "there is no folder nowhere"),
        (["report", "case", "--out", "no/such/report.html"], 1, "cannot write no/such/report.html"),
        (["report", "case", "--agreement", "0" * 64], 3, ""),
        (["audit", "case", "--report", "report.docx"], 2, "want an ending among .html, .json, .md, .pdf"),
    ],
)
def test_what_cannot_be_done_is_refused(
    world: Path, captured: Captured, arguments: list[str], status: int, words: str
) -> None:
    """Each with its exit status, words on stderr and nothing on stdout."""
    done = run(captured, arguments)
    assert (status, "") == (done.status, done.out)
    assert words in done.err


def test_an_audit_may_write_its_report_too(world: Path, captured: Captured) -> None:
    """The result is printed as ever, and the files are those of `allstop report`."""
    plain = run(captured, ["audit", "case"])
    assert plain == run(captured, ["audit", "case", "--report", "seen.html"])
    run(captured, ["report", "case", "--out", "again.html"])
    for ending in ("html", "json"):
        assert (world / f"seen.{ending}").read_bytes() == (world / f"again.{ending}").read_bytes()


def test_peers_are_shown_verdicts_and_no_figures(world: Path, captured: Captured) -> None:
    """The public view goes to stdout, in words or as canonical JSON that fits its schema; no file is written."""
    before = sorted(world.iterdir())
    done = run(captured, ["report", "case", "--policy", "policy", "--audience", "peers"])
    assert UNDETERMINED == done.status
    assert "NOT A FULL AUDIT: policy or agreement came from the case itself." in done.out
    assert "Verdict UNDETERMINED" in done.out
    value = json.loads(run(captured, ["report", "case", "--audience", "peers", "--json"]).out)
    schema = json.loads((ROOT / "spec/schemas/public-view.schema.json").read_text("utf-8"))
    assert [] == [error.message for error in Draft202012Validator(schema).iter_errors(value)]
    full = json.loads(run(captured, ["report", "case", "--format", "json", "--out", "-"]).out)
    (site,) = full["sites"]
    for secret in (site["site"], full["head"]["digest"], full["head"]["root"], full["room"]["flop"]["value"]):
        assert str(secret) not in done.out + json.dumps(value)
    assert before == sorted(world.iterdir())


@pytest.mark.parametrize("more", [["--format", "json"], ["--out", "peers.json"]])
def test_what_peers_see_has_one_form(world: Path, captured: Captured, more: list[str]) -> None:
    """No other form that might be made from the full report."""
    done = run(captured, ["report", "case", "--audience", "peers", *more])
    assert (2, "") == (done.status, done.out)
    assert "has one form and goes to stdout" in done.err
