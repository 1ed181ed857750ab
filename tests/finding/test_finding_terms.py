"""The words that facts and judgements share: order of custody and level, channels, chip ranges."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.finding import (
    CHIP_INDEX_MAX,
    Channel,
    ChipRange,
    Custody,
    Level,
    Subgoal,
    count_chips,
    format_chip_ranges,
    parse_chip_ranges,
)
from allstop.ids import Name
from allstop.units import Unit
from fact_values import chip_ranges

LOT = Name("alder-h100")


def chips(first: int, until: int, lot: Name = LOT) -> ChipRange:
    """Return a range of one lot."""
    return ChipRange(lot=lot, first=first, until=until)


@pytest.mark.parametrize("kind", [Custody, Level])
def test_ranked_words_are_ordered_as_written(kind: type[Custody] | type[Level]) -> None:
    """Every pair of members compares as its positions do."""
    members = list(kind)
    for (i, a), (j, b) in itertools.product(enumerate(members), repeat=2):
        assert (i < j, i <= j, i > j, i >= j) == (a < b, a <= b, a > b, a >= b)


def test_custody_and_level_have_the_agreed_order() -> None:
    """Weakest first, by their wire forms."""
    assert [c.value for c in sorted(Custody)] == [
        "self-reported",
        "counterparty",
        "verifier-owned",
        "inspected",
    ]
    assert [level.value for level in sorted(Level)] == ["declared", "plausible", "verified"]
    assert [goal.value for goal in Subgoal] == ["1A", "1B", "2A", "2B"]


def test_every_channel_has_a_unit_and_only_counters_accumulate() -> None:
    """The unit of each channel, and which two are counters."""
    units = {
        "power": Unit.MILLIWATT,
        "energy": Unit.MILLIJOULE,
        "busy-time": Unit.CHIP_MS,
        "tensor-activity": Unit.PPM,
        "breaker": Unit.ONE,
    }
    assert units == {channel.value: channel.unit for channel in Channel}
    assert {"energy", "busy-time"} == {channel.value for channel in Channel if channel.is_counter}


@pytest.mark.parametrize(("first", "until"), [(-1, 1), (0, 0), (2, 1), (0, CHIP_INDEX_MAX + 1)])
def test_a_range_outside_its_limits_is_refused(first: int, until: int) -> None:
    """Each bound of a chip range is checked at construction."""
    with pytest.raises(ValueError, match="want 0 <= first < until"):
        chips(first, until)


@given(st.tuples(*[st.integers(0, 12)] * 4).filter(lambda n: n[0] < n[1] and n[2] < n[3]))
def test_overlap_is_the_size_of_the_intersection(n: tuple[int, int, int, int]) -> None:
    """Overlap of two ranges equals that of the sets of their indices; other lots share nothing."""
    expected = len(set(range(n[0], n[1])) & set(range(n[2], n[3])))
    assert expected == chips(n[0], n[1]).overlap_count(chips(n[2], n[3]))
    assert chips(n[0], n[1]).overlap_count(chips(n[2], n[3], Name("other"))) == 0


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(1, 5)), max_size=6))
def test_chips_are_counted_once_or_refused(rows: list[tuple[str, int, int]]) -> None:
    """The count is the size of the union, and any shared chip is an error."""
    ranges = [chips(first, first + length, Name(lot)) for lot, first, length in rows]
    indices = [(lot, i) for lot, first, length in rows for i in range(first, first + length)]
    if len(set(indices)) == len(indices):
        assert len(indices) == count_chips(ranges)
    else:
        with pytest.raises(ValueError, match="is named twice"):
            count_chips(ranges)


@given(chip_ranges())
def test_chip_ranges_survive_a_round_trip(ranges: tuple[ChipRange, ...]) -> None:
    """Format and parse are inverse, in the order given."""
    assert ranges == parse_chip_ranges(Fields({"chips": format_chip_ranges(ranges)}, "job"), "chips")


@pytest.mark.parametrize(
    "item",
    [
        {"lot": "a", "first": 3, "until": 3},
        {"lot": "a", "first": 0, "until": CHIP_INDEX_MAX + 1},
        {"lot": "A", "first": 0, "until": 1},
        {"lot": "a", "first": 0},
        {"lot": "a", "first": 0, "until": 1, "step": 1},
    ],
)
def test_a_malformed_range_is_refused(item: dict[str, JSON]) -> None:
    """An empty, too long, badly named, incomplete or overfull range does not parse."""
    with pytest.raises(MalformedError):
        parse_chip_ranges(Fields({"chips": [item]}, "job"), "chips")
