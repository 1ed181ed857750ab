"""Disks that fail on purpose, and one small log to try them on.

`FaultyDisk` fails one chosen step, before or after it took effect, once or from then on (the process is
dead). `PowerDisk` forgets what was not made durable, as a loss of power may.
"""
# ruff: noqa: D102  # what each step promises stands in `Disk`

import errno
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from allstop.keys import KeyKind, NoteKey, NoteKeyType, generate_key
from allstop.store import COMMIT_ORDER, LocalDisk, Log, LogFolder, ProveConsistency, Step, init_log, open_log
from allstop.times import Instant
from allstop.tlog import (
    Checkpoint,
    leaf_hashes,
    parse_checkpoint,
    parse_note,
    sign_checkpoint,
    tree_root,
    verify_consistency,
)

ORIGIN = "log.example/evidence"
AT = Instant(1_795_430_000_000)
T = TypeVar("T")
Row = tuple[object, ...]
Value = str | bytes | int


class FaultyDisk(LocalDisk):
    """The local disk, but step number `fail_at` fails; fsync does nothing, since no power is lost here."""

    def __init__(
        self, *, fail_at: int | None = None, is_persisted: bool = False, is_fatal: bool = False
    ) -> None:
        self.trace: list[str] = []
        self._fail_at = fail_at
        self._is_persisted = is_persisted
        self._is_fatal = is_fatal
        self._is_dead = False

    def _step(self, name: str, act: Callable[[], T], error: Exception | None = None) -> T:
        failure = error or OSError(errno.EIO, "injected fault", name)
        if self._is_dead:
            raise failure
        self.trace.append(name)
        if len(self.trace) - 1 == self._fail_at:
            self._is_dead = self._is_fatal
            if self._is_persisted:
                act()
            raise failure
        return act()

    def create(self, path: Path, mode: int) -> int:
        made: list[int] = []
        create = super().create

        def act() -> int:
            made.append(create(path, mode))
            return made[0]

        try:
            return self._step(f"create {path.name}", act)
        except OSError:
            for handle in made:  # The caller never learns of this handle.
                os.close(handle)
            raise

    def write(self, handle: int, data: bytes) -> None:
        write = super().write
        try:
            self._step("write", lambda: write(handle, data))
        except OSError:
            if not self._is_persisted:
                write(handle, data[: len(data) // 2])  # A torn write is what "not persisted" means here.
            raise

    def sync(self, handle: int) -> None:
        self._step("sync", lambda: None)

    def close(self, handle: int) -> None:
        os.close(handle)
        self._step("close", lambda: None)

    def rename(self, source: Path, target: Path) -> None:
        self._step(f"rename {target.name}", lambda: os.rename(source, target))

    def link(self, source: Path, target: Path) -> None:
        self._step(f"link {target.name}", lambda: os.link(source, target))

    def remove(self, path: Path) -> None:
        self._step(f"remove {path.name}", lambda: os.unlink(path))

    def make_folder(self, path: Path) -> None:
        self._step(f"make folder {path.name}", lambda: os.mkdir(path))

    def remove_folder(self, path: Path) -> None:
        self._step(f"remove folder {path.name}", lambda: shutil.rmtree(path))

    def sync_folder(self, path: Path) -> None:
        self._step(f"sync folder {path.name}", lambda: None)

    def read(self, path: Path, bytes_max: int) -> bytes:
        read = super().read
        return self._step(f"read {path.name}", lambda: read(path, bytes_max))

    def free_bytes(self, path: Path) -> int:
        return self._step("free bytes", lambda: 1 << 40)

    def connect(self, path: Path) -> sqlite3.Connection:
        connect = super().connect
        error = sqlite3.OperationalError("injected fault: open")
        made: list[sqlite3.Connection] = []

        def act() -> sqlite3.Connection:
            made.append(connect(path))
            return made[0]

        try:
            return self._step("connect", act, error)
        except sqlite3.OperationalError:
            for database in made:  # The caller never learns of this connection.
                database.close()
            raise

    def execute(self, database: sqlite3.Connection, sql: str, values: tuple[Value, ...] = ()) -> list[Row]:
        execute = super().execute
        error = sqlite3.OperationalError("injected fault: disk I/O error")
        return self._step(sql.split()[0], lambda: execute(database, _without_sync(sql), values), error)


class PowerDisk(LocalDisk):
    """The local disk, remembering what is not durable yet; SQLite is trusted with its own files.

    Stops at step `fail_at` by raising; `lose_power` then undoes, at random, what a cache may have lost:
    in each folder the names since its last sync, newest first, and in each file the bytes since its own.
    """

    def __init__(self, *, fail_at: int, does_sync: bool = True) -> None:
        self.steps = 0
        self._fail_at = fail_at
        self._does_sync = does_sync
        self._unsynced: set[int] = set()
        self._names: list[tuple[Path, Callable[[], None]]] = []

    def _count(self) -> None:
        if self.steps >= self._fail_at:
            raise OSError(errno.EIO, "power is gone", "disk")
        self.steps += 1

    def create(self, path: Path, mode: int) -> int:
        self._count()
        handle = super().create(path, mode)
        self._unsynced.add(os.fstat(handle).st_ino)
        self._names.append((path.parent, lambda: path.unlink(missing_ok=True)))
        return handle

    def write(self, handle: int, data: bytes) -> None:
        self._count()
        super().write(handle, data)

    def sync(self, handle: int) -> None:
        self._count()
        if self._does_sync:
            self._unsynced.discard(os.fstat(handle).st_ino)

    def close(self, handle: int) -> None:
        super().close(handle)
        self._count()

    def rename(self, source: Path, target: Path) -> None:
        self._count()
        old = _content(target)
        super().rename(source, target)

        def undo() -> None:
            if target.exists():
                os.replace(target, source)
            _restore(target, old)

        self._names.append((target.parent, undo))

    def link(self, source: Path, target: Path) -> None:
        self._count()
        super().link(source, target)
        self._names.append((target.parent, lambda: target.unlink(missing_ok=True)))

    def remove(self, path: Path) -> None:
        self._count()
        old = _content(path)
        super().remove(path)
        self._names.append((path.parent, lambda: _restore(path, old)))

    def make_folder(self, path: Path) -> None:
        self._count()
        super().make_folder(path)
        self._names.append((path.parent, lambda: shutil.rmtree(path, ignore_errors=True)))

    def sync_folder(self, path: Path) -> None:
        self._count()
        if self._does_sync:
            self._names = [item for item in self._names if item[0] != path]

    def execute(self, database: sqlite3.Connection, sql: str, values: tuple[Value, ...] = ()) -> list[Row]:
        self._count()
        return super().execute(database, _without_sync(sql), values)

    def lose_power(self, root: Path, rng: random.Random) -> None:
        """Leave on disk one of the states that may be found when power is back."""
        kept = {folder: rng.randint(0, 3) for folder, _ in self._names}
        lost = []
        for folder, undo in self._names:
            kept[folder] -= 1
            if kept[folder] < 0:
                lost.append(undo)
        for undo in reversed(lost):
            undo()
        for path in root.rglob("*"):
            if path.is_file() and path.stat().st_ino in self._unsynced:
                data = path.read_bytes()
                mode = path.stat().st_mode
                path.unlink()
                path.write_bytes(data[: rng.randint(0, len(data))])
                path.chmod(mode)


def _without_sync(sql: str) -> str:
    # SQLite's own durability is not what is tested here, and this is several times faster.
    return "PRAGMA synchronous = OFF" if sql == "PRAGMA synchronous = FULL" else sql


def _content(path: Path) -> tuple[bytes, int] | None:
    return (path.read_bytes(), path.stat().st_mode) if path.is_file() else None


def _restore(path: Path, old: tuple[bytes, int] | None) -> None:
    if old is not None and path.parent.is_dir() and not path.exists():
        path.write_bytes(old[0])
        path.chmod(old[1])


class LogWorld:
    """One log, its key, everything that it ever signed, and a witness outside that forgets nothing."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.signed: list[Checkpoint] = []
        self.cosigned: Checkpoint | None = None
        self._key = generate_key(KeyKind.ED25519)
        self._runs = 0

    @property
    def note_key(self) -> NoteKey:
        """The log's public key."""
        return NoteKey(name=ORIGIN, type=NoteKeyType.ED25519, key=self._key.public)

    def sign(self, checkpoint: Checkpoint) -> bytes:
        """Sign as the log."""
        self.signed.append(checkpoint)
        return sign_checkpoint(checkpoint, [self._key], at=AT)

    def cosign(self, note: bytes, prove: ProveConsistency) -> bytes:
        """Check consistency with all that was cosigned before; the note itself stays as it is."""
        new = parse_checkpoint(parse_note(note).text)
        old = self.cosigned
        if old is not None and old.size:
            proof = prove(old.size)
            verify_consistency(
                old_size=old.size, old_root=old.root, size=new.size, root=new.root, proof=proof
            )
        self.cosigned = new
        return note

    def create(self, entries: Sequence[bytes]) -> None:
        """Make the log, with these entries published."""
        init_log(self.directory, origin=ORIGIN, keys=[self.note_key])
        with open_log(self.directory) as log:
            log.stage(entries)
            log.publish(sign=self.sign, cosign=self.cosign, checkpoint_statement=None)

    def copy(self, directory: Path) -> "LogWorld":
        """Return an independent copy, files included."""
        # Links, not copies: the log only ever replaces files, all but the database.
        shutil.copytree(self.directory, directory, copy_function=os.link)
        shutil.copyfile(self.directory / "lock.sqlite", directory / "copy")
        os.replace(directory / "copy", directory / "lock.sqlite")
        other = LogWorld(directory)
        other.signed, other.cosigned, other._key = list(self.signed), self.cosigned, self._key
        return other

    def open(self, disk: LocalDisk, order: Sequence[Step] = COMMIT_ORDER) -> Log:
        """Open the log on a disk."""
        return open_log(self.directory, disk=disk, order=order)

    def work(
        self,
        disk: LocalDisk,
        batches: Sequence[Sequence[bytes]],
        acked: list[bytes],
        *,
        order: Sequence[Step] = COMMIT_ORDER,
    ) -> None:
        """Open, finish what is unfinished, then stage and publish each batch; `acked` grows as promised."""
        with self.open(disk, order) as log:
            log.recover(sign=self.sign, cosign=self.cosign)
            for batch in batches:
                for entry in batch:
                    log.stage([entry])
                    acked.append(entry)
                self._runs += 1
                statement = b"checkpoint statement %d" % self._runs
                log.publish(sign=self.sign, cosign=self.cosign, checkpoint_statement=statement)

    def published(self) -> tuple[bytes, ...]:
        """Return the entries that a reader finds now; raises if the tree does not hold together."""
        return tuple(LogFolder(self.directory / "public").entries())

    def find_violations(self, acked: Sequence[bytes]) -> list[str]:
        """Return what is wrong with the published log as it stands, given what was promised and signed."""
        entries = self.published()
        wrong = [f"lost or doubled {entry!r}" for entry in acked if entries.count(entry) != 1]
        for head in self.signed:
            if head.size > len(entries) or tree_root(leaf_hashes(entries[: head.size])) != head.root:
                wrong.append(f"signed another tree of size {head.size}")
        return wrong
