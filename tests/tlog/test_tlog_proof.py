"""`.tlog-proof` files as text: P1. That they prove anything is tested with the policy, in tests/witness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import format_base64
from allstop.errors import LimitError, MalformedError
from allstop.tlog import (
    PROOF_HASHES_MAX,
    Hash,
    TlogProof,
    format_tlog_proof,
    leaf_hash,
    parse_tlog_proof,
    prove_inclusion,
)
from support_log import signed, tree_of

TREE = tree_of(13)
HASHES = prove_inclusion(index=7, size=13, hash_at=TREE.hash_at)
PROOF = TlogProof(index=7, hashes=HASHES, note=signed(TREE))
DATA = format_tlog_proof(PROOF)


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=PROOF_HASHES_MAX),
    st.none() | st.binary(max_size=50),
)
def test_proof_P1_the_file_parses_back(index: int, hashes: list[bytes], extra: bytes | None) -> None:
    """Property: format and parse are each other's inverse, with and without an extra line."""
    proof = TlogProof(index=index, hashes=tuple(map(Hash, hashes)), note=b"note\n", unverified_extra=extra)
    assert proof == parse_tlog_proof(format_tlog_proof(proof))


def test_proof_P1_the_lines_are_those_of_the_text() -> None:
    """First line, index, hashes, blank line, checkpoint verbatim; no extra line unless one is given."""
    lines = ["c2sp.org/tlog-proof@v1", "index 7", *map(format_base64, HASHES), "", ""]
    assert "\n".join(lines).encode() + signed(TREE) == DATA


@pytest.mark.parametrize(
    "data",
    [
        b"", DATA.replace(b"\n\n", b"\n"), DATA.replace(b"@v1", b"@v2"), b"\n" + DATA, DATA.replace(b"index 7", b"index 07"),
        DATA.replace(b"index 7", b"index -7"), DATA.replace(b"index 7", b"index"), DATA.replace(b"index 7\n", b""),
        DATA.replace(b"index 7", b"index 9223372036854775808"), DATA.replace(b"index", b"extra QR==\nindex"),
        DATA.replace(b"index", b"extra\nindex"), DATA.replace(b"index", b"extra AAAA\nextra AAAA\nindex"),
        DATA.replace(b"index 7", b"index 7\nAAAA"), DATA.replace(b"index 7", b"index 7\n "), "é".encode() + DATA,
        DATA.replace(b"index 7", b"index 7\nextra AAAA"), DATA.replace(b"\n", b"\r\n"),
        b"c2sp.org/tlog-proof@v1\n\n", b"c2sp.org/tlog-proof@v1\nextra AAAA\n\n",
    ],
)  # fmt: skip
def test_proof_P1_other_files_are_refused(data: bytes) -> None:
    """Another version, order, spelling, alphabet or encoding."""
    with pytest.raises(MalformedError):
        parse_tlog_proof(data)


def test_proof_P1_sizes_are_capped() -> None:
    """At most 63 hashes, 64 KiB of extra, and a bounded file."""
    line = format_base64(leaf_hash(b"")).encode() + b"\n"
    with pytest.raises(MalformedError, match="64 hashes, want at most 63"):
        parse_tlog_proof(DATA.replace(b"index 7\n", b"index 7\n" + line * (64 - len(HASHES))))
    with pytest.raises(MalformedError, match="64 hashes, want at most 63"):
        TlogProof(index=7, hashes=HASHES[:1] * 64, note=b"")
    with pytest.raises(MalformedError, match="extra line of more than"):
        TlogProof(index=7, hashes=HASHES, note=b"", unverified_extra=bytes(65_537))
    with pytest.raises(MalformedError, match="proof index is -1"):
        TlogProof(index=-1, hashes=HASHES, note=b"")
    with pytest.raises(LimitError, match="proof file has"):
        parse_tlog_proof(b"x" * 300_000)
