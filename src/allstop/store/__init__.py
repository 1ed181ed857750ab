"""Disk: key files, blobs, cases in folders, the log and the witness with their locks.

The only package that writes evidence. What must never be lost or forked rests on two things: `HeadLock`,
which never rolls back, and an order of steps (`COMMIT_ORDER`) in which a crash at any point is harmless.
Nothing here decides what may be filed or who may sign; nothing here retries.

What a prover keeps needs the recipes and so NumPy; it is loaded when it is first asked for, so that logs and
witnesses run without.
"""

from typing import TYPE_CHECKING

from allstop.store._case import write_case
from allstop.store._disk import LOCAL_DISK, Disk, LocalDisk
from allstop.store._files import BlobStore, DirectoryCaseFiles
from allstop.store._keyfile import (
    create_key,
    create_note_key,
    format_public_key,
    load_key,
    parse_public_key,
)
from allstop.store._lock import HeadLock, create_lock
from allstop.store._log import (
    COMMIT_ORDER,
    FREE_BYTES_MIN,
    Cosign,
    Log,
    ProveConsistency,
    SignCheckpoint,
    Step,
    init_log,
    open_log,
)
from allstop.store._public import LogFolder, export_case_log
from allstop.store._witness import FileWitness, init_witness

if TYPE_CHECKING:
    from allstop.store._prover import ProverFolder, ProverPlan, init_prover, open_prover

__all__ = [
    "COMMIT_ORDER",
    "FREE_BYTES_MIN",
    "LOCAL_DISK",
    "BlobStore",
    "Cosign",
    "DirectoryCaseFiles",
    "Disk",
    "FileWitness",
    "HeadLock",
    "LocalDisk",
    "Log",
    "LogFolder",
    "ProveConsistency",
    "ProverFolder",
    "ProverPlan",
    "SignCheckpoint",
    "Step",
    "create_key",
    "create_lock",
    "create_note_key",
    "export_case_log",
    "format_public_key",
    "init_log",
    "init_prover",
    "init_witness",
    "load_key",
    "open_log",
    "open_prover",
    "parse_public_key",
    "write_case",
]

_OF_PROVER = ("ProverFolder", "ProverPlan", "init_prover", "open_prover")


def __getattr__(name: str) -> object:
    """Load what a prover needs when it is first asked for."""
    if name not in _OF_PROVER:
        raise AttributeError(f"module 'allstop.store' has no attribute {name!r}")
    from allstop.store import _prover

    return vars(_prover)[name]
