"""Proven times: between which two cosigned notes each entry was logged.

Implements spec/case.md step 7. The note that a checkpoint statement quotes was cosigned before the batch
that begins there, and after everything that its tree holds. Nobody's own word about time is used; the
median over witnesses is not moved by fewer than half of them.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from allstop.case._entry import ChainFault, ChainFaultKind
from allstop.case._note import CHECKPOINT
from allstop.errors import LimitError, VerificationError
from allstop.ids import Digest
from allstop.keys import NoteKeyType
from allstop.statement import OpenedStatement
from allstop.times import Instant
from allstop.tlog import Hash
from allstop.witness import CosignedCheckpoint, Policy, open_checkpoint

__all__ = ["LoggedNote", "LoggedTimes", "is_checkpoint_statement", "prove_times"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedNote:
    """A cosigned note that the log quotes of itself: `note` verbatim, the tree that it covers, and when.

    `size` is also the index of the statement that quotes it. `low` and `high` are the lower and upper median
    of its cosignatures. `cosignatures` are the Ed25519 lines of the policy's witnesses, time and signature, by
    name: nobody but a witness can make its own, and no order or choice of other lines changes them.
    """

    size: int
    note: bytes
    cosignatures: tuple[tuple[str, bytes], ...]
    low: Instant
    high: Instant


@dataclass(frozen=True, kw_only=True)
class LoggedTimes:
    """The notes that a log holds of itself, by the size of the tree that each covers, rising."""

    notes: tuple[LoggedNote, ...]

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        return tuple(note.size for note in self.notes)

    def not_before(self, index: int) -> Instant | None:
        """Return the time of the last note that is quoted at or before this entry."""
        place = bisect_right(self._sizes, index)
        return self.notes[place - 1].low if place else None

    def not_after(self, index: int) -> Instant | None:
        """Return the time of the first logged note whose tree holds this entry."""
        place = bisect_right(self._sizes, index)
        return self.notes[place].high if place < len(self.notes) else None

    def at_size(self, size: int) -> Instant | None:
        """Return the time of the logged note over a tree of exactly this size."""
        place = bisect_right(self._sizes, size)
        return self.notes[place - 1].low if place and self._sizes[place - 1] == size else None

    @property
    def newest(self) -> Instant | None:
        """The time of the newest logged note."""
        return self.notes[-1].high if self.notes else None


class _Fault(Exception):
    """Why a checkpoint statement proves nothing."""

    def __init__(self, kind: ChainFaultKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


def is_checkpoint_statement(opened: OpenedStatement, agreement: Digest) -> bool:
    """Tell whether a statement quotes a note under this agreement."""
    statement = opened.statement
    return statement.predicate == CHECKPOINT.name and statement.header.agreement == agreement


def prove_times(
    statements: Sequence[OpenedStatement],
    *,
    agreement: Digest,
    origin: str,
    policy: Policy,
    roots: Mapping[int, Hash],
) -> tuple[LoggedTimes, tuple[ChainFault, ...]]:
    """Return the times that the quoted notes prove, and a fault for each note that proves none.

    `roots` has the root of the tree at the index of every checkpoint statement.
    """
    notes: list[LoggedNote] = []
    faults: list[ChainFault] = []
    for index, opened in enumerate(statements):
        if not is_checkpoint_statement(opened, agreement):
            continue
        try:
            found = _open_quoted(opened, index, origin, policy, roots[index])
            if found is not None and found[0].cosignatures:  # without a quorum rule a note may prove no time
                notes.append(_follow(notes, index, *found, policy))
        except _Fault as fault:
            faults.append(
                ChainFault(
                    party=opened.statement.header.party,
                    entry_index=index,
                    kind=fault.kind,
                    text=fault.text,
                    rests_on=(index,),
                )
            )
    return LoggedTimes(notes=tuple(notes)), tuple(faults)


def _open_quoted(
    opened: OpenedStatement, index: int, origin: str, policy: Policy, root: Hash
) -> tuple[CosignedCheckpoint, bytes] | None:
    """Return the note that a checkpoint statement quotes, verified, and its bytes; None in the first batch."""
    try:
        quoted = CHECKPOINT.read(opened.statement).note
        note = None if quoted is None else open_checkpoint(quoted, policy)
    except (VerificationError, LimitError) as exc:
        raise _Fault(ChainFaultKind.BAD_NOTE, exc.message) from exc
    if note is None or quoted is None:
        if index:
            raise _Fault(ChainFaultKind.BAD_NOTE, "quotes no note, want the previous one")
        return None
    if note.unknown_count:
        raise _Fault(
            ChainFaultKind.BAD_NOTE,
            f"note has {note.unknown_count} lines by keys that the policy does not have",
        )
    checkpoint = note.checkpoint
    if checkpoint.origin != origin:
        raise _Fault(ChainFaultKind.BAD_NOTE, f"note is of log {checkpoint.origin[:64]!r}, want {origin!r}")
    if checkpoint.size != index:
        raise _Fault(
            ChainFaultKind.BAD_NOTE,
            f"note covers {checkpoint.size} entries, want the {index} before this one",
        )
    if checkpoint.root != root:
        raise _Fault(ChainFaultKind.SPLIT_VIEW, f"note has another root at size {index} than this log")
    return note, quoted


def _follow(
    notes: Sequence[LoggedNote], index: int, note: CosignedCheckpoint, quoted: bytes, policy: Policy
) -> LoggedNote:
    """Return a note with its medians; it is not dated before the last one."""
    low, high = note.lower_median(), note.upper_median()
    if notes and (low < notes[-1].low or high < notes[-1].high):
        raise _Fault(
            ChainFaultKind.TIME_BACKWARDS,
            f"note over {index} entries is dated before the note over {notes[-1].size}",
        )
    lines = {(line.name, line.key_id): line.signature for line in note.note.signatures}
    cosignatures = tuple(
        (witness.name, lines[witness.key.name, witness.key.id])
        for witness in sorted(policy.witnesses, key=lambda witness: witness.name)
        if witness.key.type is NoteKeyType.COSIGNATURE_ED25519 and (witness.key.name, witness.key.id) in lines
    )
    return LoggedNote(size=index, note=quoted, cosignatures=cosignatures, low=low, high=high)
