"""The verdict judges whom the agreement binds, while it binds them, under the text in force."""

from dataclasses import replace

from agreement_examples import clause
from allstop.accountancy import Verdict
from allstop.agreement import (
    AccessionTerms,
    Accounting,
    AnyOf,
    AtLeast,
    BindingTerms,
    Condition,
    ConveningTerms,
    Deposited,
    LeavingTerms,
    ObligationKind,
    OnElapsed,
    Phase,
    PhaseKind,
    PhaseTerms,
    PhaseTransition,
    ShareAtLeast,
    Veto,
    Voters,
    VotingRule,
    agreement_changes,
    format_agreement,
)
from allstop.clocks import Length, LengthUnit
from allstop.convening import PROPOSAL_PREDICATE, VOTE_PREDICATE, Choice, Proposal, ProposalKind, Vote
from allstop.ids import Name, digest_of
from allstop.times import HOUR_MS, Window
from allstop.workload import Job
from phase_world import TWO_PHASES
from verdict_world import ALDER, BIRCH, HOUR, START, World, honest, statement_digest, terms

NEXT = Window(start=HOUR.end, end=HOUR.end.plus(HOUR_MS))


def bound(*, depositors: dict[Name, int], **changes: object) -> World:
    """Return the honest world in which parties deposit so many ms from the start; any one deposit is enough."""
    world = honest(
        obligations=tuple(replace(one, parties=(ALDER, BIRCH)) for one in terms().obligations),
        accounting=Accounting(start=None, period_ms=HOUR_MS, periods=2),
        **changes,
    )
    either: Condition = AnyOf(of=(Deposited(party=ALDER), Deposited(party=BIRCH)))
    entry = replace(world.agreement.entry, condition=either, deadline=START, lead_ms=HOUR_MS)
    world.agreement = replace(world.agreement, entry=entry)
    for party, ms in depositors.items():
        world.file(party, None, predicate="deposit", body={"deadlineSeen": None}, at=START.plus(ms))
        world.filings.sort(key=lambda one: one.at)
    return world


def windows_of(world: World, party: Name) -> dict[str, set[Window | None]]:
    """Return in which windows each clause was judged for a party."""
    found: dict[str, set[Window | None]] = {}
    for one in world.judge().parties:
        for result in one.clauses:
            if one.party == party:
                found.setdefault(result.clause, set()).add(result.window)
    return found


def test_only_depositors_are_judged() -> None:
    """Who never deposited is bound by nothing, whatever the others did."""
    world = bound(depositors={ALDER: -HOUR_MS})
    assert [ALDER] == [one.party for one in world.judge().parties]


def test_a_late_party_is_judged_from_its_accession_on() -> None:
    """Birch joins in the middle of the first period: the rest of it counts, and what was before does not."""
    joining = BindingTerms(accession=AccessionTerms(until=None, rule=None, lead_ms=0))
    world = bound(depositors={ALDER: -HOUR_MS, BIRCH: HOUR_MS // 2}, binding=joining)
    late = Window(start=START.plus(HOUR_MS // 2), end=HOUR.end)
    assert {late, NEXT} == windows_of(world, BIRCH)["1.2"]
    assert {HOUR, NEXT} == windows_of(world, ALDER)["1.2"]


def test_without_terms_of_accession_a_late_deposit_binds_nobody() -> None:
    """The text says who may join later; where it says nothing, nobody may."""
    world = bound(depositors={ALDER: -HOUR_MS, BIRCH: HOUR_MS // 2}, binding=BindingTerms())
    assert {} == windows_of(world, BIRCH)


def test_who_has_left_is_held_to_what_survives() -> None:
    """A notice of half an hour, given at the start: one clause survives it, the others end with it."""
    leaving = LeavingTerms(
        notice=Length(amount=1, unit=LengthUnit.HOURS), survives=("1.1",), is_together=False
    )
    world = bound(depositors={ALDER: -HOUR_MS, BIRCH: -HOUR_MS}, leaving=leaving)
    world.file(ALDER, None, predicate="withdrawal", body={"reason": "supreme interests"}, at=START.plus(1))
    world.filings.sort(key=lambda one: one.at)
    found = windows_of(world, ALDER)
    assert {HOUR, NEXT} == found["1.1"]
    assert {HOUR, Window(start=NEXT.start, end=NEXT.start.plus(1))} == found["1.2"]


def test_an_emptied_list_of_results_is_not_a_verdict() -> None:
    """A party that no clause has bound yet is UNDETERMINED: nothing was shown."""
    world = bound(depositors={ALDER: -HOUR_MS, BIRCH: -HOUR_MS})
    later = replace(clause("9.1", ObligationKind.METER, tolerance=HOUR_MS), phases=(Name("paused"),))
    world.agreement = replace(
        world.agreement, obligations=(replace(later, parties=(ALDER,)),), phases=TWO_PHASES
    )
    assert Verdict.UNDETERMINED is world.judge().verdict


def test_a_threshold_of_deposits_binds_those_who_made_them() -> None:
    """Two of two are asked for: at one instant both are bound, and neither before the other."""
    world = bound(depositors={ALDER: -3 * HOUR_MS, BIRCH: -HOUR_MS})
    both: Condition = AtLeast(count=2, of=(Deposited(party=ALDER), Deposited(party=BIRCH)))
    world.agreement = replace(world.agreement, entry=replace(world.agreement.entry, condition=both))
    verdict = world.judge()
    froms = {one.bound_from for one in verdict.standing.binding.parties if one.bound_from is not None}
    assert {START} == froms


def test_each_period_is_judged_under_the_text_in_force_when_it_began() -> None:
    """An amendment adopted in the first period changes the tolerance of the second, and no other."""
    one_of_two = VotingRule(
        name=Name("either"),
        voters=Voters(),
        proposers=Voters(),
        adopt=ShareAtLeast(ppm=400_000),
        veto=Veto.NONE,
        tacit=False,
        open_ms=HOUR_MS,
    )
    table = ConveningTerms(
        rules=(one_of_two,),
        motions=(),
        text_rule=None,
        amendment_rule=one_of_two.name,
        amendment_lead_ms=0,
    )
    world = bound(depositors={ALDER: -HOUR_MS, BIRCH: -HOUR_MS}, convening=table)
    before = world.agreement
    after = replace(
        before,
        obligations=tuple(
            replace(one, tolerance=2 * HOUR_MS) if one.clause == "1.2" else one for one in before.obligations
        ),
    )
    proposal = Proposal(
        name=Name("wider"),
        kind=ProposalKind.AMENDMENT,
        base=digest_of(format_agreement(before)),
        text=digest_of(format_agreement(after)),
        changes=agreement_changes(before, after),
    )
    number = world.file(
        ALDER,
        None,
        predicate="proposal",
        body=PROPOSAL_PREDICATE.format(proposal),
        at=START.plus(HOUR_MS // 2),
    )
    vote = Vote(proposal=statement_digest(number, ALDER), choice=Choice.FOR)
    for party in (ALDER, BIRCH):
        world.file(
            party, None, predicate="vote", body=VOTE_PREDICATE.format(vote), at=START.plus(HOUR_MS // 2 + 1)
        )
    verdict = world.judge()
    (alder,) = [one for one in verdict.parties if one.party == ALDER]
    found = {one.window: one.tolerance for one in alder.clauses if one.clause == "1.2"}
    assert {HOUR: HOUR_MS, NEXT: 2 * HOUR_MS} == found


def test_at_the_end_all_are_released_at_one_instant() -> None:
    """The agreement ends half an hour into the second period: to the end all are held, and then to what survives."""
    running = Phase(name=Name("running"), kind=PhaseKind.PAUSED)
    over = Phase(name=Name("over"), kind=PhaseKind.ENDED)
    ends = PhaseTransition(
        source=running.name, target=over.name, lead_ms=0, when=OnElapsed(ms=HOUR_MS + HOUR_MS // 2)
    )
    leaving = LeavingTerms(notice=Length(amount=1, unit=LengthUnit.DAYS), survives=("1.1",))
    world = bound(
        depositors={ALDER: -HOUR_MS, BIRCH: -HOUR_MS},
        leaving=leaving,
        phases=PhaseTerms(phases=(running, over), transitions=(ends,)),
    )
    half = Window(start=NEXT.start, end=NEXT.start.plus(HOUR_MS // 2))
    for party in (ALDER, BIRCH):
        found = windows_of(world, party)
        assert {HOUR, NEXT} == found["1.1"]
        assert {HOUR, half} == found["1.2"]
    assert half.end == world.judge().standing.ended_at


def test_parts_of_a_period_in_which_a_clause_applies_are_judged_together() -> None:
    """Two stretches of twenty minutes, neither of which reaches the tolerance alone, do so together."""
    strict, loose = (
        Phase(name=Name("strict"), kind=PhaseKind.PAUSED),
        Phase(name=Name("loose"), kind=PhaseKind.EASING),
    )
    turn = OnElapsed(ms=HOUR_MS // 3)
    phases = PhaseTerms(
        phases=(strict, loose),
        transitions=(
            PhaseTransition(source=strict.name, target=loose.name, lead_ms=0, when=turn),
            PhaseTransition(source=loose.name, target=strict.name, lead_ms=0, when=turn),
        ),
    )
    world = bound(depositors={ALDER: -HOUR_MS, BIRCH: -HOUR_MS}, phases=phases)
    (declare,) = [one for one in world.agreement.obligations if one.clause == "2.1"]
    declare = replace(declare, parties=(ALDER,), phases=(strict.name,), tolerance=3 * HOUR_MS)
    world.agreement = replace(world.agreement, obligations=(declare,))
    world.filings = [one for one in world.filings if not isinstance(one.value, Job)]
    first = world.judge().parties[0].clauses[0]
    assert (Verdict.INCONSISTENT, HOUR) == (first.verdict, first.window)
    assert 3 * HOUR_MS <= first.low < 6 * HOUR_MS
