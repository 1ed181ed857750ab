"""What runs although the agreement has halted it: chip-time outside what may go on (*halt*).

Measured as *declare* is: the lower bound comes from meters alone, the upper from everything that is not shown
idle. What may go on is what the agreement permits by class of declared work, up to its cap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from allstop.accountancy import AreaBalance
from allstop.agreement import PermittedUse
from allstop.ids import Name
from allstop.ledger import Filed
from allstop.verdict._facts import Facts
from allstop.verdict._stretches import Stretch
from allstop.workload import Job

__all__ = ["Running", "Work", "measure_running", "permitted_jobs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Chip-milliseconds of declared work outside what may go on, between two bounds, and why."""

    low: int
    high: int
    reasons: tuple[str, ...]


def permitted_jobs(facts: Facts, jobs: Sequence[Filed[Job]], stretch: Stretch) -> dict[Name, PermittedUse]:
    """Return the declared jobs that may go on in a stretch of a halt, with their class."""
    terms = facts.agreement.halt
    found: dict[Name, PermittedUse] = {}
    for filed in jobs if terms is not None else ():
        job = filed.value
        if terms is None:
            continue
        use = terms.class_of(kind=job.kind.value, purpose=job.purpose.value, tenant=job.tenant)
        if use is None:
            continue
        allowed = terms.permitted_from(
            use.name, tenant=job.tenant, start=stretch.since, adopted=facts.adopted
        )
        if allowed is not None and allowed <= stretch.window.start:
            found[job.job] = use
    return found


Work: TypeAlias = tuple[Stretch, AreaBalance, Sequence[Filed[Job]]]
"""A stretch of a halt, what a site did in it, and the declared jobs of the site that count."""


def measure_running(facts: Facts, own: Sequence[Work], rented: Sequence[Work] = ()) -> Running:
    """Bound the declared work of one party that a *halt* forbids in one period.

    A cap holds for all the sites of the party and all the stretches together. What a tenant declared at sites of
    others, `rented`, counts from above only. Chip-time that nobody declared is not here.
    """
    sure = _measure(facts, own)
    return replace(_measure(facts, (*own, *rented)), low=sure.low) if rented else sure


def _measure(facts: Facts, work: Sequence[Work]) -> Running:
    low = high = 0
    reasons: list[str] = []
    used: dict[PermittedUse, tuple[int, int]] = {}
    for stretch, balance, jobs in work:
        permitted = permitted_jobs(facts, jobs, stretch)
        names = {filed.value.job for filed in jobs}
        for part in balance.by_job:
            if part.job is None or part.job not in names:
                continue
            use = permitted.get(part.job)
            if use is not None:
                before = used.get(use, (0, 0))
                used[use] = (before[0] + part.active_low_chip_ms, before[1] + part.active_high_chip_ms)
            elif part.active_high_chip_ms:
                low, high = low + part.active_low_chip_ms, high + part.active_high_chip_ms
                reasons.append(f"job {part.job} at {balance.site} is not among what may go on")
    for use, bounds in sorted(used.items(), key=lambda item: item[0].name):
        beyond = use.outside(*bounds)
        low, high = low + beyond[0], high + beyond[1]
        if beyond[1]:
            reasons.append(f"{use.name} may have used {beyond[1]} chip-ms more than its cap")
    return Running(low=low, high=high, reasons=tuple(reasons))
