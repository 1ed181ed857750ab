"""Our own vectors of cases and checkpoint bodies: code, schema and files agree."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from allstop.canon import parse_base64
from allstop.case import CHECKPOINT, POLICY_PATH, open_case
from allstop.errors import MalformedError, VerificationError
from make_vectors.make_case_vectors import honest, make_vectors
from support_case import FilesInMemory, read_keys

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "vectors" / "case"
CASES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
BODIES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((ROOT / "vectors" / "checkpoint").glob("*.json"))
}


def honest_files() -> dict[str, bytes]:
    """Return the files of the honest case as they lie in the repository."""
    folder = FOLDER / "honest"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def change(files: dict[str, bytes], item: dict[str, Any]) -> None:
    """Make one change that a vector lists."""
    path = item["path"]
    if item.get("remove"):
        del files[path]
    elif "flip" in item:
        data = bytearray(files[path])
        data[item["flip"]] ^= 1
        files[path] = bytes(data)
    else:
        files[path] = parse_base64(item["data"])


@pytest.mark.parametrize("name", CASES)
def test_each_case_ends_as_its_vector_says(name: str) -> None:
    """The policy of the honest case and the agreement's digest are the trust root."""
    vector = CASES[name]
    files = honest_files()
    policy = files[POLICY_PATH]
    for item in vector["changes"]:
        change(files, item)
    agreement = honest().agreement_digest
    if vector["error"] is None:
        case = open_case(FilesInMemory(files), policy=policy, agreement=agreement, read_keys=read_keys)
        assert vector["faults"] == [[fault.kind.value, list(fault.rests_on)] for fault in case.chain_faults]
        assert vector["missing"] == list(case.missing)
    else:
        with pytest.raises(VerificationError) as caught:
            open_case(FilesInMemory(files), policy=policy, agreement=agreement, read_keys=read_keys)
        assert vector["error"] == caught.value.code


@pytest.mark.parametrize("name", BODIES)
def test_codec_and_schema_agree_with_each_checkpoint_body(name: str) -> None:
    """The codec takes what is valid and nothing else; the schema does what the vector says of it."""
    vector = BODIES[name]
    schema = json.loads((ROOT / "spec" / "schemas" / "checkpoint.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert vector["schemaAccepts"] == Draft202012Validator(schema).is_valid(vector["body"])
    if vector["isValid"]:
        assert vector["body"] == CHECKPOINT.format(CHECKPOINT.parse(vector["body"]))
    else:
        with pytest.raises(MalformedError):
            CHECKPOINT.parse(vector["body"])


def test_every_file_is_what_the_script_makes() -> None:
    """No vector is edited by hand, forgotten or left over. ML-DSA-44 signatures differ each time."""
    made = make_vectors()
    found = {
        path.relative_to(ROOT / "vectors").as_posix(): path.read_bytes()
        for folder in ("case", "checkpoint")
        for path in (ROOT / "vectors" / folder).rglob("*")
        if path.is_file()
    }
    assert set(made) == set(found)
    assert [name for name in made if made[name] != found[name] and "ml-dsa" not in name] == []
