"""Which items of which transcripts were drawn: for a prover who must open them and a verifier who replays them."""

from dataclasses import dataclass

from allstop.agreement import Agreement
from allstop.case import VerifiedCase
from allstop.errors import UsageError
from allstop.ledger import Filed, fold
from allstop.transcript import Transcript, sample_size
from allstop.units import PPM
from allstop.verdict import Draw, draw_of

__all__ = ["DrawnTranscript", "list_draws"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTranscript:
    """A transcript on the log, how many items each witness draws, and the draw; None while no note has fixed one."""

    filed: Filed[Transcript]
    sample: int
    draw: Draw | None


def list_draws(case: VerifiedCase, agreement: Agreement) -> tuple[DrawnTranscript, ...]:
    """Return every transcript of a verified case with what was drawn of it, in log order.

    Raises:
        UsageError: the agreement has no terms of replay.
    """
    terms, figures = agreement.replay, agreement.verification
    if terms is None:
        raise UsageError("the agreement asks for no replay", hint="it has no part [replay]")
    if case.newest is None:
        return ()
    state = fold(case.entries, chain_faults=case.chain_faults, at=case.newest)
    found = []
    for filed in state.transcripts:
        sample = sample_size(
            filed.value.count,
            forged_share_ppm=terms.forged_share_ppm,
            miss_ppm=PPM - figures.detection_probability_ppm,
        )
        draw = draw_of(filed, case.notes, sample=sample, open_ms=terms.open_ms)
        found.append(DrawnTranscript(filed=filed, sample=sample, draw=draw))
    return tuple(found)
