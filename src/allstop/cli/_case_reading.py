"""Opening a case from the command line, with or without a trust root from outside."""

from pathlib import Path
from typing import TYPE_CHECKING

from allstop.cli._documents import read_policy_file
from allstop.cli._output import progress, say
from allstop.errors import NotFoundError
from allstop.ids import Digest
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.case import VerifiedCase
    from allstop.service import Audit, CaseFacts

__all__ = [
    "audit_case_folder",
    "audit_status",
    "check_case_folder",
    "open_case_folder",
    "read_facts_folder",
    "warn_of_trust",
]


def check_case_folder(case: Path) -> None:
    """Check that there is a folder.

    Raises:
        NotFoundError: there is none.
    """
    if not case.is_dir():
        raise NotFoundError(
            f"there is no folder {case}", hint="make a case with: allstop case new DEST --policy FILE"
        )


def warn_of_trust(*, is_policy_given: bool, is_agreement_given: bool) -> None:
    """Say on stderr what was taken from the case itself, and so proves only that the case fits itself."""
    own = [
        text
        for text, is_given in (("policy", is_policy_given), ("agreement", is_agreement_given))
        if not is_given
    ]
    if own:
        say(
            f"note: no --{' and no --'.join(own)} was given, so the case's own is believed:"
            " this proves only that the case agrees with itself"
        )


def open_case_folder(case: Path, *, policy: Path | None, agreement: Digest | None) -> "VerifiedCase":
    """Verify the case in a folder whole and return what it holds.

    Raises:
        NotFoundError: there is no such folder.
        VerificationError: something in it does not verify.
    """
    from allstop.agreement import read_party_keys
    from allstop.case import open_case
    from allstop.store import DirectoryCaseFiles

    check_case_folder(case)
    trusted = None if policy is None else read_policy_file(policy)[0]
    warn_of_trust(is_policy_given=policy is not None, is_agreement_given=agreement is not None)
    return open_case(DirectoryCaseFiles(case), policy=trusted, agreement=agreement, read_keys=read_party_keys)


def read_facts_folder(
    case: Path, *, policy: Path | None, agreement: Digest | None, at: Instant | None
) -> "CaseFacts":
    """Verify the case in a folder and read what it says, without judging it or reading blobs.

    Raises:
        NotFoundError: there is no such folder.
        VerificationError: something in it does not verify.
        UsageError: the case proves nothing about `at`.
    """
    from allstop.service import read_facts
    from allstop.store import DirectoryCaseFiles

    check_case_folder(case)
    trusted = None if policy is None else read_policy_file(policy)[0]
    warn_of_trust(is_policy_given=policy is not None, is_agreement_given=agreement is not None)
    return read_facts(DirectoryCaseFiles(case), policy=trusted, agreement=agreement, at=at)


def audit_case_folder(
    case: Path, *, policy: Path | None, agreement: Digest | None, at: Instant | None
) -> "Audit":
    """Audit the case in a folder, with progress on stderr.

    Raises:
        NotFoundError: there is no such folder.
        VerificationError: something in it does not verify.
    """
    from allstop.app import audit_directory

    check_case_folder(case)
    data = None if policy is None else read_policy_file(policy)[0]
    with progress("reading measurements") as tick:
        return audit_directory(case, policy=data, agreement=agreement, at=at, tick=tick)


def audit_status(result: "Audit") -> int:
    """Return the exit status of a verdict."""
    from allstop.accountancy import Verdict

    statuses = {Verdict.CONSISTENT: 0, Verdict.INCONSISTENT: 4, Verdict.UNDETERMINED: 5}
    return statuses[result.verdict.verdict]
