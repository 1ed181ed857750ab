"""A witness in one folder: its memory (`allstop.store`) and its keys.

keys/ed25519, keys/ml-dsa-44     private keys; beside each its vkey, which carries the witness's name
"""

from pathlib import Path

from allstop.app._workspace import Clock, machine_clock
from allstop.errors import MalformedError, NotFoundError, OperationalError
from allstop.keys import KeyKind, NoteKey, NoteKeyType, generate_key, parse_vkey
from allstop.store import FileWitness, create_note_key, init_witness, load_key

__all__ = ["create_witness", "open_witness", "read_log_keys", "read_witness_keys"]

_KEYS = (("ed25519", NoteKeyType.COSIGNATURE_ED25519), ("ml-dsa-44", NoteKeyType.MLDSA44))
_LOG_KEYS = ("log-ed25519", "log-ml-dsa-44")


def create_witness(directory: Path, *, name: str) -> tuple[NoteKey, ...]:
    """Make a witness that watches no log yet; return its public keys. Run twice, it refuses.

    Raises:
        ConflictError: something is there already.
        MalformedError: `name` cannot name a key; nothing was made.
    """
    _check_key_name(name)
    init_witness(directory)
    try:
        (directory / "keys").mkdir(mode=0o700)
    except OSError as exc:
        raise OperationalError(f"cannot make {directory / 'keys'}: {exc.strerror}") from exc
    return tuple(create_note_key(directory / "keys" / file, name=name, type=kind)[1] for file, kind in _KEYS)


def _check_key_name(name: str) -> str:
    """Check a name for note keys.

    Raises:
        MalformedError: no note key can have it.
    """
    # The name is checked as part of a key; any key will do, and this one is thrown away.
    NoteKey(name=name, type=NoteKeyType.ED25519, key=generate_key(KeyKind.ED25519).public)
    return name


def read_witness_keys(directory: Path) -> tuple[NoteKey, ...]:
    """Return the public keys of a witness.

    Raises:
        NotFoundError: the folder holds no witness.
    """
    return tuple(_read_vkey(directory / "keys" / f"{file}.pub", directory) for file, _ in _KEYS)


def open_witness(directory: Path, *, clock: Clock = machine_clock) -> FileWitness:
    """Open a witness for cosigning.

    Raises:
        NotFoundError: the folder holds no witness.
        OperationalError: its keys may be read by others.
    """
    name = read_witness_keys(directory)[0].name
    keys = [load_key(directory / "keys" / file) for file, _ in _KEYS]
    return FileWitness(directory, name=name, keys=keys, clock=clock)


def read_log_keys(desk: Path) -> tuple[NoteKey, ...]:
    """Return the public keys of the log in a desk's folder, without opening it for writing.

    Raises:
        NotFoundError: the folder is no desk.
    """
    return tuple(_read_vkey(desk / "keys" / f"{file}.pub", desk) for file in _LOG_KEYS)


def _read_vkey(path: Path, directory: Path) -> NoteKey:
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise NotFoundError(f"{directory} has no key {path.name}, so it is no such folder") from exc
    except OSError as exc:
        raise OperationalError(f"cannot read {path}: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise MalformedError(f"{path.name} is not UTF-8") from exc
    return parse_vkey(text.removesuffix("\n"))
