"""What declared operations would usually take: Baker's options A and B, for comparison only.

These rest on usual utilisation (MFU), so they are expectations with a low and a high end. No verdict
rests on them. Option C, matching the physical signature of a verified workload, needs re-execution
and is not computed here. Source: Baker et al., arXiv 2507.15916v2, Table 13.
"""

from dataclasses import dataclass

from allstop.units import CHIP_MS_PER_CHIP_HOUR, PPM

__all__ = ["Expected", "expected_chip_ms", "expected_hardware_flop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Ends of an expectation, `low <= high`, in the unit that the function names."""

    low: int
    high: int


def expected_chip_ms(
    declared_flop: int, *, peak_flop_per_second: int, mfu_low_ppm: int, mfu_high_ppm: int
) -> Expected:
    """Option A: chip-ms that the declared operations account for, `OP / (peak x MFU)`.

    A high utilisation gives the low end, which is the end that favours the verifier.
    """
    per_hour = peak_flop_per_second * 3600
    scale = declared_flop * CHIP_MS_PER_CHIP_HOUR * PPM
    return Expected(low=scale // (per_hour * mfu_high_ppm), high=-(-scale // (per_hour * mfu_low_ppm)))


def expected_hardware_flop(declared_flop: int, *, hfu_over_mfu_high_ppm: int) -> Expected:
    """Option B: hardware operations behind the declared ones, ratio 1 being the most conservative."""
    return Expected(low=declared_flop, high=-(-declared_flop * hfu_over_mfu_high_ppm // PPM))
