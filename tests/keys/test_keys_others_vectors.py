"""Signature vectors made by others: Wycheproof, CCTV and ed25519-speccheck.

CCTV's accumulated ML-DSA vectors hash deterministic signatures. The library's are hedged with fresh
randomness and cannot be compared by bytes, so Wycheproof's seeds, keys and signatures stand in for them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any  # test data of others is untyped

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from allstop.errors import MalformedError, SignatureError, VerificationError
from allstop.keys import KeyKind, PublicKey, SigningKey, verify_signature

# A case of CCTV is accepted exactly if it has none of these flags: a key of low order is refused at
# construction; a commitment R that is not canonical, or a residue of low order, fails the equation.
CCTV_REFUSING = {"low_order_A", "non_canonical_A", "non_canonical_R", "low_order_residue", "reencoded_k"}

# Cases of ed25519-speccheck: 0, 1 and 11 have keys of low order, which the library alone accepts.
SPECCHECK_ACCEPTED = [2, 3]
SPECCHECK_ACCEPTED_BY_THE_LIBRARY = [0, 1, 2, 3, 11]

# Wycheproof cases that are valid with a context. We sign and verify with the empty one only.
WITH_CONTEXT = {"non-empty context", "longest context"}


def check(kind: KeyKind, key: str, message: bytes, signature: str) -> None:
    """Build the key and verify, from hexadecimal."""
    public = PublicKey(kind=kind, data=bytes.fromhex(key))
    verify_signature(public, message=message, signature=bytes.fromhex(signature))


def is_accepted(kind: KeyKind, key: str, message: bytes, signature: str) -> bool:
    """Tell whether key and signature pass."""
    try:
        check(kind, key, message, signature)
    except VerificationError:
        return False
    return True


def library_accepts(key: str, message: bytes, signature: str) -> bool:
    """Tell whether the library alone accepts, without our refusal of keys."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), message)
    except InvalidSignature:
        return False
    return True


def wycheproof(vectors_dir: Path, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each group with each of its tests."""
    document = json.loads((vectors_dir / "wycheproof" / "testvectors_v1" / name).read_text())
    for group in document["testGroups"]:
        for case in group["tests"]:
            yield group, case


def test_wycheproof_ed25519(vectors_dir: Path) -> None:
    """Every valid signature verifies; malleated, truncated and padded ones fail as signatures."""
    count = 0
    for group, case in wycheproof(vectors_dir, "ed25519_test.json"):
        message = bytes.fromhex(case["msg"])
        if case["result"] == "valid":
            check(KeyKind.ED25519, group["publicKey"]["pk"], message, case["sig"])
        else:
            with pytest.raises(SignatureError):
                check(KeyKind.ED25519, group["publicKey"]["pk"], message, case["sig"])
        count += 1
    assert count == 151


def test_wycheproof_ml_dsa_44_verify(vectors_dir: Path) -> None:
    """Hints, norms, lengths and contexts; a signature for another context is none of ours."""
    count = 0
    for group, case in wycheproof(vectors_dir, "mldsa_44_verify_test.json"):
        accepted = is_accepted(KeyKind.ML_DSA_44, group["publicKey"], bytes.fromhex(case["msg"]), case["sig"])
        expected = case["result"] == "valid" and case["comment"] not in WITH_CONTEXT
        assert expected == accepted, case["comment"]
        count += 1
    assert count == 180


def test_wycheproof_ml_dsa_44_seeds(vectors_dir: Path) -> None:
    """A seed gives the published key; what we sign and what they signed both verify under it."""
    seen = set()
    for group, case in wycheproof(vectors_dir, "mldsa_44_sign_seed_test.json"):
        seed = bytes.fromhex(group["privateSeed"])
        if len(seed) != 32:
            with pytest.raises(MalformedError, match="private key seed"):
                SigningKey(KeyKind.ML_DSA_44, seed)
            continue
        key = SigningKey(KeyKind.ML_DSA_44, seed)
        assert group["publicKey"] == key.public.data.hex()
        seen.add(seed)
        if case["result"] != "valid" or case.get("ctx") or "msg" not in case:
            continue
        message = bytes.fromhex(case["msg"])
        verify_signature(key.public, message=message, signature=bytes.fromhex(case["sig"]))
        verify_signature(key.public, message=message, signature=key.sign(message))
    assert len(seen) > 15


def test_cctv_ed25519_the_accepted_set_is_policy(vectors_dir: Path) -> None:
    """Of 914 flagged cases the library accepts 208 and we accept 86: those that no refusing flag marks."""
    cases = json.loads((vectors_dir / "cctv-ed25519" / "ed25519" / "ed25519vectors.json").read_text())
    ours, theirs = 0, 0
    for case in cases:
        key, message, signature = case["key"], case["msg"].encode(), case["sig"]
        accepted = is_accepted(KeyKind.ED25519, key, message, signature)
        assert CCTV_REFUSING.isdisjoint(case["flags"] or ()) == accepted, case["number"]
        ours += accepted
        theirs += library_accepts(key, message, signature)
    assert (len(cases), theirs, ours) == (914, 208, 86)


def test_cctv_ed25519_every_low_order_key_is_refused_as_a_key(vectors_dir: Path) -> None:
    """And no other key is: the rest fail, if they fail, as signatures."""
    cases = json.loads((vectors_dir / "cctv-ed25519" / "ed25519" / "ed25519vectors.json").read_text())
    for case in cases:
        refused = False
        try:
            PublicKey(kind=KeyKind.ED25519, data=bytes.fromhex(case["key"]))
        except MalformedError:
            refused = True
        flags = case["flags"] or ()
        assert ("low_order_A" in flags or "non_canonical_A" in flags) == refused, case["number"]


def test_speccheck_the_accepted_set_is_policy(vectors_dir: Path) -> None:
    """Of its twelve cases two verify; the library alone would accept three more, with weak keys."""
    cases = json.loads((vectors_dir / "ed25519-speccheck" / "cases.json").read_text())
    cases = [(case["pub_key"], bytes.fromhex(case["message"]), case["signature"]) for case in cases]
    assert len(cases) == 12
    ours = [i for i, case in enumerate(cases) if is_accepted(KeyKind.ED25519, *case)]
    theirs = [i for i, case in enumerate(cases) if library_accepts(*case)]
    assert (ours, theirs) == (SPECCHECK_ACCEPTED, SPECCHECK_ACCEPTED_BY_THE_LIBRARY)
