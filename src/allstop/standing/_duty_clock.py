"""One clock that a clause carries with it, judged: shown or not, suspended or not, in time or late.

Implements spec/duties.md, sections 6 and 10. Such clocks are not claimed to be impossible and not waived: the clause
itself is what would have to change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.canon import format_instant
from allstop.clocks import Pause, extended
from allstop.ids import Name
from allstop.standing._duty_events import Suspension
from allstop.standing._duty_state import DutyMove, DutyStage, DutyState, fold_moves
from allstop.times import Instant

__all__ = ["Clock", "judge_clock", "pauses_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What has to be done by when. Example: "period:4.1", occurrence 3, `alder`, due a day after the period."""

    duty: str
    matter: str | None
    occurrence: int
    party: Name
    clauses: tuple[str, ...]
    text: str
    started: Instant
    trigger: Instant
    due: Instant
    why: str


def pauses_of(clauses: Sequence[str], suspensions: Sequence[Suspension]) -> list[Suspension]:
    """Return the suspensions that stop a duty of these clauses: of all clauses, or of each of them, alike."""
    found = []
    for one in suspensions:
        alike = {other.clause for other in suspensions if (other.start, other.end) == (one.start, one.end)}
        if None in alike or set(clauses) <= alike:
            found.append(one)
    return found


def judge_clock(
    clock: Clock,
    *,
    shown_ms: int | None,
    pauses: Sequence[Suspension],
    earlier_met: int,
    at: Instant,
) -> DutyState:
    """Return where the clock stands at `at`; `shown_ms` is when everything was there, None if it is not."""
    due = extended(clock.trigger, clock.due, [Pause(start=one.start, end=one.end) for one in pauses])
    met_at = None if shown_ms is None or shown_ms > at.ms else Instant(shown_ms)
    moves = [(clock.started, DutyMove.STARTED)]
    if met_at is not None and (due is None or met_at <= due):
        moves.append((met_at, DutyMove.SHOWN))
    if due is not None:
        moves.append((due, DutyMove.DUE))
    for one in pauses:
        if one.end is None or clock.started < one.end:
            moves.append((max(one.start, clock.started), DutyMove.SUSPENDED))
        if one.end is not None and clock.started < one.end:
            moves.append((one.end, DutyMove.RESUMED))
    stage = fold_moves(moves, at=at)
    return DutyState(
        duty=clock.duty,
        matter=clock.matter,
        occurrence=clock.occurrence,
        party=clock.party,
        clauses=clock.clauses,
        text=clock.text,
        stage=stage,
        trigger=clock.trigger,
        due=due,
        met_at=met_at,
        earlier_met=earlier_met,
        why=_why(clock, due),
        note=_note(stage, met_at, pauses, at),
    )


def _why(clock: Clock, due: Instant | None) -> str:
    if due is None:
        return f"{clock.why}; the clock stands still"
    if due == clock.due:
        return clock.why
    return f"{clock.why}; with the time in which the clock stood still {format_instant(due)}"


def _note(stage: DutyStage, met_at: Instant | None, pauses: Sequence[Suspension], at: Instant) -> str:
    if stage is DutyStage.LATE and met_at is not None:
        return f"done after it was due, by {format_instant(met_at)}"
    if stage is DutyStage.SUSPENDED:
        running = [one for one in pauses if one.start <= at and (one.end is None or at < one.end)]
        return f"suspended by {running[0].why}" if running else ""
    return ""
