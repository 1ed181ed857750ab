"""Stretches: the parts of accounting periods in which a clause applies.

A clause applies in the phases that it names, or always; a *halt* only after the time that it leaves for
draining. Lateness, duties and closes stay those of the whole period.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.agreement import Obligation, ObligationKind
from allstop.times import Instant, Window
from allstop.verdict._facts import Facts

__all__ = ["Stretch", "stretches_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a period, or the whole of it. Example: the last three days of October, of October.

    `since` is when the clause began to apply: the start of its phase, before any time to drain.
    """

    window: Window
    period: Window
    since: Instant


def stretches_of(
    facts: Facts, obligation: Obligation, periods: Sequence[Window], *, is_drained: bool = True
) -> tuple[Stretch, ...]:
    """Return where in ended periods a clause applies, oldest first.

    A phase that begins again gives another stretch, with its own time to drain. A *halt* that names no phase
    applies from entry into force. Where a motion lets work resume, a *halt* is cut, so that what may go on is
    the same from one end of a stretch to the other. Without `is_drained` the time to drain is not left out.
    """
    is_halt = obligation.kind is ObligationKind.HALT
    if not obligation.phases and not is_halt:
        return tuple(Stretch(window=period, period=period, since=period.start) for period in periods)
    drain_ms = facts.drain_ms if is_halt and is_drained else 0
    cuts = sorted({at for instants in facts.adopted.values() for at in instants}) if is_halt else []
    found = []
    for period in periods:
        for span in facts.spans_of(obligation):
            start = max(period.start, span.start.plus(drain_ms))
            end = min(period.end, span.end)
            inner = [at for at in cuts if start < at < end]
            for first, last in zip((start, *inner), (*inner, end), strict=True):
                if first < last:
                    window = Window(start=first, end=last)
                    found.append(Stretch(window=window, period=period, since=span.start))
    return tuple(found)
