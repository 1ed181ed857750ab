"""What others file about a job's transcripts: it neither accuses, nor clears, nor uses up an audit."""

from dataclasses import replace

import pytest

from agreement_examples import party
from allstop.accountancy import Verdict
from allstop.agreement import Edge, PartyKind, Relation
from allstop.finding import Level
from allstop.ids import Digest, Name, digest_of
from allstop.times import HOUR_MS
from allstop.transcript import Opening, Transcript, format_recipe
from allstop.verdict import CaseVerdict, ReplayState, Segment, segments_of
from replay_world import ITEM_NS, RECIPE, SAMPLE, Prover, replay_terms
from verdict_world import ALDER, BIRCH, CEDAR, DOGWOOD, ELM, HALL, HOUR, LATER, World, statement_digest

GARBAGE = b"no items"


def beside(prover: Prover, party: Name) -> Prover:
    """Return a prover of garbage about the same job, who commits and opens in the same log."""
    other = Prover(
        do=lambda index, given, nonce: bytes(64), party=party, name=Name("other"), world=prover.world
    )
    other.beacon = prover.beacon
    return other.commit()


def judged_with_garbage_of(party: Name) -> CaseVerdict:
    """Alder's transcript passes; another party's, of the same job, fails."""
    prover = Prover().start().commit()
    other = beside(prover, party)
    drawn = prover.draw()
    prover.open(drawn)
    prover.replay()
    other.drawn = drawn
    prover.world.papers[digest_of(GARBAGE)] = GARBAGE
    opening = Opening(transcript=other.digest, blob=digest_of(GARBAGE), model=None)
    prover.world.file(party, opening, subjects=(digest_of(GARBAGE),))
    return prover.close().judge()


def verify_of(verdict: CaseVerdict) -> Verdict:
    """Return Alder's verdict on the clause that asks for replay."""
    party = next(one for one in verdict.parties if one.party == ALDER)
    return next(one.verdict for one in party.clauses if one.clause == "2.2")


def test_what_a_tenant_makes_up_breaks_no_clause_of_the_operator() -> None:
    """Birch, tenant of the job, opens garbage: a finding against Birch; Alder's own items still show its work."""
    verdict = judged_with_garbage_of(BIRCH)
    assert [ReplayState.PASSED, ReplayState.FAILED] == [one.state for one in verdict.replays]
    assert {BIRCH} == {one.party for one in verdict.findings if one.code == "TRN-001"}
    assert Verdict.CONSISTENT is verify_of(verdict)
    # The job as a whole is not verified, as long as one of its transcripts fails.
    assert verdict.jobs[0].level is Level.PLAUSIBLE


def test_what_a_bystander_makes_up_colours_no_chip_time_of_others() -> None:
    """Dogwood, who has no say in the job, opens garbage under its name: the picture of Alder's site stays."""
    honest = Prover().start().commit()
    honest.open(honest.draw())
    honest.replay()
    plain = honest.close().judge()
    verdict = judged_with_garbage_of(DOGWOOD)
    assert ReplayState.FAILED is verdict.replays[1].state
    assert Level.VERIFIED is verdict.jobs[0].level
    assert dict(segments_of(plain, HALL))[Segment.UNACCOUNTED] == 0
    assert segments_of(plain, HALL) == segments_of(verdict, HALL)


def test_large_items_of_others_use_up_nobodys_audit() -> None:
    """Dogwood fills the allowance of an audit with items of no job, ever smaller ones, before Alder commits."""
    prover = Prover().start()
    world = prover.world
    world.papers[digest_of(GARBAGE)] = GARBAGE
    for rows, width, times in ((2048, 1024, 570), (256, 256, 120), (16, 32, 120), (1, 2, 120)):
        recipe = format_recipe(replace(RECIPE, rows=rows, width=width))
        world.papers[digest_of(recipe)] = recipe
        for number in range(times):
            huge = Transcript(
                transcript=Name(f"rows-{rows}-{number}"),
                job=Name("none"),
                site=HALL,
                window=HOUR,
                recipe=digest_of(recipe),
                beacon=digest_of(prover.beacon),
                model=digest_of(b"model"),
                count=10**7 if rows > 1 else 1,
                root=digest_of(b"root"),
            )
            filed = world.file(DOGWOOD, huge, subjects=(digest_of(recipe),))
            opening = Opening(
                transcript=statement_digest(filed, DOGWOOD), blob=digest_of(GARBAGE), model=None
            )
            world.file(DOGWOOD, opening, subjects=(digest_of(GARBAGE),))
    world.clock = HOUR.end
    prover.commit()
    prover.open(prover.draw())
    states = [one.state for one in prover.close().judge().replays]
    assert {ReplayState.FAILED, ReplayState.VOID} == set(states[:-1])
    assert ReplayState.PASSED is states[-1]


def test_what_is_opened_is_read_until_nothing_more_is_wanted() -> None:
    """A prover opens one blob many times over: once all drawn items are judged, or it was read, it is not read again."""
    prover = Prover().start().commit()
    drawn = prover.draw()
    first = prover.open(drawn[1:])
    again = prover.world.filings[first]
    for _ in range(20):
        prover.world.file(ALDER, again.value, subjects=again.subjects)
    prover.open(drawn[:1])
    world = prover.close()
    reads: list[Digest] = []

    class Papers(dict[Digest, bytes]):
        def __getitem__(self, digest: Digest) -> bytes:
            reads.append(digest)
            return super().__getitem__(digest)

    blob = again.subjects[0]
    world.papers = Papers(world.papers)
    assert ReplayState.PASSED is world.judge().replays[0].state
    assert 1 == reads.count(blob)


@pytest.mark.parametrize("party", [ALDER, BIRCH])
def test_a_verifier_of_the_tenants_own_times_no_items(party: Name) -> None:
    """Birch owns Cedar, the verifier: Cedar's word on the time of an item of Birch's job explains nothing."""
    agreement = replay_terms()
    owned = replace(
        agreement, edges=(*agreement.edges, Edge(source=BIRCH, relation=Relation.OWNS, target=CEDAR))
    )
    prover = Prover(party=party, world=World(agreement=owned)).start().commit()
    prover.open(prover.draw())
    prover.replay()
    verdict = prover.close().judge()
    assert ((), None) == (verdict.replays[0].attested, verdict.replays[0].item_ns)
    assert SAMPLE <= verdict.replays[0].passed


def test_the_smallest_run_caught_is_that_at_the_agreed_f() -> None:
    """Two verifiers time the items. At f = 1 the operator's meters alone bound nothing, so no run is sure to be caught."""
    agreement = replay_terms()
    parties = tuple(
        replace(one, kind=PartyKind.VERIFIER) if one.id == DOGWOOD else one for one in agreement.parties
    )
    for liars, is_known in ((0, True), (1, False)):
        terms = replace(agreement.verification, liars=liars)
        world = World(agreement=replace(agreement, parties=parties, verification=terms))
        prover = Prover(world=world, site_level="idle").start().commit()
        prover.open(prover.draw())
        said = world.filings[prover.replay(low=ITEM_NS // 2)].value
        world.file(DOGWOOD, said)
        verdict = prover.close().judge()
        assert verdict.replays[0].item_ns is not None
        assert is_known is (verdict.smallest_run_caught_flop is not None)


def test_one_friendly_verifier_turns_no_refusal_into_a_blob_not_held() -> None:
    """At f = 1 two verifiers say that they got nothing; that a third says it got all is the word of one that may lie."""
    agreement = replay_terms()
    others = tuple(one for one in agreement.parties if one.id != DOGWOOD)
    verifiers = tuple(
        party(name, number, kind=PartyKind.VERIFIER) for number, name in enumerate((DOGWOOD, ELM), start=8)
    )
    terms = replace(agreement.verification, liars=1)
    world = World(agreement=replace(agreement, parties=(*others, *verifiers), verification=terms))
    prover = Prover(world=world).start().commit()
    prover.open(prover.draw())
    blob = world.filings[-1].subjects[0]
    prover.replay()
    states = []
    for verifier in (DOGWOOD, ELM):
        nothing = prover.replay(passed=0)
        world.filings[nothing] = replace(
            world.filings[nothing], party=verifier, signers=frozenset({verifier}), at=LATER.plus(-HOUR_MS)
        )
        states.append(world.judge(without_blobs=[blob]).replays[0].state)
    assert [ReplayState.NOT_HELD, ReplayState.REFUSED] == states
