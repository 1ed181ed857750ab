"""Counting: when an event of a phase has been proven by as many as the agreement asks for.

Implements spec/phases.md section 7. Whoever is of one trust domain is one voice, of the bloc of those who control it; the one
that is judged, and its trust domain, has none. What a party filed stops counting when its chain breaks or it leaves, for
what is not yet decided then. Indices are by time, so that a phase reads no more than what was proven in it.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, assert_never

from allstop.agreement import (
    Agreement,
    OnAssessment,
    OnConfirmed,
    OnCoverage,
    OnDate,
    OnElapsed,
    OnMeasure,
    OnMotion,
    OnSignal,
    PhaseLeaf,
    home_blocs,
    trust_domains,
)
from allstop.finding import SignalKind, Verdict
from allstop.ids import Name
from allstop.standing._phase_events import PhaseEvents
from allstop.times import Instant

__all__ = ["Evidence", "Span", "later"]


def later(at: Instant, ms: int) -> Instant | None:
    """Return the instant `ms` later, None where that is beyond the calendar."""
    try:
        return at.plus(ms)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What of the log counts for an event: in a phase from `start`, what was proven from `since` until `end`.

    Example: `start` and `since` 2027-03-01T00:00:00Z, `end` 2027-06-01T00:00:00Z, both included; of a spent event
    `since` is a millisecond after the start.
    """

    start: Instant
    since: Instant
    end: Instant


class _Said(NamedTuple):
    """What one assessment says of one party."""

    filed_ms: int
    verifier: Name
    verdict: Verdict
    coverage_ppm: int
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class _SaidOf:
    """Everything that is said of one party, in log order, with the times for bisection."""

    times: list[int] = field(default_factory=list)
    said: list[_Said] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What has been proven, as a phase that began at some instant may count it."""

    agreement: Agreement
    events: PhaseEvents

    def met_at(self, leaf: PhaseLeaf, span: Span) -> Instant | None:
        """Return when an event first holds, None if nothing in the span makes it hold.

        Dates and lengths of time do not depend on the log, and are returned even if they lie after the span.
        """
        match leaf:
            case OnMotion():
                return _first(self.events.adopted, leaf.motion, span)
            case OnMeasure():
                return _first(self.events.measures, leaf.measure, span)
            case OnDate():
                return max(leaf.date, span.start)
            case OnElapsed():
                return later(span.start, leaf.ms)
            case OnConfirmed():
                return _nth(sorted(self._confirmed(span).values()), leaf.findings)
            case OnSignal():
                met = self._quorum(self._signallers(leaf, span), leaf.parties, leaf.blocs)
                return None if met is None else Instant(met)
            case OnAssessment() | OnCoverage():
                found = (self._assessed_at(leaf, party, span) for party in self._judged)
                instants = sorted(Instant(at) for at in found if at is not None)
                return _nth(instants, leaf.parties)
            case _:
                assert_never(leaf)

    def found(self, leaf: PhaseLeaf, span: Span) -> tuple[Name, ...]:
        """Return who has contributed to an event so far: parties that signalled, verifiers that assessed."""
        if isinstance(leaf, OnSignal):
            return tuple(sorted(self._signallers(leaf, span)))
        if isinstance(leaf, OnAssessment | OnCoverage):
            said = (one for party in self._judged for one in self._meant(leaf, party, span))
            return tuple(sorted({one.verifier for one in said}))
        return ()

    @cached_property
    def _domains(self) -> Mapping[Name, Name]:
        return trust_domains(self.agreement.parties, self.agreement.edges)

    @cached_property
    def _homes(self) -> Mapping[Name, Name | None]:
        return home_blocs(self.agreement.parties, self.agreement.edges)

    @cached_property
    def _ends(self) -> Mapping[Name, int]:
        """From when on, in milliseconds, what a party filed counts for nothing."""
        ends = ((party, self.events.counts_until(party)) for party in self._domains)
        return {party: end.ms for party, end in ends if end is not None}

    @cached_property
    def _judged(self) -> tuple[Name, ...]:
        """Parties that some clause binds, in the order of the agreement: only these can be assessed."""
        bound = {name for clause in self.agreement.obligations for name in clause.parties}
        return tuple(party.id for party in self.agreement.parties if party.id in bound)

    @cached_property
    def _signals(self) -> Mapping[str, Mapping[Name, list[int]]]:
        """Return the times of signals by what is signalled and by whom."""
        found: dict[str, dict[Name, list[int]]] = {}
        for filed in self.events.signals:
            by_party = found.setdefault(_wire(filed.value.name, filed.value.kind), {})
            by_party.setdefault(filed.party, []).append(filed.not_after.ms)
        return found

    @cached_property
    def _said(self) -> Mapping[Name, _SaidOf]:
        """Return what is said of each party, without what its own trust domain says."""
        found = {party: _SaidOf() for party in self._judged}
        for filed in self.events.assessments:
            at, domain, window = filed.not_after.ms, self._domains.get(filed.party), filed.value.window
            for one in filed.value.parties:
                into = found.get(one.party)
                if into is not None and domain != self._domains[one.party]:
                    coverage = one.coverage_ppm or 0  # coverage that nothing bounds is none
                    into.times.append(at)
                    into.said.append(
                        _Said(at, filed.party, one.verdict, coverage, window.start.ms, window.end.ms)
                    )
        return found

    def _signallers(self, leaf: OnSignal, span: Span) -> dict[Name, int]:
        """Return when each party first signalled in the span."""
        first = {}
        for party, times in self._signals.get(_wire(leaf.name, leaf.kind), {}).items():
            place = bisect_left(times, span.since.ms)
            if place < len(times) and times[place] <= span.end.ms:
                first[party] = times[place]
        return first

    def _confirmed(self, span: Span) -> dict[str, Instant]:
        first: dict[str, Instant] = {}
        for digest, at in self.events.confirmed:
            if span.since <= at <= span.end:
                first[digest] = min(at, first.get(digest, at))
        return first

    def _meant(self, leaf: OnAssessment | OnCoverage, party: Name, span: Span) -> Iterator[_Said]:
        """Yield what is said of a party in the span that an event asks for, in log order."""
        known, start, end = self._said[party], span.start.ms, span.end.ms
        inside = range(bisect_left(known.times, span.since.ms), bisect_right(known.times, end))
        if isinstance(leaf, OnCoverage):
            for index in inside:
                one = known.said[index]
                if one.coverage_ppm < leaf.floor_ppm and one.end_ms > start:
                    yield one
            return
        # What is good in a phase must be about that phase; what is bad counts whenever it becomes known.
        earliest = start if leaf.verdict is Verdict.CONSISTENT else 0
        for index in inside:
            one = known.said[index]
            if one.verdict is leaf.verdict and one.start_ms >= earliest:
                yield one

    def _assessed_at(self, leaf: OnAssessment | OnCoverage, party: Name, span: Span) -> int | None:
        """Return when enough verifiers had said this of a party."""
        said = self._meant(leaf, party, span)
        if isinstance(leaf, OnCoverage):
            return self._stretch_at(leaf, list(said), span.start.ms)
        by_window: dict[tuple[int, int], dict[Name, int]] = {}
        # In the order of the log, so that the first window with enough is the earliest.
        for one in said:
            acts = by_window.setdefault((one.start_ms, one.end_ms), {})
            if one.verifier not in acts:
                acts[one.verifier] = one.filed_ms
                if len(acts) >= leaf.verifiers and self._is_quorum(
                    acts, one.filed_ms, leaf.verifiers, leaf.blocs
                ):
                    return one.filed_ms
        return None

    def _quorum(self, acts: Mapping[Name, int], actors: int, blocs: int) -> int | None:
        """Return the earliest instant at which so many trust domains of so many blocs have acted and still count."""
        if len(acts) < actors:
            return None
        for at in sorted(set(acts.values())):
            if self._is_quorum((party for party, when in acts.items() if when <= at), at, actors, blocs):
                return at
        return None

    def _is_quorum(self, parties: Iterable[Name], at: int, actors: int, blocs: int) -> bool:
        voices = {
            self._domains[party]
            for party in parties
            if party in self._domains and (party not in self._ends or at < self._ends[party])
        }
        if len(voices) < actors:
            return False
        return len({self._homes[domain] for domain in voices} - {None}) >= blocs

    def _stretch_at(self, leaf: OnCoverage, said: Sequence[_Said], start: int) -> int | None:
        times = sorted({one.filed_ms for one in said})

        def holds(at: int) -> bool:
            return self._has_stretch(leaf, [one for one in said if one.filed_ms <= at], start, at)

        if any(one.verifier in self._ends for one in said):
            return next((at for at in times if holds(at)), None)
        if not times or not holds(times[-1]):
            return None
        # With nobody dropping out, more filings never shorten a stretch: the first instant can be bisected.
        return times[bisect_left(times, True, key=holds)]

    def _has_stretch(self, leaf: OnCoverage, said: Sequence[_Said], start: int, at: int) -> bool:
        """Tell whether enough verifiers report low coverage for one unbroken stretch longer than is tolerated."""
        cuts: dict[int, list[tuple[Name, int]]] = {}
        for one in said:
            cuts.setdefault(max(one.start_ms, start), []).append((one.verifier, 1))
            cuts.setdefault(one.end_ms, []).append((one.verifier, -1))
        open_windows: Counter[Name] = Counter()
        known: dict[frozenset[Name], bool] = {}
        length = 0
        for first, until in pairwise(sorted(cuts)):
            for party, change in cuts[first]:
                open_windows[party] += change
            here = frozenset(party for party, count in open_windows.items() if count)
            if here not in known:
                known[here] = self._is_quorum(here, at, leaf.verifiers, leaf.blocs)
            length = length + until - first if known[here] else 0
            if length > leaf.longer_than_ms:
                return True
        return False


def _wire(name: Name, kind: SignalKind) -> str:
    return f"{kind.value} {name}"


def _first(named: Sequence[tuple[Name, Instant]], name: Name, span: Span) -> Instant | None:
    return min((at for one, at in named if one == name and span.since <= at <= span.end), default=None)


def _nth(found: Sequence[Instant], count: int) -> Instant | None:
    return found[count - 1] if len(found) >= count else None
