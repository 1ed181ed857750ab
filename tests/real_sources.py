"""The published files read a second time, with regular expressions and integers alone.

What the tests of `tests/real` expect is computed from this, so that no importer of ours is believed.
"""

import itertools
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

__all__ = [
    "Readings",
    "covered_ms",
    "first_of_copies",
    "read_meter_log",
    "read_power_file",
    "read_power_files",
    "trapezoid",
]

Readings = tuple[tuple[int, int], ...]
"""Time in ms and power in mW of each reading, in the order of the file."""

_READING = re.compile(
    rb'"time_ms": ?(\d+),.*"key": ?"(?:power_reading|interconnect_power_est)", ?"value": ?(\d+)'
)


def read_power_file(path: Path) -> Readings:
    """Read one `node_N.txt` or `sw_N.txt`; every line that is a reading counts."""
    found = [_READING.search(line) for line in path.read_bytes().splitlines()]
    return tuple((int(match[1]), 1000 * int(match[2])) for match in found if match is not None)


def read_power_files(benchmark: Path) -> dict[str, Readings]:
    """Read all power files of a benchmark's folder, nodes by number and then switches, by our meters' names."""
    paths = [path for path in benchmark.glob("power/*/*.txt") if path.name != "total_power.txt"]
    keyed = sorted((path.stem.split("_")[0], int(path.stem.split("_")[1]), path) for path in paths)
    return {f"{kind}-{number}": read_power_file(path) for kind, number, path in keyed}


def trapezoid(readings: Readings) -> int:
    """Return the energy under straight lines between readings, in µJ times two, exactly."""
    return sum((t2 - t1) * (v1 + v2) for (t1, v1), (t2, v2) in itertools.pairwise(readings))


def first_of_copies(files: dict[str, Readings]) -> dict[str, str]:
    """Return, for each file that says the same as an earlier one, the name of the first that says it."""
    first: dict[Readings, str] = {}
    copies = {}
    for name, readings in files.items():
        if readings in first:
            copies[name] = first[readings]
        first.setdefault(readings, name)
    return copies


def covered_ms(times: Iterable[int], *, start: int, end: int, gap_max: int) -> int:
    """Return how much of `[start, end)` lies between two readings that are at most `gap_max` apart."""
    ordered = sorted(times)
    return sum(
        max(0, min(b, end) - max(a, start)) for a, b in itertools.pairwise(ordered) if b - a <= gap_max
    )


def read_meter_log(path: Path) -> Readings:
    """Read a `spl.txt`, whose times are UTC without saying so; the first watts of a line are the total."""
    found = []
    for line in filter(None, path.read_text("ascii").splitlines()):
        _, stamp, _, watts, *_ = line.split(",")
        moment = datetime.strptime(stamp + "+0000", "%m-%d-%Y %H:%M:%S.%f%z")
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
        found.append((since // timedelta(milliseconds=1), round(float(watts) * 1000)))
    return tuple(found)
