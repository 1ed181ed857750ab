"""`allstop agreement calendar` and `allstop agreement ceremony`: local time as agreed data, and one instant for all."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON, format_instant
from allstop.cli._documents import name_in_error, read_text
from allstop.cli._options import JSONOption, as_usage, examples, option_parser
from allstop.cli._output import emit, format_table, say
from allstop.clocks import (
    WEEKDAYS,
    Calendar,
    LocalTime,
    Offset,
    day_of_text,
    format_calendar,
    format_local,
    local_of,
    local_to_utc,
    parse_local,
)
from allstop.errors import UsageError
from allstop.ids import Name, parse_name
from allstop.times import DAY_MS, Instant

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["register"]

_YEAR_COUNT_MAX = 100


def register(noun: typer.Typer) -> None:
    """Add both commands to the noun `agreement`."""
    noun.command(
        epilog=examples(
            "allstop agreement calendar --zone Europe/Vienna --from 2027 --to 2030",
            "allstop agreement calendar --zone Asia/Tokyo --from 2027 --to 2027 --name office\n"
            "    --weekend saturday,sunday --holidays holidays.txt",
        )
    )(calendar)
    noun.command(
        epilog=examples(
            "allstop agreement ceremony --local '2027-03-28 11:00' --zone Europe/Vienna --zone Asia/Tokyo",
            "allstop agreement ceremony --local '2027-03-28 11:00' --zone Europe/Vienna --json",
        )
    )(ceremony)


_ZoneOption = Annotated[
    str, typer.Option("--zone", metavar="ZONE", help="Zone of local time, such as Europe/Vienna.")
]


def calendar(
    zone: _ZoneOption,
    first: Annotated[int, typer.Option("--from", metavar="YEAR", min=1970, max=9998, help="First year.")],
    last: Annotated[int, typer.Option("--to", metavar="YEAR", min=1970, max=9998, help="Last year.")],
    name: Annotated[
        Name | None,
        typer.Option(
            "--name",
            metavar="NAME",
            parser=option_parser(parse_name),
            help="Name of the calendar; without it the last word of the zone.",
        ),
    ] = None,
    weekend: Annotated[
        str,
        typer.Option("--weekend", metavar="DAYS", help="Days without business, with commas, or none."),
    ] = "saturday,sunday",
    holidays: Annotated[
        Path | None,
        typer.Option("--holidays", metavar="FILE", help="Dates such as 2027-12-25, one a line; # for notes."),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Write a calendar for an agreement, in TOML: weekend, holidays, and every change of local time.

    Offsets come from this machine's table of zones. What the parties agree is the text that is printed: whatever
    a government changes later, due instants stay the same for everybody. Paste it into the agreement.
    """
    from allstop.cli._zones import load_zone, offsets_between

    if not first <= last < first + _YEAR_COUNT_MAX:
        raise UsageError(f"years are {first} to {last}, want at most {_YEAR_COUNT_MAX}, the first one first")
    start, end = (Instant(day_of_text(f"{year}-01-01") * DAY_MS) for year in (first, last + 1))
    found = as_usage(
        lambda: Calendar(
            name=name or _name_of(zone),
            weekend=frozenset(_weekend(weekend)),
            holidays=() if holidays is None else tuple(_read_holidays(holidays, first, last)),
            offsets=offsets_between(load_zone(zone), start, end),
        )
    )
    say("note: offsets are those of this machine's table of zones; compare them before you sign")
    emit(format_calendar(found), _toml(found), as_json=as_json)


def _name_of(zone: str) -> Name:
    last = zone.rpartition("/")[2].lower()
    try:
        return parse_name(last)
    except Exception as exc:
        raise UsageError(f"zone {zone[:64]} leads to no name", hint="give one with --name") from exc


def _weekend(text: str) -> Iterator[int]:
    if text in ("", "none"):
        return
    for word in text.split(","):
        if word not in WEEKDAYS:
            raise UsageError(f"found {word[:24]!r}, want days such as saturday,sunday for --weekend")
        yield WEEKDAYS.index(word)


def _read_holidays(path: Path, first: int, last: int) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in read_text(path).splitlines())
    dates = sorted(line for line in lines if line)
    for text in dates:
        name_in_error(path, lambda text=text: day_of_text(text))  # type: ignore[misc]  # mypy cannot type the default
        if not first <= int(text[:4]) <= last:
            raise UsageError(f"{path}: {text} is not in the years {first} to {last}")
    return dates


def _toml(found: Calendar) -> list[str]:
    def texts(values: list[str]) -> list[str]:
        return [f"  {', '.join(values[place : place + 6])}," for place in range(0, len(values), 6)]

    weekend = ", ".join(f'"{WEEKDAYS[number]}"' for number in sorted(found.weekend))
    holidays = texts([f'"{text}"' for text in found.holidays])
    offsets = [
        f'  {{ from = "{format_instant(one.start)}", minutes = {one.minutes} }},' for one in found.offsets
    ]
    return [
        "[[calendars]]",
        f'name = "{found.name}"',
        f"weekend = [{weekend}]",
        *(["holidays = [", *holidays, "]"] if holidays else ["holidays = []"]),
        "offsets = [",
        *offsets,
        "]",
    ]


def ceremony(
    local: Annotated[
        LocalTime,
        typer.Option(
            "--local",
            metavar="TIME",
            parser=option_parser(parse_local),
            help="Local time in the first zone, such as '2027-03-28 11:00'.",
        ),
    ],
    zones: Annotated[
        list[str],
        typer.Option(
            "--zone", metavar="ZONE", help="Zone of the local time; others are shown beside it, in order."
        ),
    ],
    as_json: JSONOption = False,
) -> None:
    """Turn the local time of a ceremony into the one instant that an agreement names, and show it elsewhere.

    A local time that a change of clocks skips or repeats names no instant, and is refused with both readings.
    """
    from allstop.cli._zones import load_zone

    tables = [_around(load_zone(name), local) for name in zones]
    at = as_usage(lambda: local_to_utc(local, tables[0]))
    rows = as_usage(
        lambda: [
            (name, local_of(at, table), table.offset_minutes(at))
            for name, table in zip(zones, tables, strict=True)
        ]
    )
    value: JSON = {
        "instant": format_instant(at),
        "zones": [
            {"zone": name, "local": format_local(there), "offsetMinutes": minutes}
            for name, there, minutes in rows
        ],
    }
    lines = format_table(
        [
            ["instant", format_instant(at), ""],
            *([name, format_local(there), _offset_text(minutes)] for name, there, minutes in rows),
        ]
    )
    emit(value, lines, as_json=as_json)


def _around(zone: "ZoneInfo", local: LocalTime) -> Calendar:
    """Return the changes of a zone within three days of a local time, whatever zone that time is in."""
    from allstop.cli._zones import offsets_between

    first = Instant(max(0, local.ms - 3 * DAY_MS))
    offsets: tuple[Offset, ...] = offsets_between(zone, first, Instant(first.ms + 6 * DAY_MS))
    return Calendar(name=Name(zone.key), offsets=offsets)


def _offset_text(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
