"""`allstop assessment`: what a verifier's audit came to, signed for those who hold less of the case."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import format_window
from allstop.cli._case_reading import audit_case_folder, read_facts_folder, warn_of_trust
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
    examples,
    make_noun,
)
from allstop.cli._output import emit
from allstop.cli._phase_text import assessment_lines, assessments_value, void_lines, void_value
from allstop.errors import UsageError

if TYPE_CHECKING:
    from allstop.times import Window
    from allstop.verdict import CaseVerdict

__all__ = ["app"]

app = make_noun("assessment", "Sign what an audit came to, and see what verifiers have signed.")


@app.command(
    epilog=examples(
        "allstop assessment file case --party cedar --key cedar.key --policy policy --agreement 5f2c...",
        "allstop assessment file case --party cedar --key cedar.key --period 3",
    )
)
def file(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case that is audited.")],
    party: PartyOption,
    key: KeyOption,
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    number: Annotated[
        int | None,
        typer.Option(
            "--period",
            metavar="N",
            min=0,
            help="Judged period that is assessed, counted from 0; without it, all of them together.",
        ),
    ] = None,
    log: LogOption = None,
    cosign: CosignOption = None,
    as_json: JSONOption = False,
) -> None:
    """Audit a case and file its verdict's digest, and each party's verdict and coverage.

    Whoever holds the same case derives the same digest. Others count who signed it; phases may hang on that.
    """
    from allstop.agreement import PartyKind
    from allstop.signals import ASSESSMENT_PREDICATE
    from allstop.verdict import assess

    with open_filing(log, party, key, cosign) as filing:
        member = filing.desk.terms.party(party)
        if member is None or member.kind is not PartyKind.VERIFIER:
            raise UsageError(f"{party} is no verifier, and its assessment would count for nothing")
        warn_of_trust(is_policy_given=policy is not None, is_agreement_given=agreement is not None)
        verdict = audit_case_folder(case, policy=policy, agreement=agreement, at=at).verdict
        if verdict.case.agreement_digest != filing.desk.agreement:
            raise UsageError("the case is of another agreement than the log")
        value = assess(verdict, window=_window(verdict, number))
        chain = filing.file(ASSESSMENT_PREDICATE, value)
        report_filed(
            "assessment",
            filing,
            chain,
            as_json=as_json,
            extra={
                "verdictDigest": value.verdict_digest,
                "window": format_window(value.window),
                "parties": [
                    {"party": one.party, "verdict": one.verdict.value, "coveragePpm": one.coverage_ppm}
                    for one in value.parties
                ],
            },
        )


def _window(verdict: "CaseVerdict", number: int | None) -> "Window | None":
    if number is None:
        return None
    if number >= len(verdict.windows):
        raise UsageError(
            f"there is no judged period {number}", hint=f"{len(verdict.windows)} have been judged"
        )
    return verdict.windows[number]


@app.command("list", epilog=examples("allstop assessment list case --policy policy --agreement 5f2c..."))
def list_(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="Folder of the case.")],
    policy: PolicyOption = None,
    agreement: AgreementDigestOption = None,
    at: AtOption = None,
    as_json: JSONOption = False,
) -> None:
    """List what verifiers have signed: attested by how many of them, never re-derived here.

    Compare a digest with that of: allstop audit CASE --at INSTANT --json.
    """
    from allstop.agreement import PartyKind
    from allstop.signals import ASSESSMENT_PREDICATE
    from allstop.standing import phase_events_of

    facts = read_facts_folder(case, policy=policy, agreement=agreement, at=at)
    events = phase_events_of(facts.agreement, facts.state)
    void = [one for one in events.void if one.predicate == ASSESSMENT_PREDICATE.name]
    verifiers = sum(one.kind is PartyKind.VERIFIER for one in facts.agreement.parties)
    emit(
        {"assessments": assessments_value(events.assessments), "void": void_value(void)},
        [*assessment_lines(events.assessments, verifiers=verifiers), *void_lines(void)],
        as_json=as_json,
    )
