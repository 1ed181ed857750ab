"""The report as Markdown, for mail and for reading without a browser. It makes no number and no sentence.

Every text is escaped, since parties chose the words: no markup, link, image or HTML of theirs survives.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from allstop.canon import format_instant
from allstop.report._document import (
    Amount,
    Clause,
    Coverage,
    Document,
    Entry,
    FindingEntry,
    PartyEntry,
    ReplayEntry,
    SiteEntry,
)
from allstop.report._words import format_plain
from allstop.times import Window

__all__ = ["format_markdown"]

_SYNTAX = re.compile(r"[\\`*_{}\[\]<>#|~&!$]|:(?=//)|(?<=[wW]{3})\.|\A[-+=]")
_NUMBERED = re.compile(r"\A([0-9]+)([.)])(?= |\Z)")
# Mail addresses become links whatever stands before the sign; an empty comment keeps them apart. At the start of a
# line a comment would begin a block of HTML, in which nothing is escaped; where nothing stands before, none is needed.
_AT = re.compile(r"(?<=[^ ])@")


def format_markdown(document: Document) -> str:
    """Return the report as CommonMark with tables."""
    parts = (
        _head(document),
        _halts(document),
        *(_party(party) for party in document.parties if party.verdict is not None),
        *(_site(site) for site in document.sites),
        _jobs(document),
        _replays(document.replays),
        _findings(document),
        _custody(document),
        _figures(document),
        _not_held(document),
        _again(document),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _escape(text: str) -> str:
    """Return a text that Markdown shows as it is written."""
    escaped = _SYNTAX.sub(r"\\\g<0>", format_plain(text))
    return _AT.sub("<!-- -->@", _NUMBERED.sub(r"\1\\\2", escaped))


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table of texts that are not escaped yet."""
    yield "| " + " | ".join(heading) + " |"
    yield "|" + " --- |" * len(heading)
    for row in rows:
        yield "| " + " | ".join(_escape(cell) for cell in row) + " |"
    yield ""


def _list(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield f"- {_escape(text)}"
    yield ""


def _head(document: Document) -> Iterator[str]:
    head, room = document.head, document.room
    yield f"# {_escape(head.title)}\n"
    yield f"**{_escape(head.banner)}**\n"
    if not (head.is_policy_given and head.is_agreement_given) or head.trust.startswith("REHEARSAL"):
        yield f"**{_escape(head.trust)}**\n"
    yield f"{_escape(head.standing)} {_escape(head.periods)}\n"
    yield f"**{_escape(head.verdict_words)}**\n"
    yield from _list(head.not_covered)
    yield "## Room to hide\n"
    yield from _list(room.sentences)
    yield from _table(
        ("", "operations", "of one forbidden run"),
        (
            ("could have been hidden, at most", room.flop.words, room.share.words),
            ("if one meter's owner lies", room.flop_liar.words, room.share_liar.words),
            ("one forbidden run: the significant quantity", room.significant_quantity.words, ""),
            ("may stay unexplained", room.allowed.words, ""),
            ("smallest run caught by re-execution", room.smallest_run_caught.words, ""),
        ),
    )
    yield "## Parties\n"
    yield from _table(
        ("bloc", "party", "kind", "verdict", "1A", "1B", "2A", "2B", "room to hide"),
        (_party_row(party) for party in _by_bloc(document)),
    )


def _by_bloc(document: Document) -> Iterator[PartyEntry]:
    by_id = {party.id: party for party in document.parties}
    for bloc in document.blocs:
        for name in bloc.parties:
            yield by_id[name]


def _party_row(party: PartyEntry) -> tuple[str, ...]:
    statuses = [one.status for one in party.coverage] or ["", "", "", ""]
    room = "" if party.room is None else party.room.words
    return (party.bloc, party.name, party.kind.value, party.verdict_words, *statuses, room)


def _halts(document: Document) -> Iterator[str]:
    for halt in document.halts:
        yield f"## Halt under clause {_escape(halt.clause)}\n"
        yield from _list((halt.legal, halt.physical))
        yield from _table(
            ("site", "operator", "outcome", "", "ran at the instant"),
            ((one.site, one.party, one.outcome, one.words, one.inventory) for one in halt.sites),
        )


def _party(party: PartyEntry) -> Iterator[str]:
    yield f"## {_escape(party.name)}: {_escape(party.verdict_words)}\n"
    yield f"{_escape(party.covered)}\n"
    yield from _table(
        ("subgoal", "", "verdict", "clauses", "would be covered by"),
        (_goal_row(one) for one in party.coverage),
    )
    yield from _table(
        ("clause", "asks for", "verdict", "at least", "at most", "tolerance"),
        (_clause_row(clause) for clause in party.clauses),
    )
    for clause in party.clauses:
        yield f"**Clause {_escape(clause.number)}.** {_escape(clause.text)}\n"
        yield from _list((clause.asks, *clause.reasons))
        yield from _periods(clause)


def _goal_row(one: Coverage) -> tuple[str, ...]:
    return (one.subgoal.value, one.title, one.status, ", ".join(one.clauses), one.would_cover or "")


def _clause_row(clause: Clause) -> tuple[str, ...]:
    amounts = (clause.low.words, clause.high.words, clause.tolerance.words)
    return (clause.number, clause.title, clause.verdict.value, *amounts)


def _periods(clause: Clause) -> Iterator[str]:
    if len(clause.periods) + clause.more_periods < 2:
        return
    yield from _table(
        ("period", "verdict", "at least", "at most"),
        ((_window(one.window), one.verdict.value, one.low.words, one.high.words) for one in clause.periods),
    )
    yield from _more(clause.more_periods, "periods, none of them worse")


def _window(window: Window | None) -> str:
    if window is None:
        return "all periods"
    return f"{format_instant(window.start)} until {format_instant(window.end)}"


def _more(count: int, what: str) -> Iterator[str]:
    if count:
        yield f"And {count:,} more {what}: see allstop audit --json.\n"


def _site(site: SiteEntry) -> Iterator[str]:
    yield f"## {_escape(site.site)}, operated by {_escape(site.operator)}\n"
    if not site.is_declared:
        yield "**Nobody declared this site.**\n"
    yield from _list(site.sentences)
    yield from _table(
        ("chip-time", "", "share"),
        ((part.words, part.chip_time.words, part.share.words) for part in site.bar),
    )
    figures: tuple[tuple[str, Amount], ...] = (
        ("chip-time in all periods", site.chip_time),
        ("capacity", site.capacity),
        ("room to hide", site.room),
        ("room to hide if one meter's owner lies", site.room_liar),
        ("room to hide if every declaration is true", site.room_if_true),
        ("energy over all readings", site.energy),
        ("energy over readings that hold together", site.energy_believed),
    )
    yield from _table(("figure", ""), ((name, amount.words) for name, amount in figures))
    yield from _list(site.chips)
    yield from _table(
        ("meter", "filed by", "measures", "chips", "custody"),
        ((m.meter, m.filer, m.channel.value, str(m.chips), m.custody.value) for m in site.meters),
    )


def _jobs(document: Document) -> Iterator[str]:
    if not document.jobs:
        return
    yield "## Declared jobs\n"
    yield from _table(
        ("job", "site", "operator", "tenant", "kind", "declared", "room that meters leave", "level"),
        (
            (
                job.job,
                job.site,
                job.operator,
                job.tenant,
                job.kind,
                f"{job.declared_low.words} to {job.declared_high.words}",
                job.room.words,
                job.sentence,
            )
            for job in document.jobs
        ),
    )


def _replays(replays: Sequence[ReplayEntry]) -> Iterator[str]:
    if not replays:
        return
    yield "## Re-execution\n"
    yield from _table(
        ("job", "party", "items", "drawn", "passed", "failed", "refused", "not judged", "detection", ""),
        (
            (
                one.job,
                one.party,
                *(str(n) for n in (one.count, one.sample, one.passed, one.failed, one.refused)),
                str(one.unverifiable),
                one.detection.words,
                one.words,
            )
            for one in replays
        ),
    )


def _findings(document: Document) -> Iterator[str]:
    yield f"## Findings: {len(document.findings) + document.more_findings or 'none'}\n"
    for one in document.findings:
        yield from _finding(one)
    yield from _more(document.more_findings, "findings")


def _finding(one: FindingEntry) -> Iterator[str]:
    whom = f" {one.party}" if one.party else ""
    where = f" at {one.site}" if one.site else ""
    yield f"### {one.number}\\. {_escape(one.code + whom + where)}: {_escape(one.title)}\n"
    lines = [
        one.about,
        f"Effect: {one.effect_words}",
        f"To resolve: {one.resolve}",
        f"To answer: {one.answer}",
    ]
    if one.answer_by is not None:
        lines.append(f"If told at the time of this audit, by {format_instant(one.answer_by)}")
    lines.append(f"Rests on: {_entries(one.rests_on, one.more_entries)}")
    yield from _list(lines)


def _entries(entries: Sequence[Entry], more: int) -> str:
    words = [f"entry {one.index} ({one.predicate} by {one.party}, {one.digest[:16]})" for one in entries]
    return ", ".join(words + ([f"and {more} more"] if more else [])) or "no single entry"


def _custody(document: Document) -> Iterator[str]:
    yield "## Custody of evidence\n"
    yield from _table(
        ("meter", "site", "filed by", "custody", "readings", "blob", "entry", "counts"),
        (
            (
                row.meter,
                row.site,
                row.filer,
                row.custody.value,
                str(row.readings),
                row.blob[:16],
                str(row.entry.index),
                f"{row.held.status}: {row.held.words}",
            )
            for row in document.custody
        ),
    )
    yield from _more(document.more_custody, "series")


def _figures(document: Document) -> Iterator[str]:
    yield "## Agreed figures\n"
    yield from _table(("figure", ""), ((one.name, one.words) for one in document.agreed))
    yield "## Assumptions\n"
    yield from _table(
        ("assumption", "value", "unit", "source", "grade"),
        (
            (one.name, one.value, one.unit, one.source, f"{one.grade.value}: {one.grade_words}")
            for one in document.assumptions
        ),
    )


def _not_held(document: Document) -> Iterator[str]:
    if not document.not_held:
        return
    yield "## Not held\n"
    yield "Statements name these blobs and this case does not hold them. That is not to say withheld.\n"
    yield from _list(f"{one.blob}: {_entries(one.named_by, one.more_entries)}" for one in document.not_held)
    yield from _more(document.more_not_held, "blobs")


def _again(document: Document) -> Iterator[str]:
    head, again = document.head, document.again
    yield "## Again\n"
    yield f"{_escape(again.words)}\n"
    # Indented, so that no run of backticks in the name of a folder can end the block.
    yield f"    {format_plain(again.audit)}"
    yield f"    {format_plain(again.report)}"
    yield f"    {format_plain(again.explain)}\n"
    yield from _table(
        ("", "value"),
        (
            ("verdict", f"{head.verdict.value}, digest {head.digest}"),
            ("trust", head.trust),
            ("at", format_instant(head.at)),
            ("log", f"{head.origin}, {head.size} entries, root {head.root}"),
            ("entries", f"{head.counted} counted, {head.pending} pending"),
            ("policy", head.policy),
            ("agreement", head.agreement),
            ("chip table", head.table),
        ),
    )
