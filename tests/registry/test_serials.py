"""Serial numbers under a Merkle root: commitments hide, bind, and open one at a time."""

import hashlib

import pytest

from allstop.errors import MalformedError, ProofError
from allstop.ids import Digest
from allstop.registry import SALT_BYTES, serial_leaf, serials_root, verify_serial
from allstop.tlog import Hash

SERIALS = [f"1650{i:06d}" for i in range(3)]
SALTS = [bytes([i]) * SALT_BYTES for i in range(3)]
LEAVES = [
    hashlib.sha256(b"\x00" + salt + serial.encode()).digest()
    for serial, salt in zip(SERIALS, SALTS, strict=True)
]
NODE = hashlib.sha256(b"\x01" + LEAVES[0] + LEAVES[1]).digest()


def test_the_root_is_that_of_rfc_6962_over_salted_serials() -> None:
    """Three leaves, written out: H(1, H(1, l0, l1), l2)."""
    assert hashlib.sha256(b"\x01" + NODE + LEAVES[2]).hexdigest() == serials_root(SERIALS, SALTS)
    assert LEAVES[0].hex() == serials_root(SERIALS[:1], SALTS[:1])


def test_one_serial_opens_and_no_other_does() -> None:
    """The right proof verifies; another serial, salt, index or root does not."""
    root = serials_root(SERIALS, SALTS)
    proof = [Hash(NODE)]
    verify_serial(serial=SERIALS[2], salt=SALTS[2], index=2, count=3, proof=proof, root=root)
    with pytest.raises(ProofError):
        verify_serial(serial=SERIALS[1], salt=SALTS[2], index=2, count=3, proof=proof, root=root)
    with pytest.raises(ProofError):
        verify_serial(serial=SERIALS[2], salt=SALTS[1], index=2, count=3, proof=proof, root=root)
    with pytest.raises(ProofError):
        verify_serial(serial=SERIALS[2], salt=SALTS[2], index=1, count=3, proof=proof, root=root)
    with pytest.raises(ProofError):
        verify_serial(serial=SERIALS[2], salt=SALTS[2], index=2, count=3, proof=proof, root=Digest("0" * 64))


@pytest.mark.parametrize("serial", ["", "x" * 65, "a b", "ä", "a\n", "\u0661"])
def test_a_serial_that_could_be_written_twice_is_refused(serial: str) -> None:
    """Only printing ASCII without spaces, so that a serial has one spelling."""
    with pytest.raises(MalformedError, match="malformed serial"):
        serial_leaf(serial, salt=SALTS[0])


@pytest.mark.parametrize("length", [0, SALT_BYTES - 1, SALT_BYTES + 1])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    """A salt of variable length would let one leaf open to two serials."""
    with pytest.raises(MalformedError, match="want 16"):
        serial_leaf("a", salt=bytes(length))


def test_lists_that_do_not_fit_are_refused() -> None:
    """No serials, too few salts, and one serial twice."""
    with pytest.raises(MalformedError, match="got 0 serials"):
        serials_root([], [])
    with pytest.raises(MalformedError, match="got 3 serials and 2 salts"):
        serials_root(SERIALS, SALTS[:2])
    with pytest.raises(MalformedError, match="named twice"):
        serials_root([SERIALS[0]] * 2, SALTS[:2])
