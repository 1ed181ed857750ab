"""The page of adjudication says what the code does: tables, terms, worked example, codes."""

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

import pytest

from adjudication_world import ALDER, CEDAR, ELM, JUDGES, TERMS, Log, hour, judged
from allstop.adjudication import FindingAcknowledgement
from allstop.agreement import Panel, parse_agreement_toml
from allstop.canon import parse_instant
from allstop.errors import MalformedError
from allstop.finding import read_rule
from allstop.standing import (
    ADJUDICATION_RULES,
    FINDING_MOVES,
    IMPEDIMENT_MOVES,
    MEASURE_MOVES,
    FindingStage,
    measures_of,
    proceedings_of,
)
from make_vectors.make_agreement_vectors import TOML
from source_tree import ROOT

PAGE = (ROOT / "spec" / "adjudication.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\d+)\. [^\n]*\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize(
    ("section", "moves"), [("4", FINDING_MOVES), ("7", MEASURE_MOVES), ("8", IMPEDIMENT_MOVES)]
)
def test_the_tables_of_the_page_are_the_tables_of_the_code(
    section: str, moves: Mapping[tuple[Enum, Enum], Enum]
) -> None:
    """Row by row: stage, what happens, next stage."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", SECTIONS[section], re.MULTILINE)
    expected = [(one.value, happening.value, then.value) for (one, happening), then in moves.items()]
    assert expected == rows[1:]


def test_every_rule_is_named_and_explains_itself() -> None:
    """Each code of a finding stands on the page, and its function has all headings."""
    for code, rule in ADJUDICATION_RULES.items():
        assert f"`{code}`" in PAGE
        assert code == read_rule(rule).code


def test_the_worked_example_comes_out_as_the_page_says() -> None:
    """The terms of section 2 as TOML, the filings of section 1, and every date in its table."""
    text = re.search(r"```toml\n(.*?)```", SECTIONS["2"], re.DOTALL)
    assert text is not None
    more = "".join(
        f'[[parties]]\nid = "{name}"\nname = "{name}"\nkind = "verifier"\nbloc = "{name}"\n'
        for name in ("dogwood", "elm")
    )
    terms = parse_agreement_toml(f"{TOML}\n{text[1]}\n{more}", template=True).adjudication
    assert terms is not None
    agreed = judged(replace(terms, measures=terms.measures[:1]))
    log = Log()
    finding = log.raise_finding()
    log.file(ALDER, FindingAcknowledgement(finding=finding), 24)
    answer = log.answer(finding, 48)
    log.rule(finding, 40 * 24, CEDAR, ELM, answer=answer)
    state = log.state(60 * 24)
    (found,) = proceedings_of(agreed, state, at=state.at)
    expected = {
        "notified": "2027-03-01T09:00:00Z",
        "acknowledge": "2027-03-02T21:00:00Z",
        "answer": "2027-03-06T23:59:59.999Z",
        "settle": "2027-04-02T23:59:59.999Z",
        "rule": "2027-06-01T23:59:59.999Z",
        "decided": "2027-04-10T09:00:00Z",
        "final": "2027-04-24T23:59:59.999Z",
    }
    assert {name: parse_instant(text) for name, text in expected.items()} == {
        "notified": found.notified_at,
        "acknowledge": found.acknowledge_due,
        "answer": found.first.answer_due,
        "settle": found.settle_due,
        "rule": found.first.ruling_due,
        "decided": found.first.decided_at,
        "final": found.confirmed_at,
    }
    assert FindingStage.CONFIRMED_FINAL is found.stage
    (notice,) = measures_of(agreed, [found], at=state.at)
    assert found.confirmed_at == notice.start


@pytest.mark.parametrize(
    ("panel", "why"),
    [
        (Panel(members=(ALDER, *JUDGES), quorum=3, blocs=3), None),
        (Panel(members=JUDGES, quorum=3, blocs=3), None),
        (
            Panel(members=(ALDER, CEDAR, ELM), quorum=3, blocs=2),
            "cannot reach 3 members from 2 blocs about alder",
        ),
        (
            Panel(members=(ALDER, TERMS.panel.members[0], CEDAR), quorum=2, blocs=1),
            "who are one trust domain",
        ),
    ],
)
def test_panels_that_could_not_judge_are_refused(panel: Panel, why: str | None) -> None:
    """An agreement under which a bound party has no judge, or a judge two seats, is not made."""
    terms = replace(TERMS, panel=panel)
    if why is None:
        assert judged(terms).adjudication == terms
    else:
        with pytest.raises(MalformedError, match=why):
            judged(terms)


@pytest.mark.parametrize(("quorum", "blocs"), [(0, 0), (1, 1), (3, 4), (4, 1)])
def test_a_quorum_is_more_than_half_and_no_more_than_all(quorum: int, blocs: int) -> None:
    """Of three members one is too few, four too many, and three are of at most three blocs."""
    with pytest.raises(MalformedError):
        Panel(members=JUDGES, quorum=quorum, blocs=blocs)


def test_hours_of_the_tests_are_hours() -> None:
    """The world counts from 1 March 2027, 09:00 UTC."""
    assert parse_instant("2027-03-02T09:00:00Z") == hour(24)
