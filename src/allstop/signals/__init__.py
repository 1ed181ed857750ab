"""Signals: what parties and verifiers report that may start or end a phase, as statements: tripwires, classes of
incident, assessments of a case.
"""

__all__: list[str] = []
