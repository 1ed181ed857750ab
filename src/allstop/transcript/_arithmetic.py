"""Exact arithmetic on arrays of integers, by floating-point hardware (spec/recipe.md section 4).

A float32 holds every integer up to 2^24 in magnitude, a float64 every integer up to 2^53. If each partial sum
of a product stays within that, every order of summation, fused or not, gives the same exact result: so a
BLAS with any number of threads on any machine gives the same bytes. Results are the callers' to keep within
the bounds; here stands what each function needs. There is one way of rounding: to nearest, ties to even.
"""

import hashlib
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from allstop.errors import OperationalError

__all__ = [
    "GRADIENT_MAX",
    "INNER_MAX",
    "VALUE_MAX",
    "Exact32",
    "Exact64",
    "Integers",
    "Weights",
    "check_products",
    "clip_shifted",
    "descend",
    "gradient_of",
    "integer_root",
    "matrices",
    "powers_of_two",
    "rounded_quotient",
    "shift_of",
    "shifted_gradient",
]

Exact32: TypeAlias = npt.NDArray[np.float32]
"""Integers up to 2^24 in magnitude."""

Exact64: TypeAlias = npt.NDArray[np.float64]
"""Integers up to 2^53 in magnitude."""

Integers: TypeAlias = npt.NDArray[np.int64]

Weights: TypeAlias = npt.NDArray[np.int8]
"""Weights as a product takes them: up to `VALUE_MAX` in magnitude."""

VALUE_MAX = 112
"""Largest magnitude of a weight, and of what flows between products: with its dither it is still a byte."""

GRADIENT_MAX = 2**15
"""Largest magnitude of a gradient of anything but a weight."""

INNER_MAX = 1024
"""Longest inner side of a product of bytes in float32: 1024 x 127 x 127 is below 2^24."""

_MASTER_MIN, _MASTER_MAX = -(2**15), 2**15 - 1


def check_products(multiply: Callable[[Exact32 | Exact64, Exact32 | Exact64], object] = np.matmul) -> None:
    """Check that a library's products are exact at the bounds that this module relies on.

    A library may shorten entries or combine blocks before it multiplies; then an honest prover would seem to
    have forged. The products are checked against 64-bit integers, times one vector (Freivalds).

    Raises:
        OperationalError: a product is not exact.
    """
    stream = hashlib.shake_256(b"allstop products v1\n").digest(2 * 256 * INNER_MAX)
    noise = np.frombuffer(stream, dtype=np.int8).astype(np.int64).reshape(2, 256, INNER_MAX)
    high = 120 + (noise & 7)  # sums just below 2^24, odd ones too
    for left, right, dtype in (
        (noise[0], noise[1].T, np.float32),
        (high[0], high[1].T, np.float32),
        (noise[0] * 2**23, noise[1].T * 2**6 + 1, np.float64),
    ):
        found = np.asarray(multiply(left.astype(dtype), right.astype(dtype))).astype(np.int64)
        weights = noise[0, 0, : found.shape[1]]
        if not np.array_equal(found @ weights, left @ (right @ weights)):
            raise OperationalError(
                f"matrix products in {np.dtype(dtype).name} are not exact on this machine",
                hint="switch off reduced precision in the library that NumPy multiplies with",
            )


def shift_of(inner: int) -> int:
    """Return the shift after a product with this inner side: `5 + bits // 2`.

    Weights that are uniform over a byte then keep the size of what flows through them, give or take: a
    layer with ReLU multiplies it by about 1.1 to 1.5.
    """
    return 5 + inner.bit_length() // 2


def clip_shifted(sums: Exact32, shift: int, *, low: int = -VALUE_MAX) -> Exact32:
    """Divide by `2^shift`, round, clip to `low..112`; overwrites and returns `sums`."""
    # A power of two scales a float32 without error; so only `rint` rounds, and that is ties to even.
    np.multiply(sums, np.float32(2.0**-shift), out=sums)
    np.rint(sums, out=sums)
    return np.clip(sums, np.float32(low), np.float32(VALUE_MAX), out=sums)


def rounded_quotient(over: Integers, under: Integers | int) -> Integers:
    """Return `over / under`, rounded.

    Needs: `under` above 0; `2 * under` and `over` within int64.
    """
    found: Integers = over // under
    twice_left = 2 * (over - found * under)
    found += (twice_left > under) | ((twice_left == under) & (found % 2 == 1))
    return found


def integer_root(squares: Integers) -> Integers:
    """Return the largest integers whose squares are not above `squares`.

    Needs: `0 <= squares < 2^52`.
    """
    root = np.sqrt(squares.astype(np.float64)).astype(np.int64)
    # IEEE roots are right already; this makes the result independent of who computed them.
    root -= root * root > squares
    root += (root + 1) * (root + 1) <= squares
    return root


def powers_of_two(bits: int) -> Integers:
    """Return `floor(2^(bits - i / 16))` for each i from 0, ending with the first that is 0."""
    top = 2 ** (16 * bits)
    found = [_sixteenth_root(top >> i) for i in range(16 * bits + 1)]
    return np.array([*found, 0], dtype=np.int64)


def _sixteenth_root(power: int) -> int:
    low, high = 0, 2 ** (power.bit_length() // 16 + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**16 <= power else (low, middle)
    return low


def matrices(weights: npt.NDArray[np.int8], shapes: tuple[tuple[int, int], ...]) -> list[Weights]:
    """Cut a model into its matrices, row by row, and clip it to what a product takes."""
    ends = np.cumsum([rows * columns for rows, columns in shapes])[:-1]
    cut = np.split(np.clip(weights, -VALUE_MAX, VALUE_MAX), ends)
    return [part.reshape(shape) for part, shape in zip(cut, shapes, strict=True)]


def gradient_of(values: Exact32, gradient: Exact64, *, low: int = -VALUE_MAX) -> Exact64:
    """Return the gradient before a clip to `low..112`: what was clipped, or is at an end, has none."""
    found: Exact64 = np.where((values > low) & (values < VALUE_MAX), gradient, 0.0)
    return found


def shifted_gradient(sums: Exact64, shift: int) -> Exact64:
    """Divide by `2^shift`, round, clip to `GRADIENT_MAX` in magnitude; overwrites and returns `sums`."""
    np.multiply(sums, 2.0**-shift, out=sums)
    np.rint(sums, out=sums)
    return np.clip(sums, -GRADIENT_MAX, GRADIENT_MAX, out=sums)


def descend(
    masters: npt.NDArray[np.int16], gradient: Exact64, shift: int | Integers
) -> npt.NDArray[np.int16]:
    """Return 16-bit weights less `gradient / 2^shift`, rounded, clipped."""
    moved = masters - np.rint(np.ldexp(gradient, -shift))
    return np.clip(moved, _MASTER_MIN, _MASTER_MAX).astype(np.int16)
