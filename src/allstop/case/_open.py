"""Opening a case: all evidence is verified before any of it is believed.

Implements spec/case.md section 3, whose steps are cited below. No network, clock or disk: the trust root,
policy and agreement digest, comes from the caller, and what comes out is the same on every machine.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from allstop.case._chain import find_chain_faults
from allstop.case._entry import ChainFault, Entry
from allstop.case._files import (
    BLOB_BYTES_MAX,
    CHECKPOINT_PATH,
    LOG_FOLDER,
    PATHS_MAX,
    POLICY_PATH,
    CaseFiles,
    blob_path,
    name_file,
    parse_blob_path,
    read_file,
)
from allstop.case._times import LoggedNote, LoggedTimes, is_checkpoint_statement, prove_times
from allstop.errors import LimitError, MalformedError, ProofError, SignatureError, VerificationError
from allstop.ids import Digest, Name, digest_of
from allstop.statement import (
    ChunkMap,
    OpenedStatement,
    PartyBook,
    PartyKeys,
    open_statements,
    parse_envelope,
    parse_statement,
)
from allstop.times import Instant
from allstop.tlog import (
    Checkpoint,
    Entries,
    Hash,
    TreeHasher,
    leaf_hashes,
    parse_checkpoint,
    parse_note,
    tree_paths,
    verify_tree,
)
from allstop.witness import Policy, UnsafeNoQuorum, format_policy, open_checkpoint, parse_policy

__all__ = ["AGREEMENT_BYTES_MAX", "ENTRIES_MAX", "VerifiedCase", "open_case", "verify_case"]

ENTRIES_MAX = 10_000_000
"""Most entries in a case that is opened whole."""
AGREEMENT_BYTES_MAX = 16 * 1024 * 1024

ReadKeys = Callable[[bytes], Mapping[Name, PartyKeys]]
"""Reads the parties' keys from the agreement's canonical JSON; raises MalformedError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedCase:
    """Evidence that was verified whole, in the order of the log.

    `agreement` is the agreement's canonical JSON. `blobs` are the digests of the blobs held, `missing`
    those that a statement names and the case does not hold; both sorted. A missing blob is *not held*: why
    is not known. `newest` is the time of the newest note that is itself in the log; `notes` are all of these.
    """

    policy_digest: Digest
    agreement_digest: Digest
    agreement: bytes
    origin: str
    size: int
    root: Hash
    entries: tuple[Entry, ...]
    chain_faults: tuple[ChainFault, ...]
    blobs: tuple[Digest, ...]
    missing: tuple[Digest, ...]
    newest: Instant | None
    notes: tuple[LoggedNote, ...]


def open_case(
    files: CaseFiles,
    *,
    policy: bytes | None,
    agreement: Digest | None,
    read_keys: ReadKeys,
    allow_no_quorum: UnsafeNoQuorum | None = None,
    map: ChunkMap = map,
) -> VerifiedCase:
    """Verify a case whole and return what it holds.

    `policy` and `agreement` are the trust root. Where one is None the case's own is taken, and the result
    is only as good as whoever made the case. What the statements say is not judged here, and a party's
    broken chain is a `ChainFault`, not an error. `map` may spread the signature checks over processes.

    Raises:
        VerificationError: anything at all is missing, added, altered or not signed; the message names the
            file or entry.
    """
    trusted, policy_digest = _read_policy(files, policy, allow_no_quorum)  # step 1
    note, checkpoint = _read_checkpoint(files)
    blobs = _check_paths(files.paths(), checkpoint.size)  # step 2
    logged = _read_tree(files, checkpoint)
    _check_blobs(files, blobs)
    _check_cosignatures(note, trusted)  # step 3
    agreement_digest = _first_agreement(logged) if agreement is None else agreement  # step 4
    agreement_data = _read_agreement(files, agreement_digest, blobs)
    try:
        book = PartyBook(read_keys(agreement_data))
    except VerificationError as exc:
        raise name_file(blob_path(agreement_digest), exc) from exc
    statements = open_statements(logged, book, map=map)  # step 5
    _check_origins(statements, checkpoint.origin)
    roots, leaves = _roots_at(logged, _named_sizes(statements, agreement_digest))
    times, note_faults = prove_times(  # step 7
        statements, agreement=agreement_digest, origin=checkpoint.origin, policy=trusted, roots=roots
    )
    entries = _date_entries(statements, leaves, times)
    faults = (*note_faults, *find_chain_faults(entries, agreement=agreement_digest, roots=roots))  # step 6
    named = {subject.digest for entry in entries for subject in entry.statement.subjects}
    for digest in blobs:  # step 8
        if digest not in named and digest != agreement_digest:
            raise ProofError(f"{blob_path(digest)} is named by no statement")
    return VerifiedCase(
        policy_digest=policy_digest,
        agreement_digest=agreement_digest,
        agreement=agreement_data,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        entries=entries,
        chain_faults=tuple(
            sorted(faults, key=lambda fault: (fault.entry_index, fault.kind.value, fault.rests_on))
        ),
        blobs=blobs,
        missing=tuple(sorted(named.difference(blobs))),
        newest=times.newest,
        notes=times.notes,
    )


def _date_entries(
    statements: Iterable[OpenedStatement], leaves: Iterable[Hash], times: LoggedTimes
) -> tuple[Entry, ...]:
    """Put each statement together with its leaf and the times that the log proves."""
    entries = []
    for index, (opened, leaf) in enumerate(zip(statements, leaves, strict=True)):
        seen = opened.statement.header.checkpoint
        entries.append(
            Entry(
                index=index,
                leaf=leaf,
                digest=opened.digest,
                statement=opened.statement,
                signers=opened.signers,
                not_before=times.not_before(index),
                not_after=times.not_after(index),
                quoted_at=None if seen is None else times.at_size(seen.size),
            )
        )
    return tuple(entries)


def verify_case(
    files: CaseFiles,
    *,
    policy: bytes | None,
    agreement: Digest | None,
    read_keys: ReadKeys,
    allow_no_quorum: UnsafeNoQuorum | None = None,
    map: ChunkMap = map,
) -> None:
    """Verify a case as `open_case` does, for a caller who wants nothing of what it holds.

    Raises:
        VerificationError: as `open_case`.
    """
    open_case(
        files,
        policy=policy,
        agreement=agreement,
        read_keys=read_keys,
        allow_no_quorum=allow_no_quorum,
        map=map,
    )


def _read_policy(
    files: CaseFiles, given: bytes | None, allow_no_quorum: UnsafeNoQuorum | None
) -> tuple[Policy, Digest]:
    """Return the policy to trust; the case's own file must be canonical, and the same one."""
    own = read_file(files, POLICY_PATH)
    try:
        policy = parse_policy(own, allow_no_quorum=allow_no_quorum)
    except (VerificationError, LimitError) as exc:
        raise name_file(POLICY_PATH, exc) from exc
    if format_policy(policy) != own:
        raise MalformedError(
            f"{POLICY_PATH} is not in its one spelling: fixed order, single spaces, no comments"
        )
    if given is not None and given != own:
        try:
            trusted = format_policy(parse_policy(given, allow_no_quorum=allow_no_quorum))
        except (VerificationError, LimitError) as exc:
            raise name_file("the policy that was given", exc) from exc
        if trusted != own:
            raise ProofError(f"{POLICY_PATH} is not the policy that was given")
    return policy, digest_of(own)


def _read_checkpoint(files: CaseFiles) -> tuple[bytes, Checkpoint]:
    """Return the newest note and what it claims, not yet believed."""
    data = read_file(files, CHECKPOINT_PATH)
    try:
        checkpoint = parse_checkpoint(parse_note(data).text)  # both take one spelling only
    except (VerificationError, LimitError) as exc:
        raise name_file(CHECKPOINT_PATH, exc) from exc
    if checkpoint.size > ENTRIES_MAX:
        raise MalformedError(f"{CHECKPOINT_PATH} has {checkpoint.size} entries, want at most {ENTRIES_MAX}")
    return data, checkpoint


def _check_paths(paths: Sequence[str], size: int) -> tuple[Digest, ...]:
    """Account for every file, and return the digests that the blobs' names promise, sorted."""
    present = set(paths)
    if len(paths) > PATHS_MAX or len(present) != len(paths):
        raise MalformedError(f"case lists {len(paths)} files, want at most {PATHS_MAX}, each once")
    wanted = {POLICY_PATH, CHECKPOINT_PATH}
    for path in tree_paths(size):
        if LOG_FOLDER + path not in present:  # at once, since the size is still unverified and may be huge
            raise ProofError(f"{LOG_FOLDER}{path} is missing")
        wanted.add(LOG_FOLDER + path)
    return tuple(sorted(parse_blob_path(path) for path in present - wanted))


def _read_tree(files: CaseFiles, checkpoint: Checkpoint) -> Entries:
    """Return the entries after rebuilding every tile and the root from them."""
    try:
        return verify_tree(
            size=checkpoint.size,
            root=checkpoint.root,
            read=lambda path: read_file(files, LOG_FOLDER + path),
        )
    except ProofError as exc:
        where = LOG_FOLDER if exc.message.startswith("tile/") else f"{CHECKPOINT_PATH}: "
        raise ProofError(f"{where}{exc.message}") from exc


def _check_cosignatures(note: bytes, policy: Policy) -> None:
    try:
        opened = open_checkpoint(note, policy)
    except (VerificationError, LimitError) as exc:
        raise name_file(CHECKPOINT_PATH, exc) from exc
    if opened.unknown_count:
        count = opened.unknown_count
        raise SignatureError(f"{CHECKPOINT_PATH} has {count} lines by keys that are not in the policy")


def _first_agreement(logged: Entries) -> Digest:
    """Return the agreement that the first entry names; believed only as far as the case is."""
    if not logged:
        raise MalformedError("entry 0 is missing, so the case names no agreement")
    try:
        return parse_statement(parse_envelope(logged[0]).payload).header.agreement
    except MalformedError as exc:
        raise name_file("entry 0", exc) from exc


def _read_agreement(files: CaseFiles, digest: Digest, blobs: Sequence[Digest]) -> bytes:
    """Return the agreement; that the blob has this digest was checked with all blobs."""
    path = blob_path(digest)
    if digest not in blobs:
        raise ProofError(f"{path} is missing, and it is the agreement")
    data = read_file(files, path)
    if len(data) > AGREEMENT_BYTES_MAX:
        raise MalformedError(
            f"{path} has {len(data)} bytes, want an agreement of at most {AGREEMENT_BYTES_MAX}"
        )
    return data


def _check_origins(statements: Iterable[OpenedStatement], origin: str) -> None:
    for index, opened in enumerate(statements):
        if opened.statement.header.origin != origin:
            found = opened.statement.header.origin
            raise ProofError(f"entry {index}: statement was made for log {found!r}, want {origin!r}")


def _named_sizes(statements: Sequence[OpenedStatement], agreement: Digest) -> set[int]:
    """Return every tree size whose root a statement speaks of."""
    sizes: set[int] = set()
    for index, opened in enumerate(statements):
        seen = opened.statement.header.checkpoint
        if seen is not None and seen.size <= index:
            sizes.add(seen.size)
        if is_checkpoint_statement(opened, agreement):
            sizes.add(index)
    return sizes


def _roots_at(logged: Entries, sizes: set[int]) -> tuple[dict[int, Hash], list[Hash]]:
    """Return the root that the tree had at each of these sizes, and all leaf hashes."""
    leaves = leaf_hashes(logged)
    hasher = TreeHasher()
    roots = {0: hasher.root()}
    for size, leaf in enumerate(leaves, 1):
        hasher.append(leaf)
        if size in sizes:
            roots[size] = hasher.root()
    return roots, leaves


def _check_blobs(files: CaseFiles, blobs: Iterable[Digest]) -> None:
    """Compare every blob with the digest in its name."""
    for digest in blobs:
        path = blob_path(digest)
        data = read_file(files, path)
        if len(data) > BLOB_BYTES_MAX:
            raise MalformedError(f"{path} has {len(data)} bytes, want at most {BLOB_BYTES_MAX}")
        if digest_of(data) != digest:
            raise ProofError(f"{path} does not have the digest in its name")
