"""Findings between parties: clocks, sides, appeals, and what counts for nothing."""

from dataclasses import replace

import pytest

from adjudication_world import (
    AGREEMENT,
    ALDER,
    BIRCH,
    CEDAR,
    DOGWOOD,
    ELM,
    JUDGES,
    PARTIES,
    Log,
    codes,
    hour,
    one_of,
)
from allstop.adjudication import (
    FindingAcknowledgement,
    FindingAppeal,
    FindingCure,
    FindingWithdrawal,
    Outcome,
)
from allstop.ids import Name, digest_of
from allstop.standing import (
    FINDING_MOVES,
    FindingEvent,
    FindingStage,
    find_adjudication,
    finding_clocks,
    proceedings_of,
    step_finding,
)

OUTCOMES = (Outcome.CONFIRMED, Outcome.DISMISSED, Outcome.UNDETERMINED)


def test_a_finding_goes_from_raised_to_confirmed_for_good() -> None:
    """Every stage, with its instant: answered in time, time to settle, three rulings, no appeal."""
    log = Log()
    finding = log.raise_finding()
    log.file(ALDER, FindingAcknowledgement(finding=finding), 10)
    answer = log.answer(finding, 50)
    log.rule(finding, 100, CEDAR, DOGWOOD, answer=answer)
    log.rule(finding, 110, ELM, answer=answer)
    expected = [
        (FindingStage.NOTIFIED, hour(0)),
        (FindingStage.ACKNOWLEDGED, hour(10)),
        (FindingStage.ANSWERED, hour(50)),
        (FindingStage.BEFORE_PANEL, hour(98)),
        (FindingStage.CONFIRMED, hour(110)),
        (FindingStage.CONFIRMED_FINAL, hour(206)),
    ]
    found = one_of(log)
    assert expected == [(one.stage, one.at) for one in found.history]
    assert hour(206) == found.confirmed_at
    assert found.first.ruling_due == hour(98 + 240)


def test_silence_of_the_accused_only_costs_it_the_time_to_settle() -> None:
    """Without an answer the panel begins when the time to answer runs out, and confirms all the same."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 121, *JUDGES)
    found = one_of(log)
    assert FindingStage.CONFIRMED_FINAL is found.stage
    assert hour(120) == found.first.opened_at == found.settle_due
    answered = Log()
    answered.answer(answered.raise_finding(), 120)
    assert hour(168) == one_of(answered).first.opened_at


@pytest.mark.parametrize("at", [120, 121])
def test_an_answer_counts_until_its_time_and_not_after(at: int) -> None:
    """An answer at the due instant is in time; one an hour later is not, and stops nothing."""
    log = Log()
    finding = log.raise_finding()
    answer = log.answer(finding, at)
    log.rule(finding, 200, *JUDGES)
    assert (FindingStage.UNDETERMINED_FINAL if at == 120 else FindingStage.CONFIRMED_FINAL) is one_of(
        log
    ).stage
    log.rule(finding, 201, *JUDGES, answer=answer)
    assert FindingStage.CONFIRMED_FINAL is one_of(log).stage


def test_an_appeal_panel_that_stalls_leaves_the_decision_and_makes_it_final() -> None:
    """Appealing to win time wins the time to answer and to rule, and no more."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 130, *JUDGES)
    log.file(ALDER, FindingAppeal(finding=finding, text="wait"), 140)
    found = one_of(log)
    assert FindingStage.CONFIRMED_FINAL is found.stage
    assert hour(140 + 120 + 240) == found.final_at
    assert FindingStage.CONFIRMED_APPEALED is one_of(log, 499).stage


@pytest.mark.parametrize(
    ("outcome", "may"),
    [
        (Outcome.CONFIRMED, {ALDER}),
        (Outcome.DISMISSED, {BIRCH}),
        (Outcome.UNDETERMINED, {ALDER, BIRCH}),
    ],
)
def test_who_lost_may_appeal_and_in_time(outcome: Outcome, may: set[Name]) -> None:
    """Every party tries, in time and late: only whom the decision went against is heard, and only in time."""
    for side in PARTIES:
        for at in (130, 131, 226, 227):
            log = Log()
            finding = log.raise_finding()
            log.rule(finding, 130, *JUDGES, outcome=outcome)
            log.file(side, FindingAppeal(finding=finding, text="no"), at)
            is_heard = side in may and 130 < at <= 226
            assert is_heard == (one_of(log).appealed_at is not None)
            assert is_heard == ("ADJ-004" not in codes(log))


def test_appeals_of_both_sides_at_one_instant_are_one_appeal() -> None:
    """Neither's place in the batch makes it the appellant; nobody is left to answer, and either matter may be named."""
    for first, second in ((ALDER, BIRCH), (BIRCH, ALDER)):
        log = Log()
        finding = log.raise_finding()
        log.rule(finding, 130, *JUDGES, outcome=Outcome.UNDETERMINED)
        one = log.file(first, FindingAppeal(finding=finding, text="a"), 140)
        other = log.file(second, FindingAppeal(finding=finding, text="b"), 140)
        log.rule(one, 141, CEDAR, outcome=Outcome.DISMISSED)
        log.rule(other, 141, ELM, outcome=Outcome.DISMISSED)
        found = one_of(log)
        assert FindingStage.DISMISSED_FINAL is found.stage
        assert found.second is not None
        assert found.second.respondent is None
        assert hour(141) == found.final_at


def test_the_other_side_is_heard_on_appeal() -> None:
    """The appeal panel rules only after the respondent's answer, and must name it."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 130, *JUDGES, outcome=Outcome.DISMISSED)
    appeal = log.file(BIRCH, FindingAppeal(finding=finding, text="no"), 140)
    answer = log.answer(appeal, 150)
    log.rule(appeal, 149, CEDAR, DOGWOOD, answer=answer)
    log.rule(appeal, 160, CEDAR, DOGWOOD)
    assert FindingStage.DISMISSED_FINAL is one_of(log).stage
    log.rule(appeal, 170, CEDAR, DOGWOOD, answer=answer)
    assert FindingStage.CONFIRMED_FINAL is one_of(log).stage


def test_withdrawal_and_agreed_cure_close_it_only_before_the_panel() -> None:
    """Until the time to settle runs out the accuser may withdraw, or both sign a cure; then only the panel ends it."""
    for at, is_in_time in ((10, True), (98, True), (99, False)):
        for kind in (FindingStage.WITHDRAWN, FindingStage.CURED):
            log = Log()
            finding = log.raise_finding()
            log.answer(finding, 50)
            if kind is FindingStage.WITHDRAWN:
                log.file(BIRCH, FindingWithdrawal(finding=finding, text="explained"), at)
            else:
                cure = FindingCure(finding=finding, text="mended", evidence=())
                log.file(ALDER, cure, at, cosigned=[BIRCH])
            found = one_of(log)
            assert is_in_time == (found.stage is kind)
            assert found.is_closed
            # Whoever else has the same to say is not bound by the settlement.
            log.raise_finding(200, by=CEDAR)
            state = log.state()
            assert 2 == len(proceedings_of(AGREEMENT, state, at=state.at))


def test_nobody_but_the_accuser_withdraws_and_nobody_but_the_accused_answers() -> None:
    """Every party tries each reply: those of others count for nothing and are findings."""
    for side in PARTIES:
        log = Log()
        finding = log.raise_finding()
        log.file(side, FindingWithdrawal(finding=finding, text="x"), 10)
        assert (side == BIRCH) == (one_of(log).stage is FindingStage.WITHDRAWN)
        assert (side == BIRCH) == (codes(log) == [])
        log = Log()
        finding = log.raise_finding()
        log.file(side, FindingAcknowledgement(finding=finding), 10)
        log.answer(finding, 11, by=side)
        log.file(side, FindingCure(finding=finding, text="x", evidence=()), 12)
        found = one_of(log)
        assert (side == ALDER) == (found.acknowledged_at is not None)
        assert (side == ALDER) == (found.first.answer is not None)
        assert found.cured_at is None


def test_a_cure_before_the_decision_closes_the_finding_and_one_before_it_is_final_takes_effect_then() -> None:
    """Accepted before the panel decides: cured. Accepted between decision and its end of appeal: confirmed and cured."""
    for at, expected in ((125, FindingStage.CURED), (200, FindingStage.REMEDIED)):
        log = Log()
        finding = log.raise_finding()
        cure = log.file(ALDER, FindingCure(finding=finding, text="mended", evidence=()), 121)
        log.rule(cure, at, *JUDGES, outcome=Outcome.ACCEPTED, replayed=None)
        log.rule(finding, 130, *JUDGES)
        found = one_of(log)
        assert expected is found.stage
        assert (None if at == 125 else hour(226)) == found.confirmed_at


def test_a_broken_chain_gains_nothing_from_then_on() -> None:
    """A judge's ruling, an accuser's finding and an accused's answer count only if proven before the chain broke."""
    for broken, is_counted in ((130, False), (131, True)):
        log = Log(broken={ELM: hour(broken)})
        finding = log.raise_finding()
        log.rule(finding, 130, *JUDGES)
        assert is_counted == (one_of(log).stage is FindingStage.CONFIRMED_FINAL)
    log = Log(broken={BIRCH: hour(0)})
    log.raise_finding()
    state = log.state()
    assert () == proceedings_of(AGREEMENT, state, at=state.at)
    log = Log(broken={ALDER: hour(20)})
    finding = log.raise_finding()
    log.answer(finding, 20)
    assert one_of(log).first.answer is None


def test_who_has_left_neither_raises_nor_rules() -> None:
    """From the instant at which a party has left, its findings and rulings count for nothing."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 130, *JUDGES)
    state = log.state()
    (found,) = proceedings_of(AGREEMENT, state, at=state.at, left_at={ELM: hour(130)})
    assert found.first.decision is None
    assert () == proceedings_of(AGREEMENT, state, at=state.at, left_at={BIRCH: hour(0)})


def test_findings_that_nobody_may_raise_are_void() -> None:
    """Accusing oneself, a stranger, or the same once more starts nothing and is a finding."""
    log = Log()
    log.raise_finding(by=ALDER, about=ALDER)
    log.raise_finding(by=BIRCH, about=Name("yew"))
    log.raise_finding(by=BIRCH)
    log.raise_finding(1, by=BIRCH)
    log.raise_finding(by=BIRCH, clause="9.9")
    state = log.state()
    assert 2 == len(proceedings_of(AGREEMENT, state, at=state.at))
    assert ["ADJ-004", "ADJ-004", "ADJ-004", "ADJ-005"] == codes(log)


def test_replies_to_nothing_are_findings() -> None:
    """Acknowledgement, answer and ruling about what was never raised count for nothing, and are shown."""
    log = Log()
    nothing = digest_of(b"nothing")
    log.file(ALDER, FindingAcknowledgement(finding=nothing), 1)
    log.answer(nothing, 1)
    log.rule(nothing, 1, ELM)
    assert ["ADJ-003", "ADJ-004", "ADJ-004"] == codes(log)


@pytest.mark.parametrize("marks", [0, 1, 2, 3])
def test_a_false_accusation_is_a_finding_only_if_enough_judges_say_so(marks: int) -> None:
    """A dismissal is no false accusation unless as many as it takes to decide say so, and only when it is final."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 130, *JUDGES[:marks], outcome=Outcome.DISMISSED, false=True)
    log.rule(finding, 130, *JUDGES[marks:], outcome=Outcome.DISMISSED)
    found = one_of(log)
    assert (marks == 3) == found.is_false_accusation
    assert (["ADJ-001"] if marks == 3 else []) == codes(log)
    assert not one_of(log, 200).is_false_accusation


def test_an_appeal_can_lift_a_false_accusation() -> None:
    """What the appeal panel decides replaces the mark; if it says nothing in time the mark stays."""
    for outcome, expected in ((Outcome.CONFIRMED, False), (Outcome.DISMISSED, False), (None, True)):
        log = Log()
        finding = log.raise_finding()
        log.rule(finding, 130, *JUDGES, outcome=Outcome.DISMISSED, false=True)
        appeal = log.file(BIRCH, FindingAppeal(finding=finding, text="no"), 140)
        if outcome is not None:
            log.rule(appeal, 270, CEDAR, ELM, outcome=outcome)
        assert expected == one_of(log).is_false_accusation
        assert expected == ("ADJ-001" in codes(log))


def test_a_false_accusation_is_judged_like_any_finding() -> None:
    """Alder raises the false accusation as a finding about Birch; Birch is heard, and only a panel confirms it."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 130, *JUDGES, outcome=Outcome.DISMISSED, false=True)
    back = log.raise_finding(300, by=ALDER, about=BIRCH, code="ADJ-001", clause=None, rests_on=(finding,))
    log.rule(back, 310, *JUDGES)
    log.rule(back, 421, *JUDGES)
    state = log.state()
    _, found = proceedings_of(AGREEMENT, state, at=state.at)
    assert FindingStage.CONFIRMED_FINAL is found.stage
    assert BIRCH == found.accused


def test_clocks_are_things_to_do() -> None:
    """Acknowledge and answer for the accused, rule for those with a seat; a settlement ends what is not yet due."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 130, CEDAR)
    state = log.state(200)
    found = finding_clocks(proceedings_of(AGREEMENT, state, at=state.at), at=state.at)
    expected = [
        ("acknowledge", ALDER, hour(36), None),
        ("answer", ALDER, hour(120), None),
        ("rule", CEDAR, hour(360), hour(130)),
        ("rule", DOGWOOD, hour(360), None),
        ("rule", ELM, hour(360), None),
    ]
    assert expected == [(one.what, one.party, one.due, one.met_at) for one in found]
    log = Log()
    finding = log.raise_finding()
    log.file(BIRCH, FindingWithdrawal(finding=finding, text="x"), 30)
    state = log.state(200)
    found = finding_clocks(proceedings_of(AGREEMENT, state, at=state.at), at=state.at)
    assert [hour(30), hour(30)] == [one.over_at for one in found]


def test_every_stage_can_be_reached_and_only_by_the_table() -> None:
    """Each stage but the first has a way in, closed stages have none out, and `step_finding` refuses the rest."""
    assert set(FindingStage) - {FindingStage.RAISED} == set(FINDING_MOVES.values())
    for stage in FindingStage:
        for event in FindingEvent:
            if (stage, event) in FINDING_MOVES:
                assert FINDING_MOVES[stage, event] is step_finding(stage, event)
            else:
                with pytest.raises(ValueError, match="has no move for"):
                    step_finding(stage, event)


def test_without_adjudication_there_are_no_proceedings() -> None:
    """An agreement that knows no panel has findings in its log and no proceeding."""
    log = Log()
    log.raise_finding()
    state = log.state()
    bare = replace(AGREEMENT, adjudication=None)
    assert () == proceedings_of(bare, state, at=state.at)
    assert () == find_adjudication(bare, state, (), at=state.at)
