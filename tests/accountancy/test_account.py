"""Accounts of cells against the reference, and what leaving anything out can never do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountancy import reference_account
from accountancy.account_worlds import (
    BASE,
    CHIP,
    CHIPS,
    FLOOR,
    GAP,
    IDLE,
    LENGTH,
    UNIT,
    WINDOW,
    Z,
    cell_input,
    job,
    part_lists,
    series,
    view,
    worlds,
)
from allstop.accountancy import (
    CellAccount,
    CellInput,
    ChipTime,
    JobAccount,
    account_cell,
    steps_of,
)
from allstop.finding import Channel
from allstop.telemetry import Series
from allstop.times import Instant, Window


def accounts(world: CellInput, liars: int = 0) -> CellAccount:
    """Account for a world at the quantile of these tests."""
    return account_cell(world, window=WINDOW, liars=liars, z_micro=Z)


def whole(world: CellInput, liars: int = 0) -> JobAccount:
    """Account for a world as if nothing were declared: what the room to hide is taken from."""
    (account,) = accounts(replace(world, jobs=()), liars).by_job
    return account


def full(level: int, *, first: int = 0, last: int = LENGTH) -> Series:
    """Return steady readings every three milliseconds."""
    times = list(range(first, last + 1, GAP))
    return series(times, [level] * len(times))


@given(worlds(), st.integers(0, 2))
@settings(deadline=None)
def test_accounts_agree_with_the_reference(world: CellInput, liars: int) -> None:
    """Every figure of every job is that of the loop over milliseconds."""
    fast = accounts(world, liars)
    slow = reference_account.account(world, window=WINDOW, liars=liars, z_micro=Z)
    assert slow.by_class == dict(fast.by_class)
    assert slow.contradictions == {(pair.one, pair.other) for pair in fast.contradictions}
    found = {
        part.job: reference_account.ReferenceJob(
            chip_ms=part.chip_ms,
            unobserved=part.unobserved_chip_ms,
            active_low=part.active_low_chip_ms,
            active_high=part.active_high_chip_ms,
            flop_high=part.flop_high,
        )
        for part in fast.by_job
    }
    assert slow.by_job == found


@given(worlds(), st.integers(0, 2))
@settings(deadline=None)
def test_figures_stay_within_what_is_possible(world: CellInput, liars: int) -> None:
    """Classes and jobs each add up to all chip-time; bounds are ordered and never above capacity."""
    account = accounts(world, liars)
    assert sum(chip_ms for _, chip_ms in account.by_class) == account.chip_ms
    assert sum(part.chip_ms for part in account.by_job) == account.chip_ms == LENGTH * world.cell.count
    for part in account.by_job:
        assert 0 <= part.unobserved_chip_ms <= part.chip_ms
        assert 0 <= part.active_low_chip_ms <= part.active_high_chip_ms <= part.chip_ms
        assert 0 <= part.flop_high <= -(-CHIP.peak_flop_per_second * part.chip_ms // 1000)


@given(worlds(), st.integers(0, 1))
@settings(deadline=None)
def test_one_more_liar_never_helps(world: CellInput, liars: int) -> None:
    """Room, unobserved and active upper bounds do not fall as f rises; the lower bound does not rise."""
    less, more = whole(world, liars), whole(world, liars + 1)
    assert less.flop_high <= more.flop_high
    assert less.unobserved_chip_ms <= more.unobserved_chip_ms
    assert less.active_high_chip_ms <= more.active_high_chip_ms
    assert less.active_low_chip_ms >= more.active_low_chip_ms


@given(st.data())
@settings(deadline=None)
def test_leaving_out_a_series_never_helps(data: st.DataObject) -> None:
    """A series whose blob is not held leaves at least as much room, unobserved and possibly active time."""
    meters, parts_of = [], []
    for number in range(data.draw(st.integers(1, 3))):
        channel = data.draw(st.sampled_from(Channel))
        parts = data.draw(part_lists(channel))
        parts_of.append(parts)
        domain = data.draw(st.sampled_from("aab"))
        meters.append(
            view(f"m{number}", domain, channel, parts, random_ppm=data.draw(st.sampled_from([0, 50_000])))
        )
    which = data.draw(st.integers(0, len(meters) - 1))
    gone = data.draw(st.integers(0, len(parts_of[which]) - 1))
    left = [part for index, part in enumerate(parts_of[which]) if index != gone]
    t = parts_of[which][gone].t
    missing = (Window(start=Instant(int(t[0])), end=Instant(int(t[-1]))),) if len(t) > 1 else ()
    poorer = list(meters)
    poorer[which] = replace(
        meters[which],
        steps=steps_of(left, channel=meters[which].channel, gap_ms_max=GAP) if left else None,
        missing=missing,
    )
    before, after = whole(cell_input(meters)), whole(cell_input(poorer))
    assert after.flop_high >= before.flop_high
    assert after.unobserved_chip_ms >= before.unobserved_chip_ms
    assert after.active_high_chip_ms >= before.active_high_chip_ms


@given(st.data())
@settings(deadline=None)
def test_leaving_out_readings_never_helps(data: st.DataObject) -> None:
    """Readings no denser than the agreed gap: without any of them a site has at least as much room.

    Denser readings may be thinned out to the gap, which is what the gap means; a counter may be thinned
    out at will.
    """
    channel = data.draw(st.sampled_from(Channel))
    drawn = data.draw(part_lists(channel))[0]
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=len(drawn), max_size=len(drawn))))
    if not keep.any():
        keep[0] = True
    poorer = Series(t=drawn.t[keep], v=drawn.v[keep], epoch=drawn.epoch[keep])
    spaced = int(np.diff(drawn.t).min()) if len(drawn) > 1 else GAP
    changes = {"random_ppm": data.draw(st.sampled_from([0, 50_000, 700_000])), "gap": spaced}
    before = whole(cell_input([view("m", "a", channel, [drawn], **changes)]))
    after = whole(cell_input([view("m", "a", channel, [poorer], **changes)]))
    assert after.flop_high >= before.flop_high
    assert after.active_high_chip_ms >= before.active_high_chip_ms
    if not channel.is_counter:
        assert after.unobserved_chip_ms >= before.unobserved_chip_ms


@given(worlds(), st.integers(0, 1))
@settings(deadline=None)
def test_a_domain_that_is_not_the_operators_only_ever_helps_to_see(world: CellInput, liars: int) -> None:
    """Without the meters of a domain of others that contradict nothing, a site has at least as much room."""
    account = accounts(world, liars)
    spoiled = {name for pair in account.contradictions for name in (pair.one, pair.other)}
    for domain in {one.domain for one in world.views if not one.own}:
        mine = [one for one in world.views if one.domain == domain]
        if any(one.missing or one.meter in spoiled for one in mine):
            continue
        rest = tuple(one for one in world.views if one.domain != domain)
        assert whole(replace(world, views=rest), liars).flop_high >= whole(world, liars).flop_high


@given(worlds(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_meters_does_not_matter(world: CellInput, chance: object) -> None:
    """Shuffled meters give the same account, apart from which of a contradicting pair is named first."""
    meters = list(world.views)
    chance.shuffle(meters)  # type: ignore[attr-defined]  # a random.Random
    one, other = accounts(world), accounts(replace(world, views=tuple(meters)))
    assert one.by_job == other.by_job
    assert one.by_class == other.by_class
    assert {frozenset((pair.one, pair.other)) for pair in one.contradictions} == {
        frozenset((pair.one, pair.other)) for pair in other.contradictions
    }


@given(worlds())
@settings(deadline=None)
def test_how_jobs_are_declared_never_moves_what_is_seen(world: CellInput) -> None:
    """Chip-time unobserved is the same whatever was declared; jobs only divide it."""
    assert sum(part.unobserved_chip_ms for part in accounts(world).by_job) == whole(world).unobserved_chip_ms


@pytest.mark.parametrize(
    ("level", "kind"),
    [
        (0, ChipTime.IDLE),
        (CHIPS * FLOOR - 1, ChipTime.ACTIVE),
        (CHIPS * FLOOR, ChipTime.IDLE),
        (CHIPS * IDLE, ChipTime.IDLE),
        (CHIPS * IDLE + 1, ChipTime.ACTIVE),
        (CHIPS * UNIT, ChipTime.ACTIVE),
    ],
)
def test_classes_by_power_change_exactly_at_the_agreed_levels(level: int, kind: ChipTime) -> None:
    """At the idle level a unit is idle; below the floor some chips are off and others may be busy."""
    account = accounts(cell_input([view("m", "a", Channel.POWER, [full(level)])]))
    assert {kind: LENGTH * CHIPS} == {found: chip_ms for found, chip_ms in account.by_class if chip_ms}


def test_phantom_chips_under_a_meter_hide_nothing() -> None:
    """Three chips flat out under a meter that names a hundred: the room is still that of three at full speed."""
    power = CHIPS * (FLOOR + 9)
    many = 100
    meter = view("m", "a", Channel.POWER, [full(power)], chips=many)
    found = whole(cell_input([meter], count=many))
    real = CHIP.peak_flop_per_second * CHIPS * LENGTH // 1000
    assert found.flop_high >= real
    assert found.active_high_chip_ms >= CHIPS * LENGTH


def test_power_switched_off_for_half_of_a_counter_step_hides_nothing() -> None:
    """An energy counter read at both ends only: the floor of the time that the machine was off is no discount."""
    energy = CHIPS * (FLOOR + 9) * 50_000
    long = Window(start=Instant(BASE), end=Instant(BASE + 100_000))
    meter = view("m", "a", Channel.ENERGY, [series([0, 100_000], [0, energy // 1000])])
    (found,) = account_cell(cell_input([meter]), window=long, liars=0, z_micro=Z).by_job
    assert found.unobserved_chip_ms == 0
    assert found.flop_high >= CHIP.peak_flop_per_second * CHIPS * 50_000 // 1000


def test_withholding_the_busiest_minutes_never_helps() -> None:
    """A stretch whose energy says nothing counts at full speed, whether or not it is filed."""
    parts = [full(CHIPS * UNIT * 3, last=12), full(CHIPS * IDLE, first=12)]
    both = whole(cell_input([view("m", "a", Channel.POWER, parts)]))
    less = whole(cell_input([view("m", "a", Channel.POWER, parts[1:])]))
    assert both.flop_high == less.flop_high


def test_a_series_between_two_others_cannot_be_skipped() -> None:
    """Without the series that shows a peak, the time between its neighbours is unobserved, not calm."""
    calm = [series([0, 3], [0, 0]), series([6, 9], [0, 0])]
    peak = series([3, 6], [CHIPS * UNIT, CHIPS * UNIT])
    found = whole(cell_input([view("m", "a", Channel.POWER, calm, gap=6)]))
    assert found.unobserved_chip_ms == (LENGTH - 6) * CHIPS
    shown = whole(cell_input([view("m", "a", Channel.POWER, [*calm, peak], gap=6)]))
    assert shown.flop_high <= found.flop_high


def test_series_that_touch_are_joined_without_overlap() -> None:
    """The last reading of one series may be the first of the next; more overlap than that is refused."""
    steps = steps_of([series([3, 6], [1, 1]), series([0, 3], [1, 1])], channel=Channel.POWER, gap_ms_max=GAP)
    assert [BASE, BASE + 3] == steps.start.tolist()
    with pytest.raises(ValueError, match="overlap"):
        steps_of([series([0, 4], [1, 1]), series([3, 6], [1, 1])], channel=Channel.POWER, gap_ms_max=GAP)
    with pytest.raises(ValueError, match="strictly increase"):
        steps_of([series([0, 3, 3], [1, 1, 1])], channel=Channel.POWER, gap_ms_max=GAP)


def test_a_contradiction_spoils_the_time_that_two_series_share() -> None:
    """The operator's meter is idle, a counterparty's is not: nobody is cleared for that time, and only for it."""
    own = view("own", "a", Channel.POWER, [full(CHIPS * IDLE)])
    other = view("other", "b", Channel.POWER, [full(CHIPS * UNIT, last=12)])
    account = accounts(cell_input([own, other]))
    assert [("own", "other")] == [(pair.one, pair.other) for pair in account.contradictions]
    assert {ChipTime.UNOBSERVED: 12 * CHIPS, ChipTime.IDLE: 12 * CHIPS} == {
        kind: chip_ms for kind, chip_ms in account.by_class if chip_ms
    }
    gone = replace(other, steps=None, missing=(Window(start=Instant(BASE), end=Instant(BASE + 12)),))
    assert whole(cell_input([own, gone])).flop_high == whole(cell_input([own, other])).flop_high


def test_a_switch_clears_only_in_other_hands() -> None:
    """An open breaker means off if a counterparty reads it, and nothing if the operator does."""
    switch = full(0)
    own = whole(cell_input([view("s", "a", Channel.BREAKER, [switch])]))
    other = whole(cell_input([view("s", "b", Channel.BREAKER, [switch])]))
    assert own.flop_high == CHIP.peak_flop_per_second * LENGTH * CHIPS // 1000
    assert (0, 0) == (other.flop_high, other.active_high_chip_ms)


def test_idle_is_never_nothing_by_power_alone() -> None:
    """Below the idle level operations are bounded by energy; a busy counter that stands still bounds them too."""
    power = view("p", "a", Channel.POWER, [full(CHIPS * IDLE)])
    busy = view("b", "a", Channel.BUSY, [full(0)])
    assert whole(cell_input([power])).flop_high > 0
    assert whole(cell_input([power, busy])).flop_high == whole(cell_input([busy])).flop_high == 0


def test_one_channel_accuses_even_where_another_has_a_gap() -> None:
    """What a busy counter shows is not undone by leaving out the power readings."""
    busy = view("b", "a", Channel.BUSY, [series([0, LENGTH], [0, LENGTH * CHIPS])])
    silent = view("p", "a", Channel.POWER, [])
    assert whole(cell_input([busy, silent])).active_low_chip_ms == LENGTH * CHIPS


def test_the_first_of_two_jobs_counts() -> None:
    """Where two jobs claim one cell at the same time, the earlier in the log has it."""
    found = accounts(cell_input([], [job("late", 0, 10), job("early", 5, 20)]))
    assert {"late": 10 * CHIPS, "early": 10 * CHIPS, None: 4 * CHIPS} == {
        part.job: part.chip_ms for part in found.by_job
    }
    other = accounts(cell_input([], [job("early", 5, 20), job("late", 0, 10)]))
    assert {"late": 5 * CHIPS, "early": 15 * CHIPS, None: 4 * CHIPS} == {
        part.job: part.chip_ms for part in other.by_job
    }
