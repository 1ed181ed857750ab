"""The door of the demo: what it refuses before it measures anything, and the table that it ends with."""

from pathlib import Path

import pytest

from allstop.app.demo import run_simulated_demo
from allstop.cli._demo import _table
from allstop.verdict import verdict_digest
from support_cli import Captured, run


def test_the_table_has_each_party_and_what_speaks_for_its_verdict(tmp_path: Path) -> None:
    """One row a party, a reason for each that is not consistent, what is not covered, and the digest."""
    result = run_simulated_demo(tmp_path, 1)
    lines = _table(result)
    verdicts = {line.split()[0]: line.split()[1] for line in lines[1:6]}
    expected = {party.party: party.verdict.value for party in result.audit.verdict.parties}
    assert expected == verdicts
    said = "\n".join(lines[6:])
    for code in (
        "birch: ACC-001",
        "cedar: TRN-001",
        "dogwood: TEL-005",
        "elm: not covered: undeclared machines",
    ):
        assert code in said
    speaks, halted = said.split("In force for all from")
    assert "alder:" not in speaks
    assert "Legally: clause 4.1 has applied since" in halted
    assert "  birch: seen to run on" in halted
    assert lines[-1].endswith(verdict_digest(result.audit.verdict))


@pytest.mark.parametrize("words", [["--cheat", "alder"], ["--cheat", "fig=idle"], ["--seed", "-1"]])
def test_what_cannot_be_cast_is_refused_at_once(words: list[str], captured: Captured) -> None:
    """A wrong party, kind or seed is a usage error, before any process is started."""
    assert 2 == run(captured, ["demo", *words]).status


def test_a_folder_with_something_in_it_is_not_used(tmp_path: Path, captured: Captured) -> None:
    """Keys and a log are never mixed with what is there."""
    (tmp_path / "mine").write_text("kept")
    done = run(captured, ["demo", "--keep", str(tmp_path)])
    assert 1 == done.status
    assert "not empty" in done.err
    assert "kept" == (tmp_path / "mine").read_text()
