"""Lint of the source and of the course of an agreement: each rule fires on the smallest text that deserves it."""

from dataclasses import replace

import pytest

from agreement_examples import PEAKS, agreement, clause, template
from allstop.agreement import (
    AccessionTerms,
    Agreement,
    ArticleBand,
    ArticleCount,
    ArticleTerms,
    ArticleUnit,
    Band,
    BindingTerms,
    ConveningTerms,
    CountedBy,
    Deadline,
    Duty,
    DutyEvent,
    DutyStart,
    DutyTerms,
    ObligationKind,
    Omission,
    PartyKind,
    Severity,
    SummedOver,
    Summing,
    lint,
)
from allstop.canon import parse_instant
from allstop.clocks import Length, LengthUnit
from allstop.errors import MalformedError
from allstop.ids import Name
from allstop.ledger import PREDICATES
from allstop.times import DAY_MS

RULES = frozenset(f"AGR-{number:03d}" for number in range(40, 50))
Q = Name("cluster-h100e")


def found(value: Agreement, **options: object) -> list[tuple[str, str, str | None]]:
    """Return code, text and source of what the rules of this file find."""
    findings = lint(value, PEAKS, **options)  # type: ignore[arg-type]  # names and types are the caller's business
    return [(one.code, one.text, one.basis) for one in findings if one.code in RULES]


def sourced(**parts: object) -> Agreement:
    """Return an agreement that says this of its source."""
    return agreement(articles=ArticleTerms(source="a text", **parts))  # type: ignore[arg-type]  # as above


def deadline(schedule: str, above: int, days: int, article: str) -> Deadline:
    """Return a deadline of a schedule for clusters above this size."""
    return Deadline(schedule=Name(schedule), quantity=Q, above=above, ms=days * DAY_MS, article=article)


def test_a_plain_agreement_and_an_empty_source_have_no_finding() -> None:
    """Without this every other test could pass by accident."""
    assert found(agreement()) == []
    assert found(sourced()) == []


def test_stages_of_one_schedule_are_no_contradiction() -> None:
    """The larger may be due sooner: that is what a schedule is for."""
    assert found(sourced(deadlines=(deadline("a", 16, 120, "1"), deadline("a", 100, 10, "2")))) == []


def test_two_schedules_for_one_amount_contradict() -> None:
    """The strictest stage of each counts, from the smallest amount on that both speak of."""
    pair = (
        deadline("a", 16, 120, "V.3"),
        deadline("b", 16, 730, "App. D"),
        deadline("b", 100, 100, "App. D"),
    )
    assert found(sourced(deadlines=pair)) == [
        (
            "AGR-040",
            "more than 16 of cluster-h100e is due within 120 days by a, and within 730 days by b",
            "V.3 and App. D",
        ),
        (
            "AGR-040",
            "more than 100 of cluster-h100e is due within 120 days by a, and within 100 days by b",
            "V.3 and App. D",
        ),
    ]


def test_schedules_that_agree_or_never_meet_are_left_alone() -> None:
    """Equal deadlines, or two quantities, are no contradiction; an amount of which one is silent is none either."""
    same = (deadline("a", 16, 120, "1"), deadline("b", 16, 120, "2"))
    apart = (deadline("a", 16, 120, "1"), replace(deadline("b", 16, 9, "2"), quantity=Name("run-flop")))
    assert found(sourced(deadlines=same)) == found(sourced(deadlines=apart)) == []
    (later,) = found(sourced(deadlines=(deadline("a", 16, 120, "1"), deadline("b", 99, 9, "2"))))
    assert later[1].startswith("more than 99 of cluster-h100e")


def banded(value: Agreement) -> Agreement:
    """Return the agreement with exempt and covered clusters."""
    low = Band(quantity=Q, name=Name("exempt"), low=None, low_closed=False, high=16, high_closed=False)
    high = Band(quantity=Q, name=Name("covered"), low=16, low_closed=True, high=None, high_closed=False)
    return replace(value, definitions=replace(value.definitions, bands=(low, high)))


@pytest.mark.parametrize("over", list(SummedOver))
def test_a_sum_over_any_set_is_named(over: SummedOver) -> None:
    """Only any-set leaves open what belongs to it; a reading is repeated, and its absence said."""
    for reading, words in (
        ("sets at one site", "read here as: sets at one site"),
        ("", "no reading is stated"),
    ):
        summing = Summing(quantity=Q, over=over, article="II.16", reading=reading)
        rows = found(banded(sourced(sums=(summing,))))
        assert [(row[0], row[2]) for row in rows] == (
            [("AGR-041", "II.16")] if over is SummedOver.ANY_SET else []
        )
        assert all(words in row[1] for row in rows)


def test_a_sum_over_nobody_says_what_is_named_too() -> None:
    """Silence is not better than an honest any-set; the example is two halves that are each below the bound."""
    (finding,) = [one for one in lint(banded(agreement()), {}) if one.code == "AGR-041"]
    assert finding.example == "9 and 9 are each below 16, and together 18"
    assert finding.basis is None


def unit(peak: int, number_format: str, share_ppm: int, article: str) -> ArticleUnit:
    """Return a derivation of one H100e."""
    return ArticleUnit(
        unit=Name("h100e"),
        flop_per_second=peak,
        number_format=number_format,
        share_ppm=share_ppm,
        article=article,
    )


def test_two_derivations_of_a_unit_are_named_whether_they_agree_or_not() -> None:
    """1,980 at a half is 990, by chance; and what differs from the definitions is named again."""
    first = unit(990 * 10**12, "fp16", 1_000_000, "II.15")
    assert found(sourced(units=(first,))) == []
    (chance,) = found(sourced(units=(first, unit(1980 * 10**12, "fp8", 500_000, "App. D"))))
    assert "agree only by chance" in chance[1]
    assert "1.98e15 FLOP/s of fp8 at 50 %" in chance[1]
    assert chance[2] == "II.15 and App. D"
    rows = found(sourced(units=(first, unit(1980 * 10**12, "fp8", 400_000, "App. D"))))
    assert [row[2] for row in rows] == ["II.15 and App. D", "App. D"]


def test_two_rules_of_counting_are_named_with_the_clause_that_asks_for_no_job() -> None:
    """One rule, or one rule twice, is fine."""
    one, same, other = (
        ArticleCount(quantity=Name("compute"), rule=rule, article=article)
        for rule, article in (
            (CountedBy.HIGHER_OF_BOTH, "II.4"),
            (CountedBy.HIGHER_OF_BOTH, "II.5"),
            (CountedBy.SUM_OVER_CHIPS, "II.16"),
        )
    )
    assert found(sourced(counts=(one, same))) == []
    value = sourced(counts=(one, other))
    (row,) = found(value)
    assert (row[0], row[2]) == ("AGR-043", "II.4 and II.16")
    mute = clause("4.1", ObligationKind.PROHIBIT, evidence=(Name("site"),))
    (row,) = found(replace(value, obligations=(mute,)))
    assert "clause 4.1 asks for no job" in row[1]


def test_what_is_left_out_is_noted_by_article() -> None:
    """A note, never more: leaving out is a choice that a reader should see."""
    value = sourced(omitted=(Omission(article="IV.5", why="no kind"),))
    assert found(value) == [("AGR-049", "left out: no kind", "IV.5")]
    assert {one.severity for one in lint(value, {}) if one.code == "AGR-049"} == {Severity.NOTE}


def test_an_article_of_no_band_is_refused() -> None:
    """A misspelt band would silently name nothing."""
    with pytest.raises(MalformedError, match="which is no band"):
        sourced(bands=(ArticleBand(quantity=Q, band=Name("exempt"), article="V.2"),))


# --- the course of an agreement -----------------------------------------------------------------------------


def changed(name: str, **parts: object) -> Agreement:
    """Return a template with these parts."""
    return replace(template(name), **parts)  # type: ignore[arg-type]  # as above


def with_rule(value: Agreement, name: str, **changes: object) -> Agreement:
    """Return the agreement with one voting rule changed."""
    terms = value.convening
    assert terms is not None
    rules = tuple(replace(r, **changes) if r.name == name else r for r in terms.rules)  # type: ignore[arg-type]
    return replace(value, convening=replace(terms, rules=rules))


def duties(*starts: DutyStart, evidence: tuple[Name, ...] = (), every: Length | None = None) -> DutyTerms:
    """Return one duty of all operators that starts like this."""
    duty = template("bilateral").duties
    assert duty is not None
    plain = replace(duty.duties[0], kinds=(PartyKind.OPERATOR,), calendar=None, clause="1.1")
    return DutyTerms(duties=tuple(_duty(plain, start, evidence, every) for start in starts))


def _duty(plain: Duty, start: DutyStart, evidence: tuple[Name, ...], every: Length | None) -> Duty:
    return replace(plain, starts=(start,), evidence=evidence, every=every)


def start(event: DutyEvent, amount: int, unit: LengthUnit, **more: object) -> DutyStart:
    """Return a clock."""
    within = Length(amount=amount, unit=unit)
    return DutyStart(event=event, within=within, **{"name": None, "at": None, **more})  # type: ignore[arg-type]


def test_a_vote_slower_than_the_breach_is_named() -> None:
    """1e25 takes 10,000 H100e 11.7 days: twelve hours of voting are in time, twelve days are not."""
    value = template("bilateral")
    assert found(value) == []
    rows = found(with_rule(value, "both-at-once", open_ms=12 * DAY_MS))
    assert {row[0] for row in rows} == {"AGR-044"}
    assert "phase paused begins after up to 12 days of voting on start and 6 hours after it" in rows[0][1]
    # The vote that lifts may be as slow as anybody likes.
    assert found(with_rule(value, "both", open_ms=100 * DAY_MS)) == []


@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2027-12-01T12:00:00Z", []),
        ("2027-12-01T12:00:00.001Z", ["AGR-045"]),
        ("2027-12-31T00:00:00Z", ["AGR-045"]),
        ("2027-12-31T00:00:00.001Z", ["AGR-045", "AGR-045"]),
    ],
)
def test_a_deadline_that_has_passed_is_named(at: str, codes: list[str]) -> None:
    """To the millisecond: first the close of sealed deposits, then the deadline. Without a time, nothing."""
    value = template("compute-cap")
    assert codes == [row[0] for row in found(value, at=parse_instant(at))]
    assert found(value) == []


@pytest.mark.parametrize(("day", "codes"), [(29, ["AGR-046"]), (30, ["AGR-046"]), (31, [])])
def test_a_date_before_the_agreement_is_surely_in_force_is_named(day: int, codes: list[str]) -> None:
    """The deadline is 2027-01-01 and the lead time 30 days, so the agreement is surely in force from the 31st on."""
    dated = start(DutyEvent.DATE, 0, LengthUnit.DAYS, at=parse_instant(f"2027-01-{day}T12:00:00Z"))
    assert codes == [row[0] for row in found(agreement(duties=duties(dated)))]


def test_a_clock_from_entry_into_force_is_never_past_for_who_joins_later() -> None:
    """It starts for a party when that party is bound, so nothing is wrong with it."""
    joining = BindingTerms(accession=AccessionTerms(until=None, rule=None, lead_ms=DAY_MS))
    early = start(DutyEvent.IN_FORCE, 30, LengthUnit.DAYS)
    assert found(agreement(binding=joining, duties=duties(early))) == []
    assert found(agreement(duties=duties(early))) == []


def test_waiting_for_a_motion_that_nobody_may_move_is_named_everywhere() -> None:
    """Goal: no dead end in any part. Method: take all motions away from each template that has some."""
    expected = {
        "miri-v3": 5,
        "compute-cap": 1,
        "restricted-capability": 6,
        "unilateral-pause": 6,
        "bilateral": 8,
        "emergency-pause": 5,
        "convening-table": 0,
    }
    for name, count in expected.items():
        value = template(name)
        assert found(value) == [row for row in found(value) if row[0] != "AGR-047"]
        terms = value.convening
        assert isinstance(terms, ConveningTerms)
        mute = replace(value, convening=replace(terms, motions=()))
        rows = [row for row in found(mute) if row[0] == "AGR-047"]
        assert (name, count) == (name, len(rows))
        assert all("which nobody may move" in row[1] for row in rows)


def test_signals_panels_and_verifiers_that_are_not_there_are_named() -> None:
    """A wire of two blocs with one bloc left, findings without a panel, coverage without verifiers."""
    bilateral = template("bilateral")
    rows = [row[1] for row in found(replace(bilateral, adjudication=None)) if row[0] == "AGR-047"]
    assert rows == ["phase paused waits for confirmed findings, and there is no panel"]
    blind = tuple(
        replace(one, kind=PartyKind.OBSERVER) if one.kind is PartyKind.VERIFIER else one
        for one in bilateral.parties
    )
    rows = [row[1] for row in found(replace(bilateral, parties=blind)) if row[0] == "AGR-047"]
    assert rows == [
        "phase alarm waits for an assessment by verifiers of 2 from 2 blocs, and there are 0 from 0 who could file it"
    ]
    together = tuple(replace(one, bloc=Name("north")) for one in template("emergency-pause").parties)
    value = changed("emergency-pause", parties=together, convening=None, adjudication=None)
    rows = [row[1] for row in found(value) if "signal escape" in row[1]]
    assert rows == [
        "phase emergency waits for signal escape of 2 from 2 blocs, and there are 8 from 1 who could file it"
    ]


def test_duties_that_nobody_could_meet_are_named() -> None:
    """Due at once, or shown by a statement that does not exist; a whole day of nought days is still a day."""
    at_once = start(DutyEvent.IN_FORCE, 0, LengthUnit.HOURS)
    (row,) = found(agreement(duties=duties(at_once)))
    assert row[0] == "AGR-048"
    assert found(agreement(duties=duties(start(DutyEvent.IN_FORCE, 0, LengthUnit.DAYS)))) == []
    odd = duties(start(DutyEvent.IN_FORCE, 9, LengthUnit.DAYS), evidence=(Name("satellite-image"),))
    assert found(agreement(duties=odd)) == []
    (row,) = found(agreement(duties=odd), predicates=PREDICATES)
    assert (row[0], "satellite-image" in row[1]) == ("AGR-048", True)
