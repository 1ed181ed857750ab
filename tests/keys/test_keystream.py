"""Keystreams: the published one of ChaCha20, however it is cut."""

import pytest

from allstop.keys import KEYSTREAM_KEY_BYTES, open_keystream

RFC_8439_A_1 = (
    "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
    "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
    "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
    "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"
)
"""Test vectors 1 and 2 of appendix A.1: key and nonce of zeros, blocks 0 and 1."""


@pytest.mark.parametrize("cut", [1, 7, 64, 128])
def test_it_is_the_keystream_of_the_standard(cut: int) -> None:
    """Both published blocks come out, in pieces of any size."""
    read = open_keystream(bytes(KEYSTREAM_KEY_BYTES))
    found = b"".join(read(min(cut, 128 - at)) for at in range(0, 128, cut))
    assert bytes.fromhex(RFC_8439_A_1) == found


def test_each_key_has_its_own() -> None:
    """One bit of the key changes everything; a key of another size is none."""
    assert open_keystream(bytes(32))(64) != open_keystream(bytes(31) + b"\x01")(64)
    with pytest.raises(ValueError, match="key"):
        open_keystream(bytes(31))
