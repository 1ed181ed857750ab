"""Halts: which site had to stop when, and under which clause. The legal instants of spec/halting.md section 1.

They follow from the log alone; what meters saw is in `_ramp_down`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from allstop.agreement import Obligation, ObligationKind
from allstop.ids import Name
from allstop.times import Instant
from allstop.verdict._facts import Facts

__all__ = ["Halt", "halts_begun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """One site in one halt. Example: clause "1.1", `hall-1`, run by `alder`, from 2027-03-28T09:00:00Z on.

    `legal` is when the clause began to apply to the operator: its phase began, or the operator came in later. The
    clause is that of the text in force then.
    """

    obligation: Obligation
    site: Name
    operator: Name
    legal: Instant


def halts_begun(facts: Facts, *, at: Instant) -> tuple[Halt, ...]:
    """Return every halt that has begun by `at`, of every site of a party that it binds, oldest first."""
    found = [halt for halt in _halts(facts) if halt.legal <= at]
    return tuple(sorted(found, key=lambda halt: (halt.legal, halt.obligation.clause, halt.site)))


def _halts(facts: Facts) -> Iterator[Halt]:
    for obligation, start, until in _clauses(facts):
        for site, operator in facts.operators.items():
            held = facts.held_span(operator, obligation.clause)
            if operator not in obligation.parties or held is None:
                continue
            for span in facts.spans_of(obligation):
                legal = max(span.start, held.start)
                is_text = start <= legal and (until is None or legal < until)
                if is_text and legal < min(span.end, held.end):
                    yield Halt(obligation=obligation, site=site, operator=operator, legal=legal)


def _clauses(facts: Facts) -> Iterator[tuple[Obligation, Instant, Instant | None]]:
    """Yield each clause of kind *halt* of each text that was in force, with since when and until when it was."""
    texts = [(Instant(0), facts.agreement)]
    if facts.standing is not None:
        texts = [(text.start, text.agreement) for text in facts.standing.convening.texts] or texts
    for index, (start, text) in enumerate(texts):
        until = texts[index + 1][0] if index + 1 < len(texts) else None
        for obligation in text.obligations:
            if obligation.kind is ObligationKind.HALT:
                yield obligation, start, until
