"""Rules TEL-005 and TEL-006: series that are copies, in time or between meters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allstop.ids import Digest
from allstop.verdict._facts import Facts, HeldSeries
from allstop.verdict._hits import Hit, hit_on_series

__all__ = ["find_clone", "find_replay"]

RUN = 32
"""Consecutive differences that must agree: as many as no two meters share by chance."""

DISTINCT_MIN = 12
"""Fewest distinct differences in such a run: a flat line repeats itself without being a copy."""

_CHUNK = 1 << 16

IntArray = npt.NDArray[np.int64]

_BASE = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    later: HeldSeries
    earlier: HeldSeries
    reading: int


def find_replay(facts: Facts) -> tuple[Hit, ...]:
    """TEL-005: a meter repeats readings of its own from another time.

    What it detects:
        A run of at least 32 consecutive changes, 12 of them distinct, that the same meter has shown before,
        in a series filed before or earlier in this one, whatever the constant added to all readings. The
        later series is taken out.
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
        whatever the constant added and whenever it was; or the very same series of one blob, filed for two
        meters. The first counts, every later one is taken out.
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
    hits = {
        copy.later.key: hit_on_series(
            "TEL-006",
            copy.later,
            f"shows the readings of meter {copy.earlier.claim.meter} from reading {copy.reading + 1} on",
            others=[copy.earlier],
        )
        for copy in _find_copies(facts)
        if not _is_same_meter(copy.later, copy.earlier)
    }
    first: dict[tuple[Digest, int], HeldSeries] = {}
    for held in facts.series:
        earlier = first.setdefault((held.claim.blob, held.claim.row), held)
        if not _is_same_meter(held, earlier):
            about = f"is filed with the very series of meter {earlier.claim.meter}"
            hits.setdefault(held.key, hit_on_series("TEL-006", held, about, others=[earlier]))
    return tuple(hits[key] for key in sorted(hits))


def _is_same_meter(one: HeldSeries, other: HeldSeries) -> bool:
    return (one.filed.party, one.claim.meter) == (other.filed.party, other.claim.meter)


def _find_copies(facts: Facts) -> list[_Copy]:
    """Find, for each series, the first run that was shown before; in log order.

    Runs of all series are found by a rolling hash, in one sorted index, and then compared reading by
    reading, so that nobody can be accused by a collision. What is itself a copy is no original.
    """
    series = [held for held in facts.series if held.series is not None and len(held.series) > RUN]
    changes = [np.diff(held.series.v) for held in series if held.series is not None]
    runs = _telling_runs(changes)
    owner = np.full(runs.count, -1, dtype=np.int64)
    place = np.zeros(runs.count, dtype=np.int64)
    copies = []
    for number, held in enumerate(series):
        at = np.flatnonzero(runs.ids[number] >= 0)
        ids = runs.ids[number][at]
        found = _first_shared(changes, number, at, owner[ids], place[ids])
        if found is not None:
            copies.append(_Copy(later=held, earlier=series[found[0]], reading=found[1]))
            continue
        fresh = owner[ids] < 0
        # Written backwards, so that of several places in one series the first stays.
        owner[ids[fresh][::-1]], place[ids[fresh][::-1]] = number, at[fresh][::-1]
        repeats = (owner[ids] == number) & (at - place[ids] >= RUN)
        found = _first_shared(changes, number, at[repeats], owner[ids][repeats], place[ids][repeats])
        if found is not None:
            copies.append(_Copy(later=held, earlier=held, reading=found[1]))
    return copies


def _first_shared(
    changes: Sequence[IntArray], number: int, at: IntArray, owners: IntArray, places: IntArray
) -> tuple[int, int] | None:
    """Return the owner of the first run that really is the same, and where the run begins here."""
    for index in np.flatnonzero(owners >= 0):
        mine, theirs = int(at[index]), int(places[index])
        earlier = changes[int(owners[index])]
        if np.array_equal(changes[number][mine : mine + RUN], earlier[theirs : theirs + RUN]):
            return int(owners[index]), mine
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runs:
    """For each series the number of the run that begins at each change, -1 where it occurs once or tells nothing."""

    ids: tuple[IntArray, ...]
    count: int


def _telling_runs(changes: Sequence[IntArray]) -> _Runs:
    """Number the runs that occur more than once and are not too monotonous to tell anything."""
    if not changes:
        return _Runs(ids=(), count=0)
    hashes = np.concatenate([_run_hashes(one) for one in changes])
    starts = np.concatenate([np.arange(len(one) - RUN + 1) for one in changes])
    before = np.cumsum([0, *(len(one) for one in changes)])[:-1]
    starts += np.repeat(before, [len(one) - RUN + 1 for one in changes])
    values, first, ids, counts = np.unique(hashes, return_index=True, return_inverse=True, return_counts=True)
    telling = counts > 1
    every = np.concatenate(changes)
    groups = np.flatnonzero(telling)
    for at in range(0, len(groups), _CHUNK):
        some = groups[at : at + _CHUNK]
        rows = np.sort(every[starts[first[some]][:, None] + np.arange(RUN)], axis=1)
        telling[some] = (np.diff(rows, axis=1) != 0).sum(axis=1) + 1 >= DISTINCT_MIN
    kept = np.where(telling[ids], ids, -1)
    ends = np.cumsum([len(one) - RUN + 1 for one in changes])
    return _Runs(ids=tuple(np.split(kept, ends[:-1])), count=len(values))


def _run_hashes(changes: IntArray) -> npt.NDArray[np.uint64]:
    """Return a polynomial hash of each run of RUN changes, modulo 2^64."""
    words = changes.astype(np.uint64)
    hashes = np.zeros(len(words) - RUN + 1, dtype=np.uint64)
    for offset in range(RUN):
        hashes = hashes * _BASE + words[offset : offset + len(hashes)]
    return hashes
