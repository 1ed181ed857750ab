"""Items and draws: the reference agrees, nothing is favoured, every field counts."""

from collections import Counter
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from allstop.errors import MalformedError
from allstop.ids import Digest, Name, digest_of
from allstop.transcript import (
    ITEMS_MAX,
    ItemRecord,
    commit_items,
    derive_salt,
    draw_indices,
    draw_items,
    draw_seed,
    item_nonce,
    open_model,
    record_item,
    seal_model,
)
from transcripts.reference_transcript import (
    ref_blind,
    ref_draw,
    ref_leaf,
    ref_nonce,
    ref_salt,
    ref_seed,
    ref_tree,
    sha256,
)

SECRET = bytes(range(32))


def seeds(count: int) -> list[bytes]:
    """Return seeds that are the same each time."""
    return [sha256(b"seed %d" % number) for number in range(count)]


def records_of(count: int) -> list[ItemRecord]:
    """Return records of items that all differ."""
    return [
        record_item(
            secret=SECRET, index=i, before=digest_of(b"model"), given=b"given %d" % i, result=b"result %d" % i
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("count", range(1, 14))
def test_every_small_draw_is_that_of_the_specification(count: int) -> None:
    """Every sample of every small count, for several seeds, against the reference."""
    for seed in seeds(5):
        for sample in range(count + 2):
            assert tuple(ref_draw(seed, count, sample)) == draw_indices(seed, count=count, sample=sample)


@pytest.mark.parametrize("sample", [2, 3, 5])
def test_every_set_is_drawn_as_often_as_any_other(sample: int) -> None:
    """Chi square over all sets of 7, below and above one half; its mean is about one a set."""
    runs = 7000
    found = Counter(draw_indices(seed, count=7, sample=sample) for seed in seeds(runs))
    sets = list(combinations(range(7), sample))
    expected = runs / len(sets)
    chi_square = sum((found[one] - expected) ** 2 / expected for one in sets)
    assert set(found) == set(sets)
    assert chi_square < len(sets) + 4 * (2 * len(sets)) ** 0.5


def test_a_large_draw_is_distinct_ascending_and_spread() -> None:
    """Of ten million, ten thousand: each tenth of the range gets about a tenth."""
    drawn = draw_indices(seeds(1)[0], count=ITEMS_MAX, sample=10_000)
    assert (10_000, list(drawn)) == (len(set(drawn)), sorted(drawn))
    tenths = Counter(index * 10 // ITEMS_MAX for index in drawn)
    assert all(880 < tenths[tenth] < 1120 for tenth in range(10))


@pytest.mark.parametrize(("count", "sample"), [(0, 0), (ITEMS_MAX + 1, 1), (5, -1)])
def test_a_draw_out_of_range_is_refused(count: int, sample: int) -> None:
    """A count comes from a transcript, a sample from the agreement; anything else is an error here."""
    with pytest.raises(ValueError, match="cannot draw"):
        draw_indices(bytes(32), count=count, sample=sample)


def test_text_witness_signature_and_statement_all_decide() -> None:
    """The seed is that of the reference; a change of any of the four draws others."""
    fields: dict[str, Any] = {
        "witness": "a.example",
        "cosignature": bytes(72),
        "transcript": digest_of(b"one"),
    }
    others: list[dict[str, Any]] = [
        {"witness": "b.example"}, {"cosignature": bytes(71) + b"x"}, {"transcript": digest_of(b"two")},
    ]  # fmt: skip
    expected = ref_seed(b"text", "a.example", bytes(72), sha256(b"one"))
    assert expected == draw_seed(b"text", **fields)
    found = {draw_seed(b"text", **(fields | other)) for other in others}
    assert len({expected, draw_seed(b"other", **fields), *found}) == 5


def test_no_witness_takes_items_out_of_the_draw_of_another() -> None:
    """A witness that chooses its signature changes what it draws itself; all that others draw stays drawn."""

    def drawn(*cosignatures: tuple[str, bytes]) -> set[int]:
        items = draw_items(
            b"text", cosignatures=cosignatures, transcript=digest_of(b"one"), count=1000, sample=20
        )
        assert list(items) == sorted(set(items))
        return set(items)

    honest = ("a.example", bytes(72))
    assert len(drawn(honest)) == 20
    for number in range(50):
        chosen = ("b.example", bytes(71) + bytes([number]))
        assert drawn(honest) < drawn(honest, chosen) == drawn(honest) | drawn(chosen)
    assert drawn() == set()


def test_every_part_of_a_nonce_counts() -> None:
    """The nonce is that of the reference; a change of any field, or moving a letter between names, changes it."""
    fields: dict[str, Any] = {
        "beacon": digest_of(b"note"), "transcript": Name("a"), "job": Name("bc"), "party": Name("alder"), "index": 3,
    }  # fmt: skip
    others: list[dict[str, Any]] = [
        {"beacon": digest_of(b"eton")}, {"transcript": Name("b")}, {"job": Name("c")}, {"party": Name("birch")},
        {"index": 4}, {"transcript": Name("ab"), "job": Name("c")},
    ]  # fmt: skip
    expected = ref_nonce(bytes.fromhex(fields["beacon"]), "a", "bc", "alder", 3)
    assert expected == item_nonce(**fields)
    assert len(others) + 1 == len({item_nonce(**(fields | other)) for other in ({}, *others)})


@pytest.mark.parametrize("count", range(1, 20))
def test_the_root_is_that_of_the_specification(count: int) -> None:
    """Salts, halves and leaves by the reference, the tree by the recursion of the RFC."""
    leaves = [
        ref_leaf(
            i,
            ref_blind(ref_salt(SECRET, i), sha256(b"model"), sha256(b"given %d" % i)),
            sha256(b"result %d" % i),
        )
        for i in range(count)
    ]
    assert ref_tree(leaves)[0].hex() == commit_items(records_of(count))


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("field", ["salt", "before", "given", "after"])
def test_every_part_of_every_item_is_committed_to(place: int, field: str) -> None:
    """A change of any field of any item changes the root."""
    records = records_of(5)
    other: Any = sha256(b"other") if field == "salt" else digest_of(b"other")
    changed = [replace(record, **{field: other}) if record.index == place else record for record in records]
    assert commit_items(records) != commit_items(changed)


@pytest.mark.parametrize("records", [[], records_of(3)[1:], records_of(3)[::-1], records_of(2) * 2])
def test_items_count_up_from_0(records: list[ItemRecord]) -> None:
    """What stands elsewhere than its index says is a mistake of the prover's program."""
    with pytest.raises(ValueError, match=r"no items|stands at place"):
        commit_items(records)


@pytest.mark.parametrize("changes", [{"index": -1}, {"index": ITEMS_MAX}, {"salt": b"short"}])
def test_a_record_out_of_range_is_refused(changes: dict[str, Any]) -> None:
    """Ranges are checked at construction."""
    with pytest.raises(ValueError, match="item has"):
        replace(records_of(1)[0], **changes)


def test_a_sealed_model_opens_and_cannot_be_guessed() -> None:
    """The blob is salt and model; another secret gives another digest; a short secret is refused."""
    blob = seal_model(b"model", secret=SECRET)
    assert (b"model", 37) == (open_model(blob), len(blob))
    assert (
        len({digest_of(blob), digest_of(b"model"), digest_of(seal_model(b"model", secret=SECRET[::-1]))}) == 3
    )
    with pytest.raises(MalformedError, match="at least 32"):
        open_model(b"short")
    with pytest.raises(ValueError, match="secret has 5 bytes"):
        seal_model(b"model", secret=b"short")
    with pytest.raises(ValueError, match="secret has 5 bytes"):
        derive_salt(b"short", 0)


def test_digests_of_items_are_plain_digests_of_their_content() -> None:
    """What is opened can be compared by anyone with a SHA-256."""
    record = records_of(1)[0]
    assert (Digest(sha256(b"given 0").hex()), digest_of(b"result 0")) == (record.given, record.after)
