"""Phases: every small history against a slow reference, and what no coalition, stall or order can do."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.agreement import OnCoverage, OnElapsed, PhaseFormula, PhaseTerms
from allstop.finding import Verdict
from allstop.ids import Name
from allstop.standing import PhaseEvents, PhaseSpan, phases_of
from allstop.times import Instant
from phase_reference import RefSpan, names, ref_phases, run
from phase_values import any_events, any_terms
from phase_world import (
    ALDER,
    BAD,
    BEFORE,
    BIRCH,
    CEDAR,
    DOGWOOD,
    EASING,
    ELM,
    EMERGENCY,
    ENDED,
    GOOD,
    IN_FORCE,
    LAST,
    LIFE,
    PARTIES,
    PAUSED,
    START,
    VERIFIERS,
    agreement,
    assessed,
    before,
    change,
    coalitions,
    filed_assessment,
    filed_signal,
    motions,
    phase,
    wire,
)


def test_every_small_history_of_signals_and_votes_agrees_with_the_reference() -> None:
    """Three parties signal, or do not, at each of five instants, and a vote starts a pause: all 1,296 histories."""
    text, times = agreement(LIFE), (None, 2, 3, 5, 7, 9)
    wanted: set[tuple[str, ...]] = set()
    for alder, birch, cedar, start in itertools.product(times, times, times, times):
        signals = [
            filed_signal(party, at)
            for party, at in ((ALDER, alder), (BIRCH, birch), (CEDAR, cedar))
            if at is not None
        ]
        events = PhaseEvents(signals=tuple(signals), adopted=motions(start=start))
        expected = ref_phases(text, in_force=IN_FORCE, events=events, at=LAST)
        assert expected == run(text, events)
        wanted.add(tuple(one.phase for one in expected))
    assert {(BEFORE,), (BEFORE, EMERGENCY, BEFORE), (BEFORE, EMERGENCY, PAUSED), (BEFORE, PAUSED)} <= wanted


def test_every_small_history_of_assessments_agrees_with_the_reference() -> None:
    """Three verifiers say one of two things of one of three windows, early or late, in a pause: all 1,331 histories."""
    text = agreement(
        PhaseTerms(
            phases=(phase(PAUSED), phase(EASING), phase(ENDED)),
            transitions=(
                change(PAUSED, EASING, assessed(Verdict.CONSISTENT, parties=2)),
                change(EASING, PAUSED, assessed(Verdict.INCONSISTENT)),
                change(EASING, ENDED, OnElapsed(ms=4)),
            ),
        )
    )
    choices = [None] + [
        (at, window, said) for at in (5, 7) for window in ((1, 4), (3, 5)) for said in (GOOD, BAD)
    ]
    choices += [(9, (6, 8), GOOD), (9, (6, 8), BAD)]
    for said in itertools.product(choices, repeat=len(VERIFIERS)):
        filed = sorted(
            (filed_assessment(by, *one) for by, one in zip(VERIFIERS, said, strict=True) if one is not None),
            key=lambda one: one.not_after,
        )
        events = PhaseEvents(assessments=tuple(filed))
        assert ref_phases(text, in_force=IN_FORCE, events=events, at=LAST) == run(text, events)


@pytest.mark.parametrize(
    "edges", [(), ((ALDER, CEDAR),), ((CEDAR, DOGWOOD),), ((ALDER, ELM),), ((ALDER, BIRCH), (BIRCH, CEDAR))]
)
def test_every_coalition_of_signallers_counts_as_the_reference_counts(
    edges: tuple[tuple[Name, Name], ...],
) -> None:
    """Every set of parties against every quorum, under edges of control between them: one domain, one voice."""
    for parties, who in itertools.product(range(1, 6), coalitions(PARTIES)):
        for blocs in range(1, min(parties, 3) + 1):
            text = agreement(
                PhaseTerms(
                    phases=(phase(BEFORE), phase(PAUSED)),
                    transitions=(change(BEFORE, PAUSED, wire(parties, blocs)),),
                ),
                edges=edges,
            )
            events = PhaseEvents(signals=tuple(filed_signal(party, 4) for party in who))
            assert ref_phases(text, in_force=2, events=events, at=6) == run(text, events, 6)


@settings(max_examples=80, deadline=None)
@given(any_terms(), any_events(), st.sampled_from([(), ((ALDER, CEDAR),), ((CEDAR, DOGWOOD),)]))
def test_any_history_agrees_with_the_reference(
    terms: PhaseTerms, events: PhaseEvents, edges: tuple[tuple[Name, Name], ...]
) -> None:
    """Drawn terms and logs, walked millisecond by millisecond by the reference."""
    text = agreement(terms, edges=edges)
    assert ref_phases(text, in_force=IN_FORCE, events=events, at=LAST) == run(text, events)


@settings(max_examples=60, deadline=None)
@given(any_terms(), any_events())
def test_nothing_decided_is_undone_by_a_longer_log(terms: PhaseTerms, events: PhaseEvents) -> None:
    """What a log says up to each instant is a prefix of what the whole says, with the same reasons."""
    text = agreement(terms)

    def spans(known: PhaseEvents, at: int) -> tuple[PhaseSpan, ...]:
        return phases_of(text, in_force_from=Instant(IN_FORCE), events=known, at=Instant(at))

    whole = spans(events, LAST)
    for at in range(IN_FORCE, LAST):
        early = spans(before(events, at), at)
        *decided, now = early
        assert decided == list(whole[: len(decided)])
        assert now == replace(whole[len(decided)], until=None)


@settings(max_examples=60, deadline=None)
@given(any_terms(), any_events(), st.integers(IN_FORCE, LAST))
def test_a_log_cut_inside_an_instant_decides_nothing_that_the_rest_undoes(
    terms: PhaseTerms, events: PhaseEvents, at: int
) -> None:
    """Two notes may carry one time: with only some of what is proven at `at`, nothing is decided that changes later."""
    text = agreement(terms)
    known = before(events, at)
    partial = replace(
        known,
        signals=tuple(
            one for index, one in enumerate(known.signals) if one.not_after < Instant(at) or index % 2
        ),
        assessments=tuple(one for one in known.assessments if one.not_after < Instant(at)),
        adopted=tuple(one for one in known.adopted if one[1] < Instant(at)),
        broken_at={name: when for name, when in known.broken_at.items() if when < Instant(at)},
    )
    early = phases_of(text, in_force_from=Instant(IN_FORCE), events=partial, at=Instant(at))
    whole = phases_of(text, in_force_from=Instant(IN_FORCE), events=events, at=Instant(LAST))
    assert list(early[:-1]) == list(whole[: len(early) - 1])


@settings(max_examples=60, deadline=None)
@given(any_terms(), any_events(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_proven_at_one_instant_decides_nothing(
    terms: PhaseTerms, events: PhaseEvents, random: object
) -> None:
    """Everything at one instant is shuffled, as an operator could; phases, instants and reasons stay."""
    shuffle: Callable[[list[object]], None] = random.shuffle  # type: ignore[attr-defined]  # hypothesis's Random

    def mixed(items: tuple[object, ...], time: Callable[[object], Instant]) -> tuple[object, ...]:
        listed = list(items)
        shuffle(listed)
        return tuple(sorted(listed, key=time))

    text = agreement(terms)
    other = replace(
        events,
        signals=mixed(events.signals, lambda one: one.not_after),  # type: ignore[arg-type,attr-defined]  # as above
        assessments=mixed(events.assessments, lambda one: one.not_after),  # type: ignore[arg-type,attr-defined]  # as above
        adopted=mixed(events.adopted, lambda one: one[1]),  # type: ignore[arg-type,index]  # as above
    )
    at = Instant(LAST)
    expected = phases_of(text, in_force_from=Instant(IN_FORCE), events=events, at=at)
    assert expected == phases_of(text, in_force_from=Instant(IN_FORCE), events=other, at=at)


@settings(max_examples=80, deadline=None)
@given(any_terms(), any_events())
def test_no_phase_outlasts_its_greatest_length_or_ends_before_its_least(
    terms: PhaseTerms, events: PhaseEvents
) -> None:
    """Whatever is filed, withheld or stalled, decided lengths are inside the bounds, and so is the phase that runs."""
    text = agreement(terms)
    for span in phases_of(text, in_force_from=Instant(IN_FORCE), events=events, at=Instant(LAST)):
        rule = terms.phase(span.phase)
        length = (span.until or Instant(LAST)).ms - span.start.ms
        assert rule.max_ms is None or length <= rule.max_ms
        assert span.until is None or length >= rule.min_ms


_QUORUMS: tuple[PhaseFormula, ...] = (
    wire(2, 2),
    assessed(Verdict.INCONSISTENT),
    assessed(Verdict.CONSISTENT),
    OnCoverage(floor_ppm=900_000, longer_than_ms=0, parties=1, verifiers=2, blocs=2),
)
_BELOW = [
    who
    for who in coalitions(PARTIES)
    if len({{ALDER: 1, CEDAR: 1, BIRCH: 2, DOGWOOD: 2, ELM: 3}[name] for name in who}) < 2
]
"""Coalitions of one bloc: Alder with Cedar, Birch with Dogwood, Elm, and each alone."""


@pytest.mark.parametrize("who", _BELOW, ids="-".join)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_no_coalition_below_the_rule_starts_or_lifts_anything(
    who: tuple[Name, ...], data: st.DataObject
) -> None:
    """Members of one bloc file whatever they like, as often as they like, where two blocs are asked for."""
    events = data.draw(any_events(who, has_decisions=False))
    for when in _QUORUMS:
        trigger = PhaseTerms(
            phases=(phase(BEFORE), phase(PAUSED)), transitions=(change(BEFORE, PAUSED, when),)
        )
        lift = PhaseTerms(phases=(phase(PAUSED), phase(EASING)), transitions=(change(PAUSED, EASING, when),))
        for terms in (trigger, lift):
            assert [RefSpan(terms.phases[0].name, IN_FORCE, None)] == run(agreement(terms), events)


@settings(max_examples=30, deadline=None)
@given(any_events((ALDER, CEDAR, DOGWOOD), has_decisions=False))
def test_a_party_and_all_it_controls_are_one_voice(events: PhaseEvents) -> None:
    """Alder owns verifiers in two blocs: together they neither trip the wire, nor judge Alder, nor clear it."""
    owned = ((ALDER, CEDAR), (ALDER, DOGWOOD))
    for when in _QUORUMS:
        terms = PhaseTerms(phases=(phase(PAUSED), phase(EASING)), transitions=(change(PAUSED, EASING, when),))
        assert [PAUSED] == names(agreement(terms, edges=owned), events)


@settings(max_examples=60, deadline=None)
@given(any_events())
def test_an_emergency_lapses_unless_it_is_confirmed(events: PhaseEvents) -> None:
    """Without the vote every emergency ends at its greatest length, to the millisecond, back where it came from."""
    text = agreement(LIFE)
    unconfirmed = replace(events, adopted=tuple(one for one in events.adopted if one[0] != START))
    found = run(text, unconfirmed, 2 * LAST)
    for span, after in itertools.pairwise(found):
        if span.phase == EMERGENCY:
            assert (span.start + 3, BEFORE) == (span.until, after.phase)
    assert PAUSED not in [one.phase for one in found]
