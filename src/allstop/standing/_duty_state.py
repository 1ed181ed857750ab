"""The states of one thing to do: a table, `step`, and the value that says where it stands.

Implements spec/duties.md section 6. What is late stays late, and what is met, waived or lapsed stays so, whatever
is logged later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from allstop.ids import Name
from allstop.times import Instant

__all__ = ["DUTY_TRANSITIONS", "DutyMove", "DutyStage", "DutyState", "fold_moves", "step_duty"]


class DutyStage(Enum):
    """Where one thing to do stands. The value is the word of reports."""

    WAITING = "waiting"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLAIMED = "claimed"
    MET = "met"
    LATE = "late"
    WAIVED = "waived"
    LAPSED = "lapsed"
    PAST = "past"

    @property
    def is_decided(self) -> bool:
        """Whether nothing that is logged later changes it."""
        return self not in (
            DutyStage.WAITING,
            DutyStage.OPEN,
            DutyStage.SUSPENDED,
            DutyStage.CLAIMED,
        )


class DutyMove(Enum):
    """What can happen to it. At one instant the order here decides, so that no order of a batch does.

    STARTED: its clock runs; PASSED: the party was bound only after it was due; SHOWN: done in time; WAIVED: the
    parties let it go; CLAIMED: the party says that it is impossible; ACCEPTED, REFUSED: the panel about that;
    RESUMED, SUSPENDED: its clock; DUE: its time is over.
    """

    STARTED = "started"
    PASSED = "passed"
    SHOWN = "shown"
    WAIVED = "waived"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RESUMED = "resumed"
    SUSPENDED = "suspended"
    DUE = "due"


DUTY_TRANSITIONS: Mapping[tuple[DutyStage, DutyMove], DutyStage] = {
    (DutyStage.WAITING, DutyMove.STARTED): DutyStage.OPEN,
    (DutyStage.WAITING, DutyMove.PASSED): DutyStage.PAST,
    (DutyStage.OPEN, DutyMove.SHOWN): DutyStage.MET,
    (DutyStage.OPEN, DutyMove.WAIVED): DutyStage.WAIVED,
    (DutyStage.OPEN, DutyMove.CLAIMED): DutyStage.CLAIMED,
    (DutyStage.OPEN, DutyMove.SUSPENDED): DutyStage.SUSPENDED,
    (DutyStage.OPEN, DutyMove.DUE): DutyStage.LATE,
    (DutyStage.SUSPENDED, DutyMove.SHOWN): DutyStage.MET,
    (DutyStage.SUSPENDED, DutyMove.WAIVED): DutyStage.WAIVED,
    (DutyStage.SUSPENDED, DutyMove.CLAIMED): DutyStage.CLAIMED,
    (DutyStage.SUSPENDED, DutyMove.RESUMED): DutyStage.OPEN,
    (DutyStage.CLAIMED, DutyMove.SHOWN): DutyStage.MET,
    (DutyStage.CLAIMED, DutyMove.WAIVED): DutyStage.WAIVED,
    (DutyStage.CLAIMED, DutyMove.ACCEPTED): DutyStage.LAPSED,
    (DutyStage.CLAIMED, DutyMove.REFUSED): DutyStage.OPEN,
    (DutyStage.CLAIMED, DutyMove.DUE): DutyStage.LATE,
}
"""Every change of state; the table in spec/duties.md is compared with it. Any other pair changes nothing."""


def step_duty(stage: DutyStage, move: DutyMove) -> DutyStage:
    """Return the state after a move; a pair that is not in the table changes nothing."""
    return DUTY_TRANSITIONS.get((stage, move), stage)


_ORDER = {move: number for number, move in enumerate(DutyMove)}


def fold_moves(moves: Iterable[tuple[Instant, DutyMove]], *, at: Instant) -> DutyStage:
    """Return the state that these moves lead to by `at`.

    What is due at `at` itself is not late yet: an entry that is proven at that same instant may still come.
    """
    stage = DutyStage.WAITING
    for when, move in sorted(moves, key=lambda one: (one[0], _ORDER[one[1]])):
        if when < at or (when == at and move is not DutyMove.DUE):
            stage = step_duty(stage, move)
    return stage


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyState:
    """One thing that one party has to do, and where it stands.

    Example: duty `register`, occurrence 3, party `alder`, clauses ("V.5",), open, due 2028-02-01T22:59:59.999Z, "90
    days after ...". `earlier_met` are earlier occurrences of the same duty that were met in time and are not listed.
    `met_at` is when it was shown to be done, be it late; `note` says what suspends, waives or delays it. `due` is
    None while it is not known: before the clock starts, or while it stands still without an end.
    """

    duty: str
    matter: str | None
    occurrence: int
    party: Name
    clauses: tuple[str, ...]
    text: str
    stage: DutyStage
    trigger: Instant | None
    due: Instant | None
    met_at: Instant | None
    earlier_met: int
    why: str
    note: str
