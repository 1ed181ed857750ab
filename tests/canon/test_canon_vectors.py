"""Our own vectors of vectors/canon, against the codecs and against the JSON Schema."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any  # vectors and schemas are untyped

import pytest
from jsonschema import Draft202012Validator

from allstop.canon import (
    Fields,
    format_base64,
    format_decimal,
    format_instant,
    format_json,
    format_quantity,
    format_window,
    parse_base64,
    parse_base64_any,
    parse_canonical_json,
    parse_decimal,
    parse_instant,
    parse_json,
    parse_quantity,
)
from allstop.errors import MalformedError
from allstop.ids import Digest, parse_digest, parse_name
from allstop.times import Instant
from allstop.units import Unit
from source_tree import ROOT

FILES = sorted((ROOT / "vectors" / "canon").glob("*.json"))
SCHEMA = json.loads((ROOT / "spec" / "schemas" / "values.schema.json").read_text("utf-8"))


def load(kinds: set[str]) -> list[Any]:
    """Return the vectors of these formats, named by their files."""
    vectors = [(path.stem, json.loads(path.read_text("ascii"))) for path in FILES]
    return [pytest.param(vector, id=name) for name, vector in vectors if vector["format"] in kinds]


def schema_accepts(kind: str, value: object) -> bool:
    """Tell whether the published schema takes `value` as a `kind`."""
    validator = Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{kind}"})
    return bool(validator.is_valid(value))


PARSE: dict[str, Callable[[str], str | int]] = {
    "decimal": lambda text: str(parse_decimal(text)),
    "base64": lambda text: parse_base64(text).hex(),
    "base64-any": lambda text: parse_base64_any(text).hex(),
    "instant": lambda text: parse_instant(text).ms,
}
FORMAT: dict[str, Callable[[Any], str]] = {
    "decimal": lambda value: format_decimal(int(value)),
    "base64": lambda value: format_base64(bytes.fromhex(value)),
    "instant": lambda value: format_instant(Instant(value)),
}


def test_every_vector_says_why() -> None:
    """One sentence each, and a known format."""
    vectors = [json.loads(path.read_text("ascii")) for path in FILES]
    assert vectors
    assert all(vector["why"] for vector in vectors)
    assert {"json", "quantity", "window", *PARSE} == {vector["format"] for vector in vectors}


@pytest.mark.parametrize("vector", load({"json"}))
def test_documents(vector: dict[str, Any]) -> None:
    """Valid or not, canonical or not, and the canonical spelling."""
    data = base64.b64decode(vector["inputBase64"])
    if not vector["isValid"]:
        for parse in (parse_json, parse_canonical_json):
            with pytest.raises(MalformedError):
                parse(data)
        return
    canonical = base64.b64decode(vector["canonicalBase64"])
    assert canonical == format_json(parse_json(data))
    assert parse_json(data) == parse_canonical_json(canonical)
    assert (data == canonical) == vector["isCanonical"]
    if not vector["isCanonical"]:
        with pytest.raises(MalformedError, match="not canonical"):
            parse_canonical_json(data)


@pytest.mark.parametrize("vector", load(set(PARSE)))
def test_scalars(vector: dict[str, Any]) -> None:
    """The value that a text means, and that it is the only text for it."""
    kind, text = vector["format"], vector["text"]
    if not vector["isValid"]:
        with pytest.raises(MalformedError):
            PARSE[kind](text)
        return
    assert vector["value"] == PARSE[kind](text)
    if kind in FORMAT:
        assert text == FORMAT[kind](vector["value"])


@pytest.mark.parametrize("vector", load({"decimal", "base64", "instant"}))
def test_the_schema_takes_the_same_scalars(vector: dict[str, Any]) -> None:
    """All but the length of months and a trailing newline, which patterns in some languages cannot see."""
    kind, text = vector["format"], vector["text"]
    if not text.endswith("\n") and "no 29 February" not in vector["why"]:
        assert vector["isValid"] == schema_accepts(kind, text)


@pytest.mark.parametrize("vector", load({"quantity", "window"}))
def test_objects(vector: dict[str, Any]) -> None:
    """Quantities and windows, by codec and by schema."""
    kind, body = vector["format"], vector["body"]
    assert vector["schemaAccepts"] == schema_accepts(kind, body)
    fields = Fields({"it": body}, "vector")
    if not vector["isValid"]:
        with pytest.raises(MalformedError):
            parse_quantity(body) if kind == "quantity" else fields.window("it")
    elif kind == "quantity":
        assert body == format_quantity(parse_quantity(body))
    else:
        assert body == format_window(fields.window("it"))


@pytest.mark.parametrize("text", ["alder", "a.b_c-1", "-a", "A", "a" * 63, "a" * 64, "", "f" * 64, "F" * 64])
def test_the_schema_takes_the_same_names_and_digests(text: str) -> None:
    """The patterns of the schema are those of the code."""
    for kind, parse in (("name", parse_name), ("digest", parse_digest)):
        try:
            is_valid = bool(parse(text))
        except MalformedError:
            is_valid = False
        assert is_valid == schema_accepts(kind, text)
    assert Digest("f" * 64) == parse_digest("f" * 64)


def test_the_schema_lists_the_units() -> None:
    """No unit is missing in either, and the page names them all."""
    units = [unit.value for unit in Unit]
    assert units == SCHEMA["$defs"]["unit"]["enum"]
    page = (ROOT / "spec" / "canon.md").read_text("utf-8")
    assert all(re.search(rf"`{re.escape(unit)}`", page) for unit in units)


def test_the_example_of_the_page_is_canonical() -> None:
    """Once its lines are joined, as spec/canon.md says."""
    block = (ROOT / "spec" / "canon.md").read_text("utf-8").partition("```json\n")[2].partition("```")[0]
    data = block.replace("\n", "").encode()
    assert data == format_json(parse_canonical_json(data))
