"""The main job: verify a case, fold it, judge it. No network, no clock, no database."""

from collections.abc import Callable
from dataclasses import dataclass

from allstop.agreement import parse_agreement, read_party_keys
from allstop.case import CaseFiles, blob_path, open_case
from allstop.errors import MalformedError, NotFoundError, UsageError
from allstop.ids import Digest, digest_of
from allstop.registry import parse_chip_table
from allstop.statement import ChunkMap
from allstop.telemetry import SeriesReader
from allstop.times import Instant
from allstop.verdict import CaseVerdict, judge_case
from allstop.witness import UnsafeNoQuorum

__all__ = ["Audit", "audit_case", "read_blob"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A verdict, and whether its trust root came from outside the case.

    A case that brings its own policy and agreement proves only that it agrees with itself; every
    reader is told so before anything else.
    """

    verdict: CaseVerdict
    is_policy_given: bool
    is_agreement_given: bool


def audit_case(
    files: CaseFiles,
    *,
    reader: SeriesReader,
    policy: bytes | None = None,
    agreement: Digest | None = None,
    at: Instant | None = None,
    allow_no_quorum: UnsafeNoQuorum | None = None,
    tick: Callable[[int, int], None] = lambda done, total: None,
    map: ChunkMap = map,
) -> Audit:
    """Audit a case at an instant, by default the time of its newest logged checkpoint.

    `map` may spread the signature checks over threads or processes; the verdict is the same.

    Raises:
        VerificationError: something in the case does not verify; nothing in it may be believed.
        UsageError: `at` lies after everything that the case can prove.
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
    terms = parse_agreement(case.agreement)
    reference = next((item.digest for item in terms.references if item.name == "chips"), None)
    if reference is None:
        raise MalformedError("the agreement pins no chip table, want a reference named chips")
    verdict = judge_case(
        case,
        agreement=terms,
        table=parse_chip_table(_read_reference(files, reference)),
        reference=reference,
        reader=reader,
        read_blob=lambda digest: read_blob(files, digest),
        at=case.newest if at is None else at,
        tick=tick,
    )
    return Audit(
        verdict=verdict, is_policy_given=policy is not None, is_agreement_given=agreement is not None
    )


def _read_reference(files: CaseFiles, digest: Digest) -> bytes:
    try:
        return read_blob(files, digest)
    except NotFoundError as exc:
        raise MalformedError("the case does not hold the chip table that its agreement pins") from exc


def read_blob(files: CaseFiles, digest: Digest) -> bytes:
    """Read a blob and check once more that it is the one that was named.

    Raises:
        NotFoundError: the case does not hold it.
        MalformedError: it is another one now.
    """
    data = files.read(blob_path(digest))
    if digest_of(data) != digest:
        raise MalformedError(f"{blob_path(digest)} changed while the case was read")
    return data
