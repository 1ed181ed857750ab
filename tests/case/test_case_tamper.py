"""Sabotage: every way of altering the files of a case is detected, and the error names a file or entry.

A thief here has all files and no key. What somebody with the log's key could do is in `test_case_chain` and
`test_case_times`. Under `make test-long` every byte of the large case is flipped; otherwise every byte of a
small one and a sample of the large one, from a random start.
"""

import random
import re
from collections.abc import Callable, Sequence
from functools import cache

import pytest
from hypothesis import settings

from allstop.case import CHECKPOINT_PATH, POLICY_PATH, blob_path, open_case
from allstop.errors import SignatureError, VerificationError
from allstop.ids import digest_of
from allstop.tlog import format_note, parse_note
from allstop.witness import format_policy
from support_case import CaseBuilder, FilesInMemory, build_case, plain_policy, read_keys, tree_files
from support_statement import ALDER, ORIGIN, key_of

LARGE = 300
SMALL = 4
IS_LONG = settings().max_examples > 1000
"""Set by the profile that `make test-long` loads."""
NAMES_A_PLACE = re.compile(r"^(policy|log/\S+|blobs/\S+|entry \d+|'[^']*')")


@cache
def case_of(count: int) -> CaseBuilder:
    """Return an honest case; tests copy its files and never alter it."""
    if count == SMALL:
        return build_case(count, blob_bytes=60, policy=plain_policy())
    return build_case(count)


def detect(case: CaseBuilder, files: FilesInMemory) -> str:
    """Return the error with which altered files are refused.

    Fails the test if they are not, or if the error does not name where.
    """
    try:
        open_case(
            files, policy=format_policy(case.policy), agreement=case.agreement_digest, read_keys=read_keys
        )
    except VerificationError as exc:
        message = exc.message
    else:
        pytest.fail("altered files were accepted")
    assert NAMES_A_PLACE.match(message), message
    return message


def altered(case: CaseBuilder, path: str, data: bytes | None) -> FilesInMemory:
    """Return the files of a case with one replaced or, if None, removed."""
    files = case.files()
    if data is None:
        del files.files[path]
    else:
        files.files[path] = data
    return files


def sample(length: int, most: int) -> Sequence[int]:
    """Return all indices, or about `most` evenly spread from a random start, with both ends."""
    if IS_LONG or length <= most:
        return range(length)
    step = length // most
    return sorted({*range(random.randrange(step), length, step), *range(8), *range(length - 8, length)})


def flip_bytes(case: CaseBuilder, path: str, indices: Sequence[int]) -> None:
    """Flip one bit in each of these bytes, one at a time, and demand detection."""
    files = case.files()
    data = files.files[path]
    for index in indices:
        bent = bytearray(data)
        bent[index] ^= 1 << (index % 8)
        files.files[path] = bytes(bent)
        detect(case, files)


def paths(count: int) -> list[str]:
    """Return the paths of the files of a case for parametrising; blobs by their numbers."""
    return sorted(case_of(count).files().files)


@pytest.mark.parametrize("number", range(8))
def test_every_byte_of_a_small_case_counts(number: int) -> None:
    """Whichever byte of whichever file is flipped, the case does not verify."""
    path = paths(SMALL)[number]
    case = case_of(SMALL)
    flip_bytes(case, path, range(len(case.files().files[path])))


def test_the_small_case_has_eight_files() -> None:
    """Policy, note, one tile, one bundle, agreement and three blobs: none is left out above."""
    assert len(paths(SMALL)) == 8


@pytest.mark.parametrize("number", range(11))
def test_every_byte_of_a_300_entry_case_counts(number: int) -> None:
    """As above for several bundles and levels of tiles; whole under `make test-long`."""
    path = paths(LARGE)[number]
    case = case_of(LARGE)
    flip_bytes(case, path, sample(len(case.files().files[path]), 300))


def test_the_large_case_has_eleven_files() -> None:
    """Policy, note, three tiles, two bundles, agreement and three blobs."""
    assert len(paths(LARGE)) == 11


@pytest.mark.parametrize("number", range(8))
def test_threat_B4_a_removed_file_is_named(number: int) -> None:
    """Each file is deleted in turn; the error names that file, save a blob that need not be held."""
    case, path = case_of(SMALL), paths(SMALL)[number]
    files = altered(case, path, None)
    if path.startswith("blobs/") and path != blob_path(case.agreement_digest):
        result = open_case(files, policy=None, agreement=case.agreement_digest, read_keys=read_keys)
        assert [path] == [blob_path(digest) for digest in result.missing]
    else:
        assert detect(case, files).startswith(path)


def test_swapped_files_are_detected() -> None:
    """Every two files of a case exchange their contents."""
    for count in (SMALL, LARGE):
        case = case_of(count)
        whole = case.files().files
        for one in whole:
            for other in whole:
                if whole[one] != whole[other]:
                    files = altered(case, one, whole[other])
                    files.files[other] = whole[one]
                    detect(case, files)


def test_a_file_in_another_place_is_detected() -> None:
    """Every file is moved to a name that no case has, or to that of an older or wider tile."""
    case = case_of(SMALL)
    for path in paths(SMALL):
        for place in (
            "README",
            "log/tile/0/000.p/3",
            "log/tile/0/000",
            "blobs/sha256/aa/" + "a" * 64,
            path + "~",
        ):
            files = altered(case, path, None)
            files.files[place] = case.files().files[path]
            detect(case, files)


def test_an_added_file_is_named() -> None:
    """Nothing may lie in a case that no signature covers: older partial tiles, notes, readme, other blobs."""
    case = case_of(SMALL)
    for place in (
        "README",
        "log/tile/0/000.p/3",
        "log/tile/1/000.p/1",
        "log/checkpoint.old",
        "blobs/sha256/ab",
        "policy ",
    ):
        message = detect(case, altered(case, place, b"x"))
        assert place in message
    stray = blob_path(digest_of(b"never named"))
    assert stray in detect(case, altered(case, stray, b"never named"))


@pytest.mark.parametrize("number", range(8))
def test_a_truncated_or_extended_file_is_detected(number: int) -> None:
    """Every file is cut at many places, emptied, doubled, and given one more byte at either end.

    A note that loses a whole cosignature which its quorum does not need is still a note: the result is then
    the same, since times come from notes that are in the log.
    """
    case, path = case_of(SMALL), paths(SMALL)[number]
    data = case.files().files[path]
    honest = open_case(case.files(), policy=None, agreement=None, read_keys=read_keys)
    for cut in sample(len(data), 60):
        files = altered(case, path, data[:cut])
        if path == CHECKPOINT_PATH and data[:cut].endswith(b"\n") and cut > 0:
            try:
                result = open_case(files, policy=None, agreement=None, read_keys=read_keys)
            except VerificationError:
                continue
            assert honest == result
        else:
            detect(case, files)
    for longer in (data + b"\n", data + b"\x00", b" " + data, data + data):
        detect(case, altered(case, path, longer))


def test_lines_of_the_note_by_strangers_are_refused() -> None:
    """In a case every line is by a key of the policy: free space in a file is a place to hide things."""
    case = case_of(SMALL)
    note = case.files().files[CHECKPOINT_PATH]
    parsed = parse_note(note)
    known = parsed.signatures[0]
    stranger = type(known)(name="mallory.example", key_id=b"\x01\x02\x03\x04", signature=b"\x00" * 72)
    bent = format_note(type(parsed)(text=parsed.text, signatures=(*parsed.signatures, stranger)))
    assert detect(case, altered(case, CHECKPOINT_PATH, bent)).startswith(f"{CHECKPOINT_PATH} has 1 lines")
    twice = format_note(type(parsed)(text=parsed.text, signatures=(*parsed.signatures, known)))
    assert "two lines by one key" in detect(case, altered(case, CHECKPOINT_PATH, twice))


def test_a_note_below_its_quorum_is_refused() -> None:
    """Without the last witness of one bloc, or of the neutral group, nobody need believe the tree."""
    case = case_of(SMALL)
    parsed = parse_note(case.files().files[CHECKPOINT_PATH])
    for bloc in ("alder-", "birch-", "neutral-"):
        kept = tuple(line for line in parsed.signatures if not line.name.startswith(bloc))
        bent = format_note(type(parsed)(text=parsed.text, signatures=kept))
        assert "no quorum" in detect(case, altered(case, CHECKPOINT_PATH, bent))


def test_an_older_note_does_not_fit_the_tree() -> None:
    """Rolling back the checkpoint alone, or all files to an older state mixed with newer ones, is detected."""
    case = build_case(60, batch=30)
    assert "is missing" in detect(case, altered(case, CHECKPOINT_PATH, case.notes[0]))


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("dropped", lambda entries: entries[:2] + entries[3:]),
        ("dropped at the end", lambda entries: entries[:-1]),
        ("duplicated", lambda entries: entries[:3] + entries[2:]),
        ("reordered", lambda entries: [*entries[:2], entries[3], entries[2]]),
        ("replaced by another", lambda entries: [*entries[:2], entries[3], *entries[3:]]),
    ],
)
def test_a_thief_cannot_change_the_list_of_statements(
    what: str, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Statements are dropped, doubled or reordered, and all tiles rebuilt to fit: the root does not."""
    case = case_of(SMALL)
    entries = change(list(case.entries))
    files = case.files()
    for path in [path for path in files.files if path.startswith("log/tile/")]:
        del files.files[path]
    files.files |= {f"log/{path}": data for path, data in tree_files(entries).items()}
    assert detect(case, files), what


def test_a_statement_resigned_by_a_thief_is_refused() -> None:
    """The log's own operator, with log and witness keys, cannot speak for a party."""
    case = CaseBuilder()
    case.open_batch()
    statement = case.make(ALDER, "site", {})
    case.append(statement, [key_of("log"), key_of("alder-1")])
    case.close_batch()
    with pytest.raises(SignatureError, match=r"^entry 1: "):
        open_case(case.files(), policy=None, agreement=None, read_keys=read_keys)


def test_the_policy_of_the_case_is_only_checked_against_one_from_outside() -> None:
    """What a case without a trust root cannot show: a changed address in its own policy goes unseen.

    This is why an audit that is not given policy and agreement says so.
    """
    case = case_of(SMALL)
    bent = format_policy(plain_policy()).replace(b"https://alder-1.example/", b"https://alder-1.exampl3/")
    files = altered(case, POLICY_PATH, bent)
    open_case(files, policy=None, agreement=None, read_keys=read_keys)
    assert detect(case, files) == "policy is not the policy that was given"


def test_the_origin_is_the_logs() -> None:
    """The support module signs for the origin that its policy trusts."""
    assert case_of(SMALL).notes[0].decode().startswith(ORIGIN + "\n")
