"""`Fields`: every key of the right type, none missing, none unknown, and errors that name the place."""

import re
from collections.abc import Callable
from enum import Enum

import pytest

from allstop.canon import JSON, JSON_INTEGER_MAX, Fields
from allstop.errors import MalformedError
from allstop.ids import digest_of
from allstop.times import Instant, Window
from allstop.units import Quantity, Unit

DIGEST = digest_of(b"allstop")


class Colour(Enum):
    """A choice for the tests."""

    RED = "red"
    BLUE = "blue"
    SEVEN = 7


GOOD: dict[str, JSON] = {
    "text": "Alder",
    "name": "alder",
    "digest": DIGEST,
    "decimal": "12",
    "integer": 12,
    "boolean": False,
    "instant": "1970-01-01T00:00:01Z",
    "window": {"from": "1970-01-01T00:00:00Z", "until": "1970-01-01T00:00:01Z"},
    "quantity": {"low": "1", "high": "2", "unit": "flop"},
    "choice": "blue",
    "data": "QQ==",
    "object": {"inner": 1},
    "objects": [{"inner": 1}, {"inner": 2}],
    "names": ["alder", "birch", "alder"],
    "texts": ["", "Birch"],
    "digests": [DIGEST],
}

READERS: dict[str, Callable[[Fields], object]] = {
    "text": lambda f: f.text("text"),
    "name": lambda f: f.name("name"),
    "digest": lambda f: f.digest("digest"),
    "decimal": lambda f: f.decimal("decimal"),
    "integer": lambda f: f.integer("integer"),
    "boolean": lambda f: f.boolean("boolean"),
    "instant": lambda f: f.instant("instant"),
    "window": lambda f: f.window("window"),
    "quantity": lambda f: f.quantity("quantity", Unit.FLOP),
    "choice": lambda f: f.choice("choice", Colour),
    "data": lambda f: f.data("data"),
    "object": lambda f: f.object("object").integer("inner"),
    "objects": lambda f: tuple(item.integer("inner") for item in f.objects("objects", 2)),
    "names": lambda f: f.names("names", 3),
    "texts": lambda f: f.texts("texts", 2),
    "digests": lambda f: f.digests("digests", 1),
}

EXPECTED: dict[str, object] = {
    **GOOD,
    "decimal": 12,
    "instant": Instant(1000),
    "window": Window(start=Instant(0), end=Instant(1000)),
    "quantity": Quantity(low=1, high=2, unit=Unit.FLOP),
    "choice": Colour.BLUE,
    "data": b"A",
    "object": 1,
    "objects": (1, 2),
    "names": ("alder", "birch", "alder"),
    "texts": ("", "Birch"),
    "digests": (DIGEST,),
}

BAD: list[tuple[str, JSON, str]] = [
    ("text", None, "job.text: found null, want text"),
    ("text", 1, "job.text: found an integer, want text"),
    ("text", ["a"], "job.text: found a list, want text"),
    ("text", {"a": 1}, "job.text: found an object, want text"),
    ("text", "a" * 1025, "job.text: has 1025 characters, want at most 1024"),
    ("name", "Alder", "job.name: malformed name 'Alder'"),
    ("digest", "00", "job.digest: malformed digest '00'"),
    ("decimal", 12, "job.decimal: found an integer, want text"),
    ("decimal", "012", "job.decimal: malformed decimal '012'"),
    ("integer", "12", "job.integer: found text, want an integer"),
    ("integer", True, "job.integer: found a boolean, want an integer"),
    ("integer", -1, f"job.integer: found -1, want 0 to {JSON_INTEGER_MAX}"),
    ("boolean", 1, "job.boolean: found an integer, want true or false"),
    ("boolean", None, "job.boolean: found null, want true or false"),
    ("instant", "today", "job.instant: malformed instant 'today'"),
    ("window", "today", "job.window: found text, want an object"),
    ("window", {"from": "1970-01-01T00:00:00Z"}, "job.window.until: missing"),
    ("window", {**GOOD["window"], "at": 1}, "job.window: unknown key 'at'"),  # type: ignore[dict-item]  # a dict
    (
        "window",
        {"from": "1970-01-01T00:00:01Z", "until": "1970-01-01T00:00:01Z"},
        "job.window: ends before it starts",
    ),
    ("window", {"from": "x", "until": "1970-01-01T00:00:01Z"}, "job.window.from: malformed instant 'x'"),
    ("quantity", {"low": "1", "high": "2", "unit": "mJ"}, "job.quantity.unit: found 'mJ', want 'flop'"),
    ("quantity", {"low": "3", "high": "2", "unit": "flop"}, "job.quantity: low is 3 and high is 2"),
    ("choice", "green", "job.choice: found 'green', want one of red, blue, 7"),
    ("choice", "7", "job.choice: found '7', want one of red, blue, 7"),
    ("choice", 7, "job.choice: found an integer, want text"),
    ("data", "QR==", "job.data: malformed base64 'QR=='"),
    ("object", [], "job.object: found a list, want an object"),
    ("objects", {}, "job.objects: found an object, want a list"),
    ("objects", [{"inner": 1}, 5], "job.objects[1]: found an integer, want an object"),
    ("objects", [{}, {}, {}], "job.objects: has 3 items, want at most 2"),
    ("objects", [{"inner": 1}, {"inner": "2"}], "job.objects[1].inner: found text, want an integer"),
    ("names", ["alder", "Birch"], "job.names[1]: malformed name 'Birch'"),
    ("names", ["alder", 1], "job.names[1]: found an integer, want text"),
    ("texts", ["a" * 1025], "job.texts[0]: has 1025 characters, want at most 1024"),
    ("digests", [DIGEST, DIGEST], "job.digests: has 2 items, want at most 1"),
]


@pytest.mark.parametrize("key", sorted(GOOD))
def test_each_reader_returns_its_value(key: str) -> None:
    """One key of each type."""
    fields = Fields(GOOD, "job")
    assert EXPECTED[key] == READERS[key](fields)
    assert fields.has(key)


@pytest.mark.parametrize("key", sorted(GOOD))
def test_a_missing_key_is_refused_by_every_reader(key: str) -> None:
    """There are no defaults."""
    fields = Fields({}, "job")
    assert not fields.has(key)
    with pytest.raises(MalformedError, match=f"^job.{key}: missing$"):
        READERS[key](fields)


@pytest.mark.parametrize(("key", "value", "message"), BAD)
def test_a_value_of_the_wrong_kind_is_refused_with_its_place(key: str, value: JSON, message: str) -> None:
    """The message says where, what was found and what was wanted."""
    with pytest.raises(MalformedError, match="^" + re.escape(message)):
        READERS[key](Fields({key: value}, "job"))


def test_a_key_that_nobody_read_is_unknown() -> None:
    """Asking whether a key is there does not read it; the first unread key in order is named."""
    fields = Fields({"b": 1, "a": 2, "c": 3}, "job")
    assert fields.has("a")
    assert fields.raw("c") == fields.integer("c")
    with pytest.raises(MalformedError, match=r"^job: unknown key 'a'$"):
        fields.done()
    assert fields.raw("a") != fields.raw("b")
    fields.done()


@pytest.mark.parametrize("value", [None, 1, "a", [], True])
def test_only_an_object_has_fields(value: JSON) -> None:
    """A list of pairs is no object."""
    with pytest.raises(MalformedError, match=r"^job: found .*, want an object$"):
        Fields(value, "job")


def test_what_is_not_json_at_all_is_still_refused() -> None:
    """A float cannot come out of our parser; a program without types might pass one."""
    with pytest.raises(MalformedError, match="found another type, want text"):
        Fields({"text": 1.5}, "job").text("text")  # type: ignore[dict-item]  # on purpose


@pytest.mark.parametrize(("value", "fits"), [(4, False), (5, True), (9, True), (10, False)])
def test_an_integer_has_the_callers_range(value: int, *, fits: bool) -> None:
    """Both ends belong to the range."""
    fields = Fields({"n": value}, "job")
    if fits:
        assert value == fields.integer("n", 5, 9)
    else:
        with pytest.raises(MalformedError, match="want 5 to 9"):
            fields.integer("n", 5, 9)


def test_texts_and_data_may_be_longer_where_the_format_says_so() -> None:
    """A note is longer than a title; base64 is limited by its document."""
    fields = Fields({"note": "a" * 5000, "data": "AAAA" * 5000}, "job")
    assert fields.raw("note") == fields.text("note", 5000)
    assert bytes(15000) == fields.data("data")
