"""Convening: proposals, comments, endorsements and votes at the table, as statements.

Whether a proposal was adopted is in `standing`.
"""

__all__: list[str] = []
