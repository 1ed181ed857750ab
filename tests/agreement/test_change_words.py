"""Changes in words: which duty, threshold or clock changes, and who is bound more or less by it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from agreement_examples import agreement, clause, party
from allstop.agreement import (
    Agreement,
    Clock,
    CriticalAll,
    Deposited,
    ObligationKind,
    Party,
    Response,
    Silence,
    agreement_changes,
    agreement_value,
    amended,
    describe_changes,
    format_formula_words,
    format_span,
    verify_amendable,
)
from allstop.errors import MalformedError
from allstop.finding import Level
from allstop.ids import Name
from allstop.times import DAY_MS, HOUR_MS
from voting_world import MAJORITY, rule_of, table

ALDER, BIRCH = Name("alder"), Name("birch")
TOTAL = clause("2.1", ObligationKind.PROHIBIT, tolerance=10**25 + 1, text="No run is above the cap.")
PLAIN = agreement(obligations=(clause("1.1"), TOTAL))


def with_clause(**changes: object) -> Callable[[Agreement], Agreement]:
    """Return a change of the second clause."""
    return lambda old: replace(old, obligations=(old.obligations[0], replace(TOTAL, **changes)))  # type: ignore[arg-type]  # fields of a clause


def with_parties(make: Callable[[tuple[Party, ...]], tuple[Party, ...]]) -> Callable[[Agreement], Agreement]:
    """Return a change of the parties."""
    return lambda old: replace(old, parties=make(old.parties))


CASES: dict[str, tuple[Callable[[Agreement], Agreement], str, tuple[Name, ...], tuple[Name, ...]]] = {
    "a lower cap": (
        with_clause(tolerance=10**24 + 1),
        "clause 2.1 (prohibit): a breach is more than 1e24 FLOP, was more than 1e25 FLOP",
        (ALDER,),
        (),
    ),
    "a higher cap": (
        with_clause(tolerance=5 * 10**26),
        "clause 2.1 (prohibit): a breach is 5e26 FLOP or more, was more than 1e25 FLOP",
        (),
        (ALDER,),
    ),
    "one more is bound": (
        with_clause(parties=(ALDER, BIRCH)),
        "clause 2.1 (prohibit) binds birch too",
        (BIRCH,),
        (),
    ),
    "another is bound instead": (
        with_clause(parties=(BIRCH,)),
        "clause 2.1 (prohibit) binds birch too and binds alder no longer",
        (BIRCH,),
        (ALDER,),
    ),
    "a sooner duty": (
        with_clause(timeliness_ms=36 * HOUR_MS),
        "clause 2.1 (prohibit): due after a period: 36 hours, was nothing",
        (ALDER,),
        (),
    ),
    "silence is a breach": (
        with_clause(silence=Silence.BREACH),
        "clause 2.1 (prohibit): what silence means: breach, was undetermined",
        (ALDER,),
        (),
    ),
    "a higher level": (
        with_clause(level=Level.VERIFIED),
        "clause 2.1 (prohibit): the least level that earns CONSISTENT: verified, was declared",
        (ALDER,),
        (),
    ),
    "a clause that is reworded": (
        with_clause(text="No run exceeds it."),
        "clause 2.1 (prohibit) is reworded",
        (),
        (),
    ),
    "a clause that is dropped": (
        lambda old: replace(old, obligations=old.obligations[:1]),
        'clause 2.1 (prohibit) is dropped and binds alder no longer: "No run is above the cap."',
        (),
        (ALDER,),
    ),
    "a clause that is new": (
        lambda old: replace(old, obligations=(*old.obligations, clause("3.1", text="Chips are declared."))),
        'clause 3.1 (declare) is new and binds alder: "Chips are declared."',
        (ALDER,),
        (),
    ),
    "clauses in another order": (
        lambda old: replace(old, obligations=old.obligations[::-1]),
        "clauses stand in another order",
        (),
        (),
    ),
    "a shorter time to answer": (
        lambda old: replace(old, response=Response(answer_ms=5 * DAY_MS, cure_ms=old.response.cure_ms)),
        "time to answer a finding: 5 days, was 10 days",
        (ALDER,),
        (),
    ),
    "a clock": (
        lambda old: replace(
            old,
            definitions=replace(
                old.definitions, clocks=(Clock(name=Name("notice"), ms=DAY_MS, basis="Article 5"),)
            ),
        ),
        "clock notice is new: 1 day; by Article 5",
        (),
        (),
    ),
    "a party that joins": (
        with_parties(lambda old: (*old, party("elm", 5))),
        "party elm is new: Elm; operator; of bloc north; not critical; 1 key",
        (),
        (),
    ),
    "a party that is no longer critical": (
        with_parties(lambda old: (replace(old[0], critical=False), *old[1:])),
        "party alder: not critical, was critical",
        (),
        (),
    ),
    "the condition": (
        lambda old: replace(old, entry=replace(old.entry, condition=Deposited(party=ALDER))),
        "condition of entry into force: alder, was every critical party",
        (),
        (),
    ),
    "a table": (
        lambda old: replace(old, convening=table(rule_of(MAJORITY)).convening),
        "terms of the table are new",
        (),
        (),
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_each_change_is_said_in_words(what: str) -> None:
    """One edit, one sentence; stricter and looser are said where figures say so, and nowhere else."""
    make, text, stricter, looser = CASES[what]
    new = make(PLAIN)
    (found,) = describe_changes(agreement_value(PLAIN), agreement_changes(PLAIN, new))
    assert text == found.text
    assert (found.details != ()) is (what == "a table")
    assert (stricter, looser) == (found.stricter_for, found.looser_for)
    assert (found.before is not None) is ("reworded" in text)


@pytest.mark.parametrize("what", CASES)
def test_what_is_stricter_one_way_is_looser_the_other_way(what: str) -> None:
    """Undoing a change frees whom it bound; nobody is stricter off both ways."""
    new = CASES[what][0](PLAIN)
    (there,) = describe_changes(agreement_value(PLAIN), agreement_changes(PLAIN, new))
    back = describe_changes(agreement_value(new), agreement_changes(new, PLAIN))
    assert (there.stricter_for, there.looser_for) == (back[0].looser_for, back[0].stricter_for)
    assert amended(new, agreement_changes(new, PLAIN)) == PLAIN


def test_only_what_may_be_amended_passes() -> None:
    """The place that may not is named."""
    verify_amendable(agreement_changes(PLAIN, with_clause(tolerance=10**24)(PLAIN)))
    joined = with_parties(lambda old: (*old, party("elm", 5)))(PLAIN)
    with pytest.raises(MalformedError, match="parties/elm: cannot be amended in force"):
        verify_amendable(agreement_changes(PLAIN, joined))


def test_lengths_and_formulas_are_said_exactly() -> None:
    """Nothing is rounded, and a formula can be read by who votes on it."""
    spans = {
        0: "no time",
        1: "1 ms",
        1000: "1 second",
        90_000: "90 seconds",
        DAY_MS: "1 day",
        36 * HOUR_MS: "36 hours",
    }
    assert list(spans.values()) == [format_span(ms) for ms in spans]
    words = format_formula_words(
        {
            "allOf": [
                {"criticalAll": True},
                {"atLeast": {"count": 2, "of": [{"agrees": "alder"}, {"agrees": "elm"}]}},
            ]
        }
    )
    assert "(every critical party and at least 2 of (alder; elm))" == words
    assert "at least 66.6666 % of all voices" == format_formula_words({"shareAtLeast": {"ppm": 666_666}})
    assert "at least 50 % in each of 2 blocs" == format_formula_words(
        {"blocsAtLeast": {"count": 2, "ppm": 500_000}}
    )
    assert format_formula_words({"a": 1, "b": 2}) is None
    assert isinstance(PLAIN.entry.condition, CriticalAll)
