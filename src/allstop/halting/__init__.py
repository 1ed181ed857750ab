"""Halting: what ran at the instant, what may resume, and what is closed to inspection, as statements.

Whether activity fell is judged in `verdict`.
"""

from allstop.halting._closed_site import (
    CLOSED_SITE_PREDICATE,
    CLOSED_TEXT_CHARS_MAX,
    CLOSED_TYPES_MAX,
    ClosedSite,
    format_closed_site,
    parse_closed_site,
)
from allstop.halting._inventory import (
    INVENTORY_JOBS_MAX,
    INVENTORY_PREDICATE,
    Inventory,
    RunningJob,
    format_inventory,
    parse_inventory,
)
from allstop.halting._resumption import (
    RESUMPTION_PREDICATE,
    Resumption,
    format_resumption,
    parse_resumption,
)

__all__ = [
    "CLOSED_SITE_PREDICATE",
    "CLOSED_TEXT_CHARS_MAX",
    "CLOSED_TYPES_MAX",
    "INVENTORY_JOBS_MAX",
    "INVENTORY_PREDICATE",
    "RESUMPTION_PREDICATE",
    "ClosedSite",
    "Inventory",
    "Resumption",
    "RunningJob",
    "format_closed_site",
    "format_inventory",
    "format_resumption",
    "parse_closed_site",
    "parse_inventory",
    "parse_resumption",
]
