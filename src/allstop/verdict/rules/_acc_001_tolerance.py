"""Rules ACC-001 to ACC-003: clauses whose lower bound reaches the tolerance."""

from allstop.accountancy import Verdict
from allstop.agreement import ObligationKind
from allstop.finding import Effect, Finding
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Accounts, Hit

__all__ = ["find_prohibited_operations", "find_running_after_halt", "find_undeclared_use"]


def find_undeclared_use(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """ACC-001: trusted meters show activity that nobody declared.

    What it detects:
        A period in which chip-hours that worked for sure, under no declaration, reach the tolerance of a
        *declare* clause.
    Why it matters:
        Undeclared use of declared chips is how a pause is broken at a known site.
    Known problems:
        Blind to machines that are on no register, and to activity below the agreed idle level.

    Example:
        64 servers run for an hour; no job is declared.
    How to resolve:
        Declare the work, or explain it within the time that the agreement gives to answer.
    Basis:
        The agreement's *declare* clause; spec/balance.md.
    """
    return _hits(facts, accounts, "ACC-001", ObligationKind.DECLARE, "active chip-ms without a declaration")


def find_prohibited_operations(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """ACC-002: declared operations of one lineage reach a prohibited amount.

    What it detects:
        A lineage whose declared training operations, at their least, reach what a clause prohibits; or,
        where the clause presumes so, undeclared use that does.
    Why it matters:
        The party's own words say that the threshold was passed.
    Known problems:
        Lineages are named by the parties; splitting one run into two names is not seen here.

    Example:
        A run of 1.3e21 operations under a clause that prohibits 1e21.
    How to resolve:
        Show the approval that allows it, or correct the declaration.
    Basis:
        The agreement's *prohibit* clause; spec/balance.md.
    """
    return _hits(facts, accounts, "ACC-002", ObligationKind.PROHIBIT, "operations of one lineage")


def find_running_after_halt(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """ACC-003: trusted meters show work that a halt forbids.

    What it detects:
        A stretch of a halt, after the time to drain, in which chip-hours that worked for sure, outside what
        may go on, reach the tolerance of a *halt* clause.
    Why it matters:
        To go on while the others stand still is what every party of a pause fears of the others.
    Known problems:
        Blind to machines that are on no register, to activity below the agreed idle level, and to training that
        is declared as work that may go on.

    Example:
        Three of five sites stop at the instant; one still trains at 70 % of a core six seconds later.
    How to resolve:
        Drain the site, file its inventory, and answer within the time that the agreement gives.
    Basis:
        The agreement's *halt* clause; spec/halting.md.
    """
    return _hits(
        facts, accounts, "ACC-003", ObligationKind.HALT, "active chip-ms outside what may go on after a halt"
    )


def _hits(facts: Facts, accounts: Accounts, code: str, kind: ObligationKind, what: str) -> tuple[Hit, ...]:
    hits = []
    for clause in accounts.clauses:
        if clause.kind is not kind or clause.verdict is not Verdict.INCONSISTENT:
            continue
        entries = {
            h.key.entry for h in facts.series if facts.operators.get(h.filed.value.site) == clause.party
        }
        entries |= {filed.entry for filed in facts.state.jobs if filed.party == clause.party}
        subgoals = next(one.subgoals for one in facts.clauses if one.clause == clause.clause)
        hits.append(
            Hit(
                finding=Finding(
                    code=code,
                    party=clause.party,
                    site=None,
                    about=f"clause {clause.clause}: at least {clause.low} {what}, the tolerance is {clause.tolerance}",
                    rests_on=tuple(sorted(entries)),
                    effect=Effect.NOTE,
                    subgoals=subgoals,
                )
            )
        )
    return tuple(hits)
