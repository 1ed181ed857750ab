"""Rules SIG-001 to SIG-004: signals and assessments that count for nothing, one code each.

None of them changes a verdict or a phase: what breaks a rule is left out of the counting, and is shown.
"""

from collections.abc import Callable, Iterator, Mapping

from allstop.finding import Effect, Finding, order_findings
from allstop.standing._phase_events import PhaseEvents, VoidReason

__all__ = ["PHASE_RULES", "find_signals"]


def find_signals(events: PhaseEvents) -> tuple[Finding, ...]:
    """Return what is wrong with signals and assessments, in the order of all findings."""
    return order_findings(tuple(one for rule in PHASE_RULES.values() for one in rule(events)))


def find_future_signals(events: PhaseEvents) -> Iterator[Finding]:
    """SIG-001: a signal of what had not occurred yet.

    What it detects:
        A signal whose filer says that the wire was tripped, or the incident occurred, after the signal was proven
        to be in the log.
    Why it matters:
        A signal says what has happened. One made out in advance could be kept and counted when it suits.
    Known problems:
        A clock that is wrong by more than the time between filing and checkpoint gives it too.

    Example:
        Alder signals a copy made at noon; witnesses had cosigned the signal at eleven.
    How to resolve:
        Signal again with the right time.
    Basis:
        spec/phases.md, section 5.
    """
    yield from _of(events, VoidReason.FUTURE_SIGNAL)


def find_foreign_assessments(events: PhaseEvents) -> Iterator[Finding]:
    """SIG-002: an assessment by one that is no verifier.

    What it detects:
        An assessment filed by a party whose kind in the agreement is another than verifier.
    Why it matters:
        Whoever counts by hand may count it. Verifiers are who the parties agreed to believe; others have interests.
    Known problems:
        None.

    Example:
        Alder, an operator, signs that Alder is CONSISTENT.
    How to resolve:
        Nothing: the party's own audit is printed by `allstop audit`, and needs nobody's signature.
    Basis:
        spec/phases.md, section 7, step 4.
    """
    yield from _of(events, VoidReason.NO_VERIFIER)


def find_future_assessments(events: PhaseEvents) -> Iterator[Finding]:
    """SIG-003: an assessment of a time to come.

    What it detects:
        An assessment of an instant after that at which it was proven to be in the log.
    Why it matters:
        Nobody can have audited what was not there yet.
    Known problems:
        None: the instant of an audit is one that the case proves.

    Example:
        Cedar signs in May what an audit of June came to.
    How to resolve:
        Audit when the case proves that time, and file the assessment then.
    Basis:
        spec/phases.md, section 7, step 7.
    """
    yield from _of(events, VoidReason.FUTURE_ASSESSMENT)


def find_changed_assessments(events: PhaseEvents) -> Iterator[Finding]:
    """SIG-004: a second assessment that says something else.

    What it detects:
        Two assessments of one verifier of the same window at the same instant that differ. The first one counts.
    Why it matters:
        One audit of one case has one outcome. Who signs two can tell each reader another.
    Known problems:
        A verifier that got more of the case later files with a later instant, and gives no finding.

    Example:
        Cedar signs that Birch is UNDETERMINED in March, and for the same instant that it is CONSISTENT.
    How to resolve:
        Ask the verifier which one its audit printed; an audit of the same case shows it.
    Basis:
        spec/phases.md, section 7, step 7.
    """
    yield from _of(events, VoidReason.CHANGED)


def _of(events: PhaseEvents, reason: VoidReason) -> Iterator[Finding]:
    for one in events.void:
        if one.reason is reason:
            yield Finding(
                code=reason.value,
                party=one.party,
                site=None,
                about=f"{one.predicate} {one.text}",
                rests_on=(one.entry,),
                effect=Effect.NOTE,
                subgoals=(),
            )


PHASE_RULES: Mapping[str, Callable[[PhaseEvents], Iterator[Finding]]] = {
    "SIG-001": find_future_signals,
    "SIG-002": find_foreign_assessments,
    "SIG-003": find_future_assessments,
    "SIG-004": find_changed_assessments,
}
"""Every rule about signals and assessments, by code."""
