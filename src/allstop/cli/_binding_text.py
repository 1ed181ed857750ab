"""What `allstop agreement status` prints: in force or not, since when, and what is missing, from whom, by when."""

from typing import TYPE_CHECKING

from allstop.canon import JSON, format_instant
from allstop.cli._output import format_table

if TYPE_CHECKING:
    from allstop.agreement import Agreement
    from allstop.standing import Binding, PartyStanding
    from allstop.times import Instant

__all__ = ["binding_lines", "binding_value"]


def _instant(at: "Instant | None") -> str | None:
    return None if at is None else format_instant(at)


def binding_value(agreement: "Agreement", binding: "Binding") -> JSON:
    """Return what `agreement status --json` prints."""
    entry, at = binding.entry, binding.at
    return {
        "at": format_instant(at),
        "isInForce": binding.is_in_force(at),
        "inForceFrom": _instant(entry.in_force_from),
        "metAt": _instant(entry.met_at),
        "deadline": format_instant(agreement.entry.deadline),
        "deposited": list(entry.deposited),
        "missing": list(entry.missing),
        "late": list(entry.late),
        "unmet": list(binding.unmet),
        "releasedAt": _instant(binding.released_at),
        "parties": [_party_value(one, binding) for one in binding.parties],
        "findings": [
            {"code": one.code, "party": one.party, "about": one.about, "restsOn": list(one.rests_on)}
            for one in binding.findings
        ],
    }


def _party_value(one: "PartyStanding", binding: "Binding") -> JSON:
    return {
        "party": one.party,
        "stage": one.stage.value,
        "isBound": one.is_bound(binding.at),
        "boundFrom": _instant(one.bound_from),
        "boundUntil": _instant(one.bound_until),
        "provisional": list(one.provisional),
        "reservations": list(one.reservations),
        "surviving": list(one.surviving),
        "successor": one.successor,
        "responsible": list(one.responsible),
        "isNeeded": one.is_needed,
        "missing": list(one.missing),
        "due": _instant(one.due),
    }


def binding_lines(agreement: "Agreement", binding: "Binding") -> list[str]:
    """Return in words where becoming bound and leaving stand."""
    entry, deadline = binding.entry, format_instant(agreement.entry.deadline)
    bound = {one.party for one in binding.parties if one.bound_from is not None}
    # After the deadline and before entry into force a deposit still binds, so it is not called late.
    late = [party for party in entry.late if party not in bound]
    lines = [
        f"{_head(agreement, binding)} (as proven by {format_instant(binding.at)})",
        f"deposited  {', '.join(entry.deposited) or 'nobody'}",
        f"missing    {', '.join(entry.missing) or 'nobody'}, deadline {deadline}",
        *([f"late       {', '.join(late)}"] if late else []),
        *(f"it lacks   {words}" for words in binding.unmet),
    ]
    if binding.released_at is not None:
        lines.append(f"released   all at {format_instant(binding.released_at)}: too few would stay")
    if agreement.binding is not None or agreement.leaving is not None:
        lines += ["", *format_table([_HEADING, *(_row(one) for one in binding.parties)])]
        lines += _notes(binding)
    if binding.findings:
        lines += ["", *(f"{one.code} {one.party}: {one.about}" for one in binding.findings)]
    return lines


def _head(agreement: "Agreement", binding: "Binding") -> str:
    start, at = binding.entry.in_force_from, binding.at
    if binding.released_at is not None and binding.released_at <= at:
        return f"no longer in force: all were released at {format_instant(binding.released_at)}"
    if start is None and at > agreement.entry.deadline:
        return "not in force, and never will be: the condition was not met by the deadline"
    if start is None:
        return "not in force: the condition is not met"
    if binding.is_in_force(at):
        return f"in force since {format_instant(start)}"
    return f"not yet in force: from {format_instant(start)}"


_HEADING = ["party", "stage", "bound from", "bound until", "missing", "by"]


def _row(one: "PartyStanding") -> list[str]:
    return [
        one.party,
        f"{one.stage.value}, needed" if one.is_needed and one.bound_from is None else one.stage.value,
        _instant(one.bound_from) or "-",
        _instant(one.bound_until) or "-",
        " and ".join(one.missing) or "-",
        _instant(one.due) or "-",
    ]


def _notes(binding: "Binding") -> list[str]:
    lines = []
    for one in binding.parties:
        for what, words in (
            ("applies provisionally", one.provisional),
            ("has reserved", one.reservations),
            ("stays bound after it has left by", one.surviving),
        ):
            if words:
                lines.append(f"{one.party} {what} {', '.join(words)}")
        if one.successor is not None:
            lines.append(f"{one.successor} has succeeded {one.party}, and both are bound")
    return ["", *lines] if lines else []
