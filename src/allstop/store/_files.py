"""Files of a case in a folder, and blobs by digest. No link is followed and no path leaves the folder."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from allstop.case import BLOB_BYTES_MAX, PATHS_MAX, blob_path
from allstop.errors import LimitError, MalformedError, NotFoundError, OperationalError, VerificationError
from allstop.ids import Digest, digest_of, parse_digest
from allstop.store._disk import LOCAL_DISK, Disk, operational, write_new

__all__ = ["BlobStore", "DirectoryCaseFiles"]

_DEPTH_MAX = 16  # The tiles of a tree of 2**63 entries lie 10 deep.
_PATH_CHARS_MAX = 512
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class DirectoryCaseFiles:
    """Reads a case from a folder that may have been made by an enemy.

    Each part of a path is opened from the folder above it and never through a link, so that not even a
    folder swapped for a link meanwhile leads outside.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes:
        """Return all bytes of the file at a relative path such as `log/tile/0/000.p/17`.

        Raises:
            NotFoundError: there is no such file.
            LimitError: it is larger than `BLOB_BYTES_MAX`.
            MalformedError: the path is not a plain relative one, or leads through or to something that is
                neither folder nor file.
        """
        parts = _parts(path)
        with operational(f"read {path}"), contextlib.ExitStack() as stack:
            folder = _open(os.fspath(self._root), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, None, stack)
            for part in parts[:-1]:
                folder = _open_inside(part, _FOLDER_FLAGS, folder, stack, path)
            handle = _open_inside(parts[-1], _FILE_FLAGS, folder, stack, path)
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise MalformedError(f"{path} is not a plain file")
            if status.st_size > BLOB_BYTES_MAX:
                raise LimitError(f"{path} has {status.st_size} bytes, want at most {BLOB_BYTES_MAX}")
            return _read_all(handle, status.st_size, path)

    def paths(self) -> tuple[str, ...]:
        """Return the relative paths of all files, sorted.

        Raises:
            LimitError: there are more than `PATHS_MAX` files and folders.
            MalformedError: something is neither folder nor file, or has a name that no case has.
        """
        with operational("list the case"):
            return tuple(sorted(self._walk()))

    def _walk(self) -> Iterator[str]:
        waiting, seen = [""], 0
        while waiting:
            folder = waiting.pop()
            with os.scandir(self._root / folder) as found:
                for item in found:
                    seen += 1
                    if seen > PATHS_MAX:
                        raise LimitError(f"case has more than {PATHS_MAX} files and folders")
                    path = f"{folder}/{item.name}" if folder else item.name
                    _parts(path)
                    if item.is_file(follow_symlinks=False):
                        yield path
                    elif item.is_dir(follow_symlinks=False):
                        waiting.append(path)
                    else:
                        raise MalformedError(f"{path} is neither a plain file nor a folder")


def _parts(path: str) -> list[str]:
    parts = path.split("/")
    is_plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= _PATH_CHARS_MAX
    if not is_plain or len(parts) > _DEPTH_MAX or any(part in ("", ".", "..") for part in parts):
        raise MalformedError(f"malformed path {path[:64]!a}, want plain names with / between them")
    return parts


def _open(name: str, flags: int, folder: int | None, stack: contextlib.ExitStack) -> int:
    handle = os.open(name, flags, dir_fd=folder)
    stack.callback(os.close, handle)
    return handle


def _open_inside(name: str, flags: int, folder: int, stack: contextlib.ExitStack, path: str) -> int:
    try:
        return _open(name, flags, folder, stack)
    except FileNotFoundError:
        raise NotFoundError(f"{path} is not there") from None
    except (NotADirectoryError, IsADirectoryError) as exc:
        if _is_link(name, folder):
            raise MalformedError(f"{path} leads through a link") from exc
        raise NotFoundError(f"{path} is not there") from exc
    except OSError as exc:
        if _is_link(name, folder):
            raise MalformedError(f"{path} leads through a link") from exc
        raise


def _is_link(name: str, folder: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _read_all(handle: int, size: int, path: str) -> bytes:
    parts: list[bytes] = []
    left = size + 1  # One more than there should be, so that the end of the file is seen.
    while left and (part := os.read(handle, left)):
        parts.append(part)
        left -= len(part)
    if left != 1:
        raise OperationalError(f"{path} changed its size while it was read")
    return b"".join(parts)


class BlobStore:
    """Keeps blobs under `blobs/` in a folder, by their own digests; nothing is ever changed or removed."""

    def __init__(self, root: Path, *, disk: Disk = LOCAL_DISK) -> None:
        self._root = root
        self._disk = disk

    def put(self, data: bytes) -> Digest:
        """Keep `data` and return its digest; durable when this returns.

        Raises:
            LimitError: `data` is longer than `BLOB_BYTES_MAX`.
            ConflictError: the file of this digest is there with other content.
        """
        if len(data) > BLOB_BYTES_MAX:
            raise LimitError(f"blob has {len(data)} bytes, want at most {BLOB_BYTES_MAX}")
        digest = digest_of(data)
        with operational(f"put blob {digest[:12]}"):
            self._root.mkdir(parents=True, exist_ok=True)
            scratch = self._root / f".{digest}.unfinished"
            write_new(self._disk, self._root, [(blob_path(digest), data)], scratch=scratch)
        return digest

    def read(self, digest: Digest) -> bytes:
        """Return the blob with this digest.

        Raises:
            NotFoundError: it is not held.
            VerificationError: the file does not have this digest.
        """
        data = DirectoryCaseFiles(self._root).read(blob_path(parse_digest(digest)))
        if digest_of(data) != digest:
            raise VerificationError(f"blob {digest} does not have this digest")
        return data

    def has(self, digest: Digest) -> bool:
        """Tell whether a blob with this digest is held; its content is not read."""
        return (self._root / blob_path(parse_digest(digest))).is_file()
