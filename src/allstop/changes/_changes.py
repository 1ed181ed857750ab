"""A change: one place of a document is set, added, removed, or its list put in another order.

Implements spec/convening.md, section 5. A place is named by keys, and inside a list by the id of the item, so
that clause "4.1" stays clause "4.1" when another clause is put before it. A change says what was there before:
it cannot be applied to a text that its author never saw.
"""

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from allstop.canon import JSON, Fields, format_json, parse_canonical_json
from allstop.errors import MalformedError

__all__ = [
    "CHANGES_MAX",
    "Change",
    "Op",
    "apply_changes",
    "changes_between",
    "format_change",
    "item_id",
    "parse_change",
    "parse_changes",
]

CHANGES_MAX = 1024
"""Most changes in one amendment."""

PATH_PARTS_MAX = 32
PART_CHARS_MAX = 320

_IDS = (
    ("id",),
    ("quantity", "name"),
    ("name",),
    ("clause",),
    ("source", "relation", "target"),
    ("from", "to"),
)
"""Keys that name an item of a list, in the order in which they are tried."""


class Op(Enum):
    """What is done at a place. The value is the wire form."""

    SET = "set"
    ADD = "add"
    REMOVE = "remove"
    ORDER = "order"


_HAS_WAS = (Op.SET, Op.REMOVE, Op.ORDER)
_HAS_NOW = (Op.SET, Op.ADD, Op.ORDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change; `was` and `now` are canonical JSON, None where the operation has no such side.

        {"now": 432000000, "op": "set", "path": ["response", "answerMs"], "was": 864000000}

    `order` lists the ids of a list's items before and after. Range: 1 to PATH_PARTS_MAX parts.
    """

    op: Op
    path: tuple[str, ...]
    was: bytes | None = None
    now: bytes | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.path) <= PATH_PARTS_MAX:
            raise ValueError(f"change has a path of {len(self.path)} parts, want 1 to {PATH_PARTS_MAX}")
        if any(not 1 <= len(part) <= PART_CHARS_MAX for part in self.path):
            raise ValueError(
                f"change has a part of a path that is empty or above {PART_CHARS_MAX} characters"
            )
        if (self.was is None) == (self.op in _HAS_WAS) or (self.now is None) == (self.op in _HAS_NOW):
            raise ValueError(f"change of kind {self.op.value} has too few or too many sides")
        if self.was == self.now:
            raise ValueError("change changes nothing")
        if self.op is Op.ORDER and _ids(self.old()) != _ids(self.new()):
            raise ValueError("change of order leaves out an id, or adds one")

    @property
    def place(self) -> str:
        """The path for people: `obligations/4.1/tolerance`."""
        return "/".join(self.path)

    def old(self) -> JSON:
        """Return the value before; null also where there was none."""
        return None if self.was is None else parse_canonical_json(self.was)

    def new(self) -> JSON:
        """Return the value after; null also where there is none."""
        return None if self.now is None else parse_canonical_json(self.now)


def _ids(side: JSON) -> list[str]:
    ids = [one for one in side if isinstance(one, str)] if isinstance(side, list) else []
    if not isinstance(side, list) or len(set(ids)) != len(side):
        raise ValueError("change of order has a side that is no list of different ids")
    return sorted(ids)


def changes_between(old: JSON, new: JSON) -> tuple[Change, ...]:
    """Return the changes that lead from one object to another, in the order in which they are applied.

    An object inside with one key only, such as a condition, is one value: what matters is which key it is. But where
    that key holds on both sides a list of items with ids, such as the duties, the items are compared.

    Raises:
        MalformedError: there are more than CHANGES_MAX, or the two are not objects.
    """
    if not isinstance(old, dict) or not isinstance(new, dict):
        raise MalformedError("changes lead from an object to an object")
    found = tuple(_between(old, new, ()))
    if len(found) > CHANGES_MAX:
        raise MalformedError(f"the texts differ in {len(found)} places, want at most {CHANGES_MAX}")
    return found


def _between(old: JSON, new: JSON, path: tuple[str, ...]) -> Iterator[Change]:
    # Compared as bytes, because Python takes true for 1.
    if format_json(old) == format_json(new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and not (path and _is_one_value(old, new)):
        yield from _members(old, new, path)
        return
    before, after = _by_id(old), _by_id(new)
    if before is not None and after is not None:
        yield from _members(before, after, path)
        ids = [one for one in before if one in after] + [one for one in after if one not in before]
        if ids != list(after):
            yield Change(op=Op.ORDER, path=path, was=_encode(ids), now=_encode(after))
        return
    yield Change(op=Op.SET, path=path, was=format_json(old), now=format_json(new))


def _is_one_value(old: dict[str, JSON], new: dict[str, JSON]) -> bool:
    if 1 not in (len(old), len(new)):
        return False
    lists = [_by_id(side[key]) for side in (old, new) for key in side]
    return old.keys() != new.keys() or None in lists


def _members(old: dict[str, JSON], new: dict[str, JSON], path: tuple[str, ...]) -> Iterator[Change]:
    for key in old:
        if key not in new:
            yield Change(op=Op.REMOVE, path=(*path, key), was=format_json(old[key]))
    for key in old:
        if key in new:
            yield from _between(old[key], new[key], (*path, key))
    for key in new:
        if key not in old:
            yield Change(op=Op.ADD, path=(*path, key), now=format_json(new[key]))


def _encode(ids: Iterable[str]) -> bytes:
    return format_json(list(ids))


def item_id(item: JSON) -> str | None:
    """Return what names an item of a list among its neighbours, None where nothing does."""
    if isinstance(item, dict):
        for keys in _IDS:
            parts = [part for key in keys if isinstance(part := item.get(key), str) and part]
            if len(parts) == len(keys):
                return ":".join(parts)
    return None


def _by_id(value: JSON) -> dict[str, JSON] | None:
    """Return the items of a list by id, in order; None where it is no list, or an item has no id of its own."""
    if not isinstance(value, list):
        return None
    items = {name: item for item in value if (name := item_id(item)) is not None}
    return items if len(items) == len(value) else None


def apply_changes(base: JSON, changes: Sequence[Change]) -> JSON:
    """Return the document that `base` becomes; `base` itself stays as it is.

    Raises:
        MalformedError: a place is not there, or does not hold what the change says was there.
    """
    top = copy.deepcopy(base)
    for change in changes:
        if change.op is Op.ORDER:
            _order(_find(top, change, change.path), change)
        else:
            _apply(_find(top, change, change.path[:-1]), change)
    return top


def _find(top: JSON, change: Change, path: Sequence[str]) -> JSON:
    place = top
    for part in path:
        members = place if isinstance(place, dict) else _by_id(place)
        if members is None or part not in members:
            raise MalformedError(f"{change.place}: there is no {part[:64]!r} in the text")
        place = members[part]
    return place


def _apply(parent: JSON, change: Change) -> None:
    members = parent if isinstance(parent, dict) else _by_id(parent)
    if members is None:
        raise MalformedError(f"{change.place}: leads into a value that has no parts of its own")
    last = change.path[-1]
    if (last in members) == (change.op is Op.ADD):
        raise MalformedError(f"{change.place}: is {'there already' if last in members else 'not there'}")
    if change.was is not None and format_json(members[last]) != change.was:
        raise MalformedError(f"{change.place}: holds another value than the one to be replaced")
    if isinstance(parent, dict):
        if change.now is None:
            del parent[last]
        else:
            parent[last] = change.new()
    elif isinstance(parent, list):
        _apply_to_list(parent, change)


def _apply_to_list(items: list[JSON], change: Change) -> None:
    last, new = change.path[-1], change.new()
    if change.now is not None and item_id(new) != last:
        raise MalformedError(f"{change.place}: the new item is named {item_id(new)!r}")
    if change.op is Op.ADD:
        items.append(new)
        return
    index = [item_id(item) for item in items].index(last)
    items[index : index + 1] = [] if change.now is None else [new]


def _order(items: JSON, change: Change) -> None:
    members = _by_id(items)
    wanted = change.new()
    if members is None or not isinstance(items, list) or not isinstance(wanted, list):
        raise MalformedError(f"{change.place}: is no list of named items")
    if list(members) != change.old() or sorted(map(str, wanted)) != sorted(members):
        raise MalformedError(f"{change.place}: holds other items than those to be put in order")
    items[:] = [members[str(name)] for name in wanted]


def parse_change(fields: Fields) -> Change:
    """Parse the wire form of a change.

    Raises:
        MalformedError: it is not in that form.
    """
    op = fields.choice("op", Op)
    path = fields.texts("path", PATH_PARTS_MAX)
    was = format_json(fields.raw("was")) if op in _HAS_WAS else None
    now = format_json(fields.raw("now")) if op in _HAS_NOW else None
    fields.done()
    try:
        return Change(op=op, path=path, was=was, now=now)
    except ValueError as exc:
        raise MalformedError(f"{fields.where}: {exc}") from exc


def parse_changes(fields: Fields, key: str) -> tuple[Change, ...]:
    """Parse the list of changes under a key.

    Raises:
        MalformedError: one of them is not in its form.
    """
    return tuple(parse_change(one) for one in fields.objects(key, CHANGES_MAX))


def format_change(change: Change) -> JSON:
    """Return the wire form of a change."""
    value: dict[str, JSON] = {"op": change.op.value, "path": list(change.path)}
    if change.was is not None:
        value["was"] = change.old()
    if change.now is not None:
        value["now"] = change.new()
    return value
