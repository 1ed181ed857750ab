"""Phases in words: what an event, or a whole condition, asks for. Nothing here decides."""

from allstop.agreement._formula import AllOf, AnyOf, AtLeast
from allstop.agreement._phase_leaves import (
    OnAssessment,
    OnConfirmed,
    OnCoverage,
    OnDate,
    OnElapsed,
    OnMeasure,
    OnMotion,
    OnSignal,
    PhaseLeaf,
)
from allstop.agreement._phase_terms import PhaseFormula
from allstop.canon import format_instant
from allstop.times import DAY_MS, HOUR_MS
from allstop.units import PPM

__all__ = ["describe_event", "describe_length", "describe_when"]


def describe_when(formula: PhaseFormula) -> str:
    """Return a condition in words: `any of: motion start is adopted; 1 finding is confirmed`."""
    match formula:
        case AllOf():
            return f"all of: {_members(formula.of)}"
        case AnyOf():
            return f"any of: {_members(formula.of)}"
        case AtLeast():
            return f"at least {formula.count} of: {_members(formula.of)}"
        case _:
            return describe_event(formula)


def _members(members: tuple[PhaseFormula, ...]) -> str:
    words = (
        f"({describe_when(one)})" if isinstance(one, AllOf | AnyOf | AtLeast) else describe_when(one)
        for one in members
    )
    return "; ".join(words)


def describe_event(leaf: PhaseLeaf) -> str:
    """Return an event in words: `2 parties of 2 blocs signal the tripwire self-copying`."""
    match leaf:
        case OnMotion():
            return f"motion {leaf.motion} is adopted"
        case OnSignal():
            return f"{_count(leaf.parties, 'party', 'parties')} of {_count(leaf.blocs, 'bloc')} signal the {leaf.kind.value} {leaf.name}"
        case OnDate():
            return f"it is {format_instant(leaf.date)}"
        case OnAssessment():
            return f"{_verifiers(leaf)} assess {_count(leaf.parties, 'party', 'parties')} as {leaf.verdict.value}"
        case OnCoverage():
            return (
                f"{_verifiers(leaf)} report coverage of {_count(leaf.parties, 'party', 'parties')} below "
                f"{_percent(leaf.floor_ppm)} for longer than {describe_length(leaf.longer_than_ms)}"
            )
        case OnElapsed():
            return f"{describe_length(leaf.ms)} of the phase have passed"
        case OnConfirmed():
            return f"{_count(leaf.findings, 'finding')} confirmed by the panel"
        case OnMeasure():
            return f"measure {leaf.measure} takes effect"


def describe_length(ms: int) -> str:
    """Return a length of time exactly, in the largest unit that divides it: `30 days`, `36 hours`, `90 seconds`."""
    for unit, name in ((DAY_MS, "day"), (HOUR_MS, "hour"), (60_000, "minute"), (1000, "second")):
        if ms % unit == 0:
            return _count(ms // unit, name)
    return f"{ms} ms"


def _count(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {many or one + 's'}"


def _verifiers(leaf: OnAssessment | OnCoverage) -> str:
    return f"{_count(leaf.verifiers, 'verifier')} of {_count(leaf.blocs, 'bloc')}"


def _percent(ppm: int) -> str:
    whole, rest = divmod(ppm, PPM // 100)
    return f"{whole} %" if rest == 0 else f"{whole}.{rest:04d}".rstrip("0") + " %"
