"""Keys, trees, notes and policies that tests of several packages share. Seeds come from names, never from chance."""

import hashlib
from collections.abc import Callable, Iterator, Sequence

from allstop.errors import NotFoundError
from allstop.keys import KeyKind, NoteKey, NoteKeyType, SigningKey
from allstop.times import Instant
from allstop.tlog import (
    TILE_WIDTH,
    Checkpoint,
    Hash,
    HashTree,
    entries_path,
    format_entry_bundle,
    leaf_hashes,
    sign_checkpoint,
    tiles_of,
)
from allstop.witness import Policy, PolicyLog, PolicyWitness, cosign

ORIGIN = "log.elm.example/evidence"
AT = Instant(1_795_430_000_000)
ED25519 = KeyKind.ED25519
ML_DSA_44 = KeyKind.ML_DSA_44


def key_of(label: str, kind: KeyKind = ED25519) -> SigningKey:
    """Return the private key that belongs to this label in every test."""
    return SigningKey(kind, hashlib.sha256(label.encode()).digest())


def log_key(label: str = "log", origin: str = ORIGIN) -> NoteKey:
    """Return the Ed25519 note key of a log."""
    return NoteKey(name=origin, type=NoteKeyType.ED25519, key=key_of(label).public)


def witness_key(name: str, kind: KeyKind = ED25519) -> NoteKey:
    """Return the cosignature key of `<name>.example`."""
    type_ = NoteKeyType.COSIGNATURE_ED25519 if kind is ED25519 else NoteKeyType.MLDSA44
    return NoteKey(name=f"{name}.example", type=type_, key=key_of(f"witness {name}", kind).public)


def entries_of(size: int) -> list[bytes]:
    """Return `size` entries of many lengths, the empty entry among them."""
    return [b"entry %d " % index * (index % 7) for index in range(size)]


def tree_of(size: int) -> HashTree:
    """Return the tree over `entries_of(size)`."""
    return HashTree(leaf_hashes(entries_of(size)))


def files_of(entries: Sequence[bytes]) -> dict[str, bytes]:
    """Return every file of the log that holds these entries."""
    files = dict(tiles_of(leaf_hashes(entries)))
    for start in range(0, len(entries), TILE_WIDTH):
        chunk = entries[start : start + TILE_WIDTH]
        files[entries_path(start // TILE_WIDTH, len(chunk))] = format_entry_bundle(chunk)
    return files


def reader_of(files: dict[str, bytes]) -> Callable[[str], bytes]:
    """Return a function that reads these files as an adapter would."""

    def read(path: str) -> bytes:
        if path not in files:
            raise NotFoundError(f"{path} is not there")
        return files[path]

    return read


def bend_each_hash(proof: Sequence[Hash]) -> Iterator[list[Hash]]:
    """Yield the proof with one bit flipped: in the first byte of each hash, then in the last."""
    for place, hash_ in enumerate(proof):
        for byte, mask in ((0, 0x80), (31, 0x01)):
            bent = bytearray(hash_)
            bent[byte] ^= mask
            yield [*proof[:place], Hash(bytes(bent)), *proof[place + 1 :]]


def policy_of(*names: str, quorum: str | None = None) -> Policy:
    """Return a policy with the log and one Ed25519 witness of each name; the quorum is the first."""
    return Policy(
        logs=(PolicyLog(key=log_key()),),
        witnesses=tuple(PolicyWitness(name=name, key=witness_key(name)) for name in names),
        groups=(),
        quorum=quorum or names[0],
    )


def signed(tree: HashTree, size: int | None = None, *, label: str = "log") -> bytes:
    """Return the note of a checkpoint that the log signs with Ed25519."""
    count = tree.size if size is None else size
    checkpoint = Checkpoint(origin=ORIGIN, size=count, root=tree.root(count))
    return sign_checkpoint(checkpoint, [key_of(label)], at=AT)


def cosigned(note: bytes, *names: str, kind: KeyKind = ED25519, at: Instant = AT) -> bytes:
    """Return the note with a cosignature line of each of these witnesses."""
    lines = [
        cosign(note, key=key_of(f"witness {name}", kind), name=f"{name}.example", at=at) for name in names
    ]
    return note + b"".join(lines)
