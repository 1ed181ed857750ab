"""Copying a published log: exactly its files, verified, or nothing."""

from pathlib import Path

import pytest

from allstop.errors import NotFoundError, ProofError
from allstop.store import LogFolder, export_case_log, init_log, open_log
from allstop.tlog import tree_paths
from support_store import ORIGIN, LogWorld


@pytest.fixture
def world(tmp_path: Path) -> LogWorld:
    """A log with three entries."""
    world = LogWorld(tmp_path / "log")
    world.create([b"alder 0", b"birch 0", b"cedar 0"])
    return world


def test_an_export_holds_exactly_the_files_of_its_size(world: LogWorld, tmp_path: Path) -> None:
    """Older partial tiles stay behind; the copy verifies on its own and every byte is the log's."""
    with open_log(world.directory) as log:
        log.stage([b"elm 1"])
        log.publish(sign=world.sign, cosign=world.cosign, checkpoint_statement=None)
    checkpoint, entries = export_case_log(LogFolder(world.directory / "public"), tmp_path / "copy")
    files = {
        path.relative_to(tmp_path / "copy").as_posix(): path.read_bytes()
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file()
    }
    assert set(files) == {"checkpoint", *tree_paths(4)}
    assert all((world.directory / "public" / name).read_bytes() == data for name, data in files.items())
    assert tuple(LogFolder(tmp_path / "copy").entries()) == tuple(entries)
    assert checkpoint == LogFolder(tmp_path / "copy").checkpoint()


def test_a_broken_log_is_not_exported(world: LogWorld, tmp_path: Path) -> None:
    """One altered byte and nothing is left at the target, not even half."""
    path = world.directory / "public" / "tile" / "entries" / "000.p" / "3"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-1] + b"9")
    with pytest.raises(ProofError):
        export_case_log(LogFolder(world.directory / "public"), tmp_path / "copy")
    assert not any(path.name.startswith("copy") for path in tmp_path.iterdir())


def test_an_empty_log_has_nothing_to_export(tmp_path: Path) -> None:
    """Before the first publication there is no checkpoint."""
    world = LogWorld(tmp_path / "log")
    init_log(world.directory, origin=ORIGIN, keys=[world.note_key])
    with pytest.raises(NotFoundError):
        export_case_log(LogFolder(world.directory / "public"), tmp_path / "copy")
