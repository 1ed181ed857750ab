"""Use cases, and the ports that they need: filing a statement, opening a batch, auditing a case.

A use case takes ports and values; what stands behind a port is wired in `allstop.app`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from allstop.service._filing import Chain, Journal, chain_of, draft_checkpoint, file_statement

if TYPE_CHECKING:
    from allstop.service._audit import Audit, audit_case, read_blob
    from allstop.service._draws import DrawnTranscript, list_draws
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

_HOMES = {
    "Audit": "_audit",
    "CaseFacts": "_standing",
    "DrawnTranscript": "_draws",
    "audit_case": "_audit",
    "list_draws": "_draws",
    "read_blob": "_audit",
    "read_facts": "_standing",
}
"""What pulls in accounts and scans comes when it is first used: a command that only files waits for neither."""


def __getattr__(name: str) -> object:
    """Load a name from where it lives, when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'allstop.service' has no attribute {name!r}")
    return vars(import_module(f"allstop.service.{_HOMES[name]}"))[name]
