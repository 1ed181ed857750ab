"""Duty: fulfilment of a duty, awareness of an event, impossibility, as statements.

Which duties are due is in `standing`.
"""

from allstop.duty._awareness import AWARENESS_PREDICATE, Awareness, format_awareness, parse_awareness
from allstop.duty._fulfilment import (
    FULFILMENT_PREDICATE,
    Fulfilment,
    format_fulfilment,
    parse_fulfilment,
)
from allstop.duty._impossibility import (
    IMPOSSIBILITY_PREDICATE,
    Impossibility,
    format_impossibility,
    parse_impossibility,
)
from allstop.duty._matter import DutyKey

__all__ = [
    "AWARENESS_PREDICATE",
    "FULFILMENT_PREDICATE",
    "IMPOSSIBILITY_PREDICATE",
    "Awareness",
    "DutyKey",
    "Fulfilment",
    "Impossibility",
    "format_awareness",
    "format_fulfilment",
    "format_impossibility",
    "parse_awareness",
    "parse_fulfilment",
    "parse_impossibility",
]
