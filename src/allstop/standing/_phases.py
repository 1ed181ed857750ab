"""Which phase runs: a walk through the agreement's transitions, from what is proven in the log.

Implements spec/phases.md section 8. A change at an instant is decided once a later instant is proven: two notes of a
log may carry one time, and what the second proves must not undo what was read from the first.
"""

from dataclasses import dataclass

from allstop.agreement import (
    Agreement,
    Phase,
    PhaseKind,
    PhaseLeaf,
    PhaseMove,
    PhaseTerms,
    PhaseTransition,
    describe_event,
    describe_length,
    phase_events_in,
    when_met,
)
from allstop.errors import LimitError
from allstop.ids import Name
from allstop.standing._phase_counting import Evidence, Span, later
from allstop.standing._phase_events import PhaseEvents
from allstop.times import Instant

__all__ = [
    "SPAN_COUNT_MAX",
    "EventProgress",
    "PhaseChange",
    "PhaseExit",
    "PhasePosition",
    "PhaseSpan",
    "PhaseStatus",
    "exits_of",
    "phase_status_of",
    "phases_of",
    "step_phase",
]

SPAN_COUNT_MAX = 10_000
"""Most phases that are followed one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSpan:
    """A phase that came about: from when, until when (None: it runs), and why it began.

    Example: phase `paused`, kind paused, from 2027-03-01T00:00:00Z, until None, move trigger, why "motion start is
    adopted". `move` is None for the first phase.
    """

    phase: Name
    kind: PhaseKind
    start: Instant
    until: Instant | None
    move: PhaseMove | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventProgress:
    """An event that an exit waits for: when it held, None if it does not yet, and who has contributed to it."""

    leaf: PhaseLeaf
    met_at: Instant | None
    by: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseExit:
    """One way out of the phase that runs: by a transition of the agreement, or of itself at its greatest length.

    `met_at` is when the condition first held, None if it does not; `at` is when the change happens unless another
    comes first. Of itself, `transition` is None and `events` are empty.
    """

    target: Name
    move: PhaseMove
    transition: PhaseTransition | None
    met_at: Instant | None
    at: Instant | None
    events: tuple[EventProgress, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStatus:
    """Where the phases stand at `at`: all that came about, the last of which runs, and the ways out of it."""

    at: Instant
    spans: tuple[PhaseSpan, ...]
    exits: tuple[PhaseExit, ...]

    @property
    def now(self) -> PhaseSpan | None:
        """The phase that runs, None before entry into force."""
        return self.spans[-1] if self.spans else None

    @property
    def next_exit(self) -> PhaseExit | None:
        """The exit that will be taken if nothing more is proven, None if none is due."""
        return _earliest(self.exits)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhasePosition:
    """Where the machine is: the phase, since when, and the events spent at this very instant."""

    phase: Name
    start: Instant
    spent: frozenset[PhaseLeaf] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseChange:
    """What moves the machine: to which phase, when, and by which events, if they held at that very instant."""

    target: Name
    at: Instant
    by: frozenset[PhaseLeaf] = frozenset()


def step_phase(position: PhasePosition, change: PhaseChange, *, terms: PhaseTerms) -> PhasePosition:
    """Return where the machine is after a change.

    Events that led here at this instant are spent: one fact never makes two steps, and nothing turns for ever at one
    instant.

    Raises:
        ValueError: the agreement has no such change, or it would go back in time.
    """
    if (position.phase, change.target) not in terms.changes:
        raise ValueError(f"phase {position.phase} does not lead to {change.target}")
    if change.at < position.start:
        raise ValueError("a phase cannot end before it began")
    carried = position.spent if change.at == position.start else frozenset()
    return PhasePosition(phase=change.target, start=change.at, spent=carried | change.by)


def phases_of(
    agreement: Agreement, *, in_force_from: Instant | None, events: PhaseEvents, at: Instant
) -> tuple[PhaseSpan, ...]:
    """Return the phases that have come about by `at`, oldest first; none without terms or before entry into force.

    Everything that is proven by `at` must be among the events.

    Raises:
        LimitError: more than SPAN_COUNT_MAX phases followed one another.
    """
    return phase_status_of(agreement, in_force_from=in_force_from, events=events, at=at).spans


def phase_status_of(
    agreement: Agreement, *, in_force_from: Instant | None, events: PhaseEvents, at: Instant
) -> PhaseStatus:
    """Return which phases have come about by `at`, and what would end the one that runs.

    Raises:
        LimitError: more than SPAN_COUNT_MAX phases followed one another.
    """
    terms = agreement.phases
    if terms is None or in_force_from is None or in_force_from > at:
        return PhaseStatus(at=at, spans=(), exits=())
    evidence = Evidence(agreement=agreement, events=events)
    position = PhasePosition(phase=terms.phases[0].name, start=in_force_from)
    move, why, spans = None, "entry into force", list[PhaseSpan]()
    while True:
        taken = _next_change(terms, position, evidence, at)
        until = None if taken is None else taken.at
        spans.append(_span(terms.phase(position.phase), position, until, move, why))
        if taken is None or until is None:
            exits = exits_of(terms, position, evidence, at=at, has_names=True)
            return PhaseStatus(at=at, spans=tuple(spans), exits=exits)
        if len(spans) >= SPAN_COUNT_MAX:
            raise LimitError(f"more than {SPAN_COUNT_MAX} phases have followed one another")
        move, why = taken.move, _why(taken, terms.phase(position.phase))
        # Events that held earlier, before a lead time or least length, cannot count in the next phase anyway.
        by = frozenset(one.leaf for one in taken.events) if taken.met_at == until else frozenset()
        position = step_phase(position, PhaseChange(target=taken.target, at=until, by=by), terms=terms)


def _next_change(
    terms: PhaseTerms, position: PhasePosition, evidence: Evidence, at: Instant
) -> PhaseExit | None:
    """Return the exit that is taken, if it is decided at `at`: if it lies before."""
    own = terms.phase(position.phase).max_ms
    last = None if own is None else later(position.start, own)
    # What is proven after the greatest length is over moves nothing, and is not read.
    taken = _earliest(exits_of(terms, position, evidence, at=at if last is None else min(at, last)))
    return taken if taken is not None and taken.at is not None and taken.at < at else None


def _span(
    phase: Phase, position: PhasePosition, until: Instant | None, move: PhaseMove | None, why: str
) -> PhaseSpan:
    return PhaseSpan(phase=phase.name, kind=phase.kind, start=position.start, until=until, move=move, why=why)


def exits_of(
    terms: PhaseTerms, position: PhasePosition, evidence: Evidence, *, at: Instant, has_names: bool = False
) -> tuple[PhaseExit, ...]:
    """Return the ways out of a phase by what is proven until `at`: transitions in the order of the text, then its end.

    Without `has_names` nobody is named who has contributed to an event.
    """
    phase = terms.phase(position.phase)
    exits = [_exit(terms, one, position, evidence, at, has_names) for one in terms.exits(position.phase)]
    if phase.max_ms is not None and phase.then is not None:
        exits.append(
            PhaseExit(
                target=phase.then,
                move=terms.move(phase.name, phase.then),
                transition=None,
                met_at=None,
                at=later(position.start, phase.max_ms),
                events=(),
            )
        )
    return tuple(exits)


def _exit(
    terms: PhaseTerms,
    transition: PhaseTransition,
    position: PhasePosition,
    evidence: Evidence,
    end: Instant,
    has_names: bool,
) -> PhaseExit:
    progress: dict[PhaseLeaf, EventProgress] = {}
    for leaf in phase_events_in(transition.when):
        after = later(position.start, 1) if leaf in position.spent else None
        span = Span(start=position.start, since=after or position.start, end=end)
        progress[leaf] = EventProgress(
            leaf=leaf,
            met_at=evidence.met_at(leaf, span),
            by=evidence.found(leaf, span) if has_names else (),
        )
    met_at = when_met(transition.when, lambda leaf: progress[leaf].met_at)
    due = None if met_at is None else later(met_at, transition.lead_ms)
    soonest = later(position.start, terms.phase(position.phase).min_ms)
    return PhaseExit(
        target=transition.target,
        move=terms.move(transition.source, transition.target),
        transition=transition,
        met_at=met_at,
        at=None if due is None or soonest is None else max(due, soonest),
        events=tuple(progress.values()),
    )


def _earliest(exits: tuple[PhaseExit, ...]) -> PhaseExit | None:
    """Return the exit that comes first; of several at one instant the first of the text, and the greatest length last."""
    due = [one for one in exits if one.at is not None]
    return min(due, key=lambda one: one.at or Instant(0), default=None)


def _why(taken: PhaseExit, left: Phase) -> str:
    """Say in words what ended a phase."""
    if taken.met_at is None:
        return f"{left.name} reached its greatest length of {describe_length(left.max_ms or 0)}"
    held = [
        describe_event(one.leaf)
        for one in taken.events
        if one.met_at is not None and one.met_at <= taken.met_at
    ]
    return "; ".join(dict.fromkeys(held))
