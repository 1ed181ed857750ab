"""Go's own sumdb code reads our notes, trees and proofs, where Go is installed."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from allstop.canon import format_base64
from allstop.keys import format_vkey
from allstop.tlog import leaf_hash, prove_consistency, prove_inclusion
from support_log import entries_of, files_of, log_key, signed, tree_of

SIZES = (2, 3, 255, 256, 257, 700)
MODULE = "golang.org/x/mod"
PROGRAM = """package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type vector struct {
	Size, Old, Index                   int64
	Root, OldRoot, Leaf, Vkey, Note    string
	Inclusion, Consistency             []string
	Files                              map[string][]byte
}

func (v vector) Height() int { return 8 }

func (v vector) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func (v vector) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		if v.Files[path] == nil {
			return nil, fmt.Errorf("%s is missing", path)
		}
		data = append(data, v.Files[path])
	}
	return data, nil
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
		reader := tlog.TileHashReader(tlog.Tree{N: v.Size, Hash: hashOf(v.Root)}, v)
		proof, err := tlog.ProveRecord(v.Size, v.Index, reader)
		check(err)
		if !reflect.DeepEqual([]tlog.Hash(proof), hashesOf(v.Inclusion)) {
			check(fmt.Errorf("proof from our tiles is %v", proof))
		}
		check(tlog.CheckRecord(hashesOf(v.Inclusion), v.Size, hashOf(v.Root), v.Index, hashOf(v.Leaf)))
		check(tlog.CheckTree(hashesOf(v.Consistency), v.Size, hashOf(v.Root), v.Old, hashOf(v.OldRoot)))
	}
	fmt.Println("read", len(vectors))
}
"""


def module_source(go: str) -> Path:
    """Return where the toolchain keeps its own copy of the module: with it, no network is needed."""
    found = subprocess.run([go, "env", "GOROOT"], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip()) / "src" / "cmd" / "vendor" / MODULE


def vector_of(size: int) -> dict[str, object]:
    """Return a checkpoint, all files, and one inclusion and one consistency proof of a tree."""
    tree, index, old = tree_of(size), size // 3, max(1, size // 2)
    return {
        "Size": size,
        "Old": old,
        "Index": index,
        "Root": format_base64(tree.root()),
        "OldRoot": format_base64(tree.root(old)),
        "Leaf": format_base64(leaf_hash(entries_of(size)[index])),
        "Files": {path: format_base64(data) for path, data in files_of(entries_of(size)).items()},
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
    """Notes open, tiles give our proofs, entries are included, old trees are consistent, in another language."""
    go = shutil.which("go")
    if go is None or not module_source(go).is_dir():
        pytest.skip(f"go with its own {MODULE} is not here")
    module = tmp_path / "mod"
    for name in ("note", "tlog"):
        shutil.copytree(module_source(go) / "sumdb" / name, module / "sumdb" / name)
    (module / "go.mod").write_text(f"module {MODULE}\n\ngo 1.22\n")
    (tmp_path / "main.go").write_text(PROGRAM)
    (tmp_path / "go.mod").write_text(
        f"module reader\n\ngo 1.22\n\nrequire {MODULE} v0.0.0\n\nreplace {MODULE} => ./mod\n"
    )
    done = subprocess.run(
        [go, "run", "."],
        cwd=tmp_path,
        env={**os.environ, "GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOSUMDB": "off", "GOTOOLCHAIN": "local"},
        input=json.dumps([vector_of(size) for size in SIZES]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, f"read {len(SIZES)}\n") == (done.returncode, done.stdout), done.stderr
