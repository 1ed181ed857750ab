"""Transcripts: work that can be done again. Recipes, commitments, draws, openings, replay.

Predicates `transcript`, `opening` and `replay` with strict codecs; spec/transcript.md. A recipe
(spec/recipe.md) is data for a built-in interpreter, never the prover's code. What a failed replay means for
a verdict is judged by the floors above.
"""

from allstop.transcript._draw import draw_indices, draw_seed
from allstop.transcript._items import (
    ITEMS_MAX,
    SALT_BYTES,
    ItemRecord,
    commit_items,
    derive_salt,
    item_nonce,
    open_model,
    record_item,
    seal_model,
)
from allstop.transcript._opening import (
    OPENED_ITEMS_MAX,
    OPENED_ITEMS_TYPE,
    OPENING_PREDICATE,
    EarlierItem,
    OpenedItem,
    Opening,
    format_opened_items,
    format_opening,
    parse_opened_items,
    parse_opening,
)
from allstop.transcript._replay import REPLAY_PREDICATE, Replay, format_replay, parse_replay
from allstop.transcript._sampling import (
    detection_ppm,
    forged_high,
    forged_of_share,
    is_enough,
    miss_probability,
    sample_size,
)
from allstop.transcript._transcript import (
    TRANSCRIPT_PREDICATE,
    Transcript,
    format_transcript,
    parse_transcript,
)

__all__ = [
    "ITEMS_MAX",
    "OPENED_ITEMS_MAX",
    "OPENED_ITEMS_TYPE",
    "OPENING_PREDICATE",
    "REPLAY_PREDICATE",
    "SALT_BYTES",
    "TRANSCRIPT_PREDICATE",
    "EarlierItem",
    "ItemRecord",
    "OpenedItem",
    "Opening",
    "Replay",
    "Transcript",
    "commit_items",
    "derive_salt",
    "detection_ppm",
    "draw_indices",
    "draw_seed",
    "forged_high",
    "forged_of_share",
    "format_opened_items",
    "format_opening",
    "format_replay",
    "format_transcript",
    "is_enough",
    "item_nonce",
    "miss_probability",
    "open_model",
    "parse_opened_items",
    "parse_opening",
    "parse_replay",
    "parse_transcript",
    "record_item",
    "sample_size",
    "seal_model",
]
