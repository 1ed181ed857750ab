"""Merkle tree hashes of RFC 6962 section 2.1 and RFC 9162 section 2.1, with SHA-256.

The tree of `n` leaves splits at the largest power of two below `n`. Hashing level by level and lifting
an odd last node unchanged gives the same root and needs no recursion; the tests hold this against
the RFC's recursion word for word. This module keeps hashes only, never entries.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import NewType, cast

from allstop.errors import MalformedError, ProofError

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "SIZE_MAX",
    "Hash",
    "HashReader",
    "HashTree",
    "TreeHasher",
    "hash_level",
    "leaf_hash",
    "leaf_hashes",
    "node_hash",
    "parse_hash",
    "tree_root",
]

Hash = NewType("Hash", bytes)
"""A SHA-256 of the tree: exactly 32 bytes."""

HashReader = Callable[[int, int], Hash]
"""`hash_at(level, index)`: root of the full subtree over leaves `[index << level, index + 1 << level)`."""

HASH_BYTES = 32

SIZE_MAX = 2**63 - 1
"""Largest tree size that is read; a proof in such a tree has at most 63 hashes."""

EMPTY_ROOT = Hash(hashlib.sha256(b"").digest())
"""Root of the tree without leaves: SHA-256 of the empty string."""

# Copying a hash state that already holds the prefix is measurably faster than joining prefix and data,
# because neither the entry is copied nor the algorithm looked up again.
_LEAF_STATE = hashlib.sha256(b"\x00")


def parse_hash(data: bytes) -> Hash:
    """Take 32 bytes as a hash.

    Raises:
        MalformedError: there are not 32 of them.
    """
    if len(data) != HASH_BYTES:
        raise MalformedError(f"hash has {len(data)} bytes, want {HASH_BYTES}")
    return Hash(data)


def leaf_hash(entry: bytes) -> Hash:
    """Return SHA-256(0x00 || entry), RFC 6962 section 2.1."""
    return Hash(hashlib.sha256(b"\x00" + entry).digest())


def node_hash(left: Hash, right: Hash) -> Hash:
    """Return SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return Hash(hashlib.sha256(b"\x01" + left + right).digest())


def leaf_hashes(entries: Iterable[bytes]) -> list[Hash]:
    """Return the leaf hash of each entry, in one tight loop."""
    start = _LEAF_STATE.copy
    hashes: list[bytes] = []
    for entry in entries:
        state = start()
        state.update(entry)
        hashes.append(state.digest())
    return cast("list[Hash]", hashes)


def hash_level(hashes: Sequence[Hash]) -> list[Hash]:
    """Return the parents of neighbouring pairs; an odd last hash is left out."""
    sha256 = hashlib.sha256
    nodes = iter(hashes)
    parents = [sha256(b"\x01" + left + right).digest() for left, right in zip(nodes, nodes, strict=False)]
    return cast("list[Hash]", parents)


def tree_root(hashes: Sequence[Hash]) -> Hash:
    """Return the Merkle tree hash over these leaf hashes."""
    if not hashes:
        return EMPTY_ROOT
    while len(hashes) > 1:
        parents = hash_level(hashes)
        if len(hashes) % 2:
            parents.append(hashes[-1])
        hashes = parents
    return hashes[0]


class TreeHasher:
    """The right edge of a growing tree: at most 63 hashes, enough to append and to tell the root."""

    __slots__ = ("_edge", "_size")

    def __init__(self) -> None:
        self._edge: list[Hash] = []  # roots of the full subtrees, largest first
        self._size = 0

    @property
    def size(self) -> int:
        """Number of leaves appended so far."""
        return self._size

    def append(self, leaf: Hash) -> None:
        """Add one leaf hash at the end."""
        carry, node = self._size, leaf
        while carry & 1:
            node = node_hash(self._edge.pop(), node)
            carry >>= 1
        self._edge.append(node)
        self._size += 1

    def root(self) -> Hash:
        """Return the root of the leaves appended so far."""
        return fold_edge(self._edge)


class HashTree:
    """A whole tree's hashes in memory, for logs that are small and for tests.

    Holds every full subtree, so that it can serve as `HashReader` for all sizes up to its own.
    """

    __slots__ = ("_levels",)

    def __init__(self, leaves: Iterable[Hash] = ()) -> None:
        self._levels: list[list[Hash]] = [list(leaves)]
        while len(self._levels[-1]) > 1:
            self._levels.append(hash_level(self._levels[-1]))

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    def append(self, leaf: Hash) -> None:
        """Add one leaf hash at the end."""
        self._levels[0].append(leaf)
        level = 0
        while len(self._levels[level]) % 2 == 0:
            node = node_hash(self._levels[level][-2], self._levels[level][-1])
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(node)

    def hash_at(self, level: int, index: int) -> Hash:
        """Return the root of the full subtree `index` of `1 << level` leaves.

        Raises:
            ProofError: this tree has no such full subtree.
        """
        if level < 0 or index < 0 or level >= len(self._levels) or index >= len(self._levels[level]):
            raise ProofError(f"a tree of size {self.size} has no full subtree {index} at level {level}")
        return self._levels[level][index]

    def root(self, size: int | None = None) -> Hash:
        """Return the root over the first `size` leaves (all of them by default).

        Raises:
            ProofError: `size` is larger than the tree.
        """
        return root_at(self.size if size is None else size, self.hash_at)


def fold_edge(edge: Sequence[Hash]) -> Hash:
    """Join the roots of full subtrees, largest first, into the root over all of them."""
    if not edge:
        return EMPTY_ROOT
    root = edge[-1]
    for node in edge[-2::-1]:
        root = node_hash(node, root)
    return root


def root_at(size: int, hash_at: HashReader, *, start: int = 0) -> Hash:
    """Return the root over leaves `[start, size)`; `start` is 0, or a multiple of a power of two above the span."""
    edge: list[Hash] = []
    position = start
    while position < size:
        level = (size - position).bit_length() - 1
        edge.append(hash_at(level, position >> level))
        position += 1 << level
    return fold_edge(edge)
