"""Signed notes: N1 to N9 of signed-note v1.0.0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import format_base64
from allstop.errors import LimitError, MalformedError, SignatureError
from allstop.keys import NoteKey, NoteKeyType, format_vkey, parse_vkey
from allstop.tlog import (
    NOTE_BYTES_MAX,
    SIGNATURES_MAX,
    Note,
    NoteSignature,
    NoteSigner,
    format_note,
    format_signature_lines,
    open_note,
    parse_note,
    parse_signature_lines,
    sign_note,
    sign_text,
)
from support_log import AT, ML_DSA_44, ORIGIN, key_of, log_key, signed, tree_of, witness_key

TEXT = b"stop together\n"
SIGNER = NoteSigner(name="alder.example", type=NoteKeyType.ED25519, key=key_of("alder"))
NOTE = sign_note(TEXT, [SIGNER], at=AT)
LINE = NOTE.removeprefix(TEXT + b"\n")


def line_of(name: str, blob: bytes = b"0123signature") -> bytes:
    """Return a signature line with this name and these bytes."""
    return f"\u2014 {name} {format_base64(blob)}\n".encode()


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    st.lists(st.binary(min_size=5, max_size=80), min_size=1, max_size=SIGNATURES_MAX),
)
def test_what_is_formatted_parses_back(text: str, blobs: list[bytes]) -> None:
    """Property: format and parse are each other's inverse."""
    signatures = tuple(NoteSignature(name="a", key_id=blob[:4], signature=blob[4:]) for blob in blobs)
    note = Note(text=text.encode() + b"\n", signatures=signatures)
    assert note == parse_note(format_note(note))
    assert signatures == parse_signature_lines(format_signature_lines(signatures))


@given(st.binary(max_size=120) | st.binary(max_size=60).map(lambda data: TEXT + b"\n" + LINE[:20] + data))
def test_only_one_spelling_parses(data: bytes) -> None:
    """Property: whatever parses is formatted back to the same bytes."""
    try:
        note = parse_note(data)
    except MalformedError:
        return
    assert data == format_note(note)


def test_note_N1_the_text_ends_at_the_last_blank_line() -> None:
    """A text may hold blank lines of its own, even at its end."""
    for text in (b"\n", b"one\n", b"one\n\ntwo\n", b"one\n\n"):
        note = parse_note(text + b"\n" + LINE)
        assert (text, 1) == (note.text, len(note.signatures))


@pytest.mark.parametrize(
    "data",
    [
        b"", TEXT, TEXT + b"\n", TEXT + LINE, TEXT + b"\n" + LINE[:-1], TEXT + b"\n" + LINE + b"\n",
        TEXT + b"\n" + LINE + b"junk\n", LINE, TEXT + b"\n" + LINE.replace(b"\xe2\x80\x94", b"-"),
        TEXT + b"\n\xe2\x80\x94 alder.example\n", TEXT + b"\n\xe2\x80\x94  \n", TEXT + b"\n" + LINE[:3] + LINE[4:],
    ],
)  # fmt: skip
def test_note_N1_other_shapes_are_refused(data: bytes) -> None:
    """No blank line, no signature, no final newline, a blank or foreign line among the signatures."""
    with pytest.raises(MalformedError):
        parse_note(data)


@pytest.mark.parametrize("bad", [b"\x00", b"\t", b"\r", b"\x1f", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80"])
def test_note_N2_control_characters_and_other_encodings_are_refused(bad: bytes) -> None:
    """In the text and in the lines; newline is the only control below 0x20."""
    for data in (bad + NOTE, TEXT + bad + b"\n\n" + LINE, NOTE[:-1] + bad + b"\n"):
        with pytest.raises(MalformedError, match=r"control|UTF-8|base64"):
            parse_note(data)
    with pytest.raises(MalformedError, match=r"control|UTF-8"):
        Note(text=bad + b"\n", signatures=parse_note(NOTE).signatures)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003", "\u3000", "a\u2028b", "a\u0085b"])
def test_note_N3_names_have_no_space_and_no_plus(name: str) -> None:
    """Every space of Unicode, and the plus sign that vkeys split at."""
    with pytest.raises(MalformedError):
        parse_note(TEXT + b"\n" + line_of(name))
    with pytest.raises(MalformedError):
        NoteSignature(name=name, key_id=b"0123", signature=b"x")
    with pytest.raises(MalformedError):
        NoteKey(name=name, type=NoteKeyType.ED25519, key=key_of("alder").public)


def test_note_N4_a_line_is_key_id_then_signature() -> None:
    """Four bytes of id, big end first as they stand, and at least one byte behind them."""
    item = parse_note(TEXT + b"\n" + line_of("a", b"\x01\x02\x03\x04rest")).signatures[0]
    assert (item.key_id, item.signature) == (b"\x01\x02\x03\x04", b"rest")
    for blob in (b"", b"012", b"0123"):
        with pytest.raises(MalformedError, match=r"key id|base64"):
            parse_note(TEXT + b"\n" + line_of("a", blob))


def test_note_N4_base64_is_canonical() -> None:
    """One value, one spelling: no missing padding, no set trailing bits, no other alphabet."""
    good = format_base64(b"0123x")
    assert good == "MDEyM3g="
    for bad in ("MDEyM3g", "MDEyM3h=", "MDEyM3g==", "MDEy-3g=", "MDEyM3g= ", " MDEyM3g=", "MDEyM3g=\u00a0"):
        with pytest.raises(MalformedError):
            parse_note(TEXT + f"\n\u2014 a {bad}\n".encode())


def test_note_N5_the_id_is_a_hash_over_name_type_and_key() -> None:
    """The same key has another id under another name and for another purpose."""
    key = key_of("alder").public
    ids = {
        NoteKey(name=name, type=type_, key=key).id
        for name in ("alder.example", "birch.example")
        for type_ in (NoteKeyType.ED25519, NoteKeyType.COSIGNATURE_ED25519)
    }
    assert (4, {4}) == (len(ids), {len(item) for item in ids})
    assert SIGNER.note_key.id == parse_note(NOTE).signatures[0].key_id


def test_note_N6_unknown_keys_are_ignored() -> None:
    """A stranger's line does no harm, even with garbage in it; alone it is no signature."""
    stranger = line_of("stranger.example")
    opened = open_note(TEXT + b"\n" + stranger + LINE + stranger, [SIGNER.note_key])
    assert [SIGNER.note_key] == [item.key for item in opened.verified]
    with pytest.raises(SignatureError, match="no signature by a known key"):
        open_note(TEXT + b"\n" + stranger, [SIGNER.note_key])


def test_note_N6_a_match_of_name_or_id_alone_is_unknown() -> None:
    """Garbage under the known name or the known id is ignored, not verified."""
    name_only = line_of(SIGNER.name, b"\x00\x00\x00\x00garbage")
    id_only = line_of("stranger.example", SIGNER.note_key.id + b"garbage")
    opened = open_note(TEXT + b"\n" + name_only + id_only + LINE, [SIGNER.note_key])
    assert len(opened.verified) == 1
    with pytest.raises(SignatureError, match="no signature by a known key"):
        open_note(TEXT + b"\n" + name_only + id_only, [SIGNER.note_key])


def test_note_N7_a_bad_signature_by_a_known_key_rejects_the_note() -> None:
    """Even if another known key did sign."""
    other = NoteSigner(name="birch.example", type=NoteKeyType.ED25519, key=key_of("birch"))
    bad = line_of(other.name, other.note_key.id + b"\x00" * 64)
    keys = [SIGNER.note_key, other.note_key]
    for data in (NOTE + bad, TEXT + b"\n" + bad + LINE):
        with pytest.raises(SignatureError, match=r"birch\.example"):
            open_note(data, keys)
    assert len(open_note(NOTE + bad, keys[:1]).verified) == 1


def test_note_N7_no_bit_of_text_or_signature_can_flip() -> None:
    """One bit in every byte: malformed, unknown or bad, never accepted."""
    for place in range(len(NOTE)):
        bent = bytearray(NOTE)
        bent[place] ^= 1 << place % 8
        with pytest.raises((MalformedError, SignatureError)):
            open_note(bytes(bent), [SIGNER.note_key])


def test_note_N7_nobody_is_known_without_keys() -> None:
    """A note opened with no keys is rejected."""
    with pytest.raises(SignatureError, match="no signature by a known key"):
        open_note(NOTE, [])


def test_note_N8_thirty_two_signatures_and_no_more() -> None:
    """The standard asks for 16 at least; the cap bounds the work on a hostile note."""
    assert SIGNATURES_MAX >= 16
    lines = [line_of(f"s{number}") for number in range(SIGNATURES_MAX)]
    assert len(parse_note(TEXT + b"\n" + b"".join(lines)).signatures) == SIGNATURES_MAX
    with pytest.raises(MalformedError, match="33 signatures, want 1 to 32"):
        parse_note(TEXT + b"\n" + b"".join(lines) + LINE)
    item = parse_note(NOTE).signatures[0]
    for count in (0, SIGNATURES_MAX + 1):
        with pytest.raises(MalformedError, match=f"{count} signatures, want 1 to 32"):
            Note(text=TEXT, signatures=(item,) * count)


def test_note_N8_the_size_is_capped() -> None:
    """32 signatures of ML-DSA-44 fit; one byte above the cap is not read."""
    signer = NoteSigner(name=ORIGIN, type=NoteKeyType.MLDSA44, key=key_of("log", ML_DSA_44))
    line = format_signature_lines([sign_text(signed(tree_of(3)).split(b"\n\n")[0] + b"\n", signer, at=AT)])
    assert len(line) * SIGNATURES_MAX < NOTE_BYTES_MAX
    for parse in (parse_note, parse_signature_lines):
        with pytest.raises(LimitError, match="want at most 131072"):
            parse(b"x" * (NOTE_BYTES_MAX + 1))


def test_note_N9_vkeys_of_the_three_types_parse_back() -> None:
    """Ed25519 0x01, Ed25519 cosignature 0x04, ML-DSA-44 0x06."""
    for key in (log_key(), witness_key("alder"), witness_key("alder", ML_DSA_44)):
        assert key == parse_vkey(format_vkey(key))
    assert [key.value for key in NoteKeyType] == [1, 4, 6]


def test_a_text_ends_in_a_newline() -> None:
    """A note of another text cannot be built."""
    with pytest.raises(MalformedError, match="does not end in a newline"):
        Note(text=b"text", signatures=parse_note(NOTE).signatures)
    with pytest.raises(MalformedError, match="does not end in a newline"):
        Note(text=b"", signatures=parse_note(NOTE).signatures)
