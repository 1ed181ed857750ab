"""Makes vectors/case and vectors/checkpoint: `python tests/make_vectors/make_case_vectors.py`.

`case/honest/` is a small case. Each `case/*.json` lists changes to its files and what comes of them: the code
of an error, or faults and missing blobs. The agreement is a stand-in that holds the parties' keys alone:
`{"parties": {name: {"keys": [base64], "threshold": n}}}`. All signatures are Ed25519 and so come out the
same each time. `checkpoint/*.json` hold bodies of checkpoint statements.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from allstop.canon import format_base64  # noqa: E402
from allstop.case import CHECKPOINT, CHECKPOINT_PATH, POLICY_PATH, blob_path, quote_note  # noqa: E402
from allstop.ids import digest_of  # noqa: E402
from allstop.statement import SeenCheckpoint  # noqa: E402
from allstop.tlog import Checkpoint, Hash, Note, format_note, parse_note  # noqa: E402
from support_case import CaseBuilder, build_case, cosign_all, plain_policy, tree_files  # noqa: E402
from support_statement import ALDER, BIRCH, ORIGIN  # noqa: E402

Change = dict[str, Any]
BUNDLE = "log/tile/entries/000.p/8"
TILE = "log/tile/0/000.p/8"


def honest() -> CaseBuilder:
    """Return a case of two batches of four entries, with one blob."""
    case = CaseBuilder(policy=plain_policy())
    for number in range(2):
        case.open_batch()
        case.say(ALDER)
        if number == 0:
            blob = case.hold(b"readings of one meter\n")
            case.say(BIRCH, "measurement", subjects=[case.agreement_digest, blob])
        else:
            case.say(BIRCH)
        case.say(ALDER)
        case.close_batch()
    return case


def complicit(spoil: Callable[[CaseBuilder], None]) -> list[Change]:
    """Return the changes that make the case one whose log, witnesses and tiles go along with a bad entry."""
    case = honest()
    case.open_batch()
    spoil(case)
    case.close_batch()
    old, new = honest().files().files, case.files().files
    changes = [remove(path) for path in sorted(old.keys() - new.keys())]
    return changes + [
        {"path": path, "data": format_base64(data)}
        for path, data in sorted(new.items())
        if old.get(path) != data
    ]


def remove(path: str) -> Change:
    """Return the change that removes a file."""
    return {"path": path, "remove": True}


def put(path: str, data: bytes) -> Change:
    """Return the change that writes a file."""
    return {"path": path, "data": format_base64(data)}


def say_fork(case: CaseBuilder) -> None:
    """Alder says two things under one number."""
    one = case.make(ALDER, "site", {"note": "one thing"})
    case.append(one)
    case.append(replace(one, body={"note": "another"}))


def say_gap(case: CaseBuilder) -> None:
    """Alder skips a number."""
    sequence, _ = case.next_link(ALDER)
    case.say(ALDER, sequence=sequence + 1, previous=digest_of(b"never logged"))


def say_false_checkpoint(case: CaseBuilder) -> None:
    """Alder names a tree that this log never had."""
    case.say(ALDER, checkpoint=SeenCheckpoint(size=4, root=digest_of(b"another history")))


def say_again(case: CaseBuilder) -> None:
    """The log logs an old statement again."""
    case.append_raw(case.entries[1])


def say_foreign(case: CaseBuilder) -> None:
    """Birch's statement under another agreement is logged here."""
    case.say(BIRCH, agreement=digest_of(b"another agreement"), sequence=0, previous=None)


def say_split_view(case: CaseBuilder) -> None:
    """The witnesses cosigned another tree of the same size, and the log quotes that note."""
    del case.entries[8:]
    forked = cosign_all(Checkpoint(origin=ORIGIN, size=8, root=Hash(b"\x05" * 32)), case.policy, case.at)
    case.heads.update(honest().heads)
    case.open_batch(CHECKPOINT.format(quote_note(forked)))


def say_stranger(case: CaseBuilder) -> None:
    """One officer signs for Alder, who needs two."""
    case.append(case.make(ALDER, "site", {}), case.signers(ALDER)[:1])


def case_vectors() -> dict[str, Any]:
    """Return the vectors of case verification, by name."""
    case = honest()
    files = case.files().files
    blob = next(
        path for path in files if path.startswith("blobs/") and path != blob_path(case.agreement_digest)
    )
    dropped = {f"log/{path}": data for path, data in tree_files(case.entries[:4] + case.entries[5:]).items()}
    thin = parse_note(case.notes[-1])
    kept = tuple(line for line in thin.signatures if not line.name.startswith("birch"))
    return {
        "honest": good("the case as it was made", []),
        "blob-not-held": good("a blob may be missing: it is listed, and is no error", [remove(blob)], missing=[blob[-64:]]),
        "gap": good("Alder skips a number", complicit(say_gap), faults=[["gap", [9]]]),
        "fork": good("Alder says two things under one number: both are kept", complicit(say_fork), faults=[["fork", [9, 10]]]),
        "replay": good("a statement is logged twice: the first counts", complicit(say_again), faults=[["replay", [1, 9]]]),
        "foreign-agreement": good("made under another agreement, it says nothing here", complicit(say_foreign), faults=[["foreign-agreement", [9]]]),
        "false-checkpoint": good("the header names a tree that this log never had", complicit(say_false_checkpoint), faults=[["false-checkpoint", [9]]]),
        "split-view": good("a quorum cosigned another tree of this size", complicit(say_split_view), faults=[["split-view", [8]]]),
        "too-few-officers": bad("a log must not admit what its party has not signed", complicit(say_stranger), "signature"),
        "entry-flipped": bad("one bit of one statement", [{"path": BUNDLE, "flip": 1000}], "proof"),
        "entry-length-flipped": bad("one bit of an entry's length", [{"path": BUNDLE, "flip": 1}], "proof"),
        "tile-flipped": bad("tiles are rebuilt from the entries, not believed", [{"path": TILE, "flip": 40}], "proof"),
        "blob-flipped": bad("a blob has the digest in its name", [{"path": blob, "flip": 3}], "proof"),
        "statement-dropped": bad("the tiles fit, the cosigned root does not", [put(path, data) for path, data in dropped.items()] + [remove(BUNDLE), remove(TILE)], "proof"),
        "tile-missing": bad("every tile of this size is there", [remove(TILE)], "proof"),
        "bundle-missing": bad("every entry is there", [remove(BUNDLE)], "proof"),
        "agreement-missing": bad("the agreement is the one blob that must be held", [remove(blob_path(case.agreement_digest))], "proof"),
        "older-tile": bad("tiles of an older size have no place", [put("log/tile/0/000.p/4", files[TILE][:128])], "malformed"),
        "stray-file": bad("nothing is in a case that no signature covers", [put("README", b"hello\n")], "malformed"),
        "stray-blob": bad("every blob is named by a statement", [put(blob_path(digest_of(b"stray")), b"stray")], "proof"),
        "no-quorum": bad("without one bloc's witnesses nobody need believe the tree", [put(CHECKPOINT_PATH, format_note(Note(text=thin.text, signatures=kept)))], "signature"),
        "older-note": bad("a note of four entries does not fit eight", [put(CHECKPOINT_PATH, case.notes[0])], "proof"),
        "note-flipped": bad("one bit of a cosignature", [{"path": CHECKPOINT_PATH, "flip": len(case.notes[-1]) - 30}], "signature"),
        "policy-with-comment": bad("the case's own policy has one spelling", [put(POLICY_PATH, b"# hello\n" + files[POLICY_PATH])], "malformed"),
        "policy-changed": bad("the trust root comes from outside", [put(POLICY_PATH, files[POLICY_PATH].replace(b"https://alder-1", b"https://alder-9"))], "proof"),
    }  # fmt: skip


def good(
    why: str,
    changes: list[Change],
    *,
    faults: list[list[Any]] | None = None,
    missing: list[str] | None = None,
) -> dict[str, Any]:
    """Return a vector that verifies."""
    return {"why": why, "changes": changes, "error": None, "faults": faults or [], "missing": missing or []}


def bad(why: str, changes: list[Change], error: str) -> dict[str, Any]:
    """Return a vector that ends in an error of this code."""
    return {"why": why, "changes": changes, "error": error}


def checkpoint_vectors() -> dict[str, Any]:
    """Return the vectors of the checkpoint body, by name."""
    note = CHECKPOINT.format(quote_note(honest().notes[0]))
    assert isinstance(note, dict)
    text = str(note["note"])
    strong = build_case(1).notes[0].decode()
    made: list[tuple[str, str, bool, bool, Any]] = [
        ("plain", "the previous note, as its log and witnesses signed it", True, True, note),
        ("first-batch", "before the first batch there is no note", True, True, {"note": None}),
        ("empty", "absence is said, not left out", False, False, {}),
        ("unknown-key", "a key that nobody reads could carry anything", False, False, note | {"time": 1}),
        ("number", "a note is text", False, False, {"note": 12}),
        (
            "no-signature",
            "a text that nobody signed is no note",
            False,
            False,
            {"note": text.split("\n\n")[0] + "\n"},
        ),
        ("cut", "a note ends in a newline", False, False, {"note": text[:-1]}),
        (
            "with-ml-dsa",
            "lines of 3 kB in every batch would be most of the log",
            False,
            True,
            {"note": strong},
        ),
    ]
    return {
        name: {"why": why, "isValid": valid, "schemaAccepts": accepts, "body": body}
        for name, why, valid, accepts, body in made
    }


def make_vectors() -> Mapping[str, bytes]:
    """Return every file, by its path inside `vectors`."""
    made = {f"case/honest/{path}": data for path, data in honest().files().files.items()}
    for folder, vectors in (("case", case_vectors()), ("checkpoint", checkpoint_vectors())):
        for name, value in vectors.items():
            made[f"{folder}/{name}.json"] = (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
    return made


if __name__ == "__main__":
    for name, data in make_vectors().items():
        place = ROOT / "vectors" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
