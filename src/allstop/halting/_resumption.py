"""The `resumption` predicate: an operator says that it runs a permitted class of work again.

Implements spec/halting.md section 5. The statement permits nothing: the adopted motion that it names does, where
the agreement says so. It is there so that what runs again is announced, and by which motion.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate

__all__ = ["RESUMPTION_PREDICATE", "Resumption", "format_resumption", "parse_resumption"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """A class of work that runs at a site again, and by which motion.

        {"site": "hall-1", "permitted": "safety-training", "motion": "9f86..."}

    `motion` is the digest of the statement that proposed the motion that was adopted.
    """

    site: Name
    permitted: Name
    motion: Digest


def parse_resumption(body: JSON) -> Resumption:
    """Parse the body of a `resumption` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "resumption")
    resumption = Resumption(
        site=fields.name("site"), permitted=fields.name("permitted"), motion=fields.digest("motion")
    )
    fields.done()
    return resumption


def format_resumption(resumption: Resumption) -> JSON:
    """Return the body of a `resumption` statement."""
    return {"site": resumption.site, "permitted": resumption.permitted, "motion": resumption.motion}


RESUMPTION_PREDICATE = Predicate(
    name=Name("resumption"),
    parse=parse_resumption,
    format=format_resumption,
    audience=Audience.PARTIES,
    secret=("site",),
)
