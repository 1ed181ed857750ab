"""Bounds that hold at a stated confidence, rounded outward so that no machine decides an edge."""

import math
from statistics import NormalDist

from allstop.units import PPM

__all__ = ["energy_spread_microjoule", "inflation_ppm", "normal_quantile_micro"]

_MICRO = 1_000_000


def normal_quantile_micro(*, alpha_ppm: int, splits: int) -> int:
    """Return z for a one-sided error of `alpha / splits`, in millionths, rounded up.

    The agreed false-alarm probability is divided over every bound that is used together (Bonferroni),
    so that all hold at once. Range: `1 <= alpha_ppm < 500_000`, `splits >= 1`.

    Raises:
        ValueError: an argument is out of range.
    """
    if not 1 <= alpha_ppm < PPM // 2 or splits < 1:
        raise ValueError(f"alpha is {alpha_ppm} ppm over {splits} bounds, want 1 to 499999 over 1 or more")
    # The lower tail, since 1 minus a tiny number is 1. The library is accurate to about 1e-15; two
    # millionths of room hide every difference of libm.
    return math.ceil(-NormalDist().inv_cdf(alpha_ppm / PPM / splits) * _MICRO) + 2


def inflation_ppm(*, random_ppm: int, systematic_ppm: int, z_micro: int) -> int:
    """Return the relative error of one reading at this quantile, rounded up: `z (random + systematic)`."""
    return -(-z_micro * (random_ppm + systematic_ppm) // _MICRO)


def energy_spread_microjoule(
    *, total: int, squares: int, random_ppm: int, systematic_ppm: int, z_micro: int
) -> int:
    """Bound the error of readings that sum to `total` µJ and whose squares sum to `squares`.

    `z sqrt(sum s_i^2 + (sum b_i)^2)` (DESIGN section 6) with `s_i = random u_i` and `b_i = systematic u_i`,
    rounded up.
    """
    variance = squares * random_ppm * random_ppm + (total * systematic_ppm) ** 2
    return -(-z_micro * (math.isqrt(variance) + 1) // (_MICRO * PPM)) if variance else 0
