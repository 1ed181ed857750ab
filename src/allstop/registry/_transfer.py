"""Transfers: chips that come, go or are destroyed (spec/registry.md section 3).

What lowers a party's count is in its favour, so the fold gives it effect only if the other side has
signed too. The codec does not check that.
"""

from dataclasses import dataclass
from enum import Enum

from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.finding import CHIP_INDEX_MAX
from allstop.ids import Name
from allstop.statement import Audience, Predicate

__all__ = ["TRANSFER_PREDICATE", "Transfer", "TransferKind", "format_transfer", "parse_transfer"]


class TransferKind(Enum):
    """What happened to the chips: moved between sites, destroyed, or delivered by a supplier."""

    TRANSFER = "transfer"
    DESTRUCTION = "destruction"
    SUPPLY = "supply"


_ENDS = {
    TransferKind.TRANSFER: (True, True),
    TransferKind.DESTRUCTION: (True, False),
    TransferKind.SUPPLY: (False, True),
}
"""Whether each kind names the site that the chips leave, and the site that they reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """`count` chips of one lot leave `from_site`, reach `to_site`, or both.

        {"lot": "alder-h100", "kind": "transfer", "fromSite": "hall-1", "toSite": "hall-2",
         "chipType": "h100-sxm-80gb", "count": 8}

    A transfer names two different sites; a destruction only `from_site`; a supply only `to_site`.
    """

    lot: Name
    kind: TransferKind
    from_site: Name | None
    to_site: Name | None
    chip_type: Name
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= CHIP_INDEX_MAX:
            raise ValueError(f"transfer has {self.count} chips, want 1 to {CHIP_INDEX_MAX}")
        wants_from, wants_to = _ENDS[self.kind]
        if (self.from_site is not None) != wants_from:
            raise ValueError(f"{self.kind.value} {'needs' if wants_from else 'cannot have'} a site of origin")
        if (self.to_site is not None) != wants_to:
            raise ValueError(f"{self.kind.value} {'needs' if wants_to else 'cannot have'} a site of arrival")
        if self.from_site == self.to_site:
            raise ValueError(f"transfer leaves and reaches the same site {self.to_site}")


def parse_transfer(body: JSON) -> Transfer:
    """Parse the body of a `transfer` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "transfer")
    try:
        transfer = Transfer(
            lot=fields.name("lot"),
            kind=fields.choice("kind", TransferKind),
            from_site=None if fields.raw("fromSite") is None else fields.name("fromSite"),
            to_site=None if fields.raw("toSite") is None else fields.name("toSite"),
            chip_type=fields.name("chipType"),
            count=fields.integer("count", low=1, high=CHIP_INDEX_MAX),
        )
    except ValueError as exc:
        raise MalformedError(f"transfer: {exc}") from exc
    fields.done()
    return transfer


def format_transfer(transfer: Transfer) -> JSON:
    """Return the body of a `transfer` statement."""
    return {
        "lot": transfer.lot,
        "kind": transfer.kind.value,
        "fromSite": transfer.from_site,
        "toSite": transfer.to_site,
        "chipType": transfer.chip_type,
        "count": transfer.count,
    }


TRANSFER_PREDICATE = Predicate(
    name=Name("transfer"),
    parse=parse_transfer,
    format=format_transfer,
    audience=Audience.VERIFIERS,
    secret=("chipType", "count", "fromSite", "kind", "lot", "toSite"),
)
