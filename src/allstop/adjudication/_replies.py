"""What the two sides of a finding file about it: acknowledgement, answer, cure, withdrawal, appeal.

Implements spec/adjudication.md section 3. Who may file which, and by when, is in `standing`.
"""

from dataclasses import dataclass

from allstop.adjudication._raised import DIGEST_COUNT_MAX, TEXT_CHARS_MAX, check_digests, check_words
from allstop.canon import JSON, Fields
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = [
    "FINDING_ACKNOWLEDGEMENT_PREDICATE",
    "FINDING_ANSWER_PREDICATE",
    "FINDING_APPEAL_PREDICATE",
    "FINDING_CURE_PREDICATE",
    "FINDING_WITHDRAWAL_PREDICATE",
    "FindingAcknowledgement",
    "FindingAnswer",
    "FindingAppeal",
    "FindingCure",
    "FindingWithdrawal",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingAcknowledgement:
    """The accused has seen the finding; it admits nothing. Body: `{"finding": "9f86..."}`.

    `finding` is the digest of the `finding-raised` statement, here and below.
    """

    finding: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingAnswer:
    """What one side says to a finding or to an appeal of the other.

        {"evidence": ["2c26..."], "matter": "9f86...", "text": "the meter was being calibrated"}

    `matter` is the digest of the `finding-raised` or `finding-appeal` statement that is answered.
    """

    matter: Digest
    text: str
    evidence: tuple[Digest, ...]

    def __post_init__(self) -> None:
        check_words(self.text, "text of the answer")
        check_digests(self.evidence, "evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCure:
    """What the accused has done to put things right; it counts once accepted.

    {"evidence": ["2c26..."], "finding": "9f86...", "text": "the meter was replaced"}
    """

    finding: Digest
    text: str
    evidence: tuple[Digest, ...]

    def __post_init__(self) -> None:
        check_words(self.text, "text of the cure")
        check_digests(self.evidence, "evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingWithdrawal:
    """The accuser takes its finding back. Body: `{"finding": "9f86...", "text": "the answer explains it"}`."""

    finding: Digest
    text: str

    def __post_init__(self) -> None:
        check_words(self.text, "reason of the withdrawal")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingAppeal:
    """One side asks the appeal panel. Body: `{"finding": "9f86...", "text": "the panel replayed another case"}`."""

    finding: Digest
    text: str

    def __post_init__(self) -> None:
        check_words(self.text, "reason of the appeal")


def _parse_acknowledgement(body: JSON) -> FindingAcknowledgement:
    fields = Fields(body, "finding-acknowledgement")
    value = FindingAcknowledgement(finding=fields.digest("finding"))
    fields.done()
    return value


def _format_acknowledgement(value: FindingAcknowledgement) -> JSON:
    return {"finding": value.finding}


def _parse_answer(body: JSON) -> FindingAnswer:
    fields = Fields(body, "finding-answer")
    value = FindingAnswer(
        matter=fields.digest("matter"),
        text=fields.text("text", TEXT_CHARS_MAX),
        evidence=fields.digests("evidence", DIGEST_COUNT_MAX),
    )
    fields.done()
    return value


def _format_answer(value: FindingAnswer) -> JSON:
    return {"matter": value.matter, "text": value.text, "evidence": list(value.evidence)}


def _parse_cure(body: JSON) -> FindingCure:
    fields = Fields(body, "finding-cure")
    value = FindingCure(
        finding=fields.digest("finding"),
        text=fields.text("text", TEXT_CHARS_MAX),
        evidence=fields.digests("evidence", DIGEST_COUNT_MAX),
    )
    fields.done()
    return value


def _format_cure(value: FindingCure) -> JSON:
    return {"finding": value.finding, "text": value.text, "evidence": list(value.evidence)}


def _parse_withdrawal(body: JSON) -> FindingWithdrawal:
    fields = Fields(body, "finding-withdrawal")
    value = FindingWithdrawal(finding=fields.digest("finding"), text=fields.text("text", TEXT_CHARS_MAX))
    fields.done()
    return value


def _format_withdrawal(value: FindingWithdrawal) -> JSON:
    return {"finding": value.finding, "text": value.text}


def _parse_appeal(body: JSON) -> FindingAppeal:
    fields = Fields(body, "finding-appeal")
    value = FindingAppeal(finding=fields.digest("finding"), text=fields.text("text", TEXT_CHARS_MAX))
    fields.done()
    return value


def _format_appeal(value: FindingAppeal) -> JSON:
    return {"finding": value.finding, "text": value.text}


FINDING_ACKNOWLEDGEMENT_PREDICATE = Predicate(
    name=Name("finding-acknowledgement"),
    parse=_parse_acknowledgement,
    format=_format_acknowledgement,
    audience=Audience.PARTIES,
)
FINDING_ANSWER_PREDICATE = Predicate(
    name=Name("finding-answer"),
    parse=_parse_answer,
    format=_format_answer,
    audience=Audience.PARTIES,
    secret=("evidence", "text"),
)
FINDING_CURE_PREDICATE = Predicate(
    name=Name("finding-cure"),
    parse=_parse_cure,
    format=_format_cure,
    audience=Audience.PARTIES,
    secret=("evidence", "text"),
)
FINDING_WITHDRAWAL_PREDICATE = Predicate(
    name=Name("finding-withdrawal"),
    parse=_parse_withdrawal,
    format=_format_withdrawal,
    audience=Audience.PARTIES,
    secret=("text",),
)
FINDING_APPEAL_PREDICATE = Predicate(
    name=Name("finding-appeal"),
    parse=_parse_appeal,
    format=_format_appeal,
    audience=Audience.PARTIES,
    secret=("text",),
)
