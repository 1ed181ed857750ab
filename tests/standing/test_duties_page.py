"""The worked example of spec/duties.md, and the lists in it, against the code."""

import re

from agreement_examples import template_path
from allstop.agreement import Agreement, DutyEvent, PartyKind, parse_agreement_toml
from allstop.canon import format_instant, parse_instant
from allstop.clocks import LengthUnit
from allstop.duty import Awareness
from allstop.ids import Name
from allstop.standing import DutyEvents, DutyMove, Happening, duties_of
from duty_world import ALDER, log
from source_tree import ROOT

PAGE = (ROOT / "spec" / "duties.md").read_text("utf-8")
START = parse_instant("2027-10-01T00:00:00Z")


def example() -> Agreement:
    """Return a template with the TOML of the page in it."""
    (toml,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    text = template_path("retrospective").read_text("utf-8")
    return parse_agreement_toml(f"{text}\n{toml}", template=True)


def test_the_worked_example_comes_out_as_the_page_says() -> None:
    """Each row of the table is a duty of Alder, with its trigger and its due instant."""
    section = PAGE.partition("\n## 2. ")[0]
    rows = re.findall(r"^\| `([a-z]+)`([^|]*) \| ([0-9TZ:-]+) \| ([0-9TZ:.-]+) \|", section, re.MULTILINE)
    acts = []
    for event, matter, since in (
        ("incident", "leak-1", "2028-02-28T09:00:00Z"),
        ("incident", "leak-2", "2028-03-01T08:00:00Z"),
        ("danger", "leak-2", "2028-03-01T09:00:00Z"),
    ):
        value = Awareness(event=Name(event), matter=matter, party=ALDER, aware_at=parse_instant(since))
        acts.append((ALDER, value, parse_instant(since)))
    events = DutyEvents(
        happened=(
            Happening(event=DutyEvent.IN_FORCE, at=START),
            Happening(event=DutyEvent.BOUND, at=START, party=ALDER),
            Happening(
                event=DutyEvent.ADOPTED,
                name=Name("start"),
                matter="p-1",
                at=parse_instant("2027-12-23T10:00:00Z"),
            ),
        )
    )
    at = parse_instant("2028-03-01T12:00:00Z")
    found = duties_of(example(), events, log(acts, at=at), at=at)
    listed = {
        (
            one.duty,
            f" {one.matter}" if one.duty == "report" else f" #{one.occurrence}" if one.occurrence else "",
        ): (
            "" if one.trigger is None else format_instant(one.trigger),
            "" if one.due is None else format_instant(one.due),
        )
        for one in found
        if one.party == ALDER
    }
    expected = {(duty, rest.rstrip()): (trigger, due) for duty, rest, trigger, due in rows}
    assert 5 == len(expected)
    assert expected == {key: listed[key] for key in expected}


def test_the_lists_of_the_page_are_those_of_the_code() -> None:
    """Events, units and the order of one instant are named in full."""
    events = PAGE.partition("| event | starts the clock when |")[2].partition("\n\n")[0]
    assert {event.value for event in DutyEvent} == set(
        re.findall(r"^\| `([a-z-]+)` \|", events, re.MULTILINE)
    )
    units = PAGE.partition("Units: ")[2].partition(";")[0]
    assert [unit.value for unit in LengthUnit] == [u for u in re.findall(r"`([a-z-]+)`", units)]
    order = PAGE.partition("happen in the order\n")[2].partition(", so the order")[0]
    assert [move.value for move in DutyMove] == re.findall(r"`([a-z]+)`", order)
    assert {kind.value for kind in PartyKind} >= {"operator", "tenant"}
