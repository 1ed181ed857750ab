"""The condition for entry into force: a closed, monotone formula over deposits.

Implements spec/agreement.md, section "Entry into force". Every form is monotone: one more deposit never
turns a condition that holds into one that does not. There is no "not", on purpose.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import assert_never

from allstop.agreement._checks import build, check_unique
from allstop.agreement._parties import Party
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Name

__all__ = [
    "CONDITION_DEPTH_MAX",
    "AllOf",
    "AnyOf",
    "AtLeast",
    "BlocAtLeast",
    "Condition",
    "CriticalAll",
    "Deposited",
    "format_condition",
    "holds",
    "parse_condition",
    "verify_condition",
]

CONDITION_DEPTH_MAX = 8
"""Deepest nesting of a condition."""

MEMBER_COUNT_MAX = 64
"""Most members of one AllOf, AnyOf or AtLeast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every member holds. Range: 1 to MEMBER_COUNT_MAX members."""

    of: tuple["Condition", ...]

    def __post_init__(self) -> None:
        _check_members(self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Some member holds. Range: 1 to MEMBER_COUNT_MAX members."""

    of: tuple["Condition", ...]

    def __post_init__(self) -> None:
        _check_members(self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """At least `count` distinct members hold. Range: `1 <= count <= len(of)`."""

    count: int
    of: tuple["Condition", ...]

    def __post_init__(self) -> None:
        _check_members(self.of)
        if not 1 <= self.count <= len(self.of):
            raise MalformedError(f"at least {self.count} of {len(self.of)} members, want 1 to {len(self.of)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    """The named party has deposited."""

    party: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalAll:
    """Every critical party has deposited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlocAtLeast:
    """At least `count` parties of this bloc have deposited. Range: `1 <= count`."""

    bloc: Name
    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise MalformedError(f"at least {self.count} parties of {self.bloc}, want 1 or more")


Condition = AllOf | AnyOf | AtLeast | Deposited | CriticalAll | BlocAtLeast
"""Wire form: `{"allOf": [{"criticalAll": true}, {"blocAtLeast": {"bloc": "north", "count": 2}}]}`."""


def _check_members(members: Sequence[Condition]) -> None:
    # An empty "all of" would hold with no deposit at all.
    if not 1 <= len(members) <= MEMBER_COUNT_MAX:
        raise MalformedError(f"condition has {len(members)} members, want 1 to {MEMBER_COUNT_MAX}")
    check_unique(members, "member of a condition")


def holds(condition: Condition, *, deposited: AbstractSet[Name], parties: Sequence[Party]) -> bool:
    """Tell whether the condition holds when exactly these parties have deposited."""
    match condition:
        case AllOf(of=members):
            return all(holds(m, deposited=deposited, parties=parties) for m in members)
        case AnyOf(of=members):
            return any(holds(m, deposited=deposited, parties=parties) for m in members)
        case AtLeast(count=count, of=members):
            return sum(holds(m, deposited=deposited, parties=parties) for m in members) >= count
        case Deposited(party=party):
            return party in deposited
        case CriticalAll():
            return all(party.id in deposited for party in parties if party.critical)
        case BlocAtLeast(bloc=bloc, count=count):
            return sum(party.bloc == bloc and party.id in deposited for party in parties) >= count
        case _:
            assert_never(condition)


def verify_condition(condition: Condition, *, parties: Sequence[Party]) -> None:
    """Check that a condition names only these parties, and that their deposits can meet it.

    Raises:
        MalformedError: a party is unknown, nobody is critical where all critical parties are asked for,
            or not even the deposits of all parties would meet the condition.
    """
    known = {party.id for party in parties}
    for leaf in leaves(condition):
        if isinstance(leaf, Deposited) and leaf.party not in known:
            raise MalformedError(f"entry into force waits for {leaf.party}, who is no party")
        if isinstance(leaf, CriticalAll) and not any(party.critical for party in parties):
            # "All of nobody" would hold at once.
            raise MalformedError("entry into force waits for all critical parties, and no party is critical")
    if not holds(condition, deposited=known, parties=parties):
        raise MalformedError("entry into force cannot happen even if every party deposits")


def leaves(condition: Condition) -> Iterator[Deposited | CriticalAll | BlocAtLeast]:
    """Yield the leaves of a condition, in order."""
    if isinstance(condition, AllOf | AnyOf | AtLeast):
        for member in condition.of:
            yield from leaves(member)
    else:
        yield condition


def parse_condition(fields: Fields, *, depth: int = 1) -> Condition:
    """Parse the wire form of a condition.

    Raises:
        MalformedError: it is not in that form, or nested deeper than CONDITION_DEPTH_MAX.
    """
    if depth > CONDITION_DEPTH_MAX:
        raise MalformedError(f"{fields.where}: condition is nested deeper than {CONDITION_DEPTH_MAX}")
    condition = _parse_group(fields, depth) or _parse_leaf(fields)
    fields.done()
    return condition


def _parse_group(fields: Fields, depth: int) -> AllOf | AnyOf | AtLeast | None:
    if fields.has("allOf"):
        return build(fields.where, AllOf, of=_parse_members(fields, "allOf", depth))
    if fields.has("anyOf"):
        return build(fields.where, AnyOf, of=_parse_members(fields, "anyOf", depth))
    if fields.has("atLeast"):
        group = fields.object("atLeast")
        members = _parse_members(group, "of", depth)
        condition = build(group.where, AtLeast, count=group.integer("count"), of=members)
        group.done()
        return condition
    return None


def _parse_leaf(fields: Fields) -> Deposited | CriticalAll | BlocAtLeast:
    if fields.has("deposited"):
        return Deposited(party=fields.name("deposited"))
    if fields.has("criticalAll"):
        if not fields.boolean("criticalAll"):
            raise MalformedError(f"{fields.where}.criticalAll: found false, want true")
        return CriticalAll()
    if fields.has("blocAtLeast"):
        leaf = fields.object("blocAtLeast")
        condition = build(leaf.where, BlocAtLeast, bloc=leaf.name("bloc"), count=leaf.integer("count"))
        leaf.done()
        return condition
    raise MalformedError(
        f"{fields.where}: no known condition, want allOf, anyOf, atLeast, deposited, criticalAll or blocAtLeast"
    )


def _parse_members(fields: Fields, key: str, depth: int) -> tuple[Condition, ...]:
    return tuple(parse_condition(member, depth=depth + 1) for member in fields.objects(key, MEMBER_COUNT_MAX))


def format_condition(condition: Condition) -> JSON:
    """Return the wire form of a condition."""
    match condition:
        case AllOf(of=members):
            return {"allOf": [format_condition(m) for m in members]}
        case AnyOf(of=members):
            return {"anyOf": [format_condition(m) for m in members]}
        case AtLeast(count=count, of=members):
            return {"atLeast": {"count": count, "of": [format_condition(m) for m in members]}}
        case Deposited(party=party):
            return {"deposited": party}
        case CriticalAll():
            return {"criticalAll": True}
        case BlocAtLeast(bloc=bloc, count=count):
            return {"blocAtLeast": {"bloc": bloc, "count": count}}
        case _:
            assert_never(condition)
