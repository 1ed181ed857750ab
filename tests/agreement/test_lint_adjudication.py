"""Lint of panels: sides between whom nobody can decide, and an appeal to the same judges."""

from dataclasses import replace

import pytest

from adjudication_world import ALDER_LAB, BIRCH_LAB, JUDGES, TERMS, judged
from allstop.agreement import AdjudicationTerms, Panel, lint
from allstop.ids import Name


def found(terms: AdjudicationTerms) -> list[tuple[str, str]]:
    """Return what the rules about panels find."""
    return [(one.code, one.text) for one in lint(judged(terms), {}) if one.code in ("AGR-080", "AGR-081")]


@pytest.mark.parametrize(
    ("members", "quorum", "is_stuck"),
    [
        ((*JUDGES, ALDER_LAB, BIRCH_LAB), 3, False),
        ((*JUDGES, ALDER_LAB, BIRCH_LAB), 4, True),
        ((*JUDGES[:2], ALDER_LAB, BIRCH_LAB), 3, True),
    ],
)
def test_a_panel_too_small_between_two_sides_is_named(
    members: tuple[Name, ...], quorum: int, is_stuck: bool
) -> None:
    """Alder and Birch take their labs with them: what is left either decides or does not."""
    terms = replace(
        TERMS, panel=Panel(members=members, quorum=quorum, blocs=2), appeal=None, appeal_panel=None
    )
    words = f"the panel cannot reach {quorum} members from 2 blocs between 1 of 1 pairs of bound parties"
    texts = found(terms)
    assert ([("AGR-080", True)] if is_stuck else []) == [
        (code, text.startswith(words)) for code, text in texts
    ]


@pytest.mark.parametrize(("quorum", "expected"), [(2, ["AGR-081"]), (3, ["AGR-081"])])
def test_an_appeal_to_the_same_judges_is_named(quorum: int, expected: list[str]) -> None:
    """The judges of the appeal sit on the panel as well; with other judges nothing is said."""
    appeal_panel = Panel(members=JUDGES, quorum=quorum, blocs=2)
    assert expected == [code for code, _ in found(replace(TERMS, appeal_panel=appeal_panel))]
    assert [] == found(replace(TERMS, appeal=None, appeal_panel=None))
