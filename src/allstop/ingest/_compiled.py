"""The loops over every reading, compiled by Numba: unpacking Parquet values, and adding them up by hour.

What is read from a page is hostile, so every loop that follows offsets out of one is compiled with bounds
checks; without them are only `_unpack`, which checks its one range first, and the loops of `fold_hours`,
which checks sizes and times first and goes over arrays of ours from end to end. All arithmetic is that of
64 bits and wraps: whether a sum can be trusted is the caller's to bound. Numba takes a third of a second
to import, so nothing imports this module before it is needed.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

from allstop.times import HOUR_MS, INSTANT_MS_MAX

__all__ = ["PADDING", "decode_delta", "decode_dictionary", "fold_hours"]

Bytes = npt.NDArray[np.uint8]
Column = npt.NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])

PADDING = 8
"""Bytes that must follow the content of a page, since values are read eight bytes at a time."""

_STRIDE = 32


def _compile(function: F, *, boundscheck: bool) -> F:
    try:
        return cast(F, numba.njit(function, nogil=True, cache=True, boundscheck=boundscheck))
    except RuntimeError:
        # Neither this folder nor the user's cache can be written; then it is compiled in every process.
        return cast(F, numba.njit(function, nogil=True, boundscheck=boundscheck))


def _checked(function: F) -> F:
    return _compile(function, boundscheck=True)


def _unchecked(function: F) -> F:
    return _compile(function, boundscheck=False)


@_checked
def _varint(raw: Bytes, at: int) -> tuple[int, int]:
    """Return an unsigned LEB128 number, as two's complement, and the offset after it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = raw[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("number of more than 64 bits")


@_checked
def _zigzag(raw: Bytes, at: int) -> tuple[int, int]:
    value, at = _varint(raw, at)
    return ((value >> 1) & 0x7FFF_FFFF_FFFF_FFFF) ^ -(value & 1), at


@_unchecked
def _eight(raw: Bytes, at: int, bit: int) -> int:
    """Return 57 bits or more, starting at a bit; one load, after the compiler is done."""
    k = at + (bit >> 3)
    low = raw[k] | raw[k + 1] << 8 | raw[k + 2] << 16 | raw[k + 3] << 24
    high = raw[k + 4] | raw[k + 5] << 8 | raw[k + 6] << 16 | raw[k + 7] << 24
    return (low | high << 32) >> (bit & 7)  # type: ignore[no-any-return]  # an integer


@_unchecked
def _unpack(raw: Bytes, at: int, width: int, out: Column) -> None:
    """Fill `out` with numbers of `width` bits, lowest bit first."""
    # The only range that the loops below touch; widths are at most a byte and lengths at most a row group,
    # so nothing here overflows.
    if at < 0 or not 0 <= width <= 64 or at + (len(out) * width + 7) // 8 + PADDING > len(raw):
        raise ValueError("values end early")
    if width <= 56:
        mask = (1 << width) - 1
        for i in range(len(out)):
            out[i] = _eight(raw, at, i * width) & mask
    else:
        mask = (1 << (width - 32)) - 1
        for i in range(len(out)):
            low = _eight(raw, at, i * width) & 0xFFFF_FFFF
            out[i] = low | (_eight(raw, at, i * width + 32) & mask) << 32


@_checked
def decode_dictionary(raw: Bytes, dictionary: Column, out: Column) -> None:
    """Fill `out` from RLE_DICTIONARY: runs of one index, or of packed indices, into the dictionary.

    Raises:
        ValueError, IndexError: the page is malformed.
    """
    width, at, done = int(raw[0]), 1, 0
    if width > 32:
        raise ValueError("index of more than 32 bits")
    while done < len(out):
        head, at = _varint(raw, at)
        size = head >> 1
        if not 1 <= size <= 2**31:
            raise ValueError("run of no or too many values")
        if head & 1:
            run = out[done : min(done + size * 8, len(out))]
            _unpack(raw, at, width, run)
            for i in range(len(run)):
                run[i] = dictionary[run[i]]
            at += size * width
        else:
            run = out[done : min(done + size, len(out))]
            index = 0
            for place in range((width + 7) // 8):
                index |= raw[at + place] << 8 * place
            run[:] = dictionary[index]
            at += (width + 7) // 8
        done += len(run)


@_checked
def decode_delta(raw: Bytes, out: Column) -> None:
    """Fill `out`, which is not empty, from DELTA_BINARY_PACKED: differences above the least of each block.

    Raises:
        ValueError, IndexError: the page is malformed.
    """
    size, at = _varint(raw, 0)
    parts, at = _varint(raw, at)
    count, at = _varint(raw, at)
    last, at = _zigzag(raw, at)
    if not 1 <= parts <= size <= 2**24 or size % (parts * 8) != 0 or count != len(out):
        raise ValueError("blocks of another size, or another number of values")
    each = size // parts
    out[0], done = last, 1
    while done < len(out):
        least, at = _zigzag(raw, at)
        widths = at
        at += parts
        for part in range(parts):
            run = out[done : min(done + each, len(out))]
            if len(run) > 0:
                width = int(raw[widths + part])
                _unpack(raw, at, width, run)
                for i in range(len(run)):
                    last += least + run[i]
                    run[i] = last
                at += each * width // 8
                done += len(run)


@_unchecked
def _run_length(series: Column, t: Column) -> int:
    """Return how many readings from the first on are of its series and hour."""
    first, low = series[0], t[0] // HOUR_MS * HOUR_MS
    for start in range(0, len(t), _STRIDE):
        some, times = series[start : start + _STRIDE], t[start : start + _STRIDE]
        # No early exit, so that the compiler can look at several readings at once.
        others = 0
        for i in range(len(times)):
            others += (some[i] != first) | (times[i] < low) | (times[i] >= low + HOUR_MS)
        if others > 0:
            for i in range(len(times)):
                if some[i] != first or times[i] < low or times[i] >= low + HOUR_MS:
                    return start + i
    return len(t)


@_unchecked
def _levels(values: Column) -> tuple[int, int, int]:
    """Return sum, least and greatest."""
    total = np.int64(0)
    least = most = values[0]
    for i in range(len(values)):
        total += values[i]
        least = min(least, values[i])
        most = max(most, values[i])
    return total, least, most  # type: ignore[return-value]  # integers, once compiled


@_unchecked
def _steps(t: Column, v: Column, epoch: Column, gap_ms_max: int) -> tuple[int, int]:
    """Return length and twice the area of the steps that count, from the first reading to the last."""
    later, after, era = t[1:], v[1:], epoch[1:]
    covered = twice = np.int64(0)
    for i in range(len(later)):
        step = later[i] - t[i]
        if (step <= 0) | (step > gap_ms_max) | (era[i] != epoch[i]):
            step = np.int64(0)
        covered += step
        twice += step * (v[i] + after[i])
    return covered, twice  # type: ignore[return-value]  # integers, once compiled


@_unchecked
def fold_hours(
    series: Column, t: Column, v: Column, epoch: Column, gap_ms_max: int, rows: npt.NDArray[np.int64]
) -> int:
    """Add up each stretch of one series and hour into a column of `rows`, and return their number.

    The columns are of one length, and `rows` has ten lines (the fields of `HourFeatures`) of at least it.

    Raises:
        ValueError: a time is outside 1970 to 9999, or the arrays are of other sizes.
    """
    if not 0 < len(t) == len(series) == len(v) == len(epoch) <= rows.shape[1] or rows.shape[0] != 10:
        raise ValueError("arrays of other sizes")
    # Within these times no hour and no step overflows, so every stretch has a reading, and `rows` room.
    _, least, most = _levels(t)
    if least < 0 or most > INSTANT_MS_MAX:
        raise ValueError("times outside 1970 to 9999")
    start = found = 0
    while start < len(t):
        end = start + _run_length(series[start:], t[start:])
        rows[0, found], rows[1, found], rows[2, found] = series[start], t[start] // HOUR_MS, end - start
        _, rows[3, found], rows[4, found] = _levels(t[start:end])
        rows[5, found], rows[6, found], rows[7, found] = _levels(v[start:end])
        # The step into the stretch belongs to it.
        begin = start - 1 if start > 0 and series[start - 1] == series[start] else start
        rows[8, found], rows[9, found] = _steps(t[begin:end], v[begin:end], epoch[begin:end], gap_ms_max)
        found += 1
        start = end
    return found
