"""The canonical JSON of an agreement: one value, one spelling, and precise refusals."""

import copy
from dataclasses import replace
from typing import cast

import pytest

from agreement_examples import REPLAY, TABLE, agreement, clause, filled, party, public_key, template
from allstop.agreement import (
    Accounting,
    Agreement,
    AllOf,
    AnyOf,
    Assumption,
    AtLeast,
    Band,
    BlocAtLeast,
    Clock,
    CriticalAll,
    Definitions,
    Deposited,
    Edge,
    LogTerms,
    ObligationKind,
    Relation,
    ReplayTerms,
    Response,
    Term,
    format_agreement,
    parse_agreement,
    read_party_keys,
    with_keys,
)
from allstop.canon import JSON, format_json, parse_json
from allstop.errors import MalformedError
from allstop.finding import Grade
from allstop.ids import Name, digest_of
from allstop.keys import KeyKind, generate_key
from allstop.statement import PartyKeys
from allstop.times import INSTANT_MS_MAX, Instant
from allstop.units import PPM

Tree = dict[str, JSON]

RICH = agreement(
    edges=(Edge(source=Name("alder"), relation=Relation.RENTS, target=Name("birch")),),
    definitions=Definitions(
        counting_rule="operations",
        h100e_flop_per_second=1,
        terms=(Term(name=Name("run"), text="A run."),),
        bands=(
            Band(quantity=Name("q"), name=Name("low"), low=None, low_closed=False, high=5, high_closed=True),
            Band(
                quantity=Name("q"), name=Name("high"), low=5, low_closed=False, high=None, high_closed=False
            ),
        ),
        clocks=(Clock(name=Name("notice"), ms=14, basis="Article 1"),),
    ),
    entry=replace(
        agreement().entry,
        condition=AllOf(
            of=(
                CriticalAll(),
                AnyOf(of=(Deposited(party=Name("cedar")), Deposited(party=Name("dogwood")))),
                AtLeast(count=1, of=(BlocAtLeast(bloc=Name("north"), count=2), Deposited(party=Name("elm")))),
            )
        ),
    ),
    parties=(*agreement().parties, party("elm", 5)),
    accounting=Accounting(start=Instant(0), period_ms=10, periods=2),
    assumptions=(Assumption(name=Name("mfu"), value="0.4", unit="1", source="a table", grade=Grade.PRIMARY),),
    obligations=(
        clause("1.1"),
        clause("1.2", ObligationKind.PROHIBIT, timeliness_ms=7),
        clause("1.3", ObligationKind.VERIFY),
    ),
    replay=REPLAY,
    legal_basis="a treaty",
)


def tree(value: Agreement) -> Tree:
    """Return the JSON value of an agreement."""
    return cast(Tree, parse_json(format_agreement(value)))


def change(value: Agreement, path: tuple[str | int, ...], new: object) -> bytes:
    """Return the canonical JSON with one place replaced; a new value of `...` removes the key."""
    result = copy.deepcopy(tree(value))
    place: object = result
    for step in path[:-1]:
        place = place[step]  # type: ignore[index]  # paths in this file lead through objects and lists
    if new is ...:
        del place[path[-1]]  # type: ignore[attr-defined]
    else:
        place[path[-1]] = new  # type: ignore[index]
    return format_json(result)


@pytest.mark.parametrize("value", [agreement(), RICH, filled("retrospective"), filled("miri-v3")])
def test_an_agreement_survives_its_own_encoding(value: Agreement) -> None:
    """Parse is the inverse of format, and formatting again gives the same bytes and identity."""
    data = format_agreement(value)
    assert value == parse_agreement(data)
    assert digest_of(data) == digest_of(format_agreement(parse_agreement(data)))


def test_another_spelling_is_refused() -> None:
    """Space, other key order or a trailing newline would give one agreement two identities."""
    data = format_agreement(agreement())
    for other in (data + b"\n", b" " + data, data.replace(b'"bloc":', b'"bloc": ', 1)):
        with pytest.raises(MalformedError):
            parse_agreement(other)


def every_place(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every key and list item below `value`."""
    if isinstance(value, dict):
        steps: list[tuple[str | int, object]] = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    else:
        return []
    return [p for step, child in steps for p in [(*path, step), *every_place(child, (*path, step))]]


OPTIONAL = ("replay",)
"""The only key that may be absent, and only as a whole."""


def test_every_missing_key_and_every_wrong_type_is_refused() -> None:
    """Goal: no default and no conversion. Method: drop each key, and put an impossible value in each place."""
    places = every_place(tree(RICH))
    assert len(places) > 150
    for path in places:
        if isinstance(path[-1], str) and path != OPTIONAL:
            with pytest.raises(MalformedError):
                parse_agreement(change(RICH, path, ...))
        with pytest.raises(MalformedError):
            parse_agreement(change(RICH, path, {"no": ["such", "thing"]}))


def test_every_unknown_key_is_refused() -> None:
    """An unread key could carry what one party reads and another does not."""
    places = [(), *every_place(tree(RICH))]
    for path in places:
        place: object = tree(RICH)
        for step in path:
            place = place[step]  # type: ignore[index]  # paths come from `every_place`
        if isinstance(place, dict):
            with pytest.raises(MalformedError):
                parse_agreement(change(RICH, (*path, "note"), "hello"))


@pytest.mark.parametrize(
    ("path", "new", "message"),
    [
        (("type",), "urn:allstop:agreement:v2", "agreement.type: found 'urn:allstop:agreement:v2'"),
        (("title",), " padded", "title has space at an end"),
        (("title",), "", "title is empty"),
        (("title",), "x" * 257, "title has 257 characters, want at most 256"),
        (("legalBasis",), "zero\u200bwidth", "legal basis has space at an end or a character"),
        (("log", "origin"), "has space", "agreement.log: malformed origin 'has space'"),
        (("log", "operator"), "fir", "the log is run by fir, who is no party"),
        (("parties", 0, "kind"), "empire", "agreement.parties[0].kind: found 'empire'"),
        (("parties", 0, "threshold"), 2, "agreement.parties[0]: threshold is 2, want 1 to 1"),
        (("parties", 0, "threshold"), 0, "agreement.parties[0].threshold: found 0"),
        (("parties", 1, "id"), "alder", "party alder is listed twice"),
        (("parties", 0, "keys"), [], "party alder has 0 keys, want at least 1"),
        (("references",), [], "no reference has the name chips"),
        (("edges", 0, "target"), "alder", "agreement.edges[0]: edge leads from alder to itself"),
        (("edges", 0, "target"), "fir", "an edge names fir, who is no party"),
        (("definitions", "h100eFlopPerSecond"), "0", "one H100e is 0 FLOP/s"),
        (("definitions", "bands", 0, "high"), None, "a side without a bound is closed"),
        (("definitions", "bands", 1, "high"), "5", "band from 5 to 5 holds nothing"),
        (("definitions", "bands", 1, "high"), "4", "band from 5 to 4 holds nothing"),
        (("definitions", "bands", 1, "name"), "low", "band q/low is listed twice"),
        (("definitions", "clocks", 0, "ms"), 0, "clock is 0 ms, want 1"),
        (("definitions", "clocks", 0, "ms"), 2**52, "clock is 4503599627370496 ms"),
        (("obligations", 0, "clause"), "1.1 bis", "clause is '1.1 bis', want a number"),
        (("obligations", 1, "clause"), "1.1", "clause 1.1 is listed twice"),
        (("obligations", 0, "parties"), [], "binds no party or serves no subgoal"),
        (("obligations", 0, "subgoals"), [], "binds no party or serves no subgoal"),
        (("obligations", 0, "subgoals"), ["3A"], "subgoals: found '3A', want one of 1A, 1B, 2A, 2B"),
        (("obligations", 0, "parties"), ["fir"], "clause 1.1 binds fir, who is no party"),
        (("obligations", 0, "parties"), ["alder", "alder"], "party alder is listed twice"),
        (("obligations", 0, "tolerance"), "0", "tolerance is 0, want 1"),
        (("obligations", 0, "timelinessMs"), 0, "timeliness is 0 ms, want 1"),
        (("obligations", 0, "undeclaredIsTraining"), True, "only where training is prohibited"),
        (("entry", "condition"), {"deposited": "fir"}, "waits for fir, who is no party"),
        (("entry", "condition"), {"criticalAll": False}, "criticalAll: found false, want true"),
        (("entry", "condition"), {"allOf": []}, "condition has 0 members, want 1 to 64"),
        (("entry", "condition"), {"not": {"deposited": "alder"}}, "no known condition"),
        (
            ("entry", "condition"),
            {"blocAtLeast": {"bloc": "north", "count": 9}},
            "cannot happen even if every",
        ),
        (
            ("entry", "condition"),
            {"blocAtLeast": {"bloc": "north", "count": 0}},
            "at least 0 parties of north",
        ),
        (
            ("entry", "condition"),
            {"atLeast": {"count": 2, "of": [{"criticalAll": True}]}},
            "at least 2 of 1 members",
        ),
        (
            ("entry", "condition"),
            {"anyOf": [{"deposited": "alder"}, {"deposited": "alder"}]},
            "member of a condition",
        ),
        (("obligations", 2, "tolerance"), "1000001", "tolerance is 1000001 ppm of declared operations"),
        (("obligations", 2, "undeclaredIsTraining"), True, "only where training is prohibited"),
        (("replay",), None, "agreement.replay: found null, want an object"),
        (("replay", "forgedSharePpm"), 0, "agreement.replay: forged share is 0 ppm, want 1 to 1000000"),
        (("replay", "forgedSharePpm"), 1_000_001, "forged share is 1000001 ppm"),
        (("replay", "commitMs"), 0, "agreement.replay: time to commit is 0 ms, want 1"),
        (("replay", "openMs"), 0, "agreement.replay: time to open is 0 ms, want 1"),
        (("replay", "freshMs"), 0, "agreement.replay: age of the beacon is 0 ms, want 1"),
        (("replay", "openMs"), 3_162_240_000_001, "time to open is 3162240000001 ms"),
        (("replay", "timingErrorPpm"), 10_000_001, "timing error is 10000001 ppm, want 0 to 10000000"),
        (("replay", "timingErrorPpm"), -1, "agreement.replay"),
        (("accounting", "periodMs"), 0, "accounting period is 0 ms"),
        (("accounting", "periods"), 0, "number of periods is 0"),
        (("verification", "significantQuantityFlop"), "0", "significant quantity is 0 FLOP"),
        (("verification", "bufferPpm"), 0, "buffer is 0 ppm"),
        (("verification", "detectionProbabilityPpm"), 1_000_000, "detection probability is 1000000 ppm"),
        (("verification", "liars"), 65, "number of liars is 65"),
        (("verification", "mfuHighPpm"), 1, "upper utilisation is 1 ppm, want 200000"),
    ],
)
def test_a_refusal_names_the_place_and_what_was_wanted(
    path: tuple[str | int, ...], new: JSON, message: str
) -> None:
    """One way of being wrong at a time."""
    with pytest.raises(MalformedError) as caught:
        parse_agreement(change(RICH, path, new))
    assert message in caught.value.message


def test_no_replay_is_an_absent_key() -> None:
    """Goal: agreements without replay keep their identity. Method: neither form of absence has two spellings."""
    assert "replay" not in tree(agreement())
    assert REPLAY == parse_agreement(format_agreement(RICH)).replay
    without = parse_agreement(change(RICH, OPTIONAL, ...))
    assert replace(RICH, replay=None) == without
    assert without.replay is None


def test_terms_of_replay_and_verify_have_this_form() -> None:
    """The wire form in full, so that a change of it cannot pass unseen."""
    assert tree(RICH)["replay"] == {
        "forgedSharePpm": 200_000,
        "commitMs": 3_600_000,
        "openMs": 86_400_000,
        "freshMs": 1_800_000,
        "timingErrorPpm": 250_000,
    }
    verify = cast(list[Tree], tree(RICH)["obligations"])[2]
    assert ("verify", "500000") == (verify["kind"], verify["tolerance"])


def test_the_edges_of_the_terms_of_replay_are_inside() -> None:
    """What the ranges allow, they allow: everything forged, a millisecond, a century, any timing error."""
    for terms in (
        ReplayTerms(forged_share_ppm=1, commit_ms=1, open_ms=1, fresh_ms=1, timing_error_ppm=0),
        ReplayTerms(
            forged_share_ppm=PPM,
            commit_ms=3_162_240_000_000,
            open_ms=3_162_240_000_000,
            fresh_ms=3_162_240_000_000,
            timing_error_ppm=10 * PPM,
        ),
    ):
        value = agreement(replay=terms)
        assert value == parse_agreement(format_agreement(value))
    assert clause("1", ObligationKind.VERIFY, tolerance=PPM).tolerance == PPM


def test_nested_conditions_end() -> None:
    """Eight levels are enough for people; a ninth is refused before recursion can hurt."""
    deep: JSON = {"deposited": "alder"}
    for _ in range(7):
        deep = {"allOf": [deep]}
    assert parse_agreement(change(RICH, ("entry", "condition"), deep))
    with pytest.raises(MalformedError, match="nested deeper than 8"):
        parse_agreement(change(RICH, ("entry", "condition"), {"anyOf": [deep]}))


def test_all_critical_parties_of_none_is_no_condition() -> None:
    """Where nobody is critical, "all critical parties" would hold with no deposit."""
    parties = tuple(replace(member, critical=False) for member in agreement().parties)
    with pytest.raises(MalformedError, match="no party is critical"):
        agreement(parties=parties)


def test_a_bound_outside_all_numbers_is_refused() -> None:
    """Bounds are amounts: never negative."""
    with pytest.raises(MalformedError, match="bound of the band is -1"):
        Band(quantity=Name("q"), name=Name("b"), low=-1, low_closed=True, high=None, high_closed=False)


def test_a_point_is_a_band() -> None:
    """Exactly 16 is a class of its own if both ends are closed; "at most 0" is exactly 0, "below 0" is nothing."""
    nothing = Band(quantity=Name("q"), name=Name("b"), low=None, low_closed=False, high=0, high_closed=True)
    assert 0 == nothing.high
    with pytest.raises(MalformedError, match="band from 0 to 0 holds nothing"):
        replace(nothing, high_closed=False)
    point = Band(quantity=Name("q"), name=Name("b"), low=16, low_closed=True, high=16, high_closed=True)
    assert 16 == point.low == point.high


def test_a_key_belongs_to_one_party() -> None:
    """Goal: nobody counts twice where two must agree. A key is told by its bytes."""
    shared = agreement().parties[0].keys
    twin = replace(agreement().parties[1], keys=shared)
    with pytest.raises(MalformedError, match="is listed twice"):
        agreement(parties=(agreement().parties[0], twin, *agreement().parties[2:]))
    with pytest.raises(MalformedError, match="is listed twice"):
        replace(agreement().parties[0], keys=(*shared, *shared))


def test_parties_sign_with_ed25519_in_bounded_number() -> None:
    """A key of another kind, or more keys than a statement can carry, is refused."""
    other = generate_key(KeyKind.ML_DSA_44).public
    with pytest.raises(MalformedError, match="not Ed25519"):
        replace(agreement().parties[0], keys=(other,))
    with pytest.raises(MalformedError, match="party has 65 keys"):
        replace(agreement().parties[0], keys=tuple(public_key(i) for i in range(1, 66)))


def test_a_weak_key_is_refused_with_its_place() -> None:
    """The low-order point of order one would accept signatures that nobody made."""
    path = ("parties", 0, "keys", 0, "data")
    with pytest.raises(MalformedError, match=r"parties\[0\]\.keys\[0\]"):
        parse_agreement(change(RICH, path, "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))


def test_party_keys_are_read_for_opening_a_case() -> None:
    """Every party is there with its keys and threshold."""
    expected = {p.id: PartyKeys(party=p.id, keys=p.keys, threshold=p.threshold) for p in agreement().parties}
    assert expected == read_party_keys(format_agreement(agreement()))


def test_parties_and_references_are_found_by_name() -> None:
    """Unknown names give None, not an error: the caller knows what that means."""
    value = agreement()
    assert (value.parties[0], None) == (value.party(Name("alder")), value.party(Name("fir")))
    assert (value.reference(Name("chips")), value.reference(Name("powers"))) == (TABLE, None)


def test_a_template_cannot_be_signed_until_it_has_keys() -> None:
    """The identity of an agreement covers its keys, so a template has none."""
    empty = template("retrospective")
    with pytest.raises(MalformedError, match="party alder has 0 keys"):
        format_agreement(empty)
    some = {empty.parties[0].id: (public_key(1),)}
    with pytest.raises(MalformedError, match="party birch has 0 keys"):
        with_keys(empty, keys=some, references={Name("chips"): TABLE})
    every = {member.id: (public_key(i + 1),) for i, member in enumerate(empty.parties)}
    with pytest.raises(MalformedError, match="no reference has the name chips"):
        with_keys(empty, keys=every, references={})
    with pytest.raises(MalformedError, match="keys are given for fir"):
        with_keys(empty, keys=every | {Name("fir"): (public_key(9),)}, references={})


def test_filling_a_template_keeps_what_is_there_already() -> None:
    """A second call adds a table and replaces one key."""
    first = filled("retrospective")
    second = with_keys(
        first, keys={Name("alder"): (public_key(30),)}, references={Name("powers"): digest_of(b"powers")}
    )
    assert (public_key(30),) == second.parties[0].keys
    assert first.parties[1:] == second.parties[1:]
    assert [Name("chips"), Name("powers")] == [reference.name for reference in second.references]


@pytest.mark.parametrize(
    "make",
    [
        lambda: LogTerms(origin="", operator=Name("alder")),
        lambda: Response(answer_ms=-1, cure_ms=0),
        lambda: Term(name=Name("a"), text=""),
        lambda: Assumption(name=Name("a"), value="1", unit="", source="b", grade=Grade.MEMORY),
    ],
)
def test_parts_check_themselves(make: object) -> None:
    """A value that exists is in range, whoever made it."""
    with pytest.raises(MalformedError):
        make()  # type: ignore[operator]  # each parameter is a function without arguments


def test_entry_cannot_be_moved_past_the_end_of_time() -> None:
    """Deadline plus lead time is an instant too."""
    with pytest.raises(MalformedError, match="entry"):
        parse_agreement(change(RICH, ("entry", "deadline"), "9999-12-31T23:59:59Z"))
    assert RICH.entry.deadline.plus(RICH.entry.lead_ms).ms <= INSTANT_MS_MAX


def test_accounting_periods_wait_for_entry_into_force() -> None:
    """Without a start of their own the accounts begin when the agreement does, or not at all."""
    waiting = Accounting(start=None, period_ms=10, periods=None)
    assert waiting.schedule(in_force_from=None) is None
    schedule = waiting.schedule(in_force_from=Instant(500))
    assert schedule is not None
    assert (schedule.start.ms, schedule.count) == (500, None)
    fixed = Accounting(start=Instant(7), period_ms=10, periods=2).schedule(in_force_from=Instant(500))
    assert fixed is not None
    assert (fixed.start.ms, fixed.count) == (7, 2)
