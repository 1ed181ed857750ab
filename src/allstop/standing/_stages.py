"""The stages of one party on its way in and out: a table, and `step_stage`.

Implements spec/binding.md section 9, which prints the table. What makes an event happen is decided in `_binding`.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

__all__ = ["STAGE_TABLE", "Stage", "StageEvent", "stage_after", "step_stage"]


class Stage(Enum):
    """Where a party stands. The value is the word for people and in JSON."""

    LISTED = "listed"
    SIGNED = "signed"
    APPROVED = "approved"
    SEALED = "sealed"
    DEPOSITED = "deposited"
    BOUND = "bound"
    LEAVING = "leaving"
    LEFT = "left"


class StageEvent(Enum):
    """What can happen to a party. The value is the word in the table of the specification."""

    SIGNED = "signs"
    APPROVED = "approved at home"
    SEALED = "seals a deposit"
    DEPOSITED = "deposit counts"
    LAPSED = "sealed deposit void, unopened or none"
    TAKEN_BACK = "deposit taken back"
    BOUND = "bound"
    NOTICE = "gives notice"
    REVOKED = "revokes notice"
    FREE = "notice has run, or all are released"


STAGE_TABLE: Mapping[tuple[Stage, StageEvent], Stage] = {
    (Stage.LISTED, StageEvent.SIGNED): Stage.SIGNED,
    (Stage.LISTED, StageEvent.APPROVED): Stage.APPROVED,
    (Stage.LISTED, StageEvent.SEALED): Stage.SEALED,
    (Stage.LISTED, StageEvent.DEPOSITED): Stage.DEPOSITED,
    (Stage.LISTED, StageEvent.BOUND): Stage.BOUND,
    (Stage.SIGNED, StageEvent.APPROVED): Stage.APPROVED,
    (Stage.SIGNED, StageEvent.SEALED): Stage.SEALED,
    (Stage.SIGNED, StageEvent.DEPOSITED): Stage.DEPOSITED,
    (Stage.SIGNED, StageEvent.BOUND): Stage.BOUND,
    (Stage.APPROVED, StageEvent.SEALED): Stage.SEALED,
    (Stage.APPROVED, StageEvent.DEPOSITED): Stage.DEPOSITED,
    (Stage.APPROVED, StageEvent.BOUND): Stage.BOUND,
    (Stage.SEALED, StageEvent.DEPOSITED): Stage.DEPOSITED,
    (Stage.SEALED, StageEvent.LAPSED): Stage.LISTED,
    (Stage.SEALED, StageEvent.BOUND): Stage.BOUND,
    (Stage.DEPOSITED, StageEvent.TAKEN_BACK): Stage.LISTED,
    (Stage.DEPOSITED, StageEvent.BOUND): Stage.BOUND,
    (Stage.BOUND, StageEvent.NOTICE): Stage.LEAVING,
    (Stage.BOUND, StageEvent.FREE): Stage.LEFT,
    (Stage.LEAVING, StageEvent.REVOKED): Stage.BOUND,
    (Stage.LEAVING, StageEvent.FREE): Stage.LEFT,
}
"""Stage and event, and the stage that follows. Any other pair changes nothing."""

_KEPT = (StageEvent.SIGNED, StageEvent.APPROVED, StageEvent.SEALED)


def step_stage(stage: Stage, event: StageEvent) -> Stage:
    """Return the stage after an event; an event that has no row changes nothing."""
    return STAGE_TABLE.get((stage, event), stage)


def stage_after(events: Iterable[StageEvent]) -> Stage:
    """Return the stage after these events, in order.

    What outlives a deposit that comes to nothing happens once more: signature, approval, a deposit still sealed.
    """
    stage, kept = Stage.LISTED, set[StageEvent]()
    for event in events:
        before, stage = stage, step_stage(stage, event)
        if event in _KEPT:
            kept.add(event)
        if event is StageEvent.LAPSED:
            kept.discard(StageEvent.SEALED)
        if stage is Stage.LISTED and before is not Stage.LISTED:
            for again in _KEPT:
                stage = step_stage(stage, again) if again in kept else stage
    return stage
