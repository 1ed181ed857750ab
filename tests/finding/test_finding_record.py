"""The record of a finding: its limits, its JSON, its one order."""

import random
from dataclasses import replace
from typing import Any

import pytest

from allstop.finding import ABOUT_CHARS_MAX, Effect, Finding, Subgoal, format_finding, order_findings
from allstop.ids import Name

PLAIN = Finding(
    code="TEL-003",
    party=Name("alder"),
    site=Name("hall-1"),
    about="meter-4 repeats the readings of meter-3",
    rests_on=(3, 17),
    effect=Effect.UNOBSERVED,
    subgoals=(Subgoal.DECLARED_USE_ACCURATE, Subgoal.KNOWN_SITES_ACCOUNTED),
)


def test_a_finding_has_one_json_form() -> None:
    """All members are there, by their wire values."""
    assert format_finding(PLAIN) == {
        "code": "TEL-003",
        "party": "alder",
        "site": "hall-1",
        "about": "meter-4 repeats the readings of meter-3",
        "restsOn": [3, 17],
        "effect": "unobserved",
        "subgoals": ["1A", "2A"],
    }


def test_absent_party_and_site_are_null() -> None:
    """A finding about the whole case names nobody."""
    body = format_finding(replace(PLAIN, party=None, site=None))
    assert isinstance(body, dict)
    assert (body["party"], body["site"]) == (None, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"code": "TEL-3"}, "three digits"),
        ({"code": "tel-003"}, "three capitals"),
        ({"about": ""}, "0 characters"),
        ({"about": "x" * (ABOUT_CHARS_MAX + 1)}, "2001 characters"),
        ({"rests_on": (17, 3)}, "ascending"),
        ({"rests_on": (3, 3)}, "ascending"),
        ({"rests_on": (-1, 3)}, "entry -1"),
    ],
)
def test_a_finding_outside_its_limits_is_refused(change: dict[str, Any], message: str) -> None:
    """Each limit is checked at construction."""
    with pytest.raises(ValueError, match=message):
        replace(PLAIN, **change)


def test_the_order_of_findings_does_not_depend_on_how_they_came() -> None:
    """Any shuffle sorts to the same sequence, by code, party, site, entries and words."""
    ordered = (
        replace(PLAIN, code="ACC-001"),
        replace(PLAIN, party=None),
        replace(PLAIN, site=None),
        replace(PLAIN, rests_on=()),
        replace(PLAIN, rests_on=(3,)),
        replace(PLAIN, about="a"),
        PLAIN,
    )
    for seed in range(20):
        shuffled = list(ordered)
        random.Random(seed).shuffle(shuffled)
        assert ordered == order_findings(tuple(shuffled))
