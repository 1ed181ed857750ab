"""Lint of phases: each rule fires on the smallest agreement that deserves it, and on nothing else."""

from dataclasses import replace

import pytest

from allstop.agreement import (
    AllOf,
    AnyOf,
    AtLeast,
    OnAssessment,
    OnConfirmed,
    OnCoverage,
    OnDate,
    OnElapsed,
    OnMeasure,
    OnMotion,
    OnSignal,
    PhaseFormula,
    PhaseLeaf,
    PhaseTerms,
    describe_event,
    describe_length,
    describe_when,
    lint,
    parse_agreement,
)
from allstop.finding import SignalKind, Verdict
from allstop.ids import Name
from allstop.times import DAY_MS, HOUR_MS, Instant
from make_vectors.make_agreement_vectors import make
from phase_world import (
    BEFORE,
    EASING,
    EMERGENCY,
    END,
    ENDED,
    LIFE,
    PAUSED,
    RULE,
    START,
    agreement,
    assessed,
    change,
    phase,
    wire,
)

VOTE = OnMotion(motion=START)
CALM = PhaseTerms(
    phases=(
        phase(BEFORE, low=DAY_MS),
        phase(EMERGENCY, high=30 * DAY_MS, then=BEFORE),
        phase(PAUSED),
        phase(ENDED),
    ),
    transitions=(
        change(BEFORE, EMERGENCY, wire()),
        change(BEFORE, PAUSED, VOTE),
        change(EMERGENCY, PAUSED, VOTE),
        change(PAUSED, ENDED, OnMotion(motion=END)),
    ),
)
"""Phases in which lint finds nothing."""


def codes(terms: PhaseTerms) -> list[str]:
    """Return the codes of phases that lint finds, in order."""
    return [one.code for one in lint(agreement(terms), {}) if "AGR-030" <= one.code < "AGR-040"]


def with_change(*changes: object, drop: int | None = None) -> PhaseTerms:
    """Return the calm phases with these transitions more, and one less."""
    kept = tuple(one for index, one in enumerate(CALM.transitions) if index != drop)
    return replace(CALM, transitions=kept + changes)  # type: ignore[operator]  # transitions all


def test_calm_phases_have_no_finding() -> None:
    """Without this every other test could pass by accident; and no phases, no findings."""
    assert [] == codes(CALM)
    assert [] == [one for one in lint(agreement(None), {}) if "AGR-030" <= one.code < "AGR-040"]


def test_a_phase_that_nothing_leads_to_is_named() -> None:
    """AGR-030: without the way in, and where only what is unreachable leads there."""
    lost = replace(CALM, phases=(*CALM.phases, phase(EASING)), transitions=CALM.transitions)
    assert ["AGR-030", "AGR-031"] == codes(lost)
    led = replace(lost, transitions=(*CALM.transitions, change(EASING, ENDED, VOTE)))
    assert ["AGR-030"] == codes(led)
    assert [] == codes(replace(led, transitions=(*led.transitions, change(PAUSED, EASING, VOTE))))


def test_a_phase_that_nothing_ends_is_named() -> None:
    """AGR-031: no transition and no greatest length; an end needs none."""
    assert ["AGR-030", "AGR-031"] == codes(with_change(drop=3))
    assert ["AGR-031"] == codes(PhaseTerms(phases=(phase(PAUSED),), transitions=()))


def test_an_emergency_that_does_not_lapse_is_named() -> None:
    """AGR-032: signals alone start it; with a greatest length, or with a vote among what must hold, it is none."""
    open_ended = replace(CALM, phases=(CALM.phases[0], phase(EMERGENCY), *CALM.phases[2:]))
    assert ["AGR-032"] == codes(open_ended)
    with_vote = replace(CALM.transitions[0], when=AllOf(of=(wire(), VOTE)))
    assert [] == codes(replace(open_ended, transitions=(with_vote, *CALM.transitions[1:])))
    either = replace(CALM.transitions[0], when=AnyOf(of=(wire(), VOTE)))
    assert ["AGR-032"] == codes(replace(open_ended, transitions=(either, *CALM.transitions[1:])))


@pytest.mark.parametrize(
    ("when", "lead", "expected"),
    [
        (VOTE, 30 * DAY_MS, []),
        (VOTE, 30 * DAY_MS + 1, ["AGR-033"]),
        (AllOf(of=(VOTE, OnElapsed(ms=30 * DAY_MS))), 1, ["AGR-033"]),
        (AnyOf(of=(VOTE, OnElapsed(ms=31 * DAY_MS))), 0, []),
        (AtLeast(count=2, of=(VOTE, OnElapsed(ms=31 * DAY_MS), OnMeasure(measure=RULE))), 0, []),
    ],
)
def test_a_confirmation_that_comes_after_the_lapse_is_named(
    when: PhaseFormula, lead: int, expected: list[str]
) -> None:
    """AGR-033: lead and agreed waiting outlast the phase."""
    assert expected == codes(with_change(change(EMERGENCY, PAUSED, when, lead=lead), drop=2))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (wire(1, 1), "one party alone can lift"),
        (wire(2, 1), "one bloc alone can lift"),
        (wire(2, 2), None),
        (assessed(Verdict.CONSISTENT, verifiers=1, blocs=1), "one party alone can lift"),
        (AnyOf(of=(VOTE, wire(1, 1))), "one party alone can lift"),
        (AllOf(of=(VOTE, wire(1, 1))), None),
        (AllOf(of=(wire(2, 2), assessed(Verdict.CONSISTENT, verifiers=1, blocs=1))), None),
        (AtLeast(count=1, of=(wire(2, 2), wire(3, 1))), "one bloc alone can lift"),
        (OnElapsed(ms=DAY_MS), None),
    ],
)
def test_who_alone_can_lift_is_named(when: PhaseFormula, expected: str | None) -> None:
    """AGR-034: counts of one, of parties and of blocs; time alone is nobody's doing."""
    terms = with_change(change(PAUSED, BEFORE, when))
    found = [one.text for one in lint(agreement(terms), {}) if one.code == "AGR-034"]
    assert [expected] * (expected is not None) == [text.partition(":")[0] for text in found]


def test_an_emergency_that_can_be_renewed_at_once_is_named() -> None:
    """AGR-035: it lapses to where it can start again; a least length there, or another phase, ends the finding."""
    at_once = replace(CALM, phases=(phase(BEFORE), *CALM.phases[1:]))
    assert ["AGR-035"] == codes(at_once)
    elsewhere = replace(at_once.phases[1], then=PAUSED)
    assert [] == codes(replace(at_once, phases=(at_once.phases[0], elsewhere, *at_once.phases[2:])))


def test_a_pause_that_fewer_can_lift_than_start_is_named() -> None:
    """AGR-036: a vote starts it and two verifiers lift it."""
    terms = with_change(change(PAUSED, BEFORE, assessed(Verdict.CONSISTENT)))
    assert ["AGR-036"] == codes(terms)
    (found,) = (one.text for one in lint(agreement(terms), {}) if one.code == "AGR-036")
    assert "phase paused takes a decision to start and 2 of those who file to lift" == found
    timed = with_change(change(PAUSED, BEFORE, OnElapsed(ms=DAY_MS)))
    assert ["AGR-036"] == codes(timed)


def test_the_example_of_the_page_is_linted() -> None:
    """The worked example of spec/phases.md has no error and no warning of phases, and says what is known of it."""
    document = make()["agreement-document/valid-with-phases.json"]["canonical"].encode()
    found = [one for one in lint(parse_agreement(document), {}) if "AGR-030" <= one.code < "AGR-040"]
    assert [("AGR-035", "note"), ("AGR-036", "note")] == [(one.code, one.severity.value) for one in found]
    assert ["AGR-035"] == codes(LIFE)[:1]


def test_every_event_and_group_has_words() -> None:
    """Events, groups and lengths as people read them."""
    expected: dict[PhaseLeaf, str] = {
        VOTE: "motion start is adopted",
        wire(): "2 parties of 2 blocs signal the tripwire wire",
        OnSignal(name=Name("leak"), kind=SignalKind.INCIDENT, parties=1, blocs=1): "1 party of 1 bloc signal the incident leak",
        OnDate(date=Instant(0)): "it is 1970-01-01T00:00:00Z",
        OnAssessment(verdict=Verdict.CONSISTENT, parties=2, verifiers=3, blocs=1): "3 verifiers of 1 bloc assess 2 parties as CONSISTENT",
        OnCoverage(floor_ppm=999_500, longer_than_ms=36 * HOUR_MS, parties=1, verifiers=1, blocs=1): "1 verifier of 1 bloc report coverage of 1 party below 99.95 % for longer than 36 hours",
        OnElapsed(ms=DAY_MS): "1 day of the phase have passed",
        OnConfirmed(findings=2): "2 findings confirmed by the panel",
        OnMeasure(measure=RULE): "measure snap-back takes effect",
    }  # fmt: skip
    for leaf, words in expected.items():
        assert words == describe_event(leaf)
    some: PhaseFormula = AtLeast(count=1, of=(VOTE,))
    either: PhaseFormula = AnyOf(of=(OnConfirmed(findings=1), some))
    group: PhaseFormula = AllOf(of=(VOTE, either))
    words = "all of: motion start is adopted; (any of: 1 finding confirmed by the panel; (at least 1 of: motion start is adopted))"
    assert words == describe_when(group)
    lengths = [90_000, 60_000, 1, 0, 48 * HOUR_MS]
    assert ["90 seconds", "1 minute", "1 ms", "0 days", "2 days"] == [describe_length(ms) for ms in lengths]
