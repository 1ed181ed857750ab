"""Assessments: what a verifier signs is what its audit came to, period by period, and nothing better."""

from dataclasses import replace

import pytest

from allstop.accountancy import Verdict
from allstop.agreement import Accounting
from allstop.errors import UsageError
from allstop.finding import Effect, Finding, Subgoal
from allstop.signals import ASSESSMENT_PREDICATE
from allstop.times import HOUR_MS, Window
from allstop.units import PPM
from allstop.verdict import assess, verdict_digest
from verdict_world import ALDER, BIRCH, HALL, HOUR, LATER, START, honest, terms

NEXT = Window(start=HOUR.end, end=HOUR.end.plus(HOUR_MS))
TWO = Accounting(start=START, period_ms=HOUR_MS, periods=2)


def test_an_assessment_is_the_verdict_in_few_words() -> None:
    """The window, the digest, each bound party's verdict, and full coverage where meters saw everything."""
    verdict = honest().judge()
    found = assess(verdict)
    assert (HOUR, LATER, verdict_digest(verdict)) == (found.window, found.at, found.verdict_digest)
    assert [(one.party, one.verdict) for one in verdict.parties] == [
        (one.party, one.verdict) for one in found.parties
    ]
    assert (Verdict.CONSISTENT, PPM) == (found.parties[0].verdict, found.parties[0].coverage_ppm)
    assert found == ASSESSMENT_PREDICATE.parse(ASSESSMENT_PREDICATE.format(found))


def test_each_period_is_assessed_by_itself() -> None:
    """Two periods, of which nothing was measured in the second: the first stays good, the second is not, nor are both.

    A clause that is judged once for all periods is part of each: then the first is no better than all.
    """
    for count, expected in ((3, Verdict.CONSISTENT), (4, Verdict.UNDETERMINED)):
        verdict = honest(accounting=TWO, obligations=terms().obligations[:count]).judge()
        first, second, both = (assess(verdict, window=window) for window in (HOUR, NEXT, None))
        assert Window(start=HOUR.start, end=NEXT.end) == both.window
        assert [expected, Verdict.UNDETERMINED, Verdict.UNDETERMINED] == [
            one.parties[0].verdict for one in (first, second, both)
        ]
        assert [PPM, 0, PPM // 2] == [one.parties[0].coverage_ppm for one in (first, second, both)]
        assert verdict_digest(verdict) == first.verdict_digest == second.verdict_digest


def test_leaving_out_a_measurement_never_raises_coverage() -> None:
    """Every set of statements less one gives no more coverage, and no better verdict."""
    world = honest()
    whole = assess(world.judge()).parties[0]
    for index in range(len(world.filings)):
        try:
            found = assess(world.judge(without={index})).of(ALDER)
        except UsageError:
            continue
        assert found is not None
        assert found.coverage_ppm is None or found.coverage_ppm <= (whole.coverage_ppm or 0)
        assert whole.verdict is Verdict.CONSISTENT


def test_who_names_no_chips_has_no_coverage_and_a_tenant_nothing_to_be_seen() -> None:
    """Alder without chips: null. Birch, who rents: everything of its own is seen."""
    both = tuple(replace(one, parties=(ALDER, BIRCH)) for one in terms().obligations)
    world = honest(obligations=both)
    bare = [index for index, one in enumerate(world.filings) if one.party == ALDER]
    found = assess(world.judge(without=bare))
    assert [(ALDER, None), (BIRCH, PPM)] == [(one.party, one.coverage_ppm) for one in found.parties]


def test_a_world_that_contradicts_itself_is_inconsistent_in_every_period() -> None:
    """Where no world fits what a party filed, no period of it is better, however good it looks by itself."""
    world = honest(accounting=TWO)
    verdict = world.judge()
    finding = Finding(
        code="TEL-007",
        party=ALDER,
        site=HALL,
        about="node-1",
        rests_on=(0,),
        effect=Effect.BREACH_1A,
        subgoals=(Subgoal.DECLARED_USE_ACCURATE,),
    )
    bent = replace(verdict, findings=(finding,))
    assert Verdict.INCONSISTENT is assess(bent, window=HOUR).parties[0].verdict


def test_what_cannot_be_assessed_is_refused() -> None:
    """No period has ended, or the window is none that was judged."""
    with pytest.raises(UsageError, match="nothing to assess"):
        assess(honest().judge(at=HOUR.end.plus(-1)))
    with pytest.raises(UsageError, match="no judged period is"):
        assess(honest().judge(), window=replace(HOUR, end=NEXT.end))
