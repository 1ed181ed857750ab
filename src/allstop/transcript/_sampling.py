"""How many items to draw, and what a clean sample says: the hypergeometric distribution, exactly.

The chance to miss all of `forged` items among `count` with a sample of `sample` is a product of
`min(forged, sample)` fractions. Decisions are exact at every size: products are bounded from both sides in
fixed-point integers, and where a bound touches the threshold, the whole numbers are compared. There is no
float and no approximation formula. Spec: spec/transcript.md section 4.
"""

import math
from fractions import Fraction

from allstop.transcript._items import ITEMS_MAX
from allstop.units import PPM

__all__ = [
    "forged_high",
    "forged_of_share",
    "is_enough",
    "miss_ppm_high",
    "miss_probability",
    "sample_size",
]

_BITS = 192


def miss_probability(count: int, forged: int, sample: int) -> Fraction:
    """Return C(count - forged, sample) / C(count, sample), the chance that a sample shows none of the forged.

    Exact, hence slow where both `forged` and `sample` are in the tens of thousands.

    Raises:
        ValueError: not `0 <= forged <= count` and `0 <= sample <= count`.
    """
    few, many = _check(count, forged, sample)
    above, below = _products(count, few, many)
    return Fraction(above, below)


def is_enough(count: int, *, forged: int, sample: int, miss_ppm: int) -> bool:
    """Tell whether the chance to miss all of `forged` items is at most `miss_ppm` parts per million."""
    few, many = _check(count, forged, sample)
    if few + many > count:
        return True
    if miss_ppm == 0:
        return False
    low = high = 1 << _BITS
    limit = miss_ppm << _BITS
    for i in range(few):
        low = low * (count - many - i) // (count - i)
        high = -(-high * (count - many - i) // (count - i))
        if high * PPM <= limit:
            return True  # every factor still to come is at most 1
    if low * PPM > limit:
        return False
    above, below = _products(count, few, many)
    return above * PPM <= miss_ppm * below


def forged_of_share(count: int, share_ppm: int) -> int:
    """Return the least number of items that makes up at least this share of `count`."""
    return -(-count * share_ppm // PPM)


def sample_size(count: int, *, forged_share_ppm: int, miss_ppm: int) -> int:
    """Return the smallest sample that misses that share of forged items with at most this probability.

    Raises:
        ValueError: not `1 <= forged_share_ppm <= 10^6` and `0 <= miss_ppm <= 10^6`.
    """
    if not 1 <= forged_share_ppm <= PPM or not 0 <= miss_ppm <= PPM:
        raise ValueError(f"share is {forged_share_ppm} ppm and miss {miss_ppm} ppm, want 1 and 0 to {PPM}")
    forged = forged_of_share(count, forged_share_ppm)
    low, high = 0, count
    while low < high:
        sample = (low + high) // 2
        if is_enough(count, forged=forged, sample=sample, miss_ppm=miss_ppm):
            high = sample
        else:
            low = sample + 1
    return low


def forged_high(count: int, *, sample: int, miss_ppm: int) -> int:
    """Return how many items may still be forged although all of `sample` drawn items passed.

    One more, and the sample would have shown it with probability 1 - miss.
    """
    low, high = 0, count - sample + 1  # the first number is not, the last is surely enough to be seen
    while high - low > 1:
        forged = (low + high) // 2
        if is_enough(count, forged=forged, sample=sample, miss_ppm=miss_ppm):
            high = forged
        else:
            low = forged
    return low


def miss_ppm_high(count: int, *, forged: int, sample: int) -> int:
    """Return the chance to miss all of `forged` items, in ppm rounded up."""
    low, high = 0, PPM
    while low < high:
        miss_ppm = (low + high) // 2
        if is_enough(count, forged=forged, sample=sample, miss_ppm=miss_ppm):
            high = miss_ppm
        else:
            low = miss_ppm + 1
    return low


def _check(count: int, forged: int, sample: int) -> tuple[int, int]:
    """Return the smaller and the larger of two numbers that the distribution treats alike."""
    if not (1 <= count <= ITEMS_MAX and 0 <= forged <= count and 0 <= sample <= count):
        raise ValueError(
            f"{sample} drawn and {forged} forged of {count}, want both at most the count and {ITEMS_MAX}"
        )
    return min(forged, sample), max(forged, sample)


def _products(count: int, few: int, many: int) -> tuple[int, int]:
    """Return numerator and denominator of the chance to miss."""
    above = math.prod(count - many - i for i in range(few))
    return above, math.prod(range(count - few + 1, count + 1))
