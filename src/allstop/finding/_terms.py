"""Words that facts and judgements share: channels, chip ranges, custody, levels, subgoals.

They live below the facts because the packages of facts never import one another. Nothing here judges.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Self

from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.units import Unit

__all__ = [
    "CHIP_INDEX_MAX",
    "CHIP_RANGES_MAX",
    "JOB_KIND_WORDS",
    "MIXED_FORMAT",
    "NUMBER_FORMATS",
    "PURPOSE_WORDS",
    "Channel",
    "ChipRange",
    "CountingRule",
    "Custody",
    "Grade",
    "Level",
    "SignalKind",
    "Subgoal",
    "count_chips",
    "format_chip_ranges",
    "parse_chip_ranges",
]

CHIP_INDEX_MAX = 10**9
"""Largest number of chips in one lot: far above all accelerators ever made, far below 2**53."""

CHIP_RANGES_MAX = 1024
"""Largest number of chip ranges that one statement may name."""

NUMBER_FORMATS = ("fp64", "fp32", "tf32", "bf16", "fp16", "fp8", "fp6", "fp4", "int8", "int4")
"""Formats in which a chip's dense peak may be given, widest first."""

JOB_KIND_WORDS = ("training", "inference", "fine-tuning", "other")
"""Kinds that a job may have, as `workload.JobKind` spells them; agreements and inventories name them too."""

PURPOSE_WORDS = ("research", "deployment", "safety")
"""Purposes that a job may have, as `workload.Purpose` spells them."""

MIXED_FORMAT = "mixed"
"""Number format of a job that uses several, or does not say: the fastest of its chips is assumed."""


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


class SignalKind(Enum):
    """What a party signals: that an agreed wire was tripped, or a class of incident. The value is the wire form."""

    TRIPWIRE = "tripwire"
    INCIDENT = "incident"


class Subgoal(Enum):
    """What verification has to establish, from Baker et al., "Verifying International Agreements on AI".

    1A declared uses are accurate; 1B declared uses have the required properties; 2A the use of known data
    centres is accounted for; 2B there are no hidden data centres.
    """

    DECLARED_USE_ACCURATE = "1A"
    DECLARED_USE_PROPER = "1B"
    KNOWN_SITES_ACCOUNTED = "2A"
    NO_HIDDEN_SITES = "2B"


class CountingRule(Enum):
    """How operations were counted: in the format used, as FP16-equivalents, or the higher of the two."""

    FORMAT_USED = "format-used"
    FP16_EQUIVALENT = "fp16-equivalent"
    HIGHER_OF_BOTH = "higher-of-both"


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


def count_chips(ranges: Sequence[ChipRange]) -> int:
    """Return how many chips the ranges hold together.

    Raises:
        ValueError: two ranges share a chip, which would be counted twice.
    """
    ordered = sorted(ranges, key=lambda chips: (chips.lot, chips.first))
    for before, after in itertools.pairwise(ordered):
        if before.overlap_count(after):
            raise ValueError(f"chip {after.first} of lot {after.lot} is named twice")
    return sum(chips.count for chips in ranges)


def parse_chip_ranges(fields: Fields, key: str) -> tuple[ChipRange, ...]:
    """Read a list of chip ranges from the member `key`.

    Raises:
        MalformedError: a range is not in its one form. That ranges are disjoint is checked by their owner.
    """
    ranges = []
    for item in fields.objects(key, CHIP_RANGES_MAX):
        lot = item.name("lot")
        first = item.integer("first", high=CHIP_INDEX_MAX)
        until = item.integer("until", high=CHIP_INDEX_MAX)
        item.done()
        if not first < until:
            raise MalformedError(f"chip range is {first} to {until}, want first < until")
        ranges.append(ChipRange(lot=lot, first=first, until=until))
    return tuple(ranges)


def format_chip_ranges(ranges: Sequence[ChipRange]) -> JSON:
    """Return the ranges as JSON, in their order."""
    return [{"lot": chips.lot, "first": chips.first, "until": chips.until} for chips in ranges]


class Grade(Enum):
    """How far a source is trusted. The value is the wire form.

    P primary text read, P* only its abstract or opening, Q quoted in a register, S secondary, S1 one
    secondary source only, D derived (or assumed, with the reason given), M from memory, unverified.
    """

    PRIMARY = "P"
    PRIMARY_OPENING = "P*"
    QUOTED = "Q"
    SECONDARY = "S"
    SINGLE_SECONDARY = "S1"
    DERIVED = "D"
    MEMORY = "M"
