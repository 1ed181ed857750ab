"""The verdict: judges a whole case. Statement rules and accounts lead to findings, coverage, room to hide.

There is no boolean "compliant": CONSISTENT, INCONSISTENT and UNDETERMINED are all there is, and
INCONSISTENT is not a confirmed violation.
"""

from allstop.verdict._areas import Areas, LotSize, lot_sizes
from allstop.verdict._assessment import assess
from allstop.verdict._facts import Facts, HeldSeries, SeriesKey, gather_facts
from allstop.verdict._format import format_verdict, verdict_digest
from allstop.verdict._hits import Accounts, Hit
from allstop.verdict._judgement import ClauseResult
from allstop.verdict._levels import JobLevel
from allstop.verdict._public import (
    Band,
    Bounds,
    PublicClause,
    PublicDuty,
    PublicParty,
    PublicPeriod,
    PublicPhase,
    PublicView,
    format_public_view,
    public_view,
)
from allstop.verdict._ramp_down import RampDown, Stopping, ramp_downs_of
from allstop.verdict._replays import Draw, ReadBlob, Replayed, ReplayState, draw_of
from allstop.verdict._timeline import Segment, TimelineBin, segments_of, timeline_of
from allstop.verdict._verdict import CaseVerdict, PartyVerdict, SiteAccount, judge_case
from allstop.verdict.rules import ACCOUNT_RULES, FACT_RULES, RULES

__all__ = [
    "ACCOUNT_RULES",
    "FACT_RULES",
    "RULES",
    "Accounts",
    "Areas",
    "Band",
    "Bounds",
    "CaseVerdict",
    "ClauseResult",
    "Draw",
    "Facts",
    "HeldSeries",
    "Hit",
    "JobLevel",
    "LotSize",
    "PartyVerdict",
    "PublicClause",
    "PublicDuty",
    "PublicParty",
    "PublicPeriod",
    "PublicPhase",
    "PublicView",
    "RampDown",
    "ReadBlob",
    "ReplayState",
    "Replayed",
    "Segment",
    "SeriesKey",
    "SiteAccount",
    "Stopping",
    "TimelineBin",
    "assess",
    "draw_of",
    "format_public_view",
    "format_verdict",
    "gather_facts",
    "judge_case",
    "lot_sizes",
    "public_view",
    "ramp_downs_of",
    "segments_of",
    "timeline_of",
    "verdict_digest",
]
