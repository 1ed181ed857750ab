"""The registry: sites, lots of chips, transfers, meters, and the reference table of chip types.

Predicates `site`, `chips`, `transfer` and `meter`, each with a strict codec; spec/registry.md. Facts only:
whether they fit each other is judged by the floors above.
"""

from allstop.registry._chip_table import (
    ATTOJOULE_PER_MILLIJOULE,
    CHIP_TYPES_MAX,
    ChipTable,
    ChipType,
    Source,
    format_chip_table,
    parse_chip_table,
)
from allstop.registry._chips import CHIPS_PREDICATE, Chips, format_chips, parse_chips
from allstop.registry._meter import METER_PREDICATE, RATED_MILLIWATT_MAX, Meter, format_meter, parse_meter
from allstop.registry._serials import SALT_BYTES, serial_leaf, serials_root, verify_serial
from allstop.registry._site import NOTE_CHARS_MAX, SITE_PREDICATE, Site, format_site, parse_site
from allstop.registry._transfer import (
    TRANSFER_PREDICATE,
    Transfer,
    TransferKind,
    format_transfer,
    parse_transfer,
)

__all__ = [
    "ATTOJOULE_PER_MILLIJOULE",
    "CHIPS_PREDICATE",
    "CHIP_TYPES_MAX",
    "METER_PREDICATE",
    "NOTE_CHARS_MAX",
    "RATED_MILLIWATT_MAX",
    "SALT_BYTES",
    "SITE_PREDICATE",
    "TRANSFER_PREDICATE",
    "ChipTable",
    "ChipType",
    "Chips",
    "Meter",
    "Site",
    "Source",
    "Transfer",
    "TransferKind",
    "format_chip_table",
    "format_chips",
    "format_meter",
    "format_site",
    "format_transfer",
    "parse_chip_table",
    "parse_chips",
    "parse_meter",
    "parse_site",
    "parse_transfer",
    "serial_leaf",
    "serials_root",
    "verify_serial",
]
