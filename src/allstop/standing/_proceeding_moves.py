"""The life of a finding as a table: stages, what can happen, and one pure `step`.

Implements spec/adjudication.md section 4, whose table a test compares with this one. When each thing happens, and
who may do it, is in `_proceedings`.
"""

from collections.abc import Mapping
from enum import Enum

__all__ = ["APPEALED", "CLOSED", "FINAL", "MOVES", "Happening", "Stage", "step"]


class Stage(Enum):
    """Where a finding is."""

    RAISED = "raised"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    CURED = "cured"
    WITHDRAWN = "withdrawn"
    BEFORE_PANEL = "before the panel"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    UNDETERMINED = "undetermined"
    CONFIRMED_APPEALED = "confirmed, appealed"
    DISMISSED_APPEALED = "dismissed, appealed"
    UNDETERMINED_APPEALED = "undetermined, appealed"
    CONFIRMED_FINAL = "confirmed for good"
    DISMISSED_FINAL = "dismissed for good"
    UNDETERMINED_FINAL = "undetermined for good"
    REMEDIED = "confirmed and cured"


class Happening(Enum):
    """What moves a finding on: an act of somebody who may, a decision of a panel, or a clock that ran out.

    In the order in which what happens at one instant counts: what is done at the due instant is done in time.
    """

    PROVEN = "proven in the log"
    ACKNOWLEDGED = "the accused acknowledges"
    ANSWERED = "the accused answers in time"
    CURE_AGREED = "accused and accuser sign a cure"
    WITHDRAWN = "the accuser withdraws"
    ANSWER_TIME_OUT = "the time to answer ran out"
    SETTLE_TIME_OUT = "the time to settle ran out"
    RULED_CONFIRMED = "the panel confirms"
    RULED_DISMISSED = "the panel dismisses"
    RULED_UNDETERMINED = "the panel cannot say"
    CURE_ACCEPTED = "the panel accepts a cure"
    RULING_TIME_OUT = "the time to rule ran out"
    APPEALED = "a side that may appeals"
    APPEAL_CLOSED = "the time to appeal ran out"


_DECIDED = {
    Happening.RULED_CONFIRMED: (Stage.CONFIRMED, Stage.CONFIRMED_APPEALED, Stage.CONFIRMED_FINAL),
    Happening.RULED_DISMISSED: (Stage.DISMISSED, Stage.DISMISSED_APPEALED, Stage.DISMISSED_FINAL),
    Happening.RULED_UNDETERMINED: (
        Stage.UNDETERMINED,
        Stage.UNDETERMINED_APPEALED,
        Stage.UNDETERMINED_FINAL,
    ),
}


def _moves() -> dict[tuple[Stage, Happening], Stage]:
    moves = {
        (Stage.RAISED, Happening.PROVEN): Stage.NOTIFIED,
        (Stage.NOTIFIED, Happening.ACKNOWLEDGED): Stage.ACKNOWLEDGED,
    }
    for stage in (Stage.NOTIFIED, Stage.ACKNOWLEDGED):
        moves[stage, Happening.ANSWERED] = Stage.ANSWERED
        moves[stage, Happening.ANSWER_TIME_OUT] = Stage.BEFORE_PANEL
    moves[Stage.ANSWERED, Happening.SETTLE_TIME_OUT] = Stage.BEFORE_PANEL
    for stage in (Stage.NOTIFIED, Stage.ACKNOWLEDGED, Stage.ANSWERED):
        moves[stage, Happening.CURE_AGREED] = Stage.CURED
        moves[stage, Happening.WITHDRAWN] = Stage.WITHDRAWN
    moves[Stage.BEFORE_PANEL, Happening.CURE_ACCEPTED] = Stage.CURED
    moves[Stage.BEFORE_PANEL, Happening.RULING_TIME_OUT] = Stage.UNDETERMINED
    for ruled, (decided, appealed, final) in _DECIDED.items():
        moves[Stage.BEFORE_PANEL, ruled] = decided
        moves[decided, Happening.APPEALED] = appealed
        moves[decided, Happening.APPEAL_CLOSED] = final
        # An appeal panel that stalls leaves things as they were, and final.
        moves[appealed, Happening.RULING_TIME_OUT] = final
        for again, (_, _, other) in _DECIDED.items():
            moves[appealed, again] = other
    moves[Stage.CONFIRMED_FINAL, Happening.CURE_ACCEPTED] = Stage.REMEDIED
    return moves


MOVES: Mapping[tuple[Stage, Happening], Stage] = _moves()
"""Every move there is; whatever is not in it cannot happen."""

FINAL = frozenset(final for _, _, final in _DECIDED.values())
"""Stages in which a decision can no longer be appealed."""

APPEALED = frozenset(appealed for _, appealed, _ in _DECIDED.values())
"""Stages before the appeal panel."""

CLOSED = (FINAL - {Stage.CONFIRMED_FINAL}) | {Stage.CURED, Stage.WITHDRAWN, Stage.REMEDIED}
"""Stages that nothing leaves."""


def step(stage: Stage, happening: Happening) -> Stage:
    """Return the next stage.

    Raises:
        ValueError: this cannot happen in that stage.
    """
    following = MOVES.get((stage, happening))
    if following is None:
        raise ValueError(f"a finding that is {stage.value} has no move for: {happening.value}")
    return following
