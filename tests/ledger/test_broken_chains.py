"""Since when a chain is broken: known from a prefix of the log, and never taken back by what is logged later."""

from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.case import ChainFault, ChainFaultKind, Entry
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import fold
from allstop.statement import Header, Statement, Subject
from allstop.times import Instant
from allstop.tlog import Hash

ALDER, BIRCH = Name("alder"), Name("birch")
AGREEMENT = digest_of(b"agreement")


def entry(index: int, party: Name, sequence: int, previous: Digest | None, *, at: int = 0) -> Entry:
    """Return an entry whose digest follows from its index, proven at an instant."""
    header = Header(
        agreement=AGREEMENT,
        origin="log.example.org/example",
        party=party,
        sequence=sequence,
        previous=previous,
    )
    subject = Subject(name="agreement", digest=AGREEMENT)
    return Entry(
        index=index,
        leaf=Hash(bytes(32)),
        digest=digest_of(b"%d" % index),
        statement=Statement(predicate=Name("signature"), header=header, subjects=(subject,), body={}),
        signers=frozenset({party}),
        not_before=None,
        not_after=Instant(at or 1000 + index),
        quoted_at=None,
    )


@st.composite
def logs(draw: st.DrawFn) -> list[Entry]:
    """Draw a log in which two parties count and link as they like."""
    entries: list[Entry] = []
    for index in range(draw(st.integers(0, 12))):
        sequence = draw(st.integers(0, 3))
        links = [digest_of(b"lost"), *(one.digest for one in entries)]
        previous = draw(st.sampled_from(links)) if sequence else None
        party = draw(st.sampled_from([ALDER, BIRCH]))
        entries.append(entry(index, party, sequence, previous, at=1000 + index // 3))
    return entries


@settings(max_examples=300, deadline=None)
@given(log=logs(), cut=st.integers(1000, 1005))
def test_a_chain_that_is_broken_stays_broken_since_the_same_instant(log: list[Entry], cut: int) -> None:
    """A fold at an instant finds what a later fold finds, up to that instant."""
    early = fold(log, chain_faults=(), at=Instant(cut)).broken_at
    late = fold(log, chain_faults=(), at=Instant(9999)).broken_at
    assert early == {party: when for party, when in late.items() if when <= Instant(cut)}


def test_a_third_statement_with_one_number_gives_nothing_back() -> None:
    """Whoever forked at 1001 stays broken since 1001, whatever else it files under that number."""
    log = [entry(index, ALDER, 0, None) for index in range(4)]
    for count in (2, 3, 4):
        assert {ALDER: Instant(1001)} == fold(log[:count], chain_faults=(), at=Instant(9999)).broken_at


def test_a_gap_breaks_nothing_since_the_log_s_operator_could_make_it() -> None:
    """A number that is missing, and one that is filled in later, leave the chain whole."""
    log = [
        entry(0, ALDER, 0, None),
        entry(1, ALDER, 2, digest_of(b"2")),
        entry(2, ALDER, 1, digest_of(b"0")),
    ]
    for count in (1, 2, 3):
        assert {} == fold(log[:count], chain_faults=(), at=Instant(9999)).broken_at


def test_following_another_statement_breaks_the_chain_in_either_order() -> None:
    """A statement that does not follow the one before it breaks the chain once both are proven."""
    for order in ((0, 1), (1, 0)):
        both = (entry(0, ALDER, 0, None), entry(1, ALDER, 1, digest_of(b"lost")))
        log = [both[number] for number in order]
        log = [
            entry(i, ALDER, one.statement.header.sequence, one.statement.header.previous)
            for i, one in enumerate(log)
        ]
        assert {ALDER: Instant(1001)} == fold(log, chain_faults=(), at=Instant(9999)).broken_at


def test_copies_and_statements_of_other_agreements_are_not_of_the_chain() -> None:
    """What anybody could have put there again, or filed elsewhere, breaks nothing."""
    log = [entry(0, ALDER, 0, None), entry(1, ALDER, 0, None)]
    for kind in (ChainFaultKind.REPLAY, ChainFaultKind.FOREIGN_AGREEMENT):
        fault = ChainFault(party=ALDER, entry_index=1, kind=kind, text="copy", rests_on=(0, 1))
        assert {} == fold(log, chain_faults=(fault,), at=Instant(9999)).broken_at
