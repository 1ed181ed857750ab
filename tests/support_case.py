"""Whole cases in memory: an agreement, a policy of two blocs and a neutral group, batches, blobs.

Everything is derived from labels, so two builds of the same case have the same bytes, save for ML-DSA-44
signatures. Services build cases from files and the network; this builds the same thing from values.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from allstop.canon import JSON, Fields, format_base64, format_json, parse_base64, parse_canonical_json
from allstop.case import CHECKPOINT, CHECKPOINT_PATH, POLICY_PATH, blob_path, quote_note
from allstop.errors import NotFoundError
from allstop.ids import Digest, Name, digest_of
from allstop.keys import KeyKind, NoteKey, NoteKeyType, PublicKey, SigningKey
from allstop.statement import (
    Header,
    PartyKeys,
    SeenCheckpoint,
    Statement,
    Subject,
    parse_envelope,
    sign_statement,
    statement_digest,
)
from allstop.times import Instant
from allstop.tlog import (
    TILE_WIDTH,
    Checkpoint,
    entries_path,
    format_entry_bundle,
    leaf_hash,
    leaf_hashes,
    sign_checkpoint,
    tiles_of,
    tree_root,
)
from allstop.witness import (
    Group,
    Policy,
    PolicyLog,
    PolicyWitness,
    add_cosignatures,
    cosign,
    format_policy,
)
from support_statement import ALDER, BIRCH, CEDAR, ORIGIN, key_of

START = Instant(1_795_430_000_000)
"""2026-11-23T10:33:20Z: when the first batch of every case is cosigned."""
BATCH_MS = 60_000
WITNESSES = ("alder-1", "alder-2", "birch-1", "birch-2", "neutral-1", "neutral-2", "neutral-3")
OPERATOR = CEDAR
"""The party that runs the log and signs the checkpoint statements."""


def read_keys(agreement: bytes) -> Mapping[Name, PartyKeys]:
    """Read the parties' keys from the agreement of these tests: `{"parties": {name: {"keys", "threshold"}}}`."""
    top = Fields(parse_canonical_json(agreement), "agreement")
    parties = top.object("parties")
    found: dict[Name, PartyKeys] = {}
    for name in (ALDER, BIRCH, CEDAR):
        entry = parties.object(name)
        keys = tuple(
            PublicKey(kind=KeyKind.ED25519, data=parse_base64(text)) for text in entry.texts("keys", 9)
        )
        found[name] = PartyKeys(party=name, keys=keys, threshold=entry.integer("threshold"))
        entry.done()
    parties.done()
    return found


def make_agreement() -> bytes:
    """Return an agreement in which Alder needs both officers, Birch one of two, and Cedar runs the log."""
    parties: dict[str, JSON] = {}
    for name, count, threshold in ((ALDER, 2, 2), (BIRCH, 2, 1), (CEDAR, 1, 1)):
        keys: list[JSON] = [format_base64(key_of(f"{name}-{number}").public.data) for number in range(count)]
        parties[name] = {"keys": keys, "threshold": threshold}
    return format_json({"parties": parties})


def make_policy() -> Policy:
    """Return the policy: both blocs whole and two of three neutral witnesses; one neutral also has ML-DSA-44."""
    logs = tuple(
        PolicyLog(key=NoteKey(name=ORIGIN, type=kind, key=key.public))
        for kind, key in zip((NoteKeyType.ED25519, NoteKeyType.MLDSA44), log_keys(), strict=True)
    )
    witnesses = tuple(
        PolicyWitness(
            name=name,
            key=NoteKey(
                name=f"{name}.example", type=NoteKeyType.COSIGNATURE_ED25519, key=key_of(name).public
            ),
            url=f"https://{name}.example/",
        )
        for name in WITNESSES
    )
    strong = PolicyWitness(
        name="neutral-1-pq",
        key=NoteKey(name="neutral-1.example", type=NoteKeyType.MLDSA44, key=strong_key().public),
    )
    groups = (
        Group(name="alder-bloc", threshold=1, members=WITNESSES[:2]),
        Group(name="birch-bloc", threshold=1, members=WITNESSES[2:4]),
        Group(name="neutral", threshold=2, members=WITNESSES[4:]),
        Group(name="everyone", threshold=3, members=("alder-bloc", "birch-bloc", "neutral")),
    )
    return Policy(logs=logs, witnesses=(*witnesses, strong), groups=groups, quorum="everyone")


def plain_policy() -> Policy:
    """Return the same policy with Ed25519 alone, so that a case comes out the same twice, byte for byte."""
    policy = make_policy()
    return replace(policy, logs=policy.logs[:1], witnesses=policy.witnesses[:-1])


def log_keys() -> tuple[SigningKey, SigningKey]:
    """Return the log's two keys."""
    return key_of("log"), key_of("log", KeyKind.ML_DSA_44)


def strong_key() -> SigningKey:
    """Return the ML-DSA-44 key of the first neutral witness."""
    return key_of("neutral-1", KeyKind.ML_DSA_44)


class FilesInMemory:
    """The files of a case as a dictionary; a test may alter `files` as a thief would."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def paths(self) -> tuple[str, ...]:
        """Return every path, sorted."""
        return tuple(sorted(self.files))

    def read(self, path: str) -> bytes:
        """Return one file."""
        if path not in self.files:
            raise NotFoundError(f"{path} is not there")
        return self.files[path]


@dataclass
class CaseBuilder:
    """Appends statements and closes batches as a log does; every batch begins with a checkpoint statement."""

    agreement: bytes = field(default_factory=make_agreement)
    policy: Policy = field(default_factory=make_policy)
    entries: list[bytes] = field(default_factory=list)
    notes: list[bytes] = field(default_factory=list)
    blobs: dict[Digest, bytes] = field(default_factory=dict)
    heads: dict[Name, tuple[int, Digest]] = field(default_factory=dict)
    at: Instant = START

    def __post_init__(self) -> None:
        self.agreement_digest = self.hold(self.agreement)

    def hold(self, data: bytes) -> Digest:
        """Put a blob into the case."""
        digest = digest_of(data)
        self.blobs[digest] = data
        return digest

    def signers(self, party: Name) -> list[SigningKey]:
        """Return as many keys of the party as its threshold asks for."""
        return [key_of(f"{party}-{number}") for number in range(2 if party == ALDER else 1)]

    def make(
        self,
        party: Name,
        predicate: str,
        body: JSON,
        *,
        subjects: Sequence[Digest] = (),
        **header: object,
    ) -> Statement:
        """Return the party's next statement; keywords replace fields of the header."""
        sequence, previous = self.next_link(party)
        fields: dict[str, object] = {
            "agreement": self.agreement_digest,
            "origin": ORIGIN,
            "party": party,
            "sequence": sequence,
            "previous": previous,
            "checkpoint": self.seen(),
        } | header
        digests = subjects or (self.agreement_digest,)
        return Statement(
            predicate=Name(predicate),
            header=Header(**fields),  # type: ignore[arg-type]  # the keywords are the fields of the header
            subjects=tuple(
                Subject(name=f"subject-{index}", digest=digest) for index, digest in enumerate(digests)
            ),
            body=body,
        )

    def next_link(self, party: Name) -> tuple[int, Digest | None]:
        """Return sequence and previous of the party's next statement."""
        head = self.heads.get(party)
        return (0, None) if head is None else (head[0] + 1, head[1])

    def seen(self) -> SeenCheckpoint | None:
        """Return the newest cosigned checkpoint, as a party would quote it."""
        if not self.notes:
            return None
        size = int(self.notes[-1].split(b"\n")[1])
        return SeenCheckpoint(size=size, root=Digest(tree_root(leaf_hashes(self.entries[:size])).hex()))

    def append(self, statement: Statement, signers: Sequence[SigningKey] | None = None) -> int:
        """Sign and log a statement, move its party's head, and return its index."""
        party = statement.header.party
        data = sign_statement(statement, self.signers(party) if signers is None else signers)
        self.heads[party] = (statement.header.sequence, statement_digest(parse_envelope(data).payload))
        return self.append_raw(data)

    def append_raw(self, envelope: bytes) -> int:
        """Log bytes as they are and return their index."""
        self.entries.append(envelope)
        return len(self.entries) - 1

    def say(self, party: Name, predicate: str = "site", body: JSON = None, **keywords: object) -> int:
        """Make, sign and log the party's next statement."""
        content: JSON = {"note": f"entry {len(self.entries)}"} if body is None else body
        return self.append(self.make(party, predicate, content, **keywords))  # type: ignore[arg-type]  # as `make`

    def open_batch(self, note: JSON = "the last one") -> int:
        """Begin a batch with the checkpoint statement that quotes the last note, or the one given."""
        if note == "the last one":
            note = CHECKPOINT.format(quote_note(self.notes[-1])) if self.notes else {"note": None}
        return self.say(OPERATOR, "checkpoint", note)

    def close_batch(self, at: Instant | None = None, lies: Mapping[str, int] | None = None) -> bytes:
        """Sign and cosign the tree as it is; `lies` moves single witnesses' clocks by milliseconds."""
        self.at = self.at.plus(BATCH_MS) if at is None else at
        note = cosign_all(tree_checkpoint(self.entries), self.policy, self.at, lies)
        self.notes.append(note)
        return note

    def batch(self, statements: Iterable[tuple[Name, str]] = (), **close: object) -> None:
        """Open a batch, log one statement for each (party, predicate), and close it."""
        self.open_batch()
        for party, predicate in statements:
            self.say(party, predicate)
        self.close_batch(**close)  # type: ignore[arg-type]  # as `close_batch`

    def files(self) -> FilesInMemory:
        """Return the case as its files, with the newest note as checkpoint."""
        files = {POLICY_PATH: format_policy(self.policy), CHECKPOINT_PATH: self.notes[-1]}
        files |= {f"log/{path}": data for path, data in tree_files(self.entries).items()}
        return FilesInMemory(files | {blob_path(digest): data for digest, data in self.blobs.items()})


def tree_checkpoint(entries: Sequence[bytes]) -> Checkpoint:
    """Return the checkpoint of the tree over these entries."""
    return Checkpoint(
        origin=ORIGIN, size=len(entries), root=tree_root([leaf_hash(entry) for entry in entries])
    )


def tree_files(entries: Sequence[bytes]) -> dict[str, bytes]:
    """Return bundles and tiles of a tree, by path inside the log."""
    files = dict(tiles_of(leaf_hashes(entries)))
    for start in range(0, len(entries), TILE_WIDTH):
        bundle = entries[start : start + TILE_WIDTH]
        files[entries_path(start // TILE_WIDTH, len(bundle))] = format_entry_bundle(bundle)
    return files


def cosign_all(
    checkpoint: Checkpoint, policy: Policy, at: Instant, lies: Mapping[str, int] | None = None
) -> bytes:
    """Return the checkpoint's note, signed by the log and cosigned by every witness, one second apart."""
    known = {log.key.key for log in policy.logs}
    note = sign_checkpoint(checkpoint, [key for key in log_keys() if key.public in known], at=at)
    lines = b""
    for number, name in enumerate(WITNESSES):
        moment = at.plus(1000 * number + (lies or {}).get(name, 0))
        lines += cosign(note, key=key_of(name), name=f"{name}.example", at=moment)
    if any(witness.key.key == strong_key().public for witness in policy.witnesses):
        lines += cosign(note, key=strong_key(), name="neutral-1.example", at=at.plus(4000))
    return add_cosignatures(note, lines, policy)


def build_case(
    count: int, *, batch: int = 30, blob_count: int = 3, blob_bytes: int = 400, policy: Policy | None = None
) -> CaseBuilder:
    """Return a case of `count` entries in batches of `batch`, with a few blobs named by statements."""
    case = CaseBuilder(policy=make_policy() if policy is None else policy)
    while len(case.entries) < count:
        case.open_batch()
        for _ in range(min(batch - 1, count - len(case.entries))):
            party = (ALDER, BIRCH)[len(case.entries) % 2]
            number = len(case.entries)
            if 0 < number <= blob_count:
                blob = case.hold(bytes(f"blob {number} ".encode() * blob_bytes)[:blob_bytes])
                case.say(party, "measurement", subjects=[case.agreement_digest, blob])
            else:
                case.say(party)
        case.close_batch()
    return case
