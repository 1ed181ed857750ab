"""Items: what a prover commits to, one leaf each, and the nonce that no one knew before (spec/transcript.md section 1).

A leaf shows nothing, since it holds a salt. It comes apart in two halves, so that a neighbour in a chain of
training steps can show where it ended without showing what it was fed.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from allstop.errors import MalformedError
from allstop.ids import Digest, Name, digest_of
from allstop.tlog import Hash, TreeHasher, leaf_hash

__all__ = [
    "ITEMS_MAX",
    "SALT_BYTES",
    "ItemRecord",
    "commit_items",
    "derive_salt",
    "item_blind",
    "item_leaf",
    "item_nonce",
    "open_model",
    "record_item",
    "seal_model",
]

ITEMS_MAX = 10_000_000
"""Largest number of items under one commitment."""

SALT_BYTES = 32

_LEAF_TAG = b"allstop item v1\n"
_BLIND_TAG = b"allstop item blind v1\n"
_NONCE_TAG = b"allstop nonce v1\n"
_SALT_TAG = b"allstop salt v1\n"
_MODEL_TAG = b"allstop model salt v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """One item of work: what it began from, what it was given, what came out, as digests, and a salt.

    Inference: `before` is the model, of every item. Training: `before` of item 0 is the model, of each later
    item what came out of the one before. Range: `0 <= index < ITEMS_MAX`.
    """

    index: int
    salt: bytes
    before: Digest
    given: Digest
    after: Digest

    def __post_init__(self) -> None:
        if not 0 <= self.index < ITEMS_MAX:
            raise ValueError(f"item has index {self.index}, want 0 to {ITEMS_MAX - 1}")
        if len(self.salt) != SALT_BYTES:
            raise ValueError(f"item has a salt of {len(self.salt)} bytes, want {SALT_BYTES}")


def record_item(*, secret: bytes, index: int, before: Digest, given: bytes, result: bytes) -> ItemRecord:
    """Return the record of an item that was just done."""
    salt = derive_salt(secret, index)
    return ItemRecord(index=index, salt=salt, before=before, given=digest_of(given), after=digest_of(result))


def derive_salt(secret: bytes, index: int) -> bytes:
    r"""Return HMAC-SHA256(secret, "allstop salt v1\n" || u64 index), RFC 2104: one secret salts all items.

    Who sees some salts learns nothing of the others.
    """
    _check_secret(secret)
    return hmac.digest(secret, _SALT_TAG + index.to_bytes(8, "big"), "sha256")


def item_blind(record: ItemRecord) -> Digest:
    r"""Return the half of a leaf that hides what an item began from and was given.

    SHA-256("allstop item blind v1\n" || salt || before || given).
    """
    return digest_of(_BLIND_TAG + record.salt + bytes.fromhex(record.before) + bytes.fromhex(record.given))


def item_leaf(*, index: int, blind: Digest, after: Digest) -> Hash:
    r"""Return the leaf hash (RFC 9162 section 2.1.1) of "allstop item v1\n" || u64 index || blind || after."""
    return leaf_hash(_LEAF_TAG + index.to_bytes(8, "big") + bytes.fromhex(blind) + bytes.fromhex(after))


def commit_items(records: Iterable[ItemRecord]) -> Digest:
    """Return the root over items 0, 1, 2 and so on, which is all that is said of them before a draw.

    Raises:
        ValueError: there is none, or they do not count up from 0.
    """
    tree = TreeHasher()
    for index, record in enumerate(records):
        if record.index != index:
            raise ValueError(f"item {record.index} stands at place {index}")
        tree.append(item_leaf(index=index, blind=item_blind(record), after=record.after))
    if tree.size == 0:
        raise ValueError("there are no items to commit to")
    return Digest(tree.root().hex())


def item_nonce(*, beacon: Digest, transcript: Name, job: Name, party: Name, index: int) -> bytes:
    r"""Return the 32 bytes that enter all of an item's work, so that it cannot have been done before.

    SHA-256("allstop nonce v1\n" || beacon || three names, each behind its length in one byte || u64
    index). The filer is in it, so that no two parties can share work; so is the transcript, so that no item
    can stand in two.
    """
    names = b"".join(bytes([len(name)]) + name.encode("ascii") for name in (transcript, job, party))
    preimage = _NONCE_TAG + bytes.fromhex(beacon) + names + index.to_bytes(8, "big")
    return hashlib.sha256(preimage).digest()


def seal_model(model: bytes, *, secret: bytes) -> bytes:
    """Return the blob whose digest is committed to: 32 bytes of salt, then the model.

    Without the salt a small or public model could be guessed from its digest.
    """
    _check_secret(secret)
    return hmac.digest(secret, _MODEL_TAG, "sha256") + model


def open_model(blob: bytes) -> bytes:
    """Return the model inside a sealed blob, whose digest the caller has compared.

    Raises:
        MalformedError: the blob is shorter than its salt.
    """
    if len(blob) < SALT_BYTES:
        raise MalformedError(f"model blob has {len(blob)} bytes, want at least {SALT_BYTES}")
    return blob[SALT_BYTES:]


def _check_secret(secret: bytes) -> None:
    if len(secret) < SALT_BYTES:
        raise ValueError(f"secret has {len(secret)} bytes, want at least {SALT_BYTES}")
