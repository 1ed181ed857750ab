"""Re-execution in the report: what was drawn, what became of it, and who says so besides this audit."""

from allstop.agreement import PartyKind
from allstop.report._document import ReplayEntry
from allstop.report._document_amounts import flop, missing, share
from allstop.report._document_entries import Entries
from allstop.report._words import format_count, join_words
from allstop.units import Unit
from allstop.verdict import CaseVerdict, Replayed, ReplayState

__all__ = ["replays_of"]

_WORDS = {
    ReplayState.VOID: "Shows nothing",
    ReplayState.FAILED: "Failed",
    ReplayState.WAITING: "Waiting",
    ReplayState.REFUSED: "Refused",
    ReplayState.NOT_HELD: "Not held",
    ReplayState.UNVERIFIABLE: "Cannot be judged here",
    ReplayState.PASSED: "Passed, re-executed by this audit",
}


def replays_of(verdict: CaseVerdict, entries: Entries) -> tuple[ReplayEntry, ...]:
    """Return what became of every transcript, in log order."""
    verifiers = sum(party.kind is PartyKind.VERIFIER for party in verdict.agreement.parties)
    return tuple(_replay(one, entries, verifiers) for one in verdict.replays)


def _replay(one: Replayed, entries: Entries, verifiers: int) -> ReplayEntry:
    transcript = one.filed.value
    has_passed = one.state is ReplayState.PASSED
    return ReplayEntry(
        transcript=transcript.transcript,
        entry=entries.entry(one.filed.entry),
        party=one.filed.party,
        site=transcript.site,
        job=transcript.job,
        window=one.window,
        state=one.state.value,
        words=_words(one, verifiers),
        count=transcript.count,
        sample=0 if one.draw is None else len(one.draw.indices),
        passed=one.passed,
        failed=one.failed,
        refused=one.refused,
        unverifiable=one.unverifiable,
        is_rederived=has_passed,
        attested_by=one.attested,
        verifier_count=verifiers,
        detection=share(one.detection_ppm, up=False) if has_passed else missing(Unit.PPM, "not established"),
        forged_high=one.forged_items_high,
        claimed=flop(one.claimed_flop, up=False),
        proven=flop(one.proven_flop, up=False),
    )


def _words(one: Replayed, verifiers: int) -> str:
    """Say how far a transcript has come; what verifiers attest is never shown as re-derived."""
    words = f"{_WORDS[one.state]}: {one.why}."
    has_passed = one.state is ReplayState.PASSED
    if has_passed:
        count = format_count(one.filed.value.count, "item")
        words += f" Of {count}, at most {one.forged_items_high:,} may still be forged."
    if one.attested:
        names = join_words(one.attested)
        words += f" Attested by {len(one.attested)} of {format_count(verifiers, 'verifier')} ({names})"
        words += "." if has_passed else "; this audit did not re-derive it."
    if one.disagreeing:
        words += f" A verifier disagrees: {join_words(sorted({filed.party for filed in one.disagreeing}))}."
    return words
