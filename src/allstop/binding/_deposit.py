"""The predicates around an open deposit: `deposit-withdrawal`, `reservation` and `provisional`.

Implements spec/binding.md sections 5 and 6. Whether the agreement allows them is decided in `standing`.
"""

from dataclasses import dataclass

from allstop.binding._words import CLAUSES_MAX, check_clauses, check_words
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = [
    "DEPOSIT_WITHDRAWAL_PREDICATE",
    "PROVISIONAL_PREDICATE",
    "RESERVATION_PREDICATE",
    "DepositWithdrawal",
    "Provisional",
    "Reservation",
    "format_deposit_withdrawal",
    "format_provisional",
    "format_reservation",
    "parse_deposit_withdrawal",
    "parse_provisional",
    "parse_reservation",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositWithdrawal:
    """Takes one open deposit back. Wire form: `{"deposit": "9f86..."}`, the digest of the statement."""

    deposit: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Excludes clauses for the party, where the text allows that: `{"clauses": ["5.2"], "text": "not before 2029"}`.

    Range: 1 to CLAUSES_MAX clauses, each once.
    """

    clauses: tuple[str, ...]
    text: str

    def __post_init__(self) -> None:
        check_words(self.text, "text")
        check_clauses(self.clauses)
        if not self.clauses:
            raise ValueError("reservation names no clause")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisional:
    """Applies exactly these clauses before entry into force; none ends it. Wire form: `{"clauses": ["4.1"]}`.

    Range: 0 to CLAUSES_MAX clauses, each once.
    """

    clauses: tuple[str, ...]

    def __post_init__(self) -> None:
        check_clauses(self.clauses)


def parse_deposit_withdrawal(body: JSON) -> DepositWithdrawal:
    """Parse the body of a `deposit-withdrawal` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "deposit-withdrawal")
    withdrawal = DepositWithdrawal(deposit=fields.digest("deposit"))
    fields.done()
    return withdrawal


def format_deposit_withdrawal(withdrawal: DepositWithdrawal) -> JSON:
    """Return the body of a `deposit-withdrawal` statement."""
    return {"deposit": withdrawal.deposit}


def parse_reservation(body: JSON) -> Reservation:
    """Parse the body of a `reservation` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "reservation")
    try:
        reservation = Reservation(clauses=fields.texts("clauses", CLAUSES_MAX), text=fields.text("text"))
    except ValueError as exc:
        raise MalformedError(f"reservation: {exc}") from exc
    fields.done()
    return reservation


def format_reservation(reservation: Reservation) -> JSON:
    """Return the body of a `reservation` statement."""
    return {"clauses": list(reservation.clauses), "text": reservation.text}


def parse_provisional(body: JSON) -> Provisional:
    """Parse the body of a `provisional` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "provisional")
    try:
        provisional = Provisional(clauses=fields.texts("clauses", CLAUSES_MAX))
    except ValueError as exc:
        raise MalformedError(f"provisional: {exc}") from exc
    fields.done()
    return provisional


def format_provisional(provisional: Provisional) -> JSON:
    """Return the body of a `provisional` statement."""
    return {"clauses": list(provisional.clauses)}


DEPOSIT_WITHDRAWAL_PREDICATE = Predicate(
    name=Name("deposit-withdrawal"),
    parse=parse_deposit_withdrawal,
    format=format_deposit_withdrawal,
    audience=Audience.ANYONE,
)
RESERVATION_PREDICATE = Predicate(
    name=Name("reservation"), parse=parse_reservation, format=format_reservation, audience=Audience.ANYONE
)
PROVISIONAL_PREDICATE = Predicate(
    name=Name("provisional"), parse=parse_provisional, format=format_provisional, audience=Audience.ANYONE
)
