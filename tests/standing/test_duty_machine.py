"""The states of a duty as a machine: the table, monotone outcomes, no gain from silence, speed."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement_examples import party
from allstop.adjudication import FindingRuling, Outcome
from allstop.agreement import (
    Accounting,
    DutyEvent,
    LogTerms,
    PartyKind,
)
from allstop.ids import Name
from allstop.standing import (
    DUTY_TRANSITIONS,
    DutyEvents,
    DutyMove,
    DutyStage,
    DutyState,
    Happening,
    Suspension,
    duties_of,
    fold_moves,
    step_duty,
)
from allstop.times import DAY_MS, Instant
from duty_world import (
    ALDER,
    BIRCH,
    CEDAR,
    DOGWOOD,
    Act,
    aware,
    chips,
    day,
    digest_act,
    duty,
    fulfilment,
    happened,
    impossible,
    key,
    length,
    log,
    of,
    start,
)
from source_tree import ROOT

DECIDED = [stage for stage in DutyStage if stage.is_decided]


def test_the_table_of_the_page_is_the_table_of_the_code() -> None:
    """Every row of section 6 is a transition, and every transition is a row."""
    text = (ROOT / "spec" / "duties.md").read_text("utf-8")
    section = text.partition("\n## 6. ")[2].partition("\n## 7. ")[0]
    rows = re.findall(r"^\| `([a-z]+)` \| `([a-z]+)` \| `([a-z]+)` \|$", section, re.MULTILINE)
    expected = [(stage.value, move.value, after.value) for (stage, move), after in DUTY_TRANSITIONS.items()]
    assert expected == rows


@pytest.mark.parametrize("stage", DECIDED, ids=lambda stage: stage.value)
@pytest.mark.parametrize("move", DutyMove, ids=lambda move: move.value)
def test_what_is_decided_stays_decided(stage: DutyStage, move: DutyMove) -> None:
    """No move leads out of met, late, waived, lapsed or past."""
    assert stage is step_duty(stage, move)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(DutyMove)), max_size=8), st.data())
def test_moves_fold_alike_in_any_order_and_never_back(
    moves: list[tuple[int, DutyMove]], data: st.DataObject
) -> None:
    """The order in which one instant's moves come in decides nothing; a later fold never undoes a decision."""
    timed = [(Instant(ms), move) for ms, move in moves]
    shuffled = data.draw(st.permutations(timed))
    before = DutyStage.WAITING
    for ms in range(11):
        found = fold_moves(timed, at=Instant(ms))
        assert found is fold_moves(shuffled, at=Instant(ms))
        assert not before.is_decided or found is before
        before = found


times = st.integers(1, 60)
parties = st.sampled_from([ALDER, BIRCH])
keys = st.builds(
    key,
    st.sampled_from(["register", "report", "once"]),
    matter=st.sampled_from([None, "leak-1"]),
    occurrence=st.integers(0, 3),
)


@st.composite
def acts(draw: st.DrawFn) -> list[Act]:
    """Draw what parties and the panel file, on any day."""
    found: list[Act] = []
    for _ in range(draw(st.integers(0, 8))):
        who, at = draw(parties), draw(times)
        match draw(st.integers(0, 4)):
            case 0 | 1:
                found.append(chips(who, at=at))
            case 2:
                found.append(aware(who, at=at, since=draw(times), by=draw(parties)))
            case 3:
                named = [act for act in found if draw(st.booleans())]
                found.append(fulfilment(who, at=at, of=draw(keys), evidence=named))
            case _:
                claim = impossible(who, at=at, of=draw(keys))
                found.append(claim)
                for member in draw(st.lists(st.sampled_from([CEDAR, DOGWOOD]), max_size=2)):
                    ruled = FindingRuling(
                        matter=digest_act(*claim),
                        outcome=draw(st.sampled_from([Outcome.ACCEPTED, Outcome.REFUSED])),
                        replayed=None,
                        answer=None,
                        reasons="as said",
                        false_accusation=False,
                    )
                    found.append((member, ruled, day(draw(times))))
    return found


@st.composite
def worlds(draw: st.DrawFn) -> tuple[DutyEvents, list[Act], dict[Name, Instant]]:
    """Draw events, filings, and sometimes a broken chain."""
    phase_from = draw(times)
    until = draw(st.none() | st.integers(phase_from + 1, 70))
    more = [
        Happening(
            event=DutyEvent.PHASE,
            name=Name("paused"),
            at=day(phase_from),
            until=None if until is None else day(until),
        )
    ]
    for _ in range(draw(st.integers(0, 2))):
        more.append(Happening(event=DutyEvent.ADOPTED, name=Name("standstill"), at=day(draw(times))))
    stops = []
    for _ in range(draw(st.integers(0, 2))):
        first = draw(times)
        last = draw(st.none() | st.integers(first + 1, 70))
        end = None if last is None else day(last)
        stops.append(Suspension(party=draw(parties), clause=None, start=day(first), end=end, why="an order"))
    broken = {ALDER: day(draw(times))} if draw(st.booleans()) else {}
    return happened(more=tuple(more), suspensions=tuple(stops)), draw(acts()), broken


TEXT = of(
    duty(every=length(10), parties=(ALDER, BIRCH), impossible_by=length(5), waived_by=Name("standstill")),
    duty(
        start("aware", name="incident", within=length(72, "hours")),
        name=Name("report"),
        parties=(ALDER, BIRCH),
    ),
    duty(start("phase", name="paused", within=length(3)), name=Name("once"), kinds=(PartyKind.TENANT,)),
)


def known_by(events: DutyEvents, at: Instant) -> DutyEvents:
    """Return the events as they were known at an instant: no end that had not come yet."""
    shown = [
        replace(one, until=None if one.until is not None and one.until > at else one.until)
        for one in events.happened
        if one.at <= at
    ]
    stops = [
        replace(one, end=None if one.end is not None and one.end > at else one.end)
        for one in events.suspensions
        if one.start <= at
    ]
    return replace(events, happened=tuple(shown), suspensions=tuple(stops))


def whole(
    events: DutyEvents, filed: list[Act], broken: dict[Name, Instant], at: Instant
) -> dict[tuple[str, str | None, int, Name], DutyState]:
    """Return every occurrence by what names it."""
    found = duties_of(TEXT, known_by(events, at), log(filed, at=at, broken_at=broken), at=at, is_whole=True)
    return {(one.duty, one.matter, one.occurrence, one.party): one for one in found}


@settings(max_examples=60)
@given(worlds())
def test_no_later_entry_undoes_a_decision(world: tuple[DutyEvents, list[Act], dict[Name, Instant]]) -> None:
    """What a prefix of the log decides, the whole log says too; only the open becomes decided."""
    events, filed, broken = world
    before: dict[tuple[str, str | None, int, Name], DutyState] = {}
    for number in range(2, 75, 8):
        after = whole(events, filed, broken, day(number))
        for name, one in before.items():
            if one.stage.is_decided:
                assert one.stage is after[name].stage, f"{name} on day {number}"
        before = after


RANK = {DutyStage.MET: 0, DutyStage.LAPSED: 0, DutyStage.WAIVED: 0, DutyStage.PAST: 0, DutyStage.LATE: 2}


@settings(max_examples=60)
@given(worlds(), st.data())
def test_leaving_out_a_statement_of_its_own_helps_nobody(
    world: tuple[DutyEvents, list[Act], dict[Name, Instant]], data: st.DataObject
) -> None:
    """Without one of its filings a party is nowhere better off; only its own word that it knew can hurt it."""
    events, filed, broken = world
    if not filed:
        return
    dropped = data.draw(st.integers(0, len(filed) - 1))
    rest = filed[:dropped] + filed[dropped + 1 :]
    party_of, value, _ = filed[dropped]
    is_confession = type(value).__name__ == "Awareness"
    with_it, without = (whole(events, some, broken, day(74)) for some in (filed, rest))
    for name, one in without.items():
        if name[3] == party_of and name in with_it and not is_confession:
            assert RANK.get(with_it[name].stage, 1) <= RANK.get(one.stage, 1), name


@settings(max_examples=50)
@given(worlds())
def test_what_is_counted_is_what_is_listed_in_the_whole(
    world: tuple[DutyEvents, list[Act], dict[Name, Instant]],
) -> None:
    """The short list has every occurrence that is not met, and its counts add up to all that are."""
    events, filed, broken = world
    state = log(filed, at=day(74), broken_at=broken)
    short = duties_of(TEXT, events, state, at=day(74))
    full = duties_of(TEXT, events, state, at=day(74), is_whole=True)

    def others(found: tuple[DutyState, ...]) -> list[DutyState]:
        wanted = (DutyStage.MET, DutyStage.WAITING)
        return [replace(one, earlier_met=0) for one in found if one.stage not in wanted]

    assert others(full) == others(short)
    met = sum(one.earlier_met + (one.stage is DutyStage.MET) for one in short)
    assert sum(one.stage is DutyStage.MET for one in full) == met


def crowd(years: int) -> float:
    """Return the seconds of processor time that forty parties' duties over so many years take, at best of three."""
    members = tuple(party(f"p{number}", number + 1, critical=number < 2) for number in range(40))
    duties = tuple(
        duty(
            start(within=length(within, unit)),
            name=Name(f"duty-{number}"),
            parties=(),
            kinds=(PartyKind.OPERATOR,),
            every=length(every, "days"),
            calendar=Name("vienna"),
        )
        for number, (within, unit, every) in enumerate(
            [(120, "days", 90), (10, "business-days", 30), (1, "weeks", 28)]
        )
    )
    text = of(
        *duties,
        parties=members,
        log=LogTerms(origin="log.example.org/crowd", operator=Name("p0")),
        obligations=(),
        adjudication=None,
        accounting=Accounting(start=None, period_ms=30 * DAY_MS, periods=None),
    )
    events = DutyEvents(
        happened=(
            Happening(event=DutyEvent.IN_FORCE, at=day(1)),
            *(Happening(event=DutyEvent.BOUND, at=day(1), party=one.id) for one in members),
        )
    )
    filed = [chips(one.id, at=week * 7 + 1.5) for week in range(years * 52) for one in members]
    end = day(years * 365)
    state, best = log(filed, at=end), 1e9
    for _ in range(3):
        begun = time.process_time()
        found = duties_of(text, events, state, at=end)
        best = min(best, time.process_time() - begun)
    assert 120 == len({(one.duty, one.party) for one in found})
    return best


def test_ten_years_of_forty_parties_take_no_more_than_their_share() -> None:
    """Eight times the years take at most sixteen times as long: never the square. Goal 50 ms; allowed here 250."""
    short, long = crowd(1), crowd(8)
    assert long < 16 * max(short, 0.002)
    assert long < 0.25
