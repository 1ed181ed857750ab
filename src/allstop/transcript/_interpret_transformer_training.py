"""The transformer, backward: gradient descent on the surprise at the next token (spec/recipe.md section 8)."""

import numpy as np
import numpy.typing as npt

from allstop.transcript._arithmetic import (
    GRADIENT_MAX,
    Exact32,
    Exact64,
    Integers,
    descend,
    dither,
    gradient_of,
    matrices,
    powers_of_two,
    product64,
    rounded_quotient,
    shift_of,
    shifted_gradient,
)
from allstop.transcript._interpret_transformer import (
    NORM,
    Block,
    Normed,
    parse_tokens,
    run_forward,
    score_shift,
    shapes_of,
)
from allstop.transcript._recipe import Recipe

__all__ = ["train_transformer"]

_ERROR_BITS = 14
"""Bits after the point of an error, and of the gradients that follow from it."""

_NOISE_BITS = 4
"""Bits by which a dither is shifted before it is added to an error."""

_SHARE_BITS = 15
"""Bits after the point of a share of attention, once divided by the sum of all."""

_SCORE_BITS = 16
"""Bits after the point of the gradient of a score, and of the constant below."""

_LOG_2 = 45426
"""The natural logarithm of 2, in units of 2^-16."""

_POWERS = powers_of_two(15)


def train_transformer(recipe: Recipe, *, model: bytes, given: bytes, nonce: bytes) -> bytes:
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
    for step, batch in enumerate(batches):
        noise = dither(nonce, step, recipe.places * (recipe.width + recipe.outputs))
        gradients = _gradients(recipe, masters, batch, noise)
        masters = descend(masters, np.concatenate([found.reshape(-1) for found in gradients]), shifts)
    return masters.astype("<i2").tobytes()


def _logit_shift(recipe: Recipe) -> int:
    return shift_of(recipe.width) + 2


def _shifts(recipe: Recipe) -> list[int]:
    """Return for each matrix the power of two by which its gradient is too large."""
    narrow, wide = shift_of(recipe.width), shift_of(4 * recipe.width)
    return [0, 0, *(narrow, narrow, narrow, wide) * recipe.layers, _logit_shift(recipe)]


def _gradients(
    recipe: Recipe, masters: npt.NDArray[np.int16], batch: Integers, noise: Exact32
) -> list[Exact64]:
    """Return the gradient of each matrix, times two to the power of its shift."""
    cut = recipe.places * recipe.width
    weights = matrices((masters >> 8).astype(np.int8), shapes_of(recipe))
    tokens = batch[:, :-1].reshape(-1)
    run = run_forward(recipe, weights, tokens, noise[:cut], is_kept=True)
    error = _error(recipe, run.logits, batch[:, 1:].reshape(-1))
    error += noise[cut:].reshape(error.shape) * 2.0**_NOISE_BITS
    found = [product64(run.last.values.T, error)]
    stream = _norm_gradient(run.last, shifted_gradient(product64(error, weights[-1].T), _logit_shift(recipe)))
    for layer in range(recipe.layers - 1, -1, -1):
        stream, of_block = _block_gradients(
            recipe, run.blocks[layer], weights[2 + 4 * layer : 6 + 4 * layer], stream
        )
        found = of_block + found
    of_tokens = np.zeros_like(weights[0], dtype=np.float64)
    np.add.at(of_tokens, tokens, stream)
    return [of_tokens, stream.reshape(recipe.rows, recipe.tokens, -1).sum(axis=0), *found]


def _error(recipe: Recipe, logits: Exact32, wanted: Integers) -> Exact64:
    """Return the probability of each token less 1 for the wanted one; logits are sixteenths of a power of 2."""
    scores = np.rint(np.ldexp(logits, -_logit_shift(recipe)))
    distance = np.minimum(scores.max(axis=1, keepdims=True) - scores, len(_POWERS) - 1)
    likely = _POWERS[distance.astype(np.intp)]
    error = rounded_quotient(likely << _ERROR_BITS, likely.sum(axis=1, keepdims=True)).astype(np.float64)
    error[np.arange(len(wanted)), wanted] -= 2.0**_ERROR_BITS
    return error


def _block_gradients(
    recipe: Recipe, block: Block, weights: list[Exact32], stream: Exact64
) -> tuple[Exact64, list[Exact64]]:
    """Return the gradient of what enters a block, and of the block's matrices."""
    narrow, wide = shift_of(recipe.width), shift_of(4 * recipe.width)
    to_joined, to_attended, to_raised, to_lowered = weights
    lowered = gradient_of(block.lowered, stream)
    raised = gradient_of(block.raised, shifted_gradient(product64(lowered, to_lowered.T), wide), low=0)
    stream = _sum(
        stream, _norm_gradient(block.between, shifted_gradient(product64(raised, to_raised.T), narrow))
    )
    attended = gradient_of(block.attended, stream)
    mixed = shifted_gradient(product64(attended, to_attended.T), narrow)
    joined = gradient_of(block.joined, _attention_gradient(recipe, block, mixed))
    below = _norm_gradient(block.before, shifted_gradient(product64(joined, to_joined.T), narrow))
    return _sum(stream, below), [
        product64(block.before.values.T, joined),
        product64(block.mixed.T, attended),
        product64(block.between.values.T, raised),
        product64(block.raised.T, lowered),
    ]


def _attention_gradient(recipe: Recipe, block: Block, mixed: Exact64) -> Exact64:
    """Return the gradient of queries, keys and values, joined as they were."""
    mixed = mixed.reshape(recipe.rows, recipe.tokens, recipe.heads, -1).transpose(0, 2, 1, 3)
    taken = block.shares.astype(np.int64)
    shares = rounded_quotient(taken << _SHARE_BITS, taken.sum(axis=-1, keepdims=True))
    of_shares = product64(mixed, block.values.transpose(0, 1, 3, 2)).astype(np.int64)
    mean = rounded_quotient((shares * of_shares).sum(axis=-1, keepdims=True), 2**_SHARE_BITS)
    # A score is sixteenths of a power of two. At most 2^15 x (2^30 + 2^30.1) x 45426 < 2^62.
    of_scores = rounded_quotient(
        shares * (of_shares - mean) * _LOG_2, 2 ** (_SHARE_BITS + score_shift(recipe) + 4)
    ).astype(np.float64)
    found = (
        shifted_gradient(product64(of_scores, block.keys), _SCORE_BITS),
        shifted_gradient(product64(of_scores.transpose(0, 1, 3, 2), block.queries), _SCORE_BITS),
        shifted_gradient(product64(shares.transpose(0, 1, 3, 2).astype(np.float64), mixed), _SHARE_BITS),
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
