"""Serial numbers under a Merkle root: shown one by one to an inspector, to nobody else.

Each leaf is `SHA-256(0x00 || salt || serial)` (RFC 6962 section 2.1 leaf hash of salt and serial), with
a secret salt of `SALT_BYTES` each: serial numbers are short, so without it anybody could try them all.
The tree is that of RFC 6962. Not checked: that a serial number is real, which only an inspection can.
"""

import re
from collections.abc import Sequence

from allstop.errors import MalformedError
from allstop.ids import Digest
from allstop.tlog import Hash, leaf_hash, tree_root, verify_inclusion

__all__ = ["SALT_BYTES", "serial_leaf", "serials_root", "verify_serial"]

SALT_BYTES = 16
"""Length of a salt; fixed, so that salt and serial cannot be cut differently."""

_SERIAL = re.compile(r"[!-~]{1,64}\Z")


def serial_leaf(serial: str, *, salt: bytes) -> Hash:
    """Return the leaf of one serial number.

    Raises:
        MalformedError: `serial` is not 1 to 64 printing ASCII characters, or `salt` is not 16 bytes.
    """
    if _SERIAL.match(serial) is None:
        raise MalformedError("malformed serial number, want 1 to 64 printing ascii characters")
    if len(salt) != SALT_BYTES:
        raise MalformedError(f"salt has {len(salt)} bytes, want {SALT_BYTES}")
    return leaf_hash(salt + serial.encode("ascii"))


def serials_root(serials: Sequence[str], salts: Sequence[bytes]) -> Digest:
    """Return the root that commits to all serial numbers of a lot, in chip order.

    Raises:
        MalformedError: there are none, one is named twice, or there is not one salt for each.
    """
    if not serials or len(serials) != len(salts):
        raise MalformedError(f"got {len(serials)} serials and {len(salts)} salts, want as many, at least 1")
    if len(set(serials)) != len(serials):
        raise MalformedError("a serial number is named twice")
    leaves = [serial_leaf(serial, salt=salt) for serial, salt in zip(serials, salts, strict=True)]
    return Digest(tree_root(leaves).hex())


def verify_serial(
    *, serial: str, salt: bytes, index: int, count: int, proof: Sequence[Hash], root: Digest
) -> None:
    """Check that chip `index` of a lot of `count` committed serials has this serial number.

    Raises:
        ProofError: the proof does not lead from the serial to `root`.
    """
    leaf = serial_leaf(serial, salt=salt)
    verify_inclusion(leaf=leaf, index=index, size=count, proof=proof, root=Hash(bytes.fromhex(root)))
