"""Double claims: chip-time that two declared jobs claim, found in near-linear time.

Chips are cut into pieces that no job divides; each piece keeps the time that was claimed so far. A job that
claims time again is paired with one that claimed it before, earlier in the log.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from allstop.ids import Name
from allstop.ledger import Filed
from allstop.workload import Job

__all__ = ["find_double_claims", "group_double_claims"]


@dataclass(slots=True)
class _Piece:
    """Time claimed of some chips: disjoint spans with their owners, and the same time merged."""

    starts: list[int] = field(default_factory=list)
    owners: list[Filed[Job]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    merged_starts: list[int] = field(default_factory=list)
    merged_ends: list[int] = field(default_factory=list)

    def owner_in(self, start: int, end: int) -> Filed[Job] | None:
        """Return who first claimed some of this time, or None."""
        place = bisect_right(self.ends, start)
        return self.owners[place] if place < len(self.starts) and self.starts[place] < end else None

    def claim(self, start: int, end: int, job: Filed[Job]) -> None:
        """Give the job what nobody has claimed of this time."""
        first = bisect_left(self.merged_ends, start)
        last = bisect_right(self.merged_starts, end)
        at = start
        for taken in range(first, last):
            self._own(at, self.merged_starts[taken], job)
            at = max(at, self.merged_ends[taken])
        self._own(at, end, job)
        low = min([start, *self.merged_starts[first:last][:1]])
        high = max([end, *self.merged_ends[first:last][-1:]])
        self.merged_starts[first:last] = [low]
        self.merged_ends[first:last] = [high]

    def _own(self, start: int, end: int, job: Filed[Job]) -> None:
        if start < end:
            place = bisect_left(self.starts, start)
            self.starts.insert(place, start)
            self.ends.insert(place, end)
            self.owners.insert(place, job)


def find_double_claims(jobs: Sequence[Filed[Job]]) -> Mapping[int, Filed[Job]]:
    """Return, for each job that claims chips and time, or a name, again, one that did so before.

    Keys are log entries. `jobs` are in log order; names count site by site.
    """
    cuts = _cuts(jobs)
    pieces: dict[tuple[Name, Name, int], _Piece] = {}
    named: dict[tuple[Name, Name], Filed[Job]] = {}
    found: dict[int, Filed[Job]] = {}
    for filed in jobs:
        job = filed.value
        start, end = job.window.start.ms, job.window.end.ms
        earlier = named.setdefault((job.site, job.job), filed)
        if earlier is not filed:
            found[filed.entry] = earlier
        for chips in job.chips:
            edges = cuts[job.site, chips.lot]
            for first in edges[bisect_left(edges, chips.first) : bisect_left(edges, chips.until)]:
                piece = pieces.setdefault((job.site, chips.lot, first), _Piece())
                owner = piece.owner_in(start, end)
                if owner is not None and owner is not filed:
                    found.setdefault(filed.entry, owner)
                piece.claim(start, end, filed)
    return found


def group_double_claims(jobs: Sequence[Filed[Job]]) -> Mapping[int, int]:
    """Return for each job, by log entry, the entry that stands for all that claim what it claims."""
    head: dict[int, int] = {}
    doubles = find_double_claims(jobs)
    for filed in jobs:
        earlier = doubles.get(filed.entry)
        head[filed.entry] = filed.entry if earlier is None else head[earlier.entry]
    return head


def _cuts(jobs: Sequence[Filed[Job]]) -> Mapping[tuple[Name, Name], list[int]]:
    """Return where the chips of each lot must be cut so that no job divides a piece."""
    found: dict[tuple[Name, Name], set[int]] = {}
    for filed in jobs:
        for chips in filed.value.chips:
            found.setdefault((filed.value.site, chips.lot), set()).update((chips.first, chips.until))
    return {key: sorted(edges) for key, edges in found.items()}
