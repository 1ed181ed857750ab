"""Where an agreement stands: who is bound since when, what was voted, which phase runs, which duties are due,
where findings and measures are. Pure functions of the agreement and the folded log.
"""

from allstop.standing._duty_state import DutyStage, DutyState
from allstop.standing._phase_events import PhaseEvents, VoidSignal, phase_events_of
from allstop.standing._phases import (
    SPAN_COUNT_MAX,
    EventProgress,
    PhaseChange,
    PhaseExit,
    PhasePosition,
    PhaseSpan,
    PhaseStatus,
    phase_status_of,
    phases_of,
    step_phase,
)
from allstop.standing._tally import TALLY_TABLE, Tally, TallyEvent, TallyState, step_tally
from allstop.standing._texts import TextInForce, texts_of
from allstop.standing._voting import Convening, Members, convening_of, tallies_of
from allstop.standing._voting_findings import VOTING_RULES, find_voting

__all__ = [
    "SPAN_COUNT_MAX",
    "TALLY_TABLE",
    "VOTING_RULES",
    "Convening",
    "DutyStage",
    "DutyState",
    "EventProgress",
    "Members",
    "PhaseChange",
    "PhaseEvents",
    "PhaseExit",
    "PhasePosition",
    "PhaseSpan",
    "PhaseStatus",
    "Tally",
    "TallyEvent",
    "TallyState",
    "TextInForce",
    "VoidSignal",
    "convening_of",
    "find_voting",
    "phase_events_of",
    "phase_status_of",
    "phases_of",
    "step_phase",
    "step_tally",
    "tallies_of",
    "texts_of",
]
