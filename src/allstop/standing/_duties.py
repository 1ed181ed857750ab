"""Every party's duties: when each is due, what shows it, and where it stands.

Implements spec/duties.md sections 6 to 9. A pure function of the agreement, the folded log, and what other parts of
standing have decided. Occurrences that were met in time are counted, not listed: ten years of forty parties have
tens of thousands of them, and a reader asks what is open and what was late.
"""

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from allstop.agreement import Agreement, Duty, DutyEvent, calendar_named
from allstop.canon import format_instant
from allstop.clocks import (
    Calendar,
    Pause,
    describe_length,
    due,
    explain_due,
    extended,
    occurrences,
)
from allstop.errors import UsageError
from allstop.ids import Name
from allstop.ledger import State
from allstop.standing._duty_claims import Claims
from allstop.standing._duty_events import DutyEvents, GivenDuty, Suspension, Waiver
from allstop.standing._duty_halts import halt_duties
from allstop.standing._duty_periods import period_duties
from allstop.standing._duty_runs import Run, Starts, describe_start
from allstop.standing._duty_shown import Shown
from allstop.standing._duty_state import DutyMove, DutyStage, DutyState, fold_moves
from allstop.times import Instant

__all__ = ["duties_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What all duties are judged by: filings, claims, events, at one instant."""

    agreement: Agreement
    starts: Starts
    shown: Shown
    claims: Claims
    suspensions: Mapping[Name, tuple[Suspension, ...]]
    waivers: Mapping[Name, tuple[Waiver, ...]]
    at: Instant
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Occurrence:
    """One thing to do: its number, its clock, and since when evidence of it counts."""

    index: int
    run: Run
    trigger: Instant
    due: Instant
    opens_ms: int


def duties_of(
    agreement: Agreement,
    events: DutyEvents,
    state: State,
    *,
    at: Instant,
    party: Name | None = None,
    is_whole: bool = False,
) -> tuple[DutyState, ...]:
    """Return where every duty of every party stands at `at`, by due instant, then party and duty.

    Listed are duties that the agreement names, evidence that clauses ask for period by period, and clocks that
    `events` brings. Occurrences met in time are counted in the next one that is listed; the last is always listed.
    With `is_whole` all are, and those whose clock has not started. With `party` only that party's.

    Raises:
        UsageError: the state knows nothing about `at`, which is later.
    """
    if at > state.at:
        raise UsageError(f"the log proves nothing after {format_instant(state.at)}")
    known = _Known(
        agreement=agreement,
        starts=Starts(agreement, events, state, at=at),
        shown=Shown(state, at=at),
        claims=Claims(agreement, state, at=at),
        suspensions=_by_party(events.suspensions, at),
        waivers=_waivers(agreement, events, at),
        at=at,
        is_whole=is_whole,
    )
    parties = [one for one in agreement.parties if party is None or one.id == party]
    found: list[DutyState] = []
    for duty in () if agreement.duties is None else agreement.duties.duties:
        calendar = calendar_named(agreement.calendars, duty.calendar)
        series: dict[int, _Series] = {}
        for one in parties:
            if duty.binds(one):
                found += _of_duty(known, duty, one.id, calendar, series)
    names = frozenset(one.id for one in parties)
    found += period_duties(
        agreement, events, state, at=at, parties=names, suspensions=known.suspensions, is_whole=is_whole
    )
    found += halt_duties(agreement, events, state, at=at, parties=names, suspensions=known.suspensions)
    found += [_of_given(one, at) for one in events.given if one.party in names and one.trigger <= at]
    return tuple(sorted(found, key=_order))


def _order(one: DutyState) -> tuple[bool, int, str, str, str, int]:
    due_ms = 0 if one.due is None else one.due.ms
    return one.due is None, due_ms, one.party, one.duty, one.matter or "", one.occurrence


def _by_party(suspensions: Sequence[Suspension], at: Instant) -> Mapping[Name, tuple[Suspension, ...]]:
    found: dict[Name, list[Suspension]] = {}
    for one in suspensions:
        if one.start <= at:
            found.setdefault(one.party, []).append(one)
    return {party: tuple(sorted(some, key=lambda s: (s.start, s.why))) for party, some in found.items()}


def _waivers(agreement: Agreement, events: DutyEvents, at: Instant) -> Mapping[Name, tuple[Waiver, ...]]:
    found: dict[Name, list[Waiver]] = {}
    adopted = [one for one in events.happened if one.event is DutyEvent.ADOPTED]
    for duty in () if agreement.duties is None else agreement.duties.duties:
        for one in adopted:
            if duty.waived_by is not None and one.name == duty.waived_by:
                waiver = Waiver(duty=duty.name, at=one.at, why=f"motion {one.name}")
                found.setdefault(duty.name, []).append(waiver)
    for given in events.waivers:
        found.setdefault(given.duty, []).append(given)
    return {
        duty: tuple(w for w in sorted(some, key=lambda w: (w.at, w.why)) if w.at <= at)
        for duty, some in found.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """Occurrences as columns, up to the first that is not due before `at`, in milliseconds.

    `opens` is since when evidence of each counts: its clock has started, and the one before was due. Parties that
    share a start share the arithmetic. Example: numbers [0, 1], triggers [T, T + 90 d], ends [T + 120 d, T + 210 d].
    """

    numbers: list[int]
    triggers: list[int]
    opens: list[int]
    ends: list[int]

    def count_until(self, until: Instant | None) -> int:
        """Return how many occurrences there are if none but the first starts at `until` or later."""
        return len(self.ends) if until is None else max(1, bisect_left(self.triggers, until.ms))


def _series(known: _Known, duty: Duty, run: Run, calendar: Calendar, cache: dict[int, _Series]) -> _Series:
    """Return the occurrences of a run."""
    every, first = duty.every, run.trigger.ms
    if every is None:
        return _Series(numbers=[0], triggers=[first], opens=[run.shown_from.ms], ends=[run.first_due.ms])
    found = cache.get(first)
    if found is not None:
        return found
    found = cache[first] = _Series(numbers=[], triggers=[], opens=[], ends=[])
    clocks = occurrences(run.trigger, within=duty.starts[0].within, every=every, calendar=calendar)
    for index, (trigger, end) in enumerate(itertools.islice(clocks, duty.times)):
        before = found.ends[-1] if found.ends else -1
        # Two starts may share a last day, on both sides of a holiday: then there is one thing to do.
        if before < end.ms:
            found.numbers.append(index)
            found.triggers.append(trigger.ms)
            found.opens.append(max(trigger.ms, before + 1))
            found.ends.append(end.ms)
        if end >= known.at:
            break
    return found


def _of_duty(
    known: _Known, duty: Duty, party: Name, calendar: Calendar, cache: dict[int, _Series]
) -> Iterator[DutyState]:
    any_run = False
    for run in known.starts.runs(duty, party, calendar):
        any_run = True
        yield from _of_run(known, duty, party, run, calendar, _series(known, duty, run, calendar, cache))
    if known.is_whole and not any_run:
        words = ", or ".join(describe_start(start) for start in duty.starts)
        yield DutyState(
            duty=duty.name,
            matter=None,
            occurrence=0,
            party=party,
            clauses=_clauses(duty),
            text=duty.text,
            stage=DutyStage.WAITING,
            trigger=None,
            due=None,
            met_at=None,
            earlier_met=0,
            why=f"waits for {words}",
            note="",
        )


def _of_run(
    known: _Known, duty: Duty, party: Name, run: Run, calendar: Calendar, series: _Series
) -> Iterator[DutyState]:
    """Walk through the occurrences of one run, and jump over those that are plainly met."""
    pauses = _pauses(known, party, duty.clause)
    waivers = known.waivers.get(duty.name, ())
    is_plain = not (
        pauses or waivers or run.is_past or known.is_whole or known.claims.any_by(party, duty.name)
    )
    times = [known.shown.times(predicate, party) for predicate in duty.evidence] if is_plain else []
    count = series.count_until(run.until)
    place, met, before_due = 0, 0, -1
    held: DutyState | None = None
    while place < count:
        ahead = _count_met(times, series, place, count - 1)
        place, met = place + ahead, met + ahead
        one = _Occurrence(
            index=series.numbers[place],
            run=run,
            trigger=Instant(series.triggers[place]),
            due=Instant(series.ends[place]),
            opens_ms=max(series.opens[place], before_due + 1),
        )
        end = extended(one.trigger, one.due, [Pause(start=p.start, end=p.end) for p in pauses])
        place += 1
        # A clock that stood still through several occurrences leaves one thing to do.
        if end is not None and end.ms <= before_due:
            continue
        found = _judge(known, duty, party, one, end, pauses, waivers, calendar, met)
        if found.stage is DutyStage.MET and not known.is_whole:
            met, held = met + 1, found
        else:
            met, held = 0, None
            yield found
        if end is None:
            break
        before_due = end.ms
    # The last that was met is listed where nothing after it is.
    if held is not None:
        yield held


def _count_met(times: Sequence[Sequence[int]], series: _Series, place: int, last: int) -> int:
    """Return how many occurrences from `place` on, before the last, all kinds of evidence show in time."""
    if not times:
        return 0
    opens, ends = series.opens, series.ends
    for number in range(place, last):
        low, high = opens[number], ends[number]
        for filed in times:
            first = bisect_left(filed, low)
            if first == len(filed) or filed[first] > high:
                return number - place
    return max(0, last - place)


def _clauses(duty: Duty) -> tuple[str, ...]:
    return () if duty.clause is None else (duty.clause,)


def _pauses(known: _Known, party: Name, clause: str | None) -> tuple[Suspension, ...]:
    return tuple(
        one for one in known.suspensions.get(party, ()) if one.clause is None or one.clause == clause
    )


def _judge(
    known: _Known,
    duty: Duty,
    party: Name,
    one: _Occurrence,
    end: Instant | None,
    pauses: Sequence[Suspension],
    waivers: Sequence[Waiver],
    calendar: Calendar,
    met: int,
) -> DutyState:
    """Gather everything that happened to one thing to do, and fold it."""
    started = max(one.run.started, one.trigger)
    shown = _shown_ms(known, duty, party, one, None if end is None else end.ms)
    met_at = None if shown is None else Instant(shown)
    moves: list[tuple[Instant, DutyMove]] = [
        (started, DutyMove.PASSED if one.run.is_past else DutyMove.STARTED)
    ]
    if met_at is not None and (end is None or met_at <= end):
        moves.append((max(met_at, started), DutyMove.SHOWN))
    let_go = [w for w in waivers if w.at >= started and _names(w, party, one.run.matter)]
    moves += [(w.at, DutyMove.WAIVED) for w in let_go[:1]]
    claim = _claim_moves(known, duty, party, one, end, calendar, started=started)
    moves += claim.moves
    for pause in pauses:
        moves += _pause_moves(pause, started, claim.refused_at)
    if end is not None:
        moves.append((max(claim.late_at or end, end), DutyMove.DUE))
    stage = fold_moves(moves, at=known.at)
    if met_at is not None and stage is DutyStage.WAITING:
        met_at = None
    return DutyState(
        duty=duty.name,
        matter=one.run.matter,
        occurrence=one.index,
        party=party,
        clauses=_clauses(duty),
        text=duty.text,
        stage=stage,
        trigger=one.trigger,
        due=end,
        met_at=met_at,
        earlier_met=met,
        why=_why(known, duty, one, end, calendar),
        note=_note(stage, met_at, pauses, let_go, claim, known.at),
    )


def _names(waiver: Waiver, party: Name, matter: str | None) -> bool:
    return waiver.party in (None, party) and waiver.matter in (None, matter)


def _shown_ms(known: _Known, duty: Duty, party: Name, one: _Occurrence, end_ms: int | None) -> int | None:
    """Return when it was shown; later than due only where that cannot be meant for the next occurrence."""
    first = known.shown.first_after(duty.evidence, party, one.opens_ms) if duty.evidence else None
    if first is not None and end_ms is not None:
        if first <= end_ms:
            return first
        if duty.every is not None:
            first = None
    said = known.shown.fulfilled(
        (party, duty.name, one.run.matter, one.index),
        duty.evidence,
        since_ms=one.run.shown_from.ms if one.index == 0 else one.trigger.ms,
        is_first=one.index == 0,
    )
    found = [ms for ms in (first, said) if ms is not None]
    return min(found, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClaimMoves:
    """What a claim of impossibility adds: moves, when the duty is late for good, and the words for people."""

    moves: tuple[tuple[Instant, DutyMove], ...] = ()
    late_at: Instant | None = None
    refused_at: Instant | None = None
    words: str = ""


def _claim_moves(
    known: _Known,
    duty: Duty,
    party: Name,
    one: _Occurrence,
    end: Instant | None,
    calendar: Calendar,
    *,
    started: Instant,
) -> _ClaimMoves:
    filed = known.claims.claim(party, duty.name, one.run.matter, one.index)
    if filed is None or filed.not_after < started or (end is not None and filed.not_after > end):
        return _ClaimMoves()
    has_panel = known.agreement.adjudication is not None
    closes = known.at if end is None else end
    if end is not None and duty.impossible_by is not None and has_panel:
        closes = due(end, duty.impossible_by, calendar)
    judged = known.claims.judged(filed, closes_at=closes)
    moves = [(filed.not_after, DutyMove.CLAIMED)]
    decided = judged.decided_at
    if decided is not None:
        moves.append((decided, DutyMove.ACCEPTED if judged.is_accepted else DutyMove.REFUSED))
    words = f"claimed impossible: {filed.value.reason}"
    return _ClaimMoves(
        moves=tuple(moves),
        late_at=closes if decided is None else decided,
        refused_at=None if judged.is_accepted else decided,
        words=words if end is None else f"{words}; the panel may accept that until {format_instant(closes)}",
    )


def _pause_moves(
    pause: Suspension, started: Instant, refused_at: Instant | None
) -> list[tuple[Instant, DutyMove]]:
    if pause.end is not None and pause.end <= started:
        return []
    moves = [(max(pause.start, started), DutyMove.SUSPENDED)]
    if refused_at is not None and pause.start <= refused_at and (pause.end is None or refused_at < pause.end):
        moves.append((refused_at, DutyMove.SUSPENDED))
    if pause.end is not None:
        moves.append((pause.end, DutyMove.RESUMED))
    return moves


def _why(known: _Known, duty: Duty, one: _Occurrence, end: Instant | None, calendar: Calendar) -> str:
    why = one.run.why
    if one.index and duty.every is not None:
        clock = explain_due(one.trigger, duty.starts[0].within, calendar)
        why = f"again every {describe_length(duty.every)} from {describe_start(duty.starts[0])}: {clock}"
    if end is None:
        return f"{why}; the clock stands still"
    return (
        why
        if end == one.due
        else f"{why}; with the time in which the clock stood still {format_instant(end)}"
    )


def _note(
    stage: DutyStage,
    met_at: Instant | None,
    pauses: Sequence[Suspension],
    let_go: Sequence[Waiver],
    claim: _ClaimMoves,
    at: Instant,
) -> str:
    match stage:
        case DutyStage.SUSPENDED:
            running = [p for p in pauses if p.start <= at and (p.end is None or at < p.end)]
            return f"suspended by {running[0].why}" if running else ""
        case DutyStage.WAIVED:
            return f"waived by {let_go[0].why}" if let_go else ""
        case DutyStage.CLAIMED | DutyStage.LAPSED:
            return claim.words
        case DutyStage.LATE if met_at is not None:
            return f"done after it was due, by {format_instant(met_at)}"
        case DutyStage.PAST:
            return "the party was bound only after it was due"
        case _:
            return ""


def _of_given(given: GivenDuty, at: Instant) -> DutyState:
    """Return the state of a clock that another part of standing keeps."""
    met_at = None if given.met_at is None or given.met_at > at else given.met_at
    moves = [(given.trigger, DutyMove.STARTED), (given.due, DutyMove.DUE)]
    if met_at is not None and met_at <= given.due:
        moves.append((max(met_at, given.trigger), DutyMove.SHOWN))
    if given.over_at is not None:
        moves.append((max(given.over_at, given.trigger), DutyMove.WAIVED))
    stage = fold_moves(moves, at=at)
    late = stage is DutyStage.LATE and met_at is not None
    return DutyState(
        duty=given.duty,
        matter=given.matter,
        occurrence=0,
        party=given.party,
        clauses=given.clauses,
        text=given.text,
        stage=stage,
        trigger=given.trigger,
        due=given.due,
        met_at=met_at,
        earlier_met=0,
        why=given.why,
        note=f"done after it was due, by {format_instant(met_at)}" if late and met_at else "",
    )
