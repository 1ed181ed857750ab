"""Believing a checkpoint: log signature, quorum, times; and `.tlog-proof` files, P1 and P2 of tlog-proof."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.errors import MalformedError, ProofError, SignatureError, VerificationError
from allstop.keys import NoteKey, NoteKeyType
from allstop.times import Instant
from allstop.tlog import (
    Checkpoint,
    Note,
    NoteSignature,
    NoteSigner,
    TlogProof,
    format_note,
    format_signature_lines,
    format_tlog_proof,
    leaf_hash,
    parse_note,
    prove_inclusion,
    sign_checkpoint,
    sign_note,
    sign_text,
)
from allstop.witness import (
    Cosignature,
    Group,
    Policy,
    PolicyLog,
    PolicyWitness,
    add_cosignatures,
    cosign,
    open_checkpoint,
    open_tlog_proof,
)
from support_log import (
    AT,
    ED25519,
    ML_DSA_44,
    ORIGIN,
    bend_each_hash,
    cosigned,
    entries_of,
    key_of,
    log_key,
    policy_of,
    signed,
    tree_of,
    witness_key,
)

TREE = tree_of(13)
NOTE = signed(TREE)
NAMES = ("alder", "birch", "cedar")
ML_LOG = NoteKey(name=ORIGIN, type=NoteKeyType.MLDSA44, key=key_of("log", ML_DSA_44).public)


def two_of_three() -> Policy:
    """Return a policy of three witnesses, any two of which are a quorum."""
    return Policy(
        logs=(PolicyLog(key=log_key()), PolicyLog(key=ML_LOG)),
        witnesses=tuple(PolicyWitness(name=name, key=witness_key(name)) for name in NAMES),
        groups=(Group(name="g", threshold=2, members=NAMES),),
        quorum="g",
    )


def both_kinds() -> Policy:
    """Return a policy in which alder has keys of both kinds, and birch an Ed25519 key."""
    return Policy(
        logs=(PolicyLog(key=log_key()),),
        witnesses=(
            PolicyWitness(name="alder-ml", key=witness_key("alder", ML_DSA_44)),
            PolicyWitness(name="alder-ed", key=witness_key("alder")),
            PolicyWitness(name="birch", key=witness_key("birch")),
        ),
        groups=(
            Group(name="alder", threshold=1, members=("alder-ml", "alder-ed")),
            Group(name="all", threshold=2, members=("alder", "birch")),
        ),
        quorum="all",
    )


def at(seconds: int) -> Instant:
    """Return an instant some seconds after the usual one."""
    return AT.plus(seconds * 1000)


def test_a_checkpoint_with_a_quorum_opens() -> None:
    """What was signed comes out, with each witness and its time."""
    opened = open_checkpoint(cosigned(NOTE, "cedar", "alder"), two_of_three())
    assert Checkpoint(origin=ORIGIN, size=13, root=TREE.root()) == opened.checkpoint
    assert (Cosignature("alder.example", AT), Cosignature("cedar.example", AT)) == opened.cosignatures
    assert (opened.unknown_count, len(opened.note.signatures)) == (0, 3)


def test_every_proper_subset_of_a_quorum_is_refused() -> None:
    """One witness of two, none of two, and one witness twice."""
    for names in ((), ("alder",), ("birch",)):
        with pytest.raises(SignatureError, match="'g' is not met"):
            open_checkpoint(cosigned(NOTE, *names), two_of_three())
    with pytest.raises(MalformedError, match="two lines by one key"):
        open_checkpoint(cosigned(NOTE, "alder", "alder"), two_of_three())


def test_the_log_must_have_signed_with_ed25519() -> None:
    """An ML-DSA-44 line alone is not enough, nor witnesses without the log, nor another log's key."""
    checkpoint = Checkpoint(origin=ORIGIN, size=13, root=TREE.root())
    ml_only = sign_checkpoint(checkpoint, [key_of("log", ML_DSA_44)], at=AT)
    no_log = cosigned(NOTE, "alder", "birch").replace(
        format_signature_lines(parse_note(NOTE).signatures), b""
    )
    other = signed(TREE, label="another")
    for note in (cosigned(ml_only, "alder", "birch"), no_log, cosigned(other, "alder", "birch")):
        with pytest.raises(SignatureError, match="no Ed25519 signature by its log"):
            open_checkpoint(note, two_of_three())
    both = sign_checkpoint(checkpoint, [key_of("log"), key_of("log", ML_DSA_44)], at=AT)
    assert open_checkpoint(cosigned(both, "alder", "birch"), two_of_three()).unknown_count == 0


def test_a_log_that_the_policy_does_not_know_is_refused() -> None:
    """Even with the right key: the key belongs to its origin."""
    checkpoint = Checkpoint(origin="other.example/log", size=13, root=TREE.root())
    note = sign_checkpoint(checkpoint, [key_of("log")], at=AT)
    with pytest.raises(SignatureError, match="no log with origin"):
        open_checkpoint(cosigned(note, "alder", "birch"), two_of_three())


def test_unknown_lines_are_counted_and_do_nothing() -> None:
    """A case may refuse them; a witness network adds them freely."""
    opened = open_checkpoint(cosigned(NOTE, "alder", "birch", "elm", "dogwood"), two_of_three())
    assert opened.unknown_count == 2
    assert len(opened.cosignatures) == 2


def test_a_bad_line_by_any_known_key_spoils_the_note() -> None:
    """Even if the others make up the quorum."""
    good = cosigned(NOTE, "alder", "birch")
    bad = NoteSignature(name="cedar.example", key_id=witness_key("cedar").id, signature=bytes(72))
    with pytest.raises(SignatureError, match=r"cedar\.example"):
        open_checkpoint(good + format_signature_lines([bad]), two_of_three())


def test_a_cosignature_does_not_move_to_another_checkpoint() -> None:
    """The lines of one note do not verify under another size or root."""
    lines = parse_note(cosigned(NOTE, "alder", "birch")).signatures[1:]
    with pytest.raises(SignatureError, match=r"alder\.example"):
        open_checkpoint(signed(tree_of(14)) + format_signature_lines(lines), two_of_three())


def test_witness_W4_a_witness_of_the_policy_must_state_a_time() -> None:
    """Time 0 means "no statement about the newest tree"; it is no use to a reader."""
    key = key_of("witness alder", ML_DSA_44)
    with pytest.raises(MalformedError, match="at least one second"):
        cosign(NOTE, key=key, name="alder.example", at=Instant(999))
    signer = NoteSigner(name="alder.example", type=NoteKeyType.MLDSA44, key=key)
    line = sign_text(parse_note(NOTE).text, signer, at=Instant(999))
    with pytest.raises(SignatureError, match="has no time"):
        open_checkpoint(cosigned(NOTE, "birch") + format_signature_lines([line]), both_kinds())


@pytest.mark.parametrize("count", [1, 2, 3])
def test_medians_are_the_middle_times(count: int) -> None:
    """`times[n // 2]` and `times[(n - 1) // 2]`, whatever the order of the lines."""
    policy = Policy(
        logs=(PolicyLog(key=log_key()),),
        witnesses=tuple(PolicyWitness(name=name, key=witness_key(name)) for name in NAMES[:count]),
        groups=(),
        quorum="alder",
    )
    seconds = [10, 30, 20][:count]
    for order in permutations(zip(NAMES[:count], seconds, strict=True)):
        note = NOTE
        for name, second in order:
            note = cosigned(note, name, at=at(second))
        opened = open_checkpoint(note, policy)
        times = sorted(seconds)
        assert at(times[count // 2]) == opened.upper_median()
        assert at(times[(count - 1) // 2]) == opened.lower_median()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(-(10**6), 10**6))
def test_one_liar_of_three_does_not_move_a_median_past_the_honest(first: int, second: int, lie: int) -> None:
    """Property: with f of 2f + 1 lying, both medians stay within the honest times."""
    note = NOTE
    for name, seconds in zip(NAMES, (first, second, lie), strict=True):
        note = cosigned(note, name, at=at(seconds))
    opened = open_checkpoint(note, two_of_three())
    low, high = at(min(first, second)), at(max(first, second))
    assert low <= opened.lower_median() <= opened.upper_median() <= high


def test_of_two_kinds_the_ed25519_time_counts_once() -> None:
    """A note stripped to its Ed25519 lines proves the same times as the whole note."""
    ed = cosigned(cosigned(NOTE, "alder", at=at(10)), "birch", at=at(20))
    whole = cosigned(ed, "alder", kind=ML_DSA_44, at=at(30))
    for note in (ed, whole):
        opened = open_checkpoint(note, both_kinds())
        assert (("alder.example", at(10)), ("birch.example", at(20))) == opened.cosignatures
        assert (at(20), at(10)) == (opened.upper_median(), opened.lower_median())
    ml_only = cosigned(cosigned(NOTE, "alder", kind=ML_DSA_44, at=at(30)), "birch", at=at(20))
    assert at(30) == open_checkpoint(ml_only, both_kinds()).upper_median()


def test_no_bit_of_a_cosigned_checkpoint_can_flip() -> None:
    """One bit in every byte of a note whose every line the quorum needs."""
    note = cosigned(NOTE, "alder", "birch")
    for place in range(len(note)):
        bent = bytearray(note)
        bent[place] ^= 1 << place % 8
        with pytest.raises(VerificationError):
            open_checkpoint(bytes(bent), two_of_three())


def test_a_log_collects_cosignatures() -> None:
    """Lines by witnesses of the policy are added, newer for older; strangers are dropped."""
    policy = two_of_three()
    lines = b"".join(
        cosign(NOTE, key=key_of(f"witness {name}"), name=f"{name}.example", at=AT)
        for name in ("alder", "elm", "birch")
    )
    note = add_cosignatures(NOTE, lines, policy)
    assert cosigned(NOTE, "alder", "birch") == note
    later = cosign(NOTE, key=key_of("witness alder"), name="alder.example", at=at(60))
    newer = add_cosignatures(note, later, policy)
    assert at(60) == open_checkpoint(newer, policy).upper_median()
    assert len(parse_note(newer).signatures) == 3


def test_a_log_takes_no_bad_cosignature() -> None:
    """A bad line by a known witness, only strangers, or nothing: an error, and the note stays as it was."""
    policy = two_of_three()
    bad = NoteSignature(name="alder.example", key_id=witness_key("alder").id, signature=bytes(72))
    with pytest.raises(SignatureError, match=r"alder\.example"):
        add_cosignatures(NOTE, format_signature_lines([bad]), policy)
    stranger = cosign(NOTE, key=key_of("witness elm"), name="elm.example", at=AT)
    with pytest.raises(SignatureError, match="no cosignature by a witness of the policy"):
        add_cosignatures(NOTE, stranger, policy)
    with pytest.raises(MalformedError):
        add_cosignatures(NOTE, b"", policy)
    full = format_note(Note(text=parse_note(NOTE).text, signatures=parse_note(NOTE).signatures * 32))
    good = cosign(NOTE, key=key_of("witness alder"), name="alder.example", at=AT)
    with pytest.raises(MalformedError, match="33 signatures"):
        add_cosignatures(full, good, policy)


def proof_file(index: int = 7, note: bytes | None = None) -> bytes:
    """Return a `.tlog-proof` for one entry of the tree."""
    hashes = prove_inclusion(index=index, size=13, hash_at=TREE.hash_at)
    note = cosigned(NOTE, "alder") if note is None else note
    return format_tlog_proof(TlogProof(index=index, hashes=hashes, note=note))


def test_proof_P1_the_extra_line_changes_nothing() -> None:
    """It is signed by nobody: any extra opens to the same result."""
    leaf, policy = leaf_hash(entries_of(13)[7]), policy_of("alder")
    plain = open_tlog_proof(proof_file(), leaf=leaf, policy=policy)
    extra = proof_file().replace(b"index", b"extra AAAA\nindex")
    assert plain == open_tlog_proof(extra, leaf=leaf, policy=policy)


def test_proof_P2_every_entry_opens_with_its_own_proof_alone() -> None:
    """Leaf, origin and key, quorum and path must all fit."""
    policy = policy_of("alder")
    for index, entry in enumerate(entries_of(13)):
        opened = open_tlog_proof(proof_file(index), leaf=leaf_hash(entry), policy=policy)
        assert (index, 13) == (opened.index, opened.checkpoint.checkpoint.size)
        with pytest.raises(ProofError):
            open_tlog_proof(proof_file((index + 1) % 13), leaf=leaf_hash(entry), policy=policy)
    leaf = leaf_hash(entries_of(13)[7])
    with pytest.raises(SignatureError, match="not met"):
        open_tlog_proof(proof_file(note=NOTE), leaf=leaf, policy=policy)
    with pytest.raises(SignatureError, match="not met"):
        open_tlog_proof(proof_file(note=cosigned(NOTE, "birch")), leaf=leaf, policy=policy)
    proof = prove_inclusion(index=7, size=13, hash_at=TREE.hash_at)
    for bent in bend_each_hash(proof):
        file = format_tlog_proof(TlogProof(index=7, hashes=tuple(bent), note=cosigned(NOTE, "alder")))
        with pytest.raises(ProofError, match="does not lead to the root"):
            open_tlog_proof(file, leaf=leaf, policy=policy)


def test_cosign_picks_the_type_by_the_kind_of_key() -> None:
    """Ed25519 keys cosign as 0x04, ML-DSA-44 keys as 0x06, and no text but a checkpoint."""
    for kind in (ED25519, ML_DSA_44):
        line = cosign(NOTE, key=key_of("witness alder", kind), name="alder.example", at=AT)
        assert witness_key("alder", kind).id == parse_note(NOTE + line).signatures[-1].key_id
    text_signer = NoteSigner(name=ORIGIN, type=NoteKeyType.ED25519, key=key_of("log"))
    with pytest.raises(MalformedError, match="checkpoint"):
        cosign(
            sign_note(b"hello\n", [text_signer], at=AT),
            key=key_of("witness alder"),
            name="alder.example",
            at=AT,
        )
