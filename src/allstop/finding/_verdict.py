"""Verdicts: the three outcomes of a judgement. Terms and statements name them, judgements make them."""

from enum import Enum

__all__ = ["Verdict"]


class Verdict(Enum):
    """Outcome of a judgement; a value, never an error. `INCONSISTENT` is not a confirmed violation."""

    CONSISTENT = "CONSISTENT"
    UNDETERMINED = "UNDETERMINED"
    INCONSISTENT = "INCONSISTENT"
