"""Provers who choose model and data so that the work might be left undone: whatever they choose, it cannot be."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pytest

from allstop.transcript import (
    EXACT,
    ExactInterpreter,
    Factor,
    Init,
    Products,
    Recipe,
    RecipeKind,
    given_bytes,
    make_model,
    model_bytes,
)
from recipe_examples import NONCE, given_of

OTHER_NONCE = bytes([1]) + NONCE[1:]
DENSE = {"rows": 24, "width": 32, "layers": 2, "outputs": 16}
SEQUENCES = {"rows": 2, "width": 32, "layers": 2, "outputs": 16, "tokens": 8, "heads": 2}
RECIPES = {
    kind: Recipe(
        kind=kind,
        init=Init.GIVEN,
        **(SEQUENCES if kind.is_transformer else DENSE),
        **({"steps": 1, "rate_shift": 0} if kind.is_training else {}),
    )
    for kind in RecipeKind
}
WEIGHTS = {"zeros": b"\x00", "rank one": b"\x40", "saturating": b"\x7f", "dead": b"\x80"}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a prover chose."""

    recipe: Recipe
    before: bytes
    given: bytes

    def products(self, nonce: bytes) -> "Watched":
        """Execute it, and return its products."""
        return self.run(Watched(nonce))

    def run(self, products: "Watched") -> "Watched":
        """Execute it with products of one's own."""
        with_these = ExactInterpreter(products=lambda nonce: products)
        with_these.execute(self.recipe, before=self.before, given=self.given, nonce=bytes(32))
        return products


class Watched(Products):
    """Products that remember the factors of each, as they came and as they were multiplied."""

    def __init__(self, nonce: bytes) -> None:
        super().__init__(nonce)
        self.bare: list[Factor] = []
        self.fresh: list[Factor] = []

    def dithered(self, values: Factor) -> Factor:
        """Return what the honest would."""
        self.bare.append(values.copy())
        self.fresh.append(super().dithered(values))
        return self.fresh[-1]

    def folds(self) -> Iterator[npt.NDArray[np.uint32]]:
        """Yield the folds of each product, from its factors, by integers."""
        for left, right in zip(self.fresh[::2], self.fresh[1::2], strict=True):
            yield fold(left.astype(np.int64) @ right.astype(np.int64))


def fold(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """Fold columns by the formula of the specification, in 64 bits."""
    mixed = (sums % 2**32) * 2654435769 % 2**32
    folded: npt.NDArray[np.int64] = np.bitwise_xor.reduce(mixed ^ (mixed >> 15), axis=-2)
    return folded.astype(np.uint32)


def uniform(kind: RecipeKind, weights: str) -> Chosen:
    """Return a model of one weight, and content that is all alike."""
    recipe = RECIPES[kind]
    data = WEIGHTS[weights] * (model_bytes(recipe) - (32 if kind.is_training else 0))
    given = bytes(given_bytes(recipe)) if kind.is_transformer else b"\x64" * given_bytes(recipe)
    return Chosen(recipe=recipe, before=data + (bytes(32) if kind.is_training else b""), given=given)


def low_rank() -> Chosen:
    """Return matrices that are products of thin ones: each could be applied at a sixteenth of the work."""
    recipe, chance = RECIPES[RecipeKind.MLP_INFERENCE], np.random.default_rng(1)
    layers = [chance.integers(-7, 8, (32, 2)) @ chance.integers(-7, 8, (2, n)) for n in (32, 32, 16)]
    data = b"".join(layer.astype(np.int8).tobytes() for layer in layers)
    return Chosen(recipe=recipe, before=data, given=given_of(recipe, b"a"))


def narrow() -> Chosen:
    """Return a network so narrow and deep that nothing of its input would reach the end."""
    recipe = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.BEACON, rows=256, width=4, layers=64, outputs=4)
    return Chosen(recipe=recipe, before=make_model(recipe, b"a"), given=given_of(recipe, b"a"))


def dead() -> Chosen:
    """Return a batch that switches all units off, and the model that 20 items of it leave."""
    recipe = replace(RECIPES[RecipeKind.MLP_TRAINING], steps=4)
    row = b"\x64" * recipe.rows * recipe.width + b"\x80" * recipe.rows * recipe.outputs
    model, given = make_model(recipe, b"a"), row * 4
    for item in range(20):
        model = EXACT.execute(recipe, before=model, given=given, nonce=bytes([item]) * 32)
    recipe = replace(recipe, steps=1)
    return Chosen(recipe=recipe, before=model, given=row)


def fitted() -> Chosen:
    """Return a batch that the model fits already: nothing is left to be learned."""
    recipe = RECIPES[RecipeKind.MLP_TRAINING]
    return Chosen(recipe=recipe, before=bytes(model_bytes(recipe)), given=bytes(given_bytes(recipe)))


CHOSEN: dict[str, Callable[[], Chosen]] = {
    **{
        f"{kind.value} {name}": lambda kind=kind, name=name: uniform(kind, name)  # type: ignore[misc]
        for kind in RecipeKind
        for name in WEIGHTS
    },
    "low rank": low_rank,
    "narrow": narrow,
    "dead batch": dead,
    "fitted batch": fitted,
}


@pytest.mark.parametrize("name", CHOSEN)
def test_every_factor_is_fresh_and_of_full_rank(name: str) -> None:
    """Each factor of each product: odd dither everywhere, full rank, hardly two rows or columns alike, another by nonce."""
    chosen = CHOSEN[name]()
    one, other = chosen.products(NONCE), chosen.products(OTHER_NONCE)
    for number, (bare, fresh, elsewhere) in enumerate(zip(one.bare, one.fresh, other.fresh, strict=True)):
        noise = fresh.astype(np.int64) - bare.astype(np.int64)
        assert set(np.unique(noise)) <= set(range(-15, 16, 2))
        # One number in sixteen agrees by chance; the smallest factors here have 32.
        assert (fresh == elsewhere).mean() < 0.4
        stack = fresh.reshape(-1, *fresh.shape[-2:])
        assert all(min(a.shape) == np.linalg.matrix_rank(a.astype(np.float64)) for a in stack)
        for a in stack:
            lines = a if number % 2 == 0 else a.T
            # The narrowest have 65,536 lines to choose from, so that of 256 a pair may agree.
            assert len({line.tobytes() for line in np.ascontiguousarray(lines)}) > 0.98 * len(lines)


@pytest.mark.parametrize("name", CHOSEN)
def test_no_product_is_known_before_its_nonce(name: str) -> None:
    """The folds of every product differ between nonces, column by column; and the trace is their digest."""
    chosen = CHOSEN[name]()
    one, other = chosen.products(NONCE), chosen.products(OTHER_NONCE)
    digest = hashlib.sha256(b"allstop trace v1\n")
    for folds, elsewhere in zip(one.folds(), other.folds(), strict=True):
        assert (folds == elsewhere).mean() < 0.01
        digest.update(folds.astype("<u4").tobytes())
    assert digest.digest() == one.trace()
    result = EXACT.execute(chosen.recipe, before=chosen.before, given=chosen.given, nonce=NONCE)
    assert one.trace() == result[-32:]


class Lazy(Watched):
    """Products of a prover who leaves the dither out of one factor, or takes it from another nonce."""

    def __init__(self, nonce: bytes, *, at: int, known: Products | None) -> None:
        super().__init__(nonce)
        self.at = at
        self.known = known

    def dithered(self, values: Factor) -> Factor:
        """Return what the prover had already, at one place; else what the honest would."""
        fresh = super().dithered(values)
        if len(self.fresh) - 1 != self.at:
            return fresh
        return values if self.known is None else self.known.dithered(values)


@pytest.mark.parametrize("name", CHOSEN)
@pytest.mark.parametrize("is_bare", [True, False], ids=["bare", "known"])
def test_no_product_can_be_left_out(name: str, is_bare: bool) -> None:
    """A prover who spares itself one factor's dither anywhere, even where every sum is 0, has another trace."""
    chosen = CHOSEN[name]()
    honest = chosen.products(NONCE)
    for at in range(0, len(honest.fresh), max(1, len(honest.fresh) // 32)):
        known = None if is_bare else Products(OTHER_NONCE)
        assert chosen.run(Lazy(NONCE, at=at, known=known)).trace() != honest.trace()


def test_dead_training_goes_on_being_work() -> None:
    """A model that a chosen batch killed still ends every item in another state for another nonce."""
    chosen = dead()
    after = {
        EXACT.execute(chosen.recipe, before=chosen.before, given=chosen.given, nonce=bytes([n]) * 32)
        for n in range(8)
    }
    assert 8 == len(after | {chosen.before}) - 1


def test_batches_share_no_factor() -> None:
    """Equal items of one model have weights of their own, so that they cannot be stacked into one product."""
    recipe = replace(RECIPES[RecipeKind.MLP_INFERENCE], rows=1)
    chosen = Chosen(recipe=recipe, before=make_model(recipe, b"a"), given=given_of(recipe, b"a"))
    weights = [chosen.products(bytes([n]) * 32).fresh[1] for n in range(8)]
    assert all((a == b).mean() < 0.2 for i, a in enumerate(weights) for b in weights[:i])


def test_dither_is_uniform_over_sixteen_numbers() -> None:
    """Counts over a million entries lie within five standard deviations; neighbours do not go together."""
    noise = Products(NONCE).dithered(np.zeros((1000, 1000), dtype=np.int8)).astype(np.float64)
    values, found = np.unique(noise, return_counts=True)
    assert [*range(-15, 16, 2)] == [*values]
    assert np.abs(found - 10**6 / 16).max() < 5 * (10**6 * 15 / 256) ** 0.5
    for shifted in (np.roll(noise, 1, axis=0), np.roll(noise, 1, axis=1), np.roll(noise, 500, axis=0)):
        assert abs((noise * shifted).mean()) < 5 * (noise**2).mean() / 1000


def test_a_fold_is_not_linear() -> None:
    """The fold of a sum of matrices is not that of the folds; nor can one row stand in for two."""
    chance = np.random.default_rng(5)
    differ = 0
    for _ in range(100):
        a, b = chance.integers(-(2**23), 2**23, (2, 4, 1))
        differ += bool((fold(a + b) != fold(a) + fold(b)).all() and (fold(a + b) != fold(a) ^ fold(b)).all())
    assert 100 == differ


def test_rows_that_would_agree_make_no_recipe() -> None:
    """A product of many rows over few entries would be a table: such a recipe is refused, the next is not."""

    def recipe(rows: int, width: int) -> Recipe:
        return Recipe(
            kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=rows, width=width, layers=1, outputs=1
        )

    for inner, rows in ((1, 1), (2, 16), (3, 256), (4, 4096)):
        assert rows == recipe(rows, inner).rows
    for inner, rows in ((1, 2), (2, 17), (3, 257)):
        with pytest.raises(ValueError, match=f"{rows} rows or columns sums over only {inner} entries"):
            recipe(rows, inner)
