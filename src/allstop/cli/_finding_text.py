"""Findings between parties as text and JSON: where each stands, what is awaited, by when."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allstop.canon import JSON, format_instant, format_window
from allstop.cli._output import format_table
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.finding import Finding
    from allstop.standing import ImpedimentStanding, Measure, Proceeding, Trial

__all__ = [
    "finding_lines",
    "finding_value",
    "findings_lines",
    "impediment_lines",
    "impediment_value",
    "measure_lines",
    "measure_value",
    "note_value",
]

SHORT = 12
"""Digits of a digest in tables; commands take the whole digest, which --json and `show` print."""


def _awaited(one: "Proceeding", at: Instant) -> tuple[str, Instant] | None:
    """Return what has to happen next, and by when, or None where nothing has to."""
    from allstop.standing import FindingStage

    match one.stage:
        case FindingStage.RAISED | FindingStage.NOTIFIED | FindingStage.ACKNOWLEDGED:
            return f"{one.accused} answers", one.first.answer_due or one.settle_due
        case FindingStage.ANSWERED:
            return "both may settle it", one.settle_due
        case FindingStage.BEFORE_PANEL:
            return "the panel rules", one.first.ruling_due
        case FindingStage.CONFIRMED | FindingStage.DISMISSED | FindingStage.UNDETERMINED:
            return None if one.appeal_due is None else ("whoever may appeals", one.appeal_due)
        case _:
            return _awaited_on_appeal(one, at)


def _awaited_on_appeal(one: "Proceeding", at: Instant) -> tuple[str, Instant] | None:
    if one.final_at is not None or one.second is None:
        return None
    if at < one.second.opened_at:
        return f"{one.second.respondent} answers the appeal", one.second.opened_at
    return "the appeal panel rules", one.second.ruling_due


def findings_lines(proceedings: Sequence["Proceeding"], *, at: Instant) -> list[str]:
    """Return a line for each finding."""
    if not proceedings:
        return [f"no finding has been raised by {format_instant(at)}"]
    rows = [("finding", "code", "accused", "by", "clause", "stage", "since", "next", "until")]
    for one in proceedings:
        awaited = _awaited(one, at)
        rows.append(
            (
                one.finding[:SHORT],
                one.raised.code,
                one.accused,
                one.accuser,
                one.raised.clause or "-",
                one.stage.value,
                format_instant(one.since),
                "-" if awaited is None else awaited[0],
                "-" if awaited is None else format_instant(awaited[1]),
            )
        )
    return format_table(rows)


def finding_value(one: "Proceeding", *, at: Instant) -> dict[str, JSON]:
    """Return a finding as JSON."""
    awaited = _awaited(one, at)
    raised = one.raised
    return {
        "finding": one.finding,
        "entry": str(one.entry),
        "code": raised.code,
        "accused": one.accused,
        "accuser": one.accuser,
        "clause": raised.clause,
        "text": raised.text,
        "restsOn": list(raised.rests_on),
        "evidence": list(raised.evidence),
        "verdictDigest": raised.verdict_digest,
        "judgedAt": format_instant(raised.judged_at),
        "stage": one.stage.value,
        "since": format_instant(one.since),
        "awaits": None if awaited is None else {"what": awaited[0], "until": format_instant(awaited[1])},
        "history": [
            {"stage": moment.stage.value, "at": format_instant(moment.at), "why": moment.why.value}
            for moment in one.history
        ],
        "acknowledgeDue": format_instant(one.acknowledge_due),
        "settleDue": format_instant(one.settle_due),
        "panel": _trial_value(one.first),
        "appealPanel": None if one.second is None else _trial_value(one.second),
        "appealDue": _when(one.appeal_due),
        "finalAt": _when(one.final_at),
        "curedAt": _when(one.cured_at),
        "falseAccusation": one.is_false_accusation,
        "void": [{"entry": str(v.entry), "party": v.party, "why": v.why} for v in one.void],
    }


def _when(at: Instant | None) -> JSON:
    return None if at is None else format_instant(at)


def _trial_value(trial: "Trial") -> JSON:
    decision = trial.decision
    return {
        "seats": [member for member in sorted(trial.bench.seats)],
        "quorum": trial.bench.panel.quorum,
        "blocs": trial.bench.panel.blocs,
        "canDecide": trial.bench.can_decide,
        "recused": [{"party": party, "why": why} for party, why in sorted(trial.bench.recused.items())],
        "answerDue": _when(trial.answer_due),
        "answer": trial.answer,
        "opensAt": format_instant(trial.opened_at),
        "rulingDue": format_instant(trial.ruling_due),
        "rulings": [
            {
                "party": one.member,
                "outcome": one.outcome.value,
                "at": format_instant(one.at),
                "entry": str(one.entry),
                "falseAccusation": one.false_accusation,
            }
            for one in trial.rulings
        ],
        "outcome": None if decision is None else decision.outcome.value,
        "decidedAt": None if decision is None else format_instant(decision.at),
    }


def finding_lines(one: "Proceeding", *, at: Instant) -> list[str]:
    """Return everything about one finding."""
    raised = one.raised
    clause = "no clause" if raised.clause is None else f"clause {raised.clause}"
    lines = [
        f"finding   {one.finding}",
        f"          {raised.code}, {one.accuser} about {one.accused}, {clause}: {raised.text}",
        f"verdict   {raised.verdict_digest} as of {format_instant(raised.judged_at)}",
        f"stage     {one.stage.value}, since {format_instant(one.since)}",
    ]
    awaited = _awaited(one, at)
    if awaited is not None:
        lines.append(f"next      {awaited[0]}, until {format_instant(awaited[1])}")
    lines += ["", *(f"{format_instant(m.at)}  {m.stage.value}: {m.why.value}" for m in one.history)]
    lines += ["", *_trial_lines("panel", one.first)]
    if one.second is not None:
        lines += ["", *_trial_lines("appeal panel", one.second)]
    if one.is_false_accusation:
        lines += ["", f"the panel found that {one.accuser} accused falsely"]
    if one.void:
        lines += ["", *(f"entry {v.entry} by {v.party} counts for nothing: {v.why}" for v in one.void)]
    return lines


def _trial_lines(name: str, trial: "Trial") -> list[str]:
    bench = trial.bench
    lines = [
        f"{name}: {', '.join(bench.seats) or 'nobody'}; {bench.panel.quorum} of them from {bench.panel.blocs} blocs decide,"
        f" from {format_instant(trial.opened_at)} until {format_instant(trial.ruling_due)}"
    ]
    lines += [f"  {party} does not sit: {why}" for party, why in bench.recused.items()]
    if not bench.can_decide:
        lines.append("  those who sit are too few to decide: it will stay undetermined")
    if trial.answer is not None:
        lines.append(f"  to be heard: answer {trial.answer}")
    lines += [f"  {one.member} {one.outcome.value}, {format_instant(one.at)}" for one in trial.rulings]
    if trial.decision is not None:
        lines.append(f"  decided: {trial.decision.outcome.value}, {format_instant(trial.decision.at)}")
    return lines


def measure_lines(measures: Sequence["Measure"]) -> list[str]:
    """Return a line for each measure."""
    lines = []
    for one in measures:
        clauses = f" on {', '.join(one.clauses)}" if one.clauses else ""
        when = "" if one.start is None else f" since {format_instant(one.start)}"
        end = f"until {format_instant(one.end)}" if one.end is not None else f"until {one.ends_by}"
        end = "without end" if one.end is None and one.ends_by == "it does not end" else end
        lines.append(
            f"measure {one.name} ({one.kind.value}){clauses} against {one.against}, finding"
            f" {one.finding[:SHORT]}: {one.stage.value}{when}, {end}"
        )
    return lines


def measure_value(one: "Measure") -> dict[str, JSON]:
    """Return a measure as JSON."""
    return {
        "name": one.name,
        "kind": one.kind.value,
        "finding": one.finding,
        "against": one.against,
        "accuser": one.accuser,
        "relieved": list(one.relieved),
        "clauses": list(one.clauses),
        "stage": one.stage.value,
        "dueAt": _when(one.due_at),
        "waitsFor": one.waits_for,
        "from": _when(one.start),
        "until": _when(one.end),
        "endsBy": one.ends_by,
    }


def impediment_lines(impediments: Sequence["ImpedimentStanding"]) -> list[str]:
    """Return a line for each impediment."""
    return [
        f"impediment {one.digest[:SHORT]} of {one.party} to {', '.join(one.claim.clauses)} by"
        f" {one.claim.authority}: {one.stage.value}"
        for one in impediments
    ]


def impediment_value(one: "ImpedimentStanding") -> dict[str, JSON]:
    """Return an impediment as JSON."""
    return {
        "impediment": one.digest,
        "party": one.party,
        "clauses": list(one.claim.clauses),
        "authority": one.claim.authority,
        "order": one.claim.order,
        "stage": one.stage.value,
        "counts": [format_window(span) for span in one.spans],
    }


def note_value(one: "Finding") -> dict[str, JSON]:
    """Return what is wrong in a proceeding as JSON."""
    return {"code": one.code, "party": one.party, "about": one.about, "restsOn": list(one.rests_on)}
