"""The vectors of balances: another program reads the same files and must come to the same digits."""

import json
from pathlib import Path
from typing import Any

import pytest

from accountancy import reference_account
from make_vectors.make_balance_vectors import account, input_of, make, window
from source_tree import ROOT

FILES = sorted((ROOT / "vectors" / "balance").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    """Return a vector."""
    value: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_account_is_that_of_the_vector(path: Path) -> None:
    """Every figure, to the last digit; and each file says why it is there."""
    vector = read(path)
    assert vector["account"] == account(vector)
    assert len(vector["why"]) > 20


def test_the_files_are_those_that_the_script_makes() -> None:
    """A vector that was edited by hand, added or lost is seen."""
    assert make() == {path.name: path.read_text("utf-8") for path in FILES}


@pytest.mark.parametrize("name", ["below-floor", "two-jobs", "busy-time", "contradiction"])
def test_the_reference_agrees_at_one_second_a_millisecond(name: str) -> None:
    """The same account with time a thousand times shorter, millisecond by millisecond."""
    vector = read(ROOT / "vectors" / "balance" / f"{name}.json")
    short = json.loads(json.dumps(vector))
    short["window"] = [at // 1000 for at in vector["window"]]
    short["gapMs"] //= 1000
    for one in short["meters"]:
        counts = one["channel"] in ("busy-time", "energy")
        one["series"] = [
            [[t // 1000, v // 1000 if counts else v, epoch] for t, v, epoch in rows] for rows in one["series"]
        ]
    for use in short["jobs"]:
        use["window"] = [at // 1000 for at in use["window"]]
    slow = reference_account.account(
        input_of(short), window=window(short["window"]), liars=short["liars"], z_micro=short["zMicro"]
    )
    fast = account(short)
    assert fast["classes"] == {kind.value: str(chip_ms) for kind, chip_ms in slow.by_class.items()}
    assert [(part["job"], part["flopHigh"]) for part in fast["jobs"]] == [
        (part["job"], str(slow.by_job[part["job"]].flop_high)) for part in fast["jobs"]
    ]
