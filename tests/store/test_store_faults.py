"""The log under failing steps, crashes and loss of power: nothing promised is lost, nothing forks."""

import contextlib
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from allstop.errors import AllstopError, NotFoundError
from allstop.store import COMMIT_ORDER, HeadLock, LocalDisk, LogFolder, Step, init_log
from allstop.tlog import parse_checkpoint
from support_store import ORIGIN, FaultyDisk, LogWorld, PowerDisk

# 254 entries are there before, so that the first batch fills a tile and begins the next.
ONE_BATCH = ((b"alder 1", b"birch 1"),)
TWO_BATCHES = (*ONE_BATCH, (b"cedar 1",))
# After the restart everybody asks again, and somebody new comes.
AGAIN = ((b"dogwood 1", b"alder 1", b"birch 1", b"cedar 1"),)


def _moved(step: Step, before: Step) -> tuple[Step, ...]:
    rest = [item for item in COMMIT_ORDER if item is not step]
    at = rest.index(before)
    return (*rest[:at], step, *rest[at:])


MUTANTS = {
    "checkpoint before tiles": _moved(Step.CHECKPOINT, Step.TILES),
    "signature before lock": _moved(Step.SIGN, Step.LOCK),
    "cleaning before checkpoint": _moved(Step.CLEAN, Step.CHECKPOINT),
    "checkpoint before lock": (
        Step.STAGE,
        Step.READ_BACK,
        Step.SIGN,
        Step.TILES,
        Step.COSIGN,
        Step.CHECKPOINT,
        Step.LOCK,
        Step.CLEAN,
    ),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> LogWorld:
    """A log with 254 entries, to be copied."""
    world = LogWorld(tmp_path_factory.mktemp("base") / "log")
    world.create([b"entry %d" % i for i in range(254)])
    return world


def _look_as_reader(world: LogWorld, size_before: int) -> list[str]:
    """What a reader may find wrong at any moment, whatever the writer was doing."""
    try:
        size = len(world.published())
    except AllstopError as exc:
        return [f"reader finds a broken log: {exc}"]
    stored = HeadLock(world.directory / "lock.sqlite", disk=FaultyDisk()).load(ORIGIN)
    wrong = [] if size >= size_before else [f"published size fell from {size_before} to {size}"]
    if stored is None or parse_checkpoint(stored).size < size:
        wrong.append(f"lock is behind the published size {size}")
    return wrong


def _run(
    world: LogWorld,
    disks: Sequence[LocalDisk],
    order: Sequence[Step] = COMMIT_ORDER,
    batches: Sequence[Sequence[bytes]] = ONE_BATCH,
) -> list[str]:
    """Work on each disk until it fails, then on a sound one; return every violation on the way."""
    acked: list[bytes] = []
    wrong: list[str] = []
    size = len(world.published())
    for disk in disks:
        with contextlib.suppress(AllstopError):
            world.work(disk, batches, acked, order=order)
        if isinstance(disk, PowerDisk):
            disk.lose_power(world.directory, random.Random(size))
        wrong += _look_as_reader(world, size)
    try:
        world.work(FaultyDisk(), AGAIN, acked, order=order)
        wrong += world.find_violations(acked)
    except AllstopError as exc:
        wrong.append(f"log does not come back: {exc}")
    return wrong


def _trace(base: LogWorld, folder: Path, order: Sequence[Step] = COMMIT_ORDER) -> list[str]:
    disk = FaultyDisk()
    assert _run(base.copy(folder), [disk], order) == []
    return disk.trace


@pytest.mark.parametrize("is_fatal", [True, False], ids=["killed", "error"])
@pytest.mark.parametrize("is_persisted", [True, False], ids=["persisted", "not-persisted"])
def test_no_single_fault_loses_or_forks(
    base: LogWorld, tmp_path: Path, is_persisted: bool, is_fatal: bool
) -> None:
    """Fail each step of opening, staging and publishing in turn, restart, and compare with what was promised."""
    steps = _trace(base, tmp_path / "trace")
    # Where the process lives on, all that differs is what it does on its way out: every second step will do.
    for number in range(is_persisted and not is_fatal, len(steps), 1 if is_fatal else 2):
        disk = FaultyDisk(fail_at=number, is_persisted=is_persisted, is_fatal=is_fatal)
        wrong = _run(base.copy(tmp_path / str(number)), [disk])
        assert wrong == [], f"after step {number}, {steps[number]}"


def test_two_faults_in_a_row_lose_and_fork_nothing(base: LogWorld, tmp_path: Path) -> None:
    """Fail a random step, then a random step of the restart: other logs died of their own recovery."""
    steps = 2 * len(_trace(base, tmp_path / "trace"))
    rng = random.Random(20261123)
    for run in range(80):
        disks = [
            FaultyDisk(
                fail_at=rng.randrange(steps),
                is_persisted=rng.random() < 0.5,
                is_fatal=rng.random() < 0.5,
            )
            for _ in range(2)
        ]
        wrong = _run(base.copy(tmp_path / str(run)), disks, batches=TWO_BATCHES)
        assert wrong == [], f"run {run}"


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_the_fault_table_catches_every_other_order(base: LogWorld, tmp_path: Path, name: str) -> None:
    """Orders that swap two steps work while nothing fails; some single crash must show each of them wrong."""
    order = MUTANTS[name]
    steps = _trace(base, tmp_path / "trace", order)
    assert any(
        _run(base.copy(tmp_path / str(number)), [FaultyDisk(fail_at=number, is_fatal=True)], order)
        for number in reversed(range(len(steps)))
    )


def test_no_loss_of_power_loses_or_forks(base: LogWorld, tmp_path: Path) -> None:
    """Stop after a number of steps and undo what was not durable: names in folders, bytes in files."""
    sound = PowerDisk(fail_at=10_000)
    assert _run(base.copy(tmp_path / "trace"), [sound]) == []
    for number in range(sound.steps):
        disk = PowerDisk(fail_at=number)
        assert _run(base.copy(tmp_path / str(number)), [disk]) == [], f"after step {number}"


def test_loss_of_power_is_noticed_where_nothing_is_synced(base: LogWorld, tmp_path: Path) -> None:
    """The control: with fsync left out, the same harness must find promises broken."""
    runs = (
        _run(base.copy(tmp_path / str(number)), [PowerDisk(fail_at=number, does_sync=False)])
        for number in range(200)
    )
    assert any(runs)


def test_a_log_that_failed_refuses_to_go_on(base: LogWorld, tmp_path: Path) -> None:
    """After a failed fsync nobody knows what is on disk: only opening again may tell."""
    world = base.copy(tmp_path / "log")
    disk = FaultyDisk()
    with world.open(disk) as log:
        disk._fail_at = len(disk.trace) + 4
        with pytest.raises(AllstopError):
            log.stage([b"alder 1"])
        with pytest.raises(AllstopError, match="closed or has failed"):
            log.stage([b"alder 1"])


def test_a_crash_while_the_log_is_made_leaves_no_log(tmp_path: Path) -> None:
    """A log is there whole or not at all, and what a crash left is never taken for one."""
    trace = FaultyDisk()
    _create(LogWorld(tmp_path / "trace"), trace)
    for number in range(len(trace.trace)):
        directory = tmp_path / str(number)
        directory.mkdir()
        world = LogWorld(directory / "log")
        with pytest.raises(AllstopError):
            _create(world, FaultyDisk(fail_at=number, is_fatal=True))
        if world.directory.exists():
            with world.open(LocalDisk()) as log:
                assert log.size == 0
        else:
            with pytest.raises(NotFoundError):
                world.open(LocalDisk())
    with pytest.raises(NotFoundError):
        LogFolder(tmp_path / "0" / "log" / "public").note()


def _create(world: LogWorld, disk: LocalDisk) -> None:
    init_log(world.directory, origin=ORIGIN, keys=[world.note_key], disk=disk)
