"""How phases are written in TOML (spec/phases.md section 2)."""

from allstop.agreement._toml_readers import (
    Key,
    Reader,
    Shape,
    duration,
    integer,
    list_of,
    optional,
    read_number,
    table,
    text_of,
)
from allstop.canon import JSON
from allstop.errors import MalformedError
from allstop.units import PPM

__all__ = ["PHASES"]

_DEPTH_MAX = 24


def _formula(value: object, where: str) -> JSON:
    """Read one group of events, or one event."""
    if not isinstance(value, dict) or len(value) != 1:
        raise MalformedError(f"{where}: want a table with exactly one event")
    # Guards the recursion here; the agreed limit on nesting is the JSON codec's.
    if where.count("of[") > _DEPTH_MAX:
        raise MalformedError(f"{where[:64]}: condition is nested too deep")
    key = str(next(iter(value)))
    if key not in _EVENT:
        raise MalformedError(f"{where}: unknown event {key[:48]!r}, want one of {', '.join(_EVENT)}")
    rule = _EVENT[key]
    return {rule.wire: rule.read(value[key], f"{where}.{key}")}


def _percent(value: object, where: str) -> JSON:
    return read_number(value, where, scale=PPM // 100, what='percent such as "90"')


_BY_VERIFIERS: Shape = {
    "parties": optional("parties", integer, 1),
    "verifiers": Key("verifiers", integer),
    "blocs": optional("blocs", integer, 1),
}
_EVENT: Shape = {
    "all_of": Key("allOf", list_of(_formula)),
    "any_of": Key("anyOf", list_of(_formula)),
    "at_least": Key("atLeast", table({"count": Key("count", integer), "of": Key("of", list_of(_formula))})),
    "motion": Key("motion", text_of),
    "signal": Key(
        "signal",
        table(
            {
                "name": Key("name", text_of),
                "kind": Key("kind", text_of),
                "parties": Key("parties", integer),
                "blocs": optional("blocs", integer, 1),
            }
        ),
    ),
    "date": Key("date", text_of),
    "assessed": Key("assessed", table({"verdict": Key("verdict", text_of), **_BY_VERIFIERS})),
    "coverage_below": Key(
        "coverageBelow",
        table(
            {
                "percent": Key("floorPpm", _percent),
                "longer_than": Key("longerThanMs", duration),
                **_BY_VERIFIERS,
            }
        ),
    ),
    "elapsed": Key("elapsedMs", duration),
    "confirmed": Key("confirmed", table({"findings": Key("findings", integer)})),
    "measure": Key("measure", text_of),
}

PHASES: Reader = table(
    {
        "phase": Key(
            "phases",
            list_of(
                table(
                    {
                        "name": Key("name", text_of),
                        "kind": Key("kind", text_of),
                        "min": optional("minMs", duration, 0),
                        "max": optional("maxMs", duration),
                        "then": optional("then", text_of),
                    }
                )
            ),
        ),
        "transition": optional(
            "transitions",
            list_of(
                table(
                    {
                        "from": Key("from", text_of),
                        "to": Key("to", text_of),
                        "lead": optional("leadMs", duration, 0),
                        "when": Key("when", _formula),
                    }
                )
            ),
            [],
        ),
    }
)
"""Reads `[[phases.phase]]` and `[[phases.transition]]`."""
