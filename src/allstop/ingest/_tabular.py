"""Tables of readings: `meter import --format csv` and `--format parquet`, with a column mapping.

The mapping names the columns for time, value and, if one file holds several meters, the meter; and says in
what the times and values are. Strict: a missing or doubled column, a row with too few fields, a time
without offset or a value that is no number is an error that names the row.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from allstop.errors import LimitError, MalformedError, UsageError
from allstop.finding import Channel
from allstop.ids import Name, parse_name
from allstop.ingest._imports import MeterImport, MeterReadings, series_of
from allstop.ingest._sandbox import Sandbox
from allstop.ingest._source import (
    LINES_MAX,
    Progress,
    SourceFile,
    open_source,
    parse_figure,
    quantise,
    report_nothing,
)
from allstop.times import INSTANT_MS_MAX

__all__ = ["METERS_MAX", "UNITS", "ColumnMapping", "TimeForm", "read_csv", "read_parquet"]

METERS_MAX = 4096
"""Largest number of meters in one table."""

UNITS: Mapping[str, tuple[Channel, Decimal]] = MappingProxyType(
    {
        "mW": (Channel.POWER, Decimal(1)),
        "W": (Channel.POWER, Decimal(10**3)),
        "kW": (Channel.POWER, Decimal(10**6)),
        "MW": (Channel.POWER, Decimal(10**9)),
        "mJ": (Channel.ENERGY, Decimal(1)),
        "J": (Channel.ENERGY, Decimal(10**3)),
        "kJ": (Channel.ENERGY, Decimal(10**6)),
        "Wh": (Channel.ENERGY, Decimal(3_600_000)),
        "kWh": (Channel.ENERGY, Decimal(3_600_000_000)),
        "MWh": (Channel.ENERGY, Decimal(3_600_000_000_000)),
        "chip-ms": (Channel.BUSY, Decimal(1)),
        "chip-s": (Channel.BUSY, Decimal(10**3)),
        "chip-h": (Channel.BUSY, Decimal(3_600_000)),
        "ppm": (Channel.TENSOR, Decimal(1)),
        "percent": (Channel.TENSOR, Decimal(10**4)),
        "on-off": (Channel.BREAKER, Decimal(1)),
    }
)
"""Units of values, each with its channel and what one is in the channel's own unit.

Energy and chip-time are cumulative counters: the reading is what the meter has counted so far.
"""

_PROGRESS_ROWS = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)\Z",
    re.ASCII,
)


class TimeForm(Enum):
    """How times are written."""

    ISO = "iso"
    """Such as `2026-11-23T09:30:00.250+01:00`; `Z` or an offset is needed."""
    SECONDS = "s"
    """Seconds since 1970 UTC, fractions allowed."""
    MILLISECONDS = "ms"
    """Milliseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Which column is what: `ColumnMapping(time="ts", value="node_w", unit="W", time_form=TimeForm.ISO)`.

    `meter_column` names the column with the meter's name; without it all rows are of `meter`.
    """

    time: str
    value: str
    unit: str
    time_form: TimeForm = TimeForm.ISO
    meter_column: str | None = None
    meter: Name | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise UsageError(f"unit is {self.unit[:16]!r}", hint=f"known units: {', '.join(UNITS)}")
        if (self.meter_column is None) == (self.meter is None):
            raise UsageError(
                "a table needs either a column with the meter's name or the name of its one meter"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read: time, value, and the meter's if there is one."""
        named = (self.time, self.value, self.meter_column)
        return tuple(name for name in named if name is not None)


@dataclass(slots=True)
class _Gathered:
    """Readings by meter, meters in the order in which they first appear."""

    mapping: ColumnMapping
    meters: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)

    def add(self, row: Sequence[object]) -> None:
        """Add one row of (time, value) or (time, value, meter). Raises ValueError if it is no reading."""
        time = _TIMES[self.mapping.time_form](row[0])
        if not 0 <= time <= INSTANT_MS_MAX:
            raise ValueError("time is not between 1970 and 9999")
        value = quantise(_figure(row[1]) * UNITS[self.mapping.unit][1], 1)
        name = self.mapping.meter if len(row) == 2 else row[2]
        if not isinstance(name, str):
            raise ValueError("meter has no name")
        if name not in self.meters:
            parse_name(name)
            if len(self.meters) == METERS_MAX:
                raise ValueError(f"table has more than {METERS_MAX} meters")
            self.meters[name] = ([], [])
        times, values = self.meters[name]
        times.append(time)
        values.append(value)

    def result(self, source: SourceFile) -> MeterImport:
        if not self.meters:
            raise MalformedError(f"{source.name} has no readings")
        digest = source.digest
        return MeterImport(
            meters=tuple(
                MeterReadings(
                    meter=parse_name(name),
                    channel=UNITS[self.mapping.unit][0],
                    series=series_of(times, values),
                    source=source.name,
                    source_digest=digest,
                )
                for name, (times, values) in self.meters.items()
            ),
            notes=("the table states no period of its own, and no total",),
        )


def _figure(value: object) -> Decimal:
    if isinstance(value, str):
        return parse_figure(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"value is {str(value)[:24]!r}, want a number")
    # A binary fraction becomes the shortest decimal that means it, as every printer would show it.
    figure = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not figure.is_finite():
        raise ValueError("value is no finite number")
    return figure


def _iso_ms(value: object) -> int:
    if isinstance(value, int):  # microseconds since 1970, as a timestamp is asked for
        return quantise(Decimal(value).scaleb(-3), 1)
    match = _ISO.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"time is {str(value)[:40]!r}, want such as 2026-11-23T09:30:00Z")
    day, clock, fraction, offset = match.groups()
    moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if offset == 'Z' else offset}")
    return _since_epoch_ms(moment) + quantise(Decimal(f"0.{fraction or 0}"), 1000)


def _since_epoch_ms(moment: datetime) -> int:
    since = moment - _EPOCH
    return quantise(
        Decimal(since.days * 86_400 + since.seconds) + Decimal(since.microseconds).scaleb(-6), 1000
    )


_TIMES: Mapping[TimeForm, Callable[[object], int]] = MappingProxyType(
    {
        TimeForm.ISO: _iso_ms,
        TimeForm.SECONDS: lambda value: quantise(_figure(value), 1000),
        TimeForm.MILLISECONDS: lambda value: quantise(_figure(value), 1),
    }
)


def read_csv(path: Path, mapping: ColumnMapping, *, progress: Progress = report_nothing) -> MeterImport:
    """Read a table with one header row, comma-separated, in UTF-8.

    Raises:
        NotFoundError: there is no such file.
        MalformedError: a row is not in that form, or the header lacks a column or has it twice.
        LimitError: the file or the number of its rows is too large.
    """
    source = open_source(path)
    lines = list(source.lines())
    if not lines:
        raise MalformedError(f"{source.name} is empty")
    rows = csv.reader((text for _, text in lines), strict=True)
    gathered = _Gathered(mapping)
    places: list[int] = []
    fields_count = 0
    for index, row in enumerate(_rows(source, lines, rows)):
        if index == 0:
            places, fields_count = _places(source, row, mapping), len(row)
            continue
        if index % _PROGRESS_ROWS == 0:
            progress(index, len(lines))
        if len(row) != fields_count:
            raise source.malformed(lines[index][0], f"has {len(row)} fields, want {fields_count}")
        try:
            gathered.add([row[place] for place in places])
        except (ValueError, MalformedError) as exc:
            raise source.malformed(lines[index][0], f"is no reading: {exc}") from exc
    progress(len(lines), len(lines))
    return gathered.result(source)


def _rows(
    source: SourceFile, lines: Sequence[tuple[int, str]], rows: Iterator[list[str]]
) -> Iterator[list[str]]:
    """Yield the fields of each line; a quoted field that goes on in the next line is refused."""
    for number, _ in lines:
        try:
            row = next(rows, None)
        except csv.Error as exc:
            raise source.malformed(number, "is no row of comma-separated values") from exc
        if row is None:
            raise source.malformed(number, "is part of a quoted field of several lines")
        yield row


def _places(source: SourceFile, header: Sequence[str], mapping: ColumnMapping) -> list[int]:
    names = [name.strip().removeprefix("\ufeff") for name in header]
    for column in mapping.columns:
        if names.count(column) != 1:
            raise MalformedError(
                f"{source.name} has {names.count(column)} columns named {column[:40]!r}, want 1",
                hint=f"its columns are: {', '.join(names)[:400]}",
            )
    return [names.index(column) for column in mapping.columns]


_VALUE_TYPES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL")
_TIME_TYPES = {
    TimeForm.ISO: ("TIMESTAMP WITH TIME ZONE", "VARCHAR"),
    TimeForm.SECONDS: ("INTEGER", "BIGINT", "DOUBLE", "DECIMAL"),
    TimeForm.MILLISECONDS: ("INTEGER", "BIGINT"),
}
_CONVERSIONS = {
    "TIMESTAMP WITH TIME ZONE": "epoch_us({})",  # the binding has no timezones of its own
    "VARCHAR": "left({}, 64)",  # no cell can be large
}
_BATCH_ROWS = 2048


def read_parquet(path: Path, mapping: ColumnMapping, *, progress: Progress = report_nothing) -> MeterImport:
    """Read a Parquet table in batches, inside a database that sees only a copy of this file.

    Raises:
        NotFoundError: there is no such file.
        MalformedError: the file cannot be decoded, or has not these columns with numbers and times.
        LimitError: the file or the number of its rows is too large, or it needs too much memory.
    """
    source = open_source(path)
    sandbox = Sandbox()
    gathered = _Gathered(mapping)
    try:
        copy = sandbox.put("table", source.data)
        with sandbox.reading(source.name) as connection:
            described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(copy)]).fetchall()
            found = connection.execute(
                "SELECT num_rows FROM parquet_file_metadata(?)", [str(copy)]
            ).fetchone()
        rows = 0 if found is None else int(found[0])
        if rows > LINES_MAX:
            raise LimitError(f"{source.name} has {rows} rows, want at most {LINES_MAX}")
        selected = _check_types(source, [(str(row[0]), str(row[1])) for row in described], mapping)
        query = f"SELECT {', '.join(selected)} FROM read_parquet(?)"
        _gather_parquet(source, sandbox, query, rows, gathered, progress)
    finally:
        sandbox.close()
    return gathered.result(source)


def _check_types(source: SourceFile, described: list[tuple[str, str]], mapping: ColumnMapping) -> list[str]:
    """Return what to select for each column of the mapping, after checking that its type will do."""
    _places(source, [name for name, _ in described], mapping)
    types = dict(described)
    wanted = {mapping.time: _TIME_TYPES[mapping.time_form], mapping.value: _VALUE_TYPES}
    if mapping.meter_column is not None:
        wanted[mapping.meter_column] = ("VARCHAR",)
    selected = []
    for column in mapping.columns:
        kind = types[column].partition("(")[0]
        if kind not in wanted[column]:
            raise MalformedError(
                f"{source.name} column {column[:40]!r} is {types[column][:40]},"
                f" want one of {', '.join(wanted[column])}"
            )
        selected.append(_CONVERSIONS.get(kind, "{}").format('"' + column.replace('"', '""') + '"'))
    return selected


def _gather_parquet(
    source: SourceFile,
    sandbox: Sandbox,
    query: str,
    rows: int,
    gathered: _Gathered,
    progress: Progress,
) -> None:
    with sandbox.reading(source.name) as connection:
        cursor = connection.execute(query, [str(sandbox.folder / "table")])
        for start in range(0, rows, _BATCH_ROWS):
            for number, row in enumerate(cursor.fetchmany(_BATCH_ROWS), start=start + 1):
                try:
                    gathered.add(row)
                except (ValueError, MalformedError) as exc:
                    raise MalformedError(f"{source.name} row {number} is no reading: {exc}") from exc
            progress(min(start + _BATCH_ROWS, rows), rows)
        if cursor.fetchone() is not None:
            raise MalformedError(f"{source.name} has more rows than the {rows} that it claims")
