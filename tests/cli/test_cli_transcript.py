"""The main path as one transcript: from the first key to a verified and audited case."""

from pathlib import Path

import pytest

from support_cli import Captured, run_steps, write_readings
from transcript import parse_transcript


def test_the_main_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, captured: Captured) -> None:
    """Every noun is used once on the way, with its results, its refusals and their exit statuses."""
    monkeypatch.chdir(tmp_path)
    write_readings(tmp_path / "nodes.csv")
    text = Path(__file__).with_name("main-path.transcript").read_text("utf-8")
    run_steps(parse_transcript(text), captured)
