"""Duties that clauses carry with them: closing each period, and measuring in it, within the agreed time.

Implements spec/duties.md section 10. Clauses that ask for the same evidence within the same time make one duty.
What is measured is not looked at: that is for the verdict, which is stricter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from allstop.agreement import Agreement, DutyEvent, Obligation
from allstop.canon import format_instant
from allstop.clocks import Periods, due_at
from allstop.ids import Name
from allstop.ledger import State
from allstop.registry import Site
from allstop.standing._duty_clock import Clock, judge_clock, pauses_of
from allstop.standing._duty_events import DutyEvents, Suspension
from allstop.standing._duty_shown import counted
from allstop.standing._duty_state import DutyStage, DutyState
from allstop.telemetry import Measurement, PeriodClose
from allstop.times import Instant

__all__ = ["period_duties"]

_CLOSE, _MEASUREMENT = Name("period-close"), Name("measurement")


@dataclass(frozen=True, slots=True, kw_only=True)
class _PeriodDuty:
    """What some clauses ask of a party for each period: clauses ("4.1", "4.2"), both kinds, within a day."""

    clauses: tuple[str, ...]
    asks_close: bool
    asks_measurement: bool
    timeliness_ms: int
    phases: tuple[Name, ...]

    @property
    def name(self) -> str:
        return f"period:{self.clauses[0]}"

    @property
    def text(self) -> str:
        asked = [
            *(["close it"] if self.asks_close else []),
            *(["measure every site"] if self.asks_measurement else []),
        ]
        return f"for each period {' and '.join(asked)}"


def period_duties(
    agreement: Agreement,
    events: DutyEvents,
    state: State,
    *,
    at: Instant,
    parties: frozenset[Name],
    suspensions: Mapping[Name, tuple[Suspension, ...]],
    is_whole: bool,
) -> Iterator[DutyState]:
    """Yield the evidence duties of every period that has begun; those met in time are counted, as for other duties.

    Lateness counts only for periods that begin once the agreement is in force and the party bound.
    """
    in_force = min((one.at for one in events.happened if one.event is DutyEvent.IN_FORCE), default=None)
    schedule = None if in_force is None else agreement.accounting.schedule(in_force_from=in_force)
    if in_force is None or schedule is None or in_force > at:
        return
    filings = _Filings(state, schedule, at)
    for party in agreement.parties:
        if party.id not in parties:
            continue
        for span in [
            one for one in events.happened if one.event is DutyEvent.BOUND and one.party == party.id
        ]:
            for duty in _group(agreement, party.id):
                stretches = _stretches(agreement, events, duty, max(in_force, span.at), span.until)
                yield from _of_party(
                    filings, duty, party.id, stretches, suspensions.get(party.id, ()), is_whole=is_whole
                )


def _group(agreement: Agreement, party: Name) -> Sequence[_PeriodDuty]:
    found: dict[tuple[bool, bool, int, tuple[Name, ...]], list[Obligation]] = {}
    for one in agreement.obligations:
        asked = (_CLOSE in one.evidence, _MEASUREMENT in one.evidence)
        if party in one.parties and one.timeliness_ms is not None and any(asked):
            found.setdefault((*asked, one.timeliness_ms, one.phases), []).append(one)
    return [
        _PeriodDuty(
            clauses=tuple(one.clause for one in clauses),
            asks_close=close,
            asks_measurement=measurement,
            timeliness_ms=ms,
            phases=phases,
        )
        for (close, measurement, ms, phases), clauses in found.items()
    ]


def _stretches(
    agreement: Agreement, events: DutyEvents, duty: _PeriodDuty, start: Instant, until: Instant | None
) -> list[tuple[Instant, Instant | None]]:
    """Return when the clauses apply to a party: while it is bound, in the phases that they name."""
    survives = () if agreement.leaving is None else agreement.leaving.survives
    if all(clause in survives for clause in duty.clauses):
        until = None
    if not duty.phases:
        return [(start, until)]
    found = []
    for one in events.happened:
        if one.event is DutyEvent.PHASE and one.name in duty.phases:
            ends = [end for end in (one.until, until) if end is not None]
            found.append((max(one.at, start), min(ends, default=None)))
    return sorted((pair for pair in found if pair[1] is None or pair[0] < pair[1]), key=lambda pair: pair[0])


class _Filings:
    """When each party had closed a period, and when all its sites were measured in it; by number of the period."""

    def __init__(self, state: State, schedule: Periods, at: Instant) -> None:
        self.schedule = schedule
        self.at = at
        self._state = state
        # Periods that have begun; those that have ended come first.
        self.count = min(schedule.count_max, schedule.closed_count(at) + 1)
        self._closes = self._gather_closes()
        self._operators = self._gather_operators()
        self._measured = self._gather_measured()
        self._columns: dict[tuple[Name, bool, bool], Sequence[int | None]] = {}

    def _gather_closes(self) -> dict[Name, dict[int, int]]:
        found: dict[Name, dict[int, int]] = {}
        start, length, count = self.schedule.start.ms, self.schedule.length_ms, self.count
        for one in counted(self._state, PeriodClose, at=self.at):
            period, filed = one.value.period, one.not_after.ms
            number, rest = divmod(period.start.ms - start, length)
            # A close made before the period had ended closes nothing.
            if rest or not 0 <= number < count or not period.start.ms + length == period.end.ms <= filed:
                continue
            mine = found.get(one.party)
            if mine is None:
                mine = found[one.party] = {}
            if number not in mine:
                mine[number] = filed
        return found

    def _gather_operators(self) -> dict[Name, dict[Name, int]]:
        found: dict[Name, dict[Name, int]] = {}
        for one in self._state.of(Site):
            if one.not_after <= self.at:
                found.setdefault(one.value.operator, {}).setdefault(one.value.site, one.not_after.ms)
        return found

    def _gather_measured(self) -> dict[Name, dict[int, int]]:
        """Find for each site and period the first measurement that touches it.

        A window may touch any number of periods, and whoever files may choose it: each period is filled once and
        then jumped over, so the work is bounded by statements plus periods.
        """
        found: dict[Name, tuple[dict[int, int], dict[int, int]]] = {}
        start, length, most = self.schedule.start.ms, self.schedule.length_ms, self.count - 1
        for one in counted(self._state, Measurement, at=self.at):
            value = one.value
            mine = found.get(value.site)
            if mine is None:
                mine = found[value.site] = ({}, {})
            filled, jump = mine
            window = value.window
            number, last = (window.start.ms - start) // length, (window.end.ms - 1 - start) // length
            # Nearly all touch one period that an earlier one has filled; a log has them by the ten thousand.
            if number == last and number in filled:
                continue
            number, last = max(number, 0), min(last, most)
            while number <= last:
                if number in jump:
                    number = _next(jump, number)
                    continue
                filled[number], jump[number] = one.not_after.ms, number + 1
                number += 1
        return {site: filled for site, (filled, _) in found.items()}

    def shown(self, duty: _PeriodDuty, party: Name) -> Sequence[int | None]:
        """Return when all that the duty asks for each period was there, None where it is not."""
        key = (party, duty.asks_close, duty.asks_measurement)
        if key not in self._columns:
            self._columns[key] = self._column(duty, party)
        return self._columns[key]

    def _column(self, duty: _PeriodDuty, party: Name) -> Sequence[int | None]:
        closes = self._closes.get(party, {})
        column: list[int | None] = [0] * self.count
        if duty.asks_close:
            column = [closes.get(number) for number in range(self.count)]
        if duty.asks_measurement:
            start, length = self.schedule.start.ms, self.schedule.length_ms
            for site, declared in self._operators.get(party, {}).items():
                measured = self._measured.get(site, {})
                first = max(0, (declared - start) // length)
                for number in range(first, self.count):
                    before, filed = column[number], measured.get(number)
                    column[number] = None if before is None or filed is None else max(before, filed)
        return column


def _next(jump: dict[int, int], number: int) -> int:
    """Return the first number from this one on that is not filled, and shorten the way for the next search."""
    end = number
    while end in jump:
        end = jump[end]
    while number in jump:
        after, jump[number] = jump[number], end
        number = after
    return end


def _of_party(
    filings: _Filings,
    duty: _PeriodDuty,
    party: Name,
    stretches: Sequence[tuple[Instant, Instant | None]],
    suspensions: Sequence[Suspension],
    *,
    is_whole: bool,
) -> Iterator[DutyState]:
    """Walk through the periods in which the clauses apply. What is met in time is counted, save the last."""
    schedule, length = filings.schedule, filings.schedule.length_ms
    pauses = pauses_of(duty.clauses, suspensions)
    is_plain = not (pauses or is_whole)
    column = filings.shown(duty, party)
    for start, until in stretches:
        first = max(0, -((schedule.start.ms - start.ms) // length))
        last = filings.count - 1
        if until is not None:
            last = min(last, (until.ms - 1 - schedule.start.ms) // length)
        met, due_ms = 0, schedule.start.ms + (first + 1) * length + duty.timeliness_ms
        for number in range(first, last + 1):
            shown = column[number]
            if is_plain and number < last and shown is not None and shown <= due_ms:
                met, due_ms = met + 1, due_ms + length
                continue
            due_ms += length
            found = _judge(filings, duty, party, number, shown, pauses, met)
            if found.stage is DutyStage.MET and number < last and not is_whole:
                met += 1
                continue
            met = 0
            yield found


def _judge(
    filings: _Filings,
    duty: _PeriodDuty,
    party: Name,
    number: int,
    shown: int | None,
    pauses: Sequence[Suspension],
    met: int,
) -> DutyState:
    window = filings.schedule.window(number)
    plain = due_at(window, after_ms=duty.timeliness_ms)
    return judge_clock(
        Clock(
            duty=duty.name,
            matter=None,
            occurrence=number,
            party=party,
            clauses=duty.clauses,
            text=duty.text,
            started=window.start,
            trigger=window.end,
            due=plain,
            why=f"period {format_instant(window.start)} until {format_instant(window.end)}, and the time that the"
            f" clause allows after it: {format_instant(plain)}",
        ),
        # What is there before the end of a period shows it at its end.
        shown_ms=None if shown is None else max(shown, window.end.ms),
        pauses=pauses,
        earlier_met=met,
        at=filings.at,
    )
