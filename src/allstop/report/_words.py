"""Numbers in words, rounded so that a bound stays a bound: upper bounds up, lower bounds down."""

from collections.abc import Sequence
from fractions import Fraction

from allstop.times import DAY_MS, HOUR_MS
from allstop.units import CHIP_MS_PER_CHIP_HOUR, PPM

__all__ = [
    "REHEARSAL",
    "format_chip_time",
    "format_count",
    "format_days",
    "format_energy",
    "format_flop",
    "format_length",
    "format_percent",
    "format_plain",
    "join_words",
]

_MILLIJOULE_PER_KWH = 3_600_000_000
_MILLIJOULE_PER_KJ = 1_000_000


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


def format_length(ms: int) -> str:
    """Return a length of time exactly, in the largest unit that divides it: `30 days`, `90 minutes`, `250 ms`."""
    for name, length in (("day", DAY_MS), ("hour", HOUR_MS), ("minute", 60_000), ("second", 1000)):
        if ms and ms % length == 0:
            return format_count(ms // length, name)
    return f"{ms:,} ms"


def format_energy(millijoule: int) -> str:
    """Return an energy with two decimals, rounded to the nearest: in kWh, or below one in kJ."""
    is_small = abs(millijoule) < _MILLIJOULE_PER_KWH
    hundredths = round(Fraction(100 * millijoule, _MILLIJOULE_PER_KJ if is_small else _MILLIJOULE_PER_KWH))
    whole, part = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole:,}.{part:02d} {'kJ' if is_small else 'kWh'}"


def format_count(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not one: `1 chip`, `1,024 chips`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def join_words(words: Sequence[str]) -> str:
    """Return words in a row: `1A`, `1A and 2A`, `1A, 1B and 2A`."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def format_plain(text: str) -> str:
    """Return words of others on one line: breaks become spaces, what cannot be printed is spelled out."""
    return "".join(
        c if c.isprintable() else " " if c in "\n\t" else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


REHEARSAL = (
    "REHEARSAL: witnesses of this log sign any time they are told, so no time in it is proven to anybody."
)
"""What stands before everything else where time was played."""
