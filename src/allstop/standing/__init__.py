"""Where an agreement stands: who is bound since when, what was voted, which phase runs, which duties are due,
where findings and measures are. Pure functions of the agreement and the folded log.
"""

__all__: list[str] = []
