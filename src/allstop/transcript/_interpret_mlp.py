"""The network of dense layers: its use and its training (spec/recipe.md sections 5 and 6)."""

import numpy as np
import numpy.typing as npt

from allstop.transcript._arithmetic import (
    BYTE_MAX,
    BYTE_MIN,
    GRADIENT_MAX,
    Exact32,
    Exact64,
    clip_shifted,
    descend,
    dither,
    gradient_of,
    matrices,
    product,
    product64,
    shift_of,
    shifted_gradient,
)
from allstop.transcript._recipe import Recipe

__all__ = ["infer_mlp", "train_mlp"]

_ERROR_BITS = 4
"""Bits after the point of an error, and of the gradients that follow from it."""


def infer_mlp(recipe: Recipe, *, model: bytes, given: bytes, nonce: bytes) -> bytes:
    """Return what the network makes of `rows` inputs: 32-bit little-endian integers, row by row.

    The sizes of the arguments are the caller's to check.
    """
    *layers, last = matrices(np.frombuffer(model, dtype=np.int8), _shapes(recipe))
    inputs = np.frombuffer(given, dtype=np.int8)
    values = _dithered(inputs, dither(nonce, 0, len(inputs))).reshape(recipe.rows, recipe.width)
    for layer in layers:
        values = clip_shifted(product(values, layer), shift_of(recipe.width), low=0)
    return product(values, last).astype("<i4").tobytes()


def train_mlp(recipe: Recipe, *, model: bytes, given: bytes, nonce: bytes) -> bytes:
    """Return the model after `steps` batches of gradient descent on the squared error.

    The sizes of the arguments are the caller's to check.
    """
    masters = np.frombuffer(model, dtype="<i2").astype(np.int16)
    batches = np.frombuffer(given, dtype=np.int8).reshape(recipe.steps, -1)
    for step, batch in enumerate(batches):
        gradients = _gradients(recipe, masters, batch, dither(nonce, step, len(batch)))
        flat = np.concatenate([gradient.reshape(-1) for gradient in gradients])
        masters = descend(masters, flat, shift_of(recipe.width) + recipe.rate_shift)
    return masters.astype("<i2").tobytes()


def _gradients(
    recipe: Recipe, masters: npt.NDArray[np.int16], batch: npt.NDArray[np.int8], noise: Exact32
) -> list[Exact64]:
    """Return the gradient of each matrix, times `2^shift`."""
    shift, cut = shift_of(recipe.width), recipe.rows * recipe.width
    weights = matrices((masters >> 8).astype(np.int8), _shapes(recipe))
    inputs = [_dithered(batch[:cut], noise[:cut]).reshape(recipe.rows, recipe.width)]
    for layer in weights[:-1]:
        inputs.append(clip_shifted(product(inputs[-1], layer), shift, low=0))
    wanted = (batch[cut:] - noise[cut:]).reshape(recipe.rows, recipe.outputs)
    outputs = np.rint(product(inputs[-1], weights[-1]) * 2.0 ** (_ERROR_BITS - shift))
    error = np.clip(outputs.astype(np.float64) - 2.0**_ERROR_BITS * wanted, -GRADIENT_MAX, GRADIENT_MAX)
    found = [product64(inputs[-1].T, error)]
    for index in range(recipe.layers, 0, -1):
        error = shifted_gradient(product64(error, weights[index].T), shift)
        error = gradient_of(inputs[index], error, low=0)
        found.append(product64(inputs[index - 1].T, error))
    return found[::-1]


def _shapes(recipe: Recipe) -> tuple[tuple[int, int], ...]:
    return ((recipe.width, recipe.width),) * recipe.layers + ((recipe.width, recipe.outputs),)


def _dithered(inputs: npt.NDArray[np.int8], noise: Exact32) -> Exact32:
    found: Exact32 = inputs + noise
    return np.clip(found, np.float32(BYTE_MIN), np.float32(BYTE_MAX), out=found)
