"""`Fields`: a strict reader of one JSON object, key by key.

Codecs of every format read through it, so that a missing key, an unknown key and a value of the wrong
type are refused alike everywhere, in words that name the place. Defaults do not exist here.
"""

from collections.abc import Callable
from enum import Enum
from typing import TypeVar

from allstop.canon._json import JSON, JSON_INTEGER_MAX
from allstop.canon._scalars import parse_base64, parse_decimal, parse_instant
from allstop.errors import MalformedError
from allstop.ids import Digest, Name, parse_digest, parse_name
from allstop.times import Instant, Window
from allstop.units import Quantity, Unit

__all__ = ["TEXT_CHARS_MAX", "Fields"]

TEXT_CHARS_MAX = 1024
"""Longest text, in characters, where a format names no other limit."""

_T = TypeVar("_T")
_E = TypeVar("_E", bound=Enum)


class Fields:
    """Reads one JSON object. Every key must be read, or `done` raises.

    `where` names the object in messages: `job.window.from: malformed instant 'today', want ...`.
    """

    __slots__ = ("_unread", "_value", "where")

    def __init__(self, value: JSON, where: str) -> None:
        if not isinstance(value, dict):
            raise MalformedError(f"{where}: found {_kind(value)}, want an object")
        self.where = where
        self._value = value
        self._unread = set(value)

    def has(self, key: str) -> bool:
        """Tell whether the key is there, be it null. It does not count as read."""
        return key in self._value

    def raw(self, key: str) -> JSON:
        """Return the value of `key` as it is.

        Raises:
            MalformedError: there is no such key.
        """
        if key not in self._value:
            raise MalformedError(f"{self.where}.{key}: missing")
        self._unread.discard(key)
        return self._value[key]

    def done(self) -> None:
        """Check that the object holds no key that was never read.

        Raises:
            MalformedError: there is one.
        """
        if self._unread:
            raise MalformedError(f"{self.where}: unknown key {min(self._unread)[:48]!r}")

    def text(self, key: str, chars_max: int = TEXT_CHARS_MAX) -> str:
        """Return a text of at most `chars_max` characters; it may be empty."""
        return self._as_text(self.raw(key), key, chars_max)

    def name(self, key: str) -> Name:
        """Return a name, as `parse_name` takes it."""
        return self._read(key, parse_name)

    def digest(self, key: str) -> Digest:
        """Return a SHA-256, as `parse_digest` takes it."""
        return self._read(key, parse_digest)

    def decimal(self, key: str) -> int:
        """Return the number of a decimal string."""
        return self._read(key, parse_decimal)

    def instant(self, key: str) -> Instant:
        """Return an instant."""
        return self._read(key, parse_instant)

    def data(self, key: str) -> bytes:
        """Return the bytes of a base64 string of any length."""
        return self._parse(key, parse_base64, self._as_text(self.raw(key), key, None))

    def integer(self, key: str, low: int = 0, high: int = JSON_INTEGER_MAX) -> int:
        """Return a JSON integer with `low <= integer <= high`; a boolean is not an integer."""
        value = self.raw(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(key, value, "an integer")
        if not low <= value <= high:
            raise MalformedError(f"{self.where}.{key}: found {value}, want {low} to {high}")
        return value

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        value = self.raw(key)
        if not isinstance(value, bool):
            raise self._wrong(key, value, "true or false")
        return value

    def choice(self, key: str, kind: type[_E]) -> _E:
        """Return the member of `kind` whose value is this text."""
        text = self.text(key)
        for member in kind:
            if member.value == text:
                return member
        wanted = ", ".join(str(member.value) for member in kind)
        raise MalformedError(f"{self.where}.{key}: found {text[:48]!r}, want one of {wanted}")

    def window(self, key: str) -> Window:
        """Return a window from `{"from": ..., "until": ...}`."""
        fields = self.object(key)
        start, end = fields.instant("from"), fields.instant("until")
        fields.done()
        if not start < end:
            raise MalformedError(f"{fields.where}: ends before it starts")
        return Window(start=start, end=end)

    def quantity(self, key: str, unit: Unit) -> Quantity:
        """Return a quantity that must be in `unit`."""
        quantity = self.object(key).as_quantity()
        if quantity.unit is not unit:
            raise MalformedError(
                f"{self.where}.{key}.unit: found {quantity.unit.value!r}, want {unit.value!r}"
            )
        return quantity

    def as_quantity(self) -> Quantity:
        """Return this whole object, `{"low", "high", "unit"}`, as a quantity."""
        low, high, unit = self.decimal("low"), self.decimal("high"), self.choice("unit", Unit)
        self.done()
        if low > high:
            raise MalformedError(f"{self.where}: low is {low} and high is {high}, want low <= high")
        return Quantity(low=low, high=high, unit=unit)

    def object(self, key: str) -> "Fields":
        """Return a reader of the object under `key`; the caller ends it with `done`."""
        return Fields(self.raw(key), f"{self.where}.{key}")

    def objects(self, key: str, count_max: int) -> "tuple[Fields, ...]":
        """Return a reader for each object of a list."""
        return tuple(Fields(item, where) for where, item in self._items(key, count_max))

    def texts(self, key: str, count_max: int) -> tuple[str, ...]:
        """Return a list of texts, each of at most `TEXT_CHARS_MAX` characters."""
        return self._each(key, count_max, str)

    def names(self, key: str, count_max: int) -> tuple[Name, ...]:
        """Return a list of names, in the order and number in which they stand."""
        return self._each(key, count_max, parse_name)

    def digests(self, key: str, count_max: int) -> tuple[Digest, ...]:
        """Return a list of digests, in the order and number in which they stand."""
        return self._each(key, count_max, parse_digest)

    def _items(self, key: str, count_max: int) -> list[tuple[str, JSON]]:
        value = self.raw(key)
        if not isinstance(value, list):
            raise self._wrong(key, value, "a list")
        if len(value) > count_max:
            raise MalformedError(f"{self.where}.{key}: has {len(value)} items, want at most {count_max}")
        return [(f"{self.where}.{key}[{index}]", item) for index, item in enumerate(value)]

    def _each(self, key: str, count_max: int, parse: Callable[[str], _T]) -> tuple[_T, ...]:
        items = self._items(key, count_max)
        return tuple(
            self._parse(f"{key}[{index}]", parse, self._as_text(item, f"{key}[{index}]", TEXT_CHARS_MAX))
            for index, (_, item) in enumerate(items)
        )

    def _read(self, key: str, parse: Callable[[str], _T]) -> _T:
        return self._parse(key, parse, self._as_text(self.raw(key), key, TEXT_CHARS_MAX))

    def _parse(self, key: str, parse: Callable[[str], _T], text: str) -> _T:
        try:
            return parse(text)
        except MalformedError as exc:
            raise MalformedError(f"{self.where}.{key}: {exc.message}") from exc

    def _as_text(self, value: JSON, key: str, chars_max: int | None) -> str:
        if not isinstance(value, str):
            raise self._wrong(key, value, "text")
        if chars_max is not None and len(value) > chars_max:
            raise MalformedError(f"{self.where}.{key}: has {len(value)} characters, want at most {chars_max}")
        return value

    def _wrong(self, key: str, value: JSON, wanted: str) -> MalformedError:
        return MalformedError(f"{self.where}.{key}: found {_kind(value)}, want {wanted}")


def _kind(value: JSON) -> str:
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "an integer", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "another type")
