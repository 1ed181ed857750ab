"""The right edge: growing by a batch gives the files that the whole tree would have."""

import hashlib

import pytest

from allstop.errors import MalformedError, ProofError
from allstop.store._bundle import Bundle, format_bundle, parse_bundle
from allstop.store._edge import EMPTY_EDGE, Edge, grow, read_edge
from allstop.tlog import (
    SIZE_MAX,
    entries_path,
    format_entry_bundle,
    leaf_hashes,
    tiles_of,
    tree_paths,
    tree_root,
)


@pytest.mark.parametrize("old_size", [0, 1, 2, 255, 256, 257, 511, 512, 700])
@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 600])
def test_growing_gives_the_files_and_root_of_the_whole_tree(old_size: int, count: int) -> None:
    """The incremental tiles are those that the whole tree would have, and none that was final is rewritten."""
    entries = [b"entry %d" % i for i in range(old_size + count)]
    leaves = leaf_hashes(entries)
    edge, _ = grow(EMPTY_EDGE, entries[:old_size]) if old_size else (EMPTY_EDGE, ())
    grown, files = grow(edge, entries[old_size:])
    wanted = dict(tiles_of(leaves, first=old_size))
    for index in range(old_size // 256, -(-len(entries) // 256)):
        bundle = entries[256 * index : 256 * (index + 1)]
        wanted[entries_path(index, len(bundle))] = format_entry_bundle(bundle)
    written = dict(files)
    assert len(files) == len(written)
    assert tree_root(leaves) == grown.root()
    # The whole-tree function names a partial tile of the old tree again where it did not grow.
    assert {path: wanted[path] for path in written} == written
    assert set(wanted) - set(written) <= set(tree_paths(old_size))
    assert set(tree_paths(len(entries))) <= set(written) | set(tree_paths(old_size))


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_536, 65_537, 66_000])
def test_an_edge_is_read_back_as_it_was_grown(size: int) -> None:
    """The partial tiles alone give the edge back; one flipped bit in any of them is refused."""
    entries = [b"%d" % i for i in range(size)]
    edge, files = grow(EMPTY_EDGE, entries)
    held = dict(files)

    def read(path: str) -> bytes:
        used.append(path)
        return held[path]

    used: list[str] = []
    assert edge == read_edge(size=size, root=edge.root(), read=read)
    for path in list(used):
        sound = held[path]
        held[path] = sound[:-1] + bytes([sound[-1] ^ 1])
        with pytest.raises(ProofError):
            read_edge(size=size, root=edge.root(), read=read)
        held[path] = sound[:-1]
        with pytest.raises(ProofError):
            read_edge(size=size, root=edge.root(), read=read)
        held[path] = sound


def test_a_tree_does_not_outgrow_what_a_proof_can_hold() -> None:
    """The largest size is that of the standard's proofs."""
    with pytest.raises(MalformedError, match="tree size would be"):
        grow(Edge(size=SIZE_MAX, rows=(), entries=()), [b"one more"])


@pytest.mark.parametrize("entries", [(b"",), (b"alder", b"birch"), (b"x" * 65_535,), (b"\n",) * 300])
def test_a_bundle_is_read_back_and_every_bent_one_refused(entries: tuple[bytes, ...]) -> None:
    """Round trip; then cut it anywhere, add to it, and flip a bit in each of its first and last bytes."""
    bundle = Bundle(old_size=17, pending_end=3, entries=entries)
    data = format_bundle(bundle)
    assert parse_bundle(data) == bundle
    bent = [data[:cut] for cut in range(0, len(data), 1 + len(data) // 100)] + [data + b"\x00"]
    for at in (*range(60), *range(-60, 0)):
        if -len(data) <= at < len(data):
            bent.append(data[: at % len(data)] + bytes([data[at] ^ 1]) + data[at % len(data) + 1 :])
    for bad in bent:
        with pytest.raises(MalformedError):
            parse_bundle(bad)


def test_bundles_have_entries_of_lengths_that_a_log_can_hold() -> None:
    """Neither none, nor one that is too long."""
    with pytest.raises(MalformedError, match="0 entries"):
        Bundle(old_size=0, pending_end=0, entries=())
    with pytest.raises(MalformedError, match="65536 bytes"):
        format_bundle(Bundle(old_size=0, pending_end=0, entries=(b"x" * 65_536,)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"allstop-bundle/v1\n1\n2\n", "three numbers"),
        (b"allstop-bundle/v1\n1\n02\n1\n\x00\x00", "decimal"),
        (b"allstop-bundle/v1\n1\n2\n1\n\x00\x05elm", "inside an entry"),
        (b"allstop-bundle/v1\n1\n2\n2\n\x00\x03elm", "has 1 entries, want 2"),
        (b"allstop-bundle/v2\n1\n2\n1\n\x00\x03elm", "own hash"),
    ],
)
def test_a_bundle_with_a_good_hash_is_still_parsed_strictly(content: bytes, message: str) -> None:
    """The hash guards against accidents, not against whoever can write files."""
    with pytest.raises(MalformedError, match=message):
        parse_bundle(content + hashlib.sha256(content).digest())
