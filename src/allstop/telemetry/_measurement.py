"""Measurements: which readings a party files for which window (spec/telemetry.md section 1).

The readings lie in blobs, which are subjects of the statement; the statement says what they add up to, so
that a reader without the blobs sees the figure and a reader with them can refute it.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_decimal, format_instant, format_window, parse_decimal
from allstop.errors import MalformedError
from allstop.finding import Channel
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.telemetry._series import READINGS_MAX, Series, series_total
from allstop.times import Instant, Window

__all__ = [
    "MEASUREMENT_PREDICATE",
    "ROW_MAX",
    "SERIES_MAX",
    "Measurement",
    "SeriesClaim",
    "claim_series",
    "format_measurement",
    "parse_measurement",
]

SERIES_MAX = 128
"""Largest number of series in one measurement, so that the statement fits a log entry."""

ROW_MAX = 2**31 - 1
"""Largest number of a series in its blob."""

_TOTAL_MAX = 10**40 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesClaim:
    """What a filer says of one series: where it lies, how long it is, what it adds up to.

        {"meter": "node-1-power", "blob": "9f86...", "row": 0, "count": 1701,
         "first": "2024-05-17T17:49:39.486Z", "last": "2024-05-17T18:46:28.625Z", "total": "23051490028",
         "statedFrom": "2024-05-17T17:49:39.486Z", "statedUntil": "2024-05-17T18:46:28.625Z"}

    `first` and `last` are the least and greatest time. `total` is `series_total`: mJ for power, else in
    the unit of the channel; on the wire a decimal, with a minus sign if it is negative. `stated_from`
    and `stated_until` are when the source itself says that it began and ended, null if it does not say;
    they may contradict each other and the readings, which the audit reports.
    """

    meter: Name
    blob: Digest
    row: int
    count: int
    first: Instant
    last: Instant
    total: int
    stated_from: Instant | None = None
    stated_until: Instant | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.row <= ROW_MAX:
            raise ValueError(f"series claim names row {self.row}, want 0 to {ROW_MAX}")
        if not 1 <= self.count <= READINGS_MAX:
            raise ValueError(f"series claim has {self.count} readings, want 1 to {READINGS_MAX}")
        if not self.first <= self.last:
            raise ValueError("series claim ends before it starts")
        if abs(self.total) > _TOTAL_MAX:
            raise ValueError("series claim has a total of more than forty digits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The readings of some meters of one site in one window.

        {"site": "hall-1", "window": {"from": "2024-05-17T00:00:00Z", "until": "2024-05-18T00:00:00Z"},
         "series": [...], "statedTotalMillijoule": "1472148000000"}

    `stated_total_millijoule` is a total that somebody else stated for the same window, to compare. No two
    series have the same meter, blob and row; one meter may have several, and two meters that claim one
    series are for the audit to find. Range: `1 <= len(series) <= 128`.
    """

    site: Name
    window: Window
    series: tuple[SeriesClaim, ...]
    stated_total_millijoule: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.series) <= SERIES_MAX:
            raise ValueError(f"measurement has {len(self.series)} series, want 1 to {SERIES_MAX}")
        if len({(claim.meter, claim.blob, claim.row) for claim in self.series}) != len(self.series):
            raise ValueError("measurement names one series twice")
        if self.stated_total_millijoule is not None and not 0 <= self.stated_total_millijoule <= _TOTAL_MAX:
            raise ValueError("measurement has a stated total outside 0 to forty digits")

    @property
    def blobs(self) -> tuple[Digest, ...]:
        """Digests of the blobs, each once, ascending: they must be subjects of the statement."""
        return tuple(sorted({claim.blob for claim in self.series}))


def claim_series(
    *,
    meter: Name,
    channel: Channel,
    blob: Digest,
    row: int,
    series: Series,
    stated_from: Instant | None = None,
    stated_until: Instant | None = None,
) -> SeriesClaim:
    """Return the claim that is true of this series; a filed claim that differs is a finding."""
    return SeriesClaim(
        meter=meter,
        blob=blob,
        row=row,
        count=len(series),
        first=series.earliest,
        last=series.latest,
        total=series_total(channel, series),
        stated_from=stated_from,
        stated_until=stated_until,
    )


def parse_measurement(body: JSON) -> Measurement:
    """Parse the body of a `measurement` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "measurement")
    stated = fields.raw("statedTotalMillijoule")
    try:
        measurement = Measurement(
            site=fields.name("site"),
            window=fields.window("window"),
            series=tuple(_parse_claim(item) for item in fields.objects("series", SERIES_MAX)),
            stated_total_millijoule=None if stated is None else fields.decimal("statedTotalMillijoule"),
        )
    except ValueError as exc:
        raise MalformedError(f"measurement: {exc}") from exc
    fields.done()
    return measurement


def _parse_claim(fields: Fields) -> SeriesClaim:
    claim = SeriesClaim(
        meter=fields.name("meter"),
        blob=fields.digest("blob"),
        row=fields.integer("row", high=ROW_MAX),
        count=fields.integer("count", low=1, high=READINGS_MAX),
        first=fields.instant("first"),
        last=fields.instant("last"),
        total=_parse_signed(fields.text("total", chars_max=41)),
        stated_from=None if fields.raw("statedFrom") is None else fields.instant("statedFrom"),
        stated_until=None if fields.raw("statedUntil") is None else fields.instant("statedUntil"),
    )
    fields.done()
    return claim


def _parse_signed(text: str) -> int:
    if not text.startswith("-"):
        return parse_decimal(text)
    magnitude = parse_decimal(text[1:])
    if magnitude == 0:
        raise MalformedError("malformed decimal '-0', want '0'")
    return -magnitude


def format_measurement(measurement: Measurement) -> JSON:
    """Return the body of a `measurement` statement."""
    stated = measurement.stated_total_millijoule
    return {
        "site": measurement.site,
        "window": format_window(measurement.window),
        "series": [_format_claim(claim) for claim in measurement.series],
        "statedTotalMillijoule": None if stated is None else format_decimal(stated),
    }


def _format_claim(claim: SeriesClaim) -> JSON:
    sign = "-" if claim.total < 0 else ""
    return {
        "meter": claim.meter,
        "blob": claim.blob,
        "row": claim.row,
        "count": claim.count,
        "first": format_instant(claim.first),
        "last": format_instant(claim.last),
        "total": sign + format_decimal(abs(claim.total)),
        "statedFrom": None if claim.stated_from is None else format_instant(claim.stated_from),
        "statedUntil": None if claim.stated_until is None else format_instant(claim.stated_until),
    }


MEASUREMENT_PREDICATE = Predicate(
    name=Name("measurement"),
    parse=parse_measurement,
    format=format_measurement,
    audience=Audience.PARTIES,
    secret=("series", "site", "statedTotalMillijoule"),
)
