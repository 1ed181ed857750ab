"""What is attainable: the published orders of magnitude, and exactness at the edge."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement_examples import PEAKS, REPLAY, agreement, clause
from allstop.agreement import Accounting, ObligationKind, attainable
from allstop.ids import Name
from allstop.times import DAY_MS
from allstop.units import PPM

H100 = Name("h100-sxm-80gb")
BY_FLEET = [kind for kind in ObligationKind if kind is not ObligationKind.VERIFY]


def test_1e24_in_a_year_certifies_16_then_320_then_16_thousand_h100() -> None:
    """The design's figures: p = 1.979e15 FLOP/s, buffer 1, relative error 1, 5 % and 0.1 %."""
    value = agreement(obligations=(clause("4.1", ObligationKind.PROHIBIT, tolerance=10**24 + 1),))
    rows = attainable(value, {H100: 1_979 * 10**12})
    assert [(row.clause, row.kind, row.chip_type, row.chips_max) for row in rows] == [
        ("4.1", ObligationKind.PROHIBIT, H100, ((PPM, 16), (50_000, 320), (1_000, 16_023)))
    ]
    assert rows[0].text == (
        "clause 4.1 can read CONSISTENT for at most 16 busy h100-sxm-80gb at a relative error of 100 %, "
        "320 busy h100-sxm-80gb at a relative error of 5 %, 16023 busy h100-sxm-80gb at a relative error of 0.1 %"
    )


def test_half_a_buffer_halves_the_fleet() -> None:
    """The buffer is the agreed share of a significant quantity that may stay unexplained."""
    terms = replace(agreement().verification, buffer_ppm=500_000)
    value = agreement(verification=terms, obligations=(clause("1", ObligationKind.PROHIBIT),))
    assert attainable(value, {H100: 1_979 * 10**12})[0].chips_max[0][1] == 8


def test_only_flop_depend_on_the_chip() -> None:
    """A prohibition has a row for each type of chip, sorted; the others that count chips have one row."""
    value = agreement(obligations=tuple(clause(f"{i}.1", kind) for i, kind in enumerate(BY_FLEET)))
    rows = attainable(value, PEAKS)
    assert [*sorted(PEAKS), None, None, None, None] == [row.chip_type for row in rows]
    assert [*["prohibit"] * 2, "register", "declare", "meter", "halt"] == [row.kind.value for row in rows]


def test_a_share_of_what_was_declared_limits_no_fleet() -> None:
    """A clause of the kind `verify` has no row, and takes none from the others."""
    verify, meter = clause("1", ObligationKind.VERIFY), clause("2", ObligationKind.METER)
    assert attainable(agreement(obligations=(verify,), replay=REPLAY), PEAKS) == ()
    both = agreement(obligations=(verify, meter), replay=REPLAY)
    assert attainable(agreement(obligations=(meter,)), PEAKS) == attainable(both, PEAKS)


def test_chip_time_is_counted_over_a_period_and_chips_once() -> None:
    """1,000 chip-hours a day are 41 unseen chips; ten chips are a breach whatever the time."""
    value = agreement(
        obligations=(
            clause("1", ObligationKind.METER, tolerance=3_600_000_000),
            clause("2", ObligationKind.REGISTER, tolerance=10),
        )
    )
    assert [row.chips_max[0][1] for row in attainable(value, {})] == [41, 9]


def test_accounts_shorter_than_the_window_count_only_their_own_time() -> None:
    """A single day of accounts cannot hide a year of work."""
    prohibit = (clause("1", ObligationKind.PROHIBIT),)
    day = agreement(obligations=prohibit, accounting=Accounting(start=None, period_ms=DAY_MS, periods=1))
    long = agreement(obligations=prohibit, accounting=Accounting(start=None, period_ms=DAY_MS, periods=1000))
    endless = agreement(obligations=prohibit)
    assert attainable(day, {H100: 1_979 * 10**12})[0].chips_max[0][1] == 5848
    assert attainable(endless, PEAKS) == attainable(long, PEAKS)


@pytest.mark.parametrize("kind", BY_FLEET)
@given(tolerance=st.integers(1, 10**26), window=st.integers(1, 10**9), peak=st.integers(1, 10**16))
def test_one_chip_more_would_reach_the_bound(
    kind: ObligationKind, tolerance: int, window: int, peak: int
) -> None:
    """The fleet is the largest: its error stays below the bound, and that of one chip more does not."""
    terms = replace(agreement().verification, window_ms=window)
    accounting = Accounting(start=None, period_ms=window, periods=None)
    value = agreement(
        verification=terms, accounting=accounting, obligations=(clause("1", kind, tolerance=tolerance),)
    )
    for error, chips in attainable(value, {H100: peak})[0].chips_max:
        # Everything in the unit of the clause, times PPM and, for FLOP, times the thousand of milliseconds.
        unit = {"prohibit": peak * window, "register": 1}.get(kind.value, window)
        bound = tolerance * PPM
        if kind is ObligationKind.PROHIBIT:
            bound = min(tolerance, 10**24) * PPM * 1000
        assert chips * error * unit < bound <= (chips + 1) * error * unit
