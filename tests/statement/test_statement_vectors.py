"""Our own vectors: the codec, the schemas and the files agree, and the files are what the script makes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from allstop.canon import parse_base64
from allstop.errors import MalformedError, VerificationError
from allstop.ids import parse_name
from allstop.keys import KeyKind, PublicKey
from allstop.statement import (
    PartyBook,
    PartyKeys,
    format_statement,
    open_statement,
    pae,
    parse_statement,
    statement_digest,
)
from make_vectors.make_statement_vectors import make_vectors

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "vectors" / "statement"
VECTORS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def named(start: str) -> list[str]:
    """Return the names of the vectors of one sort."""
    return [name for name in VECTORS if name.startswith(start)]


def schema_of(name: str) -> Draft202012Validator:
    """Return the validator of a schema, itself checked."""
    schema = json.loads((ROOT / "spec" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("name", named("payload-"))
def test_codec_and_schema_agree_with_each_payload(name: str) -> None:
    """The codec takes what is valid and nothing else; the schema does what the vector says of it."""
    vector = VECTORS[name]
    payload = vector["payload"].encode()
    assert vector["schemaAccepts"] == schema_of("statement").is_valid(json.loads(payload))
    if vector["isValid"]:
        assert payload == format_statement(parse_statement(payload))
        assert vector["digest"] == statement_digest(payload)
    else:
        with pytest.raises(MalformedError):
            parse_statement(payload)


def book(parties: dict[str, Any]) -> PartyBook:
    """Return the keys that a vector names."""
    return PartyBook(
        {
            parse_name(name): PartyKeys(
                party=parse_name(name),
                keys=tuple(
                    PublicKey(kind=KeyKind.ED25519, data=parse_base64(text)) for text in entry["keys"]
                ),
                threshold=entry["threshold"],
            )
            for name, entry in parties.items()
        }
    )


@pytest.mark.parametrize("name", named("envelope-"))
def test_opening_agrees_with_each_envelope(name: str) -> None:
    """What opens gives the signers of the vector and fits the schema; what does not ends in its code."""
    vector = VECTORS[name]
    data = vector["envelope"].encode()
    if vector["error"] is None:
        assert set(vector["signers"]) == open_statement(data, book(vector["parties"])).signers
        assert schema_of("envelope").is_valid(json.loads(data))
    else:
        with pytest.raises(VerificationError) as caught:
            open_statement(data, book(vector["parties"]))
        assert vector["error"] == caught.value.code


def test_the_encoding_that_is_signed() -> None:
    """The vector of the encoding alone."""
    vector = VECTORS["pae"]
    assert vector["pae"] == pae(vector["payloadType"], vector["payload"].encode()).hex()


def test_every_file_is_what_the_script_makes() -> None:
    """No vector is edited by hand, forgotten or left over."""
    expected = {path.name: text for path, text in make_vectors().items()}
    assert expected == {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}


def test_every_vector_says_why() -> None:
    """One sentence each; no two are the same."""
    reasons = [vector["why"] for vector in VECTORS.values()]
    assert all(reasons)
    assert {name for name in VECTORS if re.search(r"\.$", VECTORS[name]["why"])} == set()


def test_the_example_of_the_specification_is_the_valid_vector() -> None:
    """The page shows the payload of `payload-valid`."""
    page = (ROOT / "spec" / "statement.md").read_text("utf-8")
    block = re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0]
    assert json.loads(VECTORS["payload-valid"]["payload"]) == json.loads(block)
