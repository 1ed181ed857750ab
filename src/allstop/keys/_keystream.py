"""Keystreams: as many bytes as one wants from one key, by ChaCha20 (RFC 8439 section 2.4).

They keep nothing secret here: a key that anyone can derive stands for bytes that nobody chose and nobody
knew before the key.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

__all__ = ["KEYSTREAM_KEY_BYTES", "open_keystream"]

KEYSTREAM_KEY_BYTES = 32
"""Size of a key."""

_COUNTER_AND_NONCE = bytes(16)


def open_keystream(key: bytes) -> Callable[[int], bytes]:
    """Return what reads so many further bytes of the keystream of `key`: nonce zero, block counter from zero.

    Raises:
        ValueError: `key` has another size.
    """
    encrypt = Cipher(ChaCha20(key, _COUNTER_AND_NONCE), mode=None).encryptor()
    return lambda count: encrypt.update(bytes(count))
