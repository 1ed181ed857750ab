"""The predicate: the name of a kind of statement, and the strict codec of its body.

Each package of facts exports its own; `ledger` gathers them. Who may see what: spec/audience.md section 1.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from allstop.canon import JSON
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.statement._statement import PREDICATE_TYPE_PREFIX, Statement

__all__ = ["Audience", "Predicate"]

T = TypeVar("T")

# A key of the body, or of the objects in a list of it: `series`, `parties.coveragePpm`.
_FIELD = re.compile(r"[a-z][a-zA-Z0-9]*(?:\.[a-z][a-zA-Z0-9]*)*\Z", re.ASCII)


class Audience(Enum):
    """Who may be shown a kind of statement, apart from its secret fields; the widest comes first.

    The software tells what may be shown to whom, and shows rivals no more (`public_view`). It encrypts nothing:
    whoever holds a log reads all of it.
    """

    ANYONE = "anyone"
    """The public: agreements, deposits, votes to be bound."""
    PARTIES = "parties"
    """Every party to the agreement, rivals among them."""
    VERIFIERS = "verifiers"
    """Verifiers, the panel, and those whom the statement concerns; of it rivals see verdicts and findings only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate(Generic[T]):
    """A kind of statement: `parse` and `format` are each other's exact inverse on bodies.

    `secret` are the fields of the body that rivals of the filer may not be shown, as keys on the wire, such as
    `site` or `parties.coveragePpm`: what only VERIFIERS see has no other. A new version of a body is a new
    predicate type, never a flag.
    """

    name: Name
    parse: Callable[[JSON], T]
    format: Callable[[T], JSON]
    audience: Audience
    secret: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        bad = next((field for field in self.secret if _FIELD.match(field) is None), None)
        if bad is not None:
            raise ValueError(f"predicate {self.name} has secret field {bad[:64]!r}, want keys of its body")
        if len(set(self.secret)) != len(self.secret):
            raise ValueError(f"predicate {self.name} names a secret field twice")
        if self.audience is Audience.ANYONE and self.secret:
            raise ValueError(f"predicate {self.name} is for anyone and has secret fields")
        if self.audience is Audience.VERIFIERS and not self.secret:
            raise ValueError(f"predicate {self.name} is for verifiers and names no secret field")

    @property
    def type_uri(self) -> str:
        """The `predicateType` on the wire, such as `urn:allstop:predicate:job:v1`."""
        return f"{PREDICATE_TYPE_PREFIX}{self.name}:v1"

    def read(self, statement: Statement) -> T:
        """Return the body of `statement` as a value. No signature is checked.

        Raises:
            MalformedError: the statement has another predicate, or a body that is not in its one form.
        """
        if statement.predicate != self.name:
            raise MalformedError(f"statement is a {statement.predicate}, want a {self.name}")
        return self.parse(statement.body)
