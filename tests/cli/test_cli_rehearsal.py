"""Rehearsals from the command line: a year is played in a minute, and no honest witness can be told the time."""

import json
from pathlib import Path

import pytest

from support_cli import Captured, run

FIRST, LATER = "2027-03-01T09:00:00Z", "2027-03-02T09:00:00Z"


@pytest.fixture
def rehearsal(world: Path, captured: Captured, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the world with a new log, a witness for rehearsals, and a policy that relies on it alone."""
    for words in (
        ("log", "init", "played-log", "--agreement", "agreement.json", "--key", "dogwood.key"),
        ("witness", "new", "played", "--name", "rehearsal.played.example"),
    ):
        assert run(captured, words).status == 0
    monkeypatch.setenv("ALLSTOP_LOG", "played-log")
    assert run(captured, ["witness", "watch", "played", "--rehearse-at", FIRST]).status == 0
    key = "p=played/keys/ed25519.pub"
    done = run(captured, ["log", "policy", "--witness", key, "--quorum", "p", "--out", "played-policy"])
    assert done.status == 0
    assert "sign any time they are told: trust no time under this policy" in done.err
    return world


def publish(captured: Captured, *more: str, witness: str = "played") -> str:
    """Publish with one witness and return what was said if it failed."""
    words = ["log", "checkpoint", "--key", "dogwood.key", "--policy", "played-policy", "--witness", witness]
    done = run(captured, [*words, *more])
    return done.err if done.status else ""


def test_what_is_told_is_what_is_proven(rehearsal: Path, captured: Captured) -> None:
    """What was filed is proven at the time that was given, the case a second later; no time goes back."""
    assert run(captured, ["agreement", "deposit", "--party", "alder", "--key", "alder.key"]).status == 0
    assert not publish(captured, "--rehearse-at", LATER)
    assert "clock stepped back" in publish(captured, "--rehearse-at", FIRST)
    assert run(captured, ["case", "new", "played-case", "--policy", "played-policy"]).status == 0
    status = run(captured, ["agreement", "status", "played-case", "--json"])
    assert LATER.replace(":00Z", ":01Z") == json.loads(status.out)["at"]
    assert not publish(captured, "--rehearse-at", LATER.replace(":00Z", ":01Z"))


def test_no_other_witness_is_told_the_time(rehearsal: Path, captured: Captured) -> None:
    """Only the name of a rehearsal, which every policy shows, lets the time be given; without it nothing is signed."""
    told = publish(captured, "--rehearse-at", FIRST, witness="cedar")
    assert "witness witness.cedar.example signs the time of its clock and no other" in told
    assert "is for rehearsals and has no clock, want --rehearse-at" in publish(captured)
    silent = run(captured, ["witness", "cosign", "played", "--policy", "played-policy"])
    assert (2, "") == (silent.status, silent.out)
    alone = run(
        captured,
        ["log", "checkpoint", "--key", "dogwood.key", "--policy", "policy", "--rehearse-at", FIRST],
    )
    assert (2, "") == (alone.status, alone.out)
    assert "is the time that witnesses sign, and no --witness is given" in alone.err


def test_several_keys_and_none_by_halves(world: Path, captured: Captured) -> None:
    """Many keys come from one command, which makes none if one of them is there."""
    made = json.loads(run(captured, ["key", "new", "x.key", "y.key", "--json"]).out)
    assert ["x.key", "y.key"] == [one["private"] for one in made["keys"]]
    for words in (["z.key", "x.key"], ["z.key", "z.key"]):
        done = run(captured, ["key", "new", *words])
        assert (1, "") == (done.status, done.out)
    assert not (world / "z.key").exists()


def test_an_audit_and_every_report_of_a_rehearsal_say_so_first(rehearsal: Path, captured: Captured) -> None:
    """Whoever is handed such a case reads before anything else that no time in it is proven; an honest case has no such line."""
    assert not publish(captured, "--rehearse-at", LATER)
    assert run(captured, ["case", "new", "played-case", "--policy", "played-policy"]).status == 0
    audit = run(captured, ["audit", "played-case", "--policy", "played-policy"])
    assert audit.out.lstrip().startswith("REHEARSAL: witnesses of this log sign any time they are told")
    for form in ("md", "html", "json"):
        page = f"played.{form}"
        words = ["report", "played-case", "--policy", "played-policy", "--format", form, "--out", page]
        run(captured, words)
        assert "REHEARSAL: witnesses of this log" in Path(page).read_text("utf-8")
    honest = run(captured, ["audit", "case", "--policy", "policy"])
    assert "REHEARSAL" not in honest.out
