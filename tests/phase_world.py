"""Phases for tests: a small agreement, and events at instants of a few milliseconds."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import TypeVar

from agreement_examples import agreement as example_agreement
from agreement_examples import clause, party
from allstop.agreement import (
    Agreement,
    AllOf,
    AnyOf,
    Edge,
    OnAssessment,
    OnConfirmed,
    OnElapsed,
    OnMeasure,
    OnMotion,
    OnSignal,
    PartyKind,
    Phase,
    PhaseFormula,
    PhaseKind,
    PhaseTerms,
    PhaseTransition,
    Relation,
)
from allstop.finding import SignalKind, Verdict
from allstop.ids import Digest, Name
from allstop.ledger import Filed
from allstop.signals import AssessedParty, Assessment, Signal
from allstop.standing import PhaseEvents
from allstop.times import Instant, Window

ALDER, BIRCH, CEDAR, DOGWOOD, ELM = (Name(name) for name in ("alder", "birch", "cedar", "dogwood", "elm"))
PARTIES = (ALDER, BIRCH, CEDAR, DOGWOOD, ELM)
VERIFIERS = (CEDAR, DOGWOOD, ELM)
WIRE, START, END, RULE = Name("wire"), Name("start"), Name("end"), Name("snap-back")
BEFORE, EMERGENCY, PAUSED, EASING, ENDED = (
    Name(name) for name in ("before", "emergency", "paused", "easing", "ended")
)
BLOCS = {ALDER: "north", BIRCH: "south", CEDAR: "north", DOGWOOD: "south", ELM: "neutral"}
DIGEST = Digest("9f" * 32)
T = TypeVar("T")


def agreement(terms: PhaseTerms | None, *, edges: Iterable[tuple[Name, Name]] = ()) -> Agreement:
    """Return an agreement that binds Alder and Birch; Cedar, Dogwood and Elm verify. An edge means "owns"."""
    kinds = {ALDER: PartyKind.OPERATOR, BIRCH: PartyKind.TENANT}
    members = tuple(
        replace(
            party(name, number, kind=kinds.get(name, PartyKind.VERIFIER), critical=name in kinds),
            bloc=Name(BLOCS[name]),
        )
        for number, name in enumerate(PARTIES, start=1)
    )
    owns = tuple(Edge(source=a, relation=Relation.OWNS, target=b) for a, b in edges)
    return example_agreement(
        parties=members, edges=owns, obligations=(clause(parties=(ALDER, BIRCH)),), phases=terms
    )


def change(source: Name, target: Name, when: PhaseFormula, *, lead: int = 0) -> PhaseTransition:
    """Return a transition."""
    return PhaseTransition(source=source, target=target, lead_ms=lead, when=when)


def phase(
    name: Name,
    kind: PhaseKind | None = None,
    *,
    low: int = 0,
    high: int | None = None,
    then: Name | None = None,
) -> Phase:
    """Return a phase; its kind is its name unless said otherwise, and `emergency` is a kind of pause."""
    known = PhaseKind.PAUSED if name == EMERGENCY else None
    return Phase(name=name, kind=kind or known or PhaseKind(name), min_ms=low, max_ms=high, then=then)


def wire(parties: int = 2, blocs: int = 2) -> OnSignal:
    """Return the event that so many signal the wire."""
    return OnSignal(name=WIRE, kind=SignalKind.TRIPWIRE, parties=parties, blocs=blocs)


def assessed(verdict: Verdict, *, parties: int = 1, verifiers: int = 2, blocs: int = 2) -> OnAssessment:
    """Return the event that so many verifiers say this."""
    return OnAssessment(verdict=verdict, parties=parties, verifiers=verifiers, blocs=blocs)


def filed_signal(
    by: Name, at: int, *, name: Name = WIRE, kind: SignalKind = SignalKind.TRIPWIRE
) -> Filed[Signal]:
    """Return a signal proven at `at`."""
    return _filed(Signal(name=name, kind=kind, occurred_at=Instant(0)), by, at)


def filed_assessment(
    by: Name,
    at: int,
    window: tuple[int, int],
    verdicts: Mapping[Name, Verdict],
    *,
    coverage: Mapping[Name, int | None] | None = None,
    judged_at: int | None = None,
) -> Filed[Assessment]:
    """Return an assessment proven at `at`; coverage is full where nothing else is said."""
    shares = coverage or {}
    value = Assessment(
        window=Window(start=Instant(window[0]), end=Instant(window[1])),
        at=Instant(window[1] if judged_at is None else judged_at),
        verdict_digest=DIGEST,
        parties=tuple(
            AssessedParty(party=name, verdict=verdicts[name], coverage_ppm=shares.get(name, 1_000_000))
            for name in sorted(verdicts)
        ),
    )
    return _filed(value, by, at)


def _filed(value: T, by: Name, at: int) -> Filed[T]:
    return Filed(
        value=value,
        entry=at,
        digest=DIGEST,
        party=by,
        sequence=0,
        signers=frozenset({by}),
        not_before=None,
        not_after=Instant(at),
    )


def before(events: PhaseEvents, at: int) -> PhaseEvents:
    """Return the events that a log has which proves nothing later than `at`."""
    end = Instant(at)
    return replace(
        events,
        adopted=tuple(one for one in events.adopted if one[1] <= end),
        signals=tuple(one for one in events.signals if one.not_after <= end),
        assessments=tuple(one for one in events.assessments if one.not_after <= end),
        confirmed=tuple(one for one in events.confirmed if one[1] <= end),
        measures=tuple(one for one in events.measures if one[1] <= end),
        broken_at={name: when for name, when in events.broken_at.items() if when <= end},
        left_at={name: when for name, when in events.left_at.items() if when <= end},
    )


def coalitions(names: Iterable[Name]) -> list[tuple[Name, ...]]:
    """Return every set of these parties."""
    known = tuple(names)
    return [pick for size in range(len(known) + 1) for pick in combinations(known, size)]


IN_FORCE = 2
LAST = 12
GOOD = {ALDER: Verdict.CONSISTENT, BIRCH: Verdict.CONSISTENT}
BAD = {ALDER: Verdict.INCONSISTENT, BIRCH: Verdict.CONSISTENT}

LIFE = PhaseTerms(
    phases=(
        phase(BEFORE),
        phase(EMERGENCY, high=3, then=BEFORE),
        phase(PAUSED, low=2),
        phase(EASING, high=5, then=PAUSED),
        phase(ENDED),
    ),
    transitions=(
        change(BEFORE, PAUSED, OnMotion(motion=START), lead=1),
        change(BEFORE, EMERGENCY, wire()),
        change(EMERGENCY, PAUSED, OnMotion(motion=START)),
        change(PAUSED, EASING, AllOf(of=(OnElapsed(ms=2), assessed(Verdict.CONSISTENT, parties=2)))),
        change(EASING, PAUSED, AnyOf(of=(OnConfirmed(findings=1), OnMeasure(measure=RULE)))),
        change(EASING, ENDED, OnMotion(motion=END)),
    ),
)
"""A pause by vote, an emergency that lapses, a lift by verifiers, a relapse, an end."""


def motions(**times: int | None) -> tuple[tuple[Name, Instant], ...]:
    """Return adopted motions by name."""
    return tuple((Name(name), Instant(at)) for name, at in times.items() if at is not None)


TWO_PHASES = PhaseTerms(phases=(phase(BEFORE), phase(PAUSED)), transitions=())
"""A pause that never comes, for clauses that name it."""
