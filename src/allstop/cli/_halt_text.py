"""Halts as text and JSON: ramp-downs, inventories, resumptions, closed sites."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allstop.canon import JSON, format_instant
from allstop.cli._output import format_table

if TYPE_CHECKING:
    from allstop.halting import ClosedSite, Inventory, Resumption
    from allstop.ledger import Filed, State
    from allstop.verdict import RampDown

__all__ = ["ramp_down_lines", "ramp_down_value", "statement_lines", "statements_value"]


def ramp_down_value(one: "RampDown") -> JSON:
    """Return a ramp-down as JSON."""
    return {
        "clause": one.clause,
        "party": one.party,
        "site": one.site,
        "legalInstant": format_instant(one.legal),
        "drainedBy": format_instant(one.drained),
        "judgedUntil": None if one.until is None else format_instant(one.until),
        "outcome": one.outcome.value,
        "notBeforeMs": None if one.earliest_ms is None else str(one.earliest_ms),
        "notAfterMs": None if one.latest_ms is None else str(one.latest_ms),
    }


def ramp_down_lines(found: "Sequence[RampDown]") -> list[str]:
    """Return ramp-downs as lines: the legal instant and what was seen of each site, apart."""
    if not found:
        return ["no halt has begun for anybody"]
    rows = [["clause", "site", "of", "halt began", "stopped, not before", "not after", "judged until"]]
    for one in found:
        until = "nothing judged yet" if one.until is None else format_instant(one.until)
        ends = [_after(one.earliest_ms), _after(one.latest_ms)]
        if one.until is not None and one.earliest_ms is None:
            ends = ["ran on", "ran on"]
        rows.append([one.clause, one.site, one.party, format_instant(one.legal), *ends, until])
    return format_table(rows)


def _after(ms: int | None) -> str:
    """Return a length of time after the instant in seconds, to the millisecond."""
    return "not known" if ms is None else f"+{ms // 1000}.{ms % 1000:03} s"


def _inventory_value(one: "Filed[Inventory]") -> JSON:
    return {
        "entry": one.entry,
        "party": one.party,
        "site": one.value.site,
        "at": format_instant(one.value.at),
        "provenBy": format_instant(one.not_after),
        "jobs": len(one.value.jobs),
        "chips": str(one.value.chips),
    }


def _resumption_value(one: "Filed[Resumption]") -> JSON:
    value = one.value
    return {
        "entry": one.entry,
        "party": one.party,
        "site": value.site,
        "permitted": value.permitted,
        "motion": value.motion,
        "provenBy": format_instant(one.not_after),
    }


def _closed_value(one: "Filed[ClosedSite]") -> JSON:
    value = one.value
    return {
        "entry": one.entry,
        "party": one.party,
        "site": value.site,
        "reason": value.reason,
        "access": value.access,
        "capacity": [{"chipType": kind, "count": count} for kind, count in value.capacity],
    }


def statements_value(state: "State") -> dict[str, JSON]:
    """Return what was filed about a halt as JSON."""
    from allstop.halting import ClosedSite, Inventory, Resumption

    return {
        "inventories": [_inventory_value(one) for one in state.of(Inventory)],
        "resumptions": [_resumption_value(one) for one in state.of(Resumption)],
        "closedSites": [_closed_value(one) for one in state.of(ClosedSite)],
    }


def statement_lines(state: "State") -> list[str]:
    """Return what was filed about a halt as lines."""
    from allstop.halting import ClosedSite, Inventory, Resumption

    lines = []
    for listed in state.of(Inventory):
        value = listed.value
        lines.append(
            f"inventory    {value.site} at {format_instant(value.at)} by {listed.party}: {len(value.jobs)} jobs"
            f" on {value.chips} chips, filed by {format_instant(listed.not_after)}"
        )
    for resumed in state.of(Resumption):
        lines.append(f"resumption   {resumed.value.site} by {resumed.party}: {resumed.value.permitted}")
    for closed in state.of(ClosedSite):
        held = ", ".join(f"{count} {kind}" for kind, count in closed.value.capacity)
        access = " ".join(closed.value.access.split())
        lines.append(f"closed site  {closed.value.site} by {closed.party}: at most {held}; offered: {access}")
    return ["", *lines] if lines else []
