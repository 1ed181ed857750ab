"""The network of dense layers: its use and its training (spec/recipe.md sections 6 and 7)."""

import numpy as np
import numpy.typing as npt

from allstop.transcript._arithmetic import (
    GRADIENT_MAX,
    VALUE_MAX,
    Exact32,
    Exact64,
    clip_shifted,
    descend,
    gradient_of,
    matrices,
    shift_of,
    shifted_gradient,
)
from allstop.transcript._products import Products
from allstop.transcript._recipe import Recipe

__all__ = ["infer_mlp", "train_mlp"]

_ERROR_BITS = 4
"""Bits after the point of an error, and of the gradients that follow from it."""


def infer_mlp(recipe: Recipe, *, model: bytes, given: bytes, products: Products) -> bytes:
    """Return what the network makes of `rows` inputs: 32-bit little-endian integers, row by row.

    The sizes of the arguments are the caller's to check.
    """
    *layers, last = matrices(np.frombuffer(model, dtype=np.int8), _shapes(recipe))
    values = _inputs(recipe, np.frombuffer(given, dtype=np.int8))
    for layer in layers:
        values = clip_shifted(products.of_bytes(values, layer), shift_of(recipe.width), low=0)
    return products.of_bytes(values, last).astype("<i4").tobytes()


def train_mlp(recipe: Recipe, *, model: bytes, given: bytes, products: Products) -> bytes:
    """Return the model after `steps` batches of gradient descent on the squared error.

    The sizes of the arguments are the caller's to check.
    """
    masters = np.frombuffer(model, dtype="<i2").astype(np.int16)
    for batch in np.frombuffer(given, dtype=np.int8).reshape(recipe.steps, -1):
        gradients = _gradients(recipe, masters, batch, products)
        flat = np.concatenate([gradient.reshape(-1) for gradient in gradients])
        masters = descend(masters, flat, shift_of(recipe.width) + recipe.rate_shift)
    return masters.astype("<i2").tobytes()


def _gradients(
    recipe: Recipe, masters: npt.NDArray[np.int16], batch: npt.NDArray[np.int8], products: Products
) -> list[Exact64]:
    """Return the gradient of each matrix, times `2^shift`."""
    shift, cut = shift_of(recipe.width), recipe.rows * recipe.width
    weights = matrices((masters >> 8).astype(np.int8), _shapes(recipe))
    inputs = [_inputs(recipe, batch[:cut])]
    for layer in weights[:-1]:
        inputs.append(clip_shifted(products.of_bytes(inputs[-1], layer), shift, low=0))
    wanted = batch[cut:].reshape(recipe.rows, recipe.outputs)
    outputs = np.rint(products.of_bytes(inputs[-1], weights[-1]) * 2.0 ** (_ERROR_BITS - shift))
    error = np.clip(outputs.astype(np.float64) - 2.0**_ERROR_BITS * wanted, -GRADIENT_MAX, GRADIENT_MAX)
    found = [products.of_gradients(inputs[-1].T, error)]
    for index in range(recipe.layers, 0, -1):
        error = shifted_gradient(products.of_gradients(error, weights[index].T), shift)
        error = gradient_of(inputs[index], error, low=0)
        found.append(products.of_gradients(inputs[index - 1].T, error))
    return found[::-1]


def _shapes(recipe: Recipe) -> tuple[tuple[int, int], ...]:
    return ((recipe.width, recipe.width),) * recipe.layers + ((recipe.width, recipe.outputs),)


def _inputs(recipe: Recipe, given: npt.NDArray[np.int8]) -> Exact32:
    inputs = np.clip(given, -VALUE_MAX, VALUE_MAX).astype(np.float32)
    return inputs.reshape(recipe.rows, recipe.width)
