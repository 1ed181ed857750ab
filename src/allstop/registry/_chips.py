"""Lots of identical chips, with their serial numbers committed (spec/registry.md section 2).

The codec does not check that the type is in the reference table or that the site is declared: the fold
does, since a statement that breaks a rule becomes a finding.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.finding import CHIP_INDEX_MAX
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = ["CHIPS_PREDICATE", "Chips", "format_chips", "parse_chips"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chips:
    """A lot of `count` identical chips at one site, with indices 0 to `count - 1`.

        {"lot": "alder-h100", "site": "hall-1", "chipType": "h100-sxm-80gb", "count": 512,
         "serialsRoot": "5f2c...", "serialsCount": 512}

    `serials_root` is absent exactly if `serials_count` is 0. Range: `1 <= count`,
    `0 <= serials_count <= count`.
    """

    lot: Name
    site: Name
    chip_type: Name
    count: int
    serials_root: Digest | None
    serials_count: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= CHIP_INDEX_MAX:
            raise ValueError(f"lot has {self.count} chips, want 1 to {CHIP_INDEX_MAX}")
        if not 0 <= self.serials_count <= self.count:
            raise ValueError(f"lot commits to {self.serials_count} serials, want 0 to {self.count}")
        if (self.serials_root is None) != (self.serials_count == 0):
            raise ValueError("lot has a serials root exactly if it commits to serials")


def parse_chips(body: JSON) -> Chips:
    """Parse the body of a `chips` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "chips")
    root = None if fields.raw("serialsRoot") is None else fields.digest("serialsRoot")
    try:
        chips = Chips(
            lot=fields.name("lot"),
            site=fields.name("site"),
            chip_type=fields.name("chipType"),
            count=fields.integer("count", low=1, high=CHIP_INDEX_MAX),
            serials_root=root,
            serials_count=fields.integer("serialsCount", high=CHIP_INDEX_MAX),
        )
    except ValueError as exc:
        raise MalformedError(f"chips: {exc}") from exc
    fields.done()
    return chips


def format_chips(chips: Chips) -> JSON:
    """Return the body of a `chips` statement."""
    return {
        "lot": chips.lot,
        "site": chips.site,
        "chipType": chips.chip_type,
        "count": chips.count,
        "serialsRoot": chips.serials_root,
        "serialsCount": chips.serials_count,
    }


CHIPS_PREDICATE = Predicate(
    name=Name("chips"),
    parse=parse_chips,
    format=format_chips,
    audience=Audience.VERIFIERS,
    secret=("chipType", "count", "lot", "serialsCount", "serialsRoot", "site"),
)
