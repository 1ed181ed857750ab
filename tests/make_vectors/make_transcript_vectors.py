"""Makes vectors of transcripts: `python tests/make_vectors/make_transcript_vectors.py`.

Bodies of statements as the vectors of other facts; blobs of opened items with what becomes of each drawn
item; and draws, hashes and sample sizes, computed by the reference in tests/transcripts and not by the code.
"""

import base64
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from allstop.transcript import (  # noqa: E402
    Recipe,
    format_recipe,
    format_transcript,
    make_model,
)
from make_vectors.make_fact_vectors import MISSING, WINDOW, edit  # noqa: E402
from transcripts.provers import (  # noqa: E402  # the folder of the tests is put on the path above
    HASHES,
    INFERENCE,
    TRAINING,
    Work,
    bend,
    do_work,
)
from transcripts.reference_transcript import (  # noqa: E402
    ref_blind,
    ref_draw,
    ref_forged_high,
    ref_leaf,
    ref_nonce,
    ref_salt,
    ref_sample_size,
    ref_seed,
    ref_tree,
    sha256,
)

Json = dict[str, Any]
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OTHER = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

GOOD: dict[str, Json] = {
    "transcript": {
        "transcript": "run-1-a", "job": "run-1", "site": "hall-1", "window": WINDOW, "recipe": DIGEST,
        "beacon": "7c1e2b4f0f7b1f0d3a9c0f5d2c9c5d7f8f3e6a1b0c9d8e7f6a5b4c3d2e1f0a9b", "model": OTHER,
        "count": 4000, "root": "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
    },
    "opening": {"transcript": DIGEST, "blob": OTHER, "model": None},
    "replay": {
        "transcript": DIGEST, "chipType": "h100-sxm-80gb", "sample": 133, "passed": 131, "failed": 1,
        "unverifiable": 0, "tolerance": "0", "noise": "0",
        "itemTime": {"low": "4100000", "high": "5200000", "unit": "chip-ns"},
    },
}  # fmt: skip

BODIES: list[tuple[str, str, str, bool, bool, Json]] = [
    ("transcript", "most-items", "ten million items are the most", True, True, {"count": 10_000_000}),
    ("transcript", "too-many-items", "ten million items are the most", False, False, {"count": 10_000_001}),
    ("transcript", "no-items", "a commitment to nothing shows nothing", False, False, {"count": 0}),
    ("transcript", "count-as-text", "counts are integers", False, False, {"count": "4000"}),
    ("transcript", "no-beacon", "without a beacon the work may be old", False, False, {"beacon": None}),
    ("transcript", "short-root", "a root has 32 bytes", False, False, {"root": "fcde"}),
    ("transcript", "missing-model", "defaults do not exist", False, False, {"model": MISSING}),
    ("transcript", "unknown-key", "a key that nobody reads could carry anything", False, False, {"salt": OTHER}),
    (
        "transcript", "backward-window", "a window ends after it starts", False, True,
        {"window/until": "2026-11-22T00:00:00Z"},
    ),
    ("opening", "with-model", "where an item begins from the model, it is opened", True, True, {"model": OTHER}),
    ("opening", "no-blob", "an opening opens something", False, False, {"blob": None}),
    ("opening", "missing-model", "null is said, not left out", False, False, {"model": MISSING}),
    ("opening", "upper-case-digest", "digests are lower case", False, False, {"transcript": DIGEST.upper()}),
    ("replay", "all-passed", "nothing needs to fail", True, True, {"passed": 133, "failed": 0}),
    ("replay", "more-than-sample", "outcomes are those of the sample", False, True, {"passed": 133}),
    ("replay", "no-sample", "a replay of nothing says nothing", False, False, {"sample": 0}),
    ("replay", "with-tolerance", "exact recipes have none", False, False, {"tolerance": "1"}),
    ("replay", "with-noise", "exact recipes have none", False, False, {"noise": "1"}),
    ("replay", "tolerance-as-number", "amounts are decimal strings", False, False, {"tolerance": 0}),
    ("replay", "item-in-no-time", "every item takes time", False, True, {"itemTime/low": "0"}),
    ("replay", "wrong-unit", "items take nanoseconds of a chip", False, False, {"itemTime/unit": "chip-ms"}),
    ("replay", "crossed-bounds", "low is not above high", False, True, {"itemTime/high": "4099999"}),
    ("replay", "negative-count", "counts are not negative", False, False, {"failed": -1}),
]  # fmt: skip


def body_vectors() -> dict[str, Json]:
    """Return the vectors of the three bodies."""
    rows: list[tuple[str, str, str, bool, bool, Json]] = [
        (name, "plain", "the example of the specification", True, True, {}) for name in GOOD
    ]
    return {
        f"{predicate}/{tag}.json": {
            "why": why,
            "predicate": predicate,
            "isValid": is_valid,
            "schemaAccepts": schema_accepts,
            "body": edit(GOOD[predicate], edits),
        }
        for predicate, tag, why, is_valid, schema_accepts, edits in [*rows, *BODIES]
    }


def text_of(data: bytes) -> str:
    """Return base64."""
    return base64.b64encode(data).decode()


def bent_text(text: str) -> str:
    """Return the base64 of the same bytes but for one bit."""
    return text_of(bend(base64.b64decode(text)))


def bent_hex(text: str) -> str:
    """Return the hexadecimal digits of the same bytes but for one bit."""
    return bend(bytes.fromhex(text)).hex()


Change = Callable[[list[Json]], object]
"""Bends the items of a blob in place."""


def _replace(*path: str | int, by: Callable[[Any], Any]) -> Change:
    """Return a change of the value at `path`."""

    def change(items: list[Json]) -> None:
        at: Any = items
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = by(at[path[-1]])

    return change


def _outcome(*indices: list[int]) -> Json:
    """Return passed, failed, refused and unverifiable items, as far as there are."""
    names = ("passed", "failed", "refused", "unverifiable")
    return {name: indices[i] if i < len(indices) else [] for i, name in enumerate(names)}


def opened_vectors() -> dict[str, Json]:
    """Return blobs of opened items, each with the outcome of every drawn item."""
    return {
        f"opened-items/{row[0]}.json": _opened_vector(*row[1:])
        for row in [*_honest_rows(), *_committed_rows(), *_bent_rows(), *_chain_rows()]
    }


Row = tuple[str, str, Work, tuple[int, ...], Change, Json, Json]
MODEL = make_model(INFERENCE, b"served")
SERVED = do_work(INFERENCE, 5, model=MODEL)
TRAINED = do_work(TRAINING, 5)
MODEL_OF_SERVED = {"model": text_of(SERVED.model_blob)}
LATER = format_recipe(INFERENCE).replace(b"recipe:v1", b"recipe:v2")


def _as_is(items: list[Json]) -> None:
    """Bend nothing."""


def _honest_rows() -> list[Row]:
    beacon = do_work(replace(INFERENCE, init=TRAINING.init), 3)
    return [
        ("inference", "every drawn item comes out again", SERVED, (1, 3, 4), _as_is, {}, _outcome([1, 3, 4])),
        ("training", "each step begins where the one before ended", TRAINED, (0, 2, 4), _as_is, {}, _outcome([0, 2, 4])),
        ("inference-beacon", "the model is the one that the beacon makes", beacon, (0, 2), _as_is, {}, _outcome([0, 2])),
        ("nothing-drawn", "a draw of nothing", SERVED, (), _as_is, {}, _outcome()),
    ]  # fmt: skip


def _committed_rows() -> list[Row]:
    """Work that was not what it is said to be, committed to as it is."""
    forged = do_work(INFERENCE, 5, model=MODEL, forge=lambda i, result: bend(result) if i == 3 else result)
    smaller = do_work(INFERENCE, 5, model=make_model(INFERENCE, b"other"))
    copied = do_work(INFERENCE, 5, model=MODEL, nonce_of=_nonces("birch"))
    own_model = do_work(TRAINING, 3, model=make_model(TRAINING, b"chosen"))
    short = do_work(INFERENCE, 3, model=MODEL, interpreter=HASHES, request_of=_short_request)
    of_served = {**MODEL_OF_SERVED, "transcript/model": SERVED.transcript.model}
    later = {"recipe": LATER.decode(), "transcript/recipe": sha256(LATER).hex()}
    return [
        ("forged-output", "the committed result is another", forged, (1, 3, 4), _as_is, {}, _outcome([1, 4], [3])),
        ("other-party", "nonces of another party: its work is not this one's", copied, (1, 3), _as_is, {}, _outcome([], [1, 3])),
        ("earlier-beacon", "done under another beacon than the one named", SERVED, (1, 3), _as_is, {"transcript/beacon": OTHER}, _outcome([], [1, 3])),
        ("other-transcript", "done under another name", SERVED, (1, 3), _as_is, {"transcript/transcript": "run-1-b"}, _outcome([], [1, 3])),
        ("other-job", "done under another job", SERVED, (1, 3), _as_is, {"transcript/job": "run-2"}, _outcome([], [1, 3])),
        ("other-model", "opens another model than it committed to", smaller, (1, 3), _as_is, MODEL_OF_SERVED, _outcome([], [1, 3])),
        ("other-committed-model", "items begin elsewhere than the transcript says", smaller, (1, 3), _as_is, of_served, _outcome([], [1, 3])),
        ("chosen-model", "training from a model that the beacon did not make", own_model, (0, 2), _as_is, {}, _outcome([2], [0])),
        ("short-request", "a request of another size than the recipe says", short, (1, 2), _as_is, {}, _outcome([], [1, 2])),
        ("unknown-recipe", "a recipe of a later version: somebody else may execute it", SERVED, (1, 3), _as_is, later, _outcome([], [], [], [1, 3])),
    ]  # fmt: skip


def _bent_rows() -> list[Row]:
    """Honest work, opened otherwise than it was committed to, or not opened."""
    item_3, drawn = _outcome([1, 4], [3]), (1, 3, 4)
    return [
        ("more-than-drawn", "what is opened beyond the draw is not looked at", SERVED, (1, 4), _as_is, {"open": drawn}, _outcome([1, 4])),
        ("no-model", "the model is not opened", SERVED, (1, 3), _as_is, {"model": None}, _outcome([], [], [1, 3])),
        ("nothing-opened", "there is no blob", SERVED, (1, 3), _as_is, {"opened": None}, _outcome([], [], [1, 3])),
        ("one-left-out", "a drawn item is not in the blob", SERVED, drawn, lambda items: items.pop(1), {}, _outcome([1, 4], [], [3])),
        ("bent-proof", "one bit of one hash of a proof", SERVED, drawn, _replace(1, "proof", 0, by=bent_hex), {}, item_3),
        ("short-proof", "a proof without its last hash", SERVED, drawn, _replace(1, "proof", by=lambda proof: proof[:-1]), {}, item_3),
        ("other-request", "another request than the one committed to", SERVED, drawn, _replace(1, "request", by=bent_text), {}, item_3),
        ("other-result", "another result than the one committed to", SERVED, drawn, _replace(1, "result", by=bent_text), {}, item_3),
        ("other-salt", "another salt makes another leaf", SERVED, drawn, _replace(1, "salt", by=bent_hex), {}, item_3),
        ("other-index", "an item in the place of another", SERVED, drawn, _replace(1, "index", by=lambda _: 2), {}, _outcome([1, 4], [], [3])),
        ("item-twice", "each item stands once", SERVED, (1, 3), lambda items: items.append(items[1]), {}, _outcome([], [1, 3])),
        ("out-of-order", "items are in ascending order", SERVED, (1, 3), lambda items: items.reverse(), {}, _outcome([], [1, 3])),
        ("unknown-key", "a key that nobody reads could carry anything", SERVED, (1, 3), lambda items: items[0].update(note="x"), {}, _outcome([], [1, 3])),
        ("padding-left-off", "base64 has one spelling", SERVED, (1, 3), _replace(0, "result", by=lambda text: text.rstrip("=")), {}, _outcome([], [1, 3])),
    ]  # fmt: skip


def _chain_rows() -> list[Row]:
    """Training, with steps that do not follow from one another."""
    cut = do_work(TRAINING, 5, jump=lambda i, state: bend(state) if i == 2 else state)
    item_2 = _outcome([0], [2])
    return [
        ("cut-chain", "a step that does not begin where the one before ended", cut, (1, 2, 3), _as_is, {}, _outcome([1, 3], [2])),
        ("other-state", "a state that is not what the item began from", TRAINED, (0, 2), _replace(1, "state", by=bent_text), {}, item_2),
        ("bent-earlier-proof", "the item before is not under the root", TRAINED, (0, 2), _replace(1, "earlier", "proof", 0, by=bent_hex), {}, item_2),
        ("bent-earlier-blind", "the item before is another", TRAINED, (0, 2), _replace(1, "earlier", "blind", by=bent_hex), {}, item_2),
        ("other-earlier-end", "the item before ended elsewhere", TRAINED, (0, 2), _replace(1, "earlier", "after", by=bent_hex), {}, item_2),
        ("no-state", "the state is not opened", TRAINED, (0, 2), lambda items: items[1].update(state=None, earlier=None), {}, _outcome([0], [], [2])),
        ("state-without-earlier", "a state comes with the item before", TRAINED, (0, 2), _replace(1, "earlier", by=lambda _: None), {}, _outcome([], [0, 2])),
    ]  # fmt: skip


def _nonces(party: str) -> Callable[[int], bytes]:
    beacon = bytes.fromhex(SERVED.beacon)
    return lambda index: ref_nonce(beacon, SERVED.name, SERVED.job, party, index)


def _short_request(recipe: Recipe, index: int) -> bytes:
    return b"x"


def _opened_vector(
    why: str, work: Work, drawn: tuple[int, ...], change: Change, edits: Json, outcome: Json
) -> Json:
    blob = json.loads(work.open(edits.get("open", drawn)))
    change(blob["items"])
    vector = {
        "why": why,
        "transcript": format_transcript(work.transcript),
        "party": work.party,
        "recipe": format_recipe(work.recipe).decode(),
        "opened": json.dumps(blob, separators=(",", ":"), sort_keys=True),
        "model": text_of(work.model_blob),
        "drawn": list(drawn),
        **outcome,
    }
    changed: Json = edit(vector, {key: value for key, value in edits.items() if key != "open"})
    return changed


def draw_vectors() -> dict[str, Json]:
    """Return hashes, draws and sample sizes, all by the reference."""
    lots = [(100, 50_000), (1000, 10_000), (4000, 50_000), (10, 1), (10, 1_000_000), (1, 1)]
    return {
        "draw/draws.json": _draws(),
        "draw/items.json": _items(),
        "draw/nonces.json": _some_nonces(),
        "draw/sample-sizes.json": {
            "why": "the least sample for a share and a probability to miss, and what may still be forged after it",
            "sizes": [_size(count, share, miss) for count, share in lots for miss in (0, 100_000, 500_000, 800_000)],
        },
    }  # fmt: skip


def _draws() -> Json:
    text = "log.example/evidence\n12\nfB5e\n"
    sizes = [
        (4000, 45),
        (4000, 1),
        (4000, 0),
        (7, 7),
        (7, 6),
        (7, 4),
        (7, 3),
        (1, 1),
        (3, 9),
        (10_000_000, 5),
    ]
    signed = [
        (f"witness.{party}.example", bytes([number]) * 72)
        for number, party in enumerate(("birch", "cedar"), 1)
    ]
    seeds = [ref_seed(text.encode(), name, line, bytes.fromhex(DIGEST)) for name, line in signed]
    return {
        "why": "which items each witness draws, below and above one half, and all of them; and what is drawn together",
        "text": text, "transcript": DIGEST,
        "cosignatures": [
            {"witness": name, "line": text_of(line), "seed": seed.hex(),
             "draws": [ref_draw(seed, count, sample) for count, sample in sizes]}
            for (name, line), seed in zip(signed, seeds, strict=True)
        ],
        "draws": [
            {"count": c, "sample": s, "indices": sorted({i for seed in seeds for i in ref_draw(seed, c, s)})}
            for c, s in sizes
        ],
    }  # fmt: skip


def _items() -> Json:
    secret, before, given, after = (bytes([i]) * 32 for i in range(1, 5))
    blinds = [ref_blind(ref_salt(secret, i), before, given) for i in range(5)]
    leaves = [ref_leaf(i, blind, after) for i, blind in enumerate(blinds)]
    root, paths = ref_tree(leaves)
    return {
        "why": "salts, blinds, leaves, root and proofs of five items that differ in their index alone",
        "secret": secret.hex(), "before": before.hex(), "given": given.hex(), "after": after.hex(),
        "root": root.hex(),
        "items": [
            {"salt": ref_salt(secret, i).hex(), "blind": blinds[i].hex(), "leaf": leaves[i].hex(),
             "proof": [hash_.hex() for hash_ in paths[i]]}
            for i in range(5)
        ],
    }  # fmt: skip


def _some_nonces() -> Json:
    names = [("a", "bc", "alder"), ("ab", "c", "alder"), ("a", "bc", "birch")]
    return {
        "why": "names that join to the same letters, and another party, have other nonces",
        "beacon": DIGEST,
        "nonces": [
            {"transcript": t, "job": j, "party": p, "index": i,
             "nonce": ref_nonce(bytes.fromhex(DIGEST), t, j, p, i).hex()}
            for t, j, p in names for i in (0, 9_999_999)
        ],
    }  # fmt: skip


def _size(count: int, share_ppm: int, miss_ppm: int) -> Json:
    miss = Fraction(miss_ppm, 1_000_000)
    sample = ref_sample_size(count, -(-count * share_ppm // 1_000_000), miss)
    forged_high = ref_forged_high(count, sample, miss)
    return {
        "count": count, "forgedSharePpm": share_ppm, "missPpm": miss_ppm,
        "sample": sample, "forgedHigh": forged_high,
    }  # fmt: skip


def make_vectors() -> dict[Path, str]:
    """Return the text of every vector by its path below vectors/."""
    vectors = body_vectors() | opened_vectors() | draw_vectors()
    return {Path(path): json.dumps(vector, indent=2) + "\n" for path, vector in vectors.items()}


if __name__ == "__main__":
    for path, text in make_vectors().items():
        target = ROOT / "vectors" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
