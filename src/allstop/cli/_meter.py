"""`allstop meter`: meters, and readings from exports that exist or from this machine."""

from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON
from allstop.cli._chips_text import ChipsOption, CountPerMeterOption, LotOption, check_site, find_chips
from allstop.cli._filing import Filing, open_filing, report_filed
from allstop.cli._meter_sources import Columns, MeterFormat, read_meters
from allstop.cli._options import (
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    PartyOption,
    SiteOption,
    as_usage,
    examples,
    make_noun,
    option_parser,
    parse_milliwatt,
)
from allstop.cli._output import Tick, emit, progress, say
from allstop.errors import UsageError
from allstop.ids import Name, parse_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from allstop.app import MeterTerms
    from allstop.finding import ChipRange
    from allstop.ingest import MeterImport, Recording
    from allstop.registry import Chips

__all__ = ["app"]

app = make_noun("meter", "Register meters; import or record what they read.")

_PPM = 1_000_000
_STATED = Name("stated")

RatedOption = Annotated[
    int | None,
    typer.Option(
        "--rated-watts",
        metavar="W",
        parser=option_parser(parse_milliwatt),
        help="Rated power of all behind one meter; without it, the chip table's share times the chips.",
    ),
]
IdleOption = Annotated[
    int | None,
    typer.Option(
        "--idle-watts",
        metavar="W",
        parser=option_parser(parse_milliwatt),
        help="Power below which the chips are idle; without it, the chip table's floor times the chips.",
    ),
]
ErrorOption = Annotated[
    int,
    typer.Option(
        "--error-ppm",
        metavar="PPM",
        min=0,
        max=_PPM,
        help="Relative error of one meter in parts per million, random and systematic each.",
    ),
]
CalibrationOption = Annotated[
    Name,
    typer.Option(
        "--calibration",
        metavar="NAME",
        parser=option_parser(parse_name),
        help="Meters of one calibration share their systematic error.",
    ),
]


class _Channel(Enum):
    POWER = "power"
    ENERGY = "energy"
    BUSY = "busy-time"
    TENSOR = "tensor-activity"
    BREAKER = "breaker"


@app.command(
    epilog=examples(
        "allstop meter add node-1 --site hall-1 --channel power --chips alder-h100:0-8 --rated-watts 10200\n"
        "    --idle-watts 2720 --party alder --key alder.key"
    )
)
def add(
    meter: Annotated[
        Name, typer.Argument(metavar="METER", parser=option_parser(parse_name), help="Name of the meter.")
    ],
    site: SiteOption,
    channel: Annotated[_Channel, typer.Option("--channel", help="What it measures.")],
    party: PartyOption,
    key: KeyOption,
    chips: ChipsOption = None,
    rated: RatedOption = None,
    idle: IdleOption = None,
    error: ErrorOption = 10_000,
    calibration: CalibrationOption = _STATED,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Register one meter: what it measures, on which chips, and how well. No chips: a switch or a building."""
    from allstop.finding import Channel
    from allstop.registry import METER_PREDICATE, Meter

    is_power = channel is _Channel.POWER
    if is_power and rated is None:
        raise UsageError("a power meter needs --rated-watts")
    with open_filing(log, party, key, cosign) as filing:
        check_site(filing.desk, site)
        covers = find_chips(filing.desk, chips or [])
        value = as_usage(
            lambda: Meter(
                meter=meter,
                site=site,
                channel=Channel(channel.value),
                covers=covers,
                rated_milliwatt=rated or 0,
                idle_milliwatt=idle or 0,
                random_error_ppm=error,
                systematic_error_ppm=error,
                calibration=calibration,
            )
        )
        report_filed("meter", filing, filing.file(METER_PREDICATE, value), as_json=as_json)


_LeaveOutOption = Annotated[
    list[Name] | None,
    typer.Option(
        "--leave-out",
        metavar="METER",
        parser=option_parser(parse_name),
        help="Register this meter but file no readings of it: its chips then count as unobserved.",
    ),
]

_ClientOption = Annotated[
    Path | None,
    typer.Option("--client", metavar="FILE", help="client.json of the run, for ptdaemon."),
]

_MeterOption = Annotated[
    Name | None,
    typer.Option(
        "--meter",
        metavar="NAME",
        parser=option_parser(parse_name),
        help="Name, if the file has one meter.",
    ),
]

_TimeColumnOption = Annotated[
    str | None, typer.Option("--time-column", metavar="NAME", help="Column of times (csv, parquet).")
]

_ValueColumnOption = Annotated[
    str | None, typer.Option("--value-column", metavar="NAME", help="Column of readings (csv, parquet).")
]

_MeterColumnOption = Annotated[
    str | None, typer.Option("--meter-column", metavar="NAME", help="Column of meters' names.")
]

_UnitOption = Annotated[
    str, typer.Option("--unit", metavar="UNIT", help="Unit of readings: W, kW, kWh, chip-h, percent ...")
]

_TimeFormOption = Annotated[
    str, typer.Option("--time-form", metavar="FORM", help="Times are iso, s or ms since 1970 UTC.")
]


@app.command(
    "import",
    epilog=examples(
        "allstop meter import results/gpt3 --format mlperf-training-power --site hall-1 --lot alder-h100\n"
        "    --chips-per-meter 8 --party alder --key alder.key",
        "allstop meter import nodes.csv --format csv --time-column ts --value-column watts --unit W\n"
        "    --meter-column node --site hall-1 --lot alder-h100 --chips-per-meter 8 --party alder --key alder.key",
        "allstop meter import run_1/spl.txt --format ptdaemon --client power/client.json --meter node-1\n"
        "    --site hall-1 --lot alder-h200 --chips-per-meter 8 --party alder --key alder.key",
    ),
)
def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File or folder with the readings.")],
    form: Annotated[MeterFormat, typer.Option("--format", help="What kind of export it is.")],
    site: SiteOption,
    lot: LotOption,
    chips_per_meter: CountPerMeterOption,
    party: PartyOption,
    key: KeyOption,
    rated: RatedOption = None,
    idle: IdleOption = None,
    error: ErrorOption = 10_000,
    calibration: CalibrationOption = _STATED,
    leave_out: _LeaveOutOption = None,
    client: _ClientOption = None,
    meter: _MeterOption = None,
    time_column: _TimeColumnOption = None,
    value_column: _ValueColumnOption = None,
    meter_column: _MeterColumnOption = None,
    unit: _UnitOption = "W",
    time_form: _TimeFormOption = "iso",
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Register the meters of an export and file its readings, exactly as they are.

    Meters take their chips from the lot one after the other. Nothing is repaired or judged: what does not
    hold together is filed as it is, and the audit says so. Meters that are registered already stay as they are.
    """
    columns = Columns(
        time=time_column, value=value_column, meter=meter_column, unit=unit, time_form=time_form
    )
    with open_filing(log, party, key, cosign) as filing:
        check_site(filing.desk, site)
        with progress("reading") as tick:
            imported = read_meters(form, path, client=client, meter=meter, columns=columns, tick=tick)
        _file(
            filing,
            imported,
            site=site,
            lot=lot,
            chips_per_meter=chips_per_meter,
            terms=_terms(rated, idle, error, calibration),
            leave_out=frozenset(leave_out or ()),
            as_json=as_json,
        )


def _terms(rated: int | None, idle: int | None, error: int, calibration: Name) -> "MeterTerms":
    from allstop.app import MeterTerms

    return MeterTerms(
        rated_milliwatt=rated,
        idle_milliwatt=idle,
        random_error_ppm=error,
        systematic_error_ppm=error,
        calibration=calibration,
    )


def _check_import(
    imported: "MeterImport",
    leave_out: frozenset[Name],
    fresh: "MeterImport",
    covers: "Mapping[Name, tuple[ChipRange, ...]]",
    chips: "Chips",
) -> None:
    """Refuse what could be filed but is surely a slip: unknown meters, more chips than there are."""
    names = {one.meter for one in imported.meters}
    if leave_out - names or leave_out == names:
        raise UsageError(
            f"--leave-out names {', '.join(sorted(leave_out))}, want some of the meters but not all",
            hint=f"the source has {', '.join(sorted(names)[:8])}",
        )
    wanted = sum(piece.count for one in fresh.meters for piece in covers[one.meter])
    if wanted > chips.count:
        raise UsageError(
            f"{len(fresh.meters)} meters cover {wanted} chips, but lot {chips.lot} has {chips.count}",
            hint="check --chips-per-meter and --lot",
        )


def _file(
    filing: Filing,
    imported: "MeterImport",
    *,
    site: Name,
    lot: Name,
    chips_per_meter: int,
    terms: "MeterTerms",
    leave_out: frozenset[Name],
    as_json: bool,
) -> None:
    """File new meters and all readings, after everything that can be checked was checked."""
    from allstop.app import (
        file_measurements,
        file_meters,
        find_lot,
        load_agreed_chips,
        registered_meters,
        spread_chips,
    )

    chips = find_lot(filing.desk, lot)
    covers = as_usage(lambda: spread_chips(imported.meters, lot=lot, chips_per_meter=chips_per_meter))
    known = registered_meters(filing.desk, site)
    fresh = replace(imported, meters=tuple(one for one in imported.meters if one.meter not in known))
    _check_import(imported, leave_out, fresh, covers, chips)
    table = load_agreed_chips(filing.desk)
    as_usage(
        lambda: file_meters(
            filing.desk,
            fresh,
            site=site,
            covers=covers,
            chip_types={lot: chips.chip_type},
            table=table,
            terms=terms,
            party=filing.party,
            signers=filing.signers,
        )
    )
    with progress("filing") as tick:
        count = file_measurements(
            filing.desk,
            imported,
            site=site,
            party=filing.party,
            signers=filing.signers,
            leave_out=leave_out,
            progress=tick,
        )
    _report(filing, imported, len(fresh.meters), count, leave_out, as_json=as_json)


def _report(
    filing: Filing,
    imported: "MeterImport",
    registered: int,
    count: int,
    leave_out: frozenset[Name],
    *,
    as_json: bool,
) -> None:
    for note in imported.notes:
        say(f"note: {note}")
    readings = sum(len(one.series.t) for one in imported.meters if one.meter not in leave_out)
    value: dict[str, JSON] = {
        "filed": "measurement",
        "party": filing.party,
        "metersRegistered": registered,
        "series": count,
        "readings": str(readings),
        "notes": list(imported.notes),
    }
    emit(
        value,
        [
            f"registered {registered} meters, filed {count} series with {readings} readings",
            "they are pending until the operator publishes them with: allstop log checkpoint",
        ],
        as_json=as_json,
    )


@app.command(
    epilog=examples(
        "allstop meter record --seconds 10 --site desk --lot cores --party alder --key alder.key --pid 4242",
        "allstop meter record --seconds 10 --site desk --lot cores --party alder --key alder.key -- python3 train.py",
    )
)
def record(
    site: SiteOption,
    lot: LotOption,
    seconds: Annotated[int, typer.Option("--seconds", metavar="N", min=1, max=86_400, help="How long.")],
    party: PartyOption,
    key: KeyOption,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[-- COMMAND...]",
            help="Command to start and record; it is ended when the time is over.",
        ),
    ] = None,
    pid: Annotated[
        list[int] | None, typer.Option("--pid", metavar="PID", min=1, help="Process that runs already.")
    ] = None,
    interval_ms: Annotated[
        int, typer.Option("--interval-ms", metavar="MS", min=10, help="Time between two readings.")
    ] = 1000,
    meter: Annotated[
        Name | None,
        typer.Option(
            "--meter",
            metavar="NAME",
            parser=option_parser(parse_name),
            help="Name of the meter; without it, process-PID.",
        ),
    ] = None,
    chips_per_meter: CountPerMeterOption = 1,
    error: ErrorOption = 10_000,
    calibration: CalibrationOption = _STATED,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Measure processes of this machine and file it: CPU time of a process and its children.

    A chip here is one core. Reads the clock of this machine, so it is self-reported like any other reading.
    """
    from allstop.ingest import MeterImport

    if (command is None) == (pid is None):
        raise UsageError("want either --pid or -- COMMAND")
    if meter is not None and len(pid or [0]) > 1:
        raise UsageError("--meter names one meter, but several processes are recorded")
    with open_filing(log, party, key, cosign) as filing:
        check_site(filing.desk, site)
        with progress("recording") as tick:
            recordings = _record(command, pid, interval_ms=interval_ms, seconds=seconds, tick=tick)
        readings = tuple(
            one.readings if meter is None else replace(one.readings, meter=meter) for one in recordings
        )
        for one in recordings:
            say(f"note: process {one.pid} had at most {one.memory_bytes_max} bytes resident")
        _file(
            filing,
            MeterImport(meters=readings),
            site=site,
            lot=lot,
            chips_per_meter=chips_per_meter,
            terms=_terms(None, None, error, calibration),
            leave_out=frozenset(),
            as_json=as_json,
        )


def _record(
    command: list[str] | None,
    pid: list[int] | None,
    *,
    interval_ms: int,
    seconds: int,
    tick: Tick,
) -> "tuple[Recording, ...]":
    """Record processes that run, or one that is started here and ended afterwards."""
    import subprocess

    from allstop.ingest import record_busy

    if command is None:
        return record_busy(pid or [], interval_ms=interval_ms, duration_ms=seconds * 1000, progress=tick)
    # What the command prints is no result of ours.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=2) as process:
        try:
            return record_busy(
                [process.pid], interval_ms=interval_ms, duration_ms=seconds * 1000, progress=tick
            )
        finally:
            process.kill()
