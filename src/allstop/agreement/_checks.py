"""Checks that every part of an agreement makes once, at construction."""

from collections.abc import Callable, Hashable, Iterable
from typing import ParamSpec, TypeVar

from allstop.errors import MalformedError
from allstop.units import PPM

__all__ = [
    "DURATION_MS_MAX",
    "TEXT_CHARS_MAX",
    "build",
    "check_duration",
    "check_ppm",
    "check_text",
    "check_unique",
]

TEXT_CHARS_MAX = 4096
"""Most characters of one text that people write: a clause, a definition, a source."""

DURATION_MS_MAX = 100 * 366 * 86_400_000
"""Longest length of time that an agreement may state: a hundred leap years."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


def check_text(text: str, what: str, *, chars_max: int = TEXT_CHARS_MAX, may_be_empty: bool = False) -> None:
    """Check length, printable characters and the absence of space at either end.

    Raises:
        MalformedError: the text is not like that.
    """
    if not text and not may_be_empty:
        raise MalformedError(f"{what} is empty")
    if len(text) > chars_max:
        raise MalformedError(f"{what} has {len(text)} characters, want at most {chars_max}")
    # What is invisible must not make two texts differ that people read alike.
    if text != text.strip() or not all(c.isprintable() or c == "\n" for c in text):
        raise MalformedError(f"{what} has space at an end or a character that cannot be printed")


def check_ppm(value: int, what: str, *, low: int = 0, high: int = PPM) -> None:
    """Check parts per million.

    Raises:
        MalformedError: `value` is outside `[low, high]`.
    """
    if not low <= value <= high:
        raise MalformedError(f"{what} is {value} ppm, want {low} to {high}")


def check_duration(ms: int, what: str, *, low: int = 0) -> None:
    """Check a length of time.

    Raises:
        MalformedError: `ms` is below `low` or above a hundred years.
    """
    if not low <= ms <= DURATION_MS_MAX:
        raise MalformedError(f"{what} is {ms} ms, want {low} to {DURATION_MS_MAX}")


def check_unique(items: Iterable[Hashable], what: str) -> None:
    """Check that nothing is listed twice.

    Raises:
        MalformedError: an item occurs twice; it is named.
    """
    seen: set[Hashable] = set()
    for item in items:
        if item in seen:
            raise MalformedError(f"{what} {item!s} is listed twice")
        seen.add(item)


def build(where: str, make: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Call a constructor and put the place of the value before whatever it refuses.

    Raises:
        MalformedError: the constructor refused the value.
    """
    try:
        return make(*args, **kwargs)
    except (MalformedError, ValueError) as exc:
        text = exc.message if isinstance(exc, MalformedError) else str(exc)
        raise MalformedError(f"{where}: {text}") from exc
