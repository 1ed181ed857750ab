"""MLPerf Training power measurements: `meter import --format mlperf-training-power`.

A directory as in the published results, `power/result_*/`: `node_N.txt` with one reading in watts about
every 2 s, `sw_N.txt` with estimates for the network, `total_power.txt` with the submitter's own sum.
Readings are kept in the order of the file, repeated ones too: integrity is judged later, not here.
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from allstop.errors import LimitError, MalformedError, NotFoundError, UsageError
from allstop.finding import Channel
from allstop.ids import Name, parse_name
from allstop.ingest._imports import MeterImport, MeterReadings, series_of
from allstop.ingest._mllog import log_events
from allstop.ingest._source import Progress, SourceFile, open_source, parse_figure, quantise, report_nothing
from allstop.times import Instant

__all__ = ["POWER_FILES_MAX", "read_mlperf_power"]

POWER_FILES_MAX = 4096
"""Largest number of files in one such directory."""

_MILLIWATT_PER_WATT = 1000
_MILLIJOULE_PER_KWH = 3_600_000_000
_FILE = re.compile(r"(node|sw)_(0|[1-9][0-9]{0,5})\.txt\Z")
_TOTAL = re.compile(r"Total Power Usage: ([0-9.]+) kWh\Z")


def read_mlperf_power(directory: Path, *, progress: Progress = report_nothing) -> MeterImport:
    """Read every file of the directory; it may also be the benchmark's folder that holds `power/result_*/`.

    Raises:
        NotFoundError: there are no power files.
        UsageError: there are several `result_*` folders to choose from.
        MalformedError: a file is not in the format, is cut short, or is not known at all.
        LimitError: a file, or the number of files, is too large.
    """
    meters, total = _list_files(_find_directory(directory))
    readings: list[MeterReadings] = []
    for done, path in enumerate(meters):
        progress(done, len(meters))
        readings.append(_read_meter(open_source(path)))
    progress(len(meters), len(meters))
    stated = None if total is None else _read_total(open_source(total))
    return MeterImport(meters=tuple(readings), stated_total_millijoule=stated, notes=_notes(readings, stated))


def _find_directory(directory: Path) -> Path:
    if not directory.is_dir():
        raise NotFoundError(f"there is no directory {directory}")
    for pattern in ("power/result_*", "result_*"):
        found = sorted(path for path in directory.glob(pattern) if path.is_dir())
        if len(found) > 1:
            raise UsageError(
                f"{directory} has {len(found)} measurements, want one",
                hint=f"name one of them, such as {found[0]}",
            )
        if found:
            return found[0]
    return directory


def _list_files(directory: Path) -> tuple[list[Path], Path | None]:
    """Return the meter files, nodes first, by number, and the file of the total."""
    meters: list[tuple[str, int, Path]] = []
    total: Path | None = None
    for count, path in enumerate(sorted(directory.iterdir()), start=1):
        if count > POWER_FILES_MAX:
            raise LimitError(f"{directory} has more than {POWER_FILES_MAX} files")
        match = _FILE.match(path.name)
        if match is not None:
            meters.append((match[1], int(match[2]), path))
        elif path.name == "total_power.txt":
            total = path
        else:
            # Passing over a file unseen would be a way to leave readings out.
            raise MalformedError(f"{path.name} is no node_N.txt, sw_N.txt or total_power.txt")
    if not meters:
        raise NotFoundError(f"{directory} holds no node_N.txt")
    return [path for _, _, path in sorted(meters)], total


def _read_meter(source: SourceFile) -> MeterReadings:
    kind, _, number = source.name.removesuffix(".txt").partition("_")
    reading_key = "power_reading" if kind == "node" else "interconnect_power_est"
    times: list[int] = []
    values: list[int] = []
    marks: dict[str, int] = {}
    for event in log_events(source, only=True):
        if event.key == reading_key:
            try:
                values.append(quantise(event.value, _MILLIWATT_PER_WATT))
            except ValueError as exc:
                raise source.malformed(event.line, str(exc)) from exc
            times.append(event.at_ms)
        elif event.key in ("power_measurement_start", "power_measurement_stop"):
            if event.key in marks:
                raise source.malformed(event.line, f"is a second {event.key}")
            marks[event.key] = event.at_ms
        else:
            raise source.malformed(event.line, f"has key {event.key[:40]!r}, want {reading_key}")
    if not times:
        raise MalformedError(f"{source.name} has no {reading_key}")
    start, stop = _period(source, marks, wanted=kind == "node")
    return MeterReadings(
        meter=parse_name(f"{kind}-{number}"),
        channel=Channel.POWER,
        series=series_of(times, values),
        source=source.name,
        source_digest=source.digest,
        started_at=start,
        stopped_at=stop,
        covers_chips=kind == "node",
    )


def _period(
    source: SourceFile, marks: dict[str, int], *, wanted: bool
) -> tuple[Instant | None, Instant | None]:
    for key in ("power_measurement_start", "power_measurement_stop"):
        if key not in marks and (wanted or marks):
            raise MalformedError(f"{source.name} has no {key}, as if cut short")
    if not marks:
        return None, None
    start, stop = marks["power_measurement_start"], marks["power_measurement_stop"]
    if stop < start:
        raise MalformedError(f"{source.name} stops {start - stop} ms before it starts")
    return Instant(start), Instant(stop)


def _read_total(source: SourceFile) -> int:
    lines = list(source.lines())
    match = _TOTAL.match(lines[0][1].strip()) if len(lines) == 1 else None
    if match is None:
        raise MalformedError(f"{source.name} is not one line 'Total Power Usage: N kWh'")
    try:
        total: Decimal = parse_figure(match[1]) * _MILLIJOULE_PER_KWH
    except ValueError as exc:
        raise source.malformed(lines[0][0], str(exc)) from exc
    return int(total.to_integral_value(ROUND_HALF_EVEN))


def _notes(readings: list[MeterReadings], stated: int | None) -> tuple[str, ...]:
    notes: list[str] = []
    blind: list[Name] = [one.meter for one in readings if not one.covers_chips]
    if blind:
        notes.append(f"{', '.join(blind)} covers no chips and gives estimates, not readings of a meter")
    if stated is None:
        notes.append("the source states no total")
    outside = sum(_lies_outside(one) for one in readings)
    if outside:
        notes.append(f"{outside} of {len(readings)} files have readings outside their own period")
    return tuple(notes)


def _lies_outside(one: MeterReadings) -> bool:
    window = one.window
    if window is None:
        return False
    return bool(one.series.t.min() < window.start.ms or one.series.t.max() >= window.end.ms)
