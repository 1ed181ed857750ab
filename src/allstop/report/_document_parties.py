"""Parties of the report: verdict, what it covers, and each clause in its own measure."""

from collections.abc import Sequence

from allstop.accountancy import Verdict, weakest
from allstop.agreement import Obligation, ObligationKind, Party
from allstop.finding import Custody, Level, Subgoal
from allstop.report._document import Amount, Bloc, Clause, ClausePeriod, Coverage, PartyEntry
from allstop.report._document_amounts import flop, measure, missing, share_of
from allstop.report._words import join_words
from allstop.units import Unit
from allstop.verdict import CaseVerdict, ClauseResult, PartyVerdict

__all__ = ["NOT_COVERED", "PERIODS_MAX", "SUBGOALS", "blocs_of", "not_covered_of", "parties_of"]

NOT_COVERED = "NOT COVERED"

PERIODS_MAX = 120
"""Most periods that a clause shows one by one, the worst first; `audit --json` has them all."""

_REASONS_MAX = 20

SUBGOALS = {
    Subgoal.DECLARED_USE_ACCURATE: "what declared work really was",
    Subgoal.DECLARED_USE_PROPER: "properties of models and of their use",
    Subgoal.KNOWN_SITES_ACCOUNTED: "use of declared sites",
    Subgoal.NO_HIDDEN_SITES: "undeclared machines",
}
"""What each subgoal is about, in plain words."""

_WOULD_COVER = {
    Subgoal.DECLARED_USE_ACCURATE: (
        "declared work re-executed from a draw that nobody could choose, or inspected, under a clause that"
        " asks for it"
    ),
    Subgoal.DECLARED_USE_PROPER: (
        "evaluations of models and inspections of their use, under a clause that says which properties"
    ),
    Subgoal.KNOWN_SITES_ACCOUNTED: (
        "a register of chips, meters over all of them and declared jobs, under clauses that ask for them"
    ),
    Subgoal.NO_HIDDEN_SITES: (
        "supply accounts of those who sold the chips, inspections, and reports of others; nothing here can see"
        " a machine that nobody declares"
    ),
}

_TITLES = {
    ObligationKind.PROHIBIT: "no training at or above the limit",
    ObligationKind.REGISTER: "every chip on the register",
    ObligationKind.DECLARE: "every use declared",
    ObligationKind.METER: "every chip metered",
    ObligationKind.VERIFY: "declared work shown by re-execution",
    ObligationKind.HALT: "everything halted but what may go on",
}

_AMOUNTS = {
    ObligationKind.PROHIBIT: "operations of one lineage",
    ObligationKind.REGISTER: "chips that are missing",
    ObligationKind.DECLARE: "activity that is not shown to be declared",
    ObligationKind.METER: "chip-time that no trusted meter saw",
    ObligationKind.VERIFY: "declared operations that are not shown by re-execution",
    ObligationKind.HALT: "activity outside what may go on",
}


def blocs_of(verdict: CaseVerdict) -> tuple[Bloc, ...]:
    """Return the blocs in the order in which the agreement first names them."""
    parties = verdict.agreement.parties
    names = dict.fromkeys(party.bloc for party in parties)
    return tuple(
        Bloc(bloc=bloc, parties=tuple(party.id for party in parties if party.bloc == bloc)) for bloc in names
    )


def parties_of(verdict: CaseVerdict) -> tuple[PartyEntry, ...]:
    """Return every party of the agreement, judged or not."""
    judged = {party.party: party for party in verdict.parties}
    return tuple(_party(verdict, party, judged.get(party.id)) for party in verdict.agreement.parties)


def not_covered_of(verdict: CaseVerdict) -> tuple[str, ...]:
    """Say of each subgoal that is not covered for some party who that is, and what would cover it."""
    lines = []
    for goal in Subgoal:
        names = [party.party for party in verdict.parties if party.subgoals[goal] is None]
        if names:
            whom = "" if len(names) == len(verdict.parties) else f" for {join_words(names)}"
            lines.append(
                f"{goal.value} {NOT_COVERED}{whom}: {SUBGOALS[goal]}. Would be covered by: {_WOULD_COVER[goal]}."
            )
    return tuple(lines)


def _party(verdict: CaseVerdict, party: Party, judged: PartyVerdict | None) -> PartyEntry:
    newest: dict[str, Obligation] = {}
    for clause in verdict.facts.clauses:
        newest.setdefault(clause.clause, clause)
    clauses = [clause for clause in newest.values() if party.id in clause.parties]
    coverage = () if judged is None else tuple(_coverage(judged, goal, clauses) for goal in Subgoal)
    sites = tuple(site.site for site in verdict.sites if site.operator == party.id)
    room = None if judged is None else _room(verdict, judged, has_site=bool(sites))
    quantity = verdict.agreement.verification.significant_quantity_flop
    return PartyEntry(
        id=party.id,
        name=party.name,
        kind=party.kind,
        bloc=party.bloc,
        is_critical=party.critical,
        has_deposited=party.id in verdict.entry.deposited,
        verdict=None if judged is None else judged.verdict,
        verdict_words=_unjudged(clauses) if judged is None else judged.verdict.value,
        covered=_covered(coverage),
        coverage=coverage,
        clauses=() if judged is None else _clauses(clauses, judged),
        room=room,
        room_share=None if room is None else share_of(room.value, quantity, up=True),
        sites=sites,
        findings=tuple(n for n, one in enumerate(verdict.findings, start=1) if one.party == party.id),
    )


def _unjudged(clauses: Sequence[Obligation]) -> str:
    return (
        "not judged: it has not deposited, so it is not bound"
        if clauses
        else "not judged: no clause binds it"
    )


def _room(verdict: CaseVerdict, judged: PartyVerdict, *, has_site: bool) -> Amount | None:
    if judged.room_flop == 0 and not has_site:
        # A tenant hides at sites of others, where its room is counted; a nought of its own would mislead.
        return None
    if not verdict.windows:
        return missing(Unit.FLOP, "not established: no accounting period has ended")
    if judged.room_flop is None:
        return missing(Unit.FLOP, "no bound: it has named no chips")
    return flop(judged.room_flop, up=True)


def _coverage(judged: PartyVerdict, goal: Subgoal, clauses: Sequence[Obligation]) -> Coverage:
    verdict = judged.subgoals[goal]
    return Coverage(
        subgoal=goal,
        title=SUBGOALS[goal],
        verdict=verdict,
        status=NOT_COVERED if verdict is None else verdict.value,
        clauses=tuple(clause.clause for clause in clauses if goal in clause.subgoals),
        would_cover=_WOULD_COVER[goal] if verdict is None else None,
    )


def _covered(coverage: Sequence[Coverage]) -> str:
    """Say in one sentence what a verdict covers, and in one what it does not."""
    if not coverage:
        return "Nothing is covered."
    covered = [f"{one.subgoal.value} ({one.title})" for one in coverage if one.verdict is not None]
    absent = [f"{one.subgoal.value} ({one.title})" for one in coverage if one.verdict is None]
    words = f"Covers {join_words(covered)}." if covered else "Covers nothing."
    return f"{words} {NOT_COVERED}: {join_words(absent)}." if absent else words


def _clauses(clauses: Sequence[Obligation], judged: PartyVerdict) -> tuple[Clause, ...]:
    """Return each clause with its results; one that has not applied yet, when others have, is left out."""
    results: dict[str, list[ClauseResult]] = {}
    for one in judged.clauses:
        results.setdefault(one.clause, []).append(one)
    return tuple(
        _clause(clause, results.get(clause.clause, ()))
        for clause in clauses
        if clause.clause in results or (not results and not clause.phases)
    )


def _clause(clause: Obligation, results: Sequence[ClauseResult]) -> Clause:
    shown = _worst(results)
    tolerance = measure(clause.kind, clause.tolerance, up=False)
    low, high = _largest(clause.kind, results)
    reasons = tuple(dict.fromkeys(reason for one in results for reason in one.reasons))
    return Clause(
        number=clause.clause,
        kind=clause.kind,
        title=_TITLES[clause.kind],
        text=clause.text,
        subgoals=clause.subgoals,
        asks=_asks(clause, tolerance),
        custody=clause.custody,
        level=clause.level,
        tolerance=tolerance,
        low=low,
        high=high,
        verdict=weakest(tuple(one.verdict for one in results)),
        reasons=reasons[:_REASONS_MAX],
        periods=tuple(_period(one) for one in shown),
        more_periods=len(results) - len(shown),
    )


def _asks(clause: Obligation, tolerance: Amount) -> str:
    words = f"{_AMOUNTS[clause.kind]}: a breach from {tolerance.words} on"
    needs = []
    if clause.custody is not Custody.SELF_REPORTED:
        needs.append(f"meters at least {clause.custody.value}")
    if clause.level is not Level.DECLARED:
        needs.append(f"jobs at least {clause.level.value}")
    return f"{words}; only {join_words(needs)} can show the contrary" if needs else words


def _largest(kind: ObligationKind, results: Sequence[ClauseResult]) -> tuple[Amount, Amount]:
    """Return the largest bounds of any one period: the tolerance that stands beside them is for one, too."""
    low = max((one.low for one in results), default=0)
    bounded = [one.high for one in results if one.high is not None]
    high = max(bounded) if bounded and len(bounded) == len(results) else None
    return measure(kind, low, up=False), measure(kind, high, up=True)


def _worst(results: Sequence[ClauseResult]) -> list[ClauseResult]:
    """Return all periods, or of very many the worst, in order of time."""
    rank = {Verdict.INCONSISTENT: 0, Verdict.UNDETERMINED: 1, Verdict.CONSISTENT: 2}
    order = sorted(
        range(len(results)),
        key=lambda index: (
            rank[results[index].verdict],
            results[index].high is not None,
            -(results[index].high or 0),
            index,
        ),
    )
    return [results[index] for index in sorted(order[:PERIODS_MAX])]


def _period(result: ClauseResult) -> ClausePeriod:
    return ClausePeriod(
        window=result.window,
        low=measure(result.kind, result.low, up=False),
        high=measure(result.kind, result.high, up=True),
        verdict=result.verdict,
        reasons=result.reasons,
    )
