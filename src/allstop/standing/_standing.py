"""Where an agreement stands, as one value: the parts of this package, each given what the ones before it decided.

The order is fixed: who is bound, what was voted, where findings are, which measures hold, which phase runs, which
duties are due. A vote that admits a party or lets one go changes who may vote later, never earlier, so votes and
membership are settled together.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from allstop.adjudication import FindingRaised
from allstop.agreement import Agreement, DepositBody, DutyEvent, PhaseKind
from allstop.binding import SealedDeposit, Withdrawal
from allstop.ids import Digest, Name
from allstop.ledger import State
from allstop.standing._binding import Binding, binding_of
from allstop.standing._duties import duties_of
from allstop.standing._duty_events import DutyEvents, GivenDuty, Happening, Suspension
from allstop.standing._duty_state import DutyState
from allstop.standing._finding_clocks import finding_clocks
from allstop.standing._impediments import ImpedimentStanding, impediments_of
from allstop.standing._leaving import departures_of
from allstop.standing._measures import Measure, measures_of
from allstop.standing._phase_events import PhaseEvents, phase_events_of
from allstop.standing._phases import PhaseSpan, PhaseStatus, phase_status_of
from allstop.standing._proceedings import Proceeding, proceedings_of
from allstop.standing._tally import TallyState
from allstop.standing._voting import Convening, Members, convening_of
from allstop.times import INSTANT_MS_MAX, Instant

__all__ = ["Standing", "standing_of"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Everything that is decided at `state.at`; a pure function of agreement and log.

    `adopted` are the motions that were adopted, by name, oldest first, without those in whose vote a party was recused:
    these decide about that finding or notice only. `phases` is None for an agreement that has none.
    """

    agreement: Agreement
    state: State
    binding: Binding
    convening: Convening
    proceedings: tuple[Proceeding, ...]
    measures: tuple[Measure, ...]
    impediments: tuple[ImpedimentStanding, ...]
    phase_events: PhaseEvents
    phases: PhaseStatus | None
    adopted: tuple[tuple[Name, Instant], ...]

    @property
    def at(self) -> Instant:
        """The instant that was asked for."""
        return self.state.at

    @property
    def settled(self) -> Instant:
        """The last instant of which everything is known: a moment before the one that was asked for."""
        return Instant(max(0, self.at.ms - 1))

    @property
    def spans(self) -> tuple[PhaseSpan, ...]:
        """The phases that came about, oldest first."""
        return () if self.phases is None else self.phases.spans

    @property
    def ended_at(self) -> Instant | None:
        """When a phase of kind ended began, and with it all were released at one instant; None while none has."""
        return next((span.start for span in self.spans if span.kind is PhaseKind.ENDED), None)

    def bound_until(self, party: Name) -> Instant | None:
        """Return when a party is free: when it has left, or when the agreement ended for all; None while neither is known."""
        one = self.binding.party(party)
        ends = (None if one is None else one.bound_until, self.ended_at)
        return min((end for end in ends if end is not None), default=None)

    def duties(self, *, party: Name | None = None, is_whole: bool = False) -> tuple[DutyState, ...]:
        """Return where every duty stands, of one party or of all."""
        return duties_of(
            self.agreement, self.duty_events, self.state, at=self.settled, party=party, is_whole=is_whole
        )

    @cached_property
    def duty_events(self) -> DutyEvents:
        """What duties hang on."""
        return DutyEvents(
            happened=tuple(_happened(self)),
            suspensions=tuple(_suspensions(self)),
            given=tuple(_given(self)),
        )


def standing_of(agreement: Agreement, state: State, *, identity: Digest | None = None) -> Standing:
    """Say where an agreement stands. `identity` is its digest, if known, which saves writing it out again.

    Two notes of a log may be dated alike, so a later entry may be proven at the very instant of asking. What that
    could still undo is decided a moment later: votes, findings, measures, phases and duties count what was proven
    before `state.at`.
    """
    # What comes later may be proven at this very instant too, so nothing is decided that happens at it.
    settled = Instant(max(0, state.at.ms - 1))
    recused = {filed.digest: frozenset({filed.value.about}) for filed in state.of(FindingRaised)}
    # Nobody lets itself go.
    recused |= {notice: frozenset({party}) for notice, party in _leavers(state).items()}
    binding, convening = _membership_of(agreement, state, recused, at=settled, identity=identity)
    left_at = {
        one.party: one.bound_until
        for one in binding.parties
        if one.bound_until is not None and one.bound_until <= settled
    }
    proceedings = proceedings_of(agreement, state, at=settled, left_at=left_at)
    # Where somebody was recused, fewer decided: such a motion decides its own matter, and nothing else.
    decided = sorted(_adopted(convening), key=lambda one: (one[1], one[0]))
    adopted = tuple((name, at) for name, at, about in decided if about not in recused)
    measures = _measures_of(agreement, proceedings, adopted, decided, at=settled)
    events = phase_events_of(
        agreement,
        state,
        adopted=adopted,
        confirmed=[(one.finding, one.confirmed_at) for one in proceedings if one.confirmed_at is not None],
        measures=[(one.name, one.start) for one in measures if one.start is not None],
        left_at=left_at,
    )
    return Standing(
        agreement=agreement,
        state=state,
        binding=binding,
        convening=convening,
        proceedings=proceedings,
        measures=measures,
        impediments=impediments_of(agreement, state, at=settled, left_at=left_at),
        phase_events=events,
        phases=phase_status_of(
            agreement, in_force_from=binding.entry.in_force_from, events=events, at=state.at
        )
        if agreement.phases is not None
        else None,
        adopted=adopted,
    )


def _membership_of(
    agreement: Agreement,
    state: State,
    recused: Mapping[Digest, frozenset[Name]],
    *,
    at: Instant,
    identity: Digest | None,
) -> tuple[Binding, Convening]:
    """Return who is bound and what was voted: each vote may admit or release whoever votes later."""
    binding = binding_of(agreement, state, identity=identity)
    convening = convening_of(
        agreement, state, at=at, members=_members_of(agreement, binding), recused=recused
    )
    # Each round settles at least the next admission or release in time; a party has one of each that matters.
    for _ in range(2 * len(agreement.parties) + 1):
        admitted = _decided_about(convening, _depositors(state), _accession_motion(agreement))
        released = _decided_about(convening, _leavers(state), _leaving_motion(agreement))
        if not admitted and not released:
            break
        again = binding_of(agreement, state, admitted=admitted, released=released, identity=identity)
        if again == binding:
            break
        binding = again
        convening = convening_of(
            agreement, state, at=at, members=_members_of(agreement, binding), recused=recused
        )
    return binding, convening


def _measures_of(
    agreement: Agreement,
    proceedings: tuple[Proceeding, ...],
    adopted: tuple[tuple[Name, Instant], ...],
    decided: Iterable[tuple[Name, Instant, Digest | None]],
    *,
    at: Instant,
) -> tuple[Measure, ...]:
    """Return what follows from each finding, by motions that were adopted for all and those in its own matter."""
    in_matter: dict[Digest | None, list[tuple[Name, Instant]]] = {}
    for name, when, about in decided:
        in_matter.setdefault(about, []).append((name, when))
    return tuple(
        measure
        for one in proceedings
        for measure in measures_of(
            agreement,
            (one,),
            adopted=(*adopted, *in_matter.get(one.finding, ())),
            ending=in_matter.get(one.finding, ()),
            at=at,
        )
    )


def _members_of(agreement: Agreement, binding: Binding) -> Members:
    """Return who may vote when: until entry into force everybody at the table, then whoever a deposit binds.

    A successor without one gains no voice: else any member could admit whom it likes by signing a succession. Whom no clause binds, such as a verifier or an observer, has nothing to deposit and keeps its seat.
    """
    named = {party for clause in agreement.obligations for party in clause.parties}
    standings = {one.party: one for one in binding.parties}
    start = binding.entry.in_force_from

    def is_member(party: Name, at: Instant) -> bool:
        one = standings.get(party)
        if one is None or start is None or at <= start:
            return one is not None
        has_come = one.bound_from is not None and one.bound_from < at
        if has_come and one.bound_until is not None and one.bound_until < at:
            return False
        # What happens at `at` changes who is a member after it, so that no vote makes or unmakes its own voters.
        return party not in named or (one.voice_from is not None and one.voice_from < at)

    return is_member


def _accession_motion(agreement: Agreement) -> Name | None:
    terms = None if agreement.binding is None else agreement.binding.accession
    return None if terms is None else terms.rule


def _leaving_motion(agreement: Agreement) -> Name | None:
    return None if agreement.leaving is None else agreement.leaving.vote


def _depositors(state: State) -> Mapping[Digest, Name]:
    found = {filed.digest: filed.party for filed in state.of(DepositBody)}
    return found | {filed.digest: filed.party for filed in state.of(SealedDeposit)}


def _leavers(state: State) -> Mapping[Digest, Name]:
    return {filed.digest: filed.party for filed in state.of(Withdrawal)}


def _decided_about(
    convening: Convening, parties: Mapping[Digest, Name], motion: Name | None
) -> Mapping[Name, Instant]:
    """Return when a motion was first adopted about a statement of each party."""
    found: dict[Name, Instant] = {}
    for tally in convening.tallies:
        proposal, at = tally.proposal.value, tally.decided_at
        if motion is None or proposal.motion != motion or tally.state is not TallyState.ADOPTED or at is None:
            continue
        if proposal.about is not None and proposal.about in parties:
            party = parties[proposal.about]
            found[party] = min(at, found.get(party, at))
    return found


def _adopted(convening: Convening) -> Iterator[tuple[Name, Instant, Digest | None]]:
    """Yield each adopted motion: its name, when it was adopted, and the statement that it is about."""
    for tally in convening.tallies:
        proposal = tally.proposal.value
        if tally.state is TallyState.ADOPTED and proposal.motion is not None and tally.decided_at is not None:
            yield proposal.motion, tally.decided_at, proposal.about


def _happened(standing: Standing) -> Iterator[Happening]:
    start = standing.binding.entry.in_force_from
    if start is not None and start <= standing.at:
        yield Happening(event=DutyEvent.IN_FORCE, at=start)
    bound_from: dict[Name, Instant] = {}
    for one in standing.binding.parties:
        if one.bound_from is not None and one.bound_from <= standing.at:
            bound_from[one.party] = one.bound_from
            yield Happening(
                event=DutyEvent.BOUND,
                at=one.bound_from,
                party=one.party,
                until=standing.bound_until(one.party),
            )
    for span in standing.spans:
        yield Happening(event=DutyEvent.PHASE, at=span.start, name=span.phase, until=span.until)
    for proceeding in standing.proceedings:
        yield Happening(
            event=DutyEvent.FINDING_NOTIFIED,
            at=proceeding.notified_at,
            party=proceeding.accused,
            matter=proceeding.finding,
        )
    for departure in departures_of(standing.agreement, standing.state, bound_from=bound_from, released={}):
        yield Happening(
            event=DutyEvent.WITHDRAWAL,
            at=departure.start,
            party=departure.party,
            matter=departure.filed.digest,
        )
    for name, at in standing.adopted:
        yield Happening(event=DutyEvent.ADOPTED, at=at, name=name)


def _suspensions(standing: Standing) -> Iterator[Suspension]:
    for claim in standing.impediments:
        for span in claim.spans:
            end = None if span.end.ms >= INSTANT_MS_MAX else span.end
            for clause in claim.claim.clauses:
                yield Suspension(
                    party=claim.party,
                    clause=clause,
                    start=span.start,
                    end=end,
                    why=f"impediment {claim.digest[:8]}",
                )
    for measure in standing.measures:
        if measure.start is None:
            continue
        for party in measure.relieved:
            for each in measure.clauses or (None,):
                yield Suspension(
                    party=party,
                    clause=each,
                    start=measure.start,
                    end=measure.end,
                    why=f"measure {measure.name}",
                )


def _given(standing: Standing) -> Iterator[GivenDuty]:
    raised = {one.finding: one.raised for one in standing.proceedings}
    for clock in finding_clocks(standing.proceedings, at=standing.at):
        clause = raised[clock.finding].clause
        yield GivenDuty(
            duty=f"finding:{clock.what.replace(' ', '-')}",
            party=clock.party,
            matter=clock.finding,
            clauses=() if clause is None else (clause,),
            text=f"{clock.what.capitalize()}: finding {clock.finding[:8]}",
            trigger=clock.start,
            due=clock.due,
            met_at=clock.met_at,
            why="the terms of adjudication",
            over_at=clock.over_at,
        )
