"""Adjudication: the life of a finding between parties, from raising to appeal, as statements.

Where a finding stands is in `standing`; who judges by which clocks is in the agreement.
"""

from allstop.adjudication._impediment import (
    IMPEDIMENT_PREDICATE,
    Impediment,
    format_impediment,
    parse_impediment,
)
from allstop.adjudication._raised import (
    FINDING_RAISED_PREDICATE,
    FindingRaised,
    format_finding_raised,
    parse_finding_raised,
)
from allstop.adjudication._replies import (
    FINDING_ACKNOWLEDGEMENT_PREDICATE,
    FINDING_ANSWER_PREDICATE,
    FINDING_APPEAL_PREDICATE,
    FINDING_CURE_PREDICATE,
    FINDING_WITHDRAWAL_PREDICATE,
    FindingAcknowledgement,
    FindingAnswer,
    FindingAppeal,
    FindingCure,
    FindingWithdrawal,
)
from allstop.adjudication._ruling import (
    FINDING_RULING_PREDICATE,
    FindingRuling,
    Outcome,
    format_finding_ruling,
    parse_finding_ruling,
)

__all__ = [
    "FINDING_ACKNOWLEDGEMENT_PREDICATE",
    "FINDING_ANSWER_PREDICATE",
    "FINDING_APPEAL_PREDICATE",
    "FINDING_CURE_PREDICATE",
    "FINDING_RAISED_PREDICATE",
    "FINDING_RULING_PREDICATE",
    "FINDING_WITHDRAWAL_PREDICATE",
    "IMPEDIMENT_PREDICATE",
    "FindingAcknowledgement",
    "FindingAnswer",
    "FindingAppeal",
    "FindingCure",
    "FindingRaised",
    "FindingRuling",
    "FindingWithdrawal",
    "Impediment",
    "Outcome",
    "format_finding_raised",
    "format_finding_ruling",
    "format_impediment",
    "parse_finding_raised",
    "parse_finding_ruling",
    "parse_impediment",
]
