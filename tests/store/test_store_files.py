"""Files of a case and blobs: nothing outside the folder is ever read, nothing held is ever changed."""

import os
from pathlib import Path

import pytest

from allstop.case import BLOB_BYTES_MAX, blob_path
from allstop.errors import (
    AllstopError,
    ConflictError,
    LimitError,
    MalformedError,
    NotFoundError,
    OperationalError,
    VerificationError,
)
from allstop.ids import Digest, digest_of
from allstop.store import BlobStore, DirectoryCaseFiles
from allstop.store import _files as files_module
from support_store import FaultyDisk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with three files, and a secret beside it."""
    root = tmp_path / "case"
    (root / "log" / "tile").mkdir(parents=True)
    (root / "policy").write_bytes(b"policy")
    (root / "log" / "checkpoint").write_bytes(b"checkpoint")
    (root / "log" / "tile" / "000").write_bytes(b"")
    (tmp_path / "secret").write_bytes(b"secret")
    return root


def test_files_are_listed_sorted_and_read_whole(root: Path) -> None:
    """Every file is there once, by its path with forward slashes."""
    files = DirectoryCaseFiles(root)
    assert files.paths() == ("log/checkpoint", "log/tile/000", "policy")
    assert [files.read(path) for path in files.paths()] == [b"checkpoint", b"", b"policy"]


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "log/../../secret",
        "/etc/passwd",
        "",
        ".",
        "log/",
        "log//checkpoint",
        "./policy",
        "log\\checkpoint",
        "policy\x00",
        "pol\nicy",
        "pölicy",
        "a/" * 16 + "a",
        "a" * 513,
    ],
)
def test_threat_k2_no_path_leaves_the_folder(root: Path, path: str) -> None:
    """Parent folders, absolute paths and every second spelling of a path are refused."""
    with pytest.raises(MalformedError, match="malformed path"):
        DirectoryCaseFiles(root).read(path)


@pytest.mark.parametrize("path", ["missing", "log/missing", "missing/policy", "policy/policy"])
def test_what_is_not_there_is_not_found(root: Path, path: str) -> None:
    """A missing file or folder is told apart from a malformed case."""
    with pytest.raises(NotFoundError):
        DirectoryCaseFiles(root).read(path)


def test_threat_k2_links_are_never_followed(root: Path) -> None:
    """A linked file and a linked folder are refused when read and when listed, wherever they lead."""
    files = DirectoryCaseFiles(root)
    (root / "log" / "leak").symlink_to(root.parent / "secret")
    (root / "up").symlink_to(root.parent)
    (root / "self").symlink_to("policy")
    for path in ("log/leak", "up/secret", "self"):
        with pytest.raises(MalformedError, match="link"):
            files.read(path)
    with pytest.raises(MalformedError, match="neither a plain file nor a folder"):
        files.paths()


def test_pipes_and_folders_are_no_files(root: Path) -> None:
    """A pipe would block a reader for ever; it is refused at once."""
    os.mkfifo(root / "pipe")
    files = DirectoryCaseFiles(root)
    for path in ("pipe", "log"):
        with pytest.raises(MalformedError, match="not a plain file"):
            files.read(path)
    with pytest.raises(MalformedError, match="pipe"):
        files.paths()


def test_a_name_that_no_case_has_is_refused(root: Path) -> None:
    """Names that are not plain ASCII are refused when listed, even those that are no text at all."""
    (root / "b\u00e4um").write_bytes(b"")
    with pytest.raises(MalformedError, match="malformed path"):
        DirectoryCaseFiles(root).paths()
    (root / "b\u00e4um").unlink()
    with open(os.fsencode(root) + b"/\xff", "wb"):
        pass
    with pytest.raises(MalformedError, match="malformed path"):
        DirectoryCaseFiles(root).paths()


def test_threat_k1_an_oversized_file_is_not_read(root: Path) -> None:
    """A sparse file one byte over the cap takes no memory."""
    with open(root / "policy", "wb") as file:
        file.truncate(BLOB_BYTES_MAX + 1)
    with pytest.raises(LimitError, match="want at most"):
        DirectoryCaseFiles(root).read("policy")


def test_threat_k1_a_case_of_too_many_files_is_not_listed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count is checked while walking."""
    monkeypatch.setattr(files_module, "PATHS_MAX", 4)
    with pytest.raises(LimitError, match="more than 4 files"):
        DirectoryCaseFiles(root).paths()


def test_a_case_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    """Reading and listing say so alike."""
    files = DirectoryCaseFiles(tmp_path / "missing")
    with pytest.raises(NotFoundError):
        files.paths()
    with pytest.raises(NotFoundError):
        files.read("policy")


def test_blobs_are_kept_under_their_own_digests(tmp_path: Path) -> None:
    """What was put is read back; putting it again changes nothing."""
    store = BlobStore(tmp_path / "work")
    digest = store.put(b"measurement")
    assert digest == digest_of(b"measurement") == store.put(b"measurement")
    assert store.read(digest) == b"measurement"
    path = tmp_path / "work" / blob_path(digest)
    assert path.stat().st_mode & 0o777 == 0o444
    assert DirectoryCaseFiles(tmp_path / "work").paths() == (blob_path(digest),)
    assert store.has(digest)
    other = digest_of(b"another")
    assert not store.has(other)
    with pytest.raises(NotFoundError):
        store.read(other)


def test_an_altered_blob_is_neither_read_nor_overwritten(tmp_path: Path) -> None:
    """The digest is checked when reading; a file in the way of a blob is a conflict."""
    store = BlobStore(tmp_path)
    digest = store.put(b"measurement")
    path = tmp_path / blob_path(digest)
    for bad in (b"measuremenT", b"measurement and more", b""):
        path.unlink()
        path.write_bytes(bad)
        with pytest.raises(VerificationError, match="does not have this digest"):
            store.read(digest)
        with pytest.raises(ConflictError, match="other content"):
            store.put(b"measurement")
        assert path.read_bytes() == bad


def test_a_blob_has_a_cap_and_a_digest_a_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Oversized blobs are refused before they are written, odd digests before they become paths."""
    monkeypatch.setattr(files_module, "BLOB_BYTES_MAX", 4)
    store = BlobStore(tmp_path)
    with pytest.raises(LimitError, match="want at most 4"):
        store.put(b"12345")
    for act in (store.read, store.has):
        with pytest.raises(MalformedError):
            act(Digest("../../secret"))


@pytest.mark.parametrize("is_persisted", [True, False])
def test_a_crash_leaves_a_whole_blob_or_none(tmp_path: Path, is_persisted: bool) -> None:
    """Fail each step of putting: what is held is whole, and putting again works."""
    digest = digest_of(b"measurement")
    trace = FaultyDisk()
    BlobStore(tmp_path / "trace", disk=trace).put(b"measurement")
    for number in range(len(trace.trace)):
        folder = tmp_path / str(number)
        disk = FaultyDisk(fail_at=number, is_persisted=is_persisted, is_fatal=True)
        with pytest.raises(AllstopError):
            BlobStore(folder, disk=disk).put(b"measurement")
        store = BlobStore(folder)
        if store.has(digest):
            assert store.read(digest) == b"measurement"
        assert store.put(b"measurement") == digest
        assert [blob_path(digest)] == list(DirectoryCaseFiles(folder).paths())


def test_a_file_that_shrinks_while_it_is_read_is_an_error(root: Path) -> None:
    """Reading is of one moment: the size that was checked is the size that must come."""
    handle = os.open(root / "policy", os.O_RDONLY)
    try:
        with pytest.raises(OperationalError, match="changed its size"):
            files_module._read_all(handle, 100, "policy")
    finally:
        os.close(handle)
