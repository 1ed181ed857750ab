"""The predicate: the name of a kind of statement, and the strict codec of its body.

Each package of facts exports its own; `ledger` gathers them. spec/statement.md section 6.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from allstop.canon import JSON
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.statement._statement import PREDICATE_TYPE_PREFIX, Statement

__all__ = ["Predicate"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate(Generic[T]):
    """A kind of statement: `parse` and `format` are each other's exact inverse on bodies.

    A new version of a body is a new predicate type, never a flag.
    """

    name: Name
    parse: Callable[[JSON], T]
    format: Callable[[T], JSON]

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
