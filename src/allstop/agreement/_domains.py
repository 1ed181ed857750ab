"""Trust domains: parties that own, operate or answer for one another are one, wherever several must agree.

Implements spec/convening.md, section 3. Renting makes nobody one with its landlord.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from allstop.agreement._parties import Edge, Party, Relation
from allstop.ids import Name

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = ["controllers", "home_blocs", "trust_domain", "trust_domains"]

_CONTROL = (Relation.OWNS, Relation.OPERATES, Relation.RESPONSIBLE_FOR)


def trust_domains(parties: Sequence[Party], edges: Sequence[Edge]) -> Mapping[Name, Name]:
    """Return for each party the first name, by alphabet, among all with which it is one."""
    domain = {party.id: party.id for party in parties}
    for edge in edges:
        if edge.relation in _CONTROL:
            one, other = sorted((domain[edge.source], domain[edge.target]))
            domain = {party: one if head == other else head for party, head in domain.items()}
    return domain


def trust_domain(agreement: "Agreement", party: Name) -> frozenset[Name]:
    """Return a party and all with which it is one; of a name that is no party, itself."""
    domains = trust_domains(agreement.parties, agreement.edges)
    head = domains.get(party, party)
    return frozenset(name for name, other in domains.items() if other == head) | {party}


def controllers(parties: Sequence[Party], edges: Sequence[Edge]) -> Mapping[Name, frozenset[Name]]:
    """Return for each domain, by its name, those of its parties that no other party controls.

    Where all control one another in a ring, all of them.
    """
    controlled = {edge.target for edge in edges if edge.relation in _CONTROL}
    members: dict[Name, set[Name]] = {}
    for party, head in trust_domains(parties, edges).items():
        members.setdefault(head, set()).add(party)
    return {head: frozenset(found - controlled or found) for head, found in members.items()}


def home_blocs(parties: Sequence[Party], edges: Sequence[Edge]) -> Mapping[Name, Name | None]:
    """Return for each domain, by its name, the one bloc of those who control it; None where they are of several.

    A company abroad does not make its owner a voice of another bloc.
    """
    bloc_of = {party.id: party.bloc for party in parties}
    blocs = {head: {bloc_of[one] for one in found} for head, found in controllers(parties, edges).items()}
    return {head: next(iter(found)) if len(found) == 1 else None for head, found in blocs.items()}
