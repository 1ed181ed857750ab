"""Words that facts and judgements share: channels, chip ranges, custody, levels, subgoals.

They live below the facts because the packages of facts never import one another. Nothing here judges.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Self

from allstop.ids import Name
from allstop.units import Unit

__all__ = ["CHIP_INDEX_MAX", "Channel", "ChipRange", "Custody", "Level", "Subgoal"]

CHIP_INDEX_MAX = 10**9
"""Largest number of chips in one lot: far above all accelerators ever made, far below 2**53."""


class _Ranked(Enum):
    """An enum whose members are ordered as they are written, weakest first."""

    @property
    def rank(self) -> int:
        """Position among the members, from 0."""
        return list(type(self)).index(self)

    def __lt__(self, other: Self) -> bool:
        return self.rank < other.rank

    def __le__(self, other: Self) -> bool:
        return self.rank <= other.rank

    def __gt__(self, other: Self) -> bool:
        return self.rank > other.rank

    def __ge__(self, other: Self) -> bool:
        return self.rank >= other.rank


class Channel(Enum):
    """What a meter measures. The value is the wire form.

    POWER, TENSOR and BREAKER are gauges, one reading at a time. ENERGY and BUSY are counters that only
    grow: two readings under unbroken identity bound everything between them.
    """

    POWER = "power"
    ENERGY = "energy"
    BUSY = "busy-time"
    TENSOR = "tensor-activity"
    BREAKER = "breaker"

    @property
    def is_counter(self) -> bool:
        """Whether the readings accumulate."""
        return self in (Channel.ENERGY, Channel.BUSY)

    @property
    def unit(self) -> Unit:
        """Unit of one reading."""
        return _UNITS[self]


_UNITS = {
    Channel.POWER: Unit.MILLIWATT,
    Channel.ENERGY: Unit.MILLIJOULE,
    Channel.BUSY: Unit.CHIP_MS,
    Channel.TENSOR: Unit.PPM,
    Channel.BREAKER: Unit.ONE,
}


class Custody(_Ranked):
    """In whose hands a measurement was, weakest first.

    COUNTERPARTY is a utility or a tenant; VERIFIER_OWNED is equipment of the verifier; INSPECTED was seen
    by people of the verifier.
    """

    SELF_REPORTED = "self-reported"
    COUNTERPARTY = "counterparty"
    VERIFIER_OWNED = "verifier-owned"
    INSPECTED = "inspected"


class Level(_Ranked):
    """How far a claim about a job is established, weakest first.

    DECLARED is claimed by operator and tenant, PLAUSIBLE fits the meters in quantity, VERIFIED was
    replayed from a draw made after commitment, or inspected. Only VERIFIED earns credit.
    """

    DECLARED = "declared"
    PLAUSIBLE = "plausible"
    VERIFIED = "verified"


class Subgoal(Enum):
    """What verification has to establish, from Baker et al., "Verifying International Agreements on AI".

    1A declared uses are accurate; 1B declared uses have the required properties; 2A the use of known data
    centres is accounted for; 2B there are no hidden data centres.
    """

    DECLARED_USE_ACCURATE = "1A"
    DECLARED_USE_PROPER = "1B"
    KNOWN_SITES_ACCOUNTED = "2A"
    NO_HIDDEN_SITES = "2B"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipRange:
    """The chips `first` to `until - 1` of one lot.

    Wire form: `{"lot": "alder-hall-1-h100", "first": 0, "until": 8}`. Range: `0 <= first < until`.
    """

    lot: Name
    first: int
    until: int

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.until <= CHIP_INDEX_MAX:
            raise ValueError(f"chip range is {self.first} to {self.until}, want 0 <= first < until")

    @property
    def count(self) -> int:
        """Number of chips, at least 1."""
        return self.until - self.first

    def overlap_count(self, other: "ChipRange") -> int:
        """Return how many chips the two ranges share."""
        if self.lot != other.lot:
            return 0
        return max(0, min(self.until, other.until) - max(self.first, other.first))
