"""The TOML form of the terms of becoming bound and of leaving (spec/binding.md section 2)."""

from typing import Final

from allstop.agreement._toml_readers import (
    Key,
    Shape,
    boolean,
    duration,
    integer,
    list_of,
    optional,
    table,
    text_of,
)

__all__ = ["BINDING_SHAPE"]

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
