"""Commands of phases: what is filed is counted, what is missing is named, and what counts for nothing says why."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from allstop.agreement import AnyOf, OnConfirmed, OnElapsed, OnMotion, PhaseTerms
from allstop.cli._phase_text import (
    assessment_lines,
    assessments_value,
    phase_lines,
    phase_value,
    void_lines,
)
from allstop.finding import Verdict
from allstop.ids import digest_of
from allstop.standing import PhaseEvents, PhaseStatus, VoidReason, VoidSignal, phase_status_of
from allstop.times import DAY_MS, HOUR_MS, Instant
from phase_world import (
    ALDER,
    BEFORE,
    BIRCH,
    CEDAR,
    DOGWOOD,
    EASING,
    END,
    ENDED,
    LIFE,
    PAUSED,
    START,
    agreement,
    change,
    filed_assessment,
    filed_signal,
    phase,
)
from support_cli import AMONG, Captured, build_world, copy_world, run

TERMS = """
[[phases.phase]]
name = "before"
kind = "before"

[[phases.phase]]
name = "paused"
kind = "paused"

[[phases.transition]]
from = "before"
to = "paused"
lead = "P1D"
when = { any_of = [
  { signal = { name = "self-copying", kind = "tripwire", parties = 2, blocs = 2 } },
  { date = "2099-01-01T00:00:00Z" },
] }
"""
LONG_AGO = ("--occurred-at", "2024-03-01T09:30:00Z")
CEDARS = ("--party", "cedar", "--key", "cedar.key")
PUBLISH = ("--key", "dogwood.key", "--policy", "policy", "--witness", "cedar", "--witness", "elm")
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture(scope="session")
def phased_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a world whose agreement has two phases and is in force; not to be changed."""
    folder, before = tmp_path_factory.mktemp("phased"), Path.cwd()
    os.chdir(folder)
    try:
        build_world(folder, more_terms=TERMS)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def phased(phased_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that world, which is also the current folder."""
    folder = copy_world(phased_world, tmp_path / "phased")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("ALLSTOP_LOG", raising=False)
    return folder


def done(captured: Captured, *arguments: str) -> str:
    """Run a command that must succeed, and return what it printed."""
    result = run(captured, arguments)
    assert (0, "") == (result.status, "" if result.status == 0 else result.err)
    return result.out


def publish(captured: Captured, case: str) -> None:
    """Publish twice, so that what was filed is proven, and write a case anew."""
    for _ in range(2):
        done(captured, "log", "checkpoint", *PUBLISH)
    done(captured, "case", "new", case, "--policy", "policy")


def deposit(captured: Captured) -> None:
    """Deposit for all three critical parties."""
    for party in ("alder", "birch", "cedar"):
        done(captured, "agreement", "deposit", "--party", party, "--key", f"{party}.key")


def test_signals_are_filed_counted_and_shown(phased: Path, captured: Captured) -> None:
    """One of two signals is there: the way out names whose it is and what is missing; a second one makes it due."""
    (phased / "report.pdf").write_bytes(b"what was seen")
    assert "no phase at " in done(captured, "phase", "show", "case")
    deposit(captured)
    evidence = ("--evidence", "report.pdf", "--document", DIGEST)
    told = json.loads(
        done(
            captured,
            "signal",
            "file",
            "self-copying",
            "--kind",
            "tripwire",
            *AMONG,
            *LONG_AGO,
            *evidence,
            "--json",
        )
    )
    assert ["signal", "tripwire", [digest_of(b"what was seen"), DIGEST]] == [
        told[key] for key in ("filed", "kind", "evidence")
    ]
    publish(captured, "case-2")
    text = done(captured, "phase", "show", "case-2")
    assert "phase      before (before), since " in text
    assert "because    entry into force" in text
    assert (
        "to paused (trigger) when any of: 2 parties of 2 blocs signal the tripwire self-copying; it is 2099"
        in text
    )
    assert "missing  2 parties of 2 blocs signal the tripwire self-copying (so far alder)" in text
    assert "missing  until 2099-01-01T00:00:00Z: it is 2099-01-01T00:00:00Z" in text
    assert "next       paused at 2099-01-02T00:00:00Z, if nothing else comes before" in text
    done(captured, "signal", "file", "self-copying", "--kind", "tripwire", *CEDARS, *LONG_AGO)
    late = ("--occurred-at", "2098-01-01T00:00:00Z")
    done(captured, "signal", "file", "weights-lost", "--kind", "incident", *CEDARS, *late)
    publish(captured, "case-3")
    shown = json.loads(done(captured, "phase", "show", "case-3", "--json"))
    (way,) = shown["exits"]
    assert (["alder", "cedar"], shown["next"]["at"]) == (way["events"][0]["by"], way["at"])
    assert shown["next"]["at"] < "2099"
    (void,) = shown["void"]
    assert ("cedar", "signal", "says that it occurred at 2098-01-01T00:00:00Z, after it was logged") == (
        void["party"],
        void["predicate"],
        void["why"],
    )
    listed = done(captured, "signal", "list", "case-3")
    assert 2 == listed.count("self-copying")
    assert "void " in listed
    known = json.loads(done(captured, "signal", "list", "case-3", "--json"))["signals"]
    assert [2, 0] == [len(one["evidence"]) for one in known]
    assert (phased / "case-3" / "blobs" / "sha256").is_dir()


def test_an_assessment_is_an_audit_that_a_verifier_signs(phased: Path, captured: Captured) -> None:
    """The digest filed is the one that an audit of the same case at the same time prints; its list counts who signed."""
    deposit(captured)
    publish(captured, "case-2")
    audited = run(captured, ["audit", "case-2", "--json"])
    digest = json.loads(audited.out)["digest"]
    told = json.loads(done(captured, "assessment", "file", "case-2", *CEDARS, "--json"))
    assert digest == told["verdictDigest"]
    assert ["alder", "birch"] == [one["party"] for one in told["parties"]][:2]
    assert json.loads(audited.out)["verdict"]["parties"][0]["verdict"] == told["parties"][0]["verdict"]
    done(captured, "assessment", "file", "case-2", *CEDARS, "--period", "0")
    publish(captured, "case-3")
    text = done(captured, "assessment", "list", "case-3")
    assert f"verdict {digest}: attested by 1 of 1 verifiers (cedar)" in text
    known = json.loads(done(captured, "assessment", "list", "case-3", "--json"))
    assert [digest] * 2 == [one["verdictDigest"] for one in known["assessments"]]
    assert [] == known["void"]
    assert "no assessments" in done(captured, "assessment", "list", "case-2")
    assert "no signals" in done(captured, "signal", "list", "case-2")


def test_what_would_count_for_nothing_is_refused_before_it_is_filed(phased: Path, captured: Captured) -> None:
    """Nobody but a verifier assesses; a period that is not judged, a case of another agreement, a bad document."""
    bad = [
        (["assessment", "file", "case", *AMONG], "alder is no verifier"),
        (["assessment", "file", "case", *CEDARS, "--period", "7"], "there is no judged period 7"),
        (["signal", "file", "a", "--kind", "rumour", *AMONG, *LONG_AGO], "'rumour' is not one of"),
        (["signal", "file", "A", "--kind", "incident", *AMONG, *LONG_AGO], "malformed name 'A'"),
        (
            [
                "signal",
                "file",
                "a",
                "--kind",
                "incident",
                *AMONG,
                *LONG_AGO,
                "--document",
                DIGEST,
                "--document",
                DIGEST,
            ],
            "one document twice",
        ),
        (
            ["signal", "file", "a", "--kind", "incident", *AMONG, *LONG_AGO, "--document", "x"],
            "malformed digest",
        ),
        (["phase", "show", "nowhere"], "there is no folder nowhere"),
    ]
    for arguments, message in bad:
        result = run(captured, arguments)
        assert result.status in (1, 2), result.out
        assert message in result.err


def test_an_assessment_of_another_agreement_is_refused(
    phased: Path, built_world: Path, captured: Captured
) -> None:
    """The case of one agreement is not assessed into the log of another."""
    result = run(captured, ["assessment", "file", str(built_world / "case"), *CEDARS])
    assert (2, True) == (result.status, "another agreement" in result.err)


def test_an_agreement_without_phases_says_so(world: Path, captured: Captured) -> None:
    """Clauses apply from entry into force on."""
    assert "has no phases" in done(captured, "phase", "show", "case")
    assert json.loads(done(captured, "phase", "show", "case", "--json"))["phases"] is None


def status_of(terms: PhaseTerms, events: PhaseEvents, at: int) -> PhaseStatus:
    """Return where these phases stand."""
    return phase_status_of(agreement(terms), in_force_from=Instant(0), events=events, at=Instant(at))


def test_the_words_of_a_status() -> None:
    """Every line that a status can have: held, missing, due, of itself, before it, nothing."""
    signals = (filed_signal(ALDER, 4), filed_signal(BIRCH, 4))
    lines = phase_lines(status_of(LIFE, PhaseEvents(signals=signals), 6), at=Instant(6))
    assert [
        "phase      emergency (paused), since 1970-01-01T00:00:00.004Z",
        "because    2 parties of 2 blocs signal the tripwire wire",
        "next       before at 1970-01-01T00:00:00.007Z, if nothing else comes before",
        "to paused (continuation) when motion start is adopted",
        "  missing  motion start is adopted",
        "to before of itself, when the greatest length is over: 1970-01-01T00:00:00.007Z",
        "before it",
        "  before  1970-01-01T00:00:00Z until 1970-01-01T00:00:00.004Z  entry into force",
    ] == lines
    due = phase_lines(status_of(LIFE, PhaseEvents(signals=signals), 4), at=Instant(4))
    assert (
        "next       emergency, due at 1970-01-01T00:00:00.004Z: decided once something later is proven" in due
    )
    assert "  held     since 1970-01-01T00:00:00.004Z: 2 parties of 2 blocs signal the tripwire wire" in due
    ended = PhaseTerms(
        phases=(phase(BEFORE), phase(ENDED)), transitions=(change(BEFORE, ENDED, OnMotion(motion=END)),)
    )
    over = phase_lines(status_of(ended, PhaseEvents(adopted=((END, Instant(2)),)), 9), at=Instant(9))
    assert "next       nothing ends it" in over
    waiting = PhaseTerms(
        phases=(phase(PAUSED), phase(EASING)),
        transitions=(
            change(
                PAUSED,
                EASING,
                AnyOf(of=(OnConfirmed(findings=1), OnMotion(motion=START))),
                lead=36 * HOUR_MS,
            ),
        ),
    )
    none = phase_lines(status_of(waiting, PhaseEvents(), 9), at=Instant(9))
    assert "next       nothing is due" in none
    assert (
        "to easing (lift) when any of: 1 finding confirmed by the panel; motion start is adopted, 36 hours later"
        in none
    )
    timed = replace(waiting, transitions=(change(PAUSED, EASING, OnElapsed(ms=DAY_MS)),))
    assert "  missing  until 1970-01-02T00:00:00Z: 1 day of the phase have passed" in phase_lines(
        status_of(timed, PhaseEvents(), 9), at=Instant(9)
    )
    beyond = PhaseTerms(phases=(phase(PAUSED, high=DAY_MS, then=BEFORE), phase(BEFORE)), transitions=())
    last = Instant(253_402_300_799_000)
    status = phase_status_of(agreement(beyond), in_force_from=last, events=PhaseEvents(), at=last)
    assert "to before of itself, when the greatest length is over: after the calendar" in phase_lines(
        status, at=last
    )
    value = phase_value(status, at=last)
    assert isinstance(value, dict)
    assert value["next"] is None


def test_assessments_are_listed_by_what_they_attest() -> None:
    """Two verifiers sign one digest, and each party's line is shown once; unknown coverage is not known."""
    said = {ALDER: Verdict.CONSISTENT}
    filed = [filed_assessment(by, 9, (2, 4), said, coverage={ALDER: None}) for by in (CEDAR, DOGWOOD)]
    lines = assessment_lines(filed, verifiers=3)
    assert [
        f"verdict {'9f' * 32}: attested by 2 of 3 verifiers (cedar, dogwood)",
        "  1970-01-01T00:00:00.002Z until 1970-01-01T00:00:00.004Z  alder CONSISTENT, coverage not known",
    ] == lines
    assert 2 == len(assessments_value(filed))
    void = VoidSignal(entry=3, predicate=CEDAR, party=ALDER, reason=VoidReason.CHANGED, text="why")
    assert ["void       SIG-004, entry 3: cedar by alder why"] == void_lines([void])
