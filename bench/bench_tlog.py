"""The log against its anchors (DESIGN section 10, rows two and three).

The audit is measured against the tightest plain loop that hashes the same entries and rebuilds the same
root, without reading a bundle or comparing a tile. Proofs are measured against pymerkle on the same tree.
`--size` sets the number of entries.
"""

import argparse
import hashlib
import random
import statistics
import time
from collections.abc import Callable, Sequence

from pymerkle import InmemoryTree
from pymerkle import verify_inclusion as verify_pymerkle

from allstop.tlog import (
    TILE_WIDTH,
    Hash,
    HashTree,
    entries_path,
    format_entry_bundle,
    leaf_hash,
    leaf_hashes,
    prove_inclusion,
    tiles_of,
    verify_inclusion,
    verify_tree,
)

SIZE = 16_384
SIZE_FULL = 262_144
ENTRY_BYTES = 1_200
"""About the length of a signed meter reading."""

AUDIT_GOAL = 0.9
PROOF_GOAL = 1.5
REPEATS = 15
PROOFS = 500

Row = tuple[str, float, str, bool]


def make_entries(size: int) -> list[bytes]:
    """Return entries of one length with different bytes, the same in every run."""
    chance = random.Random(1)
    return [chance.randbytes(ENTRY_BYTES) for _ in range(size)]


def hash_plainly(entries: Sequence[bytes]) -> bytes:
    """Return the root by the tightest plain loop: what no audit can do without."""
    sha256 = hashlib.sha256
    level = [sha256(b"\x00" + entry).digest() for entry in entries]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level += odd
    return level[0]


def median_ratio(theirs: Callable[[], object], ours: Callable[[], object]) -> float:
    """Return how many times as fast ours is: the median over pairs measured one right after the other."""
    ratios = []
    for _ in range(REPEATS):
        times = []
        for job in (theirs, ours):
            start = time.perf_counter()
            job()
            times.append(time.perf_counter() - start)
        ratios.append(times[0] / times[1])
    return statistics.median(ratios)


def audit_ratio(entries: list[bytes]) -> float:
    """Return the speed of the full audit in units of the plain loop."""
    size = len(entries)
    files = dict(tiles_of(leaf_hashes(entries)))
    for start in range(0, size, TILE_WIDTH):
        chunk = entries[start : start + TILE_WIDTH]
        files[entries_path(start // TILE_WIDTH, len(chunk))] = format_entry_bundle(chunk)
    root = Hash(hash_plainly(entries))
    return median_ratio(
        lambda: hash_plainly(entries), lambda: verify_tree(size=size, root=root, read=files.__getitem__)
    )


def proof_ratios(entries: list[bytes]) -> tuple[float, float]:
    """Return the speed of proving and of verifying inclusion in units of pymerkle."""
    theirs = InmemoryTree(algorithm="sha256")
    for entry in entries:
        theirs.append_entry(entry)
    ours, size = HashTree(leaf_hashes(entries)), len(entries)
    root, chance = ours.root(), random.Random(2)
    if theirs.get_root() != root:
        raise SystemExit("pymerkle has another root for the same entries")
    picks = [chance.randrange(size) for _ in range(PROOFS)]
    proving = median_ratio(
        lambda: [theirs.prove_inclusion(index + 1, size) for index in picks],
        lambda: [prove_inclusion(index=index, size=size, hash_at=ours.hash_at) for index in picks],
    )
    leaves = [leaf_hash(entries[index]) for index in picks]
    their_proofs = [theirs.prove_inclusion(index + 1, size) for index in picks]
    our_proofs = [prove_inclusion(index=index, size=size, hash_at=ours.hash_at) for index in picks]

    def verify_ours() -> None:
        for leaf, index, proof in zip(leaves, picks, our_proofs, strict=True):
            verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=root)

    verifying = median_ratio(
        lambda: [
            verify_pymerkle(leaf, root, proof) for leaf, proof in zip(leaves, their_proofs, strict=True)
        ],
        verify_ours,
    )
    return proving, verifying


def run(size: int | None = None, *, full: bool = False) -> list[Row]:
    """Return rows (name, ratio, goal, ok) for a tree of `size` entries."""
    entries = make_entries(size or (SIZE_FULL if full else SIZE))
    audit = audit_ratio(entries)
    proving, verifying = proof_ratios(entries)
    return [
        (
            "log: full audit, speed x plain hashlib loop to the same root",
            audit,
            f">= {AUDIT_GOAL}",
            audit >= AUDIT_GOAL,
        ),
        ("log: prove inclusion, speed x pymerkle", proving, f">= {PROOF_GOAL}", proving >= PROOF_GOAL),
        ("log: verify inclusion, speed x pymerkle", verifying, f">= {PROOF_GOAL}", verifying >= PROOF_GOAL),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="the log against its anchors")
    parser.add_argument("--size", type=int, default=SIZE)
    for name, ratio, goal, ok in run(parser.parse_args().size):
        print(f"{name:<72} {ratio:>8.2f} {goal:>10}  {'met' if ok else 'MISSED'}")
