"""Transcript, opening, replay and opened items: round trips, vectors, schemas, limits."""

import base64
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from allstop.canon import JSON, format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Predicate
from allstop.times import Instant, Window
from allstop.tlog import Hash
from allstop.transcript import (
    ITEMS_MAX,
    OPENED_ITEMS_MAX,
    OPENING_PREDICATE,
    REPLAY_PREDICATE,
    TRANSCRIPT_PREDICATE,
    EarlierItem,
    ItemRecord,
    OpenedItem,
    Opening,
    Replay,
    Transcript,
    check_opening,
    commit_items,
    derive_salt,
    draw_indices,
    draw_items,
    draw_seed,
    forged_high,
    format_opened_items,
    item_nonce,
    parse_opened_items,
    parse_transcript,
    sample_size,
)
from allstop.units import Quantity, Unit
from fact_values import digests, names, quantities, windows
from make_vectors.make_transcript_vectors import make_vectors
from source_tree import ROOT

PREDICATES: dict[str, Predicate[Any]] = {
    predicate.name: predicate for predicate in (TRANSCRIPT_PREDICATE, OPENING_PREDICATE, REPLAY_PREDICATE)
}
VECTORS = {
    str(path): json.loads((ROOT / "vectors" / path).read_text("utf-8")) for path in sorted(make_vectors())
}
BODIES = sorted(path for path in VECTORS if path.partition("/")[0] in PREDICATES)
OPENED = sorted(path for path in VECTORS if path.startswith("opened-items/"))


def validator(name: str) -> Draft202012Validator:
    """Return a schema, itself checked."""
    schema = json.loads((ROOT / "spec" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


VALIDATORS = {name: validator(name) for name in (*PREDICATES, "opened-items")}

transcripts = st.builds(
    Transcript,
    transcript=names,
    job=names,
    site=names,
    window=windows,
    recipe=digests,
    beacon=digests,
    model=digests,
    count=st.integers(1, ITEMS_MAX),
    root=digests,
)
openings = st.builds(Opening, transcript=digests, blob=digests, model=st.none() | digests)


@st.composite
def replays(draw: st.DrawFn) -> Replay:
    """Draw a replay whose outcomes fit its sample."""
    passed, failed, unverifiable, refused = draw(st.tuples(*[st.integers(0, 1000)] * 4))
    time = draw(quantities(Unit.CHIP_NS))
    return Replay(
        transcript=draw(digests),
        chip_type=draw(names),
        sample=max(1, passed + failed + unverifiable + refused),
        passed=passed,
        failed=failed,
        unverifiable=unverifiable,
        item_time=replace(time, low=max(1, time.low), high=max(1, time.high)),
    )


VALUES: dict[str, st.SearchStrategy[object]] = {
    "transcript": transcripts,
    "opening": openings,
    "replay": replays(),
}
hashes = st.binary(min_size=32, max_size=32).map(Hash)
proofs = st.lists(hashes, max_size=24).map(tuple)


@st.composite
def opened_items(draw: st.DrawFn) -> tuple[OpenedItem, ...]:
    """Draw items as they may stand in a blob; the proofs prove nothing."""
    items = []
    for index in sorted(draw(st.sets(st.integers(0, ITEMS_MAX - 1), max_size=3))):
        has_state = index > 0 and draw(st.booleans())
        record = ItemRecord(
            index=index,
            salt=draw(hashes),
            before=draw(digests),
            given=draw(digests),
            after=draw(digests),
        )
        items.append(
            OpenedItem(
                record=record,
                state=draw(st.binary(max_size=9)) if has_state else None,
                request=draw(st.binary(max_size=9)),
                result=draw(st.binary(max_size=9)),
                proof=draw(proofs),
                earlier=draw(st.builds(EarlierItem, blind=digests, after=digests, proof=proofs))
                if has_state
                else None,
            )
        )
    return tuple(items)


@pytest.mark.parametrize("name", sorted(VALUES))
@given(data=st.data())
def test_every_body_survives_a_round_trip(name: str, data: st.DataObject) -> None:
    """Any value formats to JSON that the schema takes, and parses back through canonical bytes to itself."""
    value = data.draw(VALUES[name])
    body = PREDICATES[name].format(value)
    assert list(VALIDATORS[name].iter_errors(body)) == []
    assert value == PREDICATES[name].parse(parse_canonical_json(format_json(body)))


@given(opened_items())
def test_opened_items_survive_a_round_trip(items: tuple[OpenedItem, ...]) -> None:
    """Any items format to a blob that the schema takes, and parse back to themselves."""
    blob = format_opened_items(items)
    assert list(VALIDATORS["opened-items"].iter_errors(json.loads(blob))) == []
    assert items == parse_opened_items(blob)


@pytest.mark.parametrize("path", BODIES)
def test_codec_and_schema_judge_every_body_alike(path: str) -> None:
    """Codec and schema take or refuse each vector as it says; what parses formats to the same body."""
    vector = VECTORS[path]
    predicate = PREDICATES[vector["predicate"]]
    assert vector["schemaAccepts"] == VALIDATORS[vector["predicate"]].is_valid(vector["body"])
    if vector["isValid"]:
        assert vector["body"] == predicate.format(predicate.parse(vector["body"]))
    else:
        with pytest.raises(MalformedError):
            predicate.parse(vector["body"])


@pytest.mark.parametrize("path", OPENED)
def test_every_drawn_item_comes_out_as_the_vector_says(path: str) -> None:
    """Opened items, honest and not, against the interpreter of this program."""
    vector = VECTORS[path]
    opened, model = vector["opened"], vector["model"]
    checked = check_opening(
        transcript=parse_transcript(vector["transcript"]),
        party=Name(vector["party"]),
        recipe=vector["recipe"].encode(),
        opened=None if opened is None else opened.encode(),
        model=None if model is None else base64.b64decode(model),
        drawn=vector["drawn"],
    )
    found = {
        "passed": [*checked.passed],
        "failed": [index for index, _ in checked.failed],
        "refused": [*checked.refused],
        "unverifiable": [index for index, _ in checked.unverifiable],
    }
    assert {name: vector[name] for name in found} == found


def test_draw_vectors() -> None:
    """Seeds, each witness's draw and all of them together are those of the reference that made the vectors."""
    vector = VECTORS["draw/draws.json"]
    text, statement = vector["text"].encode(), Digest(vector["transcript"])
    lines = [(one["witness"], base64.b64decode(one["line"])) for one in vector["cosignatures"]]
    for one, (name, line) in zip(vector["cosignatures"], lines, strict=True):
        seed = draw_seed(text, witness=name, cosignature=line, transcript=statement)
        assert one["seed"] == seed.hex()
        for row, expected in zip(vector["draws"], one["draws"], strict=True):
            assert tuple(expected) == draw_indices(seed, count=row["count"], sample=row["sample"])
    for row in vector["draws"]:
        drawn = draw_items(
            text, cosignatures=lines, transcript=statement, count=row["count"], sample=row["sample"]
        )
        assert tuple(row["indices"]) == drawn


def test_item_vectors() -> None:
    """Salts and root are those of the reference that made the vectors; the others show in the root."""
    vector = VECTORS["draw/items.json"]
    secret = bytes.fromhex(vector["secret"])
    records = [
        ItemRecord(
            index=index,
            salt=derive_salt(secret, index),
            before=vector["before"],
            given=vector["given"],
            after=vector["after"],
        )
        for index in range(len(vector["items"]))
    ]
    assert [item["salt"] for item in vector["items"]] == [record.salt.hex() for record in records]
    assert vector["root"] == commit_items(records)


def test_nonce_vectors() -> None:
    """Nonces are those of the reference, and all differ."""
    vector = VECTORS["draw/nonces.json"]
    keys = ("transcript", "job", "party", "index")
    found = [
        item_nonce(beacon=vector["beacon"], **{key: row[key] for key in keys}).hex()
        for row in vector["nonces"]
    ]
    assert [row["nonce"] for row in vector["nonces"]] == found
    assert len(set(found)) == len(found)


def test_sample_size_vectors() -> None:
    """Sizes are those that trying one after the other gives."""
    for row in VECTORS["draw/sample-sizes.json"]["sizes"]:
        count, miss_ppm = row["count"], row["missPpm"]
        sample = sample_size(count, forged_share_ppm=row["forgedSharePpm"], miss_ppm=miss_ppm)
        assert row["sample"] == sample
        assert row["forgedHigh"] == forged_high(count, sample=sample, miss_ppm=miss_ppm)


def test_vectors_are_those_that_the_script_makes() -> None:
    """Each file is what the script writes, and no other file is beside them."""
    made = {str(path): text for path, text in make_vectors().items()}
    folders = sorted({path.partition("/")[0] for path in made})
    found = {
        str(path.relative_to(ROOT / "vectors")): path.read_text("utf-8")
        for folder in folders
        for path in (ROOT / "vectors" / folder).iterdir()
    }
    assert made == found


def test_the_examples_of_the_specification_are_the_plain_vectors() -> None:
    """Each JSON block of the page is a plain vector."""
    text = (ROOT / "spec" / "transcript.md").read_text("utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    assert [VECTORS[f"{name}/plain.json"]["body"] for name in PREDICATES] == blocks


@pytest.mark.parametrize("name", sorted(PREDICATES))
@pytest.mark.parametrize("wrong", [None, 7, "text", [], {}, {"unknown": 1}])
def test_a_body_of_another_kind_is_refused(name: str, wrong: JSON) -> None:
    """Anything but an object with the right keys is malformed, never another error."""
    with pytest.raises(MalformedError):
        PREDICATES[name].parse(wrong)


DIGEST = Digest("9f" * 32)
RECORD = ItemRecord(index=1, salt=bytes(32), before=DIGEST, given=DIGEST, after=DIGEST)
ITEM = OpenedItem(record=RECORD, state=None, request=b"", result=b"", proof=(), earlier=None)
EARLIER = EarlierItem(blind=DIGEST, after=DIGEST, proof=())
TIME = Quantity(low=1, high=1, unit=Unit.CHIP_NS)
REPLAY = Replay(
    transcript=DIGEST, chip_type=Name("a"), sample=4, passed=1, failed=1, unverifiable=1, item_time=TIME
)


def test_what_is_left_of_a_sample_was_refused() -> None:
    """The fourth outcome is not written down, so that four numbers cannot contradict the sample."""
    assert REPLAY.refused == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"sample": 0},
        {"sample": ITEMS_MAX + 1},
        {"sample": 2},
        {"passed": -1},
        {"tolerance": 1},
        {"noise": 1},
        {"item_time": Quantity(low=0, high=1, unit=Unit.CHIP_NS)},
        {"item_time": Quantity(low=1, high=1, unit=Unit.CHIP_MS)},
    ],
)
def test_a_replay_that_contradicts_itself_is_refused(changes: dict[str, Any]) -> None:
    """Each rule of the type, at construction."""
    with pytest.raises(ValueError, match="replay"):
        replace(REPLAY, **changes)


@pytest.mark.parametrize("count", [0, ITEMS_MAX + 1])
def test_a_transcript_has_items_and_not_too_many(count: int) -> None:
    """The range is checked at construction."""
    with pytest.raises(ValueError, match="want 1 to"):
        Transcript(
            transcript=Name("a"), job=Name("a"), site=Name("a"),
            window=Window(start=Instant(0), end=Instant(1)), recipe=DIGEST, beacon=DIGEST, model=DIGEST,
            count=count, root=DIGEST,
        )  # fmt: skip


def test_state_and_earlier_come_together_and_never_for_item_0() -> None:
    """An opened item says from where it began in one of two ways."""
    with pytest.raises(ValueError, match="both or neither"):
        replace(ITEM, state=b"")
    with pytest.raises(ValueError, match="both or neither"):
        replace(ITEM, earlier=EARLIER)
    with pytest.raises(ValueError, match="earlier item"):
        replace(ITEM, record=replace(RECORD, index=0), state=b"", earlier=EARLIER)


def test_a_blob_holds_a_limited_number_of_items_in_one_order() -> None:
    """The limit holds for who writes and for who reads."""
    items = [replace(ITEM, record=replace(RECORD, index=index)) for index in range(OPENED_ITEMS_MAX + 1)]
    blob = format_opened_items(items[:-1])
    with pytest.raises(MalformedError, match="at most 10000"):
        format_opened_items(items)
    one = json.dumps(json.loads(blob)["items"][0], separators=(",", ":"), sort_keys=True).encode()
    with pytest.raises(MalformedError, match="at most 10000"):
        parse_opened_items(blob.replace(one, one + b"," + one))
    with pytest.raises(MalformedError, match="ascending"):
        format_opened_items([ITEM, ITEM])
    with pytest.raises(MalformedError, match=r"opened-items\.type"):
        parse_opened_items(blob.replace(b"items:v1", b"items:v2"))
