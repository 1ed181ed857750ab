"""Decimals, base64 and instants: scalars that travel as JSON strings (spec/canon.md sections 3 to 5).

Python's own `int`, `b64decode` and `fromisoformat` accept several spellings of one value. Each parser
here accepts exactly one, the one that its `format_` writes.
"""

import binascii
import re
from datetime import date

from allstop.errors import MalformedError
from allstop.times import DAY_MS, Instant

__all__ = [
    "DECIMAL_DIGITS_MAX",
    "format_base64",
    "format_decimal",
    "format_instant",
    "parse_base64",
    "parse_base64_any",
    "parse_decimal",
    "parse_instant",
]

DECIMAL_DIGITS_MAX = 40
"""Most digits of a decimal string; `QUANTITY_MAX` is the largest number they can spell."""

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,39})\Z")
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{3}))?Z\Z"
)
_EPOCH = date(1970, 1, 1).toordinal()
_FROM_URL_SAFE = str.maketrans("-_+/", "+/-_")


def parse_decimal(text: str) -> int:
    """Parse an ASCII decimal of 1 to 40 digits with no sign, spaces, underscores or leading zeros.

    Raises:
        MalformedError: `text` is not in that form.
    """
    if _DECIMAL.match(text) is None:
        raise MalformedError(f"malformed decimal {text[:48]!r}, want 1 to 40 digits without leading zeros")
    return int(text)


def format_decimal(value: int) -> str:
    """Return the decimal string of `value`.

    Raises:
        MalformedError: `value` is negative or has more than 40 digits.
    """
    if not 0 <= value < 10**DECIMAL_DIGITS_MAX:
        raise MalformedError(f"decimal is not between 0 and 10^{DECIMAL_DIGITS_MAX} - 1")
    return str(int(value))


def parse_base64(text: str) -> bytes:
    """Parse standard, padded base64 (RFC 4648 section 4) in its only spelling.

    `b64decode(..., validate=True)` takes `QR==` for `QQ==`; so decode, encode again and compare.

    Raises:
        MalformedError: another alphabet, missing padding, set trailing bits, a space or newline.
    """
    try:
        data = binascii.a2b_base64(text)
    except ValueError as exc:
        raise MalformedError(f"malformed base64 {text[:24]!r}") from exc
    if format_base64(data) != text:
        raise MalformedError(f"malformed base64 {text[:24]!r}, want the one canonical spelling")
    return data


def parse_base64_any(text: str) -> bytes:
    """Parse padded base64 in the standard or the URL-safe alphabet, never a mix of both.

    DSSE asks verifiers to take both (dsse-D5); what we write is the standard one.

    Raises:
        MalformedError: `text` is canonical in neither alphabet.
    """
    if "-" in text or "_" in text:
        # Swapping the alphabets makes a stray `+` or `/` of a mixed text invalid.
        text = text.translate(_FROM_URL_SAFE)
    return parse_base64(text)


def format_base64(data: bytes) -> str:
    """Return standard, padded base64 without line breaks."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def parse_instant(text: str) -> Instant:
    """Parse `2026-11-23T09:30:00Z`, or with exactly three decimals if the milliseconds are not zero.

    Raises:
        MalformedError: another form, a day that is not in the calendar, a leap second, a year before 1970.
    """
    match = _INSTANT.match(text)
    if match is None:
        raise MalformedError(f"malformed instant {text[:32]!r}, want YYYY-MM-DDTHH:MM:SS[.mmm]Z")
    if match[7] == "000":
        raise MalformedError(f"malformed instant {text!r}, want no fraction when it is zero")
    try:
        day = date(int(match[1]), int(match[2]), int(match[3])).toordinal() - _EPOCH
    except ValueError as exc:
        raise MalformedError(f"malformed instant {text!r}, there is no such day") from exc
    if day < 0:
        raise MalformedError(f"malformed instant {text!r}, want 1970 or later")
    seconds = (int(match[4]) * 60 + int(match[5])) * 60 + int(match[6])
    return Instant(day * DAY_MS + seconds * 1000 + int(match[7] or "0"))


def format_instant(instant: Instant) -> str:
    """Return the one spelling of `instant`: no fraction if its milliseconds are zero, else three digits."""
    day, ms = divmod(instant.ms, DAY_MS)
    seconds, ms = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    fraction = f".{ms:03d}" if ms else ""
    day_text = date.fromordinal(day + _EPOCH).isoformat()
    return f"{day_text}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}{fraction}Z"
