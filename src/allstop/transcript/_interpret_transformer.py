"""The transformer, forward (spec/recipe.md section 8): blocks of causal attention and a dense layer.

The residual stream needs no clip: it begins with at most 112 + 112 and each of at most 128 additions adds
at most 112.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allstop.errors import MalformedError
from allstop.transcript._arithmetic import (
    VALUE_MAX,
    Exact32,
    Integers,
    Weights,
    clip_shifted,
    integer_root,
    matrices,
    powers_of_two,
    rounded_quotient,
    shift_of,
)
from allstop.transcript._products import Products
from allstop.transcript._recipe import Recipe

__all__ = [
    "NORM",
    "POWERS",
    "Block",
    "Normed",
    "Pass",
    "infer_transformer",
    "parse_tokens",
    "run_forward",
    "score_shift",
    "shapes_of",
]

NORM = 32
"""Root mean square of what leaves a norm."""

_ROOT_BITS = 4
"""Bits after the point of the root in a norm."""

POWERS = powers_of_two(15)
"""Shares before they are divided by their sum, by distance from the best in sixteenths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normed:
    """What leaves a norm, and the root that it divided by, in sixteenths."""

    values: Exact32
    root: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What one block computed, as its gradient needs it. `queries`, `keys`, `values` are cut by head."""

    before: Normed
    joined: Exact32
    queries: Exact32
    keys: Exact32
    values: Exact32
    shares: Exact32
    mixed: Exact32
    attended: Exact32
    between: Normed
    raised: Exact32
    lowered: Exact32


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A forward pass: its blocks, the last norm, and a number for each place and token."""

    blocks: tuple[Block, ...]
    last: Normed
    logits: Exact32


def infer_transformer(recipe: Recipe, *, model: bytes, given: bytes, products: Products) -> bytes:
    """Return the likeliest next token at each place, then how likely: u16 and i32, little-endian.

    The sizes of the arguments are the caller's to check.

    Raises:
        MalformedError: a token is not below `outputs`.
    """
    tokens = parse_tokens(recipe, given)
    weights = matrices(np.frombuffer(model, dtype=np.int8), shapes_of(recipe))
    logits = run_forward(recipe, weights, tokens.reshape(-1), products, is_kept=False).logits
    likeliest = logits.argmax(axis=1)
    largest = logits[np.arange(len(logits)), likeliest]
    return bytes(likeliest.astype("<u2").tobytes() + largest.astype("<i4").tobytes())


def parse_tokens(recipe: Recipe, given: bytes) -> npt.NDArray[np.int64]:
    """Read 16-bit tokens.

    Raises:
        MalformedError: a token is not below `outputs`.
    """
    tokens = np.frombuffer(given, dtype="<u2").astype(np.int64)
    if tokens.max() >= recipe.outputs:
        raise MalformedError(f"found token {tokens.max()}, want less than {recipe.outputs}")
    return tokens


def shapes_of(recipe: Recipe) -> tuple[tuple[int, int], ...]:
    """Return the shapes of a model: tokens, places, four of each block, outputs."""
    width = recipe.width
    block = ((width, 3 * width), (width, width), (width, 4 * width), (4 * width, width))
    return (
        (recipe.outputs, width),
        (recipe.tokens, width),
        *block * recipe.layers,
        (width, recipe.outputs),
    )


def score_shift(recipe: Recipe) -> int:
    """Return the shift that makes sixteenths of a power of two of a query times a key."""
    return 8 + (recipe.width // recipe.heads).bit_length() // 2


def run_forward(
    recipe: Recipe, weights: list[Weights], tokens: Integers, products: Products, *, is_kept: bool
) -> Pass:
    """Run the network on the tokens of one batch; `is_kept` keeps what the gradient needs."""
    stream = weights[0][tokens].astype(np.float32) + np.tile(weights[1], (recipe.rows, 1))
    blocks = []
    for layer in range(recipe.layers):
        block = _run_block(recipe, weights[2 + 4 * layer : 6 + 4 * layer], stream, products)
        stream = stream + block.attended + block.lowered
        if is_kept:
            blocks.append(block)
    last = _norm(stream)
    return Pass(blocks=tuple(blocks), last=last, logits=products.of_bytes(last.values, weights[-1]))


def _run_block(recipe: Recipe, weights: list[Weights], stream: Exact32, products: Products) -> Block:
    width, shift = recipe.width, shift_of(recipe.width)
    to_joined, to_attended, to_raised, to_lowered = weights
    before = _norm(stream)
    joined = clip_shifted(products.of_bytes(before.values, to_joined), shift)
    cut = joined.reshape(recipe.rows, recipe.tokens, 3, recipe.heads, -1)
    queries, keys, values = np.ascontiguousarray(cut.transpose(2, 0, 3, 1, 4))
    shares = _shares(recipe, queries, keys, products)
    mixed = _mixed(shares, values, products).transpose(0, 2, 1, 3).reshape(recipe.places, width)
    attended = clip_shifted(products.of_bytes(mixed, to_attended), shift)
    between = _norm(stream + attended)
    raised = clip_shifted(products.of_bytes(between.values, to_raised), shift, low=0)
    lowered = clip_shifted(products.of_bytes(raised, to_lowered), shift_of(4 * width))
    return Block(
        before=before,
        joined=joined,
        queries=queries,
        keys=keys,
        values=values,
        shares=shares,
        mixed=mixed,
        attended=attended,
        between=between,
        raised=raised,
        lowered=lowered,
    )


def _norm(stream: Exact32) -> Normed:
    """Divide each row by its root mean square, times `NORM`."""
    whole = stream.astype(np.int64)
    squares = (whole * whole).sum(axis=1, keepdims=True)
    root = np.maximum(integer_root((squares << (2 * _ROOT_BITS)) // stream.shape[1]), 1)
    values = rounded_quotient(whole * (NORM << _ROOT_BITS), root)
    return Normed(values=np.clip(values, -VALUE_MAX, VALUE_MAX).astype(np.float32), root=root)


def _shares(recipe: Recipe, queries: Exact32, keys: Exact32, products: Products) -> Exact32:
    """Return how much each token takes from each not after it: 0 to 2^15, the best always 2^15."""
    scores = products.of_bytes(queries, keys.transpose(0, 1, 3, 2))
    scores = np.rint(scores * np.float32(2.0 ** -score_shift(recipe)))
    is_later = np.triu(np.ones((recipe.tokens, recipe.tokens), dtype=np.bool_), 1)
    scores[..., is_later] = -np.inf
    distance = scores.max(axis=-1, keepdims=True) - scores
    shares: Exact32 = POWERS[np.minimum(distance, len(POWERS) - 1).astype(np.intp)].astype(np.float32)
    return shares


def _mixed(shares: Exact32, values: Exact32, products: Products) -> Exact32:
    """Return the mean of the values, weighted by the shares."""
    sums = products.of_gradients(shares, values).astype(np.int64)
    total = shares.sum(axis=-1, keepdims=True, dtype=np.int64)
    return np.clip(rounded_quotient(sums, total), -VALUE_MAX, VALUE_MAX).astype(np.float32)
