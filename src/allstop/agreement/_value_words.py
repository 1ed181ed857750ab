"""Values of an agreement in words: lengths of time, shares, amounts, formulas. Exact: nothing is rounded."""

from allstop.agreement._obligation import ObligationKind
from allstop.canon import JSON, format_json
from allstop.times import DAY_MS, HOUR_MS
from allstop.units import CHIP_MS_PER_CHIP_HOUR, PPM, Unit

__all__ = ["format_amount", "format_formula_words", "format_span", "format_value", "humane_key", "quote_text"]

_CHARS_MAX = 400
_SPANS = ((DAY_MS, "day"), (HOUR_MS, "hour"), (60_000, "minute"), (1000, "second"))
_PARTS_MAX = 12


def humane_key(key: str) -> str:
    """Return a key of the wire as words: `gapMsMax` is "gap max", `observedShareMinPpm` "observed share min"."""
    words = "".join(f" {one.lower()}" if one.isupper() else one for one in key).split()
    kept = [word for word in words if word not in ("ms", "ppm")]
    return " ".join(kept) or key


def format_span(ms: int) -> str:
    """Return a length of time in the largest unit that divides it: "5 days", "36 hours"."""
    for unit, name in _SPANS:
        if ms % unit == 0 and ms:
            count = ms // unit
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return f"{ms} ms" if ms else "no time"


def _percent(ppm: int) -> str:
    whole, rest = divmod(ppm, PPM // 100)
    return f"{whole} %" if rest == 0 else f"{whole}.{rest:04d}".rstrip("0") + " %"


def _decimal(number: int) -> str:
    """Return a whole number, long rows of noughts as a power: `1e24`, `1.25e12`, `1979`."""
    text = str(number)
    digits = text.rstrip("0") or "0"
    power = len(text) - 1
    if power < 6 or len(digits) > 6:
        return text
    return f"{digits[0]}{'.' + digits[1:] if digits[1:] else ''}e{power}"


def format_amount(tolerance: JSON, kind: str) -> str:
    """Return the tolerance of a clause in words: "more than 1e24 FLOP", "485.5 chip-hours or more"."""
    known = {one.value: one.unit for one in ObligationKind}
    unit = known.get(kind)
    if not isinstance(tolerance, str) or not (tolerance.isascii() and tolerance.isdigit()) or unit is None:
        return format_value("tolerance", tolerance)
    amount = int(tolerance)
    if unit is Unit.PPM:
        return f"{_percent(amount)} or more"
    if unit is Unit.ONE:
        return f"{_decimal(amount)} chip{'' if amount == 1 else 's'} or more"
    if unit is Unit.CHIP_MS:
        hours, rest = divmod(amount * 1000, CHIP_MS_PER_CHIP_HOUR)
        if rest == 0:
            whole, part = divmod(hours, 1000)
            text = f"{_decimal(whole)}.{part:03d}".rstrip("0").rstrip(".") if part else _decimal(whole)
            return f"{text} chip-hour{'' if text == '1' else 's'} or more"
        return f"{amount} chip-ms or more"
    if len(str(amount - 1).rstrip("0")) < len(str(amount).rstrip("0")):
        return f"more than {_decimal(amount - 1)} FLOP"
    return f"{_decimal(amount)} FLOP or more"


def quote_text(value: JSON) -> str:
    """Return a text in quotation marks, cut where it is long."""
    text = " ".join(str(value).split())
    return f'"{text if len(text) <= _CHARS_MAX else text[: _CHARS_MAX - 3] + "..."}"'


def format_value(key: str, value: JSON) -> str:
    """Return a value in words, guided by the key under which it stands."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _format_integer(key, value)
    if isinstance(value, str):
        is_number = value.isascii() and value.isdigit()
        return _decimal(int(value)) if is_number else " ".join(value.split())[:_CHARS_MAX]
    if isinstance(value, dict):
        formula = format_formula_words(value)
        return formula or _format_table(value)
    if all(isinstance(one, str) for one in value):
        return ", ".join(map(str, value)) or "nothing"
    return f"{len(value)} items" if key == "keys" else _cut(value)


def _format_integer(key: str, value: int) -> str:
    if key.endswith("Ms") or key == "ms" or "Ms" in key:
        return format_span(value)
    return _percent(value) if key.endswith(("Ppm", "ppm")) else str(value)


def _format_table(value: dict[str, JSON]) -> str:
    shown = [(key, one) for key, one in value.items() if one is not None and one != []]
    parts = [f"{humane_key(key)} {format_value(key, one)}" for key, one in shown[:_PARTS_MAX]]
    text = ", ".join(parts)
    return text if len(text) <= _CHARS_MAX else text[: _CHARS_MAX - 3] + "..."


def _cut(value: JSON) -> str:
    text = format_json(value).decode()
    return text if len(text) <= _CHARS_MAX else text[: _CHARS_MAX - 3] + "..."


def format_formula_words(value: JSON) -> str | None:
    """Return a condition or voting rule in words, None where the value is none.

    `{"allOf": [{"criticalAll": true}, {"blocAtLeast": {"bloc": "south", "count": 2}}]}` is "every critical party and
    at least 2 of bloc south".
    """
    if not isinstance(value, dict) or len(value) != 1:
        return None
    key, inside = next(iter(value.items()))
    if key in ("allOf", "anyOf") and isinstance(inside, list):
        parts = [format_formula_words(one) or _cut(one) for one in inside]
        word = " and " if key == "allOf" else " or "
        return parts[0] if len(parts) == 1 else "(" + word.join(parts) + ")"
    if key == "atLeast" and isinstance(inside, dict) and isinstance(inside.get("of"), list):
        members = inside["of"] if isinstance(inside["of"], list) else []
        parts = [format_formula_words(one) or _cut(one) for one in members]
        return f"at least {inside.get('count')} of ({'; '.join(parts)})"
    return _format_leaf(key, inside)


def _format_leaf(key: str, inside: JSON) -> str | None:
    if key == "criticalAll":
        return "every critical party"
    if key in ("agrees", "deposited"):
        return str(inside)
    if not isinstance(inside, dict):
        return None
    count, ppm = inside.get("count"), inside.get("ppm")
    share = _percent(ppm) if isinstance(ppm, int) else ""
    leaves = {
        "blocAtLeast": f"at least {count} of bloc {inside.get('bloc')}",
        "seatAtLeast": f"at least {count} of seat {inside.get('seat')}",
        "kindAtLeast": f"at least {count} of kind {inside.get('kind')}",
        "shareAtLeast": f"at least {share} of all voices",
        "blocsAtLeast": f"at least {share} in each of {count} blocs",
    }
    return leaves.get(key)
