"""Rule WRK-002: chip-time that two jobs claim."""

from allstop.finding import Effect, Subgoal
from allstop.verdict._claims import find_double_claims
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Hit, hit_on_job

__all__ = ["find_double_claim"]


def find_double_claim(facts: Facts) -> tuple[Hit, ...]:
    """WRK-002: two jobs claim the same chips at the same time.

    What it detects:
        Two declarations whose chips and windows overlap, or two that share a name.
    Why it matters:
        Each chip-second is counted once. The same work declared twice would account for time that went
        into something else.
    Known problems:
        Sites that share chips between jobs must declare them as one job.

    Example:
        Two training runs on the same 64 chips for the same hour.
    How to resolve:
        Withdraw one, or give each its own chips. Until then the first in the log counts.
    Basis:
        DESIGN section 6, credit; Baker et al. A.4, duplicate check.
    """
    doubles = find_double_claims(facts.state.jobs)
    return tuple(
        hit_on_job(
            "WRK-002",
            filed,
            f"claims chips and time, or a name, that job {doubles[filed.entry].value.job} claimed before;"
            " the first counts",
            Effect.NO_CREDIT,
            (Subgoal.DECLARED_USE_ACCURATE,),
            others=(doubles[filed.entry].entry,),
        )
        for filed in facts.state.jobs
        if filed.entry in doubles
    )
