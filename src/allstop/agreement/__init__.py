"""The agreement as data: its parts, its codec, entry into force, lint, and what is attainable under it.

One agreement is one value with one spelling; its identity is the SHA-256 of its canonical JSON. People
write TOML, which leads to the same value. Nothing here knows the law or judges a case.
"""

from allstop.agreement._adjudication_terms import (
    AdjudicationTerms,
    Ending,
    MeasureKind,
    MeasureTerms,
    Panel,
)
from allstop.agreement._agreement import (
    AGREEMENT_TYPE,
    CHIP_TABLE,
    Agreement,
    LogTerms,
    format_agreement,
    parse_agreement,
    read_party_keys,
    verify_complete,
    with_keys,
)
from allstop.agreement._article_terms import (
    ArticleBand,
    ArticleCount,
    ArticleTerms,
    ArticleUnit,
    CountedBy,
    Deadline,
    Omission,
    SummedOver,
    Summing,
)
from allstop.agreement._attainable import Attainable, attainable
from allstop.agreement._binding_terms import AccessionTerms, BindingTerms, SealedTerms, custodians_of
from allstop.agreement._calendar_terms import CalendarTerms, calendar_named
from allstop.agreement._condition import (
    BlocAtLeast,
    Condition,
    CriticalAll,
    Deposited,
    PartyLeaf,
    condition_met,
)
from allstop.agreement._definitions import Band, Clock, Definitions, Reference, Term
from allstop.agreement._domains import trust_domain, trust_domains
from allstop.agreement._duty_terms import Duty, DutyEvent, DutyStart, DutyTerms, Together
from allstop.agreement._entry import Deposit, EntryIntoForce, EntryStatus, entry_into_force
from allstop.agreement._formula import AllOf, AnyOf, AtLeast, Formula, first_met, formula_leaves
from allstop.agreement._halt_terms import HaltTerms, PermittedUse, ResumeTerms
from allstop.agreement._leaving_terms import LeavingTerms, SprintTerms
from allstop.agreement._lint import LINTS, lint
from allstop.agreement._lint_finding import LintFinding, Severity
from allstop.agreement._obligation import EVIDENCE, Obligation, ObligationKind, Silence
from allstop.agreement._parties import Edge, Party, PartyKind, Relation
from allstop.agreement._phase_leaves import (
    OnAssessment,
    OnConfirmed,
    OnCoverage,
    OnDate,
    OnElapsed,
    OnMeasure,
    OnMotion,
    OnSignal,
    PhaseLeaf,
)
from allstop.agreement._phase_terms import (
    PHASE_MOVES,
    Phase,
    PhaseFormula,
    PhaseKind,
    PhaseMove,
    PhaseTerms,
    PhaseTransition,
)
from allstop.agreement._predicates import (
    AGREEMENT_PREDICATE,
    DEPOSIT_PREDICATE,
    SIGNATURE_PREDICATE,
    AgreementBody,
    DepositBody,
    SignatureBody,
)
from allstop.agreement._replay_terms import ReplayTerms
from allstop.agreement._toml import parse_agreement_toml, parse_toml
from allstop.agreement._verification import Accounting, Assumption, Response, Verification

__all__ = [
    "AGREEMENT_PREDICATE",
    "AGREEMENT_TYPE",
    "CHIP_TABLE",
    "DEPOSIT_PREDICATE",
    "EVIDENCE",
    "LINTS",
    "PHASE_MOVES",
    "SIGNATURE_PREDICATE",
    "AccessionTerms",
    "Accounting",
    "AdjudicationTerms",
    "Agreement",
    "AgreementBody",
    "AllOf",
    "AnyOf",
    "ArticleBand",
    "ArticleCount",
    "ArticleTerms",
    "ArticleUnit",
    "Assumption",
    "AtLeast",
    "Attainable",
    "Band",
    "BindingTerms",
    "BlocAtLeast",
    "CalendarTerms",
    "Clock",
    "Condition",
    "CountedBy",
    "CriticalAll",
    "Deadline",
    "Definitions",
    "Deposit",
    "DepositBody",
    "Deposited",
    "Duty",
    "DutyEvent",
    "DutyStart",
    "DutyTerms",
    "Edge",
    "Ending",
    "EntryIntoForce",
    "EntryStatus",
    "Formula",
    "HaltTerms",
    "LeavingTerms",
    "LintFinding",
    "LogTerms",
    "MeasureKind",
    "MeasureTerms",
    "Obligation",
    "ObligationKind",
    "Omission",
    "OnAssessment",
    "OnConfirmed",
    "OnCoverage",
    "OnDate",
    "OnElapsed",
    "OnMeasure",
    "OnMotion",
    "OnSignal",
    "Panel",
    "Party",
    "PartyKind",
    "PartyLeaf",
    "PermittedUse",
    "Phase",
    "PhaseFormula",
    "PhaseKind",
    "PhaseLeaf",
    "PhaseMove",
    "PhaseTerms",
    "PhaseTransition",
    "Reference",
    "Relation",
    "ReplayTerms",
    "Response",
    "ResumeTerms",
    "SealedTerms",
    "Severity",
    "SignatureBody",
    "Silence",
    "SprintTerms",
    "SummedOver",
    "Summing",
    "Term",
    "Together",
    "Verification",
    "attainable",
    "calendar_named",
    "condition_met",
    "custodians_of",
    "entry_into_force",
    "first_met",
    "format_agreement",
    "formula_leaves",
    "lint",
    "parse_agreement",
    "parse_agreement_toml",
    "parse_toml",
    "read_party_keys",
    "trust_domain",
    "trust_domains",
    "verify_complete",
    "with_keys",
]
