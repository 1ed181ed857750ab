"""The TOML form of the terms of becoming bound and of leaving (spec/binding.md section 2)."""

from typing import Final

from allstop.agreement._toml_length import length_of
from allstop.agreement._toml_readers import (
    Key,
    Shape,
    boolean,
    duration,
    integer,
    list_of,
    optional,
    read_number,
    table,
    text_of,
)
from allstop.canon import JSON
from allstop.units import PPM

__all__ = ["BINDING_SHAPE", "LEAVING_SHAPE"]


def _percent(value: object, where: str) -> JSON:
    return read_number(value, where, scale=PPM // 100, what='percent such as "10"')


_SEALED: Final[Shape] = {
    "custodians": Key("custodians", list_of(text_of)),
    "threshold": Key("threshold", integer),
    "receipts": Key("receipts", integer),
    "close": Key("close", text_of),
    "open_by": Key("openBy", text_of),
}
_ACCESSION: Final[Shape] = {
    "until": optional("until", text_of),
    "rule": optional("rule", text_of),
    "lead": Key("leadMs", duration),
}
BINDING_SHAPE: Final[Shape] = {
    "signature_first": optional("signatureFirst", list_of(text_of), []),
    "approval_first": optional("approvalFirst", list_of(text_of), []),
    "withdrawable": optional("withdrawable", boolean, False),
    "provisional": optional("provisional", list_of(text_of), []),
    "reservable": optional("reservable", list_of(text_of), []),
    "sealed": optional("sealed", table(_SEALED)),
    "accession": optional("accession", table(_ACCESSION)),
}
"""Keys of the table `[binding]`."""
_SPRINT: Final[Shape] = {"percent": Key("growthPpm", _percent), "window": Key("windowMs", duration)}
LEAVING_SHAPE: Final[Shape] = {
    "notice": Key("notice", length_of),
    "survives": optional("survives", list_of(text_of), []),
    "together": optional("together", boolean, True),
    "vote": optional("vote", text_of),
    "sprint": optional("sprint", table(_SPRINT)),
}
"""Keys of the table `[leaving]`."""
