"""Opening honest cases: what comes out, from which trust root, and within which limits."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from allstop.canon import format_json
from allstop.case import (
    AGREEMENT_BYTES_MAX,
    BLOB_BYTES_MAX,
    CHECKPOINT_PATH,
    ENTRIES_MAX,
    PATHS_MAX,
    POLICY_PATH,
    VerifiedCase,
    blob_path,
    open_case,
    parse_blob_path,
    verify_case,
)
from allstop.errors import LimitError, MalformedError, ProofError, SignatureError, VerificationError
from allstop.ids import Digest, Name, digest_of
from allstop.statement import PartyKeys, Statement
from allstop.tlog import EMPTY_ROOT, Checkpoint, Hash, leaf_hash, sign_checkpoint, tree_root
from allstop.witness import UnsafeNoQuorum, format_policy
from support_case import (
    OPERATOR,
    CaseBuilder,
    FilesInMemory,
    build_case,
    cosign_all,
    log_keys,
    make_policy,
    read_keys,
    tree_checkpoint,
)
from support_statement import AGREEMENT, ALDER, BIRCH, ORIGIN, key_of


def opened(case: CaseBuilder) -> VerifiedCase:
    """Open a case under its own policy and agreement, given from outside."""
    return open_case(
        case.files(), policy=format_policy(case.policy), agreement=case.agreement_digest, read_keys=read_keys
    )


def test_an_honest_case_gives_all_it_holds() -> None:
    """Every field of the result is derived again here, by other means, from what was put in."""
    case = build_case(40, batch=10)
    result = opened(case)
    assert digest_of(format_policy(case.policy)) == result.policy_digest
    assert (case.agreement_digest, case.agreement) == (result.agreement_digest, result.agreement)
    assert (ORIGIN, 40, tree_checkpoint(case.entries).root) == (result.origin, result.size, result.root)
    assert list(range(40)) == [entry.index for entry in result.entries]
    assert [leaf_hash(data) for data in case.entries] == [entry.leaf for entry in result.entries]
    assert count_by_party(result) == {ALDER: 16, BIRCH: 20, OPERATOR: 4}
    assert [frozenset({entry.statement.header.party}) for entry in result.entries] == [
        entry.signers for entry in result.entries
    ]
    assert result.chain_faults == ()
    assert result.missing == ()
    assert tuple(sorted(case.blobs)) == result.blobs


def count_by_party(result: VerifiedCase) -> dict[Name, int]:
    """Return how many statements each party has in the case."""
    counts: dict[Name, int] = {}
    for entry in result.entries:
        counts[entry.statement.header.party] = counts.get(entry.statement.header.party, 0) + 1
    return counts


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257])
def test_sizes_around_a_full_tile_open(count: int) -> None:
    """A tree at, below and above a full tile is accounted for file by file."""
    assert count == opened(build_case(count, batch=128)).size


def test_the_result_does_not_depend_on_how_the_work_is_spread() -> None:
    """Any map that keeps the order gives an equal result; processes only make it faster."""
    case = build_case(300)
    with ThreadPoolExecutor(3) as pool:
        spread = open_case(case.files(), policy=None, agreement=None, read_keys=read_keys, map=pool.map)
    assert opened(case) == spread


def test_without_a_trust_root_the_case_speaks_for_itself() -> None:
    """Policy and agreement of the case are taken where none is given, and the result is the same."""
    case = build_case(12)
    alone = open_case(case.files(), policy=None, agreement=None, read_keys=read_keys)
    assert opened(case) == alone
    verify_case(case.files(), policy=None, agreement=None, read_keys=read_keys)


def test_a_policy_from_outside_may_have_comments() -> None:
    """What is compared is what the policy says, in its one spelling, not its layout."""
    case = build_case(3)
    given = b"# from the treaty's annex\n\n" + format_policy(case.policy).replace(b" ", b"  ")
    open_case(case.files(), policy=given, agreement=case.agreement_digest, read_keys=read_keys)


def test_the_policy_of_a_case_has_one_spelling() -> None:
    """A comment or a second space in the case's own file is refused: it would be free space."""
    files = build_case(3).files()
    for bent in (b"# hello\n" + files.files[POLICY_PATH], files.files[POLICY_PATH].replace(b" ", b"  ")):
        files.files[POLICY_PATH] = bent
        with pytest.raises(MalformedError, match=r"^policy is not in its one spelling"):
            open_case(files, policy=None, agreement=None, read_keys=read_keys)


def test_another_policy_from_outside_is_refused() -> None:
    """A case under a policy with one witness less is not the case that the reader wants."""
    case = build_case(3)
    other = replace(case.policy, witnesses=case.policy.witnesses[:-1])
    with pytest.raises(ProofError, match="policy is not the policy that was given"):
        open_case(case.files(), policy=format_policy(other), agreement=None, read_keys=read_keys)
    with pytest.raises(MalformedError, match="the policy that was given: policy has no quorum"):
        open_case(case.files(), policy=b"# nothing\n", agreement=None, read_keys=read_keys)


def test_another_agreement_from_outside_is_refused() -> None:
    """A case that does not hold the agreement asked for is refused, and the file is named."""
    case = build_case(3)
    with pytest.raises(ProofError, match=f"{blob_path(AGREEMENT)} is missing, and it is the agreement"):
        open_case(case.files(), policy=None, agreement=AGREEMENT, read_keys=read_keys)


def test_an_agreement_without_readable_keys_is_named() -> None:
    """What the agreement's own codec refuses is reported with the blob's path."""
    case = CaseBuilder(agreement=format_json({"parties": {}}))
    case.batch()
    with pytest.raises(MalformedError, match=f"{blob_path(case.agreement_digest)}: agreement.parties.alder"):
        opened(case)


def test_an_agreement_whose_parties_share_a_key_is_refused() -> None:
    """The keys' own rules hold, whoever reads them out of the agreement."""
    case = build_case(3)

    def shared(agreement: bytes) -> Mapping[Name, PartyKeys]:
        keys = read_keys(agreement)[ALDER].keys
        return {name: PartyKeys(party=name, keys=keys, threshold=1) for name in (ALDER, BIRCH)}

    with pytest.raises(MalformedError, match="have the same key"):
        open_case(case.files(), policy=None, agreement=None, read_keys=shared)


def test_a_quorum_of_none_must_be_asked_for() -> None:
    """A log without witnesses opens only for a caller who says that it is unsafe; no time is proven."""
    policy = replace(make_policy(), witnesses=(), groups=(), quorum=UnsafeNoQuorum())
    case = CaseBuilder(policy=policy)
    for _ in range(2):
        case.open_batch()
        case.say(ALDER)
        case.notes.append(sign_alone(case))
    with pytest.raises(MalformedError, match="policy: policy line 3: found quorum none"):
        opened(case)
    result = open_case(
        case.files(),
        policy=format_policy(policy),
        agreement=None,
        read_keys=read_keys,
        allow_no_quorum=UnsafeNoQuorum(),
    )
    assert result.chain_faults == ()
    assert {(None, None)} == {(entry.not_before, entry.not_after) for entry in result.entries}
    assert result.newest is None


def sign_alone(case: CaseBuilder) -> bytes:
    """Return the newest note with nobody's signature but the log's."""
    return sign_checkpoint(tree_checkpoint(case.entries), log_keys(), at=case.at)


def test_an_empty_log_is_a_case_only_under_a_given_agreement() -> None:
    """Nothing has been said yet: that can be verified, but the case cannot name the agreement."""
    case = CaseBuilder()
    case.close_batch()
    result = opened(case)
    assert (result.size, result.root, result.entries) == (0, EMPTY_ROOT, ())
    with pytest.raises(MalformedError, match="entry 0 is missing"):
        open_case(case.files(), policy=None, agreement=None, read_keys=read_keys)


def test_an_entry_that_is_no_statement_is_named() -> None:
    """Junk that the log admitted makes the log unusable, in words that say where."""
    case = CaseBuilder()
    case.append_raw(b"{}")
    case.close_batch()
    with pytest.raises(MalformedError, match=r"^entry 0: "):
        opened(case)
    with pytest.raises(MalformedError, match=r"^entry 0: "):
        open_case(case.files(), policy=None, agreement=None, read_keys=read_keys)


def test_a_statement_by_a_stranger_is_an_error_that_names_the_entry() -> None:
    """A signature by nobody's key never reaches the fold."""
    case = CaseBuilder()
    case.open_batch()
    case.append(case.make(ALDER, "site", {}), [key_of("mallory")])
    case.close_batch()
    with pytest.raises(SignatureError, match=r"^entry 1: .* by no known key"):
        opened(case)


def test_a_statement_of_too_few_officers_is_an_error_that_names_the_entry() -> None:
    """Alder needs two officers; one is not Alder."""
    case = CaseBuilder()
    case.open_batch()
    case.append(case.make(ALDER, "site", {}), [key_of("alder-0")])
    case.close_batch()
    with pytest.raises(SignatureError, match=r"^entry 1: party alder has not signed with its threshold"):
        opened(case)


def test_cosigners_are_reported() -> None:
    """A statement that operator and tenant sign names both, which one signature alone cannot."""
    case = CaseBuilder()
    case.open_batch()
    statement: Statement = case.make(BIRCH, "job", {})
    case.append(statement, [*case.signers(BIRCH), *case.signers(ALDER)])
    case.append(case.make(BIRCH, "job", {}), [*case.signers(BIRCH), key_of("alder-1")])
    case.close_batch()
    signers = [entry.signers for entry in opened(case).entries[1:]]
    assert [frozenset({ALDER, BIRCH}), frozenset({BIRCH})] == signers


def test_threat_I3_a_statement_made_for_another_log_is_refused() -> None:
    """A test network's statement, signed by the right keys, does not verify here."""
    case = CaseBuilder()
    case.open_batch()
    case.say(ALDER, origin="rehearsal.example/evidence")
    case.close_batch()
    with pytest.raises(
        ProofError, match=r"^entry 1: statement was made for log 'rehearsal.example/evidence'"
    ):
        opened(case)


def test_a_blob_that_is_not_held_is_listed_and_no_error() -> None:
    """A partial copy verifies; what it lacks is named, never guessed."""
    case = build_case(12, blob_count=2)
    lost = next(digest for digest in case.blobs if digest != case.agreement_digest)
    del case.blobs[lost]
    result = opened(case)
    assert (lost,) == result.missing
    assert lost not in result.blobs


def test_a_blob_that_nothing_names_is_refused() -> None:
    """A case holds evidence and nothing else, so that no two copies of it differ unseen."""
    case = build_case(3)
    stray = case.hold(b"stray")
    with pytest.raises(ProofError, match=f"{blob_path(stray)} is named by no statement"):
        opened(case)


class Stubborn(FilesInMemory):
    """A case whose adapter refuses one file, or lists what it pleases."""

    def __init__(
        self, files: Mapping[str, bytes], refused: str = "", listed: Iterable[str] | None = None
    ) -> None:
        super().__init__(files)
        self.refused = refused
        self.listed = listed

    def paths(self) -> tuple[str, ...]:
        """Return what the test lists."""
        return super().paths() if self.listed is None else tuple(self.listed)

    def read(self, path: str) -> bytes:
        """Refuse one file for its size."""
        if path == self.refused:
            raise LimitError("file has 9 bytes, want at most 8")
        return super().read(path)


@pytest.mark.parametrize("path", [POLICY_PATH, CHECKPOINT_PATH, "log/tile/entries/000.p/3"])
def test_a_file_that_the_adapter_refuses_does_not_verify(path: str) -> None:
    """Padding a file beyond every limit is tampering like any other, with the same kind of error."""
    files = Stubborn(build_case(3).files().files, refused=path)
    with pytest.raises(MalformedError, match=f"^{path}: file has 9 bytes, want at most 8"):
        open_case(files, policy=None, agreement=None, read_keys=read_keys)


def test_a_listing_with_a_path_twice_or_too_many_is_refused() -> None:
    """The listing is the case's table of contents; it is checked before anything is read from it."""
    files = build_case(3).files().files
    for listed in ([*files, POLICY_PATH], ["x"] * (PATHS_MAX + 1)):
        with pytest.raises(MalformedError, match=f"want at most {PATHS_MAX}, each once"):
            open_case(Stubborn(files, listed=listed), policy=None, agreement=None, read_keys=read_keys)


def test_a_listed_file_that_cannot_be_read_is_missing() -> None:
    """An adapter that lists a file and does not give it gets the same words as one that never had it."""
    files = build_case(3).files()
    listed = files.paths()
    del files.files["log/tile/0/000.p/3"]
    with pytest.raises(ProofError, match=r"log/tile/0/000\.p/3 is missing"):
        open_case(Stubborn(files.files, listed=listed), policy=None, agreement=None, read_keys=read_keys)


@pytest.mark.parametrize("path", [POLICY_PATH, CHECKPOINT_PATH])
def test_an_oversized_head_file_does_not_verify(path: str) -> None:
    """The limits of policy and note hold inside a case, as failed verification."""
    files = build_case(3).files()
    files.files[path] += b"x" * 600_000
    with pytest.raises(MalformedError, match=f"^{path}: .* bytes, want at most"):
        open_case(files, policy=None, agreement=None, read_keys=read_keys)


def test_a_checkpoint_of_a_huge_tree_is_refused_at_once() -> None:
    """An unverified size decides how much work is done, so it is capped, and the first lost file ends it."""
    case = build_case(3)
    for size, error, message in (
        (ENTRIES_MAX + 1, MalformedError, f"want at most {ENTRIES_MAX}"),
        (ENTRIES_MAX, ProofError, "log/tile/entries/000 is missing"),
    ):
        huge = Checkpoint(origin=ORIGIN, size=size, root=Hash(b"\x00" * 32))
        files = case.files()
        files.files[CHECKPOINT_PATH] = cosign_all(huge, case.policy, case.at)
        with pytest.raises(error, match=message):
            open_case(files, policy=None, agreement=None, read_keys=read_keys)


def test_an_agreement_or_blob_above_its_limit_is_refused() -> None:
    """Nothing larger than the named limits is parsed or hashed."""
    case = CaseBuilder(agreement=bytes(AGREEMENT_BYTES_MAX + 1))
    case.batch()
    with pytest.raises(MalformedError, match=f"agreement of at most {AGREEMENT_BYTES_MAX}"):
        opened(case)
    case = build_case(3)
    files = case.files()
    files.files[blob_path(case.agreement_digest)] = bytes(BLOB_BYTES_MAX + 1)
    with pytest.raises(MalformedError, match=f"want at most {BLOB_BYTES_MAX}"):
        open_case(files, policy=None, agreement=None, read_keys=read_keys)


@pytest.mark.parametrize(
    "path",
    [
        "blobs/sha256/ab/" + "cd" * 32,
        "blobs/sha256/ab/AB" + "cd" * 31,
        "blobs/sha256/ab/ab",
        "blobs/sha256/ab/ab" + "cd" * 31 + "\n",
        "blobs/../policy",
        "",
    ],
)
def test_a_path_that_is_no_blob_has_no_place(path: str) -> None:
    """A blob has one path; whatever else is in the folder is refused."""
    with pytest.raises(MalformedError, match="has no place in a case"):
        parse_blob_path(path)


def test_blob_paths_are_each_others_inverse() -> None:
    """The path of a digest gives the digest back."""
    assert parse_blob_path(blob_path(AGREEMENT)) == AGREEMENT


def test_errors_of_the_verifier_are_verification_errors() -> None:
    """A reader can tell "does not verify" (exit 3) from "could not be read" by the type alone."""
    wrong: list[Callable[[FilesInMemory], object]] = [
        lambda files: files.files.pop(POLICY_PATH),
        lambda files: files.files.update({POLICY_PATH: b""}),
        lambda files: files.files.update({CHECKPOINT_PATH: b""}),
        lambda files: files.files.update({"blobs": b""}),
    ]
    for spoil in wrong:
        files = build_case(2).files()
        spoil(files)
        with pytest.raises(VerificationError) as caught:
            open_case(files, policy=None, agreement=None, read_keys=read_keys)
        assert caught.value.exit_status == 3


def test_the_root_is_the_trees() -> None:
    """The support module's checkpoint and the verified root agree with the plain recursion."""
    case = build_case(5)
    leaves = [leaf_hash(data) for data in case.entries]
    assert tree_root(leaves) == opened(case).root
    assert isinstance(opened(case).agreement_digest, str)
    assert Digest(opened(case).agreement_digest) == case.agreement_digest
