"""Rule WRK-005: a job that was declared after its time."""

from allstop.agreement import ObligationKind
from allstop.finding import Effect, Subgoal
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Hit, hit_on_job

__all__ = ["find_late_job"]


def find_late_job(facts: Facts) -> tuple[Hit, ...]:
    """WRK-005: a job was declared later than every *declare* clause allows.

    What it detects:
        A declaration that witnesses prove to have been filed after the end of the job plus the longest
        timeliness of the clauses that ask for declarations.
    Why it matters:
        Who sees that undeclared use was noticed could otherwise declare it afterwards. The job counts as
        undeclared.
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
    allowed = [
        clause.timeliness_ms
        for clause in facts.agreement.obligations
        if clause.kind is ObligationKind.DECLARE and clause.timeliness_ms is not None
    ]
    if not facts.is_timely or not allowed:
        return ()
    hits = []
    for filed in facts.state.jobs:
        late_ms = filed.not_after.ms - filed.value.window.end.ms - max(allowed)
        if late_ms > 0:
            hit = hit_on_job(
                "WRK-005",
                filed,
                f"was declared {late_ms} ms after the last moment that a clause allows",
                Effect.NO_CREDIT,
                (Subgoal.KNOWN_SITES_ACCOUNTED,),
            )
            hits.append(Hit(finding=hit.finding, refused=(filed.entry,)))
    return tuple(hits)
