"""Go's own sumdb code reads our notes, trees and proofs, where Go and its module are at hand offline."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from allstop.canon import format_base64
from allstop.keys import format_vkey
from allstop.tlog import leaf_hash, prove_consistency, prove_inclusion
from support_log import entries_of, key_of, log_key, signed, tree_of

SIZES = (1, 2, 255, 256, 257, 700)
MODULE = "golang.org/x/mod"
PROGRAM = """package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type vector struct {
	Size, Old, Index                   int64
	Root, OldRoot, Leaf, Vkey, Note    string
	Inclusion, Consistency             []string
}

func hashOf(text string) (hash tlog.Hash) {
	data, err := base64.StdEncoding.DecodeString(text)
	check(err)
	copy(hash[:], data)
	return hash
}

func hashesOf(texts []string) (hashes []tlog.Hash) {
	for _, text := range texts {
		hashes = append(hashes, hashOf(text))
	}
	return hashes
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func main() {
	var vectors []vector
	check(json.NewDecoder(os.Stdin).Decode(&vectors))
	for _, v := range vectors {
		verifier, err := note.NewVerifier(v.Vkey)
		check(err)
		opened, err := note.Open([]byte(v.Note), note.VerifierList(verifier))
		check(err)
		if !strings.HasSuffix(opened.Text, fmt.Sprintf("\\n%d\\n%s\\n", v.Size, v.Root)) {
			check(fmt.Errorf("text of the note is %q", opened.Text))
		}
		check(tlog.CheckRecord(hashesOf(v.Inclusion), v.Size, hashOf(v.Root), v.Index, hashOf(v.Leaf)))
		check(tlog.CheckTree(hashesOf(v.Consistency), v.Size, hashOf(v.Root), v.Old, hashOf(v.OldRoot)))
	}
	fmt.Println("read", len(vectors))
}
"""


def module_version(go: str) -> str | None:
    """Return a version of the module that lies in Go's local cache, if there is one."""
    found = subprocess.run([go, "env", "GOMODCACHE"], capture_output=True, text=True, check=False)
    versions = sorted(Path(found.stdout.strip()).glob("cache/download/golang.org/x/mod/@v/*.zip"))
    return versions[-1].stem if versions else None


def vector_of(size: int) -> dict[str, object]:
    """Return a checkpoint, one inclusion and one consistency proof of a tree."""
    tree, index, old = tree_of(size), size // 3, max(1, size // 2)
    return {
        "Size": size,
        "Old": old,
        "Index": index,
        "Root": format_base64(tree.root()),
        "OldRoot": format_base64(tree.root(old)),
        "Leaf": format_base64(leaf_hash(entries_of(size)[index])),
        "Vkey": format_vkey(log_key()),
        "Note": signed(tree).decode(),
        "Inclusion": [
            format_base64(item) for item in prove_inclusion(index=index, size=size, hash_at=tree.hash_at)
        ],
        "Consistency": [
            format_base64(item) for item in prove_consistency(old_size=old, size=size, hash_at=tree.hash_at)
        ],
    }


def test_go_reads_our_log(tmp_path: Path) -> None:
    """Notes open, entries are included, old trees are consistent, in the code of another language."""
    go = shutil.which("go")
    version = module_version(go) if go else None
    if go is None or version is None:
        pytest.skip(f"go with {MODULE} in its cache is not here")
    assert key_of("log").public == log_key().key
    (tmp_path / "main.go").write_text(PROGRAM)
    (tmp_path / "go.mod").write_text(f"module reader\n\ngo 1.22\n\nrequire {MODULE} {version}\n")
    done = subprocess.run(
        [go, "run", "-mod=mod", "."],
        cwd=tmp_path,
        env={
            **os.environ,
            "GOPROXY": "off",
            "GOFLAGS": "",
            "GONOSUMDB": "*",
            "GONOSUMCHECK": "1",
            "GOSUMDB": "off",
        },
        input=json.dumps([vector_of(size) for size in SIZES]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, f"read {len(SIZES)}\n") == (done.returncode, done.stdout), done.stderr
