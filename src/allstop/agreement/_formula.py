"""Formulas: all of, any of, at least k of, over leaves of any kind; and the instant at which one first holds.

Implements spec/agreement.md, section "Conditions". Every form is monotone: one more fact never turns a formula
that holds into one that does not. There is no "not", on purpose.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from allstop.agreement._checks import build, check_unique
from allstop.canon import JSON, Fields
from allstop.errors import MalformedError
from allstop.times import Instant

__all__ = [
    "CONDITION_DEPTH_MAX",
    "AllOf",
    "AnyOf",
    "AtLeast",
    "Formula",
    "first_met",
    "format_formula",
    "formula_leaves",
    "parse_formula",
]

CONDITION_DEPTH_MAX = 8
"""Deepest nesting of a condition."""

MEMBER_COUNT_MAX = 64
"""Most members of one AllOf, AnyOf or AtLeast."""

L = TypeVar("L")


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(Generic[L]):
    """Every member holds. Range: 1 to MEMBER_COUNT_MAX members."""

    of: "tuple[Formula[L], ...]"

    def __post_init__(self) -> None:
        _check_members(self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Generic[L]):
    """Some member holds. Range: 1 to MEMBER_COUNT_MAX members."""

    of: "tuple[Formula[L], ...]"

    def __post_init__(self) -> None:
        _check_members(self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast(Generic[L]):
    """At least `count` distinct members hold. Range: `1 <= count <= len(of)`."""

    count: int
    of: "tuple[Formula[L], ...]"

    def __post_init__(self) -> None:
        _check_members(self.of)
        if not 1 <= self.count <= len(self.of):
            raise MalformedError(f"at least {self.count} of {len(self.of)} members, want 1 to {len(self.of)}")


Formula: TypeAlias = AllOf[L] | AnyOf[L] | AtLeast[L] | L
"""A group of formulas, or a leaf."""


def _check_members(members: Sequence[object]) -> None:
    # An empty "all of" would hold with no fact at all.
    if not 1 <= len(members) <= MEMBER_COUNT_MAX:
        raise MalformedError(f"condition has {len(members)} members, want 1 to {MEMBER_COUNT_MAX}")
    check_unique((repr(member) for member in members), "member of a condition")


def first_met(formula: Formula[L], leaf_at: Callable[[L], Instant | None]) -> Instant | None:
    """Return the earliest instant at which the formula holds, None if it never does.

    `leaf_at` says when a leaf first holds; once it holds it holds for good. All of: the latest; any of: the
    earliest; at least k: the k-th earliest. No order of the facts and no choice of them gives another instant.
    """
    if isinstance(formula, AllOf | AnyOf | AtLeast):
        met = sorted(at for at in (first_met(one, leaf_at) for one in formula.of) if at is not None)
        wanted = 1 if isinstance(formula, AnyOf) else len(formula.of)
        if isinstance(formula, AtLeast):
            wanted = formula.count
        return met[wanted - 1] if len(met) >= wanted else None
    return leaf_at(formula)


def formula_leaves(formula: Formula[L]) -> Iterator[L]:
    """Yield the leaves of a formula, in order."""
    if isinstance(formula, AllOf | AnyOf | AtLeast):
        for member in formula.of:
            yield from formula_leaves(member)
    else:
        yield formula


def parse_formula(fields: Fields, parse_leaf: Callable[[Fields], L], *, depth: int = 1) -> Formula[L]:
    """Parse the wire form of a formula; `parse_leaf` reads a leaf, and refuses what it does not know.

    Raises:
        MalformedError: it is not in that form, or nested deeper than CONDITION_DEPTH_MAX.
    """
    if depth > CONDITION_DEPTH_MAX:
        raise MalformedError(f"{fields.where}: condition is nested deeper than {CONDITION_DEPTH_MAX}")

    def members(inside: Fields, key: str) -> tuple[Formula[L], ...]:
        found = inside.objects(key, MEMBER_COUNT_MAX)
        return tuple(parse_formula(member, parse_leaf, depth=depth + 1) for member in found)

    formula: Formula[L]
    if fields.has("allOf"):
        every = members(fields, "allOf")
        formula = build(fields.where, lambda: AllOf(of=every))
    elif fields.has("anyOf"):
        some = members(fields, "anyOf")
        formula = build(fields.where, lambda: AnyOf(of=some))
    elif fields.has("atLeast"):
        group = fields.object("atLeast")
        count, of = group.integer("count"), members(group, "of")
        formula = build(group.where, lambda: AtLeast(count=count, of=of))
        group.done()
    else:
        formula = parse_leaf(fields)
    fields.done()
    return formula


def format_formula(formula: Formula[L], format_leaf: Callable[[L], JSON]) -> JSON:
    """Return the wire form of a formula."""
    if isinstance(formula, AllOf):
        return {"allOf": _format_members(formula.of, format_leaf)}  # type: ignore[arg-type]  # mypy finds no L in a union with L
    if isinstance(formula, AnyOf):
        return {"anyOf": _format_members(formula.of, format_leaf)}  # type: ignore[arg-type]  # mypy finds no L in a union with L
    if isinstance(formula, AtLeast):
        return {"atLeast": {"count": formula.count, "of": _format_members(formula.of, format_leaf)}}  # type: ignore[arg-type]  # mypy finds no L in a union with L
    return format_leaf(formula)


def _format_members(members: Sequence[Formula[L]], format_leaf: Callable[[L], JSON]) -> list[JSON]:
    return [format_formula(member, format_leaf) for member in members]
