"""Replays: what re-execution shows of each committed transcript (spec/transcript.md section 7).

A prover commits, a later cosigned note fixes which items are drawn, the prover opens these and no others,
and the audit re-executes them here: whoever holds the openings comes to the same result. What verifiers
filed about the same transcript is shown beside it, and only their word says how long an item takes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from allstop.case import LoggedNote
from allstop.errors import AllstopError
from allstop.finding import Custody
from allstop.ids import Digest, Name, digest_of
from allstop.ledger import Filed
from allstop.times import Instant, Window
from allstop.tlog import parse_note
from allstop.transcript import (
    Checked,
    Opening,
    Replay,
    Transcript,
    check_opening,
    draw_items,
    forged_high,
    forged_of_share,
    miss_ppm_high,
    operations_of_item,
    parse_recipe,
    sample_size,
    work_of_item,
)
from allstop.units import PPM
from allstop.verdict._facts import Facts
from allstop.workload import Job

__all__ = [
    "Draw",
    "ReadBlob",
    "ReplayState",
    "Replayed",
    "by_job",
    "draw_of",
    "passed_within",
    "replay_transcripts",
]

ReadBlob = Callable[[Digest], bytes]
"""Reads a blob that the case holds; its digest has been checked."""

OPENINGS_MAX = 64
"""Openings of one transcript that are looked at: a prover cannot make an auditor work without end."""

OPERATIONS_MAX = 10**14
"""Most operations that an audit re-executes for one filer, spent in log order; what is beyond it is unverifiable.

What is void has an allowance of its own, so that nobody can use up another's, or his own when a draw displeases.
"""

OPERATIONS_OF_BYTE = 10**4
"""What reading a byte of opened items costs an auditor, in operations."""


class ReplayState(Enum):
    """How far re-execution of one transcript has come. The first that fits, from the top.

    WAITING is looked for twice: before NOT_HELD where nothing is drawn, and after it where the time to open runs.
    """

    FAILED = "failed"
    """An opened item does not re-execute to what was committed, even where the transcript is void."""
    VOID = "void"
    """Committed late, on a stale beacon, for no declared job, or a second time: it shows nothing."""
    WAITING = "waiting"
    """Nothing is drawn yet, or what was drawn is not due yet."""
    NOT_HELD = "not held"
    """It was opened, and this reader does not hold what was opened."""
    REFUSED = "refused"
    """What was drawn is due and was not opened."""
    UNVERIFIABLE = "unverifiable"
    """It was opened, and this version cannot re-execute it."""
    PASSED = "passed"
    """Every drawn item re-executes to what was committed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Which items the witnesses of a note drew, all together, and by when they are to be opened."""

    note: LoggedNote
    indices: tuple[int, ...]
    due: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One transcript and what re-execution shows of it.

    `sample` is how many items each witness drew; `failed` and `refused` count items that any of them drew.
    `forged_items_high` is the largest number of forged items that a sample like this one would miss more often
    than the agreement allows; all of them unless it passed. `openings` are the log entries of what was opened.
    `attested` are the verifiers whose own replay passed. `item_ns` bounds the time of one item on one chip, by
    the word of verifiers; None where it is not established.
    """

    filed: Filed[Transcript]
    job: Filed[Job] | None
    state: ReplayState
    why: str
    draw: Draw | None
    sample: int
    passed: int
    failed: int
    refused: int
    unverifiable: int
    item_flop: int
    forged_items_high: int
    detection_ppm: int
    openings: tuple[int, ...]
    attested: tuple[Name, ...]
    disagreeing: tuple[Filed[Replay], ...]
    item_ns: tuple[int, int] | None

    @property
    def window(self) -> Window:
        """When the work was done, by the prover's word."""
        return self.filed.value.window

    @property
    def claimed_flop(self) -> int:
        """Operations of all items, if none is forged."""
        return self.filed.value.count * self.item_flop

    @property
    def proven_items(self) -> int:
        """Items that are not forged, at the agreed detection probability; 0 unless all drawn ones passed."""
        return self.filed.value.count - self.forged_items_high if self.state is ReplayState.PASSED else 0

    @property
    def proven_flop(self) -> int:
        """The lower bound `v` of operations that replay shows (DESIGN section 6, *Credit*)."""
        return self.proven_items * self.item_flop


def draw_of(
    filed: Filed[Transcript],
    notes: Sequence[LoggedNote],
    *,
    sample: int,
    open_ms: int,
) -> Draw | None:
    """Return what the first logged note that covers a transcript draws from it; None while there is none."""
    note = next((note for note in notes if note.size > filed.entry), None)
    if note is None:
        return None
    indices = draw_items(
        parse_note(note.note).text,
        cosignatures=note.cosignatures,
        transcript=filed.digest,
        count=filed.value.count,
        sample=sample,
    )
    if not indices:  # No witness of the policy has an Ed25519 key: nobody draws.
        return None
    return Draw(note=note, indices=indices, due=note.high.plus(open_ms))


def replay_transcripts(
    facts: Facts,
    *,
    jobs: Callable[[Name], Sequence[Filed[Job]]],
    notes: Sequence[LoggedNote],
    held: frozenset[Digest],
    read_blob: ReadBlob,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Replayed, ...]:
    """Re-execute what was opened of every transcript, in log order; `jobs` are those of a site that count."""
    if facts.agreement.replay is None:
        return ()
    known = tuple(note for note in notes if note.high <= facts.state.at)
    context = _Context(facts=facts, notes=known, held=held, read_blob=read_blob)
    first: dict[tuple[Name, Name], int] = {}
    found = []
    for done, filed in enumerate(facts.state.transcripts, start=1):
        name = (filed.party, filed.value.transcript)
        is_second = first.setdefault(name, filed.entry) != filed.entry
        one = context.replay(filed, _job_of(filed, facts.state.jobs), is_second=is_second)
        # A job that no longer counts, or a broken chain, earns nothing, and excuses nothing.
        counts = one.job in jobs(filed.value.site) and filed.party not in facts.state.distrusted
        found.append(one if counts else replace(one, job=None))
        tick(done, len(facts.state.transcripts))
    return tuple(found)


@dataclass(slots=True, kw_only=True)
class _Context:
    facts: Facts
    notes: Sequence[LoggedNote]
    held: frozenset[Digest]
    read_blob: ReadBlob
    spent_flop: dict[tuple[Name, bool], int] = field(default_factory=dict)

    def replay(self, filed: Filed[Transcript], job: Filed[Job] | None, *, is_second: bool) -> Replayed:
        terms, figures = self.facts.agreement.replay, self.facts.agreement.verification
        if terms is None:
            raise ValueError("the agreement has no terms of replay")
        count, miss_ppm = filed.value.count, PPM - figures.detection_probability_ppm
        sample = sample_size(count, forged_share_ppm=terms.forged_share_ppm, miss_ppm=miss_ppm)
        draw = draw_of(filed, self.notes, sample=sample, open_ms=terms.open_ms)
        recipe = self._read(filed.value.recipe)
        void = "files a transcript of this name a second time" if is_second else self._why_void(filed, job)
        checked, is_held = self._check(filed, draw, recipe, is_void=void is not None)
        is_withheld = draw is not None and not is_held and self._is_withheld(filed, draw)
        state, why = _state(checked, void, draw, is_held or is_withheld, self.facts.state.at)
        attested, disagreeing = self._attestations(filed, draw, state)
        wanted = forged_of_share(count, terms.forged_share_ppm)
        return Replayed(
            filed=filed,
            job=job if void is None else None,
            state=state,
            why=why,
            draw=draw,
            sample=sample,
            passed=len(checked.passed),
            failed=len(checked.failed),
            refused=len(checked.refused),
            unverifiable=len(checked.unverifiable),
            item_flop=_item_flop(recipe),
            forged_items_high=forged_high(count, sample=sample, miss_ppm=miss_ppm)
            if state is ReplayState.PASSED
            else count,
            detection_ppm=PPM - miss_ppm_high(count, forged=wanted, sample=sample),
            openings=tuple(opening.entry for opening in self._openings(filed)),
            attested=attested,
            disagreeing=disagreeing,
            item_ns=None if job is None else self._item_ns(filed, job),
        )

    def _read(self, digest: Digest) -> bytes | None:
        return self.read_blob(digest) if digest in self.held else None

    def _why_void(self, filed: Filed[Transcript], job: Filed[Job] | None) -> str | None:
        """Say why a transcript shows nothing, whatever is opened, or None where it may.

        Every reason is fixed before the draw: else whoever dislikes a draw could bring one about.
        """
        terms, made = self.facts.agreement.replay, filed.value
        if job is None or job.entry > filed.entry or terms is None:
            return f"job {made.job} was not declared at {made.site} before"
        if filed.party not in (job.value.operator, job.value.tenant):
            return f"{filed.party} is neither operator nor tenant of job {made.job}"
        if made.window.overlap_ms(job.value.window) < made.window.duration_ms:
            return f"its window lies outside that of job {made.job}"
        if filed.not_after > made.window.end.plus(terms.commit_ms):
            return "committed later than the agreement allows"
        beacon = next((note for note in self.notes if digest_of(note.note) == made.beacon), None)
        if beacon is None:
            return "its beacon is no cosigned note that this log quotes"
        if beacon.low.plus(terms.fresh_ms) < made.window.start:
            return "its beacon is older than the agreement allows: the work may have been done before"
        if beacon.high > made.window.start:
            return "its beacon is newer than the start of its window: no item can be from before it"
        return None

    def _check(
        self, filed: Filed[Transcript], draw: Draw | None, recipe: bytes | None, *, is_void: bool
    ) -> tuple[Checked, bool]:
        """Re-execute all that was opened; also tell whether this reader holds everything that was."""
        openings = self._openings(filed)
        if draw is None or not openings:
            return _nothing(refused=draw.indices if draw else ()), True
        if recipe is None:
            return _nothing(refused=draw.indices), False
        purse = (filed.party, is_void)
        if not self._spend(purse, _work_of(recipe) * len(draw.indices)):
            return _nothing(unverifiable=draw.indices), True
        checked, is_held = _nothing(refused=draw.indices), True
        # What was opened twice is read once.
        for blob, sealed in dict.fromkeys((one.value.blob, one.value.model) for one in openings):
            if not checked.refused:
                break
            opened = self._read(blob)
            model = None if sealed is None else self._read(sealed)
            if opened is None or (model is None and sealed is not None):
                is_held = False
                continue
            if is_void and not self._spend(purse, OPERATIONS_OF_BYTE * len(opened)):
                break
            # Commitments bind: an item that was re-executed once is not looked at again.
            more = check_opening(
                transcript=filed.value,
                party=filed.party,
                recipe=recipe,
                opened=opened,
                model=model,
                drawn=checked.refused,
            )
            checked = Checked(
                passed=tuple(sorted({*checked.passed, *more.passed})),
                failed=tuple(sorted({*checked.failed, *more.failed})),
                refused=more.refused,
                unverifiable=tuple(sorted({*checked.unverifiable, *more.unverifiable})),
            )
        return checked, is_held or not checked.refused

    def _spend(self, purse: tuple[Name, bool], flop: int) -> bool:
        """Take operations from what a filer may cost an audit, and tell whether they were left."""
        spent = self.spent_flop.get(purse, 0) + flop
        if spent > OPERATIONS_MAX:
            return False
        self.spent_flop[purse] = spent
        return True

    def _is_withheld(self, filed: Filed[Transcript], draw: Draw) -> bool:
        """Tell whether more than f verifiers say, after it was due, that drawn items were not opened to them.

        Where more than f others say that they did them all, somebody got them; fewer may all be friends.
        """
        liars = self.facts.agreement.verification.liars
        asked: set[Name] = set()
        served: set[Name] = set()
        for replay in self._replays_of(filed):
            if replay.value.passed == len(draw.indices):
                served.add(self.facts.domain_of(replay.party))
            elif replay.value.refused and replay.not_before is not None and replay.not_before >= draw.due:
                asked.add(self.facts.domain_of(replay.party))
        return len(asked - served) > liars >= len(served)

    def _openings(self, filed: Filed[Transcript]) -> list[Filed[Opening]]:
        found = [
            opening
            for opening in self.facts.state.openings
            if opening.party == filed.party and opening.value.transcript == filed.digest
        ]
        return found[:OPENINGS_MAX]

    def _attestations(
        self, filed: Filed[Transcript], draw: Draw | None, state: ReplayState
    ) -> tuple[tuple[Name, ...], tuple[Filed[Replay], ...]]:
        """Return the verifiers who filed that every drawn item passed, and replays that say otherwise than the audit."""
        passed, disagreeing = set(), []
        for replay in self._replays_of(filed):
            is_pass = draw is not None and replay.value.passed == len(draw.indices)
            if is_pass:
                passed.add(replay.party)
            if (is_pass and state is ReplayState.FAILED) or (
                replay.value.failed and state is ReplayState.PASSED
            ):
                disagreeing.append(replay)
        return tuple(sorted(passed)), tuple(disagreeing)

    def _replays_of(self, filed: Filed[Transcript]) -> list[Filed[Replay]]:
        """Return the replays by verifiers outside the trust domains of operator, tenant and prover."""
        site, job = filed.value.site, _job_of(filed, self.facts.state.jobs)
        bound = {filed.party} if job is None else {filed.party, job.value.operator, job.value.tenant}
        own = {self.facts.domain_of(party) for party in bound}
        return [
            replay
            for replay in self.facts.state.replays
            if replay.value.transcript == filed.digest
            and replay.party not in self.facts.state.distrusted
            and self.facts.domain_of(replay.party) not in own
            and self.facts.custody_of(replay.party, site) is Custody.VERIFIER_OWNED
        ]

    def _item_ns(self, filed: Filed[Transcript], job: Filed[Job]) -> tuple[int, int] | None:
        """Bound what one item takes on one chip, so that f verifiers who lie can neither clear nor accuse.

        The lower end, which explains activity away, is the (f+1)-th largest over trust domains; the upper
        end, beyond which activity accuses, the (f+1)-th smallest.
        """
        types = {self.facts.chip_type_of(filed.value.site, piece.lot).id for piece in job.value.chips}
        lows: dict[Name, int] = {}
        highs: dict[Name, int] = {}
        for replay in self._replays_of(filed):
            if types != {replay.value.chip_type}:
                continue
            domain, time = self.facts.domain_of(replay.party), replay.value.item_time
            lows[domain] = min(time.low, lows.get(domain, time.low))
            highs[domain] = max(time.high, highs.get(domain, time.high))
        liars = self.facts.agreement.verification.liars
        if len(lows) <= liars:
            return None
        low, high = sorted(lows.values(), reverse=True)[liars], sorted(highs.values())[liars]
        return (low, high) if low <= high else None


def _job_of(filed: Filed[Transcript], jobs: Sequence[Filed[Job]]) -> Filed[Job] | None:
    """Return the first declaration of a transcript's job."""
    made = filed.value
    return next((job for job in jobs if (job.value.site, job.value.job) == (made.site, made.job)), None)


def _nothing(*, refused: tuple[int, ...] = (), unverifiable: tuple[int, ...] = ()) -> Checked:
    """Return the outcome of a draw of which nothing was re-executed."""
    why = "more operations than an audit re-executes"
    return Checked(
        passed=(), failed=(), refused=refused, unverifiable=tuple((index, why) for index in unverifiable)
    )


def _state(
    checked: Checked, void: str | None, draw: Draw | None, is_held: bool, at: Instant
) -> tuple[ReplayState, str]:
    """Return the first state that fits, with the words for it."""
    if checked.failed and draw is not None:
        # Even where it shows nothing for its filer, what does not re-execute speaks against it.
        index, why = checked.failed[0]
        return (
            ReplayState.FAILED,
            f"{len(checked.failed)} of {len(draw.indices)} drawn items fail: item {index} {why}",
        )
    if void is not None:
        return ReplayState.VOID, void
    if draw is None:
        return ReplayState.WAITING, "no cosigned note has fixed a draw yet"
    if not is_held:
        return ReplayState.NOT_HELD, "this reader does not hold what was opened"
    if checked.refused and at < draw.due:
        return (
            ReplayState.WAITING,
            f"{len(checked.refused)} of {len(draw.indices)} drawn items are not opened yet",
        )
    if checked.refused:
        return (
            ReplayState.REFUSED,
            f"{len(checked.refused)} of {len(draw.indices)} drawn items were not opened",
        )
    if checked.unverifiable:
        index, why = checked.unverifiable[0]
        return ReplayState.UNVERIFIABLE, f"item {index}: {why}"
    return ReplayState.PASSED, f"all {len(draw.indices)} drawn items re-execute to what was committed"


def _work_of(recipe: bytes) -> int:
    """Return what re-executing one item costs an auditor, in operations; small products cost more than they count."""
    try:
        return work_of_item(parse_recipe(recipe))
    except AllstopError:
        return 0


def _item_flop(recipe: bytes | None) -> int:
    """Return the operations of one item, 0 where the recipe is not held or not known here."""
    if recipe is None:
        return 0
    try:
        return operations_of_item(parse_recipe(recipe))
    except AllstopError:
        return 0


def passed_within(replays: Sequence[Replayed], window: Window) -> tuple[Replayed, ...]:
    """Return the passed transcripts that lie wholly within a period."""
    return tuple(
        one
        for one in replays
        if one.state is ReplayState.PASSED and one.window.overlap_ms(window) == one.window.duration_ms
    )


def by_job(replays: Sequence[Replayed]) -> Mapping[tuple[Name, Name], tuple[Replayed, ...]]:
    """Group the transcripts that count by site and job."""
    found: dict[tuple[Name, Name], list[Replayed]] = {}
    for one in replays:
        if one.job is not None:
            found.setdefault((one.filed.value.site, one.filed.value.job), []).append(one)
    return {key: tuple(group) for key, group in found.items()}
