"""An agreement in words: summary, what lint found, what is attainable, where entry into force stands."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allstop.canon import JSON, format_instant
from allstop.cli._output import format_table
from allstop.ids import Digest
from allstop.times import DAY_MS, HOUR_MS, Instant

if TYPE_CHECKING:
    from allstop.agreement import Agreement, Attainable, EntryStatus, LintFinding

__all__ = [
    "format_attainable",
    "format_findings",
    "format_length",
    "format_status",
    "format_summary",
    "status_value",
    "summary_value",
]


def format_length(ms: int) -> str:
    """Return a length of time exactly, in the largest unit that divides it."""
    for unit, name in ((DAY_MS, "d"), (HOUR_MS, "h"), (60_000, "min"), (1000, "s")):
        if ms % unit == 0:
            return f"{ms // unit} {name}"
    return f"{ms} ms"


def format_findings(findings: "Sequence[LintFinding]") -> list[str]:
    """Return one paragraph for each thing that lint found."""
    if not findings:
        return ["no findings"]
    lines = []
    for one in findings:
        clause = "" if one.clause is None else f" clause {one.clause}:"
        lines.append(f"{one.code} {one.severity.value}:{clause} {one.text}")
        if one.example is not None:
            lines.append(f"    for example: {one.example}")
    return lines


def format_attainable(rows: "Sequence[Attainable]") -> list[str]:
    """Return the table of the largest fleets that could earn CONSISTENT, by error of the accounts."""
    if not rows:
        return []
    errors = [f"{error // 10_000}.{error // 100 % 100:02d} %" for error, _ in rows[0].chips_max]
    heading = ["clause", "kind", "chip", *errors]
    body = [
        [row.clause, row.kind.value, row.chip_type or "any", *(str(count) for _, count in row.chips_max)]
        for row in rows
    ]
    return [
        "attainable: at most this many busy chips, by relative error of the accounts",
        *format_table([heading, *body]),
    ]


def summary_value(agreement: "Agreement", digest: Digest | None) -> JSON:
    """Return what `agreement show --json` prints."""
    accounting = agreement.accounting
    return {
        "digest": digest,
        "title": agreement.title,
        "origin": agreement.log.origin,
        "operator": agreement.log.operator,
        "parties": [
            {
                "id": party.id,
                "name": party.name,
                "kind": party.kind.value,
                "bloc": party.bloc,
                "critical": party.critical,
                "keys": len(party.keys),
                "threshold": party.threshold,
            }
            for party in agreement.parties
        ],
        "obligations": [
            {
                "clause": one.clause,
                "kind": one.kind.value,
                "parties": list(one.parties),
                "subgoals": [subgoal.value for subgoal in one.subgoals],
                "tolerance": str(one.tolerance),
                "level": one.level.value,
                "custody": one.custody.value,
                "silence": one.silence.value,
                "text": one.text,
            }
            for one in agreement.obligations
        ],
        "references": [{"name": one.name, "digest": one.digest} for one in agreement.references],
        "entry": {"deadline": format_instant(agreement.entry.deadline), "leadMs": agreement.entry.lead_ms},
        "accounting": {
            "start": None if accounting.start is None else format_instant(accounting.start),
            "periodMs": accounting.period_ms,
            "periods": accounting.periods,
        },
    }


def format_summary(agreement: "Agreement", digest: Digest | None) -> list[str]:
    """Return the agreement as a page."""
    accounting = agreement.accounting
    start = "entry into force" if accounting.start is None else format_instant(accounting.start)
    periods = "without agreed end" if accounting.periods is None else f"{accounting.periods} times"
    parties = [
        [
            party.id,
            party.kind.value,
            party.bloc,
            "critical" if party.critical else "",
            f"{party.threshold} of {len(party.keys)}" if party.keys else "no keys yet",
        ]
        for party in agreement.parties
    ]
    lines = [
        agreement.title,
        f"digest      {'none: a draft, not sealed' if digest is None else digest}",
        f"log         {agreement.log.origin}, run by {agreement.log.operator}",
        f"accounts    from {start}, every {format_length(accounting.period_ms)}, {periods}",
        f"in force    {format_length(agreement.entry.lead_ms)} after the condition is met, deadline "
        + format_instant(agreement.entry.deadline),
        "",
        *format_table([["party", "kind", "bloc", "", "keys"], *parties]),
        "",
    ]
    for one in agreement.obligations:
        subgoals = ", ".join(subgoal.value for subgoal in one.subgoals)
        lines += [
            f"{one.clause} {one.kind.value}: {', '.join(one.parties)} ({subgoals}; at least {one.level.value}, "
            f"{one.custody.value}; silence means {one.silence.value})",
            *(f"    {line}" for line in one.text.strip().split("\n")),
        ]
    return lines


def status_value(agreement: "Agreement", entry: "EntryStatus", at: Instant) -> JSON:
    """Return what `agreement status --json` prints."""
    return {
        "at": format_instant(at),
        "isInForce": entry.is_in_force(at),
        "inForceFrom": None if entry.in_force_from is None else format_instant(entry.in_force_from),
        "metAt": None if entry.met_at is None else format_instant(entry.met_at),
        "deadline": format_instant(agreement.entry.deadline),
        "deposited": list(entry.deposited),
        "missing": list(entry.missing),
        "late": list(entry.late),
    }


def format_status(agreement: "Agreement", entry: "EntryStatus", at: Instant) -> list[str]:
    """Return in words where entry into force stands at `at`."""
    deadline = format_instant(agreement.entry.deadline)
    if entry.in_force_from is None:
        head = "not in force: the condition is not met"
    elif entry.is_in_force(at):
        head = f"in force since {format_instant(entry.in_force_from)}"
    else:
        head = f"not yet in force: from {format_instant(entry.in_force_from)}"
    return [
        f"{head} (as proven by {format_instant(at)})",
        f"deposited  {', '.join(entry.deposited) or 'nobody'}",
        f"missing    {', '.join(entry.missing) or 'nobody'}, deadline {deadline}",
        *([f"late       {', '.join(entry.late)}"] if entry.late else []),
    ]
