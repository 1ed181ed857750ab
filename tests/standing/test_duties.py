"""Duties: when they are due, what shows them, and what suspends, waives or excuses them."""

import pytest

from allstop.agreement import (
    DutyEvent,
    LeavingTerms,
    PartyKind,
    Together,
)
from allstop.canon import format_instant
from allstop.errors import UsageError
from allstop.ids import Name
from allstop.ledger import PREDICATES
from allstop.standing import (
    DutyEvents,
    DutyStage,
    GivenDuty,
    Happening,
    body_type,
    duties_of,
)
from duty_world import (
    ALDER,
    BIRCH,
    Act,
    aware,
    chips,
    day,
    duty,
    end_of,
    fulfilment,
    happened,
    key,
    length,
    log,
    of,
    only,
    stages,
    start,
    states,
)

ONCE = of(duty())
RECURRING = of(duty(every=length(10)))
"""Due on the last millisecond of day 11, then every ten days: days 21, 31 and so on."""


@pytest.mark.parametrize(
    ("acts", "at", "stage", "met"),
    [
        ([], 5, DutyStage.OPEN, None),
        ([], 11.5, DutyStage.OPEN, None),
        ([], 12, DutyStage.LATE, None),
        ([chips(at=5)], 6, DutyStage.MET, 5),
        ([chips(at=11.9)], 40, DutyStage.MET, 11.9),
        ([chips(at=12)], 40, DutyStage.LATE, 12),
        ([chips(BIRCH, at=5)], 12, DutyStage.LATE, None),
        ([chips(at=0.5)], 12, DutyStage.LATE, None),
        ([chips(at=1)], 12, DutyStage.MET, 1),
        ([chips(at=0.5), chips(at=7)], 12, DutyStage.MET, 7),
    ],
)
def test_a_duty_is_met_by_its_evidence_in_time(
    acts: list[Act], at: float, stage: DutyStage, met: float | None
) -> None:
    """From the start of the clock to the due instant, both included; by the party itself; late stays late."""
    found = only(ONCE, acts, at=at)
    assert (stage, None if met is None else day(met)) == (found.stage, found.met_at)
    assert end_of(11) == format_instant(found.due or day(0))


def test_what_is_due_at_the_reference_time_is_not_late_yet() -> None:
    """An entry that is proven at the same instant may still come; a millisecond later it cannot."""
    text = of(duty(start(within=length(10 * 24, "hours"))))
    assert DutyStage.OPEN is only(text, [], at=11).stage
    assert DutyStage.LATE is only(text, [], at=11.0001).stage
    assert DutyStage.MET is only(text, [chips(at=11)], at=12).stage


def test_a_duty_that_asks_for_several_kinds_needs_all_of_them() -> None:
    """The last of them is the instant at which it is met."""
    text = of(duty(evidence=(Name("chips"), Name("fulfilment"))))
    both = [chips(at=3), fulfilment(at=6)]
    assert day(6) == only(text, both, at=8).met_at
    assert DutyStage.OPEN is only(text, both[:1], at=8).stage


def test_evidence_of_an_unknown_kind_is_never_there() -> None:
    """An agreement that asks for what this version does not know is not met by anything else."""
    text = of(duty(evidence=(Name("weather"),)))
    assert DutyStage.LATE is only(text, [chips(at=3), fulfilment(at=4)], at=20).stage
    assert body_type(Name("weather")) is None


@pytest.mark.parametrize("name", sorted(PREDICATES))
def test_every_predicate_can_be_evidence(name: Name) -> None:
    """The type of its bodies is found, so that filings of it are."""
    assert body_type(name) is not None


def test_a_recurring_duty_is_shown_anew_each_time() -> None:
    """One filing serves one occurrence; those met in time are counted, the last that is due next is listed."""
    acts = [chips(at=5), chips(at=15), chips(at=25)]
    found = only(RECURRING, acts, at=26)
    assert (2, DutyStage.MET, 2) == (found.occurrence, found.stage, found.earlier_met)
    assert "again every 10 days from entry into force" in found.why
    waiting = only(RECURRING, acts, at=32)
    assert (3, DutyStage.OPEN, 3, end_of(41)) == (
        waiting.occurrence,
        waiting.stage,
        waiting.earlier_met,
        format_instant(waiting.due or day(0)),
    )


def test_a_missed_occurrence_stays_late_and_is_listed() -> None:
    """A filing after the due instant shows the next occurrence, not the one that was missed."""
    acts = [chips(at=5), chips(at=22)]
    assert stages(RECURRING, acts, at=32) == [(1, DutyStage.LATE), (3, DutyStage.OPEN)]
    assert [1, 1] == [one.earlier_met for one in states(RECURRING, acts, at=32)]
    assert [(i, DutyStage.MET) for i in (0,)] == [
        (one.occurrence, one.stage) for one in states(RECURRING, acts, at=32, is_whole=True)[:1]
    ]


def test_what_is_filed_before_the_clock_starts_again_does_not_count_for_it() -> None:
    """A monthly report is not met by one of the month before."""
    text = of(duty(start(within=length(2)), every=length(10)))
    # Due on days 3, 13, 23: between them no clock runs.
    assert stages(text, [chips(at=2), chips(at=8)], at=14) == [(1, DutyStage.LATE), (2, DutyStage.WAITING)]
    assert [(2, DutyStage.WAITING)] == stages(text, [chips(at=2), chips(at=12)], at=14)


def test_a_number_of_times_ends_a_recurring_duty() -> None:
    """After the last occurrence there is no other."""
    text = of(duty(every=length(10), times=2))
    assert [(1, DutyStage.MET)] == stages(text, [chips(at=5), chips(at=15)], at=90)


def test_occurrences_that_share_a_last_day_are_one() -> None:
    """Starts on Friday, Saturday and Sunday all end on Monday: one thing to do."""
    text = of(duty(start(within=length(1, "business-days")), every=length(1), calendar=Name("vienna")))
    dues = [one.due for one in states(text, [], at=20, is_whole=True)]
    assert sorted(set(dues), key=str) == sorted(dues, key=str)
    assert [0, 1, 2, 3, 4, 7, 8] == [one.occurrence for one in states(text, [], at=20, is_whole=True)][:7]


@pytest.mark.parametrize(
    ("acts", "stage"),
    [
        ([chips(at=0.5), fulfilment(at=3, evidence=[chips(at=0.5)])], DutyStage.MET),
        ([fulfilment(at=3)], DutyStage.LATE),
        ([chips(at=0.5), fulfilment(at=3)], DutyStage.LATE),
        ([chips(BIRCH, at=0.5), fulfilment(at=3, evidence=[chips(BIRCH, at=0.5)])], DutyStage.LATE),
        ([fulfilment(at=3, evidence=[chips(at=4)]), chips(at=14)], DutyStage.LATE),
        ([chips(at=0.5), fulfilment(BIRCH, at=3, evidence=[chips(at=0.5)])], DutyStage.LATE),
        ([chips(at=0.5), fulfilment(at=0.9, evidence=[chips(at=0.5)])], DutyStage.LATE),
        ([chips(at=0.5), fulfilment(at=3, of=key(occurrence=1), evidence=[chips(at=0.5)])], DutyStage.LATE),
    ],
)
def test_a_word_counts_with_the_evidence_that_it_names(acts: list[Act], stage: DutyStage) -> None:
    """A register that was there before needs a word that names it; a word without evidence shows nothing."""
    assert stage is only(ONCE, acts, at=13).stage


def test_old_evidence_does_not_serve_again() -> None:
    """For later occurrences, what a word names was filed since the clock started again."""
    old = chips(at=5)
    again = fulfilment(at=13, of=key(occurrence=1), evidence=[old])
    fresh = [chips(at=12.5), fulfilment(at=13, of=key(occurrence=1), evidence=[chips(at=12.5)])]
    assert (1, DutyStage.LATE) in stages(RECURRING, [old, again], at=23)
    assert (1, DutyStage.LATE) not in stages(RECURRING, [old, *fresh], at=23)


def test_a_duty_without_evidence_is_shown_by_a_word_alone() -> None:
    """And not before its clock has started."""
    text = of(duty(evidence=()))
    assert DutyStage.MET is only(text, [fulfilment(at=3)], at=20).stage
    assert DutyStage.LATE is only(text, [fulfilment(at=0.5), chips(at=5)], at=20).stage


def test_a_broken_chain_gains_nothing_and_undoes_nothing() -> None:
    """What was met before the break stays met; what is filed after it shows nothing."""
    acts = [chips(at=5), chips(at=15)]
    broken = {ALDER: day(10)}
    found = states(RECURRING, acts, at=24, broken_at=broken)
    assert [(1, DutyStage.LATE), (2, DutyStage.OPEN)] == [(one.occurrence, one.stage) for one in found]
    assert 1 == found[0].earlier_met


def test_the_earliest_of_several_clocks() -> None:
    """Fifteen days from an incident, but a day from danger, about the same matter."""
    text = of(
        duty(
            start("aware", name="incident", within=length(15)),
            start("aware", name="danger", within=length(24, "hours")),
            name=Name("report"),
        )
    )
    acts = [aware(at=5, since=4)]
    assert end_of(19) == format_instant(only(text, acts, at=6).due or day(0))
    danger = [
        *acts,
        aware(at=8, since=7.5, event="danger"),
        aware(at=9, since=9, event="danger", matter="other"),
    ]
    found = {one.matter: one for one in states(text, danger, at=9.5)}
    assert {"leak-1": day(8.5), "other": day(10)} == {matter: one.due for matter, one in found.items()}
    assert "the earliest of 2 clocks: from awareness of danger" in found["leak-1"].why


def test_the_latest_of_several_clocks_waits_for_all() -> None:
    """Until the last event there is no clock; what was filed since the first counts."""
    text = of(
        duty(
            start(within=length(5)),
            start("adopted", name="start", within=length(2)),
            together=Together.LATEST,
        )
    )
    assert () == states(text, [], at=30)
    adopted = Happening(event=DutyEvent.ADOPTED, name=Name("start"), matter="p-1", at=day(20))
    events = happened(more=(adopted,))
    assert end_of(22) == format_instant(only(text, [], at=21, events=events).due or day(0))
    early = only(text, [chips(at=4)], at=21, events=events)
    assert (DutyStage.MET, day(4)) == (early.stage, early.met_at)
    assert DutyStage.LATE is only(text, [], at=23, events=events).stage


def test_awareness_starts_a_clock_when_the_party_says_it_knew() -> None:
    """Its own word against itself counts from the past, and never from the future."""
    text = of(duty(start("aware", name="incident", within=length(72, "hours")), name=Name("report")))
    assert day(7) == only(text, [aware(at=6, since=4)], at=6).due
    assert day(9) == only(text, [aware(at=6, since=20)], at=6).due
    assert DutyStage.LATE is only(text, [aware(at=9, since=4)], at=9).stage
    assert day(5) == only(text, [aware(at=9, since=4), chips(at=5)], at=9).met_at


def test_keeping_silent_about_what_one_knows_gains_nothing() -> None:
    """Notice by another party starts the clock; the first statement about a matter counts; a broken filer's does not."""
    text = of(duty(start("aware", name="incident", within=length(72, "hours")), name=Name("report")))
    notice = aware(by=BIRCH, at=6, since=3)
    assert day(9) == only(text, [notice], at=7).due
    assert day(9) == only(text, [notice, aware(at=8, since=8)], at=8.5).due
    assert () == states(text, [notice], at=7, broken_at={BIRCH: day(2)})
    assert () == states(text, [aware(BIRCH, at=6, since=5)], at=7)
    two = [notice, aware(at=8, since=8, matter="leak-2")]
    assert ["leak-1", "leak-2"] == [one.matter for one in states(text, two, at=8.5)]


def test_phases_start_and_end_recurring_duties() -> None:
    """Each time the phase begins a clock starts, told apart by its instant; none starts after its end."""
    text = of(duty(start("phase", name="paused", within=length(2)), every=length(10)))
    first = Happening(event=DutyEvent.PHASE, name=Name("paused"), at=day(5), until=day(20))
    again = Happening(event=DutyEvent.PHASE, name=Name("paused"), at=day(40))
    other = Happening(event=DutyEvent.PHASE, name=Name("easing"), at=day(20), until=day(40))
    found = states(text, [], at=48, events=happened(more=(again, other, first)))
    assert [
        ("2027-03-05T00:00:00Z", 0, DutyStage.LATE),
        ("2027-03-05T00:00:00Z", 1, DutyStage.LATE),
        ("2027-04-09T00:00:00Z", 0, DutyStage.LATE),
        ("2027-04-09T00:00:00Z", 1, DutyStage.WAITING),
    ] == [(one.matter, one.occurrence, one.stage) for one in found]


def test_findings_and_withdrawals_start_clocks_of_their_party() -> None:
    """Not of others."""
    for event, matter in (("finding-notified", "9f" * 32), ("withdrawal", None)):
        text = of(duty(start(event), kinds=(PartyKind.OPERATOR, PartyKind.TENANT), parties=()))
        one = Happening(event=DutyEvent(event), party=BIRCH, at=day(3), matter=matter)
        found = only(text, [], at=5, events=happened(more=(one,)))
        assert (BIRCH, end_of(13)) == (found.party, format_instant(found.due or day(0)))


def test_who_joins_late_has_its_clocks_from_then() -> None:
    """Entry into force was on day 1; a party bound on day 30 has ten days from day 30."""
    late = DutyEvents(
        happened=(
            Happening(event=DutyEvent.IN_FORCE, at=day(1)),
            Happening(event=DutyEvent.BOUND, at=day(30), party=ALDER),
        )
    )
    assert end_of(40) == format_instant(only(ONCE, [], at=31, events=late).due or day(0))
    # On day 10 it is not bound yet, and its clock has not started.
    assert [DutyStage.WAITING] == [one.stage for one in states(ONCE, [], at=10, events=late)]


def test_a_party_is_never_bound_to_a_clock_already_past() -> None:
    """An agreed date is the same for all; whoever was bound only after it is not late, and that is shown."""
    text = of(duty(start("date", at=day(5), within=length(2)), parties=(ALDER, BIRCH)))
    events = DutyEvents(
        happened=(
            Happening(event=DutyEvent.IN_FORCE, at=day(1)),
            Happening(event=DutyEvent.BOUND, at=day(1), party=ALDER),
            Happening(event=DutyEvent.BOUND, at=day(30), party=BIRCH),
        )
    )
    found = {one.party: one for one in states(text, [], at=31, events=events)}
    assert {ALDER: DutyStage.LATE, BIRCH: DutyStage.PAST} == {
        party: one.stage for party, one in found.items()
    }
    assert "the party was bound only after it was due" == found[BIRCH].note


def test_duties_end_with_being_bound_unless_they_survive() -> None:
    """A recurring duty stops; one that was running stays; a clause that survives goes on."""
    events = DutyEvents(
        happened=(
            Happening(event=DutyEvent.IN_FORCE, at=day(1)),
            Happening(event=DutyEvent.BOUND, at=day(1), party=ALDER, until=day(15)),
        )
    )
    plain = of(duty(every=length(10), clause="1.1"))
    assert [(0, DutyStage.LATE), (1, DutyStage.LATE)] == stages(plain, [], at=60, events=events)
    leaving = LeavingTerms(notice=length(30), survives=("1.1",))
    kept = of(duty(every=length(10), clause="1.1"), leaving=leaving)
    assert 6 == len(stages(kept, [], at=60, events=events))
    assert () == states(plain, [], at=20, events=DutyEvents())


@pytest.mark.parametrize(
    ("met", "over", "at", "stage"),
    [
        (None, None, 3, DutyStage.OPEN),
        (None, None, 8, DutyStage.LATE),
        (4.0, None, 8, DutyStage.MET),
        (7.0, None, 8, DutyStage.LATE),
        (None, 4.0, 8, DutyStage.WAIVED),
        (7.0, None, 6, DutyStage.OPEN),
    ],
)
def test_clocks_of_findings_are_duties_too(
    met: float | None, over: float | None, at: float, stage: DutyStage
) -> None:
    """What another part of standing keeps has the same states."""
    given = GivenDuty(
        duty="finding:answer",
        party=BIRCH,
        matter="9f" * 32,
        clauses=("4.1",),
        text="Answer.",
        trigger=day(2),
        due=day(6.5),
        met_at=None if met is None else day(met),
        over_at=None if over is None else day(over),
        why="the terms of adjudication",
    )
    assert stage is only(of(), [], at=at, events=happened(given=(given,))).stage


def test_one_party_alone_and_everything() -> None:
    """The filter takes one party; the whole view has clocks that wait, and everything that was met."""
    text = of(duty(every=length(10), parties=(ALDER, BIRCH)), duty(start("withdrawal"), name=Name("return")))
    acts = [chips(at=5), chips(at=15), chips(BIRCH, at=5)]
    assert {BIRCH} == {one.party for one in states(text, acts, at=23, party=BIRCH)}
    whole = states(text, acts, at=23, party=ALDER, is_whole=True)
    assert [
        ("register", 0, DutyStage.MET),
        ("register", 1, DutyStage.MET),
        ("register", 2, DutyStage.OPEN),
        ("return", 0, DutyStage.WAITING),
    ] == [(one.duty, one.occurrence, one.stage) for one in whole]
    assert "waits for notice of withdrawal" == whole[-1].why


def test_the_state_says_nothing_about_the_future() -> None:
    """Asking beyond what is proven is an error; asking about the past looks at the past."""
    state = log([chips(at=5)], at=day(20))
    with pytest.raises(UsageError, match="proves nothing after"):
        duties_of(ONCE, happened(), state, at=day(21))
    assert [DutyStage.OPEN] == [one.stage for one in duties_of(ONCE, happened(), state, at=day(4))]


def test_nothing_is_due_before_the_agreement_is_in_force() -> None:
    """Without entry into force no clock runs."""
    assert () == states(ONCE, [chips(at=5)], at=90, events=DutyEvents())
