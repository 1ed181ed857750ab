"""Proven times: what the logged notes prove, what lying witnesses and a lying log can do about it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.canon import JSON
from allstop.case import CHECKPOINT, ChainFaultKind, VerifiedCase, open_case, quote_note
from allstop.ids import Digest
from allstop.keys import NoteKey, NoteKeyType
from allstop.statement import SeenCheckpoint
from allstop.times import DAY_MS
from allstop.tlog import (
    Checkpoint,
    Hash,
    Note,
    NoteSigner,
    format_note,
    leaf_hashes,
    parse_note,
    sign_text,
    tree_root,
)
from allstop.witness import PolicyLog, format_policy
from support_case import (
    BATCH_MS,
    START,
    WITNESSES,
    CaseBuilder,
    build_case,
    cosign_all,
    read_keys,
    tree_checkpoint,
)
from support_statement import AGREEMENT, ALDER, BIRCH, ORIGIN, key_of

YEAR_MS = 365 * DAY_MS
MEDIAN_MS = 3000
"""Witness number 3 of 0 to 6 is the one in the middle; each signs a second after the one before."""


def opened(case: CaseBuilder) -> VerifiedCase:
    """Open a case under its own policy and agreement, given from outside."""
    return open_case(
        case.files(), policy=format_policy(case.policy), agreement=case.agreement_digest, read_keys=read_keys
    )


def bounds(case: CaseBuilder) -> list[tuple[int | None, int | None]]:
    """Return the proven bounds of every entry, in milliseconds after the start."""
    return [
        (
            None if entry.not_before is None else entry.not_before.ms - START.ms,
            None if entry.not_after is None else entry.not_after.ms - START.ms,
        )
        for entry in opened(case).entries
    ]


def note_ms(number: int) -> int:
    """Return the median time of note number 1, 2, ... in milliseconds after the start."""
    return number * BATCH_MS + MEDIAN_MS


def test_each_entry_lies_between_the_notes_around_it() -> None:
    """Three batches of two: the first begins at no known time, the last is covered by no logged note."""
    case = CaseBuilder()
    for _ in range(3):
        case.batch([(ALDER, "site")])
    expected = [
        *[(None, note_ms(1))] * 2,
        *[(note_ms(1), note_ms(2))] * 2,
        *[(note_ms(2), None)] * 2,
    ]
    assert expected == bounds(case)
    newest = opened(case).newest
    assert newest == START.plus(note_ms(2))


def test_one_batch_proves_no_time() -> None:
    """The newest note is not in the log: two readers may hold it with other cosignatures."""
    case = CaseBuilder()
    case.batch([(ALDER, "site")])
    assert bounds(case) == [(None, None)] * 2
    assert opened(case).newest is None


def test_the_time_of_a_quoted_checkpoint_is_known() -> None:
    """`quoted_at` tells what the party must have seen, whenever it was logged; other sizes have no time."""
    case = build_case(30, batch=10)
    case.open_batch()
    for size in (10, 20, 5, 30):
        root = Digest(tree_root(leaf_hashes(case.entries[:size])).hex())
        case.say(BIRCH, checkpoint=SeenCheckpoint(size=size, root=root))
    case.say(BIRCH, checkpoint=None)
    case.close_batch()
    quoted = [
        None if entry.quoted_at is None else entry.quoted_at.ms - START.ms
        for entry in opened(case).entries[31:]
    ]
    assert [note_ms(1), note_ms(2), None, note_ms(3), None] == quoted


@pytest.mark.parametrize("liar", WITNESSES)
@pytest.mark.parametrize("lie", [-YEAR_MS, YEAR_MS])
def test_threat_I2_one_lying_witness_does_not_move_the_median(liar: str, lie: int) -> None:
    """One clock is a year off; the bounds stay between the times of honest witnesses."""
    case = CaseBuilder()
    for _ in range(3):
        case.open_batch()
        case.say(ALDER)
        case.close_batch(lies={liar: lie})
    honest = range(0, 1000 * len(WITNESSES), 1000)
    for number, (low, high) in enumerate(bounds(case)):
        batch = number // 2
        assert low is None if batch == 0 else low is not None and low - batch * BATCH_MS in honest
        assert high is None if batch == 2 else high is not None and high - (batch + 1) * BATCH_MS in honest


@given(st.dictionaries(st.sampled_from(WITNESSES), st.integers(-YEAR_MS, YEAR_MS), max_size=3))
@settings(max_examples=15)
def test_threat_I2_a_minority_never_moves_a_bound_past_the_honest(lies: Mapping[str, int]) -> None:
    """Up to three of seven lie by any amount: upper and lower median stay within the honest witnesses' times."""
    case = CaseBuilder()
    case.open_batch()
    case.close_batch(lies=lies)
    case.open_batch()
    case.close_batch()
    low, high = opened(case).entries[1].not_before, opened(case).entries[0].not_after
    honest = [1000 * number for number, name in enumerate(WITNESSES) if name not in lies]
    assert low is not None
    assert high is not None
    assert min(honest) <= low.ms - START.ms - BATCH_MS <= max(honest)
    assert min(honest) <= high.ms - START.ms - BATCH_MS <= max(honest)


def with_quote(body: JSON, *, batches: int = 2) -> CaseBuilder:
    """Return a case whose last batch begins with a checkpoint statement of this body."""
    case = build_case(10 * batches, batch=10)
    case.open_batch(body)
    case.say(ALDER)
    case.close_batch()
    return case


def only_fault(case: CaseBuilder) -> tuple[ChainFaultKind, int, str]:
    """Return the one fault of a case."""
    [fault] = opened(case).chain_faults
    assert fault.rests_on == (fault.entry_index,)
    return fault.kind, fault.entry_index, fault.text


def assert_proves_nothing(case: CaseBuilder) -> None:
    """Check that entries behind a bad quote keep the older, weaker bound, and those before it stay pending."""
    assert [(note_ms(1), None)] * 12 == bounds(case)[10:]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (None, "quotes no note"),
        ({"note": None}, "quotes no note, want the previous one"),
        ({}, "checkpoint.note: missing"),
        ({"note": None, "more": 1}, "unknown key 'more'"),
        ({"note": 7}, "checkpoint.note: found"),
        ({"note": "no note"}, "blank line"),
        ({"note": "x" * 20_000}, "checkpoint.note: "),
    ],
)
def test_a_quote_that_is_no_note_proves_nothing(body: JSON, text: str) -> None:
    """A malformed checkpoint statement is its signer's fault, not an error of the case."""
    case = with_quote({"note": None} if body is None else body)
    kind, index, found = only_fault(case)
    assert (kind, index) == (ChainFaultKind.BAD_NOTE, 20)
    assert text in found
    assert_proves_nothing(case)


def quoted(note: bytes) -> JSON:
    """Return the body that quotes a note."""
    return CHECKPOINT.format(quote_note(note))


def test_a_quote_with_a_bad_signature_proves_nothing() -> None:
    """One bit of a cosignature is wrong: the statement is signed, the note is not."""
    case = build_case(20, batch=10)
    parsed = parse_note(case.notes[-1])
    line = parsed.signatures[2]
    bent = type(line)(name=line.name, key_id=line.key_id, signature=line.signature[:-1] + b"\x00")
    lines = (*parsed.signatures[:2], bent, *parsed.signatures[3:])
    case = with_quote(quoted(format_note(Note(text=parsed.text, signatures=lines))))
    kind, _, text = only_fault(case)
    assert kind is ChainFaultKind.BAD_NOTE
    assert "does not verify" in text
    assert_proves_nothing(case)


def test_a_quote_below_its_quorum_proves_nothing() -> None:
    """A note that only the log and one bloc signed is the log's word about time."""
    case = build_case(20, batch=10)
    parsed = parse_note(case.notes[-1])
    lines = tuple(line for line in parsed.signatures if "birch" not in line.name)
    case = with_quote(quoted(format_note(Note(text=parsed.text, signatures=lines))))
    assert only_fault(case)[:2] == (ChainFaultKind.BAD_NOTE, 20)
    assert "quorum" in only_fault(case)[2]
    assert_proves_nothing(case)


def test_a_quote_with_lines_of_strangers_proves_nothing() -> None:
    """A quoted note holds lines by keys of the policy and no others."""
    case = build_case(20, batch=10)
    stranger = NoteSigner(name="mallory.example", type=NoteKeyType.COSIGNATURE_ED25519, key=key_of("mallory"))
    parsed = parse_note(case.notes[-1])
    line = sign_text(parsed.text, stranger, at=START)
    case = with_quote(quoted(format_note(Note(text=parsed.text, signatures=(*parsed.signatures, line)))))
    assert only_fault(case) == (
        ChainFaultKind.BAD_NOTE,
        20,
        "note has 1 lines by keys that the policy does not have",
    )
    assert_proves_nothing(case)


def test_a_quote_with_lines_of_the_other_kind_proves_nothing() -> None:
    """The ML-DSA-44 lines stay out of the log, so that a quote has one spelling of bounded length."""
    case = build_case(20, batch=10)
    case = with_quote({"note": case.notes[-1].decode()})
    assert only_fault(case)[2] == "checkpoint.note: has lines other than Ed25519"
    assert_proves_nothing(case)


def test_a_quote_of_an_older_note_proves_nothing() -> None:
    """The log repeats the note before the previous one, to make its batch look older."""
    first = build_case(20, batch=10).notes[0]
    case = with_quote(quoted(first))
    assert only_fault(case) == (
        ChainFaultKind.BAD_NOTE,
        20,
        "note covers 10 entries, want the 20 before this one",
    )
    assert_proves_nothing(case)


def test_a_quote_of_another_log_proves_nothing() -> None:
    """The policy may know several logs; each has its own time line."""
    case = build_case(20, batch=10)
    other = Checkpoint(origin="other.example/log", size=20, root=tree_checkpoint(case.entries).root)
    text = cosign_all(other, case.policy, case.at)
    kind, _, found = only_fault(with_quote(quoted(text)))
    assert kind is ChainFaultKind.BAD_NOTE
    assert "other.example/log" in found


def test_a_policy_with_two_logs_keeps_them_apart() -> None:
    """A note of a second trusted log, fully cosigned, is still not a note of this log."""
    case = build_case(20, batch=10)
    name = "other.example/log"
    log = PolicyLog(key=NoteKey(name=name, type=NoteKeyType.ED25519, key=key_of("other").public))
    policy = replace(case.policy, logs=(*case.policy.logs, log))
    other = Checkpoint(origin=name, size=20, root=tree_checkpoint(case.entries).root)
    signed = cosign_all(other, case.policy, case.at)
    parsed = parse_note(signed)
    own = sign_text(
        parsed.text, NoteSigner(name=name, type=NoteKeyType.ED25519, key=key_of("other")), at=START
    )
    kept = tuple(line for line in parsed.signatures if line.name != name)
    case.policy = policy
    case.open_batch(quoted(format_note(Note(text=parsed.text, signatures=(own, *kept)))))
    case.close_batch()
    assert only_fault(case) == (ChainFaultKind.BAD_NOTE, 20, f"note is of log {name!r}, want {ORIGIN!r}")


def test_threat_B1_a_cosigned_note_of_another_tree_is_a_split_view() -> None:
    """A quorum cosigned another root at this size: kept as evidence, and it proves no time."""
    case = build_case(20, batch=10)
    forked = Checkpoint(origin=ORIGIN, size=20, root=Hash(b"\x05" * 32))
    case = with_quote(quoted(cosign_all(forked, case.policy, case.at)))
    assert only_fault(case) == (
        ChainFaultKind.SPLIT_VIEW,
        20,
        "note has another root at size 20 than this log",
    )
    assert_proves_nothing(case)


@pytest.mark.parametrize(
    "lies", [{name: -YEAR_MS for name in WITNESSES}, {name: -YEAR_MS for name in WITNESSES[:4]}]
)
def test_a_note_dated_before_the_one_before_proves_nothing(lies: Mapping[str, int]) -> None:
    """Time does not run backwards: a majority of witnesses that says so is not believed."""
    case = build_case(10, batch=10)
    case.open_batch()
    case.close_batch(lies=lies)
    case.open_batch()
    case.close_batch()
    case.open_batch()
    case.close_batch()
    assert only_fault(case) == (
        ChainFaultKind.TIME_BACKWARDS,
        11,
        "note over 11 entries is dated before the note over 10",
    )
    assert [(note_ms(1), note_ms(3))] * 2 == bounds(case)[10:12]


def test_two_notes_of_one_time_are_no_fault() -> None:
    """Batches may close within one second."""
    case = build_case(10, batch=10)
    for _ in range(2):
        case.open_batch()
        case.close_batch(at=case.at)
    assert opened(case).chain_faults == ()


def test_a_checkpoint_statement_under_another_agreement_proves_nothing() -> None:
    """It is foreign, like any other statement; its true note is not looked at."""
    case = build_case(20, batch=10)
    note = quoted(case.notes[-1])
    case.append(case.make(BIRCH, "checkpoint", note, agreement=AGREEMENT))
    case.close_batch()
    assert [fault.kind for fault in opened(case).chain_faults] == [ChainFaultKind.FOREIGN_AGREEMENT]
    assert [(note_ms(1), None)] * 11 == bounds(case)[10:]


def test_a_log_may_begin_with_the_note_of_the_empty_tree() -> None:
    """A cosigned checkpoint of size 0 gives the first batch a lower bound."""
    case = CaseBuilder()
    case.close_batch()
    case.open_batch()
    case.say(ALDER)
    case.close_batch()
    case.open_batch()
    case.close_batch()
    assert [(note_ms(1), note_ms(2))] * 2 == bounds(case)[:2]
    assert opened(case).chain_faults == ()


def test_anybody_may_log_the_note() -> None:
    """What is proven comes from the witnesses, so it does not matter which party carries it."""
    case = build_case(20, batch=10)
    case.say(BIRCH, "checkpoint", quoted(case.notes[-1]))
    case.close_batch()
    assert [(note_ms(2), None)] == bounds(case)[20:]


def test_the_witness_with_two_keys_counts_once() -> None:
    """Seven witnesses sign, one of them twice; the strong line is in the note and changes no time."""
    case = build_case(10, batch=10)
    kinds = [len(line.signature) for line in parse_note(case.notes[0]).signatures]
    assert len(kinds) == 2 + len(WITNESSES) + 1
    assert set(kinds) == {64, 72, 2428}
