"""Who is bound since when, what is missing, and where each party stands.

Implements spec/binding.md sections 5 to 9. All who deposited by the instant of entry into force are bound at that
instant, or nobody is. Nothing that is proven later undoes what stands here as decided.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from allstop.agreement import Agreement, EntryStatus, SignatureBody
from allstop.binding import Approval, Provisional, Reservation
from allstop.finding import Finding
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing._binding_facts import NOBODY, BindingFacts, binding_facts_of, responsible_for
from allstop.standing._binding_findings import find_all
from allstop.standing._deposits import first_instants
from allstop.standing._missing import Missing, missing_of, unmet_words
from allstop.standing._stages import Stage, StageEvent, stage_after
from allstop.times import Instant

__all__ = ["Binding", "PartyStanding", "binding_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyStanding:
    """Where one party stands at the time of asking.

        PartyStanding(party="alder", stage=Stage.BOUND, bound_from=2027-06-01T00:00:00Z, bound_until=None, ...)

    `bound_from` may lie ahead: the condition is met and the lead time runs. `bound_until` may lie ahead as well, and
    then a revoked notice can still undo it. `voice_from` is when its own deposit binds it, None for a mere successor,
    which gains no vote. `provisional` are clauses that it applies before it is bound,
    `reservations` those that do not bind it, `surviving` those that bind it after it left. `is_needed`: without it
    the condition cannot be met. `missing` says in words what is to be done and by whom, `due` by when.
    """

    party: Name
    stage: Stage
    bound_from: Instant | None = None
    bound_until: Instant | None = None
    voice_from: Instant | None = None
    provisional: tuple[str, ...] = ()
    reservations: tuple[str, ...] = ()
    surviving: tuple[str, ...] = ()
    successor: Name | None = None
    responsible: tuple[Name, ...] = ()
    is_needed: bool = False
    missing: tuple[str, ...] = ()
    due: Instant | None = None

    def is_bound(self, at: Instant) -> bool:
        """Tell whether the agreement binds the party at `at`."""
        return (
            self.bound_from is not None
            and self.bound_from <= at
            and (self.bound_until is None or at < self.bound_until)
        )

    def is_held_to(self, clause: str, at: Instant) -> bool:
        """Tell whether a clause binds the party at `at`: bound and not reserved, provisional, or surviving."""
        if clause in self.reservations:
            return False
        if self.bound_from is None or at < self.bound_from:
            return clause in self.provisional
        return self.is_bound(at) or clause in self.surviving


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Where becoming bound and leaving stand at `at`.

    `entry` is the one instant; `parties` are in the order of the agreement. `unmet` says which parts of the condition
    still lack deposits. `released_at` is when all are free at once because too few would stay.
    """

    at: Instant
    entry: EntryStatus
    parties: tuple[PartyStanding, ...]
    unmet: tuple[str, ...] = ()
    released_at: Instant | None = None
    findings: tuple[Finding, ...] = ()

    def party(self, name: Name) -> PartyStanding | None:
        """Return where this party stands, None if it is none."""
        return next((one for one in self.parties if one.party == name), None)

    def is_in_force(self, at: Instant) -> bool:
        """Tell whether the agreement is in force at an instant up to `self.at`, and not all are released."""
        return self.entry.is_in_force(at) and (self.released_at is None or at < self.released_at)

    def bound_at(self, at: Instant) -> frozenset[Name]:
        """Return who is bound at an instant up to `self.at`."""
        return frozenset(one.party for one in self.parties if one.is_bound(at))


def binding_of(
    agreement: Agreement,
    state: State,
    *,
    admitted: Mapping[Name, Instant] = NOBODY,
    released: Mapping[Name, Instant] = NOBODY,
    identity: Digest | None = None,
) -> Binding:
    """Say who is bound since when and until when, what is missing, from whom and by when.

    `admitted` and `released` are the instants at which the motions were adopted that admit a late party or let a
    leaving one go, where the agreement names such motions. `identity` is the agreement's digest, if known.
    """
    facts = binding_facts_of(agreement, state, admitted=admitted, released=released, identity=identity)
    return Binding(
        at=state.at,
        entry=facts.entry,
        parties=_stand(facts),
        unmet=() if facts.entry.met_at is not None else unmet_words(agreement, facts.entry.deposited),
        released_at=facts.released_at,
        findings=find_all(facts),
    )


def _provisional(facts: BindingFacts, party: Name) -> tuple[str, ...]:
    """Return the clauses that a party applies before it is bound: those of its last statement that is allowed."""
    at, entry = facts.state.at, facts.entry
    bound_from = facts.bound_from.get(party)
    if bound_from is not None and bound_from <= at:
        return ()
    if entry.met_at is None and at > facts.agreement.entry.deadline:
        return ()
    allowed = [
        filed
        for filed in facts.state.of(Provisional)
        if filed.party == party and set(filed.value.clauses) <= set(facts.terms.provisional)
    ]
    last = max(allowed, key=lambda one: (one.not_after, one.sequence, one.digest), default=None)
    return () if last is None else last.value.clauses


def _stand(facts: BindingFacts) -> tuple[PartyStanding, ...]:
    agreement, at = facts.agreement, facts.state.at
    events = _events(facts)
    missing = missing_of(
        agreement,
        facts.state,
        sealed=facts.sealed,
        acts=facts.acts,
        entry=facts.entry,
        bound=facts.bound_from,
    )
    successors = {one.value.predecessor: one.party for one in reversed(facts.successions)}
    until = _bound_until(facts)
    surviving = () if agreement.leaving is None else agreement.leaving.survives
    is_over = facts.released_at is not None and facts.released_at <= at
    standings = []
    for party in agreement.parties:
        name = party.id
        due = [(moment, event) for moment, event in events.get(name, []) if moment <= at]
        lack = Missing() if is_over else missing.get(name, Missing())
        standings.append(
            PartyStanding(
                party=name,
                stage=stage_after(event for _, event in sorted(due, key=_event_order)),
                bound_from=facts.bound_from.get(name),
                bound_until=until.get(name),
                voice_from=facts.by_deposit.get(name),
                provisional=_provisional(facts, name),
                reservations=_clauses(facts.reservations.get(name, ())),
                surviving=surviving if name in until else (),
                successor=successors.get(name),
                responsible=responsible_for(agreement, name),
                is_needed=lack.is_needed,
                missing=lack.words,
                due=lack.due,
            )
        )
    return tuple(standings)


def _clauses(filed: Sequence[Filed[Reservation]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clause for one in filed for clause in one.value.clauses))


def _bound_until(facts: BindingFacts) -> Mapping[Name, Instant]:
    until: dict[Name, Instant] = {one.party: one.until for one in facts.departures if one.revoked_at is None}
    if facts.released_at is not None:
        for party in facts.bound_from:
            until[party] = min(until.get(party, facts.released_at), facts.released_at)
    return until


_EVENT_ORDER = {event: place for place, event in enumerate(StageEvent)}


def _event_order(pair: tuple[Instant, StageEvent]) -> tuple[Instant, int]:
    return pair[0], _EVENT_ORDER[pair[1]]


_Happened = Iterator[tuple[Name, Instant, StageEvent]]


def _events(facts: BindingFacts) -> Mapping[Name, list[tuple[Instant, StageEvent]]]:
    """Return what happened to each party, and when; some of it may lie ahead."""
    found: dict[Name, list[tuple[Instant, StageEvent]]] = {}
    for happened in (_coming_in(facts), _depositing(facts), _leaving(facts)):
        for party, at, event in happened:
            found.setdefault(party, []).append((at, event))
    return found


def _coming_in(facts: BindingFacts) -> _Happened:
    for kind, event in ((SignatureBody, StageEvent.SIGNED), (Approval, StageEvent.APPROVED)):
        for party, at in first_instants(facts.state.of(kind)).items():
            yield party, at, event
    for one in facts.sealed:
        if one.is_first:
            yield one.filed.party, one.filed.not_after, StageEvent.SEALED
            if one.closed_at is not None:
                yield one.filed.party, one.closed_at, StageEvent.LAPSED


def _depositing(facts: BindingFacts) -> _Happened:
    met_at, spans = facts.entry.met_at, _Spans(facts)
    for act in facts.acts:
        back = act.taken_back
        if back is not None and back <= act.since:
            continue
        yield act.party, act.since, StageEvent.DEPOSITED
        is_free = back is not None and (met_at is None or back <= met_at)
        if back is not None and is_free and not spans.stands(act.party, back):
            yield act.party, back, StageEvent.TAKEN_BACK
    for party, at in facts.bound_from.items():
        yield party, at, StageEvent.BOUND


class _Spans:
    """When deposits of each party stood: how many had begun and how many had ended by an instant."""

    def __init__(self, facts: BindingFacts) -> None:
        self._begun: dict[Name, list[Instant]] = {}
        self._ended: dict[Name, list[Instant]] = {}
        for act in facts.acts:
            if act.stands(act.since):
                self._begun.setdefault(act.party, []).append(act.since)
                if act.taken_back is not None:
                    self._ended.setdefault(act.party, []).append(act.taken_back)
        for times in (*self._begun.values(), *self._ended.values()):
            times.sort()

    def stands(self, party: Name, at: Instant) -> bool:
        """Tell whether some deposit of a party stands at `at`."""
        return bisect_right(self._begun.get(party, []), at) > bisect_right(self._ended.get(party, []), at)


def _leaving(facts: BindingFacts) -> _Happened:
    for one in facts.departures:
        yield one.party, one.start, StageEvent.NOTICE
        if one.revoked_at is None:
            yield one.party, one.until, StageEvent.FREE
        else:
            yield one.party, max(one.start, one.revoked_at), StageEvent.REVOKED
    if facts.released_at is not None:
        for party, since in facts.bound_from.items():
            yield party, max(since, facts.released_at), StageEvent.FREE
