"""Vectors made by others: transparency-dev/merkle, the RFC 6962 reference tree, Go's sumdb, the C2SP texts."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from allstop.canon import parse_base64
from allstop.errors import LimitError, MalformedError, ProofError, SignatureError, VerificationError
from allstop.keys import KeyKind, NoteKey, NoteKeyType, SigningKey, parse_vkey
from allstop.times import Instant
from allstop.tlog import (
    SIGNATURES_MAX,
    Checkpoint,
    Hash,
    HashTree,
    NoteSigner,
    format_checkpoint,
    leaf_hash,
    leaf_hashes,
    node_hash,
    open_note,
    parse_checkpoint,
    parse_note,
    prove_consistency,
    prove_inclusion,
    sign_note,
    verify_consistency,
    verify_inclusion,
)
from allstop.witness import parse_add_checkpoint

Vector = dict[str, Any]


def read_vectors(folder: Path) -> list[Vector]:
    """Read every JSON file under a folder."""
    return [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]


def hashes_of(texts: list[str] | None) -> list[Hash]:
    """Decode a list of base64 texts; lengths are left to the verifier."""
    return [Hash(parse_base64(text)) for text in texts or []]


def test_inclusion_vectors_of_transparency_dev(vectors_dir: Path) -> None:
    """Every wrong proof is refused, every right one taken."""
    vectors = read_vectors(vectors_dir / "transparency-dev-merkle" / "testdata" / "inclusion")
    assert len(vectors) > 50
    for vector in vectors:
        leaf, root = (Hash(parse_base64(vector[key])) for key in ("leafHash", "root"))
        index, size, proof = vector["leafIdx"], vector["treeSize"], hashes_of(vector["proof"])
        with pytest.raises(ProofError) if vector["wantErr"] else nullcontext():
            verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=root)


def test_consistency_vectors_of_transparency_dev(vectors_dir: Path) -> None:
    """Every wrong proof is refused, every right one taken."""
    vectors = read_vectors(vectors_dir / "transparency-dev-merkle" / "testdata" / "consistency")
    assert len(vectors) > 50
    for vector in vectors:
        old_root, root = (Hash(parse_base64(vector[key])) for key in ("root1", "root2"))
        old_size, size, proof = vector["size1"], vector["size2"], hashes_of(vector["proof"])
        with pytest.raises(ProofError) if vector["wantErr"] else nullcontext():
            verify_consistency(old_size=old_size, old_root=old_root, size=size, root=root, proof=proof)


def test_subtree_vectors_that_are_whole_trees_agree(vectors_dir: Path) -> None:
    """A subtree that starts at 0 is a tree: those vectors decide alike in the plain verifier."""
    folder = vectors_dir / "transparency-dev-merkle" / "testdata"
    inclusion = [item for item in read_vectors(folder / "subtreeinclusion") if item["start"] == 0]
    consistency = [item for item in read_vectors(folder / "subtreeconsistency") if item["start"] == 0]
    assert min(len(inclusion), len(consistency)) > 20
    for vector in inclusion:
        leaf, root = (Hash(parse_base64(vector[key])) for key in ("leafHash", "root"))
        index, size, proof = vector["leafIdx"], vector["end"], hashes_of(vector["proof"])
        with pytest.raises(ProofError) if vector["wantErr"] else nullcontext():
            verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=root)
    for vector in consistency:
        # A verifier of subtrees takes the empty one; every tree begins with nothing, so ours refuses it.
        is_refused = vector["wantErr"] or vector["end"] == 0
        old_root, root = (Hash(parse_base64(vector[key])) for key in ("root1", "root2"))
        old_size, size, proof = vector["end"], vector["size"], hashes_of(vector["proof"])
        with pytest.raises(ProofError) if is_refused else nullcontext():
            verify_consistency(old_size=old_size, old_root=old_root, size=size, root=root, proof=proof)


def test_the_reference_tree_of_rfc_6962(vectors_dir: Path) -> None:
    """Eight leaves, nine roots, and the hashes of single leaves and nodes."""
    vector = json.loads((vectors_dir / "rfc6962-reference-tree" / "tree8.json").read_text())
    tree = HashTree(leaf_hashes(bytes.fromhex(text) for text in vector["leaves_hex"]))
    assert vector["roots_hex_size_0_to_8"] == [tree.root(size).hex() for size in range(9)]
    unit = vector["unit"]
    assert unit["empty_root"] == tree.root(0).hex()
    assert [unit["empty_leaf"], unit["leaf_L123456"]] == [leaf_hash(b"").hex(), leaf_hash(b"L123456").hex()]
    assert unit["node_N123_N456"] == node_hash(Hash(b"N123"), Hash(b"N456")).hex()
    for index in range(8):
        proof = prove_inclusion(index=index, size=8, hash_at=tree.hash_at)
        leaf = leaf_hash(bytes.fromhex(vector["leaves_hex"][index]))
        verify_inclusion(leaf=leaf, index=index, size=8, proof=proof, root=tree.root())
        path = prove_consistency(old_size=index + 1, size=8, hash_at=tree.hash_at)
        verify_consistency(
            old_size=index + 1, old_root=tree.root(index + 1), size=8, root=tree.root(), proof=path
        )


@pytest.fixture(scope="module")
def sumdb(vectors_dir: Path) -> Vector:
    """Test data of golang.org/x/mod/sumdb."""
    vector: Vector = json.loads((vectors_dir / "golang-x-mod-sumdb" / "sumdb.json").read_text())
    return vector


def test_keys_and_signing_of_sumdb(sumdb: Vector) -> None:
    """Their private key makes their note, byte for byte; their bad vkeys are bad here."""
    seed = parse_base64(sumdb["skey"].split("+", 4)[4])[1:]
    signer = NoteSigner(name="PeterNeumann", type=NoteKeyType.ED25519, key=SigningKey(KeyKind.ED25519, seed))
    assert parse_vkey(sumdb["vkeys"]["peter"]) == signer.note_key
    assert sumdb["sign_result"].encode() == sign_note(sumdb["text"].encode(), [signer], at=Instant(0))
    good = sumdb["vkeys"]["peter"]
    bent = [good[:place] + chr(ord(char) + 1) + good[place + 1 :] for place, char in enumerate(good)]
    for text in (*sumdb["bad_vkeys"], *(good[:end] for end in range(len(good))), *bent):
        with pytest.raises(MalformedError):
            parse_vkey(text)


def test_notes_of_sumdb(sumdb: Vector) -> None:
    """What Go opens opens, with the same number of keys; what Go refuses is refused."""
    vkeys = {name: parse_vkey(text) for name, text in sumdb["vkeys"].items()}
    for vector in sumdb["open_valid"]:
        keys = [vkeys[name] for name in vector["keys"]]
        opened = open_note(vector["msg"].encode(), keys)
        assert vector["verified"] == len({item.key for item in opened.verified})
        assert sumdb["text"].encode() == opened.note.text
    for vector in sumdb["open_invalid"]:
        data = bytes.fromhex(vector["msg_hex"]) if "msg_hex" in vector else vector["msg"].encode()
        with pytest.raises((VerificationError, LimitError)):
            open_note(data, list(vkeys.values()))


def test_tree_texts_of_sumdb(sumdb: Vector) -> None:
    """The text of a tree is a checkpoint; two of the three bad ones are bad for their form alone."""
    good = sumdb["tree_format"]
    expected = Checkpoint(origin="go.sum database tree", size=good["size"], root=leaf_hash(b"hello world"))
    assert expected == parse_checkpoint(good["text"].encode())
    assert good["text"].encode() == format_checkpoint(expected)
    other_origin, *malformed = sumdb["bad_trees"]
    assert expected.origin != parse_checkpoint(other_origin.encode()).origin
    for text in malformed:
        with pytest.raises(MalformedError):
            parse_checkpoint(text.encode())


@pytest.fixture(scope="module")
def c2sp(vectors_dir: Path) -> Vector:
    """Examples in the texts of the C2SP specifications."""
    vector: Vector = json.loads((vectors_dir / "c2sp-spec-examples" / "examples.json").read_text())
    return vector


def test_the_signed_notes_of_c2sp(c2sp: Vector) -> None:
    """One verifies; one has a blank line in its text and no known key."""
    key = parse_vkey(c2sp["signed_note"]["vkey"])
    opened = open_note(c2sp["signed_note"]["note"].encode(), [key])
    assert opened.note.text == b"This is an example message.\n"
    poem = c2sp["signed_note_empty_line_in_text"]["note"].encode()
    assert "trafitto da un raggio di sole:\n\ned è subito sera.\n".encode() in parse_note(poem).text
    with pytest.raises(SignatureError, match="no signature by a known key"):
        open_note(poem, [key])


def test_the_checkpoints_of_c2sp(c2sp: Vector) -> None:
    """Origin, size, and the time inside the cosignature line; the message is the one that is spelled out."""
    for name in ("checkpoint", "cosigned_checkpoint"):
        checkpoint = parse_checkpoint(parse_note(c2sp[name]["note"].encode()).text)
        assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    note = parse_note(c2sp["cosigned_checkpoint"]["note"].encode())
    seconds = int.from_bytes(note.signatures[1].signature[:8], "big")
    message = f"cosignature/v1\ntime {seconds}\n".encode() + note.text
    assert c2sp["cosigned_checkpoint"]["signed_message_ed25519"].encode() == message


def test_the_witness_request_of_c2sp(c2sp: Vector) -> None:
    """The request parses; the blank line that the example's frame adds behind it does not."""
    data = c2sp["witness_add_checkpoint_request"].encode()
    request = parse_add_checkpoint(data.removesuffix(b"\n"))
    assert (request.old_size, len(request.proof), request.checkpoint.size) == (20_852_014, 4, 20_852_163)
    assert len(parse_note(request.note).signatures) <= SIGNATURES_MAX
    with pytest.raises(MalformedError):
        parse_add_checkpoint(data)


def test_a_key_may_be_told_by_name_and_id(c2sp: Vector) -> None:
    """A key with the example's name but other bytes is unknown to the example."""
    key = parse_vkey(c2sp["signed_note"]["vkey"])
    other = SigningKey(KeyKind.ED25519, bytes(range(32))).public
    with pytest.raises(SignatureError, match="no signature by a known key"):
        open_note(c2sp["signed_note"]["note"].encode(), [NoteKey(name=key.name, type=key.type, key=other)])
