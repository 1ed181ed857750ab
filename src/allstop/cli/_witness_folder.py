"""Opening a witness from the command line, and making sure that it watches a log before it is asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import parse_instant
from allstop.cli._options import option_parser
from allstop.errors import NotFoundError, UsageError
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.store import FileWitness

__all__ = ["RehearsalOption", "check_watched", "open_cosigning_witness", "open_witness_folder"]

RehearsalOption = Annotated[
    Instant | None,
    typer.Option(
        "--rehearse-at",
        metavar="INSTANT",
        parser=option_parser(parse_instant),
        help="In a rehearsal: the time to sign. Only for witnesses whose name begins with rehearsal.",
    ),
]


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


def open_cosigning_witness(directory: Path, *, rehearse_at: Instant | None) -> "FileWitness":
    """Open the witness in a folder so that it signs the time of its clock, or in a rehearsal the time given.

    Raises:
        NotFoundError: there is no such folder, or it holds no witness.
        UsageError: a witness for rehearsals is told no time, or another one is told the time.
    """
    from allstop.app import is_of_rehearsal, open_rehearsal_witness, read_witness_keys

    witness = open_witness_folder(directory)
    if rehearse_at is not None:
        return open_rehearsal_witness(directory, at=rehearse_at)
    if is_of_rehearsal(read_witness_keys(directory)[0].name):
        raise UsageError(f"witness {directory} is for rehearsals and has no clock, want --rehearse-at")
    return witness


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
