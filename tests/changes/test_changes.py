"""Structured changes: they lead exactly from one document to another, and nowhere else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.canon import JSON, Fields, format_json
from allstop.changes import (
    Change,
    Op,
    apply_changes,
    changes_between,
    format_change,
    item_id,
    parse_change,
    parse_changes,
)
from allstop.errors import MalformedError

keys = st.sampled_from(("id", "name", "clause", "text", "of", "list"))
scalars = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(("a", "b", "c", ""))
values: st.SearchStrategy[JSON] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=24,
)
documents = st.dictionaries(keys, values, max_size=5)
items = st.fixed_dictionaries(
    {"name": st.sampled_from("abcdef"), "text": scalars, "of": st.lists(scalars, max_size=2)}
)
named = st.lists(items, max_size=6, unique_by=lambda item: str(item["name"]))


@settings(max_examples=25, deadline=None)
@given(old=documents, new=documents)
def test_changes_lead_from_any_document_to_any_other(old: dict[str, JSON], new: dict[str, JSON]) -> None:
    """Applied to the old document they give the new one, byte for byte; the old one stays as it is."""
    before = format_json(old)
    changes = changes_between(old, new)
    assert format_json(new) == format_json(apply_changes(old, changes))
    assert before == format_json(old)
    assert (before == format_json(new)) is (changes == ())


@settings(max_examples=25, deadline=None)
@given(old=named, new=named)
def test_items_keep_their_place_by_their_id(old: list[dict[str, JSON]], new: list[dict[str, JSON]]) -> None:
    """A list of named items is changed item by item, and put in order at most once."""
    first: dict[str, JSON] = {"list": [*old]}
    second: dict[str, JSON] = {"list": [*new]}
    changes = changes_between(first, second)
    assert format_json(second) == format_json(apply_changes(first, changes))
    kinds = [change.op for change in changes if len(change.path) == 2]
    gone = {item_id(one) for one in old} - {item_id(one) for one in new}
    assert len(gone) == kinds.count(Op.REMOVE)
    assert sum(change.op is Op.ORDER for change in changes) <= 1


@settings(max_examples=25, deadline=None)
@given(old=documents, new=documents)
def test_changes_survive_their_own_encoding(old: dict[str, JSON], new: dict[str, JSON]) -> None:
    """What is filed is read back as the same change."""
    for change in changes_between(old, new):
        assert change == parse_change(Fields(format_change(change), "change"))


@settings(max_examples=25, deadline=None)
@given(old=documents, new=documents, other=documents)
def test_changes_fit_no_other_document_unless_they_mean_the_same(
    old: dict[str, JSON], new: dict[str, JSON], other: dict[str, JSON]
) -> None:
    """Applied to another document they are refused, or every place that they name held what they say it held."""
    changes = changes_between(old, new)
    try:
        result = apply_changes(other, changes)
    except MalformedError:
        return
    assert format_json(result) == format_json(apply_changes(other, changes_between(other, result)))
    if changes and format_json(other) == format_json(new):
        # Only adding to a place that was empty on both sides, or nothing, can be done twice.
        assert format_json(result) == format_json(new)


BASE: JSON = {"list": [{"name": "a", "text": 1}, {"name": "b", "text": 2}], "plain": [1, 2], "text": "x"}
REFUSED = {
    "another value": Change(op=Op.SET, path=("text",), was=b'"y"', now=b'"z"'),
    "there already": Change(op=Op.ADD, path=("text",), now=b'"z"'),
    "not there": Change(op=Op.REMOVE, path=("note",), was=b'"z"'),
    "no such item": Change(op=Op.SET, path=("list", "c", "text"), was=b"1", now=b"2"),
    "no parts": Change(op=Op.SET, path=("text", "x"), was=b"1", now=b"2"),
    "unnamed items": Change(op=Op.SET, path=("plain", "1"), was=b"1", now=b"2"),
    "item of another name": Change(op=Op.ADD, path=("list", "c"), now=b'{"name":"d"}'),
    "order of what is not there": Change(op=Op.ORDER, path=("list",), was=b'["a","c"]', now=b'["c","a"]'),
    "order from another order": Change(op=Op.ORDER, path=("list",), was=b'["b","a"]', now=b'["a","b"]'),
    "order of no items": Change(op=Op.ORDER, path=("plain",), was=b'["a","b"]', now=b'["b","a"]'),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_change_that_does_not_fit_is_refused(what: str) -> None:
    """The message names the place, and nothing is changed."""
    before = format_json(BASE)
    with pytest.raises(MalformedError, match=REFUSED[what].path[0]):
        apply_changes(BASE, (REFUSED[what],))
    assert before == format_json(BASE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"op": Op.SET, "path": (), "was": b"1", "now": b"2"},
        {"op": Op.SET, "path": ("a",) * 33, "was": b"1", "now": b"2"},
        {"op": Op.SET, "path": ("",), "was": b"1", "now": b"2"},
        {"op": Op.SET, "path": ("a",), "now": b"2"},
        {"op": Op.ADD, "path": ("a",), "was": b"1", "now": b"2"},
        {"op": Op.REMOVE, "path": ("a",), "now": b"2"},
        {"op": Op.SET, "path": ("a",), "was": b"1", "now": b"1"},
        {"op": Op.ORDER, "path": ("a",), "was": b"[1]", "now": b"[2]"},
        {"op": Op.ORDER, "path": ("a",), "was": b'["x","x"]', "now": b'["x"]'},
        {"op": Op.ORDER, "path": ("a",), "was": b"1", "now": b"2"},
    ],
)
def test_a_change_that_says_nothing_cannot_be_made(wrong: dict[str, object]) -> None:
    """Each operation has exactly its sides, and its sides differ."""
    with pytest.raises(ValueError, match="change"):
        Change(**wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_true_is_not_one() -> None:
    """Python takes true for 1; the two are different values of an agreement."""
    (change,) = changes_between({"text": True}, {"text": 1})
    assert (b"true", b"1") == (change.was, change.now)


def test_there_is_a_limit_to_changes() -> None:
    """More than a thousand changes are another text, not an amendment."""
    new: JSON = {f"key-{number}": number for number in range(1025)}
    with pytest.raises(MalformedError, match="1025 places"):
        changes_between({}, new)
    body: JSON = {"changes": [{"op": "add", "path": [f"k{number}"], "now": 1} for number in range(1025)]}
    with pytest.raises(MalformedError, match="at most 1024"):
        parse_changes(Fields(body, "body"), "changes")
