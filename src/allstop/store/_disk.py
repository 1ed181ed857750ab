"""Steps on a disk that can each fail: the one way in which this package changes files.

Every durable change is made of the steps of `Disk`, so that a test can fail each of them in turn,
before or after it took effect, and then look at what a restart makes of the rest. Nothing retries: after
a failed fsync the state of a page is unknown, so the only safe answer is to stop and read again.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from allstop.errors import AllstopError, ConflictError, LimitError, NotFoundError, OperationalError

__all__ = [
    "COPY_FILE",
    "FINAL_FILE",
    "LOCAL_DISK",
    "Disk",
    "LocalDisk",
    "Row",
    "fresh_folder",
    "make_folders",
    "operational",
    "write_durable",
    "write_new",
]

Value = str | bytes | int
"""What a statement may be given as a parameter."""

Row = tuple[object, ...]
"""One row that a statement returned."""

FINAL_FILE = 0o444
"""Mode of what is never changed once written."""
COPY_FILE = 0o644
"""Mode of what is a copy, and its owner's to change."""


class Disk(Protocol):
    """The steps that change or read a disk.

    Each step is done when it returns; when it raises, it may or may not have taken effect. Only what
    was followed by `sync` of the file, and `sync_folder` of its folder, survives a loss of power.
    """

    def create(self, path: Path, mode: int) -> int:
        """Create a file that must not exist, with exactly this mode, and return its open handle."""
        ...

    def write(self, handle: int, data: bytes) -> None:
        """Write all of `data`."""
        ...

    def sync(self, handle: int) -> None:
        """Make the content of the open file durable."""
        ...

    def close(self, handle: int) -> None:
        """Close the handle."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Give `source` the name `target`, atomically replacing a file (or empty folder) there."""
        ...

    def link(self, source: Path, target: Path) -> None:
        """Give `source` a second name, which must not exist."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file."""
        ...

    def make_folder(self, path: Path) -> None:
        """Create a folder that must not exist."""
        ...

    def remove_folder(self, path: Path) -> None:
        """Remove a folder and all that is in it."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Make the names in a folder durable."""
        ...

    def read(self, path: Path, bytes_max: int) -> bytes:
        """Return all bytes of a file of at most `bytes_max`."""
        ...

    def free_bytes(self, path: Path) -> int:
        """Return how many bytes are free where `path` lies."""
        ...

    def connect(self, path: Path) -> sqlite3.Connection:
        """Open a database that must exist, without implicit transactions."""
        ...

    def execute(self, database: sqlite3.Connection, sql: str, values: tuple[Value, ...] = ()) -> list[Row]:
        """Run one SQL statement, `BEGIN` and `COMMIT` included, and return its rows."""
        ...


class LocalDisk:
    """The disk of this machine."""

    def create(self, path: Path, mode: int) -> int:
        """Open with O_EXCL: a link or file that is already there is an error."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        os.fchmod(handle, mode)  # The umask must not decide who can read a key or a tile.
        return handle

    def write(self, handle: int, data: bytes) -> None:
        """Write until nothing is left; a short write is not an error, the next one says why."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]

    def sync(self, handle: int) -> None:
        """Call fsync."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Call close."""
        os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Call rename."""
        os.rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        """Call link."""
        os.link(source, target, follow_symlinks=False)

    def remove(self, path: Path) -> None:
        """Call unlink."""
        os.unlink(path)

    def make_folder(self, path: Path) -> None:
        """Call mkdir."""
        os.mkdir(path, 0o755)

    def remove_folder(self, path: Path) -> None:
        """Call rmtree, which follows no links."""
        shutil.rmtree(path)

    def sync_folder(self, path: Path) -> None:
        """Call fsync on the folder."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def read(self, path: Path, bytes_max: int) -> bytes:
        """Read at most one byte too many, so that a file that grows meanwhile is also refused."""
        with open(path, "rb") as file:
            data = file.read(bytes_max + 1)
        if len(data) > bytes_max:
            raise LimitError(f"{path.name} is larger than {bytes_max} bytes")
        return data

    def free_bytes(self, path: Path) -> int:
        """Ask the file system."""
        return shutil.disk_usage(path).free

    def connect(self, path: Path) -> sqlite3.Connection:
        """Open with mode=rw: a missing database must not come back empty."""
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)

    def execute(self, database: sqlite3.Connection, sql: str, values: tuple[Value, ...] = ()) -> list[Row]:
        """Run the statement."""
        rows: list[Row] = database.execute(sql, values).fetchall()
        return rows


LOCAL_DISK = LocalDisk()
"""The disk used unless another is passed."""


@contextlib.contextmanager
def operational(doing: str) -> Iterator[None]:
    """Turn errors of the operating system and of SQLite into ours; `doing` says what was attempted."""
    try:
        yield
    except FileNotFoundError as exc:
        raise NotFoundError(f"{doing}: {_name(exc)} is not there") from exc
    except FileExistsError as exc:
        raise ConflictError(f"{doing}: {_name(exc)} is there already") from exc
    except OSError as exc:
        raise OperationalError(f"{doing}: {_name(exc)}: {exc.strerror or exc}") from exc
    except sqlite3.Error as exc:
        raise OperationalError(f"{doing}: database: {exc}") from exc


def _name(exc: OSError) -> str:
    name = exc.filename
    return Path(os.fsdecode(name)).name if isinstance(name, str | bytes | Path) else "disk"


def make_folders(disk: Disk, path: Path, *, root: Path) -> None:
    """Create `path` and what is missing between it and `root`, which must exist."""
    if path != root and not path.is_dir():
        make_folders(disk, path.parent, root=root)
        disk.make_folder(path)


def write_durable(disk: Disk, path: Path, data: bytes, *, mode: int, scratch: Path) -> None:
    """Replace the content of `path`: after a crash, the file is wholly the old or wholly the new one.

    The new content is written to `scratch`, which must be on the same file system; what a crash left
    there is removed first. The name is durable when this returns.
    """
    _fill(disk, scratch, data, mode=mode)
    disk.rename(scratch, path)
    disk.sync_folder(path.parent)


def write_new(
    disk: Disk, root: Path, files: Iterable[tuple[str, bytes]], *, scratch: Path, mode: int = FINAL_FILE
) -> None:
    """Write files under `root` that never change; one that is there already must be equal.

    All content and all names are durable when this returns, also those of files that were there: the run
    that wrote them may have ended before it made their names durable.

    Raises:
        ConflictError: a file is there with other content; it is left alone.
    """
    _discard(disk, scratch)
    folders: set[Path] = {root}
    for name, data in files:
        path = root / name
        folders.update(folder for folder in path.parents if folder.is_relative_to(root))
        if path.is_symlink() or path.exists():
            if disk.read(path, max(len(data), path.stat().st_size)) != data:
                raise ConflictError(f"{name} is there with other content, want the same bytes")
            continue
        make_folders(disk, path.parent, root=root)
        _fill(disk, scratch, data, mode=mode)
        # link, not rename: were another process to write here too, one of the two must lose visibly.
        disk.link(scratch, path)
        disk.remove(scratch)
    for folder in sorted(folders, reverse=True):
        disk.sync_folder(folder)


def _discard(disk: Disk, path: Path) -> None:
    """Remove what a run that did not end left at a scratch path."""
    if path.is_symlink() or path.exists():
        disk.remove(path)


def _fill(disk: Disk, path: Path, data: bytes, *, mode: int) -> None:
    _discard(disk, path)
    handle = disk.create(path, mode)
    try:
        disk.write(handle, data)
        disk.sync(handle)
    finally:
        disk.close(handle)


@contextlib.contextmanager
def fresh_folder(disk: Disk, target: Path) -> Iterator[Path]:
    """Build a folder beside `target` and give it that name only when the body ends well.

    The folder above `target` must exist.

    Raises:
        ConflictError: `target` is there and not an empty folder, or a build was interrupted before.
    """
    building = target.with_name(target.name + ".unfinished")
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise ConflictError(f"{target.name} is there already, want a new or empty folder")
    if building.is_symlink() or building.exists():
        hint = f"remove {building.name}: it was left by a run that did not end"
        raise ConflictError(f"{building.name} is there already", hint=hint)
    disk.make_folder(building)
    try:
        yield building
    except AllstopError:
        disk.remove_folder(building)
        raise
    disk.sync_folder(building)
    disk.rename(building, target)
    disk.sync_folder(target.parent)
