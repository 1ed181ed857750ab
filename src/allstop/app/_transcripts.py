"""Transcripts: doing items by a recipe and keeping them, committing, opening what was drawn, doing it again.

The prover's folder stays with the prover (`allstop.store.ProverFolder`). What goes to the log is a root, then the
drawn items; what a verifier adds is what it found, and how long an item takes on a machine of its own.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from allstop.app._environment import single_threaded
from allstop.app._lookup import find_lot, list_filed
from allstop.app._workspace import Desk
from allstop.errors import ConflictError, NotFoundError, UsageError
from allstop.ids import Digest, Name, digest_of
from allstop.keys import SigningKey
from allstop.service import Chain, DrawnTranscript, list_draws
from allstop.statement import Subject
from allstop.store import ProverFolder
from allstop.times import Window
from allstop.transcript import (
    EXACT,
    OPENING_PREDICATE,
    REPLAY_PREDICATE,
    TRANSCRIPT_PREDICATE,
    Checked,
    Interpreter,
    Opening,
    Recipe,
    Replay,
    Transcript,
    check_opening,
    format_recipe,
    parse_recipe,
)
from allstop.units import PPM, Quantity, Unit
from allstop.workload import JOB_PREDICATE

__all__ = [
    "commit_transcript",
    "execute_items",
    "find_drawn",
    "find_openings",
    "measure_item_time",
    "newest_beacon",
    "open_transcript",
    "replay_drawn",
]

_PUBLISH_AGAIN = "publish once more, so that the log quotes its last checkpoint: allstop log checkpoint"
_FLUSH_SECONDS = 0.5
_FLUSH_BYTES = 64 * 1024 * 1024


def newest_beacon(desk: Desk) -> Digest:
    """Return the digest of the newest cosigned note that the published log quotes: nonces follow from it.

    Raises:
        NotFoundError: the log quotes none yet.
    """
    notes = desk.open_published().notes
    if not notes:
        raise NotFoundError(
            "the log quotes no cosigned checkpoint yet, so there is no beacon",
            hint=_PUBLISH_AGAIN,
        )
    return digest_of(notes[-1].note)


@dataclass(slots=True)
class _Batch:
    """Items that are done and not yet on disk: at most half a second of them, or a size that fits."""

    items: list[tuple[bytes, bytes]]
    size: int
    since: float

    def add(self, request: bytes, result: bytes) -> bool:
        """Take an item; tell whether it is time to write."""
        self.items.append((request, result))
        self.size += len(request) + len(result)
        return self.size >= _FLUSH_BYTES or time.monotonic() - self.since >= _FLUSH_SECONDS


def execute_items(
    folder: ProverFolder,
    request_of: Callable[[int], bytes],
    *,
    until: int,
    every_ms: int = 0,
    interpreter: Interpreter = EXACT,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Do items until the folder holds `until` of them, one each `every_ms` at most; return how many were done.

    What is done is durable within half a second, so that work that was broken off goes on where it was.

    Raises:
        MalformedError: what an item is given has another size than the recipe says.
    """
    first, before = folder.count, folder.before()
    started = time.monotonic()
    batch = _Batch(items=[], size=0, since=started)
    try:
        for index in range(first, until):
            ahead = started + (index - first) * every_ms / 1000 - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            request = request_of(index)
            nonce = folder.plan.nonce(index)
            result = interpreter.execute(folder.recipe, before=before, given=request, nonce=nonce)
            if folder.recipe.kind.is_training:
                before = result
            if batch.add(request, result):
                done, batch = batch, _Batch(items=[], size=0, since=time.monotonic())
                folder.append(done.items)
            tick(index + 1 - first, until - first)
    finally:
        folder.append(batch.items)
    return folder.count - first


def commit_transcript(
    desk: Desk, folder: ProverFolder, *, window: Window, signers: Sequence[SigningKey]
) -> tuple[Transcript, Chain]:
    """File the commitment to all items of a folder.

    Raises:
        UsageError: there are no items, no such job, or a transcript of this name was filed already.
    """
    plan = folder.plan
    if not folder.count:
        raise UsageError("there are no items to commit to", hint="do some with: allstop transcript record")
    filed = {(party, one.transcript) for party, one in list_filed(desk, TRANSCRIPT_PREDICATE)}
    if (plan.party, plan.transcript) in filed:
        raise UsageError(
            f"{plan.party} has filed a transcript {plan.transcript} already; the first one counts"
        )
    jobs = {(one.site, one.job) for _, one in list_filed(desk, JOB_PREDICATE)}
    if (plan.site, plan.job) not in jobs:
        raise UsageError(
            f"job {plan.job} is not declared at {plan.site}, so its items would show nothing",
            hint="declare it with: allstop job declare",
        )
    transcript = folder.transcript(window)
    recipe = desk.blobs.put(format_recipe(folder.recipe))
    subjects = [Subject(name="recipe", digest=recipe)]
    chain = desk.file(TRANSCRIPT_PREDICATE, transcript, party=plan.party, signers=signers, subjects=subjects)
    return transcript, chain


def find_drawn(
    draws: Sequence[DrawnTranscript], *, transcript: Name | None, party: Name | None
) -> DrawnTranscript:
    """Return the one transcript that is meant; names may be left out where there is only one.

    Raises:
        UsageError: none or several are meant.
    """
    found = [
        one
        for one in draws
        if transcript in (None, one.filed.value.transcript) and party in (None, one.filed.party)
    ]
    if len(found) != 1:
        names = ", ".join(f"{one.filed.value.transcript} of {one.filed.party}" for one in draws)
        raise UsageError(
            f"{len(found)} published transcripts are meant, want one",
            hint=f"there are: {names}" if names else _PUBLISH_AGAIN,
        )
    return found[0]


def open_transcript(
    desk: Desk, folder: ProverFolder, *, signers: Sequence[SigningKey]
) -> tuple[DrawnTranscript, tuple[Opening, ...], Chain]:
    """File what opens the drawn items of a folder's transcript, in as many blobs as they need, and no others.

    Raises:
        UsageError: the transcript is not published, or is not of these items.
        ConflictError: nothing is drawn yet.
    """
    plan = folder.plan
    drawn = find_drawn(
        list_draws(desk.open_published(), desk.terms), transcript=plan.transcript, party=plan.party
    )
    if drawn.draw is None:
        raise ConflictError(
            "nothing is drawn yet: no published checkpoint is quoted that holds the transcript",
            hint=_PUBLISH_AGAIN,
        )
    if folder.transcript(drawn.filed.value.window) != drawn.filed.value:
        raise UsageError("the folder holds other items than the transcript was made of")
    subjects, model = [], None
    if not folder.recipe.kind.is_training or 0 in drawn.draw.indices:
        model = desk.blobs.put(folder.model_blob)
        subjects = [Subject(name="model", digest=model)]
    openings = []
    for part in folder.open_parts(drawn.draw.indices):
        blob = desk.blobs.put(part)
        opening = Opening(transcript=drawn.filed.digest, blob=blob, model=model)
        named = [Subject(name="items", digest=blob), *subjects]
        chain = desk.file(OPENING_PREDICATE, opening, party=plan.party, signers=signers, subjects=named)
        openings.append(opening)
    return drawn, tuple(openings), chain


def find_openings(desk: Desk, drawn: DrawnTranscript) -> tuple[Opening, ...]:
    """Return the openings of a transcript by its own filer, in log order, pending ones too."""
    return tuple(
        opening
        for party, opening in list_filed(desk, OPENING_PREDICATE)
        if party == drawn.filed.party and opening.transcript == drawn.filed.digest
    )


def replay_drawn(
    desk: Desk,
    drawn: DrawnTranscript,
    *,
    chip_type: Name,
    item_time: Quantity | None,
    margin_ppm: int,
    party: Name,
    signers: Sequence[SigningKey],
) -> tuple[Checked, Replay, Chain]:
    """Do the drawn items again, measure what one takes unless `item_time` says, and file both.

    Raises:
        ConflictError: nothing is drawn yet.
        UsageError: the chips of the job are of another type.
    """
    transcript = drawn.filed.value
    if drawn.draw is None:
        raise ConflictError("nothing is drawn yet", hint=_PUBLISH_AGAIN)
    _check_chip_type(desk, transcript, chip_type)
    recipe = desk.blobs.read(transcript.recipe)
    checked = _check_openings(desk, drawn, recipe, drawn.draw.indices)
    replay = Replay(
        transcript=drawn.filed.digest,
        chip_type=chip_type,
        sample=len(drawn.draw.indices),
        passed=len(checked.passed),
        failed=len(checked.failed),
        unverifiable=len(checked.unverifiable),
        item_time=item_time or measure_item_time(parse_recipe(recipe), margin_ppm=margin_ppm),
    )
    return checked, replay, desk.file(REPLAY_PREDICATE, replay, party=party, signers=signers)


def _check_openings(desk: Desk, drawn: DrawnTranscript, recipe: bytes, indices: Sequence[int]) -> Checked:
    """Do everything that was opened again, opening by opening; what is in none was refused."""
    checked = Checked(passed=(), failed=(), refused=tuple(indices), unverifiable=())
    for opening in find_openings(desk, drawn):
        # Commitments bind: an item that was judged once is not looked at again.
        more = check_opening(
            transcript=drawn.filed.value,
            party=drawn.filed.party,
            recipe=recipe,
            opened=desk.blobs.read(opening.blob),
            model=None if opening.model is None else desk.blobs.read(opening.model),
            drawn=checked.refused,
        )
        checked = Checked(
            passed=tuple(sorted({*checked.passed, *more.passed})),
            failed=tuple(sorted({*checked.failed, *more.failed})),
            refused=more.refused,
            unverifiable=tuple(sorted({*checked.unverifiable, *more.unverifiable})),
        )
    return checked


def _check_chip_type(desk: Desk, transcript: Transcript, chip_type: Name) -> None:
    jobs = [one for _, one in list_filed(desk, JOB_PREDICATE)]
    job = next((one for one in jobs if (one.site, one.job) == (transcript.site, transcript.job)), None)
    types = {find_lot(desk, piece.lot).chip_type for piece in (() if job is None else job.chips)}
    if types and types != {chip_type}:
        raise UsageError(
            f"the chips of job {transcript.job} are of type {', '.join(sorted(types))}, want {chip_type}"
        )


def measure_item_time(recipe: Recipe, *, margin_ppm: int) -> Quantity:
    """Return the CPU time of one item on this machine, a chip being one core, with a margin at both ends.

    Measured in a process of its own whose libraries have one thread: threads that wait for one another use
    time as well, and no item.
    """
    done = subprocess.run(
        [sys.executable, "-P", str(Path(__file__).with_name("_item_time.py"))],
        input=format_recipe(recipe),
        env=single_threaded(),
        stdout=subprocess.PIPE,
        check=True,
    )
    low, high = (int(word) for word in done.stdout.split())
    return Quantity(
        low=max(1, low * (PPM - margin_ppm) // PPM),
        high=-(-high * (PPM + margin_ppm) // PPM),
        unit=Unit.CHIP_NS,
    )
