"""Keys and signatures: what is refused before any arithmetic, and what must never show."""

import copy
import traceback
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import format_base64
from allstop.errors import MalformedError, SignatureError
from allstop.keys import (
    KeyKind,
    PublicKey,
    SigningKey,
    count_distinct_keys,
    format_private_key,
    generate_key,
    key_hint,
    parse_private_key,
    verify_signature,
)

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)

SEED = bytes(range(32))
# RFC 8032 section 7.1, test 2.
RFC_SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
RFC_PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
RFC_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)

Point = tuple[int, int]


def add(a: Point, b: Point) -> Point:
    """Add two points of the twisted Edwards curve by the formula of RFC 8032 section 5.1."""
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P
    return x, y


def point_of_order_8() -> Point:
    """Find a point whose double is a point of order 4, that is, with y = 0: there x^2 = -y^2."""
    # y^2 - x^2 = 1 + d x^2 y^2 with x^2 = -y^2 is d y^4 + 2 y^2 - 1 = 0, a quadratic in y^2.
    for sign in (1, -1):
        y2 = (-1 + sign * square_root(1 + D)) * pow(D, -1, P) % P
        if pow(y2, (P - 1) // 2, P) == 1:
            y = square_root(y2)
            return y * SQRT_MINUS_1 % P, y
    raise AssertionError("no point of order 8")


def square_root(value: int) -> int:
    """Return a root modulo P = 5 mod 8; the value must be a square."""
    root = pow(value, (P + 3) // 8, P)
    root = root if root * root % P == value % P else root * SQRT_MINUS_1 % P
    assert value % P == root * root % P
    return root


def encode(y: int, sign: int) -> bytes:
    """Write y in 255 bits and the sign of x in the last."""
    return (y | sign << 255).to_bytes(32, "little")


def low_order_encodings() -> set[bytes]:
    """All texts of 32 bytes that a lenient decoder takes for a point of order 1, 2, 4 or 8."""
    point, found = point_of_order_8(), set()
    multiple = point
    for _ in range(8):
        x, y = multiple
        signs = (0, 1) if x == 0 else (x & 1,)
        found |= {encode(text, sign) for text in (y, y + P) if text < 2**255 for sign in signs}
        multiple = add(multiple, point)
    assert multiple == point
    return found


def test_there_are_14_low_order_encodings_and_all_are_refused() -> None:
    """The torsion subgroup is computed here from the curve, not copied (finding-F1, threat-H2)."""
    encodings = low_order_encodings()
    assert len(encodings) == 14
    for data in encodings:
        with pytest.raises(MalformedError, match="low order"):
            PublicKey(kind=KeyKind.ED25519, data=data)


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", range(P, 2**255))
def test_every_key_that_is_not_canonical_is_refused(y: int, sign: int) -> None:
    """All 38 encodings with y not below 2^255 - 19: another spelling of a smaller y."""
    with pytest.raises(MalformedError, match=r"low order|not canonical"):
        PublicKey(kind=KeyKind.ED25519, data=encode(y, sign))


@given(st.integers(0, P - 1), st.integers(0, 1))
def test_no_other_key_is_refused(y: int, sign: int) -> None:
    """What is canonical and has no low order is kept, byte for byte."""
    data = encode(y, sign)
    if data not in low_order_encodings():
        assert data == PublicKey(kind=KeyKind.ED25519, data=data).data


@pytest.mark.parametrize("message", [b"Alder has halted", b"Alder has not halted"])
def test_why_low_order_keys_are_refused(message: bytes) -> None:
    """Under the key 01 00..00 the library accepts one constant signature for both sentences."""
    identity = encode(1, 0)
    Ed25519PublicKey.from_public_bytes(identity).verify(identity + bytes(32), message)
    with pytest.raises(MalformedError):
        PublicKey(kind=KeyKind.ED25519, data=identity)


@pytest.mark.parametrize(("kind", "wanted"), [(KeyKind.ED25519, 32), (KeyKind.ML_DSA_44, 1312)])
@pytest.mark.parametrize("off", [-1, 1])
def test_a_key_of_the_wrong_length_is_refused(kind: KeyKind, wanted: int, off: int) -> None:
    """One byte less or more."""
    with pytest.raises(MalformedError, match=f"has {wanted + off} bytes, want {wanted}"):
        PublicKey(kind=kind, data=b"\x07" * (wanted + off))


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_signature_holds_for_its_message_and_key_alone(kind: KeyKind) -> None:
    """Another message, another key, one flipped bit anywhere, another length: refused."""
    key = SigningKey(kind, SEED)
    signature = key.sign(b"halted")
    verify_signature(key.public, message=b"halted", signature=signature)
    bent = [signature[:-1], signature + b"\0", b"", bytes(len(signature))]
    for place in range(0, len(signature), 1 if kind is KeyKind.ED25519 else 101):
        bent.append(signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :])
    for other in bent:
        with pytest.raises(SignatureError, match=r"does not verify|bytes, want"):
            verify_signature(key.public, message=b"halted", signature=other)
    with pytest.raises(SignatureError, match="does not verify under"):
        verify_signature(key.public, message=b"halted.", signature=signature)
    with pytest.raises(SignatureError):
        verify_signature(generate_key(kind).public, message=b"halted", signature=signature)


def test_signatures_are_those_of_rfc_8032() -> None:
    """Test 2 of its section 7.1: key, signature and check."""
    key = SigningKey(KeyKind.ED25519, RFC_SEED)
    assert key.public == PublicKey(kind=KeyKind.ED25519, data=RFC_PUBLIC)
    assert RFC_SIGNATURE.hex() == key.sign(b"\x72").hex()
    verify_signature(key.public, message=b"\x72", signature=RFC_SIGNATURE)


def test_an_unreduced_s_is_a_second_signature_and_refused() -> None:
    """S + L satisfies the equation; accepting it would give every signature a twin."""
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(RFC_SIGNATURE[32:], "little")
    twin = RFC_SIGNATURE[:32] + (s + order).to_bytes(32, "little")
    with pytest.raises(SignatureError):
        verify_signature(PublicKey(kind=KeyKind.ED25519, data=RFC_PUBLIC), message=b"\x72", signature=twin)


def test_a_key_that_is_no_point_verifies_nothing() -> None:
    """The encoding of y = 2 is not on the curve; such a key can be held, and nothing can be signed with it."""
    key = PublicKey(kind=KeyKind.ED25519, data=encode(2, 0))
    with pytest.raises(SignatureError):
        verify_signature(key, message=b"", signature=encode(1, 0) + bytes(32))


@pytest.mark.parametrize("kind", list(KeyKind))
def test_private_keys_round_trip_and_are_new_each_time(kind: KeyKind) -> None:
    """The file gives the same key back; two generated keys differ."""
    key = generate_key(kind)
    text = format_private_key(key)
    again = parse_private_key(text)
    assert text == format_private_key(again)
    assert key.public == again.public
    verify_signature(key.public, message=b"m", signature=again.sign(b"m"))
    assert text != format_private_key(generate_key(kind))


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_private_key_file_is_one_line(kind: KeyKind) -> None:
    """Prefix with version, kind, seed in base64, newline; nothing else."""
    expected = f"allstop-private-key/v1 {kind.value} {format_base64(SEED)}\n".encode()
    assert expected == format_private_key(SigningKey(kind, SEED))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n", b""),
        (b"\n", b"\r\n"),
        (b"\n", b"\n\n"),
        (b"v1", b"v2"),
        (b"ed25519", b"Ed25519"),
        (b"ed25519", b"ml-dsa-65"),
        (b" ", b"  "),
        (b"=\n", b"\n"),
        (b"=\n", b"==\n"),
        (b"8=\n", b"9=\n"),
        (b"AAEC", b"AA-C"),
        (b"AAEC", b""),
        (b"allstop", b"\xffllstop"),
    ],
)
def test_a_malformed_private_key_file_is_refused_without_showing_it(old: bytes, new: bytes) -> None:
    """The error, and all that it chains to, holds none of the seed."""
    data = format_private_key(SigningKey(KeyKind.ED25519, SEED))
    assert old in data
    with pytest.raises(MalformedError, match="private key file") as caught:
        parse_private_key(data.replace(old, new))
    assert caught.value.__context__ is None
    shown = "".join(traceback.format_exception(caught.value))
    assert format_base64(SEED)[4:20] not in shown


def test_a_seed_of_the_wrong_length_is_refused() -> None:
    """31 and 33 bytes."""
    for length in (31, 33):
        with pytest.raises(MalformedError, match=f"seed has {length} bytes, want 32"):
            SigningKey(KeyKind.ED25519, bytes(length))


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_private_key_never_shows(kind: KeyKind) -> None:
    """Neither its repr nor its text holds the seed, and it cannot be copied or pickled by accident."""
    key = SigningKey(kind, SEED)
    for text in (repr(key), str(key), f"{key}", repr([key]), repr(vars(type(key)))):
        assert SEED.hex() not in text
        assert format_base64(SEED) not in text
    assert kind.value in repr(key)
    leaks: tuple[Callable[[object], object], ...] = (
        copy.copy,
        copy.deepcopy,
        lambda it: it.__reduce_ex__(5),
    )
    for leak in leaks:
        with pytest.raises(TypeError, match="private key"):
            leak(key)


def test_signers_are_counted_by_key_bytes() -> None:
    """The same key given twice, under whatever id, is one signer (finding-F2, dsse-D3)."""
    one, two = SigningKey(KeyKind.ED25519, SEED).public, SigningKey(KeyKind.ML_DSA_44, SEED).public
    again = PublicKey(kind=one.kind, data=bytes(bytearray(one.data)))
    assert count_distinct_keys([]) == 0
    assert count_distinct_keys([one, again, one]) == 1
    assert count_distinct_keys([one, two, again]) == 2


def test_a_key_hint_is_the_hash_of_the_key() -> None:
    """SHA-256 of nothing but the raw bytes; computed here with another tool."""
    expected = "39f713d0a644253f04529421b9f51b9b08979d08295959c4f3990ee617f5139f"
    assert expected == key_hint(PublicKey(kind=KeyKind.ED25519, data=RFC_PUBLIC))
