"""Strict encodings: one value, one spelling (spec/canon.md).

Canonical JSON without floats, decimals, base64, instants, quantities, and `Fields`, the reader with
which every format above takes its objects apart. Nothing here knows a predicate or a signature.
"""

from allstop.canon._fields import TEXT_CHARS_MAX, Fields
from allstop.canon._json import (
    JSON,
    JSON_BYTES_MAX,
    JSON_DEPTH_MAX,
    JSON_INTEGER_MAX,
    format_json,
    parse_canonical_json,
    parse_json,
)
from allstop.canon._quantity import format_quantity, format_window, parse_quantity
from allstop.canon._scalars import (
    DECIMAL_DIGITS_MAX,
    format_base64,
    format_decimal,
    format_instant,
    parse_base64,
    parse_base64_any,
    parse_decimal,
    parse_instant,
)

__all__ = [
    "DECIMAL_DIGITS_MAX",
    "JSON",
    "JSON_BYTES_MAX",
    "JSON_DEPTH_MAX",
    "JSON_INTEGER_MAX",
    "TEXT_CHARS_MAX",
    "Fields",
    "format_base64",
    "format_decimal",
    "format_instant",
    "format_json",
    "format_quantity",
    "format_window",
    "parse_base64",
    "parse_base64_any",
    "parse_canonical_json",
    "parse_decimal",
    "parse_instant",
    "parse_json",
    "parse_quantity",
]
