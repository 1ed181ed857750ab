"""Ways in which fewer than the rule asks for tried to decide by accusing those who would object; none may work."""

from dataclasses import replace

import voting_world as tables
from adjudication_world import ALDER, BIRCH, ELM, JUDGES, PARTIES, TERMS, Log, hour, judged, rung
from allstop.adjudication import Outcome
from allstop.agreement import (
    Agreement,
    ConveningTerms,
    DepositBody,
    Ending,
    KindAtLeast,
    LeavingTerms,
    MeasureKind,
    MeasureTerms,
    Motion,
    PartyKind,
    ShareAtLeast,
    VoteFormula,
)
from allstop.binding import Withdrawal
from allstop.clocks import Length, LengthUnit
from allstop.convening import Choice, Proposal, ProposalKind, Vote
from allstop.duty import DutyKey, Impossibility
from allstop.ids import Digest, Name
from allstop.standing import Measure, TallyState, convening_of, standing_of
from allstop.standing._duty_claims import Claims
from allstop.times import HOUR_MS, Instant
from voting_world import VotingWorld, motion, rule_of

OPENED, VOTING = tables.START, tables.table(rule_of(ShareAtLeast(ppm=1)))
LIFT, FORGIVE, LET_GO = Name("lift"), Name("forgive"), Name("let-go")
ALL = ShareAtLeast(ppm=1_000_000)
FINAL = 131 + 96
"""Hour at which the finding of these tests is confirmed for good."""

SUSPEND = rung("suspend", MeasureKind.SNAP_BACK, ends=Ending(cured=False, length=None, motion=FORGIVE))


def table(adopt: VoteFormula, *rungs: MeasureTerms, **changes: object) -> Agreement:
    """Return the agreement of panels with a table that decides three motions by this rule, open for ten hours."""
    rule = rule_of(adopt, open_ms=10 * HOUR_MS)
    motions = tuple(Motion(name=one, rule=rule.name) for one in (LIFT, FORGIVE, LET_GO))
    terms = ConveningTerms(
        rules=(rule,), motions=motions, text_rule=None, amendment_rule=None, amendment_lead_ms=0
    )
    return replace(judged(replace(TERMS, measures=rungs)), convening=terms, **changes)  # type: ignore[arg-type]


def carry(log: Log, motion: Name, at: float, *voters: Name, about: Digest | None = None) -> Digest:
    """Move something and vote for it."""
    name = Name(f"{motion}-{len(log.filed)}")
    digest = log.file(
        voters[0], Proposal(name=name, kind=ProposalKind.MOTION, motion=motion, about=about), at
    )
    for voter in voters:
        log.file(voter, Vote(proposal=digest, choice=Choice.FOR), at + 1)
    return digest


def test_an_accusation_takes_nobody_off_the_roll_of_another_matter() -> None:
    """All must agree to lift the pause: the others accuse Alder, and lift it in a motion about that finding."""
    log = Log()
    finding = log.raise_finding()
    others = tuple(one for one in PARTIES if not one.startswith("alder"))
    carry(log, LIFT, 5, *others, about=finding)
    assert () == standing_of(table(ALL), log.state()).adopted


def confirmed() -> tuple[Log, Digest]:
    """Return a log in which a finding about Alder is confirmed for good at FINAL."""
    log = Log()
    finding = log.raise_finding()
    log.rule(finding, 131, *JUDGES)
    return log, finding


def only_measure(log: Log, agreed: Agreement) -> Measure:
    """Return the one measure."""
    (found,) = standing_of(agreed, log.state()).measures
    return found


def test_the_accused_has_no_vote_on_the_end_of_its_measure() -> None:
    """Two voices end a measure: Alder and one friend do not, whether their motion names the finding or nothing."""
    agreed = table(ShareAtLeast(ppm=400_000), SUSPEND)
    for about in (False, True):
        log, finding = confirmed()
        carry(log, FORGIVE, FINAL + 5, ALDER, *PARTIES[1:2], ELM, about=finding if about else None)
        measure = only_measure(log, agreed)
        assert (hour(FINAL), None) == (measure.start, measure.end)


def test_the_others_end_a_measure() -> None:
    """A motion about the finding, by the voices that the rule asks for without the accused."""
    log, finding = confirmed()
    carry(log, FORGIVE, FINAL + 5, BIRCH, *PARTIES[3:], about=finding)
    assert hour(FINAL + 6) == only_measure(log, table(ShareAtLeast(ppm=400_000), SUSPEND)).end


def test_nobody_lets_itself_go() -> None:
    """Of two states one is enough: Alder, which gave notice, is not that one; Birch is."""
    leaving = LeavingTerms(notice=Length(amount=1, unit=LengthUnit.YEARS), vote=LET_GO, is_together=False)
    agreed = table(KindAtLeast(kind=PartyKind.STATE, count=1), leaving=leaving)
    for voter, expected in ((ALDER, ()), (BIRCH, (hour(6),))):
        log = Log()
        notice = log.file(ALDER, Withdrawal(reason="supreme interests"), 1)
        carry(log, LET_GO, 5, voter, about=notice)
        tallies = standing_of(agreed, log.state()).convening.tallies
        decided: tuple[Instant | None, ...] = tuple(one.decided_at for one in tallies if one.agreed)
        assert expected == decided


def test_who_has_left_judges_nobody() -> None:
    """Elm is bound, leaves within the hour, and rules afterwards: without it the panel has no quorum."""
    brief = Length(amount=1, unit=LengthUnit.HOURS)
    agreed = table(ALL, leaving=LeavingTerms(notice=brief, is_together=False))
    for is_leaving in (False, True):
        log = Log()
        for party in PARTIES:
            log.file(party, DepositBody(deadline_seen=None), -100_000)
        if is_leaving:
            log.file(ELM, Withdrawal(reason="done"), 100)
        log.rule(log.raise_finding(), 131, *JUDGES)
        (found,) = standing_of(agreed, log.state()).proceedings
        assert is_leaving is (found.confirmed_at is None)


def test_nobody_reorders_a_batch() -> None:
    """Birch votes for and then against, and proposes two things under one name: its own numbers say what is first."""
    for is_reversed in (False, True):
        world = VotingWorld()
        wanted = world.file(BIRCH, motion(), at=OPENED)
        world.file(BIRCH, motion(note="another"), at=OPENED)
        for choice in (Choice.FOR, Choice.AGAINST):
            world.vote(BIRCH, wanted, choice)
        if is_reversed:
            world.filed.reverse()
        (tally,) = [
            one for one in convening_of(VOTING, world.state()).tallies if one.proposal.digest == wanted
        ]
        assert TallyState.ADOPTED is tally.state


def test_nobody_reorders_what_a_judge_said_of_a_duty() -> None:
    """Three judges refuse a claim of impossibility and accept it in the same batch: they refused it."""
    for is_reversed in (False, True):
        log = Log()
        claim = log.file(
            ALDER,
            Impossibility(
                key=DutyKey(duty=Name("register"), matter=None, occurrence=0), evidence=(), reason="fire"
            ),
            1,
        )
        for outcome in (Outcome.REFUSED, Outcome.ACCEPTED):
            log.rule(claim, 5, *JUDGES, outcome=outcome, replayed=None)
        if is_reversed:
            numbers = [one.entry for one in log.filed]
            log.filed = [replace(one, entry=-number) for one, number in zip(log.filed, numbers, strict=True)]
        state = log.state()
        (filed,) = state.of(Impossibility)
        assert not Claims(judged(), state, at=state.at).judged(filed, closes_at=hour(100)).is_accepted
