"""Telemetry sources: reading what others measured, and Parquet blobs.

An adapter: it touches files, processes and DuckDB, and gives plain values of the floors below. Nothing is
dropped, repaired or judged; what cannot be read exactly is refused with the file and the line.
"""

from allstop.ingest._imports import JobImport, MeterImport, MeterReadings
from allstop.ingest._loadgen import SERVED_MODELS, ServedModel, read_loadgen_summary
from allstop.ingest._mlperf_power import POWER_FILES_MAX, read_mlperf_power
from allstop.ingest._mlperf_training import BENCHMARKS, Benchmark, read_mlperf_training_result
from allstop.ingest._parquet import (
    SERIES_PER_BLOB_MAX,
    ParquetSeriesReader,
    SeriesWriter,
    claim_readings,
    write_series,
)
from allstop.ingest._ptdaemon import read_ptdaemon
from allstop.ingest._record import (
    READINGS_PER_RECORDING_MAX,
    Clock,
    MachineClock,
    ProcessSample,
    Recording,
    record_busy,
    sample_process,
)
from allstop.ingest._scan import SCAN_THREADS_MAX, HourFeatures, scan_features
from allstop.ingest._source import SOURCE_BYTES_MAX, Progress
from allstop.ingest._structure import BLOB_BYTES_MAX, ROWS_MAX
from allstop.ingest._tabular import METERS_MAX, UNITS, ColumnMapping, TimeForm, read_csv, read_parquet

__all__ = [
    "BENCHMARKS",
    "BLOB_BYTES_MAX",
    "METERS_MAX",
    "POWER_FILES_MAX",
    "READINGS_PER_RECORDING_MAX",
    "ROWS_MAX",
    "SCAN_THREADS_MAX",
    "SERIES_PER_BLOB_MAX",
    "SERVED_MODELS",
    "SOURCE_BYTES_MAX",
    "UNITS",
    "Benchmark",
    "Clock",
    "ColumnMapping",
    "HourFeatures",
    "JobImport",
    "MachineClock",
    "MeterImport",
    "MeterReadings",
    "ParquetSeriesReader",
    "ProcessSample",
    "Progress",
    "Recording",
    "SeriesWriter",
    "ServedModel",
    "TimeForm",
    "claim_readings",
    "read_csv",
    "read_loadgen_summary",
    "read_mlperf_power",
    "read_mlperf_training_result",
    "read_parquet",
    "read_ptdaemon",
    "record_busy",
    "sample_process",
    "scan_features",
    "write_series",
]
