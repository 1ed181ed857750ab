"""Replay: how much of declared work is re-executed, and by when commitments and openings are due.

Implements spec/agreement.md, section "Replay". An agreement without it asks for no re-execution, and no
job under it is ever verified.
"""

from dataclasses import dataclass

from allstop.agreement._checks import build, check_duration, check_ppm
from allstop.canon import JSON, Fields
from allstop.units import PPM

__all__ = ["ReplayTerms", "format_replay_terms", "parse_replay_terms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTerms:
    """What a sample must catch, and the clocks around it.

        {"forgedSharePpm": 200000, "commitMs": 3600000, "openMs": 86400000, "freshMs": 3600000,
         "timingErrorPpm": 250000}

    The sample of a transcript is the smallest that catches `forged_share_ppm` of its items being forged with
    the agreed detection probability. A commitment counts if it is logged within `commit_ms` after its window
    ends; drawn items are due within `open_ms` after the draw is fixed; the beacon may be `fresh_ms` older
    than the window. `timing_error_ppm` is d, the relative error of the time that an item takes.
    """

    forged_share_ppm: int
    commit_ms: int
    open_ms: int
    fresh_ms: int
    timing_error_ppm: int

    def __post_init__(self) -> None:
        check_ppm(self.forged_share_ppm, "forged share", low=1)
        check_duration(self.commit_ms, "time to commit", low=1)
        check_duration(self.open_ms, "time to open", low=1)
        check_duration(self.fresh_ms, "age of the beacon", low=1)
        check_ppm(self.timing_error_ppm, "timing error", high=10 * PPM)


def parse_replay_terms(fields: Fields) -> ReplayTerms:
    """Parse the wire form of the terms of replay.

    Raises:
        MalformedError: it is not in that form.
    """
    terms = build(
        fields.where,
        ReplayTerms,
        forged_share_ppm=fields.integer("forgedSharePpm"),
        commit_ms=fields.integer("commitMs"),
        open_ms=fields.integer("openMs"),
        fresh_ms=fields.integer("freshMs"),
        timing_error_ppm=fields.integer("timingErrorPpm"),
    )
    fields.done()
    return terms


def format_replay_terms(terms: ReplayTerms) -> JSON:
    """Return the wire form of the terms of replay."""
    return {
        "forgedSharePpm": terms.forged_share_ppm,
        "commitMs": terms.commit_ms,
        "openMs": terms.open_ms,
        "freshMs": terms.fresh_ms,
        "timingErrorPpm": terms.timing_error_ppm,
    }
