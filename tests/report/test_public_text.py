"""What peers read on a terminal: words and sides, and nothing of how much, where or how often."""

from dataclasses import replace

import pytest

from allstop.agreement import PhaseKind
from allstop.ids import Name
from allstop.report import public_lines
from allstop.standing import DutyStage
from allstop.times import HOUR_MS
from allstop.verdict import Band, PublicDuty, PublicPhase, public_view
from report_documents import in_force
from secret_worlds import PAIRS
from verdict_world import HOUR, START, honest


def test_peers_read_verdicts_sides_and_codes() -> None:
    """A busy hour that nobody declared, word for word."""
    world = honest()
    del world.filings[6]
    assert public_lines(public_view(world.judge()), is_full=True) == (
        "What rivals and the public may see. Exact figures are with those who verify.",
        "An example \u00b7 log.example.org/example \u00b7 at 2027-01-22T09:00:00Z",
        "Not in force: nobody is bound.",
        "Retrospective: the accounts begin before anybody was bound; timeliness is not judged.",
        "",
        "alder  INCONSISTENT  1A NOT COVERED  1B NOT COVERED  2A INCONSISTENT  2B NOT COVERED  no deposit",
        "  1.1  register  CONSISTENT    within",
        "  1.2  meter     CONSISTENT    within",
        "  2.1  declare   INCONSISTENT  over",
        "  3.1  prohibit  CONSISTENT    within",
        "  seen by meters: at least 50 % of chip-time",
        "  ACC-001  trusted meters show activity that nobody declared",
        "",
        "birch  not judged  no deposit",
        "",
        "cedar  not judged  no deposit",
        "",
        "dogwood  not judged  no deposit",
        "",
        "INCONSISTENT is not a confirmed violation: that is for a panel.",
        "Verdict INCONSISTENT",
    )


def test_the_first_lines_say_whose_trust_root_it_is_and_what_binds() -> None:
    """A case that brings its own root; before the moment, and after it."""
    lines = public_lines(public_view(in_force().judge(at=START.plus(-HOUR_MS))), is_full=False)
    assert "NOT A FULL AUDIT: policy or agreement came from the case itself." == lines[1]
    assert "Not yet in force: it binds from 2027-01-15T08:00:00Z on." == lines[3]
    later = public_lines(public_view(in_force().judge()), is_full=True)
    assert "In force since 2027-01-15T08:00:00Z." == later[2]


def test_phases_duties_and_bands_are_said() -> None:
    """A phase that ended and one that runs; a duty with two states; a band with an edge above."""
    view = public_view(honest().judge())
    before = PublicPhase(phase=Name("before"), kind=PhaseKind.BEFORE, start=START, until=HOUR.end)
    paused = PublicPhase(phase=Name("paused"), kind=PhaseKind.PAUSED, start=HOUR.end, until=None)
    duty = PublicDuty(duty=Name("register"), stages=(DutyStage.LATE, DutyStage.MET))
    alder = replace(view.parties[0], duties=(duty,), seen=Band(low=500_000, high=900_000), codes=("ZZZ-999",))
    lines = public_lines(
        replace(view, phases=(before, paused), parties=(alder,), codes=("LOG-001",)), is_full=True
    )
    assert "Phase before (before), from 2027-01-15T08:00:00Z until 2027-01-15T09:00:00Z." in lines
    assert "Phase paused (paused), from 2027-01-15T09:00:00Z on." in lines
    assert "  duty register: late and met" in lines
    assert "  seen by meters: at least 50 %, below 90 % of chip-time" in lines
    assert "  ZZZ-999  " in lines
    assert any(line.startswith("LOG-001  ") for line in lines)


@pytest.mark.parametrize("key", [("chips", "count"), ("job", "operations"), ("site", "site")])
def test_the_words_are_made_from_the_view_alone(key: tuple[str, str]) -> None:
    """Three secrets that the full report prints: what peers read is the same for both."""
    plain, other = (public_lines(public_view(one.judge()), is_full=True) for one in PAIRS[key]())
    assert plain == other
