"""RFC 6962 section 2.1, word for word and as slow as it is short: the oracle for the fast code."""

import hashlib

Hashes = list[bytes]


def largest_power_of_two_below(n: int) -> int:
    """Return k, "the largest power of two smaller than n (i.e., k < n <= 2k)"."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def ref_root(leaves: Hashes) -> bytes:
    """MTH({}) = SHA-256(); MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])); leaves come hashed."""
    n = len(leaves)
    if n == 0:
        return hashlib.sha256().digest()
    if n == 1:
        return leaves[0]
    k = largest_power_of_two_below(n)
    return hashlib.sha256(b"\x01" + ref_root(leaves[:k]) + ref_root(leaves[k:])).digest()


def ref_path(m: int, leaves: Hashes) -> Hashes:
    """PATH(m, D[n]) of section 2.1.1."""
    n = len(leaves)
    if n == 1:
        return []
    k = largest_power_of_two_below(n)
    if m < k:
        return [*ref_path(m, leaves[:k]), ref_root(leaves[k:])]
    return [*ref_path(m - k, leaves[k:]), ref_root(leaves[:k])]


def ref_proof(m: int, leaves: Hashes) -> Hashes:
    """PROOF(m, D[n]) = SUBPROOF(m, D[n], true) of section 2.1.2."""
    return _ref_subproof(m, leaves, True)


def _ref_subproof(m: int, leaves: Hashes, is_whole: bool) -> Hashes:
    n = len(leaves)
    if m == n:
        return [] if is_whole else [ref_root(leaves)]
    k = largest_power_of_two_below(n)
    if m <= k:
        return [*_ref_subproof(m, leaves[:k], is_whole), ref_root(leaves[k:])]
    return [*_ref_subproof(m - k, leaves[k:], False), ref_root(leaves[:k])]
