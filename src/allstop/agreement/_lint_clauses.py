"""Lint rules about clauses: what they ask for, against each other and against what can be shown."""

from collections.abc import Iterator
from itertools import combinations

from allstop.agreement._attainable import RELATIVE_ERRORS_PPM, fleet_max
from allstop.agreement._bands import format_amount
from allstop.agreement._lint_finding import Draft, LintFacts, format_length
from allstop.agreement._obligation import EVIDENCE, Obligation, ObligationKind
from allstop.agreement._parties import PartyKind
from allstop.clocks import due_at
from allstop.finding import Custody, Level, Subgoal
from allstop.ids import Name
from allstop.units import PPM

__all__: list[str] = []

_NEEDED = {
    ObligationKind.PROHIBIT: ("site", "chips", "meter", "measurement", "job", "period-close"),
    ObligationKind.REGISTER: ("site", "chips", "period-close"),
    ObligationKind.DECLARE: ("meter", "measurement", "job", "period-close"),
    ObligationKind.METER: ("chips", "meter", "measurement", "period-close"),
    ObligationKind.HALT: ("inventory", "meter", "measurement", "job", "period-close"),
    ObligationKind.VERIFY: ("job", "transcript", "opening", "period-close"),
}


def find_contradictions(facts: LintFacts) -> Iterator[Draft]:
    """AGR-001: two clauses of one kind, party and subgoal differ in what silence or no declaration means."""
    for first, second in combinations(facts.agreement.obligations, 2):
        party = _clash(first, second)
        if party is None:
            continue
        if first.silence is not second.silence:
            what = f"silence means {first.silence.value} in clause {first.clause} and {second.silence.value}"
        elif (
            first.undeclared_is_training is not second.undeclared_is_training
            and first.tolerance == second.tolerance
        ):
            what = f"undeclared use counts as training in only one of clause {first.clause}"
        else:
            continue
        yield Draft(
            clause=second.clause,
            text=f"{what} {'in' if 'silence' in what else 'and'} clause {second.clause}; both bind {party}",
            example=f"{party} files nothing for a period",
        )


def find_shadowed(facts: LintFacts) -> Iterator[Draft]:
    """AGR-002: two clauses of one kind, party, subgoal and phase; what breaks one always breaks the other first."""
    for first, second in combinations(facts.agreement.obligations, 2):
        party = _clash(first, second)
        if party is None or first.undeclared_is_training is not second.undeclared_is_training:
            continue
        strict, lax = sorted((first, second), key=lambda o: o.tolerance)
        if strict.phases and not (lax.phases and set(lax.phases) <= set(strict.phases)):
            continue  # In the other phases only the lax one binds.
        unit = "chips" if strict.kind is ObligationKind.REGISTER else strict.kind.unit.value
        yield Draft(
            clause=lax.clause,
            text=f"{party} breaks clause {strict.clause} at {format_amount(strict.tolerance)} {unit}, so clause "
            f"{lax.clause} at {format_amount(lax.tolerance)} {unit} adds nothing: the same is measured in both",
            example=f"{format_amount(lax.tolerance)} {unit}",
        )


def _clash(first: Obligation, second: Obligation) -> Name | None:
    """Return a party that both clauses bind in the same kind and subgoal at one time, or None."""
    if first.kind is not second.kind or not set(first.subgoals) & set(second.subgoals):
        return None
    if first.phases and second.phases and not set(first.phases) & set(second.phases):
        return None
    return next((party for party in first.parties if party in second.parties), None)


def find_unreachable_levels(facts: LintFacts) -> Iterator[Draft]:
    """AGR-005: the least level is above what the listed evidence can establish."""
    for clause in facts.agreement.obligations:
        is_replayed = clause.level is Level.VERIFIED or clause.kind is ObligationKind.VERIFY
        if is_replayed and facts.agreement.replay is None:
            yield Draft(
                clause=clause.clause,
                text="asks for work that is verified, which takes replay, and the agreement has no terms of replay; "
                "the clause can read INCONSISTENT or UNDETERMINED, CONSISTENT only where nothing was declared",
            )
        elif is_replayed and not {"transcript", "opening"} <= set(clause.evidence):
            yield Draft(
                clause=clause.clause,
                text="asks for work that is verified, and does not list transcript and opening as evidence",
            )
        elif clause.level is Level.PLAUSIBLE and "measurement" not in clause.evidence:
            yield Draft(
                clause=clause.clause,
                text="asks for level plausible, which takes measurements, and does not list measurement as evidence",
            )


def find_unreachable_custody(facts: LintFacts) -> Iterator[Draft]:
    """AGR-006: nobody in the agreement could file evidence in the least custody that the clause takes."""
    parties = facts.agreement.parties
    for clause in facts.agreement.obligations:
        others = [party.kind for party in parties if party.id not in clause.parties]
        if clause.custody is Custody.INSPECTED:
            wanted = "inspected evidence, and this version records no inspection"
        elif clause.custody is Custody.VERIFIER_OWNED and PartyKind.VERIFIER not in others:
            wanted = "evidence from a verifier, and there is no verifier besides those whom the clause binds"
        elif clause.custody is Custody.COUNTERPARTY and set(others) <= {PartyKind.OBSERVER}:
            wanted = "evidence from a counterparty, and only observers are not bound by the clause"
        else:
            continue
        yield Draft(clause=clause.clause, text=f"takes {wanted}; it can never read CONSISTENT")


def find_missing_evidence(facts: LintFacts) -> Iterator[Draft]:
    """AGR-007: the clause does not ask for a statement without which its kind cannot be judged."""
    for clause in facts.agreement.obligations:
        missing = [name for name in _NEEDED[clause.kind] if name not in clause.evidence]
        if missing:
            yield Draft(
                clause=clause.clause,
                text=f"is of kind {clause.kind.value} and does not ask for {', '.join(missing)}",
                example=f"nobody files a {missing[0]}, and no duty is broken",
            )


def find_unknown_evidence(facts: LintFacts) -> Iterator[Draft]:
    """AGR-008: the clause asks for a predicate that this version cannot judge."""
    for clause in facts.agreement.obligations:
        for name in clause.evidence:
            if name not in EVIDENCE:
                yield Draft(
                    clause=clause.clause,
                    text=f"asks for {name} as evidence, want one of {', '.join(EVIDENCE)}",
                )


def find_wide_buffers(facts: LintFacts) -> Iterator[Draft]:
    """AGR-009: more may stay unexplained than one significant quantity, or than a clause prohibits."""
    terms = facts.agreement.verification
    room = terms.buffer_ppm * terms.significant_quantity_flop // PPM
    if terms.buffer_ppm > PPM:
        yield Draft(
            text=f"the buffer of {terms.buffer_ppm} ppm lets more than one significant quantity stay unexplained",
            example=f"{format_amount(room)} FLOP hidden, verdict CONSISTENT",
        )
    for clause in facts.agreement.obligations:
        if clause.kind is ObligationKind.PROHIBIT and room > clause.tolerance:
            yield Draft(
                clause=clause.clause,
                text=f"prohibits {format_amount(clause.tolerance)} FLOP, and the buffer would let "
                f"{format_amount(room)} FLOP stay unexplained",
            )


def find_slow_clocks(facts: LintFacts) -> Iterator[Draft]:
    """AGR-010: within the length of a clock the fleet could complete one significant quantity."""
    agreement = facts.agreement
    rate = agreement.definitions.h100e_flop_per_second
    quantity = agreement.verification.significant_quantity_flop
    reach_ms = facts.reach_ms  # Rounded up: a clock of exactly the reach is still too slow.
    clocks: list[tuple[str | None, str, int, str | None]] = [
        (None, f"clock {clock.name}", clock.ms, clock.basis) for clock in agreement.definitions.clocks
    ]
    clocks.append((None, "the accounting period", agreement.accounting.period_ms, None))
    clocks += [
        (o.clause, "its timeliness", o.timeliness_ms, None) for o in agreement.obligations if o.timeliness_ms
    ]
    for clause, what, ms, basis in clocks:
        if ms < reach_ms:
            continue
        fleet = -(-quantity * 1000 // (rate * ms))
        yield Draft(
            clause=clause,
            text=f"{what} is {format_length(ms)}, and {facts.fleet_h100e} H100e reach {format_amount(quantity)} FLOP in "
            f"{format_length(reach_ms)}: what it should catch can be over before it ends",
            example=f"{fleet} H100e are enough to finish within it",
            basis=basis,
        )


def find_early_duties(facts: LintFacts) -> Iterator[Draft]:
    """AGR-011: the accounts begin, or a duty falls due, before the last moment of entry into force."""
    agreement = facts.agreement
    start, surely = agreement.accounting.start, agreement.entry.deadline.plus(agreement.entry.lead_ms)
    if start is None or start >= surely:
        return
    schedule = agreement.accounting.schedule(in_force_from=None)
    yield Draft(
        text="the accounts begin before the agreement is surely in force: they are a retrospective for that time"
    )
    for clause in agreement.obligations:
        if clause.timeliness_ms is None or schedule is None or schedule.count_max == 0:
            continue
        if due_at(schedule.window(0), after_ms=clause.timeliness_ms) < surely:
            yield Draft(
                clause=clause.clause,
                text="its first duty is due before the deadline and lead time of entry into force have passed",
                example="a party that deposits at the deadline is late from its first day",
            )


def find_hasty_duties(facts: LintFacts) -> Iterator[Draft]:
    """AGR-012: the clause is to be shown sooner than the accounts of one period close."""
    period_ms = facts.agreement.accounting.period_ms
    for clause in facts.agreement.obligations:
        if clause.timeliness_ms is not None and clause.timeliness_ms < period_ms:
            yield Draft(
                clause=clause.clause,
                text=f"asks for timeliness of {format_length(clause.timeliness_ms)}, and accounts close only every "
                f"{format_length(period_ms)}",
            )


def find_unattainable(facts: LintFacts) -> Iterator[Draft]:
    """AGR-019: at a relative error of 0.1 % not even one chip could be shown to comply."""
    agreement, best = facts.agreement, min(RELATIVE_ERRORS_PPM)
    for clause in agreement.obligations:
        if clause.kind is ObligationKind.VERIFY:
            yield from _unattainable_share(facts, clause)
            continue
        if clause.kind is not ObligationKind.PROHIBIT:
            names: list[tuple[Name | None, int]] = [(None, 1)]
        else:
            names = [*sorted(facts.peaks.items())]
        for name, peak in names:
            if fleet_max(agreement, clause, error_ppm=best, peak_flop_per_second=peak) == 0:
                yield Draft(
                    clause=clause.clause,
                    text="not one chip could be shown to comply, even with accounts to 0.1 %",
                    example=name,
                )


def _unattainable_share(facts: LintFacts, clause: Obligation) -> Iterator[Draft]:
    """Find a share of declared operations that not even a perfect sample could be shown to stay below."""
    replay = facts.agreement.replay
    if replay is not None and replay.forged_share_ppm > clause.tolerance:
        yield Draft(
            clause=clause.clause,
            text=f"asks that less than {clause.tolerance} ppm of declared operations be unshown, and the sample is only "
            f"made to catch {replay.forged_share_ppm} ppm forged",
            example="every drawn item replays, and the clause stays UNDETERMINED",
        )


def find_uncovered_subgoals(facts: LintFacts) -> Iterator[Draft]:
    """AGR-020: a subgoal of verification that will read NOT COVERED."""
    covered = {subgoal for clause in facts.agreement.obligations for subgoal in clause.subgoals}
    for subgoal in Subgoal:
        if subgoal not in covered:
            yield Draft(text=f"no clause serves subgoal {subgoal.value}: it will read NOT COVERED")
