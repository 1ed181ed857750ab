"""Readers of the TOML form: what people write, as the JSON value that stands for it.

Implements spec/agreement.md, section "TOML". A shape says which keys a table has and how each is read; an
unknown key is an error. Nothing is checked here that the JSON codec checks.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from allstop.agreement._checks import build
from allstop.canon import JSON, format_decimal
from allstop.errors import MalformedError

__all__ = [
    "Key",
    "Reader",
    "Shape",
    "boolean",
    "duration",
    "integer",
    "list_of",
    "number",
    "optional",
    "read_number",
    "read_table",
    "table",
    "text_of",
    "wrong",
]

Reader = Callable[[object, str], JSON]
"""Turns a TOML value at a place into JSON; raises MalformedError."""

_NUMBER = re.compile(r"(0|[1-9][0-9]{0,39})(?:\.([0-9]{1,39}))?(?:e([0-9]{1,2}))?\Z")
_DURATION = re.compile(
    r"P(?=[0-9T])(?:([1-9][0-9]{0,5})D)?"
    r"(?:T(?=[0-9])(?:([1-9][0-9]{0,5})H)?(?:([1-9][0-9]{0,6})M)?(?:(0|[1-9][0-9]{0,8})(?:\.([0-9]{3}))?S)?)?\Z"
)


@dataclass(frozen=True, slots=True)
class Key:
    """How a key of a table is read: its name in JSON, its reader, and whether it may be left out."""

    wire: str
    read: Reader
    is_optional: bool = False
    default: JSON = None


Shape = Mapping[str, Key]
"""Keys of a table, in the order in which errors name them."""


def _kind(value: object) -> str:
    names = {
        bool: "a boolean",
        int: "an integer",
        str: "a text",
        list: "a list",
        dict: "a table",
        float: "a float",
    }
    return names.get(type(value), "a date or time")


def wrong(value: object, where: str, wanted: str) -> MalformedError:
    """Return the refusal of a value of the wrong kind."""
    return MalformedError(f"{where}: found {_kind(value)}, want {wanted}")


def read_table(value: object, where: str, shape: Shape) -> dict[str, JSON]:
    """Read a table with exactly the keys of a shape; what is left out takes its default.

    Raises:
        MalformedError: a key is unknown or missing, or a value is not what it should be.
    """
    if not isinstance(value, dict):
        raise wrong(value, where, "a table")
    for key in value:
        if key not in shape:
            raise MalformedError(f"{where}: unknown key {str(key)[:48]!r}, want one of {', '.join(shape)}")
    result: dict[str, JSON] = {}
    for key, rule in shape.items():
        if key in value:
            result[rule.wire] = rule.read(value[key], f"{where}.{key}")
        elif rule.is_optional:
            result[rule.wire] = rule.default
        else:
            raise MalformedError(f"{where}.{key}: missing")
    return result


def table(shape: Shape) -> Reader:
    """Return a reader of tables of this shape."""
    return lambda value, where: read_table(value, where, shape)


def list_of(read: Reader) -> Reader:
    """Return a reader of lists of what `read` reads."""

    def read_list(value: object, where: str) -> JSON:
        if not isinstance(value, list):
            raise wrong(value, where, "a list")
        return [read(item, f"{where}[{index}]") for index, item in enumerate(value)]

    return read_list


def text_of(value: object, where: str) -> str:
    """Read a text; line breaks and runs of spaces, which people use to wrap, count as one space."""
    if not isinstance(value, str):
        raise wrong(value, where, "a text")
    return " ".join(value.split())


def integer(value: object, where: str) -> JSON:
    """Read a whole number that TOML wrote as one."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(value, where, "an integer")
    return value


def boolean(value: object, where: str) -> JSON:
    """Read true or false."""
    if not isinstance(value, bool):
        raise wrong(value, where, "true or false")
    return value


def read_number(value: object, where: str, *, scale: int, what: str) -> int:
    """Read `12`, "12", "12.5" or "1.25e24" times `scale`, exactly."""
    if isinstance(value, int) and not isinstance(value, bool):
        # Formatted by `canon`, which refuses what is negative or too long; `str` alone may raise ValueError.
        value = build(where, format_decimal, value)
    if not isinstance(value, str):
        raise wrong(value, where, what)
    text, match = value, _NUMBER.match(value)
    if match is None:
        raise MalformedError(f"{where}: malformed number {text[:48]!r}, want {what}")
    fraction, power = match[2] or "", "0" * int(match[3] or "0")
    amount, rest = divmod(int(match[1] + fraction + power) * scale, int("1" + "0" * len(fraction)))
    if rest:
        raise MalformedError(f"{where}: found {text[:48]!r}, which is not a whole number of the unit kept")
    return amount


def number(scale: int = 1, what: str = 'a whole number such as 16 or "1e24"') -> Reader:
    """Return a reader of amounts, kept as decimal strings in `scale` times the written unit."""
    return lambda value, where: build(
        where, format_decimal, read_number(value, where, scale=scale, what=what)
    )


def duration(value: object, where: str) -> JSON:
    """Read days, hours, minutes and seconds; months and years have no fixed length and are refused."""
    if not isinstance(value, str):
        raise wrong(value, where, 'a length of time such as "P120D" or "PT36H"')
    match = _DURATION.match(value)
    if match is None:
        raise MalformedError(
            f"{where}: malformed length of time {value[:48]!r}, want P120D, PT36H or P1DT12H"
        )
    days, hours, minutes, seconds, ms = (int(part or "0") for part in match.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms


def optional(wire: str, read: Reader, default: JSON = None) -> Key:
    """Return a key that may be left out, and what then stands for it."""
    return Key(wire, read, is_optional=True, default=default)
