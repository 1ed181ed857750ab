"""Measures and impediments: when each begins and ends, whom it relieves, and that each table is the code."""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

import pytest

from adjudication_world import (
    ALDER,
    BIRCH,
    CEDAR,
    JUDGES,
    PARTIES,
    TERMS,
    Log,
    hour,
    hours,
    judged,
    rung,
)
from allstop.adjudication import FindingCure, Impediment, Outcome
from allstop.agreement import Agreement, CalendarTerms, Ending, MeasureKind, MeasureTerms
from allstop.canon import parse_instant
from allstop.clocks import Calendar, Length, LengthUnit, Offset
from allstop.ids import Digest, Name, digest_of
from allstop.standing import (
    IMPEDIMENT_MOVES,
    MEASURE_MOVES,
    FindingStage,
    ImpedimentEvent,
    ImpedimentStage,
    ImpedimentStanding,
    Measure,
    MeasureEvent,
    MeasureStage,
    find_adjudication,
    impediments_of,
    measures_of,
    proceedings_of,
    step_impediment,
    step_measure,
)
from allstop.times import Instant, Window

NOTICE, SUSPEND, BACK, END = (Name(name) for name in ("notice", "suspend", "back", "end"))
VOTE, LIFT = Name("vote"), Name("lift")
LADDER = (
    rung("notice", MeasureKind.NOTICE),
    rung("suspend", MeasureKind.COUNTER_SUSPENSION, after=NOTICE, uncured_for=hours(100)),
    rung(
        "back",
        MeasureKind.SNAP_BACK,
        after=SUSPEND,
        by=VOTE,
        ends=Ending(cured=False, length=hours(500), motion=LIFT),
    ),
    rung(
        "end",
        MeasureKind.TERMINATION,
        after=BACK,
        uncured_for=hours(1000),
    ),
)
FINAL = 131 + 96
"""Hour at which the finding of these tests is confirmed for good."""


def ladder(*rungs: MeasureTerms) -> Agreement:
    """Return the agreement with this ladder."""
    return judged(replace(TERMS, measures=rungs or LADDER))


def confirmed(cure_at: int | None = None) -> tuple[Log, Digest]:
    """Return a log in which a finding about Alder is final at FINAL, and a cure is accepted at an hour."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 131, *JUDGES)
    if cure_at is not None:
        cure = log.file(ALDER, FindingCure(finding=finding, text="mended", evidence=()), 125)
        log.rule(cure, cure_at, *JUDGES, outcome=Outcome.ACCEPTED, replayed=None)
    return log, finding


def measured(
    log: Log,
    agreed: Agreement | None = None,
    *,
    at: int = 5000,
    adopted: Iterable[tuple[Name, Instant]] = (),
) -> dict[Name, Measure]:
    """Return the measures of a log by name."""
    known, state = agreed or ladder(), log.state(at)
    found = measures_of(known, proceedings_of(known, state, at=state.at), adopted=adopted, at=state.at)
    return {one.name: one for one in found}


def test_the_ladder_is_climbed_rung_by_rung() -> None:
    """Uncured and voted: each rung begins when the clock since the rung before has run out."""
    log, finding = confirmed()
    found = measured(log, adopted=[(VOTE, hour(400))])
    expected = {NOTICE: FINAL, SUSPEND: FINAL + 100, BACK: 400, END: 1400}
    assert {name: hour(at) for name, at in expected.items()} == {
        one.name: one.start for one in found.values()
    }
    assert {finding} == {one.finding for one in found.values()}
    assert hour(900) == found[BACK].end
    assert MeasureStage.ENDED is found[BACK].stage
    assert found[END].end is None
    assert MeasureStage.IN_FORCE is found[END].stage


def test_a_measure_is_ahead_until_its_time() -> None:
    """At every hour around its start a measure is ahead or in force, and shows when it is due."""
    log, _ = confirmed()
    for at, expected in (
        (FINAL + 100, MeasureStage.AHEAD),
        (FINAL + 101, MeasureStage.IN_FORCE),
    ):
        one = measured(log, at=at)[SUSPEND]
        assert expected is one.stage
        assert hour(FINAL + 100) == one.due_at
        assert (None if expected is MeasureStage.AHEAD else hour(FINAL + 100)) == one.start
    assert {} == measured(log, at=FINAL)


@pytest.mark.parametrize("votes", [(), (300,), (FINAL + 99,)])
def test_without_a_vote_from_then_on_there_is_no_snap_back(votes: tuple[int, ...]) -> None:
    """A motion adopted before the rung is due, or none, starts nothing; the termination after it stays ahead too."""
    log, _ = confirmed()
    found = measured(log, adopted=[(VOTE, hour(at)) for at in votes])
    assert (MeasureStage.AHEAD, None, VOTE) == (found[BACK].stage, found[BACK].start, found[BACK].waits_for)
    assert MeasureStage.AHEAD is found[END].stage
    assert found[END].due_at is None


def test_a_lift_is_voted_while_the_measure_holds() -> None:
    """A motion that ends it counts after its start; one of before does not."""
    log, _ = confirmed()
    adopted = [(VOTE, hour(400)), (LIFT, hour(399)), (LIFT, hour(400)), (LIFT, hour(450))]
    assert hour(450) == measured(log, adopted=adopted)[BACK].end


@pytest.mark.parametrize(
    ("cure_at", "spared", "ended"),
    [
        (200, {NOTICE, SUSPEND}, set()),
        (FINAL, {NOTICE, SUSPEND}, set()),
        (FINAL + 50, {SUSPEND}, {NOTICE}),
        (FINAL + 100, {SUSPEND}, {NOTICE}),
        (FINAL + 101, set(), {NOTICE, SUSPEND}),
    ],
)
def test_a_cure_spares_what_has_not_begun_and_ends_what_has(
    cure_at: int, spared: set[Name], ended: set[Name]
) -> None:
    """A cure that the panel accepts before, at and after each start."""
    log, _ = confirmed(cure_at)
    found = measured(log)
    assert spared == {one.name for one in found.values() if one.stage is MeasureStage.SPARED} - {BACK, END}
    assert ended == {one.name for one in found.values() if one.stage is MeasureStage.ENDED}
    assert all(found[name].end == hour(cure_at) for name in ended)


def test_each_kind_relieves_whom_it_says() -> None:
    """A counter-suspension relieves the accuser of the clause that was broken; a snap-back relieves all."""
    log, _ = confirmed()
    found = measured(log, adopted=[(VOTE, hour(400))])
    assert ((), (BIRCH,), PARTIES, PARTIES) == tuple(
        found[one].relieved for one in (NOTICE, SUSPEND, BACK, END)
    )
    assert ("1.1",) == found[SUSPEND].clauses
    assert (ALDER, BIRCH) == (found[SUSPEND].against, found[SUSPEND].accuser)
    assert "500 hours have passed or motion lift is adopted" == found[BACK].ends_by


@pytest.mark.parametrize("outcome", [Outcome.DISMISSED, Outcome.UNDETERMINED])
def test_nothing_but_a_final_confirmation_has_measures(outcome: Outcome) -> None:
    """A finding that was dismissed, or left open, or can still be appealed, leads to none."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 131, *JUDGES, outcome=outcome)
    assert {} == measured(log)
    state = log.state()
    bare = judged()
    assert () == measures_of(bare, proceedings_of(bare, state, at=state.at), at=state.at)


def test_clocks_of_days_follow_the_calendar_of_the_agreement() -> None:
    """Raised on 26 March 2027 in Vienna, five days to answer end at the end of 31 March in summer time."""
    vienna = Calendar(
        name=Name("vienna"),
        weekend=frozenset({5, 6}),
        offsets=(
            Offset(start=parse_instant("2026-10-25T01:00:00Z"), minutes=60),
            Offset(start=parse_instant("2027-03-28T01:00:00Z"), minutes=120),
        ),
    )
    days = Length(amount=5, unit=LengthUnit.DAYS)
    for unit, expected in (
        (LengthUnit.DAYS, "2027-03-31T21:59:59.999Z"),
        (LengthUnit.BUSINESS_DAYS, "2027-04-02T21:59:59.999Z"),
    ):
        terms = replace(TERMS, answer=replace(days, unit=unit), calendar=Name("vienna"))
        agreed = replace(judged(), calendars=CalendarTerms(tables=(vienna,)), adjudication=terms)
        log = Log()
        log.raise_finding(25 * 24)
        state = log.state()
        (found,) = proceedings_of(agreed, state, at=state.at)
        assert parse_instant("2027-03-26T09:00:00Z") == found.notified_at
        assert parse_instant(expected) == found.first.answer_due


def test_five_days_over_a_leap_day() -> None:
    """Raised on 26 February 2028 the answer is due at the end of 2 March, since 29 February is a day."""
    agreed = judged(replace(TERMS, answer=Length(amount=5, unit=LengthUnit.DAYS)))
    log = Log()
    log.raise_finding(362 * 24)
    state = log.state(20_000)
    (found,) = proceedings_of(agreed, state, at=state.at)
    assert parse_instant("2028-02-26T09:00:00Z") == found.notified_at
    assert parse_instant("2028-03-02T23:59:59.999Z") == found.first.answer_due


def claim(log: Log, at: int, *, start: int, end: int, clause: str = "1.1", by: Name = ALDER) -> Digest:
    """File an impediment from an hour until another."""
    value = Impediment(
        clauses=(clause,),
        authority="High Court of Alder",
        order=digest_of(b"order"),
        start=hour(start),
        end=hour(end),
    )
    return log.file(by, value, at)


def claims(log: Log, at: int = 5000, agreed: Agreement | None = None) -> tuple[ImpedimentStanding, ...]:
    """Return where the impediments of a log stand."""
    state = log.state(at)
    return impediments_of(agreed or judged(), state, at=state.at)


def spans(*bounds: tuple[int, int]) -> tuple[Window, ...]:
    """Return windows from pairs of hours."""
    return tuple(Window(start=hour(first), end=hour(last)) for first, last in bounds)


def test_a_party_s_word_lasts_as_long_as_was_agreed_and_never_reaches_back() -> None:
    """Claimed at hour 50 for hours 10 to 500: it counts from 50 on, for the agreed 72 hours."""
    log = Log()
    claim(log, 50, start=10, end=500)
    assert spans((50, 122)) == claims(log)[0].spans
    stages = {at: claims(log, at)[0].stage for at in (50, 51, 122, 123, 500, 501)}
    expected = (
        [ImpedimentStage.FILED]
        + [ImpedimentStage.ON_WORD] * 2
        + [ImpedimentStage.WAITING] * 2
        + [ImpedimentStage.OVER]
    )
    assert expected == [*stages.values()]


def test_a_word_is_taken_once_for_a_clause() -> None:
    """A second claim about the same clause counts only once the panel accepts it; another party's is its own."""
    log = Log()
    claim(log, 50, start=50, end=90)
    claim(log, 100, start=100, end=500)
    claim(log, 100, start=100, end=120, by=BIRCH)
    assert [spans((50, 90)), (), spans((100, 120))] == [one.spans for one in claims(log)]


@pytest.mark.parametrize(
    ("at", "outcome", "expected"),
    [
        (60, Outcome.ACCEPTED, [(50, 500)]),
        (200, Outcome.ACCEPTED, [(50, 122), (200, 500)]),
        (60, Outcome.REFUSED, [(50, 60)]),
        (200, Outcome.REFUSED, [(50, 122)]),
        (501, Outcome.ACCEPTED, [(50, 122)]),
    ],
)
def test_the_panel_accepts_or_refuses_an_impediment(
    at: int, outcome: Outcome, expected: list[tuple[int, int]]
) -> None:
    """Accepted it lasts until the order ends; refused it ends at once; neither reaches back."""
    log = Log()
    order = claim(log, 50, start=10, end=500)
    log.rule(order, at, *JUDGES, outcome=outcome, replayed=None)
    (found,) = claims(log)
    assert spans(*expected) == found.spans
    assert found.counts_at(hour(expected[-1][1] - 1))
    assert not found.counts_at(hour(expected[-1][1]))
    state = log.state()
    codes = [one.code for one in find_adjudication(judged(), state, (), at=state.at)]
    wanted = ["ADJ-003"] * 3 if at == 501 else []
    assert (["ADJ-006"] if outcome is Outcome.REFUSED else wanted) == codes


def test_no_party_judges_its_own_impediment_and_without_a_term_no_word_is_taken() -> None:
    """The claimant's lab has no seat; an agreement that states no length takes nobody's word."""
    log = Log()
    order = claim(log, 50, start=10, end=500)
    log.rule(order, 60, Name("alder-lab"), CEDAR, JUDGES[1], outcome=Outcome.ACCEPTED, replayed=None)
    assert claims(log)[0].decision is None
    assert () == claims(log, agreed=judged(replace(TERMS, impediment=None)))[0].spans
    assert () == claims(log, agreed=replace(judged(), adjudication=None))
    assert () == claims(Log(log.filed, {ALDER: hour(50)}))


def test_an_impediment_confirms_nothing_and_clears_nobody() -> None:
    """A finding about the impeded clause is judged as ever: the panel, not the order, says what follows."""
    log = Log()
    claim(log, 1, start=1, end=900)
    finding = log.raise_finding()
    log.rule(finding, 131, *JUDGES)
    state = log.state()
    (found,) = proceedings_of(judged(), state, at=state.at)
    assert FindingStage.CONFIRMED_FINAL is found.stage


def test_steps_are_those_of_the_tables() -> None:
    """`step_measure` and `step_impediment` allow what the tables say and refuse the rest."""

    def each(stages: type[Enum], events: type[Enum]) -> Iterable[tuple[Enum, Enum]]:
        return ((stage, event) for stage in stages for event in events)

    for stage, event in each(MeasureStage, MeasureEvent):
        if (stage, event) in MEASURE_MOVES:
            assert MEASURE_MOVES[stage, event] is step_measure(stage, event)  # type: ignore[index,arg-type]  # members of both
        else:
            with pytest.raises(ValueError, match="has no move for"):
                step_measure(stage, event)  # type: ignore[arg-type]  # as above
    for stage, event in each(ImpedimentStage, ImpedimentEvent):
        if (stage, event) in IMPEDIMENT_MOVES:
            assert IMPEDIMENT_MOVES[stage, event] is step_impediment(stage, event)  # type: ignore[index,arg-type]  # as above
        else:
            with pytest.raises(ValueError, match="has no move for"):
                step_impediment(stage, event)  # type: ignore[arg-type]  # as above
