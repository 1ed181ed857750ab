"""The losses of spec/recipe.md as smooth functions: float64, nothing rounded, no gradient written by hand.

`slopes` takes their derivative by finite differences, so that a backward pass can be checked against a
forward one that knows nothing about it.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from allstop.transcript import Recipe
from recipe_reference import ref_shift

Floats = npt.NDArray[np.float64]


def slopes(loss: Callable[[Floats], float], weights: Floats, step: float = 0.02) -> Floats:
    """Return the central difference of the loss along every weight."""
    found = np.empty(len(weights))
    for index in range(len(weights)):
        bent = weights.copy()
        bent[index] += step
        above = loss(bent)
        bent[index] -= 2 * step
        found[index] = (above - loss(bent)) / (2 * step)
    return found


def cut(weights: Floats, shapes: list[tuple[int, int]]) -> list[Floats]:
    """Cut weights into matrices."""
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(weights, ends[:-1]), shapes, strict=True)]


def mlp_shapes(recipe: Recipe) -> list[tuple[int, int]]:
    """Return the shapes of the dense network's matrices."""
    return [(recipe.width, recipe.width)] * recipe.layers + [(recipe.width, recipe.outputs)]


def mlp_loss(recipe: Recipe, weights: Floats, batch: bytes) -> float:
    """Return half the squared error of one batch."""
    shift, size = 2.0 ** ref_shift(recipe.width), recipe.rows * recipe.width
    numbers = np.frombuffer(batch, dtype=np.int8).astype(float)
    *layers, last = cut(weights, mlp_shapes(recipe))
    values = _byte(numbers[:size]).reshape(recipe.rows, recipe.width)
    for layer in layers:
        values = np.clip(values @ layer / shift, 0, 112)
    outputs = (values @ last / shift).reshape(-1)
    return float(((outputs - numbers[size:]) ** 2).sum() / 2)


def transformer_shapes(recipe: Recipe) -> list[tuple[int, int]]:
    """Return the shapes of the transformer's matrices."""
    w = recipe.width
    block = [(w, 3 * w), (w, w), (w, 4 * w), (4 * w, w)]
    return [(recipe.outputs, w), (recipe.tokens, w), *block * recipe.layers, (w, recipe.outputs)]


def transformer_loss(recipe: Recipe, weights: Floats, batch: bytes) -> float:
    """Return the surprise in sixteenths of a bit over one batch."""
    w, shift = recipe.width, 2.0 ** ref_shift(recipe.width)
    tokens = np.frombuffer(batch, dtype="<u2").astype(int).reshape(recipe.rows, recipe.tokens + 1)
    of_tokens, of_places, *blocks, last = cut(weights, transformer_shapes(recipe))
    stream = of_tokens[tokens[:, :-1]] + of_places
    for layer in range(recipe.layers):
        joined, attended, raised, lowered = blocks[4 * layer : 4 * layer + 4]
        stream = stream + _byte(_attention(recipe, _byte(_norm(stream) @ joined / shift)) @ attended / shift)
        inner = np.clip(_norm(stream) @ raised / shift, 0, 112)
        stream = stream + _byte(inner @ lowered / 2.0 ** ref_shift(4 * w))
    scores = (_norm(stream) @ last / (4 * shift)).reshape(-1, recipe.outputs)
    top = scores.max(axis=1)
    surprise = 16 * np.log2(np.exp2((scores - top[:, None]) / 16).sum(axis=1)) + top
    wanted = scores[np.arange(len(scores)), tokens[:, 1:].reshape(-1)]
    return float((surprise - wanted).sum())


def _byte(values: Floats) -> Floats:
    return np.clip(values, -112, 112)


def _norm(stream: Floats) -> Floats:
    root: Floats = np.sqrt((stream**2).mean(axis=-1, keepdims=True))
    return _byte(32 * stream / root)


def _attention(recipe: Recipe, joined: Floats) -> Floats:
    size = recipe.width // recipe.heads
    parts = joined.reshape(recipe.rows, recipe.tokens, 3, recipe.heads, size).transpose(2, 0, 3, 1, 4)
    queries, keys, values = parts
    scores = queries @ keys.transpose(0, 1, 3, 2) / 2.0 ** (8 + size.bit_length() // 2)
    scores = np.where(np.tril(np.ones((recipe.tokens, recipe.tokens))) > 0, scores, -np.inf)
    shares = np.exp2((scores - scores.max(axis=-1, keepdims=True)) / 16)
    mixed: Floats = shares @ values / shares.sum(axis=-1, keepdims=True)
    joined_again: Floats = mixed.transpose(0, 2, 1, 3).reshape(recipe.rows, recipe.tokens, -1)
    return joined_again
