"""The prover's side: blobs that open the drawn items, and nothing of the others (spec/transcript.md section 5)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from allstop.canon import JSON_BYTES_MAX
from allstop.errors import LimitError
from allstop.tlog import Hash, HashTree, prove_inclusion
from allstop.transcript._items import ItemRecord, item_blind, item_leaf
from allstop.transcript._opening import (
    OPENED_ITEMS_MAX,
    EarlierItem,
    OpenedItem,
    format_opened_items,
)
from allstop.transcript._recipe import Recipe, given_bytes, model_bytes, result_bytes

__all__ = ["ItemContents", "open_items", "split_drawn"]

_ITEM_FRAME_BYTES = 8192
"""More than an opened item takes beside its contents: keys, digests, and two proofs of 24 hashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemContents:
    """What a prover keeps of an item. `state` is what a later step of training began from, else None."""

    state: bytes | None
    request: bytes
    result: bytes


def open_items(
    records: Iterable[ItemRecord],
    *,
    drawn: Sequence[int],
    contents: Callable[[int], ItemContents],
) -> bytes:
    """Return the blob that opens the drawn items and shows nothing of the others.

    `records` are all items that were committed to; `contents` is asked for the drawn ones.

    Raises:
        ValueError: an index is not that of an item.
        MalformedError: the blob would be too long or hold too many items.
    """
    halves = [(item_blind(record), record) for record in records]
    if any(not 0 <= index < len(halves) for index in drawn):
        raise ValueError(f"drawn items are not all among the {len(halves)} items")
    tree = HashTree(item_leaf(index=i, blind=blind, after=r.after) for i, (blind, r) in enumerate(halves))

    def prove(index: int) -> tuple[Hash, ...]:
        return prove_inclusion(index=index, size=tree.size, hash_at=tree.hash_at)

    items = []
    for index in sorted(drawn):
        content = contents(index)
        earlier = None
        if content.state is not None and index > 0:
            blind, before = halves[index - 1]
            earlier = EarlierItem(blind=blind, after=before.after, proof=prove(index - 1))
        items.append(
            OpenedItem(
                record=halves[index][1],
                state=content.state,
                request=content.request,
                result=content.result,
                proof=prove(index),
                earlier=earlier,
            )
        )
    return format_opened_items(items)


def split_drawn(recipe: Recipe, drawn: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return the drawn items in groups, ascending, each of which surely fits one blob.

    Raises:
        LimitError: one item alone might not fit.
    """
    state = model_bytes(recipe) if recipe.kind.is_training else 0
    contents = (given_bytes(recipe), result_bytes(recipe), state)
    item_bytes = _ITEM_FRAME_BYTES + sum(4 * (size // 3 + 1) for size in contents)
    fit = min((JSON_BYTES_MAX - _ITEM_FRAME_BYTES) // item_bytes, OPENED_ITEMS_MAX)
    if fit == 0:
        raise LimitError(f"an opened item has up to {item_bytes} bytes, more than a blob of {JSON_BYTES_MAX}")
    indices = sorted(drawn)
    return tuple(tuple(indices[start : start + fit]) for start in range(0, len(indices), fit))
