"""Worlds in which declared work is committed, drawn, opened and re-executed.

One job of Birch on eight of Alder's chips, done by a tiny recipe. A prover may cheat in any way that its
parameters allow; everything else is honest.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from agreement_examples import clause
from allstop.agreement import Agreement, ObligationKind, ReplayTerms
from allstop.finding import ChipRange, Level, Subgoal
from allstop.ids import Digest, Name, digest_of
from allstop.times import HOUR_MS, Instant, Window
from allstop.tlog import parse_note
from allstop.transcript import (
    EXACT,
    Init,
    ItemContents,
    ItemRecord,
    Opening,
    Recipe,
    RecipeKind,
    Replay,
    Transcript,
    commit_items,
    draw_items,
    format_recipe,
    given_bytes,
    item_nonce,
    make_model,
    open_items,
    operations_of_item,
    record_item,
    sample_size,
    seal_model,
)
from allstop.units import Quantity, Unit
from allstop.workload import JobKind
from verdict_world import (
    ALDER,
    BIRCH,
    CEDAR,
    FAST,
    HALL,
    HOUR,
    LOT,
    START,
    WITNESSED,
    World,
    power,
    statement_digest,
    terms,
)

RECIPE = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=2, width=8, layers=1, outputs=4)
ITEM_FLOP = operations_of_item(RECIPE)
ITEMS = 40
SECRET = bytes(range(32))
SERVING, RUN = Name("serving-1"), Name("run-1")
MODEL = seal_model(make_model(RECIPE, b"the model"), secret=SECRET)
REPLAY_TERMS = ReplayTerms(
    forged_share_ppm=200_000,
    commit_ms=2 * HOUR_MS,
    open_ms=24 * HOUR_MS,
    fresh_ms=HOUR_MS,
    timing_error_ppm=250_000,
)
SAMPLE = sample_size(ITEMS, forged_share_ppm=200_000, miss_ppm=100_000)
ITEM_NS = 8 * HOUR_MS * 1_000_000 // ITEMS
"""Chip time of one item if eight chips do forty of them in an hour."""

Do = Callable[[int, bytes, bytes], bytes]
"""How a prover makes the result of an item from its index, request and nonce."""


def replay_terms(**changes: object) -> Agreement:
    """Return the agreement of these worlds: that of `verdict_world`, with replay and a clause that asks for it."""
    plain = terms()
    verify = clause(
        "2.2",
        ObligationKind.VERIFY,
        tolerance=500_000,
        subgoals=(Subgoal.DECLARED_USE_ACCURATE,),
        level=Level.VERIFIED,
    )
    asking = tuple(
        replace(one, evidence=(*one.evidence, Name("transcript"))) if one.clause == "2.1" else one
        for one in plain.obligations
    )
    return replace(plain, obligations=(*asking, verify), replay=REPLAY_TERMS, **changes)  # type: ignore[arg-type]


def honestly(index: int, given: bytes, nonce: bytes) -> bytes:
    """Do an item as it was declared."""
    return EXACT.execute(RECIPE, before=MODEL[32:], given=given, nonce=nonce)


@dataclass
class Prover:
    """A world with one transcript; the parameters are what a cheater may turn."""

    do: Do = honestly
    party: Name = ALDER
    count: int = ITEMS
    name: Name = SERVING
    window: Window = HOUR
    beacon_at: Instant = field(default_factory=lambda: START.plus(-60_000))
    job: Name = RUN
    flop: int | None = None
    site_level: str = "busy"
    model: bytes = MODEL
    recipe: Recipe = RECIPE
    world: World = field(default_factory=lambda: World(agreement=replay_terms()))
    records: list[ItemRecord] = field(default_factory=list)
    contents: list[ItemContents] = field(default_factory=list)
    filed: int = -1
    drawn: tuple[int, ...] = ()
    beacon: bytes = b""

    def start(self) -> "Prover":
        """File the register, the beacon, the meters and the job."""
        world = self.world
        world.site()
        world.chips(8)
        world.meter("node-1", 0, 8)
        self.beacon = world.quote(self.beacon_at)
        world.measure("node-1", power(self.site_level, 1))
        flop = self.count * operations_of_item(self.recipe) if self.flop is None else self.flop
        world.job(flop=flop, kind=JobKind.INFERENCE, chips=(ChipRange(lot=LOT, first=0, until=8),))
        return self

    def commit(self, at: Instant | None = None) -> "Prover":
        """Do all items and file the commitment."""
        digest = digest_of(self.beacon)
        for index in range(self.count):
            nonce = item_nonce(
                beacon=digest, transcript=self.name, job=self.job, party=self.party, index=index
            )
            given = hashlib.shake_256(b"request %d" % index).digest(given_bytes(self.recipe))
            result = self.do(index, given, nonce)
            self.records.append(
                record_item(
                    secret=SECRET, index=index, before=digest_of(self.model), given=given, result=result
                )
            )
            self.contents.append(ItemContents(state=None, request=given, result=result))
        recipe = format_recipe(self.recipe)
        self.world.papers[digest_of(recipe)] = recipe
        transcript = Transcript(
            transcript=self.name,
            job=self.job,
            site=HALL,
            window=self.window,
            recipe=digest_of(recipe),
            beacon=digest,
            model=digest_of(self.model),
            count=self.count,
            root=commit_items(self.records),
        )
        changes = {} if at is None else {"at": at}
        self.filed = self.world.file(self.party, transcript, subjects=(digest_of(recipe),), **changes)
        return self

    @property
    def digest(self) -> Digest:
        """Digest of the transcript's statement."""
        return statement_digest(self.filed, self.party)

    def draw(self) -> tuple[int, ...]:
        """Log the note that fixes the draw, and return what it draws."""
        note = self.world.quote(self.world.clock.plus(60_000))
        self.world.clock = self.world.clock.plus(120_000)
        self.drawn = draw_items(
            parse_note(note).text,
            cosignatures=WITNESSED,
            transcript=self.digest,
            count=self.count,
            sample=SAMPLE,
        )
        return self.drawn

    def open(self, drawn: Sequence[int], model: bytes | None = None) -> int:
        """Open these items."""
        blob = open_items(self.records, drawn=drawn, contents=lambda index: self.contents[index])
        sealed = self.model if model is None else model
        for data in (blob, sealed):
            self.world.papers[digest_of(data)] = data
        opening = Opening(transcript=self.digest, blob=digest_of(blob), model=digest_of(sealed))
        return self.world.file(self.party, opening, subjects=(digest_of(blob), digest_of(sealed)))

    def replay(
        self, *, passed: int | None = None, failed: int = 0, low: int = ITEM_NS, high: int = ITEM_NS
    ) -> int:
        """Let Cedar, the verifier, file what it found."""
        value = Replay(
            transcript=self.digest,
            chip_type=FAST,
            sample=len(self.drawn),
            passed=len(self.drawn) if passed is None else passed,
            failed=failed,
            unverifiable=0,
            item_time=Quantity(low=low, high=high, unit=Unit.CHIP_NS),
        )
        return self.world.file(CEDAR, value)

    def close(self) -> World:
        """Close the hour, so that nothing is missing."""
        self.world.close()
        return self.world


def replayed(*, leave_out: Collection[str] = (), **changes: object) -> World:
    """Return a world in which everything was done as it should be, but for these changes."""
    prover = Prover(**changes).start().commit()  # type: ignore[arg-type]  # fields of a prover
    drawn = prover.draw()
    if "opening" not in leave_out:
        prover.open(drawn)
    if "replay" not in leave_out:
        prover.replay()
    return prover.close()


__all__ = ["BIRCH", "ITEMS", "ITEM_FLOP", "ITEM_NS", "SAMPLE", "Prover", "replay_terms", "replayed"]
