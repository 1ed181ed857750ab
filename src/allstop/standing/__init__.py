"""Where an agreement stands: who is bound since when, what was voted, which phase runs, which duties are due,
where findings and measures are. Pure functions of the agreement and the folded log.
"""

from allstop.standing._adjudication_findings import ADJUDICATION_RULES, find_adjudication
from allstop.standing._binding import Binding, PartyStanding, binding_of
from allstop.standing._binding_facts import BindingFacts, binding_facts_of
from allstop.standing._binding_findings import BINDING_RULES
from allstop.standing._deposits import DepositAct, entry_of
from allstop.standing._duties import duties_of
from allstop.standing._duty_events import DutyEvents, GivenDuty, Happening, Suspension, Waiver
from allstop.standing._duty_shown import body_type
from allstop.standing._duty_state import (
    DUTY_TRANSITIONS,
    DutyMove,
    DutyStage,
    DutyState,
    fold_moves,
    step_duty,
)
from allstop.standing._finding_clocks import FindingClock, finding_clocks
from allstop.standing._findings import findings_of
from allstop.standing._impediments import (
    IMPEDIMENT_MOVES,
    ImpedimentEvent,
    ImpedimentStage,
    ImpedimentStanding,
    impediments_of,
    step_impediment,
)
from allstop.standing._leaving import Departure, departures_of
from allstop.standing._measures import (
    MEASURE_MOVES,
    Measure,
    MeasureEvent,
    MeasureStage,
    measures_of,
    step_measure,
)
from allstop.standing._panel import Bench, Decision, Ruled
from allstop.standing._phase_events import PhaseEvents, VoidReason, VoidSignal, phase_events_of
from allstop.standing._phase_findings import PHASE_RULES, find_signals
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
from allstop.standing._proceeding_moves import FINDING_MOVES, FindingEvent, FindingStage, step_finding
from allstop.standing._proceedings import Moment, Proceeding, Trial, proceedings_of
from allstop.standing._rules import STANDING_RULES
from allstop.standing._sealing import SealedStanding, SealState, sealed_of
from allstop.standing._stages import STAGE_TABLE, Stage, StageEvent, stage_after, step_stage
from allstop.standing._standing import Standing, standing_of
from allstop.standing._tally import TALLY_TABLE, Tally, TallyEvent, TallyState, step_tally
from allstop.standing._texts import TextInForce, texts_of
from allstop.standing._void import VoidFiling, VoidKind
from allstop.standing._voting import Convening, Members, convening_of, tallies_of
from allstop.standing._voting_findings import VOTING_RULES, find_voting

__all__ = [
    "ADJUDICATION_RULES",
    "BINDING_RULES",
    "DUTY_TRANSITIONS",
    "FINDING_MOVES",
    "IMPEDIMENT_MOVES",
    "MEASURE_MOVES",
    "PHASE_RULES",
    "SPAN_COUNT_MAX",
    "STAGE_TABLE",
    "STANDING_RULES",
    "TALLY_TABLE",
    "VOTING_RULES",
    "Bench",
    "Binding",
    "BindingFacts",
    "Convening",
    "Decision",
    "Departure",
    "DepositAct",
    "DutyEvents",
    "DutyMove",
    "DutyStage",
    "DutyState",
    "EventProgress",
    "FindingClock",
    "FindingEvent",
    "FindingStage",
    "GivenDuty",
    "Happening",
    "ImpedimentEvent",
    "ImpedimentStage",
    "ImpedimentStanding",
    "Measure",
    "MeasureEvent",
    "MeasureStage",
    "Members",
    "Moment",
    "PartyStanding",
    "PhaseChange",
    "PhaseEvents",
    "PhaseExit",
    "PhasePosition",
    "PhaseSpan",
    "PhaseStatus",
    "Proceeding",
    "Ruled",
    "SealState",
    "SealedStanding",
    "Stage",
    "StageEvent",
    "Standing",
    "Suspension",
    "Tally",
    "TallyEvent",
    "TallyState",
    "TextInForce",
    "Trial",
    "VoidFiling",
    "VoidKind",
    "VoidReason",
    "VoidSignal",
    "Waiver",
    "binding_facts_of",
    "binding_of",
    "body_type",
    "convening_of",
    "departures_of",
    "duties_of",
    "entry_of",
    "find_adjudication",
    "find_signals",
    "find_voting",
    "finding_clocks",
    "findings_of",
    "fold_moves",
    "impediments_of",
    "measures_of",
    "phase_events_of",
    "phase_status_of",
    "phases_of",
    "proceedings_of",
    "sealed_of",
    "stage_after",
    "standing_of",
    "step_duty",
    "step_finding",
    "step_impediment",
    "step_measure",
    "step_phase",
    "step_stage",
    "step_tally",
    "tallies_of",
    "texts_of",
]
