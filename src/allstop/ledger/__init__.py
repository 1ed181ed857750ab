"""The ledger: folds the statements of a verified case into the facts that they state.

`fold(entries) -> State` is pure, total and deterministic: all durable state is the log.
"""

from allstop.ledger._fold import fold
from allstop.ledger._predicates import PREDICATES
from allstop.ledger._state import Fault, FaultKind, Filed, State

__all__ = ["PREDICATES", "Fault", "FaultKind", "Filed", "State", "fold"]
