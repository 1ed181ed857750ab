"""The reference table: codec, schema, limits, and the figures that come with the package."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from allstop.canon import format_json, parse_json
from allstop.config import load_chip_table
from allstop.errors import MalformedError
from allstop.finding import Grade
from allstop.ids import Name
from allstop.registry import (
    ATTOJOULE_PER_MILLIJOULE,
    ChipTable,
    ChipType,
    Source,
    format_chip_table,
    parse_chip_table,
)
from fact_values import chip_types
from source_tree import ROOT

H100E_FLOP_PER_SECOND = 990 * 10**12
PACKAGED = load_chip_table()
SCHEMA = Draft202012Validator(json.loads((ROOT / "spec/schemas/chip-table.schema.json").read_text("utf-8")))


@st.composite
def tables(draw: st.DrawFn) -> ChipTable:
    """Draw a table of one to three types."""
    ids = [Name(f"chip-{i}") for i in range(draw(st.integers(1, 3)))]
    return ChipTable(title=draw(st.sampled_from(["", "t"])), chips=tuple(draw(chip_types(i)) for i in ids))


@given(tables())
@settings(max_examples=60)
def test_a_table_survives_a_round_trip(table: ChipTable) -> None:
    """Any table formats to canonical bytes that the schema takes and that parse back to it."""
    data = format_chip_table(table)
    assert list(SCHEMA.iter_errors(json.loads(data))) == []
    assert table == parse_chip_table(data)


@pytest.mark.parametrize("path", sorted((ROOT / "vectors/chip-table").glob("*.json")), ids=lambda p: p.stem)
def test_codec_and_schema_judge_every_table_vector_alike(path: Path) -> None:
    """Codec and schema take or refuse each table as it says; what parses formats to the same bytes."""
    vector = json.loads(path.read_text("utf-8"))
    data = vector["canonical"].encode()
    assert vector["schemaAccepts"] == SCHEMA.is_valid(json.loads(data))
    if vector["isValid"]:
        assert data == format_chip_table(parse_chip_table(data))
    else:
        with pytest.raises(MalformedError):
            parse_chip_table(data)


def _plain() -> ChipType:
    found = PACKAGED.table.find_type(Name("h100-sxm-80gb"))
    assert found is not None
    return found


def test_an_unknown_type_is_not_found() -> None:
    """There is no default for a type that the table lacks."""
    assert PACKAGED.table.find_type(Name("h900")) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"peaks": {}}, "of no format"),
        ({"peaks": {"fp12": 1}}, "fp12"),
        ({"peaks": {"fp8": 0}}, "figure of 0"),
        ({"tdp_milliwatt": 0}, "figure of 0"),
        ({"memory_bytes": 10**24 + 1}, "want 1 to"),
        ({"joule_per_flop_min_attojoule": 0}, "figure of 0"),
        ({"floor_milliwatt": -1}, "0 <= floor <= idle < unit"),
        ({"floor_milliwatt": 340_001}, "0 <= floor <= idle < unit"),
        ({"idle_milliwatt": 1_275_000}, "0 <= floor <= idle < unit"),
    ],
)
def test_a_type_outside_its_limits_is_refused(change: dict[str, Any], message: str) -> None:
    """Each figure has a range that is checked at construction."""
    with pytest.raises(ValueError, match=message):
        replace(_plain(), **change)


def test_every_figure_needs_exactly_one_source() -> None:
    """A figure without a source, with two, or a source for nothing makes the table invalid."""
    chip = _plain()
    extra = Source(figures=("fp8",), grade=Grade.MEMORY, text="again")
    alien = Source(figures=("fp4",), grade=Grade.MEMORY, text="there is none")
    for sources in (chip.sources[1:], (*chip.sources, extra), (*chip.sources, alien)):
        with pytest.raises(ValueError, match="cites sources"):
            ChipTable(title="t", chips=(replace(chip, sources=sources),))


def test_types_are_in_ascending_order_and_there_is_one() -> None:
    """Two types out of order, one type twice, and no type at all are refused."""
    chip = _plain()
    earlier = replace(chip, id=Name("a"))
    for chips in ((chip, earlier), (chip, chip)):
        with pytest.raises(ValueError, match="ascending ids"):
            ChipTable(title="t", chips=chips)
    with pytest.raises(ValueError, match="0 types"):
        ChipTable(title="t", chips=())


def test_bytes_that_are_not_a_canonical_table_are_refused() -> None:
    """White space, a missing figure, an unknown format and a grade that does not exist do not parse."""
    data = PACKAGED.data
    bent = [
        data + b"\n",
        data.replace(b'"tdpMilliwatt":"700000",', b""),
        data.replace(b'"int4"', b'"int2"'),
        data.replace(b'"grade":"Q"', b'"grade":"Z"'),
        data.replace(b'"idleMilliwatt":"340000"', b'"idleMilliwatt":"9340000"'),
        b"{}",
    ]
    for value in bent:
        assert value != data
        with pytest.raises(MalformedError):
            parse_chip_table(value)


def test_the_packaged_table_is_its_own_canonical_form() -> None:
    """The table parses from its bytes and formats to them; it has the ten types of the data."""
    assert PACKAGED.data == format_chip_table(PACKAGED.table) == format_json(parse_json(PACKAGED.data))
    assert len(PACKAGED.table.chips) == 10


@pytest.mark.parametrize("chip", PACKAGED.table.chips, ids=lambda chip: chip.id)
def test_the_best_energy_per_operation_is_half_the_data_sheet(chip: ChipType) -> None:
    """Power over the highest dense peak, divided by two, or by four where the power is an estimate."""
    graded = {figure: source.grade for source in chip.sources for figure in source.figures}
    factor = 4 if graded["tdpMilliwatt"] is Grade.SINGLE_SECONDARY else 2
    expected = chip.tdp_milliwatt * ATTOJOULE_PER_MILLIJOULE // (factor * chip.peak_flop_per_second)
    assert expected == chip.joule_per_flop_min_attojoule
    assert Grade.DERIVED is graded["joulePerFlopMinAttojoule"]


@pytest.mark.parametrize(
    ("chip_id", "units"),
    [
        ("a100-sxm-80gb", 50),
        ("a100-pcie-80gb", 50),
        ("h100-sxm-80gb", 16),
        ("h200-sxm-141gb", 16),
        ("tpu-v5e", 80),
        ("tpu-v5p", 34),
    ],
)
def test_largest_sets_that_are_no_covered_cluster_agree_with_the_published_table(
    chip_id: str, units: int
) -> None:
    """The most chips with at most 16 H100-equivalents at 990 TFLOP/s FP16 dense, as published."""
    chip = PACKAGED.table.find_type(Name(chip_id))
    assert chip is not None
    assert units == 16 * H100E_FLOP_PER_SECOND // chip.peaks["fp16"]


ACCELERATORS = {
    "NVIDIA A100-PCIe-80GB": "a100-pcie-80gb",
    "NVIDIA A100-SXM-80GB": "a100-sxm-80gb",
    "NVIDIA A100-SXM-80GB CTS": "a100-sxm-80gb",
    "NVIDIA Blackwell GPU (B200-SXM-180GB)": "b200-sxm-180gb",
    "NVIDIA H100-PCIe-80GB": "h100-pcie-80gb",
    "NVIDIA H100-SXM5-80GB": "h100-sxm-80gb",
    "NVIDIA H200-SXM-141GB": "h200-sxm-141gb",
}


def test_every_accelerator_with_power_traces_is_in_the_table(data_dir: Path) -> None:
    """The mean power under load of each published trace lies between idle and the unit's most."""
    with (data_dir / "mlperf_power" / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 200
    for row in rows:
        chip = PACKAGED.table.find_type(Name(ACCELERATORS[row["accelerator"]]))
        assert chip is not None
        loaded_milliwatt = float(row["mean_node_watts_loaded"]) * 1000 / int(row["accel_per_node"])
        assert chip.idle_milliwatt < loaded_milliwatt < chip.unit_milliwatt


def test_zeus_traces_stay_within_the_allowed_factor(data_dir: Path) -> None:
    """Energy at the default power limit is less than twice the best, on four GPUs and every network."""
    worst = 1.0
    for name in ("p100", "a40", "v100", "rtx6000"):
        runs: dict[tuple[str, ...], dict[float, float]] = {}
        with (data_dir / "zeus_traces" / f"summary_power_{name}.csv").open(
            encoding="utf-8", newline=""
        ) as file:
            for row in csv.DictReader(file):
                key = (row["dataset"], row["network"], row["batch_size"], row["optimizer"])
                energy = float(row["time_per_epoch"]) * float(row["average_power"])
                runs.setdefault(key, {})[float(row["power_limit"])] = energy
        worst = max(worst, *(energy[max(energy)] / min(energy.values()) for energy in runs.values()))
    assert 1.9 < worst < 2.0
