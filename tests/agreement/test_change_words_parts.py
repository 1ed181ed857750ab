"""Changes of every part of an agreement in words: duties, calendars, phases, panels, measures, lists that vanish."""

import copy
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement_examples import template
from allstop.agreement import DescribedChange, agreement_value, describe_changes
from allstop.agreement._item_words import ITEM_PHRASES, VALUE_WORDS
from allstop.agreement._place_words import pattern_of
from allstop.canon import JSON, format_json
from allstop.changes import apply_changes, changes_between, item_id
from source_tree import ROOT

TEMPLATES = tuple(sorted(path.stem for path in (ROOT / "src" / "allstop" / "agreements").glob("*.toml")))
RAW = re.compile(r"[\[\]{}]|\b[0-9]+ ms\b|\bchip-ms\b|\b(?!arXiv|kWh)[a-z]+[A-Z]\w*")
"""What no line may hold: brackets of JSON, milliseconds, keys of the wire. Texts in quotation marks are left out."""


@cache
def text_of(name: str) -> JSON:
    """Return the JSON of a template; nobody changes it."""
    return agreement_value(template(name))


def lines_of(one: DescribedChange) -> Iterator[str]:
    """Yield every line of a change, without the texts that it quotes."""
    for line in (one.text, *one.details):
        yield re.sub(r'".*"', "(text)", line)


@pytest.mark.parametrize("old", TEMPLATES)
def test_every_template_is_compared_with_every_other_in_words(old: str) -> None:
    """No line holds JSON, milliseconds or a key of the wire, nothing is left out, and the changes lead there and back."""
    for new in TEMPLATES:
        before, after = text_of(old), text_of(new)
        changes = changes_between(before, after)
        assert format_json(after) == format_json(apply_changes(before, changes))
        described = describe_changes(before, changes)
        assert list(map(id, changes)) == sorted(
            (id(change) for one in described for change in one.changes), key=list(map(id, changes)).index
        )
        assert (old == new) is (described == ())
        lines = [line for one in described for line in lines_of(one)]
        assert [] == [line for line in lines if RAW.search(line) or "\n" in line or not line]
        assert [] == [line for line in lines if line.endswith(": ")]


def part_of(text: JSON, *path: str) -> dict[str, JSON]:
    """Return an object of a text, by keys and ids."""
    for part in path:
        if isinstance(text, list):
            text = next(one for one in text if item_id(one) == part)
        else:
            assert isinstance(text, dict)
            text = text[part]
    assert isinstance(text, dict)
    return text


Edit = Callable[[JSON], None]


def setting(*path: str, **values: JSON) -> Edit:
    """Return an edit that sets keys of one object."""
    return lambda text: part_of(text, *path).update(values)


def dropping(*path: str) -> Edit:
    """Return an edit that drops an item of a list, or a key."""

    def edit(text: JSON) -> None:
        for part in path[:-1]:
            text = text[part] if isinstance(text, dict) else part_of(text, part)
        if isinstance(text, dict):
            del text[path[-1]]
        elif isinstance(text, list):
            text[:] = [one for one in text if item_id(one) != path[-1]]

    return edit


def length(amount: int, unit: str) -> JSON:
    """Return the wire form of a length."""
    return {"amount": amount, "unit": unit}


def start(event: str, amount: int, unit: str, name: str | None = None) -> JSON:
    """Return the wire form of a clock of a duty."""
    return {"event": event, "name": name, "at": None, "within": length(amount, unit)}


DUTY, HEAD = ("duties", "duties", "register"), "duty register of all developers"
MAKERS, STATES = ("cedar", "dogwood"), ("alder", "birch")
BOUND = ("alder", "birch", "cedar", "dogwood")
PANEL = "2 of jurist-neutral, jurist-third, jurist-fourth, from 2 blocs"

CASES: dict[str, tuple[Edit, str, tuple[str, ...], tuple[str, ...]]] = {
    "a duty that comes sooner": (
        setting(*DUTY, starts=[start("in-force", 30, "days")]),
        f"{HEAD}: due within 30 days of entry into force, was within 60 days of entry into force",
        MAKERS,
        (),
    ),
    "a duty that comes later by every calendar": (
        setting(*DUTY, starts=[start("in-force", 3, "months")]),
        f"{HEAD}: due within 3 months of entry into force, was within 60 days of entry into force",
        (),
        MAKERS,
    ),
    "a duty of which no calendar tells": (
        setting(*DUTY, starts=[start("in-force", 2, "months")]),
        f"{HEAD}: due within 2 months of entry into force, was within 60 days of entry into force",
        (),
        (),
    ),
    "a duty after another event": (
        setting(*DUTY, starts=[start("adopted", 60, "days", "start")]),
        f"{HEAD}: due within 60 days of the adoption of motion start, was within 60 days of entry into force",
        (),
        (),
    ),
    "a duty that recurs": (
        setting(*DUTY, every=length(90, "days")),
        f"{HEAD}: every 90 days, was once",
        MAKERS,
        (),
    ),
    "a duty with less evidence": (
        setting(*DUTY, evidence=["site"]),
        f"{HEAD}: shown by site, was site, chips",
        (),
        MAKERS,
    ),
    "a duty that may be impossible": (
        setting(*DUTY, impossibleBy=length(5, "days")),
        f"{HEAD}: impossibility may be accepted until 5 days later, was no impossibility is accepted",
        (),
        MAKERS,
    ),
    "a duty of others": (
        setting(*DUTY, kinds=["state"]),
        f"{HEAD}: binds all states, was all developers",
        STATES,
        MAKERS,
    ),
    "a duty of one more": (
        setting(*DUTY, parties=["alder"]),
        f"{HEAD}: binds alder by name, was nobody by name",
        ("alder",),
        (),
    ),
    "a duty that is dropped": (
        dropping(*DUTY),
        f"{HEAD} is dropped: due within 60 days of entry into force; shown by site, chips; clause 1.1; "
        '"Put every accelerator on the register."',
        (),
        MAKERS,
    ),
    "other holidays": (
        setting("calendars", "tables", "joint-office", holidays=["2027-12-24", "2028-12-25", "2028-12-26"]),
        "calendar joint-office has other holidays: new: 2028-12-26; dropped: 2028-01-01",
        (),
        (),
    ),
    "another local time": (
        setting(
            "calendars", "tables", "joint-office", offsets=[{"from": "2026-10-25T01:00:00Z", "minutes": -90}]
        ),
        "calendar joint-office has another local time",
        (),
        (),
    ),
    "another weekend": (
        setting("calendars", "tables", "joint-office", weekend=["friday"]),
        "calendar joint-office: weekend friday, was weekend saturday, sunday",
        (),
        (),
    ),
    "a longer time to cure": (
        setting("adjudication", cure=length(45, "days")),
        "time to cure: 45 days, was 30 days",
        (),
        BOUND,
    ),
    "an amount and its unit": (
        setting("adjudication", ruling=length(2, "months")),
        "time for the panel to rule: 2 months, was 60 days",
        (),
        (),
    ),
    "a sooner ruling": (
        setting("adjudication", ruling=length(45, "days")),
        "time for the panel to rule: 45 days, was 60 days",
        ("jurist-neutral", "jurist-third", "jurist-fourth"),
        (),
    ),
    "another panel": (
        setting("adjudication", "panel", quorum=3, blocs=1),
        "panel: 3 of jurist-neutral, jurist-third, jurist-fourth, from 1 bloc, was " + PANEL,
        (),
        (),
    ),
    "no appeal panel": (
        setting("adjudication", appealPanel=None),
        "appeal panel: nothing, was 2 of jurist-north, jurist-south, jurist-neutral, from 2 blocs",
        (),
        (),
    ),
    "a measure that ends otherwise": (
        setting(
            "adjudication", "measures", "notice", ends={"cured": False, "length": None, "motion": "ease"}
        ),
        "measure notice: ends when motion ease is adopted, was ends when cured or after 90 days",
        (),
        (),
    ),
    "a measure that comes later": (
        setting(
            "adjudication",
            "measures",
            "counter",
            when={"confirmed": True, "uncuredFor": length(60, "days"), "after": None},
        ),
        "measure counter: when uncured for 60 days after a finding is final, was uncured for 30 days after measure "
        "more-inspection starts",
        (),
        (),
    ),
    "a phase that lasts longer": (
        setting("phases", "phases", "alarm", maxMs=60 * 86_400_000),
        "phase alarm: at most 60 days, was 30 days",
        (),
        (),
    ),
    "a phase without limit": (
        setting("phases", "phases", "alarm", maxMs=None),
        "phase alarm: without limit, was at most 30 days",
        (),
        (),
    ),
    "another condition of a phase": (
        setting(
            "phases",
            "transitions",
            "ready:paused",
            when={"anyOf": [{"motion": "start"}, {"confirmed": {"findings": 1}}]},
        ),
        "transition from ready to paused: when any of: motion start is adopted; 1 finding confirmed by the panel, was "
        "motion start is adopted",
        (),
        (),
    ),
    "a longer lead": (
        setting("phases", "transitions", "ready:paused", leadMs=0),
        "transition from ready to paused: at once, was 6 hours later",
        (),
        (),
    ),
    "a longer time to drain": (
        setting("halt", drainMs=86_400_000),
        "time to drain at a halt: 1 day, was 6 hours",
        (),
        BOUND,
    ),
    "a lower cap of what is permitted": (
        setting("halt", "permitted", "safety-work", capChipMs="3600000000"),
        "permitted use safety-work: 1000 chip-hours in a period, was 100000 chip-hours in a period",
        BOUND,
        (),
    ),
    "nothing may resume": (
        setting("halt", resume=[]),
        "what may resume change: dropped: safety-work once motion resume-safety is adopted",
        (),
        (),
    ),
    "a longer notice": (
        setting("leaving", notice=length(12, "months")),
        "notice of withdrawal: 12 months, was 180 days",
        BOUND,
        (),
    ),
    "no sprint": (
        setting("leaving", sprint=None),
        "growth before withdrawal that is a sprint: none, was 5 % or more, counted from 60 days before the notice",
        (),
        (),
    ),
    "nothing survives": (
        setting("leaving", survives=[]),
        "clauses that survive withdrawal: nothing, was 1.1",
        (),
        BOUND,
    ),
    "sealed deposits": (
        setting(
            "binding",
            sealed={
                "custodians": ["elm", "birch"],
                "threshold": 2,
                "receipts": 2,
                "close": "2027-05-01T12:00:00Z",
                "openBy": "2027-05-01T18:00:00Z",
            },
        ),
        "sealed deposits: 2 of elm, birch open them by 2027-05-01T18:00:00Z, if 2 have receipted their shares by "
        "2027-05-01T12:00:00Z, was none",
        (),
        (),
    ),
    "accession": (
        setting(
            "binding", accession={"until": "2029-01-01T00:00:00Z", "rule": "admit", "leadMs": 86_400_000}
        ),
        "accession: binds 1 day after the deposit, once motion admit is adopted for the party, for deposits until "
        "2029-01-01T00:00:00Z, was none",
        (),
        (),
    ),
    "other voters": (
        setting("convening", "rules", "both", "voters", seats=["official"], kinds=["state", "verifier"]),
        "voting rule both: voted on by parties of kind state or verifier, of seat official, was parties of kind state",
        (),
        (),
    ),
    "another rule of adoption": (
        setting("convening", "rules", "both", adopt={"shareAtLeast": {"ppm": 600_000}}),
        "voting rule both: adopted by at least 60 % of all voices, was (alder and birch)",
        (),
        (),
    ),
    "a veto": (
        setting("convening", "rules", "both", veto="critical"),
        "voting rule both: critical parties have a veto, was without veto",
        (),
        (),
    ),
    "an edge": (
        dropping("edges", "alder:responsible-for:cedar"),
        "edge alder responsible-for cedar is dropped",
        (),
        (),
    ),
    "a clause in fewer phases": (
        setting("obligations", "3.1", phases=["paused"]),
        "clause 3.1 (halt): phases in which it applies: paused, was alarm, paused",
        (),
        BOUND,
    ),
    "a clause at all times": (
        dropping("obligations", "3.1", "phases"),
        "clause 3.1 (halt): phases in which it applies: always, was alarm, paused",
        BOUND,
        (),
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_each_part_is_said_in_words(what: str) -> None:
    """One edit of a template is one difference, in one sentence, and stricter one way is looser the other way."""
    edit, text, stricter, looser = CASES[what]
    old, new = text_of("bilateral"), copy.deepcopy(text_of("bilateral"))
    edit(new)
    (found,) = describe_changes(old, changes_between(old, new))
    assert (text, stricter, looser) == (found.text, found.stricter_for, found.looser_for)
    # What comes back comes last in its list, and is then put in its place.
    back = describe_changes(new, changes_between(new, old))[0]
    assert (looser, stricter) == (back.stricter_for, back.looser_for)


def test_an_amount_and_its_unit_are_one_difference_of_two_changes() -> None:
    """Whoever reads the structured changes finds both of them beside the one sentence."""
    old, new = text_of("bilateral"), copy.deepcopy(text_of("bilateral"))
    setting("adjudication", ruling=length(2, "months"))(new)
    (found,) = describe_changes(old, changes_between(old, new))
    assert ["adjudication/ruling/amount", "adjudication/ruling/unit"] == [one.place for one in found.changes]


def test_duties_and_calendars_are_compared_one_by_one() -> None:
    """A list that is all that its part holds is matched by the names of its items."""
    old, new = text_of("bilateral"), copy.deepcopy(text_of("bilateral"))
    dropping(*DUTY)(new)
    setting("calendars", "tables", "joint-office", weekend=["friday"])(new)
    places = {change.place for change in changes_between(old, new)}
    assert {"duties/duties/register", "calendars/tables/joint-office/weekend"} == places


def test_a_part_that_vanishes_is_said_item_by_item() -> None:
    """Each duty of a part that is dropped has its line, and whose duties they were is bound less."""
    old, new = text_of("bilateral"), copy.deepcopy(text_of("bilateral"))
    del part_of(new)["duties"]
    (found,) = describe_changes(old, changes_between(old, new))
    assert ("duties are dropped", (), BOUND) == (
        found.text,
        found.stricter_for,
        tuple(sorted(found.looser_for)),
    )
    assert ["duty register", "duty inventory", "duty consult"] == [
        " ".join(line.split()[:2]) for line in found.details
    ]
    (back,) = describe_changes(new, changes_between(new, old))
    assert ("duties are new", found.details) == (back.text, back.details)


def test_articles_are_said_one_by_one() -> None:
    """What has no id is said as new or dropped, each in its own words."""
    old, new = text_of("miri-v3"), copy.deepcopy(text_of("miri-v3"))
    units, sums = part_of(new, "articles")["units"], part_of(new, "articles")["sums"]
    assert isinstance(units, list)
    assert isinstance(sums, list)
    units[0] = {
        "unit": "h100e",
        "flopPerSecond": "5",
        "numberFormat": "fp4",
        "sharePpm": 250_000,
        "article": "I",
    }
    sums.pop(0)
    first, second = describe_changes(old, changes_between(old, new))
    assert first.text == (
        "articles on sums change: dropped: cluster-h100e is summed over any-set, read as "
        '"every set of chips at one site; what is joined between sites is not summed" (II.16)'
    )
    assert ("articles on units change", 2) == (second.text, len(second.details))
    assert second.details[0] == "new: h100e is 5 FLOP/s in fp4 at 25 % (I)"


def leaves_of(text: JSON, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the place of every value that templates have, by keys and ids."""
    if isinstance(text, dict):
        for key, value in text.items():
            yield (*path, key)
            yield from leaves_of(value, (*path, key))
    elif isinstance(text, list):
        for item in text:
            if (name := item_id(item)) is not None:
                yield from leaves_of(item, (*path, name))


def test_every_key_of_an_item_has_its_phrase() -> None:
    """A key that is added to the format, and to a template, cannot stay without words."""
    for name in TEMPLATES:
        for path in leaves_of(text_of(name)):
            pattern = pattern_of(path)
            if pattern[:-1] in ITEM_PHRASES and pattern[-1] not in ("id", "name", "from", "to"):
                assert pattern[-1] in ITEM_PHRASES[pattern[:-1]] or pattern in VALUE_WORDS, path


junk: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(("", "a", "7", "days", "state")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("name", "amount", "unit", "of", "anyOf", "within", "when")), inner)
    ),
    max_leaves=8,
)
PLACES = tuple(leaves_of(text_of("bilateral"))) + tuple(
    leaves_of(part_of(text_of("miri-v3"), "articles"), ("articles",))
)


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(PLACES), value=junk)
def test_a_change_to_no_agreement_is_described_too(path: tuple[str, ...], value: JSON) -> None:
    """Proposals come from anybody: whatever they put at whatever place is said without a failure, and without JSON."""
    old = text_of("miri-v3" if path[0] == "articles" else "bilateral")
    new = copy.deepcopy(old)
    part_of(new, *path[:-1])[path[-1]] = value
    for before, after in ((old, new), (new, old)):
        for one in describe_changes(before, changes_between(before, after)):
            assert one.text
            assert all('{"' not in line and "[" not in line for line in lines_of(one))
