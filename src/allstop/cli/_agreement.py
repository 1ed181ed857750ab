"""`allstop agreement`: draft, check and seal the agreement, then sign and deposit it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import format_instant, parse_instant
from allstop.cli._agreement_text import (
    format_attainable,
    format_findings,
    format_replay,
    format_samples,
    format_shown,
    format_summary,
    replay_value,
    summary_value,
)
from allstop.cli._documents import (
    name_in_error,
    read_agreement_file,
    read_public_key,
    read_text,
    write_document,
    write_documents,
)
from allstop.cli._filing import open_filing, report_filed
from allstop.cli._options import (
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    PartyOption,
    as_usage,
    examples,
    make_noun,
    option_parser,
    parse_duration,
    parse_pair,
)
from allstop.cli._output import emit, emit_text, say
from allstop.errors import NotFoundError, UsageError
from allstop.ids import Name, digest_of, parse_name
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.agreement import Agreement
    from allstop.config import PackagedChipTable
    from allstop.keys import PublicKey

__all__ = ["app"]

app = make_noun("agreement", "Draft, check, seal, sign and deposit the agreement.")

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="Agreement in TOML, template or not, or as canonical JSON.")
]


@app.command(epilog=examples("allstop agreement new --template retrospective --out pause.toml"))
def new(
    template: Annotated[
        str,
        typer.Option(
            "--template", metavar="NAME", help="Name of a template, such as retrospective or miri-v3."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="New file; without it, standard output.")
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Write a template of an agreement, to be edited: parties, obligations, thresholds, clocks.

    A template has no keys; `allstop agreement seal` puts them in.
    """
    from allstop.config import load_agreement_text

    try:
        text = load_agreement_text(template)
    except NotFoundError as exc:
        raise UsageError(exc.message, hint=exc.hint) from exc
    if out is None and not as_json:
        emit_text(text.encode())
        return
    if out is not None:
        write_document(out, text.encode())
    where = None if out is None else str(out)
    emit({"template": template, "file": where, "text": text}, [f"template  {where}"], as_json=as_json)


@app.command(
    epilog=examples("allstop agreement check pause.toml", "allstop agreement check agreement.json --json")
)
def check(
    file: FileArgument,
    at: Annotated[
        Instant | None,
        typer.Option(
            "--at",
            metavar="INSTANT",
            parser=option_parser(parse_instant),
            help="Time against which dates are held; without it, this machine's clock.",
        ),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Look for what is wrong before anybody signs, and say what each clause makes attainable.

    Contradictions, gaps between thresholds, clocks that cannot be met, waits in vain, terms undefined or
    unused, each with the article that it comes from where the agreement names its source. The chip table
    that comes with allstop gives the peaks. Exit status 1 if there is an error among the findings.
    """
    from allstop.agreement import Severity, attainable, lint
    from allstop.config import load_chip_table
    from allstop.ledger import PREDICATES

    agreement, _ = read_agreement_file(file)
    peaks = {chip.id: max(chip.peaks.values()) for chip in load_chip_table().table.chips}
    moment = _now() if at is None else at
    findings, rows = lint(agreement, peaks, at=moment, predicates=PREDICATES), attainable(agreement, peaks)
    emit(
        {
            "file": str(file),
            "findings": [
                {
                    "code": one.code,
                    "severity": one.severity.value,
                    "clause": one.clause,
                    "text": one.text,
                    "example": one.example,
                    "basis": one.basis,
                }
                for one in findings
            ],
            "attainable": [
                {
                    "clause": row.clause,
                    "kind": row.kind.value,
                    "chipType": row.chip_type,
                    "chipsMax": [
                        {"relativeErrorPpm": str(error), "chips": str(count)}
                        for error, count in row.chips_max
                    ],
                    "text": row.text,
                }
                for row in rows
            ],
            "replay": replay_value(agreement),
        },
        [*format_findings(findings), "", *format_attainable(rows), *_replay_lines(agreement)],
        as_json=as_json,
    )
    if any(one.severity is Severity.ERROR for one in findings):
        raise typer.Exit(1)


def _now() -> Instant:
    # Loading `app` takes twice as long as the whole check.
    from allstop.app import machine_clock

    return machine_clock()


def _replay_lines(agreement: "Agreement") -> list[str]:
    shown = [f"clause {one.clause}: {line}" for one in agreement.obligations for line in format_shown(one)]
    lines = [
        *format_replay(agreement),
        *format_samples(agreement),
        *(f"            {line}" for line in shown),
    ]
    return ["", *lines] if lines else []


@app.command(epilog=examples("allstop agreement show agreement.json"))
def show(file: FileArgument, as_json: JSONOption = False) -> None:
    """Show who is bound to what, from when, and by which figures it is judged."""
    agreement, data = read_agreement_file(file)
    digest = None if data is None else digest_of(data)
    emit(summary_value(agreement, digest), format_summary(agreement, digest), as_json=as_json)


_KeysOption = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="PARTY=FILE", help="Public key of a party; once for each key."),
]

_TableOption = Annotated[
    Path | None,
    typer.Option("--chips", metavar="FILE", help="Chip table in TOML; without it, the packaged one."),
]

_StartOption = Annotated[
    Instant | None,
    typer.Option(
        "--start",
        metavar="INSTANT",
        parser=option_parser(parse_instant),
        help="Start of the accounts, in place of the template's.",
    ),
]

_PeriodOption = Annotated[
    int | None,
    typer.Option(
        "--period",
        metavar="LENGTH",
        parser=option_parser(parse_duration),
        help="Length of an accounting period such as P1D or PT90M, in place of the template's.",
    ),
]

_PeriodsOption = Annotated[
    int | None, typer.Option("--periods", metavar="N", min=1, help="Number of periods.")
]


@app.command(
    epilog=examples(
        "allstop agreement seal pause.toml --out agreement.json\n"
        "    --key alder=alder.key.pub --key birch=birch.key.pub\n"
        "    --key cedar=cedar.key.pub --key dogwood=dogwood.key.pub\n"
        "    --start 2024-05-17T00:00:00Z --period P1D --periods 1"
    )
)
def seal(
    template: Annotated[Path, typer.Argument(metavar="TEMPLATE", help="Agreement in TOML.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="New file for the agreement's canonical JSON.")
    ],
    key: _KeysOption = None,
    chips: _TableOption = None,
    start: _StartOption = None,
    period: _PeriodOption = None,
    periods: _PeriodsOption = None,
    as_json: JSONOption = False,
) -> None:
    """Put keys and the chip table into a template and write the agreement that can be signed.

    Writes the canonical JSON, whose SHA-256 is the agreement's identity, and beside it the chip table
    that it pins, as NAME.chips.json. Pass the digest on by a way that you trust: it is the trust root.
    """
    from allstop.agreement import CHIP_TABLE, format_agreement, with_keys

    draft, _ = read_agreement_file(template)
    accounting = as_usage(
        lambda: replace(
            draft.accounting,
            start=draft.accounting.start if start is None else start,
            period_ms=draft.accounting.period_ms if period is None else period,
            periods=draft.accounting.periods if periods is None else periods,
        )
    )
    table = _load_table(chips)
    agreement = as_usage(
        lambda: with_keys(
            replace(draft, accounting=accounting),
            keys=_gather_keys(draft, key or []),
            references={CHIP_TABLE: table.digest},
        )
    )
    data = format_agreement(agreement)
    beside = out.with_name(f"{out.name.removesuffix('.json')}.chips.json")
    write_documents([(beside, table.data), (out, data)])
    _warn_of_errors(agreement)
    emit(
        {
            "agreement": digest_of(data),
            "file": str(out),
            "chips": table.digest,
            "chipsFile": str(beside),
        },
        [f"agreement  {digest_of(data)}  {out}", f"chips      {table.digest}  {beside}"],
        as_json=as_json,
    )


def _load_table(path: Path | None) -> "PackagedChipTable":
    from allstop.config import load_chip_table, parse_chip_table_toml

    if path is None:
        return load_chip_table()
    text = read_text(path)
    return name_in_error(path, lambda: parse_chip_table_toml(text))


def _gather_keys(draft: "Agreement", pairs: list[str]) -> "dict[Name, list[PublicKey]]":
    keys: dict[Name, list[PublicKey]] = {}
    for pair in pairs:
        party, path = parse_pair(pair, form="PARTY=FILE for --key")
        name = parse_name(party)
        if draft.party(name) is None:
            known = ", ".join(one.id for one in draft.parties)
            raise UsageError(f"{name} is no party of the template", hint=f"its parties are {known}")
        keys.setdefault(name, []).append(read_public_key(Path(path)))
    return keys


def _warn_of_errors(agreement: "Agreement") -> None:
    from allstop.agreement import Severity, lint

    count = sum(one.severity is Severity.ERROR for one in lint(agreement, {}))
    if count:
        say(f"note: {count} errors in this agreement; see them with: allstop agreement check")


@app.command(epilog=examples("allstop agreement sign --party alder --key alder.key"))
def sign(
    party: PartyOption,
    key: KeyOption,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File the party's signature of the agreement. It binds nobody yet: deposits do."""
    from allstop.agreement import SIGNATURE_PREDICATE, SignatureBody

    with open_filing(log, party, key, cosign) as filing:
        report_filed("signature", filing, filing.file(SIGNATURE_PREDICATE, SignatureBody()), as_json=as_json)


@app.command(epilog=examples("allstop agreement deposit --party alder --key alder.key"))
def deposit(
    party: PartyOption,
    key: KeyOption,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File: "I am bound if and only if the condition is met by the deadline".

    All deposits take effect at one instant, or none does. See where it stands: allstop agreement status.
    """
    from allstop.agreement import DEPOSIT_PREDICATE, DepositBody

    with open_filing(log, party, key, cosign) as filing:
        deadline = filing.desk.terms.entry.deadline
        chain = filing.file(DEPOSIT_PREDICATE, DepositBody(deadline_seen=deadline))
        report_filed("deposit", filing, chain, as_json=as_json, extra={"deadline": format_instant(deadline)})
