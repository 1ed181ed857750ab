"""Accounts of cells against the reference, and what leaving anything out can never do."""

from hypothesis import given, settings
from hypothesis import strategies as st

from accountancy import reference_account
from accountancy.account_worlds import WINDOW, Z, worlds
from allstop.accountancy import CellAccount, CellInput, account_cell


def accounts(world: CellInput, liars: int = 0) -> CellAccount:
    """Account for a world at the quantile of these tests."""
    return account_cell(world, window=WINDOW, liars=liars, z_micro=Z)


@given(worlds(), st.integers(0, 2))
@settings(max_examples=400, deadline=None)
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
