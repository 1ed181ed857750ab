"""The TOML form of a length of time in one unit: `{ hours = 36 }`, `{ business_days = 5 }` (spec/duties.md section 3)."""

from allstop.agreement._toml_readers import integer, wrong
from allstop.canon import JSON
from allstop.clocks import LengthUnit
from allstop.errors import MalformedError

__all__ = ["length_of"]

_UNITS = {unit.value.replace("-", "_"): unit.value for unit in LengthUnit}


def length_of(value: object, where: str) -> JSON:
    """Read a table with exactly one unit, such as `{ days = 120 }`, as the wire form of a length.

    Raises:
        MalformedError: it is not such a table.
    """
    if not isinstance(value, dict):
        raise wrong(value, where, "a length of time such as { days = 120 }")
    if len(value) != 1 or next(iter(value)) not in _UNITS:
        raise MalformedError(f"{where}: want exactly one of {', '.join(_UNITS)}")
    unit, amount = next(iter(value.items()))
    return {"amount": integer(amount, f"{where}.{unit}"), "unit": _UNITS[unit]}
