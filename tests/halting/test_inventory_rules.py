"""Inventories against declared jobs and against one another: what differs is a finding, and changes no account."""

import pytest

from allstop.finding import Finding
from allstop.halting import Inventory, RunningJob
from allstop.ids import Name
from allstop.times import Instant
from allstop.verdict import CaseVerdict
from halt_world import halting, running
from verdict_world import ALDER, BIRCH, HALL, START, World

RUN = RunningJob(job=Name("run-1"), chips=8, kind="training", checkpoint=None)


def inventoried(*filed: tuple[RunningJob, ...], at: Instant = START, party: Name = ALDER) -> World:
    """Return a world in which run-1 is declared on eight chips, with these inventories filed."""
    world = halting()
    world.job()
    for jobs in filed:
        world.file(party, Inventory(site=HALL, at=at, jobs=jobs))
    return running(world)


def about(verdict: CaseVerdict, code: str) -> list[Finding]:
    """Return the findings of one code."""
    return [one for one in verdict.findings if one.code == code]


def test_an_inventory_that_fits_is_no_finding() -> None:
    """Name, kind and number of chips are those declared."""
    verdict = inventoried((RUN,)).judge()
    assert [] == about(verdict, "HLT-001") == about(verdict, "HLT-002")


@pytest.mark.parametrize(
    ("jobs", "words"),
    [
        ((), "job run-1 was declared to run at the instant and is not in the inventory"),
        (
            (RunningJob(job=Name("run-1"), chips=4, kind="training", checkpoint=None),),
            "job run-1 has 4 chips in the inventory and 8 in its declaration",
        ),
        (
            (RunningJob(job=Name("run-1"), chips=8, kind="inference", checkpoint=None),),
            "job run-1 is inference in the inventory and training in its declaration",
        ),
        (
            (RUN, RunningJob(job=Name("run-2"), chips=8, kind="other", checkpoint=None)),
            "job run-2 is in the inventory and was not declared to run at the instant",
        ),
    ],
)
def test_what_does_not_fit_is_a_finding(jobs: tuple[RunningJob, ...], words: str) -> None:
    """It rests on the inventory and the declaration, is about the operator, and takes nothing out."""
    verdict = inventoried(jobs).judge()
    (found,) = about(verdict, "HLT-001")
    assert (ALDER, HALL, words) == (found.party, found.site, found.about)
    assert 2 == len(found.rests_on)
    assert verdict.parties[0].clauses == inventoried((RUN,)).judge().parties[0].clauses


def test_many_differences_are_one_finding_of_limited_length() -> None:
    """A thousand jobs that nobody declared are named as far as people read."""
    many = tuple(RunningJob(job=Name(f"x{n:03}"), chips=1, kind="other", checkpoint=None) for n in range(500))
    (found,) = about(inventoried(many).judge(), "HLT-001")
    assert found.about.endswith(" and 493 more")


def test_the_first_inventory_counts_and_a_second_is_a_finding() -> None:
    """Another story is recorded; the same once more is not."""
    verdict = inventoried((RUN,), ()).judge()
    assert [] == about(verdict, "HLT-001")
    (found,) = about(verdict, "HLT-002")
    assert "1 later inventories of one instant say something else than the first" == found.about
    assert [] == about(inventoried((RUN,), (RUN,)).judge(), "HLT-002")


@pytest.mark.parametrize(("at", "party"), [(START.plus(1), ALDER), (START, BIRCH)])
def test_of_another_instant_or_by_somebody_else_it_is_none(at: Instant, party: Name) -> None:
    """What a rival files about a site is no inventory of it, and accuses nobody."""
    verdict = inventoried((), at=at, party=party).judge()
    assert [] == about(verdict, "HLT-001") == about(verdict, "HLT-002")
