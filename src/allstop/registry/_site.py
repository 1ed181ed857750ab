"""Sites: the places whose chips and meters an agreement accounts for (spec/registry.md section 1)."""

from dataclasses import dataclass

from allstop.canon import JSON, Fields
from allstop.ids import Name
from allstop.statement import Audience, Predicate

__all__ = ["NOTE_CHARS_MAX", "SITE_PREDICATE", "Site", "format_site", "parse_site"]

NOTE_CHARS_MAX = 1024
"""Longest note that a fact may carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A declared site and who operates it.

    Wire form: `{"site": "hall-1", "operator": "alder", "note": "first hall"}`. The note is for people: no
    rule reads it.
    """

    site: Name
    operator: Name
    note: str

    def __post_init__(self) -> None:
        if len(self.note) > NOTE_CHARS_MAX:
            raise ValueError(f"site note has {len(self.note)} characters, want at most {NOTE_CHARS_MAX}")


def parse_site(body: JSON) -> Site:
    """Parse the body of a `site` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "site")
    site = Site(
        site=fields.name("site"),
        operator=fields.name("operator"),
        note=fields.text("note", chars_max=NOTE_CHARS_MAX),
    )
    fields.done()
    return site


def format_site(site: Site) -> JSON:
    """Return the body of a `site` statement."""
    return {"site": site.site, "operator": site.operator, "note": site.note}


SITE_PREDICATE = Predicate(
    name=Name("site"),
    parse=parse_site,
    format=format_site,
    audience=Audience.PARTIES,
    secret=("note", "site"),
)
