"""Split views: whatever pair of histories a log signs, the evidence convicts it, and honest pairs make none."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from allstop.canon import format_json, parse_json
from allstop.errors import (
    LimitError,
    MalformedError,
    ProofError,
    SignatureError,
    SplitViewError,
    VerificationError,
)
from allstop.keys import NoteKey, NoteKeyType
from allstop.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    Hash,
    HashTree,
    leaf_hash,
    leaf_hashes,
    sign_checkpoint,
    tile_hash_reader,
)
from allstop.witness import (
    Policy,
    PolicyLog,
    find_split_view,
    format_split_view,
    parse_split_view,
    verify_no_split_view,
    verify_split_view,
)
from source_tree import ROOT
from support_log import (
    AT,
    ML_DSA_44,
    ORIGIN,
    bend_each_hash,
    files_of,
    key_of,
    log_key,
    policy_of,
    reader_of,
    signed,
    tree_of,
)

POLICY = policy_of("alder")
TREE = tree_of(12)


def fork_of(place: int, size: int = 12) -> HashTree:
    """Return another history: the shared entries with the one at `place` replaced."""
    leaves = leaf_hashes([b"entry %d " % index * (index % 7) for index in range(size)])
    return HashTree([*leaves[:place], leaf_hash(b"forked"), *leaves[place + 1 :]])


FORK = fork_of(3)
EVIDENCE = format_split_view(signed(TREE), signed(FORK))


@pytest.mark.parametrize("place", range(12))
def test_every_fork_is_found_exactly_where_the_smaller_tree_covers_it(place: int) -> None:
    """For every pair of sizes: evidence if the fork lies within the smaller tree, else none."""
    fork = fork_of(place)
    for small in range(1, 13):
        for large in range(small, 13):
            a, b = signed(TREE, small), signed(fork, large)
            for first, second in ((a, b), (b, a)):
                found = find_split_view(
                    first, second, POLICY, hash_at=fork.hash_at if large > small else None
                )
                if place >= small:
                    assert found is None
                else:
                    assert found is not None
                    verify_split_view(found, POLICY)


def test_evidence_parses_back_and_fits_its_schema() -> None:
    """One spelling, and the JSON Schema takes what the codec makes."""
    schema = json.loads((ROOT / "spec" / "schemas" / "split-view.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    two_sizes = find_split_view(signed(TREE, 5), signed(FORK), POLICY, hash_at=FORK.hash_at)
    assert two_sizes is not None
    for evidence in (EVIDENCE, two_sizes):
        Draft202012Validator(schema).validate(json.loads(evidence))
        view = parse_split_view(evidence)
        assert evidence == format_split_view(
            view.first, view.second, prefix_root=view.prefix_root, proof=view.proof
        )


def test_the_error_carries_the_evidence() -> None:
    """It outlives the server: what was raised verifies from its bytes alone."""
    with pytest.raises(SplitViewError, match="cannot both hold") as caught:
        verify_no_split_view(signed(TREE), signed(FORK), POLICY)
    verify_split_view(caught.value.evidence, POLICY)
    verify_no_split_view(signed(TREE), signed(TREE), POLICY)
    verify_no_split_view(signed(TREE, 5), signed(TREE), POLICY, hash_at=TREE.hash_at)


def test_the_hashes_may_come_from_tiles() -> None:
    """A reader of the larger log shows that an older checkpoint was another tree's."""
    entries = [b"entry %d" % index for index in range(300)]
    tree = HashTree(leaf_hashes(entries))
    hash_at = tile_hash_reader(300, reader_of(files_of(entries)))
    assert find_split_view(signed(tree, 257), signed(tree), POLICY, hash_at=hash_at) is None
    evidence = find_split_view(signed(TREE), signed(tree), POLICY, hash_at=hash_at)
    assert evidence is not None
    verify_split_view(evidence, POLICY)


def test_an_honest_log_cannot_be_convicted() -> None:
    """Two notes that can both hold, with their true proof, are no evidence; nor is a bent proof."""
    tree = TREE
    for small in range(1, 12):
        a, b = signed(tree, small), signed(tree)
        assert find_split_view(a, b, POLICY, hash_at=tree.hash_at) is None
        from_fork = find_split_view(a, signed(FORK), POLICY, hash_at=FORK.hash_at)
        view = parse_split_view(from_fork or EVIDENCE)
        for prefix_root in (view.prefix_root, tree.root(small), leaf_hash(b"")):
            forged = format_split_view(a, b, prefix_root=prefix_root, proof=view.proof)
            with pytest.raises(ProofError):
                verify_split_view(forged, POLICY)
    with pytest.raises(ProofError, match="can both hold"):
        verify_split_view(format_split_view(signed(TREE), signed(TREE)), POLICY)


def test_evidence_needs_the_logs_own_signature() -> None:
    """A stranger's key, another log's, or a log the policy does not know convicts nobody."""
    for bad in (signed(FORK, label="another"), signed(FORK).replace(ORIGIN.encode(), b"other.example/log")):
        for evidence in (format_split_view(signed(TREE), bad), format_split_view(bad, signed(TREE))):
            with pytest.raises(SignatureError):
                verify_split_view(evidence, POLICY)
        with pytest.raises(SignatureError):
            find_split_view(signed(TREE), bad, POLICY)


def test_two_logs_are_no_split_view() -> None:
    """Two logs of one policy may well have two trees."""
    other = "other.example/log"
    policy = Policy(
        logs=(PolicyLog(key=log_key()), PolicyLog(key=log_key("other", other))),
        witnesses=POLICY.witnesses,
        groups=(),
        quorum="alder",
    )
    note = sign_checkpoint(Checkpoint(origin=other, size=12, root=FORK.root()), [key_of("other")], at=AT)
    with pytest.raises(ProofError, match="two logs"):
        find_split_view(signed(TREE), note, policy)
    with pytest.raises(ProofError, match="two logs"):
        verify_split_view(format_split_view(signed(TREE), note), policy)


def test_a_log_convicts_itself_with_either_kind_of_key() -> None:
    """Heads signed with ML-DSA-44 alone count as well, if the policy lists that key."""
    key = key_of("log", ML_DSA_44)
    policy = Policy(
        logs=(PolicyLog(key=NoteKey(name=ORIGIN, type=NoteKeyType.MLDSA44, key=key.public)),),
        witnesses=POLICY.witnesses,
        groups=(),
        quorum="alder",
    )
    a, b = (
        sign_checkpoint(Checkpoint(origin=ORIGIN, size=12, root=tree.root()), [key], at=AT)
        for tree in (TREE, FORK)
    )
    evidence = find_split_view(a, b, policy)
    assert evidence is not None
    verify_split_view(evidence, policy)


def test_two_sizes_need_the_hashes_of_the_larger_tree() -> None:
    """Without them nothing is shown either way; with those of another tree, an error says so."""
    with pytest.raises(ProofError, match="want the larger tree's hashes"):
        find_split_view(signed(TREE, 5), signed(TREE), POLICY)
    with pytest.raises(ProofError, match="do not lead to the root"):
        find_split_view(signed(TREE, 5), signed(TREE), POLICY, hash_at=FORK.hash_at)


def test_the_empty_tree_begins_every_tree() -> None:
    """A head of size 0 conflicts with nothing, unless its root is not that of no leaves."""
    for root, why in ((EMPTY_ROOT, None), (Hash(bytes(32)), "another root than that of the empty tree")):
        empty = sign_checkpoint(Checkpoint(origin=ORIGIN, size=0, root=root), [key_of("log")], at=AT)
        if why is None:
            assert find_split_view(empty, signed(TREE), POLICY) is None
        else:
            with pytest.raises(ProofError, match=why):
                find_split_view(empty, signed(TREE), POLICY)


def test_no_bit_of_evidence_can_flip() -> None:
    """One bit in every byte: malformed, unsigned or no proof."""
    evidence = find_split_view(signed(TREE, 5), signed(FORK), POLICY, hash_at=FORK.hash_at)
    assert evidence is not None
    for place in range(len(evidence)):
        bent = bytearray(evidence)
        bent[place] ^= 1 << place % 7
        with pytest.raises(VerificationError):
            verify_split_view(bytes(bent), POLICY)
    view = parse_split_view(evidence)
    for proof in (*bend_each_hash(view.proof), view.proof[1:], (*view.proof, view.prefix_root)):
        forged = format_split_view(view.first, view.second, prefix_root=view.prefix_root, proof=tuple(proof))
        with pytest.raises(ProofError):
            verify_split_view(forged, POLICY)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "urn:allstop:split-view:v2"}, {"type": None}, {"first": None}, {"first": "x"}, {"second": 1},
        {"prefixRoot": "AAAA"}, {"prefixRoot": ""}, {"proof": "x"}, {"proof": ["AAAA"]}, {"proof": ["A" * 43 + "="] * 64},
        {"extra": "x"}, {"first": "\u00e9" * 131_073},
    ],
    ids=range(12),
)  # fmt: skip
def test_other_evidence_is_refused(change: dict[str, object]) -> None:
    """Unknown, missing and wrong fields; another type; lists and texts above their caps."""
    value = {**json.loads(EVIDENCE), **change}
    data = format_json({key: item for key, item in value.items() if item is not None})
    with pytest.raises((MalformedError, LimitError)):
        verify_split_view(data, POLICY)


def test_evidence_has_one_spelling_and_a_cap() -> None:
    """Pretty-printed evidence, other JSON, and half a megabyte more are refused."""
    for data in (json.dumps(json.loads(EVIDENCE), indent=1).encode(), b"[]", b"", b"null"):
        with pytest.raises(MalformedError):
            parse_split_view(data)
    with pytest.raises(LimitError, match="evidence has"):
        parse_split_view(b"x" * 600_000)
    assert isinstance(parse_json(EVIDENCE), dict)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 59))
def test_any_fork_is_evidence_or_not_yet_visible(a: int, b: int, place: int) -> None:
    """Property: a fork is provable exactly when both signed trees reach it."""
    small, large = sorted((a, b))
    tree, fork = tree_of(60), fork_of(place, 60)
    found = find_split_view(signed(tree, small), signed(fork, large), POLICY, hash_at=fork.hash_at)
    assert (place < small) == (found is not None)
    if found is not None:
        verify_split_view(found, POLICY)
