"""HeadLock: the newest checkpoint of each log, in SQLite. The one file that must never roll back.

It is small and on its own on purpose: leave it out of every backup. A log or witness whose other files
come back from a copy is then behind its lock and refuses to go on, instead of signing a second tree.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from allstop.errors import ConflictError, OperationalError
from allstop.store._disk import LOCAL_DISK, Disk, Row, operational
from allstop.times import Instant
from allstop.tlog import parse_checkpoint

__all__ = ["HeadLock", "create_lock"]

_TABLE = """
CREATE TABLE head (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, checkpoint BLOB NOT NULL, at_ms INTEGER NOT NULL,
    note BLOB NOT NULL
) STRICT
"""
# The triggers repeat what the code checks, for whoever opens the file with another program.
_NEVER_BACK = """
CREATE TRIGGER head_never_rolls_back BEFORE UPDATE ON head
WHEN NEW.origin <> OLD.origin OR NEW.size < OLD.size OR NEW.at_ms < OLD.at_ms
    OR (NEW.size = OLD.size AND NEW.checkpoint <> OLD.checkpoint)
BEGIN SELECT RAISE(ABORT, 'a head never rolls back'); END
"""
_NEVER_GONE = """
CREATE TRIGGER head_is_never_removed BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'a head is never removed'); END
"""
_BUSY_MS = 10_000


def create_lock(path: Path, *, disk: Disk = LOCAL_DISK) -> None:
    """Create an empty lock.

    Raises:
        ConflictError: a file is there already.
    """
    with operational(f"create {path.name}"):
        disk.close(disk.create(path, 0o600))
        with contextlib.closing(disk.connect(path)) as database:
            disk.execute(database, "PRAGMA journal_mode = WAL")
            disk.execute(database, "PRAGMA synchronous = FULL")
            for sql in (_TABLE, _NEVER_BACK, _NEVER_GONE):
                disk.execute(database, sql)
        disk.sync_folder(path.parent)


class HeadLock:
    """Remembers the newest checkpoint of each log, across processes, crashes and loss of power.

    Calls for one origin are serializable. Values are the three lines of a checkpoint, unsigned.
    """

    def __init__(self, path: Path, *, disk: Disk = LOCAL_DISK) -> None:
        self._path = path
        self._disk = disk

    def load(self, origin: str) -> bytes | None:
        """Return the checkpoint of `origin`, or None if it was never added.

        Raises:
            NotFoundError: the lock's file is not there; it is never made again.
        """
        with self._open() as database:
            rows = self._disk.execute(database, "SELECT checkpoint FROM head WHERE origin = ?", (origin,))
        return _bytes(rows)

    def load_note(self, origin: str) -> bytes | None:
        """Return the note that was given with the checkpoint of `origin`, None if none was.

        Raises:
            NotFoundError: the lock's file is not there; it is never made again.
        """
        with self._open() as database:
            rows = self._disk.execute(database, "SELECT note FROM head WHERE origin = ?", (origin,))
        return _bytes(rows) or None

    def load_time(self, origin: str) -> Instant | None:
        """Return the time that was given with the checkpoint of `origin`, None if none was.

        Raises:
            NotFoundError: the lock's file is not there; it is never made again.
        """
        with self._open() as database:
            rows = self._disk.execute(database, "SELECT at_ms FROM head WHERE origin = ?", (origin,))
        value = rows[0][0] if rows else None
        return Instant(value) if isinstance(value, int) and value else None

    def replace(
        self, origin: str, *, old: bytes | None, new: bytes, at: Instant | None = None, note: bytes = b""
    ) -> None:
        """Swap `old` (None: none yet) for `new`; durable on disk before returning.

        `at`, if given, is the owner's clock, which must not be before any earlier swap of any origin;
        `note` is the signed note that `new` came in, kept as evidence.

        Raises:
            ConflictError: the stored head is not `old`, or `new` is smaller than it.
            OperationalError: the clock stepped back, or the disk failed: whether the swap was done is then
                known only from `load`.
        """
        size = parse_checkpoint(new).size
        at_ms = 0 if at is None else at.ms
        with self._open() as database:
            self._disk.execute(database, "BEGIN IMMEDIATE")
            self._check(database, origin, old, size, at_ms)
            if old is None:
                sql = "INSERT INTO head (size, checkpoint, at_ms, note, origin) VALUES (?, ?, ?, ?, ?)"
            else:
                sql = "UPDATE head SET size = ?, checkpoint = ?, at_ms = ?, note = ? WHERE origin = ?"
            self._disk.execute(database, sql, (size, new, at_ms, note, origin))
            self._disk.execute(database, "COMMIT")

    def _check(
        self, database: sqlite3.Connection, origin: str, old: bytes | None, size: int, at_ms: int
    ) -> None:
        # Nothing was changed when one of these raises: closing the connection rolls back.
        rows = self._disk.execute(database, "SELECT checkpoint FROM head WHERE origin = ?", (origin,))
        stored = _bytes(rows)
        if stored != old:
            raise ConflictError(f"head of {origin} is {_size(stored)}, want {_size(old)}")
        if old is not None and size < parse_checkpoint(old).size:
            raise ConflictError(f"head of {origin} is {_size(old)}, and {size} would roll it back")
        latest = self._disk.execute(database, "SELECT coalesce(max(at_ms), 0) FROM head")[0][0]
        if isinstance(latest, int) and at_ms < latest:
            raise OperationalError(f"clock stepped back by {latest - at_ms} ms since the last swap")

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with operational(f"use {self._path.name}"), contextlib.closing(self._connect()) as database:
            self._disk.execute(database, f"PRAGMA busy_timeout = {_BUSY_MS}")
            # NORMAL would lose the last commits at a loss of power, which is what must not happen here.
            self._disk.execute(database, "PRAGMA synchronous = FULL")
            yield database

    def _connect(self) -> sqlite3.Connection:
        if not self._path.is_file():  # SQLite's own message does not say so.
            raise FileNotFoundError(2, "no such file", str(self._path))
        return self._disk.connect(self._path)


def _bytes(rows: list[Row]) -> bytes | None:
    value = rows[0][0] if rows else None
    return value if isinstance(value, bytes) else None


def _size(checkpoint: bytes | None) -> str:
    return "not there" if checkpoint is None else f"at size {parse_checkpoint(checkpoint).size}"
