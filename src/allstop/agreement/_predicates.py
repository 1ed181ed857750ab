"""The three statements about an agreement itself: proposing it, signing it, depositing.

Implements spec/agreement.md, section "Statements". Who signs, and for which agreement, is in the header.
"""

from dataclasses import dataclass

from allstop.agreement._checks import build, check_text
from allstop.canon import JSON, Fields, format_instant
from allstop.ids import Name
from allstop.statement import Audience, Predicate
from allstop.times import Instant

__all__ = [
    "AGREEMENT_PREDICATE",
    "DEPOSIT_PREDICATE",
    "SIGNATURE_PREDICATE",
    "AgreementBody",
    "DepositBody",
    "SignatureBody",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementBody:
    """Says that the agreement and its reference tables, the subjects, are on the log.

    Wire form: `{"title": "A pause, in retrospect"}`.
    """

    title: str

    def __post_init__(self) -> None:
        check_text(self.title, "title", chars_max=256)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureBody:
    """Says that the party signs the agreement in the header; binds nobody yet. Wire form: `{}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositBody:
    """Says "I am bound if and only if the condition is met by the deadline".

    `deadline_seen` repeats the deadline that the depositor read, if it wants to.
    Wire form: `{"deadlineSeen": "2026-12-31T00:00:00Z"}` or `{"deadlineSeen": null}`.
    """

    deadline_seen: Instant | None


def _parse_agreement_body(value: JSON) -> AgreementBody:
    fields = Fields(value, "body")
    body = build(fields.where, AgreementBody, title=fields.text("title"))
    fields.done()
    return body


def _format_agreement_body(body: AgreementBody) -> JSON:
    return {"title": body.title}


def _parse_signature_body(value: JSON) -> SignatureBody:
    Fields(value, "body").done()
    return SignatureBody()


def _format_signature_body(body: SignatureBody) -> JSON:
    return {}


def _parse_deposit_body(value: JSON) -> DepositBody:
    fields = Fields(value, "body")
    seen = None if fields.raw("deadlineSeen") is None else fields.instant("deadlineSeen")
    fields.done()
    return DepositBody(deadline_seen=seen)


def _format_deposit_body(body: DepositBody) -> JSON:
    return {"deadlineSeen": None if body.deadline_seen is None else format_instant(body.deadline_seen)}


AGREEMENT_PREDICATE = Predicate(
    name=Name("agreement"),
    parse=_parse_agreement_body,
    format=_format_agreement_body,
    audience=Audience.ANYONE,
)
SIGNATURE_PREDICATE = Predicate(
    name=Name("signature"),
    parse=_parse_signature_body,
    format=_format_signature_body,
    audience=Audience.ANYONE,
)
DEPOSIT_PREDICATE = Predicate(
    name=Name("deposit"), parse=_parse_deposit_body, format=_format_deposit_body, audience=Audience.ANYONE
)
