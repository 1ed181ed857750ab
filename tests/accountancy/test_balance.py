"""Balances of areas, the sliding window, times to a threshold, expectations, and where verdicts change."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.accountancy import (
    Cell,
    CellAccount,
    ChipTime,
    Contradiction,
    JobAccount,
    JobCredit,
    Verdict,
    balance_of,
    energy_spread_microjoule,
    expected_chip_ms,
    expected_hardware_flop,
    inflation_ppm,
    judge,
    normal_quantile_micro,
    room_in_window,
    time_needed_ms,
    weakest,
)
from allstop.ids import Name
from allstop.times import DAY_MS, HOUR_MS, Instant, Window

H100E = 990 * 10**12
"""Operations a second of one H100-equivalent, as the treaty text counts it."""


def part(job: str | None, flop: int, chip_ms: int = 10) -> JobAccount:
    """Return a job's part of a cell with this bound."""
    return JobAccount(
        job=None if job is None else Name(job),
        chip_ms=chip_ms,
        unobserved_chip_ms=1,
        active_low_chip_ms=2,
        active_high_chip_ms=3,
        presumed_flop=4,
        flop_high=flop,
    )


def cell(*parts: JobAccount, count: int = 2) -> CellAccount:
    """Return the account of a cell."""
    chip_ms = sum(one.chip_ms for one in parts)
    return CellAccount(
        cell=Cell(chip_type=Name("fast"), count=count, meters=(), jobs=()),
        chip_ms=chip_ms,
        by_class=((ChipTime.ACTIVE, chip_ms),),
        by_job=parts,
        contradictions=(Contradiction(one=Name("m"), other=Name("n")),),
    )


def test_a_balance_adds_up_cells_job_by_job() -> None:
    """Parts of one job in several cells are one part; the room is that of the chips undivided."""
    balance = balance_of(
        site=Name("hall-1"),
        window=Window(start=Instant(0), end=Instant(10)),
        liars=1,
        cells=[(cell(part("b", 100), part(None, 7)), 3000), (cell(part("a", 50), part("b", 5)), 1000)],
        wholes=[cell(part(None, 140), count=4)],
        declared_flop={Name("a"): 60, Name("b"): 20},
        credits={},
    )
    assert [("a", 50), ("b", 105), (None, 7)] == [(one.job, one.flop_high) for one in balance.by_job]
    assert (40, 4) == (balance.chip_ms, balance.unobserved_chip_ms)
    assert balance.capacity_flop == 60 + 20
    assert balance.capacity_flop_per_second == 2 * 3000 + 2 * 1000
    assert balance.room_flop == 140
    # Job a declares more than its bound; that surplus pays for nothing in job b.
    assert balance.room_if_true_flop == 0 + 85 + 7
    assert balance.undeclared == part(None, 7)
    assert balance.observed_share_ppm == 900_000
    assert len(balance.contradictions) == 1


def test_what_one_meter_bounds_together_may_have_been_beside_the_replayed_job() -> None:
    """A meter over two chips allows 1000 operations, on either; a job on one was replayed: the rest was on the other."""
    window = Window(start=Instant(0), end=Instant(10))
    credit = JobCredit(
        flop=500,
        explained_low_chip_ms=10,
        explained_high_chip_ms=10,
        caught_ppb=10_000_000,
        timing_error_ppm=0,
    )
    found = balance_of(
        site=Name("hall-1"),
        window=window,
        liars=0,
        cells=[(cell(part("run", 1000), count=1), 1000), (cell(part(None, 1000), count=1), 1000)],
        wholes=[cell(part(None, 1000, 20))],
        declared_flop={},
        credits={Name("run"): credit},
    )
    assert found.caught_flop is not None
    assert (500, 0, 500) == (found.room_flop, found.replayable_flop, found.hidden_flop)


def test_an_empty_balance_has_seen_nothing() -> None:
    """A site without chips has no share that was observed."""
    window = Window(start=Instant(0), end=Instant(1))
    balance = balance_of(
        site=Name("s"),
        window=window,
        liars=0,
        cells=[],
        wholes=[],
        declared_flop={},
        credits={},
    )
    assert (0, 0, 0) == (balance.room_flop, balance.observed_share_ppm, balance.undeclared.chip_ms)


periods = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 9), st.integers(0, 100)), min_size=1, max_size=8
)


@given(periods, st.integers(1, 40))
def test_the_sliding_window_finds_the_worst_stretch(drawn: list[tuple[int, int, int]], length: int) -> None:
    """Every window with ends in half milliseconds is tried; each period that it touches counts whole."""
    rooms, at = [], 0
    for pause, duration, flop in drawn:
        rooms.append((Window(start=Instant(at + pause), end=Instant(at + pause + duration)), flop))
        at += pause + duration
    best = max(
        sum(
            flop
            for window, flop in rooms
            if 2 * window.start.ms < end and 2 * window.end.ms > end - 2 * length
        )
        for end in range(2 * at + 2)
    )
    assert best == room_in_window(rooms, window_ms=length)


def test_no_periods_leave_no_room() -> None:
    """Nothing accounted for is no figure to add up; the verdict is UNDETERMINED for other reasons."""
    assert room_in_window([], window_ms=1) == 0


@pytest.mark.parametrize(
    ("chips", "flop", "seconds", "days"),
    [
        (100_000, 10**22, "1.0e2", "0.001"),
        (100_000, 10**24, "1.0e4", "0.1"),
        (10_000, 10**22, "1.0e3", "0.012"),
        (10_000, 10**24, "1.0e5", "1.2"),
        (1_000, 10**22, "1.0e4", "0.1"),
        (1_000, 10**24, "1.0e6", "11.7"),
        (100, 10**22, "1.0e5", "1.2"),
        (100, 10**24, "1.0e7", "116.9"),
        (16, 10**22, "6.3e5", "7.3"),
        (16, 10**24, "6.3e7", "730.7"),
        (1, 10**22, "1.0e7", "116.9"),
        (1, 10**24, "1.0e9", "11691.0"),
    ],
)
def test_times_to_a_threshold_are_those_of_the_treaty(chips: int, flop: int, seconds: str, days: str) -> None:
    """Appendix D of arXiv 2511.10783v3, all twelve cells, to the digits that it prints."""
    ms = time_needed_ms(flop=flop, flop_per_second=chips * H100E)
    assert ms is not None
    assert float(seconds) == pytest.approx(ms / 1000, rel=0.012)
    digits = len(days.partition(".")[2])
    assert float(days) == pytest.approx(ms / DAY_MS, abs=0.51 * 10**-digits)


def test_a_capacity_of_nothing_never_gets_there() -> None:
    """Nothing, or next to nothing, has no time that could be written down."""
    assert time_needed_ms(flop=1, flop_per_second=0) is None
    assert time_needed_ms(flop=10**40, flop_per_second=1) is None


@pytest.mark.parametrize(
    ("mfu", "chip_hours"), [(400_000, 701459.034792), (500_000, 561167.227834), (600_000, 467639.356528)]
)
def test_option_a_gives_the_published_chip_hours(mfu: int, chip_hours: float) -> None:
    """Baker et al., table 13: 1e24 operations at 3.564e18 an hour and a utilisation."""
    found = expected_chip_ms(10**24, peak_flop_per_second=H100E, mfu_low_ppm=mfu, mfu_high_ppm=mfu)
    assert chip_hours == pytest.approx(found.low / HOUR_MS, abs=1e-6)
    assert 0 <= found.high - found.low <= 1


@pytest.mark.parametrize(
    ("ratio", "flop"), [(1_000_000, 10**24), (1_250_000, 125 * 10**22), (1_333_000, 1333 * 10**21)]
)
def test_option_b_gives_the_published_operations(ratio: int, flop: int) -> None:
    """Baker et al., table 13: the low end assumes a ratio of 1, the most conservative."""
    found = expected_hardware_flop(10**24, hfu_over_mfu_high_ppm=ratio)
    assert (10**24, flop) == (found.low, found.high)


@pytest.mark.parametrize(
    ("alpha_ppm", "splits", "z"),
    [
        (50_000, 1, 1.644853627),
        (25_000, 1, 1.959963985),
        (10_000, 1, 2.326347874),
        (1_000, 1, 3.090232306),
        (50_000, 5, 2.326347874),
        (1, 1000, 5.997807015),
        (158_655, 1, 1.0),
        (499_999, 1, 0.0000025),
    ],
)
def test_quantiles_are_the_known_ones_rounded_up(alpha_ppm: int, splits: int, z: float) -> None:
    """Values of published tables; never below them, and above by a few millionths at most."""
    found = normal_quantile_micro(alpha_ppm=alpha_ppm, splits=splits)
    assert -1e-6 * 0.5 <= found / 1e6 - z <= 8e-6


def test_quantiles_hold_however_finely_alpha_is_split() -> None:
    """A probability so small that one minus it is one still has a finite quantile, and they rise."""
    found = [normal_quantile_micro(alpha_ppm=1, splits=10**power) for power in range(0, 40, 4)]
    assert all(before < after for before, after in pairwise(found))
    assert found[-1] < 15_000_000


@pytest.mark.parametrize(("alpha_ppm", "splits"), [(0, 1), (500_000, 1), (1, 0)])
def test_quantiles_of_nonsense_are_refused(alpha_ppm: int, splits: int) -> None:
    """Alpha of nothing or of a half, or split over nothing, has no bound."""
    with pytest.raises(ValueError, match="want 1 to 499999"):
        normal_quantile_micro(alpha_ppm=alpha_ppm, splits=splits)


@given(
    st.lists(st.integers(0, 10**15), max_size=6),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(1, 8 * 10**6),
)
def test_the_spread_is_that_of_the_formula_rounded_up(
    energies: list[int], random_ppm: int, systematic_ppm: int, z_micro: int
) -> None:
    """Against floating point: `z sqrt(sum s_i^2 + (sum b_i)^2)`, outward by next to nothing."""
    total, squares = sum(energies), sum(one * one for one in energies)
    spread = energy_spread_microjoule(
        total=total, squares=squares, random_ppm=random_ppm, systematic_ppm=systematic_ppm, z_micro=z_micro
    )
    exact = z_micro / 1e6 * math.sqrt(squares * (random_ppm / 1e6) ** 2 + (total * systematic_ppm / 1e6) ** 2)
    assert exact * (1 - 1e-12) <= spread <= exact * (1 + 1e-12) + 2


def test_the_error_of_one_reading_is_both_errors_at_the_quantile() -> None:
    """1 % and 1 % at z = 2.5 are 5 %, rounded up."""
    assert inflation_ppm(random_ppm=10_000, systematic_ppm=10_000, z_micro=2_500_000) == 50_000
    assert inflation_ppm(random_ppm=1, systematic_ppm=0, z_micro=1) == 1


@pytest.mark.parametrize(
    ("low", "high", "duties_met", "verdict"),
    [
        (10, 10, True, Verdict.INCONSISTENT),
        (10, None, False, Verdict.INCONSISTENT),
        (9, 10, True, Verdict.UNDETERMINED),
        (9, 9, True, Verdict.CONSISTENT),
        (9, 9, False, Verdict.UNDETERMINED),
        (0, None, True, Verdict.UNDETERMINED),
    ],
)
def test_verdicts_change_exactly_at_the_tolerance(
    low: int, high: int | None, duties_met: bool, verdict: Verdict
) -> None:
    """At the tolerance from below is a breach, just under it from above is consistent, if duties are met."""
    assert verdict is judge(low=low, high=high, tolerance=10, duties_met=duties_met)


def test_the_weakest_verdict_stands() -> None:
    """One INCONSISTENT outweighs all, UNDETERMINED outweighs CONSISTENT, and nothing shows nothing."""
    good, open_, bad = Verdict.CONSISTENT, Verdict.UNDETERMINED, Verdict.INCONSISTENT
    assert [good, open_, bad, open_] == [
        weakest(some) for some in ((good, good), (good, open_), (open_, bad, good), ())
    ]
