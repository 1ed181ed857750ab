"""Statements that were written to stop or slow down whoever reads the log; none may."""

from dataclasses import replace
from time import perf_counter

import pytest

import binding_world
from adjudication_world import ALDER, JUDGES, TERMS, Log, judged
from allstop.adjudication import FindingAppeal, Impediment, format_impediment, parse_impediment
from allstop.agreement import Agreement, BindingTerms, CalendarTerms
from allstop.binding import DepositWithdrawal
from allstop.clocks import Calendar, Length, LengthUnit, Offset, due, explain_due
from allstop.ids import Name, digest_of
from allstop.standing import Stage, standing_of
from allstop.times import INSTANT_MS_MAX, Instant

EASTERN = Calendar(name=Name("eastern"), offsets=(Offset(start=Instant(0), minutes=600),))


@pytest.mark.parametrize("unit", list(LengthUnit))
@pytest.mark.parametrize("minutes", [600, -600])
def test_a_clock_that_starts_at_the_end_of_time_has_a_due_instant(unit: LengthUnit, minutes: int) -> None:
    """East of Greenwich the year 10000 has begun before the last instant there is."""
    calendar = replace(EASTERN, offsets=(Offset(start=Instant(0), minutes=minutes),))
    for ms in (0, 1, INSTANT_MS_MAX - 1, INSTANT_MS_MAX):
        for amount in (0, 1, 100):
            length = Length(amount=amount, unit=unit)
            assert due(Instant(ms), length, calendar).ms <= INSTANT_MS_MAX
            assert explain_due(Instant(ms), length, calendar)


def impeding(agreed: Agreement, start: Instant) -> None:
    """Claim an impediment from `start` to the end of time, and read the log."""
    claim = Impediment(
        clauses=("1.1",),
        authority="Court",
        order=digest_of(b"order"),
        start=start,
        end=Instant(INSTANT_MS_MAX),
    )
    assert claim == parse_impediment(format_impediment(claim))
    log = Log()
    log.file(ALDER, claim, 1)
    assert 1 == len(standing_of(agreed, log.state()).impediments)


def test_an_impediment_at_the_end_of_time_stops_nobody() -> None:
    """Its word would run out a month later, after the last instant."""
    months = replace(TERMS, impediment=Length(amount=1, unit=LengthUnit.MONTHS), calendar=EASTERN.name)
    agreed = replace(judged(), calendars=CalendarTerms(tables=(EASTERN,)), adjudication=months)
    for before in (1, 2, 3_600_000):
        impeding(agreed, Instant(INSTANT_MS_MAX - before))


def deposits(log: binding_world.Log, number: int) -> None:
    """Deposit and take back, each at an instant of its own."""
    mine = log.deposit(ALDER, 10 + 2 * number)
    log.file(ALDER, DepositWithdrawal(deposit=mine), 11 + 2 * number)


def batches(log: binding_world.Log, number: int) -> None:
    """Deposit and take back, all in two batches."""
    mine = log.deposit(ALDER, 10)
    log.file(ALDER, DepositWithdrawal(deposit=mine), 12)


def test_thousands_of_deposits_slow_nobody_down() -> None:
    """One party deposits and takes back without end: reading takes time in proportion, and says that it is listed."""
    agreed = binding_world.world(BindingTerms(is_withdrawable=True))
    agreed = replace(agreed, entry=replace(agreed.entry, deadline=Instant(10**8)))
    for act in (deposits, batches):
        log = binding_world.Log()
        for number in range(6000):
            act(log, number)
        state = log.state(10**7)
        start = perf_counter()
        stands = standing_of(agreed, state).binding.party(ALDER)
        assert perf_counter() - start < 2
        assert stands is not None
        assert Stage.LISTED is stands.stage


def test_thousands_of_appeals_slow_nobody_down() -> None:
    """All proven in one batch, they are one appeal."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 131, *JUDGES)
    for _ in range(6000):
        log.file(ALDER, FindingAppeal(finding=finding, text="no"), 140)
    state = log.state()
    start = perf_counter()
    (found,) = standing_of(judged(), state).proceedings
    assert perf_counter() - start < 2
    assert found.second is not None
