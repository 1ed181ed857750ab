"""What has been filed at a desk: looked up for whoever files next, never judged.

Signatures were checked when the statements were made here; a case made from the desk is verified whole.
"""

from collections.abc import Mapping
from typing import TypeVar

from allstop.agreement import CHIP_TABLE
from allstop.app._workspace import Desk
from allstop.errors import MalformedError, UsageError
from allstop.ids import Digest, Name
from allstop.registry import (
    CHIPS_PREDICATE,
    METER_PREDICATE,
    TRANSFER_PREDICATE,
    Chips,
    ChipTable,
    parse_chip_table,
)
from allstop.statement import Predicate, parse_envelope, parse_statement, statement_digest

__all__ = [
    "find_lot",
    "inventory_of",
    "list_filed",
    "list_statements",
    "load_agreed_chips",
    "registered_meters",
]

_T = TypeVar("_T")


def list_filed(desk: Desk, predicate: Predicate[_T]) -> tuple[tuple[Name, _T], ...]:
    """Return the filer and body of every statement of one predicate, in log order, pending ones too."""
    return tuple((party, value) for party, _, value in list_statements(desk, predicate))


def list_statements(desk: Desk, predicate: Predicate[_T]) -> tuple[tuple[Name, Digest, _T], ...]:
    """Return filer, digest and body of every statement of one predicate, in log order, pending ones too."""
    found = []
    for entry in desk.entries():
        payload = parse_envelope(entry).payload
        statement = parse_statement(payload)
        if statement.predicate == predicate.name:
            try:
                body = predicate.parse(statement.body)
            except MalformedError:
                continue  # The audit says so; here it names nothing.
            found.append((statement.header.party, statement_digest(payload), body))
    return tuple(found)


def find_lot(desk: Desk, lot: Name) -> Chips:
    """Return the newest registration of a lot.

    Raises:
        UsageError: no such lot was registered.
    """
    lots = {chips.lot: chips for _, chips in list_filed(desk, CHIPS_PREDICATE)}
    if lot not in lots:
        hint = f"lots are: {', '.join(sorted(lots))}" if lots else "register one with: allstop chip register"
        raise UsageError(f"lot {lot} is not registered", hint=hint)
    return lots[lot]


def load_agreed_chips(desk: Desk) -> ChipTable:
    """Return the chip table that the agreement pins.

    Raises:
        UsageError: the agreement pins none.
    """
    digest = desk.terms.reference(CHIP_TABLE)
    if digest is None:
        raise UsageError("the agreement pins no chip table")
    return parse_chip_table(desk.blobs.read(digest))


def registered_meters(desk: Desk, site: Name) -> frozenset[Name]:
    """Return the names of the meters of a site."""
    return frozenset(meter.meter for _, meter in list_filed(desk, METER_PREDICATE) if meter.site == site)


def inventory_of(desk: Desk, party: Name) -> Mapping[Name, int]:
    """Return how many chips of each lot a party holds by its own register, less what it filed as gone."""
    held: dict[Name, int] = {}
    for filer, chips in list_filed(desk, CHIPS_PREDICATE):
        if filer == party:
            held[chips.lot] = chips.count
    for filer, transfer in list_filed(desk, TRANSFER_PREDICATE):
        if filer == party and transfer.from_site is not None and transfer.lot in held:
            held[transfer.lot] = max(0, held[transfer.lot] - transfer.count)
    return held
