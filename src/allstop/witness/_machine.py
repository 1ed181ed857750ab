"""The witness: what it answers to add-checkpoint, C2SP tlog-witness v1.0.0. spec/witness.md section 3.

`step` decides and holds no key, so it cannot cosign. The caller stores the new record, atomically with
the check and durably, and only then asks for the `answer`: a crash in between loses a cosignature,
never a record. No HTTP here.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from allstop.canon import format_base64, format_decimal, parse_decimal
from allstop.errors import LimitError, MalformedError, ProofError, SignatureError
from allstop.keys import NoteKey, SigningKey
from allstop.times import Instant
from allstop.tlog import (
    EMPTY_ROOT,
    NOTE_BYTES_MAX,
    PROOF_HASHES_MAX,
    Checkpoint,
    Hash,
    open_note,
    parse_checkpoint,
    parse_hash_lines,
    parse_note,
    verify_consistency,
)
from allstop.witness._checkpoint import cosign
from allstop.witness._split_view import format_split_view

__all__ = [
    "CHECKS",
    "AddCheckpoint",
    "Answer",
    "Check",
    "Decision",
    "LogRecord",
    "Status",
    "answer",
    "format_add_checkpoint",
    "monitoring_path",
    "parse_add_checkpoint",
    "step",
]

_REQUEST_BYTES_MAX = NOTE_BYTES_MAX + 4096
_OLD = b"old "


class Status(Enum):
    """HTTP status of an answer."""

    OK = 200
    BAD_REQUEST = 400
    FORBIDDEN = 403
    NOT_FOUND = 404
    CONFLICT = 409
    UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A request to cosign: the size that the witness has recorded, a proof from there, the checkpoint.

        old 20852014
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=

        example.org/evidence-log
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

        — example.org/evidence-log Az3grlgtzPICa5OS8npVmf...

    At most 63 hashes; `checkpoint` is what `note` says, unverified.
    """

    old_size: int
    proof: tuple[Hash, ...]
    note: bytes
    checkpoint: Checkpoint


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Parse the body of an add-checkpoint request.

    Raises:
        LimitError: the body is too long.
        MalformedError: it is not in that form; the answer to such a request is 400.
    """
    if len(data) > _REQUEST_BYTES_MAX:
        raise LimitError(f"request has {len(data)} bytes, want at most {_REQUEST_BYTES_MAX}")
    head, blank, note = data.partition(b"\n\n")
    if not blank or not head.startswith(_OLD):
        raise MalformedError("request does not begin with an old size and a blank line after the proof")
    try:
        old, *lines = head.removeprefix(_OLD).decode("ascii").split("\n")
    except UnicodeDecodeError as exc:
        raise MalformedError("request is not ASCII before its checkpoint") from exc
    return AddCheckpoint(
        old_size=parse_decimal(old),
        proof=parse_hash_lines(lines),
        note=note,
        checkpoint=parse_checkpoint(parse_note(note).text),
    )


def format_add_checkpoint(*, old_size: int, proof: Sequence[Hash], note: bytes) -> bytes:
    """Return the body of an add-checkpoint request.

    Raises:
        MalformedError: the proof has more than 63 hashes.
    """
    if len(proof) > PROOF_HASHES_MAX:
        raise MalformedError(f"proof has {len(proof)} hashes, want at most {PROOF_HASHES_MAX}")
    lines = [f"old {format_decimal(old_size)}", *map(format_base64, proof)]
    return "\n".join(lines).encode("ascii") + b"\n\n" + note


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """What a witness remembers of one log: its keys, and the newest checkpoint that it cosigned.

    `size` 0, `root` of the empty tree and `note` None if it never cosigned one. A log is never removed,
    only blocked: forgetting the size would let the log start over with another tree.
    """

    origin: str
    keys: tuple[NoteKey, ...]
    size: int = 0
    root: Hash = EMPTY_ROOT
    note: bytes | None = None
    is_blocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do with a request. `record` is to be stored before anyone sees the answer.

    `evidence` is a split view proof, if the request completed one; it should be kept and published.
    """

    status: Status
    text: str
    request: AddCheckpoint
    record: LogRecord | None
    evidence: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row of the table: the answer, in words when it is given, and the test that decides."""

    status: Status
    text: str
    fails: Callable[[LogRecord, AddCheckpoint], bool]


def _is_blocked(record: LogRecord, request: AddCheckpoint) -> bool:
    return record.is_blocked


def _has_bad_signature(record: LogRecord, request: AddCheckpoint) -> bool:
    try:
        open_note(request.note, record.keys)
    except SignatureError:
        return True
    return False


def _goes_back(record: LogRecord, request: AddCheckpoint) -> bool:
    return request.old_size > request.checkpoint.size


def _differs_from_record(record: LogRecord, request: AddCheckpoint) -> bool:
    return request.old_size != record.size


def _proves_from_nothing(record: LogRecord, request: AddCheckpoint) -> bool:
    return request.old_size == 0 and bool(request.proof)


def _has_false_empty_root(record: LogRecord, request: AddCheckpoint) -> bool:
    return request.checkpoint.size == 0 and request.checkpoint.root != EMPTY_ROOT


def _has_second_root(record: LogRecord, request: AddCheckpoint) -> bool:
    return request.checkpoint.size == record.size and request.checkpoint.root != record.root


def _has_bad_proof(record: LogRecord, request: AddCheckpoint) -> bool:
    if request.old_size == 0:  # every tree begins with nothing; a general verifier refuses the question
        return False
    try:
        verify_consistency(
            old_size=record.size,
            old_root=record.root,
            size=request.checkpoint.size,
            root=request.checkpoint.root,
            proof=request.proof,
        )
    except ProofError:
        return True
    return False


CHECKS = (
    Check(status=Status.FORBIDDEN, text="log is blocked", fails=_is_blocked),
    Check(status=Status.FORBIDDEN, text="no valid signature by the log", fails=_has_bad_signature),
    Check(status=Status.BAD_REQUEST, text="old size is above the checkpoint's size", fails=_goes_back),
    Check(status=Status.CONFLICT, text="old size is not the recorded size", fails=_differs_from_record),
    Check(status=Status.UNPROCESSABLE, text="proof given with old size 0", fails=_proves_from_nothing),
    Check(status=Status.UNPROCESSABLE, text="empty tree with another root", fails=_has_false_empty_root),
    Check(status=Status.UNPROCESSABLE, text="same size with another root", fails=_has_second_root),
    Check(status=Status.UNPROCESSABLE, text="consistency proof does not verify", fails=_has_bad_proof),
)
"""The transition table: the first row that fails gives the answer; if none does, the answer is 200.

Before it, a log that is not in the witness's list answers 404.
"""


def step(record: LogRecord | None, request: AddCheckpoint) -> Decision:
    """Decide on one request, given what is recorded of the log that it names (None: unknown log).

    Pure: the caller must make sure that no other request for this origin is decided between reading
    `record` and storing the new one; else two requests can roll the log back.
    """
    # spec/witness.md section 3
    if record is None or record.origin != request.checkpoint.origin:
        return Decision(status=Status.NOT_FOUND, text="unknown log", request=request, record=record)
    for check in CHECKS:
        if check.fails(record, request):
            evidence = None
            if check.fails is _has_second_root and record.note is not None:
                evidence = format_split_view(record.note, request.note)
            return Decision(
                status=check.status, text=check.text, request=request, record=record, evidence=evidence
            )
    new = replace(record, size=request.checkpoint.size, root=request.checkpoint.root, note=request.note)
    return Decision(status=Status.OK, text="cosigned", request=request, record=new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over HTTP."""

    status: Status
    content_type: str
    body: bytes


def answer(decision: Decision, keys: Sequence[SigningKey], *, name: str, at: Instant) -> Answer:
    """Return the answer to a decided request; with status 200, the cosignature lines by `keys`.

    Call it only after `decision.record` is on disk.
    """
    if decision.status is Status.OK:
        lines = [cosign(decision.request.note, key=key, name=name, at=at) for key in keys]
        return Answer(status=Status.OK, content_type="text/plain; charset=utf-8", body=b"".join(lines))
    if decision.status is Status.CONFLICT and decision.record is not None:
        size = format_decimal(decision.record.size).encode("ascii") + b"\n"
        return Answer(status=Status.CONFLICT, content_type="text/x.tlog.size", body=size)
    text = decision.text.encode("utf-8") + b"\n"
    return Answer(status=decision.status, content_type="text/plain; charset=utf-8", body=text)


def monitoring_path(origin: str) -> str:
    """Return the path, under the monitoring prefix, of the newest checkpoint cosigned for a log."""
    return f"{hashlib.sha256(origin.encode('utf-8')).hexdigest()}/checkpoint"
