"""The `transcript` predicate: a commitment to all items of a job, made before any draw.

Implements spec/transcript.md section 2. The codec cannot tell whether the items exist or were done.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_decimal, format_window
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Predicate, SeenCheckpoint
from allstop.times import Window
from allstop.transcript._items import ITEMS_MAX

__all__ = ["TRANSCRIPT_PREDICATE", "Transcript", "format_transcript", "parse_transcript"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """`count` items of a job under one root, done by one recipe from one model after one beacon.

        {"transcript": "run-1-a", "job": "run-1", "site": "hall-1",
         "window": {"from": "2026-11-23T00:00:00Z", "until": "2026-11-24T00:00:00Z"},
         "recipe": "9f86...", "beacon": {"root": "7c1e...", "size": "12"}, "model": "2c26...",
         "count": 4000, "root": "fcde..."}

    `beacon` is a cosigned checkpoint from which the nonces follow: no item was done before it. `model` is
    the digest of the sealed model. Range: `1 <= count <= ITEMS_MAX`.
    """

    transcript: Name
    job: Name
    site: Name
    window: Window
    recipe: Digest
    beacon: SeenCheckpoint
    model: Digest
    count: int
    root: Digest

    def __post_init__(self) -> None:
        if not 1 <= self.count <= ITEMS_MAX:
            raise ValueError(f"transcript {self.transcript} has {self.count} items, want 1 to {ITEMS_MAX}")


def parse_transcript(body: JSON) -> Transcript:
    """Parse the body of a `transcript` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "transcript")
    transcript = Transcript(
        transcript=fields.name("transcript"),
        job=fields.name("job"),
        site=fields.name("site"),
        window=fields.window("window"),
        recipe=fields.digest("recipe"),
        beacon=_parse_beacon(fields.object("beacon")),
        model=fields.digest("model"),
        count=fields.integer("count", low=1, high=ITEMS_MAX),
        root=fields.digest("root"),
    )
    fields.done()
    return transcript


def _parse_beacon(fields: Fields) -> SeenCheckpoint:
    beacon = SeenCheckpoint(size=fields.decimal("size"), root=fields.digest("root"))
    fields.done()
    if beacon.size == 0:
        raise MalformedError(f"{fields.where}.size: found 0, but the root of an empty tree is known to all")
    return beacon


def format_transcript(transcript: Transcript) -> JSON:
    """Return the body of a `transcript` statement."""
    beacon = transcript.beacon
    return {
        "transcript": transcript.transcript,
        "job": transcript.job,
        "site": transcript.site,
        "window": format_window(transcript.window),
        "recipe": transcript.recipe,
        "beacon": {"root": beacon.root, "size": format_decimal(beacon.size)},
        "model": transcript.model,
        "count": transcript.count,
        "root": transcript.root,
    }


TRANSCRIPT_PREDICATE = Predicate(name=Name("transcript"), parse=parse_transcript, format=format_transcript)
"""Its subject `recipe` is the blob of the recipe."""
