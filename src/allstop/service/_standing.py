"""Reading a case up to its facts: verified and folded, nothing judged and no blob read.

What answers "is it in force, and what is due?" needs only this, and it is fast.
"""

from dataclasses import dataclass

from allstop.agreement import Agreement, parse_agreement, read_party_keys
from allstop.case import CaseFiles, VerifiedCase, open_case
from allstop.errors import MalformedError, UsageError
from allstop.ids import Digest
from allstop.ledger import State, fold
from allstop.statement import ChunkMap
from allstop.times import Instant
from allstop.witness import UnsafeNoQuorum

__all__ = ["CaseFacts", "read_facts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A verified case, its agreement, and what its log says at `state.at`."""

    case: VerifiedCase
    agreement: Agreement
    state: State


def read_facts(
    files: CaseFiles,
    *,
    policy: bytes | None = None,
    agreement: Digest | None = None,
    at: Instant | None = None,
    allow_no_quorum: UnsafeNoQuorum | None = None,
    map: ChunkMap = map,
) -> CaseFacts:
    """Verify a case and fold its log at an instant, by default the time of its newest logged checkpoint.

    Raises:
        VerificationError: something in the case does not verify; nothing in it may be believed.
        MalformedError: the case proves no time.
        UsageError: `at` lies after everything that the case can prove: a vote might close without its votes.
    """
    case = open_case(
        files,
        policy=policy,
        agreement=agreement,
        read_keys=read_party_keys,
        allow_no_quorum=allow_no_quorum,
        map=map,
    )
    if case.newest is None:
        raise MalformedError(
            "the case proves no time: its log quotes no checkpoint of its own",
            hint="publish one more checkpoint, so that the log quotes the one before it",
        )
    if at is not None and at > case.newest:
        raise UsageError(
            "the case proves nothing about that time",
            hint="leave --at out, or give a time that the newest logged checkpoint has reached",
        )
    when = case.newest if at is None else at
    return CaseFacts(
        case=case,
        agreement=parse_agreement(case.agreement),
        state=fold(case.entries, chain_faults=case.chain_faults, at=when),
    )
