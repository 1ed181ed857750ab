"""Lint rules about words, bands, parties, references, the condition and the figures of an agreement."""

import re
from collections.abc import Iterator

from allstop.agreement._agreement import CHIP_TABLE, Agreement
from allstop.agreement._bands import BandFault, find_band_faults
from allstop.agreement._condition import Deposited, holds, leaves
from allstop.agreement._lint_articles import UNIT, articles_of_unit
from allstop.agreement._lint_finding import Draft, LintFacts
from allstop.agreement._parties import Party, PartyKind, Seat
from allstop.ids import Name

__all__: list[str] = []

_USED = re.compile(r"\{([^{}]*)\}")

_COMPETING = (PartyKind.DEVELOPER, PartyKind.OPERATOR)


def find_band_gaps(facts: LintFacts) -> Iterator[Draft]:
    """AGR-003: an amount that no band of its quantity holds."""
    for fault in find_band_faults(facts.agreement.definitions.bands):
        if fault.is_gap:
            yield Draft(
                text=f"no band of {fault.quantity} holds this amount, beside {_both(fault.bands)}",
                example=fault.example,
                basis=_articles(facts, fault),
            )


def find_band_overlaps(facts: LintFacts) -> Iterator[Draft]:
    """AGR-004: an amount that two bands of one quantity hold."""
    for fault in find_band_faults(facts.agreement.definitions.bands):
        if not fault.is_gap:
            yield Draft(
                text=f"two bands of {fault.quantity} hold this amount: {_both(fault.bands)}",
                example=fault.example,
                basis=_articles(facts, fault),
            )


def _articles(facts: LintFacts, fault: BandFault) -> str | None:
    terms = facts.agreement.articles
    found = [] if terms is None else [terms.band(fault.quantity, name) for name in fault.bands]
    return " and ".join(article for article in found if article is not None) or None


def _both(names: tuple[str, ...]) -> str:
    return " and ".join(names)


def _texts(facts: LintFacts) -> Iterator[tuple[str | None, str]]:
    definitions = facts.agreement.definitions
    yield None, definitions.counting_rule
    for term in definitions.terms:
        yield None, term.text
    for clause in facts.agreement.obligations:
        yield clause.clause, clause.text


def find_undefined_terms(facts: LintFacts) -> Iterator[Draft]:
    """AGR-013: a text uses a word in braces that is neither a term nor a clock."""
    definitions = facts.agreement.definitions
    known = {term.name for term in definitions.terms} | {clock.name for clock in definitions.clocks}
    for clause, text in _texts(facts):
        for word in sorted(set(_USED.findall(text)) - known):
            yield Draft(clause=clause, text=f"uses {{{word}}}, which is not defined")


def find_unused_terms(facts: LintFacts) -> Iterator[Draft]:
    """AGR-014: a term that no clause, no definition and no counting rule uses."""
    used = {word for _, text in _texts(facts) for word in _USED.findall(text)}
    for term in facts.agreement.definitions.terms:
        if term.name not in used:
            yield Draft(text=f"term {term.name} is defined and never used")


def find_unused_parties(facts: LintFacts) -> Iterator[Draft]:
    """AGR-015: a party that nothing binds, that runs, judges and decides nothing, and that nothing waits for."""
    agreement = facts.agreement
    used = {agreement.log.operator} | {name for clause in agreement.obligations for name in clause.parties}
    used |= {name for edge in agreement.edges for name in (edge.source, edge.target)}
    used |= {leaf.party for leaf in leaves(agreement.entry.condition) if isinstance(leaf, Deposited)}
    used |= set(_seated(agreement))
    for party in agreement.parties:
        is_third = party.kind in (PartyKind.VERIFIER, PartyKind.CUSTODIAN, PartyKind.OBSERVER)
        if party.id not in used and not party.critical and not is_third:
            yield Draft(text=f"party {party.id} is bound by no clause and named by no edge or condition")


def _seated(agreement: Agreement) -> Iterator[Name]:
    """Yield the parties that have a duty, a vote, or a seat on a panel or among custodians."""
    rules = agreement.convening.rules if agreement.convening else ()
    duties = agreement.duties.duties if agreement.duties else ()
    for party in agreement.parties:
        is_voter = any(rule.voters.holds(party) for rule in rules)
        if is_voter or any(duty.binds(party) for duty in duties):
            yield party.id
    if agreement.adjudication is not None:
        yield from agreement.adjudication.panel.members
    if agreement.binding is not None and agreement.binding.sealed is not None:
        yield from agreement.binding.sealed.custodians


def find_unused_references(facts: LintFacts) -> Iterator[Draft]:
    """AGR-016: a reference table that no rule of this version reads."""
    for reference in facts.agreement.references:
        if reference.name != CHIP_TABLE:
            yield Draft(text=f"reference {reference.name} is pinned and never read; {CHIP_TABLE} is")


def find_missing_legal_basis(facts: LintFacts) -> Iterator[Draft]:
    """AGR-017: rivals coordinate, and the agreement does not say on what legal basis.

    Rivals coordinate where clauses or duties bind several of them, and where nobody else has a vote.
    """
    agreement = facts.agreement
    if agreement.legal_basis:
        return
    bound = {name for clause in agreement.obligations for name in clause.parties}
    duties = agreement.duties.duties if agreement.duties else ()
    bound |= {party.id for party in agreement.parties if any(duty.binds(party) for duty in duties)}
    rivals = tuple(party.id for party in agreement.parties if party.id in bound and _competes(party))
    if len(rivals) > 1:
        yield Draft(
            text=f"{_both(rivals)} may be competitors, and legal_basis is empty: antitrust law applies to "
            "rivals who coordinate"
        )
    for rule in agreement.convening.rules if agreement.convening else ():
        voters = [party for party in agreement.parties if rule.voters.holds(party)]
        if len(voters) > 1 and all(map(_competes, voters)):
            yield Draft(
                text=f"under voting rule {rule.name} nobody votes but {_both(tuple(party.id for party in voters))}, "
                "who may be competitors, and legal_basis is empty"
            )


def _competes(party: Party) -> bool:
    return party.kind in _COMPETING or party.seat is Seat.COMPANY


def find_dispensable_parties(facts: LintFacts) -> Iterator[Draft]:
    """AGR-018: a party is called critical, and the condition can be met without it."""
    agreement = facts.agreement
    everyone = {party.id for party in agreement.parties}
    for party in agreement.parties:
        others = everyone - {party.id}
        if party.critical and holds(agreement.entry.condition, deposited=others, parties=agreement.parties):
            yield Draft(
                text=f"party {party.id} is critical, and the agreement can enter into force without it",
                example=f"all others deposit, {party.id} does not and is free",
            )


def find_unit_mixtures(facts: LintFacts) -> Iterator[Draft]:
    """AGR-021: a type of chip does more in its fastest format than one H100-equivalent counts as."""
    unit = facts.agreement.definitions.h100e_flop_per_second
    faster = sorted((peak, name) for name, peak in facts.peaks.items() if peak > unit)
    if faster:
        peak, name = faster[-1]
        tenths = (10 * peak + unit // 2) // unit
        yield Draft(
            text=f"one H100e counts as {unit} FLOP/s, and types of chip that do more in their fastest format are listed ({len(faster)}); "
            "times to a threshold in H100e and capacities in FLOP must not be mixed",
            example=f"{name} does {tenths // 10}.{tenths % 10} times as much",
            basis=articles_of_unit(facts, UNIT),
        )


def find_too_many_liars(facts: LintFacts) -> Iterator[Draft]:
    """AGR-022: with f liars f + 1 filers must agree, and there are no more than f."""
    agreement = facts.agreement
    filers = sum(party.kind is not PartyKind.OBSERVER for party in agreement.parties)
    if agreement.verification.liars >= filers:
        yield Draft(
            text=f"{agreement.verification.liars} liars are allowed for, and only {filers} parties can file: every "
            "chip counts at full capacity"
        )
