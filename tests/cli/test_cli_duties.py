"""Duties at the door: lists, calendar files, and filing that something was done, cannot be done, or is known."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.canon import parse_instant
from allstop.cli._duties_text import duties_ics, duties_lines, duties_value, left_text
from allstop.ids import Name
from allstop.standing import DutyStage, DutyState
from allstop.times import DAY_MS, HOUR_MS, Instant
from ical_reader import read_calendar
from support_cli import AMONG, Captured, build_world, copy_world, run

TERMS = """
[[duties.duty]]
name = "register"
clause = "V.5"
text = "Submit the register; update it every 90 days."
parties = ["alder"]
after = { event = "in-force" }
within = { days = 120 }
every = { days = 90 }
# Nothing that the world files: chips proven within the second of entry into force would meet it at once.
evidence = ["transfer"]

[[duties.duty]]
name = "notice"
text = "Tell the others by a date that was over before anybody was bound."
parties = ["birch"]
after = { event = "date", at = "2024-01-01T00:00:00Z" }
within = { hours = 36 }

[[duties.duty]]
name = "report"
text = "Report an incident."
kinds = ["operator", "tenant"]
after = { event = "aware", name = "incident" }
within = { hours = 72 }
"""
PUBLISH = ("--key", "dogwood.key", "--policy", "policy", "--witness", "cedar", "--witness", "elm")
AT = parse_instant("2027-03-20T00:00:00Z")
OPEN = DutyState(
    duty="register",
    matter=None,
    occurrence=3,
    party=Name("alder"),
    clauses=("V.5",),
    text="Submit the register; update it, every 90 days.",
    stage=DutyStage.OPEN,
    trigger=parse_instant("2027-03-01T00:00:00Z"),
    due=parse_instant("2027-03-28T21:59:59.999Z"),
    met_at=None,
    earlier_met=2,
    why="90 days after 2027-03-01: the end of 2027-03-28, which is 2027-03-28T21:59:59.999Z",
    note="",
)


@pytest.fixture(scope="session")
def bound_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a world with duties whose agreement is in force; not to be changed."""
    folder, before = tmp_path_factory.mktemp("bound"), Path.cwd()
    os.chdir(folder)
    try:
        build_world(folder, more_terms=TERMS)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def bound(bound_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that world, which is also the current folder."""
    folder = copy_world(bound_world, tmp_path / "bound")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("ALLSTOP_LOG", raising=False)
    return folder


def done(captured: Captured, *arguments: str) -> str:
    """Run a command that must succeed, and return what it printed."""
    result = run(captured, arguments)
    assert (0, "") == (result.status, "" if result.status == 0 else result.err)
    return result.out


def publish(captured: Captured, case: str) -> None:
    """Publish twice, so that what was filed is proven, and write a case anew."""
    for _ in range(2):
        done(captured, "log", "checkpoint", *PUBLISH)
    done(captured, "case", "new", case, "--policy", "policy")


def decided(captured: Captured, case: str, *, state: str = "open") -> Any:
    """Publish until a later second than that of what was filed is proven, and return what is due then.

    What is proven at the reference time itself decides nothing yet, and witnesses date by whole seconds.
    """
    for number in range(100):
        publish(captured, f"{case}-{number}")
        found = json.loads(done(captured, "duties", f"{case}-{number}", "--json"))
        if state in found["counts"]:
            Path(f"{case}-{number}").rename(case)
            return found
    raise AssertionError(f"nothing is {state}: {found}")


def test_duties_are_listed_filed_and_shown(bound: Path, captured: Captured) -> None:
    """From no duties before entry into force, over what is open and what was over before, to a word that meets one."""
    assert "no duties (as proven by " in done(captured, "duties", "case")
    whole = done(captured, "duties", "case", "--whole", "--party", "alder", "--why")
    assert "waits for entry into force" in whole
    for party in ("alder", "birch", "cedar"):
        done(captured, "agreement", "deposit", "--party", party, "--key", f"{party}.key")
    aware = ("duty", "aware", "incident", "--matter", "leak-1", "--since", "2024-06-01T00:00:00Z")
    done(captured, *aware, *AMONG)
    done(captured, *aware, "--about", "birch", *AMONG)
    found = decided(captured, "case-2")
    listed = {(one["party"], one["duty"]): one for one in found["duties"]}
    assert {"open": 3, "past": 1} == found["counts"]
    assert "past" == listed["birch", "notice"]["state"]
    assert ("open", "leak-1") == (listed["birch", "report"]["state"], listed["birch", "report"]["matter"])
    assert "open" == listed["alder", "register"]["state"]
    assert "120 days after" in listed["alder", "register"]["why"]
    assert done(captured, "duties", "case-2", "--overdue").startswith("no duties (as proven by ")
    done(captured, "duty", "fulfil", "report", "--matter", "leak-1", "--note", "sent", *AMONG)
    again = decided(captured, "case-3", state="met")
    assert ("alder", "report") in {
        (one["party"], one["duty"]) for one in again["duties"] if one["state"] == "met"
    }


def test_a_calendar_file_is_written_and_printed(bound: Path, captured: Captured) -> None:
    """Once as a new file, once to standard output, alike; an export of tomorrow has the same identities."""
    for party in ("alder", "birch", "cedar"):
        done(captured, "agreement", "deposit", "--party", party, "--key", f"{party}.key")
    decided(captured, "case-2")
    done(captured, "duties", "case-2", "--ics", "duties.ics")
    data = (bound / "duties.ics").read_bytes()
    assert data.decode() == done(captured, "duties", "case-2", "--ics", "-")
    publish(captured, "case-3")
    later = done(captured, "duties", "case-3", "--ics", "-").encode()
    first, second = ({one.values["UID"] for one in read_calendar(text).inside} for text in (data, later))
    assert first == second
    again = run(captured, ["duties", "case-2", "--ics", "duties.ics"])
    assert (1, True) == (again.status, "is there already" in again.err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["duties", "case", "--party", "elm"], "elm is no party of the agreement"),
        (["duties", "case", "--json", "--ics", "-"], "want either --json or --ics -"),
        (["duties", "case", "--at", "2099-01-01T00:00:00Z"], "proves nothing about that time"),
        (["duty", "fulfil", "dance", *AMONG], "dance is no duty of the agreement"),
        (["duty", "fulfil", "register", "--matter", "a b", *AMONG], "malformed matter"),
        (["duty", "fulfil", "register", "--occurrence", "100000", *AMONG], "want 0 to 99999"),
        (["duty", "fulfil", "register", "--evidence", "report.pdf", *AMONG], "malformed digest"),
        (["duty", "impossible", "register", "--reason", "", *AMONG], "reason of the impossibility is empty"),
        (["duty", "impossible", "dance", "--reason", "x", *AMONG], "its duties are register, notice, report"),
        (
            [
                "duty",
                "aware",
                "x",
                "--matter",
                "m",
                "--since",
                "2027-01-01T00:00:00Z",
                "--about",
                "elm",
                *AMONG,
            ],
            "elm is no party",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    bound: Path, captured: Captured, arguments: list[str], message: str
) -> None:
    """Before anything is filed, with what could be done."""
    result = run(captured, arguments)
    assert (2, "") == (result.status, result.out)
    assert message in result.err


def test_an_impossibility_is_filed(bound: Path, captured: Captured) -> None:
    """It is a statement like others; that it excuses nothing by itself is tested with the states."""
    out = done(captured, "duty", "impossible", "register", "--occurrence", "1", "--reason", "fire", *AMONG)
    assert out.startswith("filed impossibility: statement ")


def test_the_table_says_how_long_is_left() -> None:
    """Head, columns, notes; and with --why how each due instant is found."""
    late = replace(
        OPEN, stage=DutyStage.LATE, earlier_met=0, occurrence=0, note="done after it was due, by X"
    )
    lines = duties_lines([OPEN, late], AT, with_why=False)
    assert "1 late, 2 met, 1 open (as proven by 2027-03-20T00:00:00Z)" == lines[0]
    assert [
        "due                       duty",
        "2027-03-28T21:59:59.999Z  in 8 d 21 h  open   alder  register #3  V.5",
        "2027-03-28T21:59:59.999Z               late   alder  register     V.5",
        "    done after it was due, by X",
    ] == [lines[2][:26] + "duty", *lines[3:]]
    assert f"    {OPEN.why}" in duties_lines([OPEN], AT, with_why=True)
    assert ["no duties (as proven by 2027-03-20T00:00:00Z)"] == duties_lines([], AT, with_why=True)
    unknown = replace(OPEN, due=None, stage=DutyStage.SUSPENDED)
    assert duties_lines([unknown], AT, with_why=False)[3].startswith("not known")


@pytest.mark.parametrize(
    ("ms", "expected"),
    [
        (0, "in 0 h 0 min"),
        (HOUR_MS * 5 + 60_000 * 7, "in 5 h 7 min"),
        (DAY_MS * 3, "in 3 d 0 h"),
        (-DAY_MS * 3 - HOUR_MS * 2, "3 d 2 h over"),
    ],
)
def test_what_is_left_in_two_units(ms: int, expected: str) -> None:
    """Days and hours, or hours and minutes."""
    assert expected == left_text(AT.plus(ms), AT)


def test_the_json_says_everything() -> None:
    """Nulls where something is not known; counts with those that are not listed."""
    value = duties_value([OPEN, replace(OPEN, due=None, trigger=None)], AT)
    assert isinstance(value, dict)
    assert {"open": 2, "met": 4} == value["counts"]
    duties = value["duties"]
    assert isinstance(duties, list)
    assert {"due": None, "trigger": None, "occurrence": 3}.items() <= duties[1].items()  # type: ignore[union-attr]  # an object


def test_an_event_in_the_calendar() -> None:
    """One for each thing still to do, at the last whole second, with two reminders; what is over has none."""
    calendar = read_calendar(
        duties_ics(
            [OPEN, replace(OPEN, stage=DutyStage.LATE, occurrence=1), replace(OPEN, stage=DutyStage.MET),
             replace(OPEN, stage=DutyStage.WAIVED), replace(OPEN, due=None, stage=DutyStage.SUSPENDED)],
            AT,
            agreement="9f" * 32,
        )
    )  # fmt: skip
    first, late = calendar.inside
    assert "20270328T215959Z" == first.values["DTSTART"]
    assert "20270320T000000Z" == first.values["DTSTAMP"]
    assert "alder: register #3" == first.values["SUMMARY"]
    assert f"{OPEN.text}\n{OPEN.why}" == first.values["DESCRIPTION"]
    assert ["-P7D", "-P1D"] == [alarm.values["TRIGGER"] for alarm in first.inside]
    assert ("LATE: alder: register #1", []) == (late.values["SUMMARY"], late.inside)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(texts, texts, st.integers(0, 253_402_300_799_999))
def test_any_text_makes_a_calendar_that_reads(text: str, why: str, ms: int) -> None:
    """Whatever stands in a text, lines are folded between characters, escaped, and cannot forge a property."""
    one = replace(OPEN, text=text, why=why, due=Instant(ms))
    calendar = read_calendar(duties_ics([one], AT, agreement="9f" * 32))
    (event,) = calendar.inside
    wanted = "\n".join(part for part in (text, why) if part)
    assert "".join(c for c in wanted if c.isprintable() or c == "\n") == event.values["DESCRIPTION"]
    assert 2 == len(event.inside)


def test_identities_are_told_apart_and_stay() -> None:
    """Another party, duty, matter, number or agreement is another event; another state or due instant is not."""

    def uid(one: DutyState, agreement: str = "9f" * 32) -> str:
        return read_calendar(duties_ics([one], AT, agreement=agreement)).inside[0].values["UID"]

    same = [OPEN, replace(OPEN, due=AT.plus(5)), replace(OPEN, stage=DutyStage.LATE, note="x")]
    assert 1 == len({uid(one) for one in same})
    others = [
        replace(OPEN, party=Name("birch")),
        replace(OPEN, duty="report"),
        replace(OPEN, matter="leak-1"),
        replace(OPEN, occurrence=4),
    ]
    assert 6 == len({uid(one) for one in [OPEN, *others]} | {uid(OPEN, "2c" * 32)})
