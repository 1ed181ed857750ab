"""Cells: the chips of an area, cut so that each piece is seen by one set of meters and one set of jobs.

The unit of account is what one meter sees. Where meters or jobs overlap, the chips are cut until every
piece has one answer to "which meters, which jobs" (spec/balance.md section 1).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from allstop.finding import ChipRange
from allstop.ids import Name

__all__ = ["Cell", "cells_of"]

_Owner = tuple[bool, Name]
"""Whether it is a job rather than a meter, and its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`count` chips of one type that the same meters see and the same jobs use.

    `count >= 1`. `meters` and `jobs` are sorted. A chip on the register that no meter covers is in a
    cell without meters: it can never be observed.
    """

    chip_type: Name
    count: int
    meters: tuple[Name, ...]
    jobs: tuple[Name, ...]


def cells_of(
    *,
    lots: Mapping[Name, tuple[Name, int]],
    covers: Mapping[Name, Sequence[ChipRange]],
    uses: Mapping[Name, Sequence[ChipRange]],
) -> tuple[Cell, ...]:
    """Cut the lots (`lot -> chip type, count`) by what each meter covers and what each job uses.

    Ranges that name a lot which is not in `lots`, or indices beyond its count, cover nothing here; the
    caller has raised the count to the largest that any evidence names before it comes to this.
    """
    ranges: dict[Name, list[tuple[_Owner, ChipRange]]] = {lot: [] for lot in lots}
    for is_job, owners in ((False, covers), (True, uses)):
        for name, pieces in owners.items():
            for piece in pieces:
                if piece.lot in ranges:
                    ranges[piece.lot].append(((is_job, name), piece))
    counts: dict[tuple[Name, frozenset[_Owner]], int] = {}
    for lot, (chip_type, size) in lots.items():
        for count, owners_here in _pieces(size, ranges[lot]):
            key = (chip_type, owners_here)
            counts[key] = counts.get(key, 0) + count
    cells = [
        Cell(
            chip_type=chip_type,
            count=count,
            meters=tuple(sorted(name for is_job, name in owners_here if not is_job)),
            jobs=tuple(sorted(name for is_job, name in owners_here if is_job)),
        )
        for (chip_type, owners_here), count in counts.items()
    ]
    return tuple(sorted(cells, key=lambda cell: (cell.chip_type, cell.meters, cell.jobs)))


def _pieces(size: int, ranges: Sequence[tuple[_Owner, ChipRange]]) -> Iterator[tuple[int, frozenset[_Owner]]]:
    """Sweep over one lot and yield runs of chips with those who name them."""
    events: dict[int, list[tuple[_Owner, int]]] = {0: [], size: []}
    for owner, piece in ranges:
        first, until = min(piece.first, size), min(piece.until, size)
        events.setdefault(first, []).append((owner, 1))
        events.setdefault(until, []).append((owner, -1))
    # One owner may name a chip twice; it counts once until its last range ends.
    named: dict[_Owner, int] = {}
    before = 0
    for at in sorted(events):
        if at > before:
            yield at - before, frozenset(named)
        for owner, change in events[at]:
            named[owner] = named.get(owner, 0) + change
            if not named[owner]:
                del named[owner]
        before = at
