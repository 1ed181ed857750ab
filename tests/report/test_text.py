"""The verdict on a terminal: what a reader must not miss is there, in words that parties cannot bend."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from allstop.accountancy import Verdict
from allstop.agreement import Accounting
from allstop.report import print_audit
from allstop.service import Audit
from allstop.times import HOUR_MS
from allstop.verdict import CaseVerdict, verdict_digest
from report_documents import in_force
from verdict_world import START, World, honest, terms


def printed(verdict: CaseVerdict, *, is_given: bool = True, width: int = 400) -> str:
    """Return what a reader sees; by default wide enough that nothing wraps."""
    console = Console(file=StringIO(), width=width, markup=False, emoji=False, highlight=False)
    audit = Audit(verdict=verdict, is_policy_given=is_given, is_agreement_given=is_given)
    with console.capture() as captured:
        print_audit(audit, console, case="case")
    return captured.get()


def test_the_first_line_says_whose_trust_root_it_is() -> None:
    """A case that brings its own policy and agreement proves only that it agrees with itself."""
    verdict = honest().judge()
    assert printed(verdict).startswith("Policy and agreement came from outside the case.\n")
    assert printed(verdict, is_given=False).startswith(
        "NOT A FULL AUDIT: the policy and the agreement came from"
    )


def test_what_no_reader_may_miss_is_there() -> None:
    """Every subgoal, what is not covered, what was not established, the digest, and what the verdict is not."""
    verdict = honest().judge()
    text = printed(verdict)
    for words in (
        "1B NOT COVERED",
        "2B NOT COVERED",
        "not established; nothing was re-run",
        "This says nothing about undeclared sites.",
        "INCONSISTENT is not a confirmed violation",
        f"Verdict {verdict.verdict.value}, digest {verdict_digest(verdict)}",
        "plausible in quantity, not verified",
    ):
        assert words in text


def test_every_clause_shows_verdict_bounds_and_reason() -> None:
    """A busy hour that nobody declared is shown with its least and most, and its finding."""
    world = honest()
    del world.filings[6]
    verdict = world.judge()
    text = printed(verdict)
    assert verdict.verdict is Verdict.INCONSISTENT
    assert "ACC-001  clause 2.1: at least" in text
    assert all(clause.verdict.value in text for party in verdict.parties for clause in party.clauses)


def test_sums_over_periods_and_no_bound_are_said_in_words() -> None:
    """Several periods show their sums; a party without chips shows that nothing bounds it."""
    halves = honest(accounting=Accounting(start=START, period_ms=HOUR_MS // 2, periods=2)).judge()
    assert "clause 2.1 over all periods: 0.0 chip-s to" in printed(halves)
    bare = World(agreement=terms())
    bare.site()
    assert "Room to hide: no bound; the party has named no chips." in printed(bare.judge())


def test_what_binds_later_is_not_called_in_force() -> None:
    """Deposited, and the moment still to come; then the moment itself; and nobody bound at all."""
    world = in_force()
    soon = printed(world.judge(at=START.plus(-HOUR_MS)))
    assert "\nNot yet in force: it binds from 2027-01-15T08:00:00Z on.\n" in soon
    assert "In force since" not in soon
    assert "\nIn force since 2027-01-15T08:00:00Z.\n" in printed(world.judge())
    unbound = honest(accounting=Accounting(start=None, period_ms=HOUR_MS, periods=1)).judge()
    assert "\nNot in force: nobody is bound yet.\n" in printed(unbound)


def test_a_party_cannot_put_colours_or_links_into_the_page() -> None:
    """Square brackets in a title are printed as they are written."""
    world = honest()
    world.agreement = replace(world.agreement, title="[red]pause[/red] [link=x]")
    assert "[red]pause[/red] [link=x] · " in printed(world.judge())


def test_readings_that_are_not_held_are_counted() -> None:
    """A reader with fewer blobs is told that others may see more."""
    world = honest()
    assert "Not held: 1 blobs" in printed(world.judge(without_blobs={min(world.blobs)}))


def test_nothing_is_cut_on_a_narrow_terminal() -> None:
    """At seventy-two columns verdicts, subgoals and amounts are whole; reasons stand below, indented."""
    world = honest()
    del world.filings[6]
    wide, narrow = printed(world.judge()), printed(world.judge(), width=72)
    assert "\u2026" not in narrow
    for word in ("CONSISTENT", "UNDETERMINED", "INCONSISTENT", "chip-h", "FLOP"):
        assert wide.count(word) == narrow.count(word), word
    clauses = [line for line in narrow.split("\n") if line.startswith(("  1.1 ", "  2.1 ", "  3.1 "))]
    assert 3 == len(clauses)
