"""Lint rules about a halt: a clause without terms, terms without a clause, a drain that hides what it drains."""

from collections.abc import Iterator

from allstop.agreement._lint_finding import Draft, LintFacts, format_length
from allstop.agreement._obligation import ObligationKind

__all__: list[str] = []


def find_bare_halts(facts: LintFacts) -> Iterator[Draft]:
    """AGR-050: a clause of kind halt, and nothing says how long machines may drain and what may go on."""
    if facts.agreement.halt is None:
        for clause in facts.agreement.obligations:
            if clause.kind is ObligationKind.HALT:
                yield Draft(
                    clause=clause.clause,
                    text="halts everything at once, serving and safety work included: there are no terms of a halt",
                    example="a job that ends a second after the instant",
                )


def find_idle_terms(facts: LintFacts) -> Iterator[Draft]:
    """AGR-051: terms of a halt, and no clause of kind halt that they are for."""
    if facts.agreement.halt is not None and not any(
        clause.kind is ObligationKind.HALT for clause in facts.agreement.obligations
    ):
        yield Draft(text="the terms of a halt are for no clause: nobody is asked to halt")


def find_long_drains(facts: LintFacts) -> Iterator[Draft]:
    """AGR-052: machines may drain for an accounting period or longer, so that one is never held to the clause."""
    terms, period_ms = facts.agreement.halt, facts.agreement.accounting.period_ms
    if terms is not None and terms.drain_ms >= period_ms:
        yield Draft(
            text=f"machines may drain for {format_length(terms.drain_ms)}, and a period is"
            f" {format_length(period_ms)}: the first whole period after the instant is not judged",
            example="a run that goes on through all of it",
        )
