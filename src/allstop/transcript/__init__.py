"""Transcripts: work that can be done again. Recipes, commitments, draws, openings, replay.

Predicates `transcript`, `opening` and `replay` with strict codecs; spec/transcript.md. A recipe
(spec/recipe.md) is data for a built-in interpreter, never the prover's code. What a failed replay means for
a verdict is judged by the floors above.
"""

from allstop.transcript._arithmetic import check_products
from allstop.transcript._check import Checked, check_opening
from allstop.transcript._draw import draw_indices, draw_items, draw_seed
from allstop.transcript._interpret import EXACT, NONCE_BYTES, ExactInterpreter, Interpreter
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
from allstop.transcript._products import Factor, Products
from allstop.transcript._prove import ItemContents, open_items, split_drawn
from allstop.transcript._recipe import (
    ITEM_CONTENT_BYTES_MAX,
    ITEM_ELEMENTS_MAX,
    OPERATIONS_OF_ITEM_MAX,
    RECIPE_TYPE,
    STEP_ELEMENTS_MAX,
    TRACE_BYTES,
    Init,
    Recipe,
    RecipeKind,
    format_recipe,
    given_bytes,
    make_model,
    model_bytes,
    operations_of_item,
    parse_recipe,
    result_bytes,
    work_of_item,
)
from allstop.transcript._replay import REPLAY_PREDICATE, Replay, format_replay, parse_replay
from allstop.transcript._sampling import (
    forged_high,
    forged_of_share,
    is_enough,
    miss_ppm_high,
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
    "EXACT",
    "ITEMS_MAX",
    "ITEM_CONTENT_BYTES_MAX",
    "ITEM_ELEMENTS_MAX",
    "NONCE_BYTES",
    "OPENED_ITEMS_MAX",
    "OPENED_ITEMS_TYPE",
    "OPENING_PREDICATE",
    "OPERATIONS_OF_ITEM_MAX",
    "RECIPE_TYPE",
    "REPLAY_PREDICATE",
    "SALT_BYTES",
    "STEP_ELEMENTS_MAX",
    "TRACE_BYTES",
    "TRANSCRIPT_PREDICATE",
    "Checked",
    "EarlierItem",
    "ExactInterpreter",
    "Factor",
    "Init",
    "Interpreter",
    "ItemContents",
    "ItemRecord",
    "OpenedItem",
    "Opening",
    "Products",
    "Recipe",
    "RecipeKind",
    "Replay",
    "Transcript",
    "check_opening",
    "check_products",
    "commit_items",
    "derive_salt",
    "draw_indices",
    "draw_items",
    "draw_seed",
    "forged_high",
    "forged_of_share",
    "format_opened_items",
    "format_opening",
    "format_recipe",
    "format_replay",
    "format_transcript",
    "given_bytes",
    "is_enough",
    "item_nonce",
    "make_model",
    "miss_ppm_high",
    "miss_probability",
    "model_bytes",
    "open_items",
    "open_model",
    "operations_of_item",
    "parse_opened_items",
    "parse_opening",
    "parse_recipe",
    "parse_replay",
    "parse_transcript",
    "record_item",
    "result_bytes",
    "sample_size",
    "seal_model",
    "split_drawn",
    "work_of_item",
]
