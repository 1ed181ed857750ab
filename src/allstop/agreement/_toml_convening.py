"""The TOML form of the terms of the table (spec/convening.md, section 2)."""

from typing import Final

from allstop.agreement._checks import build
from allstop.agreement._toml_readers import (
    Key,
    Shape,
    boolean,
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

__all__ = ["CONVENING_SHAPE"]

_DEPTH_MAX = 24
_ANYBODY: Final[JSON] = {"kinds": [], "seats": [], "blocs": [], "parties": []}


def _percent(value: object, where: str) -> JSON:
    """Read a share in percent as parts per million: `"66.6666"` is 666666."""
    return build(where, lambda: read_number(value, where, scale=PPM // 100, what='percent such as "66.6666"'))


def _formula(value: object, where: str) -> JSON:
    if not isinstance(value, dict) or len(value) != 1:
        raise MalformedError(f"{where}: want a table with exactly one condition")
    # Guards the recursion here; the agreed limit on nesting is the JSON codec's.
    if where.count("of[") > _DEPTH_MAX:
        raise MalformedError(f"{where[:64]}: condition is nested too deep")
    key = str(next(iter(value)))
    if key not in _ADOPT:
        raise MalformedError(f"{where}: unknown condition {key[:48]!r}, want one of {', '.join(_ADOPT)}")
    rule = _ADOPT[key]
    return {rule.wire: rule.read(value[key], f"{where}.{key}")}


def _counted(wire: str, key: str) -> Key:
    return Key(wire, table({key: Key(key, text_of), "count": Key("count", integer)}))


_ADOPT: Final[Shape] = {
    "all_of": Key("allOf", list_of(_formula)),
    "any_of": Key("anyOf", list_of(_formula)),
    "at_least": Key("atLeast", table({"count": Key("count", integer), "of": Key("of", list_of(_formula))})),
    "agrees": Key("agrees", text_of),
    "critical_all": Key("criticalAll", boolean),
    "bloc_at_least": _counted("blocAtLeast", "bloc"),
    "seat_at_least": _counted("seatAtLeast", "seat"),
    "kind_at_least": _counted("kindAtLeast", "kind"),
    "share_at_least": Key("shareAtLeast", table({"percent": Key("ppm", _percent)})),
    "blocs_at_least": Key(
        "blocsAtLeast", table({"count": Key("count", integer), "percent": Key("ppm", _percent)})
    ),
}
_VOTERS: Final[Shape] = {
    key: optional(key, list_of(text_of), []) for key in ("kinds", "seats", "blocs", "parties")
}
_RULE: Final[Shape] = {
    "name": Key("name", text_of),
    "voters": optional("voters", table(_VOTERS), _ANYBODY),
    "proposers": optional("proposers", table(_VOTERS), _ANYBODY),
    "adopt": Key("adopt", _formula),
    "veto": optional("veto", text_of, "none"),
    "tacit": optional("tacit", boolean, False),
    "open": Key("openMs", duration),
}
_MOTION: Final[Shape] = {"name": Key("name", text_of), "rule": Key("rule", text_of)}
CONVENING_SHAPE: Final[Shape] = {
    "rules": Key("rules", list_of(table(_RULE))),
    "motions": optional("motions", list_of(table(_MOTION)), []),
    "text_rule": optional("textRule", text_of),
    "amendment_rule": optional("amendmentRule", text_of),
    "amendment_lead": optional("amendmentLeadMs", duration, 0),
}
"""Keys of the table `[convening]`."""
