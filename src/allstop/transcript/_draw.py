"""The draw: which items to open, from bytes that nobody could choose (spec/transcript.md section 3).

The witnesses' signatures on a later note of the log decide, each for itself: every witness draws a whole
sample, and all samples are opened. A witness that colludes can choose its own and no other's; whoever runs the
log cannot sign for any.
"""

import hashlib
from collections.abc import Iterator, Sequence

from allstop.ids import Digest
from allstop.transcript._items import ITEMS_MAX

__all__ = ["draw_indices", "draw_items", "draw_seed"]

_DRAW_TAG = b"allstop draw v1\n"
_WORDS = 2**64


def draw_seed(text: bytes, *, witness: str, cosignature: bytes, transcript: Digest) -> bytes:
    r"""Return the seed of one witness's draw from a transcript.

    SHA-256("allstop draw v1\n" || SHA-256(text) || length of the name in one byte || name || cosignature ||
    digest of the transcript statement). `text` is that of the first cosigned note that the log quotes and
    whose tree holds the statement; `cosignature` the witness's Ed25519 line: 8 bytes of time, 64 of signature.
    """
    name = witness.encode("utf-8")
    preimage = hashlib.sha256(text).digest() + bytes([len(name)]) + name + cosignature
    return hashlib.sha256(_DRAW_TAG + preimage + bytes.fromhex(transcript)).digest()


def draw_items(
    text: bytes,
    *,
    cosignatures: Sequence[tuple[str, bytes]],
    transcript: Digest,
    count: int,
    sample: int,
) -> tuple[int, ...]:
    """Return everything that the witnesses draw, each `sample` of `count` items: indices, ascending."""
    drawn: set[int] = set()
    for witness, cosignature in cosignatures:
        seed = draw_seed(text, witness=witness, cosignature=cosignature, transcript=transcript)
        drawn |= set(draw_indices(seed, count=count, sample=sample))
    return tuple(sorted(drawn))


def draw_indices(seed: bytes, *, count: int, sample: int) -> tuple[int, ...]:
    """Return `sample` distinct indices below `count`, ascending; all of them if there are no more.

    Every set of that size is equally likely: words that would favour low indices are thrown away, and an
    index that was drawn before is drawn again. Above one half, what stays unopened is drawn.

    Raises:
        ValueError: `count` or `sample` is out of range.
    """
    if not 1 <= count <= ITEMS_MAX or sample < 0:
        raise ValueError(f"cannot draw {sample} of {count} items, want a count of 1 to {ITEMS_MAX}")
    if sample >= count:
        return tuple(range(count))
    if 2 * sample > count:
        unopened = set(draw_indices(seed, count=count, sample=count - sample))
        return tuple(index for index in range(count) if index not in unopened)
    drawn: set[int] = set()
    fair = _WORDS - _WORDS % count
    words = _words(seed)
    while len(drawn) < sample:
        word = next(words)
        if word < fair:
            drawn.add(word % count)
    return tuple(sorted(drawn))


def _words(seed: bytes) -> Iterator[int]:
    """Yield unsigned big-endian words of 64 bits: four of SHA-256(seed || u64 block), block 0, 1, 2, ..."""
    block = 0
    while True:
        data = hashlib.sha256(seed + block.to_bytes(8, "big")).digest()
        for start in range(0, 32, 8):
            yield int.from_bytes(data[start : start + 8], "big")
        block += 1
