"""Fixtures that every test may use: folders of real measurements and of conformance vectors."""

import os
from pathlib import Path

import pytest


def _folder(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set")
    folder = Path(value)
    if not folder.is_dir():
        pytest.fail(f"{variable} names a folder that is not there")
    return folder


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder with real measurements, named by ALLSTOP_DATA."""
    return _folder("ALLSTOP_DATA")


@pytest.fixture(scope="session")
def vectors_dir() -> Path:
    """Folder with conformance vectors made by others, named by ALLSTOP_VECTORS."""
    return _folder("ALLSTOP_VECTORS")
