"""Simulated demos: the real filing, draw, re-execution and audit, on measurements that a seed gives."""

from pathlib import Path

import pytest

from allstop.app.demo import DemoResult, Kind, run_simulated_demo
from allstop.ids import Name
from allstop.verdict import ReplayState

ALDER = Name("alder")


def verdicts(result: DemoResult) -> dict[str, str]:
    """Return the verdict of each party."""
    return {party.party: party.verdict.value for party in result.audit.verdict.parties}


def test_each_verdict_of_the_usual_cast_follows_from_what_it_filed(tmp_path: Path) -> None:
    """Honest, hidden training, made-up log, replayed meter and lost meter are told apart."""
    result = run_simulated_demo(tmp_path, 1)
    expected = {
        "alder": "CONSISTENT",
        "birch": "INCONSISTENT",
        "cedar": "INCONSISTENT",
        "dogwood": "UNDETERMINED",
        "elm": "UNDETERMINED",
    }
    assert expected == verdicts(result)
    assert () == result.unexpected


@pytest.mark.parametrize("seed", [2, 3])
def test_where_all_are_honest_all_are_consistent(tmp_path: Path, seed: int) -> None:
    """No noise of the measured kind makes an honest party look like a cheat, and all work is verified."""
    result = run_simulated_demo(tmp_path, seed, honest=True)
    assert {"CONSISTENT"} == set(verdicts(result).values())
    assert () == result.audit.verdict.findings
    assert {ReplayState.PASSED} == {replay.state for replay in result.audit.verdict.replays}


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.HONEST])
def test_each_cheat_leads_to_what_the_cast_says(tmp_path: Path, kind: Kind) -> None:
    """Alder alone cheats: its verdict is that of the kind, and nobody else's changes."""
    result = run_simulated_demo(tmp_path, 4, honest=True, cheats={ALDER: kind})
    assert () == result.unexpected
    assert {"CONSISTENT"} == {verdict for party, verdict in verdicts(result).items() if party != ALDER}


def test_an_outcome_that_the_cast_does_not_promise_is_told(tmp_path: Path) -> None:
    """Sabotage: a result whose cast is swapped for another names the party that does not fit."""
    from allstop.app.demo import cast_of, find_unexpected

    result = run_simulated_demo(tmp_path, 5, honest=True)
    other = cast_of(honest=True, cheats={ALDER: Kind.FAKE_LOG})
    found = find_unexpected(other, result.audit.verdict)
    assert ["alder (fake-log) is CONSISTENT, want INCONSISTENT"] == [text for text in found if " is " in text]
