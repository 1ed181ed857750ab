"""The `impediment` predicate: a party says that a court or authority forbids what a clause asks.

Implements spec/adjudication.md section 3. It is a claim: how long a party's word lasts, and that a panel may
accept or refuse it, is in the agreement and in `standing`.
"""

from dataclasses import dataclass

from allstop.adjudication._raised import is_clause
from allstop.canon import JSON, Fields, format_instant
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.times import Instant

__all__ = [
    "CLAUSE_COUNT_MAX",
    "IMPEDIMENT_PREDICATE",
    "Impediment",
    "format_impediment",
    "parse_impediment",
]

CLAUSE_COUNT_MAX = 64
"""Most clauses that one impediment names."""

_AUTHORITY_CHARS_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Impediment:
    """A legal order that keeps its filer from performing these clauses, from an instant until another.

        {"authority": "High Court of Alder", "clauses": ["4.1"], "from": "2027-03-01T00:00:00Z",
         "order": "2c26...", "until": "2027-06-01T00:00:00Z"}

    `order` is the digest of the blob of the order. Range: 1 to CLAUSE_COUNT_MAX clauses, `start < end`.
    """

    clauses: tuple[str, ...]
    authority: str
    order: Digest
    start: Instant
    end: Instant

    def __post_init__(self) -> None:
        if not 1 <= len(self.clauses) <= CLAUSE_COUNT_MAX or len(set(self.clauses)) != len(self.clauses):
            raise MalformedError(f"impediment names no clause, one twice, or more than {CLAUSE_COUNT_MAX}")
        for clause in self.clauses:
            if not is_clause(clause):
                raise MalformedError(f"clause is {clause[:24]!r}, want a number such as '4.1'")
        if not 1 <= len(self.authority) <= _AUTHORITY_CHARS_MAX:
            raise MalformedError(
                f"authority has {len(self.authority)} characters, want 1 to {_AUTHORITY_CHARS_MAX}"
            )
        if not self.start < self.end:
            raise MalformedError("impediment ends before it starts")


def parse_impediment(body: JSON) -> Impediment:
    """Parse the body of an `impediment` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "impediment")
    impediment = Impediment(
        clauses=fields.texts("clauses", CLAUSE_COUNT_MAX),
        authority=fields.text("authority", _AUTHORITY_CHARS_MAX),
        order=fields.digest("order"),
        start=fields.instant("from"),
        end=fields.instant("until"),
    )
    fields.done()
    return impediment


def format_impediment(impediment: Impediment) -> JSON:
    """Return the body of an `impediment` statement."""
    return {
        "clauses": list(impediment.clauses),
        "authority": impediment.authority,
        "order": impediment.order,
        "from": format_instant(impediment.start),
        "until": format_instant(impediment.end),
    }


IMPEDIMENT_PREDICATE = Predicate(
    name=Name("impediment"), parse=parse_impediment, format=format_impediment, audience=Audience.PARTIES
)
