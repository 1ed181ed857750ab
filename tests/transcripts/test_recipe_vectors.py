"""Vectors of recipes: codec and schema judge them alike, and executions come to the digests they name."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from allstop.errors import MalformedError
from allstop.transcript import EXACT, RecipeKind, format_recipe, make_model, parse_recipe
from recipe_reference import ref_execute
from source_tree import ROOT

SCHEMA = Draft202012Validator(json.loads((ROOT / "spec/schemas/recipe.schema.json").read_text("utf-8")))
PATHS = sorted((ROOT / "vectors/recipe").glob("*.json"))
EXECUTED = [path for path in PATHS if '"execution"' in path.read_text("utf-8")]


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_codec_and_schema_judge_every_recipe_alike(path: Path) -> None:
    """Codec and schema take or refuse each recipe as it says; what parses formats to the same bytes."""
    vector = json.loads(path.read_text("utf-8"))
    data = vector["canonical"].encode()
    assert vector["why"]
    assert vector["schemaAccepts"] == SCHEMA.is_valid(json.loads(data))
    if vector["isValid"]:
        assert data == format_recipe(parse_recipe(data))
    else:
        with pytest.raises(MalformedError):
            parse_recipe(data)


@pytest.mark.parametrize("path", EXECUTED, ids=lambda p: p.stem)
def test_every_execution_comes_to_its_digest(path: Path) -> None:
    """The model follows from its seed, and arrays and plain Python both come to the result that is named."""
    vector = json.loads(path.read_text("utf-8"))
    recipe, run = parse_recipe(vector["canonical"].encode()), vector["execution"]
    model = make_model(recipe, bytes.fromhex(run["modelSeed"]))
    assert run["modelSha256"] == hashlib.sha256(model).hexdigest()
    given, nonce = base64.b64decode(run["given"]), bytes.fromhex(run["nonce"])
    for execute in (EXACT.execute, ref_execute):
        result = execute(recipe, before=model, given=given, nonce=nonce)
        assert run["resultSha256"] == hashlib.sha256(result).hexdigest()


def test_every_kind_is_executed_by_a_vector() -> None:
    """No kind is without a digest that another implementation can be checked against."""
    kinds = {json.loads(json.loads(path.read_text("utf-8"))["canonical"])["kind"] for path in EXECUTED}
    assert {kind.value for kind in RecipeKind} == kinds
