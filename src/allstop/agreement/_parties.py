"""Who an agreement binds and how they stand to one another: parties, their keys, and edges.

Implements spec/agreement.md, section "Parties". Does not know who signed what.
"""

from dataclasses import dataclass
from enum import Enum

from allstop.agreement._checks import build, check_text, check_unique
from allstop.canon import JSON, Fields, format_base64
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.keys import KeyKind, PublicKey
from allstop.statement import PARTY_KEYS_MAX

__all__ = [
    "KEY_COUNT_MAX",
    "Edge",
    "Party",
    "PartyKind",
    "Relation",
    "Seat",
    "format_edge",
    "format_party",
    "parse_edge",
    "parse_party",
]

KEY_COUNT_MAX = PARTY_KEYS_MAX
"""Most keys that one party may have."""


class PartyKind(Enum):
    """What a party is. The value is the wire form."""

    STATE = "state"
    DEVELOPER = "developer"
    OPERATOR = "operator"
    TENANT = "tenant"
    VERIFIER = "verifier"
    CUSTODIAN = "custodian"
    OBSERVER = "observer"


class Seat(Enum):
    """Which class of the table a party sits and votes in. The value is the wire form."""

    OFFICIAL = "official"
    SCIENTIST = "scientist"
    ADVOCACY = "advocacy"
    COMPANY = "company"
    OBSERVER = "observer"


class Relation(Enum):
    """How one party stands to another: `source` owns `target`, and so on. The value is the wire form."""

    RESPONSIBLE_FOR = "responsible-for"
    OWNS = "owns"
    OPERATES = "operates"
    RENTS = "rents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One that signs: `threshold` of its `keys` make a statement its own.

    Example: id `alder`, name "Alder Compute", kind operator, bloc `north`, critical, one key, threshold 1.
    Range: `1 <= threshold <= len(keys)`, except in a template, where keys are still empty. `seat` is the
    class of the table that it speaks for, None where there is no table.
    """

    id: Name
    name: str
    kind: PartyKind
    bloc: Name
    critical: bool
    keys: tuple[PublicKey, ...]
    threshold: int
    seat: Seat | None = None

    def __post_init__(self) -> None:
        check_text(self.name, "name of the party", chars_max=128)
        check_unique((key.data.hex() for key in self.keys), "key")
        if any(key.kind is not KeyKind.ED25519 for key in self.keys):
            raise MalformedError("a key of a party is not Ed25519")
        if len(self.keys) > KEY_COUNT_MAX:
            raise MalformedError(f"party has {len(self.keys)} keys, want at most {KEY_COUNT_MAX}")
        if not 1 <= self.threshold <= (len(self.keys) or KEY_COUNT_MAX):
            raise MalformedError(
                f"threshold is {self.threshold}, want 1 to {len(self.keys) or KEY_COUNT_MAX}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A relation between two parties. Example: `alder` operates `birch`'s site."""

    source: Name
    relation: Relation
    target: Name

    def __post_init__(self) -> None:
        if self.source == self.target:
            raise MalformedError(f"edge leads from {self.source} to itself")


def parse_party(fields: Fields) -> Party:
    """Parse the wire form of a party.

    Raises:
        MalformedError: it is not in that form.
    """
    keys = tuple(_parse_key(key) for key in fields.objects("keys", KEY_COUNT_MAX))
    party = build(
        fields.where,
        Party,
        id=fields.name("id"),
        name=fields.text("name"),
        kind=fields.choice("kind", PartyKind),
        bloc=fields.name("bloc"),
        critical=fields.boolean("critical"),
        keys=keys,
        threshold=fields.integer("threshold", 1, KEY_COUNT_MAX),
        seat=fields.choice("seat", Seat) if fields.has("seat") else None,
    )
    fields.done()
    return party


def format_party(party: Party) -> JSON:
    """Return the wire form of a party."""
    keys: list[JSON] = [{"kind": key.kind.value, "data": format_base64(key.data)} for key in party.keys]
    # Written only where there is one, so that an agreement without a table keeps its spelling.
    seat: dict[str, JSON] = {} if party.seat is None else {"seat": party.seat.value}
    return {
        **seat,
        "id": party.id,
        "name": party.name,
        "kind": party.kind.value,
        "bloc": party.bloc,
        "critical": party.critical,
        "keys": keys,
        "threshold": party.threshold,
    }


def parse_edge(fields: Fields) -> Edge:
    """Parse the wire form of an edge.

    Raises:
        MalformedError: it is not in that form.
    """
    edge = build(
        fields.where,
        Edge,
        source=fields.name("source"),
        relation=fields.choice("relation", Relation),
        target=fields.name("target"),
    )
    fields.done()
    return edge


def format_edge(edge: Edge) -> JSON:
    """Return the wire form of an edge."""
    return {"source": edge.source, "relation": edge.relation.value, "target": edge.target}


def _parse_key(fields: Fields) -> PublicKey:
    key = build(fields.where, PublicKey, kind=fields.choice("kind", KeyKind), data=fields.data("data"))
    fields.done()
    return key
