"""Closing a period: the statement that repeats a party's own chain and what it holds."""

from collections.abc import Mapping, Sequence

from allstop.app._workspace import Desk
from allstop.ids import Name
from allstop.keys import SigningKey
from allstop.service import Chain
from allstop.telemetry import PERIOD_CLOSE_PREDICATE, PeriodClose
from allstop.times import Window

__all__ = ["close_period"]


def close_period(
    desk: Desk,
    *,
    period: Window,
    inventory: Mapping[Name, int],
    party: Name,
    signers: Sequence[SigningKey],
) -> Chain:
    """File the close of a period with count and head of the party's chain as it stands.

    Raises:
        ValueError: the inventory is not one, such as too many lots.
    """
    chain = desk.chain(party, signers=signers)
    close = PeriodClose(
        period=period,
        count=chain.sequence + 1,
        head=chain.previous,
        inventory=tuple(sorted(inventory.items())),
    )
    return desk.file(PERIOD_CLOSE_PREDICATE, close, party=party, signers=signers)
