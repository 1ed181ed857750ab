"""The TOML form of the terms of a halt: `[halt]`, `[[halt.permitted]]`, `[[halt.resume]]` (spec/halting.md section 2)."""

from typing import Final

from allstop.agreement._toml_readers import (
    Key,
    Shape,
    duration,
    list_of,
    number,
    optional,
    table,
    text_of,
)
from allstop.units import CHIP_MS_PER_CHIP_HOUR

__all__ = ["HALT_SHAPE"]

_PERMITTED: Final[Shape] = {
    "name": Key("name", text_of),
    "jobs": Key("jobs", list_of(text_of)),
    "purposes": optional("purposes", list_of(text_of), []),
    "parties": optional("parties", list_of(text_of), []),
    "cap_chip_hours": optional(
        "capChipMs", number(scale=CHIP_MS_PER_CHIP_HOUR, what='chip-hours such as "485.5"')
    ),
}
_RESUME: Final[Shape] = {
    "motion": Key("motion", text_of),
    "permitted": Key("permitted", list_of(text_of)),
    "parties": optional("parties", list_of(text_of), []),
}
HALT_SHAPE: Final[Shape] = {
    "drain": Key("drainMs", duration),
    "inventory": Key("inventoryMs", duration),
    "permitted": optional("permitted", list_of(table(_PERMITTED)), []),
    "resume": optional("resume", list_of(table(_RESUME)), []),
}
"""Keys of the table `[halt]`."""
