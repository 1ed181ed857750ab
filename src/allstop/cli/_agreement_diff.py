"""`allstop agreement diff`: what changes between two texts, in words."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON
from allstop.cli._documents import read_agreement_file, write_document
from allstop.cli._options import JSONOption, examples
from allstop.cli._output import emit, emit_text

if TYPE_CHECKING:
    from allstop.agreement import DescribedChange
    from allstop.report import Redline

__all__ = ["FormOption", "OutOption", "RedlineForm", "change_values", "emit_redline", "register"]


class RedlineForm(Enum):
    """Forms of a redline."""

    TEXT = "text"
    MARKDOWN = "md"
    HTML = "html"


FormOption = Annotated[
    RedlineForm,
    typer.Option("--format", help="Form of the redline: for a terminal, Markdown, or one HTML page."),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="New file; without it, standard output.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the noun `agreement`."""
    app.command(
        epilog=examples(
            "allstop agreement diff draft-1.toml draft-2.toml",
            "allstop agreement diff agreement.json amended.json --format html --out redline.html",
        )
    )(diff)


def diff(
    old: Annotated[
        Path, typer.Argument(metavar="OLD", help="Agreement or template, TOML or canonical JSON.")
    ],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The other one.")],
    form: FormOption = RedlineForm.TEXT,
    out: OutOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say in words what changes from one text to another: duties, thresholds, clocks, who is bound more or less.

    Clauses are compared by their number and parties by their id, wherever they stand. Nothing is judged: a
    change of figures is called stricter or looser, a change of words is shown.
    """
    from allstop.agreement import agreement_changes, agreement_value, describe_changes
    from allstop.report import Redline

    before, after = read_agreement_file(old)[0], read_agreement_file(new)[0]
    changes = describe_changes(agreement_value(before), agreement_changes(before, after))
    redline = Redline(title=after.title, facts=(f"from {old}", f"to {new}"), changes=changes)
    emit_redline(
        redline,
        {"old": str(old), "new": str(new), "changes": change_values(changes)},
        form=form,
        out=out,
        as_json=as_json,
    )


def change_values(changes: "tuple[DescribedChange, ...]") -> JSON:
    """Return changes as `--json` prints them."""
    from allstop.changes import format_change

    return [
        {
            "changes": [format_change(change) for change in one.changes],
            "text": one.text,
            "details": list(one.details),
            "stricterFor": list(one.stricter_for),
            "looserFor": list(one.looser_for),
        }
        for one in changes
    ]


def emit_redline(
    redline: "Redline", value: JSON, *, form: RedlineForm, out: Path | None, as_json: bool
) -> None:
    """Print a redline or write it to a new file, in the form that was asked for."""
    from allstop.report import format_redline, format_redline_markdown, render_redline

    if out is None and form is RedlineForm.TEXT:
        emit(value, format_redline(redline), as_json=as_json)
        return
    if form is RedlineForm.TEXT:
        text = "\n".join(format_redline(redline)) + "\n"
    else:
        text = (format_redline_markdown if form is RedlineForm.MARKDOWN else render_redline)(redline)
    if out is None and not as_json:
        emit_text(text.encode())
        return
    if out is not None:
        write_document(out, text.encode())
    emit(value, [f"redline  {out}"], as_json=as_json)
