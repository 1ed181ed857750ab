"""The demo on this machine: real processes, real meters, and verdicts that follow from them.

Periods are short here, so Dogwood is honest: its replay needs more readings than they have. The whole demo,
many times over, is `make demo-twenty`.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from allstop.app import audit_directory
from allstop.ids import Digest
from allstop.verdict import ReplayState, verdict_digest

TRIES_MAX = 2

RUN = """
import json, sys
from pathlib import Path
from allstop.app.demo import parse_cheat, run_demo
result = run_demo(Path(sys.argv[1]), seed=7, cheats=dict([parse_cheat("dogwood=honest")]), period_ms=12_000)
print(json.dumps({"agreement": result.agreement, "unexpected": result.unexpected}))
"""


@dataclass(frozen=True)
class Said:
    """What a run says: the agreement that it made, and what went otherwise than the cast should have it."""

    agreement: Digest
    unexpected: list[str]


ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """Run the demo once in a process of its own; a machine that is too busy says so, and then it is tried once more."""
    for _ in range(TRIES_MAX):
        folder = tmp_path_factory.mktemp("demo")
        command = [sys.executable, "-c", RUN, str(folder)]
        done = subprocess.run(
            command, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True, check=False
        )
        if done.returncode == 0 or "machine too busy" not in done.stderr:
            break
    else:
        pytest.skip("the machine was too busy to be measured, and the demo said so")
    assert 0 == done.returncode, done.stderr
    return folder, Said(**json.loads(done.stdout))


def test_each_verdict_follows_from_what_was_measured(demo: tuple[Path, Said]) -> None:
    """Hidden training, a made-up log and a lost meter are found; who is honest is consistent and verified."""
    folder, said = demo
    assert [] == said.unexpected
    audit = audit_directory(
        folder / "case", policy=(folder / "policy").read_bytes(), agreement=said.agreement
    )
    verdicts = {party.party: party.verdict.value for party in audit.verdict.parties}
    expected = {
        "alder": "CONSISTENT",
        "birch": "INCONSISTENT",
        "cedar": "INCONSISTENT",
        "dogwood": "CONSISTENT",
        "elm": "UNDETERMINED",
    }
    assert expected == verdicts
    states = {replay.filed.party: replay.state for replay in audit.verdict.replays}
    failed = {party for party, state in states.items() if state is not ReplayState.PASSED}
    assert {"cedar"} == failed


def test_one_digest_with_one_thread_and_with_two(demo: tuple[Path, Said]) -> None:
    """Two processes whose linear algebra runs in one thread and in two come to the same verdict, byte for byte."""
    folder, said = demo
    code = (
        "import sys; from pathlib import Path; from allstop import audit_directory, verdict_digest;"
        "print(verdict_digest(audit_directory(Path(sys.argv[1])).verdict))"
    )
    digests = set()
    for threads in ("1", "2"):
        env = {**os.environ, "OPENBLAS_NUM_THREADS": threads}
        command = [sys.executable, "-c", code, str(folder / "case")]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        digests.add(done.stdout.strip())
    audit = audit_directory(folder / "case", agreement=said.agreement)
    assert {verdict_digest(audit.verdict)} == digests
