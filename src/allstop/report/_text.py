"""The verdict on a terminal: the three things a minister needs first, then down to the findings."""

import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from allstop.accountancy import ChipTime, Verdict, time_needed_ms
from allstop.agreement import ObligationKind
from allstop.canon import format_instant
from allstop.finding import Finding, Level, Subgoal
from allstop.report._document_halts import halts_of
from allstop.report._words import REHEARSAL, format_chip_time, format_days, format_flop, format_percent
from allstop.service import Audit
from allstop.units import PPM
from allstop.verdict import CaseVerdict, ClauseResult, PartyVerdict, SiteAccount, verdict_digest

__all__ = ["print_audit"]

_STYLES = {Verdict.CONSISTENT: "green", Verdict.UNDETERMINED: "yellow", Verdict.INCONSISTENT: "red"}
_HEADING = ("clause", "asks to", "verdict", "at least", "at most", "tolerance")
_WORDS = 3
"""How many columns of the heading are words; the others are amounts."""
_FINDINGS_PER_CODE = 3
_LEVEL_WORDS = {
    Level.DECLARED: "declared in quantity, not verified",
    Level.PLAUSIBLE: "plausible in quantity, not verified",
    Level.VERIFIED: "verified by re-running a sample",
}


def print_audit(audit: Audit, console: Console, *, case: str) -> None:
    """Print an audit; `case` is how the reader names the case in the command that repeats it.

    The console must not read markup: words of the parties are printed as they are.
    """
    verdict = audit.verdict
    _print_head(audit, console)
    _print_halts(verdict, console)
    for party in verdict.parties:
        _print_party(party, console)
    for site in verdict.sites:
        _print_site(verdict, site, console)
    if len(verdict.sites) > 1:
        _print_sum(verdict, console)
    _print_jobs(verdict, console)
    _print_findings(verdict.findings, console)
    _print_foot(verdict, console, case)


def _print_head(audit: Audit, console: Console) -> None:
    verdict = audit.verdict
    if verdict.is_rehearsal:
        console.print(REHEARSAL, style="bold red")
    if audit.is_policy_given and audit.is_agreement_given:
        console.print("Policy and agreement came from outside the case.")
    else:
        missing = [
            name
            for name, given in (("policy", audit.is_policy_given), ("agreement", audit.is_agreement_given))
            if not given
        ]
        console.print(
            f"NOT A FULL AUDIT: the {' and the '.join(missing)} came from the case itself; whoever made the"
            " case chose what to trust.",
            style="bold red",
        )
    case = verdict.case
    console.print(
        f"{verdict.agreement.title} · {case.origin} · {case.size} entries · at {format_instant(verdict.at)}",
        style="bold",
    )
    in_force = verdict.entry.in_force_from
    if verdict.is_retrospective:
        console.print(
            "Retrospective: the accounts begin before anybody was bound; timeliness is not judged.",
        )
    elif in_force is None:
        console.print("Not in force: nobody is bound yet.", style="yellow")
    elif verdict.entry.is_in_force(verdict.at):
        console.print(f"In force since {format_instant(in_force)}.")
    else:
        console.print(f"Not yet in force: it binds from {format_instant(in_force)} on.", style="yellow")
    if not verdict.windows:
        console.print("No accounting period has ended yet.", style="yellow")


def _print_halts(verdict: CaseVerdict, console: Console) -> None:
    for halt in halts_of(verdict):
        console.print(f"\nHalt under clause {halt.clause}", style="bold")
        _say(console, halt.legal)
        _say(console, halt.physical)
        for one in halt.sites:
            _say(console, f"{one.site}: {one.words}; ran at the instant: {one.inventory}.")


def _print_party(party: PartyVerdict, console: Console) -> None:
    line = Text()
    line.append(f"\n{party.party}  ", style="bold")
    line.append(party.verdict.value, style=f"bold {_STYLES[party.verdict]}")
    for subgoal in Subgoal:
        found = party.subgoals[subgoal]
        line.append(f"  {subgoal.value} ")
        line.append(
            "NOT COVERED" if found is None else found.value, style="dim" if found is None else _STYLES[found]
        )
    console.print(line)
    _print_clauses(party.clauses, console)
    if len({clause.window for clause in party.clauses}) > 2:
        kinds = {clause.clause: clause.kind for clause in party.clauses}
        for total in party.cumulative:
            low = _amount(kinds[total.clause], total.low, up=False)
            high = "no bound" if total.high is None else _amount(kinds[total.clause], total.high, up=True)
            _say(console, f"clause {total.clause} over all periods: {low} to {high}")
    if party.room_flop is None:
        _say(console, "Room to hide: no bound; the party has named no chips.")


def _print_clauses(clauses: Sequence[ClauseResult], console: Console) -> None:
    """Print one line a clause, then the reasons.

    Nothing is cut: on a narrow terminal half a verdict would be worse than a line that wraps.
    """
    rows = [_HEADING, *(_clause_row(clause) for clause in clauses)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, clause in zip(rows, (None, *clauses), strict=True):
        cells = [
            cell.ljust(width) if place < _WORDS else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        line = Text("  " + "  ".join(cells).rstrip(), style="dim" if clause is None else "")
        if clause is not None:
            line.highlight_words([clause.verdict.value], style=_STYLES[clause.verdict])
        console.print(line, soft_wrap=True)
    for clause in clauses:
        if clause.reasons:
            _say(console, f"{clause.clause}: {'; '.join(clause.reasons)}", style="dim")


def _clause_row(clause: ClauseResult) -> tuple[str, ...]:
    return (
        clause.clause,
        clause.kind.value,
        clause.verdict.value,
        _amount(clause.kind, clause.low, up=False),
        "no bound" if clause.high is None else _amount(clause.kind, clause.high, up=True),
        _amount(clause.kind, clause.tolerance, up=False),
    )


def _amount(kind: ObligationKind, value: int, *, up: bool) -> str:
    """Return an amount with the unit of a kind of clause; small chip-times in chip-seconds."""
    if kind is ObligationKind.PROHIBIT:
        return f"{format_flop(value, up=up)} FLOP"
    if kind is ObligationKind.VERIFY:
        return format_percent(value, PPM, up=up)
    return f"{value} chips" if kind is ObligationKind.REGISTER else format_chip_time(value, up=up)


def _print_site(verdict: CaseVerdict, site: SiteAccount, console: Console) -> None:
    quantity = verdict.agreement.verification.significant_quantity_flop
    pairs = [pair[0] for pair in site.balances]
    chip_ms = sum(balance.chip_ms for balance in pairs)
    seen = chip_ms - sum(balance.unobserved_chip_ms for balance in pairs)
    rate = max((balance.capacity_flop_per_second for balance in pairs), default=0)
    lines = []
    if chip_ms:
        lines.append(f"Seen by a meter of its own: {format_percent(seen, chip_ms, up=False)} of chip-hours.")
    lines.append(
        f"Could have been hidden here: at most {format_percent(site.room_flop[0], quantity, up=True)} of one"
        f" forbidden run ({format_flop(site.room_flop[0], up=True)} of {format_flop(quantity, up=False)} FLOP);"
        f" {format_percent(site.room_flop[1], quantity, up=True)} if one meter's owner lies."
    )
    if_true = sum(balance.room_if_true_flop for balance in pairs)
    lines.append(f"If every declaration is true: at most {format_flop(if_true, up=True)} FLOP.")
    needed = time_needed_ms(flop=quantity, flop_per_second=rate)
    lines.append(f"Time this site would need for one: {format_days(needed)}.")
    lines.append(_caught(verdict, site))
    lines.append("This says nothing about undeclared sites.")
    classes = {kind: 0 for kind in ChipTime}
    for balance in pairs:
        for kind, amount in balance.by_class:
            classes[kind] += amount
    parts = ", ".join(f"{format_chip_time(classes[kind], up=True)} {kind.value}" for kind in ChipTime)
    lines.append(f"Chip-time: {parts}.")
    if site.measured_millijoule:
        lines.append(
            f"Energy: {site.measured_millijoule / 3.6e9:,.2f} kWh over all readings,"
            f" {site.believed_millijoule / 3.6e9:,.2f} kWh over those that hold together."
        )
    console.print(f"\n{site.site}, operated by {site.operator}", style="bold")
    for line in lines:
        _say(console, line)


def _caught(verdict: CaseVerdict, site: SiteAccount) -> str:
    terms, flop = verdict.agreement.verification, site.smallest_run_caught_flop
    if flop is None:
        has_some = any(one.filed.value.site == site.site for one in verdict.replays)
        why = "no job was shown as a whole by re-running it" if has_some else "nothing was re-run"
        return f"Smallest hidden run our checks would catch: not established; {why}."
    chance = format_percent(terms.detection_probability_ppm, PPM, up=False)
    share = format_percent(flop, terms.significant_quantity_flop, up=True)
    return (
        f"Smallest hidden run our checks would catch with a chance of {chance}: {format_flop(flop, up=True)} FLOP, {share} of one"
        " forbidden run, inside the jobs that were re-run; elsewhere not established."
    )


def _print_sum(verdict: CaseVerdict, console: Console) -> None:
    quantity = verdict.agreement.verification.significant_quantity_flop
    console.print("\nAll sites together", style="bold")
    console.print(
        f"  Could have been hidden: at most {format_percent(verdict.room_flop[0], quantity, up=True)} of one"
        f" forbidden run; {format_percent(verdict.room_flop[1], quantity, up=True)} if one meter's owner lies.",
    )


def _print_jobs(verdict: CaseVerdict, console: Console) -> None:
    if not verdict.jobs:
        return
    console.print("\nDeclared jobs", style="bold")
    for job in verdict.jobs:
        level = "signed by one side only" if job.level is None else _LEVEL_WORDS[job.level]
        _say(
            console,
            f"{job.job} at {job.site}: {level}; {_range(job.declared_low, job.declared_high)} FLOP"
            f" declared, room for"
            f" {format_flop(job.account.flop_high, up=True)}; usually"
            f" {format_chip_time(job.expected_chip_ms.low, up=False)} to"
            f" {format_chip_time(job.expected_chip_ms.high, up=True)}.",
        )
    for one in verdict.replays:
        attested = f"; attested by {', '.join(one.attested)}" if one.attested else ""
        _say(
            console,
            f"re-run of {one.filed.value.transcript} by {one.filed.party}: {one.state.value}; {one.why}{attested}.",
        )


def _say(console: Console, line: str, *, style: str = "") -> None:
    """Print an indented line that stays indented where it wraps."""
    indented = textwrap.fill(line, width=console.width, initial_indent="  ", subsequent_indent="  ")
    console.print(Text(indented, style=style), soft_wrap=True)


def _range(low: int, high: int) -> str:
    if low == high:
        return format_flop(low, up=True)
    return f"{format_flop(low, up=False)} to {format_flop(high, up=True)}"


def _print_findings(findings: Sequence[Finding], console: Console) -> None:
    console.print(f"\nFindings: {len(findings) or 'none'}", style="bold")
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    for code, group in by_code.items():
        for finding in group[:_FINDINGS_PER_CODE]:
            rests = ", ".join(str(entry) for entry in finding.rests_on[:4])
            more = " ..." if len(finding.rests_on) > 4 else ""
            console.print(f"  {code}  {finding.about} (entries {rests}{more})")
        if len(group) > _FINDINGS_PER_CODE:
            console.print(f"  {code}  and {len(group) - _FINDINGS_PER_CODE} more; all with --json")


def _print_foot(verdict: CaseVerdict, console: Console, case: str) -> None:
    if verdict.not_held:
        console.print(
            f"\nNot held: {len(verdict.not_held)} blobs that statements name. A reader who holds them may see"
            " more.",
        )
    console.print("\nINCONSISTENT is not a confirmed violation: that is for a panel.")
    console.print(f"Verdict {verdict.verdict.value}, digest {verdict_digest(verdict)}", style="bold")
    console.print(
        f"Again: allstop audit {case} --policy FILE --at {format_instant(verdict.at)} \\\n"
        f"  --agreement {verdict.case.agreement_digest}",
        soft_wrap=True,
    )
