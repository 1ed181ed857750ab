"""Credit: what re-execution takes off the room to hide, and the smallest run that it would have caught.

Implements spec/balance.md section 8. Only operations that were replayed from a draw made after they were
committed are credited; how they are proven is decided above (`allstop.verdict`).
"""

from dataclasses import dataclass, replace

from allstop.accountancy._account import JobAccount
from allstop.units import PPM

__all__ = ["PPB", "JobCredit", "caught_share_ppb", "credited", "missed_share_ppb"]

PPB = 1_000_000_000
"""Parts per billion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCredit:
    """What replay shows of one job in one window.

    `flop` is the lower bound of operations proven. Their time on one chip lies in `explained_low_chip_ms`,
    for what is proven, to `explained_high_chip_ms`, for all that was claimed; the latter is None where
    activity beyond it accuses nobody. `caught_ppb` is the share `d + 1 - beta^(1/n)` of the job's capacity
    above which a hidden run would have been caught; None where not all of the job's time was replayed.
    """

    flop: int
    explained_low_chip_ms: int
    explained_high_chip_ms: int | None
    caught_ppb: int | None
    timing_error_ppm: int


def missed_share_ppb(*, sample: int, miss_ppm: int) -> int:
    """Return `1 - beta^(1/n)` in parts per billion, rounded up: the share that n draws may miss.

    Drawing without replacement misses less, so the figure is safe. Range: `sample >= 1`,
    `0 < miss_ppm < 10^6`.
    """
    low, high = 0, PPB
    # The least x with (1 - x)^n <= beta, in exact integers.
    while low < high:
        middle = (low + high) // 2
        if (PPB - middle) ** sample * PPM <= miss_ppm * PPB**sample:
            high = middle
        else:
            low = middle + 1
    return low


def caught_share_ppb(*, sample: int, miss_ppm: int, timing_error_ppm: int) -> int:
    """Return `d + 1 - beta^(1/n)` in parts per billion, at most 1: DESIGN section 6, *Headline*."""
    return min(PPB, timing_error_ppm * 1000 + missed_share_ppb(sample=sample, miss_ppm=miss_ppm))


def credited(account: JobAccount, credit: JobCredit | None) -> JobAccount:
    """Return a job's account over an area with what replay shows of it.

    Credit is at most `U`: operations above it were done elsewhere, or not at all.
    """
    if account.job is None:
        return account
    if credit is None:
        return replace(account, excess_high_chip_ms=account.active_high_chip_ms)
    low = credit.explained_high_chip_ms
    return replace(
        account,
        credited_flop=min(credit.flop, account.flop_high),
        excess_low_chip_ms=0 if low is None else max(0, account.active_low_chip_ms - low),
        excess_high_chip_ms=max(0, account.active_high_chip_ms - credit.explained_low_chip_ms),
    )
