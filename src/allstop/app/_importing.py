"""Imports: from files that exist to signed statements and blobs at a desk."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from allstop.app._workspace import Desk
from allstop.errors import UsageError
from allstop.finding import Channel, ChipRange
from allstop.ids import Digest, Name
from allstop.ingest import MeterImport, MeterReadings, Progress, SeriesWriter, claim_readings
from allstop.keys import SigningKey
from allstop.registry import METER_PREDICATE, ChipTable, Meter
from allstop.statement import Subject, parse_envelope, parse_statement
from allstop.telemetry import MEASUREMENT_PREDICATE, SERIES_MAX, Measurement
from allstop.times import Window

__all__ = ["MeterTerms", "file_measurements", "file_meters", "spread_chips"]

_STATED = Name("stated")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterTerms:
    """What a source of readings does not say and its importer states of each meter.

    Powers in mW for the whole unit; None takes the share of the reference table times the chips.
    """

    rated_milliwatt: int | None = None
    idle_milliwatt: int | None = None
    random_error_ppm: int = 10_000
    systematic_error_ppm: int = 10_000
    calibration: Name = _STATED


def spread_chips(
    meters: Sequence[MeterReadings], *, lot: Name, chips_per_meter: int
) -> Mapping[Name, tuple[ChipRange, ...]]:
    """Give each meter that covers chips its own run of a lot, in the order of the meters."""
    spread: dict[Name, tuple[ChipRange, ...]] = {}
    first = 0
    for readings in meters:
        if readings.covers_chips:
            spread[readings.meter] = (ChipRange(lot=lot, first=first, until=first + chips_per_meter),)
            first += chips_per_meter
        else:
            spread[readings.meter] = ()
    return spread


def file_meters(
    desk: Desk,
    imported: MeterImport,
    *,
    site: Name,
    covers: Mapping[Name, tuple[ChipRange, ...]],
    chip_types: Mapping[Name, Name],
    table: ChipTable,
    terms: MeterTerms,
    party: Name,
    signers: Sequence[SigningKey],
) -> None:
    """Register each meter of an import; `chip_types` gives the type of each lot."""
    drafts: list[Meter] = []
    for readings in imported.meters:
        pieces = covers[readings.meter]
        floor = unit = 0
        for piece in pieces:
            chip = table.find_type(chip_types[piece.lot])
            floor += piece.count * (chip.floor_milliwatt if chip else 0)
            unit += piece.count * (chip.unit_milliwatt if chip else 0)
        is_power = readings.channel is Channel.POWER
        rated = terms.rated_milliwatt or unit or int(readings.series.v.max()) or 1
        idle = floor if terms.idle_milliwatt is None else terms.idle_milliwatt
        drafts.append(
            Meter(
                meter=readings.meter,
                site=site,
                channel=readings.channel,
                covers=pieces,
                rated_milliwatt=rated if is_power else 0,
                idle_milliwatt=idle if is_power and pieces else 0,
                random_error_ppm=terms.random_error_ppm,
                systematic_error_ppm=terms.systematic_error_ppm,
                calibration=terms.calibration,
            )
        )
    # All are drafted before any is filed: what is filed cannot be taken back.
    for draft in drafts:
        desk.file(METER_PREDICATE, draft, party=party, signers=signers)


def file_measurements(
    desk: Desk,
    imported: MeterImport,
    *,
    site: Name,
    party: Name,
    signers: Sequence[SigningKey],
    leave_out: frozenset[Name] = frozenset(),
    progress: Progress | None = None,
) -> int:
    """Write the readings as blobs and file measurements that name them; return how many series.

    Nothing is judged: readings that do not hold together are filed as they are, and the audit says so.
    Readings that the party has filed for the same meter before are passed over, since a log forgets nothing
    and a second filing could not be taken back.

    Raises:
        UsageError: all of the readings are filed already.
    """
    chosen = [readings for readings in imported.meters if readings.meter not in leave_out]
    filed = _filed_series(desk, party)
    fresh = [
        (readings, blob)
        for readings, blob in zip(chosen, _write_blobs(desk, chosen, progress), strict=True)
        if (readings.meter, blob) not in filed
    ]
    if chosen and not fresh:
        raise UsageError("these readings are filed already", hint="nothing was filed now")
    is_whole = len(fresh) == len(imported.meters) <= SERIES_MAX
    for at in range(0, len(fresh), SERIES_MAX):
        group = fresh[at : at + SERIES_MAX]
        measurement = Measurement(
            site=site,
            window=_window([readings for readings, _ in group]),
            series=tuple(claim_readings(readings, blob=blob, row=0) for readings, blob in group),
            stated_total_millijoule=imported.stated_total_millijoule if is_whole else None,
        )
        subjects = [
            Subject(name=readings.meter, digest=blob)
            for readings, blob in {blob: (readings, blob) for readings, blob in group}.values()
        ]
        desk.file(MEASUREMENT_PREDICATE, measurement, party=party, signers=signers, subjects=subjects)
    return len(fresh)


def _filed_series(desk: Desk, party: Name) -> frozenset[tuple[Name, Digest]]:
    """Return the meter and blob of each series that a party has filed, published or pending."""
    statements = (parse_statement(parse_envelope(entry).payload) for entry in desk.entries())
    return frozenset(
        (claim.meter, claim.blob)
        for statement in statements
        if statement.header.party == party and statement.predicate == MEASUREMENT_PREDICATE.name
        for claim in MEASUREMENT_PREDICATE.read(statement).series
    )


def _write_blobs(desk: Desk, meters: Sequence[MeterReadings], progress: Progress | None) -> list[Digest]:
    """Write one blob a meter, so that each can be held or withheld alone."""
    digests = []
    writer = SeriesWriter()
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "blob"
            for done, readings in enumerate(meters, start=1):
                writer.write(path, [readings.series])
                digests.append(desk.blobs.put(path.read_bytes()))
                if progress is not None:
                    progress(done, len(meters))
    finally:
        writer.close()
    return digests


def _window(meters: Sequence[MeterReadings]) -> Window:
    """Return the span of the readings of meters that cover chips, the last millisecond included.

    What else was imported, such as a switch's estimate of another year, may lie outside; the audit says so.
    """
    chosen = [readings for readings in meters if readings.covers_chips] or list(meters)
    return Window(
        start=min(readings.series.earliest for readings in chosen),
        end=max(readings.series.latest for readings in chosen).plus(1),
    )
