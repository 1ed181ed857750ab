"""Cosigned checkpoints: making cosignatures, and believing a checkpoint. spec/witness.md section 2.

`open_checkpoint` is the one way to a checkpoint that a reader may rely on. Whether its time lies in the
future is for the caller, who knows what time it is meant to be.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from allstop.errors import MalformedError, SignatureError
from allstop.keys import KeyKind, NoteKey, NoteKeyType, SigningKey
from allstop.times import Instant
from allstop.tlog import (
    Checkpoint,
    Hash,
    Note,
    NoteSigner,
    format_note,
    format_signature_lines,
    open_note,
    parse_checkpoint,
    parse_note,
    parse_signature_lines,
    parse_tlog_proof,
    sign_text,
    verify_inclusion,
)
from allstop.witness._policy import Policy, verify_quorum

__all__ = [
    "Cosignature",
    "CosignedCheckpoint",
    "OpenedProof",
    "add_cosignatures",
    "cosign",
    "open_checkpoint",
    "open_tlog_proof",
]


class Cosignature(NamedTuple):
    """A witness of the policy, by the name of its key, and the time that it signed.

    Cosignature(witness="witness.alder.example", at=Instant(1_795_430_000_000))
    """

    witness: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignedCheckpoint:
    """A checkpoint that a log of the policy signed with Ed25519, and a quorum of its witnesses cosigned.

    `cosignatures` has each witness once, sorted by name; `unknown_count` counts the lines of the note that
    are by no key of the policy and so mean nothing.
    """

    checkpoint: Checkpoint
    note: Note
    cosignatures: tuple[Cosignature, ...]
    unknown_count: int

    def upper_median(self) -> Instant:
        """Return `times[n // 2]` of the sorted times: what it covers existed by then.

        Late or early times of fewer than half of the witnesses cannot move it past an honest one.

        Raises:
            SignatureError: there is no cosignature (only under `UnsafeNoQuorum`).
        """
        return self._median(len(self.cosignatures) // 2)

    def lower_median(self) -> Instant:
        """Return `times[(n - 1) // 2]` of the sorted times: what quotes it was written later.

        Raises:
            SignatureError: there is no cosignature (only under `UnsafeNoQuorum`).
        """
        return self._median((len(self.cosignatures) - 1) // 2)

    def _median(self, position: int) -> Instant:
        if not self.cosignatures:
            raise SignatureError("checkpoint has no cosignature, so nobody vouches for its time")
        return sorted(item.at for item in self.cosignatures)[position]


def cosign(note: bytes, *, key: SigningKey, name: str, at: Instant) -> bytes:
    """Return the cosignature line of witness `name`: type 0x04 for an Ed25519 key, 0x06 for ML-DSA-44.

    Whether the checkpoint continues what this witness has seen is for `step`; call it first.

    Raises:
        MalformedError: `note` is not a checkpoint, or `at` is in the first second of 1970: no time.
    """
    is_ed25519 = key.public.kind is KeyKind.ED25519
    type_ = NoteKeyType.COSIGNATURE_ED25519 if is_ed25519 else NoteKeyType.MLDSA44
    if at.ms < 1000:
        raise MalformedError("cosignature would have no time, want at least one second")
    signature = sign_text(parse_note(note).text, NoteSigner(name=name, type=type_, key=key), at=at)
    return format_signature_lines((signature,))


def add_cosignatures(note: bytes, lines: bytes, policy: Policy) -> bytes:
    """Return the note with those of the lines that are by witnesses of the policy, in place of older ones.

    This is what a log does with a witness's answer; lines by unknown keys are dropped.

    Raises:
        LimitError: the lines are too long.
        MalformedError: `note` or `lines` is not in its form, or the note would have too many lines.
        SignatureError: a line by a known witness does not verify, or no line is by one.
    """
    keys = [witness.key for witness in policy.witnesses]
    known = {(key.name, key.id) for key in keys}
    text, old = parse_note(note).text, parse_note(note).signatures
    new = [item for item in parse_signature_lines(lines) if (item.name, item.key_id) in known]
    if not new:
        raise SignatureError("answer has no cosignature by a witness of the policy")
    open_note(format_note(Note(text=text, signatures=tuple(new))), keys)
    replaced = {(item.name, item.key_id) for item in new}
    kept = [item for item in old if (item.name, item.key_id) not in replaced]
    return format_note(Note(text=text, signatures=(*kept, *new)))


def open_checkpoint(data: bytes, policy: Policy) -> CosignedCheckpoint:
    """Verify a checkpoint's note against the policy, and only then return what it says.

    Every line by a key of the policy must verify; the log must have signed with Ed25519; the witnesses
    must make up the quorum. Where a witness has cosigned with both kinds of key, the time is that of the
    Ed25519 line, so that a note stripped to its Ed25519 lines proves the same times.

    Raises:
        LimitError: the note is too long.
        MalformedError: the note or its text is not in its form, or a known key has two lines.
        SignatureError: the log or a signature is unknown or bad, a cosignature has no time, or no quorum.
    """
    # spec/witness.md section 2, steps 1 to 6
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    log_keys = policy.log_keys(checkpoint.origin)
    if not log_keys:
        raise SignatureError(f"policy has no log with origin {checkpoint.origin[:64]!r}")
    opened = open_note(data, [*log_keys, *(witness.key for witness in policy.witnesses)])
    at = {item.key: item.at for item in opened.verified}
    if len(at) != len(opened.verified):
        raise MalformedError("note has two lines by one key, want one")
    if not any(key.type is NoteKeyType.ED25519 for key in at):
        raise SignatureError(f"checkpoint has no Ed25519 signature by its log {checkpoint.origin!r}")
    cosigned = {witness.name: witness.key for witness in policy.witnesses if witness.key in at}
    verify_quorum(policy, cosigned.keys())
    return CosignedCheckpoint(
        checkpoint=checkpoint,
        note=note,
        cosignatures=_times(cosigned.values(), at),
        unknown_count=len(note.signatures) - len(at),
    )


def _times(keys: Collection[NoteKey], at: Mapping[NoteKey, Instant | None]) -> tuple[Cosignature, ...]:
    """Return one time for each witness; the Ed25519 key's, if it has both kinds."""
    times: dict[str, Instant] = {}
    for key in sorted(keys, key=lambda key: key.type.value, reverse=True):  # 0x06 first, then 0x04 over it
        time = at[key]
        if time is None:
            raise SignatureError(f"cosignature by {key.name!r} has no time")
        times[key.name] = time
    return tuple(Cosignature(witness, times[witness]) for witness in sorted(times))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedProof:
    """That a log of the policy holds a leaf at `index`, under a checkpoint with a quorum."""

    index: int
    checkpoint: CosignedCheckpoint


def open_tlog_proof(data: bytes, *, leaf: Hash, policy: Policy) -> OpenedProof:
    """Verify a `.tlog-proof` file for this leaf hash: checkpoint, quorum and inclusion.

    The file's extra line is ignored: nobody signs it.

    Raises:
        LimitError: the file is too long.
        VerificationError: the file is malformed, its checkpoint cannot be opened, or the path is wrong.
    """
    proof = parse_tlog_proof(data)
    opened = open_checkpoint(proof.note, policy)
    verify_inclusion(
        leaf=leaf,
        index=proof.index,
        size=opened.checkpoint.size,
        proof=proof.hashes,
        root=opened.checkpoint.root,
    )
    return OpenedProof(index=proof.index, checkpoint=opened)
