"""The threats of the log that witnesses answer: split views (B1), rollback (B3), one bloc alone (C1), stalling (C2)."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.errors import SignatureError, VerificationError
from allstop.tlog import HashTree, leaf_hash, leaf_hashes, prove_consistency
from allstop.witness import (
    Group,
    LogRecord,
    Policy,
    PolicyLog,
    PolicyWitness,
    Status,
    answer,
    find_split_view,
    format_add_checkpoint,
    open_checkpoint,
    parse_add_checkpoint,
    quorum_size,
    step,
    verify_split_view,
)
from support_log import (
    AT,
    ORIGIN,
    cosigned,
    entries_of,
    key_of,
    log_key,
    policy_of,
    signed,
    tree_of,
    witness_key,
)

TREE = tree_of(8)
FORK = HashTree([*leaf_hashes(entries_of(7)), leaf_hash(b"forked")])
NAMES = ("alder", "birch", "cedar", "dogwood", "elm", "alder-2", "birch-2")


def quorum_policy(count: int, threshold: int) -> Policy:
    """Return a policy in which `threshold` of `count` witnesses are a quorum."""
    names = NAMES[:count]
    return Policy(
        logs=(PolicyLog(key=log_key()),),
        witnesses=tuple(PolicyWitness(name=name, key=witness_key(name)) for name in names),
        groups=(Group(name="g", threshold=threshold, members=names),),
        quorum="g",
    )


class Network:
    """Witnesses of which some are honest and follow `step`, and some cosign whatever they are sent."""

    def __init__(self, count: int, faulty: int) -> None:
        self.records = {
            name: LogRecord(origin=ORIGIN, keys=(log_key(),)) if number >= faulty else None
            for number, name in enumerate(NAMES[:count])
        }

    def send(self, tree: HashTree, size: int, names: list[str]) -> bytes:
        """Send a checkpoint to these witnesses, with the honest proof of its tree; return it with what came back."""
        note = signed(tree, size)
        for name in names:
            record = self.records[name]
            if record is None:
                note = cosigned(note, name)
                continue
            grows = 0 < record.size < size
            proof = prove_consistency(old_size=record.size, size=size, hash_at=tree.hash_at) if grows else ()
            body = format_add_checkpoint(old_size=record.size, proof=proof, note=signed(tree, size))
            decision = step(record, parse_add_checkpoint(body))
            self.records[name] = decision.record
            if decision.status is Status.OK:
                note += answer(decision, [key_of(f"witness {name}")], name=f"{name}.example", at=AT).body
        return note


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([(3, 0), (4, 1), (5, 1), (7, 2)]), st.data())
def test_threat_B1_no_two_readers_accept_two_trees(shape: tuple[int, int], data: st.DataObject) -> None:
    """Property: with k >= (n + f + 1) / 2, whatever the log sends to whom in which order, one tree has a quorum."""
    count, faulty = shape
    policy = quorum_policy(count, quorum_size(witnesses=count, faulty=faulty))
    network = Network(count, faulty)
    accepted = []
    for _ in range(data.draw(st.integers(2, 6))):
        tree = data.draw(st.sampled_from([TREE, FORK]))
        names = data.draw(st.lists(st.sampled_from(NAMES[:count]), unique=True, min_size=faulty + 1))
        note = network.send(tree, 8, names)
        try:
            accepted.append((open_checkpoint(note, policy), note))
        except VerificationError:
            continue
    assert len({opened.checkpoint.root for opened, _ in accepted}) <= 1


def test_threat_B1_with_a_smaller_quorum_a_split_is_possible_and_provable() -> None:
    """One below the bound two readers can be shown two trees; side by side their notes convict the log."""
    policy = quorum_policy(4, 2)
    network = Network(4, 1)
    first = network.send(TREE, 8, ["alder", "birch"])
    second = network.send(FORK, 8, ["alder", "cedar"])
    for note in (first, second):
        open_checkpoint(note, policy)
    evidence = find_split_view(first, second, policy)
    assert evidence is not None
    verify_split_view(evidence, policy)


def test_threat_B3_a_log_restored_from_a_backup_is_refused() -> None:
    """An older checkpoint gets 409 and the newer size; from the recorded size it gets 400."""
    record = LogRecord(origin=ORIGIN, keys=(log_key(),), size=8, root=TREE.root(), note=signed(TREE))
    older = format_add_checkpoint(old_size=4, proof=(), note=signed(TREE, 5))
    decision = step(record, parse_add_checkpoint(older))
    given_back = answer(decision, [], name="alder.example", at=AT)
    assert (Status.CONFLICT, b"8\n") == (given_back.status, given_back.body)
    back = format_add_checkpoint(old_size=8, proof=(), note=signed(TREE, 5))
    assert Status.BAD_REQUEST is step(record, parse_add_checkpoint(back)).status


def test_threat_C1_one_bloc_alone_is_no_quorum() -> None:
    """All of bloc A with all of bloc B, and the neutral group missing: refused, for each group in turn."""
    blocs = (("alder", "birch"), ("cedar", "dogwood"), ("elm",))
    policy = Policy(
        logs=(PolicyLog(key=log_key()),),
        witnesses=tuple(PolicyWitness(name=name, key=witness_key(name)) for names in blocs for name in names),
        groups=(
            *(Group(name=f"bloc-{n}", threshold=1, members=names) for n, names in enumerate(blocs)),
            Group(name="all", threshold=3, members=("bloc-0", "bloc-1", "bloc-2")),
        ),
        quorum="all",
    )
    for pair in combinations(blocs, 2):
        with pytest.raises(SignatureError, match="'all' is not met"):
            open_checkpoint(cosigned(signed(TREE), *pair[0], *pair[1]), policy)
    open_checkpoint(cosigned(signed(TREE), "birch", "cedar", "elm"), policy)


def test_threat_C2_the_log_goes_on_without_n_minus_k_witnesses() -> None:
    """Any two of five may be silent under a quorum of three."""
    policy = quorum_policy(5, 3)
    for silent in combinations(NAMES[:5], 2):
        rest = [name for name in NAMES[:5] if name not in silent]
        assert 8 == open_checkpoint(cosigned(signed(TREE), *rest), policy).checkpoint.size


def test_threat_H2_one_key_under_two_names_is_one_signer() -> None:
    """A policy of one witness takes no second line of it as a second voice."""
    with pytest.raises(VerificationError):
        open_checkpoint(cosigned(signed(TREE), "alder", "alder"), policy_of("alder"))
