"""Canonical JSON: limits, one spelling, and round trips against the `rfc8785` package."""

import json
from collections.abc import Callable

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.canon import (
    JSON,
    JSON_BYTES_MAX,
    JSON_DEPTH_MAX,
    JSON_INTEGER_MAX,
    format_json,
    parse_canonical_json,
    parse_json,
)
from allstop.errors import MalformedError

_CHARACTERS = st.characters(exclude_categories=["Cs"])
# Plain ASCII takes the quick path of the parser, the other alphabets the slow one; keys mix characters on
# both sides of the surrogates, where code points and UTF-16 code units sort differently.
_TEXT = st.one_of(
    st.text("abcXYZ019_:,{}[]/", max_size=6),
    st.text(_CHARACTERS, max_size=6),
    st.text("a\ue000\uffff\U00010000\U0010ffff\ud7ff\u20ac", max_size=3),
    st.text('"\\\n\t\u0000\u001f\u007f ', max_size=4),
)
_SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(-JSON_INTEGER_MAX, JSON_INTEGER_MAX), st.integers(-9, 9), _TEXT
)
_VALUE: st.SearchStrategy[JSON] = st.recursive(
    _SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXT, inner, max_size=4)),
    max_leaves=12,
)


@given(_VALUE)
@settings(max_examples=300)
def test_canonical_bytes_are_those_of_the_reference_and_read_back(value: JSON) -> None:
    """The independent RFC 8785 package gives the same bytes, and the bytes give the same value."""
    data = format_json(value)
    assert rfc8785.dumps(value) == data
    assert value == parse_json(data)
    assert value == parse_canonical_json(data)


@given(_VALUE, st.data())
@settings(max_examples=300)
def test_only_one_spelling_parses_as_canonical(value: JSON, draw: st.DataObject) -> None:
    """Other writers' spellings of the value are read by `parse_json` and refused as canonical."""
    data = format_json(value)
    other = json.dumps(
        value,
        ensure_ascii=draw.draw(st.booleans()),
        indent=draw.draw(st.sampled_from([None, 0, 1])),
        separators=draw.draw(st.sampled_from([(",", ":"), (", ", ":"), (",", ": ")])),
        sort_keys=draw.draw(st.booleans()),
    ).encode()
    assert value == parse_json(other)
    if other != data:
        with pytest.raises(MalformedError, match="not canonical"):
            parse_canonical_json(other)


@given(_VALUE, st.data())
@settings(max_examples=300)
def test_a_bent_byte_never_gives_the_same_value_twice(value: JSON, draw: st.DataObject) -> None:
    """Change, drop or add one byte: refused, or another value, whose only spelling those bytes are."""
    data = bytearray(format_json(value))
    place = draw.draw(st.integers(0, len(data) - 1))
    byte = draw.draw(st.one_of(st.sampled_from(b' \t\n\r\\",:{}[]0-'), st.integers(0, 255)))
    action = draw.draw(st.sampled_from(["change", "drop", "add"]))
    data[place : place + (action != "add")] = b"" if action == "drop" else bytes([byte])
    try:
        other = parse_canonical_json(bytes(data))
    except MalformedError:
        return
    assert data == format_json(other)


@pytest.mark.parametrize("opener", [b"[", b'{"a":', b'[{"a":'])
def test_depth_is_limited_at_64(opener: bytes) -> None:
    """64 open arrays or objects are read, 65 are not, and a hundred thousand do not exhaust the stack."""
    per_opener = opener.count(b"[") + opener.count(b"{")
    closer = b"]" if opener == b"[" else b"}" if per_opener == 1 else b"}]"
    for count in (JSON_DEPTH_MAX // per_opener, JSON_DEPTH_MAX // per_opener + 1, 100_000):
        data = opener * count + b"1" + closer * count
        if count * per_opener <= JSON_DEPTH_MAX:
            assert data == format_json(parse_json(data))
            assert parse_json(data) == parse_canonical_json(data)
            continue
        for parse in (parse_json, parse_canonical_json):
            with pytest.raises(MalformedError, match="levels deep, want at most 64"):
                parse(data)


def test_brackets_inside_strings_and_side_by_side_are_not_depth() -> None:
    """Only open brackets count: neither quoted ones, nor many short lists, nor keys after escapes."""
    value: JSON = [["[" * 200, "\\" * 3, '{"[' * 80, []] for _ in range(50)]
    assert value == parse_canonical_json(format_json(value))


@pytest.mark.parametrize("count", [64, 65, 100_000])
def test_unclosed_brackets_are_refused_whatever_their_number(count: int) -> None:
    """The depth check sees brackets that never close; the parser sees the rest."""
    for data in (b"[" * count, b"]" * count, b'["\\' + b"[" * count, b'"' + b"[" * count + b"\\"):
        with pytest.raises(MalformedError):
            parse_json(data)


def test_hostile_quotes_do_not_make_the_depth_check_slow() -> None:
    """Two million escaped quotes in an unclosed string are scanned once, not once per quote."""
    with pytest.raises(MalformedError, match="unterminated string"):
        parse_json(b"[" * 60 + b"[],[],[],[],[]," + b'"' + b'\\"' * 2_000_000)


@pytest.mark.parametrize("parse", [parse_json, parse_canonical_json])
def test_a_document_of_more_than_16_mib_is_not_read(parse: Callable[[bytes], JSON]) -> None:
    """The limit counts bytes and is tested at its edge."""
    fitting = b'"' + b"a" * (JSON_BYTES_MAX - 2) + b'"'
    parse(fitting)
    with pytest.raises(MalformedError, match="want at most 16777216"):
        parse(fitting + b" ")


def test_a_document_that_could_not_be_read_back_is_not_written() -> None:
    """The same limits hold for writing: size, depth, integers, surrogates, types."""
    deep: JSON = "x"
    for _ in range(JSON_DEPTH_MAX):
        deep = [deep]
    assert deep == parse_json(format_json(deep))
    bad: list[object] = [
        [deep],
        {"a": deep},
        "a" * JSON_BYTES_MAX,
        2**53,
        -(2**53),
        "\ud800",
        {"\udfff": 1},
        {"\ud800\U00010000": 1, "\ue000": 2},
        1.0,
        float("nan"),
        [1.5],
        (1, 2),
        {1: 2},
        {None: 2},
        b"bytes",
        {"a": {3}},
    ]
    for value in bad:
        with pytest.raises(MalformedError):
            format_json(value)  # type: ignore[arg-type]  # what a program without types might pass


@pytest.mark.parametrize("value", [2**53 - 1, -(2**53) + 1, 0, -1])
def test_integers_up_to_2_to_the_53_are_read(value: int) -> None:
    """Doubles hold them exactly, so every reader agrees."""
    assert value == parse_canonical_json(str(value).encode())


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740992", "-9007199254740992", "99999999999999999", "1" * 5000, "-0", "0.0", "1.0", "1e2", "1E400",
        "-1e-5", "NaN", "Infinity", "-Infinity",
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrap", ["%s", "[%s]", '{"a":%s}'])
def test_numbers_on_which_readers_disagree_are_refused(text: str, wrap: str) -> None:
    """Floats, exponents, minus zero and large integers, wherever they stand."""
    for parse in (parse_json, parse_canonical_json):
        with pytest.raises(MalformedError, match=r"JSON (number|integer)"):
            parse((wrap % text).encode())


@pytest.mark.parametrize(
    "data", [b'{"a":1,"a":1}', b'{"a":1,"b":2,"a":3}', b'[{"\\u0061":1,"a":2}]', b'{"":1,"":1}']
)
def test_a_key_that_stands_twice_is_refused(data: bytes) -> None:
    """The first or the last could win, and two readers would see two documents (finding-F4)."""
    for parse in (parse_json, parse_canonical_json):
        with pytest.raises(MalformedError, match="twice"):
            parse(data)


@pytest.mark.parametrize(
    "data",
    [b' {"a":1}', b'{"a":1} ', b'{"a":1}\n', b'{"a": 1}', b'{"b":1,"a":2}', b'"\\/"', b'"\\u0041"', b'"\\u000a"',
     b'"\\u001F"', '{"\ue000":1,"\U00010000":2}'.encode(), b"[1,\t2]", b"[1,\r2]", b'{"aa":1,"a":2}'],
)  # fmt: skip
def test_valid_json_in_another_spelling_is_not_canonical(data: bytes) -> None:
    """Spaces, key order, needless or upper-case escapes, code point order where UTF-16 order is due."""
    parse_json(data)
    with pytest.raises(MalformedError, match="not canonical"):
        parse_canonical_json(data)


@pytest.mark.parametrize(
    "data", [b'{"":1}', b'{"":1,"a":{"":[]}}', b"[]", b"{}", b'""', b"null", b"true", b"7"]
)
def test_small_canonical_documents_are_read(data: bytes) -> None:
    """The empty key sorts first, and a document may be a lone scalar."""
    assert data == format_json(parse_canonical_json(data))


@pytest.mark.parametrize(
    "data", [b"", b" ", b"1 2", b"{}{}", b"[1]x", b"nul", b"\xef\xbb\xbf{}", b"\xff", b"'a'"]
)
def test_what_is_no_json_is_refused_with_its_place(data: bytes) -> None:
    """A byte order mark and trailing text included."""
    for parse in (parse_json, parse_canonical_json):
        with pytest.raises(MalformedError, match=r"not JSON at character|not UTF-8 at byte"):
            parse(data)


def test_non_ascii_digits_are_no_number() -> None:
    """The scanner of some Python builds matches digits of every alphabet; the arithmetic must not."""
    for data in ("1\u0661", "[-1\uff11]"):
        with pytest.raises(MalformedError):
            parse_json(data.encode())
