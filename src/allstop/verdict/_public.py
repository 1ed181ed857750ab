"""The public view: what rivals and the public may see of a verdict (spec/audience.md).

A pure function of the fields that the specification lists, and of no others: words of verdicts, on which side of
the agreed amounts a party stands, codes of findings. No amount, name of a site or job, count, digest of evidence or
position in the log comes in, whatever the verdict rests on; ADR 0030 says why. It hides nothing in the log itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from allstop.accountancy import Verdict, weakest
from allstop.agreement import Agreement, ObligationKind, OnCoverage, PhaseKind, phase_events_in
from allstop.canon import JSON, format_instant, format_json, format_window
from allstop.finding import Finding, Subgoal
from allstop.ids import Digest, Name
from allstop.standing import DutyStage, DutyState
from allstop.times import Instant, Window
from allstop.units import PPM
from allstop.verdict._judgement import ClauseResult
from allstop.verdict._verdict import CaseVerdict, PartyVerdict

__all__ = [
    "Band",
    "Bounds",
    "PublicClause",
    "PublicDuty",
    "PublicParty",
    "PublicPeriod",
    "PublicPhase",
    "PublicView",
    "format_public_view",
    "public_view",
]


class Bounds(Enum):
    """On which side of a clause's tolerance both bounds lie. The worst comes first."""

    OVER = "over"
    """What is certain reaches the tolerance."""
    NOT_SHOWN = "not shown"
    """It may or may not: the tolerance lies between what is certain and what is possible."""
    WITHIN = "within"
    """What is possible stays below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Between which two shares that the agreement itself names a share lies: at least 50 %, below 90 %.

    Wire form: `{"low": 500000, "high": 900000}`, in millionths. `high` 1000000 leaves the band open above.
    """

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPeriod:
    """A clause in one agreed period; `window` is None where it is judged once over all of them.

    Wire form: `{"window": {...}, "verdict": "CONSISTENT", "bounds": "within"}`.
    """

    window: Window | None
    verdict: Verdict
    bounds: Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicClause:
    """A clause for one party: the weakest verdict and the worst side over its periods, and each period."""

    clause: str
    kind: ObligationKind
    verdict: Verdict
    bounds: Bounds
    periods: tuple[PublicPeriod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDuty:
    """A duty that the agreement names, and in which states a party's occurrences of it stand; not how many or when.

    Wire form: `{"duty": "register", "stages": ["late", "met"]}`.
    """

    duty: Name
    stages: tuple[DutyStage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicParty:
    """One party of the agreement. `verdict` is None, and `clauses` are empty, for one that is not judged.

    `subgoals` maps each to a verdict or None, which is NOT COVERED. `seen` is the band of the share of chip-time that
    meters saw, None for one without chips of its own or that is not judged. `codes` are those of findings about the party, each once.
    """

    party: Name
    has_deposited: bool
    verdict: Verdict | None
    subgoals: Mapping[Subgoal, Verdict | None]
    clauses: tuple[PublicClause, ...]
    seen: Band | None
    codes: tuple[str, ...]
    duties: tuple[PublicDuty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPhase:
    """A phase that came about, from when and until when (None: it runs)."""

    phase: Name
    kind: PhaseKind
    start: Instant
    until: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicView:
    """What may be shown of one verdict to rivals and to the public.

    `codes` are those of findings about no party, such as the log's. It has no digest of the case or of the verdict:
    whoever knows all but a few secret figures could try them against it.
    """

    agreement: Digest
    title: str
    origin: str
    at: Instant
    in_force_from: Instant | None
    is_retrospective: bool
    verdict: Verdict
    parties: tuple[PublicParty, ...]
    phases: tuple[PublicPhase, ...]
    codes: tuple[str, ...]


def public_view(verdict: CaseVerdict) -> PublicView:
    """Return what rivals and the public may see of a verdict, and of where phases and duties stand."""
    agreement, standing = verdict.agreement, verdict.standing
    duties = () if agreement.duties is None else standing.duties()
    judged = {party.party: party for party in verdict.parties}
    named = set() if agreement.duties is None else {duty.name for duty in agreement.duties.duties}
    return PublicView(
        agreement=verdict.case.agreement_digest,
        title=agreement.title,
        origin=agreement.log.origin,
        at=verdict.at,
        in_force_from=verdict.entry.in_force_from,
        is_retrospective=verdict.is_retrospective,
        verdict=weakest(tuple(party.verdict for party in verdict.parties)),
        parties=tuple(
            PublicParty(
                party=party.id,
                has_deposited=party.id in verdict.entry.deposited,
                verdict=judged[party.id].verdict if party.id in judged else None,
                subgoals={goal: None for goal in Subgoal}
                if party.id not in judged
                else {goal: judged[party.id].subgoals[goal] for goal in Subgoal},
                clauses=_clauses(judged[party.id]) if party.id in judged else (),
                seen=_seen(verdict, party.id) if party.id in judged else None,
                codes=_codes(verdict.findings, party.id),
                duties=_duties([one for one in duties if one.party == party.id and one.duty in named]),
            )
            for party in agreement.parties
        ),
        phases=tuple(
            PublicPhase(phase=one.phase, kind=one.kind, start=one.start, until=one.until)
            for one in standing.spans
        ),
        codes=_codes(verdict.findings, None),
    )


def _clauses(judged: PartyVerdict) -> tuple[PublicClause, ...]:
    periods: dict[str, list[PublicPeriod]] = {}
    kinds: dict[str, ObligationKind] = {}
    for one in judged.clauses:
        kinds[one.clause] = one.kind
        shown = PublicPeriod(window=one.window, verdict=one.verdict, bounds=_bounds(one))
        periods.setdefault(one.clause, []).append(shown)
    return tuple(
        PublicClause(
            clause=number,
            kind=kinds[number],
            verdict=weakest(tuple(one.verdict for one in found)),
            bounds=next(side for side in Bounds if any(one.bounds is side for one in found)),
            periods=tuple(found),
        )
        for number, found in periods.items()
    )


def _bounds(result: ClauseResult) -> Bounds:
    if result.low >= result.tolerance:
        return Bounds.OVER
    if result.high is not None and result.high < result.tolerance:
        return Bounds.WITHIN
    return Bounds.NOT_SHOWN


def _seen(verdict: CaseVerdict, party: Name) -> Band | None:
    """Place the share of a party's chip-time that meters saw between shares that the agreement names."""
    balances = [pair[0] for site in verdict.sites if site.operator == party for pair in site.balances]
    chip_ms = sum(balance.chip_ms for balance in balances)
    if not chip_ms:
        return None
    unseen_ms = sum(balance.unobserved_chip_ms for balance in balances)
    share_ppm = (chip_ms - unseen_ms) * PPM // chip_ms
    edges = _edges(verdict.agreement)
    return Band(
        low=max((edge for edge in edges if edge <= share_ppm), default=0),
        high=min((edge for edge in edges if edge > share_ppm), default=PPM),
    )


def _edges(agreement: Agreement) -> tuple[int, ...]:
    """Return the shares of observed time on which something turns in this agreement, and no others."""
    edges = {agreement.verification.observed_share_min_ppm}
    if agreement.phases is not None:
        for transition in agreement.phases.transitions:
            events = phase_events_in(transition.when)
            edges |= {one.floor_ppm for one in events if isinstance(one, OnCoverage)}
    return tuple(sorted(edges))


def _codes(findings: Sequence[Finding], party: Name | None) -> tuple[str, ...]:
    return tuple(sorted({one.code for one in findings if one.party == party}))


def _duties(states: Sequence[DutyState]) -> tuple[PublicDuty, ...]:
    """Group the occurrences of each duty; of how many, for which matter and when due nothing remains."""
    stages: dict[str, set[DutyStage]] = {}
    for one in states:
        found = stages.setdefault(one.duty, set())
        found.add(one.stage)
        if one.earlier_met:
            found.add(DutyStage.MET)
    return tuple(
        PublicDuty(duty=Name(duty), stages=tuple(sorted(found, key=lambda stage: stage.value)))
        for duty, found in sorted(stages.items())
    )


def format_public_view(view: PublicView) -> bytes:
    """Return the RFC 8785 JSON of a public view: the same bytes for everybody who holds the case.

    There is no parser: who doubts one asks whoever holds the case, or derives it again.
    """
    return format_json(
        {
            "type": "urn:allstop:public-view:v1",
            "agreement": view.agreement,
            "title": view.title,
            "origin": view.origin,
            "at": format_instant(view.at),
            "inForceFrom": None if view.in_force_from is None else format_instant(view.in_force_from),
            "isRetrospective": view.is_retrospective,
            "verdict": view.verdict.value,
            "parties": [_format_party(party) for party in view.parties],
            "phases": [
                {
                    "phase": one.phase,
                    "kind": one.kind.value,
                    "from": format_instant(one.start),
                    "until": None if one.until is None else format_instant(one.until),
                }
                for one in view.phases
            ],
            "codes": list(view.codes),
        }
    )


def _format_party(party: PublicParty) -> JSON:
    return {
        "party": party.party,
        "hasDeposited": party.has_deposited,
        "verdict": None if party.verdict is None else party.verdict.value,
        "subgoals": {
            goal.value: "NOT COVERED" if found is None else found.value
            for goal, found in party.subgoals.items()
        },
        "clauses": [
            {
                "clause": clause.clause,
                "kind": clause.kind.value,
                "verdict": clause.verdict.value,
                "bounds": clause.bounds.value,
                "periods": [
                    {
                        "window": None if one.window is None else format_window(one.window),
                        "verdict": one.verdict.value,
                        "bounds": one.bounds.value,
                    }
                    for one in clause.periods
                ],
            }
            for clause in party.clauses
        ],
        "seen": None if party.seen is None else {"low": party.seen.low, "high": party.seen.high},
        "codes": list(party.codes),
        "duties": [
            {"duty": one.duty, "stages": [stage.value for stage in one.stages]} for one in party.duties
        ],
    }
