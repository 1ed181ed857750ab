"""Every finding about what parties did in the life of the agreement, as a case shows them.

None of them changes a verdict about machines; each is recorded where everybody sees it.
"""

from allstop.finding import Finding, order_findings
from allstop.standing._adjudication_findings import find_adjudication
from allstop.standing._phase_findings import PHASE_RULES
from allstop.standing._standing import Standing
from allstop.standing._voting_findings import find_voting

__all__ = ["findings_of"]


def findings_of(standing: Standing) -> tuple[Finding, ...]:
    """Return what is wrong with deposits, votes, signals, rulings and notices, in the order of all findings."""
    agreement, state = standing.agreement, standing.state
    found = [*standing.binding.findings]
    if agreement.convening is not None:
        found += find_voting(agreement, state, standing.convening)
    found += [one for rule in PHASE_RULES.values() for one in rule(standing.phase_events)]
    found += find_adjudication(
        agreement, state, standing.proceedings, at=standing.at, left_at=standing.phase_events.left_at
    )
    return order_findings(tuple(found))
