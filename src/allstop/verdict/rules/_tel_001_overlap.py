"""Rule TEL-001: two series of one meter for the same time."""

from collections.abc import Sequence

import numpy as np

from allstop.ids import Name
from allstop.verdict._facts import Facts, HeldSeries
from allstop.verdict._hits import Hit, hit_on_series

__all__ = ["find_overlap"]


def find_overlap(facts: Facts) -> tuple[Hit, ...]:
    """TEL-001: two series of one meter cover the same time.

    What it detects:
        Two filed series of one meter whose spans, first to last reading, overlap. If they hold the same
        readings the later one is a copy and only it is taken out; if they differ, both are.
    Why it matters:
        A meter has one history. Whoever may file two can show each reader the one that suits.
    Known problems:
        Readings that one recorder wrote into two files with an overlap of seconds are hit as well.

    Example:
        Birch files node-3 from 10:00 to 11:00, and later again from 10:30 to 11:30 with other values.
    How to resolve:
        File each reading once. Copies may stay: the first counts.
    Basis:
        DESIGN section 6, integrity before content; threat-A1.
    """
    by_meter: dict[tuple[Name, Name], list[HeldSeries]] = {}
    for held in facts.series:
        if held.series is not None:
            by_meter.setdefault((held.filed.party, held.claim.meter), []).append(held)
    hits: list[Hit] = []
    for series in by_meter.values():
        hits += _overlaps(series)
    return tuple(hits)


def _overlaps(series: Sequence[HeldSeries]) -> list[Hit]:
    hits = []
    for position, later in enumerate(series):
        for earlier in series[:position]:
            if not _meet(earlier, later):
                continue
            if _same(earlier, later):
                hits.append(
                    hit_on_series("TEL-001", later, "is filed twice; the first counts", others=[earlier])
                )
            else:
                about = "has two histories for the same time; neither counts"
                hits.append(hit_on_series("TEL-001", earlier, about, others=[later]))
                hits.append(hit_on_series("TEL-001", later, about, others=[earlier]))
    return list(dict.fromkeys(hits))


def _meet(one: HeldSeries, other: HeldSeries) -> bool:
    if one.series is None or other.series is None:
        return False
    return one.series.earliest < other.series.latest and other.series.earliest < one.series.latest


def _same(one: HeldSeries, other: HeldSeries) -> bool:
    if one.series is None or other.series is None:
        return False
    return np.array_equal(one.series.t, other.series.t) and np.array_equal(one.series.v, other.series.v)
