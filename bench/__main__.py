"""Run every benchmark and print its rows: `python -m bench [--full]`.

A row is a ratio measured side by side in one run, never a time: times drift on shared machines. The exit
status is 1 when a goal is missed.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from bench import bench_standing, bench_statement, bench_telemetry, bench_tlog

Row = tuple[str, float, float | str, bool]
"""What was compared with what, the ratio found, the goal, and whether it is met."""


class Job(NamedTuple):
    """One benchmark: `run(size)` gives rows; the sizes are counts of statements, entries or readings."""

    title: str
    run: Callable[[int], Iterable[Row]]
    test_size: int
    full_size: int


JOBS = (
    Job("statement", bench_statement.run, 2_000, 50_000),
    Job("tlog", bench_tlog.run, bench_tlog.SIZE, bench_tlog.SIZE_FULL),
    Job("standing", bench_standing.run, bench_standing.SIZE, bench_standing.SIZE_FULL),
    Job("telemetry", bench_telemetry.run, bench_telemetry.READINGS, bench_telemetry.READINGS_MAX),
)


def format_row(row: Row) -> str:
    """Return one line of the table. A goal that is a number is a ratio that must not be exceeded."""
    name, ratio, goal, ok = row
    text = goal if isinstance(goal, str) else f"<= {goal:g}"
    return f"{name:<68} {ratio:>8.3f} {text:>10}  {'met' if ok else 'MISSED'}"


def main(arguments: list[str]) -> int:
    """Run the benchmarks, print each row as it is found, and tell whether all goals are met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="ratios against stated anchors")
    parser.add_argument("--full", action="store_true", help="full sizes; minutes instead of seconds")
    full: bool = parser.parse_args(arguments).full
    all_met = True
    print(f"{'compared with its anchor, in one run':<68} {'ratio':>8} {'goal':>10}")
    for job in JOBS:
        started = time.monotonic()
        for row in job.run(job.full_size if full else job.test_size):
            print(format_row(row), flush=True)
            all_met = all_met and row[3]
        print(f"{job.title} took {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
