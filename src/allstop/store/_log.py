"""A transparency log on disk: entries are staged, then published in batches that cannot be half done.

    identity          the log's public keys, one vkey a line; their name is the origin
    lock.sqlite       HeadLock: the newest tree that may be signed
    writer            held by the one process that may write
    pending/          entries acknowledged but not yet in the tree
    staging/bundle    the batch on its way into the tree
    public/           checkpoint and tiles: all that anyone else ever sees

The order of `COMMIT_ORDER` is what makes a crash at any point harmless:

- the bundle is durable before the lock moves, so a lock that is ahead can be caught up;
- the lock moves before anything is signed, so no two trees of one size are ever signed;
- the tree is durable before its checkpoint, so no reader sees a checkpoint without its tiles;
- pending entries go only after the checkpoint, so none that was acknowledged is lost.

Nothing is retried: a `Log` that failed once refuses all further work and must be opened again.
KNOWN GAP: to keep duplicates out, the hashes of all entries are read once (32 bytes each); a log of more
than about 10^8 entries wants an index instead.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType

from allstop.errors import ConflictError, LimitError, MalformedError, NotFoundError, OperationalError
from allstop.keys import NoteKey, NoteKeyType, format_vkey, parse_vkey
from allstop.store._bundle import BUNDLE_BYTES_MAX, Bundle, format_bundle, parse_bundle
from allstop.store._disk import LOCAL_DISK, Disk, fresh_folder, operational, write_durable, write_new
from allstop.store._edge import EMPTY_EDGE, Edge, grow, read_edge
from allstop.store._lock import HeadLock, create_lock
from allstop.store._pending import Pending
from allstop.store._public import CHECKPOINT_FILE, LogFolder
from allstop.tlog import (
    EMPTY_ROOT,
    HASH_BYTES,
    NOTE_BYTES_MAX,
    TILE_WIDTH,
    Checkpoint,
    Hash,
    format_checkpoint,
    leaf_hash,
    open_note,
    parse_checkpoint,
    parse_tile_path,
    tile_path,
)

__all__ = [
    "COMMIT_ORDER",
    "FREE_BYTES_MIN",
    "Cosign",
    "Log",
    "ProveConsistency",
    "SignCheckpoint",
    "Step",
    "init_log",
    "open_log",
]

FREE_BYTES_MIN = 64 * 1024 * 1024
"""Below this much free disk no entry is acknowledged: a full disk has cost other logs their promises."""

_IDENTITY_BYTES_MAX = 16 * 1024

SignCheckpoint = Callable[[Checkpoint], bytes]
"""Returns the checkpoint as a note signed with every key of the log's identity."""

ProveConsistency = Callable[[int], tuple[Hash, ...]]
"""Returns the proof that the tree to be cosigned continues the tree of this size."""

Cosign = Callable[[bytes, ProveConsistency], bytes]
"""Takes the log's note, returns it with cosignatures added; raises if the quorum is not reached."""


class Step(Enum):
    """One step of a commit."""

    STAGE = "write the bundle"
    READ_BACK = "read it back and compute the root"
    LOCK = "swap the head in the lock"
    SIGN = "sign the checkpoint"
    TILES = "write tiles and entries"
    COSIGN = "collect cosignatures"
    CHECKPOINT = "publish the checkpoint"
    CLEAN = "remove what is published from pending"


COMMIT_ORDER = tuple(Step)
"""The order that is safe; tests show that others are not."""


@dataclass(slots=True, kw_only=True)
class _Commit:
    """A batch on its way; fields fill as steps are done."""

    sign: SignCheckpoint | None = None
    cosign: Cosign | None = None
    bundle: Bundle
    edge: Edge = EMPTY_EDGE
    files: tuple[tuple[str, bytes], ...] = ()
    note: bytes = b""


def init_log(directory: Path, *, origin: str, keys: Sequence[NoteKey], disk: Disk = LOCAL_DISK) -> None:
    """Create an empty log. Run twice, it refuses: a second lock for one origin could sign a second tree.

    Raises:
        ConflictError: something is there already.
        MalformedError: a key has another name than `origin`, or none is an Ed25519 log key.
    """
    if any(key.name != origin for key in keys):
        raise MalformedError(f"log key has another name than the origin {origin!r}")
    if not any(key.type is NoteKeyType.ED25519 for key in keys):
        raise MalformedError("log has no Ed25519 key, want at least one")
    empty = format_checkpoint(Checkpoint(origin=origin, size=0, root=EMPTY_ROOT))
    identity = "".join(format_vkey(key) + "\n" for key in keys).encode()
    with operational(f"create {directory.name}"), fresh_folder(disk, directory) as building:
        for folder in ("pending", "staging", "public"):
            disk.make_folder(building / folder)
        write_durable(disk, building / "identity", identity, mode=0o444, scratch=building / "staging" / "new")
        create_lock(building / "lock.sqlite", disk=disk)
        HeadLock(building / "lock.sqlite", disk=disk).replace(origin, old=None, new=empty)


def open_log(directory: Path, *, disk: Disk = LOCAL_DISK, order: Sequence[Step] = COMMIT_ORDER) -> "Log":
    """Open a log for writing, and bring what a crash left into one of two known states.

    Afterwards the log is either whole, or `is_unfinished`: then `recover` finishes the last batch.

    Raises:
        ConflictError: another process is writing, or lock and published tree do not fit together: files
            were restored from a copy, and going on could fork the log.
        NotFoundError: identity or lock is not there; neither is ever made again.
        ProofError: the published tree does not lead to its signed root.
    """
    with operational(f"open {directory.name}"):
        keys = _parse_identity(disk.read(directory / "identity", _IDENTITY_BYTES_MAX))
        writer = _hold(directory / "writer")
    log = Log(directory, keys=keys, writer=writer, disk=disk, order=order)
    try:
        log._settle()
    except BaseException:
        log.close()
        raise
    return log


def _parse_identity(data: bytes) -> tuple[NoteKey, ...]:
    try:
        return tuple(parse_vkey(line) for line in data.decode("utf-8").splitlines())
    except UnicodeDecodeError as exc:
        raise MalformedError("identity is not UTF-8") from exc


def _hold(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        os.close(handle)
        raise ConflictError("another process is writing this log") from exc
    return handle


class Log:
    """A log open for writing by this process alone. Made by `open_log`; close it, or use `with`."""

    def __init__(
        self, directory: Path, *, keys: tuple[NoteKey, ...], writer: int, disk: Disk, order: Sequence[Step]
    ) -> None:
        self.origin = keys[0].name
        self.public = LogFolder(directory / "public", disk=disk)
        self._directory = directory
        self._keys = keys
        self._writer = writer
        self._disk = disk
        self._order = tuple(order)
        self._lock = HeadLock(directory / "lock.sqlite", disk=disk)
        self._bundle_path = directory / "staging" / "bundle"
        self._scratch = directory / "staging" / "new"
        self._edge = EMPTY_EDGE
        self._unfinished: Bundle | None = None
        self._pending = Pending(directory / "pending", scratch=self._scratch, disk=disk)
        self._tree_hashes: set[Hash] | None = None
        self._is_broken = False

    def __enter__(self) -> "Log":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let another process write."""
        if self._writer >= 0:
            os.close(self._writer)
            self._writer = -1

    @property
    def size(self) -> int:
        """Number of entries in the published tree."""
        return self._edge.size

    @property
    def is_unfinished(self) -> bool:
        """Tell whether the last batch has moved the lock but was not published."""
        return self._unfinished is not None

    def pending(self) -> tuple[bytes, ...]:
        """Return the entries that are acknowledged but not yet in the tree, in order."""
        return self._pending.entries()

    # What a crash left -------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Compare lock, published tree and bundle, and refuse what no crash can explain (`open_log`)."""
        with self._guard("open the log"):
            head, published, bundle = self._head(), self._published(), self._staged()
            self._edge = read_edge(size=published.size, root=published.root, read=self.public.read)
            if head == published:
                self._drop_bundle(bundle)
            elif head.size <= published.size:
                hint = "the lock came back from a copy; this origin must never sign again"
                raise ConflictError(
                    f"lock is at size {head.size}, behind the published {published.size}", hint=hint
                )
            elif bundle is None or _grow_to(self._edge, bundle) != (head.size, head.root):
                hint = "restore the newest files of this log, not older ones"
                raise ConflictError(
                    f"lock is at size {head.size}, ahead of the published {published.size}, "
                    "and no bundle leads from one to the other",
                    hint=hint,
                )
            else:
                self._unfinished = bundle
            self._pending.load(start=0 if self._unfinished is None else self._unfinished.pending_end)

    def _head(self) -> Checkpoint:
        stored = self._lock.load(self.origin)
        if stored is None:
            raise ConflictError(f"lock has no head for {self.origin}")
        return parse_checkpoint(stored)

    def _published(self) -> Checkpoint:
        try:
            note = self.public.note()
        except NotFoundError:
            return Checkpoint(origin=self.origin, size=0, root=EMPTY_ROOT)
        self._check_note(note)
        return parse_checkpoint(open_note(note, self._keys).note.text)

    def _staged(self) -> Bundle | None:
        try:
            return parse_bundle(self._disk.read(self._bundle_path, BUNDLE_BYTES_MAX))
        except (FileNotFoundError, MalformedError):
            # A damaged bundle is as good as none: either it was not locked, and its entries are still
            # pending, or the lock is ahead, which is refused.
            return None

    def _drop_bundle(self, bundle: Bundle | None) -> None:
        """Remove a bundle that is published whole (with its pending files), or was never locked."""
        if bundle is not None and bundle.old_size + len(bundle.entries) == self._edge.size:
            self._clean(bundle)
        elif self._bundle_path.exists():
            self._remove_bundle()

    # Staging -----------------------------------------------------------------------------------------

    def stage(self, entries: Sequence[bytes]) -> int:
        """Take entries for the next batch; when this returns they are durable and will be published.

        An entry that the log holds or has pending already is acknowledged and not added again, so that a
        submitter who saw no answer can ask again. Returns how many were added.

        Raises:
            LimitError: an entry is too long, or batch or disk too full; nothing was taken.
        """
        self._refuse_broken()
        fresh = tuple(dict.fromkeys(entry for entry in entries if not self._holds(leaf_hash(entry))))
        self._pending.check_room(fresh)
        with operational("stage"):
            if self._disk.free_bytes(self._directory) < FREE_BYTES_MIN:
                raise LimitError(f"disk has less than {FREE_BYTES_MIN} bytes free")
        with self._guard("stage"):
            if fresh:
                self._pending.add(fresh)
        return len(fresh)

    def _holds(self, leaf: Hash) -> bool:
        return self._pending.holds(leaf) or leaf in self._in_tree()

    def _in_tree(self) -> set[Hash]:
        """Return the leaf hashes of all entries that are published or on their way."""
        if self._tree_hashes is None:
            hashes = set(self._edge.rows[0] if self._edge.rows else ())
            for index in range(self.size // TILE_WIDTH):
                data = self.public.read(tile_path(0, index))
                hashes.update(Hash(data[at : at + HASH_BYTES]) for at in range(0, len(data), HASH_BYTES))
            if self._unfinished is not None:
                hashes.update(map(leaf_hash, self._unfinished.entries))
            self._tree_hashes = hashes
        return self._tree_hashes

    # Publishing --------------------------------------------------------------------------------------

    def publish(
        self, *, sign: SignCheckpoint, cosign: Cosign, checkpoint_statement: bytes | None
    ) -> bytes | None:
        """Put all pending entries into the tree, behind `checkpoint_statement`; return the cosigned note.

        None if there is nothing to publish.

        Raises:
            ConflictError: the last batch is unfinished: `recover` first, and quote its note.
        """
        self._refuse_broken()
        if self._unfinished is not None:
            raise ConflictError("the last batch is unfinished", hint="recover it first")
        first = () if checkpoint_statement is None else (checkpoint_statement,)
        with self._guard("publish"):
            # Pending entries that are in the tree are there only after a damaged bundle was dropped.
            fresh = tuple(entry for entry in self.pending() if leaf_hash(entry) not in self._in_tree())
            if not first + fresh:
                return None
            bundle = Bundle(old_size=self.size, pending_end=self._pending.end, entries=first + fresh)
            return self._commit(_Commit(sign=sign, cosign=cosign, bundle=bundle), self._order)

    def recover(self, *, sign: SignCheckpoint, cosign: Cosign) -> bytes | None:
        """Finish the batch that a crash interrupted; return its cosigned note, None if there is none."""
        self._refuse_broken()
        if self._unfinished is None:
            return None
        with self._guard("recover"):
            edge, files = grow(self._edge, self._unfinished.entries)
            commit = _Commit(sign=sign, cosign=cosign, bundle=self._unfinished, edge=edge, files=files)
            done = {Step.STAGE, Step.READ_BACK, Step.LOCK}
            return self._commit(commit, [step for step in self._order if step not in done])

    def add_cosignatures(self, note: bytes) -> bytes:
        """Publish the newest checkpoint again with more signatures on it; durable when this returns.

        What the signatures added are worth is for the reader's policy.

        Raises:
            ConflictError: it is another checkpoint, or not signed by every key of this log; nothing changed.
            NotFoundError: nothing was published yet.
        """
        self._refuse_broken()
        if self._unfinished is not None:
            raise ConflictError("the last batch is unfinished", hint="recover it first")
        self.public.note()
        self._check_note(note, self._checkpoint(self._edge))
        with self._guard("add cosignatures"):
            path = self._directory / "public" / CHECKPOINT_FILE
            write_durable(self._disk, path, note, mode=0o444, scratch=self._scratch)
        return note

    def _commit(self, commit: _Commit, steps: Sequence[Step]) -> bytes:
        act = {
            Step.STAGE: self._step_stage,
            Step.READ_BACK: self._step_read_back,
            Step.LOCK: self._step_lock,
            Step.SIGN: self._step_sign,
            Step.TILES: self._step_tiles,
            Step.COSIGN: self._step_cosign,
            Step.CHECKPOINT: self._step_checkpoint,
            Step.CLEAN: self._step_clean,
        }
        for step in steps:
            act[step](commit)
        self._edge = commit.edge
        self._unfinished = None
        if self._tree_hashes is not None:
            self._tree_hashes.update(map(leaf_hash, commit.bundle.entries))
        return commit.note

    def _checkpoint(self, edge: Edge) -> Checkpoint:
        return Checkpoint(origin=self.origin, size=edge.size, root=edge.root())

    def _step_stage(self, commit: _Commit) -> None:
        data = format_bundle(commit.bundle)
        write_durable(self._disk, self._bundle_path, data, mode=0o600, scratch=self._scratch)

    def _step_read_back(self, commit: _Commit) -> None:
        # One flipped bit between hashing and writing has ended a log: what is signed is what is stored.
        commit.bundle = parse_bundle(self._disk.read(self._bundle_path, BUNDLE_BYTES_MAX))
        commit.edge, commit.files = grow(self._edge, commit.bundle.entries)

    def _step_lock(self, commit: _Commit) -> None:
        old, new = (format_checkpoint(self._checkpoint(edge)) for edge in (self._edge, commit.edge))
        self._lock.replace(self.origin, old=old, new=new)

    def _step_sign(self, commit: _Commit) -> None:
        if commit.sign is not None:
            commit.note = commit.sign(self._checkpoint(commit.edge))
        self._check_note(commit.note, self._checkpoint(commit.edge))

    def _step_tiles(self, commit: _Commit) -> None:
        write_new(self._disk, self._directory / "public", commit.files, scratch=self._scratch)
        for path, data in commit.files:
            if self.public.read(path) != data:
                raise OperationalError(f"{path} did not read back as it was written")

    def _step_cosign(self, commit: _Commit) -> None:
        size = commit.edge.size
        if commit.cosign is not None:
            commit.note = commit.cosign(
                commit.note, lambda old_size: self.public.prove_consistency(old_size=old_size, size=size)
            )
        self._check_note(commit.note, self._checkpoint(commit.edge))

    def _step_checkpoint(self, commit: _Commit) -> None:
        path = self._directory / "public" / CHECKPOINT_FILE
        write_durable(self._disk, path, commit.note, mode=0o444, scratch=self._scratch)

    def _step_clean(self, commit: _Commit) -> None:
        self._clean(commit.bundle)
        for path, _ in commit.files:
            # The partial tiles of a tile that is full now are wanted by no newer checkpoint.
            partial = self._directory / "public" / f"{path}.p"
            if parse_tile_path(path).width == TILE_WIDTH and partial.is_dir():
                self._disk.remove_folder(partial)

    def _clean(self, bundle: Bundle) -> None:
        """Remove the pending files in a bundle, then the bundle: in this order, or they would come back."""
        self._pending.remove(end=bundle.pending_end)
        self._remove_bundle()

    def _remove_bundle(self) -> None:
        self._disk.remove(self._bundle_path)
        self._disk.sync_folder(self._bundle_path.parent)

    def _check_note(self, note: bytes, want: Checkpoint | None = None) -> None:
        """Refuse a note that is not by all keys of this log, or not about the wanted checkpoint."""
        if len(note) > NOTE_BYTES_MAX:
            raise LimitError(f"note has {len(note)} bytes, want at most {NOTE_BYTES_MAX}")
        opened = open_note(note, self._keys)
        if not {item.key for item in opened.verified} >= set(self._keys):
            raise ConflictError("checkpoint is not signed by every key of this log")
        found = parse_checkpoint(opened.note.text)
        if found.origin != self.origin or (want is not None and found != want):
            raise ConflictError(f"checkpoint is of {found.origin} at size {found.size}, want another one")

    def _refuse_broken(self) -> None:
        if self._is_broken or self._writer < 0:
            raise OperationalError("this log is closed or has failed", hint="open it again")

    @contextlib.contextmanager
    def _guard(self, doing: str) -> Iterator[None]:
        """Let nothing be done after a failure: what is on disk is then known only by opening again."""
        try:
            with operational(doing):
                yield
        except BaseException:
            self._is_broken = True
            raise


def _grow_to(edge: Edge, bundle: Bundle) -> tuple[int, Hash] | None:
    """Return size and root after the bundle's entries, None if it does not follow this edge."""
    if bundle.old_size != edge.size:
        return None
    grown, _ = grow(edge, bundle.entries)
    return grown.size, grown.root()
