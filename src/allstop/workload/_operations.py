"""Operations of a model from its parameters and tokens (spec/workload.md section 2).

Three formulas and one escape. They count model operations, not what the hardware did: recomputation is
left out. N are the parameters that take part in one token, D the tokens.
"""

from enum import Enum

from allstop.units import Quantity, Unit

__all__ = ["Formula", "operations_2nd", "operations_4nd_6nd", "operations_6nd", "operations_of"]


class Formula(Enum):
    """How declared operations follow from parameters N and tokens D.

    6ND: training, forward and backward. 4ND to 6ND: tuning with most weights frozen; a backward pass
    needs no gradients of frozen weights, so 4ND is the least and 6ND the most. 2ND: inference, forward
    only. Stated: a figure by the declarer, with bounds and without a formula.
    """

    SIX_ND = "6nd"
    FOUR_TO_SIX_ND = "4nd-6nd"
    TWO_ND = "2nd"
    STATED = "stated"

    @property
    def factors(self) -> tuple[int, int]:
        """Least and greatest multiple of N D.

        Raises:
            ValueError: the figure is stated.
        """
        if self is Formula.STATED:
            raise ValueError("a stated figure has no factors")
        return _FACTORS[self]


_FACTORS = {Formula.SIX_ND: (6, 6), Formula.FOUR_TO_SIX_ND: (4, 6), Formula.TWO_ND: (2, 2)}


def operations_of(formula: Formula, *, parameters: Quantity, tokens: Quantity) -> Quantity:
    """Return the operations by `formula`, exact at both bounds.

    Raises:
        ValueError: the figure is stated, a unit is not 1, or the result is above `QUANTITY_MAX`.
    """
    if parameters.unit is not Unit.ONE or tokens.unit is not Unit.ONE:
        raise ValueError(
            f"parameters and tokens are in {parameters.unit.value} and {tokens.unit.value}, want 1"
        )
    least, greatest = formula.factors
    return Quantity(
        low=least * parameters.low * tokens.low,
        high=greatest * parameters.high * tokens.high,
        unit=Unit.FLOP,
    )


def operations_6nd(parameters: int, tokens: int) -> Quantity:
    """Return the operations of training: `6 * parameters * tokens`."""
    return _exact(Formula.SIX_ND, parameters, tokens)


def operations_4nd_6nd(parameters: int, tokens: int) -> Quantity:
    """Return the operations of tuning with frozen weights: between 4 and 6 times `parameters * tokens`."""
    return _exact(Formula.FOUR_TO_SIX_ND, parameters, tokens)


def operations_2nd(parameters: int, tokens: int) -> Quantity:
    """Return the operations of inference: `2 * parameters * tokens`."""
    return _exact(Formula.TWO_ND, parameters, tokens)


def _exact(formula: Formula, parameters: int, tokens: int) -> Quantity:
    return operations_of(
        formula,
        parameters=Quantity(low=parameters, high=parameters, unit=Unit.ONE),
        tokens=Quantity(low=tokens, high=tokens, unit=Unit.ONE),
    )
