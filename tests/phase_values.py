"""Hypothesis strategies for phases: any terms that the kinds allow, and any log of a few events."""

from hypothesis import strategies as st

from allstop.agreement import (
    PHASE_MOVES,
    AllOf,
    AnyOf,
    AtLeast,
    OnConfirmed,
    OnCoverage,
    OnDate,
    OnElapsed,
    OnMeasure,
    OnMotion,
    PhaseFormula,
    PhaseKind,
    PhaseLeaf,
    PhaseTerms,
)
from allstop.finding import Verdict
from allstop.ids import Digest, Name
from allstop.standing import PhaseEvents
from allstop.times import Instant
from phase_world import (
    ALDER,
    BEFORE,
    BIRCH,
    EASING,
    EMERGENCY,
    END,
    LAST,
    PARTIES,
    PAUSED,
    RULE,
    START,
    VERIFIERS,
    assessed,
    change,
    filed_assessment,
    filed_signal,
    phase,
    wire,
)

ticks = st.integers(0, LAST)
leaves = st.one_of(
    st.sampled_from([START, END]).map(lambda name: OnMotion(motion=name)),
    st.builds(wire, st.integers(2, 3), st.integers(1, 2)),
    ticks.map(lambda at: OnDate(date=Instant(at))),
    st.builds(assessed, st.sampled_from(Verdict), parties=st.integers(1, 2), blocs=st.integers(1, 2)),
    st.builds(
        OnCoverage,
        floor_ppm=st.just(900_000),
        longer_than_ms=st.integers(0, 3),
        parties=st.integers(1, 2),
        verifiers=st.just(2),
        blocs=st.integers(1, 2),
    ),
    st.integers(1, 4).map(lambda ms: OnElapsed(ms=ms)),
    st.integers(1, 2).map(lambda count: OnConfirmed(findings=count)),
    st.just(OnMeasure(measure=RULE)),
)


@st.composite
def formulas(draw: st.DrawFn) -> PhaseFormula:
    """Draw one event or a group of two or three."""
    members = tuple(draw(st.lists(leaves, min_size=1, max_size=3, unique_by=repr)))
    if len(members) == 1:
        only: PhaseLeaf = members[0]
        return only
    form = draw(st.sampled_from(["all", "any", "some"]))
    if form == "some":
        return AtLeast(count=draw(st.integers(1, len(members))), of=members)
    return AllOf(of=members) if form == "all" else AnyOf(of=members)


@st.composite
def any_terms(draw: st.DrawFn) -> PhaseTerms:
    """Draw phases of a pause's life with any transitions that their kinds allow; dates take at least a millisecond."""
    kinds = {
        BEFORE: PhaseKind.BEFORE,
        PAUSED: PhaseKind.PAUSED,
        EMERGENCY: PhaseKind.PAUSED,
        EASING: PhaseKind.EASING,
    }
    pairs = [(a, b) for a in kinds for b in kinds if a != b and (kinds[a], kinds[b]) in PHASE_MOVES]
    transitions = []
    for source, target in draw(st.lists(st.sampled_from(pairs), max_size=5)):
        when = draw(formulas())
        has_date = "OnDate" in repr(when)
        transitions.append(change(source, target, when, lead=draw(st.integers(int(has_date), 3))))
    phases = []
    for name in kinds:
        low = draw(st.integers(0, 2))
        then = draw(st.none() | st.sampled_from([b for a, b in pairs if a == name]))
        high = None if then is None else draw(st.integers(max(1, low), 5))
        phases.append(phase(name, kinds[name], low=low, high=high, then=then))
    return PhaseTerms(phases=tuple(phases), transitions=tuple(transitions))


@st.composite
def any_events(
    draw: st.DrawFn, parties: tuple[Name, ...] = PARTIES, *, has_decisions: bool = True
) -> PhaseEvents:
    """Draw a log: signals and assessments by these parties, and decisions; some chains break and some parties leave."""
    signals = draw(st.lists(st.tuples(ticks, st.sampled_from(parties)), max_size=6)) if parties else []
    assessors = [party for party in parties if party in VERIFIERS]
    filings = []
    for _ in range(draw(st.integers(0, 5)) if assessors else 0):
        low, high = sorted(draw(st.sets(ticks, min_size=2, max_size=2)))
        verdicts = draw(
            st.fixed_dictionaries({ALDER: st.sampled_from(Verdict), BIRCH: st.sampled_from(Verdict)})
        )
        share = st.sampled_from([None, 899_999, 900_000])
        coverage = draw(st.fixed_dictionaries({ALDER: share, BIRCH: share}))
        at = draw(st.integers(high, LAST))
        filings.append(
            filed_assessment(draw(st.sampled_from(assessors)), at, (low, high), verdicts, coverage=coverage)
        )
    decisions = st.lists(ticks, max_size=2 if has_decisions else 0)
    ends = st.dictionaries(st.sampled_from(PARTIES), ticks.map(Instant), max_size=1)
    return PhaseEvents(
        signals=tuple(filed_signal(party, at) for at, party in sorted(signals)),
        assessments=tuple(sorted(filings, key=lambda one: one.not_after)),
        adopted=tuple((name, Instant(at)) for name in (START, END) for at in draw(decisions)),
        measures=tuple((RULE, Instant(at)) for at in draw(decisions)),
        confirmed=tuple((Digest(f"{at % 2:064x}"), Instant(at)) for at in draw(decisions)),
        broken_at=draw(ends),
        left_at=draw(ends),
    )
