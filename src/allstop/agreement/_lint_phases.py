"""Lint rules about phases: whether each can begin and end, who could move them alone, and what comes too late.

What a phase waits for and cannot come about at all is AGR-047. How few can adopt a motion, confirm a finding or bring
a measure about is the business of other rules: here these count as more than anybody can do alone.
"""

from collections.abc import Iterator

from allstop.agreement._formula import AllOf, AnyOf, AtLeast
from allstop.agreement._lint_finding import Draft, LintFacts
from allstop.agreement._phase_leaves import OnAssessment, OnCoverage, OnDate, OnElapsed, OnSignal
from allstop.agreement._phase_terms import (
    Phase,
    PhaseFormula,
    PhaseKind,
    PhaseMove,
    PhaseTerms,
    PhaseTransition,
    when_met,
)
from allstop.agreement._phase_words import describe_length, describe_when
from allstop.times import Instant

__all__: list[str] = []

_VERBS = {
    PhaseMove.TRIGGER: "start",
    PhaseMove.CONTINUATION: "prolong",
    PhaseMove.LIFT: "lift",
    PhaseMove.END: "end",
}
_NOW = Instant(0)
_DECIDED = 1_000
"""What a decision of a vote, panel or measure counts as, in parties: more than any number that may be asked for."""


def find_unreachable_phases(facts: LintFacts) -> Iterator[Draft]:
    """AGR-030: a phase that no change leads to, from the first."""
    terms = facts.agreement.phases
    if terms is None:
        return
    reached, ahead = {terms.phases[0].name}, [terms.phases[0].name]
    while ahead:
        name = ahead.pop()
        after = {target for source, target in terms.changes if source == name} - reached
        reached |= after
        ahead += after
    for phase in terms.phases:
        if phase.name not in reached:
            yield Draft(
                text=f"phase {phase.name} can never begin: no change leads to it from {terms.phases[0].name}"
            )


def find_endless_phases(facts: LintFacts) -> Iterator[Draft]:
    """AGR-031: a phase, not of kind ended, that nothing ends."""
    terms = facts.agreement.phases
    for phase in terms.phases if terms else ():
        if phase.kind is not PhaseKind.ENDED and phase.max_ms is None and not _exits(terms, phase):
            yield Draft(
                text=f"phase {phase.name} has no way out and no greatest length",
                example=f"once {phase.name} has begun, only another agreement ends it",
            )


def find_lasting_emergencies(facts: LintFacts) -> Iterator[Draft]:
    """AGR-032: a pause that signals or assessments alone can start, and that does not lapse unless confirmed."""
    for terms, one in _transitions(facts):
        target = terms.phase(one.target)
        # Falling back from easing is no emergency: the pause had been agreed to before.
        is_pause = terms.phase(one.source).kind is PhaseKind.BEFORE and target.kind is PhaseKind.PAUSED
        if is_pause and target.max_ms is None and _fewest(one.when) < _DECIDED:
            yield Draft(
                text=f"phase {target.name} can begin without a vote or a panel, and has no greatest length",
                example=f"it begins when {describe_when(one.when)}, and lasts until somebody lifts it",
            )


def find_late_changes(facts: LintFacts) -> Iterator[Draft]:
    """AGR-033: a change that cannot come before its phase has ended of itself."""
    for terms, one in _transitions(facts):
        source = terms.phase(one.source)
        soonest = max(source.min_ms, _waits(one.when) + one.lead_ms)
        if source.max_ms is not None and soonest > source.max_ms:
            yield Draft(
                text=f"phase {source.name} ends of itself after {describe_length(source.max_ms)}, and the change to "
                f"{one.target} takes at least {describe_length(soonest)}"
            )


def find_lone_movers(facts: LintFacts) -> Iterator[Draft]:
    """AGR-034: one party, verifier or bloc alone can start, prolong, lift or end."""
    for terms, one in _transitions(facts):
        verb = _VERBS[terms.move(one.source, one.target)]
        few = _fewest(one.when)
        if few == 1:
            yield Draft(
                text=f"one party alone can {verb}: {one.source} to {one.target}, {describe_when(one.when)}"
            )
        elif 1 < few < _DECIDED and _fewest(one.when, of_blocs=True) == 1:
            yield Draft(
                text=f"one bloc alone can {verb}: {one.source} to {one.target}, {describe_when(one.when)}"
            )


def find_renewable_emergencies(facts: LintFacts) -> Iterator[Draft]:
    """AGR-035: a pause that lapses and that those who started it can start again at once."""
    for terms, one in _transitions(facts):
        target = terms.phase(one.target)
        is_lapsing = target.max_ms is not None and target.then == one.source
        is_own = terms.phase(one.source).min_ms == 0 and _fewest(one.when) < _DECIDED
        if is_lapsing and is_own and terms.move(one.source, one.target) is PhaseMove.TRIGGER:
            yield Draft(
                text=f"phase {target.name} lapses to {one.source}, and new signals or assessments can start it again "
                "at once",
                example=f"want a least length of {one.source}, or a vote before the second time",
            )


def find_easy_lifts(facts: LintFacts) -> Iterator[Draft]:
    """AGR-036: a pause that fewer can lift than can start."""
    terms = facts.agreement.phases
    for phase in terms.phases if terms else ():
        if terms is None or phase.kind is not PhaseKind.PAUSED:
            continue
        starts = [
            _fewest(one.when)
            for one in terms.transitions
            if one.target == phase.name and terms.phase(one.source).kind is not PhaseKind.EASING
        ]
        lifts = [
            _fewest(one.when)
            for one in terms.exits(phase.name)
            if terms.move(one.source, one.target) in (PhaseMove.LIFT, PhaseMove.END)
        ]
        if starts and lifts and min(lifts) < min(starts):
            yield Draft(
                text=f"phase {phase.name} takes {_who(min(starts))} to start and {_who(min(lifts))} to lift",
            )


def _transitions(facts: LintFacts) -> Iterator[tuple[PhaseTerms, PhaseTransition]]:
    terms = facts.agreement.phases
    for one in terms.transitions if terms else ():
        yield terms, one  # type: ignore[misc]  # there are transitions only where there are terms


def _exits(terms: PhaseTerms | None, phase: Phase) -> tuple[PhaseTransition, ...]:
    return () if terms is None else terms.exits(phase.name)


def _who(count: int) -> str:
    if count >= _DECIDED:
        return "a decision"
    return "nobody" if count == 0 else f"{count} of those who file"


def _fewest(formula: PhaseFormula, *, of_blocs: bool = False) -> int:
    """Return how few who work together can make a condition hold: 0 where time alone does.

    All of: the greatest of its members, since the same may do each; a lower bound, so that no easy way is missed.
    """
    match formula:
        case AllOf():
            return max(_fewest(one, of_blocs=of_blocs) for one in formula.of)
        case AnyOf():
            return min(_fewest(one, of_blocs=of_blocs) for one in formula.of)
        case AtLeast():
            return sorted(_fewest(one, of_blocs=of_blocs) for one in formula.of)[formula.count - 1]
        case OnSignal():
            return formula.blocs if of_blocs else formula.parties
        case OnAssessment() | OnCoverage():
            return formula.blocs if of_blocs else formula.verifiers
        case OnDate() | OnElapsed():
            return 0
        case _:
            return _DECIDED


def _waits(formula: PhaseFormula) -> int:
    """Return the least time since the start of the phase that a condition takes; everything else is at once."""
    met = when_met(formula, lambda leaf: _NOW.plus(leaf.ms) if isinstance(leaf, OnElapsed) else _NOW)
    return 0 if met is None else met.ms
