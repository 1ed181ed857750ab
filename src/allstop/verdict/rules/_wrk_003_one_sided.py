"""Rule WRK-003: a job that only one side has signed."""

from allstop.finding import Effect, Subgoal
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Hit, hit_on_job

__all__ = ["find_one_sided"]


def find_one_sided(facts: Facts) -> tuple[Hit, ...]:
    """WRK-003: the tenant has not signed the job that is declared in its name.

    What it detects:
        A job statement that lacks the signatures of the tenant that it names.
    Why it matters:
        The operator cannot know what its tenant computes. A claim by one side is shown as such and
        reaches no level.
    Known problems:
        None known.

    Example:
        Alder declares a training run of its tenant Birch alone.
    How to resolve:
        File the job again, signed by operator and tenant.
    Basis:
        DESIGN section 6, levels; spec/workload.md.
    """
    return tuple(
        hit_on_job(
            "WRK-003",
            filed,
            f"is signed by {filed.party} alone, not by its tenant {filed.value.tenant}",
            Effect.NO_CREDIT,
            (Subgoal.DECLARED_USE_ACCURATE,),
        )
        for filed in facts.state.jobs
        if filed.value.tenant not in filed.signers
    )
