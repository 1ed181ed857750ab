"""The transformer, backward: gradient descent on the surprise at the next token (spec/recipe.md section 9)."""

import numpy as np
import numpy.typing as npt

from allstop.transcript._arithmetic import (
    GRADIENT_MAX,
    Exact32,
    Exact64,
    Integers,
    Weights,
    descend,
    gradient_of,
    matrices,
    rounded_quotient,
    shift_of,
    shifted_gradient,
)
from allstop.transcript._interpret_transformer import (
    NORM,
    POWERS,
    Block,
    Normed,
    parse_tokens,
    run_forward,
    score_shift,
    shapes_of,
)
from allstop.transcript._products import Products
from allstop.transcript._recipe import Recipe

__all__ = ["train_transformer"]

_ERROR_BITS = 14
"""Bits after the point of an error, and of the gradients that follow from it."""

_SHARE_BITS = 15
"""Bits after the point of a share of attention, once divided by the sum of all."""

_SCORE_BITS = 16
"""Bits after the point of the gradient of a score, and of the constant below."""

_LOG_2 = 45426
"""The natural logarithm of 2, in units of 2^-16."""


def train_transformer(recipe: Recipe, *, model: bytes, given: bytes, products: Products) -> bytes:
    """Return the model after `steps` batches of gradient descent.

    The sizes of the arguments are the caller's to check.

    Raises:
        MalformedError: a token is not below `outputs`.
    """
    masters = np.frombuffer(model, dtype="<i2").astype(np.int16)
    batches = parse_tokens(recipe, given).reshape(recipe.steps, recipe.rows, recipe.tokens + 1)
    shifts = np.repeat(
        [shift + recipe.rate_shift for shift in _shifts(recipe)],
        [rows * columns for rows, columns in shapes_of(recipe)],
    )
    for batch in batches:
        gradients = _gradients(recipe, masters, batch, products)
        masters = descend(masters, np.concatenate([found.reshape(-1) for found in gradients]), shifts)
    return masters.astype("<i2").tobytes()


def _logit_shift(recipe: Recipe) -> int:
    return shift_of(recipe.width) + 2


def _shifts(recipe: Recipe) -> list[int]:
    """Return for each matrix the power of two by which its gradient is too large."""
    narrow, wide = shift_of(recipe.width), shift_of(4 * recipe.width)
    return [0, 0, *(narrow, narrow, narrow, wide) * recipe.layers, _logit_shift(recipe)]


def _gradients(
    recipe: Recipe, masters: npt.NDArray[np.int16], batch: Integers, products: Products
) -> list[Exact64]:
    """Return the gradient of each matrix, times two to the power of its shift."""
    weights = matrices((masters >> 8).astype(np.int8), shapes_of(recipe))
    tokens = batch[:, :-1].reshape(-1)
    run = run_forward(recipe, weights, tokens, products, is_kept=True)
    error = _error(recipe, run.logits, batch[:, 1:].reshape(-1))
    found = [products.of_gradients(run.last.values.T, error)]
    below = shifted_gradient(products.of_gradients(error, weights[-1].T), _logit_shift(recipe))
    stream = _norm_gradient(run.last, below)
    for layer in range(recipe.layers - 1, -1, -1):
        stream, of_block = _block_gradients(
            recipe, run.blocks[layer], weights[2 + 4 * layer : 6 + 4 * layer], stream, products
        )
        found = of_block + found
    of_tokens = np.zeros_like(weights[0], dtype=np.float64)
    np.add.at(of_tokens, tokens, stream)
    return [of_tokens, stream.reshape(recipe.rows, recipe.tokens, -1).sum(axis=0), *found]


def _error(recipe: Recipe, logits: Exact32, wanted: Integers) -> Exact64:
    """Return the probability of each token less 1 for the wanted one; logits are sixteenths of a power of 2."""
    scores = np.rint(np.ldexp(logits, -_logit_shift(recipe)))
    distance = np.minimum(scores.max(axis=1, keepdims=True) - scores, len(POWERS) - 1)
    likely = POWERS[distance.astype(np.intp)]
    error = rounded_quotient(likely << _ERROR_BITS, likely.sum(axis=1, keepdims=True)).astype(np.float64)
    error[np.arange(len(wanted)), wanted] -= 2.0**_ERROR_BITS
    return error


def _block_gradients(
    recipe: Recipe, block: Block, weights: list[Weights], stream: Exact64, products: Products
) -> tuple[Exact64, list[Exact64]]:
    """Return the gradient of what enters a block, and of the block's matrices."""
    narrow, wide = shift_of(recipe.width), shift_of(4 * recipe.width)
    to_joined, to_attended, to_raised, to_lowered = weights
    times = products.of_gradients
    lowered = gradient_of(block.lowered, stream)
    of_lowered = times(block.raised.T, lowered)
    raised = gradient_of(block.raised, shifted_gradient(times(lowered, to_lowered.T), wide), low=0)
    of_raised = times(block.between.values.T, raised)
    below = shifted_gradient(times(raised, to_raised.T), narrow)
    stream = _sum(stream, _norm_gradient(block.between, below))
    attended = gradient_of(block.attended, stream)
    of_attended = times(block.mixed.T, attended)
    mixed = shifted_gradient(times(attended, to_attended.T), narrow)
    joined = gradient_of(block.joined, _attention_gradient(recipe, block, mixed, products))
    of_joined = times(block.before.values.T, joined)
    below = shifted_gradient(times(joined, to_joined.T), narrow)
    stream = _sum(stream, _norm_gradient(block.before, below))
    return stream, [of_joined, of_attended, of_raised, of_lowered]


def _attention_gradient(recipe: Recipe, block: Block, mixed: Exact64, products: Products) -> Exact64:
    """Return the gradient of queries, keys and values, joined as they were."""
    times = products.of_gradients
    mixed = mixed.reshape(recipe.rows, recipe.tokens, recipe.heads, -1).transpose(0, 2, 1, 3)
    taken = block.shares.astype(np.int64)
    shares = rounded_quotient(taken << _SHARE_BITS, taken.sum(axis=-1, keepdims=True))
    of_shares = times(mixed, block.values.transpose(0, 1, 3, 2)).astype(np.int64)
    mean = rounded_quotient((shares * of_shares).sum(axis=-1, keepdims=True), 2**_SHARE_BITS)
    # A score is sixteenths of a power of two. At most 2^15 x (2^30 + 2^30.1) x 45426 < 2^62.
    of_scores = rounded_quotient(
        shares * (of_shares - mean) * _LOG_2, 2 ** (_SHARE_BITS + score_shift(recipe) + 4)
    ).astype(np.float64)
    found = (
        shifted_gradient(times(of_scores, block.keys), _SCORE_BITS),
        shifted_gradient(times(of_scores.transpose(0, 1, 3, 2), block.queries), _SCORE_BITS),
        shifted_gradient(times(shares.transpose(0, 1, 3, 2).astype(np.float64), mixed), _SHARE_BITS),
    )
    return np.stack(found).transpose(1, 3, 0, 2, 4).reshape(recipe.places, -1)


def _norm_gradient(normed: Normed, gradient: Exact64) -> Exact64:
    """Return the gradient before a norm: `NORM / root` times what is not along the values."""
    inner = gradient_of(normed.values, gradient).astype(np.int64)
    values, width = normed.values.astype(np.int64), normed.values.shape[1]
    along = (values * inner).sum(axis=1, keepdims=True)
    # The root is in sixteenths: NORM x 16 / (NORM^2 width root) = 16 / (NORM width root).
    over = (inner * (NORM * NORM * width) - values * along) * 16
    found = rounded_quotient(over, normed.root * (NORM * width))
    return np.clip(found, -GRADIENT_MAX, GRADIENT_MAX).astype(np.float64)


def _sum(a: Exact64, b: Exact64) -> Exact64:
    return np.clip(a + b, -GRADIENT_MAX, GRADIENT_MAX)
