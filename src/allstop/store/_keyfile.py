"""Private keys as files: mode 0600, created once, never overwritten, never printed.

The public half is written beside, as `<file>.pub`: a vkey where the key signs notes, else base64:

    allstop-public-key/v1 ed25519 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    log.example/evidence+1c66b9ea+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea
"""

import os
import re
import stat
from pathlib import Path

from allstop.canon import format_base64, parse_base64
from allstop.errors import ConflictError, LimitError, MalformedError, OperationalError
from allstop.keys import (
    KeyKind,
    NoteKey,
    NoteKeyType,
    PublicKey,
    SigningKey,
    format_private_key,
    format_vkey,
    generate_key,
    parse_private_key,
)
from allstop.store._disk import LOCAL_DISK, Disk, operational

__all__ = ["create_key", "create_note_key", "format_public_key", "load_key", "parse_public_key"]

KEY_FILE_BYTES_MAX = 4096
_PUBLIC_KEY = re.compile(r"allstop-public-key/v1 (ed25519|ml-dsa-44) ([A-Za-z0-9+/]+={0,2})\n\Z")


def create_key(path: Path, kind: KeyKind, *, disk: Disk = LOCAL_DISK) -> SigningKey:
    """Make a key, write it to `path` and its public half, as base64, to `path`.pub.

    Raises:
        ConflictError: one of the two files is there; it is left alone.
    """
    key = generate_key(kind)
    _write_pair(path, key, format_public_key(key.public), disk)
    return key


def create_note_key(
    path: Path, *, name: str, type: NoteKeyType, disk: Disk = LOCAL_DISK
) -> tuple[SigningKey, NoteKey]:
    """Make a key that signs notes under `name`; `path`.pub holds its vkey.

    Raises:
        ConflictError: one of the two files is there; it is left alone.
        MalformedError: `name` cannot name a note key; nothing was written.
    """
    key = generate_key(KeyKind.ML_DSA_44 if type is NoteKeyType.MLDSA44 else KeyKind.ED25519)
    note_key = NoteKey(name=name, type=type, key=key.public)
    _write_pair(path, key, format_vkey(note_key) + "\n", disk)
    return key, note_key


def _write_pair(path: Path, key: SigningKey, public: str, disk: Disk) -> None:
    public_path = path.with_name(path.name + ".pub")
    for taken in (path, public_path):
        if taken.is_symlink() or taken.exists():
            hint = "a key is never overwritten: choose another name"
            raise ConflictError(f"{taken.name} is there already", hint=hint)
    with operational(f"create key {path.name}"):
        # The public half first: a private key that nobody can name is the worse leftover of a crash.
        _create(public_path, public.encode(), 0o644, disk)
        _create(path, format_private_key(key), 0o600, disk)


def _create(path: Path, data: bytes, mode: int, disk: Disk) -> None:
    """Write a file whole or not at all, where none may be: link, unlike rename, replaces nothing."""
    scratch = path.with_name(path.name + ".unfinished")
    handle = disk.create(scratch, mode)
    try:
        disk.write(handle, data)
        disk.sync(handle)
    finally:
        disk.close(handle)
    disk.link(scratch, path)
    disk.remove(scratch)
    disk.sync_folder(path.parent)


def load_key(path: Path) -> SigningKey:
    """Read a private key.

    Raises:
        NotFoundError: it is not there.
        OperationalError: it is a link, or its group or others may read it, so it may be known already.
        MalformedError: it is not a private key file; the message holds nothing of it.
    """
    with operational(f"load key {path.name}"):
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
                mode = stat.S_IMODE(status.st_mode)
                hint = f"a key that others could read is no secret; if nobody did: chmod 600 {path.name}"
                if path.suffix == ".pub":
                    hint = f"this looks like the public half; the private key is {path.stem}"
                raise OperationalError(f"key {path.name} has mode {mode:04o}, want a file of 0600", hint=hint)
            data = os.read(handle, KEY_FILE_BYTES_MAX + 1)
        finally:
            os.close(handle)
    if len(data) > KEY_FILE_BYTES_MAX:
        raise LimitError(f"key {path.name} is larger than {KEY_FILE_BYTES_MAX} bytes")
    return parse_private_key(data)


def format_public_key(key: PublicKey) -> str:
    """Return the one line of a public key file."""
    return f"allstop-public-key/v1 {key.kind.value} {format_base64(key.data)}\n"


def parse_public_key(text: str) -> PublicKey:
    """Parse the one line of a public key file.

    Raises:
        MalformedError: `text` is not in that form, or the key is one that `PublicKey` refuses.
    """
    match = _PUBLIC_KEY.match(text)
    if match is None:
        raise MalformedError("public key file is not one line 'allstop-public-key/v1 KIND KEY'")
    return PublicKey(kind=KeyKind(match[1]), data=parse_base64(match[2]))
