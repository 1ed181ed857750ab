"""Transcripts at the door: recipes, items kept in a private folder, commitment, draw, opening, replay."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
import rfc8785

from allstop.app import make_request, measure_item_time
from allstop.canon import parse_instant
from allstop.cli import main
from allstop.store import open_prover
from allstop.times import Window
from allstop.transcript import (
    EXACT,
    Init,
    Recipe,
    RecipeKind,
    check_opening,
    given_bytes,
    model_bytes,
    result_bytes,
)
from support_cli import AMONG, Captured, Done, copy_world, run

TABLE = """\
title = "Cores"
[[chips]]
id = "core"
name = "one core"
tdp_milliwatt = 1
memory_bytes = 1
floor_milliwatt = 0
idle_milliwatt = 0
unit_milliwatt = 1
joule_per_flop_min_attojoule = 1
peaks = { fp32 = 400_000_000_000 }
[[chips.sources]]
figures = ["floor_milliwatt", "fp32", "idle_milliwatt", "joule_per_flop_min_attojoule", "memory_bytes",
  "tdp_milliwatt", "unit_milliwatt"]
grade = "D"
text = "made up"
"""
SHAPE = ("--kind", "mlp-inference", "--rows", "4", "--width", "16", "--layers", "2", "--outputs", "4")
TRAINING = (
    "--kind", "transformer-training", "--init", "beacon", "--rows", "2", "--width", "8", "--layers", "1",
    "--outputs", "16", "--tokens", "4", "--heads", "2", "--steps", "2", "--rate-shift", "4",
)  # fmt: skip
BIRCH = ("--party", "birch", "--key", "birch.key")
PLAN = ("--transcript", "serve-1", "--job", "serving", "--site", "desk", "--party", "alder")
SPAN = ("--from", "2026-11-01T00:00:00Z", "--until", "2026-11-01T01:00:00Z")
PUBLISH = ("log", "checkpoint", "--key", "birch.key", "--policy", "policy", "--witness", "w")
ITEMS = 60
NEW = ("transcript", "record", "items", "--recipe", "recipe.json", *PLAN)
REPLAY = ("transcript", "replay", "--chip-type", "core", "--item-time", "1000..2000", *BIRCH)


def must(*arguments: str) -> None:
    """Run a command that is part of the stage."""
    if main([*arguments]) != 0:
        raise AssertionError(f"allstop {' '.join(arguments)} failed")


def publish_twice() -> None:
    """Publish what is pending, and the note that proves its time."""
    for _ in range(2):
        must(*PUBLISH)


def build_stage(folder: Path) -> None:
    """Make an agreement of two parties, a log with a beacon, a site, a job, and 60 items that are committed to."""
    (folder / "cores.toml").write_text(TABLE)
    for party in ("alder", "birch"):
        must("key", "new", f"{party}.key")
    must("agreement", "new", "--template", "two-party", "--out", "ours.toml")
    keys = ("--key", "alder=alder.key.pub", "--key", "birch=birch.key.pub", "--chips", "cores.toml")
    window = ("--start", "2026-11-01T00:00:00Z", "--period", "PT1H")
    must("agreement", "seal", "ours.toml", "--out", "agreement.json", *keys, *window)
    must("log", "init", "log-desk", "--agreement", "agreement.json", "--key", "birch.key")
    must("witness", "new", "w", "--name", "witness.example")
    must("witness", "watch", "w")
    must("log", "policy", "--witness", "w=w/keys/ed25519.pub", "--quorum", "w", "--out", "policy")
    must("site", "declare", "desk", *AMONG)
    must("chip", "register", "--site", "desk", "--lot", "cores", "--type", "core", "--count", "1", *AMONG)
    publish_twice()
    must("recipe", "new", "recipe.json", *SHAPE)
    must(*NEW, "--generate", "day", "--items", str(ITEMS))
    job = ("--job", "serving", "--site", "desk", "--kind", "inference", "--purpose", "research")
    must("job", "declare", *job, "--chips", "cores", *SPAN, "--operations", "1e6", *AMONG)
    must("transcript", "commit", "items", *SPAN, *AMONG)


@pytest.fixture(scope="module")
def built_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which Alder has committed to items; not to be changed."""
    folder = tmp_path_factory.mktemp("stage")
    before = Path.cwd()
    os.chdir(folder)
    try:
        build_stage(folder)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def stage(built_stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the stage, which is also the current folder."""
    folder = copy_world(built_stage, tmp_path / "stage")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("ALLSTOP_LOG", raising=False)
    return folder


def read_json(captured: Captured, arguments: Sequence[str]) -> dict[str, object]:
    """Run a command with --json and return what it printed, which is in its one spelling."""
    done = run(captured, [*arguments, "--json"])
    assert done.status == 0, done.err
    value = json.loads(done.out)
    assert rfc8785.dumps(value) == done.out.rstrip("\n").encode()
    return value if isinstance(value, dict) else {"all": value}


def refuse(captured: Captured, arguments: Sequence[str], status: int, says: str) -> Done:
    """Run a command that is refused with one line that says this."""
    done = run(captured, arguments)
    assert status == done.status, done.err
    assert says in done.err, done.err
    assert not done.out
    return done


def test_from_commitment_to_replay(stage: Path, captured: Captured) -> None:
    """The drawn items of an honest prover pass before whoever holds the log, and before a reader of the case."""
    refuse(captured, ["transcript", "draw"], 1, "no transcript has a proven time yet")
    refuse(captured, ["transcript", "open", "items", *AMONG], 2, "0 published transcripts are meant")
    publish_twice()
    drawn = read_json(captured, ["transcript", "draw"])["all"]
    assert isinstance(drawn, list)
    assert 19 == drawn[0]["sample"] == len(drawn[0]["draw"]["items"])
    opened = read_json(captured, ["transcript", "open", "items", *AMONG])
    assert 19 == opened["items"]
    replayed = read_json(captured, REPLAY)
    assert (19, 19, []) == (replayed["sample"], replayed["passed"], replayed["failed"])
    assert {"low": "1000", "high": "2000", "unit": "chip-ns"} == replayed["itemTime"]
    publish_twice()
    must("case", "new", "case", "--policy", "policy")
    of_case = read_json(captured, ["transcript", "draw", "--case", "case", "--policy", "policy"])["all"]
    assert drawn == of_case
    shown = run(captured, ["transcript", "draw", "--of", "alder", "--transcript", "serve-1"]).out
    assert f"sample      19 of {ITEMS} items for each witness" in shown
    assert ", ".join(map(str, drawn[0]["draw"]["items"])) in shown


def test_what_was_not_opened_is_said(stage: Path, captured: Captured) -> None:
    """A verifier files a replay of a prover who opened nothing, and measures the item time itself."""
    publish_twice()
    done = run(captured, ["transcript", "replay", "--chip-type", "core", *BIRCH])
    assert done.status == 0, done.err
    assert "0 items passed, 0 failed, 19 were not opened, 0 could not be judged" in done.err
    assert "of one core" in done.err


def test_other_items_than_were_committed_to_are_not_opened(stage: Path, captured: Captured) -> None:
    """A folder to which items were added after the commitment does not fit the transcript any more."""
    publish_twice()
    must("transcript", "record", "items", "--generate", "day", "--items", str(ITEMS + 1))
    refuse(captured, ["transcript", "open", "items", *AMONG], 2, "holds other items than the transcript")


def test_work_goes_on_where_it_was(stage: Path, captured: Captured) -> None:
    """Items done in two runs are those of one, each by its own nonce; a third run has nothing to do."""
    whole = ("transcript", "record", "whole", "--recipe", "recipe.json", "--generate", "x", *PLAN)
    assert 7 == read_json(captured, [*whole, "--items", "7"])["done"]
    assert 5 == read_json(captured, [*whole, "--items", "12", "--every-ms", "1"])["done"]
    assert 0 == read_json(captured, [*whole, "--items", "3"])["done"]
    kept = open_prover(stage / "whole")
    assert 12 == kept.count
    for index in (0, 6, 7, 11):
        content = kept.contents(index)
        assert make_request(kept.recipe, b"x", index) == content.request
        again = EXACT.execute(
            kept.recipe, before=kept.before(), given=content.request, nonce=kept.plan.nonce(index)
        )
        assert again == content.result


def test_requests_come_from_a_file(stage: Path, captured: Captured) -> None:
    """A file of requests is cut into items; one of another length is refused."""
    recipe = open_prover(stage / "items").recipe
    data = bytes(range(256)) * 2
    (stage / "requests.bin").write_bytes(data[: 3 * given_bytes(recipe)])
    served = ["transcript", "record", "served", "--recipe", "recipe.json", *PLAN]
    served += ["--requests", "requests.bin", "--items"]
    refuse(captured, [*served, "4"], 2, "4 items of 64 each")
    must(*served, "3")
    assert data[64:128] == open_prover(stage / "served").contents(1).request


def test_training_from_the_beacon_is_replayed(stage: Path, captured: Captured) -> None:
    """A recipe whose first model the beacon makes: every step is drawn, opened and passes."""
    must("recipe", "new", "train.json", *TRAINING)
    names = ("--transcript", "train-1", "--job", "serving", "--site", "desk", "--party", "alder")
    must("transcript", "record", "steps", "--recipe", "train.json", *names, "--generate", "x", "--items", "5")
    must("transcript", "commit", "steps", *SPAN, *AMONG)
    publish_twice()
    assert 5 == read_json(captured, ["transcript", "open", "steps", *AMONG])["items"]
    replayed = read_json(captured, [*REPLAY, "--transcript", "train-1", "--of", "alder"])
    assert (5, 5) == (replayed["sample"], replayed["passed"])


def test_a_forged_result_fails(stage: Path, captured: Captured) -> None:
    """One bit of every result on disk is bent before the commitment: every drawn item fails, and says why."""
    must("transcript", "record", "forged", "--recipe", "recipe.json", "--transcript", "serve-2", *PLAN[2:],
         "--generate", "x", "--items", "20")  # fmt: skip
    (path,) = (stage / "forged" / "items").iterdir()
    size = path.stat().st_size // 20
    data = bytearray(path.read_bytes())
    for end in range(size, len(data) + 1, size):
        data[end - 1] ^= 1
    path.write_bytes(data)
    must("transcript", "commit", "forged", *SPAN, *AMONG)
    publish_twice()
    must("transcript", "open", "forged", *AMONG)
    done = run(captured, [*REPLAY, "--transcript", "serve-2"])
    assert done.status == 0
    assert "0 items passed" in done.err
    assert "re-execution gives another result" in done.err


def test_a_recipe_says_what_an_item_takes(stage: Path, captured: Captured) -> None:
    """The figures of a recipe: 2 m n k for each of three products, and sizes."""
    value = read_json(captured, ["recipe", "show", "recipe.json"])
    assert str(2 * 4 * 16 * 16 * 2 + 2 * 4 * 16 * 4) == value["operationsOfItem"]
    recipe = open_prover(stage / "items").recipe
    sizes = (model_bytes(recipe), given_bytes(recipe), result_bytes(recipe))
    assert sizes == (value["modelBytes"], value["givenBytes"], value["resultBytes"])
    assert "mlp-inference" in run(captured, ["recipe", "show", "recipe.json"]).out
    assert value == read_json(captured, ["recipe", "new", "again.json", *SHAPE])


def test_generated_tokens_are_tokens_of_the_recipe() -> None:
    """What is made up for a transformer names only tokens that there are."""
    recipe = Recipe(
        kind=RecipeKind.TRANSFORMER_INFERENCE, init=Init.GIVEN, rows=2, width=8, layers=1, outputs=5,
        tokens=4, heads=2,
    )  # fmt: skip
    data = make_request(recipe, b"x", 3)
    assert given_bytes(recipe) == len(data)
    assert {int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)} <= set(range(5))


def test_a_private_folder_is_shown(stage: Path, captured: Captured) -> None:
    """Names, beacon, recipe and count are shown; no content and no secret is."""
    value = read_json(captured, ["transcript", "show", "items"])
    assert (ITEMS, "serve-1", None) == (value["items"], value["transcript"], value["done"])
    secret = (stage / "items" / "secret").read_bytes().hex()
    assert secret not in run(captured, ["transcript", "show", "items"]).out


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("transcript", "record", "no", "--items", "1", "--generate", "x"), 2, "there is no folder no"),
        ((*NEW[:2], "items", "--items", "61"), 2, "want either --requests or --generate"),
        ((*NEW[:2], "items", "--items", "1", "--transcript", "other"), 2, "for transcript serve-1, found other"),
        ((*NEW[:2], "items", "--items", "1", "--model", "cores.toml"), 2, "has its model already"),
        ((*NEW[:2], "n", *NEW[3:-1], "elm", "--items", "1"), 2, "elm is no party of the agreement"),
        ((*NEW[:2], "n", *NEW[3:], "--items", "1", "--model", "cores.toml"), 2, "want a model of 576"),
        ((*NEW[:2], "n", "--recipe", "policy", *PLAN, "--items", "1"), 2, "policy: "),
        (("transcript", "show", "w"), 1, "w is no folder of items"),
        (("transcript", "commit", "items", *SPAN, *AMONG), 2, "has filed a transcript serve-1 already"),
        (("transcript", "commit", "items", *SPAN, *BIRCH), 2, "for party alder, found birch"),
        (("transcript", "draw", "--policy", "policy"), 2, "belong to --case"),
        (("transcript", "draw", "--case", "c", "--log", "log-desk"), 2, "found --case and --log"),
        ((*REPLAY, "--transcript", "other"), 2, "0 published transcripts are meant"),
        (("recipe", "new", "r.json", *SHAPE, "--tokens", "4"), 2, "mlp-inference has tokens 4, want 0 to 0"),
        (("recipe", "new", "recipe.json", *SHAPE), 1, "is there already"),
        (("recipe", "show", "no.json"), 1, "there is no file no.json"),
    ],
    ids=lambda value: None,
)  # fmt: skip
def test_bad_transcripts_are_refused(
    arguments: tuple[str, ...], status: int, says: str, stage: Path, captured: Captured
) -> None:
    """What cannot be done is refused in one line before anything is filed or made."""
    before = sorted(path.name for path in stage.iterdir())
    done = refuse(captured, arguments, status, says)
    assert done.err.startswith("allstop: error: ")
    assert before == sorted(path.name for path in stage.iterdir())


def test_a_job_and_a_chip_type_must_be_those_of_the_log(stage: Path, captured: Captured) -> None:
    """Items of a job that nobody declared, and item times of other chips, would show nothing."""
    plan = ("--transcript", "t", "--job", "other", "--site", "desk", "--party", "alder")
    must("transcript", "record", "o", "--recipe", "recipe.json", *plan, "--items", "2", "--generate", "x")
    refuse(captured, ["transcript", "commit", "o", *SPAN, *AMONG], 2, "job other is not declared at desk")
    must("transcript", "record", "e", "--recipe", "recipe.json", *plan, "--items", "0")
    refuse(captured, ["transcript", "commit", "e", *SPAN, *AMONG], 2, "there are no items to commit to")
    publish_twice()
    replay = ["transcript", "replay", "--chip-type", "h100-sxm-80gb", *BIRCH]
    refuse(captured, replay, 2, "the chips of job serving are of type core")


def test_without_a_quoted_checkpoint_there_is_no_beacon(stage: Path, captured: Captured) -> None:
    """Items cannot begin before a cosigned note is on the log, since their nonces follow from it."""
    must("log", "init", "fresh", "--agreement", "agreement.json", "--key", "birch.key")
    new = [*NEW[:2], "n", *NEW[3:], "--items", "1", "--generate", "x", "--log", "fresh"]
    refuse(captured, new, 1, "nothing was published yet")
    assert not (stage / "n").exists()


def test_the_blob_that_opens_shows_only_drawn_items(stage: Path, captured: Captured) -> None:
    """Checked by hand from the files: the drawn items pass, and an item that was not drawn is not in the blob."""
    publish_twice()
    drawn = read_json(captured, ["transcript", "draw"])["all"]
    blobs = read_json(captured, ["transcript", "open", "items", *AMONG])["blobs"]
    assert isinstance(drawn, list)
    assert isinstance(blobs, list)
    (blob,) = blobs
    indices = drawn[0]["draw"]["items"]
    opened = (stage / "log-desk" / "blobs" / "blobs" / "sha256" / blob[:2] / blob).read_bytes()
    kept = open_prover(stage / "items")
    window = Window(start=parse_instant(SPAN[1]), end=parse_instant(SPAN[3]))
    other = next(index for index in range(ITEMS) if index not in indices)
    checked = check_opening(
        transcript=kept.transcript(window), party=kept.plan.party, recipe=(stage / "recipe.json").read_bytes(),
        opened=opened, model=kept.model_blob, drawn=sorted([*indices, other]),
    )  # fmt: skip
    assert tuple(indices) == checked.passed
    assert (other,) == checked.refused


def test_an_item_takes_time_on_one_core() -> None:
    """The measured time of a thousand times the operations is longer, and the margin widens it at both ends."""
    small, large = (
        Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=rows, width=width, layers=4, outputs=4)
        for rows, width in ((4, 16), (256, 256))
    )
    times = [measure_item_time(recipe, margin_ppm=0) for recipe in (small, large)]
    assert 0 < times[0].low <= times[0].high
    assert times[0].low < times[1].low <= times[1].high
    wide = measure_item_time(small, margin_ppm=900_000)
    assert 19 * wide.low <= wide.high
