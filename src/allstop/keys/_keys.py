"""Public keys, signatures and private keys: Ed25519 (RFC 8032) and ML-DSA-44 (FIPS 204).

Implements spec/keys.md sections 1 to 4. The arithmetic is `cryptography`'s; this module decides which keys
are refused before any signature is looked at. It does not read or write files.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NoReturn, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from allstop.canon import format_base64, parse_base64
from allstop.errors import MalformedError, SignatureError

__all__ = [
    "KeyKind",
    "PublicKey",
    "SigningKey",
    "count_distinct_keys",
    "format_private_key",
    "generate_key",
    "key_hint",
    "parse_private_key",
    "verify_signature",
]


class KeyKind(Enum):
    """The two kinds of key. The value is the word in a private key file."""

    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"


_KEY_BYTES = {KeyKind.ED25519: 32, KeyKind.ML_DSA_44: 1312}
_SIGNATURE_BYTES = {KeyKind.ED25519: 64, KeyKind.ML_DSA_44: 2420}
_SEED_BYTES = 32

_P = 2**255 - 19
_Y_MASK = 2**255 - 1
# The y coordinates of the eight points of order 1, 2, 4 and 8. Together with the sign bit they have eight
# canonical encodings; the other six of the fourteen have y >= p or a sign on x = 0.
_Y_OF_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_LOW_ORDER_Y = frozenset({0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8})


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """The raw bytes of a public key that may be trusted to bind a signer to one message.

    Under a key of low order one constant signature verifies for opposite sentences; a key with two
    encodings would count as two signers. Both are refused here, so no code above can hold one.

        PublicKey(kind=KeyKind.ED25519, data=bytes.fromhex("d75a9801...f707511a"))

    Ed25519 has 32 bytes, ML-DSA-44 1,312. That the bytes are a point of the curve is not checked: if they
    are not, no signature verifies.
    """

    kind: KeyKind
    data: bytes

    def __post_init__(self) -> None:
        wanted = _KEY_BYTES[self.kind]
        if len(self.data) != wanted:
            raise MalformedError(f"{self.kind.value} public key has {len(self.data)} bytes, want {wanted}")
        if self.kind is KeyKind.ED25519:
            _refuse_weak_point(self.data)


def _refuse_weak_point(data: bytes) -> None:
    # spec/keys.md section 2
    y = int.from_bytes(data, "little") & _Y_MASK
    if y % _P in _LOW_ORDER_Y:
        raise MalformedError("ed25519 public key has low order: one signature fits many messages")
    if y >= _P:
        raise MalformedError("ed25519 public key is not canonical: y is not below 2^255 - 19")


# Loading a key costs a few per cent of a verification, and the same few keys sign most statements.
@lru_cache(maxsize=1024)
def _load_ed25519(data: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(data)


@lru_cache(maxsize=1024)
def _load_ml_dsa_44(data: bytes) -> MLDSA44PublicKey:
    return MLDSA44PublicKey.from_public_bytes(data)


def verify_signature(key: PublicKey, *, message: bytes, signature: bytes) -> None:
    """Check that the holder of `key` signed exactly `message`.

    Ed25519 is pure and without context, ML-DSA-44 pure with the empty context. A signature whose S is not
    reduced is refused (RFC 8032 section 5.1.7); the equation is the one without cofactor.

    Raises:
        SignatureError: the signature has the wrong length or does not verify.
    """
    try:
        if key.kind is KeyKind.ED25519:
            _load_ed25519(key.data).verify(signature, message)
        else:
            _load_ml_dsa_44(key.data).verify(signature, message)
    except InvalidSignature as exc:
        wanted = _SIGNATURE_BYTES[key.kind]
        if len(signature) != wanted:
            raise SignatureError(
                f"{key.kind.value} signature has {len(signature)} bytes, want {wanted}"
            ) from exc
        raise SignatureError(
            f"{key.kind.value} signature does not verify under {key_hint(key)[:16]}"
        ) from exc


def key_hint(key: PublicKey) -> str:
    """Return the DSSE keyid: SHA-256 of the raw key bytes, in hexadecimal.

    A hint finds a key faster; it is signed by nobody and decides nothing.
    """
    return hashlib.sha256(key.data).hexdigest()


def count_distinct_keys(keys: Iterable[PublicKey]) -> int:
    """Count keys by their bytes. Ids and names are never counted: one key may go under several."""
    return len({key.data for key in keys})


_PrivateKey: TypeAlias = Ed25519PrivateKey | MLDSA44PrivateKey


class SigningKey:
    """A private key. Its secret shows only in what `format_private_key` returns, never in a repr."""

    __slots__ = ("_private", "public")

    def __init__(self, kind: KeyKind, seed: bytes) -> None:
        if len(seed) != _SEED_BYTES:
            raise MalformedError(f"private key seed has {len(seed)} bytes, want {_SEED_BYTES}")
        self._private: _PrivateKey
        if kind is KeyKind.ED25519:
            self._private = Ed25519PrivateKey.from_private_bytes(seed)
        else:
            self._private = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.public = PublicKey(kind=kind, data=self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"<SigningKey {self.public.kind.value} {key_hint(self.public)[:16]}>"

    def __reduce__(self) -> NoReturn:
        # Nothing may copy the secret on the way: not pickle, not a process pool, not copy.copy.
        raise TypeError("a private key cannot be copied or pickled")

    def sign(self, message: bytes) -> bytes:
        """Sign exactly `message`. Ed25519 always gives the same bytes; ML-DSA-44 need not."""
        return self._private.sign(message)


def generate_key(kind: KeyKind) -> SigningKey:
    """Make a new key from the operating system's randomness."""
    if kind is KeyKind.ED25519:
        return SigningKey(kind, Ed25519PrivateKey.generate().private_bytes_raw())
    return SigningKey(kind, MLDSA44PrivateKey.generate().private_bytes_raw())


_PRIVATE_KEY = re.compile(rb"allstop-private-key/v1 (ed25519|ml-dsa-44) ([A-Za-z0-9+/]{43}=)\n\Z")


def parse_private_key(data: bytes) -> SigningKey:
    """Parse the one line of a private key file.

        allstop-private-key/v1 ed25519 <base64 of the 32-byte seed>

    Raises:
        MalformedError: the file is not in that form. The message holds nothing of the file.
    """
    # spec/keys.md section 4
    match = _PRIVATE_KEY.match(data)
    if match is None:
        raise MalformedError("private key file is not one line 'allstop-private-key/v1 KIND SEED'")
    try:
        seed = parse_base64(match[2].decode("ascii"))
    except MalformedError:
        # Raised below, outside this handler: the inner message quotes the secret, and an exception raised
        # here would carry it as its context, `from None` or not.
        seed = b""
    if not seed:
        raise MalformedError("private key file has a seed that is not canonical base64")
    return SigningKey(KeyKind(match[1].decode("ascii")), seed)


def format_private_key(key: SigningKey) -> bytes:
    """Return the one line of a private key file. This is the secret: the caller keeps it unreadable to others."""
    seed = format_base64(key._private.private_bytes_raw())
    return f"allstop-private-key/v1 {key.public.kind.value} {seed}\n".encode("ascii")
