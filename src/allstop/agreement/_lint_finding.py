"""What lint rules read and what they give back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from allstop.agreement._agreement import Agreement
from allstop.ids import Name
from allstop.times import DAY_MS, HOUR_MS, Instant

__all__ = ["REACH_FLEET_H100E", "Draft", "LintFacts", "LintFinding", "Severity", "format_length"]

REACH_FLEET_H100E = 10_000
"""Fleet that clocks are held against unless the caller names another one, in H100-equivalents.

The smallest that Scher et al. (arXiv 2511.10783v3, App. D) call likely easy to see from outside.
"""


class Severity(Enum):
    """How much a finding of lint matters: it cannot work, it will hurt, it is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One thing that lint found.

    Example: AGR-003, error, clause None, "no band of cluster-h100e holds this amount ...", "exactly 16", basis
    "II.16 and V.2": the articles of the source, where the agreement names them.
    """

    code: str
    severity: Severity
    clause: str | None
    text: str
    example: str | None
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A finding before its rule puts its code and severity on it."""

    clause: str | None = None
    text: str
    example: str | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFacts:
    """Everything a rule may look at. `at` None: no clock is held against a date. No `predicates`: any may be filed."""

    agreement: Agreement
    peaks: Mapping[Name, int]
    fleet_h100e: int
    at: Instant | None = None
    predicates: frozenset[str] = frozenset()

    @property
    def reach_ms(self) -> int:
        """Time in which the fleet performs one significant quantity, rounded up."""
        terms = self.agreement
        rate = terms.definitions.h100e_flop_per_second * self.fleet_h100e
        return -(-terms.verification.significant_quantity_flop * 1000 // rate)


def format_length(ms: int) -> str:
    """Return a length of time in the largest unit that people would use, rounded to one decimal.

    `1209600000` is "14 days", `129600000` is "36 hours".
    """
    unit, name = (DAY_MS, "day") if ms >= 2 * DAY_MS else (HOUR_MS, "hour")
    if ms < HOUR_MS:
        unit, name = 1000, "second"
    tenths = (10 * ms + unit // 2) // unit
    whole, rest = divmod(tenths, 10)
    number = f"{whole}.{rest}" if rest else str(whole)
    return f"{number} {name}" if number == "1" else f"{number} {name}s"
