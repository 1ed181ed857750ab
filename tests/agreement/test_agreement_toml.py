"""The form that people write: exact numbers, strict keys, one value for one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement_examples import public_key, template_path
from allstop.agreement import (
    Agreement,
    AllOf,
    AnyOf,
    AtLeast,
    BlocAtLeast,
    Condition,
    CriticalAll,
    Deposited,
    ObligationKind,
    ReplayTerms,
    format_agreement,
    parse_agreement,
    parse_agreement_toml,
)
from allstop.canon import format_base64
from allstop.config import parse_chip_table_toml
from allstop.errors import LimitError, MalformedError
from allstop.ids import Name
from allstop.times import DAY_MS, HOUR_MS, Instant

PLAIN = template_path("retrospective").read_text("utf-8")


def parse(old: str, new: str, *, text: str = PLAIN, template: bool = True) -> Agreement:
    """Parse a text in which `old` became `new`, once."""
    assert old in text, f"{old!r} is not in the text"
    return parse_agreement_toml(text.replace(old, new, 1), template=template)


def refused(old: str, new: str) -> str:
    """Return why the text is refused when `old` becomes `new`."""
    with pytest.raises(MalformedError) as caught:
        parse(old, new)
    return caught.value.message


def signable() -> str:
    """Return the plain text with keys and a chip table written into it."""
    text = PLAIN
    for number, party in enumerate(("alder", "birch", "cedar", "dogwood"), 1):
        data = format_base64(public_key(number).data)
        line = f'id = "{party}"\n'
        text = text.replace(line, f'{line}keys = [{{ kind = "ed25519", data = "{data}" }}]\n', 1)
    return text + '\n[[references]]\nname = "chips"\ndigest = "' + "ab" * 32 + '"\n'


def test_both_forms_lead_to_one_value() -> None:
    """What people write and what is signed are the same agreement."""
    value = parse_agreement_toml(signable())
    assert value == parse_agreement(format_agreement(value))


def test_keys_may_be_missing_only_in_a_template() -> None:
    """A text without keys parses only when it is called a template."""
    with pytest.raises(MalformedError, match="agreement: party alder has 0 keys"):
        parse_agreement_toml(PLAIN)
    assert parse_agreement_toml(PLAIN, template=True).parties[0].keys == ()


@pytest.mark.parametrize(
    ("written", "tolerance"),
    [
        ('{ above_flop = "1e24" }', 10**24 + 1),
        ('{ at_least_flop = "1e24" }', 10**24),
        ('{ at_least_flop = "1.268e21" }', 1268 * 10**18),
        ('{ above_flop = "1000000000000000000000000" }', 10**24 + 1),
        ("{ above_flop = 16 }", 17),
    ],
)
def test_a_threshold_is_the_smallest_amount_that_is_a_breach(written: str, tolerance: int) -> None:
    """Above starts one further than at least; powers of ten are exact, never floats."""
    value = parse('{ above_flop = "1e24" }', written)
    assert tolerance == value.obligations[-1].tolerance


@pytest.mark.parametrize(
    ("written", "tolerance"),
    [
        ('{ at_least_chip_hours = "485.5" }', 485 * HOUR_MS + HOUR_MS // 2),
        ('{ above_chip_hours = "2" }', 2 * HOUR_MS + 1),
        ("{ at_least_chip_ms = 7 }", 7),
        ('{ at_least_chip_hours = "0.000001" }', None),
    ],
)
def test_chip_hours_are_exact_to_the_millisecond(written: str, tolerance: int | None) -> None:
    """An amount that is no whole number of chip-milliseconds is refused, not rounded."""
    if tolerance is None:
        assert "not a whole number of the unit kept" in refused('{ at_least_chip_hours = "1" }', written)
    else:
        assert tolerance == parse('{ at_least_chip_hours = "1" }', written).obligations[1].tolerance


REPLAY = """
[replay]
forged_share_ppm = 200_000
commit = "PT1H"
open = "P1D"
fresh = "PT30M"
timing_error_ppm = 250_000

[[obligations]]
clause = "9.1"
kind = "verify"
parties = ["alder"]
text = "Declared work is shown by replay."
subgoals = ["1A"]
tolerance = { at_least_percent = "50" }
level = "declared"
custody = "self-reported"
silence = "undetermined"
evidence = ["job", "transcript", "opening", "period-close"]
"""


def with_replay(old: str = "[replay]", new: str = "[replay]") -> Agreement:
    """Parse the plain text with terms of replay and a verify clause in which `old` became `new`."""
    assert REPLAY.count(old) == 1
    return parse_agreement_toml(PLAIN + REPLAY.replace(old, new), template=True)


def test_terms_of_replay_are_optional_and_exact() -> None:
    """Left out they are None; written, each is in the unit that is signed."""
    assert parse_agreement_toml(PLAIN, template=True).replay is None
    value = with_replay()
    assert value.replay == ReplayTerms(
        forged_share_ppm=200_000,
        commit_ms=HOUR_MS,
        open_ms=DAY_MS,
        fresh_ms=HOUR_MS // 2,
        timing_error_ppm=250_000,
    )
    assert (value.obligations[-1].kind, value.obligations[-1].tolerance) == (ObligationKind.VERIFY, 500_000)
    signed = parse_agreement_toml(signable() + REPLAY)
    assert signed == parse_agreement(format_agreement(signed))


@pytest.mark.parametrize(
    ("written", "tolerance"),
    [
        ('{ at_least_percent = "50" }', 500_000),
        ('{ at_least_percent = "12.5" }', 125_000),
        ('{ at_least_percent = "0.0001" }', 1),
        ("{ at_least_percent = 100 }", 1_000_000),
        ('{ above_percent = "50" }', 500_001),
        ('{ above_percent = "99.9999" }', 1_000_000),
    ],
)
def test_a_share_is_exact_to_a_millionth(written: str, tolerance: int) -> None:
    """Percent are written with a point, kept as parts per million, never as floats."""
    assert tolerance == with_replay('{ at_least_percent = "50" }', written).obligations[-1].tolerance


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('{ at_least_percent = "50" }', '{ at_least_percent = "100.0001" }', "tolerance is 1000001 ppm"),
        ('{ at_least_percent = "50" }', "{ above_percent = 100 }", "tolerance is 1000001 ppm"),
        ('{ at_least_percent = "50" }', "{ at_least_percent = 0 }", "tolerance is 0, want 1"),
        ('{ at_least_percent = "50" }', '{ at_least_percent = "0.00001" }', "not a whole number of the unit kept"),
        ('{ at_least_percent = "50" }', '{ at_least_percent = "50 %" }', "malformed number '50 %', want percent"),
        ('{ at_least_percent = "50" }', "{ at_least_chip_ms = 7 }", "found chip-ms, want ppm for verify"),
        ('kind = "verify"', 'kind = "meter"', "tolerance: found ppm, want chip-ms for meter"),
        ("[replay]", "[[replay]]", "agreement.replay: found a list, want a table"),
        ("[replay]", "[replay]\nsample = 3", "agreement.replay: unknown key 'sample', want one of forged_share_ppm"),
        ('open = "P1D"\n', "", "agreement.replay.open: missing"),
        ('open = "P1D"', "open = 86400000", "agreement.replay.open: found an integer, want a length of time"),
        ('commit = "PT1H"', 'commit = "PT0S"', "agreement.replay: time to commit is 0 ms, want 1"),
        ("200_000", "0", "agreement.replay: forged share is 0 ppm, want 1 to 1000000"),
        ("200_000", '"20 %"', "agreement.replay.forged_share_ppm: found a text, want an integer"),
        ("250_000", "10_000_001", "agreement.replay: timing error is 10000001 ppm"),
    ],
)  # fmt: skip
def test_wrong_terms_of_replay_are_named(old: str, new: str, message: str) -> None:
    """One way of being wrong at a time, each with its key."""
    with pytest.raises(MalformedError) as caught:
        with_replay(old, new)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("written", "ms"),
    [
        ("P120D", 120 * DAY_MS),
        ("PT36H", 36 * HOUR_MS),
        ("P1DT12H", 36 * HOUR_MS),
        ("PT90M", 90 * 60_000),
        ("PT1H1M1S", 3_661_000),
        ("PT0.250S", 250),
        ("PT10S", 10_000),
    ],
)
def test_lengths_of_time_are_exact(written: str, ms: int) -> None:
    """Days, hours, minutes and seconds have fixed lengths in UTC milliseconds."""
    assert ms == parse('answer = "P10D"', f'answer = "{written}"').response.answer_ms


@pytest.mark.parametrize(
    "written",
    [
        "P",
        "PT",
        "P1M",
        "P1Y",
        "P2W",
        "36h",
        "P0D",
        "P01D",
        "PT1.5H",
        "PT1S ",
        "P1DT",
        "-P1D",
        "P1D1H",
        "PT0.25S",
        "P१D",
    ],
)
def test_other_lengths_of_time_are_refused(written: str) -> None:
    """Months and years have no fixed length; the rest are second spellings or mistakes."""
    assert "agreement.response.answer: malformed length of time" in refused(
        'answer = "P10D"', f'answer = "{written}"'
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title = ", "headline = ", "agreement: unknown key 'headline', want one of title, legal_basis"),
        ('title = "A look back at published measurements"\n', "", "agreement.title: missing"),
        ("title = ", "title = 1 #", "agreement.title: found an integer, want a text"),
        ("[log]", "[[log]]", "agreement.log: found a list, want a table"),
        ("critical = true", "critical = 1", "agreement.parties[0].critical: found an integer, want true or false"),
        ("critical = true", "critical = true\nthreshold = 1.0", "parties[0].threshold: found a float, want an integer"),
        ("critical = true", "critical = true\nthreshold = true", "parties[0].threshold: found a boolean"),
        ("[[edges]]", "[edges]", "agreement.edges: found a table, want a list"),
        ("2099-12-31T00:00:00Z", "2099-12-31T00:00:00+00:00", "agreement.entry.deadline: malformed instant"),
        ('"2099-12-31T00:00:00Z"', "2099-12-31T00:00:00Z", "agreement.entry.deadline: found a date or time"),
        ('"990e12"', "990e12", "agreement.definitions.h100e_flop_per_second: found a float"),
        ('"990e12"', '"990 e12"', "h100e_flop_per_second: malformed number '990 e12', want FLOP/s"),
        ('"990e12"', "-990", "h100e_flop_per_second: decimal is not between 0"),
        ('"990e12"', "0x" + "f" * 10_000, "h100e_flop_per_second: decimal is not between 0"),
        ('"990e12"', '"1e99"', "h100e_flop_per_second: decimal is not between 0"),
        ('"990e12"', '"٤e12"', "h100e_flop_per_second: malformed number"),
        ('at_most = "1e24"', 'at_most = "1e24"\nbelow = 4', "bands[0]: both below and at_most, want at most one"),
        ('at_most = "1e24"', "at_most = []", "bands[0].at_most: found a list, want a whole number"),
        ("[definitions.terms]", "[[definitions.terms]]", "definitions.terms: found a list, want a table of texts"),
        ('active = "A', 'active = { a = "A"} #', "definitions.terms.active: found a table, want a text"),
        ('subgoals = ["2A"]', 'subgoals = "2A"', "obligations[0].subgoals: found a text, want a list"),
        ('kind = "register"', 'kind = "cap"', "agreement.obligations[0].kind: found 'cap', want one of"),
        ("{ at_least_chips = 1 }", "{ at_least_flop = 1 }", "obligations[0].tolerance: found flop, want 1 for register"),
        ("{ at_least_chips = 1 }", "{ at_most_chips = 1 }", "tolerance: unknown comparison 'at_most_chips'"),
        ("{ at_least_chips = 1 }", "{ at_least_chips = 1, above_chips = 2 }", "want exactly one comparison"),
        ("{ at_least_chips = 1 }", "1", "obligations[0].tolerance: want exactly one comparison"),
        ("{ at_least_chips = 1 }", "{ at_least_chips = true }", "at_least_chips: found a boolean, want a number of chips"),
        ("tolerance = { at_least_chips = 1 }\n", "", "agreement.obligations[0].tolerance: missing"),
        ('answer = "P10D"', "answer = 10", "agreement.response.answer: found an integer, want a length of time"),
        ("{ critical_all = true }", "{ critical_all = false }", "criticalAll: found false, want true"),
        ("{ critical_all = true }", "{ critical_all = 1 }", "condition.critical_all: found an integer"),
        ("{ critical_all = true }", "{ none_of = [] }", "condition: unknown condition 'none_of', want one of all_of"),
        ("{ critical_all = true }", "{}", "condition: want a table with exactly one condition"),
        ("{ critical_all = true }", "[]", "condition: want a table with exactly one condition"),
        ('title = "', "title = '''", "agreement is not TOML"),
        ("[response]", "[log]", "agreement is not TOML"),
        ("title = ", "title = " + "[" * 5000 + " #", "agreement is not TOML"),
        ("title = ", "title = " + "9" * 5000 + " #", "agreement is not TOML"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_key(old: str, new: str, message: str) -> None:
    """One way of being wrong at a time; nothing escapes as another kind of error."""
    assert message in refused(old, new)


def test_a_condition_nested_without_end_is_refused() -> None:
    """Neither the TOML reader nor the codec runs out of stack."""
    for depth in (9, 25, 60):
        deep = "{ all_of = [" * depth + "{ critical_all = true }" + "] }" * depth
        assert "nested" in refused("{ critical_all = true }", deep)


def test_an_endless_text_is_not_read() -> None:
    """The limit comes before the parser."""
    with pytest.raises(LimitError, match="want at most 1000000"):
        parse_agreement_toml("#" * 1_000_001)


@pytest.mark.parametrize("key", ["a." * 50_000 + "a", '"a" . ' * 50_000 + "a", "'a.b'." * 17 + "a"])
def test_an_endless_key_is_not_read(key: str) -> None:
    """`tomllib` would take minutes over it, and nest tables deeper than the stack."""
    for text in (f"{key} = 1\n", f"[{key}]\n"):
        with pytest.raises(LimitError, match="a key of more than 16 parts"):
            parse_agreement_toml(text)
        with pytest.raises(LimitError, match="a key of more than 16 parts"):
            parse_chip_table_toml(text)


def test_every_form_of_condition_can_be_written() -> None:
    """The words in TOML stand for the closed set of conditions."""
    written = """{ all_of = [
        { critical_all = true },
        { any_of = [{ deposited = "alder" }, { deposited = "birch" }] },
        { at_least = { count = 1, of = [{ bloc_at_least = { bloc = "north", count = 2 } }] } },
    ] }"""
    expected: Condition = AllOf(
        of=(
            CriticalAll(),
            AnyOf(of=(Deposited(party=Name("alder")), Deposited(party=Name("birch")))),
            AtLeast(count=1, of=(BlocAtLeast(bloc=Name("north"), count=2),)),
        )
    )
    text = PLAIN.replace("[entry]", "").replace("[accounting]", "[accounting]")
    line = next(line for line in text.splitlines() if line.startswith("condition"))
    text = PLAIN.replace(line, f"condition = {' '.join(written.split()).replace(', ]', ' ]')}")
    assert expected == parse_agreement_toml(text, template=True).entry.condition


def test_what_is_left_out_has_one_meaning() -> None:
    """Absent start, periods and timeliness are None; lists are empty; nobody is critical by default."""
    text = PLAIN.replace('start = "2024-01-01T00:00:00Z"\n', "").replace("periods = 1\n", "")
    value = parse_agreement_toml(text, template=True)
    assert (value.accounting.start, value.accounting.periods) == (None, None)
    assert value.obligations[0].timeliness_ms is None
    assert not value.parties[3].critical
    assert value.definitions.clocks == ()
    assert Instant(1704067200000) == parse_agreement_toml(PLAIN, template=True).accounting.start


def test_line_breaks_in_texts_are_only_for_people() -> None:
    """Wrapping a clause differently does not change the agreement."""
    wrapped = parse('text = "Every chip at the site', 'text = "Every   chip at\\tthe site')
    assert parse_agreement_toml(PLAIN, template=True) == wrapped


@given(st.integers(1, 10**38 - 1), st.integers(0, 12))
def test_a_decimal_with_exponent_is_its_expansion(number: int, shift: int) -> None:
    """Goal: no float anywhere. Method: write an integer with a point and an exponent, read it back."""
    digits = str(number)
    fraction = digits[1:].rstrip("0")
    written = digits[0] + (f".{fraction}" if fraction else "") + f"e{len(digits) - 1 + shift}"
    text = PLAIN.replace('{ above_flop = "1e24" }', f'{{ at_least_flop = "{written}" }}')
    if number * 10**shift < 10**40:
        value = parse_agreement_toml(text, template=True)
        assert number * 10**shift == value.obligations[-1].tolerance
    else:
        with pytest.raises(MalformedError):
            parse_agreement_toml(text, template=True)
