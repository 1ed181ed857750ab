"""Phases: what counts for an event, what is decided when, and what the status says."""

import itertools
import re
from dataclasses import replace

import pytest

from allstop.agreement import (
    PHASE_MOVES,
    Agreement,
    AnyOf,
    OnConfirmed,
    OnCoverage,
    OnElapsed,
    OnMeasure,
    OnMotion,
    OnSignal,
    PhaseFormula,
    PhaseKind,
    PhaseTerms,
)
from allstop.errors import LimitError
from allstop.finding import SignalKind, Verdict
from allstop.ids import Digest, Name
from allstop.standing import (
    SPAN_COUNT_MAX,
    PhaseChange,
    PhaseEvents,
    PhasePosition,
    phase_status_of,
    step_phase,
)
from allstop.times import Instant
from phase_reference import RefSpan, names, run
from phase_world import (
    ALDER,
    BAD,
    BEFORE,
    BIRCH,
    CEDAR,
    DOGWOOD,
    EASING,
    ELM,
    EMERGENCY,
    END,
    ENDED,
    GOOD,
    IN_FORCE,
    LIFE,
    PAUSED,
    RULE,
    START,
    WIRE,
    agreement,
    assessed,
    before,
    change,
    filed_assessment,
    filed_signal,
    motions,
    phase,
    wire,
)
from source_tree import ROOT

BAD_NEWS = {ALDER: Verdict.INCONSISTENT, BIRCH: Verdict.CONSISTENT}
LOW = OnCoverage(floor_ppm=900_000, longer_than_ms=0, parties=1, verifiers=2, blocs=2)


def by_two(at: int) -> PhaseEvents:
    """Return every kind of event, complete at this instant: a vote, signals, assessments, low coverage, decisions."""
    return PhaseEvents(
        signals=(
            filed_signal(ALDER, 3),
            filed_signal(BIRCH, 4),
            filed_signal(CEDAR, at),
            filed_signal(DOGWOOD, at),
        ),
        adopted=((START, Instant(at)),),
        measures=((RULE, Instant(at)),),
        confirmed=((Digest("ab" * 32), Instant(at)),),
        assessments=tuple(
            filed_assessment(by, at, (5, 6), BAD_NEWS, coverage={ALDER: 0}) for by in (CEDAR, DOGWOOD)
        ),
    )


EVENTS: tuple[PhaseFormula, ...] = (
    OnMotion(motion=START),
    OnMeasure(measure=RULE),
    OnConfirmed(findings=1),
    assessed(Verdict.INCONSISTENT),
    LOW,
    OnSignal(name=WIRE, kind=SignalKind.TRIPWIRE, parties=2, blocs=1),
)


@pytest.mark.parametrize("when", EVENTS, ids=lambda when: type(when).__name__)
def test_confirmation_at_the_last_instant_counts_and_a_millisecond_later_does_not(when: PhaseFormula) -> None:
    """At equal instants the transition comes before the end of the greatest length, whatever the event is."""
    others = tuple(one for one in LIFE.transitions if one.source != EMERGENCY and one.target != PAUSED)
    text = agreement(replace(LIFE, transitions=(*others, change(EMERGENCY, PAUSED, when))))
    for at, expected in ((7, [BEFORE, EMERGENCY, PAUSED]), (8, [BEFORE, EMERGENCY, BEFORE])):
        assert expected == names(text, by_two(at))[:3]


@pytest.mark.parametrize("when", EVENTS, ids=lambda when: type(when).__name__)
def test_no_event_is_used_twice_at_its_instant(when: PhaseFormula) -> None:
    """The same event leads on to a third phase: only when it is proven again, later."""
    terms = PhaseTerms(
        phases=(phase(PAUSED), phase(EASING), phase(ENDED)),
        transitions=(change(PAUSED, EASING, when), change(EASING, ENDED, when)),
    )
    assert [PAUSED, EASING] == names(agreement(terms), replace(by_two(7), signals=by_two(7).signals[2:]))


def test_an_emergency_is_not_renewed_by_what_started_it() -> None:
    """Old signals start nothing after the lapse; new ones of as many do."""
    text = agreement(LIFE)
    old = (filed_signal(ALDER, 3), filed_signal(BIRCH, 4))
    assert [BEFORE, EMERGENCY, BEFORE] == names(text, PhaseEvents(signals=old))
    assert [BEFORE, EMERGENCY, BEFORE] == names(text, PhaseEvents(signals=(*old, filed_signal(ALDER, 9))))
    again = (*old, filed_signal(ALDER, 9), filed_signal(DOGWOOD, 10))
    assert [BEFORE, EMERGENCY, BEFORE, EMERGENCY] == names(text, PhaseEvents(signals=again))


def test_one_fact_makes_one_step() -> None:
    """A vote for one step further is not used twice at its instant; a second vote makes the second step."""
    text = agreement(
        PhaseTerms(
            phases=(phase(BEFORE), phase(PAUSED), phase(EASING), phase(ENDED)),
            transitions=tuple(
                change(a, b, OnMotion(motion=START))
                for a, b in itertools.pairwise((BEFORE, PAUSED, EASING, ENDED))
            ),
        )
    )
    assert [BEFORE, PAUSED] == names(text, PhaseEvents(adopted=motions(start=5)))
    twice = PhaseEvents(adopted=((START, Instant(5)), (START, Instant(6))))
    assert [BEFORE, PAUSED, EASING] == names(text, twice)


def test_two_different_facts_of_one_instant_make_two_steps() -> None:
    """An operator who puts two votes in one batch cannot make one of them be lost."""
    text = agreement(
        PhaseTerms(
            phases=(phase(BEFORE), phase(EMERGENCY, high=3, then=BEFORE), phase(PAUSED)),
            transitions=(
                change(BEFORE, EMERGENCY, wire()),
                change(EMERGENCY, PAUSED, OnMotion(motion=START)),
            ),
        )
    )
    events = PhaseEvents(signals=(filed_signal(ALDER, 5), filed_signal(BIRCH, 5)), adopted=motions(start=5))
    assert [RefSpan(BEFORE, 2, 5), RefSpan(EMERGENCY, 5, 5), RefSpan(PAUSED, 5, None)] == run(text, events)


def test_of_two_changes_at_one_instant_the_first_of_the_text_is_taken() -> None:
    """The agreement breaks ties, and no reader can."""
    both = (change(PAUSED, ENDED, OnMotion(motion=END)), change(PAUSED, EASING, OnMotion(motion=START)))
    events = PhaseEvents(adopted=motions(start=5, end=5))
    for first, second in (both, both[::-1]):
        terms = PhaseTerms(phases=(phase(PAUSED), phase(EASING), phase(ENDED)), transitions=(first, second))
        assert [PAUSED, first.target] == names(agreement(terms), events)[:2]


def test_a_change_is_decided_once_something_later_is_proven() -> None:
    """At the instant itself it is only due: a second note of the same time may bring an earlier transition."""
    text, events = agreement(LIFE), PhaseEvents(adopted=motions(start=4))
    for at, expected in ((4, [BEFORE]), (5, [BEFORE]), (6, [BEFORE, PAUSED])):
        assert expected == names(text, before(events, at), at)
    status = phase_status_of(text, in_force_from=Instant(2), events=events, at=Instant(5))
    assert status.next_exit is not None
    assert (PAUSED, Instant(5)) == (status.next_exit.target, status.next_exit.at)


def _lift_by(when: PhaseFormula) -> Agreement:
    terms = PhaseTerms(phases=(phase(PAUSED), phase(EASING)), transitions=(change(PAUSED, EASING, when),))
    return agreement(terms)


def test_good_news_of_an_earlier_time_lifts_nothing_and_bad_news_counts_whenever_it_comes() -> None:
    """A window that began before the pause: CONSISTENT is not about the pause, INCONSISTENT is news."""
    for said, verdict, expected in (
        (GOOD, Verdict.CONSISTENT, [PAUSED]),
        (BAD, Verdict.INCONSISTENT, [PAUSED, EASING]),
    ):
        filed = tuple(filed_assessment(by, 6, (1, 4), said) for by in (CEDAR, DOGWOOD))
        assert expected == names(_lift_by(assessed(verdict)), PhaseEvents(assessments=filed))


def test_verifiers_who_judge_different_windows_do_not_add_up() -> None:
    """Two verifiers, two windows: neither window has two."""
    filed = (filed_assessment(CEDAR, 6, (2, 4), GOOD), filed_assessment(DOGWOOD, 6, (3, 5), GOOD))
    assert [PAUSED] == names(_lift_by(assessed(Verdict.CONSISTENT)), PhaseEvents(assessments=filed))


def test_nobody_judges_or_clears_its_own_trust_domain() -> None:
    """Cedar is Alder's: with Dogwood it speaks about Birch, and about Alder it takes Elm."""
    when = assessed(Verdict.INCONSISTENT)
    terms = PhaseTerms(phases=(phase(PAUSED), phase(EASING)), transitions=(change(PAUSED, EASING, when),))
    text = agreement(terms, edges=((ALDER, CEDAR),))
    for about, by, expected in (
        (ALDER, (CEDAR, DOGWOOD), [PAUSED]),
        (ALDER, (ELM, DOGWOOD), [PAUSED, EASING]),
        (BIRCH, (CEDAR, DOGWOOD), [PAUSED, EASING]),
    ):
        filed = tuple(filed_assessment(one, 6, (2, 4), {about: Verdict.INCONSISTENT}) for one in by)
        assert expected == names(text, PhaseEvents(assessments=filed))
        low = OnCoverage(floor_ppm=900_000, longer_than_ms=0, parties=1, verifiers=2, blocs=2)
        dark = tuple(
            filed_assessment(one, 6, (2, 4), {about: Verdict.CONSISTENT}, coverage={about: 0}) for one in by
        )
        other = replace(terms, transitions=(change(PAUSED, EASING, low),))
        assert expected == names(agreement(other, edges=((ALDER, CEDAR),)), PhaseEvents(assessments=dark))


def test_a_company_abroad_is_no_voice_of_another_bloc() -> None:
    """Alder, of the north, owns Dogwood in the south: with Cedar of the north they are two voices of one bloc."""
    pair = (filed_signal(DOGWOOD, 4), filed_signal(CEDAR, 4))
    for edges, expected in (((), [BEFORE, EMERGENCY]), (((ALDER, DOGWOOD),), [BEFORE])):
        assert expected == names(agreement(LIFE, edges=edges), PhaseEvents(signals=pair), 6)
    # Owned from both sides, it is of neither: the three are one voice, and of no bloc.
    owned = ((ALDER, DOGWOOD), (BIRCH, DOGWOOD))
    three = (*pair, filed_signal(ELM, 4))
    assert [BEFORE, EMERGENCY] == names(agreement(LIFE, edges=owned), PhaseEvents(signals=three), 6)
    assert [BEFORE] == names(agreement(LIFE, edges=owned), PhaseEvents(signals=pair), 6)


def test_unknown_coverage_is_none_and_windows_join() -> None:
    """Two windows of two verifiers make one stretch; a gap between them makes two that are too short."""
    when = OnCoverage(floor_ppm=900_000, longer_than_ms=3, parties=1, verifiers=2, blocs=2)

    def low(*windows: tuple[int, int]) -> PhaseEvents:
        filed = [
            filed_assessment(by, 9, window, GOOD, coverage={ALDER: None})
            for window in windows
            for by in (CEDAR, DOGWOOD)
        ]
        return PhaseEvents(assessments=tuple(filed))

    assert [PAUSED, EASING] == names(_lift_by(when), low((2, 4), (4, 6)))
    assert [PAUSED] == names(_lift_by(when), low((2, 4), (5, 7)))
    assert [PAUSED] == names(_lift_by(when), low((2, 5)))  # exactly as long as is tolerated
    assert [PAUSED] == names(_lift_by(when), low((0, 5)))  # what lies before the phase does not count
    early = low((2, 4), (4, 6)).assessments
    late = tuple(replace(one, not_after=Instant(11)) for one in early)
    assert [RefSpan(PAUSED, 2, 9), RefSpan(EASING, 9, None)] == run(
        _lift_by(when), PhaseEvents(assessments=(*early, *late))
    )


def test_a_broken_chain_stops_counting_and_undoes_nothing() -> None:
    """Alder's chain breaks between the two signals: no quorum. It breaks after: the change stands."""
    text = agreement(LIFE)
    signals = (filed_signal(ALDER, 4), filed_signal(BIRCH, 6))
    for broken, expected in ((5, [BEFORE]), (6, [BEFORE]), (7, [BEFORE, EMERGENCY])):
        events = PhaseEvents(signals=signals, broken_at={ALDER: Instant(broken)})
        assert expected == names(text, events, 8)
        assert expected == names(text, PhaseEvents(signals=signals, left_at={ALDER: Instant(broken)}), 8)


def test_only_parties_of_the_agreement_are_counted() -> None:
    """A stranger's signal, and an assessment of somebody whom no clause binds, count for nothing."""
    events = PhaseEvents(signals=(filed_signal(ALDER, 4), filed_signal(Name("fir"), 5)))
    assert [BEFORE] == names(agreement(LIFE), events)
    filed = tuple(filed_assessment(by, 6, (2, 4), {ELM: Verdict.CONSISTENT}) for by in (CEDAR, DOGWOOD))
    assert [PAUSED] == names(_lift_by(assessed(Verdict.CONSISTENT)), PhaseEvents(assessments=filed))


def test_a_signal_of_another_name_or_kind_is_another_signal() -> None:
    """An incident of the wire's name does not trip the wire."""
    for other in (
        filed_signal(BIRCH, 4, name=Name("other")),
        filed_signal(BIRCH, 4, kind=SignalKind.INCIDENT),
    ):
        assert [BEFORE] == names(agreement(LIFE), PhaseEvents(signals=(filed_signal(ALDER, 4), other)))


def test_without_terms_or_before_entry_into_force_there_is_no_phase() -> None:
    """Nothing runs, and nothing is asked for."""
    for text, in_force in (
        (agreement(None), Instant(2)),
        (agreement(LIFE), None),
        (agreement(LIFE), Instant(9)),
    ):
        status = phase_status_of(text, in_force_from=in_force, events=PhaseEvents(), at=Instant(8))
        assert ((), (), None, None) == (status.spans, status.exits, status.now, status.next_exit)


def test_status_says_what_is_still_missing_and_from_whom_it_came() -> None:
    """One of two signals is there: the exit names who gave it; the vote is missing; the end of itself has its instant."""
    status = phase_status_of(
        agreement(LIFE),
        in_force_from=Instant(2),
        events=PhaseEvents(signals=(filed_signal(ALDER, 4),)),
        at=Instant(6),
    )
    vote, signal = status.exits
    assert (PAUSED, None, None, ()) == (vote.target, vote.met_at, vote.at, vote.events[0].by)
    assert (EMERGENCY, None, None, (ALDER,)) == (signal.target, signal.met_at, signal.at, signal.events[0].by)
    assert status.next_exit is None
    both = PhaseEvents(signals=(filed_signal(ALDER, 4), filed_signal(BIRCH, 4)))
    status = phase_status_of(agreement(LIFE), in_force_from=Instant(2), events=both, at=Instant(6))
    assert status.now is not None
    assert (EMERGENCY, "2 parties of 2 blocs signal the tripwire wire") == (status.now.phase, status.now.why)
    assert [Instant(7)] == [one.at for one in status.exits if one.transition is None]


def test_a_step_follows_the_table_of_the_agreement() -> None:
    """The machine goes only where the text leads, and never back in time; at one instant events stay spent."""
    here = PhasePosition(phase=BEFORE, start=Instant(5))
    spent = frozenset({OnMotion(motion=START)})
    there = step_phase(here, PhaseChange(target=EMERGENCY, at=Instant(5), by=spent), terms=LIFE)
    assert PhasePosition(phase=EMERGENCY, start=Instant(5), spent=spent) == there
    at_once = step_phase(there, PhaseChange(target=PAUSED, at=Instant(5)), terms=LIFE)
    assert spent == at_once.spent
    assert frozenset() == step_phase(there, PhaseChange(target=PAUSED, at=Instant(6)), terms=LIFE).spent
    with pytest.raises(ValueError, match="does not lead"):
        step_phase(here, PhaseChange(target=ENDED, at=Instant(6)), terms=LIFE)
    with pytest.raises(ValueError, match="before it began"):
        step_phase(here, PhaseChange(target=PAUSED, at=Instant(4)), terms=LIFE)


def test_so_many_phases_follow_one_another_and_no_more() -> None:
    """Phases of a millisecond fill the limit, and then the program stops."""
    terms = PhaseTerms(
        phases=(phase(BEFORE, high=1, then=PAUSED), phase(PAUSED, high=1, then=BEFORE)), transitions=()
    )
    text = agreement(terms)
    assert SPAN_COUNT_MAX == len(run(text, PhaseEvents(), IN_FORCE + SPAN_COUNT_MAX))
    with pytest.raises(LimitError, match="10000 phases"):
        run(text, PhaseEvents(), IN_FORCE + SPAN_COUNT_MAX + 2)


def test_what_would_come_after_the_calendar_never_comes() -> None:
    """A greatest length and a lead beyond the year 9999 are no change, and no error."""
    last = 253_402_300_799_990
    terms = PhaseTerms(
        phases=(phase(PAUSED, high=86_400_000, then=BEFORE), phase(BEFORE)),
        transitions=(change(PAUSED, BEFORE, AnyOf(of=(OnElapsed(ms=100), OnMotion(motion=END))), lead=100),),
    )
    events = PhaseEvents(adopted=((END, Instant(last + 2)),))
    assert [RefSpan(PAUSED, last, None)] == run(agreement(terms), events, last + 9, in_force=last)


def test_the_table_of_changes_in_the_specification_is_that_of_the_code() -> None:
    """Each row of the page is a change, and no change is missing."""
    text = (ROOT / "spec" / "phases.md").read_text("utf-8")
    kinds = "|".join(kind.value for kind in PhaseKind)
    rows = re.findall(rf"^\| `({kinds})` \| `({kinds})` \| ([a-z]+) \|$", text, re.MULTILINE)
    expected = [(a.value, b.value, move.value) for (a, b), move in PHASE_MOVES.items()]
    assert expected == rows
