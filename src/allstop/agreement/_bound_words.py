"""Who is bound more or less by a change: said only where figures, or lists of which one holds the other, say it."""

from collections.abc import Callable, Mapping, Sequence

from allstop.agreement._obligation import Silence
from allstop.agreement._place_words import value_at
from allstop.agreement._value_words import text_list
from allstop.canon import JSON, Fields
from allstop.changes import item_id
from allstop.clocks import Length, LengthUnit, parse_length
from allstop.errors import MalformedError
from allstop.finding import Custody, Level
from allstop.ids import Name
from allstop.times import DAY_MS

__all__ = ["Sides", "duty_holders", "everyone", "sides_of"]

Sides = tuple[tuple[Name, ...], tuple[Name, ...]]
"""For whom a change is stricter, and for whom looser."""

_STRICTNESS: Mapping[str, Sequence[str]] = {
    "level": [level.value for level in Level],
    "custody": [custody.value for custody in Custody],
    "silence": [Silence.UNDETERMINED.value, Silence.BREACH.value],
}
"""Values of a clause from the most lenient to the strictest."""

_NEVER = 2**80
"""Later than any time and more than any amount: what has no bound."""

Compare = Callable[[JSON, JSON], int | None]
"""Tells how the new value compares with the old one: -1 stricter, 1 looser, 0 alike, None where there is no saying."""


def _sign(old: int | None, new: int | None) -> int | None:
    return None if old is None or new is None else (new > old) - (new < old)


def _ranked(rank: Callable[[JSON], int | None]) -> Compare:
    return lambda old, new: _sign(rank(old), rank(new))


def _reversed(compare: Compare) -> Compare:
    return lambda old, new: compare(new, old)


def _amount(none: int) -> Compare:
    """Compare amounts of which the smaller is the stricter; `none` is what no amount counts as."""

    def rank(value: JSON) -> int | None:
        if value is None:
            return none
        if isinstance(value, str):
            return int(value) if value.isascii() and value.isdigit() else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    return _ranked(rank)


def _listed(order: Sequence[str]) -> Compare:
    return _ranked(lambda value: -order.index(value) if isinstance(value, str) and value in order else None)


def _wider(old: JSON, new: JSON) -> int | None:
    """Compare lists of which the one that holds the other is the stricter."""
    before, after = set(text_list(old)), set(text_list(new))
    if before == after:
        return 0
    return -1 if before < after else 1 if after < before else None


def _phases(old: JSON, new: JSON) -> int | None:
    """Compare the phases in which a clause applies; none given means all."""
    if not old or not new:
        return (1 if new else 0) - (1 if old else 0)
    return _wider(old, new)


def _range_of(length: Length) -> tuple[int, int]:
    days = {LengthUnit.DAYS: 1, LengthUnit.WEEKS: 7, LengthUnit.MONTHS: 31, LengthUnit.YEARS: 366}
    if length.unit.is_exact:
        return length.shortest_ms, length.shortest_ms
    if length.unit not in days:
        return length.shortest_ms, _NEVER
    # Counted days end with the last one: up to a day, and a change of local time, more than so many whole days.
    return length.shortest_ms, (length.amount * days[length.unit] + 2) * DAY_MS


def _length(none: int | None) -> Compare:
    """Compare lengths of time of which the shorter is the stricter, as far as every calendar agrees."""

    def read(value: JSON) -> Length | None:
        try:
            return parse_length(Fields(value, "length")) if isinstance(value, dict) else None
        except MalformedError:
            return None

    def compare(old: JSON, new: JSON) -> int | None:
        before, after = read(old), read(new)
        if before is not None and after is not None:
            if before.unit is after.unit:
                return _sign(before.amount, after.amount)
            first, second = _range_of(before), _range_of(after)
            return 1 if first[1] < second[0] else -1 if second[1] < first[0] else None
        if none is None or (before is None and old is not None) or (after is None and new is not None):
            return None
        return _sign(none if before is None else 0, none if after is None else 0)

    return compare


def _starts(old: JSON, new: JSON) -> int | None:
    """Compare the clocks of a duty: two that start with the same event, by their lengths."""
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new) == 1):
        return None
    before, after = old[0], new[0]
    if not isinstance(before, dict) or not isinstance(after, dict):
        return None
    if any(before.get(key) != after.get(key) for key in ("event", "name", "at")):
        return None
    return _length(None)(before.get("within"), after.get("within"))


def _flag(old: JSON, new: JSON) -> int | None:
    return _sign(int(old is True), int(new is True))


def everyone(text: JSON, kind: str | None = None) -> tuple[Name, ...]:
    """Return everybody whom some clause (of this kind) binds, in the order of the parties."""
    clauses, parties = value_at(text, ("obligations",)), value_at(text, ("parties",))
    bound = {
        name
        for one in (clauses if isinstance(clauses, list) else [])
        if isinstance(one, dict) and kind in (None, one.get("kind"))
        for name in text_list(one.get("parties"))
    }
    listed = [item_id(party) for party in (parties if isinstance(parties, list) else [])]
    return tuple(Name(name) for name in listed if name in bound)


def duty_holders(text: JSON, duty: JSON) -> tuple[Name, ...]:
    """Return whose duty it is: the parties listed, and those of its kinds, in the order of the parties."""
    if not isinstance(duty, dict):
        return ()
    named, kinds = text_list(duty.get("parties")), text_list(duty.get("kinds"))
    parties = value_at(text, ("parties",))
    held = [
        item_id(party)
        for party in (parties if isinstance(parties, list) else [])
        if isinstance(party, dict) and (party.get("id") in named or party.get("kind") in kinds)
    ]
    return tuple(Name(name) for name in held if name is not None)


def _clause_parties(text: JSON, path: Sequence[str]) -> tuple[Name, ...]:
    return tuple(Name(name) for name in text_list(value_at(text, (*path[:2], "parties"))))


def _holders(text: JSON, path: Sequence[str]) -> tuple[Name, ...]:
    return duty_holders(text, value_at(text, path[:3]))


def _bound(kind: str | None = None) -> Callable[[JSON, Sequence[str]], tuple[Name, ...]]:
    return lambda text, path: everyone(text, kind)


def _permitted(text: JSON, path: Sequence[str]) -> tuple[Name, ...]:
    """Return who may do what is permitted through a halt, of those whom the halt binds."""
    own = text_list(value_at(text, (*path[:3], "parties")))
    return tuple(name for name in everyone(text, "halt") if not own or name in own)


def _panel(text: JSON, path: Sequence[str]) -> tuple[Name, ...]:
    return tuple(Name(name) for name in text_list(value_at(text, ("adjudication", "panel", "members"))))


_ALL, _HALTED, _REPLAYED = _bound(), _bound("halt"), _bound("verify")
_CLAUSE, _DUTY = ("obligations", "*"), ("duties", "duties", "*")
_LATER = _amount(_NEVER)

_RULES: Mapping[tuple[str, ...], tuple[Compare, Callable[[JSON, Sequence[str]], tuple[Name, ...]]]] = {
    (*_CLAUSE, "tolerance"): (_LATER, _clause_parties),
    # Without a time it is never late, which no time is as lenient as.
    (*_CLAUSE, "timelinessMs"): (_LATER, _clause_parties),
    (*_CLAUSE, "phases"): (_phases, _clause_parties),
    (*_CLAUSE, "undeclaredIsTraining"): (_reversed(_flag), _clause_parties),
    **{(*_CLAUSE, key): (_listed(order), _clause_parties) for key, order in _STRICTNESS.items()},
    ("response", "answerMs"): (_LATER, _ALL),
    ("response", "cureMs"): (_LATER, _ALL),
    (*_DUTY, "starts"): (_starts, _holders),
    (*_DUTY, "every"): (_length(1), _holders),
    (*_DUTY, "times"): (_reversed(_LATER), _holders),
    (*_DUTY, "evidence"): (_wider, _holders),
    (*_DUTY, "impossibleBy"): (_length(-1), _holders),
    ("adjudication", "acknowledge"): (_length(None), _ALL),
    ("adjudication", "answer"): (_length(None), _ALL),
    ("adjudication", "cure"): (_length(-1), _ALL),
    ("adjudication", "impediment"): (_length(-1), _ALL),
    ("adjudication", "ruling"): (_length(None), _panel),
    ("halt", "drainMs"): (_LATER, _HALTED),
    ("halt", "inventoryMs"): (_LATER, _HALTED),
    ("halt", "permitted", "*", "capChipMs"): (_LATER, _permitted),
    ("replay", "commitMs"): (_LATER, _REPLAYED),
    ("replay", "openMs"): (_LATER, _REPLAYED),
    ("leaving", "notice"): (_reversed(_length(None)), _ALL),
    ("leaving", "survives"): (_wider, _ALL),
}
"""How the values of a place compare, and who is bound by them."""


def sides_of(
    pattern: tuple[str, ...], path: Sequence[str], sides: tuple[JSON, JSON], texts: tuple[JSON, JSON]
) -> Sides:
    """Return for whom a change from one value to another is stricter and for whom looser.

    Only who is bound in both texts is named: whom another change frees is not bound more strictly by this one.
    """
    if pattern not in _RULES:
        return (), ()
    compare, bearers = _RULES[pattern]
    found = compare(*sides)
    before, after = (bearers(text, path) for text in texts)
    staying = tuple(name for name in before if name in after)
    return (staying if found == -1 else ()), (staying if found == 1 else ())
