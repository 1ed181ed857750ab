"""Fixtures over published measurements: each run is read once, each case and verdict made once a session."""

from pathlib import Path

import pytest

from support_real import Cases, RealRun, read_gpt3, read_h200, read_lora


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """Cases made so far, and their verdicts."""
    return Cases(lambda name: tmp_path_factory.mktemp(name))


@pytest.fixture(scope="session")
def gpt3(data_dir: Path) -> RealRun:
    """GPT-3 175B on 64 nodes of 8 H100."""
    return read_gpt3(data_dir)


@pytest.fixture(scope="session")
def lora(data_dir: Path) -> RealRun:
    """Llama 2 70B LoRA on one node of 8 H100."""
    return read_lora(data_dir)


@pytest.fixture(scope="session")
def offline(data_dir: Path) -> RealRun:
    """Llama 2 70B inference, all requests at once, on one node of 8 H200."""
    return read_h200(data_dir, "Offline")


@pytest.fixture(scope="session")
def server(data_dir: Path) -> RealRun:
    """Llama 2 70B inference, requests as they come, on one node of 8 H200."""
    return read_h200(data_dir, "Server")
