"""Changes of an agreement in words: which duty, threshold or clock changes, and who is bound more or less by it.

Implements spec/convening.md, section 5. Reads the JSON of the text, so that a change which leads to no agreement can
be described too. No rule reads these words; what is stricter or looser is said only where figures say it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allstop.agreement._obligation import Silence
from allstop.agreement._value_words import (
    format_amount,
    format_value,
    humane_key,
    quote_text,
)
from allstop.canon import JSON
from allstop.changes import Change, Op, apply_changes, item_id
from allstop.finding import Custody, Level
from allstop.ids import Name

__all__ = ["DescribedChange", "describe_changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedChange:
    """A change, in words, and who is bound more strictly or less by it.

    Example: "clause 4.1 (prohibit): a breach is more than 1e24 FLOP, was more than 1e25 FLOP", stricter for
    `alder`. `before` and `after` hold the wording of a text that was reworded, else None.
    """

    change: Change
    text: str
    stricter_for: tuple[Name, ...] = ()
    looser_for: tuple[Name, ...] = ()
    before: str | None = None
    after: str | None = None


_STRICTNESS: Mapping[str, Sequence[str]] = {
    "level": [level.value for level in Level],
    "custody": [custody.value for custody in Custody],
    "silence": [Silence.UNDETERMINED.value, Silence.BREACH.value],
}
"""Values of a clause from the most lenient to the strictest."""

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
_PLACES = {
    ("response", "answerMs"): "time to answer a finding",
    ("response", "cureMs"): "time to cure a finding",
    ("entry", "deadline"): "deadline of entry into force",
    ("entry", "leadMs"): "time from the condition to entry into force",
    ("entry", "condition"): "condition of entry into force",
    ("accounting", "periodMs"): "accounting period",
    ("accounting", "periods"): "number of accounting periods",
    ("accounting", "start"): "start of the accounts",
    ("convening", "amendmentLeadMs"): "time from the adoption of an amendment to its effect",
    ("convening", "amendmentRule"): "rule that adopts amendments",
    ("convening", "textRule"): "rule that adopts texts",
    ("legalBasis",): "legal basis",
    ("title",): "title",
}
_ITEMS = {
    ("parties",): "party",
    ("edges",): "edge",
    ("references",): "reference table",
    ("assumptions",): "assumption",
    ("definitions", "terms"): "term",
    ("definitions", "bands"): "band",
    ("definitions", "clocks"): "clock",
    ("convening", "rules"): "voting rule",
    ("convening", "motions"): "motion",
    ("duties", "duty"): "duty",
    ("phases", "phase"): "phase",
    ("phases", "transition"): "transition",
}
_TEXT_KEYS = ("text", "basis", "source", "countingRule", "legalBasis", "title")


def describe_changes(base: JSON, changes: Sequence[Change]) -> tuple[DescribedChange, ...]:
    """Return each change in words, in their order; `base` is the JSON of the text that is changed.

    Raises:
        MalformedError: the changes do not fit the text.
    """
    result = apply_changes(base, changes)
    return tuple(_describe(base, result, change) for change in changes)


def _describe(base: JSON, result: JSON, change: Change) -> DescribedChange:
    if change.path[0] == "obligations" and len(change.path) > 1:
        return _describe_clause(base, result, change)
    if change.op is Op.ORDER:
        return DescribedChange(change=change, text=f"{_name_list(change.path)} stand in another order")
    key = change.path[-1]
    if change.op is Op.SET and key in _TEXT_KEYS:
        return _reworded(change, _name_place(change.path))
    if change.op is Op.SET:
        now, was = format_value(key, change.new()), format_value(key, change.old())
        bound = _everyone(base) if change.path[0] == "response" else ()
        stricter, looser = _compare(change, bound)
        text = f"{_name_place(change.path)}: {now}, was {was}"
        return DescribedChange(change=change, text=text, stricter_for=stricter, looser_for=looser)
    verb = "is new" if change.op is Op.ADD else "is dropped"
    value = change.new() if change.op is Op.ADD else change.old()
    text = f"{_name_place(change.path)} {verb}: {format_value(key, value)}"
    return DescribedChange(change=change, text=text)


def _describe_clause(base: JSON, result: JSON, change: Change) -> DescribedChange:
    number = change.path[1]
    old, new = _clause(base, number), _clause(result, number)
    clause = old or new or {}
    kinds = [str(side.get("kind")) for side in (old or clause, new or clause)]
    bound, kind = _names(clause.get("parties")), kinds[0]
    # Who is bound before and after: whoever is freed by another change is not bound more strictly by this one.
    staying = tuple(name for name in bound if new is None or name in _names(new.get("parties")))
    head = f"clause {number} ({kind})"
    if len(change.path) == 2:
        who = ", ".join(bound) or "nobody"
        if change.op is Op.ADD:
            text = f"{head} is new and binds {who}: {quote_text(clause.get('text'))}"
            return DescribedChange(change=change, text=text, stricter_for=bound)
        text = f"{head} is dropped and binds {who} no longer: {quote_text(clause.get('text'))}"
        return DescribedChange(change=change, text=text, looser_for=bound)
    key = change.path[2]
    if len(change.path) > 3 or change.op is not Op.SET:
        words = _name_place(change.path[2:])
        sides = f"now {format_value(key, change.new())}, was {format_value(key, change.old())}"
        return DescribedChange(change=change, text=f"{head}: {words}: {sides}")
    if key == "text":
        return _reworded(change, head)
    if key == "parties":
        return _rebound(change, head)
    if key == "tolerance":
        was, now = (
            format_amount(side, one) for side, one in zip((change.old(), change.new()), kinds, strict=True)
        )
        stricter, looser = _compare(change, staying if kinds[0] == kinds[1] else ())
        text = f"{head}: a breach is {now}, was {was}"
        return DescribedChange(change=change, text=text, stricter_for=stricter, looser_for=looser)
    now, was = format_value(key, change.new()), format_value(key, change.old())
    stricter, looser = _compare(change, staying)
    text = f"{head}: {_CLAUSE_WORDS.get(key, key)}: {now}, was {was}"
    return DescribedChange(change=change, text=text, stricter_for=stricter, looser_for=looser)


def _rebound(change: Change, head: str) -> DescribedChange:
    """Describe a change of who is bound by a clause."""
    before, after = _names(change.old()), _names(change.new())
    more = tuple(name for name in after if name not in before)
    less = tuple(name for name in before if name not in after)
    parts = [f"binds {', '.join(more)} too"] if more else []
    parts += [f"binds {', '.join(less)} no longer"] if less else []
    text = f"{head} {' and '.join(parts) or 'names those it binds in another order'}"
    return DescribedChange(change=change, text=text, stricter_for=more, looser_for=less)


def _reworded(change: Change, head: str) -> DescribedChange:
    before, after = str(change.old()), str(change.new())
    return DescribedChange(change=change, text=f"{head} is reworded", before=before, after=after)


def _compare(change: Change, bound: tuple[Name, ...]) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """Return for whom a change is stricter and for whom looser, as far as figures say so."""
    old, new = _rank(change.path[-1], change.old()), _rank(change.path[-1], change.new())
    if old is None or new is None or old == new:
        return (), ()
    return (bound, ()) if new < old else ((), bound)


def _rank(key: str, value: JSON) -> int | None:
    """Return a number that is smaller the stricter a value is, None where there is no saying."""
    if key in _STRICTNESS:
        order = _STRICTNESS[key]
        return -order.index(value) if isinstance(value, str) and value in order else None
    if key == "undeclaredIsTraining":
        return -int(bool(value))
    if key == "tolerance" and isinstance(value, str) and value.isdigit() and value.isascii():
        return int(value)
    if key in ("timelinessMs", "answerMs", "cureMs"):
        # Without a time it is never late, which no time is as lenient as.
        return 2**63 if value is None else value if isinstance(value, int) else None
    return None


def _clause(text: JSON, number: str) -> dict[str, JSON] | None:
    clauses = text.get("obligations") if isinstance(text, dict) else None
    if not isinstance(clauses, list):
        return None
    found = (one for one in clauses if isinstance(one, dict) and item_id(one) == number)
    return next(found, None)


def _names(value: JSON) -> tuple[Name, ...]:
    return tuple(Name(one) for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _everyone(text: JSON) -> tuple[Name, ...]:
    """Return everybody whom some clause binds, in the order of the parties."""
    if not isinstance(text, dict):
        return ()
    clauses, parties = text.get("obligations"), text.get("parties")
    bound = {
        name
        for one in (clauses if isinstance(clauses, list) else [])
        if isinstance(one, dict)
        for name in _names(one.get("parties"))
    }
    listed = [item_id(party) for party in (parties if isinstance(parties, list) else [])]
    return tuple(Name(name) for name in listed if name in bound)


def _name_list(path: Sequence[str]) -> str:
    words = {"obligations": "clauses"}
    return words.get(path[-1], path[-1])


def _name_place(path: Sequence[str]) -> str:
    """Return what people call a place: "clock notice", "time to answer a finding"."""
    whole = tuple(path)
    if whole in _PLACES:
        return _PLACES[whole]
    for size in (1, 2):
        if len(path) > size and whole[:size] in _ITEMS:
            item, rest = f"{_ITEMS[whole[:size]]} {path[size]}", path[size + 1 :]
            return ", ".join([item, *map(humane_key, rest)]) if rest else item
    return ", ".join(map(humane_key, path))
