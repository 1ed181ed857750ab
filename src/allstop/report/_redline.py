"""The redline: what changes between two texts, in words, for the terminal, as Markdown and as one page of HTML.

It makes no sentence of its own about the law: the words come from `agreement.describe_changes`. Texts are those of
parties who may be hostile, so everything is escaped as in the report.
"""

import base64
import difflib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from allstop.agreement import DescribedChange

__all__ = [
    "Piece",
    "PieceKind",
    "Redline",
    "compare_words",
    "format_redline",
    "format_redline_markdown",
    "render_redline",
]

WORDS_MAX = 800
"""Longest text, in words, that is compared word by word; a longer one is shown whole, before and after."""

COMPARED_MAX = 200
"""Most texts that one redline compares word by word: the comparison takes time quadratic in their words."""


class PieceKind(Enum):
    """What became of some words of a text."""

    SAME = "same"
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Words that stay, go or come. Example: IN, "five days"."""

    kind: PieceKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redline:
    """What a redline shows: a title, lines that say whose texts these are, and the changes in words."""

    title: str
    facts: tuple[str, ...]
    changes: "tuple[DescribedChange, ...]"


def compare_words(before: str, after: str) -> tuple[Piece, ...]:
    """Return how one wording becomes another, word by word; each side can be read off the pieces."""
    old, new = before.split(), after.split()
    if max(len(old), len(new)) > WORDS_MAX:
        return (Piece(kind=PieceKind.OUT, text=before), Piece(kind=PieceKind.IN, text=after))
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, low, high, first, last in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece(kind=PieceKind.SAME, text=" ".join(old[low:high])))
            continue
        if high > low:
            pieces.append(Piece(kind=PieceKind.OUT, text=" ".join(old[low:high])))
        if last > first:
            pieces.append(Piece(kind=PieceKind.IN, text=" ".join(new[first:last])))
    return tuple(pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One change as it is shown."""

    text: str
    details: tuple[str, ...]
    stricter: str
    looser: str
    pieces: tuple[Piece, ...]


def _rows(redline: Redline) -> Iterator[_Row]:
    compared = 0
    for change in redline.changes:
        pieces: tuple[Piece, ...] = ()
        if change.before is not None and change.after is not None:
            compared += 1
            if compared <= COMPARED_MAX:
                pieces = compare_words(change.before, change.after)
            else:
                pieces = (
                    Piece(kind=PieceKind.OUT, text=change.before),
                    Piece(kind=PieceKind.IN, text=change.after),
                )
        yield _Row(
            text=change.text,
            details=change.details,
            stricter=", ".join(change.stricter_for),
            looser=", ".join(change.looser_for),
            pieces=pieces,
        )


def format_redline(redline: Redline) -> list[str]:
    """Return the redline as lines for a terminal: `[-what goes-]`, `{+what comes+}`."""
    lines = [redline.title, *redline.facts, ""]
    for row in _rows(redline):
        lines.append(f"- {row.text}")
        lines += [f"    {detail}" for detail in row.details]
        if row.pieces:
            lines.append("    " + " ".join(_mark(piece, ("[-", "-]"), ("{+", "+}")) for piece in row.pieces))
        lines += [f"    {word}: {names}" for word, names in _sides(row)]
    return lines if redline.changes else [*lines, "no change"]


def _sides(row: _Row) -> list[tuple[str, str]]:
    sides = (("stricter for", row.stricter), ("looser for", row.looser))
    return [(word, names) for word, names in sides if names]


def _mark(piece: Piece, out: tuple[str, str], into: tuple[str, str]) -> str:
    left, right = {PieceKind.SAME: ("", ""), PieceKind.OUT: out, PieceKind.IN: into}[piece.kind]
    return f"{left}{piece.text}{right}"


def format_redline_markdown(redline: Redline) -> str:
    """Return the redline as CommonMark: what goes is struck through, what comes is bold."""
    from allstop.report._markdown import _escape as escape_markdown

    def shown(piece: Piece) -> str:
        safe = Piece(kind=piece.kind, text=escape_markdown(piece.text))
        return _mark(safe, ("~~", "~~"), ("**", "**"))

    lines = [f"# {escape_markdown(redline.title)}", ""]
    lines += [f"- {escape_markdown(fact)}" for fact in redline.facts]
    lines += ["", "## Changes", ""]
    for row in _rows(redline):
        lines.append(f"- {escape_markdown(row.text)}")
        lines += [f"  - {escape_markdown(detail)}" for detail in row.details]
        if row.pieces:
            lines += ["", "  > " + " ".join(shown(piece) for piece in row.pieces), ""]
        lines += [f"  - {word}: {escape_markdown(names)}" for word, names in _sides(row)]
    return "\n".join(lines if redline.changes else [*lines, "No change."]) + "\n"


def render_redline(redline: Redline) -> str:
    """Return the redline as one page that loads nothing, in the style of the report."""
    from allstop.report._html import _environment as environment

    style = _style()
    policy = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        environment()
        .get_template("redline.html")
        .render(
            redline=redline, rows=tuple(_rows(redline)), style=Markup(style), style_hash=f"sha256-{policy}"
        )
    )


def _style() -> str:
    folder = resources.files("allstop.report").joinpath("templates")
    sheets: Sequence[str] = ("report.css", "redline.css")
    text = "".join(folder.joinpath(sheet).read_text("utf-8") for sheet in sheets)
    return text.replace("DIGEST", "redline")
