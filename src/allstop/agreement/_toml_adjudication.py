"""The TOML form of adjudication: `[adjudication]`, its panels and `[[adjudication.measure]]` (spec/adjudication.md section 2)."""

from typing import Final

from allstop.agreement._toml_length import length_of
from allstop.agreement._toml_readers import (
    Key,
    Shape,
    boolean,
    integer,
    list_of,
    optional,
    read_table,
    table,
    text_of,
)
from allstop.canon import JSON

__all__ = ["ADJUDICATION_SHAPE"]

_PANEL: Final[Shape] = {
    "members": Key("members", list_of(text_of)),
    "quorum": Key("quorum", integer),
    "blocs": Key("blocs", integer),
}
_WHEN: Final[Shape] = {
    "confirmed": Key("confirmed", boolean),
    "uncured_for": optional("uncuredFor", length_of),
    "after": optional("after", text_of),
}
_ENDS: Final[Shape] = {
    "cured": optional("cured", boolean, False),
    "motion": optional("motion", text_of),
}


def _ends(value: object, where: str) -> JSON:
    """Read when a measure ends: `cured`, `motion` and a length such as `days = 90`, in any number."""
    given = dict(value) if isinstance(value, dict) else value
    found: JSON = None
    if isinstance(given, dict):
        units = {key: given.pop(key) for key in list(given) if key not in _ENDS}
        found = length_of(units, where) if units else None
    return {**read_table(given, where, _ENDS), "length": found}


_MEASURE: Final[Shape] = {
    "name": Key("name", text_of),
    "kind": Key("kind", text_of),
    "when": Key("when", table(_WHEN)),
    "by": optional("by", text_of),
    "clauses": optional("clauses", list_of(text_of), []),
    "ends": optional("ends", _ends, {"cured": False, "length": None, "motion": None}),
}
ADJUDICATION_SHAPE: Final[Shape] = {
    "acknowledge": Key("acknowledge", length_of),
    "answer": Key("answer", length_of),
    "cure": optional("cure", length_of),
    "ruling": Key("ruling", length_of),
    "appeal": optional("appeal", length_of),
    "impediment": optional("impediment", length_of),
    "calendar": optional("calendar", text_of),
    "panel": Key("panel", table(_PANEL)),
    "appeal_panel": optional("appealPanel", table(_PANEL)),
    "measure": optional("measures", list_of(table(_MEASURE)), []),
}
"""Keys of the table `[adjudication]`."""
