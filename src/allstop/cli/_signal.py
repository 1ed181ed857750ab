"""`allstop signal`: a wire was tripped, or an incident occurred."""

from pathlib import Path
from typing import Annotated

import typer

from allstop.canon import format_instant, parse_instant
from allstop.cli._case_reading import read_facts_folder
from allstop.cli._documents import read_document
from allstop.cli._filing import open_filing, report_filed
from allstop.cli._options import (
    AgreementDigestOption,
    AtOption,
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    NameArgument,
    PartyOption,
    PolicyOption,
    as_usage,
    examples,
    make_noun,
    option_parser,
)
from allstop.cli._output import emit
from allstop.cli._phase_text import signal_lines, signals_value, void_lines, void_value
from allstop.finding import SignalKind
from allstop.ids import Digest, digest_of, parse_digest
from allstop.times import Instant

__all__ = ["app"]

app = make_noun("signal", "Signal that an agreed wire was tripped, or that an incident occurred.")


@app.command(
    epilog=examples(
        "allstop signal file self-copying --kind tripwire --party alder --key alder.key\n"
        "    --occurred-at 2027-03-01T09:30:00Z --evidence report.pdf",
        "allstop signal file weights-lost --kind incident --party alder --key alder.key\n"
        "    --occurred-at 2027-03-01T09:30:00Z\n"
        "    --document 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )
)
def file(
    name: NameArgument,
    kind: Annotated[
        SignalKind,
        typer.Option("--kind", help="What is signalled: a tripwire of the agreement, or an incident."),
    ],
    party: PartyOption,
    key: KeyOption,
    occurred_at: Annotated[
        Instant,
        typer.Option(
            "--occurred-at",
            metavar="INSTANT",
            parser=option_parser(parse_instant),
            help="When it occurred, as the party says; not after the signal is logged.",
        ),
    ],
    evidence: Annotated[
        list[Path] | None,
        typer.Option(
            "--evidence",
            metavar="FILE",
            help="Document that shows it, put beside the log for whoever gets the case; may be given again.",
        ),
    ] = None,
    document: Annotated[
        list[Digest] | None,
        typer.Option(
            "--document",
            metavar="DIGEST",
            parser=option_parser(parse_digest),
            help="Digest of a document that is kept elsewhere, for those to whom it is shown; may be given again.",
        ),
    ] = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File a signal. It changes a phase only with as many others as the agreement asks for."""
    from allstop.signals import SIGNAL_PREDICATE, Signal
    from allstop.statement import Subject

    shown = [read_document(path) for path in evidence or ()]
    digests = (*(digest_of(data) for data in shown), *(document or ()))
    value = as_usage(lambda: Signal(name=name, kind=kind, occurred_at=occurred_at, evidence=digests))
    subjects = [Subject(name=f"evidence-{number}", digest=one) for number, one in enumerate(digests)]
    with open_filing(log, party, key, cosign) as filing:
        for data in shown:
            filing.desk.blobs.put(data)
        chain = as_usage(
            lambda: filing.desk.file(
                SIGNAL_PREDICATE, value, party=party, signers=filing.signers, subjects=subjects
            )
        )
        extra = {"name": name, "kind": kind.value, "occurredAt": format_instant(occurred_at)}
        report_filed("signal", filing, chain, as_json=as_json, extra={**extra, "evidence": list(digests)})


@app.command("list", epilog=examples("allstop signal list case --policy policy --agreement 5f2c..."))
def list_(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")],
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    as_json: JSONOption = False,
) -> None:
    """List signals that were filed, and those that count for nothing. Each is a claim by its filer."""
    from allstop.signals import SIGNAL_PREDICATE
    from allstop.standing import phase_events_of

    facts = read_facts_folder(case, policy=policy, agreement=agreement, at=at)
    events = phase_events_of(facts.agreement, facts.state)
    void = [one for one in events.void if one.predicate == SIGNAL_PREDICATE.name]
    emit(
        {"signals": signals_value(events.signals), "void": void_value(void)},
        [*signal_lines(events.signals), *void_lines(void)],
        as_json=as_json,
    )
