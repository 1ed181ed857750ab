"""Named note keys: vkeys and ids, with the examples of C2SP."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import format_base64
from allstop.errors import MalformedError
from allstop.keys import (
    NOTE_NAME_BYTES_MAX,
    KeyKind,
    NoteKey,
    NoteKeyType,
    PublicKey,
    SigningKey,
    format_vkey,
    parse_vkey,
)

ED25519 = SigningKey(KeyKind.ED25519, bytes(range(32))).public
ML_DSA_44 = SigningKey(KeyKind.ML_DSA_44, bytes(range(32))).public
KEYS = {
    NoteKeyType.ED25519: ED25519,
    NoteKeyType.COSIGNATURE_ED25519: ED25519,
    NoteKeyType.MLDSA44: ML_DSA_44,
}
NAME = "example.org/log"


def vkey(name: str, blob: bytes) -> str:
    """Write a vkey with the right id, whatever the name and the bytes."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass") + b"\n" + blob).hexdigest()
    return f"{name}+{digest[:8]}+{format_base64(blob)}"


@pytest.mark.parametrize("kind", list(NoteKeyType))
def test_note_N9_a_vkey_round_trips_for_each_type(kind: NoteKeyType) -> None:
    """Ed25519 notes 0x01, Ed25519 cosignatures 0x04, ML-DSA-44 0x06."""
    key = NoteKey(name=NAME, type=kind, key=KEYS[kind])
    text = format_vkey(key)
    assert vkey(NAME, bytes([kind.value]) + KEYS[kind].data) == text
    assert key == parse_vkey(text)


def test_note_N5_the_id_depends_on_name_type_and_key() -> None:
    """First 4 bytes of SHA-256(name, 0x0A, type byte, key)."""
    ids = {
        NoteKey(name=name, type=kind, key=KEYS[kind]).id for name in (NAME, "birch") for kind in NoteKeyType
    }
    assert len(ids) == 6
    expected = hashlib.sha256(NAME.encode() + b"\n\x04" + ED25519.data).digest()[:4]
    assert expected == NoteKey(name=NAME, type=NoteKeyType.COSIGNATURE_ED25519, key=ED25519).id


def test_note_N9_the_key_of_the_specification_is_read(vectors_dir: Path) -> None:
    """The vkey printed in C2SP signed-note."""
    examples = json.loads((vectors_dir / "c2sp-spec-examples" / "examples.json").read_text())
    text = examples["signed_note"]["vkey"]
    key = parse_vkey(text)
    assert text.startswith(f"{key.name}+{key.id.hex()}+")
    assert text == format_vkey(key)


@given(st.text(min_size=1, max_size=90))
def test_note_N3_a_name_is_accepted_or_refused_alike_everywhere(name: str) -> None:
    """Never a space of any alphabet, a plus or a control; what is accepted parses back."""
    text = vkey(name, b"\x01" + ED25519.data)
    bad = any(character.isspace() or character < " " or character == "+" for character in name)
    try:
        key = NoteKey(name=name, type=NoteKeyType.ED25519, key=ED25519)
    except MalformedError:
        with pytest.raises(MalformedError):
            parse_vkey(text)
        return
    assert not bad
    assert key == parse_vkey(text)
    assert text == format_vkey(key)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\n", "\ta", "a\u00a0b", "a\u2003b", "a\u2028b", "a\x7f", "a\x85b", "\ud800", "a\u3000",
     "a\u200b", "a\u202eb", "\ufeffa"]
)  # fmt: skip
def test_note_N3_names_that_could_break_a_note_line_are_refused(name: str) -> None:
    """Spaces of every alphabet, plus signs, controls, invisible marks, lone surrogates, the empty name."""
    with pytest.raises(MalformedError, match="key name"):
        NoteKey(name=name, type=NoteKeyType.ED25519, key=ED25519)


@pytest.mark.parametrize("name", ["a", "example.org/évidence", "日本", "a" * NOTE_NAME_BYTES_MAX])
def test_cosignature_K2_names_of_up_to_255_bytes_are_read(name: str) -> None:
    """The length is counted in bytes of UTF-8."""
    key = NoteKey(name=name, type=NoteKeyType.ED25519, key=ED25519)
    assert key == parse_vkey(format_vkey(key))


@pytest.mark.parametrize("name", ["a" * 256, "é" * 128])
def test_cosignature_K2_longer_names_are_refused(name: str) -> None:
    """256 bytes do not fit the length byte of an ML-DSA-44 cosignature."""
    with pytest.raises(MalformedError, match="has 256 bytes, want 1 to 255"):
        NoteKey(name=name, type=NoteKeyType.ED25519, key=ED25519)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (NoteKeyType.ED25519, ML_DSA_44),
        (NoteKeyType.COSIGNATURE_ED25519, ML_DSA_44),
        (NoteKeyType.MLDSA44, ED25519),
    ],
)
def test_the_type_fits_the_key(kind: NoteKeyType, key: PublicKey) -> None:
    """A type byte never relabels a key of the other algorithm."""
    with pytest.raises(MalformedError, match="note key of type"):
        NoteKey(name=NAME, type=kind, key=key)


GOOD = vkey(NAME, b"\x01" + ED25519.data)
_, ID, BLOB = GOOD.split("+", 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        NAME,
        f"{NAME}+{ID}",
        f"+{ID}+{BLOB}",
        f"{NAME}+{ID}+",
        f"{NAME}+{ID[:7]}+{BLOB}",
        f"{NAME}+{ID}0+{BLOB}",
        f"{NAME}+{'0' * 8}+{BLOB}",
        f"{NAME}x+{ID}+{BLOB}",
        f"{NAME}+{ID}+{BLOB[:-1]}",
        f"{NAME}+{ID}+{BLOB}=",
        f"{NAME}+{ID}+{BLOB[:-4]}",
        GOOD + "\n",
        " " + GOOD,
        vkey(NAME, b"\x01" + ED25519.data[:-1]),
        vkey(NAME, b"\x01" + ED25519.data + b"\0"),
        vkey(NAME, b"\x01\x01" + bytes(31)),
        vkey(NAME, b"\x06" + ED25519.data),
        vkey(NAME, b"\x02" + ED25519.data),
        vkey(NAME, b"\x05" + ED25519.data),
        vkey(NAME, b"\x00" + ED25519.data),
    ],
)
def test_note_N9_a_malformed_vkey_is_refused(text: str) -> None:
    """Missing parts, an id of another key, other types, weak keys, text around it."""
    assert text != GOOD
    with pytest.raises(MalformedError):
        parse_vkey(text)


def test_note_N9_the_id_has_lower_case_digits() -> None:
    """Upper-case digits would be a second spelling of the key in a policy."""
    upper = GOOD.replace(f"+{ID}+", f"+{ID.upper()}+")
    assert upper != GOOD
    with pytest.raises(MalformedError, match="malformed vkey"):
        parse_vkey(upper)
