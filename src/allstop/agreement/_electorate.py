"""Who may vote on a proposal, counted as voices, and whether those who agree are enough.

Implements spec/convening.md, section 3. A voice is a party together with all others on the roll with which it is
one trust domain: it agrees when every one of them does, and is counted once. Nobody gains by founding a second
company, and nobody who owns a voter speaks for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from allstop.agreement._condition import BlocAtLeast, CriticalAll
from allstop.agreement._convening_terms import (
    Agrees,
    BlocsAtLeast,
    ConveningTerms,
    KindAtLeast,
    SeatAtLeast,
    ShareAtLeast,
    Veto,
    VoteFormula,
    VoteLeaf,
    Voters,
    VotingRule,
)
from allstop.agreement._domains import controllers, trust_domains
from allstop.agreement._formula import AllOf, AnyOf, AtLeast, first_met, formula_leaves
from allstop.agreement._parties import Party
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.times import Instant
from allstop.units import PPM

if TYPE_CHECKING:
    from allstop.agreement._agreement import Agreement

__all__ = ["Count", "Electorate", "electorate_of", "find_missing", "is_adopted", "verify_convening"]

_NOW = Instant(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Electorate:
    """The roll of one vote. `domains` groups parties that are one; `homes` is the bloc of each domain.

    The bloc of a domain is that of the party that controls it; of several that disagree, none.
    """

    roll: tuple[Party, ...]
    domains: Mapping[Name, Name]
    homes: Mapping[Name, Name | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How far one part of a rule is from being met: `found` of `wanted`, in words such as "voices of bloc north"."""

    found: int
    wanted: int
    what: str

    @property
    def is_met(self) -> bool:
        """Whether enough agree."""
        return self.found >= self.wanted


def electorate_of(
    agreement: "Agreement",
    voters: Voters,
    *,
    absent: AbstractSet[Name] = frozenset(),
    like: Electorate | None = None,
) -> Electorate:
    """Return who may vote under this selection, less those who are absent: no members, or recused.

    `like` is another electorate of the same parties, whose domains need not be found again.
    """
    roll = tuple(party for party in agreement.parties if voters.holds(party) and party.id not in absent)
    if like is not None:
        return replace(like, roll=roll)
    bloc_of = {party.id: party.bloc for party in agreement.parties}
    homes: dict[Name, Name | None] = {}
    for domain, heads in controllers(agreement.parties, agreement.edges).items():
        blocs = {bloc_of[head] for head in heads}
        homes[domain] = next(iter(blocs)) if len(blocs) == 1 else None
    return Electorate(
        roll=roll,
        domains=trust_domains(agreement.parties, agreement.edges),
        homes=homes,
    )


def is_adopted(formula: VoteFormula, electorate: Electorate, agreeing: AbstractSet[Name]) -> bool:
    """Tell whether a formula holds when exactly these parties agree; parties off the roll count nothing."""

    def leaf_at(leaf: VoteLeaf) -> Instant | None:
        return _NOW if _count(leaf, electorate, agreeing).is_met else None

    return first_met(formula, leaf_at) is not None  # type: ignore[arg-type]  # mypy finds no L in a union with L


def find_missing(
    formula: VoteFormula, electorate: Electorate, agreeing: AbstractSet[Name]
) -> tuple[Count, ...]:
    """Return the parts of a formula that are not met, each once; none where it holds."""
    found = dict.fromkeys(_missing(formula, electorate, agreeing))
    return tuple(found)


def _missing(formula: VoteFormula, electorate: Electorate, agreeing: AbstractSet[Name]) -> Iterator[Count]:
    if isinstance(formula, AllOf | AnyOf | AtLeast):
        if not is_adopted(formula, electorate, agreeing):
            for member in formula.of:
                yield from _missing(member, electorate, agreeing)
    elif not (count := _count(formula, electorate, agreeing)).is_met:
        yield count


def _voices(electorate: Electorate, group: Iterable[Party], agreeing: AbstractSet[Name]) -> dict[Name, bool]:
    """Return for each voice of a group whether all its parties in the group agree."""
    voices: dict[Name, bool] = {}
    for party in group:
        domain = electorate.domains[party.id]
        voices[domain] = voices.get(domain, True) and party.id in agreeing
    return voices


def _blocs(electorate: Electorate, agreeing: AbstractSet[Name]) -> dict[Name, list[bool]]:
    """Return by bloc, for each of its voices, whether it agrees."""
    blocs: dict[Name, list[bool]] = {}
    for domain, agrees in _voices(electorate, electorate.roll, agreeing).items():
        home = electorate.homes[domain]
        if home is not None:
            blocs.setdefault(home, []).append(agrees)
    return blocs


def _share(votes: int, ppm: int) -> int:
    """Return how many of so many voices are at least this share."""
    return max(1, -(-votes * ppm // PPM))


def _count(leaf: VoteLeaf, electorate: Electorate, agreeing: AbstractSet[Name]) -> Count:
    roll = electorate.roll
    match leaf:
        case Agrees(party=party):
            is_there = party in agreeing and any(one.id == party for one in roll)
            return Count(found=int(is_there), wanted=1, what=f"vote of {party}")
        case CriticalAll():
            critical = [one.id for one in roll if one.critical]
            found = sum(name in agreeing for name in critical)
            return Count(found=found, wanted=max(1, len(critical)), what="critical parties")
        case BlocAtLeast(bloc=bloc, count=count):
            agreed = sum(_blocs(electorate, agreeing).get(bloc, ()))
            return Count(found=agreed, wanted=count, what=f"voices of bloc {bloc}")
        case SeatAtLeast(seat=seat, count=count):
            voices = _voices(electorate, (one for one in roll if one.seat is seat), agreeing)
            return Count(found=sum(voices.values()), wanted=count, what=f"voices of the seat {seat.value}")
        case KindAtLeast(kind=kind, count=count):
            voices = _voices(electorate, (one for one in roll if one.kind is kind), agreeing)
            return Count(found=sum(voices.values()), wanted=count, what=f"voices of the kind {kind.value}")
        case ShareAtLeast(ppm=ppm):
            voices = _voices(electorate, roll, agreeing)
            wanted = _share(len(voices), ppm)
            return Count(found=sum(voices.values()), wanted=wanted, what=f"of all {len(voices)} voices")
        case BlocsAtLeast(count=count, ppm=ppm):
            blocs = _blocs(electorate, agreeing).values()
            reached = sum(sum(votes) >= _share(len(votes), ppm) for votes in blocs)
            return Count(found=reached, wanted=count, what="blocs with the share that the rule asks for")
        case _:
            assert_never(leaf)


def verify_convening(terms: ConveningTerms, agreement: "Agreement") -> None:
    """Check that every rule of the table names parties and could adopt something.

    Raises:
        MalformedError: a rule names somebody who is no party, waits for somebody who has no vote, gives a veto
            that nobody holds, or could not adopt anything even if all who may vote agreed.
    """
    for rule in terms.rules:
        for voters, what in ((rule.voters, "voters"), (rule.proposers, "proposers")):
            _verify_voters(rule, voters, what, agreement)
        electorate = electorate_of(agreement, rule.voters)
        everyone = {party.id for party in electorate.roll}
        for leaf in formula_leaves(rule.adopt):
            _verify_leaf(rule, leaf, everyone, agreement)  # type: ignore[arg-type]  # mypy finds no L in a union with L
        if rule.veto is Veto.CRITICAL and not any(party.critical for party in electorate.roll):
            raise MalformedError(f"voting rule {rule.name} has a veto of critical parties, and none may vote")
        missing = find_missing(rule.adopt, electorate, everyone)
        if missing:
            first = missing[0]
            raise MalformedError(
                f"voting rule {rule.name} could adopt nothing: it asks for {first.wanted} {first.what}, and all"
                f" who may vote are {first.found}"
            )


def _verify_voters(rule: VotingRule, voters: Voters, what: str, agreement: "Agreement") -> None:
    for name in voters.parties:
        if agreement.party(name) is None:
            raise MalformedError(f"voting rule {rule.name} names {name} among its {what}, who is no party")
    if not any(voters.holds(party) for party in agreement.parties):
        raise MalformedError(f"voting rule {rule.name} has no {what}")


def _verify_leaf(
    rule: VotingRule, leaf: VoteLeaf, everyone: AbstractSet[Name], agreement: "Agreement"
) -> None:
    waited: list[Name] = []
    if isinstance(leaf, Agrees):
        waited = [leaf.party]
    elif isinstance(leaf, CriticalAll):
        waited = [party.id for party in agreement.parties if party.critical]
        if not waited:
            raise MalformedError(
                f"voting rule {rule.name} waits for all critical parties, and none is critical"
            )
    for name in waited:
        if name not in everyone:
            raise MalformedError(f"voting rule {rule.name} waits for {name}, who may not vote under it")
