"""The `awareness` predicate: a party says since when it knows of an event, or another one gives it notice.

Implements spec/duties.md section 5. A clock that starts "from awareness" would never start for a party that
keeps silent; so notice by anybody else starts it too, from when the notice is proven to be in the log.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_instant
from allstop.duty._matter import check_matter
from allstop.ids import Name
from allstop.statement import Audience, Predicate
from allstop.times import Instant

__all__ = ["AWARENESS_PREDICATE", "Awareness", "format_awareness", "parse_awareness"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Awareness:
    """`party` has known of one event of this kind since an instant, as the filer says.

        {"event": "incident", "matter": "leak-2027-03", "party": "alder", "awareAt": "2027-03-01T09:30:00Z"}

    `matter` names the one event, so that all who speak of it mean the same. If the filer is not `party`, this is
    notice, and `aware_at` is when the filer learned of it.
    """

    event: Name
    matter: str
    party: Name
    aware_at: Instant

    def __post_init__(self) -> None:
        check_matter(self.matter)


def parse_awareness(body: JSON) -> Awareness:
    """Parse the body of an `awareness` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "awareness")
    awareness = Awareness(
        event=fields.name("event"),
        matter=fields.text("matter"),
        party=fields.name("party"),
        aware_at=fields.instant("awareAt"),
    )
    fields.done()
    return awareness


def format_awareness(awareness: Awareness) -> JSON:
    """Return the body of an `awareness` statement."""
    return {
        "event": awareness.event,
        "matter": awareness.matter,
        "party": awareness.party,
        "awareAt": format_instant(awareness.aware_at),
    }


AWARENESS_PREDICATE = Predicate(
    name=Name("awareness"),
    parse=parse_awareness,
    format=format_awareness,
    audience=Audience.PARTIES,
    secret=("awareAt", "matter"),
)
