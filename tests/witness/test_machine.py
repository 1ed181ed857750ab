"""The witness: W1 to W6 of tlog-witness v1.0.0, and that it never cosigns two trees."""

import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from allstop.errors import LimitError, MalformedError
from allstop.keys import NoteKey, NoteKeyType
from allstop.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    Hash,
    HashTree,
    NoteSignature,
    NoteSigner,
    format_checkpoint,
    format_signature_lines,
    leaf_hash,
    open_note,
    parse_note,
    prove_consistency,
    sign_checkpoint,
    sign_note,
)
from allstop.witness import (
    CHECKS,
    AddCheckpoint,
    Answer,
    LogRecord,
    Status,
    answer,
    format_add_checkpoint,
    monitoring_path,
    open_checkpoint,
    parse_add_checkpoint,
    step,
    verify_split_view,
)
from source_tree import ROOT
from support_log import (
    AT,
    ED25519,
    ML_DSA_44,
    ORIGIN,
    key_of,
    log_key,
    policy_of,
    signed,
    tree_of,
    witness_key,
)

TREE = tree_of(20)
OTHER = HashTree([leaf_hash(b"another history %d" % index) for index in range(20)])
FRESH = LogRecord(origin=ORIGIN, keys=(log_key(),))
AT_13 = replace(FRESH, size=13, root=TREE.root(13), note=signed(TREE, 13))
HASH = leaf_hash(b"alder")


def request(
    old_size: int,
    size: int,
    *,
    tree: HashTree = TREE,
    proof: tuple[Hash, ...] | None = None,
    label: str = "log",
) -> AddCheckpoint:
    """Return a parsed request, with the honest proof unless another is given."""
    if proof is None:
        honest = 0 < old_size < size
        proof = prove_consistency(old_size=old_size, size=size, hash_at=tree.hash_at) if honest else ()
    note = signed(tree, size, label=label)
    return parse_add_checkpoint(format_add_checkpoint(old_size=old_size, proof=proof, note=note))


def answer_of(record: LogRecord | None, asked: AddCheckpoint) -> Answer:
    """Return what the witness alder answers, with both of its keys."""
    keys = [key_of("witness alder"), key_of("witness alder", ML_DSA_44)]
    return answer(step(record, asked), keys, name="alder.example", at=AT)


def test_witness_W1_a_request_parses_and_formats_back() -> None:
    """Old size, hashes, blank line, checkpoint."""
    note = signed(TREE, 13)
    for proof in ((), (HASH,), (HASH,) * 63):
        data = format_add_checkpoint(old_size=7, proof=proof, note=note)
        parsed = parse_add_checkpoint(data)
        assert (7, proof, note, 13) == (parsed.old_size, parsed.proof, parsed.note, parsed.checkpoint.size)


GOOD = format_add_checkpoint(old_size=7, proof=(HASH,), note=signed(TREE, 13))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"old 7", GOOD.replace(b"\n\n", b"\n"), b"\n" + GOOD, GOOD[:-1], GOOD.replace(b"old 7", b"old 07"),
        GOOD.replace(b"old 7", b"old -7"), GOOD.replace(b"old 7", b"old"), GOOD.replace(b"old 7", b"old  7"),
        GOOD.replace(b"old 7", b"Old 7"), GOOD.replace(b"old 7", b"size 7"), GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"old 7\n", b"old 7\nAAAA\n"), GOOD.replace(b"old 7\n", "old 7\né\n".encode()),
        GOOD.replace(b"old 7\n", b"old 7\n\n"), GOOD + b"\n", GOOD.replace(b"\n13\n", b"\n13\nextension\n"),
    ],
    ids=range(17),
)  # fmt: skip
def test_witness_W1_other_requests_are_refused(data: bytes) -> None:
    """Every line ends in a newline; no other spelling, order or checkpoint."""
    with pytest.raises(MalformedError):
        parse_add_checkpoint(data)


def test_witness_W1_at_most_63_hashes() -> None:
    """More are refused in parsing and in formatting; so is a request that is too long."""
    with pytest.raises(MalformedError, match="64 hashes"):
        format_add_checkpoint(old_size=7, proof=(HASH,) * 64, note=b"")
    line = GOOD.split(b"\n")[1] + b"\n"
    with pytest.raises(MalformedError, match="64 hashes"):
        parse_add_checkpoint(GOOD.replace(line, line * 64))
    with pytest.raises(LimitError, match="request has"):
        parse_add_checkpoint(b"old 7\n" * 40_000)


def test_witness_W2_an_unknown_origin_is_404() -> None:
    """No record, or a record of another log."""
    other = replace(FRESH, origin="other.example/log")
    assert [step(record, request(0, 13)).status for record in (None, other)] == [Status.NOT_FOUND] * 2
    assert answer_of(None, request(0, 13)).body == b"unknown log\n"


def test_witness_W2_no_trusted_signature_is_403() -> None:
    """Another key's signature, or a bad one under the known name and id."""
    assert Status.FORBIDDEN is step(FRESH, request(0, 13, label="another")).status
    line = NoteSignature(name=ORIGIN, key_id=log_key().id, signature=bytes(64))
    text = parse_note(signed(TREE, 13)).text
    for note in (
        text + b"\n" + format_signature_lines([line]),
        signed(TREE, 13) + format_signature_lines([line]),
    ):
        asked = parse_add_checkpoint(format_add_checkpoint(old_size=0, proof=(), note=note))
        assert Status.FORBIDDEN is step(FRESH, asked).status


def test_witness_W2_any_trusted_key_of_the_log_will_do() -> None:
    """A log known by its ML-DSA-44 key alone is served."""
    key = NoteKey(name=ORIGIN, type=NoteKeyType.MLDSA44, key=key_of("log", ML_DSA_44).public)
    checkpoint = Checkpoint(origin=ORIGIN, size=13, root=TREE.root(13))
    note = sign_checkpoint(checkpoint, [key_of("log", ML_DSA_44)], at=AT)
    asked = parse_add_checkpoint(format_add_checkpoint(old_size=0, proof=(), note=note))
    assert Status.OK is step(replace(FRESH, keys=(key,)), asked).status


def test_witness_W2_an_old_size_above_the_checkpoint_is_400() -> None:
    """Even if it is the recorded size."""
    assert Status.BAD_REQUEST is step(AT_13, request(13, 12)).status
    assert Status.BAD_REQUEST is step(FRESH, request(14, 13)).status


def test_witness_W2_another_old_size_is_409_with_the_recorded_one() -> None:
    """Body and content type are those that a client reads the size from."""
    for old_size in (0, 12, 14):
        given = answer_of(AT_13, request(old_size, 20))
        assert (given.status, given.content_type, given.body) == (
            Status.CONFLICT,
            "text/x.tlog.size",
            b"13\n",
        )
    assert answer_of(FRESH, request(5, 20)).body == b"0\n"


def test_witness_W2_what_does_not_hold_together_is_422() -> None:
    """A proof from nothing, a bad proof, a second root, a false empty tree."""
    empty = sign_checkpoint(Checkpoint(origin=ORIGIN, size=0, root=HASH), [key_of("log")], at=AT)
    false_empty = parse_add_checkpoint(format_add_checkpoint(old_size=0, proof=(), note=empty))
    honest = prove_consistency(old_size=13, size=20, hash_at=TREE.hash_at)
    cases = [
        (FRESH, request(0, 13, proof=(HASH,)), "proof given with old size 0"),
        (FRESH, false_empty, "empty tree with another root"),
        (AT_13, request(13, 13, tree=OTHER), "same size with another root"),
        (AT_13, request(13, 13, proof=(HASH,)), "consistency proof does not verify"),
        (AT_13, request(13, 20, tree=OTHER), "consistency proof does not verify"),
        (AT_13, request(13, 20, proof=()), "consistency proof does not verify"),
        (AT_13, request(13, 20, proof=(*honest[:-1], HASH)), "consistency proof does not verify"),
    ]
    for record, asked, text in cases:
        decision = step(record, asked)
        assert (Status.UNPROCESSABLE, text) == (decision.status, decision.text)
        assert record == decision.record


def test_witness_W2_the_checks_come_in_the_order_of_the_text() -> None:
    """A request that is wrong in every way gets the first answer; each repair moves it one row on."""
    statuses = [check.status.value for check in CHECKS]
    assert statuses == [403, 403, 400, 409, 422, 422, 422, 422]
    blocked = replace(AT_13, is_blocked=True)
    assert Status.NOT_FOUND is step(None, request(14, 12, label="another")).status
    assert step(blocked, request(14, 12, label="another")).text == "log is blocked"
    assert Status.FORBIDDEN is step(AT_13, request(14, 12, label="another")).status
    assert Status.BAD_REQUEST is step(AT_13, request(14, 12)).status
    assert Status.CONFLICT is step(AT_13, request(0, 12, proof=(HASH,))).status
    assert Status.UNPROCESSABLE is step(AT_13, request(13, 13, tree=OTHER)).status
    assert Status.OK is step(AT_13, request(13, 13)).status


def test_the_table_in_the_spec_is_the_table_in_code() -> None:
    """spec/witness.md prints the same rows in the same order."""
    page = (ROOT / "spec" / "witness.md").read_text()
    rows = re.findall(r"^\| (\d{3}) \| ([^|]+) \|", page, re.MULTILINE)
    expected = [(str(check.status.value), check.text) for check in CHECKS]
    assert [("404", "unknown log"), *expected, ("200", "cosigned")] == rows


def test_witness_W3_the_decision_holds_the_record_and_no_signature() -> None:
    """What decides has no key, so nothing can be cosigned before the record is stored."""
    decision = step(AT_13, request(13, 20))
    assert decision.record is not None
    assert (20, TREE.root(20)) == (decision.record.size, decision.record.root)
    assert signed(TREE, 20) == decision.record.note
    assert step(AT_13, request(13, 20)) == decision  # pure: asking again decides the same


def test_witness_W3_decided_on_one_record_two_requests_would_roll_back() -> None:
    """The race that the standard describes: why the caller must compare and swap."""
    larger, smaller = step(AT_13, request(13, 20)), step(AT_13, request(13, 15))
    assert larger.record is not None
    assert smaller.status is Status.OK  # on the stale record
    assert Status.CONFLICT is step(larger.record, request(13, 15)).status  # on the stored one


def test_witness_W4_the_body_is_only_its_own_lines_with_a_time() -> None:
    """Both kinds of key; the lines verify on the checkpoint that was sent."""
    given = answer_of(FRESH, request(0, 13))
    keys = [witness_key("alder", kind) for kind in (ED25519, ML_DSA_44)]
    verified = open_note(signed(TREE, 13) + given.body, keys).verified
    assert (Status.OK, [(key, AT) for key in keys]) == (
        given.status,
        [(item.key, item.at) for item in verified],
    )
    assert 2 == given.body.count(b"\n") == given.body.count("\u2014".encode())


def test_witness_W5_the_monitoring_path_is_a_hash_of_the_origin() -> None:
    """Hexadecimal SHA-256, which replaced percent-encoding."""
    assert f"{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint" == monitoring_path(ORIGIN)


def test_witness_W5_what_is_recorded_carries_the_logs_signature() -> None:
    """With the answer's lines it is the checkpoint to serve: the log's and its own signature."""
    decision = step(FRESH, request(0, 13))
    assert decision.record is not None
    assert decision.record.note is not None
    served = decision.record.note + answer_of(FRESH, request(0, 13)).body
    assert open_checkpoint(served, policy_of("alder")).checkpoint.size == 13


def test_a_blocked_log_is_kept_and_not_cosigned() -> None:
    """Removing a log would forget its size, and let it start over with another tree."""
    decision = step(replace(AT_13, is_blocked=True), request(13, 20))
    assert (decision.status, decision.text) == (Status.FORBIDDEN, "log is blocked")


def test_the_first_checkpoint_may_be_empty_and_may_come_twice() -> None:
    """Size 0 with the right root is cosigned; so is the same checkpoint again."""
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=0, root=EMPTY_ROOT), [key_of("log")], at=AT)
    asked = parse_add_checkpoint(format_add_checkpoint(old_size=0, proof=(), note=note))
    for _ in range(2):
        decision = step(FRESH, asked)
        assert Status.OK is decision.status
    assert Status.OK is step(decision.record, request(0, 13)).status


def test_a_second_root_yields_evidence_that_convicts_the_log() -> None:
    """The refused request and the recorded note make a proof; without a recorded note there is none."""
    decision = step(AT_13, request(13, 13, tree=OTHER))
    assert decision.evidence is not None
    verify_split_view(decision.evidence, policy_of("alder"))
    assert step(replace(AT_13, note=None), request(13, 13, tree=OTHER)).evidence is None
    assert step(AT_13, request(13, 20, tree=OTHER)).evidence is None


def test_a_stranger_cannot_make_evidence() -> None:
    """Signatures are checked before roots are compared."""
    assert step(AT_13, request(13, 13, tree=OTHER, label="another")).evidence is None


class WitnessNeverForks(RuleBasedStateMachine):
    """Property: whatever a log with two histories asks, everything cosigned is one growing history."""

    def __init__(self) -> None:
        super().__init__()
        self.record = FRESH
        self.cosigned: list[Checkpoint] = []

    @rule(
        tree=st.sampled_from([TREE, OTHER]),
        size=st.integers(0, 20),
        old_size=st.integers(0, 20) | st.none(),
        proof=st.none() | st.lists(st.sampled_from([HASH, TREE.root()]), max_size=3).map(tuple),
    )
    def ask(self, tree: HashTree, size: int, old_size: int | None, proof: tuple[Hash, ...] | None) -> None:
        """Ask with any sizes and proofs, most often from the recorded size."""
        asked = request(self.record.size if old_size is None else old_size, size, tree=tree, proof=proof)
        decision = step(self.record, asked)
        assert decision.record is not None
        if decision.status is Status.OK:
            self.cosigned.append(asked.checkpoint)
        else:
            assert decision.record == self.record
        self.record = decision.record

    @invariant()
    def one_history(self) -> None:
        """Sizes never fall, and every cosigned root is that of one and the same tree."""
        sizes = [checkpoint.size for checkpoint in self.cosigned]
        assert sorted(sizes) == sizes
        views = [all(item.root == tree.root(item.size) for item in self.cosigned) for tree in (TREE, OTHER)]
        assert any(views)


TestWitnessNeverForks = WitnessNeverForks.TestCase
TestWitnessNeverForks.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


def test_a_request_names_the_log_by_its_origin_not_by_its_signer() -> None:
    """A good signature of one log under the origin of another is no good."""
    text = format_checkpoint(Checkpoint(origin="other.example/log", size=13, root=TREE.root(13)))
    note = sign_note(text, [NoteSigner(name=ORIGIN, type=NoteKeyType.ED25519, key=key_of("log"))], at=AT)
    asked = parse_add_checkpoint(format_add_checkpoint(old_size=0, proof=(), note=note))
    assert Status.NOT_FOUND is step(FRESH, asked).status
