"""The table at which texts are made: who may vote on what, by which rule, and for how long.

Implements spec/convening.md, section 2. An agreement without it has no motions and cannot be amended in force.
Who voted, and what came of it, is in `standing`.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, TypeVar, assert_never

from allstop.agreement._checks import build, check_duration, check_ppm, check_unique
from allstop.agreement._condition import BlocAtLeast, CriticalAll
from allstop.agreement._formula import Formula, format_formula, parse_formula
from allstop.agreement._parties import Party, PartyKind, Seat
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Name

__all__ = [
    "Agrees",
    "BlocsAtLeast",
    "ConveningTerms",
    "KindAtLeast",
    "Motion",
    "SeatAtLeast",
    "ShareAtLeast",
    "Veto",
    "VoteFormula",
    "VoteLeaf",
    "Voters",
    "VotingRule",
    "format_convening_terms",
    "parse_convening_terms",
]

RULES_MAX = 64
MOTIONS_MAX = 64
VOTERS_MAX = 256

_E = TypeVar("_E", bound=Enum)


class Veto(Enum):
    """Who can stop a proposal alone. The value is the wire form."""

    NONE = "none"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agrees:
    """The named party votes for. Wire form: `{"agrees": "alder"}`."""

    party: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatAtLeast:
    """At least `count` voices of this class of the table agree. Range: `1 <= count`.

    Wire form: `{"seatAtLeast": {"seat": "scientist", "count": 2}}`.
    """

    seat: Seat
    count: int

    def __post_init__(self) -> None:
        _check_count(self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindAtLeast:
    """At least `count` voices of parties of this kind agree. Range: `1 <= count`.

    Wire form: `{"kindAtLeast": {"kind": "state", "count": 2}}`.
    """

    kind: PartyKind
    count: int

    def __post_init__(self) -> None:
        _check_count(self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareAtLeast:
    """At least this share of all voices agree, counted over who may vote, not over who did.

    Wire form: `{"shareAtLeast": {"ppm": 666666}}`: two thirds, with up to 256 parties. Range: 1 to 1,000,000.
    """

    ppm: int

    def __post_init__(self) -> None:
        check_ppm(self.ppm, "share", low=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlocsAtLeast:
    """In at least `count` blocs at least this share of the bloc's voices agree.

    Wire form: `{"blocsAtLeast": {"count": 2, "ppm": 500001}}`. Range: `1 <= count`, 1 to 1,000,000 ppm.
    """

    count: int
    ppm: int

    def __post_init__(self) -> None:
        _check_count(self.count)
        check_ppm(self.ppm, "share", low=1)


VoteLeaf: TypeAlias = (
    Agrees | CriticalAll | BlocAtLeast | SeatAtLeast | KindAtLeast | ShareAtLeast | BlocsAtLeast
)
VoteFormula: TypeAlias = Formula[VoteLeaf]
"""Wire form: `{"allOf": [{"shareAtLeast": {"ppm": 500001}}, {"blocsAtLeast": {"count": 2, "ppm": 500001}}]}`."""


def _check_count(count: int) -> None:
    if count < 1:
        raise MalformedError(f"at least {count} voices, want 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voters:
    """Who is meant: parties that fit every list that is not empty; with four empty lists, every party.

    Wire form: `{"blocs": [], "kinds": ["state"], "parties": [], "seats": []}`.
    """

    kinds: tuple[PartyKind, ...] = ()
    seats: tuple[Seat, ...] = ()
    blocs: tuple[Name, ...] = ()
    parties: tuple[Name, ...] = ()

    def __post_init__(self) -> None:
        for items, what in (
            ([kind.value for kind in self.kinds], "kind"),
            ([seat.value for seat in self.seats], "seat"),
            (self.blocs, "bloc"),
            (self.parties, "party"),
        ):
            check_unique(items, what)

    def holds(self, party: Party) -> bool:
        """Tell whether a party is among them."""
        return (
            (not self.kinds or party.kind in self.kinds)
            and (not self.seats or party.seat in self.seats)
            and (not self.blocs or party.bloc in self.blocs)
            and (not self.parties or party.id in self.parties)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VotingRule:
    """How a proposal is adopted: who may propose and vote, what must agree, who can stop it, how long it is open.

    Example: name `two-blocs`, voters of kind state, adopted when more than half of the voices in each of two
    blocs agree, veto of the critical, open 14 days. With `tacit` the silence of a voter at the close counts
    as agreement. Range: `1 <= open_ms`.
    """

    name: Name
    voters: Voters
    proposers: Voters
    adopt: VoteFormula
    veto: Veto
    tacit: bool
    open_ms: int

    def __post_init__(self) -> None:
        check_duration(self.open_ms, "time to vote", low=1)

    @property
    def is_early(self) -> bool:
        """Whether a proposal is adopted as soon as enough agree, rather than at the close of the vote."""
        return self.veto is Veto.NONE and not self.tacit


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Something that the table may decide under a name, such as `start` or `lift`, and by which rule."""

    name: Name
    rule: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class ConveningTerms:
    """The table: its rules, what may be moved, and which rules adopt texts and amendments.

    `text_rule` adopts whole texts, which bind nobody until they are sealed and deposited; `amendment_rule`
    changes this agreement, `amendment_lead_ms` after adoption. None: that is not possible here.
    """

    rules: tuple[VotingRule, ...]
    motions: tuple[Motion, ...]
    text_rule: Name | None
    amendment_rule: Name | None
    amendment_lead_ms: int

    def __post_init__(self) -> None:
        check_unique((rule.name for rule in self.rules), "voting rule")
        check_unique((motion.name for motion in self.motions), "motion")
        check_duration(self.amendment_lead_ms, "lead time of an amendment")
        known = {rule.name for rule in self.rules}
        used = [self.text_rule, self.amendment_rule, *(motion.rule for motion in self.motions)]
        for name in used:
            if name is not None and name not in known:
                raise MalformedError(f"no voting rule has the name {name}")

    def rule(self, name: Name | None) -> VotingRule | None:
        """Return the rule with this name, None where there is none."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def rule_of_motion(self, motion: Name | None) -> VotingRule | None:
        """Return the rule by which a motion is decided, None where nobody may move it."""
        return next((self.rule(one.rule) for one in self.motions if one.name == motion), None)


def parse_convening_terms(fields: Fields) -> ConveningTerms:
    """Parse the wire form of the terms of the table.

    Raises:
        MalformedError: it is not in that form.
    """

    def optional_name(key: str) -> Name | None:
        return None if fields.raw(key) is None else fields.name(key)

    terms = build(
        fields.where,
        ConveningTerms,
        rules=tuple(_parse_rule(one) for one in fields.objects("rules", RULES_MAX)),
        motions=tuple(_parse_motion(one) for one in fields.objects("motions", MOTIONS_MAX)),
        text_rule=optional_name("textRule"),
        amendment_rule=optional_name("amendmentRule"),
        amendment_lead_ms=fields.integer("amendmentLeadMs"),
    )
    fields.done()
    return terms


def format_convening_terms(terms: ConveningTerms) -> JSON:
    """Return the wire form of the terms of the table."""
    return {
        "rules": [
            {
                "name": rule.name,
                "voters": _format_voters(rule.voters),
                "proposers": _format_voters(rule.proposers),
                "adopt": format_formula(rule.adopt, _format_leaf),
                "veto": rule.veto.value,
                "tacit": rule.tacit,
                "openMs": rule.open_ms,
            }
            for rule in terms.rules
        ],
        "motions": [{"name": motion.name, "rule": motion.rule} for motion in terms.motions],
        "textRule": terms.text_rule,
        "amendmentRule": terms.amendment_rule,
        "amendmentLeadMs": terms.amendment_lead_ms,
    }


def _parse_rule(fields: Fields) -> VotingRule:
    rule = build(
        fields.where,
        VotingRule,
        name=fields.name("name"),
        voters=_parse_voters(fields.object("voters")),
        proposers=_parse_voters(fields.object("proposers")),
        adopt=parse_formula(fields.object("adopt"), _parse_leaf),
        veto=fields.choice("veto", Veto),
        tacit=fields.boolean("tacit"),
        open_ms=fields.integer("openMs"),
    )
    fields.done()
    return rule


def _parse_motion(fields: Fields) -> Motion:
    motion = Motion(name=fields.name("name"), rule=fields.name("rule"))
    fields.done()
    return motion


def _parse_voters(fields: Fields) -> Voters:
    voters = build(
        fields.where,
        Voters,
        kinds=_choices(fields, "kinds", PartyKind),
        seats=_choices(fields, "seats", Seat),
        blocs=fields.names("blocs", VOTERS_MAX),
        parties=fields.names("parties", VOTERS_MAX),
    )
    fields.done()
    return voters


def _choices(fields: Fields, key: str, kind: type[_E]) -> tuple[_E, ...]:
    known: dict[str, _E] = {str(member.value): member for member in kind}
    texts = fields.texts(key, len(known))
    for text in texts:
        if text not in known:
            raise MalformedError(
                f"{fields.where}.{key}: found {text[:48]!r}, want some of {', '.join(known)}"
            )
    return tuple(known[text] for text in texts)


def _format_voters(voters: Voters) -> JSON:
    return {
        "kinds": [kind.value for kind in voters.kinds],
        "seats": [seat.value for seat in voters.seats],
        "blocs": list(voters.blocs),
        "parties": list(voters.parties),
    }


def _parse_leaf(fields: Fields) -> VoteLeaf:
    if fields.has("agrees"):
        return Agrees(party=fields.name("agrees"))
    if fields.has("criticalAll"):
        if not fields.boolean("criticalAll"):
            raise MalformedError(f"{fields.where}.criticalAll: found false, want true")
        return CriticalAll()
    for key in ("blocAtLeast", "seatAtLeast", "kindAtLeast", "shareAtLeast", "blocsAtLeast"):
        if fields.has(key):
            inside = fields.object(key)
            leaf = build(inside.where, _parse_counted, key, inside)
            inside.done()
            return leaf
    raise MalformedError(
        f"{fields.where}: no known condition, want allOf, anyOf, atLeast, agrees, criticalAll, blocAtLeast, "
        "seatAtLeast, kindAtLeast, shareAtLeast or blocsAtLeast"
    )


def _parse_counted(key: str, fields: Fields) -> VoteLeaf:
    match key:
        case "blocAtLeast":
            return BlocAtLeast(bloc=fields.name("bloc"), count=fields.integer("count"))
        case "seatAtLeast":
            return SeatAtLeast(seat=fields.choice("seat", Seat), count=fields.integer("count"))
        case "kindAtLeast":
            return KindAtLeast(kind=fields.choice("kind", PartyKind), count=fields.integer("count"))
        case "shareAtLeast":
            return ShareAtLeast(ppm=fields.integer("ppm"))
        case _:
            return BlocsAtLeast(count=fields.integer("count"), ppm=fields.integer("ppm"))


def _format_leaf(leaf: VoteLeaf) -> JSON:
    match leaf:
        case Agrees(party=party):
            return {"agrees": party}
        case CriticalAll():
            return {"criticalAll": True}
        case BlocAtLeast(bloc=bloc, count=count):
            return {"blocAtLeast": {"bloc": bloc, "count": count}}
        case SeatAtLeast(seat=seat, count=count):
            return {"seatAtLeast": {"seat": seat.value, "count": count}}
        case KindAtLeast(kind=kind, count=count):
            return {"kindAtLeast": {"kind": kind.value, "count": count}}
        case ShareAtLeast(ppm=ppm):
            return {"shareAtLeast": {"ppm": ppm}}
        case BlocsAtLeast(count=count, ppm=ppm):
            return {"blocsAtLeast": {"count": count, "ppm": ppm}}
        case _:
            assert_never(leaf)
