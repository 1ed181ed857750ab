"""Phases: before the trigger, paused, easing, ended; and what leads from one to the next.

Implements spec/phases.md sections 1 to 3. The machine that walks these terms is `allstop.standing.phases_of`; an
agreement without them has no phases, and its clauses apply from entry into force on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from allstop.agreement._checks import build, check_duration, check_unique
from allstop.agreement._formula import Formula, first_met, format_formula, formula_leaves, parse_formula
from allstop.agreement._phase_leaves import OnDate, PhaseLeaf, format_phase_leaf, parse_phase_leaf
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = [
    "PHASE_COUNT_MAX",
    "PHASE_MOVES",
    "TRANSITION_COUNT_MAX",
    "Phase",
    "PhaseFormula",
    "PhaseKind",
    "PhaseMove",
    "PhaseTerms",
    "PhaseTransition",
    "format_phase_terms",
    "parse_phase_terms",
    "phase_events_in",
    "verify_phases",
    "when_met",
]

PHASE_COUNT_MAX = 32
TRANSITION_COUNT_MAX = 128

PhaseFormula: TypeAlias = Formula[PhaseLeaf]
"""Wire form: `{"anyOf": [{"motion": "start"}, {"confirmed": {"findings": 1}}]}`."""


class PhaseKind(Enum):
    """What a phase is. The value is the wire form."""

    BEFORE = "before"
    PAUSED = "paused"
    EASING = "easing"
    ENDED = "ended"


class PhaseMove(Enum):
    """What a change of phase is called, by the kinds that it joins."""

    TRIGGER = "trigger"
    CONTINUATION = "continuation"
    LIFT = "lift"
    END = "end"


PHASE_MOVES: Mapping[tuple[PhaseKind, PhaseKind], PhaseMove] = {
    (PhaseKind.BEFORE, PhaseKind.PAUSED): PhaseMove.TRIGGER,
    (PhaseKind.EASING, PhaseKind.PAUSED): PhaseMove.TRIGGER,
    (PhaseKind.PAUSED, PhaseKind.PAUSED): PhaseMove.CONTINUATION,
    (PhaseKind.EASING, PhaseKind.EASING): PhaseMove.LIFT,
    (PhaseKind.PAUSED, PhaseKind.EASING): PhaseMove.LIFT,
    (PhaseKind.PAUSED, PhaseKind.BEFORE): PhaseMove.LIFT,
    (PhaseKind.EASING, PhaseKind.BEFORE): PhaseMove.LIFT,
    (PhaseKind.BEFORE, PhaseKind.ENDED): PhaseMove.END,
    (PhaseKind.PAUSED, PhaseKind.ENDED): PhaseMove.END,
    (PhaseKind.EASING, PhaseKind.ENDED): PhaseMove.END,
}
"""Every change that there can be. The table in spec/phases.md is tested against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase: it lasts at least `min_ms`; at `max_ms`, if it has not ended, `then` begins of itself.

        {"name": "emergency", "kind": "paused", "minMs": 0, "maxMs": 2592000000, "then": "before"}

    `max_ms` and `then` are both None in a phase without end of its own. Range: `min_ms <= max_ms`, `1 <= max_ms`.
    """

    name: Name
    kind: PhaseKind
    min_ms: int = 0
    max_ms: int | None = None
    then: Name | None = None

    def __post_init__(self) -> None:
        check_duration(self.min_ms, f"least length of phase {self.name}")
        if (self.max_ms is None) != (self.then is None):
            raise MalformedError(
                f"phase {self.name} has one of a greatest length and what then begins, want both"
            )
        if self.max_ms is not None:
            check_duration(self.max_ms, f"greatest length of phase {self.name}", low=max(1, self.min_ms))
        if self.kind is PhaseKind.ENDED and (self.min_ms or self.max_ms is not None):
            raise MalformedError(f"phase {self.name} is of kind ended and has a length, want none")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseTransition:
    """From `source` to `target`, `lead_ms` after `when` first holds.

    {"from": "before", "to": "paused", "leadMs": 86400000, "when": {"motion": "start"}}
    """

    source: Name
    target: Name
    lead_ms: int
    when: PhaseFormula

    def __post_init__(self) -> None:
        check_duration(self.lead_ms, f"lead time from {self.source} to {self.target}")
        if self.source == self.target:
            raise MalformedError(f"a transition leads from {self.source} to itself")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseTerms:
    """All phases, the first of which begins with entry into force, and the transitions in the order that breaks ties.

        {"phases": [{"name": "before", ...}, {"name": "paused", ...}], "transitions": [{"from": "before", ...}]}

    Range: 1 to PHASE_COUNT_MAX phases, at most TRANSITION_COUNT_MAX transitions. Names are known, changes are those
    of PHASE_MOVES, and phases never follow one another round in a circle without time passing.
    """

    phases: tuple[Phase, ...]
    transitions: tuple[PhaseTransition, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.phases) <= PHASE_COUNT_MAX:
            raise MalformedError(f"agreement has {len(self.phases)} phases, want 1 to {PHASE_COUNT_MAX}")
        if len(self.transitions) > TRANSITION_COUNT_MAX:
            raise MalformedError(
                f"agreement has {len(self.transitions)} transitions, want at most {TRANSITION_COUNT_MAX}"
            )
        check_unique((phase.name for phase in self.phases), "phase")
        if self.phases[0].kind is PhaseKind.ENDED:
            raise MalformedError(f"the first phase, {self.phases[0].name}, is of kind ended")
        for source, target in self.changes:
            self._check_change(source, target)
        self._check_circles()

    @property
    def changes(self) -> tuple[tuple[Name, Name], ...]:
        """Every pair of phases of which the second can follow the first, by a transition or of itself."""
        own = tuple((phase.name, phase.then) for phase in self.phases if phase.then is not None)
        return tuple((one.source, one.target) for one in self.transitions) + own

    def phase(self, name: Name) -> Phase:
        """Return the phase of this name.

        Raises:
            KeyError: there is none.
        """
        for phase in self.phases:
            if phase.name == name:
                return phase
        raise KeyError(name)

    def move(self, source: Name, target: Name) -> PhaseMove:
        """Return what the change from one phase to another is called."""
        return PHASE_MOVES[self.phase(source).kind, self.phase(target).kind]

    def exits(self, name: Name) -> tuple[PhaseTransition, ...]:
        """Return the transitions out of a phase, in the order of the text."""
        return tuple(one for one in self.transitions if one.source == name)

    def _check_change(self, source: Name, target: Name) -> None:
        kinds = {phase.name: phase.kind for phase in self.phases}
        for name in (source, target):
            if name not in kinds:
                raise MalformedError(f"{name} is no phase of this agreement")
        if (kinds[source], kinds[target]) not in PHASE_MOVES:
            raise MalformedError(
                f"phase {source} is {kinds[source].value} and {target} is {kinds[target].value}: none follows the other"
            )

    def _check_circles(self) -> None:
        """Refuse circles of changes that dates alone can make: they would turn for ever at one instant."""
        after: dict[Name, set[Name]] = {phase.name: set() for phase in self.phases}
        for one in self.transitions:
            if not one.lead_ms and not self.phase(one.source).min_ms and _is_met_by_dates(one.when):
                after[one.source].add(one.target)
        for name in after:
            ahead, seen = list(after[name]), set[Name]()
            while ahead:
                next_name = ahead.pop()
                if next_name == name:
                    raise MalformedError(
                        f"phase {name} leads back to itself by dates alone, without time passing"
                    )
                if next_name not in seen:
                    seen.add(next_name)
                    ahead += after[next_name]


def _is_met_by_dates(formula: PhaseFormula) -> bool:
    at = Instant(0)
    return when_met(formula, lambda leaf: at if isinstance(leaf, OnDate) else None) is not None


def when_met(formula: PhaseFormula, met_at: Callable[[PhaseLeaf], Instant | None]) -> Instant | None:
    """Return the earliest instant at which a condition holds, from when each event does; None if it never does."""
    return first_met(formula, met_at)  # type: ignore[arg-type]  # mypy finds no L in a union with L


def phase_events_in(formula: PhaseFormula) -> tuple[PhaseLeaf, ...]:
    """Return the events that a condition names, in order."""
    return tuple(formula_leaves(formula))


def verify_phases(terms: PhaseTerms | None, agreement: "Agreement") -> None:
    """Check that clauses name phases of the agreement: one of another name would never apply.

    Raises:
        MalformedError: a clause names another.
    """
    known = {phase.name for phase in terms.phases} if terms else set()
    for obligation in agreement.obligations:
        for name in obligation.phases:
            if name not in known:
                raise MalformedError(f"clause {obligation.clause} applies in {name}, which is no phase")


def parse_phase_terms(fields: Fields) -> PhaseTerms:
    """Parse the wire form of the phases.

    Raises:
        MalformedError: it is not in that form.
    """
    terms = build(
        fields.where,
        PhaseTerms,
        phases=tuple(_parse_phase(one) for one in fields.objects("phases", PHASE_COUNT_MAX)),
        transitions=tuple(
            _parse_transition(one) for one in fields.objects("transitions", TRANSITION_COUNT_MAX)
        ),
    )
    fields.done()
    return terms


def format_phase_terms(terms: PhaseTerms) -> JSON:
    """Return the wire form of the phases."""
    return {
        "phases": [
            {
                "name": phase.name,
                "kind": phase.kind.value,
                "minMs": phase.min_ms,
                "maxMs": phase.max_ms,
                "then": phase.then,
            }
            for phase in terms.phases
        ],
        "transitions": [
            {
                "from": one.source,
                "to": one.target,
                "leadMs": one.lead_ms,
                "when": format_formula(one.when, format_phase_leaf),
            }
            for one in terms.transitions
        ],
    }


def _parse_phase(fields: Fields) -> Phase:
    phase = build(
        fields.where,
        Phase,
        name=fields.name("name"),
        kind=fields.choice("kind", PhaseKind),
        min_ms=fields.integer("minMs"),
        max_ms=None if fields.raw("maxMs") is None else fields.integer("maxMs"),
        then=None if fields.raw("then") is None else fields.name("then"),
    )
    fields.done()
    return phase


def _parse_transition(fields: Fields) -> PhaseTransition:
    transition = build(
        fields.where,
        PhaseTransition,
        source=fields.name("from"),
        target=fields.name("to"),
        lead_ms=fields.integer("leadMs"),
        when=parse_formula(fields.object("when"), parse_phase_leaf),
    )
    fields.done()
    return transition
