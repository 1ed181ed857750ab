"""The form that people write: TOML without floats and datetimes, turned into the canonical JSON value.

Implements spec/agreement.md, section "TOML". Each table has a shape: its keys, how each is read, and what
stands for a key that is left out. An unknown key is an error. The JSON codec then checks the rest, so that
both forms lead to one value.
"""

import re
import tomllib
from typing import Final

from allstop.agreement._agreement import AGREEMENT_TYPE, PARTS, Agreement, read_agreement, verify_complete
from allstop.agreement._checks import build
from allstop.agreement._obligation import ObligationKind
from allstop.agreement._toml_adjudication import ADJUDICATION_SHAPE
from allstop.agreement._toml_articles import ARTICLES
from allstop.agreement._toml_binding import BINDING_SHAPE, LEAVING_SHAPE
from allstop.agreement._toml_convening import CONVENING_SHAPE
from allstop.agreement._toml_duties import DUTIES_SHAPE, calendars
from allstop.agreement._toml_halt import HALT_SHAPE
from allstop.agreement._toml_phases import PHASES
from allstop.agreement._toml_readers import (
    Key,
    Shape,
    boolean,
    duration,
    integer,
    list_of,
    number,
    optional,
    read_number,
    read_table,
    table,
    text_of,
    wrong,
)
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


def parse_agreement_toml(text: str, *, template: bool = False) -> Agreement:
    """Parse an agreement as people write it. With `template`, keys and reference tables may be missing.

    Raises:
        LimitError: the text is longer than TOML_CHARS_MAX.
        MalformedError: it is not TOML, or not an agreement; the message names the key.
    """
    value = read_table(parse_toml(text, "agreement"), "agreement", _AGREEMENT)
    for part in PARTS:
        if value[part.wire] is None:
            del value[part.wire]
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


def _terms(value: object, where: str) -> JSON:
    if not isinstance(value, dict):
        raise wrong(value, where, "a table of texts")
    return [{"name": name, "text": text_of(text, f"{where}.{name}")} for name, text in value.items()]


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
            smallest = read_number(amount, f"{where}.{key}", scale=scale, what=what) + extra
            return unit, build(where, format_decimal, smallest)
    wanted = ", ".join(f"above_{unit}, at_least_{unit}" for unit in _COMPARED)
    raise MalformedError(f"{where}: unknown comparison {str(key)[:48]!r}, want one of {wanted}")


def _party(value: object, where: str) -> JSON:
    result = read_table(value, where, _PARTY)
    if result["seat"] is None:
        del result["seat"]
    return result


def _obligation(value: object, where: str) -> JSON:
    result = read_table(value, where, _OBLIGATION)
    # The table was read above, so `value` is a mapping with a tolerance; only its unit depends on the kind.
    if result["phases"] is None:
        del result["phases"]
    unit, result["tolerance"] = _read_tolerance(value["tolerance"], f"{where}.tolerance")  # type: ignore[index]  # a dict, see above
    for kind in ObligationKind:
        if kind.value == result["kind"] and kind.unit is not unit:
            raise MalformedError(
                f"{where}.tolerance: found {unit.value}, want {kind.unit.value} for {kind.value}"
            )
    return result


def _band(value: object, where: str) -> JSON:
    """Read a band from the words of its bounds: above or at_least, below or at_most."""
    read = read_table(value, where, _BAND)
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


_FLOP = number(what='FLOP such as "1e24"')
_CONDITION: Shape = {
    "all_of": Key("allOf", list_of(_condition)),
    "any_of": Key("anyOf", list_of(_condition)),
    "at_least": Key("atLeast", table({"count": Key("count", integer), "of": Key("of", list_of(_condition))})),
    "deposited": Key("deposited", text_of),
    "critical_all": Key("criticalAll", boolean),
    "bloc_at_least": Key(
        "blocAtLeast", table({"bloc": Key("bloc", text_of), "count": Key("count", integer)})
    ),
}
_PARTY: Shape = {
    "id": Key("id", text_of),
    "name": Key("name", text_of),
    "kind": Key("kind", text_of),
    "bloc": Key("bloc", text_of),
    "critical": optional("critical", boolean, False),
    "keys": optional(
        "keys", list_of(table({"kind": Key("kind", text_of), "data": Key("data", text_of)})), []
    ),
    "threshold": optional("threshold", integer, 1),
    "seat": optional("seat", text_of),
}
_BAND: Shape = {
    "quantity": Key("quantity", text_of),
    "name": Key("name", text_of),
    "above": optional("above", number()),
    "at_least": optional("at_least", number()),
    "below": optional("below", number()),
    "at_most": optional("at_most", number()),
}
_CLOCK: Shape = {"name": Key("name", text_of), "length": Key("ms", duration), "basis": Key("basis", text_of)}
_OBLIGATION: Shape = {
    "clause": Key("clause", text_of),
    "kind": Key("kind", text_of),
    "parties": Key("parties", list_of(text_of)),
    "text": Key("text", text_of),
    "subgoals": Key("subgoals", list_of(text_of)),
    "tolerance": Key("tolerance", lambda value, where: None),
    "level": Key("level", text_of),
    "custody": Key("custody", text_of),
    "silence": Key("silence", text_of),
    "undeclared_is_training": optional("undeclaredIsTraining", boolean, False),
    "timeliness": optional("timelinessMs", duration),
    "evidence": Key("evidence", list_of(text_of)),
    "phases": optional("phases", list_of(text_of)),
}
_VERIFICATION: Shape = {
    "significant_quantity_flop": Key("significantQuantityFlop", _FLOP),
    "buffer_ppm": Key("bufferPpm", integer),
    "window": Key("windowMs", duration),
    "detection_probability_ppm": Key("detectionProbabilityPpm", integer),
    "false_alarm_ppm": Key("falseAlarmPpm", integer),
    "liars": Key("liars", integer),
    "gap_max": Key("gapMsMax", duration),
    "observed_share_min_ppm": Key("observedShareMinPpm", integer),
    "total_tolerance_ppm": Key("totalTolerancePpm", integer),
    "mfu_low_ppm": Key("mfuLowPpm", integer),
    "mfu_high_ppm": Key("mfuHighPpm", integer),
}
_REPLAY: Shape = {
    "forged_share_ppm": Key("forgedSharePpm", integer),
    "commit": Key("commitMs", duration),
    "open": Key("openMs", duration),
    "fresh": Key("freshMs", duration),
    "timing_error_ppm": Key("timingErrorPpm", integer),
}
_DEFINITIONS: Shape = {
    "counting_rule": Key("countingRule", text_of),
    "h100e_flop_per_second": Key("h100eFlopPerSecond", number(what='FLOP/s such as "990e12"')),
    "terms": optional("terms", _terms, []),
    "bands": optional("bands", list_of(_band), []),
    "clocks": optional("clocks", list_of(table(_CLOCK)), []),
}
_AGREEMENT: Shape = {
    "title": Key("title", text_of),
    "legal_basis": optional("legalBasis", text_of, ""),
    "log": Key("log", table({"origin": Key("origin", text_of), "operator": Key("operator", text_of)})),
    "parties": Key("parties", list_of(_party)),
    "edges": optional(
        "edges", list_of(table({key: Key(key, text_of) for key in ("source", "relation", "target")})), []
    ),
    "definitions": Key("definitions", table(_DEFINITIONS)),
    "references": optional(
        "references", list_of(table({key: Key(key, text_of) for key in ("name", "digest")})), []
    ),
    "obligations": Key("obligations", list_of(_obligation)),
    "entry": Key(
        "entry",
        table(
            {
                "condition": Key("condition", _condition),
                "deadline": Key("deadline", text_of),
                "lead": Key("leadMs", duration),
            }
        ),
    ),
    "accounting": Key(
        "accounting",
        table(
            {
                "start": optional("start", text_of),
                "period": Key("periodMs", duration),
                "periods": optional("periods", integer),
            }
        ),
    ),
    "verification": Key("verification", table(_VERIFICATION)),
    "replay": optional("replay", table(_REPLAY)),
    "phases": optional("phases", PHASES),
    "halt": optional("halt", table(HALT_SHAPE)),
    "calendars": optional("calendars", calendars),
    "duties": optional("duties", table(DUTIES_SHAPE)),
    "binding": optional("binding", table(BINDING_SHAPE)),
    "leaving": optional("leaving", table(LEAVING_SHAPE)),
    "adjudication": optional("adjudication", table(ADJUDICATION_SHAPE)),
    "articles": optional("articles", ARTICLES),
    "convening": optional("convening", table(CONVENING_SHAPE)),
    "assumptions": optional(
        "assumptions",
        list_of(table({key: Key(key, text_of) for key in ("name", "value", "unit", "source", "grade")})),
        [],
    ),
    "response": Key(
        "response", table({"answer": Key("answerMs", duration), "cure": Key("cureMs", duration)})
    ),
}
