"""Use cases, and the ports that they need: filing a statement, opening a batch, auditing a case.

A use case takes ports and values; what stands behind a port is wired in `allstop.app`.
"""

from allstop.service._audit import Audit, audit_case, read_blob
from allstop.service._draws import DrawnTranscript, list_draws
from allstop.service._filing import Chain, Journal, chain_of, draft_checkpoint, file_statement
from allstop.service._standing import CaseFacts, read_facts

__all__ = [
    "Audit",
    "CaseFacts",
    "Chain",
    "DrawnTranscript",
    "Journal",
    "audit_case",
    "chain_of",
    "draft_checkpoint",
    "file_statement",
    "list_draws",
    "read_blob",
    "read_facts",
]
