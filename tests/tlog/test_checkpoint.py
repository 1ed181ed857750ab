"""Checkpoints and what cosigners sign: C1 to C4 of tlog-checkpoint, K1 to K5 of tlog-cosignature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.errors import MalformedError, ProofError, SignatureError
from allstop.keys import NoteKey, NoteKeyType, verify_signature
from allstop.times import Instant
from allstop.tlog import (
    EMPTY_ROOT,
    SIZE_MAX,
    Checkpoint,
    Hash,
    NoteSignature,
    NoteSigner,
    SubtreeCosignature,
    format_checkpoint,
    format_signature_lines,
    format_subtree_message,
    leaf_hash,
    open_note,
    parse_checkpoint,
    parse_note,
    prove_consistency,
    sign_checkpoint,
    sign_note,
    sign_text,
    verify_consistency,
)
from support_log import AT, ML_DSA_44, ORIGIN, cosigned, key_of, log_key, signed, tree_of, witness_key

ROOT = leaf_hash(b"alder")
ROOT_TEXT = "9U48nVGZxNC2Wj0HlRJf4pVtKAqnZvWLBIzJ5DmSGkM="
CHECKPOINT = Checkpoint(origin=ORIGIN, size=20_852_163, root=ROOT)
TEXT = format_checkpoint(CHECKPOINT)
SECONDS = AT.ms // 1000
ML_KEY = key_of("log", ML_DSA_44)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
    st.integers(0, SIZE_MAX),
    st.binary(min_size=32, max_size=32),
)
def test_checkpoint_C1_three_lines_and_back(origin: str, size: int, root: bytes) -> None:
    """Property: origin, decimal size, base64 root; format and parse are each other's inverse."""
    checkpoint = Checkpoint(origin=origin, size=size, root=Hash(root))
    assert checkpoint == parse_checkpoint(format_checkpoint(checkpoint))


@pytest.mark.parametrize(
    "lines",
    [
        [], [ORIGIN], [ORIGIN, "1"], ["", "1", ROOT_TEXT], [ORIGIN, "", ROOT_TEXT], [ORIGIN, "01", ROOT_TEXT],
        [ORIGIN, "-1", ROOT_TEXT], [ORIGIN, "+1", ROOT_TEXT], [ORIGIN, "1_0", ROOT_TEXT], [ORIGIN, "0x1", ROOT_TEXT],
        [ORIGIN, "٤", ROOT_TEXT], [ORIGIN, "1 ", ROOT_TEXT], [ORIGIN, str(2**63), ROOT_TEXT],
        [ORIGIN, "1", ROOT_TEXT[:-1]], [ORIGIN, "1", "AAAA"], [ORIGIN, "1", ROOT_TEXT + "=="], [ORIGIN, "1", ""],
        ["a\tb", "1", ROOT_TEXT], ["o" * 256, "1", ROOT_TEXT],
    ],
)  # fmt: skip
def test_checkpoint_C1_other_texts_are_refused(lines: list[str]) -> None:
    """Missing lines, other spellings of the size, roots that are not 32 bytes, origins that are none."""
    with pytest.raises(MalformedError):
        parse_checkpoint("".join(f"{line}\n" for line in lines).encode())


def test_checkpoint_C1_encoding_and_final_newline_are_checked() -> None:
    """Not UTF-8, or no newline at the end."""
    with pytest.raises(MalformedError, match="UTF-8"):
        parse_checkpoint(b"\xff" + TEXT)
    with pytest.raises(MalformedError, match="want 3 and no extension"):
        parse_checkpoint(TEXT[:-1])


def test_checkpoint_C1_an_empty_tree_has_size_0() -> None:
    """The size of the empty tree is the one decimal that starts with 0."""
    empty = Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT)
    assert b"\n0\n" in format_checkpoint(empty)
    assert empty == parse_checkpoint(format_checkpoint(empty))


def test_checkpoint_C2_extension_lines_are_refused() -> None:
    """Ours: an ML-DSA-44 cosignature would not cover them."""
    for extension in (b"extension\n", b"\n", b"one\ntwo\n"):
        with pytest.raises(MalformedError, match="no extension"):
            parse_checkpoint(TEXT + extension)


def test_checkpoint_C3_the_next_checkpoint_proves_that_it_continues_the_last() -> None:
    """What a log must check before it signs; another history cannot pass it."""
    tree = tree_of(300)
    proof = prove_consistency(old_size=200, size=300, hash_at=tree.hash_at)
    verify_consistency(old_size=200, old_root=tree.root(200), size=300, root=tree.root(), proof=proof)
    with pytest.raises(ProofError):
        verify_consistency(old_size=200, old_root=ROOT, size=300, root=tree.root(), proof=proof)


def test_checkpoint_C4_the_log_signs_under_its_origin() -> None:
    """The key name is the origin, with both kinds of key; each verifies alone."""
    note = sign_checkpoint(CHECKPOINT, [key_of("log"), ML_KEY], at=AT)
    assert [item.name for item in parse_note(note).signatures] == [ORIGIN] * 2
    ml_key = NoteKey(name=ORIGIN, type=NoteKeyType.MLDSA44, key=ML_KEY.public)
    both = open_note(note, [log_key(), ml_key]).verified
    assert [(log_key(), None), (ml_key, AT)] == [(item.key, item.at) for item in both]
    assert len(open_note(note, [ml_key]).verified) == 1


def test_cosignature_K1_ed25519_signs_header_time_and_whole_text() -> None:
    """The signature is 8 bytes of time, then Ed25519 over the message that the standard spells out."""
    key = key_of("witness alder")
    note = cosigned(signed(tree_of(3)), "alder")
    item = parse_note(note).signatures[1]
    assert SECONDS.to_bytes(8, "big") == item.signature[:8]
    message = f"cosignature/v1\ntime {SECONDS}\n".encode() + parse_note(note).text
    verify_signature(key.public, message=message, signature=item.signature[8:])


def test_cosignature_K1_only_checkpoints_are_cosigned() -> None:
    """A cosigner's key signs no other text, and a line over one does not verify."""
    for type_, kind in ((NoteKeyType.COSIGNATURE_ED25519, None), (NoteKeyType.MLDSA44, ML_DSA_44)):
        signer = NoteSigner(name="a", type=type_, key=key_of("a", kind) if kind else key_of("a"))
        with pytest.raises(MalformedError, match="checkpoint"):
            sign_text(b"hello\n", signer, at=AT)
        line = NoteSignature(name="a", key_id=signer.note_key.id, signature=b"\x00" * 72)
        with pytest.raises(MalformedError, match="checkpoint"):
            open_note(b"hello\n\n" + format_signature_lines([line]), [signer.note_key])


def test_cosignature_K2_ml_dsa_signs_a_structure() -> None:
    """Label, cosigner, time, origin, start 0, end, root, each in its width; nothing of the text itself."""
    signer = NoteSigner(name="alder.example", type=NoteKeyType.MLDSA44, key=ML_KEY)
    item = sign_text(TEXT, signer, at=AT)
    expected = (
        b"subtree/v1\n\x00\x0dalder.example" + SECONDS.to_bytes(8, "big") + bytes([len(ORIGIN)])
        + ORIGIN.encode() + bytes(8) + (20_852_163).to_bytes(8, "big") + ROOT
    )  # fmt: skip
    assert len(item.signature) == 8 + 2420
    verify_signature(ML_KEY.public, message=expected, signature=item.signature[8:])


def test_cosignature_K2_numbers_and_names_have_ranges() -> None:
    """Names of 1 to 255 bytes; a subtree that does not start at 0 has no time; 0 <= start <= end < 2^63."""

    def make(**change: object) -> SubtreeCosignature:
        good = {"cosigner": "a", "seconds": 0, "origin": "o", "start": 4, "end": 8, "root": ROOT}
        return SubtreeCosignature(**{**good, **change})  # type: ignore[arg-type]  # bad values are the point

    assert (4).to_bytes(8, "big") + (8).to_bytes(8, "big") + ROOT == format_subtree_message(make())[-48:]
    for change in (
        {"cosigner": ""}, {"origin": ""}, {"cosigner": "é" * 128}, {"origin": "o" * 256}, {"seconds": 1},
        {"start": 9}, {"start": -1}, {"end": 2**63}, {"start": 0, "seconds": 2**63}, {"start": 0, "seconds": -1},
        {"root": Hash(ROOT[:31])},
    ):  # fmt: skip
        with pytest.raises(MalformedError):
            make(**change)


def test_cosignature_K3_times_that_no_calendar_has_are_refused() -> None:
    """Up to 2^63 - 1 is legal on the wire; ours stop at the year 9999, so larger ones are refused."""
    key = witness_key("alder")
    for seconds in (253_402_300_800, 2**63 - 1, 2**63, 2**64 - 1):
        line = NoteSignature(
            name=key.name, key_id=key.id, signature=seconds.to_bytes(8, "big") + b"\x00" * 64
        )
        with pytest.raises(SignatureError, match="after the year 9999"):
            open_note(signed(tree_of(3)) + format_signature_lines([line]), [key])


def test_cosignature_K3_the_time_is_signed() -> None:
    """Another second in the line does not verify, with either kind of key."""
    for kind in (key_of("a").public.kind, ML_DSA_44):
        note = parse_note(cosigned(signed(tree_of(3)), "alder", kind=kind))
        item = note.signatures[1]
        later = (SECONDS + 1).to_bytes(8, "big") + item.signature[8:]
        line = NoteSignature(name=item.name, key_id=item.key_id, signature=later)
        with pytest.raises(SignatureError, match="does not verify"):
            open_note(note.text + b"\n" + format_signature_lines([line]), [witness_key("alder", kind)])


def test_cosignature_K4_the_ed25519_message_does_not_name_its_cosigner() -> None:
    """The same key under two names makes one signature, hence one key per cosigner in a policy."""
    first, second = (
        sign_text(TEXT, NoteSigner(name=name, type=NoteKeyType.COSIGNATURE_ED25519, key=key_of("a")), at=AT)
        for name in ("alder.example", "birch.example")
    )
    assert first.signature == second.signature
    assert first.key_id != second.key_id


def test_cosignature_K5_the_time_comes_with_the_verified_key() -> None:
    """What a cosignature says: at this time, this was the largest tree. Whole seconds."""
    note = cosigned(signed(tree_of(3)), "alder", at=Instant(AT.ms + 999))
    verified = open_note(note, [witness_key("alder")]).verified
    assert [item.at for item in verified] == [AT]


def test_no_bit_of_either_cosignature_can_flip() -> None:
    """One bit in each of several bytes of time and signature, for both kinds."""
    for kind in (key_of("a").public.kind, ML_DSA_44):
        note = parse_note(cosigned(signed(tree_of(3)), "alder", kind=kind))
        item = note.signatures[1]
        for place in {*range(16), *range(16, len(item.signature), 61)}:
            bent = bytearray(item.signature)
            bent[place] ^= 1 << place % 8
            line = NoteSignature(name=item.name, key_id=item.key_id, signature=bytes(bent))
            with pytest.raises(SignatureError):
                open_note(note.text + b"\n" + format_signature_lines([line]), [witness_key("alder", kind)])


def test_a_signer_needs_the_kind_of_key_its_type_says() -> None:
    """No ML-DSA-44 line by an Ed25519 key."""
    with pytest.raises(MalformedError, match="MLDSA44 holds a ed25519 key"):
        NoteSigner(name="a", type=NoteKeyType.MLDSA44, key=key_of("a"))


def test_ranges_are_checked_when_a_checkpoint_is_built() -> None:
    """Sizes and roots that cannot be written are refused before they are signed."""
    for size in (-1, 2**63):
        with pytest.raises(MalformedError, match="size"):
            Checkpoint(origin=ORIGIN, size=size, root=ROOT)
    with pytest.raises(MalformedError, match="31 bytes"):
        Checkpoint(origin=ORIGIN, size=1, root=Hash(ROOT[:31]))


def test_a_log_may_leave_the_time_of_its_ml_dsa_line_open() -> None:
    """Time 0 says nothing about time; the signature still verifies."""
    signer = NoteSigner(name=ORIGIN, type=NoteKeyType.MLDSA44, key=ML_KEY)
    note = sign_note(TEXT, [signer], at=Instant(0))
    assert [item.at for item in open_note(note, [signer.note_key]).verified] == [None]
