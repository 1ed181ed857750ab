"""Use cases, and the ports that they need: filing a statement, opening a batch, auditing a case.

A use case takes ports and values; what stands behind a port is wired in `allstop.app`.
"""

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


def __getattr__(name: str) -> object:
    """Load a name from where it lives when it is first asked for: a command that only files waits for no accounts."""
    if name in ("Audit", "audit_case", "read_blob"):
        from allstop.service import _audit as home
    elif name in ("DrawnTranscript", "list_draws"):
        from allstop.service import _draws as home  # type: ignore[no-redef]  # one of three modules
    elif name in ("CaseFacts", "read_facts"):
        from allstop.service import _standing as home  # type: ignore[no-redef]  # one of three modules
    else:
        raise AttributeError(f"module 'allstop.service' has no attribute {name!r}")
    return getattr(home, name)
