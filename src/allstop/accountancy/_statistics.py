"""Bounds that hold at a stated confidence, rounded outward so that no machine decides an edge."""

import math
from statistics import NormalDist

from allstop.units import PPM

__all__ = ["energy_high_microjoule", "normal_quantile_micro"]

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
    # The library is accurate to about 1e-15; two millionths of room hide every difference of libm.
    return math.ceil(NormalDist().inv_cdf(1 - alpha_ppm / PPM / splits) * _MICRO) + 2


def energy_high_microjoule(
    *, total: int, largest: int, random_ppm: int, systematic_ppm: int, z_micro: int
) -> int:
    """Bound the energy of readings that sum to `total` µJ, the largest of them `largest` µJ.

    `sum u + z sqrt(sum s_i^2 + (sum b_i)^2)` (DESIGN section 6) with `s_i = random u_i` and
    `b_i = systematic u_i`. `sum u_i^2 <= max u_i * sum u_i` keeps the square root in integers and on
    the safe side.
    """
    variance_random = largest * total * random_ppm * random_ppm
    variance_shared = (total * systematic_ppm) ** 2
    spread = math.isqrt(variance_random + variance_shared) + 1 if variance_random + variance_shared else 0
    return total + -(-z_micro * spread // (_MICRO * PPM))
