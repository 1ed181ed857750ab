"""Checking an opening: are these the items that were committed to, and do they come out again?

Implements spec/transcript.md section 7. Whoever holds the opened items comes to the same outcome, byte for
byte, since interpreters are deterministic. Nothing that a prover wrote makes this raise: it fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from allstop.errors import MalformedError, ProofError
from allstop.ids import Digest, Name, digest_of
from allstop.tlog import Hash, parse_hash, verify_inclusion
from allstop.transcript._interpret import EXACT, Interpreter
from allstop.transcript._items import (
    item_blind,
    item_leaf,
    item_nonce,
    open_model,
)
from allstop.transcript._opening import OpenedItem, parse_opened_items
from allstop.transcript._recipe import Init, Recipe, make_model, parse_recipe
from allstop.transcript._transcript import Transcript

__all__ = ["Checked", "check_opening"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What became of each drawn item; every one is in exactly one of the four, in ascending order.

    `failed` and `unverifiable` say why. `refused` were drawn and are not in the blob, or not in full.
    """

    passed: tuple[int, ...]
    failed: tuple[tuple[int, str], ...]
    refused: tuple[int, ...]
    unverifiable: tuple[tuple[int, str], ...]


class _Outcome(Enum):
    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"
    UNVERIFIABLE = "unverifiable"


class _Stop(Exception):
    """Ends the check of one item with an outcome other than passed."""

    def __init__(self, outcome: _Outcome, why: str) -> None:
        super().__init__(why)
        self.outcome = outcome
        self.why = why


def check_opening(
    *,
    transcript: Transcript,
    party: Name,
    recipe: bytes,
    opened: bytes | None,
    model: bytes | None,
    drawn: Sequence[int],
    interpreter: Interpreter = EXACT,
) -> Checked:
    """Check what `party` opened of `transcript`, and do the drawn items again.

    `opened` and `model` are None where they were not opened. What was opened beyond the draw is not looked at.

    Raises:
        ValueError: `recipe` is not the one that the transcript names, or `drawn` is no draw from it.
    """
    if digest_of(recipe) != transcript.recipe:
        raise ValueError("this is not the recipe of the transcript")
    if list(drawn) != sorted(set(drawn)) or any(not 0 <= i < transcript.count for i in drawn):
        raise ValueError(f"drawn items are not ascending indices below {transcript.count}")
    check = _Check(transcript=transcript, party=party, recipe=recipe, model=model, interpreter=interpreter)
    outcomes = check.outcomes(opened, drawn)

    def reasons(outcome: _Outcome) -> tuple[tuple[int, str], ...]:
        return tuple((index, why) for index, found, why in outcomes if found is outcome)

    return Checked(
        passed=tuple(index for index, _ in reasons(_Outcome.PASSED)),
        failed=reasons(_Outcome.FAILED),
        refused=tuple(index for index, _ in reasons(_Outcome.REFUSED)),
        unverifiable=reasons(_Outcome.UNVERIFIABLE),
    )


@dataclass(frozen=True, kw_only=True)
class _Check:
    transcript: Transcript
    party: Name
    recipe: bytes
    model: bytes | None
    interpreter: Interpreter

    def outcomes(self, opened: bytes | None, drawn: Sequence[int]) -> list[tuple[int, _Outcome, str]]:
        if opened is None:
            return [(index, _Outcome.REFUSED, "nothing was opened") for index in drawn]
        try:
            items = {item.record.index: item for item in parse_opened_items(opened)}
        except MalformedError as exc:
            # Its digest was signed, so this is what the prover opened, and it shows no item.
            return [(index, _Outcome.FAILED, exc.message) for index in drawn]
        found = []
        for index in drawn:
            try:
                self._check_item(items.get(index))
                found.append((index, _Outcome.PASSED, ""))
            except _Stop as stop:
                found.append((index, stop.outcome, stop.why))
            except (MalformedError, ProofError) as exc:
                found.append((index, _Outcome.FAILED, exc.message))
        return found

    def _check_item(self, item: OpenedItem | None) -> None:
        """Go through the steps of spec/transcript.md section 7 for one item; return only if it passes."""
        if item is None:
            raise _Stop(_Outcome.REFUSED, "not opened")
        record = item.record
        # Step 3: these bytes are what was committed to.
        self._verify_leaf(record.index, item_blind(record), record.after, item.proof)
        if digest_of(item.request) != record.given or digest_of(item.result) != record.after:
            raise _Stop(_Outcome.FAILED, "opens other content than it committed to")
        # Step 4.
        recipe = self._parse_recipe()
        before = self._before(item, recipe)
        # Step 6: tolerance 0.
        again = self.interpreter.execute(
            recipe, before=before, given=item.request, nonce=self._nonce(record.index)
        )
        if again != item.result:
            raise _Stop(_Outcome.FAILED, "re-execution gives another result")

    def _verify_leaf(self, index: int, blind: Digest, after: Digest, proof: Sequence[Hash]) -> None:
        leaf = item_leaf(index=index, blind=blind, after=after)
        root = parse_hash(bytes.fromhex(self.transcript.root))
        verify_inclusion(leaf=leaf, index=index, size=self.transcript.count, proof=proof, root=root)

    def _parse_recipe(self) -> Recipe:
        try:
            return parse_recipe(self.recipe)
        except MalformedError as exc:
            # It may be of a later version, which somebody else can execute.
            raise _Stop(_Outcome.UNVERIFIABLE, f"recipe is not known here: {exc.message}") from exc

    def _before(self, item: OpenedItem, recipe: Recipe) -> bytes:
        """Return what the item began from (step 5): the model, or what came out of the item before."""
        if not recipe.kind.is_training or item.record.index == 0:
            return self._open_model(item)
        if item.state is None or item.earlier is None:
            raise _Stop(_Outcome.REFUSED, "the state that it began from is not opened")
        earlier = item.earlier
        self._verify_leaf(item.record.index - 1, earlier.blind, earlier.after, earlier.proof)
        if item.record.before != earlier.after:
            raise _Stop(_Outcome.FAILED, "does not begin where the item before it ended")
        if digest_of(item.state) != item.record.before:
            raise _Stop(_Outcome.FAILED, "opens another state than it began from")
        return item.state

    def _open_model(self, item: OpenedItem) -> bytes:
        if item.record.before != self.transcript.model:
            raise _Stop(_Outcome.FAILED, "begins from another model than the transcript's")
        if self.model is None:
            raise _Stop(_Outcome.REFUSED, "the model is not opened")
        if self._model_fault is not None:
            raise _Stop(_Outcome.FAILED, self._model_fault)
        return open_model(self.model)

    @cached_property
    def _model_fault(self) -> str | None:
        """What is wrong with the model that is opened: the same for every item, so found once."""
        if self.model is None or digest_of(self.model) != self.transcript.model:
            return "opens another model than the transcript's"
        try:
            model, recipe = open_model(self.model), self._parse_recipe()
        except MalformedError as exc:
            return exc.message
        if recipe.init is Init.BEACON and model != make_model(recipe, self._nonce(0)):
            return "the model is not the one that the beacon makes"
        return None

    def _nonce(self, index: int) -> bytes:
        made = self.transcript
        return item_nonce(
            beacon=made.beacon, transcript=made.transcript, job=made.job, party=self.party, index=index
        )
