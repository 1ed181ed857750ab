"""An agreement in words: summary, what lint found, and what is attainable."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allstop.canon import JSON, format_instant
from allstop.cli._output import format_table
from allstop.ids import Digest
from allstop.times import DAY_MS, HOUR_MS
from allstop.units import PPM

if TYPE_CHECKING:
    from allstop.agreement import Agreement, Attainable, LintFinding, Obligation

__all__ = [
    "format_attainable",
    "format_findings",
    "format_length",
    "format_replay",
    "format_samples",
    "format_share",
    "format_shown",
    "format_summary",
    "replay_value",
    "summary_value",
]


def format_length(ms: int) -> str:
    """Return a length of time exactly, in the largest unit that divides it."""
    for unit, name in ((DAY_MS, "d"), (HOUR_MS, "h"), (60_000, "min"), (1000, "s")):
        if ms % unit == 0:
            return f"{ms // unit} {name}"
    return f"{ms} ms"


def format_share(ppm: int) -> str:
    """Return parts per million exactly, as percent: `12.5 %`."""
    whole, rest = divmod(ppm, PPM // 100)
    return f"{whole} %" if rest == 0 else f"{whole}.{rest:04d}".rstrip("0") + " %"


def replay_value(agreement: "Agreement") -> JSON:
    """Return the terms of replay as `--json` prints them, or null without any."""
    terms = agreement.replay
    if terms is None:
        return None
    return {
        "forgedSharePpm": terms.forged_share_ppm,
        "commitMs": terms.commit_ms,
        "openMs": terms.open_ms,
        "freshMs": terms.fresh_ms,
        "timingErrorPpm": terms.timing_error_ppm,
    }


def format_replay(agreement: "Agreement") -> list[str]:
    """Return in words what a sample must catch and when each step is due; nothing where nobody asks."""
    terms = agreement.replay
    if terms is None:
        wants = any(
            one.kind.value == "verify" or one.level.value == "verified" for one in agreement.obligations
        )
        return ["replay      not agreed, so no work can be verified"] if wants else []
    probability = format_share(agreement.verification.detection_probability_ppm)
    return [
        f"replay      a sample that finds {format_share(terms.forged_share_ppm)} of a job's items forged with "
        f"probability {probability}",
        f"            committed within {format_length(terms.commit_ms)} of the end of the window, opened within "
        f"{format_length(terms.open_ms)} of the draw",
        f"            begun at most {format_length(terms.fresh_ms)} after the beacon; the time of an item is known to "
        f"{format_share(terms.timing_error_ppm)}",
    ]


def format_samples(agreement: "Agreement") -> list[str]:
    """Return how many items each witness draws from transcripts of some sizes."""
    from allstop.transcript import sample_size

    terms = agreement.replay
    if terms is None:
        return []
    miss_ppm = PPM - agreement.verification.detection_probability_ppm
    sizes = [
        (count, sample_size(count, forged_share_ppm=terms.forged_share_ppm, miss_ppm=miss_ppm))
        for count in (100, 10_000, 1_000_000)
    ]
    return [
        "            each witness draws " + ", ".join(f"{sample} of {count} items" for count, sample in sizes)
    ]


def format_shown(obligation: "Obligation") -> list[str]:
    """Return in words what breaks a clause of the kind `verify`; nothing for other kinds."""
    if obligation.kind.value != "verify":
        return []
    share = format_share(obligation.tolerance)
    return [f"a breach is {share} or more of declared operations not shown by replay"]


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
        if one.basis is not None:
            lines.append(f"    source: {one.basis}")
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
                "unit": one.kind.unit.value,
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
        "replay": replay_value(agreement),
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
        *format_replay(agreement),
        "",
        *format_table([["party", "kind", "bloc", "", "keys"], *parties]),
        "",
    ]
    for one in agreement.obligations:
        subgoals = ", ".join(subgoal.value for subgoal in one.subgoals)
        lines += [
            f"{one.clause} {one.kind.value}: {', '.join(one.parties)} ({subgoals}; at least {one.level.value}, "
            f"{one.custody.value}; silence means {one.silence.value})",
            *(f"    {line}" for line in [*one.text.strip().split("\n"), *format_shown(one)]),
        ]
    return lines
