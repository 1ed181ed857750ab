"""Makes vectors/log and vectors/witness: `python tests/make_vectors/make_log_vectors.py`.

Each file holds one call of a verifier: `call` names it, `input` is what it is given, `error` is the stable
code that it must end with (null: it must succeed, and `output` is what comes out), `why` is one sentence.
Bytes are text where they are text, else base64. ML-DSA-44 signatures need not come out the same twice.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from allstop.canon import format_base64  # noqa: E402
from allstop.keys import NoteKey, NoteKeyType, format_vkey  # noqa: E402
from allstop.times import Instant  # noqa: E402
from allstop.tlog import (  # noqa: E402
    Checkpoint,
    Hash,
    HashTree,
    NoteSigner,
    TlogProof,
    format_signature_lines,
    format_tlog_proof,
    leaf_hash,
    leaf_hashes,
    parse_note,
    prove_consistency,
    prove_inclusion,
    sign_checkpoint,
    sign_note,
    sign_text,
    verify_inclusion,
)
from allstop.witness import (  # noqa: E402
    Group,
    Policy,
    PolicyLog,
    PolicyWitness,
    find_split_view,
    format_add_checkpoint,
    format_policy,
    format_split_view,
)
from support_log import (  # noqa: E402  # the folder of the tests is put on the path above
    AT,
    ML_DSA_44,
    ORIGIN,
    cosigned,
    entries_of,
    files_of,
    key_of,
    log_key,
    signed,
    tree_of,
    witness_key,
)

TREE = tree_of(13)
FORK = HashTree([*leaf_hashes(entries_of(12)), leaf_hash(b"forked")])
ZERO = Hash(bytes(32))
NAMES = ("alder", "birch", "cedar")
LOG_VKEY = format_vkey(log_key())
POLICY = Policy(
    logs=(PolicyLog(key=log_key()),),
    witnesses=tuple(PolicyWitness(name=name, key=witness_key(name)) for name in NAMES),
    groups=(Group(name="blocs", threshold=2, members=NAMES),),
    quorum="blocs",
)
POLICY_TEXT = format_policy(POLICY).decode()


def write(
    folder: str, name: str, why: str, call: str, value: Any, error: str | None = None, output: Any = None
) -> None:
    """Write one vector."""
    vector = {"why": why, "call": call, "input": value, "error": error}
    if error is None:
        vector["output"] = output
    path = ROOT / "vectors" / folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(vector, indent=2, ensure_ascii=False) + "\n", "utf-8")


def base64s(hashes: Any) -> list[str]:
    """Return hashes as base64."""
    return [format_base64(hash_) for hash_ in hashes]


def make_inclusion() -> None:
    """Inclusion proofs: one right, the others wrong in one place."""
    proof = prove_inclusion(index=7, size=13, hash_at=TREE.hash_at)
    leaf = leaf_hash(entries_of(13)[7])
    verify_inclusion(leaf=leaf, index=7, size=13, proof=proof, root=TREE.root())
    good = {
        "leaf": format_base64(leaf), "index": 7, "size": 13, "proof": base64s(proof), "root": format_base64(TREE.root()),
    }  # fmt: skip
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "valid": ("an honest proof", {}),
        "truncated": ("the last hash is missing", {"proof": base64s(proof[:-1])}),
        "longer": ("a hash more than the tree is high", {"proof": base64s((*proof, ZERO))}),
        "other-index": ("the neighbour's place", {"index": 6}),
        "index-outside": ("there is no leaf 13 in a tree of 13", {"index": 13}),
        "swapped-hashes": ("the first two hashes change places", {"proof": base64s((proof[1], proof[0], *proof[2:]))}),
        "flipped-bit": ("one bit of one hash", {"proof": base64s((Hash(bytes([proof[0][0] ^ 1]) + proof[0][1:]), *proof[1:]))}),
        "other-root": ("the root of the tree without its last leaf", {"root": format_base64(TREE.root(12))}),
        "short-leaf": ("a leaf of 31 bytes, its last byte moved to its sibling", {
            "leaf": format_base64(leaf[:31]), "proof": base64s((Hash(leaf[31:] + proof[0]), *proof[1:]))}),
    }  # fmt: skip
    for name, (why, change) in cases.items():
        error = "proof" if change else None
        write("log", f"inclusion-{name}", why, "verify_inclusion", {**good, **change}, error)
    single = {"leaf": format_base64(leaf), "index": 0, "size": 1, "proof": [], "root": format_base64(leaf)}
    write("log", "inclusion-single-leaf", "a tree of one leaf is its own root", "verify_inclusion", single)


def make_consistency() -> None:
    """Consistency proofs: right for three shapes, wrong in one place else."""

    def case(old_size: int) -> dict[str, Any]:
        proof = prove_consistency(old_size=old_size, size=13, hash_at=TREE.hash_at)
        return {
            "oldSize": old_size, "oldRoot": format_base64(TREE.root(old_size)), "size": 13,
            "root": format_base64(TREE.root()), "proof": base64s(proof),
        }  # fmt: skip

    good = case(6)
    write("log", "consistency-valid", "an honest proof", "verify_consistency", good)
    write(
        "log",
        "consistency-power-of-two",
        "the old root is left out of the proof",
        "verify_consistency",
        case(8),
    )
    write("log", "consistency-same-size", "no hash is needed", "verify_consistency", case(13))
    wrong = {
        "swapped-roots": ("the two roots change places", {"oldRoot": good["root"], "root": good["oldRoot"]}),
        "truncated": ("the last hash is missing", {"proof": good["proof"][:-1]}),
        "longer": ("a hash more than needed", {"proof": [*good["proof"], format_base64(ZERO)]}),
        "other-history": ("the larger tree has another last leaf", {"root": format_base64(FORK.root())}),
        "old-size-zero": ("every tree begins with nothing, so nothing is proven", {"oldSize": 0}),
        "old-size-larger": ("the old tree is larger than the new", {"oldSize": 14}),
        "old-size-other": ("the proof fits another old size", {"oldSize": 7}),
        "same-size-two-roots": ("one size, two roots", {"oldSize": 13, "proof": []}),
        "same-size-with-proof": ("one size needs no proof", {"oldSize": 13, "oldRoot": good["root"]}),
    }
    for name, (why, change) in wrong.items():
        write("log", f"consistency-{name}", why, "verify_consistency", {**good, **change}, "proof")


def make_trees() -> None:
    """Whole logs of a few entries, as files."""
    entries = entries_of(5)
    files = {path: format_base64(data) for path, data in files_of(entries).items()}
    root = format_base64(tree_of(5).root())
    good = {"size": 5, "root": root, "files": files}
    bundle = "tile/entries/000.p/5"
    data = files_of(entries)[bundle]
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "valid": ("five entries, one of them empty", {}),
        "missing-tile": ("the hash tile is not there", {"files": {bundle: files[bundle]}}),
        "missing-entries": ("the entries are not there", {"files": {"tile/0/000.p/5": files["tile/0/000.p/5"]}}),
        "flipped-entry": ("one bit of an entry", {"files": {**files, bundle: format_base64(data[:-1] + bytes([data[-1] ^ 1]))}}),
        "cut-entries": ("the last byte of the bundle is gone", {"files": {**files, bundle: format_base64(data[:-1])}}),
        "longer-entries": ("a byte behind the last entry", {"files": {**files, bundle: format_base64(data + b"\x00")}}),
        "other-tile": ("a hash tile of zeros", {"files": {**files, "tile/0/000.p/5": format_base64(bytes(160))}}),
        "other-root": ("the files of another root", {"root": format_base64(tree_of(4).root())}),
        "smaller-size": ("the same files under another size", {"size": 4}),
    }  # fmt: skip
    for name, (why, change) in cases.items():
        output = [format_base64(entry) for entry in entries]
        write(
            "log", f"tree-{name}", why, "verify_tree", {**good, **change}, "proof" if change else None, output
        )
    empty = {"size": 0, "root": format_base64(tree_of(0).root()), "files": {}}
    write(
        "log",
        "tree-empty",
        "the root of no entries is SHA-256 of the empty string",
        "verify_tree",
        empty,
        None,
        [],
    )


def make_paths() -> None:
    """Tile paths."""
    good = {
        "tile/0/000": (0, 0, 256), "tile/0/x001/x234/067.p/112": (0, 1_234_067, 112), "tile/entries/999.p/1": (None, 999, 1),
    }  # fmt: skip
    for number, (path, (level, index, width)) in enumerate(good.items()):
        output = {"level": level, "index": index, "width": width}
        write(
            "log",
            f"path-valid-{number}",
            "a path in its one spelling",
            "parse_tile_path",
            {"path": path},
            None,
            output,
        )
    bad = {
        "leading-zero": ("a level with a leading zero", "tile/00/000"),
        "level-64": ("levels end at 63", "tile/64/000"),
        "two-digits": ("groups have three digits", "tile/0/00"),
        "no-x": ("all groups but the last begin with x", "tile/0/001/000"),
        "zero-group": ("an index does not begin with a group of zeros", "tile/0/x000/001"),
        "width-256": ("a full tile has no width", "tile/0/000.p/256"),
        "width-zero": ("there is no empty tile", "tile/0/000.p/0"),
    }
    for name, (why, path) in bad.items():
        write("log", f"path-{name}", why, "parse_tile_path", {"path": path}, "malformed")


def make_checkpoints() -> None:
    """Texts of checkpoints."""
    text = parse_note(signed(TREE)).text.decode()
    root = format_base64(TREE.root())
    output = {"origin": ORIGIN, "size": 13, "root": root}
    write("log", "checkpoint-valid", "three lines", "parse_checkpoint", {"text": text}, None, output)
    bad = {
        "extension": ("an ML-DSA-44 cosignature would not sign a fourth line", text + "extension\n"),
        "leading-zero": ("one value, one spelling", text.replace("\n13\n", "\n013\n")),
        "signed-size": ("a size has no sign", text.replace("\n13\n", "\n+13\n")),
        "size-2-63": ("sizes stay below 2^63", text.replace("\n13\n", "\n9223372036854775808\n")),
        "short-root": ("a root has 32 bytes", text.replace(root, format_base64(TREE.root()[:31]))),
        "no-final-newline": ("each line ends in a newline", text[:-1]),
        "no-origin": ("the origin is not empty", text.removeprefix(ORIGIN)),
        "carriage-return": ("newline ends a line, nothing else", text.replace("\n", "\r\n")),
    }
    for name, (why, value) in bad.items():
        write("log", f"checkpoint-{name}", why, "parse_checkpoint", {"text": value}, "malformed")


def make_notes() -> None:
    """Signed notes with the keys to open them."""

    def case(
        name: str, why: str, note: str, vkeys: list[str], error: str | None = None, output: Any = None
    ) -> None:
        write("log", f"note-{name}", why, "open_note", {"note": note, "vkeys": vkeys}, error, output)

    note = signed(TREE).decode()
    line = note.split("\n\n")[1]
    checkpoint = Checkpoint(origin=ORIGIN, size=13, root=TREE.root())
    ml_key = NoteKey(name=ORIGIN, type=NoteKeyType.MLDSA44, key=key_of("log", ML_DSA_44).public)
    both = sign_checkpoint(checkpoint, [key_of("log"), key_of("log", ML_DSA_44)], at=AT).decode()
    poem = sign_note(
        b"stop\n\ntogether\n", [NoteSigner(name=ORIGIN, type=NoteKeyType.ED25519, key=key_of("log"))], at=AT
    )
    seconds = AT.ms // 1000
    ed, ml = {"name": ORIGIN, "seconds": None}, {"name": ORIGIN, "seconds": seconds}
    case("ed25519", "a log's Ed25519 line", note, [LOG_VKEY], None, [ed])
    case(
        "both-kinds",
        "Ed25519 (0x01) and ML-DSA-44 (0x06) of one log",
        both,
        [LOG_VKEY, format_vkey(ml_key)],
        None,
        [ed, ml],
    )
    case("ml-dsa-44", "the ML-DSA-44 line alone is known", both, [format_vkey(ml_key)], None, [ml])
    case("cosigned", "a witness's line with its time", cosigned(signed(TREE), "alder").decode(),
         [format_vkey(witness_key("alder"))], None, [{"name": "alder.example", "seconds": seconds}])  # fmt: skip
    case("blank-line", "the text has a blank line of its own", poem.decode(), [LOG_VKEY], None, [ed])
    case(
        "unknown-key",
        "the key is not the one that signed",
        note,
        [format_vkey(log_key("another"))],
        "signature",
    )
    case(
        "other-text",
        "the size was changed after signing",
        note.replace("\n13\n", "\n14\n"),
        [LOG_VKEY],
        "signature",
    )
    case("no-signature", "a text alone is no note", note.split("\n\n")[0] + "\n", [LOG_VKEY], "malformed")
    case("no-final-newline", "cut by its last byte", note[:-1], [LOG_VKEY], "malformed")
    case(
        "tab",
        "no control character but newline",
        note.replace(ORIGIN, ORIGIN + "\t"),
        [LOG_VKEY],
        "malformed",
    )
    case("hyphen", "a line begins with an em dash", note.replace("\u2014", "-"), [LOG_VKEY], "malformed")
    case(
        "base64-bits",
        "base64 with set trailing bits",
        note[:-3] + chr(ord(note[-3]) + 1) + note[-2:],
        [LOG_VKEY],
        "malformed",
    )
    case("33-lines", "at most 32 signatures", note + (line * 32), [LOG_VKEY], "malformed")


def make_policies() -> None:
    """Policy files."""
    head = POLICY_TEXT.split("group")[0]
    renamed = format_vkey(
        NoteKey(name="other.example", type=NoteKeyType.COSIGNATURE_ED25519, key=witness_key("alder").key)
    )
    second = format_vkey(witness_key("alder", ML_DSA_44))
    write(
        "witness",
        "policy-valid",
        "two of three witnesses",
        "parse_policy",
        {"text": POLICY_TEXT},
        None,
        POLICY_TEXT,
    )
    loose = "# trust\n\n" + POLICY_TEXT.replace(" ", " \t")
    write(
        "witness",
        "policy-loose",
        "comments and white space do not matter",
        "parse_policy",
        {"text": loose},
        None,
        POLICY_TEXT,
    )
    bad = {
        "none": ("no quorum is refused unless it is asked for", head + "quorum none\n"),
        "no-quorum-line": ("exactly one quorum line", head),
        "two-quorum-lines": ("exactly one quorum line", POLICY_TEXT + "quorum alder\n"),
        "undefined": ("names are defined before they are used", head + "quorum elm\n"),
        "forward": ("names are defined before they are used", head + "group g any h\ngroup h any alder\nquorum g\n"),
        "member-twice": ("a name is a member once", head + "group g any alder alder\nquorum g\n"),
        "key-twice": ("one key under two names would be two votes", head + f"witness other {renamed}\nquorum alder\n"),
        "kinds-counted-twice": ("two keys of one cosigner would be two votes",
                                head + f"witness alder-2 {second}\ngroup g 2 alder alder-2 birch\nquorum g\n"),
        "threshold-zero": ("a threshold is at least 1", head + "group g 0 alder\nquorum g\n"),
        "threshold-high": ("a threshold is at most the number of members", head + "group g 2 alder\nquorum g\n"),
        "carriage-return": ("newline ends a line, nothing else", POLICY_TEXT.replace("\n", "\r\n")),
        "log-as-witness": ("a log's key does not cosign", f"witness w {LOG_VKEY}\nquorum w\n"),
        "witness-as-log": ("a witness's key signs no log", f"log {format_vkey(witness_key('elm'))}\n{head}quorum alder\n"),
    }  # fmt: skip
    for name, (why, text) in bad.items():
        write("witness", f"policy-{name}", why, "parse_policy", {"text": text}, "malformed")


def make_cosigned() -> None:
    """Checkpoints under the policy of two of three."""

    def case(name: str, why: str, note: bytes, error: str | None = None, output: Any = None) -> None:
        value = {"note": note.decode(), "policy": POLICY_TEXT}
        write("witness", f"checkpoint-{name}", why, "open_checkpoint", value, error, output)

    note = signed(TREE)
    early = cosigned(note, "alder", at=Instant(AT.ms - 60_000))
    three = cosigned(cosigned(early, "birch"), "cedar", at=Instant(AT.ms + 60_000))
    seconds = AT.ms // 1000
    two = cosigned(early, "birch")
    case(
        "quorum",
        "two of three; the medians differ",
        two,
        None,
        {"size": 13, "lower": seconds - 60, "upper": seconds},
    )
    case(
        "all",
        "three of three; both medians are the middle time",
        three,
        None,
        {"size": 13, "lower": seconds, "upper": seconds},
    )
    case("one-short", "one of three is no quorum", early, "signature")
    case("twice", "a witness has one line", cosigned(early, "alder"), "malformed")
    case(
        "no-log",
        "the log itself must have signed",
        two.replace(format_signature_lines(parse_note(note).signatures), b""),
        "signature",
    )
    case(
        "other-log",
        "the policy knows no such log",
        two.replace(ORIGIN.encode(), b"other.example/log"),
        "signature",
    )
    case("moved", "cosignatures of another checkpoint",
         signed(FORK) + format_signature_lines(parse_note(two).signatures[1:]), "signature")  # fmt: skip
    signer = NoteSigner(
        name="cedar.example", type=NoteKeyType.COSIGNATURE_ED25519, key=key_of("witness cedar")
    )
    timeless = format_signature_lines([sign_text(parse_note(note).text, signer, at=Instant(0))])
    case("no-time", "a cosignature of time 0 proves no time", two + timeless, "signature")
    proof = TlogProof(index=7, hashes=prove_inclusion(index=7, size=13, hash_at=TREE.hash_at), note=two)
    text, leaf = format_tlog_proof(proof).decode(), format_base64(leaf_hash(entries_of(13)[7]))
    for name, why, value, error in (
        ("valid", "index, path and cosigned checkpoint", text, None),
        ("extra", "the extra line is signed by nobody and changes nothing", text.replace("index", "extra AAAA\nindex"), None),
        ("other-index", "the path is that of another place", text.replace("index 7", "index 6"), "proof"),
        ("version", "another version is another format", text.replace("@v1", "@v2"), "malformed"),
    ):  # fmt: skip
        given = {"proof": value, "leaf": leaf, "policy": POLICY_TEXT}
        write("witness", f"proof-{name}", why, "open_tlog_proof", given, error, {"index": 7, "size": 13})


def make_requests() -> None:
    """What a witness that has recorded size 6 answers."""

    def case(name: str, why: str, status: int, old: int, proof: Any, note: bytes, known: bool = True) -> None:
        request = format_add_checkpoint(old_size=old, proof=tuple(proof), note=note).decode()
        record = {"origin": ORIGIN, "vkeys": [LOG_VKEY], "size": 6, "root": format_base64(TREE.root(6))}
        value = {"record": record if known else None, "request": request}
        write("witness", f"request-{name}", why, "step", value, None, status)

    honest = prove_consistency(old_size=6, size=13, hash_at=TREE.hash_at)
    case("grows", "a larger tree with its proof", 200, 6, honest, signed(TREE))
    case("again", "the same checkpoint may be cosigned again", 200, 6, (), signed(TREE, 6))
    case("unknown-log", "the origin is not in the list", 404, 6, honest, signed(TREE), known=False)
    case("stranger", "another key signed", 403, 6, honest, signed(TREE, label="another"))
    case("old-above-size", "the old size is above the checkpoint's", 400, 6, (), signed(TREE, 5))
    case("stale", "another old size than the recorded one", 409, 5, honest, signed(TREE))
    case(
        "proof-from-nothing",
        "size 0 is not what is recorded, which comes first",
        409,
        0,
        honest,
        signed(TREE),
    )
    case("bad-proof", "one hash is wrong", 422, 6, (ZERO, *honest[1:]), signed(TREE))
    case("fork", "the same size with another root", 422, 6, (), signed(HashTree([leaf_hash(b"x")] * 6)))


def make_split_views() -> None:
    """Evidence against the log of the policy."""

    def case(name: str, why: str, evidence: bytes, error: str | None = None) -> None:
        value = {"evidence": json.loads(evidence), "policy": POLICY_TEXT}
        write("witness", f"split-view-{name}", why, "verify_split_view", value, error)

    stump = HashTree([leaf_hash(b"another start"), *leaf_hashes(entries_of(12))])
    two_sizes = find_split_view(signed(stump, 6), signed(TREE), POLICY, hash_at=TREE.hash_at)
    if two_sizes is None:
        raise SystemExit("the two trees do not conflict")
    case("same-size", "one size, two roots", format_split_view(signed(TREE), signed(FORK)))
    case("two-sizes", "the larger tree does not begin with the smaller", two_sizes)
    case(
        "same-note",
        "a note does not conflict with itself",
        format_split_view(signed(TREE), signed(TREE)),
        "proof",
    )
    honest = prove_consistency(old_size=6, size=13, hash_at=TREE.hash_at)
    case("honest", "the larger tree does begin with the smaller",
         format_split_view(signed(TREE, 6), signed(TREE), prefix_root=TREE.root(6), proof=honest), "proof")  # fmt: skip
    case("forged-root", "the proof does not show this prefix root",
         format_split_view(signed(TREE, 6), signed(TREE), prefix_root=ZERO, proof=honest), "proof")  # fmt: skip
    case("unsigned", "a stranger signed the second head",
         format_split_view(signed(TREE), signed(FORK, label="another")), "signature")  # fmt: skip


if __name__ == "__main__":
    for make in (
        make_inclusion, make_consistency, make_trees, make_paths, make_checkpoints, make_notes, make_policies,
        make_cosigned, make_requests, make_split_views,
    ):  # fmt: skip
        make()
