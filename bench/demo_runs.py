"""The demo many times over: on this machine beside another busy process, and simulated.

    python -m bench.demo_runs real --runs 20         beside a process that never sleeps; a table of runs
    python -m bench.demo_runs simulated --runs 1000  each kind of party: how often it is found to be what it is

The exit status is 1 if a real run took too long or found another verdict, or if an honest party was ever
found inconsistent. Simulated runs go over all cores, one process each.
"""

import argparse
import collections
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

SECONDS_MAX = 90
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
CASTS: tuple[Mapping[str, str], ...] = (
    {"birch": "hidden-training", "cedar": "fake-log", "dogwood": "replayed-meter", "elm": "meter-outage"},
    {"birch": "smaller-model", "cedar": "refuse-opening", "dogwood": "late-commitment", "elm": "precomputed"},
    {},
)
"""Casts of simulated runs, in turn; who is not named is honest."""


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Keep processes beside this one that never sleep."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def run_real(runs: int, hogs: int) -> bool:
    """Run `allstop demo` again and again; return whether all went as they should."""
    print(f"{'run':>4} {'seconds':>8}  {'verdicts':<10} digest")
    longest, good = 0.0, 0
    for number in range(1, runs + 1):
        with busy_processes(hogs):
            started = time.monotonic()
            command = [
                sys.executable,
                "-c",
                "import sys; from allstop.cli import main; sys.exit(main())",
                "demo",
                "--json",
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            seconds = time.monotonic() - started
        is_right = done.returncode == 0 and seconds < SECONDS_MAX
        longest, good = max(longest, seconds), good + is_right
        told = json.loads(done.stdout) if done.stdout else {}
        words = "right" if done.returncode == 0 else "WRONG" if told else "none"
        digest = told.get("digest", done.stderr.strip().splitlines()[-1:])
        print(f"{number:>4} {seconds:>8.1f}  {words:<10} {digest}", flush=True)
        for text in told.get("unexpected", []):
            print(f"{'':>14}  {text}", flush=True)
    print(
        f"{good} of {runs} right within {SECONDS_MAX} s beside {hogs} busy processes; longest {longest:.1f} s"
    )
    return good == runs


def simulate(seed: int) -> list[tuple[str, bool, str]]:
    """Run one simulated demo; return kind, whether it was found as it should be, and verdict, of each party."""
    from allstop.app.demo import parse_cheat, run_simulated_demo

    named = CASTS[seed % len(CASTS)]
    cheats = dict(parse_cheat(f"{party}={kind}") for party, kind in named.items())
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        result = run_simulated_demo(Path(folder), seed, honest=True, cheats=cheats)
    wrong = {text.split(" ")[0] for text in result.unexpected}
    return [
        (named.get(one.party, "honest"), one.party not in wrong, one.verdict.value)
        for one in result.audit.verdict.parties
    ]


def run_simulated(runs: int) -> bool:
    """Run simulated demos on all cores; return whether no honest party was ever found inconsistent."""
    found: dict[str, list[bool]] = collections.defaultdict(list)
    accused = 0
    os.environ.update(ONE_THREAD)
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        for done, parties in enumerate(workers.map(simulate, range(runs)), start=1):
            for kind, is_right, verdict in parties:
                found[kind].append(is_right)
                accused += kind == "honest" and verdict == "INCONSISTENT"
            if done % 50 == 0:
                print(f"{done} of {runs}", file=sys.stderr, flush=True)
    print(f"{'kind':<16} {'parties':>8} {'as it should':>13} {'share':>8}  95 % interval")
    for kind, outcomes in sorted(found.items()):
        low, high = interval(sum(outcomes), len(outcomes))
        share = sum(outcomes) / len(outcomes)
        print(f"{kind:<16} {len(outcomes):>8} {sum(outcomes):>13} {share:>8.4f}  {low:.4f} to {high:.4f}")
    print(f"honest parties found INCONSISTENT: {accused} of {len(found['honest'])}, in {runs} demos")
    return accused == 0


def interval(hits: int, count: int) -> tuple[float, float]:
    """Return the exact interval of Clopper and Pearson at 95 %, by bisection."""

    def bisect(is_low: bool) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            more = tail(hits, count, middle) if is_low else 1 - tail(hits + 1, count, middle)
            low, high = (middle, high) if (more < 0.025) == is_low else (low, middle)
        return low

    return (bisect(True) if hits else 0.0), (bisect(False) if hits < count else 1.0)


def tail(hits: int, count: int, share: float) -> float:
    """Return the probability of at least so many hits."""
    if share in (0.0, 1.0):
        return share if hits else 1.0
    logs = (
        math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        + k * math.log(share) + (count - k) * math.log1p(-share)
        for k in range(hits, count + 1)
    )  # fmt: skip
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def main(arguments: list[str]) -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.demo_runs", description="the demo many times over")
    parser.add_argument("what", choices=("real", "simulated"))
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--busy", type=int, default=1, help="busy processes beside each real run")
    given = parser.parse_args(arguments)
    is_good = run_real(given.runs, given.busy) if given.what == "real" else run_simulated(given.runs)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
