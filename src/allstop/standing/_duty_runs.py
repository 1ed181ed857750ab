"""Which clocks of a duty run for which party: every start of it, with the matter that tells it apart.

Implements spec/duties.md section 7.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from allstop.agreement import Agreement, Duty, DutyEvent, DutyStart, Together
from allstop.canon import format_instant
from allstop.clocks import Calendar, due, earliest_of, explain_due, latest_of
from allstop.duty import Awareness
from allstop.ids import Name
from allstop.ledger import Filed, State
from allstop.standing._duty_events import DutyEvents, Happening
from allstop.times import Instant

__all__ = ["Run", "Starts", "describe_start"]

_OF_PARTY = (DutyEvent.FINDING_NOTIFIED, DutyEvent.WITHDRAWAL)
_DATED = (DutyEvent.PHASE, DutyEvent.WITHDRAWAL, DutyEvent.ADOPTED)
"""Events that are told apart by when they happened, unless they bring a matter of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the clock of a duty for a party.

    `trigger` is where it is counted from, `started` when it runs, `shown_from` since when evidence counts: they
    differ only where a duty waits for the latest of several. `until` ends a clock that recurs. `is_past`: the
    party was bound only after the due instant. Example: matter None, trigger 2027-03-01T00:00:00Z.
    """

    matter: str | None
    trigger: Instant
    started: Instant
    shown_from: Instant
    first_due: Instant
    until: Instant | None
    is_past: bool
    why: str


class Starts:
    """Events by kind, indexed once for all duties. Only what happened by `at`, or is sure to, is given."""

    def __init__(self, agreement: Agreement, events: DutyEvents, state: State, *, at: Instant) -> None:
        self._events = events
        self._state = state
        self._at = at
        leaving = agreement.leaving
        self._survives = frozenset(() if leaving is None else leaving.survives)
        self._whys: dict[tuple[Name, int, int], str] = {}

    @cached_property
    def _by_event(self) -> Mapping[DutyEvent, tuple[Happening, ...]]:
        found: dict[DutyEvent, list[Happening]] = {}
        for one in sorted(self._events.happened, key=lambda h: (h.at, h.matter or "", h.name or "")):
            found.setdefault(one.event, []).append(one)
        return {event: tuple(happened) for event, happened in found.items()}

    @cached_property
    def _spans(self) -> Mapping[Name, tuple[Happening, ...]]:
        found: dict[Name, list[Happening]] = {}
        for one in self._by_event.get(DutyEvent.BOUND, ()):
            if one.party is not None:
                found.setdefault(one.party, []).append(one)
        return {party: tuple(spans) for party, spans in found.items()}

    @cached_property
    def _aware(self) -> Mapping[tuple[Name, Name], tuple[Happening, ...]]:
        """Awareness by party and event: the first statement that was proven about a matter starts its clock.

        A party's own word counts from when it says that it knew, but never later than it was proven; notice by
        another party from when it was proven, if the chain of that party was unbroken.
        """
        first: dict[tuple[Name, Name, str], tuple[Instant, Instant]] = {}
        for one in self._state.of(Awareness):
            if one.not_after > self._at or not self._counts(one):
                continue
            value = one.value
            own = one.party == value.party
            start = min(value.aware_at, one.not_after) if own else one.not_after
            key = (value.party, value.event, value.matter)
            proven, before = first.get(key, (one.not_after, start))
            if one.not_after == proven:
                first[key] = (proven, min(before, start))
        found: dict[tuple[Name, Name], list[Happening]] = {}
        for (party, event, matter), (_, start) in first.items():
            happening = Happening(event=DutyEvent.AWARE, at=start, name=event, party=party, matter=matter)
            found.setdefault((party, event), []).append(happening)
        return {key: tuple(sorted(found[key], key=lambda h: (h.at, h.matter or ""))) for key in found}

    def _counts(self, one: Filed[Awareness]) -> bool:
        return one.party == one.value.party or self._state.is_trusted(one.party, one.not_after)

    def is_bound(self, party: Name) -> bool:
        """Tell whether a party has ever been bound, or is about to be."""
        return party in self._spans

    def _happened(self, start: DutyStart, party: Name) -> Sequence[Happening]:
        match start.event:
            case DutyEvent.BOUND:
                return self._spans.get(party, ())
            case DutyEvent.AWARE:
                return () if start.name is None else self._aware.get((party, start.name), ())
            case DutyEvent.DATE:
                return () if start.at is None else (Happening(event=DutyEvent.DATE, at=start.at),)
            case event:
                return [
                    one
                    for one in self._by_event.get(event, ())
                    if one.name == start.name and (event not in _OF_PARTY or one.party == party)
                ]

    def _effective(self, one: Happening, party: Name, duty: Duty) -> tuple[Happening, Happening] | None:
        """Return the event as it counts for a party, with the span in which that party is bound."""
        survives = duty.clause in self._survives
        for span in self._spans.get(party, ()):
            if span.until is None or survives or one.at < span.until:
                # Who joins late has its clocks from when it is bound; an agreed date is the same for all.
                at = one.at if one.event is DutyEvent.DATE else max(one.at, span.at)
                if one.until is not None and one.until <= at:
                    return None
                ends = [end for end in (one.until, None if survives else span.until) if end is not None]
                is_dated = one.matter is None and one.event in _DATED
                matter = format_instant(one.at) if is_dated else one.matter
                return Happening(
                    event=one.event,
                    at=at,
                    name=one.name,
                    party=party,
                    matter=matter,
                    until=min(ends, default=None),
                ), span
        return None

    def runs(self, duty: Duty, party: Name, calendar: Calendar) -> Iterator[Run]:
        """Yield every run of the clock of a duty for a party, oldest first."""
        found = [
            [pair for one in self._happened(start, party) if (pair := self._effective(one, party, duty))]
            for start in duty.starts
        ]
        if len(found) == 1:
            for happening, span in found[0]:
                yield self._run(duty, happening, span, calendar)
            return
        matters = sorted({one.matter for pairs in found for one, _ in pairs if _is_told_apart(one)}, key=str)
        for matter in matters or [None]:
            run = self._joined(duty, found, matter, calendar)
            if run is not None:
                yield run

    def _run(self, duty: Duty, one: Happening, span: Happening, calendar: Calendar) -> Run:
        start = duty.starts[0]
        end = due(one.at, start.within, calendar)
        return Run(
            matter=one.matter,
            trigger=one.at,
            started=one.at,
            shown_from=one.at,
            first_due=end,
            until=one.until,
            is_past=end < span.at,
            why=self._why(duty, 0, start, one.at, calendar),
        )

    def _joined(
        self,
        duty: Duty,
        found: Sequence[Sequence[tuple[Happening, Happening]]],
        matter: str | None,
        calendar: Calendar,
    ) -> Run | None:
        """Return the one clock that several make for a matter, None while it does not run."""
        chosen = [
            next((pair for pair in pairs if not _is_told_apart(pair[0]) or pair[0].matter == matter), None)
            for pairs in found
        ]
        ends = [
            None if pair is None else due(pair[0].at, start.within, calendar)
            for start, pair in zip(duty.starts, chosen, strict=True)
        ]
        end = (earliest_of if duty.together is Together.EARLIEST else latest_of)(ends)
        if end is None:
            return None
        number = ends.index(end)
        one, span = chosen[number] or (None, None)
        if one is None or span is None:
            return None
        triggers = [pair[0].at for pair in chosen if pair is not None]
        words = f"the {duty.together.value} of {len(ends)} clocks: "
        return Run(
            matter=matter,
            trigger=one.at,
            started=(min if duty.together is Together.EARLIEST else max)(triggers),
            shown_from=min(triggers),
            first_due=end,
            until=None,
            is_past=end < span.at,
            why=words + self._why(duty, number, duty.starts[number], one.at, calendar),
        )

    def _why(self, duty: Duty, number: int, start: DutyStart, at: Instant, calendar: Calendar) -> str:
        key = (duty.name, number, at.ms)
        if key not in self._whys:
            self._whys[key] = f"from {describe_start(start)}: {explain_due(at, start.within, calendar)}"
        return self._whys[key]


def _is_told_apart(one: Happening) -> bool:
    return one.matter is not None and one.event not in _DATED


def describe_start(start: DutyStart) -> str:
    """Return what a clock starts from, in words."""
    match start.event:
        case DutyEvent.IN_FORCE:
            return "entry into force"
        case DutyEvent.BOUND:
            return "being bound"
        case DutyEvent.PHASE:
            return f"the start of phase {start.name}"
        case DutyEvent.FINDING_NOTIFIED:
            return "notice of a finding"
        case DutyEvent.WITHDRAWAL:
            return "notice of withdrawal"
        case DutyEvent.ADOPTED:
            return f"adoption of motion {start.name}"
        case DutyEvent.AWARE:
            return f"awareness of {start.name}"
        case _:
            return "an agreed date"
