"""Rule WRK-004: operations that the party's own meters leave no room for."""

from allstop.finding import Effect, Finding, Subgoal, count_chips
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Accounts, Hit

__all__ = ["find_no_room"]


def find_no_room(facts: Facts, accounts: Accounts) -> tuple[Hit, ...]:
    """WRK-004: a job declares more operations than meters leave room for.

    What it detects:
        A declaration, wholly inside the judged periods and of chip-time that no other job claimed before,
        whose least operations exceed the bound that time, energy and activity channels give for its chips.
    Why it matters:
        No world fits both what the party declared and what was measured, so 1A is inconsistent.
    Known problems:
        The bounds use the best energy per operation at any power limit, so moderate overstatement fits.

    Example:
        A run of an hour at full speed is declared on chips that were off for half of it.
    How to resolve:
        Correct the declaration, or show which meter was wrong.
    Basis:
        DESIGN section 6, worlds; Baker et al. A.6, options A and B.
    """
    hits = []
    by_entry = {filed.entry: filed for filed in facts.state.jobs}
    for job in accounts.levels:
        filed = by_entry[job.entry]
        claimed = count_chips(filed.value.chips) * filed.value.window.duration_ms
        if job.account.chip_ms == claimed and job.declared_low > job.account.flop_high:
            hits.append(
                Hit(
                    finding=Finding(
                        code="WRK-004",
                        party=filed.party,
                        site=job.site,
                        about=f"job {job.job}: declares {job.declared_low} operations, the meters leave room"
                        f" for {job.account.flop_high}",
                        rests_on=(job.entry,),
                        effect=Effect.BREACH_1A,
                        subgoals=(Subgoal.DECLARED_USE_ACCURATE,),
                    )
                )
            )
    return tuple(hits)
