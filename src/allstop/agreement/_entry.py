"""Entry into force: one moment for all, or never.

Implements spec/agreement.md, section "Entry into force". A deposit says "I am bound if and only if the
condition is met by the deadline"; the moment is a pure function of the proven upper bounds of the deposits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allstop.agreement._checks import build, check_duration
from allstop.agreement._condition import Condition, format_condition, holds, parse_condition
from allstop.canon import JSON, Fields, format_instant
from allstop.ids import Name
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = ["Deposit", "EntryIntoForce", "EntryStatus", "entry_into_force", "format_entry", "parse_entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryIntoForce:
    """When the agreement binds: `lead_ms` after the condition is first met, if that is by the deadline."""

    condition: Condition
    deadline: Instant
    lead_ms: int

    def __post_init__(self) -> None:
        check_duration(self.lead_ms, "lead time")
        self.deadline.plus(self.lead_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A party's deposit, proven to be in the log not after this instant."""

    party: Name
    not_after: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryStatus:
    """Where entry into force stands.

    `met_at` is when the condition was first met and `in_force_from` is the lead time later; both are None
    until then. `deposited` are the parties whose deposit counts, `missing` all others, `late` those among
    the missing whose deposit came after the deadline. All are in the order of the agreement.
    """

    in_force_from: Instant | None
    met_at: Instant | None
    deposited: tuple[Name, ...]
    missing: tuple[Name, ...]
    late: tuple[Name, ...]

    def is_in_force(self, at: Instant) -> bool:
        """Tell whether the agreement binds all its parties at `at`."""
        return self.in_force_from is not None and self.in_force_from <= at


def entry_into_force(agreement: "Agreement", deposits: Sequence[Deposit]) -> EntryStatus:
    """Find the earliest instant, not after the deadline, at which the condition holds.

    Of several deposits of one party the earliest counts; deposits of others than parties count nothing.
    Who deposits after the moment is bound like all others from the same moment or from their own
    signature: nobody's deposit moves it.
    """
    entry, ids = agreement.entry, [party.id for party in agreement.parties]
    first: dict[Name, Instant] = {}
    for deposit in deposits:
        if deposit.party in ids:
            first[deposit.party] = min(first.get(deposit.party, deposit.not_after), deposit.not_after)
    in_time = {party: at for party, at in first.items() if at <= entry.deadline}
    met_at = None
    # The condition is monotone, so it can first be met only at the instant of a deposit.
    for at in sorted(set(in_time.values())):
        deposited = {party for party, when in in_time.items() if when <= at}
        if holds(entry.condition, deposited=deposited, parties=agreement.parties):
            met_at = at
            break
    return EntryStatus(
        in_force_from=None if met_at is None else met_at.plus(entry.lead_ms),
        met_at=met_at,
        deposited=tuple(party for party in ids if party in in_time),
        missing=tuple(party for party in ids if party not in in_time),
        late=tuple(party for party in ids if party in first and party not in in_time),
    )


def parse_entry(fields: Fields) -> EntryIntoForce:
    """Parse the wire form of the rule of entry into force.

    Raises:
        MalformedError: it is not in that form.
    """
    entry = build(
        fields.where,
        EntryIntoForce,
        condition=parse_condition(fields.object("condition")),
        deadline=fields.instant("deadline"),
        lead_ms=fields.integer("leadMs"),
    )
    fields.done()
    return entry


def format_entry(entry: EntryIntoForce) -> JSON:
    """Return the wire form of the rule of entry into force."""
    return {
        "condition": format_condition(entry.condition),
        "deadline": format_instant(entry.deadline),
        "leadMs": entry.lead_ms,
    }
