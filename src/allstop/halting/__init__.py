"""Halting: what ran at the instant, what may resume, and what is closed to inspection, as statements.

Whether activity fell is judged in `verdict`.
"""

__all__: list[str] = []
