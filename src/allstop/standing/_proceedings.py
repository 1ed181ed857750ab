"""Where every finding stands: the fold of what accuser, accused and panels filed, by the clocks of the agreement.

Implements spec/adjudication.md sections 4 to 6. Only proven upper bounds of time count, and what a party with a
broken chain files counts for nothing. Nothing that is decided is undone by what comes later. Whether a finding is
true is not known here: that takes a replay, which each member of the panel does for itself.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from allstop.adjudication import FindingAnswer, FindingAppeal, FindingRaised, Outcome
from allstop.agreement import AdjudicationTerms, Agreement, Panel, calendar_named
from allstop.clocks import Calendar, Length, due
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.standing._docket import Docket, build_docket
from allstop.standing._panel import Bench, Decision, Hearing, Ruled, decide, seat_bench
from allstop.standing._proceeding_moves import (
    CLOSED,
    FINAL,
    FINDING_MOVES,
    FindingEvent,
    FindingStage,
    step_finding,
)
from allstop.standing._void import VoidFiling, VoidKind
from allstop.times import Instant

__all__ = ["Moment", "Proceeding", "Trial", "proceedings_of"]

ABOUT_FINDING = frozenset({Outcome.CONFIRMED, Outcome.DISMISSED, Outcome.UNDETERMINED})
ABOUT_CLAIM = frozenset({Outcome.ACCEPTED, Outcome.REFUSED})

_RULED = {
    Outcome.CONFIRMED: FindingEvent.RULED_CONFIRMED,
    Outcome.DISMISSED: FindingEvent.RULED_DISMISSED,
    Outcome.UNDETERMINED: FindingEvent.RULED_UNDETERMINED,
}
_RANK = {happening: rank for rank, happening in enumerate(FindingEvent)}
_Event: TypeAlias = tuple[Instant, FindingEvent]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One step in the life of a finding. Example: `acknowledged` at 2027-03-02T08:00:00Z, "the accused acknowledges"."""

    stage: FindingStage
    at: Instant
    why: FindingEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One panel on one finding: who sits, the answer it has to hear, its clocks, its rulings and its decision.

    Rulings count after `opened_at`, when an answer was heard or its time had run out, and until `ruling_due`.
    `respondent` is who has to answer, None where both sides appealed at once and nobody is left.
    """

    bench: Bench
    respondent: Name | None
    answer_due: Instant | None
    answer: Digest | None
    answered_at: Instant | None
    opened_at: Instant
    ruling_due: Instant
    rulings: tuple[Ruled, ...]
    decision: Decision | None
    void: tuple[VoidFiling, ...]

    @property
    def decided_at(self) -> Instant:
        """When it is over: at the decision, else when the time to rule runs out."""
        return self.ruling_due if self.decision is None else self.decision.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceeding:
    """One finding between two parties, and everything that became of it by the instant that was asked for.

    `finding` is the digest of the statement that raised it. `settle_due` is until when both sides may settle it;
    `first` is its trial by the panel, `second` by the appeal panel. `final_at` is when a decision became final,
    `cured_at` when the panel accepted a cure. `is_false_accusation` holds only for good.
    """

    finding: Digest
    entry: int
    raised: FindingRaised
    accuser: Name
    history: tuple[Moment, ...]
    notified_at: Instant
    acknowledge_due: Instant
    acknowledged_at: Instant | None
    settle_due: Instant
    first: Trial
    appeal_due: Instant | None
    appealed_at: Instant | None
    second: Trial | None
    cured_at: Instant | None
    is_false_accusation: bool
    void: tuple[VoidFiling, ...]

    @property
    def accused(self) -> Name:
        """The party that the finding is about."""
        return self.raised.about

    @property
    def stage(self) -> FindingStage:
        """Where the finding is now: only raised at the very instant at which it is proven."""
        return self.history[-1].stage if self.history else FindingStage.RAISED

    @property
    def since(self) -> Instant:
        """Since when it is there."""
        return self.history[-1].at if self.history else self.notified_at

    @property
    def final_at(self) -> Instant | None:
        """When a decision became final, None while it can change."""
        return next((one.at for one in self.history if one.stage in FINAL), None)

    @property
    def confirmed_at(self) -> Instant | None:
        """When the finding was confirmed for good, None if it was not."""
        return next((one.at for one in self.history if one.stage is FindingStage.CONFIRMED_FINAL), None)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can happen to the finding any more."""
        return self.stage in CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Court:
    """The terms, the calendar and what was filed: what every step of every proceeding looks at."""

    agreement: Agreement
    terms: AdjudicationTerms
    calendar: Calendar
    docket: Docket
    at: Instant
    benches: dict[tuple[Panel, Name, Name], Bench]

    def bench(self, panel: Panel, raised: Filed[FindingRaised]) -> Bench:
        """Return the panel as it sits between these two sides, which is the same in all their matters."""
        accused, accuser = raised.value.about, raised.party
        bench = self.benches.get((panel, accused, accuser))
        if bench is None:
            sides = {"the accused": accused, "the accuser": accuser}
            bench = seat_bench(self.agreement, panel, sides=sides)
            self.benches[panel, accused, accuser] = bench
        return bench

    def due(self, start: Instant, length: Length) -> Instant:
        return due(start, length, self.calendar)


def proceedings_of(
    agreement: Agreement, state: State, *, at: Instant, left_at: Mapping[Name, Instant] | None = None
) -> tuple[Proceeding, ...]:
    """Return where every finding stands at `at`, in log order; none under an agreement without adjudication.

    What is proven after `at` is not looked at, and what lies at that very instant decides nothing yet, since more
    may be proven at it; `at` lies not after `state.at`. Who has left, at the instants in
    `left_at`, neither raises nor rules from then on. A finding that could not be raised is not among them: see
    `find_adjudication`.
    """
    if agreement.adjudication is None:
        return ()
    docket = build_docket(agreement, state, at=at, left_at=left_at)
    court = _Court(
        agreement=agreement,
        terms=agreement.adjudication,
        calendar=calendar_named(agreement.calendars, agreement.adjudication.calendar),
        docket=docket,
        at=at,
        benches={},
    )
    return tuple(_proceed(court, raised) for raised in docket.raised)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    """What the two sides did before the panel: the answer in time, later ones, and a settlement if there is one."""

    acknowledged: Instant | None
    answer_due: Instant
    answer: Filed[FindingAnswer] | None
    late: frozenset[Digest]
    settle_due: Instant
    settled: _Event | None
    void: tuple[VoidFiling, ...]

    @property
    def is_opened_by_answer(self) -> bool:
        """Whether the answer itself, and no clock, brought the matter before the panel."""
        return self.answer is not None and self.settle_due == self.answer.not_after

    @property
    def events(self) -> list[_Event]:
        events: list[_Event] = []
        if self.acknowledged is not None:
            events.append((self.acknowledged, FindingEvent.ACKNOWLEDGED))
        if self.answer is None:
            events.append((self.answer_due, FindingEvent.ANSWER_TIME_OUT))
        else:
            events.append((self.answer.not_after, FindingEvent.ANSWERED))
            events.append((self.settle_due, FindingEvent.SETTLE_TIME_OUT))
        return events if self.settled is None else [*events, self.settled]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Appeal:
    """What followed a decision that can be appealed."""

    due: Instant | None = None
    at: Instant | None = None
    second: Trial | None = None
    events: tuple[_Event, ...] = ()
    void: tuple[VoidFiling, ...] = ()


def _proceed(court: _Court, raised: Filed[FindingRaised]) -> Proceeding:
    """Gather everything that happened to one finding, and let the table say what follows."""
    notice = _notice(court, raised)
    bench = court.bench(court.terms.panel, raised)
    cured_at, cure_void = _accepted_cure(court, raised, bench, notice)
    first = _first_trial(court, raised, notice, bench, cured_at)
    events = [(raised.not_after, FindingEvent.PROVEN), *notice.events, *_trial_events(first)]
    events += [] if cured_at is None else [(cured_at, FindingEvent.CURE_ACCEPTED)]
    history = _run(events, court.at)
    appeal = _appeal(court, raised, notice, history)
    events += appeal.events
    history = _with_cure(_run(events, court.at), cured_at)
    last = first if appeal.second is None else appeal.second
    decision = last.decision or first.decision
    return Proceeding(
        finding=raised.digest,
        entry=raised.entry,
        raised=raised.value,
        accuser=raised.party,
        history=history,
        notified_at=raised.not_after,
        acknowledge_due=court.due(raised.not_after, court.terms.acknowledge),
        acknowledged_at=notice.acknowledged,
        settle_due=notice.settle_due,
        first=first,
        appeal_due=appeal.due,
        appealed_at=appeal.at,
        second=appeal.second,
        cured_at=cured_at,
        is_false_accusation=decision is not None
        and decision.false_accusation
        and any(one.stage is FindingStage.DISMISSED_FINAL for one in history),
        void=(*notice.void, *cure_void, *first.void, *appeal.void),
    )


def _run(events: Sequence[_Event], at: Instant) -> tuple[Moment, ...]:
    """Apply what happened before `at`, in order of time; what the table has no move for changes nothing.

    At the very instant more may be proven, by a checkpoint of the same second.
    """
    stage, history = FindingStage.RAISED, []
    for when, happening in sorted(events, key=lambda event: (event[0], _RANK[event[1]])):
        if when < at and (stage, happening) in FINDING_MOVES:
            stage = step_finding(stage, happening)
            history.append(Moment(stage=stage, at=when, why=happening))
    return tuple(history)


def _with_cure(history: tuple[Moment, ...], cured_at: Instant | None) -> tuple[Moment, ...]:
    """Let a cure that was accepted before a confirmation became final take effect with it."""
    if cured_at is None or not history or history[-1].stage is not FindingStage.CONFIRMED_FINAL:
        return history
    event = FindingEvent.CURE_ACCEPTED
    stage = step_finding(history[-1].stage, event)
    return (*history, Moment(stage=stage, at=max(history[-1].at, cured_at), why=event))


def _notice(court: _Court, raised: Filed[FindingRaised]) -> _Notice:
    """Return what both sides did before the panel. spec/adjudication.md section 6, steps 4 to 6."""
    docket, matter = court.docket, raised.digest
    acknowledged = docket.acknowledgements.get(matter, ())
    answer_due = court.due(raised.not_after, court.terms.answer)
    answer, late = _answers(docket, {matter}, by=raised.value.about, until=answer_due)
    settle_due = answer_due
    if answer is not None:
        # Only an answer in time buys time to settle: whoever stalls goes straight to the panel.
        cure = court.terms.cure
        settle_due = answer.not_after if cure is None else court.due(answer.not_after, cure)
    settled: list[_Event] = []
    void: list[VoidFiling] = []
    for filed in docket.withdrawals.get(matter, ()):
        if filed.not_after <= settle_due:
            settled.append((filed.not_after, FindingEvent.WITHDRAWN))
        else:
            void.append(_void(filed, "the finding was before the panel, which alone ends it"))
    for cure_filed in docket.cures.get(matter, ()):
        if raised.party in cure_filed.signers and cure_filed.not_after <= settle_due:
            settled.append((cure_filed.not_after, FindingEvent.CURE_AGREED))
    return _Notice(
        acknowledged=acknowledged[0].not_after if acknowledged else None,
        answer_due=answer_due,
        answer=answer,
        late=late,
        settle_due=settle_due,
        settled=min(settled, key=lambda event: (event[0], _RANK[event[1]]), default=None),
        void=tuple(void),
    )


def _void(filed: Filed[T], why: str) -> VoidFiling:
    return VoidFiling(party=filed.party, entry=filed.entry, kind=VoidKind.FILING, why=why)


def _answers(
    docket: Docket, matters: AbstractSet[Digest], *, by: Name | None, until: Instant
) -> tuple[Filed[FindingAnswer] | None, frozenset[Digest]]:
    """Return the first answer of a side in time, or None, and all its other answers."""
    filed = [one for matter in matters for one in docket.answers.get(matter, ()) if one.party == by]
    in_time = [one for one in filed if one.not_after <= until]
    first = min(in_time, key=lambda one: (one.not_after, one.sequence), default=None)
    return first, frozenset(one.digest for one in filed if one is not first)


def _accepted_cure(
    court: _Court, raised: Filed[FindingRaised], bench: Bench, notice: _Notice
) -> tuple[Instant | None, tuple[VoidFiling, ...]]:
    """Return when the panel first accepted a cure, or both sides agreed on one, and what does not count."""
    if notice.settled is not None:
        when, happening = notice.settled
        return (when if happening is FindingEvent.CURE_AGREED else None), ()
    accepted: list[Instant] = []
    void: list[VoidFiling] = []
    for cure in court.docket.cures.get(raised.digest, ()):
        hearing = Hearing(
            matters=frozenset({cure.digest}),
            outcomes=ABOUT_CLAIM,
            opened_at=max(cure.not_after, notice.settle_due),
            closes_at=None,
            by_filing=cure.not_after > notice.settle_due or notice.is_opened_by_answer,
            needs_answer=False,
        )
        decision, _, refused = decide(bench, hearing, court.docket.rulings_on(hearing.matters))
        void += refused
        if decision is not None and decision.outcome is Outcome.ACCEPTED:
            accepted.append(decision.at)
    return min(accepted, default=None), tuple(void)


def _first_trial(
    court: _Court,
    raised: Filed[FindingRaised],
    notice: _Notice,
    bench: Bench,
    cured_at: Instant | None,
) -> Trial:
    ruling_due = court.due(notice.settle_due, court.terms.ruling)
    settled_at = None if notice.settled is None else notice.settled[0]
    closes_at = min(one for one in (ruling_due, cured_at, settled_at) if one is not None)
    answer = notice.answer
    hearing = Hearing(
        matters=frozenset({raised.digest}),
        outcomes=ABOUT_FINDING,
        opened_at=notice.settle_due,
        closes_at=closes_at,
        by_filing=notice.is_opened_by_answer,
        answer=None if answer is None else answer.digest,
        late=notice.late,
        verdict=raised.value.verdict_digest,
    )
    return _try(
        court,
        bench,
        hearing,
        respondent=raised.value.about,
        ruling_due=ruling_due,
        answer_due=notice.answer_due,
        answer=answer,
    )


def _try(
    court: _Court,
    bench: Bench,
    hearing: Hearing,
    *,
    respondent: Name | None,
    ruling_due: Instant,
    answer_due: Instant | None,
    answer: Filed[FindingAnswer] | None,
) -> Trial:
    decision, counted, void = decide(bench, hearing, court.docket.rulings_on(hearing.matters))
    return Trial(
        bench=bench,
        respondent=respondent,
        answer_due=answer_due,
        answer=hearing.answer,
        answered_at=None if answer is None else answer.not_after,
        opened_at=hearing.opened_at,
        ruling_due=ruling_due,
        rulings=counted,
        decision=decision,
        void=void,
    )


def _trial_events(trial: Trial) -> list[_Event]:
    if trial.decision is None:
        return [(trial.ruling_due, FindingEvent.RULING_TIME_OUT)]
    return [(trial.decision.at, _RULED[trial.decision.outcome])]


def _appeal(
    court: _Court, raised: Filed[FindingRaised], notice: _Notice, history: Sequence[Moment]
) -> _Appeal:
    """Return what followed the decision of the first panel. spec/adjudication.md section 6, steps 10 to 12."""
    filed = court.docket.appeals.get(raised.digest, ())
    decided = history[-1] if history else None
    may = frozenset() if decided is None else _may_appeal(raised, decided.stage)
    if decided is None or not may:
        return _Appeal(void=tuple(_void(one, "there is no decision to appeal") for one in filed))
    panel, length = court.terms.appeal_panel, court.terms.appeal
    if panel is None or length is None:
        void = tuple(_void(one, "the agreement knows no appeal") for one in filed)
        return _Appeal(events=((decided.at, FindingEvent.APPEAL_CLOSED),), void=void)
    appeal_due = court.due(decided.at, length)
    filed = [one for one in filed if one.not_after < court.at]
    valid = [one for one in filed if one.party in may and decided.at < one.not_after <= appeal_due]
    appealed_at = min((one.not_after for one in valid), default=None)
    # Appeals proven at one instant are one: nobody's place in a batch makes it the appellant.
    heard = [one for one in valid if one.not_after == appealed_at]
    named = {one.digest for one in heard}
    void = tuple(
        _void(one, "this side may not appeal that decision, or not then, or it had been appealed before")
        for one in filed
        if one.digest not in named
    )
    if appealed_at is None:
        return _Appeal(due=appeal_due, events=((appeal_due, FindingEvent.APPEAL_CLOSED),), void=void)
    second = _second_trial(court, raised, notice, panel, heard)
    events = ((appealed_at, FindingEvent.APPEALED), *_trial_events(second))
    return _Appeal(due=appeal_due, at=appealed_at, second=second, events=events, void=(*void, *second.void))


def _may_appeal(raised: Filed[FindingRaised], stage: FindingStage) -> frozenset[Name]:
    """Return the sides that may appeal: whoever the decision went against, both where it went against nobody."""
    accused, accuser = raised.value.about, raised.party
    return {
        FindingStage.CONFIRMED: frozenset({accused}),
        FindingStage.DISMISSED: frozenset({accuser}),
        FindingStage.UNDETERMINED: frozenset({accused, accuser}),
    }.get(stage, frozenset())


def _second_trial(
    court: _Court,
    raised: Filed[FindingRaised],
    notice: _Notice,
    panel: Panel,
    heard: Sequence[Filed[FindingAppeal]],
) -> Trial:
    appealed_at = heard[0].not_after
    silent = {raised.value.about, raised.party} - {one.party for one in heard}
    matters = frozenset(one.digest for one in heard)
    answer_due = court.due(appealed_at, court.terms.answer) if silent else None
    other = next(iter(silent), None)
    answer, late = _answers(court.docket, matters, by=other, until=answer_due or appealed_at)
    opened_at = answer_due or appealed_at
    if answer is not None:
        opened_at = answer.not_after
    earlier = frozenset() if notice.answer is None else frozenset({notice.answer.digest})
    ruling_due = court.due(opened_at, court.terms.ruling)
    hearing = Hearing(
        matters=matters,
        outcomes=ABOUT_FINDING,
        opened_at=opened_at,
        closes_at=ruling_due,
        # The answer is named by every ruling, and so is the appeal where nobody is left to answer.
        by_filing=answer is not None or answer_due is None,
        answer=None if answer is None else answer.digest,
        late=late | notice.late | earlier,
        verdict=raised.value.verdict_digest,
    )
    return _try(
        court,
        court.bench(panel, raised),
        hearing,
        respondent=other,
        ruling_due=ruling_due,
        answer_due=answer_due,
        answer=answer,
    )
