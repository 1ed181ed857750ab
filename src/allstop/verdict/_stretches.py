"""Stretches: the parts of accounting periods in which a clause applies.

A clause applies in the phases that it names, or always; a *halt* only after the time that it leaves for
draining. Lateness, duties and closes stay those of the whole period.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.agreement import Obligation, ObligationKind
from allstop.ids import Name
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
    facts: Facts,
    obligation: Obligation,
    party: Name,
    periods: Sequence[Window],
    *,
    is_drained: bool = True,
) -> tuple[Stretch, ...]:
    """Return where in ended periods a clause applies to a party, oldest first: while it is held to the clause.

    A phase that begins again gives another stretch, with its own time to drain. A *halt* that names no phase
    applies from entry into force. Where a motion lets work resume, a *halt* is cut, so that what may go on is
    the same from one end of a stretch to the other; its stretches in one period are judged as one. Without `is_drained` the time to drain is not left out.
    """
    held = facts.held_span(party, obligation.clause)
    if held is None:
        return ()
    is_halt = obligation.kind is ObligationKind.HALT
    drain_ms = facts.drain_ms if is_halt and is_drained else 0
    found = []
    for period in periods:
        spans = facts.spans_of(obligation) if is_halt or obligation.phases else (period,)
        for span in spans:
            since = max(span.start, held.start)
            start = max(period.start, since.plus(drain_ms))
            end = min(period.end, span.end, held.end)
            cuts = _resumed(facts, since) if is_halt else []
            inner = [at for at in cuts if start < at < end]
            for first, last in zip((start, *inner), (*inner, end), strict=True):
                if first < last:
                    window = Window(start=first, end=last)
                    found.append(Stretch(window=window, period=period, since=since))
    return tuple(found)


def _resumed(facts: Facts, since: Instant) -> list[Instant]:
    """Return when motions let work resume in a halt that began at `since`: of each the first adoption, no other motion.

    Between two cuts less is known of meters than over the whole, so that who may move something must not cut at will.
    """
    terms = facts.agreement.halt
    named = set() if terms is None else {one.motion for one in terms.resume}
    firsts = (min((at for at in facts.adopted.get(name, ()) if at >= since), default=None) for name in named)
    return sorted({at for at in firsts if at is not None})
