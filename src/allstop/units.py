"""Quantities: integer bounds with a unit.

Nothing here is a float: what is measured is quantised when it enters (mW, ms, mJ, chip-ms, FLOP), so
that sums do not depend on order or machine. The wire form is in `allstop.canon`.
"""

from dataclasses import dataclass
from enum import Enum

__all__ = ["CHIP_MS_PER_CHIP_HOUR", "PPM", "QUANTITY_MAX", "Quantity", "Unit"]

QUANTITY_MAX = 10**40 - 1
"""Largest magnitude that any quantity may have: forty decimal digits."""

PPM = 1_000_000
"""Parts per million: shares and relative errors are integers in this unit."""

CHIP_MS_PER_CHIP_HOUR = 3_600_000
"""Chip-milliseconds in one chip-hour."""


class Unit(Enum):
    """Units that a quantity may have on the wire."""

    FLOP = "flop"
    FLOP_PER_SECOND = "flop/s"
    CHIP_MS = "chip-ms"
    CHIP_NS = "chip-ns"
    MILLIJOULE = "mJ"
    MILLISECOND = "ms"
    MILLIWATT = "mW"
    PPM = "ppm"
    ONE = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An amount that is known to lie in `[low, high]`.

    Wire form: `{"low": "1268357529600000000000", "high": "1268357529600000000000", "unit": "flop"}`.
    Range: `0 <= low <= high <= QUANTITY_MAX`.
    """

    low: int
    high: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= QUANTITY_MAX:
            raise ValueError(f"quantity bounds are {self.low} and {self.high}, want 0 <= low <= high")

    def __add__(self, other: "Quantity") -> "Quantity":
        if self.unit is not other.unit:
            raise ValueError(f"cannot add {other.unit.value} to {self.unit.value}")
        return Quantity(low=self.low + other.low, high=self.high + other.high, unit=self.unit)
