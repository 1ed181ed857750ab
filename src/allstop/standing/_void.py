"""Filings in a proceeding that count for nothing, with the reason: they stay in the log and become findings."""

from dataclasses import dataclass
from enum import Enum

from allstop.ids import Name

__all__ = ["VoidFiling", "VoidKind"]


class VoidKind(Enum):
    """Which rule a void filing breaks. The value is the code of its finding."""

    SECOND_RULING = "ADJ-002"
    RULING = "ADJ-003"
    FILING = "ADJ-004"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidFiling:
    """Example: `dogwood`, entry 31, RULING, "dogwood is recused: one trust domain with alder, the accused"."""

    party: Name
    entry: int
    kind: VoidKind
    why: str
