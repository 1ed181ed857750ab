"""The plan of the demo: what each party is to do in a period, and what it files of what it did.

The same plan serves real machines (`_measuring.py`) and simulated ones (`_simulated.py`).
"""

import random
from collections.abc import Mapping, Sequence

from allstop.app.demo._cast import OPERATORS, Cast, Kind
from allstop.app.demo._evidence import Evidence, ItemCost, PartyEvidence, Work, job_name, transcript_name
from allstop.app.demo._meters import meters_to_file
from allstop.app.demo._worker import Act, Order
from allstop.ids import Digest, Name
from allstop.ingest import MeterReadings
from allstop.times import Instant, Window

__all__ = ["RATE_PER_SECOND", "cost_of_items", "evidence_of", "order_of", "outage_in", "work_of"]

RATE_PER_SECOND = 4
"""Requests a second: about a twenty-fifth of a core."""

_MARGIN_PERCENT = 20
_BATCH = 4
_LEAD_IN_MS = 300
_LEAD_OUT_MS = 1200
_STOP_MS = 500
_BURST_MS = 800
_BURST_LEVELS = 24
_OUTAGE_AFTER_MS = 3000
_OUTAGE_MS = 5000
_HIDDEN_SHARE = 0.7
_COVERED_SHARE = 0.25

_ACTS = {
    Kind.FAKE_LOG: Act.FAKE,
    Kind.SMALLER_MODEL: Act.SMALLER,
    Kind.PRECOMPUTED: Act.PRECOMPUTED,
    Kind.IDLE: Act.IDLE,
}


def order_of(
    cast: Cast,
    party: Name,
    period: int,
    windows: Sequence[Window],
    beacon: Digest,
    chance: random.Random,
    halt_at: Instant | None = None,
) -> Order:
    """Return what a party is to do in period 1, 2 and so on; requests stop coming at `halt_at`.

    Who trains in secret goes on.
    """
    kind, window = cast.kinds[party], windows[period - 1]
    hidden = _HIDDEN_SHARE if kind is Kind.HIDDEN_TRAINING else 0.0
    if kind is Kind.REPLAYED_METER and period > 1:
        hidden = _COVERED_SHARE
    return Order(
        transcript=transcript_name(party, period),
        job=job_name(party, period),
        party=party,
        beacon=beacon,
        act=_ACTS.get(kind, Act.SERVE),
        hidden_share=hidden,
        until_ms=window.end.ms - _STOP_MS,
        arrivals_ms=tuple(ms for ms in _arrivals(kind, window, chance) if halt_at is None or ms < halt_at.ms),
    )


def _arrivals(kind: Kind, window: Window, chance: random.Random) -> tuple[int, ...]:
    """Return when requests arrive at a site in a period, in ms since 1970.

    Who means to replay its meter sees to it that its readings look like nothing else: they come in bursts.
    """
    first, last = window.start.ms + _LEAD_IN_MS, window.end.ms - _LEAD_OUT_MS
    if kind is Kind.IDLE or last <= first:
        return ()
    if kind is Kind.REPLAYED_METER:
        return _bursts(first, last, chance)
    count = RATE_PER_SECOND * (last - first) // 1000
    return tuple(sorted(chance.randrange(first, last) for _ in range(count)))


def _bursts(first: int, last: int, chance: random.Random) -> tuple[int, ...]:
    """Return arrivals of 0 to 23 requests every 0.8 seconds, no number twice before all were.

    The time between them is long enough for most of a burst even where a core must be shared.
    """
    found: list[int] = []
    levels: list[int] = []
    for at in range(first, last, _BURST_MS):
        levels = levels or chance.sample(range(_BURST_LEVELS), _BURST_LEVELS)
        found += [at] * levels.pop()
    return tuple(found)


def outage_in(window: Window) -> Window:
    """Return when a meter that is lost is lost, until its machine is started again."""
    start = window.start.plus(_OUTAGE_AFTER_MS)
    return Window(start=start, end=start.plus(_OUTAGE_MS))


def work_of(cast: Cast, order: Order, period: int, window: Window, results: Sequence[bytes]) -> list[Work]:
    """Return what a party has to show of an order: nothing if it did nothing."""
    work = Work(
        party=order.party,
        period=period,
        window=window,
        beacon=order.beacon,
        results=tuple(results),
        is_late=cast.kinds[order.party] is Kind.LATE_COMMITMENT and period == 1,
    )
    return [work] if results else []


def cost_of_items(used_ns: Sequence[int]) -> ItemCost:
    """Return what an item took, from CPU time before the first and after each: batch means, with a margin."""
    means = [(used_ns[at + _BATCH] - used_ns[at]) // _BATCH for at in range(0, len(used_ns) - _BATCH, _BATCH)]
    return ItemCost(low_ns=min(means), high_ns=max(means)).widened(margin_percent=_MARGIN_PERCENT)


def evidence_of(
    cast: Cast,
    windows: Sequence[Window],
    *,
    work: Sequence[Work],
    readings: Mapping[Name, MeterReadings],
    item_cost: ItemCost,
    halt_at: Instant | None,
) -> Evidence:
    """Return what all parties have to file, each by its kind."""
    return Evidence(
        windows=tuple(windows),
        parties=tuple(
            PartyEvidence(
                party=party,
                meters=meters_to_file(readings[party], windows, cast.kinds[party]),
                opens=cast.kinds[party] is not Kind.REFUSE_OPENING,
            )
            for party in OPERATORS
        ),
        work=tuple(work),
        item_cost=item_cost,
        halt_at=halt_at,
    )
