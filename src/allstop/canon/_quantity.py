"""Quantities and windows as JSON (spec/canon.md sections 6 and 7)."""

from allstop.canon._fields import Fields
from allstop.canon._json import JSON
from allstop.canon._scalars import format_decimal, format_instant
from allstop.times import Window
from allstop.units import Quantity

__all__ = ["format_quantity", "format_window", "parse_quantity"]


def parse_quantity(value: JSON) -> Quantity:
    """Parse `{"low": "1", "high": "2", "unit": "flop"}`.

    Raises:
        MalformedError: a key is missing or unknown, a bound is no decimal, the bounds are crossed, the
            unit is unknown.
    """
    return Fields(value, "quantity").as_quantity()


def format_quantity(quantity: Quantity) -> JSON:
    """Return the JSON value of `quantity`: both bounds as decimal strings, and the unit."""
    return {
        "high": format_decimal(quantity.high),
        "low": format_decimal(quantity.low),
        "unit": quantity.unit.value,
    }


def format_window(window: Window) -> JSON:
    """Return the JSON value of `window`: `{"from": ..., "until": ...}`, half-open."""
    return {"from": format_instant(window.start), "until": format_instant(window.end)}
