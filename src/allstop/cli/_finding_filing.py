"""Options and filing that the commands about findings share."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from allstop.canon import JSON
from allstop.cli._filing import Filing, report_filed
from allstop.cli._options import as_usage, option_parser
from allstop.errors import UsageError
from allstop.ids import Digest, digest_of, parse_digest

if TYPE_CHECKING:
    from allstop.statement import Predicate

__all__ = [
    "CaseArgument",
    "EvidenceOption",
    "FindingArgument",
    "MatterArgument",
    "TextOption",
    "file_about_finding",
]

T = TypeVar("T")

FindingArgument = Annotated[
    Digest,
    typer.Argument(
        metavar="FINDING",
        parser=option_parser(parse_digest),
        help="Digest of the statement that raised it, as raise prints it.",
    ),
]

MatterArgument = Annotated[
    Digest,
    typer.Argument(
        metavar="MATTER",
        parser=option_parser(parse_digest),
        help="Digest of the finding or appeal; for a ruling also of a cure, impediment or impossibility.",
    ),
]

CaseArgument = Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")]

TextOption = Annotated[
    str, typer.Option("--text", metavar="TEXT", help="What the party says, for people to read.")
]

EvidenceOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--evidence",
        metavar="FILE",
        help="Document that shows it, put beside the log for whoever gets the case; may be given again.",
    ),
]


def file_about_finding(
    filing: Filing,
    predicate: "Predicate[T]",
    value: T,
    evidence: Sequence[bytes] = (),
    *,
    as_json: bool,
    extra: dict[str, JSON] | None = None,
) -> None:
    """File a statement whose subjects are its evidence, and put that beside the log."""
    from allstop.statement import Subject

    if filing.desk.terms.adjudication is None:
        raise UsageError(
            "the agreement says nothing about adjudication, so nobody could judge it",
            hint="a part [adjudication] names panel and clocks: spec/adjudication.md section 2",
        )
    for data in evidence:
        filing.desk.blobs.put(data)
    subjects = [
        Subject(name=f"evidence-{number}", digest=digest_of(data)) for number, data in enumerate(evidence)
    ]
    chain = as_usage(
        lambda: filing.desk.file(
            predicate, value, party=filing.party, signers=filing.signers, subjects=subjects
        )
    )
    report_filed(predicate.name, filing, chain, as_json=as_json, extra=extra)
