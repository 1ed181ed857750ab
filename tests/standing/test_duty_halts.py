"""The inventory that a halt asks for, as a duty: due from its instant, for every site, by the operator."""

import pytest

from agreement_examples import clause
from allstop.agreement import Agreement, DutyEvent, HaltTerms, ObligationKind
from allstop.canon import format_instant
from allstop.halting import Inventory
from allstop.ids import Name
from allstop.standing import DutyEvents, DutyStage, Happening, Suspension
from allstop.times import DAY_MS, HOUR_MS
from duty_world import ALDER, BIRCH, Act, chips, day, happened, of, only, site, states
from phase_world import LIFE

PAUSED = Happening(event=DutyEvent.PHASE, name=Name("paused"), at=day(10), until=day(40))


def text(*phases: str, evidence: str = "inventory") -> Agreement:
    """Return an agreement with a halt whose inventory is due a day after the instant."""
    halt = clause(
        "7.1",
        ObligationKind.HALT,
        evidence=(Name(evidence),),
        phases=tuple(Name(phase) for phase in phases),
        parties=(ALDER, BIRCH),
    )
    terms = HaltTerms(drain_ms=6 * HOUR_MS, inventory_ms=DAY_MS, permitted=(), resume=())
    return of(obligations=(halt,), halt=terms, phases=LIFE)


def inventory(*, at: float, filed: float, party: Name = ALDER, name: str = "hall-1") -> Act:
    """Return an inventory of a site, empty: nothing ran."""
    return (party, Inventory(site=Name(name), at=day(at), jobs=()), day(filed))


HALL = site(at=0.5)


@pytest.mark.parametrize(
    ("acts", "at", "stage"),
    [
        ([HALL], 10.5, DutyStage.OPEN),
        ([HALL], 11, DutyStage.OPEN),
        ([HALL], 11.1, DutyStage.LATE),
        ([HALL, inventory(at=10, filed=10.5)], 12, DutyStage.MET),
        ([HALL, inventory(at=10, filed=11)], 12, DutyStage.MET),
        ([HALL, inventory(at=10, filed=11.1)], 12, DutyStage.LATE),
        ([HALL, inventory(at=10, filed=9.9)], 12, DutyStage.LATE),
        ([HALL, inventory(at=10.1, filed=10.5)], 12, DutyStage.LATE),
        ([HALL, inventory(at=10, filed=10.5, party=BIRCH)], 12, DutyStage.LATE),
        ([HALL, inventory(at=10, filed=10.5, name="hall-2")], 12, DutyStage.LATE),
        ([HALL, site(at=5, name="hall-2"), inventory(at=10, filed=10.5)], 12, DutyStage.LATE),
        ([HALL, site(at=12, name="hall-2"), inventory(at=10, filed=10.5)], 13, DutyStage.MET),
    ],
)
def test_an_inventory_is_of_the_instant_of_every_site_and_in_time(
    acts: list[Act], at: float, stage: DutyStage
) -> None:
    """By the operator, for the instant itself, not before it, for each site that was declared by then."""
    found = only(text("paused"), acts, at=at, events=happened(more=(PAUSED,)))
    assert (stage, "2027-03-10T00:00:00Z", day(11)) == (found.stage, found.matter, found.due)


def test_the_duty_says_which_sites_and_why() -> None:
    """The line names the clause, the sites, and how the due instant is found."""
    found = only(text("paused"), [HALL], at=10.5, events=happened(more=(PAUSED,)))
    assert ("halt:7.1", ("7.1",)) == (found.duty, found.clauses)
    assert "list what ran at the instant of the halt at hall-1" == found.text
    assert format_instant(day(11)) in found.why


def test_a_halt_without_phases_begins_with_being_bound() -> None:
    """And a phase that begins again asks again; one that ended before a party was bound asks nothing of it."""
    plain = only(text(), [HALL], at=1.5)
    assert day(2) == plain.due
    again = Happening(event=DutyEvent.PHASE, name=Name("paused"), at=day(60))
    twice = states(text("paused"), [HALL], at=61.5, events=happened(more=(PAUSED, again)))
    assert [day(11), day(61)] == [one.due for one in twice]
    late = DutyEvents(
        happened=(
            Happening(event=DutyEvent.IN_FORCE, at=day(1)),
            Happening(event=DutyEvent.BOUND, at=day(20), party=ALDER),
            PAUSED,
            Happening(event=DutyEvent.PHASE, name=Name("paused"), at=day(2), until=day(5)),
        )
    )
    assert [day(21)] == [one.due for one in states(text("paused"), [HALL], at=22, events=late)]


def test_who_runs_no_site_has_nothing_to_list() -> None:
    """Nor has a clause that asks for no inventory, nor an agreement without terms of a halt."""
    events = happened(more=(PAUSED,))
    assert () == states(text("paused"), [chips(at=5)], at=12, events=events)
    assert () == states(text("paused", evidence="site"), [HALL], at=12, events=events)


def test_an_order_of_a_court_gives_more_time_for_an_inventory() -> None:
    """While the clause is suspended its clock stands still."""
    stop = Suspension(party=ALDER, clause="7.1", start=day(10.5), end=day(12.5), why="an order")
    events = happened(more=(PAUSED,), suspensions=(stop,))
    assert DutyStage.SUSPENDED is only(text("paused"), [HALL], at=12, events=events).stage
    assert day(13) == only(text("paused"), [HALL], at=12.7, events=events).due
