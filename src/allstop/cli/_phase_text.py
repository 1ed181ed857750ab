"""Phases, signals and assessments as text and JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allstop.canon import JSON, format_instant, format_window
from allstop.cli._output import format_table
from allstop.times import Instant
from allstop.units import PPM

if TYPE_CHECKING:
    from allstop.ledger import Filed
    from allstop.signals import Assessment, Signal
    from allstop.standing import EventProgress, PhaseExit, PhaseSpan, PhaseStatus, VoidSignal

__all__ = [
    "assessment_lines",
    "assessments_value",
    "phase_lines",
    "phase_value",
    "signal_lines",
    "signals_value",
    "void_lines",
    "void_value",
]


def _optional(at: Instant | None) -> JSON:
    return None if at is None else format_instant(at)


def phase_value(status: "PhaseStatus | None", *, at: Instant) -> JSON:
    """Return what `phase show --json` prints; null phases where the agreement has none."""
    if status is None:
        return {"at": format_instant(at), "phases": None, "exits": [], "next": None}
    following = status.next_exit
    return {
        "at": format_instant(at),
        "phases": [_span_value(one) for one in status.spans],
        "exits": [_exit_value(one) for one in status.exits],
        "next": None if following is None else {"to": following.target, "at": _optional(following.at)},
    }


def _span_value(one: "PhaseSpan") -> JSON:
    return {
        "phase": one.phase,
        "kind": one.kind.value,
        "since": format_instant(one.start),
        "until": _optional(one.until),
        "move": None if one.move is None else one.move.value,
        "why": one.why,
    }


def _exit_value(one: "PhaseExit") -> JSON:
    from allstop.agreement import describe_event, describe_when

    return {
        "to": one.target,
        "move": one.move.value,
        "when": None if one.transition is None else describe_when(one.transition.when),
        "leadMs": 0 if one.transition is None else one.transition.lead_ms,
        "metAt": _optional(one.met_at),
        "at": _optional(one.at),
        "events": [
            {"event": describe_event(event.leaf), "metAt": _optional(event.met_at), "by": list(event.by)}
            for event in one.events
        ],
    }


def phase_lines(status: "PhaseStatus | None", *, at: Instant) -> list[str]:
    """Return where the phases stand in words: which, since when, why, and what would end it."""
    if status is None:
        return ["the agreement has no phases: its clauses apply from entry into force on"]
    now = status.now
    if now is None:
        return [f"no phase at {format_instant(at)}: the agreement is not in force"]
    lines = [
        f"phase      {now.phase} ({now.kind.value}), since {format_instant(now.start)}",
        f"because    {now.why}",
        *_next_lines(status, at),
    ]
    for one in status.exits:
        lines += _exit_lines(one, at)
    if len(status.spans) > 1:
        lines.append("before it")
        rows = [
            [one.phase, f"{format_instant(one.start)} until {_optional(one.until)}", one.why]
            for one in status.spans[:-1]
        ]
        lines += [f"  {line}" for line in format_table(rows)]
    return lines


def _next_lines(status: "PhaseStatus", at: Instant) -> list[str]:
    following = status.next_exit
    if not status.exits:
        return ["next       nothing ends it"]
    if following is None or following.at is None:
        return ["next       nothing is due"]
    when = format_instant(following.at)
    if following.at <= at:
        return [f"next       {following.target}, due at {when}: decided once something later is proven"]
    return [f"next       {following.target} at {when}, if nothing else comes before"]


def _exit_lines(one: "PhaseExit", at: Instant) -> list[str]:
    from allstop.agreement import describe_length, describe_when

    if one.transition is None:
        due = "after the calendar" if one.at is None else format_instant(one.at)
        return [f"to {one.target} of itself, when the greatest length is over: {due}"]
    lead = one.transition.lead_ms
    later = f", {describe_length(lead)} later" if lead else ""
    lines = [f"to {one.target} ({one.move.value}) when {describe_when(one.transition.when)}{later}"]
    lines += [f"  {_event_line(event, at)}" for event in one.events]
    return lines


def _event_line(event: "EventProgress", at: Instant) -> str:
    from allstop.agreement import describe_event

    words = describe_event(event.leaf)
    if event.met_at is not None and event.met_at <= at:
        return f"held     since {format_instant(event.met_at)}: {words}"
    if event.met_at is not None:
        return f"missing  until {format_instant(event.met_at)}: {words}"
    so_far = f" (so far {', '.join(event.by)})" if event.by else ""
    return f"missing  {words}{so_far}"


def void_value(void: "Sequence[VoidSignal]") -> JSON:
    """Return what counts for nothing, as JSON."""
    return [
        {
            "code": one.reason.value,
            "entry": one.entry,
            "predicate": one.predicate,
            "party": one.party,
            "why": one.text,
        }
        for one in void
    ]


def void_lines(void: "Sequence[VoidSignal]") -> list[str]:
    """Return what counts for nothing, and why, in words."""
    return [
        f"void       {one.reason.value}, entry {one.entry}: {one.predicate} by {one.party} {one.text}"
        for one in void
    ]


def signals_value(signals: "Sequence[Filed[Signal]]") -> list[JSON]:
    """Return signals as JSON."""
    return [
        {
            "entry": one.entry,
            "party": one.party,
            "name": one.value.name,
            "kind": one.value.kind.value,
            "occurredAt": format_instant(one.value.occurred_at),
            "provenBy": format_instant(one.not_after),
            "evidence": list(one.value.evidence),
        }
        for one in signals
    ]


def signal_lines(signals: "Sequence[Filed[Signal]]") -> list[str]:
    """Return signals in words; each is a claim by its filer."""
    if not signals:
        return ["no signals"]
    rows = [["entry", "proven by", "party", "kind", "name", "occurred, it says", "documents"]]
    for one in signals:
        rows.append(
            [
                str(one.entry),
                format_instant(one.not_after),
                one.party,
                one.value.kind.value,
                one.value.name,
                format_instant(one.value.occurred_at),
                str(len(one.value.evidence)),
            ]
        )
    return format_table(rows)


def assessments_value(assessments: "Sequence[Filed[Assessment]]") -> list[JSON]:
    """Return assessments as JSON."""
    return [
        {
            "entry": one.entry,
            "verifier": one.party,
            "provenBy": format_instant(one.not_after),
            "window": format_window(one.value.window),
            "at": format_instant(one.value.at),
            "verdictDigest": one.value.verdict_digest,
            "parties": [
                {"party": said.party, "verdict": said.verdict.value, "coveragePpm": said.coverage_ppm}
                for said in one.value.parties
            ],
        }
        for one in assessments
    ]


def assessment_lines(assessments: "Sequence[Filed[Assessment]]", *, verifiers: int) -> list[str]:
    """Return assessments in words, by digest: how many of the verifiers signed the same. They are testimony."""
    if not assessments:
        return ["no assessments"]
    by_digest: dict[str, list[Filed[Assessment]]] = {}
    for one in assessments:
        by_digest.setdefault(one.value.verdict_digest, []).append(one)
    lines = []
    for digest, found in by_digest.items():
        who = sorted({one.party for one in found})
        lines.append(f"verdict {digest}: attested by {len(who)} of {verifiers} verifiers ({', '.join(who)})")
        seen = set()
        for one in found:
            window = one.value.window
            span = f"{format_instant(window.start)} until {format_instant(window.end)}"
            for said in one.value.parties:
                key = (span, said)
                if key not in seen:
                    seen.add(key)
                    lines.append(
                        f"  {span}  {said.party} {said.verdict.value}, coverage {_share(said.coverage_ppm)}"
                    )
    return lines


def _share(ppm: int | None) -> str:
    if ppm is None:
        return "not known"
    tenths = ppm * 1000 // PPM
    return f"{tenths // 10}.{tenths % 10} %"
