"""The form that people write: TOML without floats and datetimes, turned into the canonical JSON value.

Implements spec/agreement.md, section "TOML". Each table has a shape: its keys, how each is read, and what
stands for a key that is left out. An unknown key is an error. The JSON codec then checks the rest, so that
both forms lead to one value.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from allstop.agreement._agreement import AGREEMENT_TYPE, Agreement, read_agreement, verify_complete
from allstop.agreement._checks import build
from allstop.agreement._obligation import ObligationKind
from allstop.canon import JSON, format_decimal
from allstop.errors import LimitError, MalformedError
from allstop.units import CHIP_MS_PER_CHIP_HOUR, PPM, Unit

__all__ = ["TOML_CHARS_MAX", "TOML_KEY_PARTS_MAX", "parse_agreement_toml", "parse_toml"]

TOML_CHARS_MAX = 1_000_000
"""Most characters of an agreement, or of another document, in TOML."""

TOML_KEY_PARTS_MAX = 16
"""Most parts of a dotted key. `tomllib` takes time quadratic in their number, and nests a table for each."""

# Part, dot, part, dot. It starts only where a part does, so that hostile text cannot make it quadratic itself.
_LONG_KEY = re.compile(
    rf"""(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{TOML_KEY_PARTS_MAX}}}"""
)

_TABLE_DEPTH_MAX = 24

_Reader = Callable[[object, str], JSON]

_NUMBER = re.compile(r"(0|[1-9][0-9]{0,39})(?:\.([0-9]{1,39}))?(?:e([0-9]{1,2}))?\Z")
_DURATION = re.compile(
    r"P(?=[0-9T])(?:([1-9][0-9]{0,5})D)?"
    r"(?:T(?=[0-9])(?:([1-9][0-9]{0,5})H)?(?:([1-9][0-9]{0,6})M)?(?:(0|[1-9][0-9]{0,8})(?:\.([0-9]{3}))?S)?)?\Z"
)


@dataclass(frozen=True, slots=True)
class _Key:
    """How a key of a table is read: its name in JSON, its reader, and whether it may be left out."""

    wire: str
    read: _Reader
    is_optional: bool = False
    default: JSON = None


_Shape = Mapping[str, _Key]


def parse_agreement_toml(text: str, *, template: bool = False) -> Agreement:
    """Parse an agreement as people write it. With `template`, keys and reference tables may be missing.

    Raises:
        LimitError: the text is longer than TOML_CHARS_MAX.
        MalformedError: it is not TOML, or not an agreement; the message names the key.
    """
    value = _read_table(parse_toml(text, "agreement"), "agreement", _AGREEMENT)
    if value["replay"] is None:
        del value["replay"]
    agreement = read_agreement({"type": AGREEMENT_TYPE, **value})
    if not template:
        build("agreement", verify_complete, agreement)
    return agreement


def parse_toml(text: str, what: str) -> object:
    """Parse TOML that a stranger may have written; `what` names the document in messages.

    Raises:
        LimitError: the text is longer than TOML_CHARS_MAX, or a key has more than TOML_KEY_PARTS_MAX parts.
        MalformedError: it is not TOML.
    """
    if len(text) > TOML_CHARS_MAX:
        raise LimitError(f"{what} has {len(text)} characters, want at most {TOML_CHARS_MAX}")
    if _LONG_KEY.search(text) is not None:
        raise LimitError(f"{what} has a key of more than {TOML_KEY_PARTS_MAX} parts")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as exc:
        raise MalformedError(f"{what} is not TOML: {str(exc)[:120]}") from exc


def _kind(value: object) -> str:
    names = {
        bool: "a boolean",
        int: "an integer",
        str: "a text",
        list: "a list",
        dict: "a table",
        float: "a float",
    }
    return names.get(type(value), "a date or time")


def _wrong(value: object, where: str, wanted: str) -> MalformedError:
    return MalformedError(f"{where}: found {_kind(value)}, want {wanted}")


def _read_table(value: object, where: str, shape: _Shape) -> dict[str, JSON]:
    if not isinstance(value, dict):
        raise _wrong(value, where, "a table")
    for key in value:
        if key not in shape:
            raise MalformedError(f"{where}: unknown key {str(key)[:48]!r}, want one of {', '.join(shape)}")
    result: dict[str, JSON] = {}
    for key, rule in shape.items():
        if key in value:
            result[rule.wire] = rule.read(value[key], f"{where}.{key}")
        elif rule.is_optional:
            result[rule.wire] = rule.default
        else:
            raise MalformedError(f"{where}.{key}: missing")
    return result


def _table(shape: _Shape) -> _Reader:
    return lambda value, where: _read_table(value, where, shape)


def _list(read: _Reader) -> _Reader:
    def read_list(value: object, where: str) -> JSON:
        if not isinstance(value, list):
            raise _wrong(value, where, "a list")
        return [read(item, f"{where}[{index}]") for index, item in enumerate(value)]

    return read_list


def _text(value: object, where: str) -> str:
    """Read a text; line breaks and runs of spaces, which people use to wrap, count as one space."""
    if not isinstance(value, str):
        raise _wrong(value, where, "a text")
    return " ".join(value.split())


def _integer(value: object, where: str) -> JSON:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(value, where, "an integer")
    return value


def _boolean(value: object, where: str) -> JSON:
    if not isinstance(value, bool):
        raise _wrong(value, where, "true or false")
    return value


def _read_number(value: object, where: str, *, scale: int, what: str) -> int:
    """Read `12`, "12", "12.5" or "1.25e24" times `scale`, exactly."""
    if isinstance(value, int) and not isinstance(value, bool):
        # Formatted by `canon`, which refuses what is negative or too long; `str` alone may raise ValueError.
        value = build(where, format_decimal, value)
    if not isinstance(value, str):
        raise _wrong(value, where, what)
    text, match = value, _NUMBER.match(value)
    if match is None:
        raise MalformedError(f"{where}: malformed number {text[:48]!r}, want {what}")
    fraction, power = match[2] or "", "0" * int(match[3] or "0")
    amount, rest = divmod(int(match[1] + fraction + power) * scale, int("1" + "0" * len(fraction)))
    if rest:
        raise MalformedError(f"{where}: found {text[:48]!r}, which is not a whole number of the unit kept")
    return amount


def _number(scale: int = 1, what: str = 'a whole number such as 16 or "1e24"') -> _Reader:
    return lambda value, where: build(
        where, format_decimal, _read_number(value, where, scale=scale, what=what)
    )


def _duration(value: object, where: str) -> JSON:
    """Read days, hours, minutes and seconds; months and years have no fixed length and are refused."""
    if not isinstance(value, str):
        raise _wrong(value, where, 'a length of time such as "P120D" or "PT36H"')
    match = _DURATION.match(value)
    if match is None:
        raise MalformedError(
            f"{where}: malformed length of time {value[:48]!r}, want P120D, PT36H or P1DT12H"
        )
    days, hours, minutes, seconds, ms = (int(part or "0") for part in match.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms


def _terms(value: object, where: str) -> JSON:
    if not isinstance(value, dict):
        raise _wrong(value, where, "a table of texts")
    return [{"name": name, "text": _text(text, f"{where}.{name}")} for name, text in value.items()]


_COMPARED: Final = {
    "flop": (Unit.FLOP, 1, 'FLOP such as "1e24"'),
    "chips": (Unit.ONE, 1, "a number of chips"),
    "chip_hours": (Unit.CHIP_MS, CHIP_MS_PER_CHIP_HOUR, 'chip-hours such as "485.5"'),
    "chip_ms": (Unit.CHIP_MS, 1, "chip-milliseconds"),
    "percent": (Unit.PPM, PPM // 100, 'percent such as "50"'),
}


def _read_tolerance(value: object, where: str) -> tuple[Unit, str]:
    """Read one comparison, such as `{ above_flop = "1e24" }`, as the smallest amount that is a breach."""
    if not isinstance(value, dict) or len(value) != 1:
        raise MalformedError(f'{where}: want exactly one comparison such as {{ above_flop = "1e24" }}')
    key, amount = next(iter(value.items()))
    for word, extra in (("above_", 1), ("at_least_", 0)):
        if key.startswith(word) and key.removeprefix(word) in _COMPARED:
            unit, scale, what = _COMPARED[key.removeprefix(word)]
            smallest = _read_number(amount, f"{where}.{key}", scale=scale, what=what) + extra
            return unit, build(where, format_decimal, smallest)
    wanted = ", ".join(f"above_{unit}, at_least_{unit}" for unit in _COMPARED)
    raise MalformedError(f"{where}: unknown comparison {str(key)[:48]!r}, want one of {wanted}")


def _obligation(value: object, where: str) -> JSON:
    result = _read_table(value, where, _OBLIGATION)
    # The table was read above, so `value` is a mapping with a tolerance; only its unit depends on the kind.
    unit, result["tolerance"] = _read_tolerance(value["tolerance"], f"{where}.tolerance")  # type: ignore[index]  # a dict, see above
    for kind in ObligationKind:
        if kind.value == result["kind"] and kind.unit is not unit:
            raise MalformedError(
                f"{where}.tolerance: found {unit.value}, want {kind.unit.value} for {kind.value}"
            )
    return result


def _band(value: object, where: str) -> JSON:
    """Read a band from the words of its bounds: above or at_least, below or at_most."""
    read = _read_table(value, where, _BAND)
    result: dict[str, JSON] = {"quantity": read["quantity"], "name": read["name"]}
    for side, is_open, is_closed in (("low", "above", "at_least"), ("high", "below", "at_most")):
        if read[is_open] is not None and read[is_closed] is not None:
            raise MalformedError(f"{where}: both {is_open} and {is_closed}, want at most one")
        result[side] = read[is_open] if read[is_closed] is None else read[is_closed]
        result[f"{side}Closed"] = read[is_closed] is not None
    return result


def _condition(value: object, where: str) -> JSON:
    if not isinstance(value, dict) or len(value) != 1:
        raise MalformedError(f"{where}: want a table with exactly one condition")
    # Guards the recursion here; the agreed limit on nesting is the JSON codec's.
    if where.count("of[") > _TABLE_DEPTH_MAX:
        raise MalformedError(f"{where[:64]}: condition is nested too deep")
    key = str(next(iter(value)))
    if key not in _CONDITION:
        raise MalformedError(f"{where}: unknown condition {key[:48]!r}, want one of {', '.join(_CONDITION)}")
    rule = _CONDITION[key]
    return {rule.wire: rule.read(value[key], f"{where}.{key}")}


def _optional(wire: str, read: _Reader, default: JSON = None) -> _Key:
    return _Key(wire, read, is_optional=True, default=default)


_FLOP = _number(what='FLOP such as "1e24"')
_CONDITION: _Shape = {
    "all_of": _Key("allOf", _list(_condition)),
    "any_of": _Key("anyOf", _list(_condition)),
    "at_least": _Key(
        "atLeast", _table({"count": _Key("count", _integer), "of": _Key("of", _list(_condition))})
    ),
    "deposited": _Key("deposited", _text),
    "critical_all": _Key("criticalAll", _boolean),
    "bloc_at_least": _Key(
        "blocAtLeast", _table({"bloc": _Key("bloc", _text), "count": _Key("count", _integer)})
    ),
}
_PARTY: _Shape = {
    "id": _Key("id", _text),
    "name": _Key("name", _text),
    "kind": _Key("kind", _text),
    "bloc": _Key("bloc", _text),
    "critical": _optional("critical", _boolean, False),
    "keys": _optional("keys", _list(_table({"kind": _Key("kind", _text), "data": _Key("data", _text)})), []),
    "threshold": _optional("threshold", _integer, 1),
}
_BAND: _Shape = {
    "quantity": _Key("quantity", _text),
    "name": _Key("name", _text),
    "above": _optional("above", _number()),
    "at_least": _optional("at_least", _number()),
    "below": _optional("below", _number()),
    "at_most": _optional("at_most", _number()),
}
_CLOCK: _Shape = {"name": _Key("name", _text), "length": _Key("ms", _duration), "basis": _Key("basis", _text)}
_OBLIGATION: _Shape = {
    "clause": _Key("clause", _text),
    "kind": _Key("kind", _text),
    "parties": _Key("parties", _list(_text)),
    "text": _Key("text", _text),
    "subgoals": _Key("subgoals", _list(_text)),
    "tolerance": _Key("tolerance", lambda value, where: None),
    "level": _Key("level", _text),
    "custody": _Key("custody", _text),
    "silence": _Key("silence", _text),
    "undeclared_is_training": _optional("undeclaredIsTraining", _boolean, False),
    "timeliness": _optional("timelinessMs", _duration),
    "evidence": _Key("evidence", _list(_text)),
}
_VERIFICATION: _Shape = {
    "significant_quantity_flop": _Key("significantQuantityFlop", _FLOP),
    "buffer_ppm": _Key("bufferPpm", _integer),
    "window": _Key("windowMs", _duration),
    "detection_probability_ppm": _Key("detectionProbabilityPpm", _integer),
    "false_alarm_ppm": _Key("falseAlarmPpm", _integer),
    "liars": _Key("liars", _integer),
    "gap_max": _Key("gapMsMax", _duration),
    "observed_share_min_ppm": _Key("observedShareMinPpm", _integer),
    "total_tolerance_ppm": _Key("totalTolerancePpm", _integer),
    "mfu_low_ppm": _Key("mfuLowPpm", _integer),
    "mfu_high_ppm": _Key("mfuHighPpm", _integer),
}
_REPLAY: _Shape = {
    "forged_share_ppm": _Key("forgedSharePpm", _integer),
    "commit": _Key("commitMs", _duration),
    "open": _Key("openMs", _duration),
    "fresh": _Key("freshMs", _duration),
    "timing_error_ppm": _Key("timingErrorPpm", _integer),
}
_DEFINITIONS: _Shape = {
    "counting_rule": _Key("countingRule", _text),
    "h100e_flop_per_second": _Key("h100eFlopPerSecond", _number(what='FLOP/s such as "990e12"')),
    "terms": _optional("terms", _terms, []),
    "bands": _optional("bands", _list(_band), []),
    "clocks": _optional("clocks", _list(_table(_CLOCK)), []),
}
_AGREEMENT: _Shape = {
    "title": _Key("title", _text),
    "legal_basis": _optional("legalBasis", _text, ""),
    "log": _Key("log", _table({"origin": _Key("origin", _text), "operator": _Key("operator", _text)})),
    "parties": _Key("parties", _list(_table(_PARTY))),
    "edges": _optional(
        "edges", _list(_table({key: _Key(key, _text) for key in ("source", "relation", "target")})), []
    ),
    "definitions": _Key("definitions", _table(_DEFINITIONS)),
    "references": _optional(
        "references", _list(_table({key: _Key(key, _text) for key in ("name", "digest")})), []
    ),
    "obligations": _Key("obligations", _list(_obligation)),
    "entry": _Key(
        "entry",
        _table(
            {
                "condition": _Key("condition", _condition),
                "deadline": _Key("deadline", _text),
                "lead": _Key("leadMs", _duration),
            }
        ),
    ),
    "accounting": _Key(
        "accounting",
        _table(
            {
                "start": _optional("start", _text),
                "period": _Key("periodMs", _duration),
                "periods": _optional("periods", _integer),
            }
        ),
    ),
    "verification": _Key("verification", _table(_VERIFICATION)),
    "replay": _optional("replay", _table(_REPLAY)),
    "assumptions": _optional(
        "assumptions",
        _list(_table({key: _Key(key, _text) for key in ("name", "value", "unit", "source", "grade")})),
        [],
    ),
    "response": _Key(
        "response", _table({"answer": _Key("answerMs", _duration), "cure": _Key("cureMs", _duration)})
    ),
}
