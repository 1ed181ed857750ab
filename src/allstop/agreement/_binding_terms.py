"""Becoming bound: what a deposit needs besides itself, who keeps sealed deposits, who may join late.

Implements spec/binding.md section 2. An agreement without it knows open deposits only, which count from the
instant at which they are proven.
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allstop.agreement._checks import build, check_duration, check_unique
from allstop.agreement._domains import trust_domain
from allstop.agreement._parties import PartyKind
from allstop.canon import JSON, Fields, format_instant
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = [
    "CUSTODIAN_COUNT_MAX",
    "AccessionTerms",
    "BindingTerms",
    "SealedTerms",
    "custodians_of",
    "format_binding_terms",
    "parse_binding_terms",
    "verify_binding",
]

CUSTODIAN_COUNT_MAX = 32
"""Most custodians of sealed deposits."""

_CLAUSE_COUNT_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTerms:
    """Who keeps the shares of sealed deposits, how many open one, and when.

        {"custodians": ["cedar", "dogwood", "elm"], "threshold": 2, "receipts": 3,
         "close": "2027-05-01T12:00:00Z", "openBy": "2027-05-01T18:00:00Z"}

    A sealed deposit counts only if `receipts` custodians have logged by `close` that they hold a share of it.
    Any `threshold` of them open it, by `open_by`. Range: `2 <= threshold <= receipts <= len(custodians)`.
    """

    custodians: tuple[Name, ...]
    threshold: int
    receipts: int
    close: Instant
    open_by: Instant

    def __post_init__(self) -> None:
        check_unique(self.custodians, "custodian")
        if len(self.custodians) > CUSTODIAN_COUNT_MAX:
            raise MalformedError(
                f"there are {len(self.custodians)} custodians, want at most {CUSTODIAN_COUNT_MAX}"
            )
        # One custodian could look early alone; with fewer receipts than shares needed nobody could ever open.
        if not 2 <= self.threshold <= self.receipts <= len(self.custodians):
            raise MalformedError(
                f"sealed deposits have threshold {self.threshold}, receipts {self.receipts} and "
                f"{len(self.custodians)} custodians, want 2 <= threshold <= receipts <= custodians"
            )
        if not self.close < self.open_by:
            raise MalformedError("sealed deposits are to be opened before they close")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessionTerms:
    """Who may join after entry into force, and from when it is bound.

        {"until": "2029-01-01T00:00:00Z", "rule": null, "leadMs": 2592000000}

    A deposit after entry into force binds its party `lead_ms` later. With `rule`, the name of a motion, only
    once that motion is adopted for the party; with `until`, only if deposited by then.
    """

    until: Instant | None
    rule: Name | None
    lead_ms: int

    def __post_init__(self) -> None:
        check_duration(self.lead_ms, "lead time of accession")


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingTerms:
    """What becoming bound takes.

        {"signatureFirst": ["state"], "approvalFirst": ["state"], "withdrawable": true,
         "provisional": ["4.1"], "reservable": ["5.2"], "sealed": null, "accession": null}

    The deposit of a party of a kind in `signature_first` or `approval_first` counts from when its signature or
    domestic approval is logged too. `is_withdrawable`: an open deposit may be taken back until the condition is met.
    `provisional` and `reservable` are clauses that a party may apply before, or exclude when it deposits.
    """

    signature_first: tuple[PartyKind, ...] = ()
    approval_first: tuple[PartyKind, ...] = ()
    is_withdrawable: bool = False
    provisional: tuple[str, ...] = ()
    reservable: tuple[str, ...] = ()
    sealed: SealedTerms | None = None
    accession: AccessionTerms | None = None

    def __post_init__(self) -> None:
        check_unique((kind.value for kind in self.signature_first), "kind")
        check_unique((kind.value for kind in self.approval_first), "kind")
        check_unique(self.provisional, "clause")
        check_unique(self.reservable, "clause")


def custodians_of(agreement: "Agreement", party: Name) -> tuple[Name, ...]:
    """Return who keeps shares of a party's sealed deposit: all custodians outside its own trust domain.

    A depositor that kept a share itself, or whose owner did, would hold part of the free abort that sealing is
    to take from it. Without terms of sealed deposits there is nobody.
    """
    terms = agreement.binding
    if terms is None or terms.sealed is None:
        return ()
    own = trust_domain(agreement, party)
    return tuple(name for name in terms.sealed.custodians if name not in own)


def verify_binding(terms: BindingTerms, agreement: "Agreement") -> None:
    """Check that names and clauses exist and that sealed deposits can bind all at one instant.

    Raises:
        MalformedError: they do not, or one bloc or trust domain could open sealed deposits alone.
    """
    clauses = {obligation.clause for obligation in agreement.obligations}
    for how, names in (("applied provisionally", terms.provisional), ("reserved", terms.reservable)):
        for clause in names:
            if clause not in clauses:
                raise MalformedError(f"clause {clause} may be {how}, and there is no such clause")
    accession = terms.accession
    if accession is not None and accession.until is not None and accession.until <= agreement.entry.deadline:
        raise MalformedError(
            "accession ends by the deadline of entry into force, before anybody could accede"
        )
    if terms.sealed is not None:
        _verify_sealed(terms.sealed, agreement)


def _verify_sealed(sealed: SealedTerms, agreement: "Agreement") -> None:
    blocs: Counter[Name] = Counter()
    domains: set[frozenset[Name]] = set()
    for name in sealed.custodians:
        party = agreement.party(name)
        if party is None:
            raise MalformedError(f"sealed deposits are kept by {name}, who is no party")
        blocs[party.bloc] += 1
        domain = trust_domain(agreement, name)
        if domain in domains:
            raise MalformedError(f"custodian {name} is controlled together with another custodian")
        domains.add(domain)
    bloc, count = blocs.most_common(1)[0]
    if count >= sealed.threshold:
        raise MalformedError(
            f"{count} custodians are of bloc {bloc}, want fewer than the threshold of {sealed.threshold}"
        )
    if sealed.open_by > agreement.entry.deadline:
        raise MalformedError("sealed deposits may be opened after the deadline of entry into force")
    # Every sealed deposit is open before anybody is bound, so that those which open last are bound with the others.
    if agreement.entry.lead_ms < sealed.open_by.ms - sealed.close.ms:
        raise MalformedError("lead time of entry into force is shorter than the time to open sealed deposits")


def parse_binding_terms(fields: Fields) -> BindingTerms:
    """Parse the wire form of the terms of becoming bound.

    Raises:
        MalformedError: it is not in that form.
    """
    terms = build(
        fields.where,
        BindingTerms,
        signature_first=_parse_kinds(fields, "signatureFirst"),
        approval_first=_parse_kinds(fields, "approvalFirst"),
        is_withdrawable=fields.boolean("withdrawable"),
        provisional=fields.texts("provisional", _CLAUSE_COUNT_MAX),
        reservable=fields.texts("reservable", _CLAUSE_COUNT_MAX),
        sealed=None if fields.raw("sealed") is None else _parse_sealed(fields.object("sealed")),
        accession=None if fields.raw("accession") is None else _parse_accession(fields.object("accession")),
    )
    fields.done()
    return terms


def _parse_kinds(fields: Fields, key: str) -> tuple[PartyKind, ...]:
    kinds = {kind.value: kind for kind in PartyKind}
    words = fields.texts(key, len(kinds))
    for word in words:
        if word not in kinds:
            raise MalformedError(f"{fields.where}.{key}: found {word[:24]!r}, want one of {', '.join(kinds)}")
    return tuple(kinds[word] for word in words)


def _parse_sealed(fields: Fields) -> SealedTerms:
    terms = build(
        fields.where,
        SealedTerms,
        custodians=fields.names("custodians", CUSTODIAN_COUNT_MAX),
        threshold=fields.integer("threshold"),
        receipts=fields.integer("receipts"),
        close=fields.instant("close"),
        open_by=fields.instant("openBy"),
    )
    fields.done()
    return terms


def _parse_accession(fields: Fields) -> AccessionTerms:
    terms = build(
        fields.where,
        AccessionTerms,
        until=None if fields.raw("until") is None else fields.instant("until"),
        rule=None if fields.raw("rule") is None else fields.name("rule"),
        lead_ms=fields.integer("leadMs"),
    )
    fields.done()
    return terms


def format_binding_terms(terms: BindingTerms) -> JSON:
    """Return the wire form of the terms of becoming bound."""
    return {
        "signatureFirst": [kind.value for kind in terms.signature_first],
        "approvalFirst": [kind.value for kind in terms.approval_first],
        "withdrawable": terms.is_withdrawable,
        "provisional": list(terms.provisional),
        "reservable": list(terms.reservable),
        "sealed": _format_sealed(terms.sealed),
        "accession": _format_accession(terms.accession),
    }


def _format_sealed(terms: SealedTerms | None) -> JSON:
    if terms is None:
        return None
    return {
        "custodians": list(terms.custodians),
        "threshold": terms.threshold,
        "receipts": terms.receipts,
        "close": format_instant(terms.close),
        "openBy": format_instant(terms.open_by),
    }


def _format_accession(terms: AccessionTerms | None) -> JSON:
    if terms is None:
        return None
    return {
        "until": None if terms.until is None else format_instant(terms.until),
        "rule": terms.rule,
        "leadMs": terms.lead_ms,
    }
