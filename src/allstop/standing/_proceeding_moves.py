"""The life of a finding as a table: stages, what can happen, and one pure `step_finding`.

Implements spec/adjudication.md section 4, whose table a test compares with this one. When each thing happens, and
who may do it, is in `_proceedings`.
"""

from collections.abc import Mapping
from enum import Enum

__all__ = ["APPEALED", "CLOSED", "FINAL", "FINDING_MOVES", "FindingEvent", "FindingStage", "step_finding"]


class FindingStage(Enum):
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


class FindingEvent(Enum):
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
    FindingEvent.RULED_CONFIRMED: (
        FindingStage.CONFIRMED,
        FindingStage.CONFIRMED_APPEALED,
        FindingStage.CONFIRMED_FINAL,
    ),
    FindingEvent.RULED_DISMISSED: (
        FindingStage.DISMISSED,
        FindingStage.DISMISSED_APPEALED,
        FindingStage.DISMISSED_FINAL,
    ),
    FindingEvent.RULED_UNDETERMINED: (
        FindingStage.UNDETERMINED,
        FindingStage.UNDETERMINED_APPEALED,
        FindingStage.UNDETERMINED_FINAL,
    ),
}


def _moves() -> dict[tuple[FindingStage, FindingEvent], FindingStage]:
    moves = {
        (FindingStage.RAISED, FindingEvent.PROVEN): FindingStage.NOTIFIED,
        (FindingStage.NOTIFIED, FindingEvent.ACKNOWLEDGED): FindingStage.ACKNOWLEDGED,
    }
    for stage in (FindingStage.NOTIFIED, FindingStage.ACKNOWLEDGED):
        moves[stage, FindingEvent.ANSWERED] = FindingStage.ANSWERED
        moves[stage, FindingEvent.ANSWER_TIME_OUT] = FindingStage.BEFORE_PANEL
    moves[FindingStage.ANSWERED, FindingEvent.SETTLE_TIME_OUT] = FindingStage.BEFORE_PANEL
    for stage in (FindingStage.NOTIFIED, FindingStage.ACKNOWLEDGED, FindingStage.ANSWERED):
        moves[stage, FindingEvent.CURE_AGREED] = FindingStage.CURED
        moves[stage, FindingEvent.WITHDRAWN] = FindingStage.WITHDRAWN
    moves[FindingStage.BEFORE_PANEL, FindingEvent.CURE_ACCEPTED] = FindingStage.CURED
    moves[FindingStage.BEFORE_PANEL, FindingEvent.RULING_TIME_OUT] = FindingStage.UNDETERMINED
    for ruled, (decided, appealed, final) in _DECIDED.items():
        moves[FindingStage.BEFORE_PANEL, ruled] = decided
        moves[decided, FindingEvent.APPEALED] = appealed
        moves[decided, FindingEvent.APPEAL_CLOSED] = final
        # An appeal panel that stalls leaves things as they were, and final.
        moves[appealed, FindingEvent.RULING_TIME_OUT] = final
        for again, (_, _, other) in _DECIDED.items():
            moves[appealed, again] = other
    moves[FindingStage.CONFIRMED_FINAL, FindingEvent.CURE_ACCEPTED] = FindingStage.REMEDIED
    return moves


FINDING_MOVES: Mapping[tuple[FindingStage, FindingEvent], FindingStage] = _moves()
"""Every move there is; whatever is not in it cannot happen."""

FINAL = frozenset(final for _, _, final in _DECIDED.values())
"""Stages in which a decision can no longer be appealed."""

APPEALED = frozenset(appealed for _, appealed, _ in _DECIDED.values())
"""Stages before the appeal panel."""

CLOSED = (FINAL - {FindingStage.CONFIRMED_FINAL}) | {
    FindingStage.CURED,
    FindingStage.WITHDRAWN,
    FindingStage.REMEDIED,
}
"""Stages that nothing leaves."""


def step_finding(stage: FindingStage, happening: FindingEvent) -> FindingStage:
    """Return the next stage.

    Raises:
        ValueError: this cannot happen in that stage.
    """
    following = FINDING_MOVES.get((stage, happening))
    if following is None:
        raise ValueError(f"a finding that is {stage.value} has no move for: {happening.value}")
    return following
