"""Cells against the naive cut, chip by chip."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from allstop.accountancy import Cell, cells_of
from allstop.finding import ChipRange
from allstop.ids import Name

LOTS = {Name("l1"): (Name("fast"), 7), Name("l2"): (Name("fast"), 3), Name("l3"): (Name("slow"), 5)}
ranges = st.builds(
    lambda lot, first, length: ChipRange(lot=Name(lot), first=first, until=first + length),
    st.sampled_from(["l1", "l2", "l3", "elsewhere"]),
    st.integers(0, 8),
    st.integers(1, 8),
)
owners = st.dictionaries(st.sampled_from(["a", "b", "c"]).map(Name), st.lists(ranges, max_size=3), max_size=3)


def names_of(chip: tuple[Name, int], owned: dict[Name, list[ChipRange]]) -> tuple[Name, ...]:
    """Return who names a chip."""
    lot, index = chip
    return tuple(
        sorted(
            name
            for name, pieces in owned.items()
            if any(piece.lot == lot and piece.first <= index < piece.until for piece in pieces)
        )
    )


@given(owners, owners)
def test_cells_are_the_chips_with_the_same_meters_and_jobs(
    covers: dict[Name, list[ChipRange]], uses: dict[Name, list[ChipRange]]
) -> None:
    """Every chip is looked at alone; chips with one type and one answer make one cell, in order."""
    counted = Counter(
        (kind, names_of((lot, index), covers), names_of((lot, index), uses))
        for lot, (kind, size) in LOTS.items()
        for index in range(size)
    )
    expected = tuple(
        Cell(chip_type=kind, count=count, meters=meters, jobs=jobs)
        for (kind, meters, jobs), count in sorted(counted.items())
    )
    assert expected == cells_of(lots=LOTS, covers=covers, uses=uses)


def test_no_lots_make_no_cells() -> None:
    """Meters and jobs without chips on any lot leave nothing to account for."""
    assert cells_of(lots={}, covers={Name("m"): [ChipRange(lot=Name("x"), first=0, until=1)]}, uses={}) == ()


def test_many_jobs_are_cut_in_near_linear_time() -> None:
    """Ten thousand jobs side by side give ten thousand cells, not a hundred million comparisons."""
    uses = {
        Name(f"job-{number}"): [ChipRange(lot=Name("l"), first=number, until=number + 1)]
        for number in range(10_000)
    }
    cells = cells_of(lots={Name("l"): (Name("fast"), 10_000)}, covers={}, uses=uses)
    assert len(cells) == 10_000
