"""The predicates `succession`, `withdrawal` and `withdrawal-revocation`: who takes over, and who leaves.

Implements spec/binding.md sections 7 and 8. When they take effect is decided in `standing`.
"""

from dataclasses import dataclass

from allstop.binding._words import check_words
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = [
    "SUCCESSION_PREDICATE",
    "WITHDRAWAL_PREDICATE",
    "WITHDRAWAL_REVOCATION_PREDICATE",
    "Succession",
    "Withdrawal",
    "WithdrawalRevocation",
    "format_succession",
    "format_withdrawal",
    "format_withdrawal_revocation",
    "parse_succession",
    "parse_withdrawal",
    "parse_withdrawal_revocation",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """The filer takes over what binds another party: `{"predecessor": "birch"}`.

    The predecessor signs too, or the state that is responsible for it.
    """

    predecessor: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Notice that the party will leave when the agreed time has run: `{"reason": "a rival did not stop"}`."""

    reason: str

    def __post_init__(self) -> None:
        check_words(self.reason, "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRevocation:
    """Takes a notice back before it has run. Wire form: `{"withdrawal": "9f86..."}`, the digest of the statement."""

    withdrawal: Digest


def parse_succession(body: JSON) -> Succession:
    """Parse the body of a `succession` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "succession")
    succession = Succession(predecessor=fields.name("predecessor"))
    fields.done()
    return succession


def format_succession(succession: Succession) -> JSON:
    """Return the body of a `succession` statement."""
    return {"predecessor": succession.predecessor}


def parse_withdrawal(body: JSON) -> Withdrawal:
    """Parse the body of a `withdrawal` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "withdrawal")
    try:
        withdrawal = Withdrawal(reason=fields.text("reason"))
    except ValueError as exc:
        raise MalformedError(f"withdrawal: {exc}") from exc
    fields.done()
    return withdrawal


def format_withdrawal(withdrawal: Withdrawal) -> JSON:
    """Return the body of a `withdrawal` statement."""
    return {"reason": withdrawal.reason}


def parse_withdrawal_revocation(body: JSON) -> WithdrawalRevocation:
    """Parse the body of a `withdrawal-revocation` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "withdrawal-revocation")
    revocation = WithdrawalRevocation(withdrawal=fields.digest("withdrawal"))
    fields.done()
    return revocation


def format_withdrawal_revocation(revocation: WithdrawalRevocation) -> JSON:
    """Return the body of a `withdrawal-revocation` statement."""
    return {"withdrawal": revocation.withdrawal}


SUCCESSION_PREDICATE = Predicate(
    name=Name("succession"), parse=parse_succession, format=format_succession, audience=Audience.ANYONE
)
WITHDRAWAL_PREDICATE = Predicate(
    name=Name("withdrawal"), parse=parse_withdrawal, format=format_withdrawal, audience=Audience.ANYONE
)
WITHDRAWAL_REVOCATION_PREDICATE = Predicate(
    name=Name("withdrawal-revocation"),
    parse=parse_withdrawal_revocation,
    format=format_withdrawal_revocation,
    audience=Audience.ANYONE,
)
