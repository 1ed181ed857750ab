"""Bundles: entries that are on disk but not yet in the tree. Internal to one log; never published.

    allstop-bundle/v1
    17                                  size of the tree that the entries follow
    3                                   pending files below this number are in the bundle
    2                                   count of entries
    <u16 length, bytes> twice
    <SHA-256 of everything above, 32 bytes>

The hash is over what was meant to be written, so that reading back finds a bit that flipped on the way.
"""

import hashlib
import re
from dataclasses import dataclass

from allstop.canon import format_decimal, parse_decimal
from allstop.errors import MalformedError
from allstop.tlog import ENTRY_BYTES_MAX

__all__ = ["BUNDLE_BYTES_MAX", "BUNDLE_ENTRIES_MAX", "Bundle", "format_bundle", "parse_bundle"]

BUNDLE_ENTRIES_MAX = 65_536
BUNDLE_BYTES_MAX = 256 * 1024 * 1024

_MAGIC = b"allstop-bundle/v1\n"
_HASH_BYTES = 32
_HEADER = re.compile(rb"([0-9]{1,20})\n([0-9]{1,20})\n([0-9]{1,20})\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Entries in the order in which they go into the tree after its first `old_size` leaves.

    `pending_end` is the number of the first pending file that is not in the bundle.
    Range: `1 <= len(entries) <= BUNDLE_ENTRIES_MAX`.
    """

    old_size: int
    pending_end: int
    entries: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.entries) <= BUNDLE_ENTRIES_MAX:
            raise MalformedError(f"bundle has {len(self.entries)} entries, want 1 to {BUNDLE_ENTRIES_MAX}")


def format_bundle(bundle: Bundle) -> bytes:
    """Return the bytes of `bundle`.

    Raises:
        MalformedError: an entry is longer than a log entry may be.
    """
    longest = max(map(len, bundle.entries))
    if longest > ENTRY_BYTES_MAX:
        raise MalformedError(f"entry has {longest} bytes, want at most {ENTRY_BYTES_MAX}")
    numbers = (bundle.old_size, bundle.pending_end, len(bundle.entries))
    parts = [_MAGIC, *(format_decimal(number).encode() + b"\n" for number in numbers)]
    for entry in bundle.entries:
        parts += (len(entry).to_bytes(2, "big"), entry)
    data = b"".join(parts)
    return data + hashlib.sha256(data).digest()


def parse_bundle(data: bytes) -> Bundle:
    """Parse a bundle and compare its hash.

    Raises:
        MalformedError: `data` is not what `format_bundle` returned.
    """
    content, digest = data[:-_HASH_BYTES], data[-_HASH_BYTES:]
    if not content.startswith(_MAGIC) or hashlib.sha256(content).digest() != digest:
        raise MalformedError("bundle does not have its own hash at its end")
    header = _HEADER.match(content, len(_MAGIC))
    if header is None:
        raise MalformedError("bundle does not begin with three numbers")
    old_size, pending_end, count = (parse_decimal(number.decode("ascii")) for number in header.groups())
    start = header.end()
    return Bundle(old_size=old_size, pending_end=pending_end, entries=_entries(content, start, count))


def _entries(content: bytes, start: int, count: int) -> tuple[bytes, ...]:
    entries: list[bytes] = []
    while start < len(content):
        end = start + 2 + int.from_bytes(content[start : start + 2], "big")
        if end > len(content):
            raise MalformedError("bundle ends inside an entry")
        entries.append(content[start + 2 : end])
        start = end
    if len(entries) != count:
        raise MalformedError(f"bundle has {len(entries)} entries, want {count}")
    return tuple(entries)
