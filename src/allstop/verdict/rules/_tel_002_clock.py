"""Rule TEL-002: the clock of a series stands still or runs backwards."""

import numpy as np

from allstop.verdict._facts import Facts
from allstop.verdict._hits import Hit, hit_on_series

__all__ = ["find_backward_clock"]


def find_backward_clock(facts: Facts) -> tuple[Hit, ...]:
    """TEL-002: times of a series do not strictly increase.

    What it detects:
        Two consecutive readings of one series of which the second is not later than the first.
    Why it matters:
        A reading without a place in time can stand for any time. Whoever can turn back a meter's clock
        can cover a busy hour with the readings of a quiet one.
    Known problems:
        A recorder that writes two readings in one millisecond is hit too; the whole series is then
        unobserved, which is hard on an honest site with a poor recorder.

    Example:
        A node's file has two readings stamped 10:21:10.207.
    How to resolve:
        File the readings of another meter over the same chips, or have the recorder repaired and
        explain it; the time stays unobserved.
    Basis:
        DESIGN section 6, integrity before content; threat-A1; spec/telemetry.md.
    """
    hits = []
    for held in facts.series:
        if held.series is None:
            continue
        steps = np.diff(held.series.t)
        bad = np.flatnonzero(steps <= 0)
        if len(bad):
            about = (
                f"the clock stands still or runs backwards at {len(bad)} of {len(steps)} steps, first"
                f" after reading {int(bad[0]) + 1}"
            )
            hits.append(hit_on_series("TEL-002", held, about))
    return tuple(hits)
