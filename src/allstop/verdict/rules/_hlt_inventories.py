"""Rules HLT-001 and HLT-002: inventories of a halt that do not fit declared jobs, or one another."""

from collections.abc import Iterator

from allstop.finding import Effect, Finding, Subgoal, count_chips
from allstop.halting import Inventory, RunningJob
from allstop.ids import Name
from allstop.ledger import Filed
from allstop.times import Instant
from allstop.verdict._facts import Facts
from allstop.verdict._halts import halts_begun
from allstop.verdict._hits import Hit
from allstop.workload import Job

__all__ = ["find_second_inventories", "find_unfit_inventories"]

_SHOWN_MAX = 8


def find_unfit_inventories(facts: Facts) -> tuple[Hit, ...]:
    """HLT-001: the inventory of a halt and the declared jobs name different work.

    What it detects:
        A job that was declared to run across the instant of a halt and is not in the site's inventory, one that is
        in it and was never declared to run then, or one that the two give another kind or number of chips.
    Why it matters:
        What ran at the instant is what may be asked for later: its checkpoint, and where it went on. A job that is
        left out could be resumed elsewhere as something new.
    Known problems:
        A declaration that is filed after this audit is not known to it. Jobs of one operator under two names look
        like two differences.

    Example:
        Alder's inventory lists one serving job on 64 chips; its declaration of run-1, on 448, covers the instant.
    How to resolve:
        Declare what is missing within the time that the clause allows, or explain the difference to the panel.
    Basis:
        spec/halting.md section 9; the agreement's clauses of kind *halt*.
    """
    hits = []
    for site, operator, at in _halts(facts):
        filed = _inventories(facts, site, operator, at)
        if not filed:
            continue
        declared: dict[Name, Filed[Job]] = {}
        for job in facts.state.jobs:
            window = job.value.window
            if job.value.site == site and window.start <= at < window.end:
                declared.setdefault(job.value.job, job)
        wrong = list(_differences({one.job: one for one in filed[0].value.jobs}, declared))
        if wrong:
            more = f" and {len(wrong) - _SHOWN_MAX} more" if len(wrong) > _SHOWN_MAX else ""
            rests = sorted({filed[0].entry, *(job.entry for job in declared.values())})
            hits.append(_hit("HLT-001", operator, site, "; ".join(wrong[:_SHOWN_MAX]) + more, rests))
    return tuple(hits)


def find_second_inventories(facts: Facts) -> tuple[Hit, ...]:
    """HLT-002: a site has two different inventories for one instant.

    What it detects:
        A second inventory by the operator of a site for the same halt that says something else than the first.
    Why it matters:
        The first counts. Whoever could correct it later could make the record fit what it did.
    Known problems:
        A slip of the pen and a change of story look alike.

    Example:
        Alder files that run-1 ran on 448 chips, and a day later that nothing ran.
    How to resolve:
        Explain the second statement; the first stays.
    Basis:
        spec/halting.md section 3.
    """
    hits = []
    for site, operator, at in _halts(facts):
        filed = _inventories(facts, site, operator, at)
        changed = [one for one in filed[1:] if one.value != filed[0].value]
        if changed:
            about = f"{len(changed)} later inventories of one instant say something else than the first"
            hits.append(_hit("HLT-002", operator, site, about, [one.entry for one in (filed[0], *changed)]))
    return tuple(hits)


def _halts(facts: Facts) -> Iterator[tuple[Name, Name, Instant]]:
    """Yield each site with its operator and each instant at which it had to halt, once."""
    found = {(halt.site, halt.operator, halt.legal) for halt in halts_begun(facts, at=facts.state.at)}
    yield from sorted(found)


def _inventories(facts: Facts, site: Name, operator: Name, at: Instant) -> list[Filed[Inventory]]:
    """Return the operator's inventories of a site for an instant, in log order; forecasts are none."""
    return [
        one
        for one in facts.state.of(Inventory)
        if (one.value.site, one.value.at, one.party) == (site, at, operator) and one.not_after >= at
    ]


def _differences(listed: dict[Name, RunningJob], declared: dict[Name, Filed[Job]]) -> Iterator[str]:
    for name in sorted({*listed, *declared}):
        if name not in listed:
            yield f"job {name} was declared to run at the instant and is not in the inventory"
        elif name not in declared:
            yield f"job {name} is in the inventory and was not declared to run at the instant"
        else:
            job, one = declared[name].value, listed[name]
            if job.kind.value != one.kind:
                yield f"job {name} is {one.kind} in the inventory and {job.kind.value} in its declaration"
            if count_chips(job.chips) != one.chips:
                yield (
                    f"job {name} has {one.chips} chips in the inventory and {count_chips(job.chips)} in its"
                    " declaration"
                )


def _hit(code: str, operator: Name, site: Name, about: str, rests: list[int]) -> Hit:
    return Hit(
        finding=Finding(
            code=code,
            party=operator,
            site=site,
            about=about,
            rests_on=tuple(sorted(set(rests))),
            effect=Effect.NOTE,
            subgoals=(Subgoal.DECLARED_USE_ACCURATE,),
        )
    )
