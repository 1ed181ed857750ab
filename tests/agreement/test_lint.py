"""Lint: each rule fires on the smallest agreement that deserves it, and on nothing else."""

from dataclasses import replace

import pytest

from agreement_examples import (
    EVIDENCE,
    PEAKS,
    REPLAY,
    REPLAY_EVIDENCE,
    TABLE,
    agreement,
    clause,
    filled,
    party,
    template,
)
from allstop.agreement import (
    LINTS,
    Accounting,
    Agreement,
    AnyOf,
    Band,
    Clock,
    Deposited,
    Edge,
    HaltTerms,
    LintFinding,
    ObligationKind,
    PartyKind,
    Reference,
    Relation,
    Severity,
    Silence,
    Term,
    lint,
)
from allstop.agreement._lint_finding import format_length
from allstop.canon import parse_instant
from allstop.finding import Custody, Level, Subgoal
from allstop.ids import Name
from allstop.times import DAY_MS, HOUR_MS
from source_tree import ROOT

NOTES = {"AGR-020", "AGR-021", "AGR-041"}
"""Rules that say something about plain examples too: one subgoal, chips that beat H100e, bands of nobody knows what."""

CALM = replace(agreement().verification, significant_quantity_flop=10**27)


def calm(**changes: object) -> Agreement:
    """Return an agreement in which lint finds nothing but notes, with these changes."""
    whole = agreement(**{"verification": CALM, "obligations": (clause(),), **changes})
    is_halting = any(one.kind is ObligationKind.HALT for one in whole.obligations)
    return replace(whole, halt=HaltTerms(drain_ms=0, inventory_ms=1)) if is_halting else whole


def found(value: Agreement) -> list[LintFinding]:
    """Return the findings other than the two notes that every example has."""
    return [finding for finding in lint(value, PEAKS) if finding.code not in NOTES]


def codes(value: Agreement) -> list[str]:
    """Return the codes of those findings."""
    return [finding.code for finding in found(value)]


def test_a_plain_agreement_has_nothing_but_notes() -> None:
    """Without this every other test could pass by accident."""
    assert codes(calm()) == []


def test_every_rule_has_one_code_and_a_tested_example() -> None:
    """Codes are stable names: ascending, each once, each with its own docstring that starts with it."""
    codes_of_rules = [rule.code for rule in LINTS]
    assert sorted(set(codes_of_rules)) == codes_of_rules
    for rule in LINTS:
        assert (rule.find.__doc__ or "").startswith(f"{rule.code}: ")


def test_the_page_lists_the_rules_of_the_code() -> None:
    """The table in spec/agreement.md has one row for each rule: code, severity, title."""
    text = (ROOT / "spec" / "agreement.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| AGR-")]
    expected = [f"| {rule.code} | {rule.severity.value} | {rule.title} |" for rule in LINTS]
    assert expected == rows


def test_two_meanings_of_silence_contradict() -> None:
    """One kind, one party, one subgoal: silence cannot be both."""
    pair = (clause("1"), clause("2", silence=Silence.BREACH))
    findings = [f for f in found(calm(obligations=pair)) if f.code == "AGR-001"]
    assert [f.text for f in findings] == [
        "silence means undetermined in clause 1 and breach in clause 2; both bind alder"
    ]


def test_a_presumption_in_one_of_two_equal_clauses_contradicts() -> None:
    """The same amount cannot count undeclared use as training and not count it."""
    kind = ObligationKind.PROHIBIT
    pair = (clause("1", kind), clause("2", kind, undeclared_is_training=True))
    assert codes(calm(obligations=pair)) == ["AGR-001"]
    apart = (clause("1", kind), clause("2", kind, undeclared_is_training=True, tolerance=10**29))
    assert codes(calm(obligations=apart)) == []


def test_a_clause_behind_a_stricter_one_is_shadowed() -> None:
    """The larger tolerance is never reached first; clauses that do not meet are left alone."""
    kind = ObligationKind.PROHIBIT
    pair = (clause("1", kind), clause("2", kind, tolerance=10**29))
    (finding,) = found(calm(obligations=pair))
    assert (finding.code, finding.clause, finding.example) == ("AGR-002", "2", "1e29 flop")
    chips = (
        clause("1", ObligationKind.REGISTER, tolerance=9),
        clause("2", ObligationKind.REGISTER, tolerance=8),
    )
    assert "alder breaks clause 2 at 8 chips" in found(calm(obligations=chips))[0].text
    for other in (
        clause("2"),
        clause("2", kind, parties=(Name("birch"),), tolerance=10**29),
        clause("2", kind, subgoals=(Subgoal.DECLARED_USE_ACCURATE,), tolerance=10**29),
    ):
        assert codes(calm(obligations=(clause("1", kind), other))) == []


def with_definitions(**changes: object) -> Agreement:
    """Return a calm agreement with other definitions."""
    return calm(definitions=replace(agreement().definitions, **changes))  # type: ignore[arg-type]


def band(name: str, low: int | None, high: int | None, *, is_closed: bool = False) -> Band:
    """Return a band whose upper end may be closed."""
    return Band(
        quantity=Name("cluster-h100e"),
        name=Name(name),
        low=low,
        low_closed=False,
        high=high,
        high_closed=is_closed,
    )


def test_gaps_and_overlaps_between_bands_are_named() -> None:
    """Exactly 16 H100e, the defect of the published text, and its mirror image."""
    gap = with_definitions(bands=(band("exempt", None, 16), band("covered", 16, None)))
    assert [(f.code, f.example) for f in found(gap)] == [("AGR-003", "exactly 16")]
    overlap = with_definitions(bands=(band("exempt", None, 17), band("covered", 16, None)))
    assert [(f.code, f.example) for f in found(overlap)] == [("AGR-004", "a little more than 16")]
    closed = with_definitions(bands=(band("exempt", None, 16, is_closed=True), band("covered", 16, None)))
    assert codes(closed) == []


def test_a_level_out_of_reach_is_named() -> None:
    """Plausible takes measurements."""
    assert codes(calm(obligations=(clause(level=Level.PLAUSIBLE),))) == []
    blind = clause(
        "1", ObligationKind.REGISTER, level=Level.PLAUSIBLE, evidence=(*EVIDENCE[:3], EVIDENCE[-1])
    )
    assert codes(calm(obligations=(blind,))) == ["AGR-005"]


@pytest.mark.parametrize("kind", list(ObligationKind))
def test_verified_work_takes_terms_of_replay(kind: ObligationKind) -> None:
    """Goal: nobody signs a level that nothing can reach. Method: each kind, verified, with and without terms."""
    evidence = (*clause("1", kind).evidence, Name("transcript"), Name("opening"))
    whole = clause("1", kind, level=Level.VERIFIED, evidence=tuple(dict.fromkeys(evidence)))
    (finding,) = found(calm(obligations=(whole,)))
    assert (finding.code, finding.clause) == ("AGR-005", "1")
    assert "the agreement has no terms of replay" in finding.text
    assert codes(calm(obligations=(whole,), replay=REPLAY)) == []


@pytest.mark.parametrize("missing", ["transcript", "opening"])
def test_verified_work_takes_commitments_and_openings(missing: str) -> None:
    """Terms of replay are not enough: nobody is asked to commit or to open unless the clause lists it."""
    evidence = tuple(name for name in (*EVIDENCE, "transcript", "opening") if name != missing)
    (finding,) = found(calm(obligations=(clause(level=Level.VERIFIED, evidence=evidence),), replay=REPLAY))
    assert finding.code == "AGR-005"
    assert "does not list transcript and opening" in finding.text
    short = tuple(name for name in REPLAY_EVIDENCE if name != missing)
    verify = clause("1", ObligationKind.VERIFY, evidence=short)
    assert codes(calm(obligations=(verify,), replay=REPLAY)) == ["AGR-005", "AGR-007"]


def test_a_verify_clause_is_itself_about_verified_work() -> None:
    """Whatever least level it names, it is unreachable without terms of replay; plausible takes measurements too."""
    for level in (Level.DECLARED, Level.VERIFIED):
        verify = clause("1", ObligationKind.VERIFY, level=level)
        assert codes(calm(obligations=(verify,))) == ["AGR-005"]
        assert codes(calm(obligations=(verify,), replay=REPLAY)) == []
    plausible = clause("1", ObligationKind.VERIFY, level=Level.PLAUSIBLE)
    (finding,) = found(calm(obligations=(plausible,), replay=REPLAY))
    assert "does not list measurement" in finding.text


def test_terms_of_replay_alone_change_no_finding() -> None:
    """An agreement may have them before any clause reads them."""
    assert lint(calm(), PEAKS) == lint(calm(replay=REPLAY), PEAKS)


def test_a_custody_out_of_reach_is_named() -> None:
    """Somebody who is not bound by the clause must be able to file the evidence."""
    for custody in (Custody.COUNTERPARTY, Custody.VERIFIER_OWNED):
        assert codes(calm(obligations=(clause(custody=custody),))) == []
    assert codes(calm(obligations=(clause(custody=Custody.INSPECTED),))) == ["AGR-006"]
    everyone = tuple(member.id for member in agreement().parties)
    for custody in (Custody.COUNTERPARTY, Custody.VERIFIER_OWNED):
        assert codes(calm(obligations=(clause(custody=custody, parties=everyone),))) == ["AGR-006"]


@pytest.mark.parametrize("kind", list(ObligationKind))
def test_evidence_that_a_kind_needs_must_be_asked_for(kind: ObligationKind) -> None:
    """Leaving out the closing statement would leave the filer free to be silent."""
    whole = clause("1", kind)
    (finding,) = found(calm(obligations=(replace(whole, evidence=whole.evidence[:-1]),), replay=REPLAY))
    assert finding.code == "AGR-007"
    assert "does not ask for period-close" in finding.text


def test_evidence_of_an_unknown_kind_is_named() -> None:
    """A predicate that nobody can judge is a promise that nobody can check."""
    odd = clause(evidence=(*EVIDENCE, Name("satellite-image")))
    assert codes(calm(obligations=(odd,))) == ["AGR-008"]


def test_a_buffer_above_one_quantity_is_named() -> None:
    """More than 100 % lets a whole violation hide; so does more than the clause prohibits."""
    wide = replace(CALM, buffer_ppm=1_000_001)
    assert codes(calm(verification=wide)) == ["AGR-009"]
    prohibit = clause("1", ObligationKind.PROHIBIT, tolerance=10**26)
    assert codes(calm(obligations=(prohibit,))) == ["AGR-009"]


def test_clocks_longer_than_the_reach_are_named() -> None:
    """10,000 H100e reach 1e24 FLOP in 28.1 hours: 24 hours are in time, 36 hours are not."""
    clocks = tuple(
        Clock(name=Name(f"c{hours}"), ms=hours * HOUR_MS, basis="a text") for hours in (24, 28, 29, 36)
    )
    value = replace(with_definitions(clocks=clocks), verification=agreement().verification)
    findings = found(value)
    assert [f.code for f in findings] == ["AGR-010", "AGR-010"]
    assert "clock c36 is 36 hours, and 10000 H100e reach 1e24 FLOP in 28.1 hours" in findings[1].text
    assert findings[1].example == "7794 H100e are enough to finish within it"
    # A fleet of 1,000 takes ten times as long, so every clock is short enough.
    assert [f for f in lint(value, PEAKS, fleet_h100e=1_000) if f.code not in NOTES] == []


def test_the_reach_is_found_to_the_millisecond() -> None:
    """A clock of exactly the time that the fleet needs is too slow; one millisecond less is not."""
    exact = replace(agreement().verification, significant_quantity_flop=990 * 10**12 * 10_000 * 3600)
    for extra, expected in ((-1, []), (0, ["AGR-010"])):
        clock = Clock(name=Name("c"), ms=HOUR_MS + extra, basis="a text")
        value = replace(
            with_definitions(clocks=(clock,)),
            verification=exact,
            accounting=Accounting(start=None, period_ms=1000, periods=None),
            obligations=(clause(tolerance=36 * 10**8),),
        )
        assert expected == codes(value)


def test_timeliness_beyond_the_reach_is_named_with_its_clause() -> None:
    """Fourteen days are enough for a fleet a twelfth of that size."""
    slow = clause(timeliness_ms=14 * DAY_MS)
    value = agreement(obligations=(slow,))
    assert [(f.code, f.clause, f.example) for f in found(value)] == [
        ("AGR-010", "1.1", "836 H100e are enough to finish within it")
    ]


def test_duties_before_entry_into_force_are_named() -> None:
    """The deadline is 2027-01-01 and the lead time 30 days: only what is due later is due in time."""
    duty = clause(timeliness_ms=2 * DAY_MS)
    for start, expected in (
        ("2027-01-31T00:00:00Z", []),
        ("2027-01-30T00:00:00Z", ["AGR-011"]),
        ("2027-01-01T00:00:00Z", ["AGR-011", "AGR-011"]),
    ):
        accounting = Accounting(start=parse_instant(start), period_ms=DAY_MS, periods=None)
        assert expected == codes(
            calm(accounting=accounting, obligations=(duty, clause("2.1", ObligationKind.METER)))
        )


def test_accounts_that_cannot_begin_before_the_end_of_time_are_left_alone() -> None:
    """A schedule without a single period has no first duty."""
    entry = replace(agreement().entry, deadline=parse_instant("9999-12-31T23:59:59Z"), lead_ms=0)
    accounting = Accounting(start=parse_instant("9999-12-31T23:59:58Z"), period_ms=DAY_MS, periods=None)
    value = calm(entry=entry, accounting=accounting, obligations=(clause(timeliness_ms=2 * DAY_MS),))
    assert codes(value) == ["AGR-011"]


def test_a_duty_faster_than_the_accounts_is_named() -> None:
    """A thing that shows only when the period closes cannot be asked for sooner."""
    assert codes(calm(obligations=(clause(timeliness_ms=DAY_MS - 1),))) == ["AGR-012"]
    assert codes(calm(obligations=(clause(timeliness_ms=DAY_MS),))) == []


def test_words_in_braces_are_defined_and_used() -> None:
    """Terms and clocks may be used; a term that no text uses has no effect."""
    used = replace(
        with_definitions(
            terms=(Term(name=Name("run"), text="A run."), Term(name=Name("chip"), text="Made for a {run}.")),
            clocks=(Clock(name=Name("notice"), ms=1, basis="a text"),),
        ),
        obligations=(clause(text="No {runn} without {notice}, or {Run}."),),
    )
    findings = found(used)
    assert [(f.code, f.text) for f in findings[:2]] == [
        ("AGR-013", "uses {Run}, which is not defined"),
        ("AGR-013", "uses {runn}, which is not defined"),
    ]
    assert [(f.code, f.text) for f in findings[2:]] == [("AGR-014", "term chip is defined and never used")]


def test_parties_and_tables_without_use_are_named() -> None:
    """A party takes part by being bound, critical, a third, named by an edge, or waited for."""
    plain = agreement()
    idle = (*plain.parties, party("elm", 5))
    assert codes(calm(parties=idle)) == ["AGR-015"]
    edge = Edge(source=Name("elm"), relation=Relation.OWNS, target=Name("alder"))
    assert codes(calm(parties=idle, edges=(edge,))) == []
    waiting = replace(
        plain.entry,
        condition=AnyOf(of=(plain.entry.condition, Deposited(party=Name("elm")))),
    )
    assert "AGR-015" not in codes(calm(parties=idle, entry=waiting))
    tables = (*plain.references, Reference(name=Name("powers"), digest=TABLE))
    assert codes(calm(references=tables)) == ["AGR-016"]


def test_rivals_without_a_legal_basis_are_warned() -> None:
    """Two operators that bind themselves together coordinate; a tenant and an operator do not compete."""
    rival = party("elm", 5, kind=PartyKind.DEVELOPER)
    both = clause(parties=(Name("alder"), Name("elm")))
    value = calm(parties=(*agreement().parties, rival), obligations=(both,))
    assert codes(value) == ["AGR-017"]
    assert codes(replace(value, legal_basis="an authorisation by statute")) == []


def test_a_critical_party_that_is_not_needed_is_named() -> None:
    """Critical means that nothing begins without it."""
    entry = replace(agreement().entry, condition=Deposited(party=Name("alder")))
    (finding,) = found(calm(entry=entry))
    assert finding.code == "AGR-018"
    assert "birch is critical" in finding.text


def test_a_clause_that_no_fleet_can_meet_is_named() -> None:
    """A tolerance of one chip-millisecond a day is below the error of any account."""
    assert codes(calm(obligations=(clause(tolerance=1),))) == ["AGR-019"]
    tiny = replace(CALM, significant_quantity_flop=10**18)
    value = calm(verification=tiny, obligations=(clause("1", ObligationKind.PROHIBIT, tolerance=10**18),))
    value = replace(value, accounting=Accounting(start=None, period_ms=1, periods=None))
    assert ["AGR-019"] * len(PEAKS) == codes(value)


@pytest.mark.parametrize(("tolerance", "expected"), [(199_999, ["AGR-019"]), (200_000, []), (200_001, [])])
def test_a_share_below_what_the_sample_catches_is_named(tolerance: int, expected: list[str]) -> None:
    """A sample made to catch 20 % cannot show that less than 19.9999 % is missing; 20 % is the edge."""
    verify = clause("1", ObligationKind.VERIFY, tolerance=tolerance)
    findings = found(calm(obligations=(verify,), replay=REPLAY))
    assert expected == [finding.code for finding in findings]
    for finding in findings:
        assert "less than 199999 ppm" in finding.text
        assert "catch 200000 ppm forged" in finding.text


def test_a_verify_clause_without_terms_is_named_once() -> None:
    """Without terms of replay there is no share to compare: only the missing terms are named."""
    assert codes(calm(obligations=(clause("1", ObligationKind.VERIFY, tolerance=1),))) == ["AGR-005"]


def test_two_verify_clauses_are_compared_like_others() -> None:
    """The larger share is never reached first, and silence has one meaning."""
    kind = ObligationKind.VERIFY
    pair = (clause("1", kind), clause("2", kind, tolerance=600_000, silence=Silence.BREACH))
    findings = found(calm(obligations=pair, replay=REPLAY))
    assert [(f.code, f.clause) for f in findings] == [("AGR-001", "2"), ("AGR-002", "2")]
    assert "breaks clause 1 at 500000 ppm" in findings[1].text


def test_uncovered_subgoals_are_noted() -> None:
    """The reader hears before signing what the verdict will not cover."""
    notes = [f for f in lint(calm(), {}) if f.code == "AGR-020"]
    assert [f.text.split()[4].rstrip(":") for f in notes] == ["1A", "1B", "2B"]
    assert {Severity.NOTE} == {f.severity for f in notes}


def test_chips_faster_than_the_unit_are_noted() -> None:
    """The published unit is FP16 at 990 TFLOP/s; the same chip does twice that in FP8."""
    (note,) = [f for f in lint(calm(), PEAKS) if f.code == "AGR-021"]
    assert note.example == "h100-sxm-80gb does 2.0 times as much"
    assert [f for f in lint(calm(), {Name("a100"): 312 * 10**12}) if f.code == "AGR-021"] == []


def test_more_liars_than_filers_are_named() -> None:
    """With f liars f + 1 trust domains must agree, and observers file nothing."""
    assert codes(calm(verification=replace(CALM, liars=4))) == ["AGR-022"]
    assert codes(calm(verification=replace(CALM, liars=3))) == []


def test_the_published_treaty_text_shows_its_defects() -> None:
    """Exactly 16 H100e, exactly 1e22 FLOP, clocks beyond the reach, and the mixture of units."""
    findings = lint(filled("miri-v3"), PEAKS)
    gaps = [(f.text.split()[3], f.example) for f in findings if f.code == "AGR-003"]
    assert gaps == [
        ("cluster-h100e", "exactly 16"),
        ("training-run-flop", "exactly 1e22"),
        ("post-training-run-flop", "exactly 1e22"),
    ]
    slow = {f.text.split(" is ")[0] for f in findings if f.code == "AGR-010"}
    assert {"clock inventory", "clock register-update", "clock transfer-notice"} <= slow
    assert "clock challenge-access" not in slow
    assert {f.code for f in findings if f.severity is Severity.ERROR} == {"AGR-003", "AGR-040"}


def test_the_retrospective_says_that_it_looks_back() -> None:
    """No errors; the accounts begin in the past, nothing can be verified, and nobody says over what bands are summed."""
    findings = lint(template("retrospective"), PEAKS)
    found_codes = [f.code for f in findings if f.severity is not Severity.NOTE]
    assert found_codes == ["AGR-005", "AGR-011", "AGR-041"]


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (14 * DAY_MS, "14 days"),
        (36 * HOUR_MS, "36 hours"),
        (HOUR_MS, "1 hour"),
        (250, "0.3 seconds"),
        (60_000, "60 seconds"),
        (101_010_102, "28.1 hours"),
    ],
)
def test_lengths_read_as_people_say_them(ms: int, text: str) -> None:
    """Rounded for reading only; no rule compares these texts."""
    assert text == format_length(ms)
