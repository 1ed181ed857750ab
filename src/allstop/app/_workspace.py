"""A desk: the folder from which parties on one machine file statements into one log about one agreement.

    agreement                 digest of the agreement, one line
    keys/log-ed25519          keys of the log itself; parties' and witnesses' keys lie wherever they like
    keys/log-ml-dsa-44
    next                      checkpoint statement that will open the next batch, if already signed
    policy                    policy of the last publication: a checkpoint is quoted once it has its quorum
    log/                      the transparency log (`allstop.store`)
    blobs/                    the agreement, its reference tables, evidence

The desk holds no trust: whoever audits the case made from it needs nothing but policy and agreement digest.
"""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from allstop.agreement import AGREEMENT_PREDICATE, AgreementBody, parse_agreement, read_party_keys
from allstop.canon import parse_canonical_json
from allstop.case import (
    CHECKPOINT_PATH,
    LOG_FOLDER,
    POLICY_PATH,
    VerifiedCase,
    blob_path,
    open_case,
)
from allstop.errors import ConflictError, NotFoundError, SignatureError, UsageError
from allstop.ids import Digest, Name, digest_of, parse_digest
from allstop.keys import NoteKey, NoteKeyType, SigningKey, parse_vkey
from allstop.service import Chain, chain_of, draft_checkpoint, file_statement
from allstop.statement import Predicate, SeenCheckpoint, Subject
from allstop.store import (
    BlobStore,
    FileWitness,
    LogFolder,
    ProveConsistency,
    create_note_key,
    init_log,
    load_key,
    open_log,
    write_case,
)
from allstop.times import Instant
from allstop.tlog import Checkpoint, parse_checkpoint, parse_note, sign_checkpoint, tree_paths
from allstop.witness import Policy, add_cosignatures, format_policy, open_checkpoint, parse_policy

__all__ = ["Clock", "Desk", "init_desk", "machine_clock", "open_desk"]

Clock = Callable[[], Instant]

_LOG_KEYS = (("log-ed25519", NoteKeyType.ED25519), ("log-ml-dsa-44", NoteKeyType.MLDSA44))
_T = TypeVar("_T")


def machine_clock() -> Instant:
    """Return the time of this machine's clock."""
    return Instant(time.time_ns() // 1_000_000)


def init_desk(root: Path, *, agreement: bytes, references: Sequence[bytes]) -> tuple[NoteKey, ...]:
    """Make a desk for an agreement and return the log's public keys. Run twice, it refuses.

    Raises:
        ConflictError: the folder is there already.
        MalformedError: the agreement is not canonical, or a reference table that it pins is not given.
    """
    parse_canonical_json(agreement)
    terms = parse_agreement(agreement)
    given = {digest_of(data) for data in references}
    missing = [item.name for item in terms.references if item.digest not in given]
    if missing:
        raise UsageError(f"the agreement pins a table {missing[0]} that was not given")
    if root.exists() and any(root.iterdir()):
        raise ConflictError(f"{root.name} is not empty; a desk is made once")
    (root / "keys").mkdir(parents=True, mode=0o700)
    keys: list[NoteKey] = []
    for name, kind in _LOG_KEYS:
        keys.append(create_note_key(root / "keys" / name, name=terms.log.origin, type=kind)[1])
    init_log(root / "log", origin=terms.log.origin, keys=keys)
    (root / "blobs").mkdir()
    blobs = BlobStore(root / "blobs")
    for data in (agreement, *references):
        blobs.put(data)
    (root / "agreement").write_text(digest_of(agreement) + "\n", "utf-8")
    return tuple(keys)


def open_desk(root: Path, *, clock: Clock = machine_clock) -> "Desk":
    """Open a desk for filing.

    Raises:
        NotFoundError: the folder is no desk.
        ConflictError: another process is filing.
    """
    try:
        agreement = parse_digest((root / "agreement").read_text("utf-8").strip())
    except FileNotFoundError as exc:
        raise NotFoundError(
            f"{root} is no log folder", hint="make one with: allstop log init DIR --agreement FILE"
        ) from exc
    return Desk(root, agreement=agreement, clock=clock)


class Desk:
    """An open desk; implements `service.Journal`. Use it with `with`."""

    def __init__(self, root: Path, *, agreement: Digest, clock: Clock) -> None:
        self._root = root
        self._clock = clock
        self._agreement = agreement
        self._log = open_log(root / "log")
        self._published: list[bytes] | None = None
        self.blobs = BlobStore(root / "blobs")
        self.terms = parse_agreement(self.blobs.read(agreement))
        self._settle()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log.close()

    @property
    def origin(self) -> str:
        """Origin of the log."""
        return self._log.origin

    @property
    def agreement(self) -> Digest:
        """Digest of the agreement."""
        return self._agreement

    def entries(self) -> Iterable[bytes]:
        """Return every envelope: the published ones, the next checkpoint statement, the pending ones."""
        if self._published is None:
            self._published = list(self._log.public.entries()) if self._log.size else []
        reserved = self._reserved()
        return (*self._published, *(() if reserved is None else (reserved,)), *self._log.pending())

    def seen(self) -> SeenCheckpoint | None:
        """Return the newest published checkpoint."""
        if not self._log.size:
            return None
        checkpoint = self._log.public.checkpoint()
        return SeenCheckpoint(size=checkpoint.size, root=Digest(checkpoint.root.hex()))

    def stage(self, entry: bytes) -> None:
        """Take an entry for the next batch; it is durable when this returns."""
        self._log.stage([entry])

    def note(self) -> bytes | None:
        """Return the published checkpoint with its signatures, None before the first."""
        return self._log.public.note() if self._log.size else None

    def cosigned_at(self) -> Instant | None:
        """Return the time of the newest published checkpoint, None if there is none with a quorum."""
        note, policy = self.note(), self._root / "policy"
        if note is None or not policy.exists():
            return None
        try:
            return open_checkpoint(note, parse_policy(policy.read_bytes())).upper_median()
        except SignatureError:
            return None

    def open_published(self) -> VerifiedCase:
        """Verify what is published, as a reader of a case would, and return it; blobs are not looked at.

        Raises:
            NotFoundError: nothing was published yet.
            VerificationError: the newest checkpoint lacks its quorum, or the log does not hold together.
        """
        if not self._log.size:
            raise NotFoundError("nothing was published yet", hint="publish with: allstop log checkpoint")
        policy, agreement = (self._root / "policy").read_bytes(), self.blobs.read(self._agreement)
        files = _PublishedFiles(policy=policy, log=self._log.public, agreement=agreement)
        return open_case(files, policy=policy, agreement=self._agreement, read_keys=read_party_keys)

    def file(
        self,
        predicate: Predicate[_T],
        value: _T,
        *,
        party: Name,
        signers: Sequence[SigningKey],
        subjects: Sequence[Subject] = (),
    ) -> Chain:
        """Sign and stage a party's next statement; return where its chain stands afterwards.

        The log's operator signs the checkpoint statement of the next batch first: it stands before all
        else in the batch, so it comes first in the operator's chain too.
        """
        self._open_batch(party, signers)
        return file_statement(self, predicate, value, party=party, signers=signers, subjects=subjects)

    def chain(self, party: Name, *, signers: Sequence[SigningKey]) -> Chain:
        """Return where a party's chain stands for its next statement, such as one that repeats its head."""
        self._open_batch(party, signers)
        return chain_of(self.entries(), party)

    def _open_batch(self, party: Name, signers: Sequence[SigningKey]) -> None:
        if party not in {one.id for one in self.terms.parties}:
            names = ", ".join(one.id for one in self.terms.parties)
            raise UsageError(f"{party} is no party of the agreement", hint=f"its parties are {names}")
        if party == self.terms.log.operator and self._reserved() is None:
            self._check_quotable()
            self._reserve(signers)

    def _check_quotable(self) -> None:
        """Refuse to quote a checkpoint too early: the quotation would prove no time, and it is final."""
        note, policy = self.note(), self._root / "policy"
        if note is None or not policy.exists():
            return
        try:
            open_checkpoint(note, parse_policy(policy.read_bytes()))
        except SignatureError as exc:
            raise ConflictError(
                "the newest checkpoint has no quorum yet, and the operator's next statement must quote it",
                hint="collect what is missing with: allstop witness cosign",
            ) from exc

    def propose(self, *, signers: Sequence[SigningKey]) -> None:
        """File the statement that names the agreement and its tables, so that their blobs belong to the case."""
        subjects = [Subject(name="agreement", digest=self._agreement)]
        subjects += [Subject(name=item.name, digest=item.digest) for item in self.terms.references]
        body = AgreementBody(title=self.terms.title)
        self.file(
            AGREEMENT_PREDICATE, body, party=self.terms.log.operator, signers=signers, subjects=subjects
        )

    def publish(
        self, *, operator_keys: Sequence[SigningKey], witnesses: Sequence[FileWitness], policy: Policy
    ) -> bytes:
        """Publish everything pending behind a statement that quotes the checkpoint before it.

        Returns the checkpoint with its signatures, which has a quorum if the witnesses given make one.

        Raises:
            SignatureError: the checkpoint to be quoted has no quorum, so it would prove no time.
        """

        def cosign(signed: bytes, prove: ProveConsistency) -> bytes:
            for witness in witnesses:
                signed = add_cosignatures(signed, witness.cosign(signed, prove), policy)
            return signed

        if self._log.is_unfinished:
            finished = self._log.recover(sign=self._sign, cosign=cosign)
            self._settle()
            if finished is not None and not self._log.pending():
                return finished  # The batch that was asked for is the one that was interrupted.
        note = self.note()
        if note is not None:
            open_checkpoint(note, policy)
        if self._reserved() is None:
            self._reserve(operator_keys)
        _write_durable(self._root / "policy", format_policy(policy))
        published = self._log.publish(sign=self._sign, cosign=cosign, checkpoint_statement=self._reserved())
        self._settle()
        return published or b""

    def cosign(self, witness: FileWitness, policy: Policy) -> bytes:
        """Ask one witness for its cosignature of the published checkpoint and keep it with the others."""
        note = self.note()
        if note is None:
            raise NotFoundError("nothing was published yet", hint="publish with: allstop log checkpoint")
        size = parse_checkpoint(parse_note(note).text).size
        lines = witness.cosign(note, lambda old: self._log.public.prove_consistency(old_size=old, size=size))
        return self._log.add_cosignatures(add_cosignatures(note, lines, policy))

    def _reserve(self, signers: Sequence[SigningKey]) -> None:
        statement = draft_checkpoint(
            self, note=self.note(), operator=self.terms.log.operator, signers=signers
        )
        _write_durable(self._root / "next", statement)

    def _reserved(self) -> bytes | None:
        try:
            return (self._root / "next").read_bytes()
        except FileNotFoundError:
            return None

    def _settle(self) -> None:
        """Forget the reserved checkpoint statement once it is in the tree."""
        self._published = list(self._log.public.entries()) if self._log.size else []
        if self._reserved() in self._published:
            (self._root / "next").unlink()

    def _sign(self, checkpoint: Checkpoint) -> bytes:
        keys = [load_key(self._root / "keys" / name) for name, _ in _LOG_KEYS]
        return sign_checkpoint(checkpoint, keys, at=self._clock())

    def log_keys(self) -> tuple[NoteKey, ...]:
        """Return the log's public keys, for policies and witnesses."""
        return tuple(
            parse_vkey((self._root / "keys" / f"{name}.pub").read_text("utf-8").strip())
            for name, _ in _LOG_KEYS
        )

    def write_case(self, target: Path, *, policy: bytes) -> tuple[Digest, ...]:
        """Write the published log, the policy and the blobs that statements name into a new folder."""
        parse_policy(policy)
        return write_case(
            target,
            policy=policy,
            log=LogFolder(self._root / "log" / "public"),
            blobs=self.blobs,
            agreement=self.blobs.read(self._agreement),
        )


class _PublishedFiles:
    """The published log as files of a case that holds no blob but the agreement."""

    def __init__(self, *, policy: bytes, log: LogFolder, agreement: bytes) -> None:
        self._log = log
        self._own = {POLICY_PATH: policy, blob_path(digest_of(agreement)): agreement}

    def paths(self) -> tuple[str, ...]:
        tree = tree_paths(self._log.checkpoint().size)
        return tuple(sorted([*self._own, CHECKPOINT_PATH, *(LOG_FOLDER + path for path in tree)]))

    def read(self, path: str) -> bytes:
        if path in self._own:
            return self._own[path]
        return self._log.note() if path == CHECKPOINT_PATH else self._log.read(path.removeprefix(LOG_FOLDER))


def _write_durable(path: Path, data: bytes) -> None:
    """Replace a file so that a loss of power leaves the old one or the new one.

    A checkpoint statement that was lost after the operator filed another would leave a gap in its chain.
    """
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
