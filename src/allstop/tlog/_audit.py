"""The full audit of a tree: every entry hashed, every tile compared, the root rebuilt. spec/log.md section 4.

Nothing is taken from the hash tiles: they are rebuilt from the entries and must be equal byte for byte.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import cast, overload

from allstop.errors import ProofError
from allstop.tlog._hash import EMPTY_ROOT, SIZE_MAX, Hash, tree_root
from allstop.tlog._tile import (
    TILE_WIDTH,
    ReadFile,
    entries_path,
    level_tiles,
    read_file,
    tile_path,
)

__all__ = ["Entries", "verify_tree"]

# As in `_hash`: copying a state that holds the prefix beats joining prefix and entry.
_LEAF_STATE = hashlib.sha256(b"\x00")


class Entries(Sequence[bytes]):
    """The entries of a tree that was verified, read on demand from the bundles that were hashed.

    The bundles are kept instead of copies of each entry: copying costs more than hashing.
    """

    __slots__ = ("_bundles", "_ends", "_size")

    def __init__(self, bundles: Sequence[bytes], ends: Sequence[Sequence[int]], size: int) -> None:
        self._bundles = bundles
        self._ends = ends
        self._size = size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[bytes, ...]: ...

    def __getitem__(self, index: int | slice) -> bytes | tuple[bytes, ...]:
        if isinstance(index, slice):
            return tuple(self[position] for position in range(*index.indices(self._size)))
        bundle, offset = divmod(range(self._size)[index], TILE_WIDTH)
        ends = self._ends[bundle]
        start = ends[offset - 1] if offset else 0
        return self._bundles[bundle][start + 2 : ends[offset]]

    def __iter__(self) -> Iterator[bytes]:
        for data, ends in zip(self._bundles, self._ends, strict=True):
            start = 0
            for end in ends:
                yield data[start + 2 : end]
                start = end


def verify_tree(*, size: int, root: Hash, read: ReadFile) -> Entries:
    """Rebuild the whole tree from its entry bundles, and compare every hash tile and the root.

    Returns the entries, since they may be believed only now. Signatures are not checked here.

    Raises:
        ProofError: a file is missing or differs from what the entries give, or the root does; names it.
    """
    if not 0 <= size <= SIZE_MAX:
        raise ProofError(f"tree size is {size}, want 0 to {SIZE_MAX}")
    bundles: list[bytes] = []
    ends: list[list[int]] = []
    full: list[Hash] = []  # roots of the full tiles
    rest: list[Hash] = []  # the hashes of the partial tile, if there is one
    for index, width in level_tiles(size, 0):
        data = read_file(read, entries_path(index, width))
        bundle, hashes = _hash_bundle(data, index, width)
        _compare_tile(hashes, 0, index, read)
        bundles.append(data)
        ends.append(bundle)
        if width == TILE_WIDTH:
            full.append(tree_root(hashes))
        else:
            rest = hashes
    if _rebuild_root(full, rest, read) != root:
        raise ProofError(f"entries of a tree of size {size} do not lead to the root")
    return Entries(bundles, ends, size)


def _hash_bundle(data: bytes, index: int, width: int) -> tuple[list[int], list[Hash]]:
    """Return where the entries of a bundle end, and their leaf hashes."""
    copy = _LEAF_STATE.copy
    view = memoryview(data)  # a slice of it copies nothing, which is a fifth of the time of an audit
    ends: list[int] = []
    hashes: list[bytes] = []
    end = 0
    try:
        for _ in range(width):
            start = end + 2
            end = start + (data[end] << 8 | data[end + 1])
            state = copy()
            state.update(view[start:end])
            hashes.append(state.digest())
            ends.append(end)
    except IndexError as exc:
        raise ProofError(f"{entries_path(index, width)} has {len(ends)} entries, want {width}") from exc
    if end != len(data):
        raise ProofError(f"{entries_path(index, width)} has {len(data)} bytes, want {end} by its entries")
    return ends, cast("list[Hash]", hashes)


def _compare_tile(hashes: Sequence[Hash], level: int, index: int, read: ReadFile) -> None:
    path = tile_path(level, index, len(hashes))
    if read_file(read, path) != b"".join(hashes):
        raise ProofError(f"{path} does not hold the hashes of its entries")


def _rebuild_root(full: list[Hash], rest: list[Hash], read: ReadFile) -> Hash:
    """Compare the tiles above level 0 and return the root of the whole tree.

    What is left over at a level (a partial tile) is joined with what was left over below it: the root over
    both is the root over that right edge, since a smaller last subtree takes the place of one more hash.
    """
    edge = tree_root(rest) if rest else None
    level = 1
    while full:
        parents: list[Hash] = []
        rest = []
        for index, width in level_tiles(len(full), 0):
            hashes = full[index * TILE_WIDTH : index * TILE_WIDTH + width]
            _compare_tile(hashes, level, index, read)
            if width == TILE_WIDTH:
                parents.append(tree_root(hashes))
            else:
                rest = hashes
        if rest:
            edge = tree_root(rest if edge is None else [*rest, edge])
        full = parents
        level += 1
    return EMPTY_ROOT if edge is None else edge
