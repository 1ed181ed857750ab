"""Printing: results to stdout, progress and errors to stderr, and nothing that could steer a terminal."""

import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from allstop.canon import JSON, format_json
from allstop.errors import AllstopError

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

__all__ = ["Tick", "describe", "emit", "emit_text", "format_table", "progress", "say", "say_error"]

Tick = Callable[[int, int], None]
"""Is told `(done, total)` while something long is done."""

_PATIENCE_SECONDS = 1.0
_STEERING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _printable(text: str) -> str:
    """Escape what could move the cursor, change the order of text or forge a line; keep newlines."""
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if character != "\n" and unicodedata.category(character) in _STEERING
        else character
        for character in text
    )


def _write(stream: TextIO, text: str) -> None:
    data = text.encode("utf-8", "backslashreplace")
    stream.flush()
    stream.buffer.write(data)
    stream.flush()


def emit(value: JSON, lines: Iterable[str], *, as_json: bool) -> None:
    """Print a result: with `--json` its one canonical spelling, else the lines for people."""
    if as_json:
        _write(sys.stdout, format_json(value).decode("utf-8") + "\n")
    else:
        _write(sys.stdout, "".join(_printable(line) + "\n" for line in lines))


def emit_text(data: bytes) -> None:
    """Print a document of ours as it is, such as a proof; it has been parsed, so it is harmless text."""
    _write(sys.stdout, data.decode("utf-8", "surrogateescape"))


def say(text: str) -> None:
    """Tell the person at the terminal something that is no result."""
    _write(sys.stderr, f"allstop: {_printable(text)}\n")


def say_error(message: str, hint: str | None = None) -> None:
    """Print an error in the form of the house: one line what is wrong, one line what could be done."""
    for kind, text in (("error", message), ("hint", hint)):
        if text:
            say(f"{kind}: {' '.join(text.split())}")


def describe(error: BaseException) -> str:
    """Return the words of an error that is about to be wrapped."""
    return error.message if isinstance(error, AllstopError) else str(error)


def format_table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns; the first row is the heading."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


class _Bar:
    """A bar on stderr that appears only if the work takes longer than a second, and only for people."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._started = time.monotonic()
        self._is_wanted = sys.stderr.isatty()
        self._rich: RichProgress | None = None

    def tick(self, done: int, total: int) -> None:
        if not self._is_wanted or time.monotonic() - self._started < _PATIENCE_SECONDS:
            return
        if self._rich is None:
            self._rich = self._start(total)
        self._rich.update(self._rich.task_ids[0], completed=done, total=total)

    def _start(self, total: int) -> "RichProgress":
        from rich.console import Console
        from rich.progress import Progress

        bar = Progress(console=Console(stderr=True), transient=True)
        bar.add_task(self._text, total=total)
        bar.start()
        return bar

    def stop(self) -> None:
        if self._rich is not None:
            self._rich.stop()


@contextmanager
def progress(text: str) -> Iterator[Tick]:
    """Show how far something long has come, while the body runs."""
    bar = _Bar(text)
    try:
        yield bar.tick
    finally:
        bar.stop()
