"""Rules TEL-005 and TEL-006: series that are copies, in time or between meters."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allstop.verdict._facts import Facts, HeldSeries
from allstop.verdict._hits import Hit, hit_on_series

__all__ = ["find_clone", "find_replay"]

RUN = 32
"""Consecutive differences that must agree: as many as no two meters share by chance."""

DISTINCT_MIN = 12
"""Fewest distinct differences in such a run: a flat line repeats itself without being a copy."""

_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    later: HeldSeries
    earlier: HeldSeries
    reading: int


def find_replay(facts: Facts) -> tuple[Hit, ...]:
    """TEL-005: a meter repeats readings of its own from another time.

    What it detects:
        A run of at least 32 consecutive changes, 12 of them distinct, that the same meter has shown in a
        series filed before, whatever the constant added to all readings. The later series is taken out.
    Why it matters:
        Last week's quiet readings are the cheapest cover for a busy week.
    Known problems:
        Readings scaled or noised by a forger are not recognised; nor is a replay of a flat line.

    Example:
        Dogwood files Monday's readings again for Tuesday, with Tuesday's times.
    How to resolve:
        File the true readings, or explain how a machine can repeat itself to the milliwatt.
    Basis:
        DESIGN section 6, integrity before content; threat-A1.
    """
    return tuple(
        hit_on_series(
            "TEL-005",
            copy.later,
            f"repeats its own earlier readings from reading {copy.reading + 1} on",
            others=[copy.earlier],
        )
        for copy in _find_copies(facts)
        if _is_same_meter(copy.later, copy.earlier)
    )


def find_clone(facts: Facts) -> tuple[Hit, ...]:
    """TEL-006: two meters show the same readings.

    What it detects:
        A run of at least 32 consecutive changes, 12 of them distinct, that another meter has shown,
        whatever the constant added and whenever it was. The first series counts, every later one is
        taken out.
    Why it matters:
        Two machines never draw the same power to the watt for a minute. One of the two meters did not
        measure what it is registered for, and which one cannot be told: so only one may count.
    Known problems:
        Copies that were scaled or noised are not recognised. Two meters of one channel that read the
        same sensor by design are hit; they are one trust domain and need only one registration.

    Example:
        The files of node 1 and node 6 hold the same 1,701 readings at the same times.
    How to resolve:
        File the readings that the second meter really took.
    Basis:
        DESIGN section 6, integrity before content; threat-A1.
    """
    return tuple(
        hit_on_series(
            "TEL-006",
            copy.later,
            f"shows the readings of meter {copy.earlier.claim.meter} from reading {copy.reading + 1} on",
            others=[copy.earlier],
        )
        for copy in _find_copies(facts)
        if not _is_same_meter(copy.later, copy.earlier)
    )


def _is_same_meter(one: HeldSeries, other: HeldSeries) -> bool:
    return (one.filed.party, one.claim.meter) == (other.filed.party, other.claim.meter)


def _find_copies(facts: Facts) -> list[_Copy]:
    """Find, for each series, the first run that an earlier series has; in log order.

    Runs are found by a rolling hash and then compared reading by reading, so that nobody can be
    accused by a collision.
    """
    copies: list[_Copy] = []
    seen_hashes: list[npt.NDArray[np.uint64]] = []
    seen: list[tuple[HeldSeries, npt.NDArray[np.int64]]] = []
    for held in facts.series:
        if held.series is None or len(held.series) <= RUN:
            continue
        changes = np.diff(held.series.v)
        hashes = _run_hashes(changes)
        for (earlier, earlier_changes), earlier_hashes in zip(seen, seen_hashes, strict=True):
            reading = _shared_run(changes, hashes, earlier_changes, earlier_hashes)
            if reading is not None:
                copies.append(_Copy(later=held, earlier=earlier, reading=reading))
                break
        else:
            seen.append((held, changes))
            seen_hashes.append(hashes)
    return copies


def _run_hashes(changes: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return a polynomial hash of each run of RUN changes, modulo 2^64."""
    words = changes.astype(np.uint64)
    hashes = np.zeros(len(words) - RUN + 1, dtype=np.uint64)
    for offset in range(RUN):
        hashes = hashes * _BASE + words[offset : offset + len(hashes)]
    return hashes


def _shared_run(
    changes: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint64],
    earlier: npt.NDArray[np.int64],
    earlier_hashes: npt.NDArray[np.uint64],
) -> int | None:
    """Return where the first telling run begins that both have, or None."""
    order = np.argsort(earlier_hashes, kind="stable")
    ordered = earlier_hashes[order]
    position = np.minimum(np.searchsorted(ordered, hashes), len(ordered) - 1)
    for start in np.flatnonzero(ordered[position] == hashes):
        run = changes[start : start + RUN]
        if len(np.unique(run)) >= DISTINCT_MIN:
            other = int(order[position[start]])
            if np.array_equal(run, earlier[other : other + RUN]):
                return int(start)
    return None
