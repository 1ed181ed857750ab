"""Lint of a halt: each rule finds its case, and is silent where the terms fit the clauses."""

from agreement_examples import agreement, clause
from allstop.agreement import Agreement, HaltTerms, ObligationKind, lint
from allstop.times import DAY_MS, HOUR_MS

STOP = clause("9.1", ObligationKind.HALT)
TERMS = HaltTerms(drain_ms=HOUR_MS, inventory_ms=DAY_MS)


def codes(value: Agreement) -> set[str]:
    """Return the codes of the rules on halts that find something."""
    return {one.code for one in lint(value, {})} & {"AGR-050", "AGR-051", "AGR-052"}


def test_a_halt_with_terms_is_silent() -> None:
    """Clause and terms fit; without either there is nothing to say."""
    assert set() == codes(agreement(obligations=(STOP,), halt=TERMS)) == codes(agreement())


def test_a_halt_without_terms_is_an_error() -> None:
    """Nobody can stop within no time, and nothing says what goes on."""
    assert {"AGR-050"} == codes(agreement(obligations=(STOP,)))


def test_terms_without_a_halt_are_a_warning() -> None:
    """Terms that no clause uses bind nobody."""
    assert {"AGR-051"} == codes(agreement(halt=TERMS))


def test_a_drain_as_long_as_a_period_is_a_warning() -> None:
    """From one period on the drain hides a whole one; a millisecond less does not."""
    period_ms = agreement().accounting.period_ms
    for drain_ms, expected in ((period_ms, {"AGR-052"}), (period_ms - 1, set())):
        terms = HaltTerms(drain_ms=drain_ms, inventory_ms=DAY_MS)
        assert expected == codes(agreement(obligations=(STOP,), halt=terms))
