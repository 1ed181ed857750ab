"""Gaps and overlaps between bands, against a search over points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.agreement import Band
from allstop.agreement._bands import find_band_faults, format_amount
from allstop.errors import MalformedError
from allstop.ids import Name

Q = Name("q")
TOP = 6


def band(name: str, low: int | None, high: int | None, *, closed: str = "") -> Band:
    """Return a band of `q`; `closed` holds `[` or `]` for each closed end."""
    return Band(
        quantity=Q, name=Name(name), low=low, low_closed="[" in closed, high=high, high_closed="]" in closed
    )


def faults(*bands: Band) -> list[tuple[bool, str]]:
    """Return (is it a gap, example) of every fault."""
    return [(fault.is_gap, fault.example) for fault in find_band_faults(bands)]


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        ((band("a", None, 16), band("b", 16, None)), [(True, "exactly 16")]),
        ((band("a", None, 10**22), band("b", 10**22, None)), [(True, "exactly 1e22")]),
        ((band("a", None, 16, closed="]"), band("b", 16, None)), []),
        ((band("a", None, 16), band("b", 16, None, closed="[")), []),
        ((band("a", None, 16, closed="]"), band("b", 16, None, closed="[")), [(False, "exactly 16")]),
        ((band("a", None, 3), band("b", 5, None)), [(True, "more than 3 and less than 5")]),
        ((band("a", None, 5), band("b", 3, None)), [(False, "a little more than 3")]),
        ((band("a", None, 5), band("b", 3, None, closed="[")), [(False, "exactly 3")]),
        ((band("a", None, None), band("b", None, 3)), [(False, "exactly 0")]),
        ((band("a", 2, None),), [(True, "less than 2")]),
        ((band("a", 0, None),), [(True, "exactly 0")]),
        ((band("a", 0, None, closed="["),), []),
        ((band("a", None, 2),), [(True, "more than 2")]),
        ((band("b", 16, None), band("a", None, 16)), [(True, "exactly 16")]),
        ((band("a", None, 9), band("b", 2, 4), band("c", 9, None, closed="[")), [(False, "a little more than 2")]),
    ],
)  # fmt: skip
def test_faults_are_found_from_the_bounds(bands: tuple[Band, ...], expected: list[tuple[bool, str]]) -> None:
    """Each case is one way in which two classes can fail to meet."""
    assert expected == faults(*bands)


def test_quantities_are_looked_at_one_by_one() -> None:
    """Bands of another quantity fill no gap."""
    other = Band(
        quantity=Name("r"), name=Name("all"), low=None, low_closed=False, high=None, high_closed=False
    )
    assert list(find_band_faults([other])) == []
    assert [fault.quantity for fault in find_band_faults([other, band("a", 1, None)])] == ["q"]


def holds_at(item: Band, doubled: int) -> bool:
    """Tell whether a band holds half of `doubled`, so that points between whole numbers are tried too."""
    low_ok = item.low is None or doubled > 2 * item.low or (item.low_closed and doubled == 2 * item.low)
    high_ok = item.high is None or doubled < 2 * item.high or (item.high_closed and doubled == 2 * item.high)
    return low_ok and high_ok


BOUND = st.none() | st.integers(0, TOP)


@given(st.lists(st.tuples(BOUND, st.booleans(), BOUND, st.booleans()), min_size=1, max_size=4))
def test_faults_are_found_exactly_where_points_say(
    rows: list[tuple[int | None, bool, int | None, bool]],
) -> None:
    """Goal: no gap is missed and none invented. Method: try every half step from 0 to beyond the last bound."""
    bands = []
    for number, (low, low_closed, high, high_closed) in enumerate(rows):
        try:
            bands.append(
                Band(
                    quantity=Q,
                    name=Name(f"b{number}"),
                    low=low,
                    low_closed=low_closed and low is not None,
                    high=high,
                    high_closed=high_closed and high is not None,
                )
            )
        except MalformedError:
            continue
    counts = [sum(holds_at(item, point) for item in bands) for point in range(2 * TOP + 2)]
    found = find_band_faults(bands)
    assert any(fault.is_gap for fault in found) == (bool(bands) and 0 in counts)
    assert any(not fault.is_gap for fault in found) == any(count > 1 for count in counts)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (16, "16"),
        (100_000, "100000"),
        (10**22, "1e22"),
        (10**24 + 1, str(10**24 + 1)),
        (15 * 10**20, "1.5e21"),
        (10_101_010_101, "10101010101"),
    ],
)
def test_amounts_read_as_people_write_them(value: int, text: str) -> None:
    """Exact always: only trailing zeros become an exponent."""
    assert text == format_amount(value)
