"""Reports: what a verdict says, for people to read. Every number comes from the verdict itself."""

from allstop.report._document import Document
from allstop.report._document_halts import halts_of
from allstop.report._document_json import format_document
from allstop.report._document_of import document_of
from allstop.report._html import render_html
from allstop.report._markdown import format_markdown
from allstop.report._pdf import format_pdf
from allstop.report._public_text import public_lines
from allstop.report._redline import Redline, format_redline, format_redline_markdown, render_redline
from allstop.report._text import print_audit
from allstop.report._words import format_chip_time, format_days, format_flop, format_percent

__all__ = [
    "Document",
    "Redline",
    "document_of",
    "format_chip_time",
    "format_days",
    "format_document",
    "format_flop",
    "format_markdown",
    "format_pdf",
    "format_percent",
    "format_redline",
    "format_redline_markdown",
    "halts_of",
    "print_audit",
    "public_lines",
    "render_html",
    "render_redline",
]
