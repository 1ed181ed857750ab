"""Tile paths, tiles and entry bundles: tlog-tiles T2 to T6, and the full audit over them."""

import json
from pathlib import Path

import pytest

from allstop.errors import MalformedError, NotFoundError, ProofError
from allstop.tlog import (
    EMPTY_ROOT,
    SIZE_MAX,
    Hash,
    TilePath,
    entries_path,
    format_entry_bundle,
    leaf_hash,
    leaf_hashes,
    parse_entry_bundle,
    parse_tile_path,
    prove_inclusion,
    root_at,
    tile_hash_reader,
    tile_path,
    tiles_of,
    tree_paths,
    tree_root,
    verify_inclusion,
    verify_tree,
)
from support_log import entries_of, files_of, reader_of, tree_of

LEDGE_SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 513, 700, 65_535, 65_536, 65_537, 70_000)
"""Sizes around the ledges where tiles fill and levels begin."""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tile/0/000", TilePath(level=0, index=0, width=256)),
        ("tile/0/999", TilePath(level=0, index=999, width=256)),
        ("tile/1/x001/000", TilePath(level=1, index=1000, width=256)),
        ("tile/63/x001/x234/067.p/1", TilePath(level=63, index=1_234_067, width=1)),
        ("tile/entries/x001/x234/067.p/255", TilePath(level=None, index=1_234_067, width=255)),
        ("tile/entries/000", TilePath(level=None, index=0, width=256)),
    ],
)
def test_tile_T2_paths_have_one_spelling(path: str, expected: TilePath) -> None:
    """Paths parse to level, index and width, and format back to themselves."""
    assert expected == parse_tile_path(path)
    if expected.level is None:
        assert path == entries_path(expected.index, expected.width)
    else:
        assert path == tile_path(expected.level, expected.index, expected.width)


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000",
        "tile/-1/000", "tile/100/000", "tile/0/x000/001", "tile/0/001/000", "tile/0/x001", "tile/0/x001/x000",
        "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "/tile/0/000",
        "tile/0/000/", "tile/0/000\n", "tile/entry/000", "tile/0/٠٠٠", "tile/../000", "tile/0/" + "x001/" * 12 + "001",
    ],
)  # fmt: skip
def test_tile_T2_other_spellings_are_refused(path: str) -> None:
    """Leading zeros, other digits, ranges and paths that climb are malformed."""
    with pytest.raises(MalformedError, match="tile"):
        parse_tile_path(path)


def test_tile_T2_ranges_are_checked_when_a_path_is_made() -> None:
    """No path is made that would not parse."""
    for level, index, width in ((-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)):
        with pytest.raises(MalformedError, match="want"):
            tile_path(level, index, width)


def test_tile_T3_a_hash_above_covers_a_full_tile_below() -> None:
    """Each hash of level 1 is the root over the 256 hashes of its tile."""
    files = files_of(entries_of(700))
    below = [files["tile/0/000"], files["tile/0/001"]]
    assert {8192} == {len(tile) for tile in below}
    roots = [tree_root([Hash(tile[at : at + 32]) for at in range(0, 8192, 32)]) for tile in below]
    assert b"".join(roots) == files["tile/1/000.p/2"]


@pytest.mark.parametrize("size", LEDGE_SIZES)
def test_tile_T4_partial_widths_follow_the_formula(size: int) -> None:
    """`floor(s / 256^l) mod 256` at each level, full tiles before it, and never an empty tile."""
    expected = set()
    for level in range(4):
        count = size // 256**level
        expected |= {tile_path(level, index) for index in range(count // 256)}
        if count % 256:
            expected.add(tile_path(level, count // 256, count % 256))
    assert expected == {path for path in tree_paths(size) if "entries" not in path}


def test_tile_T4_the_examples_of_the_text_hold() -> None:
    """The tilings of 256 and of 70,000 that the standard spells out."""
    assert list(tree_paths(256)) == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    paths = [parse_tile_path(path) for path in tree_paths(70_000)]
    full = [sum(path.level == level and path.width == 256 for path in paths) for level in range(3)]
    partial = [(path.level, path.width) for path in paths if path.width < 256 and path.level is not None]
    assert (full, partial) == ([273, 1, 0], [(0, 112), (1, 17), (2, 1)])


def test_tile_T5_every_published_size_has_all_its_partial_tiles() -> None:
    """A log that writes the tiles of each size it signs serves them all; full ones are written once."""
    leaves = leaf_hashes(entries_of(600))
    published: dict[str, bytes] = {}
    size = 0
    for new_size in (1, 255, 256, 300, 512, 600):
        for path, data in tiles_of(leaves[:new_size], first=size):
            assert path not in published or published[path] == data
            published[path] = data
        size = new_size
        for path, data in tiles_of(leaves[:size]):
            assert data == published[path]
    rewritten = [path for path, _ in tiles_of(leaves[:600], first=512)]
    assert rewritten == ["tile/0/002.p/88", "tile/1/000.p/2"]


@pytest.mark.parametrize(
    "entries", [[b""], [b"a"], [b"a", b"", b"b" * 65_535], [b"x"] * 256], ids=["empty", "one", "long", "full"]
)
def test_tile_T6_bundles_are_lengths_and_entries(entries: list[bytes]) -> None:
    """Length in 16 bits, big end first, then the bytes; and back."""
    bundle = format_entry_bundle(entries)
    assert sum(2 + len(entry) for entry in entries) == len(bundle)
    assert len(entries[0]).to_bytes(2, "big") == bundle[:2]
    assert tuple(entries) == parse_entry_bundle(bundle)


def test_tile_T6_other_bundles_are_refused() -> None:
    """Nothing, too much, too long, and every cut inside an entry."""
    for entries in ([], [b"x"] * 257, [b"x" * 65_536]):
        with pytest.raises(MalformedError, match="want"):
            format_entry_bundle(entries)
    for data in (b"", b"\x00\x00" * 257):
        with pytest.raises(MalformedError, match="no entry or more than 256"):
            parse_entry_bundle(data)
    bundle = format_entry_bundle([b"alder", b"birch"])
    for end in {*range(1, len(bundle))} - {7}:
        with pytest.raises(MalformedError, match="inside an entry"):
            parse_entry_bundle(bundle[:end])


def test_tile_T7_a_pruned_log_does_not_verify() -> None:
    """The minimum index is 0: the first bundle is wanted, whatever has been pruned."""
    files = files_of(entries_of(600))
    root = tree_of(600).root()
    del files["tile/entries/000"]
    with pytest.raises(ProofError, match="tile/entries/000 is missing"):
        verify_tree(size=600, root=root, read=reader_of(files))


def test_tile_T8_only_files_of_the_verified_size_are_asked_for() -> None:
    """An audit reads each file of its size once, and no partial tile of another size."""
    for size in (1, 256, 600):
        asked: list[str] = []
        files = files_of(entries_of(size))

        def read(path: str, files: dict[str, bytes] = files, asked: list[str] = asked) -> bytes:
            asked.append(path)
            return files[path]

        verify_tree(size=size, root=tree_of(size).root(), read=read)
        assert sorted(tree_paths(size)) == sorted(asked)


@pytest.mark.parametrize("size", LEDGE_SIZES)
def test_the_audit_rebuilds_the_tree_at_every_ledge(size: int) -> None:
    """Entries come back equal, and the tiles prove the first, the last and a middle leaf."""
    entries = [b"%d" % index for index in range(size)]
    files = files_of(entries)
    root = tree_root(leaf_hashes(entries))
    verified = verify_tree(size=size, root=root, read=reader_of(files))
    assert entries == list(verified)
    assert size == len(verified)
    hash_at = tile_hash_reader(size, reader_of(files))
    assert root == root_at(size, hash_at)
    for index in {0, size // 2, size - 1} if size else set():
        assert entries[index] == verified[index]
        proof = prove_inclusion(index=index, size=size, hash_at=hash_at)
        verify_inclusion(leaf=leaf_hash(entries[index]), index=index, size=size, proof=proof, root=root)


def test_entries_are_a_sequence() -> None:
    """Indices, negative ones and slices work as on a tuple; outside is IndexError."""
    entries = tuple(entries_of(300))
    verified = verify_tree(size=300, root=tree_of(300).root(), read=reader_of(files_of(entries)))
    assert entries == verified[:]
    assert entries[250:10:-7] == verified[250:10:-7]
    assert (entries[-1], entries[256]) == (verified[-1], verified[256])
    with pytest.raises(IndexError):
        verified[300]


@pytest.mark.parametrize("size", [1, 3, 257])
def test_no_bit_of_any_file_of_a_log_can_flip(size: int) -> None:
    """One bit in every byte of every file; the error names a file or the root."""
    files, root = files_of(entries_of(size)), tree_of(size).root()
    stride = 1 if size < 100 else 13
    for path, data in files.items():
        for place in range(0, len(data), stride):
            bent = bytearray(data)
            bent[place] ^= 1 << place % 8
            with pytest.raises(ProofError, match=r"tile/|root"):
                verify_tree(size=size, root=root, read=reader_of({**files, path: bytes(bent)}))


def test_no_file_of_a_log_can_go_grow_or_shrink() -> None:
    """Each file of a log of 257 entries removed, emptied, cut by a byte, and grown by one."""
    files, root = files_of(entries_of(257)), tree_of(257).root()
    for path, data in files.items():
        rest = {name: files[name] for name in files if name != path}
        for bent in (rest, {**files, path: b""}, {**files, path: data[:-1]}, {**files, path: data + b"\x00"}):
            with pytest.raises(ProofError, match=path.replace(".", r"\.")):
                verify_tree(size=257, root=root, read=reader_of(bent))


def test_a_whole_other_tree_does_not_lead_to_the_root() -> None:
    """A log rewritten consistently, one entry changed or two swapped, fails at the root alone."""
    entries = entries_of(300)
    root = tree_of(300).root()
    for other in ([b"changed", *entries[1:]], [entries[1], entries[0], *entries[2:]]):
        with pytest.raises(ProofError, match="do not lead to the root"):
            verify_tree(size=300, root=root, read=reader_of(files_of(other)))
    with pytest.raises(ProofError, match="do not lead to the root"):
        verify_tree(size=0, root=root, read=reader_of({}))
    assert len(verify_tree(size=0, root=EMPTY_ROOT, read=reader_of({}))) == 0


def test_sizes_that_no_tree_has_are_refused() -> None:
    """Negative sizes and those of 2^63 and more."""
    for size in (-1, SIZE_MAX + 1):
        with pytest.raises(ProofError, match="tree size is"):
            verify_tree(size=size, root=EMPTY_ROOT, read=reader_of({}))
        with pytest.raises(ProofError, match="tree size is"):
            list(tree_paths(size))


def test_a_tile_reader_refuses_what_its_tree_does_not_hold() -> None:
    """Subtrees that are not full, tiles of a wrong length, files that are missing."""
    files = files_of(entries_of(300))
    hash_at = tile_hash_reader(300, reader_of(files))
    for level, index in ((-1, 0), (0, -1), (0, 300), (1, 150), (8, 1), (9, 0), (16, 0)):
        with pytest.raises(ProofError, match="no full subtree"):
            hash_at(level, index)
    with pytest.raises(ProofError, match="tile/0/000 has 0 bytes, want 8192"):
        tile_hash_reader(300, reader_of({**files, "tile/0/000": b""}))(0, 0)
    with pytest.raises(ProofError, match="tile/0/000 is missing") as caught:
        tile_hash_reader(300, reader_of({}))(0, 0)
    assert isinstance(caught.value.__cause__, NotFoundError)


def test_a_tile_reader_reads_each_tile_once() -> None:
    """Proving every leaf of 300 touches three tiles."""
    files, asked = files_of(entries_of(300)), []

    def read(path: str) -> bytes:
        asked.append(path)
        return files[path]

    hash_at = tile_hash_reader(300, read)
    for index in range(300):
        prove_inclusion(index=index, size=300, hash_at=hash_at)
    assert sorted(asked) == ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]


def test_the_layouts_of_the_standard_hold(vectors_dir: Path) -> None:
    """Paths and tilings that the text of tlog-tiles gives as examples."""
    examples = json.loads((vectors_dir / "c2sp-spec-examples" / "examples.json").read_text())
    for item in examples["tile_path"]:
        assert f"tile/0/{item['path']}" == tile_path(0, item["n"])
    for item in examples["tile_layout"]:
        paths = [parse_tile_path(path) for path in tree_paths(item["size"])]
        for level in range(3):
            at_level = [path.width for path in paths if path.level == level]
            partial = [width for width in at_level if width < 256]
            assert item.get(f"level{level}_full", 0) == len(at_level) - len(partial)
            assert ([item[f"level{level}_partial"]] if partial else []) == partial
