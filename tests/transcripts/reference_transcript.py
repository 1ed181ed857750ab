"""spec/transcript.md sections 1, 3 and 4 a second time, as short as can be: the oracle for the code."""

import hashlib
import hmac
from fractions import Fraction
from math import comb

from tlog.reference import ref_path, ref_root


def sha256(*parts: bytes) -> bytes:
    """Return the SHA-256 of all parts joined."""
    return hashlib.sha256(b"".join(parts)).digest()


def u64(number: int) -> bytes:
    """Return 8 bytes, big-endian."""
    return number.to_bytes(8, "big")


def ref_salt(secret: bytes, index: int) -> bytes:
    """Section 1, *salt*."""
    return hmac.new(secret, b"allstop salt v1\n" + u64(index), hashlib.sha256).digest()


def ref_blind(salt: bytes, before: bytes, given: bytes) -> bytes:
    """Section 1, *blind*."""
    return sha256(b"allstop item blind v1\n", salt, before, given)


def ref_leaf(index: int, blind: bytes, after: bytes) -> bytes:
    """Section 1, *leaf*."""
    return sha256(b"\x00", b"allstop item v1\n", u64(index), blind, after)


def ref_nonce(beacon: bytes, transcript: str, job: str, party: str, index: int) -> bytes:
    """Section 1, *nonce*."""
    names = [bytes([len(name)]) + name.encode() for name in (transcript, job, party)]
    return sha256(b"allstop nonce v1\n", beacon, *names, u64(index))


def ref_tree(leaves: list[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """Return the root, and the path of every leaf, by the recursion of the RFC."""
    return ref_root(leaves), [ref_path(i, leaves) for i in range(len(leaves))]


def ref_seed(text: bytes, witness: str, cosignature: bytes, statement: bytes) -> bytes:
    """Section 3, *seed*; `statement` is its digest."""
    name = witness.encode()
    return sha256(b"allstop draw v1\n", sha256(text), bytes([len(name)]), name, cosignature, statement)


def ref_draw(seed: bytes, count: int, sample: int) -> list[int]:
    """Section 3, word by word."""
    if sample >= count:
        return list(range(count))
    if 2 * sample > count:
        others = ref_draw(seed, count, count - sample)
        return [i for i in range(count) if i not in others]
    drawn: list[int] = []
    number = 0
    while len(drawn) < sample:
        block = sha256(seed, u64(number // 4))
        start = 8 * (number % 4)
        word = int.from_bytes(block[start : start + 8], "big")
        if word < 2**64 - 2**64 % count and word % count not in drawn:
            drawn.append(word % count)
        number += 1
    return sorted(drawn)


def ref_miss(count: int, forged: int, sample: int) -> Fraction:
    """Section 4: of all samples, the share that holds none of the forged items."""
    return Fraction(comb(count - forged, sample), comb(count, sample))


def ref_sample_size(count: int, forged: int, miss: Fraction) -> int:
    """Section 4: the least sample, tried one after the other."""
    return next(n for n in range(count + 1) if ref_miss(count, forged, n) <= miss)


def ref_forged_high(count: int, sample: int, miss: Fraction) -> int:
    """Section 4: one less than the least number that is missed with at most this probability."""
    least = (d for d in range(1, count + 1) if ref_miss(count, d, sample) <= miss)
    return next(least, count + 1) - 1
