"""Run every benchmark and print its rows: `python -m bench [--full]`.

A row is a ratio measured side by side in one run, never a time: times drift on shared machines. A module
of this folder named `bench_*` has `run(full=...)`, which returns rows `(name, ratio, goal, ok)`. The exit
status is 1 when a goal is missed.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable

from bench import bench_statement, bench_telemetry, bench_tlog

Row = tuple[str, float, str, bool]
"""What was compared, the ratio found, the goal in words such as `<= 1.15`, and whether it is met."""

RUNS: tuple[tuple[str, Callable[..., Iterable[Row]]], ...] = (
    ("statement", bench_statement.run),
    ("tlog", bench_tlog.run),
    ("telemetry", bench_telemetry.run),
)


def format_row(row: Row) -> str:
    """Return one line of the table."""
    name, ratio, goal, ok = row
    return f"{name:<72} {ratio:>8.2f} {goal:>10}  {'met' if ok else 'MISSED'}"


def main(arguments: list[str]) -> int:
    """Run the benchmarks, print each row as it is found, and tell whether all goals are met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="ratios against stated anchors")
    parser.add_argument("--full", action="store_true", help="full sizes; minutes instead of seconds")
    full: bool = parser.parse_args(arguments).full
    all_met = True
    print(f"{'compared with its anchor, in one run':<72} {'ratio':>8} {'goal':>10}")
    for title, run in RUNS:
        started = time.monotonic()
        for row in run(full=full):
            print(format_row(row), flush=True)
            all_met = all_met and row[3]
        print(f"{title} took {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
