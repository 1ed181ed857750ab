"""MLPerf training logs: the published runs, counts that disagree, and logs that are cut short."""

from pathlib import Path

import pytest

from allstop.errors import MalformedError, UsageError
from allstop.finding import ChipRange
from allstop.ids import parse_name
from allstop.ingest import read_mlperf_training_result
from allstop.units import Quantity, Unit
from allstop.workload import Formula, JobKind, Purpose

RESULTS = "mlperf_raw/training_results_v4.0/smc-dc-power/results"
GPT3 = f"{RESULTS}/64xSMC-H100-SXM-80GB/gpt3/result_5849-240518014016374832336_1.txt"
LORA = f"{RESULTS}/1xSMC-H100-SXM-80GB/llama2_70b_lora/result_4951-240509201759121728742_1.txt"


def line(at_ms: int, key: str, value: object = "null", metadata: str = "{}") -> str:
    """Return one event with the rank that the logs put before it."""
    return f'  0: :::MLLOG {{"time_ms": {at_ms}, "key": "{key}", "value": {value}, "metadata": {metadata}}}\n'


def log(*, trained: int, benchmark: str = "gpt3", steps: int = 3, length: str = "8") -> str:
    """Return a small log: `steps` steps of 4 samples of 8 tokens."""
    step = line(1500, "tracked_stats", '{"train_step_timing in s": 1.5}')
    return (
        "+ echo starting\n"
        + line(900, "submission_benchmark", f'"{benchmark}"')
        + line(900, "global_batch_size", 4)
        + (line(900, "max_sequence_length", length) if length else "")
        + line(1000, "run_start")
        + step * steps
        + line(2000, "run_stop", metadata='{"status": "success"}')
        + line(2000, "trained_samples", trained)
    )


def test_the_published_gpt3_run_is_1_268e21_operations(data_dir: Path) -> None:
    """The log's sample count is in tokens, which its 288 timed steps show; 6ND then gives the figure."""
    job = read_mlperf_training_result(data_dir / GPT3)
    assert Quantity(low=1207959552, high=1207959552, unit=Unit.ONE) == job.tokens
    assert 1268357529600000000000 == job.operations.low == job.operations.high
    assert (job.kind, job.formula, job.chips_count) == (JobKind.TRAINING, Formula.SIX_ND, 512)
    assert job.stated == ("parameters",)
    assert (job.window.start.ms, job.window.end.ms) == (1715968177943, 1715971590108)
    assert job.window.duration_ms // 1000 == 3412


def test_the_published_lora_run_is_bounded_and_says_what_was_stated(data_dir: Path) -> None:
    """Tuning with frozen weights lies between 4ND and 6ND; the sequence length is not in the log."""
    job = read_mlperf_training_result(data_dir / LORA)
    assert 3072 * 8192 == job.tokens.low == job.tokens.high
    assert (
        job.operations.low,
        job.operations.high,
    ) == (4 * 70 * 10**9 * 3072 * 8192, 6 * 70 * 10**9 * 3072 * 8192)
    assert (job.kind, job.chips_count) == (JobKind.FINE_TUNING, 8)
    assert job.stated == ("parameters", "sequenceLength")


def test_a_complete_import_is_a_job_whose_figures_follow_from_each_other(data_dir: Path) -> None:
    """What the declarer adds makes a job that the job's own checks accept."""
    chips = (ChipRange(lot=parse_name("cedar-h100"), first=0, until=512),)
    job = read_mlperf_training_result(data_dir / GPT3).complete(
        job=parse_name("run-1"),
        site=parse_name("hall-1"),
        operator=parse_name("cedar"),
        tenant=parse_name("alder"),
        purpose=Purpose.RESEARCH,
        lineage=parse_name("model-a"),
        chips=chips,
    )
    assert (chips, ("parameters",)) == (job.chips, job.stated)


@pytest.mark.parametrize(("trained", "tokens"), [(96, 96), (12, 96)], ids=["in tokens", "in samples"])
def test_steps_decide_whether_a_count_is_of_tokens_or_samples(
    tmp_path: Path, trained: int, tokens: int
) -> None:
    """3 steps of 4 samples of 8: both spellings of the count give the same 96 tokens."""
    path = tmp_path / "result_1.txt"
    path.write_text(log(trained=trained))
    assert Quantity(low=tokens, high=tokens, unit=Unit.ONE) == read_mlperf_training_result(path).tokens


def test_without_steps_the_count_becomes_bounds_and_is_stated(tmp_path: Path) -> None:
    """A log that times no step cannot tell tokens from samples, so both stay possible."""
    path = tmp_path / "result_1.txt"
    path.write_text(log(trained=96, steps=0))
    job = read_mlperf_training_result(path)
    assert (job.tokens.low, job.tokens.high) == (96, 96 * 8)
    assert job.stated == ("parameters", "tokens")


def test_counts_that_disagree_are_refused(tmp_path: Path) -> None:
    """97 is neither the tokens nor the samples of 3 steps of 4 samples of 8."""
    path = tmp_path / "result_1.txt"
    path.write_text(log(trained=97))
    with pytest.raises(MalformedError, match="has 97 samples, but 3 steps of 4 samples of 8 tokens"):
        read_mlperf_training_result(path)


def test_what_neither_log_nor_table_knows_has_to_be_given(tmp_path: Path) -> None:
    """An unknown benchmark needs the number of parameters; a log without it, the sequence length."""
    path = tmp_path / "result_1.txt"
    path.write_text(log(trained=96, benchmark="other", length=""))
    with pytest.raises(UsageError, match="has no known number of parameters"):
        read_mlperf_training_result(path)
    with pytest.raises(UsageError, match="gives no sequence length"):
        read_mlperf_training_result(path, parameters=10)
    job = read_mlperf_training_result(path, parameters=10, sequence_length=8)
    assert job.operations.high == 6 * 10 * 96
    assert job.stated == ("parameters", "sequenceLength")


def test_a_run_that_did_not_succeed_is_noted(tmp_path: Path) -> None:
    """An aborted run used its chips all the same, so it is imported, with a note."""
    path = tmp_path / "result_1.txt"
    path.write_text(log(trained=96).replace("success", "aborted"))
    assert "the run ended with status 'aborted'" in read_mlperf_training_result(path).notes


WHOLE = log(trained=96)
WRONG = [
    ("no stop", WHOLE.replace("run_stop", "run_pause"), "has no run_stop, as if cut short"),
    ("no batch", WHOLE.replace("global_batch_size", "x"), "has no global_batch_size"),
    ("two stops", WHOLE + line(2100, "run_stop"), "is a second run_stop"),
    ("stop first", WHOLE.replace('"time_ms": 2000', '"time_ms": 1000'), "stops the run before it starts"),
    ("no count", WHOLE.replace("trained_samples", "x"), "says nowhere how many samples"),
    ("zero", WHOLE.replace('"global_batch_size", "value": 4', '"global_batch_size", "value": 0'), "no count"),
    ("half a line", WHOLE[:-30], "line 10 is "),
    (
        "bad system",
        ':::SYSJSON {"number_of_nodes": "many"}\n' + WHOLE,
        "line 1 is no description of a system",
    ),
]


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_log_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Each way of a log being wrong is an error that says what was found."""
    path = tmp_path / "result_1.txt"
    path.write_text(text)
    with pytest.raises(MalformedError) as caught:
        read_mlperf_training_result(path)
    assert message in caught.value.message
