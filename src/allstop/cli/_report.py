"""`allstop report`: audit a case and write what it shows, for people."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON
from allstop.cli._case_reading import audit_case_folder, audit_status
from allstop.cli._documents import write_documents
from allstop.cli._options import AgreementDigestOption, AtOption, JSONOption, PolicyOption, examples
from allstop.cli._output import emit, emit_text, progress
from allstop.errors import UsageError
from allstop.ids import Digest
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.report import Document
    from allstop.service import Audit

__all__ = ["name_format", "register", "write_report"]

_STDOUT = Path("-")


class Readers(Enum):
    """For whom a report is: those who verify see all of it, peers what is no secret."""

    VERIFIERS = "verifiers"
    PEERS = "peers"


class Format(Enum):
    """Forms of a report; the value is the ending of the file."""

    HTML = "html"
    JSON = "json"
    MARKDOWN = "md"
    PDF = "pdf"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "report",
        epilog=examples(
            "allstop report case --policy policy --agreement 9f86d081...",
            "allstop report case --policy policy --agreement 9f86d081... --format pdf --out verdict.pdf",
            "allstop report case --format md --out -",
            "allstop report case --policy policy --agreement 9f86d081... --audience peers",
        ),
    )(report)


def report(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder that holds the case.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="Form of the report; without it HTML.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE|DIR",
            help="File to write, or folder to write it to; `-` is stdout, except for PDF. Without it"
            " report.html, .json, .md or .pdf here.",
        ),
    ] = None,
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    audience: Annotated[
        Readers,
        typer.Option(
            "--audience",
            help="For whom: `verifiers` see everything; for `peers` and the public it prints verdicts, sides of"
            " bounds and codes of findings only, and writes no file.",
        ),
    ] = Readers.VERIFIERS,
    as_json: JSONOption = False,
) -> int:
    """Audit a case and write the report: what is shown, what is not covered, and room to hide.

    The report is one file that needs no network; with HTML, report.json stands beside it with every figure.
    The same case gives the same bytes. A file that is there is never replaced by another one. Exit status
    0 is CONSISTENT, 4 INCONSISTENT, 5 UNDETERMINED, 3 a case that does not verify.
    """
    if audience is Readers.PEERS:
        return _print_for_peers(case, form, out, policy=policy, agreement=agreement, at=at, as_json=as_json)
    form = form or Format.HTML
    if out == _STDOUT and (form is Format.PDF or as_json):
        raise UsageError(
            "stdout takes one text, not a PDF and not a report and --json together",
            hint="name a file with --out",
        )
    result = audit_case_folder(case, policy=policy, agreement=agreement, at=at)
    if out == _STDOUT:
        emit_text(_render(_document(result, case), form))
        return audit_status(result)
    files = write_report(result, case=case, out=out or Path(), form=form)
    _print(result, files, as_json=as_json)
    return audit_status(result)


def _print_for_peers(
    case: Path,
    form: Format | None,
    out: Path | None,
    *,
    policy: Path | None,
    agreement: Digest | None,
    at: Instant | None,
    as_json: bool,
) -> int:
    """Print the public view.

    Raises:
        UsageError: a file or a form was asked for.
    """
    from allstop.canon import parse_canonical_json
    from allstop.report import public_lines
    from allstop.verdict import format_public_view, public_view

    if form is not None or out is not None:
        raise UsageError(
            "what peers see has one form and goes to stdout, want neither --format nor --out",
            hint="keep it with: allstop report CASE --audience peers --json > peers.json",
        )
    result = audit_case_folder(case, policy=policy, agreement=agreement, at=at)
    view = public_view(result.verdict)
    is_full = result.is_policy_given and result.is_agreement_given
    value = parse_canonical_json(format_public_view(view))
    emit(value, public_lines(view, is_full=is_full), as_json=as_json)
    return audit_status(result)


def name_format(path: Path) -> Format:
    """Return the form that the ending of a file's name asks for.

    Raises:
        UsageError: it asks for none.
    """
    try:
        return Format(path.suffix.removeprefix("."))
    except ValueError as exc:
        endings = ", ".join(f".{form.value}" for form in Format)
        raise UsageError(f"report is called {path.name[:64]!r}, want an ending among {endings}") from exc


def write_report(result: "Audit", *, case: Path, out: Path, form: Format) -> tuple[Path, ...]:
    """Write the report of an audit to a file or into a folder, and return what was written.

    HTML brings report.json along. Files that hold the same bytes already are left as they are.

    Raises:
        ConflictError: another file of one of the names is there.
    """
    path = out / f"report.{form.value}" if out.is_dir() else out
    document = _document(result, case)
    with progress("writing the report"):
        files = [(path, _render(document, form))]
        if form is Format.HTML:
            files.append((path.with_suffix(".json"), _render(document, Format.JSON)))
    write_documents([(one, data) for one, data in files if not _is_same(one, data)])
    return tuple(one for one, _ in files)


def _is_same(path: Path, data: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes() == data


def _document(result: "Audit", case: Path) -> "Document":
    from allstop.report import document_of

    return document_of(result, case=str(case))


def _render(document: "Document", form: Format) -> bytes:
    """Return the bytes of one form; the libraries of the others are not loaded."""
    from allstop import report as forms

    match form:
        case Format.HTML:
            return forms.render_html(document).encode("utf-8")
        case Format.JSON:
            return forms.format_document(document) + b"\n"
        case Format.MARKDOWN:
            return forms.format_markdown(document).encode("utf-8")
        case Format.PDF:
            return forms.format_pdf(document)


def _print(result: "Audit", files: tuple[Path, ...], *, as_json: bool) -> None:
    from allstop.verdict import verdict_digest

    digest, verdict = verdict_digest(result.verdict), result.verdict.verdict.value
    value: JSON = {
        "digest": digest,
        "files": [str(path) for path in files],
        "trustRoot": {
            "isAgreementGiven": result.is_agreement_given,
            "isPolicyGiven": result.is_policy_given,
        },
        "verdict": verdict,
    }
    lines = [f"verdict  {verdict}", f"digest   {digest}", *(f"report   {path}" for path in files)]
    emit(value, lines, as_json=as_json)
