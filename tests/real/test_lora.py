"""The published Llama 2 70B LoRA run on one node of 8 H100: a file that contradicts itself."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allstop.accountancy import ChipTime
from allstop.finding import Level
from allstop.telemetry import Series
from allstop.times import Instant
from real_sources import Readings, covered_ms, read_power_files, trapezoid
from support_real import (
    ALDER,
    LORA,
    Cases,
    CaseTerms,
    RealRun,
    chip_ms_of,
    clause_of,
    codes_of,
    subgoals_of,
)

CHIPS = 8
GAP_MS = 10_000


@pytest.fixture(scope="session")
def node(data_dir: Path) -> Readings:
    """The readings of the one power file, read without the importer."""
    return read_power_files(data_dir / LORA)["node-0"]


@pytest.fixture(scope="session")
def repaired(lora: RealRun) -> RealRun:
    """The same run if its recorder had written the stop when it stopped, and no time twice."""
    (meter,) = lora.meters.meters
    keep = np.append(np.diff(meter.series.t) > 0, True)
    series = Series(t=meter.series.t[keep], v=meter.series.v[keep], epoch=meter.series.epoch[keep])
    mended = replace(meter, series=series, stopped_at=Instant(int(series.t[-1])))
    return replace(lora, name="lora-repaired", meters=replace(lora.meters, meters=(mended,)))


def test_the_file_says_that_it_stopped_when_it_started(cases: Cases, lora: RealRun, node: Readings) -> None:
    """All 847 readings lie after the stop that the file itself states."""
    (meter,) = lora.meters.meters
    assert meter.started_at == meter.stopped_at
    assert all(t > meter.started_at.ms for t, _ in node if meter.started_at is not None)
    (finding,) = [one for one in cases.verdict(lora).findings if one.code == "TEL-003"]
    assert f"{len(node)} of {len(node)} readings lie outside the period" in finding.about


def test_one_instant_has_two_readings(cases: Cases, lora: RealRun, node: Readings) -> None:
    """The clock stands still once, after the 838th reading."""
    still = [at for at in range(1, len(node)) if node[at][0] <= node[at - 1][0]]
    (finding,) = [one for one in cases.verdict(lora).findings if one.code == "TEL-002"]
    assert [838] == still
    assert f"at 1 of {len(node) - 1} steps, first after reading 838" in finding.about


def test_nothing_else_is_found(cases: Cases, lora: RealRun) -> None:
    """Two findings, each once."""
    assert codes_of(cases.verdict(lora)) == {"TEL-002": 1, "TEL-003": 1}


def test_the_energy_is_reported_and_not_believed(cases: Cases, lora: RealRun, node: Readings) -> None:
    """Arithmetic over the file gives 3.39 kWh; the accounts rest on none of it."""
    site = cases.verdict(lora).sites[0]
    assert abs(trapezoid(node) / 2000 - site.measured_millijoule) <= 1
    assert f"{site.measured_millijoule / 3.6e9:.2f}" == "3.39"
    assert site.believed_millijoule == 0


def test_what_integrity_leaves_is_nothing(cases: Cases, lora: RealRun) -> None:
    """With its only meter distrusted, the whole window is unobserved and the job is only declared."""
    verdict = cases.verdict(lora)
    capacity = CHIPS * lora.window.duration_ms
    assert capacity == chip_ms_of(verdict, ChipTime.UNOBSERVED)
    assert capacity == clause_of(verdict, ALDER, "1.2").high
    assert verdict.jobs[0].level is Level.DECLARED


def test_the_verdict_is_undetermined(cases: Cases, lora: RealRun) -> None:
    """Nothing is shown and nothing is proven false: 1A and 2A are undetermined, only small sums are bounded."""
    verdict = cases.verdict(lora)
    goals = subgoals_of(verdict, ALDER)
    assert ("UNDETERMINED", "UNDETERMINED") == (goals["1A"], goals["2A"])
    assert clause_of(verdict, ALDER, "2.1").verdict.value == "UNDETERMINED"
    assert clause_of(verdict, ALDER, "3.1").verdict.value == "CONSISTENT"


def test_a_distrusted_meter_accuses_nobody(cases: Cases, lora: RealRun) -> None:
    """Not declared, the run stays undetermined: activity counts against a party only in readings that hold."""
    verdict = cases.verdict(lora, CaseTerms(silent=frozenset({"job"})))
    clause = clause_of(verdict, ALDER, "2.1")
    assert (0, CHIPS * lora.window.duration_ms) == (clause.low, clause.high)
    assert clause.verdict.value == "UNDETERMINED"


def test_operations_are_bounds_because_the_method_leaves_them_open(cases: Cases, lora: RealRun) -> None:
    """LoRA trains few weights of many: between 4ND and 6ND for 70e9 parameters and 25,165,824 tokens."""
    (job,) = cases.verdict(lora).jobs
    product = 70 * 10**9 * 3072 * 8192
    assert (4 * product, 6 * product) == (job.declared_low, job.declared_high)
    assert lora.job.stated == ("parameters", "sequenceLength")


def test_without_its_two_faults_the_gaps_would_be_seen(
    cases: Cases, repaired: RealRun, node: Readings
) -> None:
    """Mended by hand, the file still has pauses of up to 20 s: each longer than 10 s is unobserved.

    What is left is enough: the job is plausible, and less than a chip-hour was not seen.
    """
    verdict = cases.verdict(repaired)
    times = sorted({t for t, _ in node})
    start, end = repaired.window.start.ms, repaired.window.end.ms
    pauses = [b - a for a, b in itertools.pairwise(times) if b - a > GAP_MS]
    expected = CHIPS * (end - start - covered_ms(times, start=start, end=end, gap_max=GAP_MS))
    assert (7, 19_954) == (len(pauses), max(pauses))
    assert f"{expected / 3.6e6:.2f}" == "0.25"
    assert expected == chip_ms_of(verdict, ChipTime.UNOBSERVED)
    assert verdict.jobs[0].level is Level.PLAUSIBLE
    assert clause_of(verdict, ALDER, "1.2").verdict.value == "CONSISTENT"
    assert not verdict.findings
