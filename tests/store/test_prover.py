"""A prover's folder: what was acknowledged survives, resumes, and opens to what was committed to."""

import os
from pathlib import Path

import pytest

from allstop.errors import AllstopError, ConflictError, LimitError, MalformedError, NotFoundError
from allstop.ids import Name, digest_of
from allstop.store import LOCAL_DISK, ProverFolder, ProverPlan, init_prover, open_prover
from allstop.times import Instant, Window
from allstop.transcript import (
    EXACT,
    Init,
    Recipe,
    RecipeKind,
    check_opening,
    format_recipe,
    given_bytes,
    make_model,
    result_bytes,
)
from support_store import FaultyDisk

INFERENCE = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=2, width=8, layers=1, outputs=4)
TRAINING = Recipe(
    kind=RecipeKind.MLP_TRAINING, init=Init.BEACON, rows=2, width=8, layers=1, outputs=4, steps=1
)
GIVEN, RESULT = given_bytes(INFERENCE), result_bytes(INFERENCE)
PLAN = ProverPlan(
    transcript=Name("run-1-a"),
    job=Name("run-1"),
    site=Name("hall-1"),
    party=Name("alder"),
    beacon=digest_of(b"a cosigned note"),
)
WINDOW = Window(start=Instant(0), end=Instant(1000))


def create(directory: Path, recipe: Recipe = INFERENCE) -> ProverFolder:
    """Make a folder and open it."""
    init_prover(directory, plan=PLAN, recipe=recipe, model=make_model(recipe, PLAN.nonce(0)))
    return open_prover(directory)


def work(folder: ProverFolder, count: int) -> None:
    """Do the next items, one call of `append` for each."""
    recipe = folder.recipe
    for _ in range(count):
        request = bytes((folder.count + i) % 251 for i in range(given_bytes(recipe)))
        nonce = folder.plan.nonce(folder.count)
        result = EXACT.execute(recipe, before=folder.before(), given=request, nonce=nonce)
        folder.append([(request, result)])


@pytest.mark.parametrize("recipe", [INFERENCE, TRAINING], ids=["inference", "training"])
def test_work_that_is_resumed_opens_to_what_was_committed_to(tmp_path: Path, recipe: Recipe) -> None:
    """Two runs with a restart in between: one transcript, of which every item passes."""
    work(create(tmp_path / "prover", recipe), 3)
    work(open_prover(tmp_path / "prover"), 4)
    folder = open_prover(tmp_path / "prover")
    drawn = tuple(range(7))
    checked = check_opening(
        transcript=folder.transcript(WINDOW),
        party=PLAN.party,
        recipe=format_recipe(recipe),
        opened=folder.open_items(drawn),
        model=folder.model_blob,
        drawn=drawn,
    )
    assert drawn == checked.passed
    assert (7, PLAN, recipe) == (folder.count, folder.plan, folder.recipe)


def test_parts_open_what_one_blob_opens(tmp_path: Path) -> None:
    """Where one blob is enough, there is one part, and it is that blob."""
    folder = create(tmp_path / "prover")
    work(folder, 4)
    assert [folder.open_items((1, 3))] == list(folder.open_parts((1, 3)))


def test_a_recipe_whose_items_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """Its states do not fit a blob; nothing is made."""
    large = Recipe(
        kind=RecipeKind.TRANSFORMER_TRAINING, init=Init.BEACON, rows=1, width=256, layers=4, outputs=2000,
        tokens=16, heads=4, steps=1,
    )  # fmt: skip
    with pytest.raises(LimitError, match="an opened item"):
        init_prover(tmp_path / "prover", plan=PLAN, recipe=large, model=make_model(large, b"seed"))
    assert list(tmp_path.iterdir()) == []


def test_items_are_the_same_however_they_were_appended(tmp_path: Path) -> None:
    """One by one, or several at once: contents and records do not differ within a folder."""
    folder = create(tmp_path / "prover")
    items = [(bytes([i]) * GIVEN, bytes([100 + i]) * RESULT) for i in range(6)]
    folder.append(items[:1])
    folder.append(items[1:5])
    folder.append([])
    folder.append(items[5:])
    again = open_prover(tmp_path / "prover")
    for one in (folder, again):
        found = [(one.contents(i).request, one.contents(i).result) for i in range(one.count)]
        assert items == found
        assert {None} == {one.contents(i).state for i in range(one.count)}
        digests = [(digest_of(request), digest_of(result)) for request, result in items]
        assert digests == [(record.given, record.after) for record in one.records()]
    assert folder.records() == again.records()
    assert folder.transcript(WINDOW) == again.transcript(WINDOW)


def test_a_step_of_training_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    """State, records and what the next item begins from form one chain."""
    folder = create(tmp_path / "prover", TRAINING)
    model = folder.before()
    work(folder, 3)
    results = [folder.contents(i).result for i in range(3)]
    assert [None, *results[:2]] == [folder.contents(i).state for i in range(3)]
    assert results[2] == folder.before() != model
    records = folder.records()
    assert [digest_of(folder.model_blob), *map(digest_of, results[:2])] == [
        record.before for record in records
    ]


def test_everything_in_it_is_private(tmp_path: Path) -> None:
    """Secret, model and items have mode 0600 whatever the umask; two folders have two secrets."""
    old = os.umask(0)
    try:
        for name in ("one", "two"):
            work(create(tmp_path / name), 1)
    finally:
        os.umask(old)
    files = [path for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert ["000000000000", "model", "plan", "recipe", "secret"] == sorted(path.name for path in files)
    assert {0o600} == {path.stat().st_mode & 0o777 for path in files}
    one, two = (open_prover(tmp_path / name) for name in ("one", "two"))
    assert one.records()[0].salt != two.records()[0].salt
    assert one.model_blob != two.model_blob


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    """A second secret would make the first commitment impossible to open."""
    create(tmp_path / "prover")
    secret = (tmp_path / "prover" / "secret").read_bytes()
    with pytest.raises(ConflictError, match="is there already"):
        create(tmp_path / "prover")
    assert secret == (tmp_path / "prover" / "secret").read_bytes()


def test_contents_of_another_size_are_refused(tmp_path: Path) -> None:
    """Sizes follow from the recipe; nothing is written."""
    with pytest.raises(MalformedError, match="model has 3 bytes"):
        init_prover(tmp_path / "other", plan=PLAN, recipe=INFERENCE, model=b"abc")
    folder = create(tmp_path / "prover")
    for item in ((b"short", bytes(RESULT)), (bytes(GIVEN), b"short")):
        with pytest.raises(MalformedError, match="item has"):
            folder.append([(bytes(GIVEN), bytes(RESULT)), item])
    assert 0 == folder.count == open_prover(tmp_path / "prover").count


def test_too_many_items_at_once_are_refused(tmp_path: Path) -> None:
    """One call writes one file, which is read as a whole."""
    folder = create(tmp_path / "prover")
    item = (bytes(GIVEN), bytes(RESULT))
    with pytest.raises(LimitError, match="too many"):
        folder.append([item] * (256 * 1024 * 1024 // (GIVEN + RESULT) + 1))


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """An item beyond the last, a commitment to nothing, a folder that is none."""
    folder = create(tmp_path / "prover")
    with pytest.raises(NotFoundError, match="no item 0 among 0"):
        folder.contents(0)
    with pytest.raises(ValueError, match="no items"):
        folder.transcript(WINDOW)
    with pytest.raises(NotFoundError):
        open_prover(tmp_path / "nowhere")


def test_two_processes_do_not_both_append(tmp_path: Path) -> None:
    """Who comes second loses visibly, and finds the work of the first when it opens the folder again."""
    one = create(tmp_path / "prover")
    two = open_prover(tmp_path / "prover")
    one.append([(bytes(GIVEN), bytes(RESULT))])
    with pytest.raises(ConflictError):
        two.append([(bytes(GIVEN), bytes([1]) * RESULT)])
    assert (0, 1) == (two.count, open_prover(tmp_path / "prover").count)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("000000000003", GIVEN + RESULT),
        ("000000000002", GIVEN + RESULT - 1),
        ("000000000002", 0),
        ("notes", GIVEN + RESULT),
    ],
)
def test_a_folder_that_was_meddled_with_is_not_opened(tmp_path: Path, name: str, size: int) -> None:
    """A gap, part of an item, or a file of somebody else would shift every item behind it."""
    folder = create(tmp_path / "prover")
    folder.append([(bytes(GIVEN), bytes(RESULT))] * 2)
    (tmp_path / "prover" / "items" / name).write_bytes(bytes(size))
    with pytest.raises(ConflictError, match="does not follow 2 items"):
        open_prover(tmp_path / "prover")


@pytest.mark.parametrize("name", ["secret", "model"])
def test_a_cut_secret_is_noticed(tmp_path: Path, name: str) -> None:
    """A shorter secret would open nothing; better to know at once."""
    create(tmp_path / "prover")
    path = tmp_path / "prover" / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ConflictError, match="another size"):
        open_prover(tmp_path / "prover")


@pytest.mark.parametrize("is_persisted", [False, True])
def test_what_was_acknowledged_survives_every_fault(tmp_path: Path, is_persisted: bool) -> None:
    """Each step of an append fails once, done or not; after a restart all acknowledged items are there, in order."""
    items = [(bytes([i]) * GIVEN, bytes([100 + i]) * RESULT) for i in range(3)]
    create(tmp_path / "whole").append(items)
    trial = FaultyDisk()
    _append(tmp_path / "whole", items, trial)
    assert len(trial.trace) > 4
    for step in range(len(trial.trace)):
        directory = tmp_path / f"fault-{step}"
        create(directory).append(items)
        with pytest.raises(AllstopError):
            _append(directory, items, FaultyDisk(fail_at=step, is_persisted=is_persisted, is_fatal=True))
        folder = open_prover(directory, disk=LOCAL_DISK)
        assert folder.count in (3, 6)
        found = [(folder.contents(i).request, folder.contents(i).result) for i in range(folder.count)]
        assert (items * 2)[: folder.count] == found
        folder.append(items)
        assert open_prover(directory).count == folder.count


def _append(directory: Path, items: list[tuple[bytes, bytes]], disk: FaultyDisk) -> None:
    folder = open_prover(directory, disk=disk)
    folder.append(items)
