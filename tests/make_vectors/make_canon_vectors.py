"""Makes vectors/canon: `python tests/make_vectors/make_canon_vectors.py`.

Each file holds one input in one format of spec/canon.md, whether it is valid, what it means, and one sentence
why. What is expected is written here by hand; nothing is computed by the code under test.
"""

import base64
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent.parent / "vectors" / "canon"

# name: (why, input, canonical spelling or None if no JSON of ours)
DOCUMENTS: dict[str, tuple[str, str | bytes, str | None]] = {
    "plain": ("keys sorted, no spaces", '{"a":1,"b":[true,false,null,"x"]}', '{"a":1,"b":[true,false,null,"x"]}'),
    "spaces": ("spaces between tokens are another spelling", '{"a": 1}', '{"a":1}'),
    "trailing-newline": ("a newline after the value is another spelling", "{}\n", "{}"),
    "unsorted-keys": ("keys out of order are another spelling", '{"b":1,"a":2}', '{"a":2,"b":1}'),
    "prefix-key-first": ("a key sorts before keys that it begins", '{"a":1,"aa":2,"b":3}', '{"a":1,"aa":2,"b":3}'),
    "empty-key": ("the empty text is a key, and sorts first", '{"":1,"a":2}', '{"":1,"a":2}'),
    "utf-16-order": (
        "keys sort by UTF-16 code units: U+10000 is D800 DC00 and comes before U+E000",
        '{"\U00010000":1,"\ue000":2}',
        '{"\U00010000":1,"\ue000":2}',
    ),
    "code-point-order": (
        "sorting by code points or by UTF-8 bytes is wrong",
        '{"\ue000":2,"\U00010000":1}',
        '{"\U00010000":1,"\ue000":2}',
    ),
    "composed-and-decomposed-keys": (
        "no Unicode normalisation: two keys that look alike stay two keys",
        '{"e\u0301":1,"\u00e9":2}',
        '{"e\u0301":1,"\u00e9":2}',
    ),
    "control-escapes": (
        "controls are escaped with lower-case digits, or by letter where one exists",
        '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\\u007f"',
        '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\\u007f"',
    ),
    "upper-case-escape": ("\\u001F is another spelling of \\u001f", '"\\u001F"', '"\\u001f"'),
    "needless-escape": ("\\u0041 is another spelling of A", '"\\u0041"', '"A"'),
    "escaped-slash": ("\\/ is another spelling of /", '"\\/"', '"/"'),
    "escaped-pair": ("a pair of escaped surrogates is another spelling of one character", '"\\ud83d\\ude80"', '"\U0001f680"'),
    "largest-integer": ("2^53 - 1 is exact in a double", "9007199254740991", "9007199254740991"),
    "smallest-integer": ("-(2^53 - 1) is exact in a double", "-9007199254740991", "-9007199254740991"),
    "integer-too-large": ("2^53 is not told from 2^53 + 1 by readers with doubles", "9007199254740992", None),
    "integer-too-small": ("the same below zero", "-9007199254740992", None),
    "minus-zero": ("-0 would be a second zero", "-0", None),
    "fraction": ("there are no fractions, even whole ones", "[1.0]", None),
    "exponent": ("there are no exponents", "[1e2]", None),
    "not-a-number": ("NaN is no JSON, though parsers take it", "[NaN]", None),
    "infinity": ("-Infinity is no JSON, though parsers take it", "[-Infinity]", None),
    "leading-zero": ("01 is no JSON number", "[01]", None),
    "duplicate-key": ("readers disagree whether the first or the last wins", '{"a":1,"a":2}', None),
    "duplicate-key-escaped": ("the same key may hide behind an escape", '{"a":1,"\\u0061":2}', None),
    "lone-surrogate": ("half a character has no UTF-8", '"\\ud800"', None),
    "lone-surrogate-key": ("half a character in a key", '{"\\udc00":1}', None),
    "swapped-surrogates": ("a low surrogate before a high one is no character", '"\\ude80\\ud83d"', None),
    "byte-order-mark": ("a byte order mark is no white space", b"\xef\xbb\xbf{}", None),
    "invalid-utf-8": ("C0 80 is an overlong zero", b'"\xc0\x80"', None),
    "encoded-surrogate": ("ED A0 80 is a surrogate in UTF-8", b'"\xed\xa0\x80"', None),
    "utf-16": ("only UTF-8 is read", "{}".encode("utf-16-le"), None),
    "depth-64": ("64 open arrays are the limit", "[" * 64 + "]" * 64, "[" * 64 + "]" * 64),
    "depth-65": ("65 open arrays are one too many", "[" * 65 + "]" * 65, None),
    "many-brackets": ("a hundred arrays side by side are two deep", "[" + "[]," * 99 + "[]]", "[" + "[]," * 99 + "[]]"),
    "brackets-in-text": ("brackets in a text are not depth", '["' + "[" * 99 + '"]', '["' + "[" * 99 + '"]'),
    "trailing-comma": ("a comma wants another item", "[1,]", None),
    "two-values": ("one document holds one value", "{}{}", None),
    "empty": ("no bytes hold no value", "", None),
    "raw-control": ("a line break inside a text must be escaped", '"a\nb"', None),
    "single-quotes": ("texts have double quotes", "['a']", None),
    "comment": ("there are no comments", "[1/**/]", None),
}  # fmt: skip

# format: name: (why, text, value or None if not valid)
SCALARS: dict[str, dict[str, tuple[str, str, str | int | None]]] = {
    "decimal": {
        "zero": ("zero is one digit", "0", "0"),
        "forty-digits": ("the largest decimal", "9" * 40, "9" * 40),
        "forty-one-digits": ("one digit too many", "1" + "0" * 40, None),
        "leading-zero": ("012 would be a second twelve", "012", None),
        "minus": ("amounts are not negative", "-1", None),
        "plus": ("no sign at all", "+1", None),
        "underscore": ("Python's int takes it", "1_000", None),
        "arabic-digits": ("Python's int takes digits of every alphabet", "\u0664\u0662", None),
        "space": ("Python's int strips spaces", " 1", None),
        "newline": ("a pattern ending in $ takes it", "1\n", None),
        "exponent": ("no exponents", "1e3", None),
        "empty": ("no digits hold no number", "", None),
    },
    "base64": {
        "empty": ("no bytes are the empty text", "", ""),
        "one-byte": ("two pads", "QQ==", "41"),
        "two-bytes": ("one pad", "QUI=", "4142"),
        "both-special": ("the standard alphabet has + and /", "+/+/", "fbffbf"),
        "set-trailing-bits": ("decoders take QR== for QQ==", "QR==", None),
        "no-padding": ("padding is part of the spelling", "QQ", None),
        "newline": ("decoders skip line breaks", "QQ==\n", None),
        "inner-padding": ("two texts in one", "QQ==QQ==", None),
        "url-safe": ("our formats have one alphabet", "-_-_", None),
    },
    "base64-any": {
        "standard": ("envelopes of others may have the standard alphabet", "+/+/", "fbffbf"),
        "url-safe": ("or the URL-safe one", "-_-_", "fbffbf"),
        "mixed": ("but not both", "-/-/", None),
        "url-safe-set-trailing-bits": ("still one spelling in each alphabet", "__9=", None),
    },
    "instant": {
        "epoch": ("the first instant", "1970-01-01T00:00:00Z", 0),
        "milliseconds": ("three digits if not zero", "2026-11-23T09:30:00.250Z", 1795426200250),
        "whole-second": ("no fraction if zero", "2026-11-23T09:30:00Z", 1795426200000),
        "leap-day": ("2024 has a 29 February", "2024-02-29T23:59:59.999Z", 1709251199999),
        "last": ("the last millisecond of RFC 3339", "9999-12-31T23:59:59.999Z", 253402300799999),
        "zero-fraction": (".000 would be a second spelling", "2026-11-23T09:30:00.000Z", None),
        "one-digit-fraction": (".5 would be a second spelling of .500", "2026-11-23T09:30:00.5Z", None),
        "microseconds": ("finer than a millisecond is not kept", "2026-11-23T09:30:00.123456Z", None),
        "offset": ("+00:00 would be a second Z", "2026-11-23T09:30:00+00:00", None),
        "lower-case": ("RFC 3339 allows z; we do not", "2026-11-23T09:30:00z", None),
        "space": ("RFC 3339 allows a space for T; we do not", "2026-11-23 09:30:00Z", None),
        "leap-second": ("leap seconds are not counted", "2016-12-31T23:59:60Z", None),
        "hour-24": ("midnight is 00 of the next day", "2026-11-23T24:00:00Z", None),
        "no-such-day": ("2026 has no 29 February", "2026-02-29T00:00:00Z", None),
        "before-1970": ("instants count from 1970", "1969-12-31T23:59:59Z", None),
        "no-zone": ("without Z it is no instant", "2026-11-23T09:30:00", None),
    },
}

FLOP = {"low": "1268357529600000000000", "high": "1268357529600000000000", "unit": "flop"}

# format: name: (why, body, is valid, schema accepts)
OBJECTS: dict[str, dict[str, tuple[str, Any, bool, bool]]] = {
    "quantity": {
        "plain": ("a point is two equal bounds", FLOP, True, True),
        "bounds": ("low may be below high", {**FLOP, "low": "0"}, True, True),
        "crossed": ("low above high holds no number; a schema cannot say so", {**FLOP, "high": "1"}, False, True),
        "number": ("JSON numbers lose digits", {**FLOP, "low": 1, "high": 1}, False, False),
        "no-unit": ("a number without a unit is no amount", {"low": "1", "high": "1"}, False, False),
        "unknown-unit": ("units are listed", {**FLOP, "unit": "FLOPs"}, False, False),
        "unknown-key": ("nothing is ignored", {**FLOP, "expected": "1"}, False, False),
        "leading-zero": ("bounds are decimals", {**FLOP, "low": "01"}, False, False),
    },
    "window": {
        "day": ("half-open", {"from": "2026-11-23T00:00:00Z", "until": "2026-11-24T00:00:00Z"}, True, True),
        "empty": (
            "a window has a length; a schema cannot say so",
            {"from": "2026-11-23T00:00:00Z", "until": "2026-11-23T00:00:00Z"}, False, True,
        ),
        "open-ended": ("both ends are named", {"from": "2026-11-23T00:00:00Z"}, False, False),
        "zero-fraction": (
            "its ends are instants",
            {"from": "2026-11-23T00:00:00.000Z", "until": "2026-11-24T00:00:00Z"}, False, False,
        ),
    },
}  # fmt: skip


def write(name: str, vector: dict[str, Any]) -> None:
    """Write one vector as ASCII JSON."""
    (FOLDER / f"{name}.json").write_text(json.dumps(vector, indent=2) + "\n", encoding="ascii")


def main() -> None:
    """Write every vector of this folder anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, (why, document, canonical) in DOCUMENTS.items():
        data = document if isinstance(document, bytes) else document.encode()
        vector: dict[str, Any] = {
            "why": why,
            "format": "json",
            "inputBase64": base64.b64encode(data).decode(),
            "isValid": canonical is not None,
            "isCanonical": canonical is not None and canonical.encode() == data,
        }
        if canonical is not None:
            vector["canonicalBase64"] = base64.b64encode(canonical.encode()).decode()
        write(f"json-{name}", vector)
    for kind, scalars in SCALARS.items():
        for name, (why, text, value) in scalars.items():
            vector = {"why": why, "format": kind, "text": text, "isValid": value is not None}
            if value is not None:
                vector["value"] = value
            write(f"{kind}-{name}", vector)
    for kind, objects in OBJECTS.items():
        for name, (why, body, is_valid, schema_accepts) in objects.items():
            vector = {"why": why, "format": kind, "body": body}
            write(f"{kind}-{name}", {**vector, "isValid": is_valid, "schemaAccepts": schema_accepts})


if __name__ == "__main__":
    main()
