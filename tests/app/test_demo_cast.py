"""The demo's cast: who does what unless the reader asks for something else."""

import pytest

from allstop.app.demo import Kind, cast_of, describe, parse_cheat
from allstop.errors import UsageError
from allstop.ids import Name

ALDER, BIRCH, ELM = Name("alder"), Name("birch"), Name("elm")


def test_the_usual_cast_has_one_honest_party_and_four_kinds_of_cheat() -> None:
    """Nobody does what another does, and only Elm runs a machine besides."""
    cast = cast_of()
    assert 5 == len(set(cast.kinds.values()))
    assert (ALDER,) == cast.parties(Kind.HONEST)
    assert (ELM,) == cast.unregistered


def test_an_honest_cast_hides_nothing() -> None:
    """Every party is honest and no machine is unregistered; a cheat is an exception to that."""
    cast = cast_of(honest=True, cheats={BIRCH: Kind.FAKE_LOG})
    assert (BIRCH,) == cast.parties(Kind.FAKE_LOG)
    assert 4 == len(cast.parties(Kind.HONEST))
    assert () == cast.unregistered


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_can_be_asked_for_and_is_described(kind: Kind) -> None:
    """What a reader types is the kind's value, for any party that has a site."""
    assert (ALDER, kind) == parse_cheat(f"alder={kind.value}")
    assert describe(kind)


@pytest.mark.parametrize(
    "text", ["alder", "alder=", "alder=lying", "=honest", "registrar=idle", "Alder=idle"]
)
def test_what_is_no_cheat_is_refused_with_what_there_is(text: str) -> None:
    """The hint lists parties and kinds."""
    with pytest.raises(UsageError) as caught:
        parse_cheat(text)
    assert "hidden-training" in (caught.value.hint or "")


def test_who_has_no_site_has_no_part() -> None:
    """The registrar keeps the log and cannot be cast as a cheat."""
    with pytest.raises(UsageError, match="registrar has no site"):
        cast_of(cheats={Name("registrar"): Kind.IDLE})
