"""The TOML form of calendars, lengths and duties: `[[calendars]]`, `{ days = 120 }`, `[[duties.duty]]`.

Implements spec/duties.md, sections 2 to 4.
"""

from typing import Final

from allstop.agreement._toml_readers import (
    Key,
    Reader,
    Shape,
    integer,
    list_of,
    optional,
    read_table,
    table,
    text_of,
    wrong,
)
from allstop.canon import JSON
from allstop.clocks import LengthUnit
from allstop.errors import MalformedError

__all__ = ["DUTIES_SHAPE", "calendars", "length"]

_UNITS: Final = {unit.value.replace("-", "_"): unit.value for unit in LengthUnit}


def length(value: object, where: str) -> JSON:
    """Read a length such as `{ days = 120 }` or `{ business_days = 5 }`."""
    if not isinstance(value, dict):
        raise wrong(value, where, "a length such as { days = 120 }")
    if len(value) != 1 or not set(value) <= set(_UNITS):
        raise MalformedError(f"{where}: want exactly one of {', '.join(_UNITS)}, such as {{ days = 120 }}")
    unit, amount = next(iter(value.items()))
    return {"amount": integer(amount, f"{where}.{unit}"), "unit": _UNITS[unit]}


_OFFSET: Final[Shape] = {"from": Key("from", text_of), "minutes": Key("minutes", integer)}
_CALENDAR: Final[Shape] = {
    "name": Key("name", text_of),
    "weekend": optional("weekend", list_of(text_of), []),
    "holidays": optional("holidays", list_of(text_of), []),
    "offsets": optional("offsets", list_of(table(_OFFSET)), []),
}


def calendars(value: object, where: str) -> JSON:
    """Read the calendars of an agreement, a list of tables."""
    return {"tables": list_of(table(_CALENDAR))(value, where)}


_EVENT: Final[Shape] = {
    "event": Key("event", text_of),
    "name": optional("name", text_of),
    "at": optional("at", text_of),
}
_CLOCK: Final[Shape] = {"after": Key("after", table(_EVENT)), "within": Key("within", length)}


def _start(value: object, where: str) -> JSON:
    read = read_table(value, where, _CLOCK)
    event = read["after"]
    return {**(event if isinstance(event, dict) else {}), "within": read["within"]}


_STARTS: Final[dict[str, tuple[Reader, str]]] = {
    "earliest_of": (list_of(_start), "earliest"),
    "latest_of": (list_of(_start), "latest"),
}
_DUTY: Final[Shape] = {
    "name": Key("name", text_of),
    "clause": optional("clause", text_of),
    "text": Key("text", text_of),
    "parties": optional("parties", list_of(text_of), []),
    "kinds": optional("kinds", list_of(text_of), []),
    "every": optional("every", length),
    "times": optional("times", integer),
    "calendar": optional("calendar", text_of),
    "evidence": optional("evidence", list_of(text_of), []),
    "impossible_by": optional("impossibleBy", length),
    "waived_by": optional("waivedBy", text_of),
}
_DUTY_KEYS: Final = (*_DUTY, "after", "within", *_STARTS)


def _duty(value: object, where: str) -> JSON:
    """Read one duty: its clock is either `after` and `within`, or one list of such pairs."""
    if not isinstance(value, dict):
        raise wrong(value, where, "a table")
    for key in value:
        if key not in _DUTY_KEYS:
            raise MalformedError(
                f"{where}: unknown key {str(key)[:48]!r}, want one of {', '.join(_DUTY_KEYS)}"
            )
    result = read_table({key: value[key] for key in value if key in _DUTY}, where, _DUTY)
    lists = [key for key in _STARTS if key in value]
    single = {key: value[key] for key in ("after", "within") if key in value}
    if len(lists) + bool(single) != 1:
        raise MalformedError(f"{where}: want after and within, or earliest_of, or latest_of")
    if single:
        return {**result, "starts": [_start(single, where)], "together": "earliest"}
    read, together = _STARTS[lists[0]]
    return {**result, "starts": read(value[lists[0]], f"{where}.{lists[0]}"), "together": together}


DUTIES_SHAPE: Final[Shape] = {"duty": Key("duties", list_of(_duty))}
"""Keys of the table `[duties]`."""
