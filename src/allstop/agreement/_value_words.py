"""Values of an agreement in words: lengths of time, shares, amounts, formulas. Exact: nothing is rounded."""

from collections.abc import Mapping

from allstop.agreement._formula import parse_formula
from allstop.agreement._obligation import ObligationKind
from allstop.agreement._phase_leaves import parse_phase_leaf
from allstop.agreement._phase_words import describe_when
from allstop.canon import JSON, Fields
from allstop.clocks import LengthUnit, describe_length, parse_length
from allstop.errors import MalformedError
from allstop.times import DAY_MS, HOUR_MS
from allstop.units import CHIP_MS_PER_CHIP_HOUR, PPM, Unit

__all__ = [
    "format_amount",
    "format_cap",
    "format_formula_words",
    "format_length_words",
    "format_number",
    "format_share",
    "format_span",
    "format_value",
    "format_when",
    "humane_key",
    "quote_text",
    "text_list",
]

_CHARS_MAX = 400
_SPANS = ((DAY_MS, "day"), (HOUR_MS, "hour"), (60_000, "minute"), (1000, "second"))
_NONE_WORDS = {
    "calendar": "UTC",
    "capChipMs": "no cap",
    "maxMs": "no limit",
    "periods": "without agreed end",
}


def humane_key(key: str) -> str:
    """Return a key of the wire as words: `gapMsMax` is "gap max", `observedShareMinPpm` "observed share min"."""
    words = "".join(f" {one.lower()}" if one.isupper() else one for one in key).split()
    kept = [word for word in words if word not in ("ms", "ppm")]
    return " ".join(kept) or "length"


def format_span(ms: int) -> str:
    """Return a length of time in the largest unit that divides it: "5 days", "36 hours"."""
    for unit, name in _SPANS:
        if ms % unit == 0 and ms:
            count = ms // unit
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return f"{ms} ms" if ms else "no time"


def format_share(ppm: int) -> str:
    """Return a share in per cent: "90 %", "66.6666 %"."""
    whole, rest = divmod(ppm, PPM // 100)
    return f"{whole} %" if rest == 0 else f"{whole}.{rest:04d}".rstrip("0") + " %"


def format_number(number: int) -> str:
    """Return a whole number, long rows of noughts as a power: `1e24`, `1.25e12`, `1979`."""
    text = str(number)
    digits = text.rstrip("0") or "0"
    power = len(text) - 1
    if power < 6 or len(digits) > 6:
        return text
    return f"{digits[0]}{'.' + digits[1:] if digits[1:] else ''}e{power}"


def _natural(value: JSON) -> int | None:
    is_natural = isinstance(value, str) and value.isascii() and value.isdigit()
    return int(value) if is_natural and isinstance(value, str) else None


def _chip_time(chip_ms: int) -> str:
    thousandths, rest = divmod(chip_ms * 1000, CHIP_MS_PER_CHIP_HOUR)
    # Less than a thousandth of a chip-hour apart is said in chip-seconds, to the last millisecond.
    amount, unit = (chip_ms, "chip-second") if rest else (thousandths, "chip-hour")
    whole, part = divmod(amount, 1000)
    text = f"{format_number(whole)}.{part:03d}".rstrip("0").rstrip(".") if part else format_number(whole)
    return f"{text} {unit}{'' if text == '1' else 's'}"


def format_cap(value: JSON) -> str:
    """Return a cap in chip-milliseconds as chip-hours: "100000 chip-hours", "no cap"."""
    chip_ms = _natural(value)
    return format_value("capChipMs", value) if chip_ms is None else _chip_time(chip_ms)


def format_amount(tolerance: JSON, kind: str) -> str:
    """Return the tolerance of a clause in words: "more than 1e24 FLOP", "485.5 chip-hours or more"."""
    known = {one.value: one.unit for one in ObligationKind}
    unit, amount = known.get(kind), _natural(tolerance)
    if amount is None or unit is None:
        return format_value("tolerance", tolerance)
    if unit is Unit.PPM:
        return f"{format_share(amount)} or more"
    if unit is Unit.ONE:
        return f"{format_number(amount)} chip{'' if amount == 1 else 's'} or more"
    if unit is Unit.CHIP_MS:
        return f"{_chip_time(amount)} or more"
    if len(str(amount - 1).rstrip("0")) < len(str(amount).rstrip("0")):
        return f"more than {format_number(amount - 1)} FLOP"
    return f"{format_number(amount)} FLOP or more"


def quote_text(value: JSON) -> str:
    """Return a text in quotation marks, cut where it is long."""
    return f'"{_cut(str(value))}"'


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _CHARS_MAX else one_line[: _CHARS_MAX - 3] + "..."


def text_list(value: JSON) -> list[str]:
    """Return the texts of a list; what is no text is left out, and what is no list has none."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def format_length_words(value: JSON) -> str | None:
    """Return a length in words, such as `5 business days`; None where the value is none."""
    if not isinstance(value, dict) or value.keys() != {"amount", "unit"}:
        return None
    try:
        length = parse_length(Fields(value, "length"))
    except MalformedError:
        return None
    return format_span(length.amount) if length.unit is LengthUnit.MS else describe_length(length)


def format_when(value: JSON) -> str:
    """Return the condition of a change of phase in words: `any of: motion start is adopted; ...`."""
    try:
        return describe_when(parse_formula(Fields(value, "when"), parse_phase_leaf))
    except MalformedError:
        return format_value("when", value)


def format_value(key: str, value: JSON) -> str:
    """Return a value in words, guided by the key under which it stands."""
    if value is None:
        return _NONE_WORDS.get(key, "nothing")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _format_integer(key, value)
    if isinstance(value, str):
        number = _natural(value)
        return _cut(value) if number is None else format_number(number)
    if isinstance(value, dict):
        return format_formula_words(value) or format_length_words(value) or _format_table(value)
    words = (format_value(key, one) for one in value)
    separator = ", " if all(isinstance(one, str) for one in value) else "; "
    return _cut(separator.join(words)) or "nothing"


def _format_integer(key: str, value: int) -> str:
    if key.endswith("Ms") or key == "ms" or "Ms" in key:
        return format_span(value)
    return format_share(value) if key.endswith(("Ppm", "ppm")) else str(value)


def _format_table(value: Mapping[str, JSON]) -> str:
    """Return any object in words; only what is no part of an agreement comes here."""
    shown = ((key, one) for key, one in value.items() if one is not None and one != [])
    return _cut(", ".join(f"{humane_key(key)} {format_value(key, one)}" for key, one in shown)) or "nothing"


def format_formula_words(value: JSON) -> str | None:
    """Return a condition or voting rule in words, None where the value is none.

    `{"allOf": [{"criticalAll": true}, {"blocAtLeast": {"bloc": "south", "count": 2}}]}` is "every critical party and
    at least 2 of bloc south".
    """
    if not isinstance(value, dict) or len(value) != 1:
        return None
    key, inside = next(iter(value.items()))
    if key in ("allOf", "anyOf") and isinstance(inside, list) and inside:
        parts = [format_formula_words(one) or format_value(key, one) for one in inside]
        word = " and " if key == "allOf" else " or "
        return parts[0] if len(parts) == 1 else "(" + word.join(parts) + ")"
    if key == "atLeast" and isinstance(inside, dict) and isinstance(inside.get("of"), list):
        members = inside["of"] if isinstance(inside["of"], list) else []
        parts = [format_formula_words(one) or format_value(key, one) for one in members]
        return f"at least {format_value('count', inside.get('count'))} of ({'; '.join(parts)})"
    return _format_leaf(key, inside)


def _format_leaf(key: str, inside: JSON) -> str | None:
    if key == "criticalAll":
        return "every critical party"
    if key in ("agrees", "deposited"):
        return format_value(key, inside)
    if not isinstance(inside, dict):
        return None
    words = {name: format_value(name, inside.get(name)) for name in ("count", "ppm", "bloc", "seat", "kind")}
    leaves = {
        "blocAtLeast": "at least {count} of bloc {bloc}",
        "seatAtLeast": "at least {count} of seat {seat}",
        "kindAtLeast": "at least {count} of kind {kind}",
        "shareAtLeast": "at least {ppm} of all voices",
        "blocsAtLeast": "at least {ppm} in each of {count} blocs",
    }
    return leaves[key].format(**words) if key in leaves else None
