"""A witness on disk: it remembers the newest tree of each log and signs only what continues it.

    logs              vkeys of the logs it watches, one a line
    lock.sqlite       HeadLock: the newest checkpoint that it may have cosigned, with the log's note
    evidence/         proofs of split views, named by their digests

The order is what counts (C2SP tlog-witness, W3): check and record are one swap in the lock, durable
before a signature is made. A crash in between loses a cosignature, which the log asks for again.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from allstop.errors import (
    AllstopError,
    ConflictError,
    MalformedError,
    NotFoundError,
    ProofError,
    SignatureError,
    SplitViewError,
)
from allstop.ids import digest_of
from allstop.keys import NoteKey, SigningKey, format_vkey, parse_vkey
from allstop.store._disk import LOCAL_DISK, Disk, fresh_folder, operational, write_durable, write_new
from allstop.store._lock import HeadLock, create_lock
from allstop.store._log import ProveConsistency
from allstop.times import Instant
from allstop.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    format_checkpoint,
    parse_checkpoint,
    parse_note,
)
from allstop.witness import (
    AddCheckpoint,
    Answer,
    Decision,
    LogRecord,
    Status,
    answer,
    parse_add_checkpoint,
    step,
)

__all__ = ["FileWitness", "init_witness"]

_LOGS_BYTES_MAX = 1024 * 1024
_ERRORS: dict[Status, type[AllstopError]] = {
    Status.BAD_REQUEST: ProofError,
    Status.FORBIDDEN: SignatureError,
    Status.NOT_FOUND: NotFoundError,
    Status.CONFLICT: ConflictError,
    Status.UNPROCESSABLE: ProofError,
}


def init_witness(directory: Path, *, disk: Disk = LOCAL_DISK) -> None:
    """Create a witness that watches no log yet. Run twice, it refuses: its memory is what it is for.

    Raises:
        ConflictError: something is there already.
    """
    with operational(f"create {directory.name}"), fresh_folder(disk, directory) as building:
        disk.make_folder(building / "evidence")
        write_durable(disk, building / "logs", b"", mode=0o644, scratch=building / "logs.new")
        create_lock(building / "lock.sqlite", disk=disk)


class FileWitness:
    """A witness with its memory in a folder. `clock` tells the time; it must not step back.

    Any number of processes may use one folder: the lock makes their answers serializable.
    """

    def __init__(
        self,
        directory: Path,
        *,
        name: str,
        keys: Sequence[SigningKey],
        clock: Callable[[], Instant],
        disk: Disk = LOCAL_DISK,
    ) -> None:
        self._directory = directory
        self._name = name
        self._keys = tuple(keys)
        self._clock = clock
        self._disk = disk
        self._lock = HeadLock(directory / "lock.sqlite", disk=disk)

    def logs(self) -> tuple[NoteKey, ...]:
        """Return the keys of the logs that this witness watches.

        Raises:
            NotFoundError: this folder holds no witness.
        """
        with operational("read the witness's logs"):
            data = self._disk.read(self._directory / "logs", _LOGS_BYTES_MAX)
        try:
            return tuple(parse_vkey(line) for line in data.decode("utf-8").splitlines())
        except UnicodeDecodeError as exc:
            raise MalformedError("logs of the witness are not UTF-8") from exc

    def add_log(self, keys: Sequence[NoteKey]) -> None:
        """Watch a log, known by the name of its keys. What is remembered of it already stays.

        Raises:
            ConflictError: the log is watched under other keys; a new key means a new origin.
            MalformedError: there is no key, or they have several names.
        """
        origins = {key.name for key in keys}
        if len(origins) != 1:
            raise MalformedError(f"log has keys of {len(origins)} names, want 1")
        (origin,) = origins
        logs = self.logs()
        known = {key for key in logs if key.name == origin}
        if known and known != set(keys):
            raise ConflictError(f"log {origin} is watched under other keys")
        if self._lock.load(origin) is None:
            empty = format_checkpoint(Checkpoint(origin=origin, size=0, root=EMPTY_ROOT))
            self._lock.replace(origin, old=None, new=empty, at=self._clock())
        if not known:
            data = "".join(format_vkey(key) + "\n" for key in (*logs, *keys)).encode()
            path = self._directory / "logs"
            with operational("write the witness's logs"):
                write_durable(
                    self._disk, path, data, mode=0o644, scratch=path.with_name(f"logs.{digest_of(data)}")
                )

    def record(self, origin: str) -> LogRecord | None:
        """Return what is remembered of a log, None if it is not watched.

        Raises:
            ConflictError: the log is watched but the lock knows nothing of it: it came from a copy.
        """
        keys = tuple(key for key in self.logs() if key.name == origin)
        if not keys:
            return None
        stored = self._lock.load(origin)
        if stored is None:
            raise ConflictError(f"lock has no head for {origin}, which is watched")
        head = parse_checkpoint(stored)
        note = self._lock.load_note(origin)
        return LogRecord(origin=origin, keys=keys, size=head.size, root=head.root, note=note)

    def answer(self, request: bytes) -> Answer:
        """Answer the body of an add-checkpoint request (C2SP tlog-witness, W1 and W2).

        Raises:
            MalformedError, LimitError: the body is not such a request; the answer to send is 400.
            ConflictError: another process swapped the head meanwhile; ask again.
            OperationalError: the clock stepped back, or the disk failed; nothing was signed.
        """
        decision, at = self._decide(parse_add_checkpoint(request))
        return answer(decision, self._keys, name=self._name, at=at)

    def cosign(self, note: bytes, prove: ProveConsistency) -> bytes:
        """Return this witness's cosignature lines for a log's note, recorded before they were made.

        `prove` is asked once, for the size that is recorded.

        Raises:
            NotFoundError: the log is not watched.
            SplitViewError: the log signed another root for this size; the evidence is kept.
            VerificationError: the note or the proof does not verify, or goes back.
            ConflictError: another process swapped the head meanwhile; ask again.
            OperationalError: the clock stepped back, or the disk failed; nothing was signed.
        """
        checkpoint = parse_checkpoint(parse_note(note).text)
        record = self.record(checkpoint.origin)
        old_size = 0 if record is None else record.size
        proof = prove(old_size) if 0 < old_size < checkpoint.size else ()
        request = AddCheckpoint(old_size=old_size, proof=proof, note=note, checkpoint=checkpoint)
        decision, at = self._decide(request)
        if decision.evidence is not None:
            raise SplitViewError(decision.text, evidence=decision.evidence)
        error = _ERRORS.get(decision.status)
        if error is not None:
            raise error(f"witness {self._name} refuses size {checkpoint.size}: {decision.text}")
        return answer(decision, self._keys, name=self._name, at=at).body

    def _decide(self, request: AddCheckpoint) -> tuple[Decision, Instant]:
        """Decide, and make durable what must be before anyone sees the answer."""
        origin = request.checkpoint.origin
        record = self.record(origin)
        decision = step(record, request)
        if decision.status is Status.OK and record is not None and _is_same_tree(record, request):
            signed_at = self._lock.load_time(origin)
            if signed_at is not None:
                # Asked again, it gives the same answer: who could collect several signatures on one tree could
                # choose among the draws that they make.
                return decision, signed_at
        at = self._clock()
        if decision.evidence is not None:
            self._keep(decision.evidence)
        if decision.status is Status.OK and record is not None:
            old = format_checkpoint(Checkpoint(origin=origin, size=record.size, root=record.root))
            new = format_checkpoint(request.checkpoint)
            self._lock.replace(origin, old=old, new=new, at=at, note=request.note)
        return decision, at

    def _keep(self, evidence: bytes) -> None:
        folder, name = self._directory / "evidence", digest_of(evidence)
        with operational("keep evidence"):
            write_new(self._disk, folder, [(f"{name}.json", evidence)], scratch=folder / f".{name}")


def _is_same_tree(record: LogRecord, request: AddCheckpoint) -> bool:
    """Tell whether this very tree was signed before; a log that was only added has no note yet."""
    asked = request.checkpoint
    return record.note is not None and (record.size, record.root) == (asked.size, asked.root)
