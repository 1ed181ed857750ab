"""Duty: fulfilment of a duty, awareness of an event, impossibility, as statements.

Which duties are due is in `standing`.
"""

__all__: list[str] = []
