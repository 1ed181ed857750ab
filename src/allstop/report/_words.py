"""Numbers in words, rounded so that a bound stays a bound: upper bounds up, lower bounds down."""

from allstop.times import DAY_MS
from allstop.units import CHIP_MS_PER_CHIP_HOUR, PPM

__all__ = ["format_chip_time", "format_days", "format_flop", "format_percent"]


def format_flop(flop: int, *, up: bool) -> str:
    """Return operations with three digits, such as `3.46e21`, rounded up or down."""
    if flop < 1000:
        return str(flop)
    exponent = len(str(flop)) - 1
    unit = 10 ** (exponent - 2)
    digits = -(-flop // unit) if up else flop // unit
    if digits == 1000:
        digits, exponent = 100, exponent + 1
    return f"{digits // 100}.{digits % 100:02d}e{exponent}"


def format_chip_time(chip_ms: int, *, up: bool) -> str:
    """Return chip-time with one decimal, in chip-hours, or below one chip-hour in chip-seconds."""
    is_small = chip_ms < CHIP_MS_PER_CHIP_HOUR
    tenth = 100 if is_small else CHIP_MS_PER_CHIP_HOUR // 10
    tenths = -(-chip_ms // tenth) if up else chip_ms // tenth
    return f"{tenths // 10:,}.{tenths % 10} chip-{'s' if is_small else 'h'}"


def format_percent(part: int, whole: int, *, up: bool) -> str:
    """Return a share in per cent: two digits below one, whole above; `whole` must be positive."""
    ppm = -(-part * PPM // whole) if up else part * PPM // whole
    if ppm >= PPM // 100:
        return f"{-(-ppm // 10_000) if up else ppm // 10_000:,} %"
    hundredths = -(-ppm // 100) if up else ppm // 100
    return f"0.{hundredths:02d} %"


def format_days(ms: int | None) -> str:
    """Return a time that a run needs, rounded down: minutes, hours, days or years."""
    if ms is None:
        return "longer than anyone will wait"
    for name, length in (("years", 365 * DAY_MS), ("days", DAY_MS), ("hours", DAY_MS // 24)):
        if ms >= length:
            tenths = ms * 10 // length
            return f"{tenths // 10:,}.{tenths % 10} {name}"
    return f"{ms // 60_000} minutes"
