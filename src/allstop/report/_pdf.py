"""The report as PDF: A4, by typst from a template of ours, the same bytes for the same document.

The template gets report.json as one string and shows what is in it as text, so no word of a party is ever read
as markup or code. No fonts of the machine are used, no file, no network and no clock.
"""

import re
from importlib import resources

from allstop.canon import JSON, format_json, parse_canonical_json
from allstop.errors import OperationalError
from allstop.report._document import Document
from allstop.report._document_json import format_document
from allstop.report._words import format_plain

__all__ = ["format_pdf"]

_WORD_CHARS_MAX = 20
_LONG = re.compile(rf"([^\s/]{{{_WORD_CHARS_MAX}}})(?=[^\s/])")
_BREAK = "\N{ZERO WIDTH SPACE}"
_NO_LETTER = re.compile(
    "[^ -~\u00a1-\u017f\u01cd-\u024f\u0370-\u03ff\u0400-\u0482\u048a-\u04ff\u1e00-\u1eff\u2010-\u2027"
    "\u2030-\u2040\u20ac\u2190-\u22ff]"
)
"""What the fonts that come with typst cannot show, or what is set together with its neighbours.

PDF/A refuses the first, and some of the second stops typst altogether, so both are spelled out: one name in
other letters must not keep anybody from a report.
"""
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_COMMANDS = "again"
"""Part whose texts stay whole, as digests do, so that they can be copied."""


def format_pdf(document: Document) -> bytes:
    """Return the report as PDF/A-2b.

    Raises:
        LimitError: the document is longer than a document may be.
        OperationalError: typst could not set it.
    """
    # Loaded only where a PDF is wanted: it is a whole typesetter.
    import typst

    value = parse_canonical_json(format_document(document))
    template = resources.files("allstop.report").joinpath("templates", "report.typ").read_bytes()
    report = format_json(_settable(value)).decode("utf-8")
    try:
        made = typst.compile(
            template,
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"report": report},
            pdf_standards=["a-2b"],
            timestamp=document.head.at.ms // 1000,
        )
    except typst.TypstError as exc:
        raise OperationalError(f"typst could not set the report: {exc.message}") from exc
    if not isinstance(made, bytes):
        raise OperationalError("typst made several files, want one")
    return made


def _settable(value: JSON, *, is_whole: bool = False) -> JSON:
    """Return report.json with texts that typst can set.

    Long words may break, so that none runs over the words beside it, unless they `is_whole`.
    """
    match value:
        case str():
            text = _NO_LETTER.sub(lambda found: f"[U+{ord(found[0]):04X}]", format_plain(value))
            return text if is_whole or _DIGEST.match(text) else _LONG.sub(rf"\1{_BREAK}", text)
        case list():
            return [_settable(item, is_whole=is_whole) for item in value]
        case dict():
            return {
                key: _settable(item, is_whole=is_whole or key == _COMMANDS) for key, item in value.items()
            }
        case _:
            return value
