"""Canonical JSON without floats: RFC 8785 over a profile of I-JSON (spec/canon.md sections 1 and 2).

`json` of the standard library does the scanning and the quoting in C; everything it is lenient about
is refused here: duplicate keys, NaN, floats, huge integers, lone surrogates, deep nesting. This module
does not know what a document means.
"""

import json
import re
from collections import Counter
from itertools import accumulate
from typing import NoReturn, TypeAlias

from allstop.errors import MalformedError

__all__ = [
    "JSON",
    "JSON_BYTES_MAX",
    "JSON_DEPTH_MAX",
    "JSON_INTEGER_MAX",
    "format_json",
    "parse_canonical_json",
    "parse_json",
]

JSON: TypeAlias = "bool | int | str | list[JSON] | dict[str, JSON] | None"
"""What a document may hold. There are no floats: amounts are decimal strings."""

JSON_BYTES_MAX = 16 * 1024 * 1024
"""Longest document, in bytes, that is read or written."""

JSON_DEPTH_MAX = 64
"""Most arrays and objects that may be open at once."""

JSON_INTEGER_MAX = 2**53 - 1
"""Largest magnitude of an integer: beyond it, parsers that use doubles disagree (RFC 7493 section 2.2)."""

# The quantifiers are possessive and the closing quote is optional, so that every quote is visited once
# and hostile text cannot make the search quadratic.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}

# Sorting by code points and by UTF-16 code units (RFC 8785 section 3.2.3) differ only where a character
# beyond the basic plane meets one from U+E000 to U+FFFF.
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_ABOVE_SURROGATES = re.compile("[\ue000-\uffff]")


def _refuse_number(text: str) -> NoReturn:
    raise MalformedError(f"JSON number {text[:24]!r} is not a plain integer")


def _parse_integer(text: str) -> int:
    # The length is tested first: int() is quadratic, and refuses more than 4300 digits with another error.
    if text == "-0" or not text.isascii():
        _refuse_number(text)
    if len(text) > 17 or not -JSON_INTEGER_MAX <= (value := int(text)) <= JSON_INTEGER_MAX:
        raise MalformedError(f"JSON integer {text[:24]} is outside +-(2^53 - 1)")
    return value


def _parse_object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    value = dict(pairs)
    if len(value) != len(pairs):
        key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise MalformedError(f"JSON object has key {key[:24]!r} twice")
    return value


class _UnorderedError(Exception):
    """Keys that are not in strictly rising order; the slower path says what is wrong, if anything is."""


def _parse_ordered_object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    last = ""
    for key, _ in pairs:
        if key <= last:
            raise _UnorderedError
        last = key
    return dict(pairs)


_STRICT = json.JSONDecoder(
    object_pairs_hook=_parse_object,
    parse_float=_refuse_number,
    parse_int=_parse_integer,
    parse_constant=_refuse_number,
)
# For text that could be spelled differently only in the order of its keys: see `parse_canonical_json`.
_ORDERED = json.JSONDecoder(
    object_pairs_hook=_parse_ordered_object,
    parse_float=_refuse_number,
    parse_int=_parse_integer,
    parse_constant=_refuse_number,
)
_RESPELLABLE = b" \t\n\r\\"
_SORTED = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
_AS_ORDERED = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=False, separators=(",", ":")
)


def _check_frame(data: bytes) -> str:
    """Check size, depth and UTF-8 before anything recursive runs, and return the text."""
    if len(data) > JSON_BYTES_MAX:
        raise MalformedError(f"JSON document has {len(data)} bytes, want at most {JSON_BYTES_MAX}")
    if data.count(b"[") + data.count(b"{") > JSON_DEPTH_MAX:
        brackets = _STRINGS.sub(b"", data).translate(None, _NO_BRACKETS)
        depth = max(accumulate(map(_STEP.__getitem__, brackets)), default=0)
        if depth > JSON_DEPTH_MAX:
            raise MalformedError(f"JSON document is {depth} levels deep, want at most {JSON_DEPTH_MAX}")
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        raise MalformedError(f"JSON document is not UTF-8 at byte {exc.start}") from exc


def parse_json(data: bytes) -> JSON:
    """Parse one JSON document in any spelling that RFC 8259 allows, within the limits above.

    Whether the bytes are canonical is not checked.

    Raises:
        MalformedError: not UTF-8 or not JSON; a byte order mark, a duplicate key, a lone surrogate, a
            number that is not a plain integer of magnitude below 2^53; too large or too deep.
    """
    text = _check_frame(data)
    try:
        value: JSON = _STRICT.decode(text)
    except json.JSONDecodeError as exc:
        raise MalformedError(f"not JSON at character {exc.pos}: {exc.msg.lower()}") from exc
    if "\\u" in text:
        # Only an escape can bring in a surrogate: the UTF-8 decoder refuses raw ones.
        _encode(value)
    return value


def parse_canonical_json(data: bytes) -> JSON:
    """Parse one JSON document that is in its only canonical spelling, as `format_json` writes it.

    Raises:
        MalformedError: anything that `parse_json` refuses, or another spelling of the same value.
    """
    text = _check_frame(data)
    # ASCII without JSON's white space and without escapes has one spelling for every token, so that only
    # the order of keys is left to check. Writing the value again costs more than parsing it.
    if text.isascii() and len(data.translate(None, _RESPELLABLE)) == len(data):
        try:
            ordered: JSON
            ordered, end = _ORDERED.raw_decode(text)
        except (_UnorderedError, json.JSONDecodeError):
            end = -1
        if end == len(text):
            return ordered
    value = parse_json(data)
    if _encode(value) != data:
        raise MalformedError("JSON document is not canonical (RFC 8785)")
    return value


def format_json(value: JSON) -> bytes:
    """Return the canonical bytes of `value` (RFC 8785): no spaces, keys sorted by UTF-16 code units.

    Raises:
        MalformedError: `value` holds what `parse_json` would refuse to read back.
    """
    _check_value(value, JSON_DEPTH_MAX)
    data = _encode(value)
    if len(data) > JSON_BYTES_MAX:
        raise MalformedError(f"JSON document has {len(data)} bytes, want at most {JSON_BYTES_MAX}")
    return data


def _encode(value: JSON) -> bytes:
    text = _SORTED.encode(value)
    if not text.isascii() and _ASTRAL.search(text) and _ABOVE_SURROGATES.search(text):
        text = _AS_ORDERED.encode(_in_utf16_order(value))
    try:
        return text.encode()
    except UnicodeEncodeError as exc:
        raise MalformedError("JSON string holds a lone surrogate") from exc


def _in_utf16_order(value: JSON) -> JSON:
    if isinstance(value, dict):
        # Lone surrogates sort here without an error, and are refused when the text becomes bytes.
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return {key: _in_utf16_order(value[key]) for key in keys}
    if isinstance(value, list):
        return [_in_utf16_order(item) for item in value]
    return value


def _check_value(value: object, depth_left: int) -> None:
    """Refuse what the types forbid but Python lets through: floats, tuples, keys that are no strings."""
    kind = type(value)
    if kind is int:
        if not -JSON_INTEGER_MAX <= value <= JSON_INTEGER_MAX:  # type: ignore[operator]  # exact type tested
            raise MalformedError("JSON integer is outside +-(2^53 - 1)")
        return
    if value is None or kind is bool or kind is str:
        return
    if depth_left == 0:
        raise MalformedError(f"JSON value is deeper than {JSON_DEPTH_MAX} levels")
    if isinstance(value, dict) and all(type(key) is str for key in value):
        for item in value.values():
            _check_value(item, depth_left - 1)
    elif isinstance(value, list):
        for item in value:
            _check_value(item, depth_left - 1)
    else:
        raise MalformedError(
            f"JSON value holds a {kind.__name__}, want null, boolean, integer, text, list or object"
        )
