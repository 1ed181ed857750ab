"""Counting: when an event of a phase has been proven by as many as the agreement asks for.

Implements spec/phases.md section 7. Whoever is of one trust domain is one voice, of the bloc of those who control it; the one
that is judged, and its trust domain, has none. What a party filed stops counting when its chain breaks or it leaves, for what is not
yet decided then.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import assert_never

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
from allstop.ledger import Filed
from allstop.signals import Assessment
from allstop.standing._phase_events import PhaseEvents
from allstop.times import Instant

__all__ = ["Evidence", "later"]


def later(at: Instant, ms: int) -> Instant | None:
    """Return the instant `ms` later, None where that is beyond the calendar."""
    try:
        return at.plus(ms)
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What has been proven, as a phase that began at some instant may count it."""

    agreement: Agreement
    events: PhaseEvents

    def met_at(self, leaf: PhaseLeaf, *, start: Instant, is_spent: bool = False) -> Instant | None:
        """Return when an event first holds in a phase that began at `start`, None if it has not.

        Only what was proven at or after the start counts, and of a spent event, one that led into the phase at this
        very instant, only what was proven later. Dates and lengths of time do not depend on the log.
        """
        since = start.plus(1) if is_spent else start
        match leaf:
            case OnMotion():
                return _first(self.events.adopted, leaf.motion, since)
            case OnMeasure():
                return _first(self.events.measures, leaf.measure, since)
            case OnDate():
                return max(leaf.date, start)
            case OnElapsed():
                return later(start, leaf.ms)
            case OnConfirmed():
                return _nth(sorted(self._confirmed(since).values()), leaf.findings)
            case OnSignal():
                return self._quorum(self._signallers(leaf, since), leaf.parties, leaf.blocs)
            case OnAssessment() | OnCoverage():
                found = (self.assessed_at(leaf, party, start, since) for party in self._judged)
                return _nth(sorted(at for at in found if at is not None), leaf.parties)
            case _:
                assert_never(leaf)

    def found(self, leaf: PhaseLeaf, *, start: Instant, is_spent: bool = False) -> tuple[Name, ...]:
        """Return who has contributed to an event so far: parties that signalled, verifiers that assessed."""
        since = start.plus(1) if is_spent else start
        if isinstance(leaf, OnSignal):
            return tuple(sorted(self._signallers(leaf, since)))
        if isinstance(leaf, OnAssessment | OnCoverage):
            filed = [one for party in self._judged for one in self._filings(leaf, party, start, since)]
            return tuple(sorted({one.party for one in filed}))
        return ()

    def assessed_at(
        self, leaf: OnAssessment | OnCoverage, party: Name, start: Instant, since: Instant
    ) -> Instant | None:
        """Return when enough verifiers had said this of a party."""
        filings = self._filings(leaf, party, start, since)
        if isinstance(leaf, OnCoverage):
            return self._stretch_at(leaf, filings, start)
        by_window: dict[tuple[Instant, Instant], dict[Name, Instant]] = {}
        for one in filings:
            window = one.value.window
            by_window.setdefault((window.start, window.end), {}).setdefault(one.party, one.not_after)
        met = (self._quorum(acts, leaf.verifiers, leaf.blocs) for acts in by_window.values())
        return min((at for at in met if at is not None), default=None)

    @cached_property
    def _domains(self) -> Mapping[Name, Name]:
        return trust_domains(self.agreement.parties, self.agreement.edges)

    @cached_property
    def _homes(self) -> Mapping[Name, Name | None]:
        return home_blocs(self.agreement.parties, self.agreement.edges)

    @cached_property
    def _judged(self) -> tuple[Name, ...]:
        """Parties that some clause binds, in the order of the agreement: only these can be assessed."""
        bound = {name for clause in self.agreement.obligations for name in clause.parties}
        return tuple(party.id for party in self.agreement.parties if party.id in bound)

    @cached_property
    def _signals(self) -> Mapping[tuple[Name, SignalKind], tuple[list[Instant], list[Name]]]:
        found: dict[tuple[Name, SignalKind], tuple[list[Instant], list[Name]]] = {}
        for filed in self.events.signals:
            times, parties = found.setdefault((filed.value.name, filed.value.kind), ([], []))
            times.append(filed.not_after)
            parties.append(filed.party)
        return found

    @cached_property
    def _assessments(self) -> Mapping[Name, list[Filed[Assessment]]]:
        """Return assessments by the party that they are about, without those by its own trust domain."""
        found: dict[Name, list[Filed[Assessment]]] = {party: [] for party in self._judged}
        for filed in self.events.assessments:
            for one in filed.value.parties:
                if one.party in found and self._domains.get(filed.party) != self._domains[one.party]:
                    found[one.party].append(filed)
        return found

    def _signallers(self, leaf: OnSignal, since: Instant) -> dict[Name, Instant]:
        times, parties = self._signals.get((leaf.name, leaf.kind), ([], []))
        first: dict[Name, Instant] = {}
        for index in range(bisect_left(times, since), len(times)):
            first.setdefault(parties[index], times[index])
        return first

    def _confirmed(self, since: Instant) -> dict[str, Instant]:
        first: dict[str, Instant] = {}
        for digest, at in self.events.confirmed:
            if at >= since:
                first[digest] = min(at, first.get(digest, at))
        return first

    def _filings(
        self, leaf: OnAssessment | OnCoverage, party: Name, start: Instant, since: Instant
    ) -> list[Filed[Assessment]]:
        """Return the assessments that say of a party what an event asks for, in log order."""
        found = []
        for filed in self._assessments[party]:
            said = filed.value.of(party)
            if said is None or filed.not_after < since:
                continue
            if isinstance(leaf, OnCoverage):
                # Coverage that nothing bounds is none.
                is_meant = (said.coverage_ppm or 0) < leaf.floor_ppm
            else:
                # What is good in a phase must be about that phase; what is bad counts whenever it becomes known.
                is_own = leaf.verdict is not Verdict.CONSISTENT or filed.value.window.start >= start
                is_meant = said.verdict is leaf.verdict and is_own
            if is_meant:
                found.append(filed)
        return found

    def _quorum(self, acts: Mapping[Name, Instant], actors: int, blocs: int) -> Instant | None:
        """Return the earliest instant at which so many trust domains of so many blocs have acted and still count."""
        for at in sorted(set(acts.values())):
            if self._is_quorum((party for party, when in acts.items() if when <= at), at, actors, blocs):
                return at
        return None

    def _is_quorum(self, parties: Iterable[Name], at: Instant, actors: int, blocs: int) -> bool:
        voices = set()
        for party in parties:
            ends = self.events.counts_until(party)
            if party in self._domains and (ends is None or at < ends):
                voices.add(self._domains[party])
        homes = {self._homes[domain] for domain in voices} - {None}
        return len(voices) >= actors and len(homes) >= blocs

    def _stretch_at(
        self, leaf: OnCoverage, filings: Sequence[Filed[Assessment]], start: Instant
    ) -> Instant | None:
        times = sorted({filed.not_after for filed in filings})

        def holds(at: Instant) -> bool:
            return self._has_stretch(leaf, [filed for filed in filings if filed.not_after <= at], start, at)

        if any(self.events.counts_until(filed.party) is not None for filed in filings):
            return next((at for at in times if holds(at)), None)
        if not times or not holds(times[-1]):
            return None
        # With nobody dropping out, more filings never shorten a stretch: the first instant can be bisected.
        return times[bisect_left(times, True, key=holds)]

    def _has_stretch(
        self, leaf: OnCoverage, filings: Sequence[Filed[Assessment]], start: Instant, at: Instant
    ) -> bool:
        """Tell whether enough verifiers report low coverage for one unbroken stretch longer than is tolerated."""
        cuts: dict[Instant, list[tuple[Name, int]]] = {}
        for one in filings:
            window = one.value.window
            if window.end > start:
                cuts.setdefault(max(window.start, start), []).append((one.party, 1))
                cuts.setdefault(window.end, []).append((one.party, -1))
        open_windows: Counter[Name] = Counter()
        known: dict[frozenset[Name], bool] = {}
        length = 0
        for first, until in pairwise(sorted(cuts)):
            for party, change in cuts[first]:
                open_windows[party] += change
            here = frozenset(party for party, count in open_windows.items() if count)
            if here not in known:
                known[here] = self._is_quorum(here, at, leaf.verifiers, leaf.blocs)
            length = length + until.ms - first.ms if known[here] else 0
            if length > leaf.longer_than_ms:
                return True
        return False


def _first(named: Sequence[tuple[Name, Instant]], name: Name, since: Instant) -> Instant | None:
    return min((at for one, at in named if one == name and at >= since), default=None)


def _nth(found: Sequence[Instant], count: int) -> Instant | None:
    return found[count - 1] if len(found) >= count else None
