"""Period closes: how many statements a party has filed, and what it holds (spec/telemetry.md section 2).

Without a close a period is UNDETERMINED, whatever else was filed: a party that could leave its last
statements out unseen would do so when they harm it.
"""

import itertools
from dataclasses import dataclass

from allstop.canon import JSON, JSON_INTEGER_MAX, Fields, format_window
from allstop.errors import MalformedError
from allstop.finding import CHIP_INDEX_MAX
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.times import Window

__all__ = [
    "INVENTORY_MAX",
    "PERIOD_CLOSE_PREDICATE",
    "PeriodClose",
    "format_period_close",
    "parse_period_close",
]

INVENTORY_MAX = 1000
"""Largest number of lots in one inventory, so that the statement fits a log entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodClose:
    """A party's count of its own statements, the head of its chain, and its chips at the end of a period.

        {"period": {"from": "2024-05-17T00:00:00Z", "until": "2024-05-18T00:00:00Z"}, "count": 69,
         "head": "9f86...", "inventory": [{"lot": "alder-h100", "count": 512}]}

    `count` includes this statement (its header's sequence + 1); `head` is its header's previous, so it is
    absent exactly if `count` is 1. Inventory in ascending order of lot; a lot that is gone has count 0.
    """

    period: Window
    count: int
    head: Digest | None
    inventory: tuple[tuple[Name, int], ...]

    def __post_init__(self) -> None:
        if not 1 <= self.count <= JSON_INTEGER_MAX:
            raise ValueError(f"period close counts {self.count} statements, want at least itself")
        if (self.head is None) != (self.count == 1):
            raise ValueError("period close has a head exactly if it is not the first statement")
        if len(self.inventory) > INVENTORY_MAX:
            raise ValueError(f"inventory has {len(self.inventory)} lots, want at most {INVENTORY_MAX}")
        for (before, _), (after, _) in itertools.pairwise(self.inventory):
            if not before < after:
                raise ValueError(f"inventory lists {after} after {before}, want ascending lots")
        for lot, count in self.inventory:
            if not 0 <= count <= CHIP_INDEX_MAX:
                raise ValueError(f"inventory has {count} chips in {lot}, want 0 to {CHIP_INDEX_MAX}")


def parse_period_close(body: JSON) -> PeriodClose:
    """Parse the body of a `period-close` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "period-close")
    try:
        close = PeriodClose(
            period=fields.window("period"),
            count=fields.integer("count", low=1),
            head=None if fields.raw("head") is None else fields.digest("head"),
            inventory=tuple(_parse_holding(item) for item in fields.objects("inventory", INVENTORY_MAX)),
        )
    except ValueError as exc:
        raise MalformedError(f"period-close: {exc}") from exc
    fields.done()
    return close


def _parse_holding(fields: Fields) -> tuple[Name, int]:
    holding = (fields.name("lot"), fields.integer("count", high=CHIP_INDEX_MAX))
    fields.done()
    return holding


def format_period_close(close: PeriodClose) -> JSON:
    """Return the body of a `period-close` statement."""
    return {
        "period": format_window(close.period),
        "count": close.count,
        "head": close.head,
        "inventory": [{"lot": lot, "count": count} for lot, count in close.inventory],
    }


PERIOD_CLOSE_PREDICATE = Predicate(
    name=Name("period-close"),
    parse=parse_period_close,
    format=format_period_close,
    audience=Audience.PARTIES,
    secret=("count", "head", "inventory"),
)
