"""Provers, honest and not, over any interpreter; and an interpreter of a few hashes for quick tests."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from allstop.ids import Digest, Name, digest_of
from allstop.times import Instant, Window
from allstop.transcript import (
    EXACT,
    Checked,
    Init,
    Interpreter,
    ItemContents,
    ItemRecord,
    Recipe,
    RecipeKind,
    Transcript,
    check_opening,
    commit_items,
    format_recipe,
    given_bytes,
    item_nonce,
    make_model,
    open_items,
    record_item,
    result_bytes,
    seal_model,
)

INFERENCE = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=2, width=8, layers=1, outputs=4)
TRAINING = Recipe(
    kind=RecipeKind.MLP_TRAINING, init=Init.BEACON, rows=2, width=8, layers=1, outputs=4, steps=1
)
SECRET = bytes(range(32))
NAME = Name("run-1-a")
JOB = Name("run-1")
BEACON = digest_of(b"a cosigned note")
WINDOW = Window(start=Instant(0), end=Instant(1000))


class HashInterpreter:
    """Results are hashes of everything that goes in: any difference shows, nothing takes time, and any size will do."""

    def execute(self, recipe: Recipe, *, before: bytes, given: bytes, nonce: bytes) -> bytes:
        """Return SHAKE-256 of all inputs, in the size of a result."""
        parts = b"".join(hashlib.sha256(part).digest() for part in (before, given, nonce))
        return hashlib.shake_256(format_recipe(recipe) + parts).digest(result_bytes(recipe))


HASHES: Interpreter = HashInterpreter()


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a prover has done and kept, and how it says that it was done."""

    recipe: Recipe
    party: Name
    model: bytes
    records: tuple[ItemRecord, ...]
    contents: tuple[ItemContents, ...]
    interpreter: Interpreter
    beacon: Digest = BEACON
    name: Name = NAME
    job: Name = JOB

    @property
    def model_blob(self) -> bytes:
        """The sealed model."""
        return seal_model(self.model, secret=SECRET)

    @cached_property
    def transcript(self) -> Transcript:
        """What the prover files."""
        return Transcript(
            transcript=self.name,
            job=self.job,
            site=Name("hall-1"),
            window=WINDOW,
            recipe=digest_of(format_recipe(self.recipe)),
            beacon=self.beacon,
            model=digest_of(self.model_blob),
            count=len(self.records),
            root=commit_items(self.records),
        )

    def open(self, drawn: tuple[int, ...]) -> bytes:
        """Return the blob that opens these items."""
        return open_items(self.records, drawn=drawn, contents=self.contents.__getitem__)

    def check(self, drawn: tuple[int, ...], **changes: object) -> Checked:
        """Check the opening as a verifier would, with some arguments changed."""
        arguments: dict[str, object] = {
            "transcript": self.transcript,
            "party": self.party,
            "recipe": format_recipe(self.recipe),
            "opened": self.open(drawn) if "opened" not in changes else None,
            "model": self.model_blob,
            "drawn": drawn,
            "interpreter": self.interpreter,
        }
        return check_opening(**(arguments | changes))  # type: ignore[arg-type]  # each has its own type


def request_of(recipe: Recipe, index: int) -> bytes:
    """Return some request, the same each time."""
    return hashlib.shake_256(b"request %d" % index).digest(given_bytes(recipe))


def do_work(
    recipe: Recipe,
    count: int,
    *,
    interpreter: Interpreter = EXACT,
    party: str = "alder",
    model: bytes | None = None,
    name: Name = NAME,
    beacon: Digest = BEACON,
    forge: Callable[[int, bytes], bytes] = lambda index, result: result,
    jump: Callable[[int, bytes], bytes] = lambda index, state: state,
    nonce_of: Callable[[int], bytes] | None = None,
    request_of: Callable[[Recipe, int], bytes] = request_of,
) -> Work:
    """Do `count` items, honestly unless told otherwise.

    `forge` changes results before they are committed to, `jump` what an item begins from; `nonce_of` gives
    other nonces than those that the transcript has.
    """

    def nonce(index: int) -> bytes:
        return item_nonce(beacon=beacon, transcript=name, job=JOB, party=Name(party), index=index)

    if model is None:
        model = make_model(recipe, nonce(0))
    work = Work(
        recipe=recipe,
        party=Name(party),
        model=model,
        records=(),
        contents=(),
        interpreter=interpreter,
        beacon=beacon,
        name=name,
    )
    before, state, records, contents = digest_of(work.model_blob), model, [], []
    for index in range(count):
        request = request_of(recipe, index)
        if (jumped := jump(index, state)) != state:
            before, state = digest_of(jumped), jumped
        result = interpreter.execute(recipe, before=state, given=request, nonce=(nonce_of or nonce)(index))
        result = forge(index, result)
        record = record_item(secret=SECRET, index=index, before=before, given=request, result=result)
        is_later_step = recipe.kind.is_training and index > 0
        contents.append(ItemContents(state=state if is_later_step else None, request=request, result=result))
        records.append(record)
        if recipe.kind.is_training:
            before, state = record.after, result
    return replace(work, records=tuple(records), contents=tuple(contents))


def bend(data: bytes) -> bytes:
    """Return the same bytes but for one bit."""
    return bytes([data[0] ^ 1]) + data[1:]
