"""Signals: what parties and verifiers report that may start or end a phase, as statements: tripwires, classes of
incident, assessments of a case.
"""

from allstop.signals._assessment import ASSESSMENT_PREDICATE, AssessedParty, Assessment
from allstop.signals._signal import SIGNAL_PREDICATE, Signal

__all__ = [
    "ASSESSMENT_PREDICATE",
    "SIGNAL_PREDICATE",
    "AssessedParty",
    "Assessment",
    "Signal",
]
