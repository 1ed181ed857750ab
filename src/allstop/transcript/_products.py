"""The products of an item: none can be known before the item's nonce, and none can be left out (spec/recipe.md section 5).

To both factors of each product a dither is added that follows from the nonce, and is used once. So the factors
are fresh and of full rank whatever model and content are: zeros, equal rows, weights of low rank. All sums
of the product are folded by multiplications that wrap around, which no linear checksum can stand in for; the
digest of all folds is the item's trace.
"""

import hashlib
import math

import numpy as np
import numpy.typing as npt

from allstop.keys import open_keystream
from allstop.transcript._arithmetic import Exact32, Exact64

__all__ = ["DITHER_MAX", "Factor", "Products"]

DITHER_MAX = 15
"""Largest magnitude of a dither: it is odd, so never 0."""

Factor = npt.NDArray[np.int8] | Exact32 | Exact64
"""A factor, or a stack of them, of integers."""

_DITHER_PREFIX = b"allstop dither v1\n"
_TRACE_PREFIX = b"allstop trace v1\n"
_FOLD_FACTOR = np.uint32(2654435769)
_FOLD_SHIFT = np.uint32(15)
_WORD_BYTES = 8
_LOWER_TWICE, _UPPER_TWICE = np.uint64(1), np.uint64(3)
_EVEN_TO_30 = np.uint64(0x1E1E1E1E1E1E1E1E)


class Products:
    """Does the products of one item, one after the other, and keeps their trace."""

    def __init__(self, nonce: bytes) -> None:
        self._read = open_keystream(hashlib.sha256(_DITHER_PREFIX + nonce).digest())
        self._folds = hashlib.sha256(_TRACE_PREFIX)

    def of_bytes(self, a: Factor, b: Factor) -> Exact32:
        """Return the exact product of two arrays, or stacks of them, both dithered, in float32.

        Needs: magnitudes of at most `VALUE_MAX`, an inner side of at most `INNER_MAX`.
        """
        sums: Exact32 = np.matmul(self.dithered(a).astype(np.float32), self.dithered(b).astype(np.float32))
        self._fold(sums.astype(np.int32).view(np.uint32))
        return sums

    def of_gradients(self, a: Factor, b: Factor) -> Exact64:
        """Return the exact product of two arrays, or stacks of them, both dithered, in float64.

        Needs: largest magnitude of dithered `a` times that of dithered `b` times the inner side is at most 2^53.
        """
        sums: Exact64 = np.matmul(self.dithered(a).astype(np.float64), self.dithered(b).astype(np.float64))
        self._fold(sums.astype(np.int64).astype(np.uint32))
        return sums

    def dithered(self, values: Factor) -> Factor:
        r"""Return `values` plus fresh odd integers from -15 to 15, uniform; none of them is 0.

        The keystream of SHA-256(`"allstop dither v1\n" || nonce`) is read in words of 8 bytes, so many that each
        byte makes two numbers: first the lower halves of all bytes, then the upper ones; a half h makes 2 h - 15.
        """
        words = np.frombuffer(self._read(_WORD_BYTES * math.ceil(values.size / 16)), dtype=np.uint64)
        noise = np.empty((2, len(words)), dtype=np.uint64)
        # Eight bytes at a time; what a shift carries into the next byte the mask takes away.
        np.left_shift(words, _LOWER_TWICE, out=noise[0])
        np.right_shift(words, _UPPER_TWICE, out=noise[1])
        noise &= _EVEN_TO_30
        odd = noise.view(np.int8).reshape(-1)[: values.size]
        odd -= DITHER_MAX
        found: Factor = values + odd.reshape(values.shape)
        return found

    def trace(self) -> bytes:
        """Return the digest of the folds of all products so far: 32 bytes."""
        return self._folds.digest()

    def _fold(self, sums: npt.NDArray[np.uint32]) -> None:
        """Fold each column of sums modulo 2^32 into one number; overwrites `sums`."""
        sums *= _FOLD_FACTOR
        sums ^= sums >> _FOLD_SHIFT
        self._folds.update(np.bitwise_xor.reduce(sums, axis=-2).astype("<u4").tobytes())
