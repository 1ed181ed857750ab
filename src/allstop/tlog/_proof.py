"""Inclusion and consistency proofs: RFC 6962 sections 2.1.1 and 2.1.2, verified as RFC 9162 section 2.1.

Proofs are made from full subtrees alone, which is what tiles hold. Verification takes two passes of one
line each, without a stack: below the place where the path leaves the right edge, the bits of the index
say on which side the next hash stands; above it, it always stands on the left.
"""

import hashlib
from collections.abc import Sequence

from allstop.errors import ProofError
from allstop.tlog._hash import HASH_BYTES, SIZE_MAX, Hash, HashReader, root_at

__all__ = [
    "prove_consistency",
    "prove_inclusion",
    "verify_consistency",
    "verify_inclusion",
]

_HASH_WIDTHS = frozenset({HASH_BYTES})


def prove_inclusion(*, index: int, size: int, hash_at: HashReader) -> tuple[Hash, ...]:
    """Return the audit path of leaf `index` in the tree of `size` leaves, from the leaf upward.

    Raises:
        ProofError: there is no such leaf, or `hash_at` does not hold the tree.
    """
    if not 0 <= index < size:
        raise ProofError(f"leaf index {index} is outside a tree of size {size}")
    inner = (index ^ (size - 1)).bit_length()
    proof: list[Hash] = []
    for level in range(inner - 1):
        proof.append(hash_at(level, (index >> level) ^ 1))
    if inner:
        proof.append(_sibling(index, inner - 1, size, hash_at))
    edge = index >> inner
    for level in range(inner, inner + edge.bit_length()):
        if edge & 1:
            proof.append(hash_at(level, edge - 1))
        edge >>= 1
    return tuple(proof)


def _sibling(index: int, level: int, size: int, hash_at: HashReader) -> Hash:
    """Return the hash beside the path where it meets the right edge: often a subtree that is not full."""
    beside = (index >> level) ^ 1
    if (beside + 1) << level <= size:
        return hash_at(level, beside)
    return root_at(size, hash_at, start=beside << level)


def verify_inclusion(*, leaf: Hash, index: int, size: int, proof: Sequence[Hash], root: Hash) -> None:
    """Check that the tree of `size` leaves with this `root` holds `leaf` at `index`.

    Raises:
        ProofError: the proof does not lead from `leaf` to `root`.
    """
    if not 0 <= index < size <= SIZE_MAX:
        raise ProofError(f"leaf index {index} is outside a tree of size {size}")
    inner = (index ^ (size - 1)).bit_length()
    want = inner + (index >> inner).bit_count()
    if len(proof) != want:
        raise ProofError(f"inclusion proof has {len(proof)} hashes, want {want}")
    if not set(map(len, (leaf, *proof))) <= _HASH_WIDTHS:
        raise ProofError(f"inclusion proof has a hash that is not {HASH_BYTES} bytes")
    sha256 = hashlib.sha256
    node: bytes = leaf
    for hash_ in proof[:inner]:
        node = sha256(b"\x01" + hash_ + node if index & 1 else b"\x01" + node + hash_).digest()
        index >>= 1
    for hash_ in proof[inner:]:
        node = sha256(b"\x01" + hash_ + node).digest()
    if node != root:
        raise ProofError("inclusion proof does not lead to the root")


def prove_consistency(*, old_size: int, size: int, hash_at: HashReader) -> tuple[Hash, ...]:
    """Return the proof that the first `old_size` leaves of the tree are a tree of their own.

    Raises:
        ProofError: not `1 <= old_size <= size`, or `hash_at` does not hold the tree.
    """
    if not 1 <= old_size <= size:
        raise ProofError(f"old size is {old_size}, want 1 to {size}")
    if old_size == size:
        return ()
    level = _trailing_zeros(old_size)
    node = (old_size >> level) - 1  # the last full subtree of the old tree, as large as can be
    start = () if node == 0 else (hash_at(level, node),)
    return start + _path_above(node, level, size, hash_at)


def _path_above(node: int, level: int, size: int, hash_at: HashReader) -> tuple[Hash, ...]:
    """Return the audit path of full subtree `node` at `level`, counted from that level upward."""
    last = (size - 1) >> level
    path: list[Hash] = []
    while last > 0:
        if node & 1:
            path.append(hash_at(level, node - 1))
        elif node < last:
            path.append(_sibling(node << level, level, size, hash_at))
        node >>= 1
        last >>= 1
        level += 1
    return tuple(path)


def _trailing_zeros(value: int) -> int:
    return (value & -value).bit_length() - 1


def verify_consistency(
    *, old_size: int, old_root: Hash, size: int, root: Hash, proof: Sequence[Hash]
) -> None:
    """Check that the tree of `size` leaves with `root` begins with the tree of `old_size` with `old_root`.

    An old size of 0 is refused: every tree begins with nothing, so there is nothing to prove, and callers
    that mean "no earlier tree" must say so before they call.

    Raises:
        ProofError: the proof does not lead to both roots.
    """
    if not 1 <= old_size <= size <= SIZE_MAX:
        raise ProofError(f"old size is {old_size}, want 1 to {size}")
    if old_size == size:
        if proof:
            raise ProofError(f"consistency proof has {len(proof)} hashes, want 0")
        if old_root != root:
            raise ProofError(f"two roots for one size {size}")
        return
    level = _trailing_zeros(old_size)
    node, last = (old_size >> level) - 1, (size - 1) >> level
    # A whole power of two is itself the subtree that both trees share, so the proof leaves it out.
    hashes = list(proof) if node else [old_root, *proof]
    inner = (node ^ last).bit_length()
    want = 1 + inner + (node >> inner).bit_count()
    if len(hashes) != want:
        raise ProofError(f"consistency proof has {len(proof)} hashes, want {want - (not node)}")
    if not set(map(len, hashes)) <= _HASH_WIDTHS:
        raise ProofError(f"consistency proof has a hash that is not {HASH_BYTES} bytes")
    if _two_roots(node, inner, hashes) != (old_root, root):
        raise ProofError("consistency proof does not lead to both roots")


def _two_roots(node: int, inner: int, hashes: Sequence[Hash]) -> tuple[bytes, bytes]:
    """Climb from the subtree both trees share; left hashes count in both trees, right ones in the new."""
    sha256 = hashlib.sha256
    old: bytes = hashes[0]
    new: bytes = hashes[0]
    for hash_ in hashes[1 : 1 + inner]:
        if node & 1:
            old = sha256(b"\x01" + hash_ + old).digest()
            new = sha256(b"\x01" + hash_ + new).digest()
        else:
            new = sha256(b"\x01" + new + hash_).digest()
        node >>= 1
    for hash_ in hashes[1 + inner :]:
        old = sha256(b"\x01" + hash_ + old).digest()
        new = sha256(b"\x01" + hash_ + new).digest()
    return old, new
