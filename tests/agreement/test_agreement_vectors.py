"""The vectors of agreements: the codec, the JSON Schema and the digests say what each file says."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from allstop.agreement import (
    AGREEMENT_PREDICATE,
    DEPOSIT_PREDICATE,
    SIGNATURE_PREDICATE,
    format_agreement,
    parse_agreement,
    parse_agreement_toml,
)
from allstop.canon import format_json, parse_canonical_json, parse_json
from allstop.errors import MalformedError
from allstop.ids import digest_of
from make_vectors.make_agreement_vectors import make
from source_tree import ROOT

KINDS = ("agreement-document", "agreement", "signature", "deposit")
FILES = sorted(path for kind in KINDS for path in (ROOT / "vectors" / kind).glob("*.json"))
PREDICATES = {p.name: p for p in (AGREEMENT_PREDICATE, SIGNATURE_PREDICATE, DEPOSIT_PREDICATE)}


def read(path: Path) -> dict[str, Any]:
    """Return a vector."""
    value: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return value


def again(kind: str, data: bytes) -> bytes:
    """Parse with the codec of this kind and format again."""
    if kind == "agreement-document":
        return format_agreement(parse_agreement(data))
    predicate: Any = PREDICATES[kind]  # type: ignore[index]  # the names of predicates are texts
    return format_json(predicate.format(predicate.parse(parse_canonical_json(data))))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_codec_and_schema_agree_with_the_vector(path: Path) -> None:
    """A good text comes back byte for byte; a bad one is refused; the schema sees what a schema can see."""
    vector = read(path)
    data = vector["canonical"].encode()
    if vector["isValid"]:
        assert data == again(vector["predicate"], data)
    else:
        with pytest.raises(MalformedError):
            again(vector["predicate"], data)
    schema = json.loads((ROOT / "spec" / "schemas" / f"{path.parent.name}.schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    assert vector["schemaAccepts"] == validator.is_valid(parse_json(data))


@pytest.mark.parametrize(
    "path", [path for path in FILES if "digest" in read(path)], ids=lambda path: path.stem
)
def test_the_identity_is_the_digest_of_the_text(path: Path) -> None:
    """Another implementation can check its canonical form against this figure."""
    vector = read(path)
    assert vector["digest"] == digest_of(vector["canonical"].encode())


@pytest.mark.parametrize(
    "name",
    [
        "valid",
        "valid-with-replay",
        "valid-with-articles",
        "valid-with-convening",
        "valid-with-duties",
        "valid-with-halt",
        "valid-with-phases",
    ],
)
def test_toml_leads_to_the_same_agreement(name: str) -> None:
    """What people write and what is signed are one value."""
    vector = read(ROOT / "vectors" / "agreement-document" / f"{name}.json")
    assert vector["canonical"].encode() == format_agreement(parse_agreement_toml(vector["toml"]))


def test_the_files_are_those_that_the_script_makes() -> None:
    """A vector changed by hand, added or lost is noticed."""
    on_disk = {f"{path.parent.name}/{path.name}": read(path) for path in FILES}
    assert make() == on_disk


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_closed_and_sound(kind: str) -> None:
    """Each schema is one by its own standard, and no object in it takes unknown keys."""
    schema = json.loads((ROOT / "spec" / "schemas" / f"{kind}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    ahead: list[Any] = [schema]
    while ahead:
        item = ahead.pop()
        if isinstance(item, dict):
            assert item.get("type") != "object" or item["additionalProperties"] is False
            ahead += item.values()
        elif isinstance(item, list):
            ahead += item
