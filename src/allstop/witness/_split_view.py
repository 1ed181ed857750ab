"""Split views: two checkpoints of one log that cannot both hold, as evidence. spec/witness.md section 4.

With one size, two roots are enough. With two sizes, a consistency proof shows what root the larger tree
has over the smaller size; if the log signed another one, it showed two trees. Evidence carries both notes
whole, so it outlives the log that signed them.
"""

from dataclasses import dataclass

from allstop.canon import JSON, Fields, format_base64, format_json, parse_base64, parse_canonical_json
from allstop.errors import LimitError, MalformedError, ProofError, SignatureError, SplitViewError
from allstop.tlog import (
    EMPTY_ROOT,
    NOTE_BYTES_MAX,
    PROOF_HASHES_MAX,
    Checkpoint,
    Hash,
    HashReader,
    open_note,
    parse_checkpoint,
    parse_hash,
    parse_note,
    prove_consistency,
    root_at,
    verify_consistency,
)
from allstop.witness._policy import Policy

__all__ = [
    "SPLIT_VIEW_TYPE",
    "SplitView",
    "find_split_view",
    "format_split_view",
    "parse_split_view",
    "verify_no_split_view",
    "verify_split_view",
]

SPLIT_VIEW_TYPE = "urn:allstop:split-view:v1"

_EVIDENCE_BYTES_MAX = 4 * NOTE_BYTES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitView:
    """Two notes of one log, unverified; on the wire canonical JSON.

        {"first": "<note>", "prefixRoot": "<base64>", "proof": ["<base64>"], "second": "<note>",
         "type": "urn:allstop:split-view:v1"}

    `first` has the smaller size, or the same; `prefix_root` is the root of the second tree over the first
    size, as `proof` shows; with one size it is the second root, and the proof is empty.
    """

    first: bytes
    second: bytes
    prefix_root: Hash
    proof: tuple[Hash, ...]


def parse_split_view(data: bytes) -> SplitView:
    """Parse evidence.

    Raises:
        LimitError: it is too long.
        MalformedError: it is not in that form.
    """
    if len(data) > _EVIDENCE_BYTES_MAX:
        raise LimitError(f"evidence has {len(data)} bytes, want at most {_EVIDENCE_BYTES_MAX}")
    fields = Fields(parse_canonical_json(data), "split view")
    if fields.text("type") != SPLIT_VIEW_TYPE:
        raise MalformedError(f"split view: type is not {SPLIT_VIEW_TYPE}")
    view = SplitView(
        first=fields.text("first", NOTE_BYTES_MAX).encode("utf-8"),
        second=fields.text("second", NOTE_BYTES_MAX).encode("utf-8"),
        prefix_root=parse_hash(fields.data("prefixRoot")),
        proof=tuple(parse_hash(parse_base64(text)) for text in fields.texts("proof", PROOF_HASHES_MAX)),
    )
    fields.done()
    return view


def format_split_view(
    first: bytes, second: bytes, *, prefix_root: Hash | None = None, proof: tuple[Hash, ...] = ()
) -> bytes:
    """Return evidence; `prefix_root` is the second note's root unless it is given.

    Nothing is verified: two notes that agree make evidence of nothing.
    """
    root = prefix_root or parse_checkpoint(parse_note(second).text).root
    hashes: list[JSON] = [format_base64(hash_) for hash_ in proof]
    return format_json(
        {
            "type": SPLIT_VIEW_TYPE,
            "first": first.decode("utf-8"),
            "second": second.decode("utf-8"),
            "prefixRoot": format_base64(root),
            "proof": hashes,
        }
    )


def verify_split_view(data: bytes, policy: Policy) -> None:
    """Check, offline, that evidence convicts a log of the policy of showing two trees.

    Cosignatures do not matter here: the log's own signatures do.

    Raises:
        LimitError: the evidence is too long.
        MalformedError: the evidence or a note in it is not in its form.
        ProofError: the two notes can both hold, or the proof does not lead to the second root.
        SignatureError: one of the notes is not signed by its log.
    """
    # spec/witness.md section 4, steps 1 to 4
    view = parse_split_view(data)
    first, second = _open_signed(view.first, policy), _open_signed(view.second, policy)
    if first.origin != second.origin:
        raise ProofError("split view has checkpoints of two logs, want one")
    verify_consistency(
        old_size=first.size,
        old_root=view.prefix_root,
        size=second.size,
        root=second.root,
        proof=view.proof,
    )
    if view.prefix_root == first.root:
        raise ProofError("split view has two checkpoints that can both hold")


def _open_signed(note: bytes, policy: Policy) -> Checkpoint:
    """Return the checkpoint of a note that its log signed, by any key of the policy."""
    checkpoint = parse_checkpoint(parse_note(note).text)
    keys = policy.log_keys(checkpoint.origin)
    if not keys:
        raise SignatureError(f"policy has no log with origin {checkpoint.origin[:64]!r}")
    open_note(note, keys)
    return checkpoint


def find_split_view(a: bytes, b: bytes, policy: Policy, *, hash_at: HashReader | None = None) -> bytes | None:
    """Return the evidence that two notes of one log cannot both hold, or None if they can.

    Notes of two sizes can be compared only with the hashes of the larger tree.

    Raises:
        LimitError: a note is too long.
        ProofError: the notes are of two logs, or `hash_at` is missing or does not give the larger root.
        VerificationError: a note is malformed or not signed by its log.
    """
    (small, first), (large, second) = sorted(
        ((_open_signed(note, policy), note) for note in (a, b)), key=lambda pair: (pair[0].size, pair[1])
    )
    if small.origin != large.origin:
        raise ProofError("checkpoints are of two logs, want one")
    if small.size == large.size:
        return None if small.root == large.root else format_split_view(first, second)
    if small.size == 0:
        if small.root != EMPTY_ROOT:
            raise ProofError("checkpoint of size 0 has another root than that of the empty tree")
        return None
    if hash_at is None:
        raise ProofError(
            f"checkpoints have sizes {small.size} and {large.size}, want the larger tree's hashes"
        )
    if root_at(large.size, hash_at) != large.root:
        raise ProofError(f"hashes do not lead to the root of the checkpoint of size {large.size}")
    prefix_root = root_at(small.size, hash_at)
    if prefix_root == small.root:
        return None
    proof = prove_consistency(old_size=small.size, size=large.size, hash_at=hash_at)
    return format_split_view(first, second, prefix_root=prefix_root, proof=proof)


def verify_no_split_view(a: bytes, b: bytes, policy: Policy, *, hash_at: HashReader | None = None) -> None:
    """Check that two notes of one log can both hold.

    Raises:
        LimitError: a note is too long.
        SplitViewError: they cannot; carries the evidence.
        VerificationError: as `find_split_view`.
    """
    evidence = find_split_view(a, b, policy, hash_at=hash_at)
    if evidence is not None:
        raise SplitViewError("log signed two checkpoints that cannot both hold", evidence=evidence)
