"""The `transcript` predicate: a commitment to all items of a job, made before any draw.

Implements spec/transcript.md section 2. The codec cannot tell whether the items exist or were done.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_window
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.times import Window
from allstop.transcript._items import ITEMS_MAX

__all__ = ["TRANSCRIPT_PREDICATE", "Transcript", "format_transcript", "parse_transcript"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """`count` items of a job under one root, done by one recipe from one model after one beacon.

        {"transcript": "run-1-a", "job": "run-1", "site": "hall-1",
         "window": {"from": "2026-11-23T00:00:00Z", "until": "2026-11-24T00:00:00Z"},
         "recipe": "9f86...", "beacon": "7c1e...", "model": "2c26...",
         "count": 4000, "root": "fcde..."}

    `beacon` is the SHA-256 of a cosigned note as the log quotes it, from which the nonces follow: no item was
    done before it. The root alone would not do: whoever runs the log can know it long before the witnesses
    sign, but not their signatures. `model` is the digest of the sealed model.
    Range: `1 <= count <= ITEMS_MAX`.
    """

    transcript: Name
    job: Name
    site: Name
    window: Window
    recipe: Digest
    beacon: Digest
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
        beacon=fields.digest("beacon"),
        model=fields.digest("model"),
        count=fields.integer("count", low=1, high=ITEMS_MAX),
        root=fields.digest("root"),
    )
    fields.done()
    return transcript


def format_transcript(transcript: Transcript) -> JSON:
    """Return the body of a `transcript` statement."""
    return {
        "transcript": transcript.transcript,
        "job": transcript.job,
        "site": transcript.site,
        "window": format_window(transcript.window),
        "recipe": transcript.recipe,
        "beacon": transcript.beacon,
        "model": transcript.model,
        "count": transcript.count,
        "root": transcript.root,
    }


TRANSCRIPT_PREDICATE = Predicate(
    name=Name("transcript"),
    parse=parse_transcript,
    format=format_transcript,
    audience=Audience.VERIFIERS,
    secret=("beacon", "count", "job", "model", "recipe", "root", "site", "transcript", "window"),
)
"""Its subject `recipe` is the blob of the recipe."""
