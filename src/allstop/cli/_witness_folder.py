"""Opening a witness from the command line, and making sure that it watches a log before it is asked."""

from pathlib import Path
from typing import TYPE_CHECKING

from allstop.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from allstop.store import FileWitness

__all__ = ["check_watched", "open_witness_folder"]


def open_witness_folder(directory: Path) -> "FileWitness":
    """Open the witness in a folder.

    Raises:
        NotFoundError: there is no such folder, or it holds no witness.
    """
    from allstop.app import open_witness

    if not directory.is_dir():
        raise NotFoundError(
            f"there is no folder {directory}", hint="make a witness with: allstop witness new"
        )
    return open_witness(directory)


def check_watched(witness: "FileWitness", origin: str, directory: Path) -> None:
    """Check that the witness watches the log.

    Raises:
        UsageError: it does not; nobody should come to watch a log unasked.
    """
    if not any(key.name == origin for key in witness.logs()):
        raise UsageError(
            f"witness {directory} does not watch {origin}",
            hint=f"watch it with: allstop witness watch {directory} --log LOG",
        )
