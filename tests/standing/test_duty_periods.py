"""Evidence that clauses ask for period by period: closes and measurements, in time, late, missing, suspended."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement_examples import clause
from allstop.agreement import Accounting, Agreement, DutyEvent, LeavingTerms
from allstop.ids import Name, digest_of
from allstop.standing import DutyEvents, DutyStage, DutyState, Happening, Suspension
from allstop.telemetry import Measurement, PeriodClose, SeriesClaim
from allstop.times import DAY_MS, Window
from duty_world import ALDER, BIRCH, Act, day, happened, length, of, site, states
from phase_world import TWO_PHASES

CLOSE, BOTH = (Name("period-close"),), (Name("period-close"), Name("measurement"))


def text(*, evidence: tuple[Name, ...] = CLOSE, days: int = 10, phases: tuple[Name, ...] = ()) -> Agreement:
    """Return an agreement with periods of ten days from day 1 and a day to show what a clause asks."""
    obligation = clause(evidence=evidence, timeliness_ms=DAY_MS, phases=phases)
    return of(
        obligations=(obligation,),
        accounting=Accounting(start=None, period_ms=days * DAY_MS, periods=None),
        phases=TWO_PHASES if phases else None,
    )


def close(number: int, *, at: float, party: Name = ALDER, days: int = 10) -> Act:
    """Return the close of a period."""
    window = Window(start=day(1 + number * days), end=day(1 + (number + 1) * days))
    return (party, PeriodClose(period=window, count=1, head=None, inventory=()), day(at))


def measured(first: float, last: float, *, at: float, name: str = "hall-1", party: Name = ALDER) -> Act:
    """Return a measurement of a site."""
    claim = SeriesClaim(
        meter=Name("m"),
        blob=digest_of(b"readings"),
        row=0,
        count=1,
        first=day(first),
        last=day(last),
        total=0,
        stated_from=None,
        stated_until=None,
    )
    window = Window(start=day(first), end=day(last))
    value = Measurement(site=Name(name), window=window, series=(claim,), stated_total_millijoule=None)
    return (party, value, day(at))


def listed(found: tuple[DutyState, ...]) -> list[tuple[int, DutyStage, int]]:
    """Return number, state and count of each."""
    return [(one.occurrence, one.stage, one.earlier_met) for one in found]


@pytest.mark.parametrize(
    ("acts", "at", "expected"),
    [
        ([], 5, [(0, DutyStage.OPEN, 0)]),
        ([], 11.5, [(0, DutyStage.OPEN, 0), (1, DutyStage.OPEN, 0)]),
        ([], 12.5, [(0, DutyStage.LATE, 0), (1, DutyStage.OPEN, 0)]),
        ([close(0, at=12)], 12.5, [(1, DutyStage.OPEN, 1)]),
        ([close(0, at=12.1)], 12.5, [(0, DutyStage.LATE, 0), (1, DutyStage.OPEN, 0)]),
        ([close(0, at=10)], 12.5, [(0, DutyStage.LATE, 0), (1, DutyStage.OPEN, 0)]),
        ([close(0, at=10), close(0, at=11.5)], 12.5, [(1, DutyStage.OPEN, 1)]),
        ([close(0, at=11.5, party=BIRCH)], 12.5, [(0, DutyStage.LATE, 0), (1, DutyStage.OPEN, 0)]),
        ([close(0, at=11.5, days=9)], 12.5, [(0, DutyStage.LATE, 0), (1, DutyStage.OPEN, 0)]),
        ([close(0, at=11.5), close(1, at=21.5)], 25, [(2, DutyStage.OPEN, 2)]),
    ],
)
def test_a_period_is_closed_in_time_or_not(
    acts: list[Act], at: float, expected: list[tuple[int, DutyStage, int]]
) -> None:
    """By the party itself, for exactly the period, not before it ended, within the time that the clause allows."""
    assert expected == listed(states(text(), acts, at=at))


def test_the_line_says_which_period_and_which_clauses() -> None:
    """Clauses that ask for the same within the same time are one thing to do."""
    both = of(
        obligations=(
            clause("1.1", evidence=BOTH, timeliness_ms=DAY_MS),
            clause("1.2", evidence=BOTH, timeliness_ms=DAY_MS),
            clause("1.3", evidence=CLOSE, timeliness_ms=2 * DAY_MS),
            clause("1.4", evidence=CLOSE, timeliness_ms=None),
        ),
        accounting=Accounting(start=None, period_ms=10 * DAY_MS, periods=None),
    )
    found = states(both, [], at=5)
    assert [("period:1.1", ("1.1", "1.2")), ("period:1.3", ("1.3",))] == [
        (one.duty, one.clauses) for one in found
    ]
    assert (
        "period 2027-03-01T00:00:00Z until 2027-03-11T00:00:00Z, and the time that the clause allows after it:"
        " 2027-03-12T00:00:00Z"
    ) == found[0].why
    assert "for each period close it and measure every site" == found[0].text


def test_every_site_of_the_party_is_measured() -> None:
    """From the period on in which it was declared; a part of a period is enough here, not in the verdict."""
    acts = [site(at=2), site(at=15, name="hall-2"), close(0, at=11.5), close(1, at=21.5)]
    one = [*acts, measured(3, 4, at=11.2), measured(11, 21, at=21.2)]
    assert [(1, DutyStage.LATE, 1), (2, DutyStage.OPEN, 0)] == listed(states(text(evidence=BOTH), one, at=24))
    two = [*one, measured(16, 17, at=21.3, name="hall-2")]
    assert [(2, DutyStage.OPEN, 2)] == listed(states(text(evidence=BOTH), two, at=24))


def test_lateness_counts_only_once_the_party_is_bound() -> None:
    """A period that began before entry into force, or before the party was bound, is not asked for."""
    events = DutyEvents(
        happened=(
            Happening(event=DutyEvent.IN_FORCE, at=day(1)),
            Happening(event=DutyEvent.BOUND, at=day(15), party=ALDER, until=day(31)),
        )
    )
    assert [(2, DutyStage.LATE, 0)] == listed(states(text(), [], at=60, events=events))
    leaving = of(
        obligations=(clause("6.1", evidence=CLOSE, timeliness_ms=DAY_MS),),
        accounting=Accounting(start=None, period_ms=10 * DAY_MS, periods=5),
        leaving=LeavingTerms(notice=length(30), survives=("6.1",)),
    )
    assert [2, 3, 4] == [one.occurrence for one in states(leaving, [], at=90, events=events)]


def test_a_clause_asks_only_in_its_phases() -> None:
    """Periods that begin in another phase are not asked for."""
    paused = Happening(event=DutyEvent.PHASE, name=Name("paused"), at=day(9), until=day(30))
    found = states(text(phases=(Name("paused"),)), [], at=60, events=happened(more=(paused,)))
    assert [(1, DutyStage.LATE, 0), (2, DutyStage.LATE, 0)] == listed(found)


def test_a_suspension_gives_more_time_to_show_a_period() -> None:
    """Two days of an order after the end of a period are two days more; of some clauses only, none."""

    def stop(name: str | None, last: float | None) -> DutyEvents:
        end = None if last is None else day(last)
        return happened(
            suspensions=(Suspension(party=ALDER, clause=name, start=day(11.5), end=end, why="an order"),)
        )

    found = states(text(), [close(0, at=13.9)], at=14.5, events=stop("1.1", 13.5))
    assert [(1, DutyStage.OPEN, 1)] == listed(found)
    standing = states(text(), [], at=13, events=stop(None, None))
    assert [(DutyStage.SUSPENDED, None, "suspended by an order")] * 2 == [
        (one.stage, one.due, one.note) for one in standing
    ]
    assert DutyStage.LATE is states(text(), [], at=13, events=stop("9.9", None))[0].stage


def test_without_a_time_or_an_entry_into_force_nothing_is_due() -> None:
    """A clause without timeliness has no clock, nor has an agreement that is not in force."""
    untimed = of(obligations=(clause(evidence=CLOSE, timeliness_ms=None),))
    assert () == states(untimed, [], at=60)
    assert () == states(text(), [], at=60, events=DutyEvents())


windows = st.tuples(st.integers(0, 60), st.integers(1, 40), st.integers(1, 70))


@given(st.lists(windows, max_size=8))
def test_the_first_measurement_that_touches_a_period_counts(spans: list[tuple[int, int, int]]) -> None:
    """Filling periods in jumps finds what looking at every pair finds."""
    acts = [site(at=0.5), *(measured(first, first + span, at=at) for first, span, at in spans)]
    found = states(text(evidence=(Name("measurement"),)), acts, at=70, is_whole=True)
    for one in found:
        start, end = 1 + one.occurrence * 10, 11 + one.occurrence * 10
        hits = [at for first, span, at in spans if first < end and start < first + span]
        expected = None if not hits else day(max(end, min(hits)))
        assert (expected if expected is None or expected <= day(70) else None) == one.met_at


def test_a_hostile_window_costs_no_more_than_its_periods() -> None:
    """A thousand measurements that each claim to touch every day of nine years fill each day once."""
    acts = [site(at=0.5)] + [measured(1, 3280, at=3281 + number / 1000) for number in range(1000)]
    begun = time.process_time()
    found = states(text(evidence=(Name("measurement"),), days=1), acts, at=3290)
    # Each pair would be three million steps; the log of this test alone takes a tenth of a second.
    assert time.process_time() - begun < 2
    # What was measured only after years was late for each of those days.
    assert 3279 <= sum(one.stage is DutyStage.LATE for one in found)
