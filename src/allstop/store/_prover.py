"""A prover's private folder: everything that it must keep to open drawn items later.

    plan         names and beacon: what the nonces follow from
    secret       32 bytes, from which all salts follow
    recipe       the recipe, canonical JSON
    model        the sealed model
    items/000000000017   what items 17, 18 and so on were given and gave, one behind the other

All files have mode 0600 and never change; sizes follow from the recipe. Nothing here executes an item.
"""

import bisect
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from allstop.canon import Fields, format_json, parse_canonical_json
from allstop.errors import ConflictError, LimitError, MalformedError, NotFoundError
from allstop.ids import Digest, Name, digest_of
from allstop.store._disk import LOCAL_DISK, Disk, fresh_folder, operational, write_durable, write_new
from allstop.times import Window
from allstop.transcript import (
    ITEM_CONTENT_BYTES_MAX,
    ITEMS_MAX,
    SALT_BYTES,
    ItemContents,
    ItemRecord,
    Recipe,
    Transcript,
    commit_items,
    format_recipe,
    given_bytes,
    item_nonce,
    model_bytes,
    open_items,
    open_model,
    parse_recipe,
    record_item,
    result_bytes,
    seal_model,
    split_drawn,
)

__all__ = ["ProverFolder", "ProverPlan", "init_prover", "open_prover"]

_MODE = 0o600
_DIGITS = 12
_SMALL_BYTES_MAX = 64 * 1024
_GROUP_BYTES_MAX = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ProverPlan:
    """Whose transcript this will be, under which names, and after which beacon: known before the first item."""

    transcript: Name
    job: Name
    site: Name
    party: Name
    beacon: Digest

    def nonce(self, index: int) -> bytes:
        """Return the nonce of an item."""
        return item_nonce(
            beacon=self.beacon, transcript=self.transcript, job=self.job, party=self.party, index=index
        )


def init_prover(
    directory: Path, *, plan: ProverPlan, recipe: Recipe, model: bytes, disk: Disk = LOCAL_DISK
) -> None:
    """Create the folder of one transcript, with a secret of its own and no items.

    Raises:
        ConflictError: something is there already.
        MalformedError: the model has another size than the recipe says.
        LimitError: an item of this recipe is too large to be opened.
    """
    split_drawn(recipe, [0])
    if len(model) != model_bytes(recipe):
        raise MalformedError(f"model has {len(model)} bytes, want {model_bytes(recipe)}")
    secret = secrets.token_bytes(SALT_BYTES)
    files = (
        ("plan", _format_plan(plan)),
        ("secret", secret),
        ("recipe", format_recipe(recipe)),
        ("model", seal_model(model, secret=secret)),
    )
    with operational(f"create {directory.name}"), fresh_folder(disk, directory) as building:
        disk.make_folder(building / "items")
        for name, data in files:
            write_durable(disk, building / name, data, mode=_MODE, scratch=building / "scratch")


def open_prover(directory: Path, *, disk: Disk = LOCAL_DISK) -> "ProverFolder":
    """Read a prover's folder, so that work can go on, be committed to, or be opened.

    Raises:
        NotFoundError: this is no prover's folder.
        ConflictError: items are missing, or a file is there that this class did not write.
    """
    with operational(f"open {directory.name}"):
        plan = _parse_plan(disk.read(directory / "plan", _SMALL_BYTES_MAX))
        recipe = parse_recipe(disk.read(directory / "recipe", _SMALL_BYTES_MAX))
        secret = disk.read(directory / "secret", SALT_BYTES)
        model = disk.read(directory / "model", SALT_BYTES + ITEM_CONTENT_BYTES_MAX)
        if len(secret) != SALT_BYTES or len(model) != SALT_BYTES + model_bytes(recipe):
            raise ConflictError("secret or model has another size than it was written with")
        folder = ProverFolder(directory, plan=plan, recipe=recipe, secret=secret, model=model, disk=disk)
        folder.load()
    return folder


class ProverFolder:
    """The work of one transcript, kept item by item; made by `init_prover` and `open_prover`."""

    def __init__(
        self, directory: Path, *, plan: ProverPlan, recipe: Recipe, secret: bytes, model: bytes, disk: Disk
    ) -> None:
        self.plan = plan
        self.recipe = recipe
        self.model_blob = model
        self._secret = secret
        self._directory = directory
        self._disk = disk
        self._starts: list[int] = []  # index of the first item of each file
        self._count = 0
        self._item_bytes = given_bytes(recipe) + result_bytes(recipe)

    @property
    def count(self) -> int:
        """How many items are durable."""
        return self._count

    def load(self) -> None:
        """Find the items on disk; their content is read when it is asked for.

        Raises:
            ConflictError: they do not count up from 0 without gap, or a file holds part of an item.
        """
        self._starts, self._count = [], 0
        for path in sorted((self._directory / "items").iterdir()):
            count, rest = divmod(path.stat().st_size, self._item_bytes)
            if path.name != f"{self._count:0{_DIGITS}d}" or rest or not count:
                raise ConflictError(f"items/{path.name} does not follow {self._count} items")
            self._starts.append(self._count)
            self._count += count

    def append(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """Keep what the next items were given and what came out; durable when this returns.

        Raises:
            MalformedError: a content has another size than the recipe says.
            LimitError: there are too many at once, or in all.
            ConflictError: another process has appended meanwhile.
        """
        given, result = given_bytes(self.recipe), result_bytes(self.recipe)
        for request, output in items:
            if (len(request), len(output)) != (given, result):
                raise MalformedError(
                    f"item has {len(request)} bytes given and {len(output)} of result, want {given} and {result}"
                )
        if len(items) * self._item_bytes > _GROUP_BYTES_MAX or self._count + len(items) > ITEMS_MAX:
            raise LimitError(f"{len(items)} items are too many at once, or in all")
        if not items:
            return
        data = b"".join(request + output for request, output in items)
        folder, name = self._directory / "items", f"{self._count:0{_DIGITS}d}"
        with operational("append items"):
            write_new(self._disk, folder, [(name, data)], scratch=self._directory / "scratch", mode=_MODE)
        self._starts.append(self._count)
        self._count += len(items)

    def before(self) -> bytes:
        """Return what the next item begins from: the model, or in training what came out last."""
        if self.recipe.kind.is_training and self._count:
            return self._item(self._count - 1)[1]
        return open_model(self.model_blob)

    def contents(self, index: int) -> ItemContents:
        """Return what is kept of an item.

        Raises:
            NotFoundError: there is no such item.
        """
        request, result = self._item(index)
        is_later_step = self.recipe.kind.is_training and index > 0
        return ItemContents(
            state=self._item(index - 1)[1] if is_later_step else None, request=request, result=result
        )

    def records(self) -> tuple[ItemRecord, ...]:
        """Return the records of all items, which reads all of them."""
        records = []
        before = digest_of(self.model_blob)
        for index, (request, result) in enumerate(self._items()):
            record = record_item(
                secret=self._secret, index=index, before=before, given=request, result=result
            )
            records.append(record)
            if self.recipe.kind.is_training:
                before = record.after
        return tuple(records)

    def transcript(self, window: Window) -> Transcript:
        """Return the commitment to all items, as the work of this window.

        Raises:
            ValueError: there are no items yet.
        """
        return Transcript(
            transcript=self.plan.transcript,
            job=self.plan.job,
            site=self.plan.site,
            window=window,
            recipe=digest_of(format_recipe(self.recipe)),
            beacon=self.plan.beacon,
            model=digest_of(self.model_blob),
            count=self._count,
            root=commit_items(self.records()),
        )

    def open_items(self, drawn: Sequence[int]) -> bytes:
        """Return the blob that opens the drawn items.

        Raises:
            ValueError: an index is not that of an item.
            MalformedError: they do not fit one blob; see `open_parts`.
        """
        return open_items(self.records(), drawn=drawn, contents=self.contents)

    def open_parts(self, drawn: Sequence[int]) -> Iterator[bytes]:
        """Yield the blobs that open the drawn items, as many as they need.

        Raises:
            ValueError: an index is not that of an item.
        """
        records = self.records()
        for part in split_drawn(self.recipe, drawn):
            yield open_items(records, drawn=part, contents=self.contents)

    def _items(self) -> Iterator[tuple[bytes, bytes]]:
        for start in self._starts:
            data = self._read(start)
            yield from (self._split(data, offset) for offset in range(0, len(data), self._item_bytes))

    def _item(self, index: int) -> tuple[bytes, bytes]:
        if not 0 <= index < self._count:
            raise NotFoundError(f"there is no item {index} among {self._count}")
        start = self._starts[bisect.bisect_right(self._starts, index) - 1]
        return self._split(self._read(start), (index - start) * self._item_bytes)

    def _read(self, start: int) -> bytes:
        with operational("read items"):
            return self._disk.read(self._directory / "items" / f"{start:0{_DIGITS}d}", _GROUP_BYTES_MAX)

    def _split(self, data: bytes, offset: int) -> tuple[bytes, bytes]:
        middle = offset + given_bytes(self.recipe)
        return data[offset:middle], data[middle : offset + self._item_bytes]


def _format_plan(plan: ProverPlan) -> bytes:
    return format_json(
        {
            "transcript": plan.transcript,
            "job": plan.job,
            "site": plan.site,
            "party": plan.party,
            "beacon": plan.beacon,
        }
    )


def _parse_plan(data: bytes) -> ProverPlan:
    fields = Fields(parse_canonical_json(data), "plan")
    plan = ProverPlan(
        transcript=fields.name("transcript"),
        job=fields.name("job"),
        site=fields.name("site"),
        party=fields.name("party"),
        beacon=fields.digest("beacon"),
    )
    fields.done()
    return plan
