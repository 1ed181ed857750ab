"""Events of phases from the folded log: what is void and why, and the worked example of the page."""

import re
from dataclasses import replace
from typing import Any

import pytest

from allstop.agreement import format_agreement, parse_agreement, parse_agreement_toml
from allstop.canon import format_instant, parse_instant
from allstop.finding import Effect, SignalKind, Verdict, read_rule
from allstop.ids import Digest, Name
from allstop.ledger import Filed, State
from allstop.signals import AssessedParty, Assessment, Signal
from allstop.standing import PHASE_RULES, PhaseEvents, find_signals, phase_events_of, phases_of
from allstop.times import Instant, Window
from make_vectors.make_agreement_vectors import TOML as VECTOR_TOML
from make_vectors.phase_documents import TOML
from phase_world import (
    ALDER,
    BIRCH,
    CEDAR,
    DIGEST,
    DOGWOOD,
    ELM,
    LIFE,
    START,
    agreement,
    filed_assessment,
    filed_signal,
)
from source_tree import ROOT

PAGE = (ROOT / "spec" / "phases.md").read_text("utf-8")
GOOD = {ALDER: Verdict.CONSISTENT, BIRCH: Verdict.CONSISTENT}


def state_of(*filed: Filed[Any], at: int = 99) -> State:
    """Return a state that holds these facts."""
    facts: dict[type, tuple[Filed[object], ...]] = {}
    for index, one in enumerate(filed):
        kind = type(one.value)
        facts[kind] = (*facts.get(kind, ()), replace(one, entry=index))
    return State(at=Instant(at), counted=len(filed), pending=0, facts=facts)


def void_of(*filed: Filed[Any]) -> list[tuple[int, str]]:
    """Return the entries that count for nothing, with the reason."""
    return [(one.entry, one.text) for one in phase_events_of(agreement(LIFE), state_of(*filed)).void]


def test_signals_and_assessments_come_through_in_log_order() -> None:
    """What is in order counts; a repeated, equal assessment is no conflict."""
    one = filed_assessment(CEDAR, 6, (2, 4), GOOD)
    signals = (filed_signal(ALDER, 3), filed_signal(BIRCH, 5))
    events = phase_events_of(agreement(LIFE), state_of(*signals, one, one))
    assert [ALDER, BIRCH] == [filed.party for filed in events.signals]
    assert 2 == len(events.assessments)
    assert () == events.void
    given = phase_events_of(
        agreement(LIFE),
        state_of(),
        adopted=[(START, Instant(4))],
        confirmed=[(DIGEST, Instant(5))],
        measures=[(Name("notice"), Instant(6))],
        left_at={ELM: Instant(7)},
    )
    assert (
        PhaseEvents(
            adopted=((START, Instant(4)),),
            confirmed=((DIGEST, Instant(5)),),
            measures=((Name("notice"), Instant(6)),),
            left_at={ELM: Instant(7)},
        )
        == given
    )


def test_a_signal_from_the_future_is_void() -> None:
    """It says that it occurred a millisecond after it was proven to be in the log; at that instant is no lie."""
    ahead = filed_signal(ALDER, 3)
    ahead = replace(ahead, value=replace(ahead.value, occurred_at=Instant(4)))
    just = replace(ahead, value=replace(ahead.value, occurred_at=Instant(3)))
    assert [(0, "says that it occurred at 1970-01-01T00:00:00.004Z, after it was logged")] == void_of(
        ahead, just
    )


def test_assessments_by_others_of_the_future_or_twice_are_void() -> None:
    """No verifier, a time after it was logged, and a second one that differs; of another time it is another."""
    first = filed_assessment(CEDAR, 6, (2, 4), GOOD)
    other = filed_assessment(CEDAR, 7, (2, 4), {**GOOD, ALDER: Verdict.INCONSISTENT})
    later = filed_assessment(CEDAR, 8, (2, 4), {**GOOD, ALDER: Verdict.INCONSISTENT}, judged_at=7)
    found = void_of(
        filed_assessment(ALDER, 5, (2, 4), GOOD),
        first,
        other,
        later,
        filed_assessment(ELM, 6, (2, 4), GOOD, judged_at=7),
        filed_assessment(DOGWOOD, 7, (2, 4), {**GOOD, ALDER: Verdict.INCONSISTENT}),
    )
    assert [
        (0, "is by one that is no verifier"),
        (2, "differs from what its filer had signed for the same window at the same time"),
        (4, "is of 1970-01-01T00:00:00.007Z, after it was logged"),
    ] == found


def test_in_one_batch_the_party_s_own_sequence_says_which_came_first() -> None:
    """The operator puts the second before the first: the second is void all the same."""
    first = replace(filed_assessment(CEDAR, 6, (2, 4), GOOD), sequence=4)
    second = replace(filed_assessment(CEDAR, 6, (2, 4), {**GOOD, ALDER: Verdict.INCONSISTENT}), sequence=5)
    for order in ((first, second), (second, first)):
        events = phase_events_of(agreement(LIFE), state_of(*order))
        assert [4] == [one.sequence for one in events.assessments]
        assert [order.index(second)] == [one.entry for one in events.void]


def test_what_is_void_becomes_a_finding() -> None:
    """One of each code, resting on its entry, about its filer; none changes a verdict."""
    ahead = filed_signal(ALDER, 3)
    changed = filed_assessment(CEDAR, 7, (2, 4), {**GOOD, ALDER: Verdict.INCONSISTENT})
    state = state_of(
        replace(ahead, value=replace(ahead.value, occurred_at=Instant(4))),
        filed_assessment(ALDER, 5, (2, 4), GOOD),
        filed_assessment(CEDAR, 6, (2, 4), GOOD),
        filed_assessment(ELM, 6, (2, 4), GOOD, judged_at=7),
        changed,
    )
    found = find_signals(phase_events_of(agreement(LIFE), state))
    assert [
        ("SIG-001", ALDER, (0,)),
        ("SIG-002", ALDER, (1,)),
        ("SIG-003", ELM, (3,)),
        ("SIG-004", CEDAR, (4,)),
    ] == [(one.code, one.party, one.rests_on) for one in found]
    assert {Effect.NOTE} == {one.effect for one in found}
    assert [*PHASE_RULES] == [read_rule(rule).code for rule in PHASE_RULES.values()]


def _page_events() -> PhaseEvents:
    """Return what the table of the page says was proven."""

    def at(text: str) -> Instant:
        return parse_instant(text)

    def signal(by: Name, when: str) -> Filed[Signal]:
        value = Signal(
            name=Name("self-copying"), kind=SignalKind.TRIPWIRE, occurred_at=at("2027-04-01T00:00:00Z")
        )
        return replace(filed_signal(by, 0), value=value, not_after=at(when))

    def june(by: Name, when: str) -> Filed[Assessment]:
        value = Assessment(
            window=Window(start=at("2027-06-01T00:00:00Z"), end=at("2027-07-01T00:00:00Z")),
            at=at("2027-07-04T00:00:00Z"),
            verdict_digest=DIGEST,
            parties=tuple(
                AssessedParty(party=name, verdict=Verdict.CONSISTENT, coverage_ppm=990_000)
                for name in (ALDER, BIRCH)
            ),
        )
        return replace(filed_assessment(by, 9, (2, 4), GOOD), value=value, not_after=at(when))

    return PhaseEvents(
        signals=(signal(ALDER, "2027-04-02T08:00:00Z"), signal(BIRCH, "2027-04-02T10:00:00Z")),
        adopted=((START, at("2027-05-20T12:00:00Z")),),
        assessments=(june(CEDAR, "2027-07-05T00:00:00Z"), june(DOGWOOD, "2027-07-06T00:00:00Z")),
        confirmed=((Digest("ab" * 32), at("2027-09-10T09:00:00Z")),),
    )


def test_the_worked_example_of_the_page_comes_about() -> None:
    """The TOML of the page, and what the table says was proven, give the phases, instants and reasons of the table."""
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert TOML == f"\n{block}"
    terms = parse_agreement_toml(VECTOR_TOML + block).phases
    rows = re.findall(r"^\|[^|]*\| `([a-z]+)` \| ([0-9TZ:-]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    found = phases_of(
        agreement(terms),
        in_force_from=parse_instant("2027-03-01T00:00:00Z"),
        events=_page_events(),
        at=parse_instant("2027-10-01T00:00:00Z"),
    )
    assert rows == [(one.phase, format_instant(one.start), one.why) for one in found]
    assert 6 == len(rows)


def test_phases_are_part_of_the_identity_and_absent_where_not_agreed() -> None:
    """Without phases the canonical text does not speak of them; with them it comes back byte for byte."""
    text = agreement(LIFE)
    assert b'"phases"' not in format_agreement(agreement(None))
    assert text == parse_agreement(format_agreement(text))


def test_terms_answer_for_their_phases() -> None:
    """A phase is found by name, its exits in the order of the text, and what a change is called by its kinds."""
    assert "emergency" == LIFE.phase(Name("emergency")).name
    assert ["paused", "ended"] == [one.target for one in LIFE.exits(Name("easing"))]
    assert "trigger" == LIFE.move(Name("easing"), Name("paused")).value
    with pytest.raises(KeyError, match="nowhere"):
        LIFE.phase(Name("nowhere"))
