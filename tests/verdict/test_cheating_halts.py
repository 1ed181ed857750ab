"""Ways out of a clause that were tried: periods cut to pieces, caps counted twice, sums begun anew by an amendment."""

from dataclasses import replace

from agreement_examples import clause
from allstop.accountancy import Verdict
from allstop.agreement import (
    Accounting,
    ConveningTerms,
    HaltTerms,
    Motion,
    ObligationKind,
    PartyKind,
    PermittedUse,
    ShareAtLeast,
    VotingRule,
    agreement_changes,
    format_agreement,
)
from allstop.convening import PROPOSAL_PREDICATE, VOTE_PREDICATE, Choice, Proposal, ProposalKind, Vote
from allstop.finding import ChipRange, Level
from allstop.ids import Name, digest_of
from allstop.times import HOUR_MS, Window
from allstop.verdict import ClauseResult
from allstop.workload import JobKind
from verdict_world import ALDER, BIRCH, HALL, HOUR, LOT, START, World, power, statement_digest, terms
from voting_world import rule_of

DRAIN_MS, MINUTE_MS = 600_000, 60_000
RECESS = Name("recess")
SERVING = PermittedUse(name=Name("serving"), jobs=("inference",), cap_chip_ms=2 * HOUR_MS)
EITHER: VotingRule = rule_of(ShareAtLeast(ppm=1), open_ms=HOUR_MS)


def halted(*permitted: PermittedUse) -> World:
    """Return a world that halts within ten minutes, whose table adopts a motion by any one vote."""
    stop = replace(
        clause("1.1", ObligationKind.HALT, tolerance=HOUR_MS, level=Level.DECLARED),
        parties=(ALDER,),
        evidence=(Name("meter"), Name("measurement"), Name("job"), Name("period-close")),
    )
    agreed = terms(
        obligations=(stop,),
        accounting=Accounting(start=None, period_ms=HOUR_MS, periods=1),
        halt=HaltTerms(drain_ms=DRAIN_MS, inventory_ms=HOUR_MS, permitted=permitted),
        convening=ConveningTerms(
            rules=(EITHER,),
            motions=(Motion(name=RECESS, rule=EITHER.name),),
            text_rule=None,
            amendment_rule=EITHER.name,
            amendment_lead_ms=0,
        ),
    )
    world = World(agreement=replace(agreed, entry=replace(agreed.entry, deadline=START, lead_ms=HOUR_MS)))
    for party in (ALDER, BIRCH):
        world.file(party, None, predicate="deposit", body={"deadlineSeen": None}, at=START.plus(-HOUR_MS))
    return world


def carry(world: World, proposal: Proposal, minute: int) -> None:
    """Propose something and vote for it, as one party can here."""
    at = START.plus(minute * MINUTE_MS)
    body = PROPOSAL_PREDICATE.format(proposal)
    number = world.file(ALDER, None, predicate="proposal", body=body, at=at)
    vote = Vote(proposal=statement_digest(number, ALDER), choice=Choice.FOR)
    world.file(ALDER, None, predicate="vote", body=VOTE_PREDICATE.format(vote), at=at)


def judged(world: World, *, until_minute: int, is_declared: bool) -> tuple[ClauseResult, ...]:
    """Let eight chips work until a minute of the hour, and judge Alder."""
    world.clock = HOUR.end
    world.site()
    world.chips()
    world.meter("node-1", 0, 8)
    world.meter("node-2", 8, 16)
    world.measure("node-2", power("idle", 2))
    if is_declared:
        world.job(kind=JobKind.INFERENCE)
    busy, idle = power("busy", 1), power("idle", 1)
    working = busy.t < START.ms + until_minute * MINUTE_MS
    world.measure("node-1", replace(busy, v=busy.v * working + idle.v * ~working))
    world.close()
    return world.judge().parties[0].clauses


def test_motions_do_not_cut_a_halt_into_pieces_too_small_to_break_it() -> None:
    """Twenty minutes too long are a breach; so they are where a motion about nothing is adopted every five."""
    for is_cut in (False, True):
        world = halted()
        for minute in range(5, 60, 5) if is_cut else ():
            name = Name(f"recess-{minute}")
            carry(world, Proposal(name=name, kind=ProposalKind.MOTION, motion=RECESS), minute)
        results = judged(world, until_minute=30, is_declared=False)
        assert [Verdict.INCONSISTENT] == [one.verdict for one in results]


def test_motions_do_not_fill_a_cap_again() -> None:
    """Two chip-hours of serving are permitted in a period, however often the table meets in it."""
    for is_cut in (False, True):
        world = halted(SERVING)
        for minute in range(5, 60, 5) if is_cut else ():
            name = Name(f"recess-{minute}")
            carry(world, Proposal(name=name, kind=ProposalKind.MOTION, motion=RECESS), minute)
        results = judged(world, until_minute=61, is_declared=True)
        assert [Verdict.INCONSISTENT] == [one.verdict for one in results]


def test_an_amendment_of_something_else_begins_no_sum_anew() -> None:
    """Two periods of training reach the limit together; a table that meanwhile changes its own rules changes nothing."""
    half = 6 * 10**18
    for is_amended in (False, True):
        world = halted()
        limit = replace(clause("3.1", ObligationKind.PROHIBIT, tolerance=10**19), parties=(ALDER,))
        world.agreement = replace(
            world.agreement,
            obligations=(limit,),
            accounting=Accounting(start=None, period_ms=HOUR_MS, periods=2),
        )
        if is_amended:
            before = world.agreement
            assert before.convening is not None
            more = replace(before.convening, motions=(Motion(name=Name("dance"), rule=EITHER.name),))
            after = replace(before, convening=more)
            proposal = Proposal(
                name=Name("dancing"),
                kind=ProposalKind.AMENDMENT,
                base=digest_of(format_agreement(before)),
                text=digest_of(format_agreement(after)),
                changes=agreement_changes(before, after),
            )
            carry(world, proposal, 30)
        world.clock = HOUR.end.plus(HOUR_MS)
        world.site()
        world.chips()
        for number in range(2):
            hour = Window(start=START.plus(number * HOUR_MS), end=START.plus((number + 1) * HOUR_MS))
            world.job(f"run-{number}", window=hour, flop=half)
        verdict = world.judge()
        assert is_amended is (len(verdict.standing.convening.texts) == 2)
        (result,) = verdict.parties[0].clauses
        assert (Verdict.INCONSISTENT, 2 * half) == (result.verdict, result.low)


def test_a_cap_holds_for_all_the_sites_that_a_tenant_rents() -> None:
    """Two chip-hours may go on; of two rented halls each uses less, and both together more."""
    world = halted(replace(SERVING, cap_chip_ms=10 * HOUR_MS))
    stop = world.agreement.obligations[0]
    parties = tuple(
        replace(one, kind=PartyKind.TENANT) if one.id == BIRCH else one for one in world.agreement.parties
    )
    world.agreement = replace(
        world.agreement, parties=parties, obligations=(replace(stop, parties=(BIRCH,)),)
    )
    second = Name("hall-2")
    world.clock = HOUR.end
    for site, lot in ((HALL, LOT), (second, Name("lot-2"))):
        world.site(site)
        world.chips(8, site=site, lot=lot)
        chips = (ChipRange(lot=lot, first=0, until=8),)
        world.meter(f"node-{site}", site=site, covers=chips)
        world.measure(f"node-{site}", power("busy", 1 if site == HALL else 2), site=site)
        world.job(f"job-{site}", site=site, chips=chips, kind=JobKind.INFERENCE)
    for party in (ALDER, BIRCH):
        world.close(party)
    (birch,) = [one for one in world.judge().parties if one.party == BIRCH]
    (result,) = birch.clauses
    assert any("serving may have used" in text for text in result.reasons), result.reasons
    assert Verdict.UNDETERMINED is result.verdict
