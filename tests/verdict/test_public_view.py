"""What rivals and the public see: the same bytes whatever the secrets are, and the listed fields only."""

from collections.abc import Iterator

import pytest

from allstop.canon import JSON
from allstop.ledger import PREDICATES
from allstop.verdict import format_public_view, public_view
from secret_worlds import ONE_VALUE, PAIRS
from verdict_world import World

JUDGED = {name for name, _ in PAIRS}
"""Kinds of statements on which accounts rest."""


def values_of(world: World, predicate: str, field: str) -> list[JSON]:
    """Return a field of every statement of a kind, in log order."""
    found: list[JSON] = []
    for entry in world.entries():
        if entry.statement.predicate == predicate:
            body = entry.statement.body
            assert isinstance(body, dict)
            found.append(body[field])
    return found


def public_bytes(world: World) -> bytes:
    """Return what may be seen of a world."""
    return format_public_view(public_view(world.judge()))


@pytest.mark.parametrize("key", sorted(PAIRS), ids=lambda key: ".".join(key))
def test_a_secret_that_is_another_changes_no_public_byte(key: tuple[str, str]) -> None:
    """Two worlds that differ in one secret field: their logs differ in it, what rivals see does not."""
    plain, other = PAIRS[key]()
    assert values_of(plain, *key) != values_of(other, *key)
    assert public_bytes(plain) == public_bytes(other)


def secrets() -> Iterator[tuple[str, str]]:
    """Yield the secret fields of the kinds of statements on which accounts rest."""
    for predicate in PREDICATES.values():
        if predicate.name in JUDGED:
            yield from ((predicate.name, field) for field in predicate.secret)


def test_no_secret_of_the_accounts_is_left_out() -> None:
    """Every secret field of these kinds has its pair of worlds, or has one legal value; and no pair is for another."""
    assert set(secrets()) == PAIRS.keys() | ONE_VALUE
