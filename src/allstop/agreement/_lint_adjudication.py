"""Lint rules about panels: sides between whom nobody can decide, and an appeal to the same judges."""

from collections.abc import Iterator

from allstop.agreement._adjudication_terms import can_decide
from allstop.agreement._lint_finding import Draft, LintFacts

__all__: list[str] = []


def find_unjudged_pairs(facts: LintFacts) -> Iterator[Draft]:
    """AGR-080: two bound parties such that, with both recused, the panel could not decide what one says of the other."""
    agreement = facts.agreement
    terms = agreement.adjudication
    if terms is None:
        return
    bound = [
        party.id for party in agreement.parties if any(party.id in o.parties for o in agreement.obligations)
    ]
    pairs = [(one, other) for number, one in enumerate(bound) for other in bound[number + 1 :]]
    for what, panel in (("panel", terms.panel), ("appeal panel", terms.appeal_panel)):
        if panel is None:
            continue
        stuck = [pair for pair in pairs if not can_decide(panel, agreement, recused=pair)]
        if stuck:
            one, other = stuck[0]
            yield Draft(
                text=f"the {what} cannot reach {panel.quorum} members from {panel.blocs} blocs between {len(stuck)} of"
                f" {len(pairs)} pairs of bound parties: what one of them raises about the other stays undetermined",
                example=f"{one} and {other}, unless somebody else raises it",
            )


def find_same_judges(facts: LintFacts) -> Iterator[Draft]:
    """AGR-081: an appeal is heard by those who decided, so that it is only a second thought."""
    terms = facts.agreement.adjudication
    if terms is not None and terms.appeal_panel is not None:
        same = set(terms.panel.members) & set(terms.appeal_panel.members)
        if len(same) >= terms.appeal_panel.quorum:
            yield Draft(
                text=f"{len(same)} of {len(terms.appeal_panel.members)} members of the appeal panel sit on the panel"
                " too: they can decide every appeal from their own decision",
                example=", ".join(sorted(same)),
            )
