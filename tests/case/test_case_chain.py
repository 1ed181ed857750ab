"""Parties' chains: each way of breaking one is a value that names the entries, whoever runs the log.

The log of these tests is complicit: it logs whatever it gets and the witnesses cosign the tree, which they
do not read. What keeps parties honest is that their statements hang together.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from allstop.case import ChainFault, ChainFaultKind, VerifiedCase, open_case
from allstop.ids import Digest, digest_of
from allstop.statement import SeenCheckpoint, Statement, format_statement, parse_envelope, statement_digest
from allstop.times import Instant
from allstop.tlog import (
    EMPTY_ROOT,
    Hash,
    leaf_hash,
    leaf_hashes,
    prove_inclusion,
    root_at,
    tree_root,
    verify_inclusion,
)
from allstop.witness import format_policy
from support_case import START, CaseBuilder, build_case, read_keys
from support_statement import AGREEMENT, ALDER, BIRCH


def opened(case: CaseBuilder) -> VerifiedCase:
    """Open a case under its own policy and agreement, given from outside."""
    return open_case(
        case.files(), policy=format_policy(case.policy), agreement=case.agreement_digest, read_keys=read_keys
    )


def faults_of(case: CaseBuilder) -> list[tuple[ChainFaultKind, tuple[int, ...]]]:
    """Return kind and entries of every fault of a case."""
    return [(fault.kind, fault.rests_on) for fault in opened(case).chain_faults]


def with_statements(*statements: Statement) -> CaseBuilder:
    """Return a case with a checkpoint statement at 0 and these behind it."""
    case = CaseBuilder()
    case.open_batch()
    for statement in statements:
        case.append(statement)
    case.close_batch()
    return case


def chain(count: int, body: str = "") -> list[Statement]:
    """Return an honest chain of Alder's."""
    case = CaseBuilder()
    made = []
    for number in range(count):
        made.append(case.make(ALDER, "site", {"note": f"{number}{body}"}))
        case.append(made[-1])
    return made


def test_an_honest_chain_has_no_fault() -> None:
    """Sequence numbers without gaps, each naming the one before, across batches and parties."""
    assert faults_of(with_statements(*chain(6))) == []
    assert faults_of(build_case(90, batch=7)) == []


@pytest.mark.parametrize("lost", range(5))
def test_a_dropped_statement_leaves_a_gap(lost: int) -> None:
    """Each of six is left out in turn: the next one follows nothing. Only the last leaves no trace here.

    That the last one is missing is what period-close statements are for.
    """
    statements = chain(6)
    del statements[lost]
    case = with_statements(*statements)
    assert faults_of(case) == [(ChainFaultKind.GAP, (lost + 1,))]
    [fault] = opened(case).chain_faults
    assert fault.party == ALDER
    assert fault.entry_index == lost + 1
    assert fault.text == f"has sequence {lost + 1}, and no statement has {lost}"


def test_a_run_of_dropped_statements_is_one_gap() -> None:
    """What follows a gap is judged on its own again."""
    statements = chain(6)
    assert faults_of(with_statements(statements[0], *statements[4:])) == [(ChainFaultKind.GAP, (2,))]


@pytest.mark.parametrize("twice", range(3))
def test_a_repeated_statement_is_a_replay(twice: int) -> None:
    """The first one counts; the second names the first, even if it carries more signatures."""
    case = with_statements(*chain(3))
    case.append_raw(case.entries[twice + 1])
    case.close_batch()
    assert faults_of(case) == [(ChainFaultKind.REPLAY, (twice + 1, 4))]
    again = opened(case).entries[twice + 1].statement
    case.append(again, [*case.signers(ALDER), *case.signers(BIRCH)])
    case.close_batch()
    assert faults_of(case) == [
        (ChainFaultKind.REPLAY, (twice + 1, 4)),
        (ChainFaultKind.REPLAY, (twice + 1, 5)),
    ]


def test_reordered_statements_are_out_of_order() -> None:
    """A statement names the one before by digest, so it cannot have been made first."""
    first, second, third = chain(3)
    assert faults_of(with_statements(first, third, second)) == [(ChainFaultKind.OUT_OF_ORDER, (2, 3))]
    assert faults_of(with_statements(third, second, first)) == [
        (ChainFaultKind.OUT_OF_ORDER, (1, 2)),
        (ChainFaultKind.OUT_OF_ORDER, (2, 3)),
    ]


def test_a_wrong_previous_is_named_with_what_it_should_follow() -> None:
    """`previous` must be the digest of a statement with the number before, not just any digest."""
    first, second, _ = chain(3)
    wrong = replace(second, header=replace(second.header, previous=digest_of(b"something else")))
    assert faults_of(with_statements(first, wrong)) == [(ChainFaultKind.WRONG_PREVIOUS, (1, 2))]


def test_threat_I1_two_declarations_conflict_alike_in_both_orders() -> None:
    """Alder declares two things under one number: both are kept, and the order does not matter.

    The finding is the same bytes in either order, and each side is proven by its leaf.
    """
    first, one = chain(2)
    other = replace(one, body={"note": "the opposite"})
    found: list[tuple[ChainFault, ...]] = []
    for pair in ((one, other), (other, one)):
        case = with_statements(first, *pair)
        result = opened(case)
        found.append(result.chain_faults)
        assert [entry.statement for entry in result.entries[2:]] == list(pair)
        [fault] = result.chain_faults
        assert (fault.kind, fault.rests_on, fault.party) == (ChainFaultKind.FORK, (2, 3), ALDER)
        for index in fault.rests_on:
            prove_leaf(case, result, index)
    assert found[0] == found[1]


def prove_leaf(case: CaseBuilder, result: VerifiedCase, index: int) -> None:
    """Prove that one entry is under the cosigned root, as an outsider would."""
    leaves = leaf_hashes(case.entries)

    def hash_at(level: int, place: int) -> Hash:
        return tree_root(leaves[place << level : (place + 1) << level])

    verify_inclusion(
        leaf=leaf_hash(case.entries[index]),
        index=index,
        size=result.size,
        proof=prove_inclusion(index=index, size=result.size, hash_at=hash_at),
        root=result.root,
    )
    assert result.root == root_at(result.size, hash_at)


def test_both_branches_of_a_fork_may_go_on() -> None:
    """A fork is one fault, not one for every later statement: each may follow either branch."""
    first, one = chain(2)
    other = replace(one, body={"note": "the opposite"})
    after_one = follow(one)
    after_other = follow(other)
    case = with_statements(first, one, other, after_one, after_other)
    assert faults_of(case) == [(ChainFaultKind.FORK, (2, 3)), (ChainFaultKind.FORK, (4, 5))]
    assert faults_of(with_statements(first, one, other, after_other)) == [(ChainFaultKind.FORK, (2, 3))]


def follow(statement: Statement) -> Statement:
    """Return a statement that follows this one."""
    previous = statement_digest(format_statement(statement))
    header = replace(statement.header, sequence=statement.header.sequence + 1, previous=previous)
    return replace(statement, header=header, body={"follows": previous[:8]})


def test_threat_I3_a_replay_across_agreements_says_nothing_here() -> None:
    """A statement under another agreement is kept, marked, and takes no number in this one's chain."""
    case = with_statements(*chain(2))
    case.append(case.make(ALDER, "site", {}, agreement=AGREEMENT, sequence=1, previous=digest_of(b"x")))
    case.heads[ALDER] = (1, opened_head(case, 2))
    case.say(ALDER)
    case.close_batch()
    assert faults_of(case) == [(ChainFaultKind.FOREIGN_AGREEMENT, (3,))]
    assert opened(case).missing == ()


def opened_head(case: CaseBuilder, index: int) -> Digest:
    """Return the digest of a logged statement."""
    return statement_digest(parse_envelope(case.entries[index]).payload)


def test_a_party_cannot_break_anothers_chain() -> None:
    """Chains are per party: Birch's gap is Birch's, and Alder's statements stay without fault."""
    case = CaseBuilder()
    case.open_batch()
    case.say(ALDER)
    case.append(case.make(BIRCH, "site", {}, sequence=4, previous=digest_of(b"x")))
    case.say(ALDER)
    case.close_batch()
    assert [(fault.party, fault.kind) for fault in opened(case).chain_faults] == [(BIRCH, ChainFaultKind.GAP)]


def root_of(case: CaseBuilder, size: int) -> Digest:
    """Return the root that the case's tree had at a size."""
    return Digest((tree_root(leaf_hashes(case.entries[:size])) if size else EMPTY_ROOT).hex())


@pytest.mark.parametrize("size", [0, 1, 2, 30, 31])
def test_a_checkpoint_that_the_log_had_is_no_fault(size: int) -> None:
    """Any tree that held only earlier entries may be named, cosigned or not."""
    case = build_case(30)
    case.open_batch()
    case.say(ALDER, checkpoint=SeenCheckpoint(size=size, root=root_of(case, size)))
    case.close_batch()
    assert faults_of(case) == []


@pytest.mark.parametrize("size", [0, 1, 30, 31, 32, 33, 1000])
def test_threat_I2_a_checkpoint_that_never_was_is_flagged(size: int) -> None:
    """A statement that names a root of no earlier tree was made for another history, or not yet possible."""
    case = build_case(30)
    case.open_batch()
    case.say(ALDER, checkpoint=SeenCheckpoint(size=size, root=digest_of(b"no root")))
    case.say(ALDER)
    case.close_batch()
    assert faults_of(case) == [(ChainFaultKind.FALSE_CHECKPOINT, (31,))]


def test_threat_I2_a_later_tree_cannot_be_named() -> None:
    """A true root of a tree that holds the entry itself, or a later one, is flagged too (size, not root)."""
    case = build_case(30)
    header_size = 31
    case.open_batch()
    case.say(ALDER, checkpoint=SeenCheckpoint(size=header_size + 1, root=root_of(case, header_size)))
    case.close_batch()
    assert faults_of(case) == [(ChainFaultKind.FALSE_CHECKPOINT, (31,))]


def test_threat_I3_what_is_logged_after_its_expiry_is_flagged() -> None:
    """Expiry is judged by proven time: at the moment itself and before, or where none is proven, all is well."""
    case = CaseBuilder()
    case.batch([(ALDER, "site")])
    case.open_batch()
    noted = open_case(case_closed(case).files(), policy=None, agreement=None, read_keys=read_keys).newest
    assert noted is not None
    case.say(ALDER, expires_at=noted)
    case.say(ALDER, expires_at=noted.plus(-1))
    case.close_batch()
    assert faults_of(case) == [(ChainFaultKind.EXPIRED, (4,))]
    early = CaseBuilder()
    early.open_batch()
    early.say(ALDER, expires_at=Instant(START.ms - 10**9))
    early.close_batch()
    assert faults_of(early) == []


def case_closed(case: CaseBuilder) -> CaseBuilder:
    """Return a copy of a case with its open batch closed."""
    copy = CaseBuilder(entries=list(case.entries), notes=list(case.notes), at=case.at)
    copy.close_batch()
    return copy


def test_faults_are_listed_in_the_order_of_the_log() -> None:
    """The list is the same on every machine: by last entry, then kind."""
    statements = chain(6)
    case = with_statements(statements[0], statements[2], statements[2], statements[5])
    found = faults_of(case)
    assert found == [
        (ChainFaultKind.GAP, (2,)),
        (ChainFaultKind.REPLAY, (2, 3)),
        (ChainFaultKind.GAP, (4,)),
    ]


def test_the_table_of_faults_in_the_specification_is_complete() -> None:
    """Section 4 of the page lists the kinds that the code has, each once."""
    page = (Path(__file__).resolve().parents[2] / "spec" / "case.md").read_text("utf-8")
    section = page.split("## 4. Faults")[1].split("## 5.")[0]
    listed = sorted(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE))
    assert sorted(kind.value for kind in ChainFaultKind) == listed
