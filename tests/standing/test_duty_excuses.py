"""What excuses a duty: waivers, suspensions, and impossibility that the panel accepts; and what does not."""

from dataclasses import replace

import pytest

from allstop.adjudication import FindingRuling, Outcome
from allstop.agreement import DutyEvent
from allstop.canon import format_instant
from allstop.ids import Name
from allstop.standing import DutyStage, Happening, Suspension, Waiver
from duty_world import (
    ALDER,
    BIRCH,
    CEDAR,
    DOGWOOD,
    Act,
    chips,
    day,
    digest_act,
    duty,
    end_of,
    happened,
    impossible,
    length,
    of,
    only,
    states,
)

ONCE = of(duty())
RECURRING = of(duty(every=length(10)))


def test_a_motion_waives_what_is_open() -> None:
    """What is adopted before the due instant lets that occurrence go, and no other; what was late stays late."""
    text = of(duty(every=length(10), waived_by=Name("standstill")))
    adopted = Happening(event=DutyEvent.ADOPTED, name=Name("standstill"), matter="p", at=day(18))
    found = states(text, [], at=33, events=happened(more=(adopted,)))
    assert [DutyStage.LATE, DutyStage.WAIVED, DutyStage.LATE, DutyStage.OPEN] == [one.stage for one in found]
    assert "waived by motion standstill" == found[1].note


def test_a_waiver_may_name_a_party() -> None:
    """Others do what is asked."""
    text = of(duty(parties=(ALDER, BIRCH)))
    waiver = Waiver(duty=Name("register"), party=BIRCH, at=day(3), why="the council")
    found = states(text, [], at=13, events=happened(waivers=(waiver,)))
    assert [(ALDER, DutyStage.LATE), (BIRCH, DutyStage.WAIVED)] == [(one.party, one.stage) for one in found]


def pause(first: float, last: float | None, *, clause: str | None = None) -> Suspension:
    """Return a suspension of Alder's clocks."""
    end = None if last is None else day(last)
    return Suspension(party=ALDER, clause=clause, start=day(first), end=end, why="impediment 2c26b46b")


def test_a_suspended_clock_stands_still() -> None:
    """Five days of an injunction are five days more; while it lasts the state says so."""
    events = happened(suspensions=(pause(5, 10),))
    assert DutyStage.SUSPENDED is only(ONCE, [], at=7, events=events).stage
    assert "suspended by impediment 2c26b46b" == only(ONCE, [], at=7, events=events).note
    found = only(ONCE, [], at=12, events=events)
    assert (DutyStage.OPEN, end_of(16)) == (found.stage, format_instant(found.due or day(0)))
    assert "stood still" in found.why
    assert DutyStage.LATE is only(ONCE, [], at=17, events=events).stage
    assert DutyStage.MET is only(ONCE, [chips(at=7)], at=17, events=events).stage
    assert DutyStage.MET is only(ONCE, [chips(at=16)], at=17, events=events).stage


def test_a_suspension_without_end_has_no_due_instant() -> None:
    """The clock stands still until somebody ends it; the others run."""
    found = only(ONCE, [], at=90, events=happened(suspensions=(pause(5, None),)))
    assert (DutyStage.SUSPENDED, None) == (found.stage, found.due)
    other = only(ONCE, [], at=90, events=happened(suspensions=(pause(5, None, clause="9.9"),)))
    assert DutyStage.LATE is other.stage


def test_a_suspension_after_the_due_instant_excuses_nothing() -> None:
    """What is late stays late."""
    assert DutyStage.LATE is only(ONCE, [], at=20, events=happened(suspensions=(pause(12, 19),))).stage


def test_a_long_suspension_leaves_one_thing_to_do() -> None:
    """Three occurrences whose clocks stood still together are due together, so they are one."""
    found = states(RECURRING, [chips(at=36)], at=43, events=happened(suspensions=(pause(5, 35),)))
    assert [(1, DutyStage.OPEN, 1), (4, DutyStage.OPEN, 0)] == [
        (one.occurrence, one.stage, one.earlier_met) for one in found
    ]
    assert [end_of(45), end_of(51)] == [format_instant(one.due or day(0)) for one in found]


def ruling(member: Name, claim: Act, outcome: Outcome, *, at: float) -> Act:
    """Return the word of a member of the panel about a claim."""
    value = FindingRuling(
        matter=digest_act(*claim),
        outcome=outcome,
        replayed=None,
        answer=None,
        reasons="the photographs show it",
        false_accusation=False,
    )
    return (member, value, day(at))


CLAIM = impossible(at=6)
EXCUSABLE = of(duty(impossible_by=length(20)))


@pytest.mark.parametrize(
    ("words", "at", "stage"),
    [
        ([], 8, DutyStage.CLAIMED),
        ([], 20, DutyStage.CLAIMED),
        ([], 32, DutyStage.LATE),
        ([(CEDAR, Outcome.ACCEPTED, 8)], 20, DutyStage.CLAIMED),
        ([(CEDAR, Outcome.ACCEPTED, 8), (DOGWOOD, Outcome.ACCEPTED, 9)], 20, DutyStage.LAPSED),
        ([(CEDAR, Outcome.ACCEPTED, 8), (DOGWOOD, Outcome.ACCEPTED, 25)], 40, DutyStage.LAPSED),
        ([(CEDAR, Outcome.ACCEPTED, 8), (DOGWOOD, Outcome.ACCEPTED, 33)], 40, DutyStage.LATE),
        ([(CEDAR, Outcome.REFUSED, 8), (DOGWOOD, Outcome.REFUSED, 9)], 10, DutyStage.OPEN),
        ([(CEDAR, Outcome.REFUSED, 8), (DOGWOOD, Outcome.REFUSED, 9)], 13, DutyStage.LATE),
        ([(CEDAR, Outcome.REFUSED, 8), (DOGWOOD, Outcome.REFUSED, 20)], 21, DutyStage.LATE),
        ([(BIRCH, Outcome.ACCEPTED, 8), (CEDAR, Outcome.ACCEPTED, 9)], 40, DutyStage.LATE),
        ([(CEDAR, Outcome.ACCEPTED, 8), (CEDAR, Outcome.ACCEPTED, 9)], 40, DutyStage.LATE),
        ([(CEDAR, Outcome.ACCEPTED, 8), (DOGWOOD, Outcome.CONFIRMED, 9)], 40, DutyStage.LATE),
    ],
)
def test_only_the_panel_accepts_an_impossibility(
    words: list[tuple[Name, Outcome, float]], at: float, stage: DutyStage
) -> None:
    """A quorum of the panel, within the agreed time; otherwise a claim excuses nothing."""
    rulings = [
        (
            member,
            FindingRuling(
                matter=digest_act(*CLAIM),
                outcome=outcome,
                replayed=digest_act(*CLAIM) if outcome is Outcome.CONFIRMED else None,
                answer=None,
                reasons="as said",
                false_accusation=False,
            ),
            day(when),
        )
        for member, outcome, when in words
    ]
    assert stage is only(EXCUSABLE, [CLAIM, *rulings], at=at).stage


def test_a_claim_needs_its_time_its_panel_and_its_party() -> None:
    """After the due instant, without a panel, without a time for it, or by another party it changes nothing."""
    accepted = [ruling(member, CLAIM, Outcome.ACCEPTED, at=9) for member in (CEDAR, DOGWOOD)]
    assert DutyStage.LAPSED is only(ONCE, [CLAIM, *accepted], at=40).stage
    assert DutyStage.LATE is only(ONCE, [CLAIM], at=12).stage
    late = impossible(at=12)
    too_late = [ruling(member, late, Outcome.ACCEPTED, at=13) for member in (CEDAR, DOGWOOD)]
    assert DutyStage.LATE is only(EXCUSABLE, [late, *too_late], at=40).stage
    assert DutyStage.LATE is only(EXCUSABLE, [impossible(BIRCH, at=6)], at=20).stage
    alone = replace(EXCUSABLE, adjudication=None)
    assert DutyStage.LATE is only(alone, [CLAIM, *accepted], at=12).stage
    assert DutyStage.LATE is only(EXCUSABLE, [CLAIM], at=12, broken_at={ALDER: day(2)}).stage


def test_a_panel_member_does_not_judge_its_own_claim() -> None:
    """Cedar is recused in its own matter, and then the quorum cannot be reached."""
    text = of(duty(parties=(CEDAR,), impossible_by=length(20)))
    events = happened(more=(Happening(event=DutyEvent.BOUND, at=day(1), party=CEDAR),))
    claim = impossible(CEDAR, at=6)
    acts = [claim, *(ruling(member, claim, Outcome.ACCEPTED, at=9) for member in (CEDAR, DOGWOOD))]
    assert DutyStage.LATE is only(text, acts, at=40, events=events).stage
