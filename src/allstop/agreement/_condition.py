"""Conditions on which parties have acted: a closed, monotone formula over deposits.

Implements spec/agreement.md, section "Entry into force".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from allstop.agreement._checks import build
from allstop.agreement._formula import Formula, first_met, format_formula, formula_leaves, parse_formula
from allstop.agreement._parties import Party
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.times import Instant

__all__ = [
    "BlocAtLeast",
    "Condition",
    "CriticalAll",
    "Deposited",
    "PartyLeaf",
    "condition_met",
    "format_condition",
    "holds",
    "leaves",
    "parse_condition",
    "verify_condition",
]


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


PartyLeaf: TypeAlias = Deposited | CriticalAll | BlocAtLeast
Condition: TypeAlias = Formula[PartyLeaf]
"""Wire form: `{"allOf": [{"criticalAll": true}, {"blocAtLeast": {"bloc": "north", "count": 2}}]}`."""

_ALWAYS = Instant(0)


def condition_met(
    condition: Condition, *, acted: Mapping[Name, Instant], parties: Sequence[Party]
) -> Instant | None:
    """Return when the condition first held, if these parties acted at these instants; None if it does not."""
    return first_met(condition, _leaf_at(acted, parties))  # type: ignore[arg-type]  # mypy finds no L in a union with L


def _leaf_at(
    acted: Mapping[Name, Instant], parties: Sequence[Party]
) -> Callable[[PartyLeaf], Instant | None]:
    def nth(names: Sequence[Name], count: int) -> Instant | None:
        found = sorted(acted[name] for name in names if name in acted)
        return found[count - 1] if 1 <= count <= len(found) else None

    def leaf_at(leaf: PartyLeaf) -> Instant | None:
        match leaf:
            case Deposited(party=party):
                return acted.get(party)
            case CriticalAll():
                critical = [party.id for party in parties if party.critical]
                return nth(critical, len(critical))
            case BlocAtLeast(bloc=bloc, count=count):
                return nth([party.id for party in parties if party.bloc == bloc], count)
            case _:
                assert_never(leaf)

    return leaf_at


def holds(condition: Condition, *, deposited: AbstractSet[Name], parties: Sequence[Party]) -> bool:
    """Tell whether the condition holds when exactly these parties have deposited."""
    acted = dict.fromkeys(deposited, _ALWAYS)
    return condition_met(condition, acted=acted, parties=parties) is not None


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


def leaves(condition: Condition) -> Iterator[PartyLeaf]:
    """Yield the leaves of a condition, in order."""
    return formula_leaves(condition)


def parse_condition(fields: Fields) -> Condition:
    """Parse the wire form of a condition.

    Raises:
        MalformedError: it is not in that form, or nested deeper than CONDITION_DEPTH_MAX.
    """
    return parse_formula(fields, _parse_leaf)


def format_condition(condition: Condition) -> JSON:
    """Return the wire form of a condition."""
    return format_formula(condition, _format_leaf)  # type: ignore[arg-type]  # mypy finds no L in a union with L


def _parse_leaf(fields: Fields) -> PartyLeaf:
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


def _format_leaf(leaf: PartyLeaf) -> JSON:
    match leaf:
        case Deposited(party=party):
            return {"deposited": party}
        case CriticalAll():
            return {"criticalAll": True}
        case BlocAtLeast(bloc=bloc, count=count):
            return {"blocAtLeast": {"bloc": bloc, "count": count}}
        case _:
            assert_never(leaf)
