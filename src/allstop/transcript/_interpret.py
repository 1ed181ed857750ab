"""Interpreters: from a recipe and the contents of an item to its result (spec/recipe.md)."""

from collections.abc import Callable
from functools import cache
from typing import Protocol

from allstop.errors import MalformedError
from allstop.transcript._arithmetic import check_products
from allstop.transcript._interpret_mlp import infer_mlp, train_mlp
from allstop.transcript._interpret_transformer import infer_transformer
from allstop.transcript._interpret_transformer_training import train_transformer
from allstop.transcript._products import Products
from allstop.transcript._recipe import TRACE_BYTES, Recipe, RecipeKind, given_bytes, model_bytes

__all__ = ["EXACT", "NONCE_BYTES", "ExactInterpreter", "Interpreter"]

NONCE_BYTES = 32
"""Size of a nonce."""


class _Run(Protocol):
    def __call__(self, recipe: Recipe, *, model: bytes, given: bytes, products: Products) -> bytes: ...


_RUNS: dict[RecipeKind, _Run] = {
    RecipeKind.MLP_INFERENCE: infer_mlp,
    RecipeKind.TRANSFORMER_INFERENCE: infer_transformer,
    RecipeKind.MLP_TRAINING: train_mlp,
    RecipeKind.TRANSFORMER_TRAINING: train_transformer,
}


class Interpreter(Protocol):
    """Executes recipes. Whoever audits executes what was opened, and comes to the same bytes.

    A call is pure and deterministic: the same bytes on every machine, with every BLAS and every number of
    threads. It needs time and memory within the limits of the recipe.
    """

    def execute(self, recipe: Recipe, *, before: bytes, given: bytes, nonce: bytes) -> bytes:
        """Return an item's result: outputs, or in training the model after it; then the trace of all products.

        `before` is the model, in training with the trace that it came with, which changes nothing; `given`
        the inputs or batches. Every product depends on `nonce`, whatever the rest is, so that nothing can be
        computed before it is known, and no two items share work.

        Raises:
            MalformedError: an argument has another size than the recipe says, or names a token that there
                is not.
        """


class ExactInterpreter:
    """The interpreter of this program: exact integers, so that results are equal or wrong.

    `products` begins the products of an item from its nonce; an accelerator would bring others.
    """

    def __init__(self, products: Callable[[bytes], Products] = Products) -> None:
        self._products = products

    def execute(self, recipe: Recipe, *, before: bytes, given: bytes, nonce: bytes) -> bytes:
        """Return an item's result, exactly; see `Interpreter`.

        Raises:
            MalformedError: as there.
            OperationalError: this machine's matrix products are not exact.
        """
        _check_products_once()
        for what, content, size in (
            ("model", before, model_bytes(recipe)),
            ("content given", given, given_bytes(recipe)),
            ("nonce", nonce, NONCE_BYTES),
        ):
            if len(content) != size:
                raise MalformedError(f"{what} has {len(content)} bytes, want {size}")
        model = before[:-TRACE_BYTES] if recipe.kind.is_training else before
        products = self._products(nonce)
        return _RUNS[recipe.kind](recipe, model=model, given=given, products=products) + products.trace()


@cache
def _check_products_once() -> None:
    check_products()


EXACT: Interpreter = ExactInterpreter()
"""The interpreter of recipes with exact integers."""
