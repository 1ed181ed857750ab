"""report.json: the canonical JSON of a document (spec/report.md). There is no parser: a report is re-made.

The keys are the names of the document's own fields in lowerCamelCase, so that whoever reads one knows the other.
"""

from dataclasses import fields, is_dataclass
from enum import Enum

from allstop.canon import JSON, format_decimal, format_instant, format_json, format_window
from allstop.report._document import Amount, Bin, Document
from allstop.times import Instant, Window

__all__ = ["REPORT_TYPE", "format_document"]

REPORT_TYPE = "urn:allstop:report:v1"
"""Value of `type` in report.json; a later version is another URI."""


def format_document(document: Document) -> bytes:
    """Return a document as canonical JSON.

    Raises:
        LimitError: it is longer than a document may be.
    """
    return format_json({"type": REPORT_TYPE, **_format_fields(document)})


def _format(value: object) -> JSON:
    match value:
        case Amount():
            return _format_amount(value)
        case Bin():
            parts: dict[str, JSON] = {kind: format_decimal(chip_ms) for kind, chip_ms in value.parts}
            return {"window": format_window(value.window), "chipMs": parts}
        case Instant():
            return format_instant(value)
        case Window():
            return format_window(value)
        case Enum():
            return _format(value.value)
        case tuple():
            return [_format(item) for item in value]
        case None | bool() | int() | str():
            return value
        case _:
            return _format_fields(value)


def _format_amount(amount: Amount) -> JSON:
    value = amount.value
    if value is None:
        exact = None
    else:
        exact = format_decimal(value) if value >= 0 else f"-{format_decimal(-value)}"
    return {"unit": amount.unit.value, "value": exact, "words": amount.words}


def _format_fields(value: object) -> dict[str, JSON]:
    if not is_dataclass(value):
        raise TypeError(f"a report holds {type(value).__name__}, want a dataclass")
    return {_camel(one.name): _format(getattr(value, one.name)) for one in fields(value)}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
