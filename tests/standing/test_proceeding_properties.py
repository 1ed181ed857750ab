"""Proceedings as properties: nothing decided is undone, stalling wins nothing, and no innocent is convicted."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adjudication_world import (
    ALDER,
    BIRCH,
    CEDAR,
    DOGWOOD,
    ELM,
    JUDGES,
    OTHER_VERDICT,
    PARTIES,
    TERMS,
    VERDICT,
    Log,
    hour,
    judged,
    rung,
)
from allstop.adjudication import (
    FindingAcknowledgement,
    FindingAppeal,
    FindingCure,
    FindingRuling,
    FindingWithdrawal,
    Impediment,
    Outcome,
)
from allstop.agreement import Ending, MeasureKind
from allstop.finding import Finding
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import State
from allstop.standing import (
    FindingStage,
    Measure,
    find_adjudication,
    impediments_of,
    measures_of,
    proceedings_of,
)
from allstop.times import HOUR_MS, Instant, Window

LADDER = (
    rung("notice", MeasureKind.NOTICE),
    rung("suspend", MeasureKind.COUNTER_SUSPENSION, after=Name("notice")),
    rung(
        "back",
        MeasureKind.SNAP_BACK,
        by=Name("vote"),
        ends=Ending(cured=False, length=None, motion=Name("lift")),
    ),
)
AGREEMENT = judged(replace(TERMS, measures=LADDER))
MOTIONS = [(Name(name), hour(at)) for name in ("vote", "lift") for at in range(100, 900, 90)]
INNOCENTS = 10_000


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Draw a log of up to thirty filings by anybody about two findings, most of them at a few instants."""
    log = Log()
    log.broken = {
        name: hour(draw(st.integers(0, 600))) for name in draw(st.sets(st.sampled_from(PARTIES), max_size=1))
    }
    matters = [log.raise_finding(0), log.raise_finding(draw(st.integers(0, 40)), by=CEDAR, about=BIRCH)]
    answers: list[Digest | None] = [None]
    ats = sorted(draw(st.lists(st.integers(1, 60).map(lambda n: n * 12), max_size=30)))
    for at in ats:
        party = draw(st.sampled_from(PARTIES))
        matter = draw(st.sampled_from(matters))
        match draw(st.sampled_from(["ack", "answer", "cure", "withdraw", "appeal", "order", *["rule"] * 6])):
            case "ack":
                log.file(party, FindingAcknowledgement(finding=matter), at)
            case "answer":
                answers.append(log.answer(matter, at, by=party))
            case "cure":
                both = draw(st.sampled_from([[], [BIRCH], [CEDAR]]))
                cure = FindingCure(finding=matter, text="mended", evidence=())
                matters.append(log.file(party, cure, at, cosigned=both))
            case "withdraw":
                log.file(party, FindingWithdrawal(finding=matter, text="explained"), at)
            case "appeal":
                matters.append(log.file(party, FindingAppeal(finding=matter, text="no"), at))
            case "order":
                matters.append(log.file(party, order(at, draw(st.integers(1, 300))), at))
            case _:
                outcome = draw(st.sampled_from([Outcome.CONFIRMED, *Outcome]))
                replayed = draw(st.sampled_from([VERDICT, VERDICT, OTHER_VERDICT]))
                for judge in draw(st.sets(st.sampled_from((*JUDGES, party)), min_size=1)):
                    log.rule(
                        matter,
                        at,
                        judge,
                        outcome=outcome,
                        replayed=replayed,
                        answer=draw(st.sampled_from(answers)),
                    )
    return log


def order(start: int, length: int) -> Impediment:
    """Return an order against clause 1.1 of so many hours."""
    return Impediment(
        clauses=("1.1",),
        authority="High Court",
        order=digest_of(b"order"),
        start=hour(start),
        end=hour(start + length),
    )


def started(measures: tuple[Measure, ...], at: Instant) -> list[tuple[object, ...]]:
    """Return what has begun by an instant, and its end if that has come."""
    return [
        (one.name, one.finding, one.start, one.end if one.end is not None and one.end < at else None)
        for one in measures
        if one.start is not None and one.start < at
    ]


@settings(max_examples=80, deadline=None)
@given(log=logs(), cut=st.integers(0, 800))
def test_nothing_that_is_decided_is_undone_by_what_comes_later(log: Log, cut: int) -> None:
    """The fold of a prefix agrees with the fold of the whole: history, decisions, measures, spans of impediments."""
    early, late = log.state(cut), log.state(2000)
    before = proceedings_of(AGREEMENT, early, at=early.at)
    after = {one.finding: one for one in proceedings_of(AGREEMENT, late, at=late.at)}
    for one in before:
        whole = after[one.finding]
        assert one.history == whole.history[: len(one.history)]
        if one.first.decision is not None:
            assert one.first.decision == whole.first.decision
        assert one.final_at is None or one.final_at == whole.final_at
        assert not one.is_false_accusation or whole.is_false_accusation
    motions = [motion for motion in MOTIONS if motion[1] <= early.at]
    first = measures_of(AGREEMENT, before, adopted=motions, at=early.at)
    final = measures_of(AGREEMENT, tuple(after.values()), adopted=MOTIONS, at=late.at)
    assert set(started(first, early.at)) <= set(started(final, early.at))
    claims = {one.digest: one for one in impediments_of(AGREEMENT, late, at=late.at)}
    for claim in impediments_of(AGREEMENT, early, at=early.at):
        for when in range(0, cut, 6):
            assert claim.counts_at(hour(when)) == claims[claim.digest].counts_at(hour(when))


@settings(max_examples=80, deadline=None)
@given(log=logs(), data=st.data())
def test_nothing_that_a_shorter_log_decides_is_undone_at_the_same_instant(
    log: Log, data: st.DataObject
) -> None:
    """The log is cut anywhere, in the middle of what is proven at one instant too, and read at its last instant."""
    log.filed.sort(key=lambda one: (one.not_after, one.entry))
    short = Log(log.filed[: data.draw(st.integers(2, len(log.filed)))], log.broken)
    end = short.filed[-1].not_after
    early, late = short.state(end), log.state(2000)
    before = proceedings_of(AGREEMENT, early, at=end)
    after = {one.finding: one for one in proceedings_of(AGREEMENT, late, at=late.at)}
    for one in before:
        whole = after[one.finding]
        assert one.history == whole.history[: len(one.history)]
        assert one.first.decision is None or one.first.decision == whole.first.decision
        assert not one.is_false_accusation or whole.is_false_accusation
    first = measures_of(AGREEMENT, before, adopted=[one for one in MOTIONS if one[1] <= end], at=end)
    final = measures_of(AGREEMENT, tuple(after.values()), adopted=MOTIONS, at=late.at)
    assert set(started(first, end)) <= set(started(final, end))
    claims = {one.digest: one for one in impediments_of(AGREEMENT, late, at=late.at)}
    for claim in impediments_of(AGREEMENT, early, at=end):
        for ms in range(hour(0).ms, end.ms, 3 * HOUR_MS):
            assert claim.counts_at(Instant(ms)) == claims[claim.digest].counts_at(Instant(ms))


@settings(max_examples=80, deadline=None)
@given(log=logs(), cut=st.integers(0, 800))
def test_a_later_log_read_at_an_earlier_instant_says_the_same(log: Log, cut: int) -> None:
    """Reading the whole log at an instant, or only what was proven by then, gives one answer."""
    early, late = log.state(cut), log.state(2000)
    assert proceedings_of(AGREEMENT, early, at=early.at) == proceedings_of(AGREEMENT, late, at=early.at)
    assert impediments_of(AGREEMENT, early, at=early.at) == impediments_of(AGREEMENT, late, at=early.at)


@settings(max_examples=80, deadline=None)
@given(log=logs())
def test_confirmed_means_replayed_heard_and_agreed(log: Log) -> None:
    """Whatever is filed, a confirmation has three judges of two blocs without the sides, who named the verdict raised
    and the answer in time, after it was heard or its time had run out.
    """
    state = log.state()
    blocs = {party.id: party.bloc for party in AGREEMENT.parties}
    entries = {one.entry: one.value for one in log.filed}
    for one in proceedings_of(AGREEMENT, state, at=state.at):
        decision = one.first.decision
        if decision is None or decision.outcome is not Outcome.CONFIRMED:
            continue
        sides = {one.accused, one.accuser, Name(f"{one.accused}-lab"), Name(f"{one.accuser}-lab")}
        members = {ruled.member for ruled in decision.by}
        assert not members & sides
        assert len(members) >= 3
        assert len({blocs[member] for member in members}) >= 2
        for ruled in decision.by:
            value = entries[ruled.entry]
            assert isinstance(value, FindingRuling)
            assert one.raised.verdict_digest == value.replayed
            assert one.first.answer is None or one.first.answer == value.answer
            assert one.first.opened_at < ruled.at <= one.first.ruling_due


@settings(max_examples=200, deadline=None)
@given(
    answer_at=st.none() | st.integers(0, 120),
    acknowledges=st.booleans(),
    cures=st.booleans(),
    appeal_at=st.none() | st.integers(1, 96),
    is_panel_late=st.booleans(),
)
def test_stalling_helps_nobody(
    answer_at: int | None, acknowledges: bool, cures: bool, appeal_at: int | None, is_panel_late: bool
) -> None:
    """Whatever the accused files, and however late, diligent judges confirm, and it is final within fixed clocks."""
    log = Log()
    finding = log.raise_finding()
    if acknowledges:
        log.file(ALDER, FindingAcknowledgement(finding=finding), 1)
    answer = None if answer_at is None else log.answer(finding, answer_at)
    opened = 120 if answer_at is None else answer_at + 48
    if cures:
        log.file(ALDER, FindingCure(finding=finding, text="mended", evidence=()), opened)
    ruled = opened + (240 if is_panel_late else 1)
    log.rule(finding, ruled, *JUDGES, answer=answer)
    if appeal_at is not None:
        log.file(ALDER, FindingAppeal(finding=finding, text="wait"), ruled + appeal_at)
    state = log.state()
    (found,) = proceedings_of(AGREEMENT, state, at=state.at)
    assert FindingStage.CONFIRMED_FINAL is found.stage
    longest = 120 + 48 + 240 + 96 + 120 + 240
    assert found.confirmed_at is not None
    assert found.confirmed_at <= hour(longest)
    silent = Log()
    finding = silent.raise_finding()
    silent.rule(finding, 121, *JUDGES)
    state = silent.state()
    assert FindingStage.CONFIRMED_FINAL is proceedings_of(AGREEMENT, state, at=state.at)[0].stage


def _accuse(log: Log, chance: random.Random, number: int) -> tuple[Digest, Digest]:
    """Let a false accuser, two bought judges and all bystanders file at random about one innocent party."""
    verdict = digest_of(f"verdict {number}".encode())
    finding = log.raise_finding(number % 7, verdict_digest=verdict)
    answer = log.answer(finding, number % 7 + chance.randrange(1, 140)) if chance.random() < 0.7 else None
    bought = chance.sample(JUDGES, chance.randrange(0, 3))
    honest = [judge for judge in JUDGES if judge not in bought]
    matter = finding
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(8, 700)
        for judge in (*bought, *chance.sample(PARTIES[:4], 2)):
            named = chance.choice([answer, None])
            log.rule(matter, at, judge, answer=named, replayed=chance.choice([verdict, OTHER_VERDICT]))
        if chance.random() < 0.3:
            at_appeal = chance.randrange(100, 700)
            matter = log.file(
                chance.choice([ALDER, BIRCH]), FindingAppeal(finding=finding, text="no"), at_appeal
            )
    for judge in honest:
        # An honest judge replays, gets another verdict, and dismisses; some never come to it.
        if chance.random() < 0.8:
            log.rule(
                finding,
                chance.randrange(150, 400),
                judge,
                outcome=Outcome.DISMISSED,
                replayed=None,
                answer=answer,
            )
    return finding, verdict


def test_ten_thousand_innocents_and_no_wrongful_confirmation() -> None:
    """Simulated: 10,000 false accusations with bought judges below the rule; none is ever confirmed, on appeal either.

    Appeals here need all three judges as well, so that two bought ones are below the rule everywhere.
    """
    appeal_panel = replace(TERMS.panel, members=JUDGES, quorum=3)
    agreed = judged(replace(TERMS, appeal_panel=appeal_panel))
    chance = random.Random(20270301)
    confirmed = dismissed = innocents = 0
    while innocents < INNOCENTS:
        log = Log()
        for number in range(innocents, innocents + 250):
            _accuse(log, chance, number)
        innocents += 250
        state = log.state()
        for one in proceedings_of(agreed, state, at=state.at):
            stages = {moment.stage for moment in one.history}
            confirmed += FindingStage.CONFIRMED in stages or FindingStage.CONFIRMED_FINAL in stages
            dismissed += one.stage is FindingStage.DISMISSED_FINAL
    assert INNOCENTS == innocents
    assert 0 == confirmed
    assert dismissed > 100


def test_the_simulation_can_convict() -> None:
    """Control: with all three judges bought the same false accusations are confirmed; that is what the rule leaves."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 130, CEDAR, DOGWOOD, ELM)
    state = log.state()
    assert FindingStage.CONFIRMED_FINAL is proceedings_of(AGREEMENT, state, at=state.at)[0].stage


@settings(max_examples=60, deadline=None)
@given(log=logs())
def test_every_log_folds_and_every_void_filing_is_a_finding(log: Log) -> None:
    """No filing stops the fold, and findings are notes: they change no verdict."""
    state = log.state()
    found = proceedings_of(AGREEMENT, state, at=state.at)
    notes: tuple[Finding, ...] = find_adjudication(AGREEMENT, state, found, at=state.at)
    assert {"note"} >= {one.effect.value for one in notes}
    assert all(one.rests_on for one in notes)


@pytest.mark.parametrize("count", [500])
def test_many_findings_fold_in_time_that_grows_with_their_number(count: int) -> None:
    """Each finding is looked at once: five hundred with all their filings are read at once, in one log."""
    log = Log()
    for number in range(count):
        finding = log.raise_finding(number, verdict_digest=digest_of(b"%d" % number))
        log.rule(finding, number + 130, *JUDGES, replayed=digest_of(b"%d" % number))
    state: State = log.state(count + 1000)
    found = proceedings_of(AGREEMENT, state, at=state.at)
    assert count == len(found)
    assert {FindingStage.CONFIRMED_FINAL} == {one.stage for one in found}


def test_a_window_has_a_length() -> None:
    """Spans of impediments are windows, so none is empty."""
    log = Log()
    log.file(ALDER, order(10, 5), 20)
    state = log.state()
    (claim,) = impediments_of(AGREEMENT, state, at=state.at)
    assert () == claim.spans
    log.file(BIRCH, order(10, 50), 20)
    state = log.state()
    assert (Window(start=hour(20), end=hour(60)),) == impediments_of(AGREEMENT, state, at=state.at)[1].spans
