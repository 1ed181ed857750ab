"""Rule WRK-005: a job that was declared after its time."""

from allstop.finding import Effect, Subgoal
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Accounts, Hit, hit_on_job

__all__ = ["find_late_job"]


def find_late_job(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """WRK-005: a job was declared later than every *declare* clause allows.

    What it detects:
        A declaration that witnesses prove to have been filed after the end of a period in which the job ran
        plus the longest timeliness of the clauses that ask for declarations.
    Why it matters:
        Who sees that undeclared use was noticed could otherwise declare it afterwards. In those periods
        the job counts as undeclared.
    Known problems:
        Not judged in a retrospective, where every statement is late. The time of filing is the upper
        bound that witnesses prove, so a slow log can make a punctual party late.

    Example:
        A run that ended in March is declared in June, with seven days allowed.
    How to resolve:
        Explain the delay within the time to answer; the panel decides.
    Basis:
        The timeliness of the agreement's *declare* clauses; DESIGN section 3, time.
    """
    hits = []
    for filed in facts.state.jobs:
        late = [window for window in accounts.windows if facts.is_late(filed, window)]
        if late:
            about = f"was declared after its time for {len(late)} periods, the last ended {filed.not_after.ms - late[-1].end.ms} ms before"
            subgoals = (Subgoal.KNOWN_SITES_ACCOUNTED,)
            hits.append(hit_on_job("WRK-005", filed, about, Effect.NO_CREDIT, subgoals))
    return tuple(hits)
