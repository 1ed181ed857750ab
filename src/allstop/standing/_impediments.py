"""Impediments: where each claim that a court forbids performance stands, and from when until when it counts.

Implements spec/adjudication.md section 8. An impediment is no breach and clears nobody: what it keeps a party from
doing is still not done. It never reaches back before the instant at which it was proven to be in the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from allstop.adjudication import FindingRuling, Impediment, Outcome
from allstop.agreement import AdjudicationTerms, Agreement, calendar_named
from allstop.clocks import due
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing._panel import Decision, Hearing, decide, seat_bench
from allstop.standing._void import VoidFiling
from allstop.times import Instant, Window

__all__ = [
    "IMPEDIMENT_MOVES",
    "ImpedimentEvent",
    "ImpedimentStage",
    "ImpedimentStanding",
    "impediments_of",
    "step_impediment",
]


class ImpedimentStage(Enum):
    """Where a claim of an impediment is."""

    FILED = "filed"
    ON_WORD = "on its party's word"
    WAITING = "waits for the panel"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OVER = "over"


class ImpedimentEvent(Enum):
    """What moves it on, in the order in which what happens at one instant counts."""

    HAS_WORD = "the agreement takes a party's word"
    HAS_NO_WORD = "the agreement does not, or the clause was claimed before"
    ACCEPTED = "the panel accepts"
    REFUSED = "the panel refuses"
    WORD_OUT = "the word ran out"
    ENDED = "the order ended"


IMPEDIMENT_MOVES: Mapping[tuple[ImpedimentStage, ImpedimentEvent], ImpedimentStage] = {
    (ImpedimentStage.FILED, ImpedimentEvent.HAS_WORD): ImpedimentStage.ON_WORD,
    (ImpedimentStage.FILED, ImpedimentEvent.HAS_NO_WORD): ImpedimentStage.WAITING,
    (ImpedimentStage.ON_WORD, ImpedimentEvent.ACCEPTED): ImpedimentStage.ACCEPTED,
    (ImpedimentStage.ON_WORD, ImpedimentEvent.REFUSED): ImpedimentStage.REFUSED,
    (ImpedimentStage.ON_WORD, ImpedimentEvent.WORD_OUT): ImpedimentStage.WAITING,
    (ImpedimentStage.ON_WORD, ImpedimentEvent.ENDED): ImpedimentStage.OVER,
    (ImpedimentStage.WAITING, ImpedimentEvent.ACCEPTED): ImpedimentStage.ACCEPTED,
    (ImpedimentStage.WAITING, ImpedimentEvent.REFUSED): ImpedimentStage.REFUSED,
    (ImpedimentStage.WAITING, ImpedimentEvent.ENDED): ImpedimentStage.OVER,
    (ImpedimentStage.ACCEPTED, ImpedimentEvent.ENDED): ImpedimentStage.OVER,
}
"""Every move there is."""


def step_impediment(stage: ImpedimentStage, event: ImpedimentEvent) -> ImpedimentStage:
    """Return the next stage.

    Raises:
        ValueError: this cannot happen in that stage.
    """
    following = IMPEDIMENT_MOVES.get((stage, event))
    if following is None:
        raise ValueError(f"an impediment that is {stage.value} has no move for: {event.value}")
    return following


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpedimentStanding:
    """One claim of an impediment, and the spans of time in which it counts, as far as they are known at `at`.

    Example: `birch`, clause "4.1", ACCEPTED, from 2027-03-01T00:00:00Z until 2027-06-01T00:00:00Z. A span may end
    sooner than it says now if the panel refuses.
    """

    digest: Digest
    entry: int
    party: Name
    claim: Impediment
    stage: ImpedimentStage
    spans: tuple[Window, ...]
    word_until: Instant | None
    decision: Decision | None
    void: tuple[VoidFiling, ...]

    def counts_at(self, at: Instant) -> bool:
        """Tell whether the impediment counts at an instant."""
        return any(span.start <= at < span.end for span in self.spans)


def impediments_of(
    agreement: Agreement, state: State, *, at: Instant, left_at: Mapping[Name, Instant] | None = None
) -> tuple[ImpedimentStanding, ...]:
    """Return every claim of an impediment proven by `at`, in log order; none without adjudication.

    A claim by a party whose chain was broken is left out: it helps nobody. Who has left, at the instants in `left_at`,
    rules no more.
    """
    terms = agreement.adjudication
    if terms is None:
        return ()
    rulings: dict[Digest, list[tuple[Filed[FindingRuling], bool]]] = {}
    for filed in sorted(state.of(FindingRuling), key=lambda one: (one.not_after, one.sequence)):
        if filed.not_after <= at:
            left = None if left_at is None else left_at.get(filed.party)
            is_trusted = state.is_trusted(filed.party, filed.not_after)
            is_trusted = is_trusted and (left is None or filed.not_after < left)
            rulings.setdefault(filed.value.matter, []).append((filed, is_trusted))
    claimed: set[tuple[Name, str]] = set()
    found = []
    for claim in sorted(state.of(Impediment), key=lambda one: one.entry):
        if claim.not_after <= at and state.is_trusted(claim.party, claim.not_after):
            keys = {(claim.party, clause) for clause in claim.value.clauses}
            # A word that could be given again and again would be an exit for ever.
            is_first = not keys & claimed
            claimed |= keys
            filed_rulings = rulings.get(claim.digest, ())
            found.append(_stand(agreement, terms, claim, filed_rulings, at=at, is_first=is_first))
    return tuple(found)


def _stand(
    agreement: Agreement,
    terms: AdjudicationTerms,
    filed: Filed[Impediment],
    rulings: Sequence[tuple[Filed[FindingRuling], bool]],
    *,
    at: Instant,
    is_first: bool,
) -> ImpedimentStanding:
    claim, start = filed.value, max(filed.value.start, filed.not_after)
    calendar = calendar_named(agreement.calendars, terms.calendar)
    has_word = terms.impediment is not None and is_first and start < claim.end
    word_until = None
    if has_word and terms.impediment is not None:
        word_until = min(claim.end, due(start, terms.impediment, calendar))
    bench = seat_bench(agreement, terms.panel, sides={"who claims the impediment": filed.party})
    hearing = Hearing(
        matters=frozenset({filed.digest}),
        outcomes=frozenset({Outcome.ACCEPTED, Outcome.REFUSED}),
        opened_at=filed.not_after,
        closes_at=claim.end,
        by_filing=True,
        needs_answer=False,
    )
    decision, _, void = decide(bench, hearing, rulings)
    events = [(filed.not_after, ImpedimentEvent.HAS_WORD if has_word else ImpedimentEvent.HAS_NO_WORD)]
    # An order that had ended before it was filed is over at once.
    events.append((max(claim.end, filed.not_after), ImpedimentEvent.ENDED))
    if word_until is not None and word_until < claim.end:
        events.append((word_until, ImpedimentEvent.WORD_OUT))
    if decision is not None:
        is_accepted = decision.outcome is Outcome.ACCEPTED
        event = ImpedimentEvent.ACCEPTED if is_accepted else ImpedimentEvent.REFUSED
        events.append((decision.at, event))
    return ImpedimentStanding(
        digest=filed.digest,
        entry=filed.entry,
        party=filed.party,
        claim=claim,
        stage=_run(events, at),
        spans=_spans(start, claim.end, word_until, decision),
        word_until=word_until,
        decision=decision,
        void=tuple(void),
    )


def _run(events: Sequence[tuple[Instant, ImpedimentEvent]], at: Instant) -> ImpedimentStage:
    rank = {event: number for number, event in enumerate(ImpedimentEvent)}
    stage = ImpedimentStage.FILED
    for when, event in sorted(events, key=lambda one: (one[0], rank[one[1]])):
        # At the very instant more may be proven.
        if when < at and (stage, event) in IMPEDIMENT_MOVES:
            stage = step_impediment(stage, event)
    return stage


def _spans(
    start: Instant, end: Instant, word_until: Instant | None, decision: Decision | None
) -> tuple[Window, ...]:
    """Return when it counts: on the party's word until that runs out, and from when the panel accepts it."""
    spans = [] if word_until is None else [(start, word_until)]
    if decision is not None and decision.outcome is Outcome.REFUSED:
        spans = [(first, min(last, decision.at)) for first, last in spans]
    elif decision is not None and spans and decision.at <= spans[0][1]:
        spans = [(start, end)]
    elif decision is not None:
        spans.append((max(start, decision.at), end))
    return tuple(Window(start=first, end=last) for first, last in spans if first < last)
