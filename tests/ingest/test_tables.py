"""Tables of readings in CSV and Parquet: units, times, and rows that are wrong."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from allstop.errors import AllstopError, LimitError, MalformedError, UsageError
from allstop.finding import Channel
from allstop.ids import parse_name
from allstop.ingest import UNITS, ColumnMapping, MeterImport, TimeForm, read_csv, read_parquet

NODE = parse_name("node-1")
WATTS = ColumnMapping(time="ts", value="w", unit="W", meter=NODE)


def table(tmp_path: Path, text: str) -> Path:
    """Write a CSV file."""
    path = tmp_path / "table.csv"
    path.write_text(text)
    return path


def parquet(tmp_path: Path, query: str) -> Path:
    """Write a Parquet file with DuckDB, as another program would."""
    path = tmp_path / "table.parquet"
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def only(imported: MeterImport) -> tuple[list[int], list[int]]:
    """Return times and values of the one meter."""
    (one,) = imported.meters
    return one.series.t.tolist(), one.series.v.tolist()


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("1970-01-01T00:00:01Z", TimeForm.ISO, 1000),
        ("1970-01-01 00:00:01.0625+00:00", TimeForm.ISO, 1062),
        ("1970-01-01T05:30:00.5+05:30", TimeForm.ISO, 500),
        ("1.25", TimeForm.SECONDS, 1250),
        ("7", TimeForm.SECONDS, 7000),
        ("1715968179486", TimeForm.MILLISECONDS, 1715968179486),
    ],
)
def test_times_are_read_in_three_forms(tmp_path: Path, text: str, form: TimeForm, expected: int) -> None:
    """ISO with an offset, seconds and milliseconds; fractions of a millisecond are rounded half to even."""
    mapping = ColumnMapping(time="ts", value="w", unit="W", meter=NODE, time_form=form)
    assert ([expected], [5500]) == only(read_csv(table(tmp_path, f"ts,w\n{text},5.5\n"), mapping))


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_leads_to_its_channel(tmp_path: Path, unit: str) -> None:
    """One of each unit is the factor of the table, in the channel's own unit."""
    mapping = ColumnMapping(time="ts", value="w", unit=unit, meter=NODE, time_form=TimeForm.SECONDS)
    (one,) = read_csv(table(tmp_path, "ts,w\n1,1\n"), mapping).meters
    assert UNITS[unit] == (one.channel, Decimal(int(one.series.v[0])))


def test_kilowatt_hours_are_a_counter_in_millijoules(tmp_path: Path) -> None:
    """A utility's meter counts energy: 0.5 kWh are 1.8e9 mJ."""
    mapping = ColumnMapping(time="ts", value="w", unit="kWh", meter=NODE, time_form=TimeForm.SECONDS)
    (one,) = read_csv(table(tmp_path, "ts,w\n1,0.5\n"), mapping).meters
    assert (one.channel, one.series.v.tolist()) == (Channel.ENERGY, [1_800_000_000])


def test_one_table_may_hold_several_meters_in_any_order(tmp_path: Path) -> None:
    """Rows go to the meter that they name; their order is kept, and other columns are passed over."""
    mapping = ColumnMapping(time="ts", value="w", unit="W", meter_column="node", time_form=TimeForm.SECONDS)
    path = table(tmp_path, '"node",x,ts,w\nb,?,2,1\na,?,1,2\n"b",?,1,3\n')
    imported = read_csv(path, mapping)
    assert {one.meter: (one.series.t.tolist(), one.series.v.tolist()) for one in imported.meters} == {
        "b": ([2000, 1000], [1000, 3000]),
        "a": ([1000], [2000]),
    }


WRONG = [
    ("empty", "", "is empty"),
    ("header only", "ts,w\n", "has no readings"),
    ("no such column", "ts,x\n1,2\n", "has 0 columns named 'w', want 1"),
    ("doubled column", "ts,w,w\n1,2,3\n", "has 2 columns named 'w', want 1"),
    ("cut short", "ts,w\n1970-01-01T00:00:01Z,5\n1970-01-01T00:00:02Z", "line 3 has 1 fields, want 2"),
    ("too many", "ts,w\n1970-01-01T00:00:01Z,5,6\n", "line 2 has 3 fields, want 2"),
    ("no offset", "ts,w\n1970-01-01T00:00:01,5\n", "line 2 is no reading: time is"),
    ("no such day", "ts,w\n1970-02-30T00:00:01Z,5\n", "line 2 is no reading"),
    ("leap second", "ts,w\n2016-12-31T23:59:60Z,5\n", "line 2 is no reading"),
    ("before 1970", "ts,w\n1969-12-31T23:59:59Z,5\n", "time is not between 1970 and 9999"),
    ("exponent", "ts,w\n1970-01-01T00:00:01Z,5e3\n", "number is '5e3'"),
    ("underscore", "ts,w\n1970-01-01T00:00:01Z,1_000\n", "number is '1_000'"),
    ("other digits", "ts,w\n1970-01-01T00:00:01Z,\u0664\u0662\n", "line 2 is no reading"),
    ("nan", "ts,w\n1970-01-01T00:00:01Z,nan\n", "number is 'nan'"),
    ("blank", "ts,w\n1970-01-01T00:00:01Z,\n", "number is ''"),
    ("too large", "ts,w\n1970-01-01T00:00:01Z,999999999999999999\n", "larger than any meter shows"),
    ("open quote", 'ts,w\n"1970-01-01T00:00:01Z,5\n', "line 2 "),
    ("two lines", 'ts,w\n"1970-01-01\nT00:00:01Z",5\n', "is part of a quoted field"),
]


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Each way of a table being wrong is an error with the line."""
    with pytest.raises(MalformedError) as caught:
        read_csv(table(tmp_path, text), WATTS)
    assert message in caught.value.message


def test_a_cell_that_is_a_formula_or_a_path_is_no_meter(tmp_path: Path) -> None:
    """Names of meters are names: nothing else gets into a statement or a file name."""
    mapping = ColumnMapping(time="ts", value="w", unit="W", meter_column="m", time_form=TimeForm.SECONDS)
    for cell in ("=1+1", "../x", "", "Node 1", "n\u043ede"):
        with pytest.raises(MalformedError, match="line 2 is no reading"):
            read_csv(table(tmp_path, f"ts,w,m\n1,2,{cell}\n"), mapping)


def test_a_mapping_that_makes_no_sense_is_a_usage_error() -> None:
    """Unknown units, and meters named twice or not at all."""
    with pytest.raises(UsageError, match="unit is 'hp'"):
        ColumnMapping(time="ts", value="w", unit="hp", meter=NODE)
    for meter, column in ((None, None), (NODE, "m")):
        with pytest.raises(UsageError, match="either a column"):
            ColumnMapping(time="ts", value="w", unit="W", meter=meter, meter_column=column)


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT TIMESTAMPTZ '1970-01-01 00:00:01+00' + i * INTERVAL 1 SECOND AS ts", TimeForm.ISO),
        ("SELECT '1970-01-01T00:00:0' || (i + 1)::VARCHAR || 'Z' AS ts", TimeForm.ISO),
        ("SELECT (1 + i)::DOUBLE AS ts", TimeForm.SECONDS),
        ("SELECT (1000 + 1000 * i)::BIGINT AS ts", TimeForm.MILLISECONDS),
    ],
    ids=["timestamps", "text", "seconds", "milliseconds"],
)
@pytest.mark.parametrize("kind", ["DOUBLE", "FLOAT", "DECIMAL(9, 3)"])
def test_parquet_tables_are_read_like_csv(tmp_path: Path, query: str, form: TimeForm, kind: str) -> None:
    """Binary fractions become the decimals that they print as, then integers."""
    mapping = ColumnMapping(time="ts", value="w", unit="W", meter=NODE, time_form=form)
    path = parquet(tmp_path, f"{query}, (i + 0.125)::{kind} AS w FROM range(3) r(i) ORDER BY i")
    assert only(read_parquet(path, mapping)) == ([1000, 2000, 3000], [125, 1125, 2125])


def test_parquet_meters_by_column(tmp_path: Path) -> None:
    """Rows go to the meter that they name, with quotes in the name of a column too."""
    mapping = ColumnMapping(time="ts", value='w"x', unit="W", meter_column="m", time_form=TimeForm.SECONDS)
    path = parquet(
        tmp_path, 'SELECT i AS ts, 5 AS "w""x", \'n-\' || (i % 2)::VARCHAR AS m FROM range(4) r(i)'
    )
    assert {one.meter: one.series.t.tolist() for one in read_parquet(path, mapping).meters} == {
        "n-0": [0, 2000],
        "n-1": [1000, 3000],
    }


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 AS ts, 'x' AS w",
        "SELECT 1 AS ts, 'NaN'::DOUBLE AS w",
        "SELECT 1 AS ts, 'Infinity'::DOUBLE AS w",
        "SELECT 1 AS ts, NULL::DOUBLE AS w",
        "SELECT NULL::BIGINT AS ts, 1 AS w",
        "SELECT [1] AS ts, 1 AS w",
        "SELECT 1 AS ts",
        "SELECT 1 AS ts, 1e300 AS w",
        "SELECT -5 AS ts, 1 AS w",
        "SELECT 1 AS ts, 1 AS w WHERE false",
    ],
)
def test_a_wrong_parquet_table_is_refused(tmp_path: Path, query: str) -> None:
    """Other types, nulls, NaN, missing columns and no rows are errors."""
    mapping = ColumnMapping(time="ts", value="w", unit="W", meter=NODE, time_form=TimeForm.SECONDS)
    with pytest.raises(MalformedError):
        read_parquet(parquet(tmp_path, query), mapping)


def test_a_naive_timestamp_is_refused(tmp_path: Path) -> None:
    """Nobody guesses a timezone."""
    path = parquet(tmp_path, "SELECT TIMESTAMP '2024-05-17 00:00:00' AS ts, 1 AS w")
    with pytest.raises(MalformedError, match="column 'ts' is TIMESTAMP, want one of"):
        read_parquet(path, WATTS)


def test_parquet_tables_that_claim_too_much_are_refused(tmp_path: Path, vectors_dir: Path) -> None:
    """Five million rows are too many; files that crashed other readers are errors."""
    mapping = ColumnMapping(time="ts", value="w", unit="W", meter=NODE, time_form=TimeForm.SECONDS)
    with pytest.raises(LimitError, match="has 5000000 rows"):
        read_parquet(
            parquet(tmp_path, "SELECT i AS ts, repeat('x', 1000) AS w FROM range(5000000) r(i)"), mapping
        )
    for path in sorted((vectors_dir / "parquet-testing" / "bad_data").glob("*.parquet")):
        with pytest.raises(AllstopError):
            read_parquet(path, mapping)
