"""Exact arithmetic on arrays of integers, by floating-point hardware (spec/recipe.md section 4).

A float32 holds every integer up to 2^24 in magnitude, a float64 every integer up to 2^53. If each partial sum
of a product stays within that, every order of summation, fused or not, gives the same exact result: so a
BLAS with any number of threads on any machine gives the same bytes. The callers' shapes keep the bounds;
here stands what each function needs.
"""

import hashlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "BYTE_MAX",
    "BYTE_MIN",
    "DITHER_MAX",
    "INNER_MAX",
    "Bytes",
    "Exact32",
    "clip_shifted",
    "dither",
    "product",
    "shift_of",
]

Exact32: TypeAlias = npt.NDArray[np.float32]
"""Integers up to 2^24 in magnitude."""

Bytes: TypeAlias = npt.NDArray[np.int8]

BYTE_MIN, BYTE_MAX = -128, 127

INNER_MAX = 1024
"""Longest inner side of a product of bytes in float32: 1024 x 128 x 128 = 2^24."""

DITHER_MAX = 15
"""Largest magnitude of a dither."""

_DITHER_PREFIX = b"allstop dither v1\n"


def product(a: Exact32, b: Exact32) -> Exact32:
    """Return the exact product of two arrays of bytes.

    Needs: magnitudes of at most 128, an inner side of at most `INNER_MAX`.
    """
    return np.matmul(a, b)


def shift_of(inner: int) -> int:
    """Return the shift after a product with this inner side: `5 + bits // 2`.

    Weights that are uniform over a byte then keep the size of what flows through them, give or take: a
    layer with ReLU multiplies it by 1.15 to 1.64, so that nothing dies out however deep the network.
    """
    return 5 + inner.bit_length() // 2


def clip_shifted(sums: Exact32, shift: int, *, low: int = BYTE_MIN) -> Exact32:
    """Divide by `2^shift`, round half to even, clip to `low..127`; overwrites and returns `sums`."""
    np.multiply(sums, np.float32(2.0**-shift), out=sums)
    np.rint(sums, out=sums)
    return np.clip(sums, np.float32(low), np.float32(BYTE_MAX), out=sums)


def dither(nonce: bytes, step: int, count: int) -> Exact32:
    """Return `count` odd integers from -15 to 15, uniform, from one nonce; none of them is 0.

    SHAKE-256 of `"allstop dither v1\\n" || nonce || u64 step`, two numbers a byte, the lower half first: a
    half n becomes 2 n - 15.
    """
    stream = hashlib.shake_256(_DITHER_PREFIX + nonce + step.to_bytes(8, "big")).digest((count + 1) // 2)
    halves = np.frombuffer(stream, dtype=np.uint8)
    found = np.empty((len(halves), 2), dtype=np.float32)
    found[:, 0] = halves & 15
    found[:, 1] = halves >> 4
    found *= np.float32(2)
    found -= np.float32(DITHER_MAX)
    return found.reshape(-1)[:count]
