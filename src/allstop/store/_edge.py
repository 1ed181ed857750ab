"""The right edge of a tree kept as tiles: enough to grow it without reading what is full and final.

Pure. Growing by a batch costs the batch and one partial tile a level, whatever the size of the tree. The
root is folded from the tiles' own hashes, a way independent of `tlog.TreeHasher`, and the edge that is
read from disk is believed only if it leads to the root that was signed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from allstop.errors import MalformedError, NotFoundError, ProofError
from allstop.tlog import (
    EMPTY_ROOT,
    HASH_BYTES,
    SIZE_MAX,
    TILE_WIDTH,
    Hash,
    entries_path,
    format_entry_bundle,
    leaf_hashes,
    parse_entry_bundle,
    tile_path,
    tree_root,
)

__all__ = ["EMPTY_EDGE", "Edge", "grow", "read_edge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The partial tiles of a tree of `size` leaves, and the entries of its partial bundle.

    `rows[level]` holds the `(size >> 8 * level) % 256` hashes of that level's partial tile, lowest first;
    a row is empty where the level ends with a full tile.
    """

    size: int
    rows: tuple[tuple[Hash, ...], ...]
    entries: tuple[bytes, ...]

    def root(self) -> Hash:
        """Fold the rows into the root.

        What lies right of a row is smaller than one of its hashes stands for, so that it takes the place
        of one more hash: RFC 6962 splits both alike.
        """
        right: Hash | None = None
        for row in self.rows:
            hashes = row if right is None else (*row, right)
            right = tree_root(hashes) if hashes else right
        return EMPTY_ROOT if right is None else right


EMPTY_EDGE = Edge(size=0, rows=(), entries=())
"""The edge of the tree without leaves."""


def read_edge(*, size: int, root: Hash, read: Callable[[str], bytes]) -> Edge:
    """Read the edge of a tree from its partial tiles.

    Full tiles are not read, and not checked: that is the full audit's work.

    Raises:
        ProofError: a partial tile is missing or malformed, or the tiles do not lead to `root`.
    """
    rows: list[tuple[Hash, ...]] = []
    count = size
    while count:
        index, width = divmod(count, TILE_WIDTH)
        path = tile_path(len(rows), index, width) if width else ""
        rows.append(_row(_read(read, path), path, width) if width else ())
        count = index
    entries: tuple[bytes, ...] = ()
    if size % TILE_WIDTH:
        path = entries_path(size // TILE_WIDTH, size % TILE_WIDTH)
        try:
            entries = parse_entry_bundle(_read(read, path))
        except MalformedError as exc:
            raise ProofError(f"{path}: {exc.message}") from exc
        if tuple(leaf_hashes(entries)) != rows[0]:
            raise ProofError(f"{path} does not hold the entries of its tile")
    edge = Edge(size=size, rows=tuple(rows), entries=entries)
    if edge.root() != root:
        raise ProofError(f"tiles of a tree of size {size} do not lead to the root")
    return edge


def _read(read: Callable[[str], bytes], path: str) -> bytes:
    try:
        return read(path)
    except NotFoundError as exc:
        raise ProofError(f"{path} is missing") from exc


def _row(data: bytes, path: str, width: int) -> tuple[Hash, ...]:
    if len(data) != width * HASH_BYTES:
        raise ProofError(f"{path} has {len(data)} bytes, want {width * HASH_BYTES}")
    return tuple(Hash(data[at : at + HASH_BYTES]) for at in range(0, len(data), HASH_BYTES))


def grow(edge: Edge, entries: Sequence[bytes]) -> tuple[Edge, tuple[tuple[str, bytes], ...]]:
    """Append entries; return the new edge, and path and bytes of every file that the new tree adds.

    Raises:
        MalformedError: an entry is longer than a log entry may be, or the tree would be too large.
    """
    size = edge.size + len(entries)
    if size > SIZE_MAX:
        raise MalformedError(f"tree size would be {size}, want at most {SIZE_MAX}")
    files: list[tuple[str, bytes]] = []
    kept = (*edge.entries, *entries)
    for start in range(0, len(kept), TILE_WIDTH):
        bundle = kept[start : start + TILE_WIDTH]
        path = entries_path((edge.size - len(edge.entries) + start) // TILE_WIDTH, len(bundle))
        files.append((path, format_entry_bundle(bundle)))
    rows: list[tuple[Hash, ...]] = []
    added: list[Hash] = leaf_hashes(entries)
    while size >> (8 * len(rows)):
        level = len(rows)
        row, added, tiles = _grow_level(edge, level, added)
        rows.append(row)
        files.extend(tiles)
    tail = kept[len(kept) - size % TILE_WIDTH :]
    return Edge(size=size, rows=tuple(rows), entries=tail), tuple(files)


def _grow_level(
    edge: Edge, level: int, added: list[Hash]
) -> tuple[tuple[Hash, ...], list[Hash], list[tuple[str, bytes]]]:
    """Return a level's new partial row, what it adds to the level above, and its new tiles."""
    old = edge.rows[level] if level < len(edge.rows) else ()
    if not added:
        return old, [], []
    hashes = (*old, *added)
    first = (edge.size >> (8 * level)) // TILE_WIDTH
    tiles: list[tuple[str, bytes]] = []
    above: list[Hash] = []
    for start in range(0, len(hashes), TILE_WIDTH):
        tile = hashes[start : start + TILE_WIDTH]
        tiles.append((tile_path(level, first + start // TILE_WIDTH, len(tile)), b"".join(tile)))
        if len(tile) == TILE_WIDTH:
            above.append(tree_root(tile))
    return hashes[len(hashes) - len(hashes) % TILE_WIDTH :], above, tiles
