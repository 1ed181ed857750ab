"""What is attainable: the largest honest fleet that could earn CONSISTENT under a clause.

Implements spec/agreement.md, section "Attainable". Accounts with relative error `d` certify at most
`N = buffer x SQ / (d p W)` busy chips of `p` FLOP/s over a window `W`, and `N = tolerance / (d T)` chips
where chip-time is counted over a period `T`; d = 1 is a fleet about which only the number of chips is
known. Says nothing about chips that are off, idle or replayed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from allstop.agreement._agreement import Agreement
from allstop.agreement._obligation import Obligation, ObligationKind
from allstop.ids import Name
from allstop.units import PPM

__all__ = ["RELATIVE_ERRORS_PPM", "Attainable", "attainable", "fleet_max"]

RELATIVE_ERRORS_PPM = (PPM, PPM // 20, PPM // 1000)
"""Relative errors of accounts that are shown: 100 %, 5 %, 0.1 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attainable:
    """The largest fleets for one clause, by relative error of the accounts.

    Example: clause "4.1", prohibit, `h100-sxm-80gb`, chips_max ((1000000, 16), (50000, 320), (1000, 16023)).
    `chip_type` is None where the bound does not depend on the chip.
    """

    clause: str
    kind: ObligationKind
    chip_type: Name | None
    chips_max: tuple[tuple[int, int], ...]
    text: str


def attainable(agreement: Agreement, peaks: Mapping[Name, int]) -> tuple[Attainable, ...]:
    """Return what each clause allows to certify; `peaks` is the dense peak FLOP/s by type of chip.

    The peak must be the highest over all number formats, since operations count in the format used.
    """
    rows: list[Attainable] = []
    for obligation in agreement.obligations:
        if obligation.kind is ObligationKind.VERIFY:
            continue  # A share of what was declared: it does not depend on the size of the fleet.
        # Only FLOP depend on the chip; the other kinds count chips or their time.
        is_by_chip = obligation.kind is ObligationKind.PROHIBIT
        types: list[Name | None] = [*sorted(peaks)] if is_by_chip else [None]
        rows.extend(_row(agreement, obligation, chip_type, peaks) for chip_type in types)
    return tuple(rows)


def _row(
    agreement: Agreement, obligation: Obligation, chip_type: Name | None, peaks: Mapping[Name, int]
) -> Attainable:
    peak = 1 if chip_type is None else peaks[chip_type]
    sizes = tuple(
        (error, fleet_max(agreement, obligation, error_ppm=error, peak_flop_per_second=peak))
        for error in RELATIVE_ERRORS_PPM
    )
    what = "chips" if chip_type is None else f"busy {chip_type}"
    parts = ", ".join(f"{size} {what} at a relative error of {_percent(error)}" for error, size in sizes)
    return Attainable(
        clause=obligation.clause,
        kind=obligation.kind,
        chip_type=chip_type,
        chips_max=sizes,
        text=f"clause {obligation.clause} can read CONSISTENT for at most {parts}",
    )


def fleet_max(
    agreement: Agreement, obligation: Obligation, *, error_ppm: int, peak_flop_per_second: int
) -> int:
    """Return the largest number of chips whose accounts, this wrong, still stay below the clause's bound."""
    accounting, terms = agreement.accounting, agreement.verification
    bound, per_chip = obligation.tolerance * PPM, error_ppm
    if obligation.kind is ObligationKind.PROHIBIT:
        # Room to hide is summed over the window, and never over more than what is accounted for at all.
        span_ms = terms.window_ms
        if accounting.periods is not None:
            span_ms = min(span_ms, accounting.periods * accounting.period_ms)
        bound = min(bound, terms.buffer_ppm * terms.significant_quantity_flop) * 1000
        per_chip *= peak_flop_per_second * span_ms
    elif obligation.kind is not ObligationKind.REGISTER:
        per_chip *= accounting.period_ms
    # CONSISTENT needs strictly less than the bound, hence the 1.
    return (bound - 1) // per_chip


def _percent(ppm: int) -> str:
    whole, rest = divmod(ppm, PPM // 100)
    return f"{whole} %" if rest == 0 else f"{whole}.{rest:04d}".rstrip("0") + " %"
