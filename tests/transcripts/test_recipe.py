"""Recipes: codec, limits, sizes, operations, models from seeds."""

import hashlib
import itertools
import json
import time
from dataclasses import replace
from typing import Any  # schemas are untyped

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from allstop.canon import format_json
from allstop.errors import MalformedError
from allstop.transcript import (
    EXACT,
    OPERATIONS_OF_ITEM_MAX,
    Init,
    Recipe,
    RecipeKind,
    format_recipe,
    given_bytes,
    make_model,
    model_bytes,
    operations_of_item,
    parse_recipe,
    result_bytes,
    work_of_item,
)
from recipe_examples import NONCE, SMALL, contents, recipes
from source_tree import ROOT

SCHEMA_BODY: dict[str, Any] = json.loads((ROOT / "spec/schemas/recipe.schema.json").read_text("utf-8"))
SCHEMA = Draft202012Validator(SCHEMA_BODY)
SERVED = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.BEACON, rows=256, width=512, layers=4, outputs=16)
TRANSFORMER = SMALL[RecipeKind.TRANSFORMER_INFERENCE]


@given(recipes())
def test_a_recipe_survives_a_round_trip(recipe: Recipe) -> None:
    """Any recipe formats to canonical bytes that the schema takes and that parse back to it."""
    data = format_recipe(recipe)
    assert list(SCHEMA.iter_errors(json.loads(data))) == []
    assert recipe == parse_recipe(data)


def test_the_schema_is_sound() -> None:
    """The schema is one, and closed for every kind."""
    Draft202012Validator.check_schema(SCHEMA_BODY)
    closed = [branch["additionalProperties"] for branch in SCHEMA_BODY["oneOf"]]
    assert [False] * len(RecipeKind) == closed


@pytest.mark.parametrize("recipe", SMALL.values(), ids=lambda r: r.kind.value)
def test_a_recipe_has_the_figures_of_its_kind_and_no_others(recipe: Recipe) -> None:
    """Each key is dropped, and each key of another kind added; neither parses, nor does the schema take it."""
    good = json.loads(format_recipe(recipe))
    bad: list[Any] = [{k: v for k, v in good.items() if k != key} for key in good]
    others = set(itertools.chain(*(json.loads(format_recipe(r)) for r in SMALL.values()))) - set(good)
    bad += [good | {key: 1} for key in sorted(others)] + [good | {"shift": 1}]
    for body in bad:
        assert not SCHEMA.is_valid(body)
        with pytest.raises(MalformedError):
            parse_recipe(format_json(body))


@pytest.mark.parametrize(
    ("recipe", "change", "message"),
    [
        (SERVED, {"rows": 0}, "rows 0, want 1 to 4096"),
        (SERVED, {"width": 1025}, "width 1025, want 1 to 1024"),
        (SERVED, {"layers": 65}, "layers 65, want 1 to 64"),
        (SERVED, {"outputs": 4097}, "outputs 4097, want 1 to 4096"),
        (SERVED, {"tokens": 1}, "tokens 1, want 0 to 0"),
        (SERVED, {"steps": 1}, "steps 1, want 0 to 0"),
        (TRANSFORMER, {"tokens": 1025}, "tokens 1025, want 1 to 1024"),
        (TRANSFORMER, {"heads": 3}, "not a multiple of 3 heads"),
        (TRANSFORMER, {"width": 258}, "transformer is 258 wide, want at most 256"),
        (SMALL[RecipeKind.MLP_TRAINING], {"rate_shift": 9}, "rate_shift 9, want 0 to 8"),
        (SMALL[RecipeKind.MLP_TRAINING], {"steps": 257}, "steps 257, want 1 to 256"),
        (SERVED, {"width": 1024, "layers": 8}, "bytes of a model, want at most 8388608"),
        (SERVED, {"rows": 4096, "outputs": 4096}, "bytes of result, want at most 8388608"),
        (SERVED, {"rows": 4096, "width": 64, "layers": 64}, "elements a step, want at most 16777216"),
        (TRANSFORMER, {"tokens": 1024, "rows": 8}, "elements a step, want at most 16777216"),
        (SMALL[RecipeKind.MLP_TRAINING], {"rows": 4096, "steps": 256}, "bytes given, want at most 8388608"),
        (SMALL[RecipeKind.MLP_TRAINING], {"width": 512, "steps": 200}, "elements, want at most 67108864"),
    ],
)
def test_a_recipe_outside_its_limits_is_refused(recipe: Recipe, change: dict[str, Any], message: str) -> None:
    """Every figure and every size that follows from them has a limit, checked at construction."""
    with pytest.raises(ValueError, match=message):
        replace(recipe, **change)


def test_operations_are_bounded() -> None:
    """A recipe within all other limits may still ask for too much work, and is then refused."""
    figures = {"rows": 4096, "width": 512, "layers": 2, "outputs": 4}
    recipe = Recipe(kind=RecipeKind.MLP_TRAINING, init=Init.GIVEN, steps=3, rate_shift=0, **figures)
    assert 0 < operations_of_item(recipe) <= OPERATIONS_OF_ITEM_MAX
    with pytest.raises(ValueError, match="operations, want at most 1000000000000"):
        replace(recipe, steps=100)


@given(recipes())
def test_an_auditor_is_charged_at_least_what_counts(recipe: Recipe) -> None:
    """The bound of an auditor's cost is never below the operations that a prover is credited with."""
    assert operations_of_item(recipe) < work_of_item(recipe)


@pytest.mark.parametrize(
    "figures",
    [
        {"kind": RecipeKind.TRANSFORMER_TRAINING, "rows": 4, "width": 11, "heads": 1, "layers": 64, "tokens": 3,
         "outputs": 1025, "steps": 3},
        {"kind": RecipeKind.MLP_TRAINING, "rows": 3, "width": 8, "layers": 4, "outputs": 70, "steps": 32},
        {"kind": RecipeKind.TRANSFORMER_TRAINING, "rows": 2, "width": 36, "heads": 12, "layers": 1, "tokens": 187,
         "outputs": 5, "steps": 1},
    ],
    ids=["deep", "narrow", "long"],
)  # fmt: skip
def test_small_products_are_charged_for(figures: dict[str, Any]) -> None:
    """Items that count little and take long take no longer than what an auditor is charged, at 20 ps an operation.

    Twice that, since others use this machine too. By operations alone they would be thought 10 times as fast or more.
    """
    recipe = Recipe(init=Init.BEACON, **figures)
    asked = contents(recipe, b"a")
    EXACT.execute(recipe, **asked, nonce=NONCE)
    start = time.process_time()
    EXACT.execute(recipe, **asked, nonce=NONCE)
    assert time.process_time() - start < 2 * work_of_item(recipe) * 20e-12


def test_another_type_is_refused() -> None:
    """A later version is a new type, and this program does not know it."""
    data = format_recipe(SERVED).replace(b"recipe:v1", b"recipe:v2")
    with pytest.raises(MalformedError, match=r"recipe\.type: found 'urn:allstop:recipe:v2'"):
        parse_recipe(data)


@pytest.mark.parametrize(
    ("recipe", "operations", "model", "item", "result"),
    [
        # 4 x 2 x 256 x 512 x 512 + 2 x 256 x 512 x 16
        (SERVED, 541_065_216, 1_056_768, 131_072, 16_416),
        # 10 places; a block 24 x 10 x 64 + 4 x 2 x 25 pairs x 8; 2 x 10 x 8 x 6
        (TRANSFORMER, 2 * (15_360 + 1600) + 960, 2 * 6 * 8 + 5 * 8 + 2 * 768, 20, 60 + 32),
        # a layer 2 x 4 x 64, the last 2 x 4 x 24: three times each, but the first layer's twice; two steps
        (
            SMALL[RecipeKind.MLP_TRAINING],
            2 * (3 * (1024 + 192) - 512),
            2 * 152 + 32,
            2 * 4 * 11,
            2 * 152 + 32,
        ),
        (SMALL[RecipeKind.TRANSFORMER_TRAINING], 2 * 3 * 34_880, 2 * 1672 + 32, 2 * 2 * 2 * 6, 2 * 1672 + 32),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Recipe) else "",
)
def test_sizes_and_operations_are_those_of_the_specification(
    recipe: Recipe, operations: int, model: int, item: int, result: int
) -> None:
    """Worked out by hand."""
    expected = (operations, model, item, result)
    assert expected == (
        operations_of_item(recipe), model_bytes(recipe), given_bytes(recipe), result_bytes(recipe)
    )  # fmt: skip


def test_a_model_follows_from_its_seed() -> None:
    """The same seed gives the same bytes, another one another model; the preimage is the documented one.

    Where it is to be trained it has a trace of zeros.
    """
    recipe = SMALL[RecipeKind.MLP_TRAINING]
    model = make_model(recipe, b"a")
    assert hashlib.shake_256(b"allstop model v1\na").digest(304) + bytes(32) == model
    assert model != make_model(recipe, b"b")
