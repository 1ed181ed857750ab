"""Our own vectors of vectors/keys, against the codecs."""

import json
from typing import Any  # vectors are untyped

import pytest

from allstop.errors import MalformedError, SignatureError
from allstop.keys import (
    KeyKind,
    PublicKey,
    format_private_key,
    format_vkey,
    parse_private_key,
    parse_vkey,
    verify_signature,
)
from source_tree import ROOT

FILES = sorted((ROOT / "vectors" / "keys").glob("*.json"))


def load(kind: str) -> list[Any]:
    """Return the vectors of this format, named by their files."""
    vectors = [(path.stem, json.loads(path.read_text("ascii"))) for path in FILES]
    return [pytest.param(vector, id=name) for name, vector in vectors if vector["format"] == kind]


def public_key(vector: dict[str, Any]) -> PublicKey:
    """Build the key of a vector."""
    return PublicKey(kind=KeyKind(vector["kind"]), data=bytes.fromhex(vector["keyHex"]))


def test_every_vector_says_why() -> None:
    """One sentence each, and a known format; the fourteen low-order keys are all there."""
    vectors = [json.loads(path.read_text("ascii")) for path in FILES]
    assert vectors
    assert all(vector["why"] for vector in vectors)
    formats = {"public-key", "signature", "vkey", "private-key-file"}
    assert formats == {vector["format"] for vector in vectors}
    assert len([path for path in FILES if path.stem.startswith("public-key-order-")]) == 14


@pytest.mark.parametrize("vector", load("public-key"))
def test_public_keys(vector: dict[str, Any]) -> None:
    """Weak keys cannot be constructed."""
    if vector["isValid"]:
        assert vector["keyHex"] == public_key(vector).data.hex()
    else:
        with pytest.raises(MalformedError):
            public_key(vector)


@pytest.mark.parametrize("vector", load("signature"))
def test_signatures(vector: dict[str, Any]) -> None:
    """A signature verifies, or raises."""
    key, message = public_key(vector), bytes.fromhex(vector["messageHex"])
    signature = bytes.fromhex(vector["signatureHex"])
    if vector["isValid"]:
        verify_signature(key, message=message, signature=signature)
    else:
        with pytest.raises(SignatureError):
            verify_signature(key, message=message, signature=signature)


@pytest.mark.parametrize("vector", load("vkey"))
def test_vkeys(vector: dict[str, Any]) -> None:
    """What is accepted is written back alike."""
    if vector["isValid"]:
        assert vector["text"] == format_vkey(parse_vkey(vector["text"]))
    else:
        with pytest.raises(MalformedError):
            parse_vkey(vector["text"])


@pytest.mark.parametrize("vector", load("private-key-file"))
def test_private_key_files(vector: dict[str, Any]) -> None:
    """The file gives the public key, and is written back alike."""
    data = vector["text"].encode()
    if vector["isValid"]:
        key = parse_private_key(data)
        assert vector["keyHex"] == key.public.data.hex()
        assert data == format_private_key(key)
    else:
        with pytest.raises(MalformedError):
            parse_private_key(data)


def test_the_example_of_the_page_is_real() -> None:
    """The key file and the vkey of spec/keys.md belong together."""
    page = (ROOT / "spec" / "keys.md").read_text("utf-8")
    line, vkey = page.split("```")[1].strip().split("\n")
    key = parse_private_key(line.encode() + b"\n")
    assert key.public == parse_vkey(vkey).key
