"""Reading files of others: caps on size, strict text, foreign JSON, and decimals made into integers.

Foreign formats have floats and spellings that `canon` refuses, so they are read here: JSON numbers become
`int` or `Decimal`, never `float`, and a duplicate key is an error. Nothing is extracted, unpickled or executed.
"""

import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from allstop.errors import LimitError, MalformedError, NotFoundError, OperationalError
from allstop.ids import Digest, digest_of

__all__ = [
    "LINES_MAX",
    "READING_MAX",
    "SOURCE_BYTES_MAX",
    "Progress",
    "SourceFile",
    "open_source",
    "parse_figure",
    "parse_foreign_json",
    "quantise",
    "report_nothing",
]

SOURCE_BYTES_MAX = 64 * 1024 * 1024
"""Largest file of others that is read: a day of one meter at 10 Hz has about this size as text."""

LINES_MAX = 4_000_000
"""Largest number of lines in one such file."""

LINE_BYTES_MAX = 1024 * 1024
"""Longest line. The result logs of large runs name every host in one line, which is still far shorter."""

READING_MAX = 10**15
"""Largest magnitude of one quantised reading: a thousand gigawatts in mW, or 30,000 years of one chip in ms."""

Progress = Callable[[int, int], None]
"""Is told `(done, total)` while something long is read."""

_FIGURE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?\Z")


def report_nothing(done: int, total: int) -> None:
    """Ignore progress."""


class SourceFile:
    """The bytes of one file of others, with the name by which errors speak of it."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.data = data

    @property
    def digest(self) -> Digest:
        """SHA-256 of the whole file."""
        return digest_of(self.data)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield (line number from 1, text without its end) for each line that is not blank.

        Raises:
            MalformedError: a line is not UTF-8 or holds a NUL.
            LimitError: there are more lines, or longer ones, than this program reads.
        """
        parts = self.data.split(b"\n")
        if len(parts) > LINES_MAX:
            raise LimitError(f"{self.name} has {len(parts)} lines, want at most {LINES_MAX}")
        for number, raw in enumerate(parts, start=1):
            if len(raw) > LINE_BYTES_MAX:
                raise LimitError(
                    f"{self.name} line {number} has {len(raw)} bytes, want at most {LINE_BYTES_MAX}"
                )
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError as exc:
                raise self.malformed(number, "is not UTF-8") from exc
            if "\0" in text:
                raise self.malformed(number, "holds a NUL")
            text = text.rstrip("\r")
            if text.strip():
                yield number, text

    def malformed(self, number: int, found: str) -> MalformedError:
        """Return the error that names this file and a line."""
        return MalformedError(f"{self.name} line {number} {found}")


def open_source(path: Path, *, bytes_max: int = SOURCE_BYTES_MAX) -> SourceFile:
    """Read a plain file whole, if it is not larger than `bytes_max`.

    Raises:
        NotFoundError: there is no such file.
        LimitError: the file is larger.
        OperationalError: it is no plain file, or cannot be read.
    """
    try:
        # Non-blocking, so that a FIFO put in the place of a file cannot make the import wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as exc:
        raise NotFoundError(f"there is no file {path}") from exc
    except OSError as exc:
        raise OperationalError(f"cannot read {path}: {exc.strerror}") from exc
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise OperationalError(f"{path} is not a plain file")
    with os.fdopen(descriptor, "rb") as file:
        # The size is looked at before reading, and the read is cut off too, since files grow.
        data = b"" if status.st_size > bytes_max else file.read(bytes_max + 1)
    if status.st_size > bytes_max or len(data) > bytes_max:
        raise LimitError(f"{path.name} has {status.st_size} bytes, want at most {bytes_max}")
    return SourceFile(path.name, data)


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key appears twice")
    return value


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_refuse_duplicates, parse_float=Decimal, parse_constant=_refuse_constant
)


def parse_foreign_json(text: str) -> Any:
    """Parse one JSON value of others: no duplicate keys, no NaN; fractions become `Decimal`.

    Raises:
        ValueError: `text` is not that; the caller knows the file and line and wraps this.
    """
    try:
        return _DECODER.decode(text)
    except (RecursionError, InvalidOperation) as exc:
        raise ValueError("nested too deep or a number too long") from exc


def parse_figure(text: str) -> Decimal:
    """Parse an ASCII decimal such as `2406.500000`: no sign but minus, no exponent, no spaces.

    Raises:
        ValueError: `text` is not that; the caller knows where it stood and wraps this.
    """
    if _FIGURE.match(text) is None:
        raise ValueError(f"number is {text[:24]!r}, want digits and at most one point")
    return Decimal(text)


def quantise(value: object, factor: int) -> int:
    """Return `value * factor` rounded half to even.

    The only place where a fraction of others becomes an integer of ours; `factor` leads to the unit.

    Raises:
        ValueError: `value` is neither an integer nor a decimal, or too large.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"reading is {str(value)[:24]!r}, want a number")
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > 40:
            raise ValueError(f"reading is {str(value)[:24]}, want a number of usual size")
        amount = int((value * factor).to_integral_value(ROUND_HALF_EVEN))
    else:
        amount = value * factor
    if abs(amount) > READING_MAX:
        raise ValueError("reading is larger than any meter shows")
    return amount
