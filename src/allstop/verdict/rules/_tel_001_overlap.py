"""Rule TEL-001: two series of one meter for the same time."""

from collections.abc import Sequence

from allstop.ids import Name
from allstop.telemetry import Series
from allstop.verdict._facts import Facts, HeldSeries, SeriesKey
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
    first: dict[tuple[bytes, bytes, bytes], HeldSeries] = {}
    spans: list[tuple[int, int, HeldSeries]] = []
    for held in series:
        if held.series is None:
            continue
        original = first.setdefault(_content(held.series), held)
        if original is held:
            spans.append((held.series.earliest.ms, held.series.latest.ms, held))
        else:
            hits.append(hit_on_series("TEL-001", held, "is filed twice; the first counts", others=[original]))
    spans.sort(key=lambda span: (span[0], span[1], span[2].key))
    about = "has two histories for the same time; neither counts"
    clashes: dict[SeriesKey, tuple[HeldSeries, HeldSeries]] = {}
    longest: tuple[int, int, HeldSeries] | None = None
    for span in spans:
        # If any series that began before reaches into this one, then the one that reaches farthest does.
        if longest is not None and longest[1] > span[0] and longest[0] < span[1]:
            clashes.setdefault(span[2].key, (span[2], longest[2]))
            clashes.setdefault(longest[2].key, (longest[2], span[2]))
        if longest is None or span[1] > longest[1]:
            longest = span
    for one, other in clashes.values():
        hits.append(hit_on_series("TEL-001", one, about, others=[other]))
    return hits


def _content(series: Series) -> tuple[bytes, bytes, bytes]:
    return series.t.tobytes(), series.v.tobytes(), series.epoch.tobytes()
