"""Bars and timelines show the same chip-time: no stretch of time looks better than the whole does."""

from collections.abc import Callable

import pytest

from allstop.finding import Level
from allstop.verdict import CaseVerdict, Segment, segments_of, timeline_of
from replay_world import ITEM_NS, Prover, replayed
from verdict_world import HALL, honest

CLOSE_CHIP_MS = 300
"""What rounding down may leave in the wrong segment: less than a chip-ms for each stretch and level."""


def overworked() -> CaseVerdict:
    """Return a verdict on eight chips that were busy for an hour, with items that take half of it."""
    prover = Prover().start().commit()
    prover.open(prover.draw())
    prover.replay(low=ITEM_NS // 2, high=ITEM_NS // 2)
    return prover.close().judge()


@pytest.mark.parametrize("make", [lambda: honest().judge(), lambda: replayed().judge(), overworked])
def test_a_timeline_adds_up_to_the_bar(make: Callable[[], CaseVerdict]) -> None:
    """Over all stretches each segment has the chip-time that the bar shows, also where a job did too much."""
    verdict = make()
    bar = dict(segments_of(verdict, HALL))
    bins = timeline_of(verdict, HALL)
    assert len(bins) > 1
    for segment in Segment:
        total = sum(dict(one.segments)[segment] for one in bins)
        assert bar[segment] == pytest.approx(total, abs=CLOSE_CHIP_MS), segment


def test_work_that_was_made_up_accounts_for_nothing() -> None:
    """A job that fits the meters and does not re-execute is not shown as plausible."""
    verdict = replayed(do=lambda index, given, nonce: bytes(len(given))).judge()
    bar = dict(segments_of(verdict, HALL))
    assert bar[Segment.UNACCOUNTED] > 0
    assert 0 == bar[Segment.PLAUSIBLE] == bar[Segment.VERIFIED]


def test_one_item_that_nobody_timed_verifies_no_hour() -> None:
    """One item is declared, shown, and timed by nobody: the hour that the chips worked is plausible at best."""
    prover = Prover(count=1).start().commit()
    prover.open(prover.draw())
    verdict = prover.close().judge()
    assert verdict.jobs[0].level is Level.VERIFIED
    for segments in (segments_of(verdict, HALL), timeline_of(verdict, HALL)[0].segments):
        bar = dict(segments)
        assert bar[Segment.PLAUSIBLE] > 0
        assert 0 == bar[Segment.VERIFIED]


def test_too_much_activity_is_unaccounted_wherever_the_job_ran() -> None:
    """A job that worked longer than its items take is shown as unaccounted in every stretch, not as verified."""
    bins = timeline_of(overworked(), HALL)
    active = [dict(one.segments) for one in bins]
    assert all(parts[Segment.UNACCOUNTED] for parts in active if parts[Segment.VERIFIED])
    assert any(parts[Segment.VERIFIED] for parts in active)
