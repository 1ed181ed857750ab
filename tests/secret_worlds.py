"""Pairs of worlds that differ in one secret and in nothing that a verdict says: for tests of what rivals see.

Most secrets hang together: a site that is called otherwise is called so everywhere, and a larger hall has more
meters. So a pair is two whole worlds in which everything fits, and not one world with one bent statement.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace

from agreement_examples import clause
from allstop.agreement import ObligationKind
from allstop.finding import Channel, ChipRange, CountingRule
from allstop.ids import Name, digest_of
from allstop.registry import Chips, Meter, Site, Transfer, TransferKind
from allstop.telemetry import Measurement, PeriodClose, energy_millijoule
from allstop.times import HOUR_MS, Window
from allstop.transcript import EXACT, Init, Recipe, RecipeKind, Replay, make_model, seal_model
from allstop.units import Quantity, Unit
from allstop.workload import Formula, Job, JobKind, Purpose
from replay_world import ITEM_NS, RECIPE, SECRET, Do, Prover, honestly, replayed
from verdict_world import (
    CEDAR,
    DOGWOOD,
    FAST,
    HALL,
    LOT,
    START,
    TABLE,
    World,
    chip_type,
    honest,
    power,
    series_of,
    terms,
)

__all__ = ["ONE_VALUE", "PAIRS", "Pair"]

Pair = Callable[[], tuple[World, World]]
Change = Callable[[World], None]

ONE_VALUE = {("replay", "tolerance"), ("replay", "noise")}
"""Secret fields that have one legal value, so that nothing can be read from them."""

HALL_2, HALL_3, HALL_4, SPARE = Name("hall-2"), Name("hall-3"), Name("hall-4"), Name("lot-9")
BRISK = chip_type("brisk", 19 * 10**14)
"""A type that is a little slower than `fast`."""


def _swap(value: object, old: str, new: str) -> object:
    """Return a value with a name exchanged wherever it stands alone."""
    if isinstance(value, str):
        return new if value == old else value
    if isinstance(value, tuple):
        return tuple(_swap(item, old, new) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{
                field.name: _swap(getattr(value, field.name), old, new)
                for field in fields(value)
                if field.init
            },
        )
    return value


def renaming(old: str, new: str) -> Change:
    """Call something otherwise, in every statement."""

    def change(world: World) -> None:
        world.filings = [replace(one, value=_swap(one.value, old, new)) for one in world.filings]

    return change


def editing(kind: type, /, **changes: object) -> Change:
    """Give fields of every statement of a kind these values, or what a function makes of the old ones."""

    def change(world: World) -> None:
        for number, one in enumerate(world.filings):
            if isinstance(one.value, kind):
                found = {
                    name: value(getattr(one.value, name)) if callable(value) else value
                    for name, value in changes.items()
                }
                world.filings[number] = replace(one, value=replace(one.value, **found))  # type: ignore[type-var]

    return change


def changed(change: Change, build: Callable[[], World] = honest) -> Pair:
    """Return the pair of a world and the same one with a change."""

    def pair() -> tuple[World, World]:
        plain, other = build(), build()
        change(other)
        return plain, other

    return pair


def before_close(world: World, add: Callable[[], object]) -> None:
    """File something before the last statement, so that the period is closed over it."""
    last = world.filings.pop()
    add()
    world.filings.append(last)


def larger(world: World) -> None:
    """Have three servers instead of two: more chips, all of them metered."""
    editing(Chips, count=24)(world)

    def add() -> None:
        world.meter("node-3", 16, 24)
        world.measure("node-3", power("idle", 3))

    before_close(world, add)


def other_type(world: World) -> None:
    """Have another type of chip; both are in the table of both worlds."""
    renaming(FAST, BRISK.id)(world)


def with_types(**changes: object) -> World:
    """Return the honest world under a table that has both types."""
    world = honest(**changes)
    world.table = replace(TABLE, chips=(BRISK, *TABLE.chips))
    return world


def counted() -> World:
    """Return the honest world with one more meter, which counts busy time."""
    world = honest()

    def add() -> None:
        world.meter("clock-1", 8, 16, channel=Channel.TENSOR)
        world.measure("clock-1", series_of([0, HOUR_MS], [0, 0]), channel=Channel.TENSOR)

    before_close(world, add)
    return world


def other_channel(world: World) -> None:
    """Let the added meter be of another channel, with the same readings."""
    for kind in (Meter, Measurement):
        for number, one in enumerate(world.filings):
            if isinstance(one.value, kind):
                swapped = _exchange(one.value, Channel.TENSOR, Channel.BREAKER)
                world.filings[number] = replace(one, value=swapped)


def _exchange(value: object, old: object, new: object) -> object:
    if value is old:
        return new
    if isinstance(value, tuple):
        return tuple(_exchange(item, old, new) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{one.name: _exchange(getattr(value, one.name), old, new) for one in fields(value) if one.init},
        )
    return value


def turned(world: World) -> None:
    """Let the work run on the other eight chips."""

    def other(covers: tuple[ChipRange, ...]) -> tuple[ChipRange, ...]:
        return tuple(ChipRange(lot=one.lot, first=8 - one.first, until=24 - one.until) for one in covers)

    editing(Meter, covers=other)(world)
    editing(Job, chips=other)(world)


def short(*, minutes: int) -> World:
    """Return a world in which a declared run takes a part of the hour, and the chips idle for the rest."""
    world = World(agreement=terms())
    world.site()
    world.chips()
    world.meter("node-1", 0, 8)
    world.meter("node-2", 8, 16)
    busy, idle = power("busy", 1), power("idle", 4)
    end = START.plus(minutes * 60_000)
    readings = [int(b if t < end.ms else i) for t, b, i in zip(busy.t, busy.v, idle.v, strict=True)]
    world.measure("node-1", series_of([int(t) - START.ms for t in busy.t], readings))
    world.measure("node-2", power("idle", 2))
    world.job(window=Window(start=START, end=end))
    world.close()
    return world


def reseeded(seed: int) -> World:
    """Return the honest world with other readings of its busy server."""
    world = World(agreement=terms())
    world.site()
    world.chips()
    world.meter("node-1", 0, 8)
    world.meter("node-2", 8, 16)
    world.measure("node-1", power("busy", seed))
    world.measure("node-2", power("idle", 2))
    world.job()
    world.close()
    return world


def totalled(world: World) -> None:
    """Let every measurement state the total energy that its own readings give."""
    for number, one in enumerate(world.filings):
        if isinstance(one.value, Measurement):
            total = sum(energy_millijoule(world.blobs[claim.blob][claim.row]) for claim in one.value.series)
            world.filings[number] = replace(one, value=replace(one.value, stated_total_millijoule=total))


def busier(world: World) -> None:
    """File one statement more before the period is closed."""
    before_close(world, lambda: world.site())


def stocked(world: World) -> None:
    """Name the chips that are there when the period is closed."""
    make = world.filings[-1].value

    def with_inventory(count: int, head: object) -> PeriodClose:
        made: PeriodClose = make(count, head)  # type: ignore[operator]  # it makes a close
        return replace(made, inventory=((LOT, 16),))

    world.filings[-1] = replace(world.filings[-1], value=with_inventory)


def moving(*, is_bound: bool = True) -> World:
    """Return the honest world after eight spare chips went to Dogwood's hall, before the hour."""
    dogwood = clause("9.1", ObligationKind.REGISTER, parties=(DOGWOOD,), tolerance=1)
    world = with_types(obligations=(*terms().obligations, dogwood) if is_bound else terms().obligations)
    for hall in (HALL_2, HALL_3):
        world.file(DOGWOOD, Site(site=hall, operator=DOGWOOD, note=""))

    def add() -> None:
        world.site(HALL_4)
        world.chips(8, lot=SPARE)
        world.chips(8, lot=SPARE, site=HALL_4)
        world.transfer(8, DOGWOOD, CEDAR, lot=SPARE)

    before_close(world, add)
    return world


def destroyed(world: World) -> None:
    """Let the spare chips be destroyed before the verifier instead."""
    editing(Transfer, kind=TransferKind.DESTRUCTION, to_site=None)(world)


def doing(recipe: Recipe, model: bytes) -> Do:
    """Return how an item is done by another recipe or model."""
    return lambda index, given, nonce: EXACT.execute(recipe, before=model[32:], given=given, nonce=nonce)


def proven(**changes: object) -> Pair:
    """Return the world of a transcript, and one with these changes to its prover."""
    return lambda: (replayed(), replayed(**changes))  # type: ignore[arg-type]  # fields of a prover


OTHER_MODEL = seal_model(make_model(RECIPE, b"another model"), secret=SECRET)
OTHER_RECIPE = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=4, width=8, layers=1, outputs=4)
WIDER_MODEL = seal_model(make_model(OTHER_RECIPE, b"the model"), secret=SECRET)

remodelled = proven(model=OTHER_MODEL, do=doing(RECIPE, OTHER_MODEL))
other_recipe = proven(recipe=OTHER_RECIPE, model=WIDER_MODEL, do=doing(OTHER_RECIPE, WIDER_MODEL))
renamed_transcript = proven(name=Name("serving-9"))
more_items = proven(count=41)


def _job_renamed() -> tuple[World, World]:
    prover = Prover(job=Name("run-9")).start()
    renaming("run-1", "run-9")(prover.world)
    prover.commit()
    prover.open(prover.draw())
    prover.replay()
    return replayed(), prover.close()


def _newer_beacon() -> tuple[World, World]:
    prover = Prover().start()
    prover.beacon = prover.world.quote(START.plus(-30_000))
    prover.commit()
    prover.open(prover.draw())
    prover.replay()
    return replayed(), prover.close()


def _shorter_window() -> tuple[World, World]:
    window = Window(start=START, end=START.plus(HOUR_MS - 60_000))
    return replayed(), replayed(window=window)


def _more_failed() -> tuple[World, World]:
    """Every item is invented; the verifier says so of one of them, or of two."""

    def world(failed: int) -> World:
        prover = Prover(do=lambda index, given, nonce: bytes(len(honestly(index, given, nonce)))).start()
        prover.commit()
        drawn = prover.draw()
        prover.open(drawn)
        prover.replay(passed=0, failed=failed)
        return prover.close()

    return world(1), world(2)


def _fewer_judged() -> tuple[World, World]:
    """The verifier says that it could not judge one of the items that passed."""

    def change(value: Replay) -> Replay:
        return replace(value, passed=value.passed - 1, unverifiable=1)

    plain, other = replayed(), replayed()
    for number, one in enumerate(other.filings):
        if isinstance(one.value, Replay):
            other.filings[number] = replace(one, value=change(one.value))
    return plain, other


def _both_types() -> World:
    world = replayed()
    world.table = replace(TABLE, chips=(BRISK, *TABLE.chips))
    return world


def _refiled() -> tuple[World, World]:
    """An earlier statement more gives the transcript another digest."""
    prover = Prover()
    prover.world.site()
    prover.start().commit()
    prover.open(prover.draw())
    prover.replay()
    return replayed(), prover.close()


longer_item = Quantity(low=ITEM_NS - 1, high=ITEM_NS + 1, unit=Unit.CHIP_NS)
tokens = Quantity(low=10**9, high=10**9, unit=Unit.ONE)
parameters = Quantity(low=10**9, high=10**9, unit=Unit.ONE)
by_formula = {
    "formula": Formula.SIX_ND,
    "parameters": parameters,
    "tokens": tokens,
    "operations": Quantity(low=6 * 10**18, high=6 * 10**18, unit=Unit.FLOP),
}

PAIRS: dict[tuple[str, str], Pair] = {
    ("site", "note"): changed(editing(Site, note="the second hall, by the river")),
    ("site", "site"): changed(renaming(HALL, "hall-7")),
    ("chips", "chipType"): changed(other_type, with_types),
    ("chips", "count"): changed(larger),
    ("chips", "lot"): changed(renaming(LOT, "lot-7")),
    ("chips", "serialsCount"): changed(editing(Chips, serials_root=digest_of(b"serials"), serials_count=16)),
    ("chips", "serialsRoot"): changed(editing(Chips, serials_root=digest_of(b"serials"), serials_count=16)),
    ("chips", "site"): changed(renaming(HALL, "hall-7")),
    ("transfer", "chipType"): changed(other_type, moving),
    ("transfer", "count"): changed(editing(Transfer, count=7), moving),
    ("transfer", "fromSite"): changed(editing(Transfer, from_site=HALL_4), moving),
    ("transfer", "kind"): changed(destroyed, lambda: moving(is_bound=False)),
    ("transfer", "lot"): changed(renaming(SPARE, "lot-8"), moving),
    ("transfer", "toSite"): changed(editing(Transfer, to_site=HALL_3), moving),
    ("meter", "calibration"): changed(renaming("cal-1", "cal-2")),
    ("meter", "channel"): changed(other_channel, counted),
    ("meter", "covers"): changed(turned),
    ("meter", "idleMilliwatt"): changed(editing(Meter, idle_milliwatt=900_000)),
    ("meter", "meter"): changed(renaming("node-1", "rack-1")),
    ("meter", "randomErrorPpm"): changed(editing(Meter, random_error_ppm=9_000)),
    ("meter", "ratedMilliwatt"): changed(editing(Meter, rated_milliwatt=11_000_000)),
    ("meter", "site"): changed(renaming(HALL, "hall-7")),
    ("meter", "systematicErrorPpm"): changed(editing(Meter, systematic_error_ppm=9_000)),
    ("job", "chips"): changed(turned),
    ("job", "countingRule"): changed(editing(Job, counting_rule=CountingRule.HIGHER_OF_BOTH)),
    ("job", "formula"): changed(editing(Job, **by_formula)),
    ("job", "job"): changed(renaming("run-1", "run-7")),
    ("job", "kind"): changed(editing(Job, kind=JobKind.INFERENCE)),
    ("job", "lineage"): changed(renaming("model-a", "model-b")),
    ("job", "numberFormat"): changed(editing(Job, number_format="mixed")),
    ("job", "operations"): changed(
        editing(Job, operations=Quantity(low=10**18, high=10**18, unit=Unit.FLOP))
    ),
    ("job", "parameters"): changed(editing(Job, **by_formula)),
    ("job", "purpose"): changed(editing(Job, purpose=Purpose.DEPLOYMENT)),
    ("job", "site"): changed(renaming(HALL, "hall-7")),
    ("job", "stated"): changed(editing(Job, stated=("operations",))),
    ("job", "tokens"): changed(editing(Job, **by_formula)),
    ("job", "window"): lambda: (short(minutes=30), short(minutes=40)),
    ("measurement", "series"): lambda: (reseeded(1), reseeded(7)),
    ("measurement", "site"): changed(renaming(HALL, "hall-7")),
    ("measurement", "statedTotalMillijoule"): changed(totalled),
    ("period-close", "count"): changed(busier),
    ("period-close", "head"): changed(busier),
    ("period-close", "inventory"): changed(stocked),
    ("transcript", "beacon"): _newer_beacon,
    ("transcript", "count"): more_items,
    ("transcript", "job"): _job_renamed,
    ("transcript", "model"): remodelled,
    ("transcript", "recipe"): other_recipe,
    ("transcript", "root"): remodelled,
    ("transcript", "site"): changed(renaming(HALL, "hall-7"), replayed),
    ("transcript", "transcript"): renamed_transcript,
    ("transcript", "window"): _shorter_window,
    ("opening", "blob"): remodelled,
    ("opening", "model"): remodelled,
    ("opening", "transcript"): _refiled,
    ("replay", "chipType"): changed(other_type, _both_types),
    ("replay", "failed"): _more_failed,
    ("replay", "itemTime"): changed(editing(Replay, item_time=longer_item), replayed),
    ("replay", "passed"): _fewer_judged,
    ("replay", "sample"): more_items,
    ("replay", "transcript"): _refiled,
    ("replay", "unverifiable"): _fewer_judged,
}
"""For each secret field of a kind of statement that accounts rest on: two worlds that differ in it."""
