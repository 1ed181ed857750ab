"""Writes a case: policy, the published log whole, and the blobs that its statements name (spec/case.md)."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from allstop.errors import MalformedError
from allstop.ids import Digest, digest_of
from allstop.statement import parse_envelope, parse_statement
from allstop.store._disk import COPY_FILE, LOCAL_DISK, Disk, fresh_folder, operational, write_new
from allstop.store._files import BlobStore, blob_path
from allstop.store._public import LogFolder, copy_log

__all__ = ["write_case"]


def write_case(
    target: Path,
    *,
    policy: bytes,
    log: LogFolder,
    blobs: BlobStore,
    agreement: bytes,
    leave_out: Collection[Digest] = frozenset(),
    disk: Disk = LOCAL_DISK,
) -> tuple[Digest, ...]:
    """Write a case to a new folder and return the digests of the blobs in it, sorted.

    Every blob that a statement names and `blobs` holds goes in, except those in `leave_out`; `agreement`
    always does. The tree is verified; signatures and quorum are not: open the case to check those.

    Raises:
        ConflictError: `target` is there and not an empty folder.
        NotFoundError: nothing was published yet.
        VerificationError: the log or a blob on disk is not what its hashes say; nothing is left behind.
    """
    with operational(f"write case {target.name}"), fresh_folder(disk, target) as building:
        scratch = building / ".scratch"
        disk.make_folder(building / "log")
        _, entries = copy_log(log, building / "log", disk=disk)
        named = sorted({digest for digest in _named(entries) if blobs.has(digest)} - set(leave_out))
        own = digest_of(agreement)
        disk.make_folder(building / "blobs")
        files = ((blob_path(digest), blobs.read(digest)) for digest in named if digest != own)
        write_new(disk, building / "blobs", files, scratch=scratch, mode=COPY_FILE)
        write_new(disk, building / "blobs", [(blob_path(own), agreement)], scratch=scratch, mode=COPY_FILE)
        write_new(disk, building, [("policy", policy)], scratch=scratch, mode=COPY_FILE)
    return tuple(sorted({*named, own}))


def _named(entries: Iterable[bytes]) -> Iterator[Digest]:
    for entry in entries:
        try:
            statement = parse_statement(parse_envelope(entry).payload)
        except MalformedError:
            continue  # Whoever opens the case is told; here it names no blob.
        yield from (subject.digest for subject in statement.subjects)
