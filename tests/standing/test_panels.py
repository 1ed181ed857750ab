"""Panels: every way in which too few, or the wrong ones, could have decided."""

from dataclasses import replace

import pytest

from adjudication_world import (
    AGREEMENT,
    ALDER,
    ALDER_LAB,
    BIRCH,
    BIRCH_LAB,
    CEDAR,
    DOGWOOD,
    ELM,
    JUDGES,
    OTHER_VERDICT,
    PARTIES,
    TERMS,
    VERDICT,
    Log,
    coalitions,
    codes,
    judged,
    one_of,
    ruling,
)
from allstop.adjudication import (
    FindingAppeal,
    FindingCure,
    Outcome,
)
from allstop.agreement import Panel
from allstop.errors import MalformedError
from allstop.ids import Digest, Name, digest_of
from allstop.standing import (
    FindingStage,
    proceedings_of,
)

OUTCOMES = (Outcome.CONFIRMED, Outcome.DISMISSED, Outcome.UNDETERMINED)


def test_no_coalition_below_the_rule_decides_anything() -> None:
    """Exhaustive: every set of all seven parties, every outcome: only the three judges together decide.

    Alder-lab and birch-lab sit on the panel of other matters; here they are recused with the sides.
    """
    for members in coalitions(PARTIES):
        for outcome in OUTCOMES:
            log = Log()
            finding = log.raise_finding()
            log.rule(finding, 130, *members, outcome=outcome, false=outcome is Outcome.DISMISSED)
            found = one_of(log, 200)
            is_enough = set(JUDGES) <= set(members)
            assert is_enough == (found.first.decision is not None)
            assert (FindingStage.BEFORE_PANEL is found.stage) == (not is_enough)


def test_no_coalition_below_the_rule_overturns_an_appealed_decision() -> None:
    """Exhaustive: after a dismissal and an appeal, every set of parties: two judges of two blocs, or nothing changes."""
    for members in coalitions(PARTIES):
        log = Log()
        finding = log.raise_finding()
        log.rule(finding, 130, *JUDGES, outcome=Outcome.DISMISSED)
        appeal = log.file(BIRCH, FindingAppeal(finding=finding, text="they did not replay it"), 140)
        log.rule(appeal, 270, *members)
        is_enough = len(set(JUDGES) & set(members)) >= 2
        expected = FindingStage.CONFIRMED_FINAL if is_enough else FindingStage.DISMISSED_FINAL
        assert expected is one_of(log).stage


def test_members_of_one_bloc_are_not_enough() -> None:
    """Exhaustive: of two members who agree, one from another bloc is needed where two blocs are asked for."""
    parties = tuple(
        replace(party, bloc=Name("north")) if party.id == ELM else party for party in AGREEMENT.parties
    )
    terms = replace(TERMS, panel=Panel(members=JUDGES, quorum=2, blocs=2), appeal=None, appeal_panel=None)
    agreed = replace(AGREEMENT, parties=parties, adjudication=terms)
    for members in coalitions(JUDGES):
        log = Log()
        finding = log.raise_finding()
        log.rule(finding, 130, *members)
        state = log.state()
        (found,) = proceedings_of(agreed, state, at=state.at)
        is_enough = len(members) >= 2 and DOGWOOD in members
        expected = FindingStage.CONFIRMED_FINAL if is_enough else FindingStage.UNDETERMINED_FINAL
        assert expected is found.stage


def test_sides_and_their_trust_domains_are_recused() -> None:
    """Who sits depends on the matter: the labs sit where neither owner is a side."""
    log = Log()
    log.raise_finding()
    found = one_of(log)
    assert set(JUDGES) == set(found.first.bench.seats)
    assert {ALDER_LAB, BIRCH_LAB} == set(found.first.bench.recused)
    other = Log()
    other.raise_finding(by=CEDAR, about=BIRCH)
    assert {ALDER_LAB, DOGWOOD, ELM} == set(one_of(other).first.bench.seats)


@pytest.mark.parametrize(
    ("at", "changes", "why"),
    [
        (119, {}, "before the matter"),
        (120, {}, "before the matter"),
        (361, {}, "after the time to rule"),
        (130, {"replayed": OTHER_VERDICT}, "another verdict"),
        (130, {"answer": digest_of(b"no answer")}, "does not name the answer"),
        (130, {"outcome": Outcome.ACCEPTED, "replayed": None}, "is not accepted"),
    ],
)
def test_a_ruling_that_breaks_a_rule_does_not_count(at: int, changes: dict[str, object], why: str) -> None:
    """One rule broken by all judges: nothing is decided, each is told why, and all can rule again in time."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, at, *JUDGES, **changes)  # type: ignore[arg-type]  # by name
    found = one_of(log)
    assert found.first.decision is None
    assert FindingStage.UNDETERMINED_FINAL is found.stage
    assert [True] * 3 == [why in one.why for one in found.void]
    assert ["ADJ-003"] * 3 == codes(log)
    if at <= 130:
        log.rule(finding, 140, *JUDGES)
        assert FindingStage.CONFIRMED_FINAL is one_of(log).stage


def test_nothing_is_confirmed_without_naming_the_answer_that_was_heard() -> None:
    """Three judges who name no answer, or another, do not confirm; the appeal is no way around it."""
    for named in (None, digest_of(b"another answer")):
        log = Log()
        finding = log.raise_finding()
        log.answer(finding, 20)
        log.rule(finding, 100, *JUDGES, answer=named)
        assert FindingStage.UNDETERMINED_FINAL is one_of(log).stage


@pytest.mark.parametrize(
    ("names_it", "expected"), [(True, FindingStage.CONFIRMED), (False, FindingStage.BEFORE_PANEL)]
)
def test_a_ruling_proven_with_the_answer_that_it_names_came_after_it(
    names_it: bool, expected: FindingStage
) -> None:
    """Without a time to settle the answer opens the matter; a digest cannot be named before it is there."""
    agreed = judged(replace(TERMS, cure=None))
    log = Log()
    finding = log.raise_finding()
    answer = log.answer(finding, 50)
    log.rule(finding, 50, *JUDGES, answer=answer if names_it else None)
    state = log.state(60)
    (found,) = proceedings_of(agreed, state, at=state.at)
    assert expected is found.stage
    appealed = Log()
    finding = appealed.raise_finding()
    appealed.rule(finding, 130, *JUDGES, outcome=Outcome.DISMISSED)
    appeal = appealed.file(BIRCH, FindingAppeal(finding=finding, text="no"), 140)
    answer = appealed.answer(appeal, 150)
    appealed.rule(appeal, 150, CEDAR, ELM, answer=answer if names_it else None)
    assert names_it == (one_of(appealed, 200).stage is FindingStage.CONFIRMED_FINAL)


def test_the_first_ruling_of_a_member_counts_and_a_second_is_a_finding() -> None:
    """A member that dismisses and then confirms has dismissed; saying the same twice is harmless."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 130, ELM, outcome=Outcome.DISMISSED)
    log.rule(finding, 131, *JUDGES)
    log.rule(finding, 132, CEDAR)
    assert FindingStage.UNDETERMINED_FINAL is one_of(log).stage
    assert ["ADJ-002"] == codes(log)


def test_rulings_after_the_decision_or_the_appeal_change_nothing() -> None:
    """What all judges say later is void: the decision, once made, stands, and so does the end of the appeal."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 130, *JUDGES, outcome=Outcome.DISMISSED)
    appeal = log.file(BIRCH, FindingAppeal(finding=finding, text="again"), 140)
    log.rule(appeal, 270, CEDAR, DOGWOOD, outcome=Outcome.DISMISSED)
    decided = one_of(log)
    assert FindingStage.DISMISSED_FINAL is decided.stage
    log.rule(finding, 280, *JUDGES)
    log.rule(appeal, 281, ELM, BIRCH_LAB)
    log.rule(appeal, 1000, ELM)
    log.file(BIRCH, FindingAppeal(finding=finding, text="and again"), 300)
    assert decided.history == one_of(log).history
    assert {"ADJ-002", "ADJ-003", "ADJ-004"} == set(codes(log))


def test_the_accused_alone_cures_nothing_and_no_coalition_accepts_below_the_rule() -> None:
    """Exhaustive: a cure filed after a confirmation ends nothing until all three judges accept it."""
    for members in coalitions(PARTIES):
        log = Log()
        finding = log.raise_finding()
        log.rule(finding, 130, *JUDGES)
        cure = log.file(ALDER, FindingCure(finding=finding, text="mended", evidence=()), 300)
        log.rule(cure, 310, *members, outcome=Outcome.ACCEPTED, replayed=None)
        found = one_of(log)
        is_enough = set(JUDGES) <= set(members)
        assert (FindingStage.REMEDIED if is_enough else FindingStage.CONFIRMED_FINAL) is found.stage
        assert is_enough == (found.cured_at is not None)


def test_the_order_within_one_batch_decides_nothing() -> None:
    """The same filings at the same instants, in both orders: the same history."""
    histories = set()
    for members in (JUDGES, JUDGES[::-1]):
        log = Log()
        finding = log.raise_finding()
        log.rule(finding, 130, *members, outcome=Outcome.DISMISSED)
        log.rule(finding, 130, ALDER_LAB, BIRCH_LAB)
        histories.add(one_of(log).history)
    assert 1 == len(histories)


def test_a_ruling_names_its_verdict() -> None:
    """The value itself refuses to confirm without a replay, so no such statement can be filed."""
    with pytest.raises(MalformedError, match="without a replayed verdict"):
        ruling(Digest(VERDICT), Outcome.CONFIRMED, replayed=None)
