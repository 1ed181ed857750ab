"""Calendars and ceremonies at the door: what the machine's zones say becomes data, and local time one instant."""

import itertools
import json
import zoneinfo
from pathlib import Path

import pytest

from agreement_examples import template_path
from allstop.agreement import calendar_named, parse_agreement_toml
from allstop.canon import Fields
from allstop.cli._zones import offset_minutes, offsets_between
from allstop.clocks import parse_calendar
from allstop.ids import Name
from allstop.times import DAY_MS, HOUR_MS, Instant
from clock_calendars import VIENNA
from support_cli import Captured, run

YEARS = ("--from", "2027", "--to", "2031")
NOTE = "allstop: note: offsets are those of this machine's table of zones; compare them before you sign\n"


def zone_file(path: Path, changes: list[tuple[int, int]]) -> None:
    """Write a zone database entry (RFC 8536, version 1) with these changes: second and minutes ahead of UTC."""
    kinds = sorted({minutes for _, minutes in changes})
    header = b"TZif" + b"\0" * 16
    counts = [0, 0, 0, len(changes), len(kinds), 4]
    body = b"".join(second.to_bytes(4, "big", signed=True) for second, _ in changes)
    body += bytes(kinds.index(minutes) for _, minutes in changes)
    for minutes in kinds:
        body += (minutes * 60).to_bytes(4, "big", signed=True) + b"\0" + b"\0"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + b"".join(count.to_bytes(4, "big") for count in counts) + body + b"LMT\0")


@pytest.fixture
def zones(tmp_path: Path) -> object:
    """Return a database of two zones, so that no test hangs on the machine's own."""
    changes = [(one.start.ms // 1000, one.minutes) for one in VIENNA.offsets]
    zone_file(tmp_path / "zones" / "Europe" / "Vienna", changes)
    zone_file(tmp_path / "zones" / "Asia" / "Kolkata", [(0, 330)])
    zone_file(tmp_path / "zones" / "Etc" / "GMT+1", [(0, -60)])
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[str(tmp_path / "zones")])
    zoneinfo.ZoneInfo.clear_cache()
    yield None
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("zones")
def test_the_printed_calendar_is_the_zone_as_data(captured: Captured, tmp_path: Path) -> None:
    """The TOML goes into an agreement and comes back as the calendar; its offsets are those of the zone."""
    days = tmp_path / "holidays"
    days.write_text("# days without business\n2027-12-24\n2027-01-01  # New Year\n\n2027-01-06\n")
    command = ["agreement", "calendar", "--zone", "Europe/Vienna", *YEARS, "--holidays", str(days)]
    printed = run(captured, command)
    assert (0, NOTE) == (printed.status, printed.err)
    text = template_path("retrospective").read_text("utf-8") + "\n" + printed.out
    found = calendar_named(parse_agreement_toml(text, template=True).calendars, Name("vienna"))
    assert VIENNA.offsets[1:] == found.offsets[1:]
    assert (Instant(57 * 365 * DAY_MS + 14 * DAY_MS), 60) == (
        found.offsets[0].start,
        found.offsets[0].minutes,
    )
    assert ("2027-01-01", "2027-01-06", "2027-12-24") == found.holidays
    assert frozenset({5, 6}) == found.weekend
    value = json.loads(run(captured, [*command, "--json"]).out)
    assert found == parse_calendar(Fields(value, "calendar"))


@pytest.mark.usefixtures("zones")
def test_a_ceremony_has_one_instant(captured: Captured) -> None:
    """The first zone gives it, the others show it, in their own time."""
    done = run(
        captured,
        ["agreement", "ceremony", "--local", "2027-03-28 11:00", "--zone", "Europe/Vienna", "--zone", "Asia/Kolkata"],
    )  # fmt: skip
    assert (
        "instant        2027-03-28T09:00:00Z\n"
        "Europe/Vienna  2027-03-28 11:00      UTC+02:00\n"
        "Asia/Kolkata   2027-03-28 14:30      UTC+05:30\n"
    ) == done.out
    value = run(
        captured,
        ["agreement", "ceremony", "--local", "2027-03-28T11:00:30", "--zone", "Etc/GMT+1", "--json"],
    )
    assert {
        "instant": "2027-03-28T12:00:30Z",
        "zones": [{"local": "2027-03-28 11:00:30", "offsetMinutes": -60, "zone": "Etc/GMT+1"}],
    } == json.loads(value.out)


VIENNESE = ["--zone", "Europe/Vienna"]


@pytest.mark.usefixtures("zones")
@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ["ceremony", "--local", "2027-03-28 02:30", *VIENNESE],
            2,
            "does not exist: at 2027-03-28T01:00:00Z",
        ),
        (["ceremony", "--local", "2027-10-31 02:30", *VIENNESE], 2, "ambiguous: the clocks show it at"),
        (["ceremony", "--local", "2027-10-31 02:30", "--zone", "Europe/Atlantis"], 1, "there is no zone"),
        (["ceremony", "--local", "2027-10-31 02:30", "--zone", "../etc/passwd"], 1, "there is no zone"),
        (["ceremony", "--local", "noon", *VIENNESE], 2, "malformed local time"),
        (["calendar", "--zone", "Etc/GMT+1", *YEARS], 2, "leads to no name"),
        (
            ["calendar", *VIENNESE, "--from", "2030", "--to", "2027"],
            2,
            "want at most 100, the first one first",
        ),
        (["calendar", *VIENNESE, "--from", "2000", "--to", "2100"], 2, "want at most 100"),
        (["calendar", *VIENNESE, *YEARS, "--weekend", "saturday,sonntag"], 2, "found 'sonntag'"),
        (["calendar", *VIENNESE, *YEARS, "--holidays", "twice"], 2, "lists 2027-01-01 after 2027-01-01"),
        (["calendar", *VIENNESE, *YEARS, "--holidays", "no-day"], 2, "there is no such day"),
        (
            ["calendar", *VIENNESE, *YEARS, "--holidays", "later"],
            2,
            "2032-01-01 is not in the years 2027 to 2031",
        ),
        (["calendar", *VIENNESE, *YEARS, "--holidays", "missing"], 1, "there is no file"),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_refused(
    captured: Captured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    message: str,
) -> None:
    """Unknown zones, times that clocks skip or repeat, wrong years, days and files: with what was wrong."""
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("twice", "2027-01-01\n2027-01-01"),
        ("no-day", "2027-02-29"),
        ("later", "2032-01-01"),
    ):
        (tmp_path / name).write_text(text)
    done = run(captured, ["agreement", *arguments])
    assert (status, "") == (done.status, done.out)
    assert message in done.err


@pytest.mark.usefixtures("zones")
def test_a_weekend_may_be_other_days_or_none(captured: Captured) -> None:
    """Not every week ends on Saturday."""
    command = ["agreement", "calendar", "--zone", "Asia/Kolkata", *YEARS, "--name", "office", "--weekend"]
    assert 'weekend = ["friday", "saturday"]' in run(captured, [*command, "saturday,friday"]).out
    assert "weekend = []" in run(captured, [*command, "none"]).out


@pytest.mark.usefixtures("zones")
def test_changes_are_found_to_the_second() -> None:
    """Every offset of the table is that of the zone, a second before each change and at it."""
    zone = zoneinfo.ZoneInfo("Europe/Vienna")
    start = VIENNA.offsets[0].start
    found = offsets_between(zone, start, Instant(VIENNA.offsets[-1].start.ms + HOUR_MS))
    assert VIENNA.offsets == found
    for before, after in itertools.pairwise(found):
        assert (before.minutes, after.minutes) == (
            offset_minutes(zone, after.start.plus(-1000)),
            offset_minutes(zone, after.start),
        )
