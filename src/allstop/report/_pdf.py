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
_PLAIN = ("head", "again")
"""Parts that keep digests and commands whole, so that they can be copied."""


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
    report = format_json(_breakable(value)).decode("utf-8")
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


def _breakable(value: JSON) -> JSON:
    """Let long words break, so that none runs over the words beside it; nothing invisible of others stays."""
    match value:
        case str():
            return _LONG.sub(rf"\1{_BREAK}", format_plain(value))
        case list():
            return [_breakable(item) for item in value]
        case dict():
            return {key: _breakable(item) if key not in _PLAIN else item for key, item in value.items()}
        case _:
            return value
