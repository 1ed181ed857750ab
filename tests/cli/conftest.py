"""A world built once by the commands themselves, and copies of it to break."""

import os
from pathlib import Path

import pytest

from support_cli import Captured, build_world, copy_world


@pytest.fixture(scope="session")
def built_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with keys, agreement, log, witnesses, policy and case; not to be changed."""
    folder = tmp_path_factory.mktemp("world")
    before = Path.cwd()
    os.chdir(folder)
    try:
        build_world(folder)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def world(built_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the world, which is also the current folder."""
    folder = copy_world(built_world, tmp_path / "world")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("ALLSTOP_LOG", raising=False)
    return folder


@pytest.fixture
def captured(capsys: pytest.CaptureFixture[str]) -> Captured:
    """Return stdout and stderr since the last time."""

    def take() -> tuple[str, str]:
        found = capsys.readouterr()
        return found.out, found.err

    return take
