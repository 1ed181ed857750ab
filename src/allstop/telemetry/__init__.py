"""Telemetry: readings of meters, what a party says they add up to, and the close of a period.

Predicates `measurement` and `period-close`, each with a strict codec, and exact integer arithmetic over
series; spec/telemetry.md. Reading blobs is an adapter's business; believing them is judged above.
"""

from allstop.telemetry._measurement import (
    MEASUREMENT_PREDICATE,
    ROW_MAX,
    SERIES_MAX,
    Measurement,
    SeriesClaim,
    claim_series,
    format_measurement,
    parse_measurement,
)
from allstop.telemetry._period_close import (
    INVENTORY_MAX,
    PERIOD_CLOSE_PREDICATE,
    PeriodClose,
    format_period_close,
    parse_period_close,
)
from allstop.telemetry._series import (
    READING_VALUE_MAX,
    READINGS_MAX,
    Series,
    SeriesReader,
    energy_millijoule,
    series_total,
)

__all__ = [
    "INVENTORY_MAX",
    "MEASUREMENT_PREDICATE",
    "PERIOD_CLOSE_PREDICATE",
    "READINGS_MAX",
    "READING_VALUE_MAX",
    "ROW_MAX",
    "SERIES_MAX",
    "Measurement",
    "PeriodClose",
    "Series",
    "SeriesClaim",
    "SeriesReader",
    "claim_series",
    "energy_millijoule",
    "format_measurement",
    "format_period_close",
    "parse_measurement",
    "parse_period_close",
    "series_total",
]
