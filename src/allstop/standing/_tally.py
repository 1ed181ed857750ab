"""The life of one proposal: open, then adopted, fallen, withdrawn or void; a table, and one step.

Implements spec/convening.md, section 6. What is decided stays decided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from allstop.agreement import Count
from allstop.convening import Proposal
from allstop.ids import Name
from allstop.ledger import Filed
from allstop.times import Instant

__all__ = ["TALLY_TABLE", "Tally", "TallyEvent", "TallyState", "run_tally", "step_tally"]


class TallyState(Enum):
    """Where a proposal stands. The value is what people and JSON see."""

    OPEN = "open"
    ADOPTED = "adopted"
    FELL = "fell"
    WITHDRAWN = "withdrawn"
    VOID = "void"


class TallyEvent(Enum):
    """What can happen to a proposal. Of events at one instant the one that stands first here comes first."""

    BROKEN = "breaks a rule when proposed"
    WITHDRAWN = "withdrawn by its proposer"
    VETOED = "a party with a veto votes against"
    ENOUGH = "enough agree"
    SHORT = "closes with too few"


TALLY_TABLE: Mapping[tuple[TallyState, TallyEvent], TallyState] = {
    (TallyState.OPEN, TallyEvent.BROKEN): TallyState.VOID,
    (TallyState.OPEN, TallyEvent.WITHDRAWN): TallyState.WITHDRAWN,
    (TallyState.OPEN, TallyEvent.VETOED): TallyState.FELL,
    (TallyState.OPEN, TallyEvent.ENOUGH): TallyState.ADOPTED,
    (TallyState.OPEN, TallyEvent.SHORT): TallyState.FELL,
}
"""Every move there is; where there is none, the state stays as it is."""

_ORDER = tuple(TallyEvent)


def step_tally(state: TallyState, event: TallyEvent) -> TallyState:
    """Return the state after an event."""
    return TALLY_TABLE.get((state, event), state)


def run_tally(
    events: Iterable[tuple[Instant, TallyEvent]],
) -> tuple[TallyState, Instant | None, TallyEvent | None]:
    """Return where the events lead, and the instant and event that decided it; None while open."""
    for moment, event in sorted(events, key=lambda one: (one[0], _ORDER.index(one[1]))):
        state = step_tally(TallyState.OPEN, event)
        if state is not TallyState.OPEN:
            return state, moment, event
    return TallyState.OPEN, None, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A proposal and how it stands: state fell, rule `two-thirds`, "2 of all 4 voices agreed, want 3".

    `agreed`, `opposed`, `abstained` and `silent` divide the roll as it was when the proposal was decided, in the
    order of the agreement; `late` voted after that. `missing` are the parts of the rule that were not met.
    `closes` is None for a proposal that was void from the start.
    """

    proposal: Filed[Proposal]
    rule: Name | None
    state: TallyState
    closes: Instant | None
    decided_at: Instant | None
    agreed: tuple[Name, ...]
    opposed: tuple[Name, ...]
    abstained: tuple[Name, ...]
    silent: tuple[Name, ...]
    late: tuple[Name, ...]
    missing: tuple[Count, ...]
    why: str

    @property
    def label(self) -> str:
        """What people call the proposal: its filer and name, `alder/shorter-answer`."""
        return f"{self.proposal.party}/{self.proposal.value.name}"

    @property
    def opened(self) -> Instant:
        """When the vote opened: when the proposal was proven to be in the log."""
        return self.proposal.not_after

    def is_adopted(self, at: Instant) -> bool:
        """Tell whether the proposal was adopted by `at`."""
        return self.state is TallyState.ADOPTED and self.decided_at is not None and self.decided_at <= at
