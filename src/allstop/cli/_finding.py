"""`allstop finding`: findings between parties, from raising to appeal, and impediments."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import format_instant, parse_instant
from allstop.cli._case_reading import read_facts_folder
from allstop.cli._documents import read_document
from allstop.cli._filing import open_filing
from allstop.cli._finding_filing import (
    CaseArgument,
    EvidenceOption,
    FindingArgument,
    MatterArgument,
    TextOption,
    file_about_finding,
)
from allstop.cli._finding_text import (
    finding_lines,
    finding_value,
    findings_lines,
    impediment_lines,
    impediment_value,
    measure_lines,
    measure_value,
    note_value,
)
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
from allstop.cli._output import emit, say
from allstop.errors import NotFoundError, UsageError
from allstop.ids import Digest, Name, digest_of, parse_digest, parse_name
from allstop.times import Instant

if TYPE_CHECKING:
    from allstop.adjudication import Outcome

__all__ = ["app"]

app = make_noun(
    "finding", "Raise findings between parties, answer them, judge them, and see where they stand."
)


_AboutOption = Annotated[
    Name,
    typer.Option("--about", metavar="NAME", parser=option_parser(parse_name), help="The accused."),
]

_VerdictOption = Annotated[
    Digest,
    typer.Option(
        "--verdict",
        metavar="DIGEST",
        parser=option_parser(parse_digest),
        help="Digest of the verdict that shows it, as `allstop audit` prints it.",
    ),
]

_JudgedAtOption = Annotated[
    Instant,
    typer.Option(
        "--judged-at",
        metavar="INSTANT",
        parser=option_parser(parse_instant),
        help="Reference time of that verdict, so that others can re-derive it.",
    ),
]

_RestsOnOption = Annotated[
    list[Digest] | None,
    typer.Option(
        "--rests-on",
        metavar="DIGEST",
        parser=option_parser(parse_digest),
        help="Logged statement that shows it; may be given again.",
    ),
]


@app.command(
    "raise",
    epilog=examples(
        "allstop finding raise --party birch --key birch.key --about alder --code ACC-001 --clause 4.1\n"
        '    --text "more was computed than declared" --rests-on 2c26... --verdict 7c1e...\n'
        "    --judged-at 2027-03-01T00:00:00Z"
    ),
)
def raise_(
    party: PartyOption,
    key: KeyOption,
    about: _AboutOption,
    code: Annotated[
        str, typer.Option("--code", metavar="CODE", help="Code of the finding, such as ACC-001.")
    ],
    text: TextOption,
    verdict: _VerdictOption,
    judged_at: _JudgedAtOption,
    clause: Annotated[
        str | None, typer.Option("--clause", metavar="NUMBER", help="Clause that was broken, if it is one.")
    ] = None,
    rests_on: _RestsOnOption = None,
    evidence: EvidenceOption = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Accuse a party of a breach, under one's own name. Clocks run from when it is proven in the log.

    Nothing is confirmed by it: a panel does that, after hearing the accused, by a verdict that it re-derives.
    A dismissed finding that the panel calls false is a finding about its accuser.
    """
    from allstop.adjudication import FINDING_RAISED_PREDICATE, FindingRaised

    shown = [read_document(path) for path in evidence or ()]
    value = as_usage(
        lambda: FindingRaised(
            code=code,
            about=about,
            clause=clause,
            text=text,
            rests_on=tuple(rests_on or ()),
            evidence=tuple(digest_of(data) for data in shown),
            verdict_digest=verdict,
            judged_at=judged_at,
        )
    )
    with open_filing(log, party, key, cosign) as filing:
        terms = filing.desk.terms
        if terms.party(about) is None or about == party:
            who = "itself" if about == party else f"{about}, who is no party"
            raise UsageError(
                f"{party} would accuse {who}", hint="see who can be accused: allstop agreement show"
            )
        if clause is not None and not any(
            o.clause == clause and about in o.parties for o in terms.obligations
        ):
            say(f"note: clause {clause} of the agreement as sealed does not bind {about}")
        file_about_finding(filing, FINDING_RAISED_PREDICATE, value, shown, as_json=as_json)


@app.command(epilog=examples("allstop finding acknowledge 9f86... --party alder --key alder.key"))
def acknowledge(
    finding: FindingArgument,
    party: PartyOption,
    key: KeyOption,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say that the accused has seen the finding. It admits nothing."""
    from allstop.adjudication import FINDING_ACKNOWLEDGEMENT_PREDICATE, FindingAcknowledgement

    with open_filing(log, party, key, cosign) as filing:
        value = FindingAcknowledgement(finding=finding)
        file_about_finding(filing, FINDING_ACKNOWLEDGEMENT_PREDICATE, value, as_json=as_json)


@app.command(
    epilog=examples(
        'allstop finding answer 9f86... --party alder --key alder.key --text "the meter was being calibrated"\n'
        "    --evidence calibration.pdf"
    )
)
def answer(
    matter: MatterArgument,
    party: PartyOption,
    key: KeyOption,
    text: TextOption,
    evidence: EvidenceOption = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Answer a finding, or an appeal of the other side. Whoever answers in time gets time to settle."""
    from allstop.adjudication import FINDING_ANSWER_PREDICATE, FindingAnswer

    shown = [read_document(path) for path in evidence or ()]
    digests = tuple(digest_of(data) for data in shown)
    value = as_usage(lambda: FindingAnswer(matter=matter, text=text, evidence=digests))
    with open_filing(log, party, key, cosign) as filing:
        file_about_finding(filing, FINDING_ANSWER_PREDICATE, value, shown, as_json=as_json)


@app.command(
    epilog=examples(
        'allstop finding cure 9f86... --party alder --key alder.key --text "the meter was replaced"',
        'allstop finding cure 9f86... --party alder --key alder.key --text "repaired" --cosign birch=birch.key',
    )
)
def cure(
    finding: FindingArgument,
    party: PartyOption,
    key: KeyOption,
    text: TextOption,
    evidence: EvidenceOption = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say what was done to put things right.

    Signed by the accuser too it closes the finding, until it is before the panel; else the panel accepts or
    refuses it.
    """
    from allstop.adjudication import FINDING_CURE_PREDICATE, FindingCure

    shown = [read_document(path) for path in evidence or ()]
    digests = tuple(digest_of(data) for data in shown)
    value = as_usage(lambda: FindingCure(finding=finding, text=text, evidence=digests))
    with open_filing(log, party, key, cosign) as filing:
        file_about_finding(filing, FINDING_CURE_PREDICATE, value, shown, as_json=as_json)


@app.command(
    epilog=examples(
        'allstop finding withdraw 9f86... --party birch --key birch.key --text "the answer explains it"'
    )
)
def withdraw(
    finding: FindingArgument,
    party: PartyOption,
    key: KeyOption,
    text: TextOption,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Take one's own finding back, until it is before the panel. Others may still raise the same."""
    from allstop.adjudication import FINDING_WITHDRAWAL_PREDICATE, FindingWithdrawal

    value = as_usage(lambda: FindingWithdrawal(finding=finding, text=text))
    with open_filing(log, party, key, cosign) as filing:
        file_about_finding(filing, FINDING_WITHDRAWAL_PREDICATE, value, as_json=as_json)


@app.command(
    epilog=examples(
        'allstop finding appeal 9f86... --party alder --key alder.key --text "the panel replayed another case"'
    )
)
def appeal(
    finding: FindingArgument,
    party: PartyOption,
    key: KeyOption,
    text: TextOption,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Ask the appeal panel. An appeal panel that does not decide in time leaves the decision as it was, and final."""
    from allstop.adjudication import FINDING_APPEAL_PREDICATE, FindingAppeal

    value = as_usage(lambda: FindingAppeal(finding=finding, text=text))
    with open_filing(log, party, key, cosign) as filing:
        file_about_finding(filing, FINDING_APPEAL_PREDICATE, value, as_json=as_json)


@app.command(
    epilog=examples(
        "allstop finding rule 9f86... --party cedar --key cedar.key --outcome confirmed --replayed 7c1e...\n"
        '    --answer 2c26... --reasons "the verdict replays, and the answer does not explain it"',
        "allstop finding rule 9f86... --party cedar --key cedar.key --outcome dismissed --false-accusation\n"
        '    --reasons "nothing in the log says so"',
    )
)
def rule(
    matter: MatterArgument,
    party: PartyOption,
    key: KeyOption,
    outcome: Annotated[
        str,
        typer.Option(
            "--outcome",
            metavar="OUTCOME",
            help="confirmed, dismissed or undetermined; of a cure, impediment or impossibility accepted or refused.",
        ),
    ],
    reasons: Annotated[str, typer.Option("--reasons", metavar="TEXT", help="Why, for people to read.")],
    replayed: Annotated[
        Digest | None,
        typer.Option(
            "--replayed",
            metavar="DIGEST",
            parser=option_parser(parse_digest),
            help="Verdict digest that this member computed itself: allstop audit CASE --at INSTANT.",
        ),
    ] = None,
    heard: Annotated[
        Digest | None,
        typer.Option(
            "--answer",
            metavar="DIGEST",
            parser=option_parser(parse_digest),
            help="Answer that this member read; needed where one was filed in time.",
        ),
    ] = None,
    false_accusation: Annotated[
        bool, typer.Option("--false-accusation", help="Dismiss, and say that the accusation was false.")
    ] = False,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Rule as a member of the panel. The first ruling that counts is final; a second, different one is a finding.

    Audit the case oneself before: a ruling says that its member re-derived the verdict and read the answer.
    """
    from allstop.adjudication import FINDING_RULING_PREDICATE, FindingRuling

    value = as_usage(
        lambda: FindingRuling(
            matter=matter,
            outcome=_outcome(outcome),
            replayed=replayed,
            answer=heard,
            reasons=reasons,
            false_accusation=false_accusation,
        )
    )
    with open_filing(log, party, key, cosign) as filing:
        terms = filing.desk.terms.adjudication
        panels = [] if terms is None else [terms.panel, *([terms.appeal_panel] if terms.appeal_panel else [])]
        if terms is not None and not any(party in panel.members for panel in panels):
            raise UsageError(
                f"{party} is no member of a panel", hint="see its members: allstop agreement show"
            )
        file_about_finding(
            filing, FINDING_RULING_PREDICATE, value, as_json=as_json, extra={"outcome": outcome}
        )


def _outcome(text: str) -> "Outcome":
    from allstop.adjudication import Outcome

    found = next((one for one in Outcome if one.value == text), None)
    if found is None:
        raise UsageError(
            f"found outcome {text[:24]!r}, want one of {', '.join(one.value for one in Outcome)}"
        )
    return found


@app.command(
    epilog=examples(
        "allstop finding impediment --party alder --key alder.key --clause 4.1\n"
        '    --authority "High Court of Alder" --order injunction.pdf\n'
        "    --from 2027-03-01T00:00:00Z --until 2027-06-01T00:00:00Z"
    )
)
def impediment(
    party: PartyOption,
    key: KeyOption,
    clause: Annotated[
        list[str],
        typer.Option(
            "--clause", metavar="NUMBER", help="Clause that it forbids to perform; may be given again."
        ),
    ],
    authority: Annotated[str, typer.Option("--authority", metavar="TEXT", help="Court or authority.")],
    order: Annotated[Path, typer.Option("--order", metavar="FILE", help="The order, put beside the log.")],
    start: Annotated[
        Instant,
        typer.Option(
            "--from",
            metavar="INSTANT",
            parser=option_parser(parse_instant),
            help="Since when; it never counts before it is logged.",
        ),
    ],
    end: Annotated[
        Instant,
        typer.Option("--until", metavar="INSTANT", parser=option_parser(parse_instant), help="Until when."),
    ],
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Say that a court or authority forbids what a clause asks: a state of its own, no breach and no excuse.

    It counts on the party's word for as long as was agreed, once a clause; then only if the panel accepts it.
    """
    from allstop.adjudication import IMPEDIMENT_PREDICATE, Impediment

    document = read_document(order)
    value = as_usage(
        lambda: Impediment(
            clauses=tuple(clause), authority=authority, order=digest_of(document), start=start, end=end
        )
    )
    with open_filing(log, party, key, cosign) as filing:
        file_about_finding(filing, IMPEDIMENT_PREDICATE, value, [document], as_json=as_json)


@app.command("list", epilog=examples("allstop finding list case --policy policy --agreement 5f2c..."))
def list_(
    case: CaseArgument,
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    as_json: JSONOption = False,
) -> None:
    """List findings between parties, the measures that follow, impediments, and what counts for nothing.

    The case is verified first. A finding that was raised is an accusation; only what a panel confirmed for good
    has measures.
    """
    from allstop.standing import find_adjudication, standing_of

    facts = read_facts_folder(case, policy=policy, agreement=agreement, at=at)
    standing = standing_of(facts.agreement, facts.state, identity=facts.case.agreement_digest)
    moment = facts.state.at
    notes = find_adjudication(facts.agreement, facts.state, standing.proceedings, at=moment)
    emit(
        {
            "at": format_instant(moment),
            "findings": [finding_value(one, at=moment) for one in standing.proceedings],
            "measures": [measure_value(one) for one in standing.measures],
            "impediments": [impediment_value(one) for one in standing.impediments],
            "notes": [note_value(one) for one in notes],
        },
        [
            *findings_lines(standing.proceedings, at=moment),
            *measure_lines(standing.measures),
            *impediment_lines(standing.impediments),
            *(f"{one.code} {one.party}: {one.about}" for one in notes),
        ],
        as_json=as_json,
    )


@app.command(epilog=examples("allstop finding show case 9f86... --policy policy --agreement 5f2c..."))
def show(
    case: CaseArgument,
    finding: FindingArgument,
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    as_json: JSONOption = False,
) -> None:
    """Show one finding: who says what, where it stands since when, who sits, who ruled, what comes next."""
    from allstop.standing import standing_of

    facts = read_facts_folder(case, policy=policy, agreement=agreement, at=at)
    standing = standing_of(facts.agreement, facts.state, identity=facts.case.agreement_digest)
    one = next((one for one in standing.proceedings if one.finding == finding), None)
    if one is None:
        raise NotFoundError(
            f"no finding {finding[:12]} was raised by {format_instant(facts.state.at)}",
            hint="see what was raised: allstop finding list CASE",
        )
    measures = [measure for measure in standing.measures if measure.finding == finding]
    emit(
        {
            **finding_value(one, at=facts.state.at),
            "at": format_instant(facts.state.at),
            "measures": [measure_value(measure) for measure in measures],
        },
        [*finding_lines(one, at=facts.state.at), *measure_lines(measures)],
        as_json=as_json,
    )
