"""Files that a user names on the command line: read with a limit, written once.

What a user typed and names is not evidence: a policy or agreement that cannot be read is an error of usage.
"""

import os
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from allstop.cli._options import as_usage
from allstop.errors import (
    ConflictError,
    LimitError,
    NotFoundError,
    OperationalError,
    UsageError,
)

if TYPE_CHECKING:
    from allstop.agreement import Agreement
    from allstop.keys import NoteKey, PublicKey
    from allstop.witness import Policy

__all__ = [
    "DOCUMENT_BYTES_MAX",
    "name_in_error",
    "read_agreement_file",
    "read_document",
    "read_policy_file",
    "read_public_key",
    "read_text",
    "read_vkey",
    "write_document",
    "write_documents",
]

DOCUMENT_BYTES_MAX = 16 * 1024 * 1024
"""Largest document that a command reads whole: as much as the largest canonical JSON."""

_KEY_BYTES_MAX = 8192
_ANOTHER = "choose another name or remove it"
_T = TypeVar("_T")


def read_document(path: Path, *, bytes_max: int = DOCUMENT_BYTES_MAX) -> bytes:
    """Return the bytes of a plain file, or of stdin if the path is `-`.

    Raises:
        NotFoundError: there is no such file.
        LimitError: it is larger than `bytes_max`.
        OperationalError: it is no plain file, or cannot be read.
    """
    if str(path) == "-":
        data = sys.stdin.buffer.read(bytes_max + 1)
    else:
        data = _read_file(path, bytes_max + 1)
    if len(data) > bytes_max:
        raise LimitError(f"{path} has more than {bytes_max} bytes")
    return data


def _read_file(path: Path, bytes_max: int) -> bytes:
    try:
        # Non-blocking, so that a FIFO in the place of a file cannot make the command wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise NotFoundError(f"there is no file {path}") from exc
    except OSError as exc:
        raise OperationalError(f"cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise UsageError("a file name holds a NUL") from exc
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OperationalError(f"{path} is not a plain file")
    with os.fdopen(handle, "rb") as file:
        return file.read(bytes_max)


def read_text(path: Path, *, bytes_max: int = DOCUMENT_BYTES_MAX) -> str:
    """Return the text of a file in UTF-8.

    Raises:
        UsageError: it is not UTF-8.
        OperationalError: as `read_document`.
    """
    try:
        return read_document(path, bytes_max=bytes_max).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path} is not UTF-8 text") from exc


def name_in_error(path: Path, parse: Callable[[], _T]) -> _T:
    """Return what `parse` returns; where it refuses a file that the user chose, say which file.

    Raises:
        UsageError: the content was refused.
    """
    try:
        return as_usage(parse)
    except UsageError as exc:
        raise UsageError(f"{path}: {exc.message}", hint=exc.hint) from exc


def write_document(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a new file; one that is there is left alone.

    Raises:
        ConflictError: something of that name is there.
        OperationalError: it cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except FileExistsError as exc:
        raise ConflictError(f"{path} is there already", hint=_ANOTHER) from exc
    except OSError as exc:
        raise OperationalError(f"cannot write {path}: {exc.strerror}") from exc


def write_documents(documents: Sequence[tuple[Path, bytes]]) -> None:
    """Write several new files, or none if one of them is there.

    Raises:
        ConflictError: something of one of the names is there.
        OperationalError: one cannot be written.
    """
    for path, _ in documents:
        if path.is_symlink() or path.exists():
            raise ConflictError(f"{path} is there already", hint=_ANOTHER)
    for path, data in documents:
        write_document(path, data)


def read_public_key(path: Path) -> "PublicKey":
    """Read a party's public key, as `allstop key new` wrote it.

    Raises:
        UsageError: the file is no such key.
    """
    from allstop.store import parse_public_key

    text = read_text(path, bytes_max=_KEY_BYTES_MAX)
    return name_in_error(path, lambda: parse_public_key(text))


def read_vkey(path: Path) -> "NoteKey":
    """Read the one vkey in a file, as a log or witness wrote it.

    Raises:
        UsageError: the file is no vkey.
    """
    from allstop.keys import parse_vkey

    text = read_text(path, bytes_max=_KEY_BYTES_MAX)
    return name_in_error(path, lambda: parse_vkey(text.removesuffix("\n")))


def read_policy_file(path: Path) -> tuple[bytes, "Policy"]:
    """Read a policy that the user chose to trust, as bytes and parsed.

    Raises:
        UsageError: it is no policy.
    """
    from allstop.witness import POLICY_BYTES_MAX, parse_policy

    data = read_document(path, bytes_max=POLICY_BYTES_MAX)
    return data, name_in_error(path, lambda: parse_policy(data))


def read_agreement_file(path: Path) -> tuple["Agreement", bytes | None]:
    """Read an agreement as TOML, template or not, or as canonical JSON, whose bytes come back too.

    Raises:
        UsageError: it is no agreement; the message names the place.
    """
    from allstop.agreement import parse_agreement, parse_agreement_toml

    data = read_document(path)
    if data.startswith(b"{"):
        return name_in_error(path, lambda: parse_agreement(data)), data
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path} is neither canonical JSON nor TOML in UTF-8") from exc
    return name_in_error(path, lambda: parse_agreement_toml(text, template=True)), None
