"""Re-execution in judgement: levels, credit, the clause of kind verify, and each cheat."""

from dataclasses import replace
from itertools import combinations

import pytest

from allstop.accountancy import Verdict
from allstop.case import ChainFault, ChainFaultKind
from allstop.finding import ChipRange, Level, Subgoal
from allstop.ids import Name, digest_of
from allstop.times import HOUR_MS
from allstop.transcript import Opening, given_bytes
from allstop.verdict import CaseVerdict, ReplayState, verdict_digest
from allstop.workload import JobKind
from replay_world import ITEM_FLOP, ITEM_NS, ITEMS, RECIPE, SAMPLE, Prover, honestly, replayed
from verdict_world import ALDER, HALL, HOUR, LATER, LOT, World, codes

VERIFY = "2.2"


def clause_of(verdict: CaseVerdict, number: str) -> Verdict:
    """Return the verdict on one of Alder's clauses."""
    party = next(one for one in verdict.parties if one.party == ALDER)
    return next(one.verdict for one in party.clauses if one.clause == number)


def only(verdict: CaseVerdict) -> ReplayState:
    """Return the state of the only transcript."""
    (one,) = verdict.replays
    return one.state


def subgoal(verdict: CaseVerdict) -> Verdict | None:
    """Return Alder's verdict on whether declared use is accurate."""
    return next(one for one in verdict.parties if one.party == ALDER).subgoals[Subgoal.DECLARED_USE_ACCURATE]


def test_work_that_replays_is_verified_and_credited() -> None:
    """Alder opens what is drawn: level verified, 1A consistent, and the proven operations leave the room."""
    verdict = replayed().judge()
    (one,) = verdict.replays
    assert one.draw is not None
    assert (ReplayState.PASSED, len(one.draw.indices), 0, 0) == (
        one.state,
        one.passed,
        one.failed,
        one.refused,
    )
    # Two witnesses draw a whole sample each, so that one that colludes leaves the other's.
    assert SAMPLE < len(one.draw.indices) <= 2 * SAMPLE
    assert verdict.jobs[0].level is Level.VERIFIED
    assert Verdict.CONSISTENT is clause_of(verdict, VERIFY)
    assert Verdict.CONSISTENT is subgoal(verdict)
    # A share does not add up over periods.
    assert VERIFY not in {total.clause for total in verdict.parties[0].cumulative}
    assert (Name("cedar"),) == one.attested
    # At most 7 of 40 items may still be forged: 8, a fifth, would have been seen nine times in ten.
    assert 7 == one.forged_items_high
    assert one.detection_ppm >= 900_000
    assert (ITEMS - 7) * ITEM_FLOP == one.proven_flop
    bare = replayed(leave_out=["opening"]).judge()
    assert bare.room_flop[0] - one.proven_flop == verdict.room_flop[0]


def test_the_smallest_run_caught_appears_for_what_was_replayed() -> None:
    """K = (d + 1 - beta^(1/n)) C1: with d = 25 % and n draws at beta 10 %, of one hour of eight fast chips."""
    verdict = replayed().judge()
    capacity = 8 * 2 * 10**15 * 3600
    share = 0.25 + 1 - 0.1 ** (1 / SAMPLE)
    found = verdict.smallest_run_caught_flop
    assert found is not None
    assert share * capacity == pytest.approx(found, rel=1e-6)
    assert replayed(leave_out=["opening"]).judge().smallest_run_caught_flop is None


def test_without_a_verifiers_time_nothing_bounds_what_else_the_chips_did() -> None:
    """The work is verified by whoever holds the openings; how long it takes only a verifier can say."""
    verdict = replayed(leave_out=["replay"]).judge()
    assert verdict.jobs[0].level is Level.VERIFIED
    assert verdict.smallest_run_caught_flop is None


@pytest.mark.parametrize("forged", [ITEMS, ITEMS // 2])
def test_forged_results_break_1a(forged: int) -> None:
    """Cedar's cheat: results for some or all requests are invented; at half, this draw shows it."""

    def do(index: int, given: bytes, nonce: bytes) -> bytes:
        return honestly(index, given, nonce) if index >= forged else bytes(len(honestly(0, given, nonce)))

    verdict = replayed(do=do).judge()
    assert ReplayState.FAILED is only(verdict)
    assert {"TRN-001", "TRN-005"} <= codes(verdict)
    assert Verdict.INCONSISTENT is clause_of(verdict, VERIFY)
    assert Verdict.INCONSISTENT is subgoal(verdict)
    assert verdict.jobs[0].level is Level.PLAUSIBLE


def test_results_computed_before_the_beacon_fail() -> None:
    """Whoever did the work before the nonce was known did other work."""
    verdict = replayed(do=lambda index, given, nonce: honestly(index, given, bytes(32))).judge()
    assert ReplayState.FAILED is only(verdict)


def test_a_refused_opening_breaks_1a_once_it_is_due() -> None:
    """Nothing, or all but one item, is opened: first there is time, then it is refusal."""
    prover = Prover().start().commit()
    drawn = prover.draw()
    prover.open(drawn[1:])
    world = prover.close()
    early = world.judge(at=world.clock)
    assert (ReplayState.WAITING, Verdict.UNDETERMINED) == (only(early), subgoal(early))
    late = world.judge()
    assert (ReplayState.REFUSED, Verdict.INCONSISTENT) == (only(late), subgoal(late))
    assert "TRN-002" in codes(late)


def test_a_beacon_after_the_window_shows_nothing() -> None:
    """What was done after its window, in half an hour that nobody accounts for, is no work of the window."""
    prover = Prover(beacon_at=HOUR.end.plus(HOUR_MS // 2)).start().commit(at=HOUR.end.plus(HOUR_MS))
    prover.world.clock = HOUR.end.plus(HOUR_MS)
    prover.open(prover.draw())
    assert ReplayState.VOID is only(prover.close().judge())


def test_an_opening_of_nothing_is_a_refusal_once_a_verifier_says_so() -> None:
    """A blob that nobody ever gets is not held; that it was withheld only the log can say."""
    prover = Prover(do=lambda index, given, nonce: bytes(2 * 4 * 4)).start().commit()
    drawn = prover.draw()
    nothing = digest_of(b"a blob that does not exist")
    opening = Opening(transcript=prover.digest, blob=nothing, model=None)
    prover.world.file(ALDER, opening, subjects=(nothing,))
    silent = prover.close().judge()
    assert (ReplayState.NOT_HELD, Verdict.UNDETERMINED) == (only(silent), subgoal(silent))
    early = prover.replay(passed=0)
    assert ReplayState.NOT_HELD is only(prover.world.judge())
    prover.world.filings[early] = replace(prover.world.filings[early], at=LATER.plus(-HOUR_MS))
    said = prover.world.judge()
    assert (ReplayState.REFUSED, Verdict.INCONSISTENT) == (only(said), subgoal(said))
    assert len(drawn) == said.replays[0].refused


def test_a_verifier_that_got_nothing_accuses_nobody_where_another_got_it() -> None:
    """Cedar attests, and later says that it got nothing: a reader without the blob sees not held, no refusal."""
    prover = Prover().start().commit()
    prover.open(prover.draw())
    blob = prover.world.filings[-1].subjects[0]
    prover.replay()
    late = prover.replay(passed=0)
    prover.world.filings[late] = replace(prover.world.filings[late], at=LATER.plus(-HOUR_MS))
    assert ReplayState.NOT_HELD is only(prover.close().judge(without_blobs=[blob]))


def test_a_job_declared_after_the_draw_does_not_count() -> None:
    """Else whoever likes the draw would declare the job, and whoever does not would have committed to nothing."""
    prover = Prover(job=Name("run-2")).start().commit()
    drawn = prover.draw()
    chips = (ChipRange(lot=LOT, first=0, until=8),)
    prover.world.job("run-2", flop=ITEMS * ITEM_FLOP, kind=JobKind.INFERENCE, chips=chips)
    prover.open(drawn)
    assert ReplayState.VOID is only(prover.close().judge())


def test_an_attestation_covers_everything_that_was_drawn() -> None:
    """A verifier that did one item and says that all passed attests nothing."""
    prover = Prover().start().commit()
    prover.open(prover.draw())
    prover.drawn = prover.drawn[:1]
    prover.replay()
    assert () == prover.close().judge().replays[0].attested


def test_a_broken_chain_excuses_no_refusal() -> None:
    """Alder forks its own chain after an unlucky draw: no credit, and the refusal stays."""
    prover = Prover().start().commit()
    prover.draw()
    world = prover.close()
    world.faults = (
        ChainFault(party=ALDER, entry_index=0, kind=ChainFaultKind.FORK, text="forked", rests_on=(0,)),
    )
    verdict = world.judge()
    assert (ReplayState.REFUSED, Verdict.INCONSISTENT) == (only(verdict), subgoal(verdict))


def test_a_missing_item_opened_later_heals_the_refusal() -> None:
    """A commitment binds, so what was committed may be opened at any time."""
    prover = Prover().start().commit()
    drawn = prover.draw()
    prover.open(drawn[1:])
    prover.open(drawn[:1])
    assert ReplayState.PASSED is only(prover.close().judge())


def test_a_late_commitment_shows_nothing() -> None:
    """Committed later than the agreement allows: no credit, no breach."""
    prover = Prover().start().commit(at=HOUR.end.plus(3 * HOUR_MS))
    prover.world.clock = HOUR.end.plus(3 * HOUR_MS)
    prover.open(prover.draw())
    verdict = prover.close().judge()
    assert (ReplayState.VOID, Verdict.UNDETERMINED) == (only(verdict), subgoal(verdict))
    assert "TRN-003" in codes(verdict)


def test_a_stale_beacon_shows_nothing() -> None:
    """With a beacon from long before the window the work may have been done before it."""
    verdict = replayed(beacon_at=HOUR.start.plus(-2 * HOUR_MS)).judge()
    assert ReplayState.VOID is only(verdict)
    assert "older" in verdict.replays[0].why


@pytest.mark.parametrize("job", ["run-2", "other"])
def test_a_transcript_for_no_declared_job_shows_nothing(job: str) -> None:
    """A transcript hangs on a declaration."""
    assert ReplayState.VOID is only(replayed(job=Name(job)).judge())


def test_work_hidden_beside_the_items_does_not_fit_their_time() -> None:
    """The chips were busy all hour and the items take a tenth of it: the rest nobody declared."""
    prover = Prover().start().commit()
    prover.open(prover.draw())
    prover.replay(low=ITEM_NS // 10, high=ITEM_NS // 8)
    verdict = prover.close().judge()
    assert Verdict.INCONSISTENT is clause_of(verdict, "2.1")
    assert "ACC-001" in codes(verdict)
    assert verdict.smallest_run_caught_flop is None
    account = next(part for part in verdict.sites[0].balances[0][0].by_job if part.job == "run-1")
    assert account.active_low_chip_ms - HOUR_MS == account.excess_low_chip_ms


def test_declaring_more_than_was_committed_is_no_way_out() -> None:
    """With operations that no transcript shows, activity accuses nobody; but the job is not verified either."""
    prover = Prover(flop=10 * ITEMS * ITEM_FLOP).start().commit()
    prover.open(prover.draw())
    prover.replay(low=ITEM_NS // 10, high=ITEM_NS // 8)
    verdict = prover.close().judge()
    assert Verdict.UNDETERMINED is clause_of(verdict, VERIFY)
    assert Level.PLAUSIBLE is verdict.jobs[0].level


def test_an_opening_that_is_not_held_is_not_refused() -> None:
    """A reader without the blob sees less, and accuses nobody; the digest says so."""
    world = replayed()
    opened = world.filings[-3].subjects[0]
    verdict = world.judge(without_blobs=[opened])
    assert (ReplayState.NOT_HELD, Verdict.UNDETERMINED) == (only(verdict), subgoal(verdict))
    assert (Name("cedar"),) == verdict.replays[0].attested
    assert verdict_digest(world.judge()) != verdict_digest(verdict)


def test_a_name_used_twice_counts_once() -> None:
    """The second transcript of a name would credit the same work again."""
    prover = Prover().start().commit()
    prover.open(prover.draw())
    prover.world.filings.append(prover.world.filings[prover.filed])
    verdict = prover.close().judge()
    assert [ReplayState.PASSED, ReplayState.VOID] == [one.state for one in verdict.replays]
    assert verdict.replays[0].proven_flop == sum(one.proven_flop for one in verdict.replays)


def test_another_partys_transcript_for_the_job_shows_nothing() -> None:
    """Dogwood cannot prove, or spoil, what Alder's chips did."""
    verdict = replayed(party=Name("dogwood")).judge()
    assert ReplayState.VOID is only(verdict)


def test_credit_is_at_most_what_the_chips_could_have_done() -> None:
    """A surplus of operations, done elsewhere, pays for nothing."""
    account = replayed(count=ITEMS).judge().sites[0].balances[0][0]
    assert all(part.credited_flop <= part.flop_high for part in account.by_job)
    assert account.room_flop >= 0


@pytest.mark.parametrize("count", [1, 2])
def test_leaving_out_statements_or_blobs_never_helps(count: int) -> None:
    """Whatever one or two filings or blobs are missing: no clause turns CONSISTENT, no room shrinks."""
    worlds = {
        "honest": replayed(),
        "forged": replayed(do=lambda index, given, nonce: bytes(2 * 4)),
        "hidden": _hidden(),
    }
    for name, world in worlds.items():
        whole = world.judge()
        before = {(clause.clause): clause.verdict for clause in whole.parties[0].clauses}
        own = [n for n, filing in enumerate(world.filings) if filing.party == ALDER]
        for without in combinations(own, count):
            less = world.judge(without=without)
            if not less.parties or less.parties[0].room_flop is None:
                continue
            for clause in less.parties[0].clauses:
                if before[clause.clause] is not Verdict.CONSISTENT:
                    assert clause.verdict is not Verdict.CONSISTENT, (name, without, clause.clause)
            if whole.parties[0].room_flop is not None:
                assert less.parties[0].room_flop >= whole.parties[0].room_flop, (name, without)


def _hidden() -> World:
    prover = Prover().start().commit()
    prover.open(prover.draw())
    prover.replay(low=ITEM_NS // 10, high=ITEM_NS // 8)
    return prover.close()


def test_requests_are_as_long_as_the_recipe_says() -> None:
    """The tiny recipe of these worlds really is executed."""
    assert 2 * 8 == given_bytes(RECIPE)
    assert HALL == replayed().judge().replays[0].filed.value.site
