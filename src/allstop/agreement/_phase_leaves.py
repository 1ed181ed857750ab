"""Events that start or end a phase: the leaves of the formulas of changes.

Implements spec/phases.md section 3. A leaf says what must have been proven in the log, by how many; who is counted
and from when is in `allstop.standing`. There is no "not": nothing that is left out can make a leaf hold.
"""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from allstop.agreement._checks import build, check_duration, check_ppm
from allstop.canon import JSON, Fields, format_instant
from allstop.errors import MalformedError
from allstop.finding import SignalKind, Verdict
from allstop.ids import Name
from allstop.times import Instant
from allstop.units import PPM

__all__ = [
    "ACTOR_COUNT_MAX",
    "OnAssessment",
    "OnConfirmed",
    "OnCoverage",
    "OnDate",
    "OnElapsed",
    "OnMeasure",
    "OnMotion",
    "OnSignal",
    "PhaseLeaf",
    "format_phase_leaf",
    "parse_phase_leaf",
]

ACTOR_COUNT_MAX = 64
"""Most parties, verifiers, blocs or findings that one leaf may ask for."""


def _check_quorum(actors: int, blocs: int, what: str) -> None:
    if not 1 <= blocs <= actors <= ACTOR_COUNT_MAX:
        raise MalformedError(
            f"{what} asks for {actors} from {blocs} blocs, want 1 <= blocs <= number <= {ACTOR_COUNT_MAX}"
        )


def _check_count(count: int, what: str) -> None:
    if not 1 <= count <= ACTOR_COUNT_MAX:
        raise MalformedError(f"{what} is {count}, want 1 to {ACTOR_COUNT_MAX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnMotion:
    """A motion of this name was adopted. Wire form: `{"motion": "start"}`."""

    motion: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSignal:
    """`parties` trust domains of `blocs` blocs filed a signal of this name and kind.

    {"signal": {"name": "self-copying", "kind": "tripwire", "parties": 2, "blocs": 2}}
    """

    name: Name
    kind: SignalKind
    parties: int
    blocs: int

    def __post_init__(self) -> None:
        _check_quorum(self.parties, self.blocs, f"signal {self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDate:
    """The instant has come. Wire form: `{"date": "2028-01-01T00:00:00Z"}`."""

    date: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAssessment:
    """Of each of `parties` parties, `verifiers` trust domains of `blocs` blocs filed this verdict for one window.

    {"assessed": {"verdict": "INCONSISTENT", "parties": 1, "verifiers": 2, "blocs": 2}}
    """

    verdict: Verdict
    parties: int
    verifiers: int
    blocs: int

    def __post_init__(self) -> None:
        _check_count(self.parties, "number of parties assessed")
        _check_quorum(self.verifiers, self.blocs, "an assessment")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCoverage:
    """So many verifiers filed, for each of `parties` parties, that coverage was below the floor for longer than this.

        {"coverageBelow": {"floorPpm": 900000, "longerThanMs": 2592000000, "parties": 1, "verifiers": 2, "blocs": 2}}

    Range: `1 <= floor_ppm <= 1_000_000`.
    """

    floor_ppm: int
    longer_than_ms: int
    parties: int
    verifiers: int
    blocs: int

    def __post_init__(self) -> None:
        check_ppm(self.floor_ppm, "floor of coverage", low=1, high=PPM)
        check_duration(self.longer_than_ms, "tolerated time below the floor")
        _check_count(self.parties, "number of parties below the floor")
        _check_quorum(self.verifiers, self.blocs, "coverage")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnElapsed:
    """So long a time has passed since the phase began. Wire form: `{"elapsedMs": 7776000000}`. At least 1 ms."""

    ms: int

    def __post_init__(self) -> None:
        check_duration(self.ms, "time since the phase began", low=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnConfirmed:
    """So many different findings were confirmed by the panel. Wire form: `{"confirmed": {"findings": 1}}`."""

    findings: int

    def __post_init__(self) -> None:
        _check_count(self.findings, "number of confirmed findings")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnMeasure:
    """A measure of this name took effect. Wire form: `{"measure": "snap-back"}`."""

    measure: Name


PhaseLeaf: TypeAlias = (
    OnMotion | OnSignal | OnDate | OnAssessment | OnCoverage | OnElapsed | OnConfirmed | OnMeasure
)


def parse_phase_leaf(fields: Fields) -> PhaseLeaf:
    """Parse the wire form of an event; the caller checks that no other key is left.

    Raises:
        MalformedError: it is no known event, or a number is out of range.
    """
    if fields.has("motion"):
        return OnMotion(motion=fields.name("motion"))
    if fields.has("date"):
        return OnDate(date=fields.instant("date"))
    if fields.has("elapsedMs"):
        return build(fields.where, OnElapsed, ms=fields.integer("elapsedMs"))
    if fields.has("measure"):
        return OnMeasure(measure=fields.name("measure"))
    for key, parse in _NESTED.items():
        if fields.has(key):
            inside = fields.object(key)
            leaf = parse(inside)
            inside.done()
            return leaf
    raise MalformedError(
        f"{fields.where}: no known event, want allOf, anyOf, atLeast, motion, signal, date, assessed, coverageBelow, "
        "elapsedMs, confirmed or measure"
    )


def _parse_signal(inside: Fields) -> PhaseLeaf:
    return build(
        inside.where,
        OnSignal,
        name=inside.name("name"),
        kind=inside.choice("kind", SignalKind),
        parties=inside.integer("parties"),
        blocs=inside.integer("blocs"),
    )


def _parse_assessed(inside: Fields) -> PhaseLeaf:
    return build(
        inside.where,
        OnAssessment,
        verdict=inside.choice("verdict", Verdict),
        parties=inside.integer("parties"),
        verifiers=inside.integer("verifiers"),
        blocs=inside.integer("blocs"),
    )


def _parse_coverage(inside: Fields) -> PhaseLeaf:
    return build(
        inside.where,
        OnCoverage,
        floor_ppm=inside.integer("floorPpm"),
        longer_than_ms=inside.integer("longerThanMs"),
        parties=inside.integer("parties"),
        verifiers=inside.integer("verifiers"),
        blocs=inside.integer("blocs"),
    )


def _parse_confirmed(inside: Fields) -> PhaseLeaf:
    return build(inside.where, OnConfirmed, findings=inside.integer("findings"))


_NESTED = {
    "signal": _parse_signal,
    "assessed": _parse_assessed,
    "coverageBelow": _parse_coverage,
    "confirmed": _parse_confirmed,
}


def format_phase_leaf(leaf: PhaseLeaf) -> JSON:
    """Return the wire form of an event."""
    match leaf:
        case OnMotion():
            return {"motion": leaf.motion}
        case OnSignal():
            return {
                "signal": {
                    "name": leaf.name,
                    "kind": leaf.kind.value,
                    "parties": leaf.parties,
                    "blocs": leaf.blocs,
                }
            }
        case OnDate():
            return {"date": format_instant(leaf.date)}
        case OnAssessment():
            return {
                "assessed": {
                    "verdict": leaf.verdict.value,
                    "parties": leaf.parties,
                    "verifiers": leaf.verifiers,
                    "blocs": leaf.blocs,
                }
            }
        case OnCoverage():
            return {
                "coverageBelow": {
                    "floorPpm": leaf.floor_ppm,
                    "longerThanMs": leaf.longer_than_ms,
                    "parties": leaf.parties,
                    "verifiers": leaf.verifiers,
                    "blocs": leaf.blocs,
                }
            }
        case OnElapsed():
            return {"elapsedMs": leaf.ms}
        case OnConfirmed():
            return {"confirmed": {"findings": leaf.findings}}
        case OnMeasure():
            return {"measure": leaf.measure}
        case _:
            assert_never(leaf)
