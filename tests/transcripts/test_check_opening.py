"""Openings: honest work passes, every cheat of the table is tried, and nothing that a prover writes raises."""

import json
from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.canon import JSON_BYTES_MAX
from allstop.errors import LimitError
from allstop.ids import Digest, Name, digest_of
from allstop.tlog import Hash
from allstop.transcript import (
    EXACT,
    Checked,
    Init,
    Interpreter,
    Recipe,
    RecipeKind,
    commit_items,
    draw_items,
    format_opened_items,
    format_recipe,
    given_bytes,
    item_nonce,
    make_model,
    miss_probability,
    open_items,
    parse_opened_items,
    result_bytes,
    sample_size,
    seal_model,
    split_drawn,
)
from transcripts.provers import (
    BEACON,
    HASHES,
    INFERENCE,
    JOB,
    NAME,
    TRAINING,
    Work,
    bend,
    do_work,
    request_of,
)

RECIPES = {"inference": INFERENCE, "training": TRAINING}
INTERPRETERS: dict[str, Interpreter] = {"hashes": HASHES, "exact": EXACT}


def everything(work: Work) -> tuple[int, ...]:
    """Return the indices of all items."""
    return tuple(range(len(work.records)))


def failed(checked: Checked) -> list[int]:
    """Return which items failed."""
    return [index for index, _ in checked.failed]


def nonces(**changes: Any) -> Callable[[int], bytes]:
    """Return the nonces of another transcript, job, party or beacon."""
    names: dict[str, Any] = {"beacon": BEACON, "transcript": NAME, "job": JOB, "party": Name("alder")}
    return lambda index: item_nonce(**(names | changes), index=index)


@pytest.mark.parametrize("name", INTERPRETERS)
@pytest.mark.parametrize("kind", RECIPES)
@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 13])
def test_every_item_of_honest_work_passes(count: int, kind: str, name: str) -> None:
    """All items, one by one and at once, for both interpreters."""
    work = do_work(RECIPES[kind], count, interpreter=INTERPRETERS[name])
    assert everything(work) == work.check(everything(work)).passed
    for index in everything(work):
        assert Checked(passed=(index,), failed=(), refused=(), unverifiable=()) == work.check((index,))


def _each_bent(proof: tuple[Hash, ...]) -> list[tuple[Hash, ...]]:
    """Return the proof with one bit flipped, in each hash in turn."""
    return [(*proof[:i], Hash(bend(proof[i])), *proof[i + 1 :]) for i in range(len(proof))]


@pytest.mark.parametrize("kind", RECIPES)
@pytest.mark.parametrize("count", [2, 5, 8])
def test_every_bit_of_a_proof_counts(count: int, kind: str) -> None:
    """One flipped bit in any hash of any proof fails that item, and no other."""
    work = do_work(RECIPES[kind], count, interpreter=HASHES)
    items = parse_opened_items(work.open(everything(work)))
    for place, item in enumerate(items):
        bent = [replace(item, proof=proof) for proof in _each_bent(item.proof)]
        if (earlier := item.earlier) is not None:
            bent += [
                replace(item, earlier=replace(earlier, proof=proof)) for proof in _each_bent(earlier.proof)
            ]
        for one in bent:
            blob = format_opened_items([*items[:place], one, *items[place + 1 :]])
            assert [place] == failed(work.check(everything(work), opened=blob))


@pytest.mark.parametrize("share_ppm", [50_000, 200_000])
def test_forged_outputs_are_caught_as_often_as_the_sample_size_promises(share_ppm: int) -> None:
    """Draws by many signatures from one transcript with forged items: the rate lies in the binomial interval."""
    count, miss_ppm, runs = 200, 200_000, 300
    forged = range(0, count * share_ppm // 1_000_000)
    work = do_work(
        INFERENCE, count, interpreter=HASHES, forge=lambda i, result: bend(result) if i in forged else result
    )
    items = {item.record.index: item for item in parse_opened_items(work.open(everything(work)))}
    sample = sample_size(count, forged_share_ppm=share_ppm, miss_ppm=miss_ppm)
    caught = 0
    for run in range(runs):
        lines = [("a.example", b"cosignature %d" % run)]
        drawn = draw_items(
            b"text", cosignatures=lines, transcript=digest_of(b"statement"), count=count, sample=sample
        )
        checked = work.check(drawn, opened=format_opened_items([items[index] for index in drawn]))
        assert [index for index in drawn if index in forged] == failed(checked)
        caught += bool(checked.failed)
    rate = float(1 - miss_probability(count, len(forged), sample))
    assert rate >= 1 - miss_ppm / 1e6
    assert abs(caught / runs - rate) < 4 * sqrt(rate * (1 - rate) / runs)


CHEATS: list[tuple[str, Callable[[], Work]]] = [
    ("nonces of another party", lambda: do_work(INFERENCE, 6, nonce_of=nonces(party=Name("birch")))),
    ("nonces of another transcript", lambda: do_work(INFERENCE, 6, nonce_of=nonces(transcript=Name("run-1-b")))),
    ("nonces of another job", lambda: do_work(INFERENCE, 6, nonce_of=nonces(job=Name("run-2")))),
    ("outputs made before the beacon", lambda: do_work(INFERENCE, 6, nonce_of=nonces(beacon=digest_of(b"old")))),
    ("outputs without any nonce", lambda: do_work(INFERENCE, 6, nonce_of=lambda index: bytes(32))),
    ("a smaller model, filled up", lambda: _by_smaller_model()),
    ("a training run that does nothing", lambda: do_work(TRAINING, 6, interpreter=_Idle())),
]  # fmt: skip


class _Idle:
    """Returns the state as it was, in the size of a result."""

    def execute(self, recipe: Recipe, *, before: bytes, given: bytes, nonce: bytes) -> bytes:
        return before


class _Smaller:
    """Executes with fewer layers: half of the weights are left out."""

    def execute(self, recipe: Recipe, *, before: bytes, given: bytes, nonce: bytes) -> bytes:
        smaller = replace(recipe, layers=recipe.layers - 1)
        return EXACT.execute(smaller, before=before[recipe.width**2 :], given=given, nonce=nonce)


def _by_smaller_model() -> Work:
    return do_work(replace(INFERENCE, layers=2), 6, interpreter=_Smaller())


@pytest.mark.parametrize(("what", "cheat"), CHEATS)
def test_work_that_was_not_done_fails_at_every_item(what: str, cheat: Callable[[], Work]) -> None:
    """All that was precomputed, borrowed, thinned or left out, against the interpreter of this program."""
    work = cheat()
    checked = work.check(everything(work), interpreter=EXACT)
    assert [*everything(work)] == failed(checked), what


def test_one_item_repeated_counts_once() -> None:
    """A prover who answers one request, and says so of all items, has done the item whose nonce it used."""
    work = do_work(
        INFERENCE,
        6,
        nonce_of=lambda index: nonces()(2),
        request_of=lambda recipe, index: request_of(recipe, 0),
    )
    checked = work.check(everything(work))
    assert ((2,), [0, 1, 3, 4, 5]) == (checked.passed, failed(checked))


def test_another_model_than_the_one_committed_to_fails() -> None:
    """Opened, or used; also one that the beacon did not make, where the recipe asks for that."""
    work = do_work(INFERENCE, 4)
    other = do_work(INFERENCE, 4, model=make_model(INFERENCE, b"other"))
    assert [0, 3] == failed(work.check((0, 3), model=other.model_blob))
    claimed = replace(other.transcript, model=work.transcript.model)
    assert [0, 3] == failed(other.check((0, 3), transcript=claimed, model=work.model_blob))
    chosen = do_work(replace(INFERENCE, init=Init.BEACON), 4, model=make_model(INFERENCE, b"chosen"))
    assert [0, 3] == failed(chosen.check((0, 3)))


def test_a_model_blob_without_a_salt_fails() -> None:
    """All is committed to as it should be, but what was sealed is shorter than a salt."""
    work = do_work(INFERENCE, 4)
    records = tuple(replace(record, before=digest_of(b"short")) for record in work.records)
    transcript = replace(work.transcript, model=digest_of(b"short"), root=commit_items(records))
    checked = replace(work, records=records).check((0, 3), transcript=transcript, model=b"short")
    assert [0, 3] == failed(checked)


def test_a_model_that_gives_the_same_results_is_not_enough() -> None:
    """The right model under another salt is not the blob committed to; nor do records that name another begin from it."""
    work = do_work(INFERENCE, 4)
    resealed = seal_model(work.model, secret=b"another secret, also of 32 bytes")
    assert [0, 3] == failed(work.check((0, 3), model=resealed))
    records = tuple(replace(record, before=digest_of(b"another model")) for record in work.records)
    transcript = replace(work.transcript, root=commit_items(records))
    assert [0, 3] == failed(replace(work, records=records).check((0, 3), transcript=transcript))


def test_training_from_a_chosen_model_fails_at_its_first_item() -> None:
    """Item 0 alone shows where a chain began, so who cheats there is seen if item 0 is drawn."""
    work = do_work(TRAINING, 5, model=make_model(TRAINING, b"chosen"))
    checked = work.check(everything(work))
    assert ([0], (1, 2, 3, 4)) == (failed(checked), checked.passed)
    given_model = do_work(replace(TRAINING, init=Init.GIVEN), 5, model=make_model(TRAINING, b"chosen"))
    assert everything(given_model) == given_model.check(everything(given_model)).passed


@pytest.mark.parametrize("cut", [1, 2, 4])
def test_a_chain_of_training_that_is_cut_fails_where_it_is_cut(cut: int) -> None:
    """A prover who swaps the state between two steps, and opens what it used, fails at the second."""
    work = do_work(TRAINING, 5, jump=lambda i, state: bend(state) if i == cut else state)
    assert [cut] == failed(work.check(everything(work)))


def test_a_cut_that_is_lied_about_fails_too() -> None:
    """The record claims that it began where the last item ended; the state opened is the one that was used."""
    cut = do_work(TRAINING, 3, jump=lambda i, state: bend(state) if i == 2 else state)
    records = (*cut.records[:2], replace(cut.records[2], before=cut.records[1].after))
    lied = replace(cut, records=records)
    assert [2] == failed(lied.check((1, 2)))
    honest_state = replace(cut.contents[2], state=cut.contents[1].result)
    assert [2] == failed(replace(lied, contents=(*cut.contents[:2], honest_state)).check((1, 2)))


def test_nothing_opened_is_refused() -> None:
    """No blob, no model, or an item that is not in the blob; the rest is judged."""
    work = do_work(INFERENCE, 5, interpreter=HASHES)
    nothing = Checked(passed=(), failed=(), refused=(1, 3), unverifiable=())
    assert nothing == work.check((1, 3), opened=None)
    assert nothing == work.check((1, 3), model=None)
    some = Checked(passed=(1,), failed=(), refused=(3,), unverifiable=())
    assert some == work.check((1, 3), opened=work.open((1, 2)))


def test_training_opens_the_model_only_where_it_begins() -> None:
    """Later items need no model; item 0 does; a state that is left out is refused."""
    work = do_work(TRAINING, 4)
    assert Checked(passed=(2,), failed=(), refused=(0,), unverifiable=()) == work.check((0, 2), model=None)
    items = [replace(item, state=None, earlier=None) for item in parse_opened_items(work.open((2, 3)))]
    refused = Checked(passed=(), failed=(), refused=(2, 3), unverifiable=())
    assert refused == work.check((2, 3), opened=format_opened_items(items))


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_leaving_items_out_never_helps(data: st.DataObject) -> None:
    """Dropping any items from a blob turns exactly these into refused ones; nothing else changes."""
    forged = data.draw(st.sets(st.integers(0, 7)))
    work = do_work(
        INFERENCE, 8, interpreter=HASHES, forge=lambda i, result: bend(result) if i in forged else result
    )
    drawn = tuple(sorted(data.draw(st.sets(st.integers(0, 7)))))
    kept = data.draw(st.sets(st.sampled_from(drawn))) if drawn else set()
    full, part = work.check(drawn), work.check(drawn, opened=work.open(tuple(kept)))
    assert part.refused == tuple(index for index in drawn if index not in kept)
    assert set(part.passed) == set(full.passed) & kept
    assert set(part.failed) == {one for one in full.failed if one[0] in kept}


def test_an_unknown_recipe_is_unverifiable_but_lies_about_it_still_fail() -> None:
    """A later version may be executed by somebody else; its proofs can be checked by anyone."""
    work = do_work(INFERENCE, 4, interpreter=HASHES)
    later = format_recipe(INFERENCE).replace(b"recipe:v1", b"recipe:v2")
    transcript = replace(work.transcript, recipe=digest_of(later))
    items = parse_opened_items(work.open((0, 1, 2)))
    blob = format_opened_items([items[0], replace(items[1], result=bend(items[1].result)), items[2]])
    checked = work.check((0, 1, 3), transcript=transcript, recipe=later, opened=blob)
    assert ([0], [1], (3,)) == ([i for i, _ in checked.unverifiable], failed(checked), checked.refused)
    assert "recipe is not known here" in checked.unverifiable[0][1]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_nothing_that_a_prover_writes_raises(data: st.DataObject) -> None:
    """Bytes of blob and model, and JSON members of items, changed at will: each drawn item has one outcome."""
    work, drawn = GARBLED
    blob = bytearray(work.open(drawn))
    if data.draw(st.booleans()):
        for _ in range(data.draw(st.integers(1, 3))):
            blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    else:
        document = json.loads(blob)
        item = document["items"][data.draw(st.integers(0, 1))]
        values: st.SearchStrategy[Any] = st.sampled_from(
            [None, 0, -1, "", "x", [], {}, "00" * 32, "AAAA", 2**53]
        )
        item[data.draw(st.sampled_from(sorted(item)))] = data.draw(values)
        blob = bytearray(json.dumps(document, separators=(",", ":"), sort_keys=True).encode())
    model = data.draw(st.sampled_from([work.model_blob, b"", bytes(64), None]))
    checked = work.check(drawn, opened=bytes(blob), model=model)
    seen = [*checked.passed, *failed(checked), *checked.refused, *(i for i, _ in checked.unverifiable)]
    assert [*drawn] == sorted(seen)


GARBLED = (do_work(TRAINING, 4, interpreter=HASHES), (0, 2))


def test_an_opening_shows_nothing_of_what_was_not_drawn() -> None:
    """No salt, request or digest of a request of any other item; of the item before only where it ended."""
    work = do_work(TRAINING, 6, interpreter=HASHES)
    blob = work.open((3,)).decode()
    for record in work.records:
        for secret in (record.salt.hex(), record.given):
            assert (record.index == 3) == (secret in blob)
        assert (record.index in (2, 3)) == (record.after in blob)


def test_openings_that_make_no_sense_are_errors_of_the_caller() -> None:
    """Another recipe than the transcript's, or indices that no draw gives, never come from a prover."""
    work = do_work(INFERENCE, 3, interpreter=HASHES)
    with pytest.raises(ValueError, match="not the recipe"):
        work.check((0,), recipe=format_recipe(TRAINING))
    for drawn in ((3,), (-1,), (1, 0), (1, 1)):
        with pytest.raises(ValueError, match="ascending indices below 3"):
            work.check(drawn, opened=None)
    with pytest.raises(ValueError, match="among the 3 items"):
        open_items(work.records, drawn=(3,), contents=work.contents.__getitem__)


def test_another_party_cannot_file_the_work_of_this_one() -> None:
    """The same transcript and opening under another name: the nonces are others."""
    work = do_work(INFERENCE, 3)
    assert [0, 1, 2] == failed(work.check((0, 1, 2), party=Name("birch")))
    assert [0, 1, 2] == failed(
        work.check((0, 1, 2), transcript=replace(work.transcript, beacon=Digest("00" * 32)))
    )


LARGE = Recipe(
    kind=RecipeKind.TRANSFORMER_TRAINING, init=Init.BEACON, rows=1, width=256, layers=4, outputs=2000,
    tokens=16, heads=4, steps=1,
)  # fmt: skip


@pytest.mark.parametrize("recipe", [INFERENCE, TRAINING], ids=RECIPES)
def test_each_part_of_a_split_draw_fits_a_blob(recipe: Recipe) -> None:
    """All drawn items, each once and in order; a blob takes as many items as it may hold."""
    drawn = tuple(range(0, 30_000, 2))
    parts = split_drawn(recipe, drawn)
    assert drawn == tuple(index for part in parts for index in part)
    assert max(map(len, parts)) * (given_bytes(recipe) + result_bytes(recipe)) < JSON_BYTES_MAX
    assert split_drawn(recipe, ()) == ()


def test_a_draw_that_is_opened_in_parts_passes_part_by_part() -> None:
    """Items of several megabytes each: as many blobs as are needed, each within the limit."""
    large = replace(LARGE, layers=2, outputs=1024)
    work = do_work(large, 4, interpreter=HASHES)
    parts = split_drawn(large, everything(work))
    assert len(parts) > 1
    for part in parts:
        blob = work.open(part)
        assert len(blob) <= JSON_BYTES_MAX
        assert part == work.check(part, opened=blob).passed


def test_an_item_that_is_too_large_to_be_opened_is_known_beforehand() -> None:
    """A prover learns it before it commits to what it could never open."""
    with pytest.raises(LimitError, match="an opened item has up to"):
        split_drawn(LARGE, (0,))
