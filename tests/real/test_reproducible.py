"""One digest: the same case gives the same bytes on any machine; and what the 64-meter case costs.

Each audit runs in a process of its own, in another folder, with another hash seed, time zone, locale and
number of threads. The limits are those that the project promises for 64 meters.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from allstop.canon import JSON, format_json
from allstop.ids import digest_of
from allstop.verdict import format_verdict, verdict_digest
from support_real import GPT3, Cases, CaseTerms, RealCase, RealRun, make_case
from transcript import environment

AUDIT_SECONDS_MAX = 10
IMPORT_SECONDS_MAX = 20
PEAK_KIB_MAX = 1024 * 1024

MEASURE = """
import json, resource, subprocess, sys, time
started = time.monotonic()
done = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE)
seconds = time.monotonic() - started
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
json.dump({"status": done.returncode, "seconds": seconds, "peakKiB": peak}, open(sys.argv[1], "w"))
sys.stdout.buffer.write(done.stdout)
"""
"""Runs a command in a process that has no other child; the peak is that of its largest process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a command printed, its exit status, and what it took."""

    output: bytes
    status: int
    seconds: float
    peak_kib: int


def measure(arguments: list[str], *, folder: Path, variables: dict[str, str]) -> Cost:
    """Run `allstop` with these arguments in a folder and return what it printed and took."""
    report = folder / "cost.json"
    command = [sys.executable, "-c", MEASURE, str(report), str(Path(sys.executable).parent / "allstop")]
    done = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env=environment(folder) | variables,
        capture_output=True,
        timeout=300,
        check=True,
    )
    cost = json.loads(report.read_text("utf-8"))
    return Cost(output=done.stdout, status=cost["status"], seconds=cost["seconds"], peak_kib=cost["peakKiB"])


def audit_elsewhere(case: RealCase, folder: Path, variables: dict[str, str]) -> Cost:
    """Copy a case to another folder and audit it there with the command, for its JSON."""
    shutil.copytree(case.folder, folder / "a copy")
    (folder / "policy").write_bytes(case.policy)
    arguments = ["audit", "a copy", "--policy", "policy", "--agreement", case.agreement, "--json"]
    return measure(arguments, folder=folder, variables=variables)


MACHINES = (
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "OMP_NUM_THREADS": "1"},
    {"PYTHONHASHSEED": "4096", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "PYTHONOPTIMIZE": "2"},
)


@pytest.mark.parametrize("name", ["gpt3", "lora"])
def test_one_case_has_one_verdict(
    cases: Cases, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Two machines print the same bytes, which are those that this process computes."""
    run: RealRun = request.getfixturevalue(name)
    printed = []
    for index, variables in enumerate(MACHINES):
        (tmp_path / str(index)).mkdir()
        printed.append(audit_elsewhere(cases.case(run), tmp_path / str(index), variables).output)
    verdict = cases.verdict(run)
    expected: JSON = {
        "digest": verdict_digest(verdict),
        "trustRoot": {"isAgreementGiven": True, "isPolicyGiven": True},
        "verdict": format_verdict(verdict),
    }
    assert [format_json(expected) + b"\n"] * len(MACHINES) == printed
    assert verdict_digest(verdict) == digest_of(format_json(format_verdict(verdict)))


def test_the_number_of_processes_does_not_matter(cases: Cases, gpt3: RealRun, tmp_path: Path) -> None:
    """Held to one core, so that no workers are used, the audit gives the same digest."""
    available = sorted(os.sched_getaffinity(0))
    case = cases.case(gpt3)
    (tmp_path / "policy").write_bytes(case.policy)
    os.sched_setaffinity(0, available[:1])
    try:
        arguments = ["audit", str(case.folder), "--policy", "policy", "--agreement", case.agreement, "--json"]
        cost = measure(arguments, folder=tmp_path, variables={})
    finally:
        os.sched_setaffinity(0, available)
    assert verdict_digest(cases.verdict(gpt3)) == json.loads(cost.output)["digest"]


def test_64_meters_are_imported_in_twenty_seconds(gpt3: RealRun, data_dir: Path, tmp_path: Path) -> None:
    """Time and peak memory of reading, registering and filing 64 meters with one command."""
    silent = frozenset({"measurement", "job", *(f"meter:{one.meter}" for one in gpt3.meters.meters)})
    make_case(tmp_path, gpt3, CaseTerms(silent=silent))
    arguments = ["meter", "import", str(data_dir / GPT3), "--format", "mlperf-training-power"]
    arguments += ["--site", "hall-1", "--lot", "lot-1", "--chips-per-meter", "8", "--log", "desk"]
    cost = measure([*arguments, "--party", "alder", "--key", "alder.key"], folder=tmp_path, variables={})
    print(f"import of 64 meters: {cost.seconds:.1f} s, {cost.peak_kib // 1024} MiB")
    assert cost.status == 0, cost.output
    assert cost.seconds < IMPORT_SECONDS_MAX
    assert cost.peak_kib < PEAK_KIB_MAX


def test_64_meters_are_audited_in_ten_seconds_and_a_gibibyte(
    cases: Cases, gpt3: RealRun, tmp_path: Path
) -> None:
    """Time and peak memory of the whole command, start of the interpreter included."""
    cost = audit_elsewhere(cases.case(gpt3), tmp_path, {})
    print(f"audit of 64 meters: {cost.seconds:.1f} s, {cost.peak_kib // 1024} MiB")
    assert cost.status == 5
    assert cost.seconds < AUDIT_SECONDS_MAX
    assert cost.peak_kib < PEAK_KIB_MAX
