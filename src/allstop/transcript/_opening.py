"""The `opening` predicate, and the blob of opened items that it names.

Implements spec/transcript.md sections 4 and 5. The blob holds the drawn items in full, each with the proof
that it stands under the committed root. The codec checks shape and limits, no hash.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_base64, format_json, parse_canonical_json
from allstop.errors import MalformedError
from allstop.ids import Digest, Name
from allstop.statement import Audience, Predicate
from allstop.tlog import PROOF_HASHES_MAX, Hash
from allstop.transcript._items import ITEMS_MAX, ItemRecord

__all__ = [
    "OPENED_ITEMS_MAX",
    "OPENED_ITEMS_TYPE",
    "OPENING_PREDICATE",
    "EarlierItem",
    "OpenedItem",
    "Opening",
    "format_opened_items",
    "format_opening",
    "parse_opened_items",
    "parse_opening",
]

OPENED_ITEMS_TYPE = "urn:allstop:opened-items:v1"
OPENED_ITEMS_MAX = 10_000
"""Most items in one blob; the blob is canonical JSON and so at most 16 MiB long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Where the drawn items of a transcript are to be read; `blob` and `model` are subjects.

        {"transcript": "9f86...", "blob": "2c26...", "model": null}

    `transcript` is the digest of the statement. `model` is the blob of the sealed model, or None if no drawn
    item begins from it.
    """

    transcript: Digest
    blob: Digest
    model: Digest | None


def parse_opening(body: JSON) -> Opening:
    """Parse the body of an `opening` statement.

    Raises:
        MalformedError: `body` is not in that form.
    """
    fields = Fields(body, "opening")
    opening = Opening(
        transcript=fields.digest("transcript"),
        blob=fields.digest("blob"),
        model=None if fields.raw("model") is None else fields.digest("model"),
    )
    fields.done()
    return opening


def format_opening(opening: Opening) -> JSON:
    """Return the body of an `opening` statement."""
    return {"transcript": opening.transcript, "blob": opening.blob, "model": opening.model}


OPENING_PREDICATE = Predicate(
    name=Name("opening"),
    parse=parse_opening,
    format=format_opening,
    audience=Audience.VERIFIERS,
    secret=("blob", "model", "transcript"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierItem:
    """The step before an opened step of training: where it ended, with the proof, and nothing else of it."""

    blind: Digest
    after: Digest
    proof: tuple[Hash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedItem:
    """One item in full: its record, what it was given, its result, and the proof that it was committed to.

    `state` is what a later step of training began from; None where the item began from the model. `earlier`
    is there exactly if `state` is.
    """

    record: ItemRecord
    state: bytes | None
    request: bytes
    result: bytes
    proof: tuple[Hash, ...]
    earlier: EarlierItem | None

    def __post_init__(self) -> None:
        if (self.state is None) != (self.earlier is None):
            raise ValueError(f"item {self.record.index} has one of state and earlier, want both or neither")
        if self.earlier is not None and self.record.index == 0:
            raise ValueError("item 0 has an earlier item")


def parse_opened_items(data: bytes) -> tuple[OpenedItem, ...]:
    """Parse a blob of opened items.

    Raises:
        MalformedError: `data` is not in the one form, or an item stands twice or out of order.
    """
    fields = Fields(parse_canonical_json(data), "opened-items")
    if fields.text("type") != OPENED_ITEMS_TYPE:
        raise MalformedError(
            f"opened-items.type: found {fields.text('type')[:48]!r}, want {OPENED_ITEMS_TYPE}"
        )
    items = tuple(_parse_item(item) for item in fields.objects("items", OPENED_ITEMS_MAX))
    fields.done()
    _check_order(items)
    return items


def _check_order(items: Sequence[OpenedItem]) -> None:
    indices = [item.record.index for item in items]
    if indices != sorted(set(indices)):
        raise MalformedError("opened items are not in ascending order, each once")


def _parse_item(fields: Fields) -> OpenedItem:
    try:
        record = ItemRecord(
            index=fields.integer("index", high=ITEMS_MAX - 1),
            salt=_parse_salt(fields),
            before=fields.digest("before"),
            given=fields.digest("given"),
            after=fields.digest("after"),
        )
        item = OpenedItem(
            record=record,
            state=None if fields.raw("state") is None else fields.data("state"),
            request=fields.data("request"),
            result=fields.data("result"),
            proof=_parse_proof(fields),
            earlier=None if fields.raw("earlier") is None else _parse_earlier(fields.object("earlier")),
        )
    except ValueError as exc:
        raise MalformedError(f"{fields.where}: {exc}") from exc
    fields.done()
    return item


def _parse_salt(fields: Fields) -> bytes:
    salt = fields.digest("salt")  # 32 bytes in the same spelling
    return bytes.fromhex(salt)


def _parse_proof(fields: Fields) -> tuple[Hash, ...]:
    return tuple(Hash(bytes.fromhex(text)) for text in fields.digests("proof", PROOF_HASHES_MAX))


def _parse_earlier(fields: Fields) -> EarlierItem:
    earlier = EarlierItem(
        blind=fields.digest("blind"), after=fields.digest("after"), proof=_parse_proof(fields)
    )
    fields.done()
    return earlier


def format_opened_items(items: Sequence[OpenedItem]) -> bytes:
    """Return the blob of these items.

    Raises:
        MalformedError: an item stands twice or out of order, there are too many, or the blob is too long.
    """
    if len(items) > OPENED_ITEMS_MAX:
        raise MalformedError(f"{len(items)} items are opened at once, want at most {OPENED_ITEMS_MAX}")
    _check_order(items)
    return format_json({"items": [_format_item(item) for item in items], "type": OPENED_ITEMS_TYPE})


def _format_item(item: OpenedItem) -> JSON:
    record, earlier = item.record, item.earlier
    return {
        "index": record.index,
        "salt": record.salt.hex(),
        "before": record.before,
        "given": record.given,
        "after": record.after,
        "state": None if item.state is None else format_base64(item.state),
        "request": format_base64(item.request),
        "result": format_base64(item.result),
        "proof": _format_proof(item.proof),
        "earlier": None
        if earlier is None
        else {"blind": earlier.blind, "after": earlier.after, "proof": _format_proof(earlier.proof)},
    }


def _format_proof(proof: Sequence[Hash]) -> list[JSON]:
    return [hash_.hex() for hash_ in proof]
