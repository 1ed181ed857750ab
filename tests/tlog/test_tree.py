"""Trees and proofs: exhaustive small cases with sabotage, against the RFC's recursion."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.errors import MalformedError, ProofError
from allstop.tlog import (
    EMPTY_ROOT,
    SIZE_MAX,
    Hash,
    HashTree,
    TreeHasher,
    leaf_hash,
    leaf_hashes,
    node_hash,
    parse_hash,
    prove_consistency,
    prove_inclusion,
    root_at,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from support_log import bend_each_hash, entries_of, tree_of
from tlog.reference import ref_path, ref_proof, ref_root

SIZES = range(41)
A, B = leaf_hash(b"a"), leaf_hash(b"b")


def leaves_of(size: int) -> list[Hash]:
    """Return the leaf hashes of the shared entries."""
    return leaf_hashes(entries_of(size))


@pytest.mark.parametrize("size", SIZES)
def test_every_way_to_a_root_agrees_with_the_rfc(size: int) -> None:
    """Whole, growing and right-edge trees give the recursion's root."""
    leaves = leaves_of(size)
    growing, edge = HashTree(), TreeHasher()
    for leaf in leaves:
        growing.append(leaf)
        edge.append(leaf)
    expected = ref_root(list(leaves))
    assert [expected] * 5 == [
        tree_root(leaves),
        HashTree(leaves).root(),
        growing.root(),
        edge.root(),
        root_at(size, HashTree(leaves).hash_at),
    ]
    assert (size, size) == (growing.size, edge.size)


def test_roots_over_every_prefix_come_from_one_tree() -> None:
    """A tree tells the roots of all its earlier selves."""
    tree, leaves = tree_of(40), leaves_of(40)
    assert [ref_root(list(leaves[:size])) for size in SIZES] == [tree.root(size) for size in SIZES]


@pytest.mark.parametrize("size", range(1, 41))
def test_every_leaf_is_provable_and_no_bent_proof_passes(size: int) -> None:
    """Every proof is the RFC's; one flipped bit, one hash more, less or twice is caught."""
    tree, leaves = tree_of(size), leaves_of(size)
    root = tree.root()
    for index, leaf in enumerate(leaves):
        proof = prove_inclusion(index=index, size=size, hash_at=tree.hash_at)
        assert ref_path(index, list(leaves)) == list(proof)
        verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=root)
        for bent in (*bend_each_hash(proof), [*proof, A], proof[1:], proof[:-1]):
            if list(bent) != list(proof):
                with pytest.raises(ProofError):
                    verify_inclusion(leaf=leaf, index=index, size=size, proof=bent, root=root)
        for bent_leaf in (A, root if size > 1 else A):
            with pytest.raises(ProofError):
                verify_inclusion(leaf=bent_leaf, index=index, size=size, proof=proof, root=root)
        for bent_root in bend_each_hash([root]):
            with pytest.raises(ProofError):
                verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=bent_root[0])


@pytest.mark.parametrize("size", range(2, 24))
def test_a_proof_for_one_leaf_proves_no_other_place(size: int) -> None:
    """The same leaf and proof fail at every other index."""
    tree, leaves = tree_of(size), leaves_of(size)
    for index, leaf in enumerate(leaves):
        proof = prove_inclusion(index=index, size=size, hash_at=tree.hash_at)
        for other in {-1, size, *range(size)} - {index}:
            with pytest.raises(ProofError):
                verify_inclusion(leaf=leaf, index=other, size=size, proof=proof, root=tree.root())


@pytest.mark.parametrize("size", range(1, 41))
def test_every_earlier_tree_is_consistent_and_no_bent_proof_passes(size: int) -> None:
    """Every proof is the RFC's; any flipped bit in proof or roots, and any other length, is caught."""
    tree, leaves = tree_of(size), list(leaves_of(size))
    root = tree.root()
    for old_size in range(1, size + 1):
        old_root = tree.root(old_size)
        proof = prove_consistency(old_size=old_size, size=size, hash_at=tree.hash_at)
        assert ref_proof(old_size, list(leaves)) == list(proof)
        verify_consistency(old_size=old_size, old_root=old_root, size=size, root=root, proof=proof)
        for bent in (*bend_each_hash(proof), [*proof, A], proof[1:], proof[:-1]):
            if list(bent) != list(proof):
                with pytest.raises(ProofError):
                    verify_consistency(old_size=old_size, old_root=old_root, size=size, root=root, proof=bent)
        for bent_old, bent_new in zip(bend_each_hash([old_root]), bend_each_hash([root]), strict=True):
            with pytest.raises(ProofError):
                verify_consistency(old_size=old_size, old_root=bent_old[0], size=size, root=root, proof=proof)
            with pytest.raises(ProofError):
                verify_consistency(
                    old_size=old_size, old_root=old_root, size=size, root=bent_new[0], proof=proof
                )


@pytest.mark.parametrize("size", range(2, 24))
def test_a_consistency_proof_fits_no_other_old_size(size: int) -> None:
    """The same proof and old root fail for every other old size."""
    tree = tree_of(size)
    for old_size in range(1, size):
        proof = prove_consistency(old_size=old_size, size=size, hash_at=tree.hash_at)
        for other in {0, size + 1, *range(1, size + 1)} - {old_size}:
            with pytest.raises(ProofError):
                verify_consistency(
                    old_size=other, old_root=tree.root(old_size), size=size, root=tree.root(), proof=proof
                )


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.data())
def test_any_tree_proves_any_leaf_and_any_prefix(size: int, data: st.DataObject) -> None:
    """Property: what is proven verifies, at sizes beyond the exhaustive ones."""
    tree, index = tree_of(size), data.draw(st.integers(0, size - 1))
    leaf = leaf_hash(entries_of(index + 1)[index])
    proof = prove_inclusion(index=index, size=size, hash_at=tree.hash_at)
    verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=tree.root())
    path = prove_consistency(old_size=index + 1, size=size, hash_at=tree.hash_at)
    verify_consistency(
        old_size=index + 1, old_root=tree.root(index + 1), size=size, root=tree.root(), proof=path
    )


def test_hashes_of_other_lengths_are_refused() -> None:
    """Without this, bytes could move from the leaf to its sibling under one root."""
    root = node_hash(A, B)
    short, long = Hash(A[:31]), Hash(A[31:] + B)
    with pytest.raises(ProofError, match="not 32 bytes"):
        verify_inclusion(leaf=short, index=0, size=2, proof=[long], root=root)
    with pytest.raises(ProofError, match="not 32 bytes"):
        verify_consistency(old_size=1, old_root=short, size=2, root=root, proof=[long])
    with pytest.raises(MalformedError, match="31 bytes, want 32"):
        parse_hash(short)


def test_questions_outside_a_tree_are_refused() -> None:
    """Indices and sizes that no tree has are errors, in proving and in verifying."""
    tree = tree_of(5)
    for index, size in ((-1, 5), (5, 5), (0, 0)):
        with pytest.raises(ProofError, match="outside a tree"):
            prove_inclusion(index=index, size=size, hash_at=tree.hash_at)
        with pytest.raises(ProofError, match="outside a tree"):
            verify_inclusion(leaf=A, index=index, size=size, proof=[], root=A)
    for old_size, size in ((0, 5), (6, 5), (-1, 5)):
        with pytest.raises(ProofError, match="old size is"):
            prove_consistency(old_size=old_size, size=size, hash_at=tree.hash_at)
        with pytest.raises(ProofError, match="old size is"):
            verify_consistency(old_size=old_size, old_root=A, size=size, root=A, proof=[])
    with pytest.raises(ProofError, match="outside a tree"):
        verify_inclusion(leaf=A, index=0, size=SIZE_MAX + 1, proof=[A] * 64, root=A)
    for level, index in ((-1, 0), (0, -1), (3, 0), (1, 2), (0, 5)):
        with pytest.raises(ProofError, match="no full subtree"):
            tree.hash_at(level, index)
    with pytest.raises(ProofError, match="no full subtree"):
        tree.root(6)


def test_the_empty_tree_has_the_hash_of_the_empty_string() -> None:
    """Not 32 zero bytes, which an older library gives."""
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [tree_root([]), TreeHasher().root(), HashTree().root()] == [EMPTY_ROOT] * 3
