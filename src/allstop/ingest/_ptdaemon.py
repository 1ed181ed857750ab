"""SPEC PTDaemon logs: `meter import --format ptdaemon`.

`spl.txt` holds one reading a second of a calibrated meter, its total and up to six channels, with times
that name no timezone. The offset is the one under which every reading falls into the testing phase of
`client.json`; if none or several do, the import is refused rather than guessed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from allstop.errors import MalformedError
from allstop.finding import Channel
from allstop.ids import Name
from allstop.ingest._client_log import ClientLog, read_client_log
from allstop.ingest._imports import MeterImport, MeterReadings, series_of
from allstop.ingest._source import Progress, SourceFile, open_source, parse_figure, quantise, report_nothing

__all__ = ["read_ptdaemon"]

_MILLIWATT_PER_WATT = 1000
_QUANTITIES = ("Watts", "Volts", "Amps", "PF")
_CHANNELS_MAX = 6
_PROGRESS_LINES = 1000
_STAMP = re.compile(r"(\d\d)-(\d\d)-(\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{3})\Z", re.ASCII)
_ROUNDING_MILLIWATT = 50
"""Watts are printed to a tenth, so each figure is off by at most this."""


@dataclass(frozen=True, slots=True)
class _Row:
    naive_ms: int
    milliwatt: int
    channels: tuple[int, ...]


def read_ptdaemon(
    spl: Path, client: Path, *, meter: Name, progress: Progress = report_nothing
) -> MeterImport:
    """Read the total of `spl.txt` as one meter; the channels are compared with it and noted.

    Raises:
        NotFoundError: a file is not there.
        MalformedError: a line is not in the format, belongs to another session, or the times fit no
            offset or several.
        LimitError: a file is too large.
    """
    source, log = open_source(spl), read_client_log(client)
    size = source.data.count(b"\n")
    rows: list[_Row] = []
    for number, text in source.lines():
        if number % _PROGRESS_LINES == 0:
            progress(number, size)
        rows.append(_parse_row(source, number, text, mark=f"{log.session}_testing"))
    if not rows:
        raise MalformedError(f"{source.name} has no readings")
    offset_ms = _offset(source, rows, log)
    progress(size, size)
    readings = MeterReadings(
        meter=meter,
        channel=Channel.POWER,
        series=series_of([row.naive_ms - offset_ms for row in rows], [row.milliwatt for row in rows]),
        source=source.name,
        source_digest=source.digest,
        started_at=log.testing.start,
        stopped_at=log.testing.end,
    )
    notes = [f"times were read as UTC{_clock(offset_ms)}, which puts all of them into the testing phase"]
    return MeterImport(meters=(readings,), notes=(*notes, _compare_channels(rows)))


def _parse_row(source: SourceFile, number: int, text: str, *, mark: str) -> _Row:
    """Parse `Time,S,Watts,W,...,Mark,M` and then, for each channel, `ChN,Watts,W,...`."""
    parts = text.split(",")
    head = 2 + 2 * len(_QUANTITIES) + 2
    size = 1 + 2 * len(_QUANTITIES)
    channels = [parts[at : at + size] for at in range(head, len(parts), size)]
    if len(parts) < head or parts[0] != "Time" or parts[head - 2] != "Mark" or len(channels) > _CHANNELS_MAX:
        raise source.malformed(number, "is no reading with Time, Watts, Volts, Amps, PF and Mark")
    if parts[head - 1] != mark:
        raise source.malformed(number, f"is marked {parts[head - 1][:40]!r}, want {mark!r}")
    try:
        total = _watts(parts[2 : head - 2])
        split = []
        for index, channel in enumerate(channels, start=1):
            if channel[0] != f"Ch{index}":
                raise ValueError(f"has {channel[0][:8]!r} in the place of channel {index}")
            split.append(_watts(channel[1:]))
        return _Row(_naive_ms(parts[1]), total, tuple(split))
    except ValueError as exc:
        raise source.malformed(number, f"has a field that is wrong: {exc}") from exc


def _watts(pairs: list[str]) -> int:
    if tuple(pairs[0::2]) != _QUANTITIES or len(pairs) != 2 * len(_QUANTITIES):
        raise ValueError(f"quantities are {pairs[0::2]}, want {list(_QUANTITIES)}")
    figures = [parse_figure(text) for text in pairs[1::2]]
    return quantise(figures[0], _MILLIWATT_PER_WATT)


def _naive_ms(text: str) -> int:
    match = _STAMP.match(text)
    if match is None:
        raise ValueError(f"time is {text[:32]!r}, want MM-DD-YYYY hh:mm:ss.mmm")
    month, day, year, hour, minute, second, ms = (int(part) for part in match.groups())
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86_400 + whole.seconds) * 1000 + ms


def _offset(source: SourceFile, rows: list[_Row], log: ClientLog) -> int:
    """Return the one offset in ms, local minus UTC, that puts every reading into the testing phase."""
    first, last = min(row.naive_ms for row in rows), max(row.naive_ms for row in rows)
    # The sign of the timezone differs between versions of the client, so both are tried.
    candidates = {0, log.timezone_seconds * 1000, -log.timezone_seconds * 1000}
    start, end = log.testing.start.ms, log.testing.end.ms
    fitting = [offset for offset in candidates if start <= first - offset and last - offset <= end]
    if len(fitting) != 1:
        raise MalformedError(
            f"{source.name} fits the testing phase of the client log under {len(fitting)} offsets, want 1",
            hint="check that both files are of the same run",
        )
    return fitting[0]


def _clock(offset_ms: int) -> str:
    sign, minutes = ("-" if offset_ms < 0 else "+"), abs(offset_ms) // 60_000
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def _compare_channels(rows: list[_Row]) -> str:
    """Return a note on how far the total is from the sum of the channels."""
    compared = [row for row in rows if row.channels]
    if not compared:
        return "the meter has no separate channels to compare with its total"
    deviations = [abs(row.milliwatt - sum(row.channels)) for row in compared]
    allowed = [(1 + len(row.channels)) * _ROUNDING_MILLIWATT for row in compared]
    beyond = sum(deviation > limit for deviation, limit in zip(deviations, allowed, strict=True))
    return (
        f"total and sum of channels differ by at most {max(deviations)} mW,"
        f" beyond rounding in {beyond} of {len(compared)} readings"
    )
