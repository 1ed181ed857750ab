"""The public view on a terminal: made from the view alone, so that no secret can find its way into the words.

Every line is plain text; names and titles are the parties' own and are escaped by whoever prints them.
"""

from collections.abc import Iterator, Sequence

from allstop.canon import format_instant
from allstop.finding import Subgoal, read_rule
from allstop.report._document import BANNER
from allstop.report._words import format_percent, join_words
from allstop.units import PPM
from allstop.verdict import RULES, Band, PublicParty, PublicView

__all__ = ["public_lines"]


def public_lines(view: PublicView, *, is_full: bool) -> tuple[str, ...]:
    """Return a public view in words; `is_full` says that the trust root came from outside the case."""
    lines = ["What rivals and the public may see. Exact figures are with those who verify."]
    if not is_full:
        lines.append("NOT A FULL AUDIT: policy or agreement came from the case itself.")
    lines += [f"{view.title} \u00b7 {view.origin} \u00b7 at {format_instant(view.at)}", *_standing(view), ""]
    for party in view.parties:
        lines += _party(party)
    lines += [f"{code}  {_title(code)}" for code in view.codes]
    lines += [BANNER, f"Verdict {view.verdict.value}"]
    return tuple(lines)


def _standing(view: PublicView) -> Iterator[str]:
    start = view.in_force_from
    if start is None:
        yield "Not in force: nobody is bound."
    elif start <= view.at:
        yield f"In force since {format_instant(start)}."
    else:
        yield f"Not yet in force: it binds from {format_instant(start)} on."
    if view.is_retrospective:
        yield "Retrospective: the accounts begin before anybody was bound; timeliness is not judged."
    for one in view.phases:
        end = "on" if one.until is None else f"until {format_instant(one.until)}"
        yield f"Phase {one.phase} ({one.kind.value}), from {format_instant(one.start)} {end}."


def _party(party: PublicParty) -> Iterator[str]:
    deposited = "" if party.has_deposited else "  no deposit"
    if party.verdict is None:
        yield f"{party.party}  not judged{deposited}"
    else:
        goals = (f"{goal.value} {_goal(party, goal)}" for goal in Subgoal)
        yield f"{party.party}  {party.verdict.value}  {'  '.join(goals)}{deposited}"
    rows = [
        (clause.clause, clause.kind.value, clause.verdict.value, clause.bounds.value)
        for clause in party.clauses
    ]
    yield from _aligned(rows)
    if party.seen is not None:
        yield f"  seen by meters: {_band(party.seen)}"
    for one in party.duties:
        yield f"  duty {one.duty}: {join_words([stage.value for stage in one.stages])}"
    yield from (f"  {code}  {_title(code)}" for code in party.codes)
    yield ""


def _goal(party: PublicParty, goal: Subgoal) -> str:
    found = party.subgoals[goal]
    return "NOT COVERED" if found is None else found.value


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def _band(band: Band) -> str:
    """Say where a share lies, with the edges that the agreement names."""
    high = "" if band.high == PPM else f", below {format_percent(band.high, PPM, up=True)}"
    return f"at least {format_percent(band.low, PPM, up=False)}{high} of chip-time"


def _title(code: str) -> str:
    rule = RULES.get(code)
    return "" if rule is None else read_rule(rule).title
