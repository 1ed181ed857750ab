"""Adjudication: the life of a finding between parties, from raising to appeal, as statements.

Where a finding stands is in `standing`.
"""

__all__: list[str] = []
