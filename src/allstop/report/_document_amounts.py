"""Amounts of the report: exact values with words that are rounded to the worse side."""

from allstop.agreement import ObligationKind
from allstop.report._document import Amount
from allstop.report._words import format_chip_time, format_count, format_flop, format_percent
from allstop.units import PPM, Unit

__all__ = ["NO_BOUND", "chip_time", "flop", "measure", "missing", "share", "share_of"]

NO_BOUND = "no bound"


def missing(unit: Unit, words: str = NO_BOUND) -> Amount:
    """Return an amount that nothing bounds, or that was not established."""
    return Amount(value=None, unit=unit, words=words)


def flop(value: int | None, *, up: bool) -> Amount:
    """Return operations; None is no bound."""
    if value is None:
        return missing(Unit.FLOP)
    return Amount(value=value, unit=Unit.FLOP, words=f"{format_flop(value, up=up)} FLOP")


def chip_time(value: int | None, *, up: bool) -> Amount:
    """Return chip-time; None is no bound."""
    if value is None:
        return missing(Unit.CHIP_MS)
    return Amount(value=value, unit=Unit.CHIP_MS, words=format_chip_time(value, up=up))


def share(ppm: int, *, up: bool) -> Amount:
    """Return a share that is given in parts per million."""
    return Amount(value=ppm, unit=Unit.PPM, words=format_percent(ppm, PPM, up=up))


def share_of(part: int | None, whole: int, *, up: bool) -> Amount:
    """Return the share that `part` is of `whole`; without bound if `part` has none."""
    if part is None:
        return missing(Unit.PPM)
    ppm = -(-part * PPM // whole) if up else part * PPM // whole
    return Amount(value=ppm, unit=Unit.PPM, words=format_percent(part, whole, up=up))


def measure(kind: ObligationKind, value: int | None, *, up: bool) -> Amount:
    """Return an amount in the measure of a kind of clause."""
    match kind.unit:
        case Unit.FLOP:
            return flop(value, up=up)
        case Unit.CHIP_MS:
            return chip_time(value, up=up)
        case Unit.PPM:
            return missing(Unit.PPM) if value is None else share(value, up=up)
        case _:
            words = NO_BOUND if value is None else format_count(value, "chip")
            return Amount(value=value, unit=kind.unit, words=words)
