"""Lint rules about the course of an agreement: whether it can begin, and whether what it waits for can happen.

What no agreement can be built with (a condition that nobody can meet, a vote that cannot be won, a panel without
a quorum) is refused before any rule looks. Events between parties and the log are not simulated here.
"""

from collections import Counter
from collections.abc import Iterator

from allstop.agreement._agreement import Agreement
from allstop.agreement._bands import format_amount
from allstop.agreement._calendar_terms import calendar_named
from allstop.agreement._convening_terms import VotingRule
from allstop.agreement._domains import trust_domains
from allstop.agreement._duty_terms import Duty, DutyEvent, DutyStart
from allstop.agreement._formula import formula_leaves
from allstop.agreement._lint_finding import Draft, LintFacts, format_length
from allstop.agreement._parties import Party, PartyKind
from allstop.agreement._phase_leaves import (
    OnAssessment,
    OnConfirmed,
    OnCoverage,
    OnDate,
    OnMeasure,
    OnMotion,
    OnSignal,
    PhaseLeaf,
)
from allstop.agreement._phase_terms import PhaseMove, PhaseTransition
from allstop.canon import format_instant
from allstop.clocks import due
from allstop.ids import Name
from allstop.times import Instant

__all__: list[str] = []


def _triggers(agreement: Agreement) -> Iterator[tuple[PhaseTransition, PhaseLeaf]]:
    """Yield every event of every change of phase."""
    for one in agreement.phases.transitions if agreement.phases else ():
        leaves: Iterator[PhaseLeaf] = formula_leaves(one.when)
        yield from ((one, leaf) for leaf in leaves)


def _clocks(agreement: Agreement) -> Iterator[tuple[Duty, DutyStart]]:
    """Yield every clock of every duty."""
    for duty in agreement.duties.duties if agreement.duties else ():
        for start in duty.starts:
            yield duty, start


def find_slow_decisions(facts: LintFacts) -> Iterator[Draft]:
    """AGR-044: a vote and the time after it together are longer than the fleet needs to break the rule."""
    agreement = facts.agreement
    quantity = format_amount(agreement.verification.significant_quantity_flop)
    reach = f"{facts.fleet_h100e} H100e reach {quantity} FLOP in {format_length(facts.reach_ms)}"
    for clause, what, motion, after_ms in _decisions(agreement):
        rule = _rule_of(agreement, motion)
        if rule is None:
            continue  # Nobody may move it: AGR-047.
        if rule.open_ms + after_ms >= facts.reach_ms:
            yield Draft(
                clause=clause,
                text=f"{what} up to {format_length(rule.open_ms)} of voting on {motion} and {format_length(after_ms)} "
                f"after it, and {reach}: what it should stop can be over before",
                example=f"{motion} is moved and decided only when the vote closes",
            )


def _decisions(agreement: Agreement) -> Iterator[tuple[str | None, str, Name, int]]:
    """Yield what a motion starts that is meant to stop something: a trigger, or a duty that is shown by a filing."""
    phases = agreement.phases
    for one, leaf in _triggers(agreement):
        if isinstance(leaf, OnMotion) and phases and phases.move(one.source, one.target) is PhaseMove.TRIGGER:
            yield None, f"phase {one.target} begins after", leaf.motion, one.lead_ms
    for duty, start in _clocks(agreement):
        if start.event is DutyEvent.ADOPTED and start.name is not None:
            yield duty.clause, f"duty {duty.name} is due after", start.name, start.within.shortest_ms


def _rule_of(agreement: Agreement, motion: Name) -> VotingRule | None:
    return None if agreement.convening is None else agreement.convening.rule_of_motion(motion)


def find_lapsed_entry(facts: LintFacts) -> Iterator[Draft]:
    """AGR-045: the deadline of entry into force, or the close of sealed deposits, has passed."""
    agreement = facts.agreement
    if facts.at is None:
        return
    if agreement.entry.deadline < facts.at:
        yield Draft(
            text=f"deposits count until {format_instant(agreement.entry.deadline)}, which is before "
            f"{format_instant(facts.at)}: it can never enter into force",
            example="every party deposits today, and nobody is bound",
        )
    sealed = None if agreement.binding is None else agreement.binding.sealed
    if sealed is not None and sealed.close < facts.at:
        yield Draft(
            text=f"sealed deposits closed at {format_instant(sealed.close)}, before {format_instant(facts.at)}: none "
            "made from now on counts"
        )


def find_past_clocks(facts: LintFacts) -> Iterator[Draft]:
    """AGR-046: an agreed date that may lie behind a party when it is bound."""
    agreement = facts.agreement
    surely = agreement.entry.deadline.plus(agreement.entry.lead_ms)
    for one, leaf in _triggers(agreement):
        if isinstance(leaf, OnDate) and leaf.date < surely:
            yield Draft(
                text=f"phase {one.target} waits for {format_instant(leaf.date)}, and the agreement is surely in "
                f"force only from {format_instant(surely)}: the date may mean nothing"
            )
    for duty, start in _clocks(agreement):
        yield from _past_clock(agreement, duty, start, surely)


def _past_clock(agreement: Agreement, duty: Duty, start: DutyStart, surely: Instant) -> Iterator[Draft]:
    # A clock from entry into force starts for a party that joins late when it is bound (spec/duties.md section 7).
    if start.event is DutyEvent.DATE and start.at is not None:
        falls = due(start.at, start.within, calendar_named(agreement.calendars, duty.calendar))
        if falls < surely:
            yield Draft(
                clause=duty.clause,
                text=f"duty {duty.name} is due at {format_instant(falls)}, and the agreement is surely in force only "
                f"from {format_instant(surely)}",
                example="a party that deposits at the deadline is bound only after it was due",
            )


def find_vain_waits(facts: LintFacts) -> Iterator[Draft]:
    """AGR-047: something waits for a motion, signal, verdict, measure or phase that cannot come about."""
    agreement = facts.agreement
    for clause, what, motion in _motions(agreement):
        if _rule_of(agreement, motion) is None:
            yield Draft(clause=clause, text=f"{what} waits for motion {motion}, which nobody may move")
    known = {one.name for one in agreement.phases.phases} if agreement.phases else set()
    for duty, start in _clocks(agreement):
        if start.event is DutyEvent.PHASE and start.name not in known:
            text = f"duty {duty.name} waits for phase {start.name}, which is no phase"
            yield Draft(clause=duty.clause, text=text)
    for one, leaf in _triggers(agreement):
        why = _why_never(agreement, leaf)
        if why is not None:
            yield Draft(text=f"phase {one.target} waits for {why}")


def _motions(agreement: Agreement) -> Iterator[tuple[str | None, str, Name]]:
    """Yield every place that names a motion: clause, what waits, and the motion."""
    for one, leaf in _triggers(agreement):
        if isinstance(leaf, OnMotion):
            yield None, f"phase {one.target}", leaf.motion
    for duty, start in _clocks(agreement):
        if start.event is DutyEvent.ADOPTED and start.name is not None:
            yield duty.clause, f"duty {duty.name}", start.name
    for resume in agreement.halt.resume if agreement.halt else ():
        yield None, f"resumption of {', '.join(resume.permitted)}", resume.motion
    yield from _motions_of_parties(agreement)


def _motions_of_parties(agreement: Agreement) -> Iterator[tuple[str | None, str, Name]]:
    """Yield the motions about parties: measures, leaving, joining."""
    for measure in agreement.adjudication.measures if agreement.adjudication else ():
        for name in (measure.by, measure.ends.motion):
            if name is not None:
                yield None, f"measure {measure.name}", name
    if agreement.leaving is not None and agreement.leaving.vote is not None:
        yield None, "leaving sooner", agreement.leaving.vote
    accession = None if agreement.binding is None else agreement.binding.accession
    if accession is not None and accession.rule is not None:
        yield None, "accession", accession.rule


def _why_never(agreement: Agreement, leaf: PhaseLeaf) -> str | None:
    """Return why an event cannot happen, or None."""
    if isinstance(leaf, OnSignal):
        return _too_few(agreement, agreement.parties, leaf.parties, leaf.blocs, f"signal {leaf.name}")
    if isinstance(leaf, OnAssessment | OnCoverage):
        verifiers = [party for party in agreement.parties if party.kind is PartyKind.VERIFIER]
        return _too_few(agreement, verifiers, leaf.verifiers, leaf.blocs, "an assessment by verifiers")
    if isinstance(leaf, OnConfirmed) and agreement.adjudication is None:
        return "confirmed findings, and there is no panel"
    if isinstance(leaf, OnMeasure):
        measures = agreement.adjudication.measures if agreement.adjudication else ()
        if leaf.measure not in {one.name for one in measures}:
            return f"measure {leaf.measure}, which is no measure"
    return None


def _too_few(
    agreement: Agreement, parties: "tuple[Party, ...] | list[Party]", wanted: int, blocs: int, what: str
) -> str | None:
    domains = trust_domains(agreement.parties, agreement.edges)
    voices = Counter(domains[party.id] for party in parties)
    found, of_blocs = len(voices), len({party.bloc for party in parties})
    if found >= wanted and of_blocs >= blocs:
        return None
    return f"{what} of {wanted} from {blocs} blocs, and there are {found} from {of_blocs} who could file it"


def find_impossible_duties(facts: LintFacts) -> Iterator[Draft]:
    """AGR-048: a duty that is due at the instant at which it begins, or asks for a statement that is not known."""
    agreement = facts.agreement
    for duty, start in _clocks(agreement):
        if start.within.unit.is_exact and start.within.amount == 0:
            yield Draft(
                clause=duty.clause,
                text=f"duty {duty.name} is due at the instant at which it begins",
                example="nothing is proven to be in the log before the next checkpoint",
            )
    for duty in agreement.duties.duties if agreement.duties else ():
        for name in duty.evidence:
            if facts.predicates and name not in facts.predicates:
                yield Draft(
                    clause=duty.clause,
                    text=f"duty {duty.name} asks for {name}, which is no statement that can be filed",
                )
