"""Writes a case: policy, the published log whole, and the blobs that its statements name (spec/case.md)."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from allstop.case import POLICY_PATH, blob_path
from allstop.errors import MalformedError
from allstop.ids import Digest, digest_of
from allstop.statement import parse_envelope, parse_statement
from allstop.store._disk import COPY_FILE, LOCAL_DISK, Disk, fresh_folder, operational, write_new
from allstop.store._files import BlobStore
from allstop.store._public import LogFolder, copy_log
from allstop.witness import UnsafeNoQuorum, format_policy, parse_policy

__all__ = ["write_case"]


def write_case(
    target: Path,
    *,
    policy: bytes,
    allow_no_quorum: UnsafeNoQuorum | None = None,
    log: LogFolder,
    blobs: BlobStore,
    agreement: bytes,
    leave_out: Collection[Digest] = frozenset(),
    disk: Disk = LOCAL_DISK,
) -> tuple[Digest, ...]:
    """Write a case to a new folder and return the digests of the blobs in it, sorted.

    Every blob that a statement names and `blobs` holds goes in, except those in `leave_out`; `agreement`
    always does. `policy` is written in its one spelling, without comments. The tree is verified; signatures and quorum are not: open the case to check those.

    Raises:
        ConflictError: `target` is there and not an empty folder.
        NotFoundError: nothing was published yet.
        VerificationError: the policy is malformed, or the log or a blob on disk is not what its hashes say; nothing is left behind.
    """
    canonical = format_policy(parse_policy(policy, allow_no_quorum=allow_no_quorum))
    with operational(f"write case {target.name}"), fresh_folder(disk, target) as building:
        scratch = building / ".scratch"
        disk.make_folder(building / "log")
        _, entries = copy_log(log, building / "log", disk=disk)
        own = digest_of(agreement)
        held = {digest for digest in _named(entries) if blobs.has(digest)}.difference(leave_out, {own})
        files = [(POLICY_PATH, canonical), (blob_path(own), agreement)]
        write_new(disk, building, files, scratch=scratch, mode=COPY_FILE)
        copies = ((blob_path(digest), blobs.read(digest)) for digest in sorted(held))  # One at a time.
        write_new(disk, building, copies, scratch=scratch, mode=COPY_FILE)
    return tuple(sorted({*held, own}))


def _named(entries: Iterable[bytes]) -> Iterator[Digest]:
    for entry in entries:
        try:
            statement = parse_statement(parse_envelope(entry).payload)
        except MalformedError:
            continue  # Whoever opens the case is told; here it names no blob.
        yield from (subject.digest for subject in statement.subjects)
