"""Gaps and overlaps between the bands of a quantity, found from their bounds alone.

Quantities are taken as dense: between 15 and 16 there is 15.5, whatever the unit. So "more than 16" beside
"less than 16" leaves out exactly 16, and "above 1e22" beside "less than 1e22" exactly 1e22.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from allstop.agreement._definitions import Band

__all__ = ["BandFault", "find_band_faults", "format_amount"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BandFault:
    """A set of amounts that is in no band, or in two. Example: gap in `cluster-h100e`, "exactly 16"."""

    quantity: str
    is_gap: bool
    bands: tuple[str, ...]
    example: str


@dataclass(slots=True)
class _Reach:
    """How far up the bands seen so far leave nothing out; `high` None is without end."""

    high: int | None
    is_closed: bool
    name: str


def find_band_faults(bands: Sequence[Band]) -> tuple[BandFault, ...]:
    """Return every gap and overlap, by quantity in order of first mention, then from small to large."""
    faults: list[BandFault] = []
    for quantity in dict.fromkeys(band.quantity for band in bands):
        own = [band for band in bands if band.quantity == quantity]
        faults.extend(_find_in_quantity(quantity, sorted(own, key=_start)))
    return tuple(faults)


def _start(band: Band) -> tuple[int, int]:
    """Order bands by where they begin: no bound first, then a closed bound before an open one."""
    return (-1, 0) if band.low is None else (band.low, 0 if band.low_closed else 1)


def _find_in_quantity(quantity: str, bands: Sequence[Band]) -> Iterator[BandFault]:
    first = bands[0]
    # Amounts are never negative, so a band from 0 (closed) reaches as low as one without a bound.
    if first.low is not None and _start(first) > (0, 0):
        example = (
            f"exactly {format_amount(first.low)}"
            if first.low == 0
            else f"less than {format_amount(first.low)}"
        )
        yield BandFault(quantity=quantity, is_gap=True, bands=(first.name,), example=example)
    reach = _Reach(high=first.high, is_closed=first.high_closed, name=first.name)
    for band in bands[1:]:
        fault = _compare(quantity, reach, band)
        if fault is not None:
            yield fault
        if _ends_later(band, reach):
            reach = _Reach(high=band.high, is_closed=band.high_closed, name=band.name)
    if reach.high is not None:
        yield BandFault(
            quantity=quantity,
            is_gap=True,
            bands=(reach.name,),
            example=f"more than {format_amount(reach.high)}",
        )


def _ends_later(band: Band, reach: _Reach) -> bool:
    if reach.high is None or band.high is None:
        return reach.high is not None
    return (band.high, band.high_closed) > (reach.high, reach.is_closed)


def _compare(quantity: str, reach: _Reach, band: Band) -> BandFault | None:
    """Compare the end of what is covered with the start of the next band."""
    low = 0 if band.low is None else band.low
    is_low_closed = band.low is None or band.low_closed
    if reach.high is None or low < reach.high:
        is_gap, example = False, _above(low, is_closed=is_low_closed)
    elif low > reach.high:
        is_gap, example = True, f"more than {format_amount(reach.high)} and less than {format_amount(low)}"
    elif is_low_closed == reach.is_closed:
        is_gap, example = not reach.is_closed, f"exactly {format_amount(low)}"
    else:
        return None
    return BandFault(quantity=quantity, is_gap=is_gap, bands=(reach.name, band.name), example=example)


def _above(low: int, *, is_closed: bool) -> str:
    return f"exactly {format_amount(low)}" if is_closed else f"a little more than {format_amount(low)}"


def format_amount(value: int) -> str:
    """Return a whole number as people write it: powers of ten as 1e22, small ones plainly."""
    digits = str(value)
    mantissa = digits.rstrip("0")
    zeros = len(digits) - len(mantissa)
    if len(digits) <= 6 or zeros < len(digits) // 2:
        return digits
    fraction = f".{mantissa[1:]}" if len(mantissa) > 1 else ""
    return f"{mantissa[0]}{fraction}e{len(digits) - 1}"
