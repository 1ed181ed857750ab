"""Rule TEL-003: readings outside the period that their own source names."""

from allstop.verdict._facts import Facts
from allstop.verdict._hits import Hit, hit_on_series

__all__ = ["find_outside_period"]


def find_outside_period(facts: Facts) -> tuple[Hit, ...]:
    """TEL-003: readings lie outside the period that their own source states.

    What it detects:
        Readings before the start or after the end that the source file itself states, or outside the
        window of the measurement that files them.
    Why it matters:
        A file that contradicts itself about when it was recorded cannot place its readings in time.
    Known problems:
        A recorder that writes a wrong end mark makes an otherwise honest file unobserved.

    Example:
        A node's file says that it stopped at the instant at which it started, and has 847 readings after it.
    How to resolve:
        Repair the recorder; for the past, file readings of another meter over the same chips.
    Basis:
        DESIGN section 6, integrity before content; threat-A1.
    """
    hits = []
    for held in facts.series:
        if held.series is None:
            continue
        window, claim = held.filed.value.window, held.claim
        start = max(window.start, claim.stated_from or window.start)
        end = min(window.end, claim.stated_until or window.end)
        outside = int(((held.series.t < start.ms) | (held.series.t > end.ms)).sum())
        if outside:
            about = f"{outside} of {len(held.series)} readings lie outside the period that the source states"
            hits.append(hit_on_series("TEL-003", held, about))
    return tuple(hits)
