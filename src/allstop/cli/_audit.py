"""`allstop audit`: verify a case, judge it, and say what was shown."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON
from allstop.cli._case_reading import audit_case_folder, audit_status
from allstop.cli._options import AgreementDigestOption, AtOption, JSONOption, PolicyOption, examples
from allstop.cli._output import emit, emit_text
from allstop.cli._report import name_format, write_report

if TYPE_CHECKING:
    from allstop.service import Audit

__all__ = ["print_result", "register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "audit",
        epilog=examples(
            "allstop audit case --policy policy --agreement 9f86d081...",
            "allstop audit case --policy policy --agreement 9f86d081... --json > verdict.json",
            "allstop audit case --policy policy --agreement 9f86d081... --report report.html",
            "allstop audit case --at 2026-11-23T09:30:00Z",
        ),
    )(audit)


def audit(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder that holds the case.")],
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Write the report too: .html with its .json beside it, .json, .md or .pdf.",
        ),
    ] = None,
    as_json: JSONOption = False,
) -> int:
    """Verify every signature, hash and cosignature of a case, then judge what it holds.

    No network, clock or database is used: whoever holds the same case gets the same verdict, byte for
    byte. Exit status 0 is CONSISTENT, 4 INCONSISTENT, 5 UNDETERMINED, 3 a case that does not verify.
    INCONSISTENT is not a confirmed violation.
    """
    form = None if report is None else name_format(report)
    result = audit_case_folder(case, policy=policy, agreement=agreement, at=at)
    if report is not None and form is not None:
        write_report(result, case=case, out=report, form=form)
    print_result(result, case=str(case), as_json=as_json)
    return audit_status(result)


def print_result(result: "Audit", *, case: str, as_json: bool) -> None:
    """Print an audit: the canonical verdict with its digest, or words for people."""
    if as_json:
        from allstop.verdict import format_verdict, verdict_digest

        value: JSON = {
            "digest": verdict_digest(result.verdict),
            "trustRoot": {
                "isAgreementGiven": result.is_agreement_given,
                "isPolicyGiven": result.is_policy_given,
            },
            "verdict": format_verdict(result.verdict),
        }
        emit(value, (), as_json=True)
        return
    import sys

    from rich.console import Console

    from allstop.report import print_audit

    width = None if sys.stdout.isatty() else 120
    console = Console(width=width, markup=False, emoji=False, highlight=False)
    # Printed in one piece by our own function: rich would end the program where a pipe is closed early.
    with console.capture() as captured:
        print_audit(result, console, case=case)
    emit_text(captured.get().encode("utf-8"))
