"""The witness on disk: it signs only what continues its memory, and remembers before it signs."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from allstop.errors import (
    AllstopError,
    ConflictError,
    MalformedError,
    NotFoundError,
    OperationalError,
    ProofError,
    SignatureError,
    SplitViewError,
)
from allstop.keys import KeyKind, NoteKey, NoteKeyType, SigningKey, generate_key
from allstop.store import FileWitness, LocalDisk, ProveConsistency, init_witness
from allstop.times import Instant
from allstop.tlog import (
    Checkpoint,
    Hash,
    HashTree,
    leaf_hashes,
    open_note,
    parse_signature_lines,
    prove_consistency,
    sign_checkpoint,
)
from allstop.witness import Status, format_add_checkpoint, parse_split_view
from support_store import ORIGIN, FaultyDisk

NAME = "witness.elm.example"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.ms = 1_795_430_000_000

    def __call__(self) -> Instant:
        """Tell the time."""
        return Instant(self.ms)


class Watched:
    """A log in memory and a witness on disk that watches it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = Clock()
        self.key = generate_key(KeyKind.ED25519)
        self.own = [generate_key(KeyKind.ED25519), generate_key(KeyKind.ML_DSA_44)]
        init_witness(directory)
        self.witness().add_log([self.note_key])

    @property
    def note_key(self) -> NoteKey:
        """The log's public key."""
        return NoteKey(name=ORIGIN, type=NoteKeyType.ED25519, key=self.key.public)

    def witness(self, disk: LocalDisk | None = None) -> FileWitness:
        """Open the witness, as after a restart."""
        return FileWitness(
            self.directory, name=NAME, keys=self.own, clock=self.clock, disk=disk or FaultyDisk()
        )

    def note(self, tree: HashTree, size: int) -> bytes:
        """Sign the checkpoint of a tree."""
        return _sign(tree, size, self.key)

    def cosign(self, tree: HashTree, size: int) -> bytes:
        """Let the witness cosign that checkpoint."""
        return self.witness().cosign(self.note(tree, size), _prover(tree, size))


def _sign(tree: HashTree, size: int, key: SigningKey) -> bytes:
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=tree.root(size))
    return sign_checkpoint(checkpoint, [key], at=Instant(1_795_430_000_000))


def _prover(tree: HashTree, size: int) -> ProveConsistency:
    def prove(old_size: int) -> tuple[Hash, ...]:
        return prove_consistency(old_size=old_size, size=size, hash_at=tree.hash_at)

    return prove


def _tree(entries: Sequence[bytes]) -> HashTree:
    return HashTree(leaf_hashes(entries))


TREE = _tree([b"alder %d" % i for i in range(20)])
FORK = _tree([b"birch %d" % i for i in range(20)])


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """A witness that has cosigned size 5."""
    watched = Watched(tmp_path / "witness")
    watched.cosign(TREE, 5)
    return watched


def test_cosignatures_of_both_kinds_carry_the_witness_time(watched: Watched) -> None:
    """The lines verify under the witness's two keys, at the time of its clock."""
    lines = watched.cosign(TREE, 8)
    types = [NoteKeyType.COSIGNATURE_ED25519, NoteKeyType.MLDSA44]
    keys = [
        NoteKey(name=NAME, type=type_, key=key.public) for type_, key in zip(types, watched.own, strict=True)
    ]
    opened = open_note(watched.note(TREE, 8) + lines, keys)
    assert [(item.key, item.at) for item in opened.verified] == [(key, watched.clock()) for key in keys]


def test_the_witness_remembers_across_restarts(watched: Watched) -> None:
    """Size, root and the log's own note are there again; the same size may be cosigned again."""
    record = watched.witness().record(ORIGIN)
    assert record is not None
    assert (record.size, record.root, record.note) == (5, TREE.root(5), watched.note(TREE, 5))
    assert len(parse_signature_lines(watched.cosign(TREE, 5))) == 2
    assert watched.witness().record("elm.example/log") is None


def test_threat_r7_asked_again_about_a_tree_it_gives_the_same_signature(tmp_path: Path) -> None:
    """A second signature on one tree would be a second draw: later, after a restart, the Ed25519 line is the same."""
    watched = Watched(tmp_path / "witness")
    first = parse_signature_lines(watched.cosign(TREE, 5))[0]
    watched.clock.ms += 5_000
    assert first == parse_signature_lines(watched.cosign(TREE, 5))[0]
    # A larger tree is signed at the new time.
    later = parse_signature_lines(watched.cosign(TREE, 6))[0]
    assert int.from_bytes(first.signature[:8], "big") + 5 == int.from_bytes(later.signature[:8], "big")


def test_threat_b1_a_second_tree_of_one_size_is_evidence(watched: Watched) -> None:
    """A split view is refused, and the proof that convicts the log is kept on disk."""
    with pytest.raises(SplitViewError) as caught:
        watched.cosign(FORK, 5)
    (kept,) = (watched.directory / "evidence").iterdir()
    assert kept.read_bytes() == caught.value.evidence
    view = parse_split_view(caught.value.evidence)
    assert {view.first, view.second} == {watched.note(TREE, 5), watched.note(FORK, 5)}
    assert json.loads(kept.read_bytes())["type"] == "urn:allstop:split-view:v1"
    with pytest.raises(SplitViewError):
        watched.cosign(FORK, 5)


def test_threat_b1_a_second_tree_of_another_size_is_refused(watched: Watched) -> None:
    """No proof leads from the remembered tree to a forked one."""
    with pytest.raises(ProofError, match="consistency proof does not verify"):
        watched.cosign(FORK, 9)
    record = watched.witness().record(ORIGIN)
    assert record is not None
    assert record.size == 5


def test_threat_b3_an_older_checkpoint_is_refused(watched: Watched) -> None:
    """A log that was rolled back gets no cosignature, and over HTTP a 409 that names the size."""
    with pytest.raises(ProofError, match="refuses size 4"):
        watched.cosign(TREE, 4)
    request = format_add_checkpoint(old_size=4, proof=(), note=watched.note(TREE, 4))
    answer = watched.witness().answer(request)
    assert (answer.status, answer.body) == (Status.CONFLICT, b"5\n")


def test_witness_w1_a_request_as_bytes_is_answered(watched: Watched) -> None:
    """The body of add-checkpoint gets the witness's lines; a body of another form raises."""
    proof = _prover(TREE, 9)(5)
    note = watched.note(TREE, 9)
    answer = watched.witness().answer(format_add_checkpoint(old_size=5, proof=proof, note=note))
    assert answer.status is Status.OK
    assert len(parse_signature_lines(answer.body)) == 2
    with pytest.raises(MalformedError):
        watched.witness().answer(b"old five\n")


def test_unknown_logs_and_keys_get_nothing(watched: Watched) -> None:
    """A log that is not watched is unknown; a known log's note must be signed by its own key."""
    stranger = generate_key(KeyKind.ED25519)
    with pytest.raises(SignatureError, match="no valid signature"):
        watched.witness().cosign(_sign(TREE, 9, stranger), _prover(TREE, 9))
    checkpoint = Checkpoint(origin="elm.example/log", size=9, root=TREE.root(9))
    note = sign_checkpoint(checkpoint, [stranger], at=watched.clock())
    with pytest.raises(NotFoundError, match="unknown log"):
        watched.witness().cosign(note, _prover(TREE, 9))


def test_threat_j1_a_clock_that_stepped_back_signs_nothing(watched: Watched) -> None:
    """One millisecond back is enough to refuse; nothing is recorded, and later the answer is given."""
    watched.clock.ms -= 1
    with pytest.raises(OperationalError, match="clock stepped back"):
        watched.cosign(TREE, 9)
    record = watched.witness().record(ORIGIN)
    assert record is not None
    assert record.size == 5
    watched.clock.ms += 1
    watched.cosign(TREE, 9)


@pytest.mark.parametrize("is_persisted", [True, False])
def test_witness_w3_no_fault_makes_it_sign_what_it_forgets(
    watched: Watched, tmp_path: Path, is_persisted: bool
) -> None:
    """Fail each step of cosigning; after a restart it never signs a tree against one that it signed."""
    trace = FaultyDisk()
    note = watched.note(TREE, 9)
    copy = _copy(watched, tmp_path / "trace")
    copy.witness(trace).cosign(note, _prover(TREE, 9))
    for number in range(len(trace.trace)):
        copy = _copy(watched, tmp_path / str(number))
        disk = FaultyDisk(fail_at=number, is_persisted=is_persisted, is_fatal=True)
        with pytest.raises(AllstopError):
            copy.witness(disk).cosign(note, _prover(TREE, 9))
        # Nothing was signed: either tree may follow, but only one of them.
        record = copy.witness().record(ORIGIN)
        assert record is not None
        assert record.size in (5, 9)
        copy.cosign(TREE, 9)
        with pytest.raises(AllstopError):
            copy.cosign(FORK, 9)


def test_witness_w3_the_record_is_durable_before_the_signature(watched: Watched, tmp_path: Path) -> None:
    """A signer that looks at the disk finds the new size there already; so does one that fails."""
    seen: list[int] = []

    class LookingKey(SigningKey):
        def sign(self, message: bytes) -> bytes:
            record = watched.witness().record(ORIGIN)
            seen.append(-1 if record is None else record.size)
            return super().sign(message)

    looking = LookingKey(KeyKind.ED25519, bytes(32))
    witness = FileWitness(watched.directory, name=NAME, keys=[looking], clock=watched.clock)
    witness.cosign(watched.note(TREE, 9), _prover(TREE, 9))
    assert seen == [9]


def test_witness_w3_a_race_between_two_requests_has_one_winner(watched: Watched) -> None:
    """While one request is decided another goes through: the first is told of the conflict, unsigned."""
    tried: list[int] = []

    def racing(prove: ProveConsistency, act: Callable[[], object]) -> ProveConsistency:
        def proof(old_size: int) -> tuple[Hash, ...]:
            tried.append(old_size)
            act()
            return prove(old_size)

        return proof

    racer = racing(_prover(TREE, 7), lambda: watched.cosign(TREE, 9))
    with pytest.raises(ConflictError, match="old size is not the recorded size"):
        watched.witness().cosign(watched.note(TREE, 7), racer)
    assert tried == [5]


def test_a_witness_is_made_once(watched: Watched) -> None:
    """A second one in the same folder would have forgotten everything."""
    with pytest.raises(ConflictError):
        init_witness(watched.directory)


def test_adding_a_log_again_forgets_nothing(watched: Watched) -> None:
    """The same keys change nothing; other keys for the same origin are refused."""
    watched.witness().add_log([watched.note_key])
    assert watched.witness().logs() == (watched.note_key,)
    record = watched.witness().record(ORIGIN)
    assert record is not None
    assert record.size == 5
    other = NoteKey(name=ORIGIN, type=NoteKeyType.ED25519, key=generate_key(KeyKind.ED25519).public)
    with pytest.raises(ConflictError, match="other keys"):
        watched.witness().add_log([other])
    second = NoteKey(name="elm.example/log", type=NoteKeyType.ED25519, key=other.key)
    with pytest.raises(MalformedError, match="2 names"):
        watched.witness().add_log([other, second])
    watched.witness().add_log([second])
    assert watched.witness().logs() == (watched.note_key, second)


def test_a_watched_log_that_the_lock_forgot_is_refused(watched: Watched, tmp_path: Path) -> None:
    """A lock restored from before the log was added cannot vouch for it."""
    init_witness(tmp_path / "fresh")
    shutil.copyfile(tmp_path / "fresh" / "lock.sqlite", watched.directory / "lock.sqlite")
    with pytest.raises(ConflictError, match="lock has no head"):
        watched.cosign(TREE, 9)


def test_a_list_of_logs_that_is_not_text_is_refused(watched: Watched) -> None:
    """The file of vkeys is parsed strictly; a missing one is no empty one."""
    path = watched.directory / "logs"
    path.write_bytes(b"\xff\n")
    with pytest.raises(MalformedError, match="UTF-8"):
        watched.witness().logs()
    path.unlink()
    with pytest.raises(NotFoundError):
        watched.witness().logs()


def _copy(watched: Watched, directory: Path) -> Watched:
    shutil.copytree(watched.directory, directory)
    copy = object.__new__(Watched)
    copy.__dict__.update(watched.__dict__)
    copy.directory = directory
    return copy
