"""Our own vectors, vectors/log and vectors/witness: every file does what it says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from allstop.canon import format_base64, format_json, parse_base64
from allstop.errors import AllstopError
from allstop.keys import parse_vkey
from allstop.times import Instant
from allstop.tlog import (
    Hash,
    open_note,
    parse_checkpoint,
    parse_tile_path,
    verify_consistency,
    verify_inclusion,
    verify_tree,
)
from allstop.witness import (
    LogRecord,
    format_policy,
    open_checkpoint,
    open_tlog_proof,
    parse_add_checkpoint,
    parse_policy,
    step,
    verify_split_view,
)
from source_tree import ROOT
from support_log import reader_of

Value = dict[str, Any]
VECTORS = sorted(path for name in ("log", "witness") for path in (ROOT / "vectors" / name).glob("*.json"))
SCHEMA = json.loads((ROOT / "spec" / "schemas" / "split-view.schema.json").read_text())


def hash_of(text: str) -> Hash:
    """Decode base64; lengths are left to the verifier."""
    return Hash(parse_base64(text))


def run_inclusion(value: Value) -> None:
    """Verify an inclusion proof."""
    verify_inclusion(
        leaf=hash_of(value["leaf"]),
        index=value["index"],
        size=value["size"],
        proof=[hash_of(text) for text in value["proof"]],
        root=hash_of(value["root"]),
    )


def run_consistency(value: Value) -> None:
    """Verify a consistency proof."""
    verify_consistency(
        old_size=value["oldSize"],
        old_root=hash_of(value["oldRoot"]),
        size=value["size"],
        root=hash_of(value["root"]),
        proof=[hash_of(text) for text in value["proof"]],
    )


def run_tree(value: Value) -> list[str]:
    """Audit a whole log and return its entries."""
    files = {path: parse_base64(text) for path, text in value["files"].items()}
    entries = verify_tree(size=value["size"], root=hash_of(value["root"]), read=reader_of(files))
    return [format_base64(entry) for entry in entries]


def run_path(value: Value) -> Value:
    """Parse the path of a file of the log."""
    path = parse_tile_path(value["path"])
    return {"level": path.level, "index": path.index, "width": path.width}


def run_checkpoint(value: Value) -> Value:
    """Parse the text of a checkpoint."""
    checkpoint = parse_checkpoint(value["text"].encode())
    return {"origin": checkpoint.origin, "size": checkpoint.size, "root": format_base64(checkpoint.root)}


def seconds_of(at: Instant | None) -> int | None:
    """Return an instant in whole seconds."""
    return None if at is None else at.ms // 1000


def run_note(value: Value) -> list[Value]:
    """Open a note with the keys that are given."""
    opened = open_note(value["note"].encode(), [parse_vkey(text) for text in value["vkeys"]])
    return [{"name": item.key.name, "seconds": seconds_of(item.at)} for item in opened.verified]


def run_policy(value: Value) -> str:
    """Parse a policy file and return its plain form."""
    return format_policy(parse_policy(value["text"].encode())).decode()


def run_cosigned(value: Value) -> Value:
    """Open a checkpoint under a policy."""
    opened = open_checkpoint(value["note"].encode(), parse_policy(value["policy"].encode()))
    return {
        "size": opened.checkpoint.size,
        "lower": seconds_of(opened.lower_median()),
        "upper": seconds_of(opened.upper_median()),
    }


def run_proof(value: Value) -> Value:
    """Open a `.tlog-proof` file under a policy."""
    policy = parse_policy(value["policy"].encode())
    opened = open_tlog_proof(value["proof"].encode(), leaf=hash_of(value["leaf"]), policy=policy)
    return {"index": opened.index, "size": opened.checkpoint.checkpoint.size}


def run_step(value: Value) -> int:
    """Ask a witness, and return the status of its answer."""
    record = value["record"] and LogRecord(
        origin=value["record"]["origin"],
        keys=tuple(parse_vkey(text) for text in value["record"]["vkeys"]),
        size=value["record"]["size"],
        root=hash_of(value["record"]["root"]),
    )
    return step(record, parse_add_checkpoint(value["request"].encode())).status.value


def run_split_view(value: Value) -> None:
    """Verify evidence; the schema takes all of it, since what is wrong in it is not its form."""
    Draft202012Validator(SCHEMA).validate(value["evidence"])
    verify_split_view(format_json(value["evidence"]), parse_policy(value["policy"].encode()))


CALLS: dict[str, Callable[[Value], Any]] = {
    "verify_inclusion": run_inclusion,
    "verify_consistency": run_consistency,
    "verify_tree": run_tree,
    "parse_tile_path": run_path,
    "parse_checkpoint": run_checkpoint,
    "open_note": run_note,
    "parse_policy": run_policy,
    "open_checkpoint": run_cosigned,
    "open_tlog_proof": run_proof,
    "step": run_step,
    "verify_split_view": run_split_view,
}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_vector_does_what_it_says(path: Path) -> None:
    """The call ends with the stated error code, or with the stated output."""
    vector = json.loads(path.read_text("utf-8"))
    assert vector["why"]
    if vector["error"] is None:
        assert vector["output"] == CALLS[vector["call"]](vector["input"])
    else:
        with pytest.raises(AllstopError) as caught:
            CALLS[vector["call"]](vector["input"])
        assert vector["error"] == caught.value.code


def test_every_call_has_a_vector_that_succeeds_and_one_that_fails() -> None:
    """A call without both would test nothing; a witness's answer is an output, never an error."""
    vectors = [json.loads(path.read_text("utf-8")) for path in VECTORS]
    succeeding = {vector["call"] for vector in vectors if vector["error"] is None}
    failing = {vector["call"] for vector in vectors if vector["error"] is not None}
    assert set(CALLS) == succeeding == failing | {"step"}
