"""Lint: what is wrong with an agreement before anybody signs it, as far as no law is needed to see it.

Implements spec/agreement.md, section "Lint". Every rule is one function in a module
`_lint_...`; this one holds the table. A finding never stops a signature: that is for people.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from allstop.agreement import _lint_adjudication as judges
from allstop.agreement import _lint_articles as articles
from allstop.agreement import _lint_clauses as clauses
from allstop.agreement import _lint_convening as votes
from allstop.agreement import _lint_course as course
from allstop.agreement import _lint_duties as duties
from allstop.agreement import _lint_halt as halts
from allstop.agreement import _lint_phases as phases
from allstop.agreement import _lint_terms as terms
from allstop.agreement._agreement import Agreement
from allstop.agreement._lint_finding import REACH_FLEET_H100E, Draft, LintFacts, LintFinding, Severity
from allstop.ids import Name
from allstop.times import Instant

__all__ = ["LINTS", "Lint", "lint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """One rule: its code, how much it matters, what it detects, and the function that looks."""

    code: str
    severity: Severity
    title: str
    find: Callable[[LintFacts], Iterator[Draft]]


def _lint(code: str, severity: Severity, title: str, find: Callable[[LintFacts], Iterator[Draft]]) -> Lint:
    return Lint(code=code, severity=severity, title=title, find=find)


LINTS = (
    _lint("AGR-001", Severity.ERROR, "two clauses say opposite things", clauses.find_contradictions),
    _lint(
        "AGR-002", Severity.WARNING, "a clause that another one always breaks first", clauses.find_shadowed
    ),
    _lint("AGR-003", Severity.ERROR, "an amount that is in no band", terms.find_band_gaps),
    _lint("AGR-004", Severity.ERROR, "an amount that is in two bands", terms.find_band_overlaps),
    _lint(
        "AGR-005",
        Severity.WARNING,
        "a level that no listed evidence can reach",
        clauses.find_unreachable_levels,
    ),
    _lint(
        "AGR-006",
        Severity.WARNING,
        "a custody that no listed party can give",
        clauses.find_unreachable_custody,
    ),
    _lint(
        "AGR-007",
        Severity.ERROR,
        "evidence that the kind of clause needs is not asked for",
        clauses.find_missing_evidence,
    ),
    _lint("AGR-008", Severity.ERROR, "evidence of a kind that is not known", clauses.find_unknown_evidence),
    _lint("AGR-009", Severity.ERROR, "a buffer that lets a whole violation hide", clauses.find_wide_buffers),
    _lint(
        "AGR-010",
        Severity.WARNING,
        "a clock longer than it takes to break the rule",
        clauses.find_slow_clocks,
    ),
    _lint(
        "AGR-011",
        Severity.WARNING,
        "a duty due before the agreement is surely in force",
        clauses.find_early_duties,
    ),
    _lint(
        "AGR-012", Severity.WARNING, "a duty due before the accounts can show it", clauses.find_hasty_duties
    ),
    _lint("AGR-013", Severity.ERROR, "a word in braces that is not defined", terms.find_undefined_terms),
    _lint("AGR-014", Severity.WARNING, "a defined term that no text uses", terms.find_unused_terms),
    _lint("AGR-015", Severity.WARNING, "a party without any part", terms.find_unused_parties),
    _lint("AGR-016", Severity.WARNING, "a reference table that nothing reads", terms.find_unused_references),
    _lint(
        "AGR-017", Severity.WARNING, "competitors bound without a legal basis", terms.find_missing_legal_basis
    ),
    _lint(
        "AGR-018",
        Severity.WARNING,
        "entry into force without a critical party",
        terms.find_dispensable_parties,
    ),
    _lint(
        "AGR-019",
        Severity.WARNING,
        "a clause under which no fleet can show that it complies",
        clauses.find_unattainable,
    ),
    _lint("AGR-020", Severity.NOTE, "a subgoal that no clause serves", clauses.find_uncovered_subgoals),
    _lint("AGR-021", Severity.NOTE, "chips faster than the unit that counts them", terms.find_unit_mixtures),
    _lint(
        "AGR-022",
        Severity.WARNING,
        "more liars allowed for than there are filers to outvote them",
        terms.find_too_many_liars,
    ),
    _lint("AGR-030", Severity.ERROR, "a phase that nothing leads to", phases.find_unreachable_phases),
    _lint("AGR-031", Severity.WARNING, "a phase that nothing ends", phases.find_endless_phases),
    _lint("AGR-032", Severity.NOTE, "an emergency that does not lapse", phases.find_lasting_emergencies),
    _lint("AGR-033", Severity.ERROR, "a change that comes after its phase", phases.find_late_changes),
    _lint("AGR-034", Severity.WARNING, "a pause that one alone can move", phases.find_lone_movers),
    _lint(
        "AGR-035",
        Severity.NOTE,
        "an emergency that can be renewed at once",
        phases.find_renewable_emergencies,
    ),
    _lint("AGR-036", Severity.NOTE, "a pause that fewer can lift than start", phases.find_easy_lifts),
    _lint("AGR-040", Severity.ERROR, "one amount under two schedules", articles.find_two_schedules),
    _lint("AGR-041", Severity.WARNING, "a sum over nobody says what", articles.find_open_sums),
    _lint("AGR-042", Severity.WARNING, "a unit that is derived in two ways", articles.find_two_derivations),
    _lint("AGR-043", Severity.WARNING, "operations counted by two rules", articles.find_two_counts),
    _lint(
        "AGR-044",
        Severity.WARNING,
        "a decision that comes after the rule can be broken",
        course.find_slow_decisions,
    ),
    _lint(
        "AGR-045",
        Severity.ERROR,
        "an agreement that can no longer enter into force",
        course.find_lapsed_entry,
    ),
    _lint("AGR-046", Severity.WARNING, "a clock that may have run out already", course.find_past_clocks),
    _lint("AGR-047", Severity.ERROR, "waiting for what cannot happen", course.find_vain_waits),
    _lint("AGR-048", Severity.ERROR, "a duty that nobody could meet", course.find_impossible_duties),
    _lint("AGR-049", Severity.NOTE, "articles that are not carried", articles.find_omissions),
    _lint("AGR-050", Severity.ERROR, "a halt without terms", halts.find_bare_halts),
    _lint("AGR-051", Severity.WARNING, "terms of a halt that no clause uses", halts.find_idle_terms),
    _lint("AGR-052", Severity.WARNING, "a drain that outlasts a period", halts.find_long_drains),
    _lint("AGR-060", Severity.NOTE, "a decision that one bloc can take alone", votes.find_one_bloc_rules),
    _lint("AGR-061", Severity.NOTE, "silence adopts what anybody may propose", votes.find_open_silence),
    _lint("AGR-062", Severity.WARNING, "a voting rule that decides nothing", votes.find_unused_rules),
    _lint(
        "AGR-070",
        Severity.WARNING,
        "a calendar that ends before it is needed",
        duties.find_short_calendars,
    ),
    _lint("AGR-071", Severity.WARNING, "a calendar that no clock names", duties.find_unused_calendars),
    _lint(
        "AGR-080", Severity.WARNING, "two parties between whom nobody can decide", judges.find_unjudged_pairs
    ),
    _lint("AGR-081", Severity.NOTE, "an appeal to the same judges", judges.find_same_judges),
)
"""Every rule, by code. The table in spec/agreement.md is checked against it."""


def lint(
    agreement: Agreement,
    peaks: Mapping[Name, int],
    *,
    fleet_h100e: int = REACH_FLEET_H100E,
    at: Instant | None = None,
    predicates: Collection[str] = (),
) -> tuple[LintFinding, ...]:
    """Return everything that the rules find, by code, then in the order of the agreement.

    `peaks` is the dense peak FLOP/s over all formats by type of chip; an empty mapping leaves out what
    depends on it. `fleet_h100e` is the fleet against which clocks are held (AGR-010, AGR-044). `at` is the time
    against which dates are held (AGR-045, AGR-046), `predicates` the names of all that can be filed (AGR-048);
    without them those rules see less.
    """
    facts = LintFacts(
        agreement=agreement,
        peaks=peaks,
        fleet_h100e=fleet_h100e,
        at=at,
        predicates=frozenset(predicates),
    )
    return tuple(
        LintFinding(
            code=rule.code,
            severity=rule.severity,
            clause=draft.clause,
            text=draft.text,
            example=draft.example,
            basis=draft.basis,
        )
        for rule in LINTS
        for draft in rule.find(facts)
    )
