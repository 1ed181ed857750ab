"""The log on disk: what it acknowledges, publishes, refuses, and what it leaves for readers."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from allstop.errors import (
    ConflictError,
    LimitError,
    MalformedError,
    NotFoundError,
    OperationalError,
    ProofError,
    SignatureError,
)
from allstop.keys import KeyKind, NoteKey, NoteKeyType, generate_key
from allstop.store import (
    FREE_BYTES_MIN,
    LocalDisk,
    LogFolder,
    ProveConsistency,
    init_log,
    open_log,
)
from allstop.store import _pending as pending_module
from allstop.tlog import (
    Checkpoint,
    leaf_hash,
    leaf_hashes,
    sign_checkpoint,
    tree_paths,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from support_store import AT, ORIGIN, FaultyDisk, LogWorld


@pytest.fixture
def world(tmp_path: Path) -> LogWorld:
    """A log with three entries."""
    world = LogWorld(tmp_path / "log")
    world.create([b"alder 0", b"birch 0", b"cedar 0"])
    return world


def _publish(world: LogWorld, *entries: bytes) -> bytes | None:
    with open_log(world.directory) as log:
        log.stage(entries)
        return log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=None)


def test_a_missing_partial_tile_is_named(world: LogWorld) -> None:
    """A log whose right edge is gone does not open, and says which file it misses."""
    (world.directory / "public" / "tile" / "0" / "000.p" / "3").unlink()
    with pytest.raises(ProofError, match=r"tile/0/000\.p/3 is missing"):
        open_log(world.directory)


# Staging and publishing ------------------------------------------------------------------------------


def test_entries_are_published_in_order_behind_the_checkpoint_statement(world: LogWorld) -> None:
    """The checkpoint statement is the first entry of its batch; pending entries follow as staged."""
    with open_log(world.directory) as log:
        log.stage([b"dogwood 1"])
        log.stage([b"elm 1", b"alder 1"])
        assert log.pending() == (b"dogwood 1", b"elm 1", b"alder 1")
        log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=b"checkpoint")
        assert log.pending() == ()
        assert log.size == 7
    added = world.published()[3:]
    assert added == (b"checkpoint", b"dogwood 1", b"elm 1", b"alder 1")


def test_staged_entries_survive_closing(world: LogWorld) -> None:
    """What was acknowledged is pending again after a restart, in the same order."""
    with open_log(world.directory) as log:
        log.stage([b"dogwood 1"])
        log.stage([b"elm 1"])
    with open_log(world.directory) as log:
        assert log.pending() == (b"dogwood 1", b"elm 1")
        assert log.stage([b"alder 1"]) == 1
        assert log.pending() == (b"dogwood 1", b"elm 1", b"alder 1")


def test_an_entry_is_held_once_however_often_it_is_submitted(world: LogWorld) -> None:
    """Asking again, in one call, while pending, or after publication, is acknowledged and adds nothing."""
    with open_log(world.directory) as log:
        assert log.stage([b"elm 1", b"elm 1", b"alder 0"]) == 1
        assert log.stage([b"elm 1"]) == 0
        log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=None)
        assert log.stage([b"elm 1"]) == 0
    with open_log(world.directory) as log:
        assert log.stage([b"elm 1", b"birch 0"]) == 0
    assert world.published().count(b"elm 1") == 1


def test_publishing_nothing_changes_nothing(world: LogWorld) -> None:
    """Without pending entries or a statement, nothing is signed."""
    signed = len(world.signed)
    assert _publish(world) is None
    assert len(world.signed) == signed


def test_proofs_from_the_published_files_verify(world: LogWorld) -> None:
    """Inclusion of each entry and consistency from each size are proven from files alone."""
    _publish(world, *(b"entry %d" % i for i in range(300)))
    folder = LogFolder(world.directory / "public")
    head, entries = folder.checkpoint(), folder.entries()
    for index in range(0, 303, 7):
        proof = folder.prove_inclusion(index)
        leaf = leaf_hash(entries[index])
        verify_inclusion(leaf=leaf, index=index, size=head.size, proof=proof, root=head.root)
    for old_size in range(1, 303, 7):
        proof = folder.prove_consistency(old_size=old_size, size=head.size)
        old_root = tree_root(leaf_hashes(entries[:old_size]))
        verify_consistency(old_size=old_size, old_root=old_root, size=head.size, root=head.root, proof=proof)
    assert folder.prove_consistency(old_size=0, size=head.size) == ()


def test_an_entry_too_long_is_refused_and_nothing_is_taken(world: LogWorld) -> None:
    """The length of a log entry has 16 bits; its neighbours in the call are not taken either."""
    with open_log(world.directory) as log:
        with pytest.raises(LimitError, match="longer than 65535"):
            log.stage([b"elm 1", b"x" * 65_536])
        assert log.pending() == ()
        assert log.stage([b"x" * 65_535]) == 1


def test_a_full_disk_is_refused_before_anything_is_promised(world: LogWorld) -> None:
    """Below the floor no entry is acknowledged, and the log goes on working when there is room again."""

    class FullDisk(LocalDisk):
        free = FREE_BYTES_MIN - 1

        def free_bytes(self, path: Path) -> int:
            return self.free

    disk = FullDisk()
    with world.open(disk) as log:
        with pytest.raises(LimitError, match="bytes free"):
            log.stage([b"elm 1"])
        disk.free += 1
        assert log.stage([b"elm 1"]) == 1


def test_partial_tiles_go_when_the_full_one_is_there(world: LogWorld) -> None:
    """Partial tiles of all sizes are served until their tile is full; then no newer checkpoint needs them."""
    partial = world.directory / "public" / "tile" / "entries" / "000.p"
    _publish(world, b"elm 1")
    assert sorted(path.name for path in partial.iterdir()) == ["3", "4"]
    _publish(world, *(b"entry %d" % i for i in range(252)))
    assert not partial.exists()
    assert len(world.published()) == 256


# Refusing --------------------------------------------------------------------------------------------


def test_threat_n1_a_log_is_made_once(world: LogWorld, tmp_path: Path) -> None:
    """Making it again, in a used folder, or with keys of another name, is refused."""
    with pytest.raises(ConflictError, match="is there already"):
        init_log(world.directory, origin=ORIGIN, keys=[world.note_key])
    with pytest.raises(MalformedError, match="another name"):
        init_log(tmp_path / "new", origin="elm.example/log", keys=[world.note_key])
    with pytest.raises(MalformedError, match="no Ed25519 key"):
        init_log(tmp_path / "new", origin=ORIGIN, keys=[])
    assert not (tmp_path / "new").exists()
    (tmp_path / "new.unfinished").mkdir()
    with pytest.raises(ConflictError, match="unfinished is there"):
        init_log(tmp_path / "new", origin=ORIGIN, keys=[world.note_key])


@pytest.mark.parametrize("name", ["identity", "lock.sqlite"])
def test_threat_n1_what_is_missing_is_never_made_again(world: LogWorld, name: str) -> None:
    """Without its identity or its lock a log does not open, and the file does not come back empty."""
    (world.directory / name).unlink()
    with pytest.raises(NotFoundError):
        open_log(world.directory)
    assert not (world.directory / name).exists()


def test_threat_n1_a_lock_of_another_log_is_refused(world: LogWorld, tmp_path: Path) -> None:
    """A lock that knows no head for the origin cannot vouch for it."""
    other = tmp_path / "other"
    key = NoteKey(name="elm.example/log", type=NoteKeyType.ED25519, key=generate_key(KeyKind.ED25519).public)
    init_log(other, origin="elm.example/log", keys=[key])
    shutil.copyfile(other / "lock.sqlite", world.directory / "lock.sqlite")
    with pytest.raises(ConflictError, match="lock has no head"):
        open_log(world.directory)


def test_threat_n1_a_checkpoint_by_another_key_is_refused(world: LogWorld) -> None:
    """Signing with a wrong key publishes nothing; with the right key the batch is then finished."""
    wrong = generate_key(KeyKind.ED25519)
    before = world.published()
    with open_log(world.directory) as log:
        log.stage([b"elm 1"])
        with pytest.raises(SignatureError):
            log.publish(
                sign=lambda head: sign_checkpoint(head, [wrong], at=AT),
                cosign=world.cosign,
                checkpoint_statement=None,
            )
    assert world.published() == before
    with open_log(world.directory) as log:
        log.recover(sign=world.sign, cosign=world.cosign)
    assert world.published() == (*before, b"elm 1")


def test_a_log_with_two_keys_wants_both_signatures(tmp_path: Path) -> None:
    """Ed25519 alone is not enough where the identity names an ML-DSA-44 key too."""
    keys = [generate_key(KeyKind.ED25519), generate_key(KeyKind.ML_DSA_44)]
    types = [NoteKeyType.ED25519, NoteKeyType.MLDSA44]
    public = [
        NoteKey(name=ORIGIN, type=type_, key=key.public) for type_, key in zip(types, keys, strict=True)
    ]
    init_log(tmp_path / "log", origin=ORIGIN, keys=public)
    with open_log(tmp_path / "log") as log:
        log.stage([b"elm 1"])
        with pytest.raises(ConflictError, match="every key"):
            log.publish(
                sign=lambda head: sign_checkpoint(head, keys[:1], at=AT),
                cosign=lambda note, prove: note,
                checkpoint_statement=None,
            )
    with open_log(tmp_path / "log") as log:
        note = log.recover(
            sign=lambda head: sign_checkpoint(head, keys, at=AT), cosign=lambda note, prove: note
        )
    assert note == LogFolder(tmp_path / "log" / "public").note()


def test_threat_b3_an_older_copy_of_the_files_is_refused(world: LogWorld, tmp_path: Path) -> None:
    """Restore everything but the lock from yesterday: the log refuses to sign from there."""
    yesterday = world.copy(tmp_path / "yesterday")
    _publish(world, b"elm 1")
    shutil.copyfile(world.directory / "lock.sqlite", yesterday.directory / "lock.sqlite")
    with pytest.raises(ConflictError, match="ahead of the published 3"):
        open_log(yesterday.directory)


def test_threat_b3_an_older_copy_of_the_lock_is_refused(world: LogWorld, tmp_path: Path) -> None:
    """Restore the lock from yesterday: it is behind what is published, and could be made to fork."""
    shutil.copyfile(world.directory / "lock.sqlite", tmp_path / "old")
    _publish(world, b"elm 1")
    shutil.copyfile(tmp_path / "old", world.directory / "lock.sqlite")
    with pytest.raises(ConflictError, match="behind the published 4"):
        open_log(world.directory)


def test_threat_b4_every_deleted_or_altered_file_is_named(world: LogWorld) -> None:
    """Remove each public file, then flip one bit in each: reading the whole log names it."""
    _publish(world, *(b"entry %d" % i for i in range(300)))
    public = world.directory / "public"
    head = LogFolder(public).checkpoint()
    for name in tree_paths(head.size):
        path = public / name
        sound = path.read_bytes()
        path.unlink()
        with pytest.raises(ProofError, match=name.replace(".", r"\.")):
            world.published()
        path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
        with pytest.raises(ProofError):
            world.published()
        path.unlink()
        path.write_bytes(sound)
    assert len(world.published()) == 303


def test_a_bit_that_flips_on_its_way_to_disk_is_never_signed(world: LogWorld) -> None:
    """One flipped bit between hashing and writing ended a real log; here it is read back first."""

    class FlippingDisk(LocalDisk):
        def write(self, handle: int, data: bytes) -> None:
            flip = b"allstop-bundle" in data and b"checkpoint" in data
            super().write(handle, data.replace(b"elm 1", b"elm 0") if flip else data)

    signed = len(world.signed)
    with world.open(FlippingDisk()) as log:
        log.stage([b"elm 1"])
        with pytest.raises(MalformedError, match="own hash"):
            log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=b"checkpoint")
    assert len(world.signed) == signed
    _publish(world)
    assert world.published()[3:] == (b"elm 1",)


def test_a_tile_that_does_not_read_back_is_never_published(world: LogWorld) -> None:
    """The tree that readers get is compared with the tree that was signed before they see its checkpoint."""

    class FlippingDisk(LocalDisk):
        def write(self, handle: int, data: bytes) -> None:
            is_tile = data.endswith(b"elm 1") and b"bundle" not in data
            super().write(handle, data[:-1] + b"0" if is_tile else data)

    before = world.published()
    with world.open(FlippingDisk()) as log:
        log.stage([b"elm 1"])
        with pytest.raises(OperationalError, match="did not read back"):
            log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=None)
    assert world.published() == before
    with open_log(world.directory) as log, pytest.raises(ConflictError, match="other content"):
        log.recover(sign=world.sign, cosign=world.cosign)


def test_one_process_writes_at_a_time(world: LogWorld) -> None:
    """A second writer is refused until the first has closed."""
    with open_log(world.directory), pytest.raises(ConflictError, match="another process"):
        open_log(world.directory)
    open_log(world.directory).close()


def test_a_closed_log_refuses_to_work(world: LogWorld) -> None:
    """After closing, another process may be writing."""
    log = open_log(world.directory)
    log.close()
    log.close()
    with pytest.raises(OperationalError, match="closed"):
        log.stage([b"elm 1"])
    with pytest.raises(OperationalError, match="closed"):
        log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=None)
    with pytest.raises(OperationalError, match="closed"):
        log.recover(sign=world.sign, cosign=world.cosign)


def test_threat_c2_without_a_quorum_nothing_is_published_and_staging_goes_on(world: LogWorld) -> None:
    """Witnesses are away: the batch waits, new entries are still acknowledged, then all is published."""

    def refuse(note: bytes, prove: ProveConsistency) -> bytes:
        raise SignatureError("quorum is not met")

    before = world.published()
    with open_log(world.directory) as log:
        log.stage([b"elm 1"])
        with pytest.raises(SignatureError):
            log.publish(sign=world.sign, cosign=refuse, checkpoint_statement=b"checkpoint 1")
    assert world.published() == before
    with open_log(world.directory) as log:
        assert log.is_unfinished
        assert log.stage([b"elm 1", b"alder 1"]) == 1
        with pytest.raises(ConflictError, match="unfinished"):
            log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=b"checkpoint 1")
    with open_log(world.directory) as log:
        assert log.pending() == (b"alder 1",)
        log.recover(sign=world.sign, cosign=world.cosign)
        assert not log.is_unfinished
        assert log.recover(sign=world.sign, cosign=world.cosign) is None
        log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=b"checkpoint 2")
    assert world.published()[3:] == (b"checkpoint 1", b"elm 1", b"checkpoint 2", b"alder 1")


def test_a_cosigner_cannot_swap_the_checkpoint(world: LogWorld) -> None:
    """What comes back from witnesses must be the log's own note about the same tree."""
    other = world.sign(Checkpoint(origin=ORIGIN, size=9, root=leaf_hash(b"elm")))
    with open_log(world.directory) as log:
        log.stage([b"elm 1"])
        with pytest.raises(ConflictError, match="want another one"):
            log.publish(sign=world.sign, cosign=lambda note, prove: other, checkpoint_statement=None)
    with open_log(world.directory) as log, pytest.raises(LimitError, match="note has"):
        log.recover(sign=world.sign, cosign=lambda note, prove: note * 1000)


def test_a_lock_ahead_with_a_damaged_bundle_is_refused(world: LogWorld) -> None:
    """When the batch that the lock promised cannot be read, nothing else may take its place."""
    with open_log(world.directory) as log:
        log.stage([b"elm 1"])
        with pytest.raises(ZeroDivisionError):
            log.publish(sign=lambda head: bytes(1 // 0), cosign=world.cosign, checkpoint_statement=None)
    bundle = world.directory / "staging" / "bundle"
    sound = bundle.read_bytes()
    bundle.write_bytes(sound[:-1])
    with pytest.raises(ConflictError, match="no bundle leads"):
        open_log(world.directory)
    bundle.write_bytes(sound)
    with open_log(world.directory) as log:
        log.recover(sign=world.sign, cosign=world.cosign)
    assert world.published()[3:] == (b"elm 1",)


def test_a_stray_pending_file_is_refused(world: LogWorld) -> None:
    """A file that the log did not write is not guessed at."""
    (world.directory / "pending" / "notes.txt").write_bytes(b"")
    with pytest.raises(ConflictError, match=r"notes\.txt does not belong"):
        open_log(world.directory)


def test_an_identity_that_is_not_text_is_refused(world: LogWorld) -> None:
    """The file of vkeys is parsed strictly."""
    identity = world.directory / "identity"
    identity.unlink()
    identity.write_bytes(b"\xff\n")
    with pytest.raises(MalformedError, match="UTF-8"):
        open_log(world.directory)


def test_published_files_have_the_modes_of_what_never_changes(world: LogWorld) -> None:
    """Public files are readable by all and writable by none; the lock and pending files are private."""
    old = os.umask(0o077)
    try:
        _publish(world, b"elm 1")
        with open_log(world.directory) as log:
            log.stage([b"alder 1"])
    finally:
        os.umask(old)
    modes = {
        path.relative_to(world.directory).parts[0]: path.stat().st_mode & 0o777
        for path in world.directory.rglob("*")
        if path.is_file()
    }
    assert modes == {
        "identity": 0o444,
        "lock.sqlite": 0o600,
        "pending": 0o600,
        "public": 0o444,
        "writer": 0o600,
    }


def test_a_damaged_bundle_of_a_published_batch_doubles_nothing(world: LogWorld) -> None:
    """Crash after publishing, then lose the bundle: what is pending still is known to be in the tree."""

    class DyingDisk(FaultyDisk):
        def remove(self, path: Path) -> None:
            if path.parent.name == "pending":
                raise OSError(errno.EIO, "process is gone")
            super().remove(path)

    with world.open(DyingDisk()) as log:
        log.stage([b"elm 1"])
        with pytest.raises(OperationalError):
            log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=None)
    (world.directory / "staging" / "bundle").write_bytes(b"damaged")
    with open_log(world.directory) as log:
        assert log.pending() == (b"elm 1",)
        assert log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=None) is None
        log.stage([b"elm 1", b"elm 2"])
        log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=None)
        assert log.pending() == ()
    assert world.published()[3:] == (b"elm 1", b"elm 2")


def test_pending_entries_have_a_cap(world: LogWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before more is promised than one batch can hold, submitters are told to wait."""
    monkeypatch.setattr(pending_module, "BUNDLE_ENTRIES_MAX", 3)
    with open_log(world.directory) as log:
        log.stage([b"elm 1"])
        with pytest.raises(LimitError, match="1 entries are pending"):
            log.stage([b"elm 2", b"elm 3"])
        assert log.stage([b"elm 2"]) == 1


def test_an_oversized_checkpoint_is_not_read(world: LogWorld) -> None:
    """What is published has a cap, whoever wrote it."""
    path = world.directory / "public" / "checkpoint"
    path.unlink()
    path.write_bytes(b"x" * 200_000)
    with pytest.raises(LimitError, match="checkpoint is larger than"):
        LogFolder(world.directory / "public").note()
