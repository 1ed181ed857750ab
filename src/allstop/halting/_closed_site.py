"""The `closed-site` predicate: a site that its operator does not open, what it could do, and which access it offers.

Implements spec/halting.md section 6. Closing a site hides its work, not its capacity: the chips that are stated
count in full, as if nobody had ever seen them idle, unless some meter has.
"""

import itertools
from dataclasses import dataclass

from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.finding import CHIP_INDEX_MAX
from allstop.ids import Name
from allstop.statement import Audience, Predicate

__all__ = [
    "CLOSED_SITE_PREDICATE",
    "CLOSED_TEXT_CHARS_MAX",
    "CLOSED_TYPES_MAX",
    "ClosedSite",
    "format_closed_site",
    "parse_closed_site",
]

CLOSED_TYPES_MAX = 64
"""Most types of chips of one closed site."""

CLOSED_TEXT_CHARS_MAX = 1024
"""Longest reason, and longest description of the access that is offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedSite:
    """A site that inspectors may not enter freely, and what is offered instead (managed access).

        {"site": "hall-9", "reason": "national security", "access": "power at the fence, read by a verifier",
         "capacity": [{"chipType": "h100-sxm-80gb", "count": 64}]}

    `capacity` is the most that the site holds, in ascending order of type: with what is registered there, the
    larger counts. Reason and access are for people; no rule reads them. Range: 1 to CLOSED_TYPES_MAX types.
    """

    site: Name
    reason: str
    access: str
    capacity: tuple[tuple[Name, int], ...]

    def __post_init__(self) -> None:
        for what, text in (("reason", self.reason), ("access", self.access)):
            if not text.strip():
                raise ValueError(f"{what} is empty, want what people may know of it")
            if len(text) > CLOSED_TEXT_CHARS_MAX:
                raise ValueError(f"{what} has {len(text)} characters, want at most {CLOSED_TEXT_CHARS_MAX}")
        if not 1 <= len(self.capacity) <= CLOSED_TYPES_MAX:
            raise ValueError(f"capacity has {len(self.capacity)} types, want 1 to {CLOSED_TYPES_MAX}")
        for (before, _), (after, _) in itertools.pairwise(self.capacity):
            if not before < after:
                raise ValueError(f"capacity lists {after} after {before}, want ascending types")
        for kind, count in self.capacity:
            if not 1 <= count <= CHIP_INDEX_MAX:
                raise ValueError(f"capacity has {count} chips of {kind}, want 1 to {CHIP_INDEX_MAX}")


def parse_closed_site(body: JSON) -> ClosedSite:
    """Parse the body of a `closed-site` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "closed-site")
    try:
        closed = ClosedSite(
            site=fields.name("site"),
            reason=fields.text("reason", CLOSED_TEXT_CHARS_MAX),
            access=fields.text("access", CLOSED_TEXT_CHARS_MAX),
            capacity=tuple(_parse_type(one) for one in fields.objects("capacity", CLOSED_TYPES_MAX)),
        )
    except ValueError as exc:
        raise MalformedError(f"closed-site: {exc}") from exc
    fields.done()
    return closed


def _parse_type(fields: Fields) -> tuple[Name, int]:
    found = (fields.name("chipType"), fields.integer("count", low=1, high=CHIP_INDEX_MAX))
    fields.done()
    return found


def format_closed_site(closed: ClosedSite) -> JSON:
    """Return the body of a `closed-site` statement."""
    return {
        "site": closed.site,
        "reason": closed.reason,
        "access": closed.access,
        "capacity": [{"chipType": kind, "count": count} for kind, count in closed.capacity],
    }


CLOSED_SITE_PREDICATE = Predicate(
    name=Name("closed-site"),
    parse=parse_closed_site,
    format=format_closed_site,
    audience=Audience.VERIFIERS,
    secret=("access", "capacity", "reason", "site"),
)
