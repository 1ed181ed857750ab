"""The draw: which items to open, from bytes that nobody could choose (spec/transcript.md section 3).

A later cosigned note of the log decides. Whoever filed the commitment could not know it; whoever makes the
note cannot know which of many it will be worth spending work on, and witnesses add signatures of their own.
"""

import hashlib
from collections.abc import Iterator

from allstop.ids import Digest
from allstop.transcript._items import ITEMS_MAX

__all__ = ["draw_indices", "draw_seed"]

_DRAW_TAG = b"allstop draw v1\n"
_WORDS = 2**64


def draw_seed(note: bytes, transcript: Digest) -> bytes:
    r"""Return SHA-256("allstop draw v1\n" || SHA-256(note) || digest of the transcript statement).

    `note` is the first cosigned note that the log quotes and whose tree holds the statement.
    """
    return hashlib.sha256(_DRAW_TAG + hashlib.sha256(note).digest() + bytes.fromhex(transcript)).digest()


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
