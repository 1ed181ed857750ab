"""Convening: proposals, comments, endorsements and votes at the table, as statements.

Whether a proposal was adopted is in `standing`.
"""

from allstop.convening._proposal import (
    PROPOSAL_PREDICATE,
    PROPOSAL_WITHDRAWAL_PREDICATE,
    Proposal,
    ProposalKind,
    ProposalWithdrawal,
)
from allstop.convening._voices import (
    COMMENT_PREDICATE,
    ENDORSEMENT_PREDICATE,
    VOTE_PREDICATE,
    Choice,
    Comment,
    Endorsement,
    Vote,
)

__all__ = [
    "COMMENT_PREDICATE",
    "ENDORSEMENT_PREDICATE",
    "PROPOSAL_PREDICATE",
    "PROPOSAL_WITHDRAWAL_PREDICATE",
    "VOTE_PREDICATE",
    "Choice",
    "Comment",
    "Endorsement",
    "Proposal",
    "ProposalKind",
    "ProposalWithdrawal",
    "Vote",
]
