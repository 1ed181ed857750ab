"""Findings: the record of a coded conclusion, its rule, and the words that facts and judgements share.

A finding is about the world; an error is about this program; a verdict is the outcome of a judgement.
The three are never mixed.
"""

from allstop.finding._finding import ABOUT_CHARS_MAX, Effect, Finding, format_finding, order_findings
from allstop.finding._rule import RULE_HEADINGS, Rule, format_rule, order_rules, read_rule
from allstop.finding._terms import CHIP_INDEX_MAX, Channel, ChipRange, Custody, Level, Subgoal

__all__ = [
    "ABOUT_CHARS_MAX",
    "CHIP_INDEX_MAX",
    "RULE_HEADINGS",
    "Channel",
    "ChipRange",
    "Custody",
    "Effect",
    "Finding",
    "Level",
    "Rule",
    "Subgoal",
    "format_finding",
    "format_rule",
    "order_findings",
    "order_rules",
    "read_rule",
]
