"""Chain faults come and go with what is logged later; the instant of entry into force does not."""

import pytest

from allstop.agreement import DEPOSIT_PREDICATE, BindingTerms, DepositBody
from allstop.binding import RESERVATION_PREDICATE, Reservation
from allstop.case import Entry
from allstop.case._chain import find_chain_faults
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import State, fold
from allstop.standing import binding_of
from allstop.statement import Header, Statement, Subject
from allstop.times import Instant
from allstop.tlog import Hash
from binding_world import ALDER, BIRCH, world

AGREEMENT = digest_of(b"this agreement")
AGREED = world(BindingTerms())


def entry(
    index: int,
    party: Name,
    sequence: int,
    previous: Digest | None,
    *,
    at: int,
    name: bytes,
    agreement: Digest = AGREEMENT,
) -> Entry:
    """Return a verified entry: a deposit, or a reservation under another name that means nothing here."""
    predicate, body = DEPOSIT_PREDICATE.name, DEPOSIT_PREDICATE.format(DepositBody(deadline_seen=None))
    if name != b"deposit":
        predicate = RESERVATION_PREDICATE.name
        body = RESERVATION_PREDICATE.format(Reservation(clauses=("1.1",), text=name.decode()))
    return Entry(
        index=index,
        leaf=Hash(bytes(32)),
        digest=digest_of(b"%s %s %d" % (party.encode(), name, sequence)),
        statement=Statement(
            predicate=predicate,
            header=Header(
                agreement=agreement,
                origin="log.example.org/example",
                party=party,
                sequence=sequence,
                previous=previous,
            ),
            subjects=(Subject(name="agreement", digest=AGREEMENT),),
            body=body,
        ),
        signers=frozenset({party}),
        not_before=None,
        not_after=Instant(at),
        quoted_at=None,
    )


def read(entries: list[Entry], at: int) -> State:
    """Fold a log as a reader does who holds exactly these entries."""
    faults = find_chain_faults(entries, agreement=AGREEMENT, roots={})
    return fold(entries, chain_faults=faults, at=Instant(at))


LATER = digest_of(b"a statement that is logged later")
BROKEN: dict[str, tuple[list[Entry], list[Entry]]] = {
    "a gap that is filled": (
        [entry(0, BIRCH, 1, digest_of(b"birch first 0"), at=10, name=b"deposit")],
        [entry(2, BIRCH, 0, None, at=60, name=b"first")],
    ),
    "a link that is made good": (
        [
            entry(0, BIRCH, 0, None, at=10, name=b"first"),
            entry(1, BIRCH, 1, digest_of(b"birch twin 0"), at=10, name=b"deposit"),
        ],
        [entry(3, BIRCH, 0, None, at=60, name=b"twin")],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_chain_that_heals_binds_nobody_in_the_past(name: str) -> None:
    """Goal: what the log proves at 40 about 20 holds at 80 too. Method: Birch's chain is broken until it files once
    more; its faults are others then, and the instant is where it was.
    """
    first, more = BROKEN[name]
    log = [*first, entry(len(first), ALDER, 0, None, at=20, name=b"deposit")]
    before, after = read(log, 40), read([*log, *more], 80)
    assert BIRCH in before.distrusted
    assert before.faults != after.faults
    found = [binding_of(AGREED, state) for state in (before, after)]
    assert [Instant(40), Instant(40)] == [one.entry.in_force_from for one in found]
    assert found[0].bound_at(Instant(40)) == found[1].bound_at(Instant(40)) == {ALDER, BIRCH}


def test_a_deposit_of_another_text_counts_nothing_and_is_a_finding() -> None:
    """A statement under another agreement is no deposit here, and stays in the log as a fault."""
    log = [
        entry(0, ALDER, 0, None, at=10, name=b"deposit"),
        entry(1, BIRCH, 0, None, at=10, name=b"deposit", agreement=digest_of(b"another text")),
    ]
    state = read(log, 40)
    assert binding_of(AGREED, state).entry.met_at is None
    assert [("STM-007", BIRCH)] == [(fault.kind.value, fault.party) for fault in state.faults]
