"""Rules over readings: integrity before content, and silence on the honest twin."""

from dataclasses import replace

import numpy as np
import pytest

from allstop.finding import Channel, Effect
from allstop.ids import Digest, Name, digest_of
from allstop.registry import Site
from allstop.telemetry import Series
from allstop.times import HOUR_MS, INSTANT_MS_MAX, Instant, Window
from allstop.verdict import CaseVerdict
from verdict_world import ALDER, CEDAR, HOUR, START, STEP_MS, World, codes, honest, power, series_of, terms

UNIT_MS = 8 * HOUR_MS
"""Chip-time of one server in the hour."""


def metered(series: Series, *others: Series, channel: Channel = Channel.POWER, **changes: object) -> World:
    """Return the honest world in which the second server's meter shows these series instead."""
    world = honest()
    close, job = world.filings.pop(), world.filings.pop()
    del world.filings[5], world.filings[3]
    world.meter("node-2", 8, 16, channel=channel)
    for one in (series, *others):
        world.measure("node-2", one, channel=channel, **changes)  # type: ignore[arg-type]  # fields of a claim
    world.filings += [job, close]
    return world


def unobserved(verdict: CaseVerdict) -> int:
    """Return the chip-time at hall-1 that nobody saw."""
    return next(site for site in verdict.sites if site.site == "hall-1").balances[0][0].unobserved_chip_ms


def assert_found(world: World, code: str, chip_ms: int = UNIT_MS) -> None:
    """Check that the rule fires alone and takes out that much chip-time."""
    verdict = world.judge()
    assert {code} == codes(verdict)
    assert chip_ms == unobserved(verdict)
    assert {Effect.UNOBSERVED} == {finding.effect for finding in verdict.findings}


def test_two_histories_for_one_time_count_neither() -> None:
    """TEL-001: overlapping series that differ are both out."""
    assert_found(metered(power("idle", 31), power("idle", 32)), "TEL-001")


def test_a_history_filed_twice_counts_once() -> None:
    """TEL-001: of two equal series the later is a copy, and nothing becomes unobserved."""
    verdict = metered(power("idle", 3), power("idle", 3)).judge()
    assert {"TEL-001", "TEL-005"} == codes(verdict)
    assert unobserved(verdict) == 0


def test_series_that_touch_do_not_overlap() -> None:
    """The honest twin: the last reading of the first half is the first of the second."""
    half = HOUR_MS // 2
    whole = power("idle", 4)
    cut = len(whole) // 2
    first = Series(t=whole.t[: cut + 1], v=whole.v[: cut + 1], epoch=whole.epoch[: cut + 1])
    second = Series(t=whole.t[cut:], v=whole.v[cut:], epoch=whole.epoch[cut:])
    assert first.latest == second.earliest == START.plus(half)
    verdict = metered(first, second).judge()
    assert (set(), 0) == (codes(verdict), unobserved(verdict))


def test_overlaps_among_many_series_are_those_of_all_pairs() -> None:
    """TEL-001 against every pair: random spans, some equal, of one meter."""
    chance = np.random.default_rng(7)
    world = honest()
    parts = []
    for number in range(40):
        first, length = int(chance.integers(0, 300)), int(chance.integers(1, 12))
        parts.append(power("idle", number % 30, first=first * STEP_MS, last=(first + length) * STEP_MS))
    world.meter("node-3", 8, 16)
    entries = [world.measure("node-3", one) for one in parts]
    out = set()
    for i, one in enumerate(parts):
        for j, other in enumerate(parts):
            same = np.array_equal(one.t, other.t) and np.array_equal(one.v, other.v)
            meet = one.earliest < other.latest and other.earliest < one.latest
            if i != j and ((same and j < i) or (meet and not same)):
                out.add(entries[i])
    found = {finding.rests_on for finding in world.judge().findings if finding.code == "TEL-001"}
    assert out <= {entry for pair in found for entry in pair}
    assert {entry for pair in found for entry in pair} - out <= set(entries)


@pytest.mark.parametrize("step", [0, -STEP_MS])
def test_a_clock_that_stands_still_or_runs_backwards(step: int) -> None:
    """TEL-002: one such step and the series is out."""
    bent = power("idle", 5)
    times = bent.t.copy()
    times[100] = times[99] + step
    assert_found(metered(Series(t=times, v=bent.v, epoch=bent.epoch)), "TEL-002")


def test_readings_outside_the_window_that_files_them() -> None:
    """TEL-003: a measurement of half an hour does not speak for the other half."""
    half = Window(start=START, end=START.plus(HOUR_MS // 2))
    assert_found(metered(power("idle", 6), window=half), "TEL-003")


@pytest.mark.parametrize(
    "stated",
    [
        {"stated_from": START, "stated_until": START},
        {"stated_from": START.plus(1)},
        {"stated_until": HOUR.end.plus(-1)},
        {"stated_from": HOUR.end, "stated_until": START},
    ],
)
def test_readings_outside_what_their_own_source_states(stated: dict[str, Instant]) -> None:
    """TEL-003: a file that contradicts itself about when it was recorded is out, nonsense included."""
    assert_found(metered(power("idle", 7), **stated), "TEL-003")  # type: ignore[arg-type]  # fields of a claim


def test_readings_inside_what_their_source_states_stand() -> None:
    """The honest twin: the source names a period that holds all of them, to the millisecond."""
    verdict = metered(power("idle", 8), stated_from=START, stated_until=HOUR.end).judge()
    assert (set(), 0) == (codes(verdict), unobserved(verdict))


@pytest.mark.parametrize("value", [-1, 10_200_001, 959_999, 1])
def test_impossible_power(value: int) -> None:
    """TEL-004: negative, above rated, above zero and below the idle draw that was registered."""
    bent = power("idle", 9)
    values = bent.v.copy()
    values[7] = value
    assert_found(metered(Series(t=bent.t, v=values, epoch=bent.epoch)), "TEL-004")


@pytest.mark.parametrize("value", [0, 960_000, 10_200_000])
def test_power_at_the_ends_of_what_is_possible(value: int) -> None:
    """The honest twin: zero, the idle draw and the rating themselves are possible."""
    bent = power("idle", 10)
    values = bent.v.copy()
    values[7] = value
    assert "TEL-004" not in codes(metered(Series(t=bent.t, v=values, epoch=bent.epoch)).judge())


@pytest.mark.parametrize(
    ("channel", "values", "is_possible"),
    [
        (Channel.TENSOR, [0, 10**6], True),
        (Channel.TENSOR, [0, 10**6 + 1], False),
        (Channel.TENSOR, [-1, 0], False),
        (Channel.BREAKER, [0, 1], True),
        (Channel.BREAKER, [0, 2], False),
        (Channel.BUSY, [0, UNIT_MS], True),
        (Channel.BUSY, [0, 2 * UNIT_MS], False),
        (Channel.BUSY, [5, 4], False),
        (Channel.BUSY, [0, 2**61], False),
        (Channel.ENERGY, [0, 8 * 1275 * HOUR_MS], True),
        (Channel.ENERGY, [0, 8 * 1275 * HOUR_MS * 2], False),
        (Channel.ENERGY, [-(2**61), 2**61], False),
    ],
)
def test_impossible_values_of_other_channels(channel: Channel, values: list[int], is_possible: bool) -> None:
    """TEL-004: shares above one, switches neither on nor off, counters that fall or run too fast."""
    found = codes(metered(series_of([0, HOUR_MS], values), channel=channel).judge())
    assert is_possible == ("TEL-004" not in found)


def test_the_largest_times_and_counters_do_not_overflow() -> None:
    """TEL-004 on two readings at the ends of time over a billion chips: judged, not wrapped around."""
    world = honest()
    ages = Series(
        t=np.array([0, INSTANT_MS_MAX], dtype=np.int64),
        v=np.array([-(2**61), 2**61], dtype=np.int64),
        epoch=np.zeros(2, dtype=np.int32),
    )
    for channel in (Channel.BUSY, Channel.ENERGY):
        world.meter(f"old-{channel.value}", 0, 10**9, channel=channel, party=CEDAR)
        world.measure(f"old-{channel.value}", ages, channel=channel, party=CEDAR)
    assert "TEL-003" in codes(world.judge())


def shifted(series: Series, *, by: int = 0, offset: int = 0) -> Series:
    """Return the same changes at another time and another level."""
    return Series(t=series.t + by, v=series.v + offset, epoch=series.epoch)


def test_a_meter_that_repeats_itself() -> None:
    """TEL-005: the first half hour is filed again for the second, at other times and a watt higher."""
    half = HOUR_MS // 2
    first = power("idle", 11, last=half - STEP_MS)
    assert_found(metered(first, shifted(first, by=half, offset=1000)), "TEL-005", UNIT_MS // 2 + 8 * STEP_MS)


def test_a_series_that_repeats_itself_inside() -> None:
    """TEL-005: a single series whose second half is its first half again."""
    first = power("idle", 12, last=HOUR_MS // 2 - STEP_MS)
    both = Series(
        t=np.concatenate([first.t, first.t + HOUR_MS // 2]),
        v=np.concatenate([first.v, first.v]),
        epoch=np.concatenate([first.epoch, first.epoch]),
    )
    assert_found(metered(both), "TEL-005")


def test_a_flat_line_is_no_copy() -> None:
    """The honest twin: a machine that is off shows zeros again and again."""
    half = HOUR_MS // 2
    verdict = metered(power("off", 0, last=half), power("off", 0, first=half)).judge()
    assert (set(), 0) == (codes(verdict), unobserved(verdict))


@pytest.mark.parametrize("length", [31, 32])
def test_a_copy_is_told_from_chance_by_its_length(length: int) -> None:
    """TEL-005 needs 32 changes in a row; 31 are not enough to accuse anybody."""
    first = power("idle", 13, last=HOUR_MS // 2 - STEP_MS)
    second = power("idle", 14, first=HOUR_MS // 2)
    values = second.v.copy()
    values[50 : 50 + length + 1] = first.v[20 : 20 + length + 1]
    copied = Series(t=second.t, v=values, epoch=second.epoch)
    assert (length == 32) == ("TEL-005" in codes(metered(first, copied).judge()))


def test_two_meters_with_the_same_readings() -> None:
    """TEL-006: the first in the log counts, the second is out."""
    assert_found(metered(power("busy", 1)), "TEL-006")


def test_one_series_of_a_blob_for_two_meters() -> None:
    """TEL-006: even a flat line cannot be the reading of two meters if it is the very same series."""
    world = honest()
    close, job = world.filings.pop(), world.filings.pop()
    del world.filings[4:]
    flat = power("off", 0)
    blob = world.hold("shared", only=flat)
    world.measure("node-1", flat, blob=blob)
    world.measure("node-2", flat, blob=blob)
    world.filings += [job, close]
    verdict = world.judge()
    assert "TEL-006" in codes(verdict)
    assert unobserved(verdict) == UNIT_MS


def test_meters_that_contradict_each_other() -> None:
    """TEL-007: the operator's meter is idle, the verifier's is not; the time that they share is unobserved."""
    world = honest()
    world.meter("eye", 8, 16, party=CEDAR)
    world.measure("eye", power("busy", 15), party=CEDAR)
    verdict = world.judge()
    assert {"TEL-007", "ACC-001"} == codes(verdict)
    (found,) = [one for one in verdict.findings if one.code == "TEL-007"]
    assert {5, 9} == set(found.rests_on)
    assert unobserved(verdict) == UNIT_MS


@pytest.mark.parametrize("field", ["count", "first", "last", "total"])
def test_claims_that_differ_from_the_readings(field: str) -> None:
    """TEL-008: each figure that the statement gives of a series must be that of the series."""
    series = power("idle", 16)
    wrong = {
        "count": len(series) + 1,
        "first": START.plus(1),
        "last": HOUR.end.plus(-1),
        "total": 7,
    }
    assert_found(metered(series, **{field: wrong[field]}), "TEL-008")  # type: ignore[arg-type]  # as above


def test_a_claim_of_fewer_readings_than_there_are_is_not_read() -> None:
    """TEL-009: a reader never takes in more readings than the statement owns up to."""
    series = power("idle", 17)
    assert_found(metered(series, count=len(series) - 1), "TEL-009")


@pytest.mark.parametrize(
    ("stated", "is_wrong"), [(1000, False), (999, False), (1002, False), (998, True), (1003, True)]
)
def test_stated_totals_within_what_was_agreed(stated: int, is_wrong: bool) -> None:
    """TEL-008: a total stated elsewhere may differ by 0.2 % of itself, and no more."""
    flat = series_of(list(range(0, HOUR_MS + 1, STEP_MS)), [1_000_000] * 361)
    world = metered(flat, stated_total_millijoule=stated * 1000 * 3600)
    assert is_wrong == ("TEL-008" in codes(world.judge()))


def test_readings_of_a_meter_that_was_never_registered() -> None:
    """TEL-009: nobody knows which chips they speak of."""
    world = honest()
    world.measure("node-9", power("idle", 18))
    verdict = world.judge()
    assert {"TEL-009"} == codes(verdict)
    assert unobserved(verdict) == 0


def test_readings_filed_for_another_site_than_the_meters() -> None:
    """TEL-009: a measurement of hall-2 cannot use a meter of hall-1."""
    world = metered(power("idle", 19), site=Name("hall-2"))
    world.file(ALDER, Site(site=Name("hall-2"), operator=ALDER, note=""))
    verdict = world.judge()
    assert "TEL-009" in codes(verdict)
    assert unobserved(verdict) == UNIT_MS


def test_a_blob_that_lacks_the_series_it_is_named_for() -> None:
    """TEL-009: the blob is held, the row is not in it; a blob that is not held is nobody's fault."""
    world = metered(power("idle", 20), row=5)
    assert_found(world, "TEL-009")
    gone: set[Digest] = {
        digest for digest in world.blobs if world.blobs[digest][0].v[0] != power("busy", 1).v[0]
    }
    assert "TEL-009" not in codes(world.judge(without_blobs=gone))
    assert digest_of(b"") not in gone


def test_of_two_registrations_of_a_meter_the_first_counts() -> None:
    """Who registers a meter again over other chips, or with other figures, gains nothing."""
    world = honest()
    world.meter("node-2", 8, 9, rated_milliwatt=20_000_000)
    before, after = honest().judge(), world.judge()
    assert before.room_flop == after.room_flop
    assert before.sites[0].balances == after.sites[0].balances


def test_meters_over_no_chips_clear_nobody() -> None:
    """A meter of a switch covers no chip and is in no account."""
    world = honest()
    world.meter("switch", covers=())
    world.measure("switch", power("idle", 21))
    assert honest().judge().sites[0].balances == world.judge().sites[0].balances


def test_f_domains_may_lie() -> None:
    """With one liar agreed, the operator alone clears nothing; with a verifier's meter besides it does."""
    agreed = {"verification": replace(terms().verification, liars=1)}
    alone = honest(**agreed)
    assert unobserved(alone.judge()) == 0
    assert alone.judge().room_flop[1] == 16 * 2 * 10**15 * 3600
    assert alone.judge().verdict.value == "UNDETERMINED"


@pytest.mark.parametrize("seed", range(20))
def test_threat_a1_last_hours_readings_with_a_fresh_clock_are_rejected(seed: int) -> None:
    """Any stretch of at least 33 readings, moved to another time and raised by a constant, is found."""
    chance = np.random.default_rng(seed)
    count = int(chance.integers(33, 180))
    first = int(chance.integers(0, 180 - count + 1))
    quiet = power("idle", 200 + seed, last=HOUR_MS // 2 - STEP_MS)
    busy = power("busy", 300 + seed, first=HOUR_MS // 2)
    at = int(chance.integers(0, len(busy) - count + 1))
    values = busy.v.copy()
    values[at : at + count] = quiet.v[first : first + count] + int(chance.integers(0, 10**6))
    verdict = metered(quiet, Series(t=busy.t, v=values, epoch=busy.epoch)).judge()
    assert "TEL-005" in codes(verdict)
    assert unobserved(verdict) >= UNIT_MS // 2


@pytest.mark.parametrize("seed", range(10))
def test_threat_a2_a_gap_counts_at_full_capacity(seed: int) -> None:
    """Readings cut out of the idle server for a while: that while is unobserved, and the room rises by `p t`."""
    chance = np.random.default_rng(seed)
    whole = power("idle", 400 + seed)
    first = int(chance.integers(0, 300))
    last = first + int(chance.integers(2, 60))
    keep = np.ones(len(whole), dtype=np.bool_)
    keep[first + 1 : last] = False
    cut = Series(t=whole.t[keep], v=whole.v[keep], epoch=whole.epoch[keep])
    before, after = metered(whole).judge(), metered(cut).judge()
    assert unobserved(after) == 8 * (last - first) * STEP_MS
    full = 8 * 2 * 10**15 * (last - first) * STEP_MS // 1000
    idle_at_most = 0.7 * full
    assert full - idle_at_most < after.room_flop[0] - before.room_flop[0] < full
