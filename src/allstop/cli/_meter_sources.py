"""Which reader reads which format of export, for `meter import` and `job import`."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from allstop.cli._options import as_usage
from allstop.cli._output import Tick
from allstop.errors import UsageError
from allstop.ids import Name

if TYPE_CHECKING:
    from allstop.ingest import ColumnMapping, MeterImport

__all__ = ["Columns", "MeterFormat", "find_client", "read_meters"]


class MeterFormat(Enum):
    """Formats of `meter import`."""

    MLPERF_TRAINING_POWER = "mlperf-training-power"
    PTDAEMON = "ptdaemon"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column of a table is what, as typed: time `ts`, value `node_w`, meter `node`, unit `W`, form `iso`."""

    time: str | None
    value: str | None
    meter: str | None
    unit: str
    time_form: str


def find_client(path: Path, client: Path | None) -> Path:
    """Return the client.json of a run: the one given, else where MLPerf puts it.

    Raises:
        UsageError: none was given and none is there.
    """
    if client is not None:
        return client
    for guess in (path.parent.parent / "power" / "client.json", path.parent / "client.json"):
        if guess.is_file():
            return guess
    raise UsageError(f"there is no client.json near {path}", hint="name it with --client")


def read_meters(
    form: MeterFormat, path: Path, *, client: Path | None, meter: Name | None, columns: Columns, tick: Tick
) -> "MeterImport":
    """Read an export in one of the formats.

    Raises:
        UsageError: an option that the format needs is missing.
        MalformedError: the export is not in the format.
    """
    from allstop.ingest import read_csv, read_mlperf_power, read_parquet, read_ptdaemon

    if form is MeterFormat.MLPERF_TRAINING_POWER:
        return read_mlperf_power(path, progress=tick)
    if form is MeterFormat.PTDAEMON:
        if meter is None:
            raise UsageError("format ptdaemon has one meter without a name", hint="name it with --meter")
        return read_ptdaemon(path, find_client(path, client), meter=meter, progress=tick)
    mapping = _mapping(meter, columns)
    return (read_csv if form is MeterFormat.CSV else read_parquet)(path, mapping, progress=tick)


def _mapping(meter: Name | None, columns: Columns) -> "ColumnMapping":
    from allstop.ingest import ColumnMapping, TimeForm

    if columns.time is None or columns.value is None:
        raise UsageError("a table needs --time-column and --value-column")
    time, value = columns.time, columns.value
    forms = {form.value: form for form in TimeForm}
    if columns.time_form not in forms:
        raise UsageError(f"--time-form is {columns.time_form[:16]!r}, want one of {', '.join(forms)}")
    return as_usage(
        lambda: ColumnMapping(
            time=time,
            value=value,
            unit=columns.unit,
            time_form=forms[columns.time_form],
            meter_column=columns.meter,
            meter=meter,
        )
    )
