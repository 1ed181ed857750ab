"""The published Llama 2 70B inference runs on one node of 8 H200, from a calibrated wall meter."""

from dataclasses import replace
from pathlib import Path

import pytest

from allstop.accountancy import ChipTime
from allstop.finding import Level
from allstop.ids import Name
from allstop.workload import JobKind
from real_sources import Readings, covered_ms, read_meter_log, trapezoid
from support_real import (
    ALDER,
    H200,
    Cases,
    CaseTerms,
    RealRun,
    chip_ms_of,
    clause_of,
    codes_of,
    party_of,
    subgoals_of,
)

CHIPS = 8
GAP_MS = 10_000
SCENARIOS = ("Offline", "Server")


@pytest.fixture(params=SCENARIOS)
def scenario(request: pytest.FixtureRequest) -> str:
    """Name of the scenario, as its folder is called."""
    return str(request.param)


@pytest.fixture
def run(scenario: str, request: pytest.FixtureRequest) -> RealRun:
    """The run of the scenario."""
    found = request.getfixturevalue(scenario.lower())
    assert isinstance(found, RealRun)
    return found


@pytest.fixture
def raw(data_dir: Path, scenario: str) -> Readings:
    """The readings of the wall meter, read without the importer."""
    return read_meter_log(data_dir / H200 / scenario / "performance" / "run_1" / "spl.txt")


def test_the_energy_is_that_of_the_wall_meter(
    cases: Cases, run: RealRun, raw: Readings, scenario: str
) -> None:
    """The sum over the file, to the mJ: 5.69 kWh for the one run and 4.76 kWh for the other; all believed."""
    site = cases.verdict(run).sites[0]
    assert abs(trapezoid(raw) / 2000 - site.measured_millijoule) <= 1
    expected = {"Offline": "5.69", "Server": "4.76"}[scenario]
    assert expected == f"{site.measured_millijoule / 3.6e9:.2f}"
    assert site.believed_millijoule == site.measured_millijoule


def test_times_without_a_timezone_fall_into_the_phase_that_the_client_logged(
    run: RealRun, raw: Readings
) -> None:
    """Read as UTC, the first reading comes after the phase began and the last before it ended."""
    assert run.window.start.ms < raw[0][0] < raw[-1][0] < run.window.end.ms
    assert raw[0][0] == run.meters.meters[0].series.earliest.ms


def test_only_the_seconds_around_the_readings_are_unobserved(
    cases: Cases, run: RealRun, raw: Readings
) -> None:
    """One reading a second leaves no gap: some 22 s before the first reading and one after the last."""
    start, end = run.window.start.ms, run.window.end.ms
    seen = covered_ms((t for t, _ in raw), start=start, end=end, gap_max=GAP_MS)
    expected = CHIPS * (end - start - seen)
    assert expected == chip_ms_of(cases.verdict(run), ChipTime.UNOBSERVED)
    assert expected == CHIPS * (raw[0][0] - start + end - raw[-1][0]) < 200_000


def test_everything_holds_together(cases: Cases, run: RealRun) -> None:
    """No finding at all."""
    assert codes_of(cases.verdict(run)) == {}


def test_2a_is_consistent_and_1a_is_not_shown(cases: Cases, run: RealRun) -> None:
    """Chips, time and use are all accounted for; what the use was stays plausible, so 1A is undetermined."""
    verdict = cases.verdict(run)
    clauses = {one.clause: one.verdict.value for one in party_of(verdict, ALDER).clauses}
    expected = {"1.1": "CONSISTENT", "1.2": "CONSISTENT", "2.1": "CONSISTENT", "2.2": "UNDETERMINED"}
    assert expected | {"3.1": "CONSISTENT"} == clauses
    goals = subgoals_of(verdict, ALDER)
    assert ("UNDETERMINED", "CONSISTENT") == (goals["1A"], goals["2A"])
    assert verdict.jobs[0].level is Level.PLAUSIBLE


def test_declared_inference_is_no_training_and_still_leaves_its_whole_room(
    cases: Cases, run: RealRun
) -> None:
    """No lineage has declared operations, yet nothing is credited: the meter could not tell the two apart."""
    verdict = cases.verdict(run)
    clause = clause_of(verdict, ALDER, "3.1")
    assert run.job.kind is JobKind.INFERENCE
    assert (0, verdict.sites[0].room_flop[0]) == (clause.low, clause.high)
    assert verdict.sites[0].room_flop[0] > verdict.jobs[0].declared_low


def test_operations_are_bounds_because_the_log_counts_only_answers(run: RealRun) -> None:
    """2ND over completed tokens alone, and over those of the whole phase with every prompt at its longest."""
    tokens = run.job.tokens
    assert (140 * 10**9 * tokens.low, 140 * 10**9 * tokens.high) == (
        run.job.operations.low,
        run.job.operations.high,
    )
    assert run.job.stated == ("parameters", "promptTokensMax")
    assert 5 < tokens.high / tokens.low < 6


def test_undeclared_inference_is_inconsistent(cases: Cases, run: RealRun) -> None:
    """The operator's own meter shows hours of use that nobody declared."""
    verdict = cases.verdict(run, CaseTerms(silent=frozenset({"job"})))
    clause = clause_of(verdict, ALDER, "2.1")
    assert clause.verdict.value == "INCONSISTENT"
    assert clause.low >= clause.tolerance


def test_a_chip_type_that_nobody_knows_counts_as_the_fastest(cases: Cases, offline: RealRun) -> None:
    """Registered under a type that the reference table lacks, the same node has more room, not less."""
    renamed = replace(offline, name="h200-renamed", chip_type=Name("h300"))
    verdict, known = cases.verdict(renamed), cases.verdict(offline)
    assert codes_of(verdict)["REG-001"] == 1
    assert verdict.sites[0].room_flop[0] > known.sites[0].room_flop[0]
