"""From an audit to the document: the only place where the numbers and sentences of a report are made."""

import shlex
from importlib.metadata import version

from allstop.accountancy import Verdict
from allstop.canon import format_instant
from allstop.ids import Name
from allstop.report._document import BANNER, Again, Document, Head
from allstop.report._document_entries import Entries
from allstop.report._document_evidence import (
    agreed_of,
    assumptions_of,
    custody_of,
    findings_of,
    not_held_of,
)
from allstop.report._document_halts import halts_of
from allstop.report._document_parties import blocs_of, not_covered_of, parties_of
from allstop.report._document_replays import replays_of
from allstop.report._document_room import room_of
from allstop.report._document_sites import jobs_of, sites_of
from allstop.report._words import REHEARSAL, format_count, format_length, join_words
from allstop.service import Audit
from allstop.verdict import CaseVerdict, verdict_digest

__all__ = ["document_of"]

_VERSION = version("allstop")


def document_of(audit: Audit, *, case: str) -> Document:
    """Return the report of an audit; `case` is how the reader names the case in the commands that repeat it."""
    verdict = audit.verdict
    entries = Entries(verdict)
    findings, more_findings = findings_of(verdict, entries)
    custody, more_custody = custody_of(verdict, entries)
    not_held, more_not_held = not_held_of(verdict, entries)
    return Document(
        head=_head(audit),
        room=room_of(verdict),
        halts=halts_of(verdict),
        blocs=blocs_of(verdict),
        parties=parties_of(verdict),
        sites=sites_of(verdict),
        jobs=jobs_of(verdict, entries),
        replays=replays_of(verdict, entries),
        findings=findings,
        more_findings=more_findings,
        custody=custody,
        more_custody=more_custody,
        agreed=agreed_of(verdict),
        assumptions=assumptions_of(verdict),
        not_held=not_held,
        more_not_held=more_not_held,
        again=_again(verdict, case),
    )


def _head(audit: Audit) -> Head:
    verdict = audit.verdict
    case = verdict.case
    return Head(
        title=verdict.agreement.title,
        banner=BANNER,
        verdict=verdict.verdict,
        verdict_words=_verdict_words(verdict),
        standing=_standing(verdict),
        is_in_force=verdict.entry.is_in_force(verdict.at),
        in_force_from=verdict.entry.in_force_from,
        is_retrospective=verdict.is_retrospective,
        waiting_for=verdict.entry.missing,
        not_covered=not_covered_of(verdict),
        at=verdict.at,
        periods=_periods(verdict),
        period_count=len(verdict.windows),
        trust=_trust(audit),
        is_policy_given=audit.is_policy_given,
        is_agreement_given=audit.is_agreement_given,
        digest=verdict_digest(verdict),
        agreement=case.agreement_digest,
        policy=case.policy_digest,
        table=verdict.reference,
        origin=case.origin,
        root=case.root.hex(),
        size=case.size,
        counted=verdict.state.counted,
        pending=verdict.state.pending,
        legal_basis=verdict.agreement.legal_basis,
        version=_VERSION,
    )


def _verdict_words(verdict: CaseVerdict) -> str:
    """Name the parties under each verdict, the worst first."""
    parts = []
    for one in (Verdict.INCONSISTENT, Verdict.UNDETERMINED, Verdict.CONSISTENT):
        names = [_name(verdict, party.party) for party in verdict.parties if party.verdict is one]
        if names:
            parts.append(f"{one.value}: {join_words(names)}.")
    return " ".join(parts) or "Nobody is judged."


def _name(verdict: CaseVerdict, name: Name) -> str:
    party = verdict.agreement.party(name)
    return name if party is None else party.name


def _standing(verdict: CaseVerdict) -> str:
    """Say whether the agreement binds at the instant of the audit, and that a look back is one."""
    start = verdict.entry.in_force_from
    if start is None:
        words = "Not in force: nobody is bound."
    elif verdict.entry.is_in_force(verdict.at):
        words = f"In force since {format_instant(start)}."
    else:
        words = f"Not yet in force: it binds from {format_instant(start)} on."
    if verdict.is_retrospective:
        words += (
            " This looks back: the accounts begin before anybody was bound, and timeliness is not judged."
        )
    return words


def _periods(verdict: CaseVerdict) -> str:
    if not verdict.windows:
        return "No accounting period has ended yet."
    first, last = verdict.windows[0], verdict.windows[-1]
    count = format_count(len(verdict.windows), "accounting period")
    return (
        f"{count} of {format_length(first.duration_ms)}, from {format_instant(first.start)}"
        f" until {format_instant(last.end)}."
    )


def _trust(audit: Audit) -> str:
    given = (("policy", audit.is_policy_given), ("agreement", audit.is_agreement_given))
    own = [name for name, is_given in given if not is_given]
    played = f"{REHEARSAL} " if audit.verdict.is_rehearsal else ""
    if not own:
        return f"{played}Policy and agreement came from outside the case."
    return (
        f"{played}NOT A FULL AUDIT: the {' and the '.join(own)} came from the case itself; whoever made the case"
        " chose what to trust."
    )


def _again(verdict: CaseVerdict, case: str) -> Again:
    digest, at = verdict.case.agreement_digest, format_instant(verdict.at)
    terms = f"{shlex.quote(case)} --policy FILE --agreement {digest} --at {at}"
    return Again(
        audit=f"allstop audit {terms}",
        report=f"allstop report {terms}",
        explain="allstop explain CODE",
        words=(
            "Take policy and agreement digest from outside the case. Whoever holds the same case gets the same"
            f" digest, byte for byte, with allstop {_VERSION}. A reader who holds fewer blobs gets another"
            " digest and a weaker verdict."
        ),
    )
