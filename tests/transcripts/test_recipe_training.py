"""Training by recipe: it learns, and its backward pass is the derivative of its forward one."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from allstop.transcript import (
    EXACT,
    ExactInterpreter,
    Factor,
    Init,
    Interpreter,
    Products,
    Recipe,
    RecipeKind,
    make_model,
)
from recipe_examples import NONCE, SMALL, contents
from recipe_smooth import (
    Floats,
    cut,
    mlp_loss,
    mlp_shapes,
    slopes,
    transformer_loss,
    transformer_shapes,
)

Bytes = npt.NDArray[np.int8]


class Still(Products):
    """Products without dither: what the network computes but for its noise."""

    def dithered(self, values: Factor) -> Factor:
        """Return the values."""
        return values


STILL = ExactInterpreter(products=Still)


def moves(recipe: Recipe, asked: dict[str, bytes], interpreter: Interpreter, nonce: bytes = NONCE) -> Floats:
    """Return how far one step moved each weight, nan where it came to the end of its range."""
    trained = interpreter.execute(recipe, **asked, nonce=nonce)
    before, after = (
        np.frombuffer(model[:-32], dtype="<i2").astype(float) for model in (asked["before"], trained)
    )
    return np.where((after > -(2**15)) & (after < 2**15 - 1), before - after, np.nan)


def in_forward(recipe: Recipe, asked: dict[str, bytes]) -> Floats:
    """Return the weights of a model in training as its forward pass uses them."""
    return np.clip(np.frombuffer(in_use(asked["before"]), dtype=np.int8), -112, 112).astype(float)


@pytest.mark.parametrize("seed", [b"a", b"b", b"c"])
@pytest.mark.parametrize(
    ("kind", "loss", "shapes", "scale"),
    [
        (RecipeKind.MLP_TRAINING, mlp_loss, mlp_shapes, 2.0**4),
        (RecipeKind.TRANSFORMER_TRAINING, transformer_loss, transformer_shapes, 2.0**14),
    ],
    ids=["mlp", "transformer"],
)
def test_the_backward_pass_is_the_derivative_of_the_forward_pass(
    kind: RecipeKind,
    loss: Callable[[Recipe, Floats, bytes], float],
    shapes: Callable[[Recipe], list[tuple[int, int]]],
    scale: float,
    seed: bytes,
) -> None:
    """But for the dither, one step moves each matrix along the finite differences of a smooth loss without rounding.

    Matrix by matrix, queries, keys and values apart: direction within a few degrees, length within a quarter, since
    what is rounded in between is small here; over all matrices the length is right within a twentieth.
    """
    recipe = replace(SMALL[kind], steps=1)
    asked = contents(recipe, seed)
    moved = moves(recipe, asked, STILL)
    smooth = scale * slopes(lambda w: loss(recipe, w, asked["given"]), in_forward(recipe, asked))
    lengths = []
    for mine, true in zip(cut(moved, shapes(recipe)), cut(smooth, shapes(recipe)), strict=True):
        parts = 3 if mine.shape[1] == 3 * recipe.width else 1
        for a, b in zip(np.split(mine, parts, axis=1), np.split(true, parts, axis=1), strict=True):
            free = ~np.isnan(a)
            length, wanted = np.linalg.norm(a[free]), np.linalg.norm(b[free])
            assert wanted > 0
            assert a[free] @ b[free] / (length * wanted) > 0.96
            assert 0.75 < length / wanted < 1.25
            lengths.append(length / wanted)
    assert 0.95 < np.mean(lengths) < 1.05


@pytest.mark.parametrize("kind", [kind for kind in RecipeKind if kind.is_training])
def test_dither_leaves_the_direction_of_descent(kind: RecipeKind) -> None:
    """Averaged over nonces, a step goes where one without dither goes, within the noise that is left."""
    recipe = replace(SMALL[kind], steps=1)
    asked = contents(recipe, b"a")
    still = moves(recipe, asked, STILL)
    mean = np.mean([moves(recipe, asked, EXACT, bytes([n]) * 32) for n in range(100)], axis=0)
    free = ~np.isnan(still + mean)
    assert free.mean() > 0.5
    assert mean[free] @ still[free] / (np.linalg.norm(mean[free]) * np.linalg.norm(still[free])) > 0.9


def test_a_dense_network_learns_its_teacher() -> None:
    """The squared error on inputs never seen before falls to a third of what guessing zero costs, dither and all."""
    recipe = Recipe(
        kind=RecipeKind.MLP_TRAINING, init=Init.BEACON, rows=64, width=32, layers=2, outputs=4, steps=50
    )
    teacher = np.random.default_rng(1).normal(size=(32, 4))
    chance = np.random.default_rng(2)
    model = make_model(recipe, b"beacon")
    errors = []
    for item in range(12):
        inputs = chance.integers(-112, 113, (50, 64, 32))
        wanted = np.rint(np.tanh(inputs @ teacher / 400) * 60)
        errors.append(squared_error(recipe, model, inputs[0].astype(np.int8), wanted[0]))
        batches = np.concatenate([inputs.reshape(50, -1), wanted.reshape(50, -1)], axis=1).astype(np.int8)
        model = EXACT.execute(recipe, before=model, given=batches.tobytes(), nonce=bytes([item]) * 32)
    assert errors[0] > 5000
    assert errors[-1] < 0.33 * float((wanted**2).mean())


def squared_error(recipe: Recipe, model: bytes, inputs: Bytes, wanted: Floats) -> float:
    """Return the mean squared error of a model in use."""
    serving = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=recipe.rows, width=recipe.width,
                     layers=recipe.layers, outputs=recipe.outputs)  # fmt: skip
    result = EXACT.execute(serving, before=in_use(model), given=inputs.tobytes(), nonce=NONCE)
    outputs = np.frombuffer(result[:-32], dtype="<i4").reshape(wanted.shape) / 2**8
    return float(((outputs - wanted) ** 2).mean())


def in_use(model: bytes) -> bytes:
    """Return the bytes that a forward pass uses of a model in training: the upper ones, without the trace."""
    return model[1:-32:2]


def test_a_transformer_learns_to_look_back() -> None:
    """It learns to repeat the first half of a sequence, which no table of pairs can: attention must work."""
    recipe = Recipe(kind=RecipeKind.TRANSFORMER_TRAINING, init=Init.BEACON, rows=16, width=32, layers=2, outputs=8,
                    tokens=8, heads=2, steps=50, rate_shift=2)  # fmt: skip
    serving = replace(recipe, kind=RecipeKind.TRANSFORMER_INFERENCE, steps=0, rate_shift=0)
    chance = np.random.default_rng(3)
    model = make_model(recipe, b"beacon")
    shares = []
    for item in range(4):
        halves = chance.integers(0, 8, (50, 16, 4))
        batches = np.concatenate([halves, halves, halves[:, :, :1]], axis=2).astype("<u2")
        result = EXACT.execute(
            serving,
            before=in_use(model),
            given=np.ascontiguousarray(batches[0, :, :-1]).tobytes(),
            nonce=NONCE,
        )
        best = np.frombuffer(result[: 2 * recipe.places], dtype="<u2").reshape(16, 8)
        shares.append(float((best == batches[0, :, 1:])[:, 3:].mean()))
        model = EXACT.execute(recipe, before=model, given=batches.tobytes(), nonce=bytes([item]) * 32)
    assert shares[0] < 0.4
    assert shares[-1] > 0.9


def test_steps_follow_each_other() -> None:
    """Two items of one step are not one item of two: each has its own nonce; but each starts from the last."""
    two = SMALL[RecipeKind.MLP_TRAINING]
    one = replace(two, steps=1)
    asked = contents(two, b"a")
    half = len(asked["given"]) // 2
    middle = EXACT.execute(one, before=asked["before"], given=asked["given"][:half], nonce=NONCE)
    assert bytes(32) == asked["before"][-32:] != middle[-32:]
    assert middle != asked["before"]
    after = EXACT.execute(one, before=middle, given=asked["given"][half:], nonce=NONCE)
    assert after != EXACT.execute(two, **asked, nonce=NONCE)


@pytest.mark.parametrize("rate_shift", [0, 8])
def test_a_smaller_rate_moves_less(rate_shift: int) -> None:
    """Each step of the rate halves how far the weights move."""
    recipe = replace(SMALL[RecipeKind.TRANSFORMER_TRAINING], steps=1, rate_shift=rate_shift)
    moved = moves(recipe, contents(recipe, b"a"), EXACT)
    mean = float(np.nanmean(np.abs(moved)))
    assert (mean > 50) if rate_shift == 0 else (0 < mean < 5)
