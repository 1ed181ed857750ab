"""Short stories at the door: a log that forks or goes back, a party of several officers, private serials."""

import json
import shutil
from pathlib import Path

from support_cli import AMONG, Captured, run

OPERATOR = ("--key", "dogwood.key", "--policy", "policy")
COSIGN = ("witness", "cosign", "cedar", "--policy", "policy")


def test_a_witness_keeps_the_proof_of_a_fork(world: Path, captured: Captured) -> None:
    """Two logs of one size with different statements: the second is refused, and the proof outlives both."""
    shutil.copytree(world / "log-desk", world / "fork")
    for site, desk in (("hall-2", "log-desk"), ("hall-3", "fork")):
        assert run(captured, ["site", "declare", site, "--log", desk, *AMONG]).status == 0
        assert run(captured, ["log", "checkpoint", "--log", desk, *OPERATOR]).status == 0
    assert run(captured, COSIGN).status == 0
    done = run(captured, [*COSIGN, "--log", "fork"])
    assert done.status == 3
    assert "hint: the proof is kept in cedar/evidence" in done.err
    (evidence,) = (world / "cedar" / "evidence").glob("*.json")
    notes = json.loads(evidence.read_text())
    assert "hall-" not in evidence.read_text()
    assert notes["type"].startswith("urn:allstop:")


def test_a_witness_never_goes_back(world: Path, captured: Captured) -> None:
    """A log restored from an older copy gets no cosignature, and says which size was seen."""
    shutil.copytree(world / "log-desk", world / "older")
    assert run(captured, ["log", "checkpoint", *OPERATOR]).status == 0
    assert run(captured, COSIGN).status == 0
    done = run(captured, [*COSIGN, "--log", "older"])
    assert done.status in (1, 3)
    assert "refuses size" in done.err


def test_two_officers_sign_together(tmp_path: Path, world: Path, captured: Captured) -> None:
    """A party with threshold 2 files with two of its keys, and not with one, whichever it is."""
    text = (world / "pause.toml").read_text().replace('id = "alder"\n', 'id = "alder"\nthreshold = 2\n')
    (world / "two.toml").write_text(text)
    assert run(captured, ["key", "new", "second.key"]).status == 0
    names = ("alder", "birch", "cedar", "dogwood")
    keys = [word for name in names for word in ("--key", f"{name}={name}.key.pub")]
    keys += ["--key", "alder=second.key.pub"]
    assert run(captured, ["agreement", "seal", "two.toml", "--out", "two.json", *keys]).status == 0
    init = ["log", "init", "two", "--agreement", "two.json", "--key", "dogwood.key"]
    assert run(captured, init).status == 0
    sign = ["agreement", "sign", "--log", "two", "--party", "alder"]
    for key in ("alder.key", "second.key"):
        done = run(captured, [*sign, "--key", key, "--key", key])
        assert done.status == 2
        assert "party alder has 1 keys here, want 2" in done.err
    assert run(captured, [*sign, "--key", "alder.key", "--key", "second.key"]).status == 0


def test_serial_numbers_stay_at_home(world: Path, captured: Captured) -> None:
    """The statement holds one hash of the serials; the salts are in a private file, each its own."""
    (world / "serials").write_text("".join(f"SN-{number:04d}\n" for number in range(8)))
    chips = [
        "chip",
        "register",
        "--site",
        "hall-1",
        "--lot",
        "lot-2",
        "--type",
        "h100-sxm-80gb",
        "--count",
        "8",
    ]
    done = run(captured, [*chips, "--serials", "serials", "--salts", "salts", *AMONG])
    assert done.status == 0, done.err
    assert (world / "salts").stat().st_mode & 0o777 == 0o600
    salts = [line.split()[1] for line in (world / "salts").read_text().splitlines()]
    assert len(set(salts)) == 8
    filed = b"".join(path.read_bytes() for path in (world / "log-desk" / "log" / "pending").iterdir())
    assert b"SN-0" not in filed


def test_readings_left_out_are_registered_and_not_filed(world: Path, captured: Captured) -> None:
    """--leave-out registers the meter, so that its chips count as unobserved, and files no reading of it."""
    table = ["--format", "csv", "--time-column", "ts", "--value-column", "watts", "--meter-column", "node"]
    where = ["--site", "hall-1", "--lot", "lot-1", "--chips-per-meter", "8", *AMONG, "--json"]
    first = run(captured, ["meter", "import", "nodes.csv", *table, *where, "--leave-out", "node-2"])
    again = run(captured, ["meter", "import", "nodes.csv", *table, *where])
    assert (2, 1) == (json.loads(first.out)["metersRegistered"], json.loads(first.out)["series"])
    assert (0, 1) == (json.loads(again.out)["metersRegistered"], json.loads(again.out)["series"])


def test_readings_are_filed_once(world: Path, captured: Captured) -> None:
    """A log forgets nothing, so importing a file again by mistake files nothing and says so."""
    table = ["--format", "csv", "--time-column", "ts", "--value-column", "watts", "--meter-column", "node"]
    command = ["meter", "import", "nodes.csv", *table, "--site", "hall-1", "--lot", "lot-1"]
    first = run(captured, [*command, "--chips-per-meter", "8", *AMONG])
    again = run(captured, [*command, "--chips-per-meter", "8", *AMONG])
    assert (0, 2) == (first.status, again.status)
    assert "these readings are filed already" in again.err


def test_published_runs_can_be_imported(world: Path, data_dir: Path, captured: Captured) -> None:
    """Readings of a PTDaemon meter and the LoadGen summary of the same run, found by the usual layout."""
    runs = "inference_results_v4.1/closed/NVIDIA/results/H200-SXM-141GBx8_TRT_MaxQ/llama2-70b-99"
    folder = data_dir / "mlperf_raw" / runs / "Server" / "performance" / "run_1"
    chips = [
        "chip",
        "register",
        "--site",
        "hall-1",
        "--lot",
        "h200",
        "--type",
        "h200-sxm-141gb",
        "--count",
        "8",
    ]
    assert run(captured, [*chips, *AMONG]).status == 0
    meter = ["--format", "ptdaemon", "--meter", "wall-1", "--site", "hall-1", "--lot", "h200"]
    imported = run(
        captured, ["meter", "import", str(folder / "spl.txt"), *meter, "--chips-per-meter", "8", *AMONG]
    )
    assert imported.status == 0, imported.err
    job = ["--job", "serve-1", "--site", "hall-1", "--purpose", "deployment", "--chips", "h200"]
    summary = str(folder / "mlperf_log_summary.txt")
    declared = run(
        captured, ["job", "import", summary, "--format", "mlperf-inference", *job, *AMONG, "--json"]
    )
    assert declared.status == 0, declared.err
    operations = json.loads(declared.out)["operations"]
    assert 0 < int(operations["low"]) < int(operations["high"])


def test_the_operator_waits_for_the_quorum(world: Path, captured: Captured) -> None:
    """A checkpoint without its quorum is not quoted: the operator's next statement would be final proof of nothing."""
    close = ["period", "close", "--party", "dogwood", "--key", "dogwood.key"]
    assert run(captured, ["log", "checkpoint", *OPERATOR, "--witness", "cedar"]).status == 0
    done = run(captured, close)
    assert done.status == 1
    assert "has no quorum yet" in done.err
    assert run(captured, ["witness", "cosign", "elm", "--policy", "policy"]).status == 0
    assert run(captured, close).status == 0
    for _ in range(2):
        both = ["--witness", "cedar", "--witness", "elm"]
        assert run(captured, ["log", "checkpoint", *OPERATOR, *both]).status == 0
    assert run(captured, ["case", "new", "closed", "--policy", "policy"]).status == 0
    found = json.loads(run(captured, ["case", "verify", "closed", "--json"]).out)
    assert [] == found["chainFaults"]


def test_a_publication_that_was_interrupted_is_finished(world: Path, captured: Captured) -> None:
    """A witness that fails stops a publication; the next one finishes that batch and adds none of its own."""
    both = ["--witness", "cedar", "--witness", "elm"]
    assert run(captured, ["site", "declare", "hall-2", *AMONG]).status == 0
    (world / "elm" / "lock.sqlite").rename(world / "lock")
    assert run(captured, ["log", "checkpoint", *OPERATOR, *both]).status == 1
    (world / "lock").rename(world / "elm" / "lock.sqlite")
    done = run(captured, ["log", "checkpoint", *OPERATOR, *both, "--json"])
    assert ("7", True) == (json.loads(done.out)["size"], json.loads(done.out)["hasQuorum"])
    done = run(captured, ["statement", "show", "--index", "6", "--json"])
    assert "hall-2" == json.loads(done.out)["body"]["site"]
