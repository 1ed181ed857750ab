"""The templates that come with the package: each is whole, linted, and does what docs/agreements.md says of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import jsonschema
import pytest

from agreement_examples import PEAKS, filled, template
from allstop.agreement import (
    Agreement,
    Severity,
    calendar_named,
    electorate_of,
    format_agreement,
    is_adopted,
    lint,
    parse_agreement,
)
from allstop.canon import format_instant, parse_instant
from allstop.clocks import Length, describe_length, due, trigger_of
from allstop.config import name_agreements
from allstop.finding import SignalKind
from allstop.ids import Digest, Name
from allstop.ledger import PREDICATES, Filed
from allstop.signals import Signal
from allstop.standing import PhaseEvents, phases_of
from source_tree import ROOT

PAGE = (ROOT / "docs" / "agreements.md").read_text("utf-8")
NAMES = (
    "miri-v3",
    "miri-book-edition",
    "compute-cap",
    "restricted-capability",
    "unilateral-pause",
    "bilateral",
    "emergency-pause",
    "convening-table",
)
TREATIES = NAMES[:2]
AT = parse_instant("2026-10-10T00:00:00Z")
PLAIN, LEAP = (parse_instant(text) for text in ("2027-03-25T12:00:00Z", "2028-02-25T12:00:00Z"))


def findings(name: str) -> list[tuple[str, str | None]]:
    """Return code and source of everything that lint finds in a template, but for notes."""
    found = lint(template(name), PEAKS, at=AT, predicates=PREDICATES)
    return [(one.code, one.basis) for one in found if one.severity is not Severity.NOTE]


def test_every_template_is_on_the_page() -> None:
    """Whoever reads the page hears of every agreement that comes with the package, and of no other."""
    assert not [name for name in name_agreements() if f"`{name}`" not in PAGE]
    assert set(NAMES) < set(name_agreements())


@pytest.mark.parametrize("name", NAMES)
def test_a_template_becomes_an_agreement(name: str) -> None:
    """With keys and a chip table each is complete, and comes back from its bytes."""
    whole = filled(name)
    assert whole == parse_agreement(format_agreement(whole))


@pytest.mark.parametrize("name", NAMES[2:])
def test_our_own_templates_have_no_fault(name: str) -> None:
    """Goal: a reader starts from something sound. Only the legal basis of rivals is left to their counsel."""
    missing = set() if template(name).legal_basis else {("AGR-017", None)}
    assert missing == set(findings(name))


DEFECTS = [
    ("exactly 16 H100e", "AGR-003", "V.2 and II.16"),
    ("exactly 1e22 FLOP", "AGR-003", "IV.3 and IV.2"),
    ("120 days against Year 2", "AGR-040", "V.3 and App. D, Table 1"),
    ("reach against grace: access", "AGR-044", None),
    ("reach against grace: transfers", "AGR-010", "Article V.6, before a transfer"),
    ("reach against grace: updates", "AGR-010", "Article V.5"),
    ("staging", "AGR-040", "V.3 and notes to V"),
    ("mixture of units", "AGR-042", "II.15 and App. D"),
    ("any set", "AGR-041", "II.16"),
    ("precision and performance", "AGR-043", "II.4 and II.16"),
]
"""The eight defects of the published text, the rule that finds each, and the articles that it names."""


@pytest.mark.parametrize(("what", "code", "basis"), DEFECTS, ids=[row[0] for row in DEFECTS])
@pytest.mark.parametrize("name", TREATIES)
def test_the_defects_of_the_published_text_are_found_and_named(
    name: str, what: str, code: str, basis: str | None
) -> None:
    """Each by a general rule, with its articles; without what the text says of itself none of them is made up."""
    assert (code, basis) in findings(name)
    mute = replace(template(name), articles=None)
    codes = {one.code for one in lint(mute, PEAKS, at=AT)}
    assert not codes & {"AGR-040", "AGR-042", "AGR-043", "AGR-049"}


def test_access_is_named_by_its_article_and_the_council_counts() -> None:
    """A day of access alone is shorter than the reach; with the Council's vote before it, it is not."""
    slow = [one for one in lint(template("miri-v3"), PEAKS) if one.code == "AGR-044"]
    assert {one.clause for one in slow} == {"X.3"}
    assert "7 days of voting on challenge-cedar and 24 hours after it" in slow[0].text


def test_the_book_edition_differs_in_what_silence_means() -> None:
    """Nothing else that is judged differs from version 3: title, log, body and source are names."""
    ours, book = template("miri-v3"), template("miri-book-edition")
    assert ours.convening is not None
    assert book.convening is not None
    (rule,) = [one for one in book.convening.rules if one not in ours.convening.rules]
    assert (rule.name, rule.tacit, rule.open_ms) == ("run-approval", True, 30 * 86_400_000)
    same = (
        "definitions",
        "obligations",
        "entry",
        "accounting",
        "verification",
        "duties",
        "phases",
        "leaving",
    )
    assert [getattr(ours, part) for part in same] == [getattr(book, part) for part in same]


# --- clocks -------------------------------------------------------------------------------------------------


def clocks(agreement: Agreement) -> Iterator[tuple[Length | None, str | None]]:
    """Yield every length of an agreement that counts days or hours, with its calendar; None where there is none."""
    for duty in agreement.duties.duties if agreement.duties else ():
        yield from ((length, duty.calendar) for length in (*(one.within for one in duty.starts), duty.every))
    if agreement.leaving is not None:
        yield agreement.leaving.notice, None
    terms = agreement.adjudication
    if terms is not None:
        whole = (terms.acknowledge, terms.answer, terms.cure, terms.ruling, terms.appeal, terms.impediment)
        rungs = (length for one in terms.measures for length in (one.uncured_for, one.ends.length))
        yield from ((length, terms.calendar) for length in (*whole, *rungs))


def clock_rows() -> list[str]:
    """Return the row of each length that some template uses: where it ends over a change of clocks and a leap day."""
    rows = {}
    for name in NAMES:
        agreement = template(name)
        for length, calendar in clocks(agreement):
            if length is None:
                continue
            table = calendar_named(agreement.calendars, None if calendar is None else Name(calendar))
            ends = [format_instant(due(start, length, table)) for start in (PLAIN, LEAP)]
            key = (length.unit.value, length.amount, calendar or "utc")
            rows[key] = f"| {describe_length(length)} | {calendar or 'utc'} | {ends[0]} | {ends[1]} |"
    return [rows[key] for key in sorted(rows)]


def test_every_clock_of_every_template_is_on_the_page_with_its_dates() -> None:
    """Goal: a reader can count it on fingers. Method: the page's literal rows against what the code computes."""
    heading = PAGE.partition("| clock | calendar |")[2]
    rows = [line for line in heading.partition("\n\n")[0].splitlines() if re.match(r"\| \d", line)]
    assert clock_rows() == rows


def test_what_recurs_falls_on_a_leap_day_and_comes_back() -> None:
    """The minutes of a table in force from 31 December are of the last day of each month: no drift through February."""
    duty = template("convening-table").duties
    assert duty is not None
    (minutes,) = duty.duties
    assert minutes.every is not None
    start = parse_instant("2027-12-31T12:00:00Z")
    dates = [format_instant(trigger_of(start, minutes.every, index))[:10] for index in range(4)]
    assert dates == ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]


# --- courses ------------------------------------------------------------------------------------------------

START = "2028-02-01T00:00:00Z"


def signal(name: str, kind: SignalKind, party: str, at: str) -> Filed[Signal]:
    """Return a signal that was proven at this instant."""
    when = parse_instant(at)
    return Filed(
        value=Signal(name=Name(name), kind=kind, occurred_at=when),
        entry=0,
        digest=Digest("ab" * 32),
        party=Name(party),
        sequence=0,
        signers=frozenset({Name(party)}),
        not_before=None,
        not_after=when,
    )


def course(name: str, *, at: str, signals: tuple[Filed[Signal], ...] = (), **adopted: str) -> list[str]:
    """Return the phases of a template in force from START, as rows of the page."""
    motions = tuple((Name(motion.replace("_", "-")), parse_instant(when)) for motion, when in adopted.items())
    spans = phases_of(
        filled(name),
        in_force_from=parse_instant(START),
        events=PhaseEvents(adopted=motions, signals=signals),
        at=parse_instant(at),
    )
    return [f"| {format_instant(one.start)} | {one.phase} | {one.kind.value} | {one.why} |" for one in spans]


def test_an_emergency_change_of_the_treaty_lapses() -> None:
    """III.4(d): thirty days, over a leap day, unless the Council approves it."""
    rows = course("miri-v3", at="2028-05-01T00:00:00Z", emergency="2028-02-10T12:00:00Z")
    assert [row.split(" | ")[1] for row in rows] == ["limits", "emergency", "limits"]
    assert not [row for row in rows if row not in PAGE]
    kept = course(
        "miri-v3",
        at="2028-05-01T00:00:00Z",
        emergency="2028-02-10T12:00:00Z",
        approve_emergency="2028-03-01T00:00:00Z",
    )
    assert [row.split(" | ")[1] for row in kept] == ["limits", "emergency", "lowered"]


def test_an_emergency_pause_takes_two_blocs_and_lapses() -> None:
    """One bloc's word does nothing, whoever repeats it; two start it, and two weeks end it unless it is confirmed."""
    north = [signal("escape", SignalKind.INCIDENT, who, "2028-02-20T08:00:00Z") for who in ("alder", "cedar")]
    south = signal("escape", SignalKind.INCIDENT, "birch", "2028-02-20T09:30:00Z")
    alone = course("emergency-pause", at="2028-06-01T00:00:00Z", signals=tuple(north))
    assert [row.split(" | ")[1] for row in alone] == ["ready"]
    lapsed = course("emergency-pause", at="2028-06-01T00:00:00Z", signals=(*north, south))
    assert [row.split(" | ")[1] for row in lapsed] == ["ready", "emergency", "watch"]
    assert not [row for row in lapsed if row not in PAGE]
    again = tuple(
        signal("escape", SignalKind.INCIDENT, who, "2028-03-06T08:00:00Z") for who in ("alder", "birch")
    )
    twice = course("emergency-pause", at="2028-06-01T00:00:00Z", signals=(*north, south, *again))
    assert twice == lapsed
    confirmed = course(
        "emergency-pause",
        at="2028-06-01T00:00:00Z",
        signals=(*north, south),
        confirm="2028-02-25T00:00:00Z",
    )
    assert [row.split(" | ")[1] for row in confirmed] == ["ready", "emergency", "confirmed", "watch"]


def test_a_capability_is_restricted_by_evaluators_of_two_blocs_and_eased_later() -> None:
    """Six hours after the second wire, for thirty days; a vote keeps it, and one to ease waits for the least length."""
    wires = tuple(
        signal("capability-found", SignalKind.TRIPWIRE, f"inspectors-{bloc}", f"2028-02-20T0{hour}:00:00Z")
        for bloc, hour in (("north", 8), ("south", 9))
    )
    rows = course(
        "restricted-capability",
        at="2028-06-01T00:00:00Z",
        signals=wires,
        restrict="2028-02-29T12:00:00Z",
        ease="2028-03-02T00:00:00Z",
    )
    assert [row.split(" | ")[1] for row in rows] == ["open", "alarm", "restricted", "easing"]
    assert not [row for row in rows if row not in PAGE]


def test_a_developer_pauses_alone_and_goes_on_when_an_adjudicator_says_so() -> None:
    """The three cases: it leads, it lags, and all move alike, for which there is no way into a pause."""
    leads = course(
        "unilateral-pause",
        at="2028-06-01T00:00:00Z",
        leads="2028-02-10T00:00:00Z",
        argument_accepted="2028-03-15T00:00:00Z",
    )
    assert [row.split(" | ")[1] for row in leads] == ["free", "leading", "free"]
    assert not [row for row in leads if row not in PAGE]
    lags = course(
        "unilateral-pause",
        at="2028-06-01T00:00:00Z",
        peers_can_argue="2028-02-10T00:00:00Z",
        posture_matches="2028-04-01T00:00:00Z",
    )
    assert [row.split(" | ")[1] for row in lags] == ["free", "lagging", "free"]
    terms = template("unilateral-pause").phases
    assert terms is not None
    assert {one.target for one in terms.exits(Name("free"))} == {"leading", "lagging"}


def test_each_predicate_of_the_unilateral_pause_has_its_adjudicator() -> None:
    """The developer has no vote on any of them, and one reviewer is not enough."""
    value = filled("unilateral-pause")
    assert value.convening is not None
    deciders: dict[str, list[Name]] = {}
    for motion in value.convening.motions:
        rule = value.convening.rule_of_motion(motion.name)
        assert rule is not None
        voters = electorate_of(value, rule.voters)
        deciders[motion.name] = [party.id for party in voters.roll]
        assert "alder" not in deciders[motion.name]
        assert not is_adopted(rule.adopt, voters, {Name("alder"), Name("reviewer-north")})
    assert deciders["leads"] == deciders["lead-lost"] == ["assessor"]
    assert deciders["peers-can-argue"] == ["comparer"]
    assert len(deciders["argument-accepted"]) == 3


def test_a_bilateral_pause_starts_sooner_than_it_ends() -> None:
    """Both states, six hours; the end waits for the vote and for 180 days of easing."""
    rows = course(
        "bilateral",
        at="2029-06-01T00:00:00Z",
        start="2028-02-10T12:00:00Z",
        ease="2028-02-20T00:00:00Z",
        end="2028-04-01T00:00:00Z",
    )
    assert [row.split(" | ")[1] for row in rows] == ["ready", "paused", "easing", "over"]
    assert not [row for row in rows if row not in PAGE]


VOTES = [
    ("compute-cap", "change", ["alder", "birch"], True),
    ("compute-cap", "change", ["alder"], False),
    ("bilateral", "both", ["alder"], False),
    ("bilateral", "both", ["alder", "birch"], True),
    ("restricted-capability", "any-state", ["dogwood"], True),
    ("restricted-capability", "both-states-and-science", ["cedar", "dogwood", "inspectors-north"], False),
    ("miri-v3", "run-approval", ["inspectors-north"], False),
    ("miri-v3", "run-approval", ["inspectors-north", "inspectors-south"], True),
    ("convening-table", "double-majority", ["alder", "birch", "elm", "cedar", "dogwood"], False),
    ("convening-table", "double-majority", ["alder", "birch", "elm", "science-north", "science-south"], True),
    ("convening-table", "double-majority", ["alder", "cedar", "science-north", "advocates", "elm"], False),
    ("convening-table", "three-of-five", ["alder", "birch"], False),
    ("convening-table", "three-of-five", ["alder", "birch", "elm"], True),
]


@pytest.mark.parametrize(("name", "rule", "agreeing", "expected"), VOTES)
def test_a_rule_of_a_template_takes_whom_it_says(
    name: str, rule: str, agreeing: list[str], expected: bool
) -> None:
    """Unanimity, k of n, double majority, each with who is enough and who is not; the page has the same rows."""
    value = filled(name)
    assert value.convening is not None
    terms = value.convening.rule(Name(rule))
    assert terms is not None
    voters = electorate_of(value, terms.voters)
    assert expected is is_adopted(terms.adopt, voters, {Name(party) for party in agreeing})
    assert f"| {name} | {rule} | {', '.join(agreeing)} | {'yes' if expected else 'no'} |" in PAGE


@pytest.mark.parametrize("name", NAMES)
def test_a_template_fits_the_schema(name: str) -> None:
    """Goal: the schema knows every part that templates use. Method: the canonical JSON of each against it."""
    schema = json.loads((ROOT / "spec" / "schemas" / "agreement-document.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(format_agreement(filled(name))))
