"""Makes the vectors of recipes: `PYTHONPATH=tests python tests/make_vectors/make_recipe_vectors.py`.

A vector holds a recipe, whether the codec and the JSON Schema take it, and one sentence why. Those with an
`execution` also hold a model's seed, what is given (base64) and a nonce (hexadecimal), and the SHA-256 of
the model and of the result. The results come from the plain Python of `recipe_reference`, not from allstop.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from allstop.transcript import Init, Recipe, RecipeKind, format_recipe, make_model, model_bytes
from recipe_examples import given_of
from recipe_reference import ref_execute

ROOT = Path(__file__).resolve().parent.parent.parent
MISSING = object()

MLP = {"kind": RecipeKind.MLP_INFERENCE, "rows": 3, "width": 8, "layers": 2, "outputs": 3}
TRANSFORMER = {
    "kind": RecipeKind.TRANSFORMER_INFERENCE, "rows": 2, "width": 12, "layers": 2, "outputs": 7, "tokens": 6,
    "heads": 3,
}  # fmt: skip

EXECUTED: list[tuple[str, str, dict[str, Any]]] = [
    ("mlp-inference", "a small dense network in use", MLP),
    ("mlp-inference-wide", "sums of 1024 products, the most that a float32 holds", MLP | {"rows": 1, "width": 1024,
     "layers": 1}),
    ("mlp-inference-smallest", "one weight a matrix", MLP | {"rows": 1, "width": 1, "layers": 1, "outputs": 1}),
    ("mlp-training", "three steps of a dense network",
     MLP | {"kind": RecipeKind.MLP_TRAINING, "steps": 3, "rate_shift": 1}),
    ("transformer-inference", "two blocks of three heads", TRANSFORMER),
    ("transformer-inference-odd", "sides that are no power of two, one head",
     TRANSFORMER | {"width": 13, "heads": 1, "outputs": 300, "layers": 1}),
    ("transformer-training", "two steps of two blocks",
     TRANSFORMER | {"kind": RecipeKind.TRANSFORMER_TRAINING, "steps": 2, "rate_shift": 0}),
    ("transformer-training-slow", "the smallest rate", TRANSFORMER | {
     "kind": RecipeKind.TRANSFORMER_TRAINING, "steps": 1, "rate_shift": 8, "layers": 1}),
]  # fmt: skip

REFUSED: list[tuple[str, str, bool, str, dict[str, Any]]] = [
    ("later-version", "another type is another format", False, "mlp-inference", {"type": "urn:allstop:recipe:v2"}),
    ("unknown-kind", "there is no such computation", False, "mlp-inference", {"kind": "mlp-distillation"}),
    ("unknown-init", "a model comes from anywhere or from the beacon", False, "mlp-inference", {"init": "seed"}),
    ("missing-outputs", "no figure has a default", False, "mlp-inference", {"outputs": MISSING}),
    ("steps-of-inference", "only training has steps", False, "mlp-inference", {"steps": 1}),
    ("figure-as-text", "figures are integers", False, "mlp-inference", {"rows": "3"}),
    ("no-rows", "an item of nothing is no work", False, "mlp-inference", {"rows": 0}),
    ("too-wide", "a sum of 1025 products does not fit a float32", False, "mlp-inference", {"width": 1025}),
    ("too-wide-transformer", "its inner layer is four times as wide", False, "transformer-inference",
     {"width": 258, "heads": 2}),
    ("heads-that-do-not-divide", "heads share the width evenly", True, "transformer-inference", {"heads": 5}),
    ("model-too-large", "a model has at most 8 MiB", True, "mlp-inference", {"width": 1024, "layers": 9}),
    ("too-many-operations", "an item has at most 10^12 operations", True, "mlp-training",
     {"rows": 4096, "width": 512, "steps": 100}),
    ("too-many-elements", "what one step holds is bounded", True, "transformer-inference",
     {"tokens": 1024, "rows": 64}),
    ("rate-without-limit", "a rate so small would move nothing", False, "mlp-training", {"rateShift": 9}),
]  # fmt: skip


def write(name: str, vector: dict[str, Any]) -> None:
    """Write one vector."""
    path = ROOT / "vectors" / "recipe" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(vector, indent=2) + "\n", "utf-8")


def execution_of(recipe: Recipe, name: str) -> dict[str, Any]:
    """Execute one item in plain Python."""
    seed, given = hashlib.sha256(f"seed {name}".encode()).digest(), given_of(recipe, name.encode())
    nonce, model = hashlib.sha256(f"nonce {name}".encode()).digest(), make_model(recipe, seed)
    assert len(model) == model_bytes(recipe)
    result = ref_execute(recipe, before=model, given=given, nonce=nonce)
    return {
        "modelSeed": seed.hex(),
        "given": base64.b64encode(given).decode(),
        "nonce": nonce.hex(),
        "modelSha256": hashlib.sha256(model).hexdigest(),
        "resultSha256": hashlib.sha256(result).hexdigest(),
    }


def main() -> None:
    """Write every vector."""
    good: dict[str, dict[str, Any]] = {}
    for name, why, figures in EXECUTED:
        recipe = Recipe(init=Init.BEACON if "inference" in name else Init.GIVEN, **figures)
        canonical = format_recipe(recipe).decode()
        good[name] = json.loads(canonical)
        vector = {"why": why, "isValid": True, "schemaAccepts": True, "canonical": canonical}
        write(name, vector | {"execution": execution_of(recipe, name)})
    for name, why, accepts, base, change in REFUSED:
        body = {key: value for key, value in (good[base] | change).items() if value is not MISSING}
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
        write(name, {"why": why, "isValid": False, "schemaAccepts": accepts, "canonical": canonical})
    spaced = json.dumps(good["mlp-inference"], sort_keys=True)
    why = "a recipe has one spelling, so that its digest names it"
    write("with-spaces", {"why": why, "isValid": False, "schemaAccepts": True, "canonical": spaced})


if __name__ == "__main__":
    main()
