"""The `replay` predicate: what a verifier found when it did drawn items again.

Implements spec/transcript.md section 6. A replay is a claim by its filer; whoever holds the opened items
repeats it and needs nobody's word.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_decimal, format_quantity
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.transcript._items import ITEMS_MAX
from allstop.units import Quantity, Unit

__all__ = ["REPLAY_PREDICATE", "Replay", "format_replay", "parse_replay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Of `sample` drawn items so many passed, failed, or could not be judged; the rest was not opened.

        {"transcript": "9f86...", "chipType": "h100-sxm-80gb", "sample": 50, "passed": 48, "failed": 1,
         "unverifiable": 0, "tolerance": "0", "noise": "0",
         "itemTime": {"low": "4100000", "high": "5200000", "unit": "chip-ns"}}

    `item_time` is what one item takes on one chip of that type, as this verifier measured it. `tolerance` and
    `noise` are the largest difference that passed and the largest seen between honest runs: exact recipes
    have none, so both are 0. Range: `1 <= sample <= ITEMS_MAX`.
    """

    transcript: Digest
    chip_type: Name
    sample: int
    passed: int
    failed: int
    unverifiable: int
    item_time: Quantity
    tolerance: int = 0
    noise: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.sample <= ITEMS_MAX:
            raise ValueError(f"replay has a sample of {self.sample}, want 1 to {ITEMS_MAX}")
        if min(self.passed, self.failed, self.unverifiable) < 0 or self.refused < 0:
            raise ValueError(f"replay accounts for more or fewer items than its sample of {self.sample}")
        if self.item_time.unit is not Unit.CHIP_NS or self.item_time.low == 0:
            raise ValueError("replay has no item time of at least 1 chip-ns")
        if self.tolerance or self.noise:
            raise ValueError("replay of an exact recipe has a tolerance or noise, want 0")

    @property
    def refused(self) -> int:
        """How many drawn items were not opened."""
        return self.sample - self.passed - self.failed - self.unverifiable


def parse_replay(body: JSON) -> Replay:
    """Parse the body of a `replay` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "replay")
    try:
        replay = Replay(
            transcript=fields.digest("transcript"),
            chip_type=fields.name("chipType"),
            sample=fields.integer("sample", low=1, high=ITEMS_MAX),
            passed=fields.integer("passed", high=ITEMS_MAX),
            failed=fields.integer("failed", high=ITEMS_MAX),
            unverifiable=fields.integer("unverifiable", high=ITEMS_MAX),
            item_time=fields.quantity("itemTime", Unit.CHIP_NS),
            tolerance=fields.decimal("tolerance"),
            noise=fields.decimal("noise"),
        )
    except ValueError as exc:
        raise MalformedError(f"replay: {exc}") from exc
    fields.done()
    return replay


def format_replay(replay: Replay) -> JSON:
    """Return the body of a `replay` statement."""
    return {
        "transcript": replay.transcript,
        "chipType": replay.chip_type,
        "sample": replay.sample,
        "passed": replay.passed,
        "failed": replay.failed,
        "unverifiable": replay.unverifiable,
        "tolerance": format_decimal(replay.tolerance),
        "noise": format_decimal(replay.noise),
        "itemTime": format_quantity(replay.item_time),
    }


REPLAY_PREDICATE = Predicate(
    name=Name("replay"),
    parse=parse_replay,
    format=format_replay,
    audience=Audience.VERIFIERS,
    secret=(
        "chipType",
        "failed",
        "itemTime",
        "noise",
        "passed",
        "sample",
        "tolerance",
        "transcript",
        "unverifiable",
    ),
)
