"""Verdicts: where an obligation's interval stands against its tolerance."""

from allstop.finding import Verdict

__all__ = ["Verdict", "judge", "weakest"]


_ORDER = (Verdict.CONSISTENT, Verdict.UNDETERMINED, Verdict.INCONSISTENT)


def judge(*, low: int, high: int | None, tolerance: int, duties_met: bool) -> Verdict:
    """Place the interval `[low, high]`, in the obligation's own unit, against its tolerance.

    `high` is None where nothing bounds it. Bad unless shown good: only an upper bound below the
    tolerance, with every evidence duty met, is CONSISTENT.
    """
    if low >= tolerance:
        return Verdict.INCONSISTENT
    if high is not None and high < tolerance and duties_met:
        return Verdict.CONSISTENT
    return Verdict.UNDETERMINED


def weakest(verdicts: tuple[Verdict, ...]) -> Verdict:
    """Return the weakest of some verdicts; of none, UNDETERMINED, since nothing was shown."""
    if not verdicts:
        return Verdict.UNDETERMINED
    return max(verdicts, key=_ORDER.index)
