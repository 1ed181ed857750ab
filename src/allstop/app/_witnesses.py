"""A witness in one folder: its memory (`allstop.store`) and its keys.

keys/ed25519, keys/ml-dsa-44     private keys; beside each its vkey, which carries the witness's name

A witness for rehearsals signs whatever time it is told, so that a year can be played in a minute. Its name begins with
`rehearsal.`, and with it every vkey and policy line: whoever trusts a policy sees it. No other witness can be told a time.
"""

from pathlib import Path

from allstop.app._workspace import Clock, machine_clock
from allstop.errors import MalformedError, NotFoundError, OperationalError, UsageError
from allstop.keys import KeyKind, NoteKey, NoteKeyType, generate_key, parse_vkey
from allstop.store import FileWitness, create_note_key, init_witness, load_key
from allstop.times import Instant

__all__ = [
    "create_witness",
    "is_of_rehearsal",
    "open_rehearsal_witness",
    "open_witness",
    "read_log_keys",
    "read_witness_keys",
]

_REHEARSAL = "rehearsal."

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


def is_of_rehearsal(name: str) -> bool:
    """Tell whether a witness of this name signs whatever time it is told: `rehearsal.cedar.example` does."""
    return name.startswith(_REHEARSAL)


def open_witness(directory: Path) -> FileWitness:
    """Open a witness for cosigning by this machine's clock. One for rehearsals has none, and is at the epoch.

    Raises:
        NotFoundError: the folder holds no witness.
        OperationalError: its keys may be read by others.
    """
    name = read_witness_keys(directory)[0].name
    return _open(directory, name, (lambda: Instant(0)) if is_of_rehearsal(name) else machine_clock)


def open_rehearsal_witness(directory: Path, *, at: Instant) -> FileWitness:
    """Open a witness for rehearsals, which will sign `at`.

    Raises:
        NotFoundError: the folder holds no witness.
        OperationalError: its keys may be read by others.
        UsageError: the witness is not for rehearsals: its word on time is what everybody relies on.
    """
    name = read_witness_keys(directory)[0].name
    if not is_of_rehearsal(name):
        raise UsageError(
            f"witness {name} signs the time of its clock and no other",
            hint=f"for a rehearsal make one with: allstop witness new DIR --name {_REHEARSAL}{name}",
        )
    return _open(directory, name, lambda: at)


def _open(directory: Path, name: str, clock: Clock) -> FileWitness:
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
