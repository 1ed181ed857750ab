"""Sample sizes: against brute force, the usual examples, the definition, and what must be monotone."""

from fractions import Fraction
from itertools import combinations
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.transcript import (
    ITEMS_MAX,
    forged_high,
    forged_of_share,
    is_enough,
    miss_ppm_high,
    miss_probability,
    sample_size,
)
from allstop.units import PPM
from transcripts.reference_transcript import ref_forged_high, ref_miss, ref_sample_size

TABLE = [
    (100, 5, 100_000, 37),
    (100, 5, 500_000, 13),
    (100, 5, 800_000, 5),
    (1000, 10, 100_000, 205),
    (1000, 10, 500_000, 67),
    (1000, 10, 800_000, 22),
    (1_000_000, 16, 100_000, 134_035),
    (1_000_000, 16, 500_000, 42_397),
    (1_000_000, 16, 800_000, 13_850),
]
"""Items, forged ones, probability to miss, and the exact size: the usual examples of safeguards."""

counts = st.integers(1, ITEMS_MAX)
shares = st.integers(1, PPM)
misses = st.integers(1, PPM)


@pytest.mark.parametrize("count", range(1, 9))
def test_the_chance_to_miss_is_the_share_of_samples_that_miss(count: int) -> None:
    """Every sample of every size is looked at, for every number of forged items."""
    for sample in range(count + 1):
        samples = list(combinations(range(count), sample))
        for forged in range(count + 1):
            missing = sum(1 for one in samples if not any(index < forged for index in one))
            assert Fraction(missing, len(samples)) == miss_probability(count, forged, sample)


@pytest.mark.parametrize("count", [17, 30])
def test_decisions_are_exact_at_the_threshold(count: int) -> None:
    """For every lot, the least ppm that is enough is the exact chance rounded up: no bound is taken for the number."""
    for forged in range(count + 1):
        for sample in range(count + 1):
            exact = ceil(ref_miss(count, forged, sample) * PPM)
            assert exact == miss_ppm_high(count, forged=forged, sample=sample)
            assert is_enough(count, forged=forged, sample=sample, miss_ppm=exact)
            assert not exact or not is_enough(count, forged=forged, sample=sample, miss_ppm=exact - 1)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 24])
@pytest.mark.parametrize("miss_ppm", [0, 1, 100_000, 250_000, 500_000, 800_000, PPM])
def test_sizes_are_those_that_trying_gives(count: int, miss_ppm: int) -> None:
    """Sample and remaining forged items against a search from below, ties included."""
    miss = Fraction(miss_ppm, PPM)
    for forged in range(1, count + 1):
        share = -(-forged * PPM // count) if forged < count else PPM
        expected = ref_sample_size(count, forged_of_share(count, share), miss)
        assert expected == sample_size(count, forged_share_ppm=share, miss_ppm=miss_ppm)
    for sample in range(count + 1):
        assert ref_forged_high(count, sample, miss) == forged_high(count, sample=sample, miss_ppm=miss_ppm)


@pytest.mark.parametrize(("count", "forged", "miss_ppm", "expected"), TABLE)
def test_the_usual_examples(count: int, forged: int, miss_ppm: int, expected: int) -> None:
    """The exact sizes; one less is not enough."""
    share = forged * PPM // count
    assert expected == sample_size(count, forged_share_ppm=share, miss_ppm=miss_ppm)
    assert not is_enough(count, forged=forged, sample=expected - 1, miss_ppm=miss_ppm)


@pytest.mark.parametrize(("forged", "sample"), [(1, 9_000_000), (9_000_000, 1)])
def test_a_tie_in_a_large_lot_counts_as_enough(forged: int, sample: int) -> None:
    """A chance of exactly one in ten, where bounds from both sides can never tell."""
    assert is_enough(ITEMS_MAX, forged=forged, sample=sample, miss_ppm=100_000)
    assert not is_enough(ITEMS_MAX, forged=forged, sample=sample - 1, miss_ppm=100_000)


@given(counts, shares, misses)
@settings(max_examples=60)
def test_a_size_is_the_least_that_is_enough(count: int, share_ppm: int, miss_ppm: int) -> None:
    """The definition, for lots of any size: it is enough, and one less is not."""
    sample = sample_size(count, forged_share_ppm=share_ppm, miss_ppm=miss_ppm)
    forged = forged_of_share(count, share_ppm)
    assert is_enough(count, forged=forged, sample=sample, miss_ppm=miss_ppm)
    assert not sample or not is_enough(count, forged=forged, sample=sample - 1, miss_ppm=miss_ppm)
    # What is left is below the agreed share: that is what the size was chosen for.
    assert forged_high(count, sample=sample, miss_ppm=miss_ppm) < forged


@given(counts, st.data(), misses)
@settings(max_examples=60)
def test_what_may_remain_forged_is_the_most_that_is_missed_too_often(
    count: int, data: st.DataObject, miss_ppm: int
) -> None:
    """The definition, for lots of any size: one more would be seen, and this many would not."""
    sample = data.draw(st.integers(0, count))
    forged = forged_high(count, sample=sample, miss_ppm=miss_ppm)
    assert forged == count or is_enough(count, forged=forged + 1, sample=sample, miss_ppm=miss_ppm)
    assert not forged or not is_enough(count, forged=forged, sample=sample, miss_ppm=miss_ppm)


@given(counts, st.data(), shares, misses)
@settings(max_examples=60, deadline=None)
def test_more_is_never_less(count: int, data: st.DataObject, share_ppm: int, miss_ppm: int) -> None:
    """A larger sample leaves less room, a stricter agreement asks for a larger sample."""
    sample = data.draw(st.integers(0, count))
    more = data.draw(st.integers(sample, count))
    stricter = data.draw(st.integers(1, miss_ppm))
    smaller = data.draw(st.integers(1, share_ppm))
    left = forged_high(count, sample=sample, miss_ppm=miss_ppm)
    assert left >= forged_high(count, sample=more, miss_ppm=miss_ppm)
    assert left <= forged_high(count, sample=sample, miss_ppm=stricter)
    size = sample_size(count, forged_share_ppm=share_ppm, miss_ppm=miss_ppm)
    assert size <= sample_size(count, forged_share_ppm=share_ppm, miss_ppm=stricter)
    assert size <= sample_size(count, forged_share_ppm=smaller, miss_ppm=miss_ppm)
    forged = forged_of_share(count, share_ppm)
    assert miss_ppm_high(count, forged=forged, sample=sample) >= miss_ppm_high(
        count, forged=forged, sample=more
    )


@pytest.mark.parametrize(
    ("count", "share_ppm", "expected"), [(10, 1, 1), (10, PPM, 10), (3, 333_334, 2), (3, 333_333, 1)]
)
def test_a_share_is_rounded_up_to_items(count: int, share_ppm: int, expected: int) -> None:
    """Who forges at least the share has forged at least this many."""
    assert expected == forged_of_share(count, share_ppm)


@pytest.mark.parametrize(
    ("count", "forged", "sample"), [(0, 0, 0), (5, 6, 1), (5, 1, 6), (5, -1, 1), (ITEMS_MAX + 1, 1, 1)]
)
def test_lots_that_cannot_be_are_refused(count: int, forged: int, sample: int) -> None:
    """Numbers out of range are errors of the caller, never a probability."""
    with pytest.raises(ValueError, match="want both at most"):
        miss_probability(count, forged, sample)
    with pytest.raises(ValueError, match="want both at most"):
        is_enough(count, forged=forged, sample=sample, miss_ppm=1)


@pytest.mark.parametrize(("share_ppm", "miss_ppm"), [(0, 1), (PPM + 1, 1), (1, -1), (1, PPM + 1)])
def test_terms_that_cannot_be_are_refused(share_ppm: int, miss_ppm: int) -> None:
    """A share of nothing, or a probability above one, is no term of an agreement."""
    with pytest.raises(ValueError, match="share is"):
        sample_size(10, forged_share_ppm=share_ppm, miss_ppm=miss_ppm)
