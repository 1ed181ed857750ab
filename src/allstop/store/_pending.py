"""Entries that are acknowledged but not yet in the tree: one durable file for each call that staged some.

    pending/000000000017      a bundle (`_bundle`); numbers rise, and start again when none is left

A file is there whole or not at all, so a crash in the middle of staging takes back nothing and adds nothing.
"""

from collections.abc import Sequence
from pathlib import Path

from allstop.errors import ConflictError, LimitError
from allstop.store._bundle import (
    BUNDLE_BYTES_MAX,
    BUNDLE_ENTRIES_MAX,
    Bundle,
    format_bundle,
    parse_bundle,
)
from allstop.store._disk import Disk, write_durable
from allstop.tlog import ENTRY_BYTES_MAX, Hash, leaf_hash

__all__ = ["Pending"]

_DIGITS = 12
_BYTES_MAX = BUNDLE_BYTES_MAX // 2


class Pending:
    """The pending entries of one log, in memory and on disk; only `add` and `remove` change the disk."""

    def __init__(self, folder: Path, *, scratch: Path, disk: Disk) -> None:
        self._folder = folder
        self._scratch = scratch
        self._disk = disk
        self._groups: list[tuple[int, tuple[bytes, ...]]] = []
        self._hashes: set[Hash] = set()
        self._count = 0
        self._size = 0
        self.end = 0  # number of the next file

    def load(self, *, start: int) -> None:
        """Read what is on disk from file number `start`; what is before it is in a bundle already.

        Raises:
            ConflictError: a file is there that this class did not write.
        """
        self.end = start
        for path in sorted(self._folder.iterdir()):
            number = int(path.name) if path.name.isascii() and path.name.isdecimal() else -1
            if len(path.name) != _DIGITS or number < 0:
                raise ConflictError(f"pending/{path.name} does not belong there")
            if number >= start:
                self._keep(number, parse_bundle(self._disk.read(path, BUNDLE_BYTES_MAX)).entries)

    def entries(self) -> tuple[bytes, ...]:
        """Return all pending entries, in order."""
        return tuple(entry for _, entries in self._groups for entry in entries)

    def holds(self, leaf: Hash) -> bool:
        """Tell whether an entry with this leaf hash is pending."""
        return leaf in self._hashes

    def check_room(self, entries: Sequence[bytes]) -> None:
        """Refuse entries that could not all go into one batch with those that are pending.

        Raises:
            LimitError: an entry is too long, or there would be too many.
        """
        if any(len(entry) > ENTRY_BYTES_MAX for entry in entries):
            raise LimitError(f"an entry is longer than {ENTRY_BYTES_MAX} bytes")
        # One place stays free for the checkpoint statement.
        count, size = self._count + len(entries) + 1, self._size + sum(map(len, entries))
        if count > BUNDLE_ENTRIES_MAX or size > _BYTES_MAX:
            raise LimitError(f"{self._count} entries are pending; publish them first")

    def add(self, entries: tuple[bytes, ...]) -> None:
        """Write one more file; durable when this returns."""
        data = format_bundle(Bundle(old_size=0, pending_end=self.end, entries=entries))
        path = self._folder / f"{self.end:0{_DIGITS}d}"
        write_durable(self._disk, path, data, mode=0o600, scratch=self._scratch)
        self._keep(self.end, entries)

    def _keep(self, number: int, entries: tuple[bytes, ...]) -> None:
        self._groups.append((number, entries))
        self._hashes.update(map(leaf_hash, entries))
        self._count += len(entries)
        self._size += sum(map(len, entries))
        self.end = number + 1

    def remove(self, *, end: int) -> None:
        """Remove the files below number `end` from the disk, and from here."""
        for path in sorted(self._folder.iterdir()):
            if int(path.name) < end:
                self._disk.remove(path)
        self._disk.sync_folder(self._folder)
        left = [item for item in self._groups if item[0] >= end]
        self._groups, self._hashes, self._count, self._size = [], set(), 0, 0
        for number, entries in left:
            self._keep(number, entries)
        self.end = max(self.end, end)
