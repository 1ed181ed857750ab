"""Simulated demos: the real filing, draw, re-execution and audit, on measurements that a seed gives.

A thousand of them, with the rate at which each kind is found: `python -m bench.demo_runs simulated`.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from allstop.app.demo import DemoResult, Kind, cast_of, find_unexpected, run_simulated_demo
from allstop.binding import SealedDeposit
from allstop.ids import Name
from allstop.verdict import ReplayState, Stopping, ramp_downs_of

ALDER = Name("alder")
OPERATORS = tuple(cast_of().kinds)
CASTS: tuple[Mapping[str, Kind], ...] = (
    {"birch": Kind.SMALLER_MODEL, "cedar": Kind.REFUSE_OPENING, "dogwood": Kind.LATE_COMMITMENT},
    {"birch": Kind.PRECOMPUTED, "cedar": Kind.IDLE, "elm": Kind.HIDDEN_TRAINING},
)
"""With the usual cast, these have every kind."""


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """Return a simulated demo in which nobody cheats."""
    return run_simulated_demo(tmp_path_factory.mktemp("honest"), 2, honest=True)


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


def test_where_all_are_honest_all_are_consistent(honest: DemoResult) -> None:
    """Noise of the measured kind makes no honest party look like a cheat, and all work is verified."""
    assert {"CONSISTENT"} == set(verdicts(honest).values())
    assert () == honest.audit.verdict.findings
    assert {ReplayState.PASSED} == {replay.state for replay in honest.audit.verdict.replays}


@pytest.mark.parametrize("cheats", CASTS)
def test_each_cheat_leads_to_what_the_cast_says(tmp_path: Path, cheats: Mapping[str, Kind]) -> None:
    """Each cheat has the verdict and the finding of its kind, and who is honest beside it stays consistent."""
    result = run_simulated_demo(
        tmp_path, 4, honest=True, cheats={Name(party): kind for party, kind in cheats.items()}
    )
    assert () == result.unexpected
    others = {verdict for party, verdict in verdicts(result).items() if party not in cheats}
    assert {"CONSISTENT"} == others


def test_every_kind_is_in_some_cast() -> None:
    """No kind that a reader can ask for is left out of these tests."""
    usual = set(cast_of().kinds.values())
    assert set(Kind) == usual.union(*(cheats.values() for cheats in CASTS))


def test_an_outcome_that_the_cast_does_not_promise_is_told(honest: DemoResult) -> None:
    """Sabotage: judged by another cast, the result names the party that does not fit, and no other."""
    other = cast_of(honest=True, cheats={ALDER: Kind.FAKE_LOG})
    expected = (
        "alder (fake-log) is CONSISTENT, want INCONSISTENT",
        "alder (fake-log) has findings [], want TRN-001 among them",
    )
    assert expected == find_unexpected(other, honest.audit.verdict)


def test_sealed_deposits_bind_all_at_one_instant(honest: DemoResult) -> None:
    """Every deposit was sealed and opened by two custodians of two blocs at least; one instant binds all five."""
    verdict = honest.audit.verdict
    bound = {one.party: one.bound_from for one in verdict.standing.binding.parties if one.bound_from}
    assert set(OPERATORS) == set(bound)
    assert {verdict.entry.in_force_from} == set(bound.values())
    assert () == verdict.state.deposits
    assert len(OPERATORS) == len(verdict.state.of(SealedDeposit))


def test_all_stand_still_from_the_instant_that_the_vote_gives(honest: DemoResult) -> None:
    """One legal instant for all, after the vote and its lead; each site is seen to stop soon after it."""
    found = ramp_downs_of(honest.audit.verdict)
    (start,) = {one.legal for one in found}
    (span,) = [one for one in honest.audit.verdict.standing.spans if one.phase == "standstill"]
    assert span.start == start
    assert [Stopping.STOPPED] * len(OPERATORS) == [one.outcome for one in found]
    assert all(one.latest_ms is not None and one.latest_ms < 2_000 for one in found)


def test_who_trains_on_after_the_instant_is_seen_to_go_on(tmp_path: Path) -> None:
    """Birch trains to the end of what was judged: meters show it running on, and ACC-003 names it and no other."""
    verdict = run_simulated_demo(tmp_path, 3).audit.verdict
    found = {one.party: one.outcome for one in ramp_downs_of(verdict)}
    assert (Stopping.RUNNING, Stopping.STOPPED) == (found[Name("birch")], found[ALDER])
    assert {"birch"} == {one.party for one in verdict.findings if one.code == "ACC-003"}
