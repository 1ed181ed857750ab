"""allstop: stop frontier AI development together, and let anyone check it.

Importing this package loads nothing else: the verifier (`errors` to `case`) must never pull in NumPy. The few
verbs that a researcher needs come when they are first used:

    import allstop
    audit = allstop.audit_directory(Path("case"), policy=policy, agreement=digest)
    audit.verdict.verdict, allstop.verdict_digest(audit.verdict), allstop.format_verdict(audit.verdict)
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allstop.app import audit_directory
    from allstop.app.demo import run_demo
    from allstop.verdict import format_verdict, verdict_digest

__all__ = ["__version__", "audit_directory", "format_verdict", "run_demo", "verdict_digest"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load a verb from where it lives, when it is first asked for."""
    if name == "audit_directory":
        from allstop import app as home
    elif name == "run_demo":
        from allstop.app import demo as home  # type: ignore[no-redef]  # one of three packages
    elif name in ("format_verdict", "verdict_digest"):
        from allstop import verdict as home  # type: ignore[no-redef]  # one of three packages
    else:
        raise AttributeError(f"module 'allstop' has no attribute {name!r}")
    return getattr(home, name)
