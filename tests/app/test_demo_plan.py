"""What each party of the demo is told to do, and what it makes of its meter's readings."""

import random
from dataclasses import replace

import numpy as np
import pytest

from allstop.app.demo._cast import Kind, cast_of
from allstop.app.demo._meters import is_telling, meters_to_file
from allstop.app.demo._plan import cost_of_items, order_of, work_of
from allstop.app.demo._processes import INTERVAL_MS, insist
from allstop.app.demo._worker import Act, Order, Prover
from allstop.errors import OperationalError
from allstop.finding import Channel
from allstop.ids import Digest, Name
from allstop.ingest import MeterReadings
from allstop.telemetry import Series
from allstop.times import Instant, Window
from allstop.transcript import Init, Recipe, RecipeKind, result_bytes

ALDER = Name("alder")
BEACON = Digest("ab" * 32)
START = 1_800_000_000_000
PERIOD_MS = 20_000
WINDOWS = tuple(
    Window(start=Instant(START + PERIOD_MS * n), end=Instant(START + PERIOD_MS * (n + 1))) for n in range(2)
)
TINY = Recipe(kind=RecipeKind.MLP_INFERENCE, init=Init.GIVEN, rows=1, width=4, layers=2, outputs=1)


def order(kind: Kind, period: int = 1) -> Order:
    """Return what Alder is to do in a period, by kind."""
    cast = cast_of(honest=True, cheats={ALDER: kind})
    return order_of(cast, ALDER, period, WINDOWS, BEACON, random.Random(1))


def readings(seed: int = 1) -> MeterReadings:
    """Return readings over both periods, beginning before them and ending after, of a machine in bursts."""
    t = np.arange(START - 3 * INTERVAL_MS, START + 2 * PERIOD_MS + 2 * INTERVAL_MS, INTERVAL_MS)
    v = np.cumsum(np.random.default_rng(seed).integers(0, 25, len(t)) * 10)
    series = Series(t=t.astype(np.int64), v=v.astype(np.int64), epoch=np.zeros(len(t), dtype=np.int32))
    return MeterReadings(
        meter=Name("alder-cpu-time"), channel=Channel.BUSY, series=series, source="test", source_digest=BEACON
    )


def test_an_order_survives_its_line() -> None:
    """What a site reads is what it was told."""
    given = order(Kind.HIDDEN_TRAINING)
    assert given == Order.parse(given.format())


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.IDLE])
def test_requests_arrive_within_the_period_and_in_order(kind: Kind) -> None:
    """Nothing arrives so late that it would be done after the period."""
    arrivals = order(kind).arrivals_ms
    assert list(arrivals) == sorted(arrivals)
    assert WINDOWS[0].start.ms < arrivals[0] <= arrivals[-1] < order(kind).until_ms < WINDOWS[0].end.ms


def test_only_who_hides_training_trains_besides() -> None:
    """An honest site never does; who replays its meter does in the second period, when the meter is covered."""
    assert 0 == order(Kind.HONEST).hidden_share == order(Kind.REPLAYED_METER).hidden_share
    assert 0 < order(Kind.REPLAYED_METER, 2).hidden_share < order(Kind.HIDDEN_TRAINING).hidden_share < 1


def test_an_idle_party_has_no_work_to_declare() -> None:
    """Without requests there are no results, and without results there is no job."""
    assert () == order(Kind.IDLE).arrivals_ms
    cast = cast_of(honest=True, cheats={ALDER: Kind.IDLE})
    assert [] == work_of(cast, order(Kind.IDLE), 1, WINDOWS[0], ())


def test_honest_readings_are_cut_at_the_end_of_the_period_and_nothing_else() -> None:
    """Together the two series are the recording, with the reading between them in both."""
    whole = readings()
    first, second = (meter.series for meter in meters_to_file(whole, WINDOWS, Kind.HONEST))
    assert first.t[-1] == second.t[0] >= WINDOWS[0].end.ms > first.t[-2]
    assert whole.series.v.tolist() == [*first.v.tolist(), *second.v[1:].tolist()]
    assert whole.series.t.tolist() == [*first.t.tolist(), *second.t[1:].tolist()]


def test_a_replayed_meter_goes_on_as_if_nothing_had_happened() -> None:
    """The second series has the changes of the first, a period later, and neither falls nor overlaps."""
    honest = [meter.series for meter in meters_to_file(readings(), WINDOWS, Kind.HONEST)]
    first, second = (meter.series for meter in meters_to_file(readings(), WINDOWS, Kind.REPLAYED_METER))
    assert honest[0].v.tolist() == first.v.tolist()
    assert first.t[-1] <= second.t[0]
    assert second.t[-1] >= WINDOWS[1].end.ms
    assert first.v[-1] <= second.v[0]
    assert np.diff(first.v)[-len(second) + 1 :].tolist() == np.diff(second.v).tolist()


def test_only_uneven_readings_would_be_known_again() -> None:
    """Bursts of many sizes are told from one another; the same readings in three sizes only are not."""
    uneven = readings()
    assert is_telling(uneven, WINDOWS)
    few = np.cumsum(np.arange(len(uneven.series)) % 3 * 10).astype(np.int64)
    series = Series(t=uneven.series.t, v=few, epoch=uneven.series.epoch)
    assert not is_telling(replace(uneven, series=series), WINDOWS)


def test_the_cost_of_items_holds_every_batch_with_a_margin() -> None:
    """Of batches at 8 and at 10 ms an item the interval is a fifth wider at either end."""
    used = [0]
    for item_ns in [8_000_000] * 4 + [10_000_000] * 5:
        used.append(used[-1] + item_ns)
    cost = cost_of_items(used)
    assert (6_400_000, 12_000_000) == (cost.low_ns, cost.high_ns)


@pytest.mark.parametrize("act", Act)
def test_results_have_one_size_and_only_service_gives_the_true_ones(act: Act) -> None:
    """Every way to come by a result but the declared one gives another result, of the same size."""
    seed, pretended = bytes(32), []
    prover = Prover(TINY, seed, pretend=lambda: pretended.append(1))
    base = order(Kind.HONEST)
    honest = [prover.prepare(base, 0, 40)(index) for index in range(40)]
    if act is Act.IDLE:
        return
    told = Order.parse(base.format().replace('"serve"', f'"{act.value}"'))
    assert act is told.act
    results = [prover.prepare(told, 0, 40)(index) for index in range(40)]
    assert {result_bytes(TINY)} == {len(result) for result in results}
    assert (act is Act.SERVE) == (honest == results)
    assert (40 if act is Act.FAKE else 0) == len(pretended)


def test_a_busy_machine_is_waited_for_and_then_given_up() -> None:
    """A calibration that gets a quarter of a core counts; otherwise it is told so, and in the end refused."""
    said: list[str] = []
    shares = iter([10, 24, 25])
    found = insist(lambda: (7, next(shares), 100), said.append, rest_seconds=0)
    assert 7 == found
    assert ["10 %", "24 %"] == [text.partition("got ")[2].partition(" of")[0] for text in said]
    with pytest.raises(OperationalError, match="machine too busy: none of 5 calibrations"):
        insist(lambda: (7, 10, 100), said.append, rest_seconds=0)
