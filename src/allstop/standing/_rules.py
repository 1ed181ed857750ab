"""Every rule of this package by the code of its finding, for those who explain codes and write their pages."""

from collections.abc import Callable, Mapping

from allstop.standing._adjudication_findings import ADJUDICATION_RULES
from allstop.standing._binding_findings import BINDING_RULES
from allstop.standing._phase_findings import PHASE_RULES
from allstop.standing._voting_findings import VOTING_RULES

__all__ = ["STANDING_RULES"]

STANDING_RULES: Mapping[str, Callable[..., object]] = {
    **BINDING_RULES,
    **VOTING_RULES,
    **PHASE_RULES,
    **ADJUDICATION_RULES,
}
"""Rules about what parties did, not about their accounts: none of them changes a verdict."""
