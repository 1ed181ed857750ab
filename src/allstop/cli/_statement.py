"""`allstop statement`: one signed statement, shown whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import JSON, format_instant, format_json
from allstop.cli._documents import read_document
from allstop.cli._options import JSONOption, LogOption, examples, make_noun
from allstop.cli._output import emit
from allstop.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from allstop.statement import Statement

__all__ = ["app"]

app = make_noun("statement", "Look at single statements.")


@app.command(
    epilog=examples(
        "allstop statement show entry.json",
        "allstop statement show --log log-desk --index 12",
        "allstop statement show - < entry.json",
    )
)
def show(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Envelope of the statement; - is standard input.")
    ] = None,
    log: LogOption = None,
    index: Annotated[
        int | None,
        typer.Option("--index", metavar="N", min=0, help="Entry of the published log, counted from 0."),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Show what a statement says: who, about what, and its body.

    A statement from a log is checked against the agreement's keys; one from a file alone is only parsed,
    and anybody could have written it: the output says which.
    """
    from allstop.statement import ENTRY_BYTES_MAX, parse_envelope, parse_statement, statement_digest

    if (file is None) == (index is None):
        raise UsageError("want either a FILE or --index")
    if file is not None:
        data = read_document(file, bytes_max=ENTRY_BYTES_MAX)
        signers = None
    else:
        data, signers = _read_entry(log, index or 0)
    envelope = parse_envelope(data)
    statement = parse_statement(envelope.payload)
    digest = statement_digest(envelope.payload)
    header = statement.header
    value: dict[str, JSON] = {
        "statement": digest,
        "predicate": statement.predicate,
        "agreement": header.agreement,
        "origin": header.origin,
        "party": header.party,
        "sequence": str(header.sequence),
        "previous": header.previous,
        "audience": list(header.audience),
        "checkpointSize": None if header.checkpoint is None else str(header.checkpoint.size),
        "expiresAt": None if header.expires_at is None else format_instant(header.expires_at),
        "subjects": [{"name": one.name, "digest": one.digest} for one in statement.subjects],
        "body": statement.body,
        "signatures": len(envelope.signatures),
        "verifiedSigners": None if signers is None else list(signers),
    }
    emit(value, _format(statement, digest, signers, len(envelope.signatures)), as_json=as_json)


def _read_entry(log: Path | None, index: int) -> tuple[bytes, list[str]]:
    """Return an entry of a desk's published log and the parties whose signatures on it verify."""
    from allstop.agreement import read_party_keys
    from allstop.app import default_log_folder, open_desk
    from allstop.statement import open_statement

    with open_desk(log or default_log_folder()) as desk:
        seen = desk.seen()
        size = 0 if seen is None else seen.size
        if index >= size:
            raise NotFoundError(
                f"the log has {size} published entries, so none has index {index}",
                hint="publish what is pending with: allstop log checkpoint",
            )
        data = list(desk.entries())[index]
        opened = open_statement(data, read_party_keys(desk.blobs.read(desk.agreement)))
    return data, sorted(opened.signers)


def _format(statement: "Statement", digest: str, signers: list[str] | None, count: int) -> list[str]:
    header = statement.header
    verified = "not verified here" if signers is None else f"verified: {', '.join(signers)}"
    return [
        f"statement  {digest}",
        f"predicate  {statement.predicate}",
        f"party      {header.party}, statement {header.sequence} of its chain",
        f"previous   {header.previous or 'none'}",
        f"agreement  {header.agreement}",
        f"log        {header.origin}",
        f"seen       {'no checkpoint' if header.checkpoint is None else f'size {header.checkpoint.size}'}",
        f"signed     {count} signatures, {verified}",
        *(f"subject    {one.digest}  {one.name}" for one in statement.subjects),
        "",
        *_indent(statement.body, ""),
    ]


def _indent(value: JSON, margin: str) -> list[str]:
    """Return JSON for reading: one line for each plain value."""
    if isinstance(value, dict) and value:
        lines = []
        for name in sorted(value):
            lines += _member(name, value[name], margin)
        return lines
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            lines += _member("-", item, margin)
        return lines
    return [margin + format_json(value).decode("utf-8")]


def _member(name: str, value: JSON, margin: str) -> list[str]:
    label = name if name == "-" else f"{name}:"
    if isinstance(value, dict | list) and value:
        return [f"{margin}{label}", *_indent(value, margin + "  ")]
    return [f"{margin}{label} {format_json(value).decode('utf-8')}"]
