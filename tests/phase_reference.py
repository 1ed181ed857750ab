"""A slow reference of the machine of phases, for tests.

It walks millisecond by millisecond and counts by trying every choice; it shares no code with the machine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

from allstop.agreement import (
    Agreement,
    AllOf,
    AnyOf,
    AtLeast,
    OnAssessment,
    OnConfirmed,
    OnCoverage,
    OnDate,
    OnElapsed,
    OnMeasure,
    OnMotion,
    OnSignal,
    PhaseFormula,
    PhaseLeaf,
    PhaseTerms,
)
from allstop.finding import Verdict
from allstop.ids import Name
from allstop.standing import PhaseEvents, phases_of
from allstop.times import Instant, Window
from phase_world import ALDER, BIRCH, BLOCS, IN_FORCE, LAST

__all__ = ["RefSpan", "ref_phases"]


@dataclass(frozen=True)
class RefSpan:
    """A phase of the reference: name, from, until."""

    phase: str
    start: int
    until: int | None


def ref_phases(text: Agreement, *, in_force: int, events: PhaseEvents, at: int) -> list[RefSpan]:
    """Walk from entry into force to `at`, one millisecond after the other, and change when something is due."""
    terms = text.phases
    if terms is None or in_force > at:
        return []
    name, start, spent = terms.phases[0].name, in_force, set[PhaseLeaf]()
    spans: list[RefSpan] = []
    for now in range(in_force, at):
        while (due := _ref_due(text, terms, name, start, spent, events, now)) is not None:
            target, leaves = due
            spans.append(RefSpan(name, start, now))
            spent = (spent if start == now else set()) | leaves
            name, start = target, now
    return [*spans, RefSpan(name, start, None)]


def _ref_due(
    text: Agreement,
    terms: PhaseTerms,
    name: Name,
    start: int,
    spent: set[PhaseLeaf],
    events: PhaseEvents,
    now: int,
) -> tuple[Name, set[PhaseLeaf]] | None:
    """Return what is due exactly now: the first transition of the text, else the end of the greatest length."""
    here = next(one for one in terms.phases if one.name == name)
    for one in terms.transitions:
        if one.source != name:
            continue
        leaves = set(_ref_leaves(one.when))
        held = {
            leaf: next(
                (t for t in range(start, now + 1) if _ref_holds(text, leaf, start, leaf in spent, events, t)),
                None,
            )
            for leaf in leaves
        }
        met = next((t for t in range(start, now + 1) if _ref_formula(one.when, held, t)), None)
        if met is not None and max(met + one.lead_ms, start + here.min_ms) == now:
            return one.target, leaves if met == now else set()
    if here.max_ms is not None and here.then is not None and start + here.max_ms == now:
        return here.then, set()
    return None


def _ref_leaves(formula: PhaseFormula) -> list[PhaseLeaf]:
    if isinstance(formula, AllOf | AnyOf | AtLeast):
        return [leaf for one in formula.of for leaf in _ref_leaves(one)]
    return [formula]


def _ref_formula(formula: PhaseFormula, held: Mapping[PhaseLeaf, int | None], at: int) -> bool:
    if isinstance(formula, AllOf):
        return all(_ref_formula(one, held, at) for one in formula.of)
    if isinstance(formula, AnyOf):
        return any(_ref_formula(one, held, at) for one in formula.of)
    if isinstance(formula, AtLeast):
        return sum(_ref_formula(one, held, at) for one in formula.of) >= formula.count
    since = held[formula]
    return since is not None and since <= at


def _ref_holds(
    text: Agreement, leaf: PhaseLeaf, start: int, is_spent: bool, events: PhaseEvents, now: int
) -> bool:
    """Tell whether an event holds now, by everything proven from the start until now."""
    first = start + 1 if is_spent else start

    def fresh(at: Instant) -> bool:
        return first <= at.ms <= now

    match leaf:
        case OnMotion():
            return any(name == leaf.motion and fresh(at) for name, at in events.adopted)
        case OnMeasure():
            return any(name == leaf.measure and fresh(at) for name, at in events.measures)
        case OnDate():
            return leaf.date.ms <= now
        case OnElapsed():
            return start + leaf.ms <= now
        case OnConfirmed():
            return len({digest for digest, at in events.confirmed if fresh(at)}) >= leaf.findings
        case OnSignal():
            who = {
                one.party
                for one in events.signals
                if (one.value.name, one.value.kind) == (leaf.name, leaf.kind) and fresh(one.not_after)
            }
            return _ref_quorum(text, who, events, now, leaf.parties, leaf.blocs)
        case OnAssessment():
            hits = sum(_ref_assessed(text, leaf, name, start, events, now, fresh) for name in (ALDER, BIRCH))
            return hits >= leaf.parties
        case OnCoverage():
            hits = sum(_ref_low(text, leaf, name, start, events, now, fresh) for name in (ALDER, BIRCH))
            return hits >= leaf.parties


def _ref_domains(text: Agreement) -> dict[Name, int]:
    """Number the trust domains by joining until nothing changes."""
    domain = {one.id: number for number, one in enumerate(text.parties)}
    for _ in text.parties:
        for edge in text.edges:
            low = min(domain[edge.source], domain[edge.target])
            domain[edge.source] = domain[edge.target] = low
    return domain


def _ref_quorum(
    text: Agreement, who: set[Name], events: PhaseEvents, now: int, actors: int, blocs: int
) -> bool:
    """Try every way to pick one party of each domain: enough of them, of enough blocs."""
    ends = (events.broken_at, events.left_at)
    alive = [name for name in who if all(name not in one or now < one[name].ms for one in ends)]
    domain = _ref_domains(text)
    domains = {domain[name] for name in alive}
    if len(domains) < actors:
        return False
    # Every choice of so many domains: each of another bloc, that of all in it whom nobody else controls.
    return any(
        all(len(home) == 1 for home in homes) and len(set().union(*homes)) == blocs
        for pick in combinations(domains, blocs)
        for homes in [[_ref_home(text, domain, one) for one in pick]]
    )


def _ref_home(text: Agreement, domain: Mapping[Name, int], number: int) -> set[str]:
    controlled = {edge.target for edge in text.edges}
    members = {name for name, one in domain.items() if one == number}
    return {BLOCS[name] for name in (members - controlled or members)}


def _ref_assessed(
    text: Agreement,
    leaf: OnAssessment,
    name: Name,
    start: int,
    events: PhaseEvents,
    now: int,
    fresh: Callable[[Instant], bool],
) -> bool:
    """Look for one window of which enough voices say this."""
    domain = _ref_domains(text)
    voices: dict[Window, set[Name]] = {}
    for one in events.assessments:
        for said in one.value.parties:
            is_late = leaf.verdict is Verdict.CONSISTENT and one.value.window.start.ms < start
            is_meant = said.party == name and said.verdict is leaf.verdict and not is_late
            if is_meant and fresh(one.not_after) and domain[one.party] != domain[name]:
                voices.setdefault(one.value.window, set()).add(one.party)
    return any(_ref_quorum(text, who, events, now, leaf.verifiers, leaf.blocs) for who in voices.values())


def _ref_low(
    text: Agreement,
    leaf: OnCoverage,
    name: Name,
    start: int,
    events: PhaseEvents,
    now: int,
    fresh: Callable[[Instant], bool],
) -> bool:
    """Walk the phase millisecond by millisecond and look for a run that is too long."""
    domain, run = _ref_domains(text), 0
    last = max((one.value.window.end.ms for one in events.assessments), default=0)
    for moment in range(start, last):
        who = {
            one.party
            for one in events.assessments
            for said in one.value.parties
            if said.party == name
            and (said.coverage_ppm is None or said.coverage_ppm < leaf.floor_ppm)
            and one.value.window.start.ms <= moment < one.value.window.end.ms
            and fresh(one.not_after)
            and domain[one.party] != domain[name]
        }
        run = run + 1 if _ref_quorum(text, who, events, now, leaf.verifiers, leaf.blocs) else 0
        if run > leaf.longer_than_ms:
            return True
    return False


def run(text: Agreement, events: PhaseEvents, at: int = LAST, *, in_force: int = IN_FORCE) -> list[RefSpan]:
    """Return what the machine finds, in the reference's form."""
    found = phases_of(text, in_force_from=Instant(in_force), events=events, at=Instant(at))
    return [RefSpan(one.phase, one.start.ms, None if one.until is None else one.until.ms) for one in found]


def names(text: Agreement, events: PhaseEvents, at: int = LAST) -> list[str]:
    """Return the names of the phases that came about."""
    return [one.phase for one in run(text, events, at)]
