"""The network of dense layers: its use (spec/recipe.md section 5)."""

import numpy as np

from allstop.transcript._arithmetic import (
    BYTE_MAX,
    BYTE_MIN,
    Exact32,
    clip_shifted,
    dither,
    product,
    shift_of,
)
from allstop.transcript._recipe import Recipe

__all__ = ["infer_mlp"]


def infer_mlp(recipe: Recipe, *, model: bytes, given: bytes, nonce: bytes) -> bytes:
    """Return what the network makes of `rows` inputs: 32-bit little-endian integers, row by row.

    The sizes of the arguments are the caller's to check.
    """
    inputs = np.frombuffer(given, dtype=np.int8).astype(np.float32)
    inputs += dither(nonce, 0, len(inputs))
    np.clip(inputs, BYTE_MIN, BYTE_MAX, out=inputs)
    *layers, last = _matrices(recipe, np.frombuffer(model, dtype=np.int8).astype(np.float32))
    values = inputs.reshape(recipe.rows, recipe.width)
    for layer in layers:
        values = clip_shifted(product(values, layer), shift_of(recipe.width), low=0)
    return product(values, last).astype("<i4").tobytes()


def _matrices(recipe: Recipe, weights: Exact32) -> list[Exact32]:
    """Cut a model into its layers, inputs down and outputs across."""
    width, square = recipe.width, recipe.width**2
    cut = recipe.layers * square
    hidden = [weights[i * square : (i + 1) * square].reshape(width, width) for i in range(recipe.layers)]
    return [*hidden, weights[cut:].reshape(width, recipe.outputs)]
