"""Small recipes of every kind, and contents for them that follow from a seed."""

import hashlib

from hypothesis import strategies as st

from allstop.transcript import Init, Recipe, RecipeKind, given_bytes, make_model

NONCE = bytes(range(32))

SMALL = {
    RecipeKind.MLP_INFERENCE: Recipe(
        kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=3, width=8, layers=2, outputs=3
    ),
    RecipeKind.TRANSFORMER_INFERENCE: Recipe(
        kind=RecipeKind.TRANSFORMER_INFERENCE,
        init=Init.BEACON,
        rows=2,
        width=8,
        layers=2,
        outputs=6,
        tokens=5,
        heads=2,
    ),
    RecipeKind.MLP_TRAINING: Recipe(
        kind=RecipeKind.MLP_TRAINING, init=Init.BEACON, rows=4, width=8, layers=2, outputs=3, steps=2
    ),
    RecipeKind.TRANSFORMER_TRAINING: Recipe(
        kind=RecipeKind.TRANSFORMER_TRAINING,
        init=Init.GIVEN,
        rows=2,
        width=8,
        layers=2,
        outputs=6,
        tokens=5,
        heads=2,
        steps=2,
    ),
}


def bytes_of(seed: bytes, count: int) -> bytes:
    """Return `count` bytes that follow from a seed."""
    return hashlib.shake_256(b"example " + seed).digest(count)


def given_of(recipe: Recipe, seed: bytes) -> bytes:
    """Return what an item may be given: bytes, or tokens below `outputs`."""
    data = bytes_of(seed, given_bytes(recipe))
    if not recipe.kind.is_transformer:
        return data
    tokens = [int.from_bytes(data[i : i + 2], "little") % recipe.outputs for i in range(0, len(data), 2)]
    return b"".join(token.to_bytes(2, "little") for token in tokens)


def contents(recipe: Recipe, seed: bytes) -> dict[str, bytes]:
    """Return a model and what is given."""
    return {"before": make_model(recipe, seed), "given": given_of(recipe, seed)}


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Draw a recipe so small that plain Python executes it at once."""
    kind = draw(st.sampled_from(RecipeKind))
    figures = {
        "rows": draw(st.integers(2 if kind.is_training else 1, 4)),
        "layers": draw(st.integers(1, 3)),
        "outputs": draw(st.integers(3, 9)),
        "width": draw(st.integers(3, 12)),
    }
    if kind.is_transformer:
        figures["heads"] = draw(st.integers(1, 3))
        figures["width"] = figures["heads"] * draw(st.integers(3, 4))
        figures["tokens"] = draw(st.integers(2, 6))
    if kind.is_training:
        figures["steps"] = draw(st.integers(1, 3))
        figures["rate_shift"] = draw(st.integers(0, 8))
    return Recipe(kind=kind, init=draw(st.sampled_from(Init)), **figures)
