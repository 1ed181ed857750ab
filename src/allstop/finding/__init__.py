"""Findings: the record of a coded conclusion, its rule, and the words that facts and judgements share.

A finding is about the world; an error is about this program; a verdict is the outcome of a judgement.
The three are never mixed.
"""

from allstop.finding._finding import ABOUT_CHARS_MAX, Effect, Finding, format_finding, order_findings
from allstop.finding._rule import RULE_HEADINGS, Rule, format_rule, order_rules, read_rule
from allstop.finding._terms import (
    CHIP_INDEX_MAX,
    CHIP_RANGES_MAX,
    JOB_KIND_WORDS,
    MIXED_FORMAT,
    NUMBER_FORMATS,
    PURPOSE_WORDS,
    Channel,
    ChipRange,
    CountingRule,
    Custody,
    Grade,
    Level,
    SignalKind,
    Subgoal,
    count_chips,
    format_chip_ranges,
    parse_chip_ranges,
)
from allstop.finding._verdict import Verdict

__all__ = [
    "ABOUT_CHARS_MAX",
    "CHIP_INDEX_MAX",
    "CHIP_RANGES_MAX",
    "JOB_KIND_WORDS",
    "MIXED_FORMAT",
    "NUMBER_FORMATS",
    "PURPOSE_WORDS",
    "RULE_HEADINGS",
    "Channel",
    "ChipRange",
    "CountingRule",
    "Custody",
    "Effect",
    "Finding",
    "Grade",
    "Level",
    "Rule",
    "SignalKind",
    "Subgoal",
    "Verdict",
    "count_chips",
    "format_chip_ranges",
    "format_finding",
    "format_rule",
    "order_findings",
    "order_rules",
    "parse_chip_ranges",
    "read_rule",
]
