"""The agreement: who is bound, to what, from when, judged by which figures.

Implements spec/agreement.md. Its identity is the SHA-256 of its canonical JSON. Nothing here is law: the
meaning of the clauses is in their texts, and what software can judge is in their kinds and figures.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from allstop.agreement._adjudication_terms import (
    AdjudicationTerms,
    format_adjudication_terms,
    parse_adjudication_terms,
    verify_adjudication,
)
from allstop.agreement._article_terms import (
    ArticleTerms,
    format_article_terms,
    parse_article_terms,
    verify_articles,
)
from allstop.agreement._binding_terms import (
    BindingTerms,
    format_binding_terms,
    parse_binding_terms,
    verify_binding,
)
from allstop.agreement._calendar_terms import CalendarTerms, format_calendars, parse_calendars
from allstop.agreement._checks import TEXT_CHARS_MAX, build, check_text, check_unique
from allstop.agreement._condition import verify_condition
from allstop.agreement._convening_terms import (
    ConveningTerms,
    format_convening_terms,
    parse_convening_terms,
)
from allstop.agreement._definitions import (
    Definitions,
    Reference,
    format_definitions,
    format_reference,
    parse_definitions,
    parse_reference,
)
from allstop.agreement._duty_terms import DutyTerms, format_duty_terms, parse_duty_terms, verify_duties
from allstop.agreement._electorate import verify_convening
from allstop.agreement._entry import EntryIntoForce, format_entry, parse_entry
from allstop.agreement._halt_terms import HaltTerms, format_halt_terms, parse_halt_terms, verify_halt
from allstop.agreement._leaving_terms import (
    LeavingTerms,
    format_leaving_terms,
    parse_leaving_terms,
    verify_leaving,
)
from allstop.agreement._obligation import Obligation, format_obligation, parse_obligation
from allstop.agreement._parties import Edge, Party, format_edge, format_party, parse_edge, parse_party
from allstop.agreement._phase_terms import (
    PhaseTerms,
    format_phase_terms,
    parse_phase_terms,
    verify_phases,
)
from allstop.agreement._replay_terms import ReplayTerms, format_replay_terms, parse_replay_terms
from allstop.agreement._verification import (
    Accounting,
    Assumption,
    Response,
    Verification,
    format_accounting,
    format_assumption,
    format_response,
    format_verification,
    parse_accounting,
    parse_assumption,
    parse_response,
    parse_verification,
)
from allstop.canon import JSON, Fields, format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.keys import PublicKey
from allstop.statement import ORIGIN_CHARS_MAX, PartyKeys

__all__ = [
    "AGREEMENT_TYPE",
    "CHIP_TABLE",
    "Agreement",
    "LogTerms",
    "agreement_value",
    "format_agreement",
    "parse_agreement",
    "read_agreement",
    "read_party_keys",
    "verify_complete",
    "with_keys",
]

_ORIGIN = re.compile(rf"[!#-*,-\[\]-~]{{1,{ORIGIN_CHARS_MAX}}}\Z")

AGREEMENT_TYPE = "urn:allstop:agreement:v1"
"""Value of `type` in the canonical JSON; a later version is another URI."""

CHIP_TABLE = Name("chips")
"""Name of the reference that pins the table of chips."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part that an agreement may do without: written only where agreed, so that older texts keep their digest."""

    name: str
    wire: str
    # The type of a part is known to its own codec only.
    parse: Callable[[Fields], Any]
    format: Callable[[Any], JSON]


PARTS = (
    Part("replay", "replay", parse_replay_terms, format_replay_terms),
    Part("phases", "phases", parse_phase_terms, format_phase_terms),
    Part("halt", "halt", parse_halt_terms, format_halt_terms),
    Part("calendars", "calendars", parse_calendars, format_calendars),
    Part("duties", "duties", parse_duty_terms, format_duty_terms),
    Part("binding", "binding", parse_binding_terms, format_binding_terms),
    Part("convening", "convening", parse_convening_terms, format_convening_terms),
    Part("leaving", "leaving", parse_leaving_terms, format_leaving_terms),
    Part("adjudication", "adjudication", parse_adjudication_terms, format_adjudication_terms),
    Part("articles", "articles", parse_article_terms, format_article_terms),
)
"""Parts that may be left out, by field, key in JSON (and in TOML, where it is the field's name), and codec."""

PARTY_COUNT_MAX = 256
EDGE_COUNT_MAX = 1024
OBLIGATION_COUNT_MAX = 256
REFERENCE_COUNT_MAX = 64
ASSUMPTION_COUNT_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTerms:
    """Where statements are filed: the log's origin and the party that runs it.

    Example: origin "log.example.org/pause", operator `dogwood`.
    """

    origin: str
    operator: Name

    def __post_init__(self) -> None:
        if _ORIGIN.match(self.origin) is None:
            raise MalformedError(
                f"malformed origin {self.origin[:24]!r}, want printable ASCII without space or plus"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One agreement as data; example: `agreements/retrospective.toml` in this package.

    Every party that is named is listed, every clause number, key, reference and assumption is named once,
    and the deposits of all parties meet the condition. `verify_complete` asks for keys and the chip table;
    a template has neither.
    """

    title: str
    log: LogTerms
    parties: tuple[Party, ...]
    edges: tuple[Edge, ...]
    definitions: Definitions
    references: tuple[Reference, ...]
    obligations: tuple[Obligation, ...]
    entry: EntryIntoForce
    accounting: Accounting
    verification: Verification
    assumptions: tuple[Assumption, ...]
    response: Response
    legal_basis: str
    replay: ReplayTerms | None = None
    articles: ArticleTerms | None = None
    phases: PhaseTerms | None = None
    halt: HaltTerms | None = None
    calendars: CalendarTerms | None = None
    duties: DutyTerms | None = None
    binding: BindingTerms | None = None
    convening: ConveningTerms | None = None
    leaving: LeavingTerms | None = None
    adjudication: AdjudicationTerms | None = None

    def __post_init__(self) -> None:
        check_text(self.title, "title", chars_max=256)
        check_text(self.legal_basis, "legal basis", may_be_empty=True)
        check_unique((party.id for party in self.parties), "party")
        # Whoever held one key in two roles could be counted twice wherever two must agree.
        check_unique((key.data.hex() for party in self.parties for key in party.keys), "key")
        check_unique(((e.source, e.relation.value, e.target) for e in self.edges), "edge")
        check_unique((reference.name for reference in self.references), "reference")
        check_unique((obligation.clause for obligation in self.obligations), "clause")
        check_unique((assumption.name for assumption in self.assumptions), "assumption")
        self._check_names()
        verify_condition(self.entry.condition, parties=self.parties)
        verify_phases(self.phases, self)
        if self.articles is not None:
            verify_articles(self.articles, self)
        if self.halt is not None:
            verify_halt(self.halt, self)
        if self.duties is not None:
            verify_duties(self.duties, self)
        if self.binding is not None:
            verify_binding(self.binding, self)
        if self.convening is not None:
            verify_convening(self.convening, self)
        if self.leaving is not None:
            verify_leaving(self.leaving, self)
        if self.adjudication is not None:
            verify_adjudication(self.adjudication, self)

    def _check_names(self) -> None:
        known = {party.id for party in self.parties}
        named = [("the log is run by", self.log.operator)]
        named += [("an edge names", name) for edge in self.edges for name in (edge.source, edge.target)]
        named += [(f"clause {o.clause} binds", name) for o in self.obligations for name in o.parties]
        for how, name in named:
            if name not in known:
                raise MalformedError(f"{how} {name}, who is no party")

    def party(self, name: Name) -> Party | None:
        """Return the party with this id, or None."""
        return next((party for party in self.parties if party.id == name), None)

    def reference(self, name: Name) -> Digest | None:
        """Return the digest of the reference table with this name, or None."""
        return next((ref.digest for ref in self.references if ref.name == name), None)


def verify_complete(agreement: Agreement) -> None:
    """Check that every party has the keys it needs and that the chip table is pinned.

    Raises:
        MalformedError: a key or the chip table is missing: this is a template, and nobody can sign it.
    """
    for party in agreement.parties:
        if len(party.keys) < party.threshold:
            raise MalformedError(
                f"party {party.id} has {len(party.keys)} keys, want at least {party.threshold}"
            )
    if agreement.reference(CHIP_TABLE) is None:
        raise MalformedError(f"no reference has the name {CHIP_TABLE}, want the digest of the chip table")


def with_keys(
    agreement: Agreement, *, keys: Mapping[Name, Sequence[PublicKey]], references: Mapping[Name, Digest]
) -> Agreement:
    """Return the agreement that a template becomes with these keys and reference tables.

    Keys and references that the template has already stay, unless a new value is given.

    Raises:
        MalformedError: keys are for somebody who is no party, are used twice, or are still missing.
    """
    unknown = sorted(set(keys) - {party.id for party in agreement.parties})
    if unknown:
        raise MalformedError(f"keys are given for {unknown[0]}, who is no party")
    parties = tuple(
        build(party.id, replace, party, keys=tuple(keys.get(party.id, party.keys)))
        for party in agreement.parties
    )
    tables = {reference.name: reference.digest for reference in agreement.references} | dict(references)
    filled = replace(
        agreement,
        parties=parties,
        references=tuple(Reference(name=name, digest=tables[name]) for name in sorted(tables)),
    )
    verify_complete(filled)
    return filled


def read_party_keys(data: bytes) -> Mapping[Name, PartyKeys]:
    """Return who may sign for whom, from an agreement's canonical JSON; `open_case` takes this function.

    Raises:
        MalformedError: `data` is not a complete agreement, or one key belongs to two parties.
    """
    return {
        party.id: PartyKeys(party=party.id, keys=party.keys, threshold=party.threshold)
        for party in parse_agreement(data).parties
    }


def parse_agreement(data: bytes) -> Agreement:
    """Parse the canonical JSON of an agreement that can be signed.

    Raises:
        MalformedError: it is not canonical, not an agreement, or a template.
    """
    agreement = read_agreement(parse_canonical_json(data))
    build("agreement", verify_complete, agreement)
    return agreement


def read_agreement(value: JSON) -> Agreement:
    """Read an agreement or template from its JSON value.

    Raises:
        MalformedError: it is not an agreement; the message names the place.
    """
    fields = Fields(value, "agreement")
    found = fields.text("type")
    if found != AGREEMENT_TYPE:
        raise MalformedError(f"agreement.type: found {found[:64]!r}, want {AGREEMENT_TYPE!r}")
    log = fields.object("log")
    agreement = build(
        "agreement",
        Agreement,
        title=fields.text("title"),
        log=build(log.where, LogTerms, origin=log.text("origin"), operator=log.name("operator")),
        parties=tuple(parse_party(f) for f in fields.objects("parties", PARTY_COUNT_MAX)),
        edges=tuple(parse_edge(f) for f in fields.objects("edges", EDGE_COUNT_MAX)),
        definitions=parse_definitions(fields.object("definitions")),
        references=tuple(parse_reference(f) for f in fields.objects("references", REFERENCE_COUNT_MAX)),
        obligations=tuple(parse_obligation(f) for f in fields.objects("obligations", OBLIGATION_COUNT_MAX)),
        entry=parse_entry(fields.object("entry")),
        accounting=parse_accounting(fields.object("accounting")),
        verification=parse_verification(fields.object("verification")),
        assumptions=tuple(parse_assumption(f) for f in fields.objects("assumptions", ASSUMPTION_COUNT_MAX)),
        response=parse_response(fields.object("response")),
        legal_basis=fields.text("legalBasis", TEXT_CHARS_MAX),
        **{part.name: part.parse(fields.object(part.wire)) for part in PARTS if fields.has(part.wire)},
    )
    log.done()
    fields.done()
    return agreement


def format_agreement(agreement: Agreement) -> bytes:
    """Return the canonical JSON of an agreement; its SHA-256 is the agreement's identity.

    Raises:
        MalformedError: it is a template.
    """
    verify_complete(agreement)
    return format_json(agreement_value(agreement))


def agreement_value(agreement: Agreement) -> JSON:
    """Return the JSON value of an agreement or template; a template's has no identity."""
    parts: dict[str, JSON] = {
        part.wire: part.format(value)
        for part in PARTS
        if (value := getattr(agreement, part.name)) is not None
    }
    return {
        **parts,
        "type": AGREEMENT_TYPE,
        "title": agreement.title,
        "log": {"origin": agreement.log.origin, "operator": agreement.log.operator},
        "parties": [format_party(party) for party in agreement.parties],
        "edges": [format_edge(edge) for edge in agreement.edges],
        "definitions": format_definitions(agreement.definitions),
        "references": [format_reference(reference) for reference in agreement.references],
        "obligations": [format_obligation(obligation) for obligation in agreement.obligations],
        "entry": format_entry(agreement.entry),
        "accounting": format_accounting(agreement.accounting),
        "verification": format_verification(agreement.verification),
        "assumptions": [format_assumption(assumption) for assumption in agreement.assumptions],
        "response": format_response(agreement.response),
        "legalBasis": agreement.legal_basis,
    }
