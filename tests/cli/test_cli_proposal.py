"""The table from the command line: drafts compared, proposed, answered, commented, voted on, shown."""

import json
import os
from pathlib import Path

import pytest

from allstop.agreement import agreement_changes, parse_agreement
from allstop.ids import digest_of
from support_cli import Captured, copy_world, run

PARTIES = ("alder", "birch", "cedar", "dogwood")
TABLE = """
[convening]
text_rule = "majority"
amendment_rule = "majority"
motions = [{ name = "start", rule = "no-veto" }]

[[convening.rules]]
name = "majority"
voters = { parties = ["alder", "birch", "cedar"] }
adopt = { share_at_least = { percent = "50.0001" } }
open = "P7D"

[[convening.rules]]
name = "no-veto"
voters = { parties = ["alder", "birch", "cedar"] }
adopt = { share_at_least = { percent = "50.0001" } }
veto = "critical"
open = "P7D"
"""


def must(*arguments: str) -> None:
    """Run a command that has to succeed."""
    from allstop.cli import main

    assert main(list(arguments)) == 0, arguments


def publish() -> None:
    """Publish what is pending until it is proven, at a time that its witness is told."""
    who = ("--key", "dogwood.key", "--policy", "policy", "--witness", "cedar-w")
    must("log", "checkpoint", *who, "--rehearse-at", "2027-03-02T09:00:00Z")


@pytest.fixture(scope="module")
def built_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with keys, an agreement that has a table, a log and one witness; not to be changed."""
    folder = tmp_path_factory.mktemp("table")
    before = Path.cwd()
    os.chdir(folder)
    try:
        for party in PARTIES:
            must("key", "new", f"{party}.key")
        must("agreement", "new", "--template", "retrospective", "--out", "plain.toml")
        Path("pause.toml").write_text(Path("plain.toml").read_text() + TABLE)
        keys = [word for party in PARTIES for word in ("--key", f"{party}={party}.key.pub")]
        must("agreement", "seal", "pause.toml", *keys, "--out", "agreement.json")
        text = Path("pause.toml").read_text().replace("Every chip at the site is on", "Every chip is on")
        Path("other.toml").write_text(text.replace("at_least_chips = 1", "at_least_chips = 8"))
        must("agreement", "seal", "other.toml", *keys, "--out", "amended.json")
        must("log", "init", "log-desk", "--agreement", "agreement.json", "--key", "dogwood.key")
        must("witness", "new", "cedar-w", "--name", "rehearsal.cedar.example")
        must("witness", "watch", "cedar-w", "--rehearse-at", "2027-03-01T09:00:00Z")
        vkey = ("--witness", "cedar=cedar-w/keys/ed25519.pub", "--group", "one=1:cedar", "--quorum", "one")
        must("log", "policy", *vkey, "--out", "policy")
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def at_table(built_table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that folder, which is also the current one."""
    folder = copy_world(built_table, tmp_path / "table")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("ALLSTOP_LOG", raising=False)
    return folder


def by(party: str) -> tuple[str, ...]:
    """Return the options that say who files."""
    return ("--party", party, "--key", f"{party}.key")


def test_diff_says_what_changes_and_for_whom(at_table: Path, captured: Captured) -> None:
    """Figures are called stricter or looser, words are shown, in four forms that say the same."""
    done = run(captured, ["agreement", "diff", "agreement.json", "amended.json"])
    assert done.status == 0
    assert "- clause 1.1 (register): a breach is 8 chips or more, was 1 chip or more" in done.out
    assert "    looser for: alder" in done.out
    assert "    Every chip [-at the site-] is on the register." in done.out
    value = json.loads(run(captured, ["agreement", "diff", "agreement.json", "amended.json", "--json"]).out)
    places = [change["path"] for one in value["changes"] for change in one["changes"]]
    assert [["obligations", "1.1", "text"], ["obligations", "1.1", "tolerance"]] == places
    page = run(captured, ["agreement", "diff", "agreement.json", "amended.json", "--format", "html"]).out
    assert "<del>at the site</del>" in page
    words = run(captured, ["agreement", "diff", "pause.toml", "other.toml", "--format", "md"]).out
    assert "~~at the site~~" in words
    same = run(captured, ["agreement", "diff", "pause.toml", "pause.toml"])
    assert same.out.endswith("\nno change\n")


def test_an_amendment_is_adopted_and_shown(at_table: Path, captured: Captured) -> None:
    """Proposed, endorsed, commented, voted on: the case says who did what, and which text is in force."""
    must("proposal", "new", "eight", "--amend", "amended.json", "--note", "one is too strict", *by("alder"))
    must("proposal", "endorse", "alder/eight", "--text", "we can live with it", *by("dogwood"))
    must("proposal", "comment", "eight", "why eight?", "--clause", "1.1", *by("birch"))
    must("proposal", "vote", "eight", "for", *by("alder"))
    must("proposal", "vote", "eight", "for", "--reason", "it can be met", *by("birch"))
    publish()
    must("case", "new", "case", "--policy", "policy")
    listed = json.loads(run(captured, ["proposal", "list", "case", "--json"]).out)
    (proposal,) = listed["proposals"]
    assert ("adopted", ["alder", "birch"], ["cedar"]) == tuple(
        proposal[key] for key in ("state", "agreed", "silent")
    )
    digest = digest_of(Path("amended.json").read_bytes())
    assert [None, proposal["statement"]] == [text["proposal"] for text in listed["texts"]]
    assert digest == listed["texts"][1]["digest"]
    shown = run(captured, ["proposal", "show", "case", "alder/eight"]).out
    for words in (
        "note       one is too strict",
        "state      adopted at ",
        "for        alder, birch",
        "birch on clause 1.1: why eight?",
        "dogwood endorses it: we can live with it",
        "birch votes for: it can be met",
        "- clause 1.1 (register): a breach is 8 chips or more, was 1 chip or more",
    ):
        assert words in shown, shown
    assert "text in force  " + digest in run(captured, ["proposal", "list", "case"]).out


def test_a_motion_falls_by_a_veto_and_a_text_by_its_proposer(at_table: Path, captured: Captured) -> None:
    """Why something fell is said in words, and a counter-text shows what it changes in the text it answers."""
    must("proposal", "new", "start-now", "--motion", "start", *by("cedar"))
    must("proposal", "new", "draft", "--text", "pause.toml", *by("alder"))
    must("proposal", "counter", "draft", "looser", "--text", "other.toml", *by("birch"))
    must("proposal", "withdraw", "draft", "--reason", "see the counter-text", *by("alder"))
    must("proposal", "vote", "start-now", "for", *by("cedar"))
    must("proposal", "vote", "start-now", "against", "--reason", "too early", *by("alder"))
    must("proposal", "vote", "start-now", "for", *by("dogwood"))
    publish()
    must("case", "new", "case", "--policy", "policy")
    out = run(captured, ["proposal", "list", "case"]).out
    assert "rule no-veto gives critical parties a veto, and against it voted alder" in out
    assert "alder withdrew it" in out
    assert "VOT-001 dogwood: votes on cedar/start-now, on which it has no vote" in out
    shown = run(captured, ["proposal", "show", "case", "looser"]).out
    assert "counters   alder/draft" in shown
    assert "a breach is 8 chips or more, was 1 chip or more" in shown
    assert "alder votes against: too early" in run(captured, ["proposal", "show", "case", "start-now"]).out
    done = run(captured, ["proposal", "show", "case", "looser", "--format", "html", "--out", "page.html"])
    assert done.out == "redline  page.html\n"
    assert "<ins>" in Path("page.html").read_text() or "<del>" in Path("page.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["new", "x", *by("alder")], "want exactly one of --text, --amend and --motion"),
        (["new", "x", "--motion", "stop", *by("alder")], "there is no motion stop"),
        (["new", "x", "--amend", "agreement.json", *by("alder")], "says what the text in force says already"),
        (["new", "x", "--amend", "pause.toml", *by("alder")], "cannot be amended in force"),
        (["new", "x", "--text", "policy", *by("alder")], "policy"),
        (["new", "X", "--motion", "start", *by("alder")], "malformed name"),
        (["vote", "nothing", "for", *by("alder")], "there is no proposal nothing"),
        (["vote", "x", "maybe", *by("alder")], "maybe"),
        (["comment", "nothing", "text", *by("alder")], "there is no proposal nothing"),
    ],
)
def test_what_could_only_be_void_is_refused_before_it_is_filed(
    arguments: list[str], told: str, at_table: Path, captured: Captured
) -> None:
    """The message says what is wrong; nothing reaches the log."""
    done = run(captured, ["proposal", *arguments])
    assert done.status == 2, done
    assert told in done.err


def test_a_second_vote_and_a_second_name_are_refused(at_table: Path, captured: Captured) -> None:
    """A vote is final and a name is one text; whoever files both all the same gets a finding, not a vote."""
    must("proposal", "new", "start-now", "--motion", "start", *by("cedar"))
    must("proposal", "vote", "start-now", "for", *by("cedar"))
    again = run(captured, ["proposal", "vote", "start-now", "against", *by("cedar")])
    assert (2, True) == (again.status, "has voted on cedar/start-now already" in again.err)
    named = run(captured, ["proposal", "new", "start-now", "--motion", "start", *by("cedar")])
    assert (2, True) == (named.status, "there is a proposal cedar/start-now already" in named.err)
    must("proposal", "new", "start-now", "--motion", "start", *by("birch"))
    vague = run(captured, ["proposal", "vote", "start-now", "for", *by("birch")])
    assert (2, True) == (vague.status, "start-now could be 2 proposals" in vague.err)
    other = run(captured, ["proposal", "withdraw", "cedar/start-now", *by("birch")])
    assert (2, True) == (other.status, "was proposed by cedar" in other.err)


def test_an_agreement_without_a_table_takes_no_proposals(world: Path, captured: Captured) -> None:
    """Where no rule could adopt it, a proposal is refused."""
    done = run(captured, ["proposal", "new", "x", "--motion", "start", *by("alder")])
    assert (2, True) == (done.status, "the agreement has no table" in done.err)


def test_two_drafts_of_a_template_differ_in_what_was_edited(at_table: Path) -> None:
    """The two sealed texts differ in the two places that were edited, and in nothing else."""
    old, new = (parse_agreement(Path(name).read_bytes()) for name in ("agreement.json", "amended.json"))
    assert ["obligations/1.1/text", "obligations/1.1/tolerance"] == [
        one.place for one in agreement_changes(old, new)
    ]
