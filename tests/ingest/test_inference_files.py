"""Wall meters at 1 Hz and LoadGen summaries: the published inference runs and bent copies of them."""

import json
from pathlib import Path

import pytest

from allstop.errors import MalformedError, NotFoundError, UsageError
from allstop.ids import parse_name
from allstop.ingest import read_loadgen_summary, read_ptdaemon
from allstop.telemetry import energy_millijoule

RUNS = "mlperf_raw/inference_results_v4.1/closed/NVIDIA/results/H200-SXM-141GBx8_TRT_MaxQ/llama2-70b-99"
WALL = parse_name("wall")
PHASE = [[1000000.0, 1.0], [1000001.5, 2.5], [1000008.25, 9.0], [1000010.0, 11.0]]


def reading(
    clock: str, watts: str = "30.0", channels: tuple[str, ...] = ("10.0", "20.0"), mark: str = "s_testing"
) -> str:
    """Return one line of `spl.txt`; 1,000,000 s after 1970 is 12 January, 13:46:40."""
    rest = "Volts,230.0,Amps,1.0,PF,0.9"
    split = "".join(f",Ch{index},Watts,{text},{rest}" for index, text in enumerate(channels, start=1))
    return f"Time,01-12-1970 {clock},Watts,{watts},{rest},Mark,{mark}{split}\n"


def write_run(folder: Path, lines: str, *, zone: int = 3600, phase: object = PHASE) -> tuple[Path, Path]:
    """Write a meter's log and a client's, and return their paths."""
    spl, client = folder / "spl.txt", folder / "client.json"
    spl.write_text(lines)
    client.write_text(json.dumps({"session_name": "s", "timezone": zone, "phases": {"testing": phase}}))
    return spl, client


@pytest.mark.parametrize(
    ("scenario", "count", "first_ms", "kwh"),
    [("Offline", 3634, 1721209463305, 5.69), ("Server", 3056, 1721249396945, 4.76)],
)
def test_the_published_wall_meter_is_aligned_by_the_phases(
    data_dir: Path, scenario: str, count: int, first_ms: int, kwh: float
) -> None:
    """The naive times are UTC, which only the phases of the client's log show; the channels add up."""
    folder = data_dir / RUNS / scenario / "performance"
    imported = read_ptdaemon(folder / "run_1/spl.txt", folder / "power/client.json", meter=WALL)
    (one,) = imported.meters
    assert (count, first_ms) == (len(one.series), int(one.series.t[0]))
    assert kwh == round(energy_millijoule(one.series) / 3.6e9, 2)
    assert f"beyond rounding in 0 of {count} readings" in imported.notes[1]
    assert one.window is not None
    assert one.window.start.ms <= one.series.earliest.ms <= one.series.latest.ms < one.window.end.ms


@pytest.mark.parametrize(
    ("clock", "offset"), [("13:46:4{}.250", 0), ("14:46:4{}.250", 3600), ("12:46:4{}.250", -3600)]
)
def test_local_times_are_moved_by_the_one_offset_that_fits(tmp_path: Path, clock: str, offset: int) -> None:
    """UTC, and local times on both sides of it, all come out at the same instants."""
    spl, client = write_run(tmp_path, "".join(reading(clock.format(second)) for second in (1, 2, 3)))
    (one,) = read_ptdaemon(spl, client, meter=WALL).meters
    assert one.series.t.tolist() == [1000001250, 1000002250, 1000003250], offset
    assert one.series.v.tolist() == [30_000] * 3


def test_a_total_that_is_not_the_sum_of_its_channels_is_noted_and_kept(tmp_path: Path) -> None:
    """31.0 W against 10 + 20 W is beyond rounding; the reading is reported, not repaired."""
    spl, client = write_run(tmp_path, reading("13:46:41.000") + reading("13:46:42.000", watts="31.0"))
    imported = read_ptdaemon(spl, client, meter=WALL)
    assert imported.meters[0].series.v.tolist() == [30_000, 31_000]
    assert "differ by at most 1000 mW, beyond rounding in 1 of 2 readings" in imported.notes[1]


def test_a_meter_of_one_channel_has_nothing_to_compare(tmp_path: Path) -> None:
    """Single-phase meters print no channels."""
    spl, client = write_run(tmp_path, reading("13:46:41.000", channels=()))
    assert "no separate channels" in read_ptdaemon(spl, client, meter=WALL).notes[1]


GOOD = reading("13:46:41.000")
WRONG_LINES = [
    ("fits nowhere", reading("20:00:00.000"), "under 0 offsets"),
    ("runs past the end", GOOD + reading("13:46:51.000"), "under 0 offsets"),
    ("other session", reading("13:46:41.000", mark="t_testing"), "line 1 is marked 't_testing'"),
    ("ranging", reading("13:46:41.000", mark="s_ranging"), "line 1 is marked 's_ranging'"),
    ("cut short", GOOD + GOOD[:-30], "line 2 has a field that is wrong"),
    ("cut to the head", GOOD[:40], "line 1 is no reading"),
    ("no number", GOOD.replace("30.0", "3_0.0"), "number is '3_0.0'"),
    ("infinite", GOOD.replace("30.0", "inf"), "number is 'inf'"),
    ("month 13", GOOD.replace("01-12-", "13-12-"), "line 1 has a field that is wrong"),
    ("swapped channels", GOOD.replace("Ch1", "Ch2", 1), "in the place of channel 1"),
    ("empty", "\n", "has no readings"),
]


@pytest.mark.parametrize(
    ("lines", "message"), [row[1:] for row in WRONG_LINES], ids=[row[0] for row in WRONG_LINES]
)
def test_a_wrong_meter_log_is_refused(tmp_path: Path, lines: str, message: str) -> None:
    """Each way of `spl.txt` being wrong is an error that says what was found."""
    spl, client = write_run(tmp_path, lines)
    with pytest.raises(MalformedError) as caught:
        read_ptdaemon(spl, client, meter=WALL)
    assert message in caught.value.message


def test_times_that_fit_two_offsets_are_refused(tmp_path: Path) -> None:
    """In a phase of a day, an hour more or less fits too: no offset is guessed."""
    phase = [[1000000.0, 0], [1000001.0, 0], [1086300.0, 0], [1086400.0, 0]]
    spl, client = write_run(tmp_path, reading("20:00:00.000"), phase=phase)
    with pytest.raises(MalformedError, match="under 3 offsets, want 1"):
        read_ptdaemon(spl, client, meter=WALL)


@pytest.mark.parametrize(
    "phase",
    [
        [],
        PHASE[:3],
        PHASE[::-1],
        [[1.0, 0]] * 4,
        [["1", 0]] * 4,
        [[-1.0, 0], *PHASE[1:]],
        [*PHASE[:3], [1e18, 0]],
        None,
    ],
)
def test_a_client_log_without_a_testing_phase_is_refused(tmp_path: Path, phase: object) -> None:
    """A phase is four times in order."""
    spl, client = write_run(tmp_path, GOOD, phase=phase)
    with pytest.raises(MalformedError, match=r"client\.json"):
        read_ptdaemon(spl, client, meter=WALL)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"session_name": "s", "session_name": "t"}', "[" * 100_000])
def test_a_client_log_that_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    """Neither broken JSON nor another value passes for a client's log."""
    spl, client = write_run(tmp_path, GOOD)
    client.write_text(text)
    with pytest.raises(MalformedError, match=r"client\.json"):
        read_ptdaemon(spl, client, meter=WALL)
    client.unlink()
    with pytest.raises(NotFoundError):
        read_ptdaemon(spl, client, meter=WALL)


@pytest.mark.parametrize(
    ("scenario", "low", "high"),
    [("Offline", 78_735_115, 413_415_082), ("Server", 55_471_524, 317_938_847)],
)
def test_the_published_inference_runs_are_bounds(data_dir: Path, scenario: str, low: int, high: int) -> None:
    """Tokens lie between what the log vouches for and all that the phase could hold; 2ND at both ends."""
    folder = data_dir / RUNS / scenario / "performance"
    job = read_loadgen_summary(folder / "run_1/mlperf_log_summary.txt", folder / "power/client.json")
    assert (low, high) == (job.tokens.low, job.tokens.high)
    assert (2 * 70 * 10**9 * low, 2 * 70 * 10**9 * high) == (job.operations.low, job.operations.high)
    assert job.stated == ("parameters", "promptTokensMax")


def summary(tmp_path: Path, *changes: tuple[str, str]) -> tuple[Path, Path]:
    """Write a small Server summary: 100.0 tokens and 2.0 samples a second for at least 4 s of 6.75 s."""
    text = (
        "SUT name : llama2-70b-Server-SUT\nScenario : Server\nMode     : PerformanceOnly\n"
        "Completed samples per second    : 2.0\nCompleted tokens per second: 100.0\nResult is : VALID\n"
        "  Min duration satisfied : Yes\nCompleted tokens per second                 : 100.0\nmin_duration (ms): 4000\n"
    )
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "mlperf_log_summary.txt"
    path.write_text(text)
    return path, write_run(tmp_path, "")[1]


def test_printed_rates_are_widened_by_half_a_digit(tmp_path: Path) -> None:
    """At least 99.95 tokens/s for 4 s; at most 100.05/s and 2.05 prompts/s of 1,024 for 6.75 s."""
    job = read_loadgen_summary(*summary(tmp_path))
    assert job.tokens.low == 399
    assert job.tokens.high == 14845  # 675.3375 + 14169.6 = 14844.9375, rounded outward


def test_a_minimum_that_was_not_met_vouches_for_nothing(tmp_path: Path) -> None:
    """Without the log's word on the duration the lower bound is 0."""
    changed = summary(tmp_path, ("satisfied : Yes", "satisfied : No"))
    assert read_loadgen_summary(*changed).tokens.low == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("VALID", "INVALID", "not the summary of a valid performance run"),
        ("PerformanceOnly", "AccuracyOnly", "not the summary of a valid performance run"),
        ("Completed tokens per second: 100.0\n", "Completed tokens per second: 90.0\n", "has 2 values"),
        ("min_duration (ms): 4000\n", "", "has 0 values for 'min_duration (ms)', want 1, as if cut short"),
        ("4000", "9999", "vouches for 9999 ms, but the testing phase had only 6750 ms"),
        ("second    : 2.0", "second    : -2.0", "is negative"),
        ("second    : 2.0", "second    : nan", "number is 'nan'"),
    ],
)
def test_a_summary_that_does_not_hold_together_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """Each way of a summary being wrong is an error that says what was found."""
    with pytest.raises(MalformedError) as caught:
        read_loadgen_summary(*summary(tmp_path, (old, new)))
    assert message in caught.value.message


def test_a_model_that_is_not_in_the_table_is_refused(tmp_path: Path) -> None:
    """Nobody guesses the parameters of another model."""
    with pytest.raises(UsageError, match="'gptj'"):
        read_loadgen_summary(*summary(tmp_path, ("llama2-70b", "gptj")))
