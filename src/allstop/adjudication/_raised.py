"""The `finding-raised` predicate: one party says that another broke the agreement, and what that rests on.

Implements spec/adjudication.md section 3. It is an accusation under the accuser's name, not a finding of fact:
only a panel confirms, and only what its members replayed.
"""

import re
from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_instant
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.times import Instant

__all__ = [
    "DIGEST_COUNT_MAX",
    "FINDING_RAISED_PREDICATE",
    "TEXT_CHARS_MAX",
    "FindingRaised",
    "check_digests",
    "check_words",
    "format_finding_raised",
    "is_clause",
    "parse_finding_raised",
]

TEXT_CHARS_MAX = 4096
"""Most characters of what a party says about a finding."""

DIGEST_COUNT_MAX = 64
"""Most statements, or blobs, that one statement about a finding rests on."""

_CODE = re.compile(r"[A-Z]{3}-[0-9]{3}\Z")
# As a clause is numbered in an agreement.
_CLAUSE = re.compile(r"[0-9A-Z]{1,6}(?:\.[0-9a-zA-Z]{1,6}){0,5}\Z", re.ASCII)


def is_clause(text: str) -> bool:
    """Tell whether a text is the number of a clause, such as `4.1`; that the agreement has it is not checked."""
    return _CLAUSE.match(text) is not None


def check_words(text: str, what: str) -> None:
    """Check that a text says something and is not too long.

    Raises:
        MalformedError: it is empty or longer than TEXT_CHARS_MAX.
    """
    if not 1 <= len(text) <= TEXT_CHARS_MAX:
        raise MalformedError(f"{what} has {len(text)} characters, want 1 to {TEXT_CHARS_MAX}")


def check_digests(digests: tuple[Digest, ...], what: str) -> None:
    """Check that no digest is named twice and that there are not too many; their order is the filer's.

    Raises:
        MalformedError: they are not like that.
    """
    if len(digests) > DIGEST_COUNT_MAX:
        raise MalformedError(f"{what} names {len(digests)} digests, want at most {DIGEST_COUNT_MAX}")
    if len(set(digests)) != len(digests):
        raise MalformedError(f"{what} names a digest twice")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRaised:
    """What a party accuses another of, by code and clause, resting on statements, blobs and a verdict.

        {"about": "birch", "clause": "4.1", "code": "ACC-001", "evidence": ["2c26..."],
         "judgedAt": "2027-03-01T00:00:00Z", "restsOn": ["9f86..."], "text": "more was computed than declared",
         "verdictDigest": "7c1e..."}

    `verdict_digest` is the digest of the verdict over this log as of `judged_at`, which every panel member can
    re-derive: without it nothing could be confirmed. `clause` is None where a duty or rule outside the clauses
    was broken. `rests_on` are digests of logged statements, `evidence` digests of blobs.
    """

    code: str
    about: Name
    clause: str | None
    text: str
    rests_on: tuple[Digest, ...]
    evidence: tuple[Digest, ...]
    verdict_digest: Digest
    judged_at: Instant

    def __post_init__(self) -> None:
        if _CODE.match(self.code) is None:
            raise MalformedError(f"code is {self.code[:24]!r}, want three capitals, a dash, three digits")
        if self.clause is not None and not is_clause(self.clause):
            raise MalformedError(f"clause is {self.clause[:24]!r}, want a number such as '4.1'")
        check_words(self.text, "text of the finding")
        check_digests(self.rests_on, "restsOn")
        check_digests(self.evidence, "evidence")


def parse_finding_raised(body: JSON) -> FindingRaised:
    """Parse the body of a `finding-raised` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "finding-raised")
    raised = FindingRaised(
        code=fields.text("code"),
        about=fields.name("about"),
        clause=None if fields.raw("clause") is None else fields.text("clause"),
        text=fields.text("text", TEXT_CHARS_MAX),
        rests_on=fields.digests("restsOn", DIGEST_COUNT_MAX),
        evidence=fields.digests("evidence", DIGEST_COUNT_MAX),
        verdict_digest=fields.digest("verdictDigest"),
        judged_at=fields.instant("judgedAt"),
    )
    fields.done()
    return raised


def format_finding_raised(raised: FindingRaised) -> JSON:
    """Return the body of a `finding-raised` statement."""
    return {
        "code": raised.code,
        "about": raised.about,
        "clause": raised.clause,
        "text": raised.text,
        "restsOn": list(raised.rests_on),
        "evidence": list(raised.evidence),
        "verdictDigest": raised.verdict_digest,
        "judgedAt": format_instant(raised.judged_at),
    }


FINDING_RAISED_PREDICATE = Predicate(
    name=Name("finding-raised"),
    parse=parse_finding_raised,
    format=format_finding_raised,
    audience=Audience.PARTIES,
    secret=("evidence", "restsOn", "text", "verdictDigest"),
)
