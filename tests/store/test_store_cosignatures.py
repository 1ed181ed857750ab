"""Cosignatures that come after a checkpoint was published are kept with it, and nothing else is."""

from pathlib import Path

import pytest

from allstop.errors import ConflictError, NotFoundError, OperationalError, SignatureError
from allstop.keys import KeyKind, NoteKey, NoteKeyType, generate_key
from allstop.store import LOCAL_DISK, Log, init_log, open_log
from allstop.tlog import format_note, parse_note, sign_checkpoint
from allstop.witness import cosign
from support_store import AT, ORIGIN, FaultyDisk, LogWorld


def add_line(note: bytes) -> bytes:
    """Return the note with a cosignature by a witness that this log knows nothing of."""
    lines = cosign(note, key=generate_key(KeyKind.ED25519), name="witness.example", at=AT)
    return note + lines


def make_log(folder: Path) -> LogWorld:
    """Return a log with two entries published."""
    world = LogWorld(folder / "log")
    world.create([b"one", b"two"])
    return world


def published(log: Log) -> bytes:
    """Return the checkpoint that readers find."""
    return log.public.note()


def test_the_note_is_replaced_by_the_same_one_with_more_lines(tmp_path: Path) -> None:
    """Readers find the new lines, and the log goes on: it opens again and publishes the next batch."""
    world = make_log(tmp_path)
    with world.open(LOCAL_DISK) as log:
        richer = add_line(published(log))
        assert richer == log.add_cosignatures(richer)
    with world.open(LOCAL_DISK) as log:
        assert richer == published(log)
    world.work(LOCAL_DISK, [[b"three"]], [])
    assert b"three" in world.published()


def test_another_checkpoint_is_refused(tmp_path: Path) -> None:
    """An older checkpoint of this log, one by a stranger, and one without the log's line change nothing."""
    world = make_log(tmp_path)
    world.work(LOCAL_DISK, [[b"three"]], [])
    older = sign_checkpoint(world.signed[0], [world._key], at=AT)
    stranger = sign_checkpoint(world.signed[-1], [generate_key(KeyKind.ED25519)], at=AT)
    with world.open(LOCAL_DISK) as log:
        before = published(log)
        unsigned = add_line(before)
        bare = parse_note(unsigned)
        only_witness = format_note(type(bare)(text=bare.text, signatures=bare.signatures[-1:]))
        for note in (older, stranger, only_witness):
            with pytest.raises((ConflictError, SignatureError)):
                log.add_cosignatures(note)
            assert before == published(log)


def test_an_empty_log_has_nothing_to_cosign(tmp_path: Path) -> None:
    """Before the first publication there is no checkpoint."""
    key = generate_key(KeyKind.ED25519)
    note_key = NoteKey(name=ORIGIN, type=NoteKeyType.ED25519, key=key.public)
    init_log(tmp_path / "log", origin=ORIGIN, keys=[note_key])
    with open_log(tmp_path / "log") as log, pytest.raises(NotFoundError):
        log.add_cosignatures(b"")


@pytest.mark.parametrize("is_persisted", [False, True], ids=["not-persisted", "persisted"])
def test_a_failing_step_leaves_the_old_or_the_new_note(tmp_path: Path, is_persisted: bool) -> None:
    """Each step fails in turn; whatever a restart finds is one of the two notes, whole, and the log opens."""
    world = make_log(tmp_path)
    with world.open(LOCAL_DISK) as log:
        old = published(log)
    new = add_line(old)
    opening = FaultyDisk()
    with world.open(opening):
        steps_before = len(opening.trace)
    for step in range(steps_before, steps_before + 40):
        copy = world.copy(tmp_path / f"copy-{step}")
        disk = FaultyDisk(fail_at=step, is_persisted=is_persisted, is_fatal=True)
        try:
            with copy.open(disk) as log:
                log.add_cosignatures(new)
        except OperationalError:
            with copy.open(LOCAL_DISK) as log:
                assert published(log) in (old, new)
            continue
        assert step > steps_before  # Every step has been tried, and at least one can fail.
        return
    raise AssertionError("the last step was never reached")
