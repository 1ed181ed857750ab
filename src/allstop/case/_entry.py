"""What a verified case gives of each entry, and what is wrong with parties' chains.

Implements spec/case.md section 4. These are values; they are worked out in `_times`, `_chain` and `_open`.
"""

from dataclasses import dataclass
from enum import Enum

from allstop.ids import Digest, Name
from allstop.statement import Statement
from allstop.times import Instant
from allstop.tlog import Hash

__all__ = ["ChainFault", "ChainFaultKind", "Entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One logged statement, with what the case proves about it.

    `leaf` is the hash of the envelope in the tree, `digest` that of the payload. It was logged not before
    `not_before` and not after `not_after`; None where the log proves no such bound, so an entry whose
    `not_after` is None is pending. `quoted_at` is the time of the checkpoint that its header names, which
    the party must have seen before it signed. What the statement itself says of time is a claim.
    """

    index: int
    leaf: Hash
    digest: Digest
    statement: Statement
    signers: frozenset[Name]
    not_before: Instant | None
    not_after: Instant | None
    quoted_at: Instant | None


class ChainFaultKind(Enum):
    """What may be wrong with a statement that is validly signed and logged."""

    GAP = "gap"
    """No statement has the sequence number before this one."""
    FORK = "fork"
    """A party made two different statements with one sequence number."""
    REPLAY = "replay"
    """The same statement is logged again; the first one counts."""
    WRONG_PREVIOUS = "wrong-previous"
    """`previous` is not the digest of any statement with the sequence number before."""
    OUT_OF_ORDER = "out-of-order"
    """It is logged before the statement that it follows."""
    FOREIGN_AGREEMENT = "foreign-agreement"
    """It was made under another agreement, and says nothing under this one."""
    FALSE_CHECKPOINT = "false-checkpoint"
    """The checkpoint in its header never was a root of this log before this entry."""
    EXPIRED = "expired"
    """It was logged after the moment up to which it was meant to count."""
    BAD_NOTE = "bad-note"
    """A checkpoint statement's note does not verify, or is not the previous one; it proves no time."""
    SPLIT_VIEW = "split-view"
    """A note with a quorum of cosignatures has another root than this log had at that size."""
    TIME_BACKWARDS = "time-backwards"
    """A note is dated before one that was logged earlier; it proves no time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFault:
    """Something wrong with a party's chain: a value, never an error.

    If it were an error, a party could make a whole case unverifiable with one bad statement. Both sides
    of a fork are kept. `rests_on` holds every entry that shows the fault, sorted; `entry_index` is the
    last of them. The text does not depend on the order in which two conflicting statements were logged.
    """

    party: Name
    entry_index: int
    kind: ChainFaultKind
    text: str
    rests_on: tuple[int, ...]
