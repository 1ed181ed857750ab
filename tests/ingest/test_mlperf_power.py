"""MLPerf power directories: the published files whole, and every way of a file being wrong."""

from pathlib import Path

import pytest

from allstop.errors import LimitError, MalformedError, NotFoundError, OperationalError, UsageError
from allstop.finding import Channel
from allstop.ids import Name
from allstop.ingest import read_mlperf_power
from allstop.telemetry import energy_millijoule
from allstop.times import Instant

GPT3 = "mlperf_raw/training_results_v4.0/smc-dc-power/results/64xSMC-H100-SXM-80GB/gpt3"
LORA = "mlperf_raw/training_results_v4.0/smc-dc-power/results/1xSMC-H100-SXM-80GB/llama2_70b_lora"


def line(at_ms: int, key: str, value: object = "null") -> str:
    """Return one event as the published files spell it."""
    return f':::MLLOG {{"namespace": "", "time_ms": {at_ms}, "event_type": "X", "key": "{key}", "value": {value}, "metadata": ""}}\n'


START = line(1000, "power_measurement_start")
STOP = line(5000, "power_measurement_stop")
READINGS = line(1000, "power_reading", 500) + line(3000, "power_reading", 600)


def test_all_64_nodes_and_the_switch_are_read_and_agree_with_the_stated_total(data_dir: Path) -> None:
    """The sum over all node files is within 0.2 % of the submitter's own 408.93 kWh; nothing is left out."""
    imported = read_mlperf_power(data_dir / GPT3)
    nodes = [one for one in imported.meters if one.covers_chips]
    assert [f"node-{number}" for number in range(1, 65)] == [one.meter for one in nodes]
    assert sum(len(one.series) for one in nodes) == 108_889
    stated = 408_930 * 3_600_000  # watt-hours in mJ
    assert stated == imported.stated_total_millijoule
    total = sum(energy_millijoule(one.series) for one in nodes)
    assert abs(total - stated) * 1000 <= 2 * stated
    assert all(one.window is not None for one in nodes)


def test_the_switch_keeps_its_odd_date_and_covers_no_chips(data_dir: Path) -> None:
    """`sw_0.txt` is one estimate dated 2022 for a run of 2024: it is kept as it is, for others to judge."""
    switch = read_mlperf_power(data_dir / GPT3).meters[-1]
    assert (switch.meter, switch.covers_chips, switch.window) == ("sw-0", False, None)
    assert (switch.series.t.tolist(), switch.series.v.tolist()) == ([1652749794206], [59_570_000])


def test_readings_that_contradict_each_other_are_kept(data_dir: Path) -> None:
    """Pairs of nodes share their readings, and the LoRA file stops when it starts: neither is smoothed over."""
    by_meter = {one.meter: one.series for one in read_mlperf_power(data_dir / GPT3).meters}
    assert by_meter[Name("node-1")].v.tolist()[:20] == by_meter[Name("node-6")].v.tolist()[:20]
    lora = read_mlperf_power(data_dir / LORA)
    (node,) = lora.meters
    assert node.started_at == node.stopped_at == Instant(1715257320207)
    assert (len(node.series), lora.stated_total_millijoule) == (847, None)
    assert "1 of 1 files have readings outside their own period" in lora.notes


def test_readings_stay_in_the_order_of_the_file_doubles_included(tmp_path: Path) -> None:
    """Times that run backwards and readings that repeat come out as they went in; watts become mW exactly."""
    body = (
        line(3000, "power_reading", 500)
        + line(2000, "power_reading", "600.0625")
        + line(2000, "power_reading", -7)
    )
    (tmp_path / "node_3.txt").write_text(START + body + STOP)
    (one,) = read_mlperf_power(tmp_path).meters
    assert (one.channel, one.source) == (Channel.POWER, "node_3.txt")
    assert one.series.t.tolist() == [3000, 2000, 2000]
    assert one.series.v.tolist() == [500_000, 600_062, -7000]


WRONG = [
    ("cut short", START + READINGS, "node_1.txt has no power_measurement_stop, as if cut short"),
    ("cut in a line", (START + READINGS + STOP)[:-40], "node_1.txt line 4 "),
    ("without start", READINGS + STOP, "node_1.txt has no power_measurement_start"),
    ("two starts", START + START + READINGS + STOP, "node_1.txt line 2 is a second power_measurement_start"),
    ("no readings", START + STOP, "node_1.txt has no power_reading"),
    ("empty", "", "node_1.txt has no power_reading"),
    ("backwards", line(9000, "power_measurement_start") + READINGS + STOP, "stops 4000 ms before it starts"),
    ("other key", START + line(2000, "gpu_reading", 5) + STOP, "line 2 has key 'gpu_reading'"),
    ("text", START + "hello\n" + STOP, "line 2 is 'hello', want a :::MLLOG event"),
    ("not a number", START + line(2000, "power_reading", '"600"') + STOP, "line 2 reading is '600'"),
    ("a boolean", START + line(2000, "power_reading", "true") + STOP, "line 2 reading is 'True'"),
    ("NaN", START + line(2000, "power_reading", "NaN") + STOP, "line 2 is not one JSON object"),
    ("infinite", START + line(2000, "power_reading", "1e999999") + STOP, "line 2 "),
    ("too large", START + line(2000, "power_reading", "1" + "0" * 20) + STOP, "larger than any meter shows"),
    ("year 10000", START + line(253_402_300_800_000, "power_reading", 5) + STOP, "line 2 has no time_ms"),
    ("before 1970", START + line(-1, "power_reading", 5) + STOP, "line 2 has no time_ms"),
    ("a fraction of a ms", START.replace("1000", "1000.5") + READINGS + STOP, "line 1 has no time_ms"),
    ("doubled key", START.replace('"namespace"', '"key": "x", "namespace"') + STOP, "line 1 is not one JSON"),
    ("deep", START + ':::MLLOG {"a": ' + "[" * 100_000 + "}\n" + STOP, "line 2 is not one JSON object"),
]


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_file_is_refused_with_its_name_and_line(tmp_path: Path, text: str, message: str) -> None:
    """Each way of a node file being wrong is a precise error, never a partial result."""
    (tmp_path / "node_1.txt").write_text(text)
    with pytest.raises(MalformedError) as caught:
        read_mlperf_power(tmp_path)
    assert message in caught.value.message


@pytest.mark.parametrize(
    "data", [b"\xff\xfe:\x00", START.encode("utf-16"), b"\x00" * 64, START.encode() + b"\xc3"]
)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, data: bytes) -> None:
    """UTF-16, NULs and broken UTF-8 are errors that name the line."""
    (tmp_path / "node_1.txt").write_bytes(data)
    with pytest.raises(MalformedError, match=r"node_1.txt line \d"):
        read_mlperf_power(tmp_path)


def test_an_oversized_file_is_not_read(tmp_path: Path) -> None:
    """A sparse file of 65 MiB is refused by its size."""
    with (tmp_path / "node_1.txt").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(LimitError, match="want at most 67108864"):
        read_mlperf_power(tmp_path)


def test_an_unknown_file_is_not_passed_over(tmp_path: Path) -> None:
    """A file that the format does not know stops the import: leaving readings out must not be silent."""
    (tmp_path / "node_1.txt").write_text(START + READINGS + STOP)
    (tmp_path / "node_1.txt.bak").write_text("")
    with pytest.raises(MalformedError, match=r"node_1.txt.bak is no node_N.txt"):
        read_mlperf_power(tmp_path)


def test_the_place_of_the_files_is_found_or_the_choice_refused(tmp_path: Path) -> None:
    """The benchmark's folder will do if it holds one measurement; none or two are errors."""
    with pytest.raises(NotFoundError, match="no directory"):
        read_mlperf_power(tmp_path / "absent")
    with pytest.raises(NotFoundError, match=r"holds no node_N.txt"):
        read_mlperf_power(tmp_path)
    for name in ("result_1", "result_2"):
        folder = tmp_path / "power" / name
        folder.mkdir(parents=True)
        (folder / "node_0.txt").write_text(START + READINGS + STOP)
        if name == "result_1":
            assert len(read_mlperf_power(tmp_path).meters) == 1
    with pytest.raises(UsageError, match="has 2 measurements"):
        read_mlperf_power(tmp_path)


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    """Only plain files are read."""
    (tmp_path / "node_1.txt").mkdir()
    with pytest.raises(OperationalError):
        read_mlperf_power(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "408.93 kWh", "Total Power Usage: 4e2 kWh", "Total Power Usage: 1 kWh\nx\n"]
)
def test_a_total_in_another_form_is_refused(tmp_path: Path, text: str) -> None:
    """The stated total is one line in one form."""
    (tmp_path / "node_1.txt").write_text(START + READINGS + STOP)
    (tmp_path / "total_power.txt").write_text(text)
    with pytest.raises(MalformedError, match=r"total_power.txt"):
        read_mlperf_power(tmp_path)


def test_progress_is_told_from_none_to_all(tmp_path: Path) -> None:
    """The callback hears (0, n) first and (n, n) last."""
    for number in range(3):
        (tmp_path / f"node_{number}.txt").write_text(START + READINGS + STOP)
    heard: list[tuple[int, int]] = []
    read_mlperf_power(tmp_path, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]
