"""Measures: which rungs of the agreed ladder follow a finding that is confirmed for good, from when until when.

Implements spec/adjudication.md section 7. Nothing is enforced here: a measure says what the parties agreed that
they may do, or must bear, from an instant that everybody finds alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from allstop.agreement import Agreement, MeasureKind, MeasureTerms, calendar_named
from allstop.clocks import Calendar, describe_length, due
from allstop.ids import Digest, Name
from allstop.standing._proceedings import Proceeding
from allstop.times import Instant

__all__ = [
    "MEASURE_MOVES",
    "Measure",
    "MeasureEvent",
    "MeasureStage",
    "measures_of",
    "step_measure",
]


class MeasureStage(Enum):
    """Where a measure against one party, for one finding, is."""

    AHEAD = "ahead"
    IN_FORCE = "in force"
    ENDED = "ended"
    SPARED = "spared"


class MeasureEvent(Enum):
    """What moves it on."""

    CURED_BEFORE = "cured before it began"
    STARTED = "its time has come"
    ENDED = "what ends it has come"


MEASURE_MOVES: Mapping[tuple[MeasureStage, MeasureEvent], MeasureStage] = {
    (MeasureStage.AHEAD, MeasureEvent.CURED_BEFORE): MeasureStage.SPARED,
    (MeasureStage.AHEAD, MeasureEvent.STARTED): MeasureStage.IN_FORCE,
    (MeasureStage.IN_FORCE, MeasureEvent.ENDED): MeasureStage.ENDED,
}
"""Every move there is."""


def step_measure(stage: MeasureStage, event: MeasureEvent) -> MeasureStage:
    """Return the next stage.

    Raises:
        ValueError: this cannot happen in that stage.
    """
    following = MEASURE_MOVES.get((stage, event))
    if following is None:
        raise ValueError(f"a measure that is {stage.value} has no move for: {event.value}")
    return following


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One rung of the ladder, for one confirmed finding.

    Example: `suspend`, counter-suspension of clause 4.1 by `birch` against `alder`, in force from
    2027-06-01T00:00:00Z until the panel accepts a cure. `relieved` are those whom `clauses` no longer bind, empty
    clauses meaning all; `due_at` is when it can begin at the earliest, None while an earlier rung has not begun;
    `start` and `end` are set once they have come, `end` also where it can be foreseen.
    """

    name: Name
    kind: MeasureKind
    finding: Digest
    against: Name
    accuser: Name
    relieved: tuple[Name, ...]
    clauses: tuple[str, ...]
    stage: MeasureStage
    due_at: Instant | None
    waits_for: Name | None
    start: Instant | None
    end: Instant | None
    ends_by: str


def measures_of(
    agreement: Agreement,
    proceedings: Sequence[Proceeding],
    *,
    adopted: Iterable[tuple[Name, Instant]] = (),
    ending: Iterable[tuple[Name, Instant]] | None = None,
    at: Instant,
) -> tuple[Measure, ...]:
    """Return every measure that follows the findings confirmed for good before `at`, in their order.

    One begins or ends once `at` lies behind that instant: at it, a cure may still be proven.

    `adopted` are the motions that were adopted, by name, with the instant of each. One that is adopted counts for
    every finding whose measure it could start or end then. With `ending` only these end measures: a motion in which
    the accused had a vote may start what falls on it, and ends nothing.
    """
    terms = agreement.adjudication
    if terms is None:
        return ()
    calendar = calendar_named(agreement.calendars, terms.calendar)
    motions = _by_name(adopted, at)
    endings = motions if ending is None else _by_name(ending, at)
    found: list[Measure] = []
    for proceeding in proceedings:
        if proceeding.confirmed_at is None:
            continue
        starts: dict[Name, Instant] = {}
        for rung in terms.measures:
            measure = _measure(agreement, rung, proceeding, starts, motions, endings, calendar, at)
            found.append(measure)
            if measure.start is not None:
                starts[rung.name] = measure.start
    return tuple(found)


def _by_name(adopted: Iterable[tuple[Name, Instant]], at: Instant) -> dict[Name, list[Instant]]:
    found: dict[Name, list[Instant]] = {}
    for motion, when in adopted:
        if when <= at:
            found.setdefault(motion, []).append(when)
    return found


def _measure(
    agreement: Agreement,
    rung: MeasureTerms,
    proceeding: Proceeding,
    starts: Mapping[Name, Instant],
    motions: Mapping[Name, Sequence[Instant]],
    endings: Mapping[Name, Sequence[Instant]],
    calendar: Calendar,
    at: Instant,
) -> Measure:
    base = proceeding.confirmed_at if rung.after is None else starts.get(rung.after)
    due_at = base
    if base is not None and rung.uncured_for is not None:
        due_at = due(base, rung.uncured_for, calendar)
    start = _start(rung, due_at, motions)
    cured_at = proceeding.cured_at
    spares = rung.ends.cured or rung.uncured_for is not None
    is_spared = spares and cured_at is not None and (start is None or cured_at <= start)
    stage = MeasureStage.AHEAD
    end = None
    if is_spared:
        start = None
        stage = step_measure(stage, MeasureEvent.CURED_BEFORE)
    elif start is not None and start < at:
        stage = step_measure(stage, MeasureEvent.STARTED)
        end = _end(rung, start, cured_at, endings, calendar)
        if end is not None and end < at:
            stage = step_measure(stage, MeasureEvent.ENDED)
    clauses = rung.clauses
    if rung.kind is MeasureKind.COUNTER_SUSPENSION and not clauses and proceeding.raised.clause is not None:
        # Proportionate: what the other broke, no more.
        clauses = (proceeding.raised.clause,)
    return Measure(
        name=rung.name,
        kind=rung.kind,
        finding=proceeding.finding,
        against=proceeding.accused,
        accuser=proceeding.accuser,
        relieved=_relieved(agreement, rung.kind, proceeding),
        clauses=clauses,
        stage=stage,
        due_at=due_at,
        waits_for=rung.by if stage is MeasureStage.AHEAD else None,
        start=start if stage in (MeasureStage.IN_FORCE, MeasureStage.ENDED) else None,
        end=end,
        ends_by=_ends_by(rung),
    )


def _start(
    rung: MeasureTerms, due_at: Instant | None, motions: Mapping[Name, Sequence[Instant]]
) -> Instant | None:
    if due_at is None or rung.by is None:
        return due_at
    return min((when for when in motions.get(rung.by, ()) if when >= due_at), default=None)


def _end(
    rung: MeasureTerms,
    start: Instant,
    cured_at: Instant | None,
    motions: Mapping[Name, Sequence[Instant]],
    calendar: Calendar,
) -> Instant | None:
    ends = []
    if rung.ends.cured and cured_at is not None:
        ends.append(cured_at)
    if rung.ends.length is not None:
        ends.append(due(start, rung.ends.length, calendar))
    if rung.ends.motion is not None:
        ends += [when for when in motions.get(rung.ends.motion, ()) if when > start]
    return min(ends, default=None)


def _relieved(agreement: Agreement, kind: MeasureKind, proceeding: Proceeding) -> tuple[Name, ...]:
    match kind:
        case MeasureKind.COUNTER_SUSPENSION:
            return (proceeding.accuser,)
        case MeasureKind.SNAP_BACK | MeasureKind.TERMINATION:
            return tuple(party.id for party in agreement.parties)
        case _:
            return ()


def _ends_by(rung: MeasureTerms) -> str:
    ways = ["the panel accepts a cure"] if rung.ends.cured else []
    if rung.ends.length is not None:
        ways.append(f"{describe_length(rung.ends.length)} have passed")
    if rung.ends.motion is not None:
        ways.append(f"motion {rung.ends.motion} is adopted")
    return " or ".join(ways) or "it does not end"
