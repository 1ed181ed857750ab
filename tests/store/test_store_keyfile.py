"""Key files: private, made once, never shown."""

import os
from pathlib import Path

import pytest

from allstop.errors import (
    AllstopError,
    ConflictError,
    LimitError,
    MalformedError,
    NotFoundError,
    OperationalError,
)
from allstop.keys import KeyKind, NoteKeyType, format_private_key, parse_vkey, verify_signature
from allstop.store import create_key, create_note_key, format_public_key, load_key, parse_public_key
from support_store import FaultyDisk


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_key_comes_back_as_it_was_made(tmp_path: Path, kind: KeyKind) -> None:
    """What the loaded key signs verifies under the public half beside it; modes are exact."""
    old = os.umask(0)
    try:
        made = create_key(tmp_path / "alder", kind)
    finally:
        os.umask(old)
    loaded = load_key(tmp_path / "alder")
    public = parse_public_key((tmp_path / "alder.pub").read_text())
    assert public == made.public == loaded.public
    verify_signature(public, message=b"message", signature=loaded.sign(b"message"))
    assert (tmp_path / "alder").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "alder.pub").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alder", "alder.pub"]


@pytest.mark.parametrize("type_", list(NoteKeyType))
def test_a_note_key_has_its_vkey_beside_it(tmp_path: Path, type_: NoteKeyType) -> None:
    """The public file is one vkey line, as policies want it."""
    key, note_key = create_note_key(tmp_path / "log", name="log.example/evidence", type=type_)
    text = (tmp_path / "log.pub").read_text()
    assert parse_vkey(text.removesuffix("\n")) == note_key
    assert note_key.key == key.public == load_key(tmp_path / "log").public


def test_a_name_that_cannot_name_a_key_writes_nothing(tmp_path: Path) -> None:
    """The name is checked before any file is made."""
    with pytest.raises(MalformedError):
        create_note_key(tmp_path / "log", name="log example", type=NoteKeyType.ED25519)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("taken", ["alder", "alder.pub"])
def test_a_key_is_never_overwritten(tmp_path: Path, taken: str) -> None:
    """A file, or a link that leads nowhere, keeps its place and its content."""
    (tmp_path / taken).write_bytes(b"precious")
    with pytest.raises(ConflictError, match="is there already"):
        create_key(tmp_path / "alder", KeyKind.ED25519)
    assert (tmp_path / taken).read_bytes() == b"precious"
    (tmp_path / taken).unlink()
    (tmp_path / taken).symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConflictError, match="is there already"):
        create_key(tmp_path / "alder", KeyKind.ED25519)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Any right of group or others is enough; the message shows the mode and not the key."""
    key = create_key(tmp_path / "alder", KeyKind.ED25519)
    (tmp_path / "alder").chmod(mode)
    with pytest.raises(OperationalError, match=f"mode {mode:04o}") as caught:
        load_key(tmp_path / "alder")
    seed = format_private_key(key).decode().split()[2]
    assert seed not in f"{caught.value} {caught.value.hint} {key!r}"


def test_a_link_or_a_folder_is_no_key(tmp_path: Path) -> None:
    """Where a link leads is for somebody else to choose."""
    create_key(tmp_path / "alder", KeyKind.ED25519)
    (tmp_path / "link").symlink_to(tmp_path / "alder")
    (tmp_path / "folder").mkdir(0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("link", "folder", "pipe"):
        with pytest.raises(OperationalError):
            load_key(tmp_path / name)
    with pytest.raises(NotFoundError):
        load_key(tmp_path / "missing")


def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: Path) -> None:
    """Cut, lengthened or swapped content is malformed, and none of it is quoted."""
    create_key(tmp_path / "alder", KeyKind.ED25519)
    data = (tmp_path / "alder").read_bytes()
    for bad in (b"", data[:-1], data + b"\n", data.replace(b"/v1", b"/v2")):
        (tmp_path / "alder").write_bytes(bad)
        with pytest.raises(MalformedError) as caught:
            load_key(tmp_path / "alder")
        assert data.split()[2].decode() not in str(caught.value)
    (tmp_path / "alder").write_bytes(b"x" * 5000)
    with pytest.raises(LimitError):
        load_key(tmp_path / "alder")


def test_public_key_files_have_one_spelling(tmp_path: Path) -> None:
    """A missing newline, another word or padded base64 does not parse."""
    text = format_public_key(create_key(tmp_path / "alder", KeyKind.ED25519).public)
    for bad in (text[:-1], text + "\n", text.replace("ed25519", "ed448"), text.replace("=", ""), ""):
        with pytest.raises(MalformedError):
            parse_public_key(bad)


@pytest.mark.parametrize("is_persisted", [True, False])
def test_a_crash_leaves_a_whole_key_or_none(tmp_path: Path, is_persisted: bool) -> None:
    """Fail each step: a private key that is there is whole, and has its public half beside it."""
    trace = FaultyDisk()
    create_key(tmp_path / "alder", KeyKind.ED25519, disk=trace)
    for number in range(len(trace.trace)):
        folder = tmp_path / str(number)
        folder.mkdir()
        disk = FaultyDisk(fail_at=number, is_persisted=is_persisted, is_fatal=True)
        with pytest.raises(AllstopError):
            create_key(folder / "alder", KeyKind.ED25519, disk=disk)
        if (folder / "alder").exists():
            public = parse_public_key((folder / "alder.pub").read_text())
            assert load_key(folder / "alder").public == public


def test_the_public_half_in_the_place_of_the_key_is_named(tmp_path: Path) -> None:
    """Whoever names the wrong file of the pair is told which the right one is, not to change its mode."""
    create_key(tmp_path / "alder.key", KeyKind.ED25519)
    with pytest.raises(OperationalError) as caught:
        load_key(tmp_path / "alder.key.pub")
    assert caught.value.hint == "this looks like the public half; the private key is alder.key"
