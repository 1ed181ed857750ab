"""Where an agreement stands: who is bound since when, what was voted, which phase runs, which duties are due,
where findings and measures are. Pure functions of the agreement and the folded log.
"""

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

__all__ = [
    "SPAN_COUNT_MAX",
    "EventProgress",
    "PhaseChange",
    "PhaseEvents",
    "PhaseExit",
    "PhasePosition",
    "PhaseSpan",
    "PhaseStatus",
    "VoidSignal",
    "phase_events_of",
    "phase_status_of",
    "phases_of",
    "step_phase",
]
