"""Lint rules about the source of an agreement: what its articles say twice, or leave open.

A defect is found from the figures that the agreement gives for its source, whatever the source is, and named by
article. Whether the source was read right nobody can see here.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from allstop.agreement._article_terms import ArticleTerms, ArticleUnit, Deadline, SummedOver
from allstop.agreement._bands import format_amount
from allstop.agreement._lint_finding import Draft, LintFacts, format_length
from allstop.agreement._obligation import ObligationKind
from allstop.ids import Name
from allstop.units import PPM

__all__ = ["UNIT", "articles_of_unit"]

UNIT = Name("h100e")
"""Name of the unit that `definitions` fix."""

_JOB = Name("job")


def _terms(facts: LintFacts) -> ArticleTerms:
    return facts.agreement.articles or ArticleTerms(source="none")


def _join(articles: Sequence[str]) -> str:
    return " and ".join(dict.fromkeys(articles))


def articles_of_unit(facts: LintFacts, unit: Name) -> str | None:
    """Return the articles that derive a unit, or None."""
    return _join([one.article for one in _terms(facts).units if one.unit == unit]) or None


def find_two_schedules(facts: LintFacts) -> Iterator[Draft]:
    """AGR-040: two schedules of the source give one amount two deadlines."""
    deadlines = _terms(facts).deadlines
    for quantity in dict.fromkeys(one.quantity for one in deadlines):
        own = [one for one in deadlines if one.quantity == quantity]
        schedules = dict.fromkeys(one.schedule for one in own)
        for pair in combinations(schedules, 2):
            yield from _compare_schedules(quantity, own, pair)


def _compare_schedules(
    quantity: Name, deadlines: Sequence[Deadline], schedules: tuple[Name, Name]
) -> Iterator[Draft]:
    pair = [one for one in deadlines if one.schedule in schedules]
    for above in sorted({one.above for one in pair}):
        first, second = (_deadline(pair, name, above) for name in schedules)
        if first is not None and second is not None and first.ms != second.ms:
            yield Draft(
                text=f"more than {format_amount(above)} of {quantity} is due within {format_length(first.ms)} by "
                f"{first.schedule}, and within {format_length(second.ms)} by {second.schedule}",
                example=f"day {min(first.ms, second.ms) // 86_400_000 + 1}: late under one, in time under the other",
                basis=_join([first.article, second.article]),
            )


def _deadline(deadlines: Sequence[Deadline], schedule: Name, above: int) -> Deadline | None:
    """Return the strictest deadline of a schedule for a little more than this amount."""
    fitting = [one for one in deadlines if one.schedule == schedule and one.above <= above]
    return min(fitting, key=lambda one: one.ms, default=None)


def find_open_sums(facts: LintFacts) -> Iterator[Draft]:
    """AGR-041: a quantity with bands is summed over any set, or over nobody says what."""
    sums = {one.quantity: one for one in _terms(facts).sums}
    bands = facts.agreement.definitions.bands
    for quantity in dict.fromkeys(band.quantity for band in bands):
        known = sums.get(quantity)
        if known is not None and known.over is not SummedOver.ANY_SET:
            continue
        bound = min((band.high for band in bands if band.quantity == quantity and band.high), default=None)
        example = None
        if bound is not None and bound > 1:
            part = bound // 2 + 1
            example = (
                f"{format_amount(part)} and {format_amount(part)} are each below {format_amount(bound)}, and "
                f"together {format_amount(2 * part)}"
            )
        if known is None:
            text = (
                f"nothing says over what {quantity} is summed: whoever splits a set may end below every bound"
            )
            yield Draft(text=text, example=example)
            continue
        reading = f"read here as: {known.reading}" if known.reading else "and no reading is stated"
        yield Draft(
            text=f"{quantity} is summed over any set, without a rule on what belongs to one; {reading}",
            example=example,
            basis=known.article,
        )


def find_two_derivations(facts: LintFacts) -> Iterator[Draft]:
    """AGR-042: the source derives one unit in two ways, or another rate than the definitions fix."""
    units = _terms(facts).units
    for first, second in combinations(units, 2):
        if first.unit != second.unit:
            continue
        verdict = (
            "which agree only by chance: whoever changes one must change the other"
            if first.rate == second.rate
            else "which differ"
        )
        yield Draft(
            text=f"one {first.unit} is {_derivation(first)}, and {_derivation(second)}, {verdict}",
            basis=_join([first.article, second.article]),
        )
    rate = facts.agreement.definitions.h100e_flop_per_second
    for one in units:
        if one.unit == UNIT and one.rate != rate:
            yield Draft(
                text=f"one {UNIT} is {_derivation(one)}, and the definitions fix {format_amount(rate)} FLOP/s",
                basis=one.article,
            )


def _derivation(unit: ArticleUnit) -> str:
    peak = f"{format_amount(unit.flop_per_second)} FLOP/s of {unit.number_format}"
    if unit.share_ppm == PPM:
        return peak
    whole, rest = divmod(unit.share_ppm, PPM // 100)
    return f"{peak} at {whole} %" if rest == 0 else f"{peak} at {whole}.{rest:04d}".rstrip("0") + " %"


def find_two_counts(facts: LintFacts) -> Iterator[Draft]:
    """AGR-043: the source counts one quantity by two rules, so no count means anything without its format."""
    for first, second in combinations(_terms(facts).counts, 2):
        if first.quantity != second.quantity or first.rule is second.rule:
            continue
        mute = [
            clause.clause
            for clause in facts.agreement.obligations
            if clause.kind is ObligationKind.PROHIBIT and _JOB not in clause.evidence
        ]
        missing = f"; clause {', '.join(mute)} asks for no job, which would say it" if mute else ""
        yield Draft(
            text=f"{first.quantity} is counted as {first.rule.value} and as {second.rule.value}: a count says little "
            f"without its number format{missing}",
            basis=_join([first.article, second.article]),
        )


def find_omissions(facts: LintFacts) -> Iterator[Draft]:
    """AGR-049: articles of the source that the agreement says it does not carry."""
    terms = _terms(facts)
    for one in terms.omitted:
        yield Draft(text=f"left out: {one.why}", basis=one.article)
