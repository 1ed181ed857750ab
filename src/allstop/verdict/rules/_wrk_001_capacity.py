"""Rule WRK-001: more operations than the chips could do."""

from allstop.finding import Effect, Subgoal
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Hit, hit_on_job, who_signed

__all__ = ["find_above_capacity"]


def find_above_capacity(facts: Facts) -> tuple[Hit, ...]:
    """WRK-001: a job declares more operations than its chips could do in any format.

    What it detects:
        A declaration whose least operations exceed the highest dense peak of its chips, over all number
        formats, times its window.
    Why it matters:
        The declaration is false whatever the meters say. Inflated work is the cover under which other
        work can be hidden.
    Known problems:
        A job that overstates by less than its utilisation allows is not seen here.

    Example:
        512 H100 for 57 minutes can do 3.5e21 operations; 5.1e21 are declared.
    How to resolve:
        Correct the declaration in a new statement; the panel hears why.
    Basis:
        DESIGN section 6, credit; Baker et al. A.4, inflated-compute attacks.
    """
    hits = []
    for filed in facts.state.jobs:
        job = filed.value
        rate = 0
        for piece in job.chips:
            chip = facts.chip_type_of(job.site, piece.lot)
            rate += chip.peak_flop_per_second * piece.count
        capacity = -(-rate * job.window.duration_ms // 1000)
        if job.operations.low > capacity:
            about = f"declares {job.operations.low} operations, its chips can do {capacity} in any format"
            hits += [
                hit_on_job(
                    "WRK-001", filed, about, Effect.BREACH_1A, (Subgoal.DECLARED_USE_ACCURATE,), party=party
                )
                for party in who_signed(filed)
            ]
    return tuple(hits)
