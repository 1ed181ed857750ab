"""`allstop duties`: what everybody has to do by when. `allstop duty`: saying that it was done, or cannot be."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import parse_instant
from allstop.cli._case_reading import read_facts_folder
from allstop.cli._documents import write_document
from allstop.cli._duties_text import duties_ics, duties_lines, duties_value
from allstop.cli._filing import open_filing, report_filed
from allstop.cli._options import (
    AgreementDigestOption,
    AtOption,
    CosignOption,
    JSONOption,
    KeyOption,
    LogOption,
    PartyOption,
    PolicyOption,
    as_usage,
    examples,
    make_noun,
    option_parser,
)
from allstop.cli._output import emit, emit_text
from allstop.errors import UsageError
from allstop.ids import Digest, Name, parse_digest, parse_name
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.agreement import Agreement

__all__ = ["app", "register"]

app = make_noun("duty", "Say that a duty was done, that it cannot be done, or since when an event is known.")


def register(root: typer.Typer) -> None:
    """Add the command to the tree."""
    root.command(
        name="duties",
        epilog=examples(
            "allstop duties case --policy policy --agreement 5f2c...",
            "allstop duties case --party alder --overdue",
            "allstop duties case --party alder --ics duties.ics",
        ),
    )(duties)


def duties(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")],
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    party: Annotated[
        Name | None,
        typer.Option(
            "--party", metavar="NAME", parser=option_parser(parse_name), help="Only duties of this party."
        ),
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is late.")] = False,
    whole: Annotated[
        bool,
        typer.Option("--whole", help="Every occurrence that was met, and clocks that have not started."),
    ] = False,
    why: Annotated[bool, typer.Option("--why", help="Say how each due instant is found.")] = False,
    ics: Annotated[
        Path | None,
        typer.Option(
            "--ics", metavar="FILE", help="New calendar file with what is still to be done; - prints it."
        ),
    ] = None,
    at: AtOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say what every party has to do by when, what it did in time, what is late, and what is suspended or excused.

    The case is verified first, and only what witnesses prove counts. Nothing is late at the reference time itself:
    what is proven at that instant may still come. Whether what was filed is true is for the verdict.
    """
    from allstop.standing import DutyStage, standing_of

    if str(ics) == "-" and as_json:
        raise UsageError("want either --json or --ics -, both are for standard output")
    facts = read_facts_folder(case, policy=policy, agreement=agreement, at=at)
    if party is not None and facts.agreement.party(party) is None:
        known = ", ".join(one.id for one in facts.agreement.parties)
        raise UsageError(f"{party} is no party of the agreement", hint=f"its parties are {known}")
    identity = facts.case.agreement_digest
    standing = standing_of(facts.agreement, facts.state, identity=identity)
    found = standing.duties(party=party, is_whole=whole)
    if overdue:
        found = tuple(one for one in found if one.stage is DutyStage.LATE)
    if ics is not None:
        data = duties_ics(found, facts.state.at, agreement=identity)
        if str(ics) == "-":
            emit_text(data)
            return
        write_document(ics, data)
    moment = facts.state.at
    emit(duties_value(found, moment), duties_lines(found, moment, with_why=why), as_json=as_json)


_DutyArgument = Annotated[
    Name, typer.Argument(metavar="DUTY", parser=option_parser(parse_name), help="Name of the duty.")
]
_MatterOption = Annotated[
    str | None,
    typer.Option(
        "--matter",
        metavar="MATTER",
        help="Which incident, finding, proposal or phase, where the duty has several; as `allstop duties` names it.",
    ),
]
_OccurrenceOption = Annotated[
    int,
    typer.Option("--occurrence", metavar="N", min=0, help="Which one of a recurring duty, counted from 0."),
]
_EvidenceOption = Annotated[
    list[Digest] | None,
    typer.Option(
        "--evidence",
        metavar="DIGEST",
        parser=option_parser(parse_digest),
        help="Digest of a statement or blob that shows it; may be given again.",
    ),
]


@app.command(
    epilog=examples(
        "allstop duty fulfil register --occurrence 3 --evidence 9f86... --party alder --key alder.key",
        "allstop duty fulfil report --matter leak-1 --note 'sent by courier' --party alder --key alder.key",
    )
)
def fulfil(
    duty: _DutyArgument,
    party: PartyOption,
    key: KeyOption,
    matter: _MatterOption = None,
    occurrence: _OccurrenceOption = 0,
    evidence: _EvidenceOption = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="For people; no rule reads it.")] = "",
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File: "we did this". Where the duty asks for statements of some kinds, it counts only if it names them."""
    from allstop.duty import FULFILMENT_PREDICATE, DutyKey, Fulfilment

    value = as_usage(
        lambda: Fulfilment(
            key=DutyKey(duty=duty, matter=matter, occurrence=occurrence),
            evidence=tuple(sorted(set(evidence or ()))),
            note=note,
        )
    )
    with open_filing(log, party, key, cosign) as filing:
        _check_duty(filing.desk.terms, duty)
        report_filed("fulfilment", filing, filing.file(FULFILMENT_PREDICATE, value), as_json=as_json)


@app.command(
    epilog=examples(
        "allstop duty impossible register --occurrence 3 --reason 'the hall burned down' --party alder --key alder.key"
    )
)
def impossible(
    duty: _DutyArgument,
    party: PartyOption,
    key: KeyOption,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it cannot be done.")],
    matter: _MatterOption = None,
    occurrence: _OccurrenceOption = 0,
    evidence: _EvidenceOption = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File: "we cannot do this". It excuses nothing unless the panel accepts it in time."""
    from allstop.duty import IMPOSSIBILITY_PREDICATE, DutyKey, Impossibility

    value = as_usage(
        lambda: Impossibility(
            key=DutyKey(duty=duty, matter=matter, occurrence=occurrence),
            evidence=tuple(sorted(set(evidence or ()))),
            reason=reason,
        )
    )
    with open_filing(log, party, key, cosign) as filing:
        _check_duty(filing.desk.terms, duty)
        report_filed("impossibility", filing, filing.file(IMPOSSIBILITY_PREDICATE, value), as_json=as_json)


@app.command(
    epilog=examples(
        "allstop duty aware incident --matter leak-1 --since 2027-03-01T09:30:00Z --party alder --key alder.key",
        "allstop duty aware incident --matter leak-1 --since 2027-03-01T09:30:00Z --about birch\n"
        "    --party alder --key alder.key",
    )
)
def aware(
    event: Annotated[
        Name,
        typer.Argument(metavar="EVENT", parser=option_parser(parse_name), help="Kind of event, as agreed."),
    ],
    matter: Annotated[
        str, typer.Option("--matter", metavar="MATTER", help="Name of this one event, the same for all.")
    ],
    since: Annotated[
        Instant,
        typer.Option(
            "--since",
            metavar="INSTANT",
            parser=option_parser(parse_instant),
            help="Since when it has been known to who files.",
        ),
    ],
    party: PartyOption,
    key: KeyOption,
    about: Annotated[
        Name | None,
        typer.Option(
            "--about",
            metavar="NAME",
            parser=option_parser(parse_name),
            help="Another party to whom this gives notice; without it, who files.",
        ),
    ] = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """File since when an event is known, or give another party notice of it. It starts the clocks of that party."""
    from allstop.duty import AWARENESS_PREDICATE, Awareness

    named = about or party
    value = as_usage(lambda: Awareness(event=event, matter=matter, party=named, aware_at=since))
    with open_filing(log, party, key, cosign) as filing:
        if filing.desk.terms.party(named) is None:
            raise UsageError(f"{named} is no party of the agreement")
        report_filed("awareness", filing, filing.file(AWARENESS_PREDICATE, value), as_json=as_json)


def _check_duty(terms: "Agreement", duty: Name) -> None:
    """Check that the agreement lists a duty: a word about another would count for nothing."""
    known = () if terms.duties is None else tuple(one.name for one in terms.duties.duties)
    if duty not in known:
        listed = f"its duties are {', '.join(known)}" if known else "it lists no duties"
        raise UsageError(f"{duty} is no duty of the agreement", hint=listed)
