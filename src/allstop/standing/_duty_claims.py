"""Impossibility: what parties claim that they cannot do, and what the panel says to it.

Implements spec/duties.md section 9. The first claim about one thing to do counts; the claimant and its trust domain
have no seat on the panel.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from allstop.adjudication import FindingRuling, Outcome
from allstop.agreement import Agreement
from allstop.duty import Impossibility
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing._panel import Hearing, decide, seat_bench
from allstop.times import Instant

__all__ = ["ClaimState", "Claims"]

_OUTCOMES = frozenset({Outcome.ACCEPTED, Outcome.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimState:
    """A claim of impossibility, and what became of it. Example: entry 40, accepted 2027-06-01T00:00:00Z."""

    filed: Filed[Impossibility]
    is_accepted: bool
    decided_at: Instant | None


class Claims:
    """Claims by party and thing to do, and rulings on them, indexed once. Only what was proven by `at` counts."""

    def __init__(self, agreement: Agreement, state: State, *, at: Instant) -> None:
        self._agreement = agreement
        self._state = state
        self._at = at

    @cached_property
    def _first(self) -> Mapping[tuple[Name, Name, str | None, int], Filed[Impossibility]]:
        found: dict[tuple[Name, Name, str | None, int], Filed[Impossibility]] = {}
        for one in self._state.of(Impossibility):
            key = one.value.key
            if one.not_after <= self._at and self._state.is_trusted(one.party, one.not_after):
                found.setdefault((one.party, key.duty, key.matter, key.occurrence), one)
        return found

    @cached_property
    def _duties(self) -> frozenset[tuple[Name, Name]]:
        return frozenset((party, duty) for party, duty, _, _ in self._first)

    @cached_property
    def _rulings(self) -> Mapping[Digest, list[tuple[Filed[FindingRuling], bool]]]:
        found: dict[Digest, list[tuple[Filed[FindingRuling], bool]]] = {}
        # A member's own numbers say which of its rulings in one batch was first.
        for one in sorted(self._state.of(FindingRuling), key=lambda filed: (filed.not_after, filed.sequence)):
            if one.not_after <= self._at:
                trusted = self._state.is_trusted(one.party, one.not_after)
                found.setdefault(one.value.matter, []).append((one, trusted))
        return found

    def any_by(self, party: Name, duty: Name) -> bool:
        """Tell whether a party claims anything about a duty."""
        return (party, duty) in self._duties

    def claim(
        self, party: Name, duty: Name, matter: str | None, occurrence: int
    ) -> Filed[Impossibility] | None:
        """Return the claim of a party about one thing to do, None without any."""
        return self._first.get((party, duty, matter, occurrence))

    def judged(self, filed: Filed[Impossibility], *, closes_at: Instant) -> ClaimState:
        """Return what the panel made of a claim by `closes_at`; without a panel in the agreement nothing."""
        terms = self._agreement.adjudication
        decision = None
        if terms is not None:
            bench = seat_bench(self._agreement, terms.panel, sides={"who claims impossibility": filed.party})
            hearing = Hearing(
                matters=frozenset({filed.digest}),
                outcomes=_OUTCOMES,
                opened_at=filed.not_after,
                closes_at=closes_at,
                needs_answer=False,
            )
            decision, _, _ = decide(bench, hearing, self._rulings.get(filed.digest, ()))
        return ClaimState(
            filed=filed,
            is_accepted=decision is not None and decision.outcome is Outcome.ACCEPTED,
            decided_at=None if decision is None else decision.at,
        )
