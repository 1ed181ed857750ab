"""The public side of a log: the files that anyone may copy, and what can be read from them alone.

    checkpoint              the newest signed and cosigned note
    tile/0/000.p/17         hashes
    tile/entries/000.p/17   entries

No key and no lock is needed, so a mirror, a page or an auditor reads a log through the same class.
"""

from pathlib import Path

from allstop.errors import ProofError
from allstop.store._disk import COPY_FILE, LOCAL_DISK, Disk, fresh_folder, operational, write_new
from allstop.tlog import (
    ENTRY_BYTES_MAX,
    NOTE_BYTES_MAX,
    TILE_WIDTH,
    Checkpoint,
    Entries,
    Hash,
    parse_checkpoint,
    parse_note,
    prove_consistency,
    prove_inclusion,
    tile_hash_reader,
    tree_paths,
    verify_tree,
)

__all__ = ["CHECKPOINT_FILE", "LogFolder", "copy_log", "export_case_log"]

CHECKPOINT_FILE = "checkpoint"
_FILE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX)


class LogFolder:
    """Reads the public files of one log from a folder. Signatures are not checked here."""

    def __init__(self, root: Path, *, disk: Disk = LOCAL_DISK) -> None:
        self._root = root
        self._disk = disk

    def read(self, path: str) -> bytes:
        """Return one file of the tree, such as `tile/0/000.p/17`.

        Raises:
            NotFoundError: it is not there.
        """
        with operational(f"read {path}"):
            return self._disk.read(self._root / path, _FILE_BYTES_MAX)

    def note(self) -> bytes:
        """Return the published checkpoint with all its signatures.

        Raises:
            NotFoundError: nothing was published yet.
        """
        with operational("read checkpoint"):
            return self._disk.read(self._root / CHECKPOINT_FILE, NOTE_BYTES_MAX)

    def checkpoint(self) -> Checkpoint:
        """Return what the published checkpoint says.

        Raises:
            NotFoundError: nothing was published yet.
        """
        return parse_checkpoint(parse_note(self.note()).text)

    def entries(self) -> Entries:
        """Check every file of the published tree and return its entries.

        Raises:
            NotFoundError: nothing was published yet.
            ProofError: a file is missing or altered; the message names it.
        """
        checkpoint = self.checkpoint()
        return verify_tree(size=checkpoint.size, root=checkpoint.root, read=self.read)

    def prove_inclusion(self, index: int) -> tuple[Hash, ...]:
        """Return the audit path of entry `index` in the published tree.

        Raises:
            ProofError: there is no such entry.
        """
        size = self.checkpoint().size
        return prove_inclusion(index=index, size=size, hash_at=tile_hash_reader(size, self.read))

    def prove_consistency(self, *, old_size: int, size: int) -> tuple[Hash, ...]:
        """Return the proof that the tree of `size` continues that of `old_size`; empty where that is 0.

        Raises:
            ProofError: a size that this log does not have on disk.
        """
        if old_size == 0:
            return ()
        reader = tile_hash_reader(size, self.read)
        return prove_consistency(old_size=old_size, size=size, hash_at=reader)


def export_case_log(
    source: LogFolder, target: Path, *, disk: Disk = LOCAL_DISK
) -> tuple[Checkpoint, Entries]:
    """Copy the published checkpoint and exactly the files that its tree needs; return what was copied.

    The whole tree is verified first: a case that does not hold together is never written.

    Raises:
        ConflictError: `target` is there and not an empty folder.
        NotFoundError: nothing was published yet.
        ProofError: the log on disk does not hold together.
    """
    with operational(f"export to {target.name}"), fresh_folder(disk, target) as building:
        return copy_log(source, building, disk=disk)


def copy_log(source: LogFolder, target: Path, *, disk: Disk) -> tuple[Checkpoint, Entries]:
    """Do the work of `export_case_log` in a folder that is there."""
    note = source.note()
    checkpoint = parse_checkpoint(parse_note(note).text)
    files: dict[str, bytes] = {CHECKPOINT_FILE: note}

    def read(path: str) -> bytes:
        files[path] = source.read(path)
        return files[path]

    # What is written is what was verified: the files are not read a second time.
    entries = verify_tree(size=checkpoint.size, root=checkpoint.root, read=read)
    if set(files) != {CHECKPOINT_FILE, *tree_paths(checkpoint.size)}:
        raise ProofError(f"tree of size {checkpoint.size} was not read whole")
    write_new(disk, target, sorted(files.items()), scratch=target / ".scratch", mode=COPY_FILE)
    return checkpoint, entries
