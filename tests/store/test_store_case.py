"""From disk to case: a log with witnesses on disk gives a case that opens under its policy."""

from pathlib import Path

import pytest

from allstop.case import open_case
from allstop.errors import ConflictError, MalformedError, NotFoundError, ProofError
from allstop.ids import digest_of
from allstop.keys import NoteKey, NoteKeyType
from allstop.store import (
    BlobStore,
    DirectoryCaseFiles,
    FileWitness,
    LogFolder,
    ProveConsistency,
    init_log,
    init_witness,
    open_log,
    write_case,
)
from allstop.tlog import sign_checkpoint
from allstop.witness import UnsafeNoQuorum, add_cosignatures, format_policy, open_checkpoint, parse_policy
from support_case import START, WITNESSES, CaseBuilder, log_keys, read_keys, strong_key
from support_statement import ALDER, BIRCH, ORIGIN, key_of


class Field:
    """A log, seven witnesses and a blob store, all on disk, fed by a `CaseBuilder`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.case = CaseBuilder()
        self.blobs = BlobStore(root / "work")
        types = (NoteKeyType.ED25519, NoteKeyType.MLDSA44)
        keys = [
            NoteKey(name=ORIGIN, type=type_, key=key.public)
            for type_, key in zip(types, log_keys(), strict=True)
        ]
        init_log(root / "log", origin=ORIGIN, keys=keys)
        self.witnesses = []
        for name in WITNESSES:
            init_witness(root / name)
            own = [key_of(name), strong_key()] if name == "neutral-1" else [key_of(name)]
            witness = FileWitness(root / name, name=f"{name}.example", keys=own, clock=lambda: self.case.at)
            witness.add_log(keys)
            self.witnesses.append(witness)

    @property
    def log(self) -> LogFolder:
        """The public side of the log."""
        return LogFolder(self.root / "log" / "public")

    def cosign(self, note: bytes, prove: ProveConsistency) -> bytes:
        """Collect from every witness, and insist on the quorum."""
        signed = note
        for witness in self.witnesses:
            signed = add_cosignatures(signed, witness.cosign(note, prove), self.case.policy)
        open_checkpoint(signed, self.case.policy)
        return signed

    def batch(self, count: int) -> None:
        """Log one batch: the checkpoint statement, then `count` statements, each with a blob of its own."""
        self.case.open_batch()
        first = self.case.entries[-1]
        with open_log(self.root / "log") as log:
            for number in range(count):
                data = b"blob %d" % len(self.case.entries)
                self.blobs.put(data)
                subjects = [self.case.agreement_digest, self.case.hold(data)]
                party = (ALDER, BIRCH)[number % 2]
                log.stage([self.case.entries[self.case.say(party, "measurement", subjects=subjects)]])
            self.case.at = self.case.at.plus(60_000)
            note = log.publish(
                sign=lambda head: sign_checkpoint(head, log_keys(), at=self.case.at),
                cosign=self.cosign,
                checkpoint_statement=first,
            )
        assert note is not None
        self.case.notes.append(note)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Field:
    """Three batches, published and cosigned."""
    field = Field(tmp_path_factory.mktemp("field"))
    for count in (2, 3, 4):
        field.batch(count)
    return field


def _write(field: Field, target: Path, **keywords: object) -> None:
    arguments: dict[str, object] = {
        "policy": format_policy(field.case.policy),
        "log": field.log,
        "blobs": field.blobs,
        "agreement": field.case.agreement,
    }
    write_case(target, **(arguments | keywords))  # type: ignore[arg-type]  # a test swaps one argument


def test_a_case_from_disk_has_the_files_of_the_case_and_opens(field: Field, tmp_path: Path) -> None:
    """Byte for byte the files that the specification's own builder makes, and verified under the quorum."""
    held = write_case(
        tmp_path / "case",
        policy=b"# with a comment\n" + format_policy(field.case.policy),
        log=field.log,
        blobs=field.blobs,
        agreement=field.case.agreement,
    )
    files, wanted = DirectoryCaseFiles(tmp_path / "case"), field.case.files()
    assert files.paths() == wanted.paths()
    assert {path: files.read(path) for path in files.paths()} == wanted.files
    assert set(held) == set(field.case.blobs)
    opened = open_case(
        files,
        policy=format_policy(field.case.policy),
        agreement=field.case.agreement_digest,
        read_keys=read_keys,
    )
    assert (opened.size, opened.missing, opened.chain_faults) == (12, (), ())
    # The newest note that is in the log is that of the second batch, which the third quotes.
    assert opened.newest == START.plus(120_000)


def test_blobs_left_out_are_missing_and_the_case_still_opens(field: Field, tmp_path: Path) -> None:
    """A partial case says which blobs it does not hold; the agreement cannot be left out."""
    left_out = {digest_of(b"blob 1"), field.case.agreement_digest}
    _write(field, tmp_path / "case", leave_out=left_out)
    opened = open_case(
        DirectoryCaseFiles(tmp_path / "case"), policy=None, agreement=None, read_keys=read_keys
    )
    assert opened.missing == (digest_of(b"blob 1"),)


def test_blobs_that_no_statement_names_stay_behind(field: Field, tmp_path: Path) -> None:
    """A case holds nothing but evidence."""
    stray = field.blobs.put(b"a shopping list")
    _write(field, tmp_path / "case")
    assert not BlobStore(tmp_path / "case").has(stray)


def test_a_used_folder_is_refused_and_left_alone(field: Field, tmp_path: Path) -> None:
    """Neither a case nor anything else is overwritten; an empty folder is taken."""
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "notes").write_bytes(b"mine")
    with pytest.raises(ConflictError, match="want a new or empty folder"):
        _write(field, tmp_path / "case")
    assert [path.name for path in (tmp_path / "case").iterdir()] == ["notes"]
    (tmp_path / "case" / "notes").unlink()
    _write(field, tmp_path / "case")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConflictError):
        _write(field, tmp_path / "link")
    with pytest.raises(NotFoundError):
        _write(field, tmp_path / "no" / "such" / "case")


def test_a_broken_log_gives_no_case(field: Field, tmp_path: Path) -> None:
    """What does not verify is not handed on, not even half of it."""
    copy = tmp_path / "public"
    source = field.root / "log" / "public"
    for path in source.rglob("*"):
        if path.is_file():
            (copy / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            (copy / path.relative_to(source)).write_bytes(path.read_bytes())
    (copy / "tile" / "entries" / "000.p" / "12").unlink()
    with pytest.raises(ProofError, match=r"tile/entries/000\.p/12 is missing"):
        _write(field, tmp_path / "case", log=LogFolder(copy))
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_a_policy_without_quorum_is_written_only_on_purpose(field: Field, tmp_path: Path) -> None:
    """The dangerous policy has to be asked for by name."""
    policy = format_policy(
        parse_policy(
            format_policy(field.case.policy).replace(b"quorum everyone\n", b"quorum none\n"),
            allow_no_quorum=UnsafeNoQuorum(),
        )
    )
    with pytest.raises(MalformedError, match="quorum none"):
        _write(field, tmp_path / "case", policy=policy)
    _write(field, tmp_path / "case", policy=policy, allow_no_quorum=UnsafeNoQuorum())
    assert (tmp_path / "case" / "policy").read_bytes() == policy


def test_entries_that_are_no_statements_name_no_blobs(tmp_path: Path) -> None:
    """Writing does not judge entries; opening does."""
    field = Field(tmp_path)
    field.batch(1)
    with open_log(tmp_path / "log") as log:
        log.stage([b"no statement"])
        log.publish(
            sign=lambda head: sign_checkpoint(head, log_keys(), at=field.case.at),
            cosign=field.cosign,
            checkpoint_statement=None,
        )
    _write(field, tmp_path / "case")
    with pytest.raises(MalformedError, match="entry 2"):
        open_case(DirectoryCaseFiles(tmp_path / "case"), policy=None, agreement=None, read_keys=read_keys)
