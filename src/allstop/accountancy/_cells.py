"""Cells: the chips of an area, cut so that each piece is seen by one set of meters and one set of jobs.

The unit of account is what one meter sees. Where meters or jobs overlap, the chips are cut until every
piece has one answer to "which meters, which jobs" (spec/balance.md section 1).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allstop.finding import ChipRange
from allstop.ids import Name

__all__ = ["Cell", "cells_of"]


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
    counts: dict[tuple[Name, tuple[Name, ...], tuple[Name, ...]], int] = {}
    for lot in sorted(lots):
        chip_type, size = lots[lot]
        by_meter = _ranges_in(lot, size, covers)
        by_job = _ranges_in(lot, size, uses)
        edges = {0, size}
        for _, first, until in (*by_meter, *by_job):
            edges.update((first, until))
        cuts = sorted(edges)
        for first, until in itertools.pairwise(cuts):
            meters = tuple(sorted({owner for owner, a, b in by_meter if a <= first and until <= b}))
            jobs = tuple(sorted({owner for owner, a, b in by_job if a <= first and until <= b}))
            key = (chip_type, meters, jobs)
            counts[key] = counts.get(key, 0) + until - first
    return tuple(
        Cell(chip_type=chip_type, count=count, meters=meters, jobs=jobs)
        for (chip_type, meters, jobs), count in sorted(counts.items())
        if count > 0
    )


def _ranges_in(
    lot: Name, size: int, owners: Mapping[Name, Sequence[ChipRange]]
) -> list[tuple[Name, int, int]]:
    found = []
    for owner in sorted(owners):
        for piece in owners[owner]:
            first, until = piece.first, min(piece.until, size)
            if piece.lot == lot and first < until:
                found.append((owner, first, until))
    return found
