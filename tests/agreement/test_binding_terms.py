"""Terms of becoming bound and leaving: who may keep shares, and what is refused besides the vectors."""

from dataclasses import replace

import pytest

from allstop.agreement import BindingTerms, Party, Relation, SealedTerms, custodians_of
from allstop.errors import MalformedError
from allstop.ids import Name
from binding_world import ALDER, BIRCH, CEDAR, CUSTODIANS, DOGWOOD, ELM, SEALED, world

TERMS = BindingTerms(sealed=SEALED)
Edges = tuple[tuple[Name, Relation, Name], ...]


@pytest.mark.parametrize("relation", [Relation.OWNS, Relation.OPERATES, Relation.RESPONSIBLE_FOR])
def test_a_party_has_no_custodian_that_it_is_one_with(relation: Relation) -> None:
    """Directly, in either direction, and through a third party; a tenant is nobody's voice."""
    for edges in (
        ((ELM, relation, ALDER),),
        ((ALDER, relation, ELM),),
        ((ALDER, relation, BIRCH), (ELM, relation, BIRCH)),
    ):
        assert (CEDAR, DOGWOOD) == custodians_of(world(TERMS, edges=edges), ALDER)
    assert CUSTODIANS == custodians_of(world(TERMS, edges=((ELM, Relation.RENTS, ALDER),)), ALDER)
    assert (DOGWOOD, ELM) == custodians_of(world(TERMS), CEDAR)


def test_nobody_keeps_shares_where_nothing_is_sealed() -> None:
    """Without the part, or without its terms of sealed deposits."""
    assert () == custodians_of(world(None), ALDER) == custodians_of(world(BindingTerms()), ALDER)


def test_custodians_that_are_one_are_refused() -> None:
    """Two of them under one owner could look, or block, as one."""
    with pytest.raises(MalformedError, match="custodian elm is controlled together"):
        world(TERMS, edges=((ALDER, Relation.OWNS, DOGWOOD), (ALDER, Relation.OWNS, ELM)))


def test_a_bloc_with_as_many_custodians_as_open_is_refused() -> None:
    """A bloc alone must not look early; with a higher threshold it may have as many."""
    plain = world(None)

    def together(party: Party) -> Party:
        return replace(party, bloc=Name("east")) if party.id in (CEDAR, DOGWOOD) else party

    parties = tuple(together(party) for party in plain.parties)
    with pytest.raises(
        MalformedError, match="2 custodians are of bloc east, want fewer than the threshold of 2"
    ):
        replace(plain, parties=parties, binding=TERMS)
    three = SealedTerms(
        custodians=CUSTODIANS, threshold=3, receipts=3, close=SEALED.close, open_by=SEALED.open_by
    )
    assert replace(plain, parties=parties, binding=BindingTerms(sealed=three)).binding is not None


@pytest.mark.parametrize("count", [1, 33])
def test_the_number_of_custodians_has_bounds(count: int) -> None:
    """One cannot be two of any, and lists have a limit."""
    names = tuple(Name(f"c{i}") for i in range(count))
    with pytest.raises(MalformedError, match="custodians"):
        SealedTerms(custodians=names, threshold=2, receipts=2, close=SEALED.close, open_by=SEALED.open_by)
