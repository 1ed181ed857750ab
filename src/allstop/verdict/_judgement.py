"""Judging clauses: each obligation's interval in its own measure (DESIGN section 6, the first table).

Lower bounds come from what cannot be otherwise, upper bounds from everything that is not shown good.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from allstop.accountancy import (
    AreaBalance,
    JobAccount,
    Verdict,
    judge,
    room_in_window,
)
from allstop.agreement import Obligation, ObligationKind, Silence
from allstop.finding import Level
from allstop.ids import Name
from allstop.times import Window
from allstop.transcript import TRANSCRIPT_PREDICATE
from allstop.units import PPM, Unit
from allstop.verdict._areas import Areas, lot_sizes
from allstop.verdict._claims import group_double_claims
from allstop.verdict._duties import Duties, duties_of, is_tenant, rented_sites
from allstop.verdict._facts import Facts
from allstop.verdict._levels import JobLevel
from allstop.verdict._replays import ReplayState
from allstop.verdict._running import Work, measure_running, permitted_jobs
from allstop.verdict._stretches import Stretch, stretches_of
from allstop.workload import JobKind

__all__ = ["ClauseResult", "judge_clause"]

_WHY = {
    ObligationKind.PROHIBIT: "with what could be hidden, the limit may have been reached",
    ObligationKind.REGISTER: "more chips are named than are registered",
    ObligationKind.DECLARE: "activity that is not shown to be declared may reach the tolerance",
    ObligationKind.METER: "chip-time that no trusted meter saw may reach the tolerance",
    ObligationKind.VERIFY: "declared operations that replay does not show may reach the tolerance",
    ObligationKind.HALT: "activity outside what may go on may reach the tolerance",
}

_SUMMED = (ObligationKind.HALT, ObligationKind.DECLARE, ObligationKind.METER)
"""Kinds whose chip-time adds up over the parts of a period in which they apply."""

_TRAINING = (JobKind.TRAINING, JobKind.FINE_TUNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseResult:
    """One clause, for one party: the interval, the tolerance, the verdict and why.

    `window` is None for clauses that are judged over all periods together. `high` is None where nothing
    bounds it.
    """

    clause: str
    kind: ObligationKind
    party: Name
    window: Window | None
    unit: Unit
    low: int
    high: int | None
    tolerance: int
    verdict: Verdict
    reasons: tuple[str, ...]


def judge_clause(
    facts: Facts,
    areas: Areas,
    levels: Sequence[JobLevel],
    obligation: Obligation,
    party: Name,
    windows: Sequence[Window],
) -> tuple[ClauseResult, ...]:
    """Judge one clause for one party: per period, or once over all periods for *prohibit*.

    A clause that has not applied yet is not judged: none of its phases has come, or it does not bind the party.
    """
    sites = _sites_of(facts, party)
    stretches = stretches_of(facts, obligation, party, windows)
    if windows and not stretches:
        return ()
    if obligation.kind is ObligationKind.PROHIBIT:
        return (_judge_prohibit(facts, areas, levels, obligation, party, sites, stretches),)
    if obligation.kind in _SUMMED:
        # Cut to pieces, none of which reaches the tolerance, a period would be no breach.
        groups = [
            [one for one in stretches if one.period == at]
            for at in dict.fromkeys(s.period for s in stretches)
        ]
    else:
        groups = [[one] for one in stretches]
    return tuple(_judge_group(facts, areas, levels, obligation, party, sites, group) for group in groups)


def _judge_group(
    facts: Facts,
    areas: Areas,
    levels: Sequence[JobLevel],
    obligation: Obligation,
    party: Name,
    sites: Sequence[Name],
    group: Sequence[Stretch],
) -> ClauseResult:
    """Judge stretches of one period as one: of clauses whose amounts add up there may be several."""
    stretch, is_halt = group[0], obligation.kind is ObligationKind.HALT
    duties = _join(
        [
            duties_of(facts, obligation, party, stretch.period, since=since)
            for since in (dict.fromkeys(one.since for one in group) if is_halt else (None,))
        ]
    )
    if obligation.kind is ObligationKind.VERIFY:
        return _judge_verify(facts, areas, obligation, party, sites, stretch, duties)
    own = [site for site in sites if facts.operators[site] == party]
    low = high = 0
    is_bounded, reasons = True, list[str]()
    for one in group:
        sure, most, why = _measure(facts, areas, levels, obligation, own, one)
        low, high, reasons = low + sure, high + most, [*reasons, *why]
        if is_tenant(facts, party):
            more, why = _measure_tenant(facts, areas, levels, obligation, party, one)
            high, reasons = high + (more or 0), [*reasons, *why]
            is_bounded &= more is not None
    if is_halt:
        running = measure_running(facts, *_work(facts, areas, obligation, party, sites, group))
        low, high, reasons = low + running.low, high + running.high, [*running.reasons, *reasons]
    window = Window(start=stretch.window.start, end=group[-1].window.end)
    return _result(obligation, party, window, low, high if is_bounded else None, duties, tuple(reasons))


def _join(duties: Sequence[Duties]) -> Duties:
    return Duties(
        missing=tuple(dict.fromkeys(text for one in duties for text in one.missing)),
        cure_ended=any(one.cure_ended and one.missing for one in duties),
    )


def _work(
    facts: Facts,
    areas: Areas,
    obligation: Obligation,
    party: Name,
    sites: Sequence[Name],
    group: Sequence[Stretch],
) -> tuple[list[Work], list[Work]]:
    """Return what was declared at a party's own sites, and of a tenant its own jobs at sites of others."""
    own: list[Work] = []
    rented: list[Work] = []
    for stretch in group:
        for site in sites:
            balance = _balance(facts, areas, obligation, site, stretch)
            if facts.operators[site] == party:
                own.append((stretch, balance, areas.jobs(site)))
            elif is_tenant(facts, party):
                mine = [filed for filed in areas.jobs(site) if filed.value.tenant == party]
                rented.append((stretch, balance, mine))
    return own, rented


def _measure(
    facts: Facts,
    areas: Areas,
    levels: Sequence[JobLevel],
    obligation: Obligation,
    sites: Sequence[Name],
    stretch: Stretch,
) -> tuple[int, int, list[str]]:
    """Measure one stretch; of a *halt* without the work that was declared."""
    low = high = 0
    reasons: list[str] = []
    balances = {site: _balance(facts, areas, obligation, site, stretch) for site in sites}
    for site, strict in balances.items():
        match obligation.kind:
            case ObligationKind.METER:
                # Absence alone never accuses.
                high += strict.unobserved_chip_ms
            case ObligationKind.REGISTER:
                missing = sum(
                    max(0, size.count - size.registered)
                    for size in lot_sizes(facts, site, stretch.period, areas.jobs(site)).values()
                )
                high += missing
            case _:
                low += strict.undeclared.active_low_chip_ms
                high += strict.undeclared.active_high_chip_ms
                below = _below(levels, site, obligation.level)
                may_go_on = None
                if obligation.kind is ObligationKind.HALT:
                    may_go_on = permitted_jobs(facts, areas.jobs(site), stretch)
                for part in strict.by_job:
                    if part.job is not None and (may_go_on is None or part.job in may_go_on):
                        ends = _undeclared_beside(part, obligation, is_below=part.job in below)
                        low, high = low + ends[0], high + ends[1]
                        reasons += _job_reasons(part, obligation, below.get(part.job), ends[0], site)
    return low, high, reasons


def _balance(facts: Facts, areas: Areas, obligation: Obligation, site: Name, stretch: Stretch) -> AreaBalance:
    liars = facts.agreement.verification.liars
    return areas.balance(site, stretch.window, liars=liars, custody=obligation.custody, of=stretch.period)


def _undeclared_beside(part: JobAccount, obligation: Obligation, *, is_below: bool) -> tuple[int, int]:
    """Bound how much of a declared job's chip-time worked on something else.

    What declared work cannot have taken was something that nobody declared. Only a clause that asks for
    transcripts looks at that, and to it a job without any is not explained: were the one without the other,
    leaving transcripts out would help.
    """
    is_asked = TRANSCRIPT_PREDICATE.name in obligation.evidence or obligation.level is Level.VERIFIED
    low = part.excess_low_chip_ms if is_asked else 0
    high = part.excess_high_chip_ms if is_asked else 0
    return low, part.active_high_chip_ms if is_below else high


def _job_reasons(
    part: JobAccount, obligation: Obligation, level: str | None, excess_chip_ms: int, site: Name
) -> Iterator[str]:
    if level is not None:
        yield f"job {part.job} at {site} is only {level}, the clause asks for {obligation.level.value}"
    if excess_chip_ms:
        yield (
            f"the chips of job {part.job} at {site} worked at least {excess_chip_ms} chip-ms longer than all its"
            " items take"
        )


def _judge_verify(
    facts: Facts,
    areas: Areas,
    obligation: Obligation,
    party: Name,
    sites: Sequence[Name],
    stretch: Stretch,
    duties: Duties,
) -> ClauseResult:
    """Judge *verify*: the share, in ppm, of a party's declared operations that replay does not show.

    Nothing bounds it from below but what was caught: a failed replay or a refused opening breaks the clause
    whatever the share. Activity that nobody declared counts at peak as declared and not shown, so that leaving
    out a declaration never helps; a party whose chips did nothing has nothing to show.
    """
    window = stretch.window
    declared = unshown = 0
    caught: list[str] = []
    reasons: list[str] = []
    for site in sites:
        balance = _balance(facts, areas, obligation, site, stretch)
        hidden = balance.undeclared.active_high_chip_ms
        if hidden:
            worst = -(-balance.capacity_flop * hidden // balance.chip_ms)
            declared, unshown = declared + worst, unshown + worst
            reasons.append(f"{hidden} chip-ms at {site} may have worked under no declaration")
        for filed in areas.jobs(site):
            job = filed.value
            if party not in (job.operator, job.tenant) or not job.window.overlap_ms(window):
                continue
            if facts.is_late(filed, stretch.period):  # Its time counts as nobody's above.
                continue
            claimed = -(-job.operations.high * job.window.overlap_ms(window) // job.window.duration_ms)
            credit = areas.credit(filed, window)
            missing = max(0, claimed - (0 if credit is None else credit.flop))
            declared, unshown = declared + claimed, unshown + missing
            replays = areas.replays.get((site, job.job), ())
            if missing and not replays:
                reasons.append(f"job {job.job} at {site} has no transcript that counts")
            for one in replays:
                words = f"transcript {one.filed.value.transcript} of job {job.job}: {one.why}"
                is_caught = one.state in (ReplayState.FAILED, ReplayState.REFUSED)
                # What a tenant makes up convicts no operator, and the other way round.
                if is_caught and one.filed.party == party:
                    caught.append(words)
                elif one.state is not ReplayState.PASSED:
                    reasons.append(words)
    high = -(-unshown * PPM // declared) if declared else 0
    low = PPM if caught else 0
    return _result(obligation, party, window, low, max(low, high), duties, (*caught, *reasons))


def _sites_of(facts: Facts, party: Name) -> list[Name]:
    """Return the sites that a party runs; for a tenant also those that it rents or has declared jobs at."""
    own = {filed.value.site for filed in facts.sites if filed.value.operator == party}
    if is_tenant(facts, party):
        own |= rented_sites(facts, party)
        own |= {filed.value.site for filed in facts.state.jobs if filed.value.tenant == party}
    return [filed.value.site for filed in facts.sites if filed.value.site in own]


def _measure_tenant(
    facts: Facts,
    areas: Areas,
    levels: Sequence[JobLevel],
    obligation: Obligation,
    party: Name,
    stretch: Stretch,
) -> tuple[int | None, list[str]]:
    """Measure from above a clause that binds a tenant, at sites of others: its own jobs below the level, and what nobody declared.

    Chip-time without a declaration at a site that it rents may have been the tenant's, so leaving a job
    undeclared never helps it; nothing shows that it was, so the lower bound stays 0.
    """
    high = 0
    reasons: list[str] = []
    if obligation.kind not in (ObligationKind.DECLARE, ObligationKind.HALT):
        return None, [f"a tenant cannot show that it meets a clause of kind {obligation.kind.value}"]
    for site in _sites_of(facts, party):
        if facts.operators[site] == party:
            continue
        below = _below(levels, site, obligation.level)
        own = {filed.value.job for filed in areas.jobs(site) if filed.value.tenant == party}
        strict = _balance(facts, areas, obligation, site, stretch)
        high += strict.undeclared.active_high_chip_ms
        if obligation.kind is ObligationKind.HALT:
            mine = [filed for filed in areas.jobs(site) if filed.value.tenant == party]
            own &= permitted_jobs(facts, mine, stretch).keys()
        for part in strict.by_job:
            if part.job in below and part.job in own:
                high += part.active_high_chip_ms
                reasons.append(
                    f"job {part.job} at {site} is only {below[part.job]}, the clause asks for {obligation.level.value}"
                )
    return high, reasons


def _below(levels: Sequence[JobLevel], site: Name, least: Level) -> dict[Name, str]:
    """Return the jobs of a site that do not reach a level, with what they are."""
    return {
        job.job: "signed by one side only" if job.level is None else job.level.value
        for job in levels
        if job.site == site and (job.level is None or job.level < least)
    }


def _judge_prohibit(
    facts: Facts,
    areas: Areas,
    levels: Sequence[JobLevel],
    obligation: Obligation,
    party: Name,
    sites: Sequence[Name],
    stretches: Sequence[Stretch],
) -> ClauseResult:
    """Judge *prohibit*: FLOP of one lineage, and what could remain hidden.

    The lower bound is what operators and tenants declared, lineage by lineage, never chip-hours or
    energy, unless the clause presumes that undeclared use is training. The upper bound is all the room
    to hide, which could have gone into one lineage, and what was declared of it elsewhere.
    Of the room in jobs that were replayed only what the replays would have missed counts.
    """
    terms = facts.agreement.verification
    tenant = party if is_tenant(facts, party) else None
    lineages = _lineages(facts, areas, sites, stretches, tenant, is_always=not obligation.phases)
    presumed = 0
    rooms: list[tuple[Window, int]] = []
    is_bounded = True
    for stretch in stretches:
        balances = [_balance(facts, areas, obligation, site, stretch) for site in sites]
        # A party that names no chips at all has bounded nothing by it.
        is_bounded &= tenant is not None or sum(balance.chip_ms for balance in balances) > 0
        rooms.append((stretch.window, sum(balance.hidden_flop for balance in balances)))
        # Nothing shows that undeclared use at another's site was the tenant's.
        presumed += sum(
            one.undeclared.presumed_flop for one in balances if facts.operators[one.site] == party
        )
    hidden = room_in_window(rooms, window_ms=terms.window_ms)
    low = max((ends[0] for ends in lineages.values()), default=0)
    if obligation.undeclared_is_training:
        low = max(low, presumed)
    high = max(low, hidden + max((ends[1] for ends in lineages.values()), default=0))
    if not is_bounded:
        return _result(
            obligation, party, None, low, None, Duties(missing=("chips of any site",), cure_ended=False), ()
        )
    allowed = terms.significant_quantity_flop * terms.buffer_ppm // PPM
    periods = dict.fromkeys(stretch.period for stretch in stretches)
    missing = [duties_of(facts, obligation, party, period) for period in periods]
    reasons = [
        f"job {job} at {site} is only {level}, the clause asks for {obligation.level.value}"
        for site in sites
        for job, level in _below(levels, site, obligation.level).items()
    ]
    if hidden >= allowed:
        reasons.append(f"{hidden} FLOP could be hidden, the buffer allows less than {allowed}")
    texts = [text for one in missing for text in one.missing] if periods else ["an ended accounting period"]
    duties = Duties(
        missing=tuple(dict.fromkeys(texts)),
        cure_ended=any(one.cure_ended and one.missing for one in missing),
    )
    return _result(obligation, party, None, low, high, duties, tuple(reasons), is_clear=not reasons)


def _lineages(
    facts: Facts,
    areas: Areas,
    sites: Sequence[Name],
    stretches: Sequence[Stretch],
    tenant: Name | None,
    *,
    is_always: bool,
) -> dict[Name, tuple[int, int]]:
    """Sum what was declared as training, by lineage: the least there was, and the most outside all accounts.

    The least is what cannot be otherwise: of jobs that claim the same chips and time the largest counts, and
    jobs that ran in no judged period do not. Operations of jobs inside the judged periods are among those
    that the room to hide bounds, declared or not; only jobs that reach outside add to it. A clause that does
    not always apply (`is_always`) says nothing about jobs that ran only when it did not.
    """
    groups = group_double_claims(facts.state.jobs)
    least: dict[Name, dict[int, int]] = {}
    outside: dict[Name, int] = {}
    for site in sites:
        for filed in areas.jobs(site):
            job = filed.value
            if job.kind not in _TRAINING or tenant not in (None, job.tenant):
                continue
            by_group, group = least.setdefault(job.lineage, {}), groups[filed.entry]
            inside = sum(job.window.overlap_ms(stretch.window) for stretch in stretches)
            # A tenant that has not signed has declared nothing: the operator's word convicts nobody else.
            if inside and (tenant is None or tenant in filed.signers):
                by_group[group] = max(by_group.get(group, 0), job.operations.low)
            if inside < job.window.duration_ms and (inside or is_always):
                outside[job.lineage] = outside.get(job.lineage, 0) + job.operations.high
    return {name: (sum(found.values()), outside.get(name, 0)) for name, found in least.items()}


def _result(
    obligation: Obligation,
    party: Name,
    window: Window | None,
    low: int,
    high: int | None,
    duties: Duties,
    reasons: tuple[str, ...],
    *,
    is_clear: bool = True,
) -> ClauseResult:
    tolerance = obligation.tolerance
    verdict = judge(low=low, high=high, tolerance=tolerance, duties_met=duties.are_met and is_clear)
    words = list(reasons) + [f"missing: {text}" for text in duties.missing]
    if obligation.silence is Silence.BREACH and duties.missing and duties.cure_ended:
        verdict = Verdict.INCONSISTENT
        words.append("the clause takes silence after the cure period as breach")
    if verdict is Verdict.UNDETERMINED and (high is None or high >= tolerance):
        words.append(_WHY[obligation.kind])
    return ClauseResult(
        clause=obligation.clause,
        kind=obligation.kind,
        party=party,
        window=window,
        unit=obligation.kind.unit,
        low=low,
        high=high,
        tolerance=tolerance,
        verdict=verdict,
        reasons=tuple(dict.fromkeys(words)),
    )
