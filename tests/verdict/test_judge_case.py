"""Judging whole cases: periods, entry into force, silence, the instant, and that order and machine do not matter."""

import json
from dataclasses import replace

import pytest

from allstop.accountancy import Verdict
from allstop.agreement import Accounting, Silence
from allstop.canon import format_json
from allstop.case import ChainFault, ChainFaultKind
from allstop.errors import LimitError
from allstop.finding import Subgoal
from allstop.ids import Name
from allstop.times import DAY_MS, HOUR_MS, Instant
from allstop.verdict import CaseVerdict, format_verdict, verdict_digest
from verdict_world import ALDER, BIRCH, HOUR, LATER, START, World, codes, honest, power, terms


def reasons(verdict: CaseVerdict) -> str:
    """Return all reasons of the first party's clauses in one text."""
    return "; ".join(text for clause in verdict.parties[0].clauses for text in clause.reasons)


def in_force(silence: Silence = Silence.UNDETERMINED) -> World:
    """Return the honest world under an agreement that both parties deposited an hour before it begins."""
    clauses = tuple(replace(one, timeliness_ms=DAY_MS, silence=silence) for one in terms().obligations)
    world = honest(obligations=clauses, accounting=Accounting(start=None, period_ms=HOUR_MS, periods=1))
    world.agreement = replace(
        world.agreement, entry=replace(world.agreement.entry, deadline=START, lead_ms=HOUR_MS)
    )
    for party in (ALDER, BIRCH):
        world.file(party, None, predicate="deposit", body={"deadlineSeen": None}, at=START.plus(-HOUR_MS))
        world.filings.insert(0, world.filings.pop())
    return world


def test_accounts_may_begin_with_entry_into_force() -> None:
    """The period is the hour after the lead time; honesty earns CONSISTENT there too."""
    verdict = in_force().judge()
    assert (HOUR,) == verdict.windows
    assert (False, START) == (verdict.is_retrospective, verdict.entry.in_force_from)
    assert (Verdict.CONSISTENT, set()) == (verdict.verdict, codes(verdict))


def test_an_agreement_that_never_came_into_force_judges_nothing() -> None:
    """Without one deposit there is no period, and what was not judged is UNDETERMINED."""
    verdict = in_force().judge(without={0})
    assert ((), Verdict.UNDETERMINED) == (verdict.windows, verdict.verdict)
    assert verdict.entry.in_force_from is None
    assert "an ended accounting period" in reasons(verdict)


def test_a_period_that_has_not_ended_is_not_judged() -> None:
    """A millisecond before its end there is nothing to judge."""
    world = honest()
    world.filings = [replace(one, at=HOUR.end) for one in world.filings]
    assert (HOUR,) == world.judge(at=HOUR.end).windows
    assert () == world.judge(at=HOUR.end.plus(-1)).windows


def test_what_is_filed_after_the_instant_is_not_seen() -> None:
    """The same log at an earlier instant gives the verdict of then."""
    world = honest()
    before_the_close = world.filings[7].at.plus(-1)
    verdict = world.judge(at=before_the_close)
    assert (7, 1) == (verdict.state.counted, verdict.state.pending)
    assert (Verdict.UNDETERMINED, True) == (verdict.verdict, "missing: period-close" in reasons(verdict))


@pytest.mark.parametrize("at", [HOUR.end.plus(31 * DAY_MS - 1), HOUR.end.plus(31 * DAY_MS)])
def test_silence_is_breach_only_where_agreed_and_after_the_cure(at: Instant) -> None:
    """A day to file and thirty to cure: at the last moment INCONSISTENT, a millisecond before it UNDETERMINED."""
    for silence in Silence:
        world = in_force(silence)
        del world.filings[-1]
        is_breach = silence is Silence.BREACH and at == HOUR.end.plus(31 * DAY_MS)
        expected = Verdict.INCONSISTENT if is_breach else Verdict.UNDETERMINED
        assert expected is world.judge(at=at).verdict


def test_a_close_that_comes_late_is_late() -> None:
    """Filed a millisecond after its day, it does not meet the duty."""
    world = in_force()
    world.filings[-1] = replace(world.filings[-1], at=HOUR.end.plus(DAY_MS + 1))
    assert "missing: period-close in time" in reasons(world.judge())


def test_evidence_that_is_asked_for_and_missing_is_named() -> None:
    """Chips, meters and measurements, each by its site."""
    world = World(agreement=terms())
    world.site()
    world.close()
    found = reasons(world.judge())
    for text in ("chips of site hall-1", "a meter at site hall-1", "a measurement of site hall-1"):
        assert f"missing: {text}" in found
    assert "missing: a declared site" in reasons(World(agreement=terms()).judge())


def test_a_site_that_nobody_declared_is_missing_and_still_counts() -> None:
    """Leaving out the declaration of the site leaves its chips in the accounts."""
    verdict = honest().judge(without={0})
    assert "missing: a declaration of site hall-1" in reasons(verdict)
    assert verdict.room_flop == honest().judge().room_flop


def test_a_tenant_that_rents_from_nobody_shows_nothing() -> None:
    """By the edges of the agreement Birch rents nowhere: no site could clear it."""
    clauses = tuple(replace(one, parties=(BIRCH,)) for one in terms().obligations)
    world = honest(obligations=clauses, edges=())
    world.close(BIRCH)
    verdict = world.judge()
    assert "from whom the agreement says it rents" in reasons(verdict)
    assert "a tenant cannot show" in reasons(verdict)
    assert verdict.verdict is Verdict.UNDETERMINED


def test_subgoals_without_a_clause_are_not_covered() -> None:
    """2B stands beside the verdict and is not part of it."""
    (party,) = honest().judge().parties
    assert {Subgoal.KNOWN_SITES_ACCOUNTED} == {
        subgoal for subgoal, verdict in party.subgoals.items() if verdict is not None
    }


def test_too_many_periods_are_refused_before_any_work() -> None:
    """The limit has a message, and no partial verdict."""
    accounting = Accounting(start=START, period_ms=1, periods=None)
    with pytest.raises(LimitError, match="want at most 4096"):
        honest(accounting=accounting).judge()


def test_room_is_summed_over_sites_and_periods() -> None:
    """Two halls and two hours: what could be hidden adds up, since one run may use them all."""
    world = World(agreement=terms(accounting=Accounting(start=START, period_ms=HOUR_MS, periods=2)))
    world.site()
    world.chips(8)
    world.site(Name("hall-2"))
    world.chips(8, site=Name("hall-2"))
    verdict = world.judge()
    one = 8 * 2 * 10**15 * 3600
    assert (4 * one, 4 * one) == verdict.room_flop
    assert [(2 * one, 2 * one)] * 2 == [site.room_flop for site in verdict.sites]


def test_no_figure_depends_on_the_order_in_which_meters_were_filed() -> None:
    """Other entry numbers, the same accounts and clauses."""
    world = honest()
    world.filings[2], world.filings[3] = world.filings[3], world.filings[2]
    one, other = honest().judge(), world.judge()
    assert one.sites == other.sites
    assert one.parties == other.parties


def test_one_case_has_one_digest() -> None:
    """Judged twice, the same bytes; with another instant, blob or statement, others."""
    world = honest()
    digests = [
        verdict_digest(one)
        for one in (
            world.judge(),
            honest().judge(),
            world.judge(at=LATER.plus(-1)),
            world.judge(without_blobs=[min(world.blobs)]),
            world.judge(without={6}),
        )
    ]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_every_form_of_a_verdict_can_be_written() -> None:
    """A verdict with findings, open ends, one-sided jobs and negative energy is still JSON."""
    world = honest()
    broken = power("idle", 61)
    backwards = type(broken)(t=broken.t[::-1].copy(), v=broken.v, epoch=broken.epoch)
    world.measure("node-2", backwards)
    world.job("run-2", 8, 16, signers=())
    world.faults = (
        ChainFault(party=BIRCH, entry_index=0, kind=ChainFaultKind.FALSE_CHECKPOINT, text="x", rests_on=(0,)),
    )
    value = json.loads(format_json(format_verdict(world.judge())))
    assert value["sites"][0]["believedMillijoule"].isdigit()
    only = World(agreement=terms())
    only.site()
    only.chips()
    only.meter("node-1")
    only.measure("node-1", backwards)
    shown = json.loads(format_json(format_verdict(only.judge())))
    assert shown["sites"][0]["measuredMillijoule"].startswith("-")
    assert shown["sites"][0]["believedMillijoule"] == "0"


def test_a_party_that_names_no_chips_has_bounded_nothing() -> None:
    """Filing nothing but a site and a close must not read as no room to hide."""
    world = World(agreement=terms())
    world.site()
    world.close()
    (party,) = world.judge().parties
    assert party.room_flop is None
    assert party.verdict is Verdict.UNDETERMINED
    prohibit = next(one for one in party.clauses if one.clause == "3.1")
    assert (None, Verdict.UNDETERMINED) == (prohibit.high, prohibit.verdict)


def test_amounts_below_the_tolerance_that_recur_are_summed() -> None:
    """Each period alone stays below; the sum over both is shown beside them."""
    world = honest(accounting=Accounting(start=START, period_ms=HOUR_MS // 2, periods=2))
    (party,) = world.judge().parties
    for total in party.cumulative:
        parts = [one for one in party.clauses if one.clause == total.clause]
        assert 2 == len(parts)
        assert (total.low, total.high) == (sum(one.low for one in parts), sum(one.high or 0 for one in parts))
    assert ["1.1", "1.2", "2.1"] == [total.clause for total in party.cumulative]


def test_energy_that_two_parties_metered_is_counted_once() -> None:
    """A verifier's meter over the same server measures the same energy, not more of it."""
    alone = honest().judge().sites[0]
    world = honest()
    world.meter("again", 0, 8, party=Name("cedar"))
    world.measure("again", power("busy", 3), party=Name("cedar"))
    assert alone.measured_millijoule == world.judge().sites[0].measured_millijoule > 0
