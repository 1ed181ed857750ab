"""Halting: what ran at the instant, what may resume, and what is closed to inspection; plans for draining.

Whether activity fell is judged in `verdict`. A plan is text: nothing here runs anything.
"""

from allstop.halting._closed_site import (
    CLOSED_SITE_PREDICATE,
    CLOSED_TEXT_CHARS_MAX,
    CLOSED_TYPES_MAX,
    ClosedSite,
    format_closed_site,
    parse_closed_site,
)
from allstop.halting._drain import (
    DRAIN_JOBS_MAX,
    LISTING_COMMANDS,
    DrainJob,
    DrainPlan,
    DrainStage,
    DrainStep,
    Scheduler,
    format_drain_plan,
    parse_drain_jobs,
    parse_node_name,
    plan_drain,
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
    "DRAIN_JOBS_MAX",
    "INVENTORY_JOBS_MAX",
    "INVENTORY_PREDICATE",
    "LISTING_COMMANDS",
    "RESUMPTION_PREDICATE",
    "ClosedSite",
    "DrainJob",
    "DrainPlan",
    "DrainStage",
    "DrainStep",
    "Inventory",
    "Resumption",
    "RunningJob",
    "Scheduler",
    "format_closed_site",
    "format_drain_plan",
    "format_inventory",
    "format_resumption",
    "parse_closed_site",
    "parse_drain_jobs",
    "parse_inventory",
    "parse_node_name",
    "parse_resumption",
    "plan_drain",
]
