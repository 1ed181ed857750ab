"""Tiles: the files in which C2SP tlog-tiles keeps a tree's hashes and entries. See spec/log.md section 3.

A tile is 256 hashes of one level in a row; the last one of a level may be narrower ("partial"). Pruned
logs are not read: without the first entries nothing can be re-derived.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from allstop.canon import parse_decimal
from allstop.errors import MalformedError, NotFoundError, ProofError
from allstop.tlog._hash import HASH_BYTES, SIZE_MAX, Hash, HashReader, hash_level, tree_root

__all__ = [
    "ENTRY_BYTES_MAX",
    "TILE_WIDTH",
    "TilePath",
    "entries_path",
    "format_entry_bundle",
    "parse_entry_bundle",
    "parse_tile_path",
    "read_file",
    "tile_hash_reader",
    "tile_path",
    "tiles_of",
    "tree_paths",
]

ReadFile = Callable[[str], bytes]
"""Reads one file of a log by its path, such as `tile/0/000`; raises NotFoundError."""

TILE_WIDTH = 256
"""Hashes in a full tile, and entries in a full bundle."""

ENTRY_BYTES_MAX = 65_535
"""Longest entry: its length is written in 16 bits."""

LEVEL_MAX = 63
"""Highest level that a path may name."""

_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z", re.ASCII
)
_PATH_CHARS_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TilePath:
    """What a file of the log is: a hash tile of a level, or (level None) a bundle of entries.

        tile/0/x001/x234/067       level 0, index 1234067, width 256
        tile/entries/000.p/112     entries, index 0, width 112

    Range: `0 <= level <= 63`, `index >= 0`, `1 <= width <= 256`.
    """

    level: int | None
    index: int
    width: int


def _file_path(folder: str, index: int, width: int) -> str:
    if index < 0 or not 1 <= width <= TILE_WIDTH:
        raise MalformedError(f"tile has index {index} and width {width}, want width 1 to {TILE_WIDTH}")
    groups = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        groups = f"x{index % 1000:03d}/{groups}"
    return f"tile/{folder}/{groups}" + ("" if width == TILE_WIDTH else f".p/{width}")


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a hash tile, such as `tile/0/x001/x234/067.p/112`.

    Raises:
        MalformedError: level, index or width is outside its range.
    """
    if not 0 <= level <= LEVEL_MAX:
        raise MalformedError(f"tile level is {level}, want 0 to {LEVEL_MAX}")
    return _file_path(str(level), index, width)


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of an entry bundle, such as `tile/entries/000.p/112`.

    Raises:
        MalformedError: index or width is outside its range.
    """
    return _file_path("entries", index, width)


def parse_tile_path(path: str) -> TilePath:
    """Parse the path of a hash tile or of an entry bundle.

    Raises:
        MalformedError: `path` is not the one spelling of such a path.
    """
    match = _PATH.match(path) if len(path) <= _PATH_CHARS_MAX else None
    if match is None:
        raise MalformedError(f"malformed tile path {path[:_PATH_CHARS_MAX]!r}")
    folder, groups, width_text = match.groups()
    index = parse_decimal(groups.replace("x", "").replace("/", "").lstrip("0") or "0")
    width = TILE_WIDTH if width_text is None else parse_decimal(width_text)
    level = None if folder == "entries" else parse_decimal(folder)
    want = entries_path(index, width) if level is None else tile_path(level, index, width)
    if path != want:  # such as x000/001, or .p/256
        raise MalformedError(f"malformed tile path {path!r}, want {want!r}")
    return TilePath(level=level, index=index, width=width)


def format_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Join 1 to 256 entries, each behind its length in 16 bits, big end first.

    Raises:
        MalformedError: too many entries or none, or one longer than 65,535 bytes.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise MalformedError(f"entry bundle has {len(entries)} entries, want 1 to {TILE_WIDTH}")
    longest = max(map(len, entries))
    if longest > ENTRY_BYTES_MAX:
        raise MalformedError(f"entry has {longest} bytes, want at most {ENTRY_BYTES_MAX}")
    return b"".join([part for entry in entries for part in (len(entry).to_bytes(2, "big"), entry)])


def parse_entry_bundle(data: bytes) -> tuple[bytes, ...]:
    """Split a bundle into its 1 to 256 entries.

    Raises:
        MalformedError: an entry runs past the end, or there are too many or none.
    """
    entries: list[bytes] = []
    end, size = 0, len(data)
    while end < size and len(entries) < TILE_WIDTH:
        start = end + 2
        end = start + int.from_bytes(data[end:start], "big")
        entries.append(data[start:end])
    if end > size:
        raise MalformedError("entry bundle ends inside an entry")
    if end < size or not entries:
        raise MalformedError(f"entry bundle has no entry or more than {TILE_WIDTH}")
    return tuple(entries)


def level_tiles(size: int, level: int) -> Iterator[tuple[int, int]]:
    """Yield (index, width) of each tile of one level in a tree of `size` leaves."""
    hashes = size >> (8 * level)
    for index in range(hashes // TILE_WIDTH):
        yield index, TILE_WIDTH
    if hashes % TILE_WIDTH:
        yield hashes // TILE_WIDTH, hashes % TILE_WIDTH


def tree_paths(size: int) -> Iterator[str]:
    """Yield the path of every file of a tree of `size` leaves: bundles, then tiles level by level.

    Raises:
        ProofError: `size` is not one that a tree can have.
    """
    if not 0 <= size <= SIZE_MAX:
        raise ProofError(f"tree size is {size}, want 0 to {SIZE_MAX}")
    for index, width in level_tiles(size, 0):
        yield entries_path(index, width)
    level = 0
    while size >> (8 * level):
        for index, width in level_tiles(size, level):
            yield tile_path(level, index, width)
        level += 1


def tiles_of(leaves: Sequence[Hash], *, first: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every hash tile of the tree over `leaves`, partial ones included.

    With `first`, tiles that were full in the tree of the first `first` leaves are left out: they are on
    disk already and never change.
    """
    level, hashes = 0, list(leaves)
    while hashes:
        done = first >> (8 * (level + 1))
        for index, width in level_tiles(len(hashes), 0):
            if index >= done:
                start = index * TILE_WIDTH
                yield tile_path(level, index, width), b"".join(hashes[start : start + width])
        for _ in range(8):
            hashes = hash_level(hashes)
        level += 1


def read_file(read: ReadFile, path: str) -> bytes:
    """Read a file that the tree needs.

    Raises:
        ProofError: it is not there.
    """
    try:
        return read(path)
    except NotFoundError as exc:
        raise ProofError(f"{path} is missing") from exc


def tile_hash_reader(size: int, read: ReadFile) -> HashReader:
    """Return a `HashReader` over the tiles of a tree of `size` leaves; it keeps what it has read.

    Nothing is verified here: what is proven from these hashes must be checked against a signed root.
    """
    tiles: dict[str, bytes] = {}

    def hash_at(level: int, index: int) -> Hash:
        if level < 0 or index < 0 or (index + 1) << min(level, LEVEL_MAX) > size:
            raise ProofError(f"a tree of size {size} has no full subtree {index} at level {level}")
        tile_level, inside = divmod(level, 8)
        tile_index, offset = divmod(index << inside, TILE_WIDTH)
        width = min(TILE_WIDTH, (size >> (8 * tile_level)) - tile_index * TILE_WIDTH)
        path = tile_path(tile_level, tile_index, width)
        data = tiles.get(path)
        if data is None:
            data = tiles[path] = read_file(read, path)
            if len(data) != width * HASH_BYTES:
                raise ProofError(f"{path} has {len(data)} bytes, want {width * HASH_BYTES}")
        start, stop = offset * HASH_BYTES, (offset + (1 << inside)) * HASH_BYTES
        return tree_root([Hash(data[at : at + HASH_BYTES]) for at in range(start, stop, HASH_BYTES)])

    return hash_at
