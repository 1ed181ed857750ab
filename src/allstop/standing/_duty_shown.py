"""What shows that a duty was done: statements of the kinds that it asks for, or a `fulfilment` that names them.

Implements spec/duties.md section 8. What a party filed helps it only while its chain was unbroken; of several
statements the earliest that counts decides.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TypeVar, get_type_hints

from allstop.duty import Fulfilment
from allstop.ids import Digest, Name
from allstop.ledger import PREDICATES, Filed, State
from allstop.times import Instant

__all__ = ["Shown", "body_type", "counted"]

_T = TypeVar("_T")


def body_type(predicate: Name) -> type | None:
    """Return the type of the bodies of a predicate, None for one that this version does not know."""
    found = PREDICATES.get(predicate)
    hint = None if found is None else get_type_hints(found.parse).get("return")
    return hint if isinstance(hint, type) else None


def counted(state: State, kind: type[_T], *, at: Instant) -> Sequence[Filed[_T]]:
    """Return what was proven by `at` and may help who filed it, in log order, which is that of time."""
    filed = state.of(kind)
    if at < state.at:
        filed = filed[: bisect_right(filed, at, key=lambda one: one.not_after)]
    if not state.broken_at:
        return filed
    return [one for one in filed if state.is_trusted(one.party, one.not_after)]


class Shown:
    """Filings by party and predicate, indexed once for all duties. Only what was proven by `at` is looked at."""

    def __init__(self, state: State, *, at: Instant) -> None:
        self._state = state
        self._at = at
        self._times: dict[Name, Mapping[Name, list[int]]] = {}
        self._digests: dict[Name, Mapping[tuple[Name, Digest], int]] = {}

    def _filings(self, predicate: Name) -> Sequence[Filed[object]]:
        kind: type[object] | None = body_type(predicate)
        return () if kind is None else counted(self._state, kind, at=self._at)

    def times(self, predicate: Name, party: Name) -> Sequence[int]:
        """Return when a party filed statements of a kind, in milliseconds, ascending."""
        found = self._times.get(predicate)
        if found is None:
            index: dict[Name, list[int]] = {}
            for one in self._filings(predicate):
                index.setdefault(one.party, []).append(one.not_after.ms)
            self._times[predicate] = found = index
        return found.get(party, ())

    def first_after(self, evidence: Sequence[Name], party: Name, from_ms: int) -> int | None:
        """Return when a party had filed all of these kinds, counted from `from_ms` on; None if it has not."""
        latest = from_ms
        for predicate in evidence:
            times = self.times(predicate, party)
            place = bisect_left(times, from_ms)
            if place == len(times):
                return None
            latest = max(latest, times[place])
        return latest

    @cached_property
    def _fulfilments(self) -> Mapping[tuple[Name, Name, str | None, int], list[Filed[Fulfilment]]]:
        index: dict[tuple[Name, Name, str | None, int], list[Filed[Fulfilment]]] = {}
        for one in counted(self._state, Fulfilment, at=self._at):
            key = one.value.key
            index.setdefault((one.party, key.duty, key.matter, key.occurrence), []).append(one)
        return index

    def _proven(self, predicate: Name) -> Mapping[tuple[Name, Digest], int]:
        found = self._digests.get(predicate)
        if found is None:
            found = {(one.party, one.digest): one.not_after.ms for one in self._filings(predicate)}
            self._digests[predicate] = found
        return found

    def fulfilled(
        self,
        key: tuple[Name, Name, str | None, int],
        evidence: Sequence[Name],
        *,
        since_ms: int,
        is_first: bool,
    ) -> int | None:
        """Return when a party first said with all evidence that it did this, None if it has not.

        The key is the party, then duty, matter and occurrence.

        It counts from `since_ms` on, the start of the clock. What it names as evidence was filed from then on, too;
        for the first occurrence at any time, since a register that is there before a duty starts is there.
        """
        for one in self._fulfilments.get(key, ()):
            if one.not_after.ms < since_ms:
                continue
            named = one.value.evidence
            if all(
                self._names(named, predicate, key[0], 0 if is_first else since_ms, one)
                for predicate in evidence
            ):
                return one.not_after.ms
        return None

    def _names(
        self, named: Sequence[Digest], predicate: Name, party: Name, since_ms: int, by: Filed[Fulfilment]
    ) -> bool:
        proven = self._proven(predicate)
        times = [proven[party, digest] for digest in named if (party, digest) in proven]
        return any(since_ms <= time <= by.not_after.ms for time in times)
