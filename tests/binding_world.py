"""A small world for becoming bound: five parties, three of them custodians, and a log that takes any statement.

Instants are small numbers: sealed deposits close at 50 and open by 60, the deadline is 100, the lead time 20.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agreement_examples import agreement, party
from allstop.agreement import (
    AccessionTerms,
    Agreement,
    AllOf,
    BindingTerms,
    Condition,
    DepositBody,
    Deposited,
    Edge,
    Party,
    PartyKind,
    Relation,
    SealedTerms,
)
from allstop.binding import (
    SealContext,
    SealedDeposit,
    Share,
    ShareReceipt,
    commit_share,
    derive_shares,
    make_secret,
)
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import Filed, State
from allstop.times import Instant

ALDER, BIRCH, CEDAR, DOGWOOD, ELM = (Name(n) for n in ("alder", "birch", "cedar", "dogwood", "elm"))
CUSTODIANS = (CEDAR, DOGWOOD, ELM)
IDENTITY = digest_of(b"the agreement of this world")
CLOSE, OPEN_BY, DEADLINE, LEAD = 50, 60, 100, 20
BOTH: Condition = AllOf(of=(Deposited(party=ALDER), Deposited(party=BIRCH)))
SEALED = SealedTerms(
    custodians=CUSTODIANS, threshold=2, receipts=2, close=Instant(CLOSE), open_by=Instant(OPEN_BY)
)
ACCESSION = AccessionTerms(until=Instant(200), rule=None, lead_ms=5)


def members(*, developer: bool = False) -> tuple[Party, ...]:
    """Return the five parties: two states (or developers) that matter, three custodians in three blocs."""
    kind = PartyKind.DEVELOPER if developer else PartyKind.STATE
    plain = (
        party("alder", 1, kind=kind, critical=True),
        party("birch", 2, kind=kind, critical=True),
        party("cedar", 3, kind=PartyKind.CUSTODIAN),
        party("dogwood", 4, kind=PartyKind.CUSTODIAN),
        party("elm", 5, kind=PartyKind.CUSTODIAN),
    )
    blocs = ("north", "south", "east", "west", "centre")
    return tuple(replace(one, bloc=Name(bloc)) for one, bloc in zip(plain, blocs, strict=True))


def world(
    binding: BindingTerms | None = None,
    *,
    condition: Condition = BOTH,
    edges: tuple[tuple[Name, Relation, Name], ...] = (),
    **changes: object,
) -> Agreement:
    """Return the agreement of this world with these terms."""
    plain = agreement()
    return replace(
        plain,
        parties=members(),
        edges=tuple(Edge(source=a, relation=relation, target=b) for a, relation, b in edges),
        entry=replace(plain.entry, condition=condition, deadline=Instant(DEADLINE), lead_ms=LEAD),
        binding=binding,
        **changes,  # type: ignore[arg-type]  # names and types are the caller's business
    )


@dataclass
class Log:
    """Statements by proven time; each party's sequence counts in the order in which it files."""

    filed: list[Filed[object]] = field(default_factory=list)
    _sequences: dict[Name, int] = field(default_factory=dict)

    def file(self, party: Name, value: object, at: int, *, signers: tuple[Name, ...] = ()) -> Digest:
        """File a statement that is proven at `at`, and return its digest."""
        sequence = self._sequences.get(party, 0)
        self._sequences[party] = sequence + 1
        digest = digest_of(f"{party} {sequence}".encode())
        self.filed.append(
            Filed(
                value=value,
                entry=len(self.filed),
                digest=digest,
                party=party,
                sequence=sequence,
                signers=frozenset({party, *signers}),
                not_before=None,
                not_after=Instant(at),
            )
        )
        return digest

    def deposit(self, party: Name, at: int) -> Digest:
        """File an open deposit."""
        return self.file(party, DepositBody(deadline_seen=None), at)

    def state(self, at: int = 10**6, **changes: object) -> State:
        """Return what the log says at `at`, in the order of proven time."""
        counted = sorted((one for one in self.filed if one.not_after.ms <= at), key=lambda one: one.not_after)
        facts: dict[type, tuple[Filed[object], ...]] = {}
        for kind, group in itertools.groupby(
            sorted(counted, key=lambda one: type(one.value).__name__), key=lambda one: type(one.value)
        ):
            facts[kind] = tuple(group)
        plain = State(
            at=Instant(at), counted=len(counted), pending=len(self.filed) - len(counted), facts=facts
        )
        return replace(plain, **changes)  # type: ignore[arg-type]  # names and types are the caller's business


@dataclass(frozen=True)
class Seal:
    """A sealed deposit as its party made it: the statement, and the share of each custodian."""

    value: SealedDeposit
    shares: Mapping[Name, bytes]


def seal(
    party: Name,
    *,
    is_deposit: bool = True,
    custodians: tuple[Name, ...] = CUSTODIANS,
    threshold: int = 2,
    number: int = 0,
    bend: int | None = None,
) -> Seal:
    """Seal a choice; with `bend`, share `bend` is of another secret, and its commitment fits it."""
    context = SealContext(agreement=IDENTITY, party=party, threshold=threshold)
    random = digest_of(f"{party} {number}".encode()).encode()[:31]
    secret = make_secret(is_deposit=is_deposit, random=random)
    shares = [*derive_shares(secret, count=len(custodians), context=context)]
    if bend is not None:
        shares[bend - 1] = bytes(31) + b"\x07"
    commitments = tuple(commit_share(one, index=i, context=context) for i, one in enumerate(shares, start=1))
    value = SealedDeposit(threshold=threshold, custodians=custodians, commitments=commitments)
    return Seal(value=value, shares=dict(zip(custodians, shares, strict=True)))


def receipt(seal: Seal, deposit: Digest, custodian: Name) -> ShareReceipt:
    """Return a custodian's receipt."""
    return ShareReceipt(deposit=deposit, index=seal.value.custodians.index(custodian) + 1)


def share(seal: Seal, deposit: Digest, custodian: Name) -> Share:
    """Return a custodian's share, to be shown."""
    index = seal.value.custodians.index(custodian) + 1
    return Share(deposit=deposit, index=index, share=seal.shares[custodian])


def file_sealed(
    log: Log,
    party: Name,
    *,
    is_deposit: bool = True,
    at: int = 10,
    receipts: Mapping[Name, int] | None = None,
    shares: Mapping[Name, int] | None = None,
    **changes: int,
) -> Digest:
    """File a sealed deposit with its receipts and shares at these instants; by default all, in time."""
    made = seal(party, is_deposit=is_deposit, **changes)  # type: ignore[arg-type]  # as `seal`
    digest = log.file(party, made.value, at)
    for name, when in (dict.fromkeys(CUSTODIANS, 20) if receipts is None else receipts).items():
        log.file(name, receipt(made, digest, name), when)
    for name, when in (dict.fromkeys(CUSTODIANS, 55) if shares is None else shares).items():
        log.file(name, share(made, digest, name), when)
    return digest
