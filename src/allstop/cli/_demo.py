"""`allstop demo`: a whole pause on this machine, from keys to verdict, with nothing scripted."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.canon import format_instant
from allstop.cli._options import JSONOption, examples
from allstop.cli._output import emit, format_table, progress, say
from allstop.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from allstop.app.demo import DemoResult
    from allstop.finding import Finding
    from allstop.verdict import PartyVerdict

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "demo",
        epilog=examples(
            "allstop demo",
            "allstop demo --keep demo-case",
            "allstop demo --honest --cheat alder=fake-log",
            "allstop demo --json",
        ),
    )(demo)


def demo(
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", metavar="DIR", help="Keep keys, log, case and report in this new or empty folder."
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Number that requests and models follow from.", min=0),
    ] = None,
    honest: Annotated[
        bool, typer.Option("--honest", help="Begin from a cast in which nobody cheats.")
    ] = False,
    cheat: Annotated[
        list[str] | None,
        typer.Option(
            "--cheat",
            metavar="PARTY=KIND",
            help="Change what a party does; may be given again. Kinds: honest, idle, hidden-training, fake-log,"
            " smaller-model, precomputed, refuse-opening, late-commitment, replayed-meter, meter-outage.",
        ),
    ] = None,
    as_json: JSONOption = False,
) -> int:
    """Stage a small pause on this machine, measure it, and audit the case.

    Five parties run real processes that meter themselves. They seal their deposits, custodians open them, and
    the agreement enters into force for all at one instant; then Alder serves a model and declares it, Birch also trains in secret, Cedar trains instead of
    serving and makes its results up, Dogwood replays its meter, and Elm loses its meter and runs a machine
    that nobody registered. In the end all vote to stand still, and meters show who stopped. Nothing is scripted: each verdict follows from what was measured, committed to and
    re-executed. Takes about a minute. Exit status 0 means that each party was found to be what it was, and 1
    that one was not, or that the machine was too busy to measure.
    """
    from allstop.app.demo import parse_cheat, run_demo

    cheats = dict(parse_cheat(text) for text in cheat or ())
    with tempfile.TemporaryDirectory(prefix="allstop-demo-") as temporary:
        folder = Path(temporary) if keep is None else _new_folder(keep)
        with progress("metering") as tick:
            result = run_demo(folder, seed=seed, honest=honest, cheats=cheats, say=say, tick=tick)
        _print(result, keep=keep, as_json=as_json)
    return 1 if result.unexpected else 0


def _print(result: "DemoResult", *, keep: Path | None, as_json: bool) -> None:
    from allstop.cli._report import Format, write_report
    from allstop.verdict import format_verdict, verdict_digest

    # The report outlives the case, so that it can be looked at.
    out = Path(tempfile.mkdtemp(prefix="allstop-report-")) if keep is None else keep
    case = Path("CASE") if keep is None else result.case
    page = write_report(result.audit, case=case, out=out, form=Format.HTML)[0]
    if as_json:
        emit(
            {
                "cast": {party: kind.value for party, kind in result.cast.kinds.items()},
                "digest": verdict_digest(result.audit.verdict),
                "report": str(page),
                "unexpected": list(result.unexpected),
                "unregistered": list(result.cast.unregistered),
                "verdict": format_verdict(result.audit.verdict),
            },
            (),
            as_json=True,
        )
        return
    emit({}, _table(result), as_json=False)
    say(f"report: {page}")
    if keep is None:
        say("the case was thrown away; keep it with: allstop demo --keep DIR")
    else:
        say(f"the case is in {result.case}; audit it again with:")
        say(f"  allstop audit {result.case} --policy {result.policy} --agreement {result.agreement}")
    for text in result.unexpected:
        say(f"unexpected: {text}")


def _table(result: "DemoResult") -> list[str]:
    """Return each party's verdict with what speaks for it, beside what it did, which no account could know."""
    from allstop.app.demo import describe
    from allstop.finding import Subgoal
    from allstop.verdict import verdict_digest

    verdict = result.audit.verdict
    rows = [("party", "verdict", *(goal.value for goal in Subgoal), "what it did")]
    rows += [
        (
            party.party,
            party.verdict.value,
            *(found.value if (found := party.subgoals[goal]) else "NOT COVERED" for goal in Subgoal),
            describe(result.cast.kinds[party.party]),
        )
        for party in verdict.parties
    ]
    reasons = [
        f"  {party.party}: {reason}"
        for party in verdict.parties
        for reason in _reasons(party, verdict.findings)
    ]
    reasons += [
        f"  {party}: not covered: undeclared machines. It also trains on one that nobody registered, and nothing"
        " here sees it; supply accounts, inspections and reports of others would."
        for party in result.cast.unregistered
    ]
    return [
        *format_table(rows),
        "",
        *(["What speaks for it:", *reasons, ""] if reasons else []),
        *_halt(result),
        "INCONSISTENT is not a confirmed violation: that is for a panel.",
        f"Verdict {verdict.verdict.value}, digest {verdict_digest(verdict)}",
    ]


def _halt(result: "DemoResult") -> list[str]:
    """Return the one instant that bound all, the one from which all were to stand still, and when each did."""
    from allstop.report import halts_of

    verdict = result.audit.verdict
    start = verdict.entry.in_force_from
    if start is None:
        return []
    lines = [
        f"In force for all from {format_instant(start)}, the lead time after the last sealed deposit that was needed was opened."
    ]
    for halt in halts_of(verdict):
        lines += [halt.legal, halt.physical, *(f"  {one.party}: {one.words}" for one in halt.sites)]
    return [*lines, ""]


def _reasons(party: "PartyVerdict", findings: "Sequence[Finding]") -> list[str]:
    """Return a party's findings, or why clauses are not shown to be met; of each kind the first."""
    found: dict[str, str] = {}
    for finding in findings:
        if finding.party == party.party:
            found.setdefault(finding.code, f"{finding.code} {finding.about}")
    if not found:
        for clause in party.clauses:
            if clause.verdict.value != "CONSISTENT" and clause.reasons:
                found.setdefault(clause.clause, f"clause {clause.clause}: {clause.reasons[-1]}")
    return list(found.values())


def _new_folder(path: Path) -> Path:
    """Make the folder, or take it if it is there and empty."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ConflictError(f"{path} is there and not empty", hint="name a new folder")
    path.mkdir(parents=True, exist_ok=True)
    return path
