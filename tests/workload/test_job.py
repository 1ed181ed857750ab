"""Jobs and operations: formulas, and that a declaration follows from the formula it names."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.finding import ChipRange, CountingRule
from allstop.ids import Name
from allstop.times import Instant, Window
from allstop.units import Quantity, Unit
from allstop.workload import (
    Formula,
    Job,
    JobKind,
    Purpose,
    operations_2nd,
    operations_4nd_6nd,
    operations_6nd,
    operations_of,
)

N, D = 70 * 10**9, 1_400 * 10**9


def one(low: int, high: int) -> Quantity:
    """Return a bare number with bounds."""
    return Quantity(low=low, high=high, unit=Unit.ONE)


def flop(low: int, high: int) -> Quantity:
    """Return operations with bounds."""
    return Quantity(low=low, high=high, unit=Unit.FLOP)


JOB = Job(
    job=Name("run-1"),
    site=Name("hall-1"),
    operator=Name("alder"),
    tenant=Name("birch"),
    kind=JobKind.TRAINING,
    purpose=Purpose.RESEARCH,
    lineage=Name("model-a"),
    chips=(ChipRange(lot=Name("lot"), first=0, until=8),),
    window=Window(start=Instant(0), end=Instant(1)),
    operations=operations_6nd(N, D),
    formula=Formula.SIX_ND,
    counting_rule=CountingRule.FORMAT_USED,
    number_format="bf16",
)


def test_published_example_of_6nd() -> None:
    """A model of 70e9 parameters and 1.4e12 tokens are 5.88e23 operations."""
    assert flop(588 * 10**21, 588 * 10**21) == operations_6nd(N, D)


def test_the_other_formulas() -> None:
    """2 ND is a third of 6 ND; frozen weights lie between 4 ND and 6 ND."""
    assert flop(2 * N * D, 2 * N * D) == operations_2nd(N, D)
    assert flop(4 * N * D, 6 * N * D) == operations_4nd_6nd(N, D)


@given(*[st.integers(0, 10**18)] * 4)
def test_bounds_of_operations_are_the_extreme_products(a: int, b: int, c: int, d: int) -> None:
    """Every product of values within the bounds lies within the bounds of the result."""
    parameters, tokens = one(min(a, b), max(a, b)), one(min(c, d), max(c, d))
    for formula in (Formula.SIX_ND, Formula.FOUR_TO_SIX_ND, Formula.TWO_ND):
        least, greatest = formula.factors
        found = operations_of(formula, parameters=parameters, tokens=tokens)
        products = [p * t for p in (a, b) for t in (c, d)]
        assert (least * min(products), greatest * max(products)) == (found.low, found.high)


def test_a_stated_figure_has_no_formula() -> None:
    """Nothing can be derived from a statement."""
    with pytest.raises(ValueError, match="no factors"):
        operations_of(Formula.STATED, parameters=one(1, 1), tokens=one(1, 1))


@pytest.mark.parametrize(("left", "right"), [(Unit.FLOP, Unit.ONE), (Unit.ONE, Unit.FLOP)])
def test_parameters_and_tokens_are_bare_numbers(left: Unit, right: Unit) -> None:
    """Operations are not accepted where a count is meant."""
    counts = [Quantity(low=1, high=1, unit=unit) for unit in (left, right)]
    with pytest.raises(ValueError, match="want 1"):
        operations_of(Formula.SIX_ND, parameters=counts[0], tokens=counts[1])


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: replace(JOB, chips=()), "no chips"),
    (lambda: replace(JOB, chips=JOB.chips * 2), "named twice"),
    (lambda: replace(JOB, number_format="fp12"), "number format 'fp12'"),
    (lambda: replace(JOB, stated=("b", "a")), "out of order"),
    (lambda: replace(JOB, stated=("a", "a")), "twice"),
    (lambda: replace(JOB, stated=tuple("abcdefghijklmnopq")), "above 16"),
    (lambda: replace(JOB, stated=("No",)), "name of a figure"),
    (lambda: replace(JOB, operations=one(6, 6)), "want flop"),
    (lambda: replace(JOB, parameters=one(N, N)), "both or neither"),
    (lambda: replace(JOB, tokens=one(D, D)), "both or neither"),
    (lambda: replace(JOB, parameters=one(N, N), tokens=one(D, D + 1)), "6nd gives"),
    (lambda: replace(JOB, formula=Formula.STATED, parameters=one(N, N), tokens=one(D, D)), "lead nowhere"),
    (lambda: replace(JOB, operations=flop(6, 13)), "6nd cannot give"),
    (lambda: replace(JOB, operations=flop(7, 12)), "6nd cannot give"),
    (lambda: replace(JOB, formula=Formula.FOUR_TO_SIX_ND, operations=flop(8, 6)), "want 0 <= low"),
    (lambda: replace(JOB, formula=Formula.FOUR_TO_SIX_ND, operations=flop(12, 12)), "4nd-6nd cannot give"),
    (lambda: replace(JOB, formula=Formula.TWO_ND, operations=flop(1, 2)), "2nd cannot give"),
]


@pytest.mark.parametrize(("make", "message"), WRONG)
def test_a_job_that_contradicts_itself_is_refused(make: Callable[[], object], message: str) -> None:
    """Each rule of the type has a message of its own."""
    with pytest.raises(ValueError, match=message):
        make()


def test_bounds_that_a_formula_can_give_are_taken() -> None:
    """Undisclosed parameters and tokens, and a stated figure of any size."""
    assert replace(JOB, formula=Formula.FOUR_TO_SIX_ND, operations=flop(4, 6)).operations.high == 6
    assert replace(JOB, formula=Formula.STATED, operations=flop(1, 7)).operations.low == 1
    assert replace(JOB, operations=flop(0, 0)).operations.high == 0
