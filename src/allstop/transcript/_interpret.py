"""Interpreters: from a recipe and the contents of an item to its result (spec/recipe.md section 4)."""

from functools import cache
from typing import Protocol

from allstop.errors import MalformedError
from allstop.transcript._arithmetic import check_products
from allstop.transcript._interpret_mlp import infer_mlp, train_mlp
from allstop.transcript._interpret_transformer import infer_transformer
from allstop.transcript._interpret_transformer_training import train_transformer
from allstop.transcript._recipe import Recipe, RecipeKind, given_bytes, model_bytes

__all__ = ["EXACT", "NONCE_BYTES", "ExactInterpreter", "Interpreter"]

NONCE_BYTES = 32
"""Size of a nonce."""


class _Run(Protocol):
    def __call__(self, recipe: Recipe, *, model: bytes, given: bytes, nonce: bytes) -> bytes: ...


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
        """Return an item's result: outputs, or in training the model after it.

        `before` is the model, `given` the inputs or batches. Every product depends on `nonce`, so that
        nothing can be computed before it is known, and equal items share no work.

        Raises:
            MalformedError: an argument has another size than the recipe says, or names a token that there
                is not.
        """


class ExactInterpreter:
    """The interpreter of this program: exact integers, so that results are equal or wrong."""

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
        return _RUNS[recipe.kind](recipe, model=before, given=given, nonce=nonce)


@cache
def _check_products_once() -> None:
    check_products()


EXACT: Interpreter = ExactInterpreter()
"""The interpreter of recipes with exact integers."""
