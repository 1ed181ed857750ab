"""Lint rules about the table: who can decide alone, what silence decides, and rules that decide nothing.

Rules that could adopt nothing at all are refused where the agreement is made; see `_electorate`.
"""

from collections.abc import Iterator

from allstop.agreement._agreement import Agreement
from allstop.agreement._convening_terms import ConveningTerms, VotingRule
from allstop.agreement._electorate import electorate_of, is_adopted
from allstop.agreement._lint_finding import Draft, LintFacts
from allstop.ids import Name

__all__: list[str] = []


def _uses(terms: ConveningTerms) -> dict[Name, list[str]]:
    """Return by rule what it decides, in words."""
    uses: dict[Name, list[str]] = {}
    for motion in terms.motions:
        uses.setdefault(motion.rule, []).append(f"motion {motion.name}")
    for rule, what in ((terms.text_rule, "texts"), (terms.amendment_rule, "amendments")):
        if rule is not None:
            uses.setdefault(rule, []).append(what)
    return uses


def _used_rules(agreement: Agreement) -> Iterator[tuple[VotingRule, str]]:
    terms = agreement.convening
    for rule in terms.rules if terms else ():
        used = _uses(terms).get(rule.name) if terms else None
        if used:
            yield rule, ", ".join(used)


def find_one_bloc_rules(facts: LintFacts) -> Iterator[Draft]:
    """AGR-060: the votes of one bloc are enough, although parties of other blocs may vote."""
    agreement = facts.agreement
    for rule, used in _used_rules(agreement):
        electorate = electorate_of(agreement, rule.voters)
        blocs = sorted(
            {electorate.homes[electorate.domains[party.id]] or party.bloc for party in electorate.roll}
        )
        if len(blocs) < 2:
            continue
        for bloc in blocs:
            agreeing = {
                party.id
                for party in electorate.roll
                if electorate.homes[electorate.domains[party.id]] == bloc
            }
            if is_adopted(rule.adopt, electorate, agreeing):
                names = ", ".join(party.id for party in electorate.roll if party.id in agreeing)
                yield Draft(
                    text=f"voting rule {rule.name} decides {used}, and bloc {bloc} can meet it alone",
                    example=f"{names} agree, and nobody else does",
                )


def find_open_silence(facts: LintFacts) -> Iterator[Draft]:
    """AGR-061: silence adopts what anybody may propose, so that whoever proposes most may win by tiring the others."""
    for rule, used in _used_rules(facts.agreement):
        proposers = [party for party in facts.agreement.parties if rule.proposers.holds(party)]
        if rule.tacit and len(proposers) == len(facts.agreement.parties):
            yield Draft(
                text=f"voting rule {rule.name} decides {used} by silence, and everybody may propose under it"
            )


def find_unused_rules(facts: LintFacts) -> Iterator[Draft]:
    """AGR-062: a voting rule that decides nothing."""
    terms = facts.agreement.convening
    for rule in terms.rules if terms else ():
        is_named_elsewhere = rule.name in _named_elsewhere(facts.agreement)
        if terms and rule.name not in _uses(terms) and not is_named_elsewhere:
            yield Draft(text=f"voting rule {rule.name} decides no motion, text or amendment")


def _named_elsewhere(agreement: Agreement) -> set[Name]:
    """Return rules that other parts name."""
    accession = agreement.binding.accession if agreement.binding else None
    return {accession.rule} if accession is not None and accession.rule is not None else set()
