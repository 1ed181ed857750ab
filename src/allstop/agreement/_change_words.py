"""Changes of an agreement in words: which duty, threshold or clock changes, and who is bound more or less by it.

Implements spec/convening.md, section 5. Reads the JSON of the text, so that a change which leads to no agreement can
be described too. No rule reads these words; what is stricter or looser is said only where figures say it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from allstop.agreement._bound_words import Sides, duty_holders, sides_of
from allstop.agreement._item_words import ITEM_PHRASES, VALUE_WORDS, item_words
from allstop.agreement._place_words import list_words, pattern_of, place_words, value_at
from allstop.agreement._value_words import (
    format_amount,
    format_formula_words,
    format_length_words,
    format_value,
    quote_text,
    text_list,
)
from allstop.canon import JSON, format_json
from allstop.changes import Change, Op, apply_changes, item_id
from allstop.ids import Name

__all__ = ["DescribedChange", "describe_changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedChange:
    """What changes, in words, and who is bound more strictly or less by it.

    Example: "clause 4.1 (prohibit): a breach is more than 1e24 FLOP, was more than 1e25 FLOP", stricter for
    `alder`. `changes` are more than one where several make one difference: an amount and its unit. `details` are the
    items of a part or list that changes as a whole. `before` and `after` hold the wording of a text that was
    reworded, else None.
    """

    changes: tuple[Change, ...]
    text: str
    details: tuple[str, ...] = ()
    stricter_for: tuple[Name, ...] = ()
    looser_for: tuple[Name, ...] = ()
    before: str | None = None
    after: str | None = None


_CLAUSE_WORDS = {
    "level": "the least level that earns CONSISTENT",
    "custody": "the least custody that earns CONSISTENT",
    "silence": "what silence means",
    "timelinessMs": "due after a period",
    "evidence": "evidence asked for",
    "subgoals": "subgoals served",
    "phases": "phases in which it applies",
    "undeclaredIsTraining": "undeclared use counts as training",
    "kind": "kind",
}
_TEXT_KEYS = ("text", "basis", "source", "countingRule", "legalBasis", "title")
_OPENINGS = (
    "due ",
    "every ",
    "shown by ",
    "decided by rule ",
    "voted on by ",
    "proposed by ",
    "adopted by ",
    "at least ",
    "at most ",
    "suspends ",
    "of bloc ",
    "of kind ",
    "for ",
    "open ",
    "when ",
    "clause ",
    "binds ",
)
"""Openings of phrases that are not said again of what was before."""

_WHOLE = (
    ("definitions", "bands", "*"),
    ("duties", "duties", "*", "starts"),
    ("convening", "rules", "*", "voters"),
    ("convening", "rules", "*", "proposers"),
    ("adjudication", "panel"),
    ("adjudication", "appealPanel"),
    ("adjudication", "measures", "*", "when"),
    ("adjudication", "measures", "*", "ends"),
)
"""Places of values whose parts say nothing alone: a bound of a band, a member of a panel."""


@dataclass(frozen=True, slots=True)
class _Texts:
    """The JSON of the text before and after all changes."""

    old: JSON
    new: JSON

    def at(self, path: Sequence[str]) -> tuple[JSON, JSON]:
        return value_at(self.old, path), value_at(self.new, path)


def describe_changes(base: JSON, changes: Sequence[Change]) -> tuple[DescribedChange, ...]:
    """Return changes in words, in their order; `base` is the JSON of the text that is changed.

    Raises:
        MalformedError: the changes do not fit the text.
    """
    texts = _Texts(base, apply_changes(base, changes))
    groups: dict[tuple[str, ...], list[Change]] = {}
    for number, change in enumerate(changes):
        # What is no part of a whole stands alone, whatever else is done at its place.
        groups.setdefault(_whole_place(texts, change) or (str(number),), []).append(change)
    return tuple(_describe_group(texts, place, tuple(group)) for place, group in groups.items())


def _whole_place(texts: _Texts, change: Change) -> tuple[str, ...] | None:
    """Return the place of the smallest whole of which a change is a part, None where it says something alone."""
    for size in range(2, len(change.path) + 1):
        place = change.path[:size]
        pattern = pattern_of(place)
        sides = texts.at(place)
        if any(side is None for side in sides):
            continue
        is_length = all(format_length_words(side) is not None for side in sides)
        if is_length or pattern in _WHOLE or (pattern[0] == "obligations" and size > 2):
            return place
    return None


def _describe_group(texts: _Texts, place: tuple[str, ...], changes: tuple[Change, ...]) -> DescribedChange:
    path = changes[0].path
    if len(place) == 1:
        (change,) = changes
        sides = (change.old(), change.new())
    else:
        path, sides = place, texts.at(place)
    if path[0] == "obligations" and len(path) > 1:
        return _describe_clause(texts, path, sides, changes)
    if changes[0].op is Op.ORDER and path == changes[0].path:
        return DescribedChange(changes=changes, text=f"{list_words(path)} stand in another order")
    pattern = pattern_of(path)
    is_item = pattern[-1] == "*"
    item = texts.at(path[: pattern.index("*") + 1]) if "*" in pattern else (None, None)
    head = place_words(path, sides[0] if is_item and sides[0] is not None else item[0] or item[1] or sides[1])
    if is_item and None in sides:
        return _describe_item(texts, pattern, head, sides, changes)
    if len(path) == 1 and None in sides:
        return _describe_part(texts, path, head, changes)
    stricter, looser = sides_of(pattern, path, sides, (texts.old, texts.new))
    if all(isinstance(side, str) for side in sides) and path[-1] in _TEXT_KEYS:
        return DescribedChange(
            changes=changes, text=f"{head} is reworded", before=str(sides[0]), after=str(sides[1])
        )
    if pattern == ("duties", "duties", "*", "parties") or pattern == ("duties", "duties", "*", "kinds"):
        stricter, looser = _holders_changed(texts, path)
    text, details = _difference(pattern, head, sides)
    return DescribedChange(
        changes=changes, text=text, details=details, stricter_for=stricter, looser_for=looser
    )


def _describe_item(
    texts: _Texts, pattern: tuple[str, ...], head: str, sides: tuple[JSON, JSON], changes: tuple[Change, ...]
) -> DescribedChange:
    """Describe an item that is new, or is dropped."""
    old, new = sides
    words = item_words(pattern, old if new is None else new)
    if words is None and pattern != ("edges", "*"):
        words = format_value(changes[0].path[-1], old if new is None else new)
    text = f"{head} is {'new' if old is None else 'dropped'}" + (f": {words}" if words else "")
    bound: Sides = ((), ())
    if pattern == ("duties", "duties", "*"):
        bound = duty_holders(texts.new, new), duty_holders(texts.old, old)
    return DescribedChange(changes=changes, text=text, stricter_for=bound[0], looser_for=bound[1])


def _describe_part(
    texts: _Texts, path: tuple[str, ...], head: str, changes: tuple[Change, ...]
) -> DescribedChange:
    """Describe a part that an agreement did not have, or has no longer: line by line."""
    change = changes[0]
    part, text = (change.old(), texts.old) if change.now is None else (change.new(), texts.new)
    duties = value_at(part, ("duties",)) if path == ("duties",) else None
    bound = {
        name: None
        for duty in (duties if isinstance(duties, list) else [])
        for name in duty_holders(text, duty)
    }
    return DescribedChange(
        changes=changes,
        text=f"{head} are {'dropped' if change.now is None else 'new'}",
        details=tuple(_lines(path, part)),
        stricter_for=() if change.now is None else tuple(bound),
        looser_for=tuple(bound) if change.now is None else (),
    )


def _lines(path: tuple[str, ...], value: JSON) -> Iterator[str]:
    """Yield what a part says: one line for each item and each value that is given."""
    pattern = pattern_of(path)
    words = item_words(pattern, value)
    if words is not None:
        yield f"{place_words(path, value)}: {words}"
    elif (
        isinstance(value, dict) and format_formula_words(value) is None and format_length_words(value) is None
    ):
        for key, one in value.items():
            if one is not None and one != []:
                yield from _lines((*path, key), one)
    elif isinstance(value, list) and all(isinstance(one, dict) for one in value):
        for one in value:
            name = item_id(one)
            if (*pattern, "*") in VALUE_WORDS or name is None:
                yield f"{place_words(path, None)}: {_one_of_list(pattern, path[-1], one)}"
            else:
                yield from _lines((*path, name), one)
    else:
        yield f"{place_words(path, None)}: {format_value(path[-1], value)}"


def _one_of_list(pattern: tuple[str, ...], key: str, value: JSON) -> str:
    words = item_words((*pattern, "*"), value)
    return format_value(key, value) if words is None else words


def _difference(pattern: tuple[str, ...], head: str, sides: tuple[JSON, JSON]) -> tuple[str, tuple[str, ...]]:
    """Return what a value was and is now: as two phrases, or for a list without ids by what is new and dropped."""
    key = pattern[-1]
    old, new = (side if isinstance(side, list) else [] for side in sides)
    if (*pattern, "*") in VALUE_WORDS or (key == "holidays" and pattern[0] == "calendars"):
        fresh = [_one_of_list(pattern, key, one) for one in new if not _holds(old, one)]
        gone = [_one_of_list(pattern, key, one) for one in old if not _holds(new, one)]
        return _list_difference(pattern, head, fresh, gone)
    said = ITEM_PHRASES.get(pattern[:-1], {}).get(key)
    phrase = said or VALUE_WORDS.get(pattern)
    was, now = (format_value(key, side) if phrase is None else phrase(side) for side in sides)
    if said is None:
        return f"{head}: {now}, was {was}", ()
    # The phrase says what changes, so that the name of the key says nothing more.
    common = next((one for one in _OPENINGS if now.startswith(one) and was.startswith(one)), "")
    return f"{head.rsplit(', ', 1)[0]}: {now}, was {was.removeprefix(common)}", ()


def _list_difference(
    pattern: tuple[str, ...], head: str, fresh: list[str], gone: list[str]
) -> tuple[str, tuple[str, ...]]:
    if pattern[0] in ("calendars", "parties"):
        calendar = "has other holidays" if pattern[-1] == "holidays" else "has another local time"
        text = head.rsplit(", ", 1)[0] + (f" {calendar}" if pattern[0] == "calendars" else " has other keys")
    else:
        text = f"{head} change"
    if not fresh and not gone:
        return f"{text}: their order", ()
    lines = [f"new: {one}" for one in fresh] + [f"dropped: {one}" for one in gone]
    if pattern[-1] == "holidays":
        lines = [f"{word}: {', '.join(days)}" for word, days in (("new", fresh), ("dropped", gone)) if days]
        return f"{text}: {'; '.join(lines)}", ()
    return (f"{text}: {lines[0]}", ()) if len(lines) == 1 else (text, tuple(lines))


def _holds(items: list[JSON], one: JSON) -> bool:
    wanted = format_json(one)
    return any(format_json(item) == wanted for item in items)


def _holders_changed(texts: _Texts, path: tuple[str, ...]) -> Sides:
    """Return who has a duty that it had not, and who has it no longer."""
    old, new = texts.at(path[:3])
    before, after = duty_holders(texts.old, old), duty_holders(texts.new, new)
    return tuple(one for one in after if one not in before), tuple(one for one in before if one not in after)


def _describe_clause(
    texts: _Texts, path: tuple[str, ...], sides: tuple[JSON, JSON], changes: tuple[Change, ...]
) -> DescribedChange:
    old, new = (side if isinstance(side, dict) else None for side in texts.at(path[:2]))
    clause = old or new or {}
    kinds = tuple(format_value("kind", (side or clause).get("kind")) for side in (old, new))
    head = f"clause {path[1]} ({kinds[0]})"
    if len(path) == 2:
        return _describe_whole_clause(head, sides, changes)
    key = path[2]
    if key == "text" and all(isinstance(side, str) for side in sides):
        return DescribedChange(
            changes=changes, text=f"{head} is reworded", before=str(sides[0]), after=str(sides[1])
        )
    if key == "parties":
        return _rebound(head, sides, changes)
    stricter, looser = sides_of(pattern_of(path), path, sides, (texts.old, texts.new))
    if key == "tolerance":
        was, now = (format_amount(side, kind) for side, kind in zip(sides, kinds, strict=True))
        if kinds[0] != kinds[1]:
            stricter, looser = (), ()
        text = f"{head}: a breach is {now}, was {was}"
    else:
        was, now = ("always" if key == "phases" and not side else format_value(key, side) for side in sides)
        text = f"{head}: {_CLAUSE_WORDS.get(key) or place_words((key,), None)}: {now}, was {was}"
    return DescribedChange(changes=changes, text=text, stricter_for=stricter, looser_for=looser)


def _describe_whole_clause(
    head: str, sides: tuple[JSON, JSON], changes: tuple[Change, ...]
) -> DescribedChange:
    """Describe a clause that is new or dropped, or is replaced as a whole."""
    old, new = (side if isinstance(side, dict) else {} for side in sides)
    if old and new:
        return DescribedChange(changes=changes, text=f"{head} is replaced: {quote_text(new.get('text'))}")
    bound = _names((old or new).get("parties"))
    who, words = ", ".join(bound) or "nobody", quote_text((old or new).get("text"))
    if new:
        text = f"{head} is new and binds {who}: {words}"
        return DescribedChange(changes=changes, text=text, stricter_for=bound)
    text = f"{head} is dropped and binds {who} no longer: {words}"
    return DescribedChange(changes=changes, text=text, looser_for=bound)


def _rebound(head: str, sides: tuple[JSON, JSON], changes: tuple[Change, ...]) -> DescribedChange:
    """Describe a change of who is bound by a clause."""
    before, after = _names(sides[0]), _names(sides[1])
    more = tuple(name for name in after if name not in before)
    less = tuple(name for name in before if name not in after)
    parts = [f"binds {', '.join(more)} too"] if more else []
    parts += [f"binds {', '.join(less)} no longer"] if less else []
    text = f"{head} {' and '.join(parts) or 'names those it binds in another order'}"
    return DescribedChange(changes=changes, text=text, stricter_for=more, looser_for=less)


def _names(value: JSON) -> tuple[Name, ...]:
    return tuple(Name(one) for one in text_list(value))
