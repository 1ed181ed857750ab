"""HeadLock: compare-and-swap that never rolls back, not across failures, processes or other programs."""

import contextlib
import hashlib
import sqlite3
import threading
from pathlib import Path

import pytest

from allstop.errors import AllstopError, ConflictError, NotFoundError, OperationalError
from allstop.store import HeadLock, create_lock
from allstop.times import Instant
from allstop.tlog import Checkpoint, format_checkpoint, leaf_hash, parse_checkpoint
from support_store import ORIGIN, FaultyDisk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A lock that has seen size 3."""
    path = tmp_path / "lock.sqlite"
    create_lock(path)
    HeadLock(path).replace(ORIGIN, old=None, new=_head(3))
    return path


def _head(size: int) -> bytes:
    root = hashlib.sha256(b"%d" % size).digest()
    return format_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=leaf_hash(root)))


def test_the_lock_swaps_only_what_the_caller_saw(path: Path) -> None:
    """Compare-and-swap: a stale, missing or larger head is refused and nothing changes."""
    lock = HeadLock(path, disk=FaultyDisk())
    head = lock.load(ORIGIN)
    assert head is not None
    for old, new in ((_head(2), _head(4)), (None, _head(4)), (head, _head(2))):
        with pytest.raises(ConflictError):
            lock.replace(ORIGIN, old=old, new=new)
        assert lock.load(ORIGIN) == head
    lock.replace(ORIGIN, old=head, new=_head(4))
    assert lock.load(ORIGIN) == _head(4)
    assert lock.load("elm.example/log") is None


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM head",
        "UPDATE head SET size = 1",
        "UPDATE head SET origin = 'elm.example/log'",
        "UPDATE head SET checkpoint = x'00'",
    ],
)
def test_the_lock_does_not_roll_back_for_other_programs_either(path: Path, sql: str) -> None:
    """The rules stand in the database itself."""
    database = sqlite3.connect(path)
    with contextlib.closing(database), pytest.raises(sqlite3.IntegrityError, match="head"):
        database.execute(sql)


def test_a_lock_is_made_once_and_never_by_opening(path: Path) -> None:
    """Neither creating it again nor using one that is missing gives an empty lock."""
    with pytest.raises(ConflictError, match="is there already"):
        create_lock(path)
    missing = HeadLock(path.with_name("missing"))
    with pytest.raises(NotFoundError):
        missing.load(ORIGIN)
    with pytest.raises(NotFoundError):
        missing.replace(ORIGIN, old=None, new=_head(1))
    assert not path.with_name("missing").exists()


def test_a_file_that_is_no_database_is_an_error(path: Path) -> None:
    """A damaged lock is reported, not replaced."""
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(OperationalError, match="database"):
        HeadLock(path).load(ORIGIN)


def test_the_owners_clock_must_not_step_back(path: Path) -> None:
    """Time is compared over all origins: one clock, one memory of it."""
    lock = HeadLock(path)
    lock.replace(ORIGIN, old=_head(3), new=_head(4), at=Instant(5000), note=b"note")
    with pytest.raises(OperationalError, match="stepped back by 1 ms"):
        lock.replace("elm.example/log", old=None, new=_head(1), at=Instant(4999))
    lock.replace(ORIGIN, old=_head(4), new=_head(4), at=Instant(5000))
    assert lock.load_note(ORIGIN) is None
    assert lock.load("elm.example/log") is None


@pytest.mark.parametrize("is_persisted", [True, False])
def test_a_failed_swap_is_done_or_not_done(path: Path, is_persisted: bool) -> None:
    """Fail each step of a swap: what is read back is the old head or the new one, and no lock stays held."""
    trace = FaultyDisk()
    HeadLock(path, disk=trace).replace(ORIGIN, old=_head(3), new=_head(4))
    size = 4
    for number, step in enumerate(trace.trace):
        disk = FaultyDisk(fail_at=number, is_persisted=is_persisted, is_fatal=True)
        with pytest.raises(AllstopError):
            HeadLock(path, disk=disk).replace(ORIGIN, old=_head(size), new=_head(size + 1))
        stored = HeadLock(path, disk=FaultyDisk()).load(ORIGIN)
        assert stored in (_head(size), _head(size + 1))
        assert (stored == _head(size + 1)) == (is_persisted and step == "COMMIT")
        assert stored is not None
        size = parse_checkpoint(stored).size


def test_of_many_swaps_at_once_one_wins(path: Path) -> None:
    """Eight threads swap the same head for different ones: exactly one is told that it did."""
    won: list[bytes] = []

    def swap(size: int) -> None:
        with contextlib.suppress(ConflictError):
            HeadLock(path, disk=FaultyDisk()).replace(ORIGIN, old=_head(3), new=_head(size))
            won.append(_head(size))

    threads = [threading.Thread(target=swap, args=(size,)) for size in range(4, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert HeadLock(path).load(ORIGIN) == won[0]
